import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { Auth } from '../../src/server/auth.ts'
import { setupLink } from '../../src/server/sign-in.ts'
import { seedPortal } from '../fakes/hubspot/seed.ts'
import { type HubSpot, startHubSpot } from '../fakes/hubspot.ts'
import { openSite, PASSWORD, type Site } from '../sign-in-kit.ts'
import { launchBrowser } from './support/browser.ts'
import { buildWidget } from './support/build.ts'
import { settle, sidewaysScroll } from './support/panel-page.ts'

/** Signing in, and the console with a source that grants access, as a person meets them: real pages in a real browser. */

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
    viewport: { width, height: 800 },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    locale,
  })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const faults: string[] = []
  page.on('console', (message) => {
    // The browser tells of every refusal that a page meets as it should, and this site has no stream of changes.
    const expected = /status of (401|403|503)/.test(message.text()) || message.location().url.includes('/api/v1/events')
    if (message.type() === 'error' && !expected) faults.push(message.text())
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

async function source(): Promise<HubSpot> {
  const fake = await startHubSpot({ limits: false, validate: false })
  onTestFinished(() => fake.close())
  const account = fake.addAccount()
  seedPortal(account, { contacts: 30, companies: 3, deals: 5, leads: 0, campaigns: 0, forms: 0, events: 0 })
  return fake
}

async function signIn(page: Page, site: Site, name: string): Promise<void> {
  await page.goto(`${site.origin}/sign-in/?next=%2Fconsole%2F`)
  await page.getByLabel(/^(Name|用户名)$/).fill(name)
  await page.getByLabel(/^(Password|密码)$/).fill(PASSWORD)
  await page.getByRole('button', { name: /^(Sign in|登录)$/ }).click()
  await page.waitForURL(`${site.origin}/console/`)
}

test('a person signs in where he was sent to, goes on where he wanted, and signs out', async () => {
  const site = await openSite({ dist })
  await site.addUser('root', 'admin')
  const { page, faults } = await open()
  await page.goto(`${site.origin}/console/?workspace=main`)
  await page.waitForURL(/\/sign-in\/\?next=/)
  await page.getByLabel('Name').fill('root')
  await page.getByLabel('Password').fill('not the password')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('Name or password is wrong.')
  expect(await page.getByLabel('Password').evaluate((input) => input === document.activeElement)).toBe(true)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.keyboard.press('Enter')
  await page.waitForURL(`${site.origin}/console/?workspace=main`)
  await page.getByText('Nothing is connected yet').waitFor()
  await page.goto(`${site.origin}/`)
  await page.locator('roi-panel').waitFor()
  await page.goto(`${site.origin}/console/`)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(`${site.origin}/sign-in/`)
  await page.goto(`${site.origin}/`)
  await page.waitForURL(`${site.origin}/sign-in/`)
  expect(faults).toEqual([])
})

test('the first user is made with the printed link', async () => {
  // Beyond this machine, so that somebody must sign in; the browser reaches it by its loopback address.
  const site = await openSite({ dist, host: '0.0.0.0' })
  const { page, faults } = await open({ locale: 'zh-CN', width: 320 })
  await page.goto(site.origin)
  await page.getByText('尚无用户').waitFor()
  const auth = new Auth({ state: site.state, host: '0.0.0.0', publicUrl: undefined })
  await page.goto('about:blank')
  await page.goto((await setupLink(site.state, auth, site.origin))!)
  await page.getByRole('heading', { name: '创建第一个用户' }).waitFor()
  expect(page.url()).not.toContain('setup=')
  expect(await violations(page)).toEqual([])
  await page.getByLabel('用户名').fill('first')
  await page.getByLabel('密码').fill(PASSWORD)
  await page.getByRole('button', { name: '创建并登录' }).click()
  await page.locator('roi-panel').waitFor()
  expect(await site.state.users()).toMatchObject([{ name: 'first', role: 'admin', tenants: null }])
  expect(faults).toEqual([])
})

test('the console: access is granted at the source, data comes, and is given back', async () => {
  const fake = await source()
  const site = await openSite({ dist, fake })
  await site.addUser('root', 'admin')
  const { page, faults } = await open()
  await signIn(page, site, 'root')
  await page.getByRole('checkbox', { name: 'forms' }).check()
  await page.getByRole('button', { name: 'Connect HubSpot' }).click()
  await page.getByRole('heading', { name: 'ROI Panel wants access' }).waitFor()
  expect(await page.locator('li').allTextContents()).toContain('forms')
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.waitForURL(`${site.origin}/console/?workspace=main`)
  await page.getByText('Connected. The first synchronization has begun.').waitFor()
  await page.getByText(/Works · \d+ rows/).waitFor({ timeout: 20_000 })
  expect(await violations(page)).toEqual([])
  await page.screenshot({ path: join(SHOTS, 'console-connected-en-light-1280.png'), fullPage: true })
  await page.getByRole('button', { name: 'Synchronize now' }).click()
  await page.getByText('1 connected, all work').waitFor()
  // The source does not answer: nothing goes without a second word.
  const down = fake.faults.always(
    { method: 'DELETE' },
    { name: 'refused', answer: () => ({ status: 400, body: { status: 'error', category: 'X', message: 'no' } }) },
  )
  await page.getByRole('button', { name: 'Disconnect…' }).click()
  await page.getByRole('button', { name: 'Disconnect, keep the data' }).click()
  await page.getByText('could not be asked to uninstall').waitFor()
  await page.getByRole('button', { name: 'Disconnect all the same' }).waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  down.cancel()
  await page.getByRole('button', { name: 'Disconnect…' }).click()
  await page.getByRole('button', { name: 'Disconnect and erase the data' }).click()
  await page.getByText(/is disconnected, \d+ rows were erased/).waitFor()
  expect(fake.requests.filter(({ method }) => method === 'DELETE').at(-1)?.status).toBe(204)
  expect(faults).toEqual([])
})

test('a person who says no at the source comes to a page in both languages', async () => {
  const fake = await source()
  const site = await openSite({ dist, fake })
  const { page, faults } = await open({ locale: 'zh-CN', dark: true, width: 320 })
  await page.goto(`${site.origin}/console/`)
  await page.getByRole('button', { name: '连接 HubSpot' }).click()
  await page.getByRole('button', { name: 'Deny' }).click()
  await page.getByRole('heading', { name: '未能连接' }).waitFor()
  expect(await page.locator('section[lang=en]').textContent()).toContain('Access was not granted.')
  expect(await violations(page)).toEqual([])
  expect(await sidewaysScroll(page)).toBe(0)
  await page.screenshot({ path: join(SHOTS, 'oauth-refused-zh-CN-dark-320.png') })
  await page.getByRole('link', { name: '返回连接页面' }).click()
  await page.getByText('尚无连接').waitFor()
  expect(faults).toEqual([])
})

test('without a registered app the form of the connector is what is asked for; only admins see it', async () => {
  const site = await openSite({ dist })
  await site.addUser('root', 'admin')
  await site.addUser('sam', 'sales')
  const { page } = await open()
  await signIn(page, site, 'root')
  const token = page.getByLabel('Access token')
  expect(await token.getAttribute('type')).toBe('password')
  expect(await token.getAttribute('required')).not.toBeNull()
  const other = await open({ locale: 'zh-CN' })
  await signIn(other.page, site, 'sam')
  await other.page.getByText('只有管理员可以管理连接。').waitFor()
  expect(await other.page.getByRole('button', { name: '连接', exact: true }).count()).toBe(0)
})

const LOOKS = [
  ['en', 'light', 1280],
  ['zh-CN', 'light', 320],
  ['en', 'dark', 320],
  ['zh-CN', 'dark', 1280],
] as const
test.each(LOOKS)('sign-in and console, %s %s %i: no violation, no sideways scroll', async (locale, theme, width) => {
  const fake = await source()
  const site = await openSite({ dist, fake })
  await site.addUser('root', 'admin')
  const { page, faults } = await open({ locale, width, dark: theme === 'dark' })
  await page.goto(`${site.origin}/sign-in/`)
  await page.getByRole('button', { name: /^(Sign in|登录)$/ }).waitFor()
  await settle(page)
  expect(await violations(page)).toEqual([])
  expect(await sidewaysScroll(page)).toBe(0)
  await page.screenshot({ path: join(SHOTS, `sign-in-${locale}-${theme}-${width}.png`) })
  await signIn(page, site, 'root')
  await page.locator('summary').click()
  await settle(page)
  expect(await violations(page)).toEqual([])
  expect(await sidewaysScroll(page)).toBe(0)
  const small = await page
    .locator('button, a, select, summary, .check')
    .evaluateAll((all) =>
      all.filter((one) => one.getBoundingClientRect().height < 24).map((one) => one.outerHTML.slice(0, 80)),
    )
  expect(small).toEqual([])
  await page.screenshot({ path: join(SHOTS, `console-${locale}-${theme}-${width}.png`), fullPage: true })
  expect(faults).toEqual([])
})
