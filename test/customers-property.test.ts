import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Cohorts, Customers } from '../src/api/customers.ts'
import type { Funnel } from '../src/api/funnel.ts'
import type { Influence } from '../src/api/influence.ts'
import { cohorts } from '../src/metrics/customers/cohorts.ts'
import { customers } from '../src/metrics/customers/customers.ts'
import { funnel } from '../src/metrics/funnel/funnel.ts'
import { influence } from '../src/metrics/influence.ts'
import { toMinor } from '../src/model/money.ts'
import type { AnyRecord } from '../src/model/records.ts'
import { LAYERS } from '../src/model/records.ts'
import type { RuleModel } from '../src/model/rule-models.ts'
import { ENGINES, openTestDatabase, type TestStore } from './support/databases.ts'
import { type RandomWorkspace, randomWorkspace, toRecords } from './support/random-workspace.ts'
import { load, testWorkspace } from './support/store.ts'
import { times } from './support/thorough.ts'

const ALL = { from: null, to: null }
/** Long after everything: every month has passed. */
const NOW = new Date('2031-01-01T00:00:00Z')

/** A random workspace whose deals know their product cost, layer and several payments, some of them. */
function recordsOf(workspace: RandomWorkspace): AnyRecord[] {
  return toRecords(workspace).flatMap((one): AnyRecord[] => {
    if (one.type !== 'deal') return [one]
    const n = Number(one.id.slice(1))
    const layer = LAYERS[n % 4]
    const cost = { amount: String((n * 37) % 100), currency: 'CNY' }
    return [{ ...one, ...(layer && { layer }), ...(n % 3 > 0 && { productCost: cost }) }]
  })
}

interface Answers {
  readonly customers: Customers
  readonly cohorts: Cohorts
  readonly influence: Influence
  readonly cohort: Funnel
  readonly period: Funnel
}

async function answersOf(database: TestStore, tenant: number, model: RuleModel): Promise<Answers> {
  const workspace = testWorkspace(tenant)
  const asked = { ...ALL, by: 'channel', model, revenueBasis: 'booked', now: NOW } as const
  const steps = { ...ALL, by: 'channel', model, locale: 'en', now: NOW } as const
  return {
    customers: await customers(database, workspace, { ...asked, compare: 'period' }, 'en'),
    cohorts: await cohorts(database, workspace, { ...asked, group: null, months: 12 }),
    influence: await influence(database, workspace, { ...asked, locale: 'en' }),
    cohort: await funnel(database, workspace, { ...steps, reading: 'cohort' }),
    period: await funnel(database, workspace, { ...steps, reading: 'period' }),
  }
}

const minor = (amount: string | null) => toMinor({ amount: amount ?? '0', currency: 'CNY' })
const sum = <T>(rows: readonly T[], of: (row: T) => string | null) =>
  rows.reduce((total, row) => total + minor(of(row)), 0n)
const models = fc.constantFrom<RuleModel>('linear', 'time_decay', 'u_position', 'last')

describe.each(ENGINES)('random workspaces on %s', (engine) => {
  test('money adds up to the cent and people to the whole, however they are cut', async () => {
    const database = await openTestDatabase(engine)
    let tenant = 0
    await fc.assert(
      fc.asyncProperty(randomWorkspace, models, async (workspace, model) => {
        tenant += 1
        await load(database, tenant, recordsOf(workspace))
        const answers = await answersOf(database, tenant, model)
        await expectMoney(database, tenant, answers)
        expectPeople(answers)
      }),
      { numRuns: times(8, 40), endOnFailure: true },
    )
  }, 120_000)
})

test('both engines give the same answers, to the byte', async () => {
  const stores = [await openTestDatabase('duckdb'), await openTestDatabase('postgres')]
  let tenant = 0
  await fc.assert(
    fc.asyncProperty(randomWorkspace, models, async (workspace, model) => {
      tenant += 1
      const texts: string[] = []
      for (const store of stores) {
        await load(store, tenant, recordsOf(workspace))
        texts.push(JSON.stringify(await answersOf(store, tenant, model)))
      }
      expect(texts[0]).toBe(texts[1])
    }),
    { numRuns: times(4, 25), endOnFailure: true },
  )
}, 120_000)

/** Layers are the revenue, groups the whole, the last month of cohorts what customers brought, and sourced what has a touch. */
async function expectMoney(database: TestStore, tenant: number, { customers, cohorts, influence }: Answers) {
  const { whole, total, rows, unattributed } = customers
  for (const row of [...rows, total, unattributed, whole]) {
    const { first, repurchase, referral } = row.layers
    expect(sum([first, repurchase, referral], (part) => part)).toBe(minor(row.revenue))
  }
  for (const field of ['revenue', 'ltv_revenue', 'gmv'] as const) {
    expect(sum(rows, (row) => row[field])).toBe(minor(total[field]))
    expect(minor(total[field]) + minor(unattributed[field])).toBe(minor(whole[field]))
  }
  const [booked] = await database.query<{ revenue: bigint; sold: bigint; customers: bigint }>(
    `SELECT CAST(coalesce(sum(amount_minor), 0) AS BIGINT) AS revenue,
            CAST(coalesce(sum(amount_minor) FILTER (WHERE kind = 5), 0) AS BIGINT) AS sold,
            count(DISTINCT customer_id) AS customers
     FROM outcome WHERE tenant_id = $1 AND kind IN (5, 8, 9)`,
    [tenant],
  )
  // Everything a random workspace sells is sold within a year of the first sale.
  expect([whole.revenue, whole.ltv_revenue, whole.gmv].map(minor)).toEqual([
    booked!.revenue,
    booked!.revenue,
    booked!.sold,
  ])
  expect(whole.customers).toBe(Number(booked!.customers))
  expect(sum(cohorts.rows, ({ so_far }) => so_far.revenue)).toBe(minor(whole.ltv_revenue))
  for (const { cells, so_far } of cohorts.rows) {
    expect(cells.at(-1)!.cumulative_revenue).toBe(so_far.revenue)
    expect(cells.at(-1)!.cumulative_margin).toBe(so_far.margin)
    expect(sum(cells, ({ revenue }) => revenue)).toBe(minor(so_far.revenue))
  }
  const { sourced, influenced } = influence
  for (const field of ['pipeline', 'revenue'] as const) {
    expect(sum(sourced.rows, (row) => row[field])).toBe(minor(sourced.total[field]))
  }
  expect(minor(sourced.total.revenue) + minor(sourced.unattributed.revenue)).toBe(booked!.revenue)
  for (const field of ['leads', 'opportunities', 'won'] as const) {
    expect(sourced.rows.reduce((all, row) => all + row[field], 0)).toBe(sourced.total[field])
    for (const row of influenced.rows) {
      const own = sourced.rows.find(({ key }) => key === row.key)!
      expect(row[field]).toBeGreaterThanOrEqual(own[field])
      expect(row[field]).toBeLessThanOrEqual(sourced.total[field])
    }
  }
}

/** Leads that are followed never become more; groups and what has no touch are the whole; the whole is the ledger's. */
function expectPeople({ cohort, period, influence }: Answers) {
  const counts = (view: Funnel['whole']) => view.steps.map(({ count }) => count)
  for (const view of [cohort.whole, ...cohort.rows, cohort.unattributed!]) {
    const steps = counts(view)
    for (const [i, count] of steps.entries()) expect(count).toBeLessThanOrEqual((steps[i - 1] ?? count) + 1e-9)
    for (const { recorded, count } of view.steps) expect(recorded).toBeLessThanOrEqual(count + 1e-9)
    expect(view.lead_loss.lost).toBeLessThanOrEqual(steps[0]! + 1e-9)
    expect(view.lead_loss.dropped).toBeLessThanOrEqual(view.lead_loss.lost + 1e-9)
  }
  for (const { whole, rows, unattributed } of [cohort, period]) {
    const parts = [...rows, unattributed!].map(counts)
    for (const [i, count] of counts(whole).entries()) {
      expect(parts.reduce((all, steps) => all + steps[i]!, 0)).toBeCloseTo(count, 6)
    }
  }
  expect(cohort.whole.steps[0]!.count).toBe(period.whole.steps[0]!.count)
  const { total, unattributed } = influence.sourced
  expect(total.leads + unattributed.leads).toBe(cohort.whole.steps[0]!.count)
  expect(total.opportunities + unattributed.opportunities).toBe(period.whole.steps[3]!.count)
}
