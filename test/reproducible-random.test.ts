import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recompute } from '../src/attribution/recompute.ts'
import type { Database } from '../src/db/database.ts'
import { cohorts } from '../src/metrics/customers/cohorts.ts'
import { customers } from '../src/metrics/customers/customers.ts'
import { funnel } from '../src/metrics/funnel/funnel.ts'
import { influence } from '../src/metrics/influence.ts'
import { report } from '../src/metrics/report.ts'
import type { AnyRecord } from '../src/model/records.ts'
import { Settings, type Workspace } from '../src/model/settings.ts'
import { EXPORTS, exportCredit, exportRecords } from '../src/reports/export.ts'
import { attributionSettings } from '../src/sync/workspace.ts'
import { type Workspace as Random, workspace as randomWorkspace } from './independent/random.ts'
import { ENGINES, openStore, type TestStore } from './support/databases.ts'
import { load, testWorkspace } from './support/store.ts'
import { times } from './support/thorough.ts'

/**
 * The same input and configuration give the same bytes (F152), whatever the workspace: every answer and every export, on both
 * engines, with records in any order and computed at once or in parts.
 */
let stores: TestStore[]
let tenant = 0

beforeAll(async () => {
  stores = []
  for (const engine of ENGINES) stores.push(await openStore(engine))
})
afterAll(async () => {
  for (const store of stores) await store[Symbol.asyncDispose]()
})

test(
  'answers and exports of any workspace are the same bytes on both engines, in any order of arrival',
  async () => {
    const arriving = randomWorkspace.chain((random) => {
      const { records } = random
      const shuffled = fc.shuffledSubarray([...records], { minLength: records.length })
      return fc.record({ random: fc.constant(random), shuffled, cut: fc.nat({ max: records.length }) })
    })
    const one = fc.asyncProperty(arriving, async ({ random, shuffled, cut }) => {
      tenant += 1
      const [first, second] = stores as [TestStore, TestStore]
      const workspace = workspaceOf(random)
      await bring(first, workspace, [random.records])
      await bring(second, workspace, [shuffled.slice(0, cut), shuffled.slice(cut)])
      const theirs = await everything(second, workspace, random)
      for (const [name, bytes] of await everything(first, workspace, random)) expect(theirs.get(name), name).toBe(bytes)
    })
    await fc.assert(one, { numRuns: times(4, 60) })
  },
  times(120_000, 900_000),
)

function workspaceOf({ rules }: Random): Workspace {
  const { currency, zone, lookbackDays, sharedBySpend: shared } = rules
  const shared_cost_rules = shared ? [{ id: 'overhead', by: 'spend', over: shared.over }] : []
  const settings = { currency, zone, lookback_days: lookbackDays, shared_cost_rules }
  return { ...testWorkspace(tenant), settings: Settings.parse(settings) }
}

async function bring(database: Database, { settings }: Workspace, parts: readonly (readonly AnyRecord[])[]) {
  for (const part of parts) {
    await load(database, tenant, part)
    await recompute(database, tenant, attributionSettings(settings))
  }
}

/** Every answer and export as text, by name. */
async function everything(database: Database, workspace: Workspace, { period }: Random): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  const now = new Date('2026-12-01T00:00:00Z')
  const how = { ...period, by: 'channel', model: 'linear', locale: 'en', now } as const
  const money = { revenueBasis: 'booked' } as const
  const ask = { ...period, workspace: 'w', model: 'linear' } as const
  const answers: Record<string, Promise<unknown>> = {
    report: report(database, workspace, { ...ask, by: 'campaign', by2: 'month' }, 'en'),
    'report by touch date': report(database, workspace, { ...ask, by: 'channel', date_basis: 'touch' }, 'zh-CN'),
    'report of receipts': report(database, workspace, { ...ask, by: 'parent', revenue_basis: 'cash' }, 'en'),
    'funnel of leads': funnel(database, workspace, { ...how, reading: 'cohort' }),
    'funnel of the period': funnel(database, workspace, { ...how, reading: 'period' }),
    customers: customers(database, workspace, { ...how, ...money, compare: 'period' }, 'en'),
    cohorts: cohorts(database, workspace, { ...how, ...money, group: null, months: 6 }),
    influence: influence(database, workspace, { ...how, ...money }),
  }
  for (const [name, answer] of Object.entries(answers)) found.set(name, JSON.stringify(await answer))
  for (const what of EXPORTS) {
    found.set(what, await text(exportRecords(database, workspace, { what, format: 'csv' })))
  }
  for (const model of ['linear', 'full_path', 'time_decay'] as const) {
    found.set(`credit ${model}`, await text(exportCredit(database, workspace, { model, format: 'json' })))
  }
  return found
}

async function text(chunks: AsyncIterable<string>): Promise<string> {
  let all = ''
  for await (const chunk of chunks) all += chunk
  return all
}
