import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { noteWriteBack } from '../../src/sync/write-back-state.ts'
import { ALL_SCOPES } from '../fakes/hubspot/access.ts'
import type { HubSpotAccount } from '../fakes/hubspot/account.ts'
import { seedPortal } from '../fakes/hubspot/seed.ts'
import { WRITE_SCOPES } from '../fakes/hubspot/write.ts'
import { type HubSpot, startHubSpot } from '../fakes/hubspot.ts'
import { openSite, type Site } from '../sign-in-kit.ts'
import { launchBrowser } from './support/browser.ts'
import { buildWidget } from './support/build.ts'
import { settle, sidewaysScroll } from './support/panel-page.ts'

/** Settings of a connection in the console, as a person changes them: a real page in a real browser. */

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const SHOTS = join(import.meta.dirname, 'artefacts')
let browser: Browser
let dist: string
let axe: string

beforeAll(async () => {
  dist = dirname((await buildWidget('test')).page)
  browser = await launchBrowser()
  axe = await readFile(AXE, 'utf8')
}, 120_000)
afterAll(() => browser?.close())

interface Shown {
  readonly context: BrowserContext
  readonly page: Page
  readonly faults: string[]
}

async function open({ locale = 'en', width = 1280, dark = false } = {}): Promise<Shown> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    locale,
  })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const faults: string[] = []
  page.on('console', (message) => {
    // A refusal that the page shows is told by the browser as well.
    if (message.type() === 'error' && !/status of (400|401)/.test(message.text())) faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(String(error)))
  return { context, page, faults }
}

/** Violations axe finds, one line each. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return page.evaluate(async () => {
    interface Axe {
      run: () => Promise<{ violations: { id: string; nodes: { target: unknown; failureSummary?: string }[] }[] }>
    }
    const { violations: found } = await (globalThis as unknown as { axe: Axe }).axe.run()
    return found.map(({ id, nodes }) => `${id} ${JSON.stringify(nodes[0]?.target)} ${nodes[0]?.failureSummary}`)
  })
}

interface World {
  readonly fake: HubSpot
  readonly account: HubSpotAccount
  readonly site: Site
}

async function world(): Promise<World> {
  const fake = await startHubSpot({ limits: false, validate: false })
  onTestFinished(() => fake.close())
  const account = fake.addAccount()
  account.setScopes([...ALL_SCOPES, ...WRITE_SCOPES])
  seedPortal(account, { contacts: 30, companies: 3, deals: 5, leads: 0, campaigns: 0, forms: 0, events: 0 })
  return { fake, account, site: await openSite({ dist, fake }) }
}

/** Through the page of the source, and back. */
async function grant(page: Page, site: Site, button: string | RegExp): Promise<string[]> {
  await page.getByRole('button', { name: button }).click()
  await page.getByRole('heading', { name: 'ROI Panel wants access' }).waitFor()
  const scopes = await page.locator('li').allTextContents()
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.waitForURL(`${site.origin}/console/?workspace=main`)
  await page.getByText(/Works · \d+ rows|正常 · \d+ 行/).waitFor({ timeout: 20_000 })
  return scopes
}

const stored = async ({ site }: World) => (await site.state.connections())[0]!

test('write-back is switched on, what it lacks is granted in the same place, and everything else stays', async () => {
  const here = await world()
  const { site } = here
  const { page, faults } = await open()
  await page.goto(`${site.origin}/console/`)
  const first = await grant(page, site, 'Connect HubSpot')
  expect(first.filter((scope) => scope.endsWith('.write'))).toEqual([])

  await page.getByRole('button', { name: 'Settings' }).click()
  const group = page.getByRole('group', { name: 'Settings' })
  // Access was granted: there is no key to type.
  expect(await group.getByLabel('Access token').count()).toBe(0)
  expect(await group.getByLabel('Minutes between runs').inputValue()).toBe('15')
  await group.getByLabel('Write results back to HubSpot').check()
  await group.getByLabel('Category of campaign spend').selectOption('ads')
  await group.getByLabel('E-mail clicks are touches').uncheck()
  await group.getByLabel('Name', { exact: true }).fill('Our portal')
  await group.getByLabel('Minutes between runs').fill('60')
  await group.getByRole('button', { name: 'Save' }).click()
  await page.getByText('The settings of Our portal are saved.').waitFor()
  expect(await stored(here)).toMatchObject({
    title: 'Our portal',
    everyMinutes: 60,
    settings: { write_back: true, spend_category: 'ads', email_clicks: false, offline_sources: false },
  })
  // The form stays open: what is missing is granted right there.
  await group.getByText(/HubSpot has not granted crm\.objects\.deals\.write/).waitFor()
  await page.getByText('Write-back begins after the next complete run.').waitFor()
  await group.getByText('Tick it below and grant access again.').waitFor()
  expect(await group.getByRole('checkbox', { name: /^Write results back: / }).isChecked()).toBe(true)
  const scopes = await grant(page, site, 'Grant access again')
  expect(scopes.filter((scope) => scope.endsWith('.write')).toSorted()).toEqual(WRITE_SCOPES.toSorted())
  expect(await stored(here)).toMatchObject({ title: 'Our portal', everyMinutes: 60, settings: { write_back: true } })

  await page.getByRole('button', { name: 'Settings' }).click()
  await group.getByText(/^Granted: .*crm\.objects\.deals\.write/).waitFor()
  expect(await group.getByRole('checkbox', { name: /^Write results back: / }).isChecked()).toBe(true)
  expect(await group.getByRole('checkbox', { name: /^Compare/ }).isChecked()).toBe(false)
  expect(await group.getByText(/has not granted/).count()).toBe(0)
  await group.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Nothing was to be changed.').waitFor()
  expect(faults).toEqual([])
})

test('a key is replaced: an empty one stays, a wrong one is refused and leaves everything as it was', async () => {
  const here = await world()
  const { site, account } = here
  const settings = { token: account.token, contact_lists: false, forms: false, marketing_events: false }
  const request = { connector: 'hubspot', settings, everyMinutes: 15 }
  const [workspace] = await site.state.workspaces()
  const { connection } = await site.sources.connect(workspace!, request, AbortSignal.timeout(20_000))
  const { page, faults } = await open({ locale: 'zh-CN' })
  await page.goto(`${site.origin}/console/`)
  await page.getByRole('button', { name: '设置' }).click()
  const group = page.getByRole('group', { name: '设置' })
  const token = group.getByLabel('访问令牌')
  expect([await token.inputValue(), await token.getAttribute('placeholder')]).toEqual(['', '已保存；留空则不变'])
  expect([await token.getAttribute('type'), await token.getAttribute('required')]).toEqual(['password', null])
  await group.getByLabel('线下来源计为触点').check()
  await group.getByRole('button', { name: '保存' }).click()
  await page.getByText(/已保存 .* 的设置/).waitFor()
  expect(await site.state.secrets(connection.id)).toEqual({ token: account.token })
  expect(await stored(here)).toMatchObject({ settings: { offline_sources: true } })

  await page.getByRole('button', { name: '设置' }).click()
  await token.fill('pat-na1-that-is-wrong')
  await group.getByRole('button', { name: '保存' }).click()
  await expect.poll(() => page.getByRole('alert').innerText()).toMatch(/无法连接 HubSpot/)
  expect(await site.state.secrets(connection.id)).toEqual({ token: account.token })
  // The form is still there, with what was typed.
  expect(await token.inputValue()).toBe('pat-na1-that-is-wrong')
  await group.getByRole('button', { name: '取消' }).click()
  expect(await group.count()).toBe(0)
  expect(await page.getByRole('alert').innerText()).toBe('')
  expect(faults).toEqual([])
})

const LOOKS = [
  ['en', 'light', 1280],
  ['zh-CN', 'light', 320],
  ['en', 'dark', 320],
  ['zh-CN', 'dark', 1280],
] as const
test.each(LOOKS)(
  'the form, %s %s %i: no violation, no sideways scroll, targets a finger hits',
  async (locale, theme, width) => {
    const here = await world()
    const { site } = here
    const { page, faults } = await open({ locale, width, dark: theme === 'dark' })
    await page.goto(`${site.origin}/console/`)
    await grant(page, site, /^(Connect HubSpot|连接 HubSpot)$/)
    const [workspace] = await site.state.workspaces()
    const { id } = await stored(here)
    await site.sources.change(workspace!, id, { settings: { write_back: true } }, AbortSignal.timeout(20_000))
    const now = new Date()
    const reason = {
      code: 'missing_scope',
      message: {
        en: 'HubSpot did not grant crm.objects.deals.write.',
        'zh-CN': 'HubSpot 未授予 crm.objects.deals.write。',
      },
      remedy: { en: 'Grant access again with it.', 'zh-CN': '请重新授权并包含该权限。' },
      retryAt: null,
    }
    const counts = { records: 0, written: 0, refused: 0, failures: 1, wholeAt: null }
    const known = { state: 'failed' as const, startedAt: now, finishedAt: now, notBefore: now, reason, ...counts }
    await noteWriteBack(site.state, id, known)
    await page.reload()
    await page.getByText(/^(Write-back failed|写回失败)/).waitFor()
    await page.getByText(/^(1 connected, 1 of them|1 个连接，其中 1 个)/).waitFor()
    await page.getByRole('button', { name: /^(Settings|设置)$/ }).click()
    await page.getByRole('button', { name: /^(Save|保存)$/ }).waitFor()
    await settle(page)
    expect(await violations(page)).toEqual([])
    expect(await sidewaysScroll(page)).toBe(0)
    const small = await page
      .locator('button, a, select, summary, input:not([type=checkbox]), .check')
      .evaluateAll((list) =>
        list.filter((one) => one.getBoundingClientRect().height < 24).map((one) => one.outerHTML.slice(0, 80)),
      )
    expect(small).toEqual([])
    await page.screenshot({ path: join(SHOTS, `console-settings-${locale}-${theme}-${width}.png`), fullPage: true })
    expect(faults).toEqual([])
  },
)
