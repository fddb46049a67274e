import { describe, expect, test } from 'vitest'
import { Cohorts } from '../src/api/customers.ts'
import { type CohortsQuery, cohorts } from '../src/metrics/customers/cohorts.ts'
import type { AnyRecord } from '../src/model/records.ts'
import { contact, cost, SALES, storeWith, won } from './customers-kit.ts'
import { ENGINES } from './support/databases.ts'

const QUARTER = { from: '2025-01-01', to: '2025-04-01' }
const NOW = new Date('2027-03-01T00:00:00Z')

const table = (more: Partial<CohortsQuery> = {}): CohortsQuery => ({
  ...QUARTER,
  group: null,
  model: 'linear',
  revenueBasis: 'booked',
  months: 12,
  now: NOW,
  ...more,
})

describe.each(ENGINES)('cohorts on %s', (engine) => {
  const open = (records: readonly AnyRecord[] = SALES) => storeWith(engine, records)
  type Store = Awaited<ReturnType<typeof open>>
  const cohortsOf = async ({ database, workspace }: Store, query = table()) =>
    Cohorts.parse(await cohorts(database, workspace, query))

  test('what the customers of each month brought since; months that have not passed are empty, not 0', async () => {
    const answer = await cohortsOf(await open(), table({ now: new Date('2025-05-20T00:00:00Z'), months: 5 }))
    expect(answer.basis).toBe('margin')
    const lines = answer.rows.map(({ cohort, customers, cost, payback_month, cells, reasons }) => ({
      cohort,
      customers,
      cost,
      payback_month,
      reasons,
      revenue: cells.map(({ revenue }) => revenue),
      cumulative: cells.map(({ cumulative_margin }) => cumulative_margin),
    }))
    expect(lines).toEqual([
      {
        cohort: '2025-01',
        customers: 1,
        cost: '1100.00',
        payback_month: null,
        reasons: { payback_month: 'not_reached' },
        revenue: ['1000.00', '0.00', '0.00', null, null],
        cumulative: ['600.00', '600.00', '600.00', null, null],
      },
      {
        cohort: '2025-02',
        customers: 2,
        cost: '300.00',
        payback_month: 0,
        reasons: {},
        revenue: ['700.00', '-100.00', null, null, null],
        cumulative: ['600.00', '500.00', null, null, null],
      },
    ])
  })

  test('a month is full on the day of the date, or on the last day of a shorter month', async () => {
    const store = await open([
      contact('a', '2025-01-01'),
      won('a1', 'a', '2025-01-31', 1),
      won('a2', 'a', '2025-02-27', 10),
      won('a3', 'a', '2025-02-28', 100),
      won('a4', 'a', '2025-03-30', 1000),
      won('a5', 'a', '2025-03-31', 10_000),
    ])
    const [row] = (await cohortsOf(store, table({ months: 3 }))).rows
    expect(row!.cells.map(({ revenue }) => revenue)).toEqual(['11.00', '1100.00', '10000.00'])
    // 2025-01-31 and two months is the 31st of March.
    const seen = async (now: string) =>
      (await cohortsOf(store, table({ months: 3, now: new Date(now) }))).rows[0]!.cells.map(
        ({ revenue }) => revenue !== null,
      )
    expect(await seen('2025-03-30T12:00:00Z')).toEqual([true, false, false])
    expect(await seen('2025-03-31T12:00:00Z')).toEqual([true, true, false])
  })

  test('of one group, and in revenue where product cost is not known', async () => {
    const store = await open()
    const expo = await cohortsOf(store, table({ group: { by: 'channel', key: 'expo' } }))
    expect(expo.rows.map(({ cohort, customers, cost }) => [cohort, customers, cost])).toEqual([
      ['2025-01', 1, '1100.00'],
    ])
    expect(expo.rows[0]!.so_far).toEqual({ revenue: '1600.00', margin: '1000.00' })
    const bare = await open([
      contact('a', '2025-01-01'),
      won('a1', 'a', '2025-01-15', 100),
      cost('x', '2025-01-01', 90),
    ])
    const { basis, rows } = await cohortsOf(bare)
    expect([basis, rows[0]!.payback_month, rows[0]!.so_far, rows[0]!.reasons]).toEqual([
      'revenue',
      0,
      { revenue: '100.00', margin: null },
      { margin: 'no_product_cost' },
    ])
    await expect(
      cohorts(store.database, store.workspace, table({ group: { by: 'channel', key: 'nowhere' } })),
    ).rejects.toMatchObject({ code: 'unknown_group', kind: 'not_found' })
  })

  test('a month with cost and no customers stands there and never pays back', async () => {
    const { rows } = await cohortsOf(await open([...SALES, cost('x3', '2025-03-05', 50)]))
    expect(rows[2]).toMatchObject({
      cohort: '2025-03',
      customers: 0,
      cost: '50.00',
      reasons: { payback_month: 'no_deals' },
    })
  })
})
