import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type App, openApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { seedDemo } from '../../src/demo/seed.ts'
import { createLog } from '../../src/log.ts'
import { type EventStreams, eventStreams } from '../../src/server/events.ts'
import { createHttp } from '../../src/server/http.ts'
import { createNodeServer, listen, stop } from '../../src/server/listen.ts'
import { QUIET } from '../../src/server/services.ts'
import { launchBrowser } from './support/browser.ts'
import { buildWidget } from './support/build.ts'
import { openPage, textOf, texts } from './support/panel-page.ts'

/** The whole line for real: files, stores, ledger, server, page and element in a browser; nothing stands in. */

let folder: string
let app: App
let server: Server
let events: EventStreams
let browser: Browser
let origin: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roi-panel-product-'))
  const log = createLog('silent')
  app = await openApp(loadConfig({}, { dataDir: folder }), { log, demo: true })
  await seedDemo(app, folder, () => {})
  await app.openWorkspace('own', 'own')
  const dist = dirname((await buildWidget('test')).page)
  events = eventStreams(app.events)
  const options = { log, host: '127.0.0.1', uploads: join(folder, 'up'), dist, events, ready: () => true }
  server = createNodeServer(createHttp(app, options))
  origin = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`
  browser = await launchBrowser()
}, 120_000)

afterAll(async () => {
  await browser?.close()
  events?.close()
  if (server) await stop(server)
  await app?.close()
  await rm(folder, { recursive: true, force: true })
})

async function open(workspace: string): Promise<{ page: Page; faults: string[] }> {
  const watched = await openPage(browser, `${origin}/?workspace=${workspace}`)
  await watched.page.locator('.trust, .state').first().waitFor()
  return watched
}

const tiles = (page: Page) => texts(page.locator('.tile .num'))
const channels = (page: Page) => texts(page.locator('tr.row'))

test('both reference sets are on the page as they stand in the book', async () => {
  const { page, faults } = await open('demo-a')
  expect(await tiles(page)).toEqual(['452.9%', '¥940,000', '¥170,000', '¥2,931.03'])
  const rows = (await channels(page)).map((row) => row.replaceAll(/\s+/g, ' '))
  expect(rows).toHaveLength(4)
  for (const [i, figures] of [
    '33.33 10 80,000 700.0%',
    '533.33 25 500,000 525.0%',
    '250.00 15 300,000 500.0%',
    '60.00 8 60,000 100.0%',
  ].entries()) {
    expect(rows[i]).toContain(figures)
  }
  await page.getByLabel('工作区').selectOption('demo-b')
  await expect.poll(() => tiles(page)).toEqual(['15.0%', '¥115,000', '¥100,000', expect.any(String)])
  expect((await channels(page)).map((row) => /[−\d.]+%/.exec(row)?.[0])).toEqual(['60.0%', '25.0%', '−66.7%'])
  expect(faults).toEqual([])
  await page.context().close()
})

test('one changed cost row changes page, report and explain as computed by hand', async () => {
  const before = await app.report(
    { workspace: 'demo-b', by: 'channel', model: 'linear', from: null, to: null, date_basis: 'close' },
    QUIET,
  )
  const douyin = before.rows.find((row) => row.roi!.toFixed(1) === '60.0')!
  const file = join(folder, 'costs.csv')
  // 25,000 more for Douyin: 80,000 on 75,000 is 6.67 %, 115,000 on 125,000 in all is -8 %.
  await writeFile(file, `cost_id,date,amount,category,channel\nmore,2026-10-01,25000,ads,${douyin.key}\n`)
  await app.import({ workspace: 'demo-b', files: [{ path: file, name: 'costs.csv' }], dry_run: false }, QUIET)
  const { page } = await open('demo-b')
  expect((await tiles(page))[0]).toBe('−8.0%')
  expect((await channels(page)).find((row) => row.includes('75,000'))).toContain('6.7%')
  const after = await app.report(
    { workspace: 'demo-b', by: 'channel', model: 'linear', from: null, to: null, date_basis: 'close' },
    QUIET,
  )
  expect(after.total.roi!.toFixed(4)).toBe('-8.0000')
  const explained = await app.explain(
    {
      workspace: 'demo-b',
      metric: 'roi',
      by: 'channel',
      key: douyin.key,
      model: 'linear',
      from: null,
      to: null,
      offset: 0,
      limit: 100,
      locale: 'en',
    },
    QUIET,
  )
  expect(explained.value).toBeCloseTo((80_000 - 75_000) / 750, 9)
  const cost = explained.inputs.find((input) => input.name === 'cost')!
  expect(cost.rows.map((row) => row.id)).toContain('more')
  await page.context().close()
})

test('dropped files become numbers, and a file that must be asked about is asked about', async () => {
  const { page, faults } = await open('own')
  const input = page.locator('input[type=file]')
  const csv = (name: string, text: string) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })
  await input.setInputFiles([
    csv('contacts.csv', 'contact_id,created_at,account_id\nc1,2026-01-05,a1\n'),
    csv('touches.csv', 'contact_id,occurred_at,channel\nc1,2026-01-02,expo\nc1,2026-01-20,mail\n'),
    csv('deals.csv', 'deal_id,contact_ids,amount,created_at,closed_at,won\nd1,c1,900,2026-01-10,2026-02-01,是\n'),
  ])
  await expect.poll(() => channels(page), { timeout: 15_000 }).toHaveLength(2)
  await input.setInputFiles([csv('costs.csv', 'date,amount,category,channel\n01/02/2026,300,ads,expo\n')])
  const asked = page.locator('.file', { hasText: 'costs.csv' })
  await asked.locator('.neg').waitFor()
  expect(await textOf(asked)).toContain('--date-format M/D/YYYY')
  expect((await tiles(page))[2]).not.toContain('300')
  await asked.getByLabel('日期格式').selectOption('M/D/YYYY')
  await asked.getByRole('button', { name: '重新导入' }).click()
  await expect.poll(async () => (await tiles(page))[2], { timeout: 15_000 }).toBe('¥300')
  await page.locator('tr.row', { hasText: 'expo' }).locator('[data-item]').first().click()
  await page.locator('.deals .sum').waitFor()
  expect(await textOf(page.locator('.deals .sum'))).toContain('450')
  expect(faults.filter((fault) => !/400 \(Bad Request\)/.test(fault))).toEqual([])
  await page.context().close()
})
