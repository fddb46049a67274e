import { type AttributionSettings, type Recomputed, recompute } from '../../src/attribution/recompute.ts'
import type { Database } from '../../src/db/database.ts'
import { compileRules, DEFAULT_RULES } from '../../src/journey/channels.ts'
import type { AnyRecord } from '../../src/model/records.ts'
import { Eligibility, LeadRule } from '../../src/model/rules.ts'
import { Settings } from '../../src/model/settings.ts'
import { Loader } from '../../src/sync/load.ts'

/** Settings for tests: defaults of the product, UTC and CNY unless said otherwise. */
export const SETTINGS: AttributionSettings = {
  zone: 'UTC',
  currency: 'CNY',
  repurchasePath: 'marked',
  lookbackDays: 365,
  halfLifeDays: 7,
  custom: { first: 3, middle: 2, last: 5 },
  eligibility: Eligibility.parse({}),
  directHandling: 'keep',
  campaignsFirst: false,
  leadRule: LeadRule.parse({}),
  sharedCostRules: [],
  model: 'linear',
  revenueBasis: 'booked',
}

/** A workspace of the product with settings of its own. */
export function testWorkspace(tenant: number, settings: Partial<Settings> = {}) {
  return { key: `w${tenant}`, title: `w${tenant}`, tenant, settings: Settings.parse({ zone: 'UTC', ...settings }) }
}

/** Loads records as the source `test` would, without recomputing. */
export async function load(database: Database, tenant: number, records: readonly AnyRecord[], source = 'test') {
  const direct = new Set(['direct', '(direct)', '直接访问', '直接'])
  const loader = new Loader(
    { tenant, source, ruleChannel: compileRules(DEFAULT_RULES) },
    { isDirect: (key) => direct.has(key.toLowerCase()), customFactor: (key) => (key === 'boosted' ? 2500 : 1000) },
  )
  const mapped = records.map((record) => loader.map(record))
  return database.write((tx) => loader.write(tx, mapped))
}

/** Loads and recomputes. */
export async function loadAndRecompute(
  database: Database,
  tenant: number,
  records: readonly AnyRecord[],
  settings: AttributionSettings = SETTINGS,
): Promise<Recomputed> {
  await load(database, tenant, records)
  return recompute(database, tenant, settings)
}
