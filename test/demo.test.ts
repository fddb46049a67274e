import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type App, openApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { generate } from '../src/demo/generate.ts'
import { forgetDemo, seedDemo } from '../src/demo/seed.ts'
import { DEMO_SETS } from '../src/demo/sets.ts'
import { createLog } from '../src/log.ts'
import { RULE_MODELS } from '../src/model/rule-models.ts'
import { QUIET } from '../src/server/services.ts'

let folder: string
let app: App
const log = createLog('silent')
const open = () => openApp(loadConfig({}, { dataDir: folder }), { log, demo: true })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roi-panel-demo-'))
  app = await open()
  await seedDemo(app, folder, () => {})
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true, force: true })
})

const ask = { by: 'channel', from: null, to: null, date_basis: 'close' } as const

test('set A shows the reference figures under every rule model', async () => {
  for (const model of RULE_MODELS) {
    const { rows, total, unattributed, reconciliation } = await app.report(
      { ...ask, workspace: 'demo-a', model },
      QUIET,
    )
    const figures = rows.map((row) => [
      row.key.split(' ').at(-1),
      row.cost,
      row.leads,
      row.won,
      row.revenue,
      row.cpl,
      row.roi,
    ])
    expect(figures).toEqual([
      ['E-mail', '10000.00', 300, 10, '80000.00', '33.33', 700],
      ['Expo', '80000.00', 150, 25, '500000.00', '533.33', 525],
      ['Ads', '50000.00', 200, 15, '300000.00', '250.00', 500],
      ['Social', '30000.00', 500, 8, '60000.00', '60.00', 100],
    ])
    expect(total).toMatchObject({
      cost: '170000.00',
      leads: 1150,
      won: 58,
      new_customers: 58,
      revenue: '940000.00',
      cpl: '147.83',
      cac: '2931.03',
    })
    expect(total.roi).toBeCloseTo(452.941, 3)
    expect(total.ratio).toBeCloseTo(5.529, 3)
    expect(unattributed).toMatchObject({ revenue: '0.00', leads: 0, won: 0 })
    expect(reconciliation).toMatchObject({ crm: '940000.00', ok: true })
  }
})

test('set B shows the reference figures', async () => {
  const { rows, total } = await app.report({ ...ask, workspace: 'demo-b', model: 'linear' }, QUIET)
  expect(rows.map((row) => [row.cost, row.revenue, row.roi?.toFixed(1)])).toEqual([
    ['50000.00', '80000.00', '60.0'],
    ['20000.00', '25000.00', '25.0'],
    ['30000.00', '10000.00', '-66.7'],
  ])
  expect(total.roi).toBeCloseTo(15, 9)
})

test('the trend is alive and nothing lies in the future of the demo', () => {
  for (const set of DEMO_SETS) {
    const { deals, contacts } = generate(set)
    const won = deals.filter((deal) => deal.won === 'yes')
    expect(new Set(won.map((deal) => String(deal.closed_at).slice(0, 7))).size).toBeGreaterThanOrEqual(7)
    const instants = [...deals, ...contacts].flatMap((row) => [row.closed_at, row.created_at, row.mql_at, row.sql_at])
    for (const instant of instants) if (instant) expect(String(instant) < '2026-11-20').toBe(true)
    expect(new Set(deals.map((deal) => deal.account_id)).size).toBe(deals.length)
    expect(new Set(deals.map((deal) => deal.contact_ids)).size).toBe(deals.length)
    expect(generate(set)).toEqual(generate(set))
  }
})

test('it is listed as the demo, with files a user can look at, and without a workspace of one’s own', async () => {
  const { demo, workspaces } = await app.workspaces({}, QUIET)
  expect(demo).toBe(true)
  expect(workspaces.map(({ key, title }) => [key, title])).toEqual([
    ['demo-a', '示例 A：四个渠道'],
    ['demo-b', '示例 B：抖音、微信与线下'],
  ])
  const files = await readdir(join(folder, 'set-a'))
  expect(files.filter((name) => name.endsWith('.csv'))).toHaveLength(6)
})

test('findings of the demo data are none', async () => {
  for (const { workspace } of DEMO_SETS) expect(await app.quality({ workspace }, QUIET)).toEqual([])
})

test('seeding again imports nothing; a reset brings the figures back', async () => {
  let progressed = 0
  await seedDemo(app, folder, () => {
    progressed += 1
  })
  expect(progressed).toBe(0)
  await app.set({ workspace: 'demo-a', key: 'currency', value: 'USD' }, QUIET)
  await app.close()
  await forgetDemo(folder)
  app = await open()
  await seedDemo(app, folder, () => {})
  const { currency, total } = await app.report({ ...ask, workspace: 'demo-a', model: 'first' }, QUIET)
  expect([currency, total.revenue]).toEqual(['CNY', '940000.00'])
})
