import { describe, expect, test } from 'vitest'
import { Customers } from '../src/api/customers.ts'
import { customers } from '../src/metrics/customers/customers.ts'
import type { CustomersQuery } from '../src/metrics/customers/gather.ts'
import { report } from '../src/metrics/report.ts'
import type { AnyRecord } from '../src/model/records.ts'
import type { Settings } from '../src/model/settings.ts'
import { cny, contact, cost, SALES, storeWith, touch, won } from './customers-kit.ts'
import { ENGINES } from './support/databases.ts'

const QUARTER = { from: '2025-01-01', to: '2025-04-01' }
const NOW = new Date('2027-03-01T00:00:00Z')

const ask = (more: Partial<CustomersQuery> = {}): CustomersQuery => ({
  ...QUARTER,
  by: 'channel',
  model: 'linear',
  revenueBasis: 'booked',
  compare: 'period',
  now: NOW,
  ...more,
})
describe.each(ENGINES)('customers on %s', (engine) => {
  const open = (records: readonly AnyRecord[] = SALES, settings: Partial<Settings> = {}) =>
    storeWith(engine, records, settings)
  type Store = Awaited<ReturnType<typeof open>>
  const of = async ({ database, workspace }: Store, query = ask()) =>
    Customers.parse(await customers(database, workspace, query, 'en'))

  test('LTV, CAC, LTV:CAC, payback, repurchase and churn of every customer', async () => {
    const { whole, ltv_basis, ltv_costed_share, horizon_months, immature, ltv_to_cac } = await of(await open())
    expect([ltv_basis, horizon_months, immature]).toEqual(['margin', 12, false])
    expect(ltv_costed_share).toBeCloseTo(210000 / 2300, 9)
    expect(whole).toMatchObject({
      customers: 3,
      mature_customers: 3,
      cost: '1400.00',
      cac: '466.67',
      // (1600 - 600) + (400 - 100) + 200, of three
      ltv: '500.00',
      ltv_revenue: '2200.00',
      // 1200 at once, 100 paid back, 400 from the sale after five months
      payback_months: 5,
      // 1700 ever / 3 who left
      ltv_predictive: '566.67',
      reasons: {},
    })
    expect(whole.ltv_to_cac).toBeCloseTo(1500 / 1400, 9)
    expect(whole.repurchase_rate).toBeCloseTo(100 / 3, 9)
    const months = (756 + 365 + 365) / (365.25 / 12)
    expect(whole.churn).toBeCloseTo((3 / months) * 100, 9)
    expect(whole.monthly).toBe((1700 / months).toFixed(2))
    expect(ltv_to_cac).toEqual({ value: 3, convention: 'ratio', met: false })
  })

  test('short, long and contribution ROI by channel; CAC and ROI are those of the report', async () => {
    const store = await open()
    const { rows, total, unattributed } = await of(store)
    const returns = Object.fromEntries(
      [...rows, total].map(({ key, roi, ltv_roi, contribution_roi }) => [
        key,
        [roi, ltv_roi, contribution_roi].map((value) => value?.toFixed(2)),
      ]),
    )
    expect(returns).toEqual({
      expo: ['-9.09', '45.45', '-45.45'],
      google: ['33.33', '33.33', '0.00'],
      '': ['0.00', '42.86', '-35.71'],
    })
    expect(
      rows.map(({ key, customers, ltv, cac, payback_months, ltv_to_cac, reasons }) => [
        key,
        customers,
        ltv,
        cac,
        payback_months,
        ltv_to_cac?.toFixed(2),
        reasons,
      ]),
    ).toEqual([
      ['expo', 1, '1000.00', '1100.00', null, '0.91', { payback_months: 'not_reached' }],
      ['google', 1, '300.00', '300.00', 0, '1.00', {}],
    ])
    expect(unattributed).toMatchObject({
      customers: 1,
      ltv: '200.00',
      cac: null,
      reasons: { cac: 'no_cost', ltv_to_cac: 'no_cost', payback_months: 'no_cost' },
    })
    const query = { workspace: 'w1', by: 'channel', model: 'linear', date_basis: 'close', ...QUARTER } as const
    const reported = await report(store.database, store.workspace, query, 'en')
    for (const row of [...rows, total]) {
      const same = row.key === '' ? reported.total : reported.rows.find(({ key }) => key === row.key)!
      expect([row.cac, row.roi, row.revenue, row.customers, row.layers]).toEqual([
        same.cac,
        same.roi,
        same.revenue,
        same.new_customers,
        same.layers,
      ])
    }
  })

  test('layers add up to revenue; orders and GMV stay what was ordered, also when money is paid back', async () => {
    const { whole, rows } = await of(await open())
    expect([whole.revenue, whole.layers]).toEqual([
      '1600.00',
      { first: '1400.00', repurchase: '0.00', referral: '200.00' },
    ])
    expect([whole.gmv, whole.orders]).toEqual(['1700.00', 3])
    expect(rows.map(({ key, gmv, orders }) => [key, gmv, orders])).toEqual([
      ['expo', '1000.00', 1],
      ['google', '500.00', 1],
    ])
  })

  test('growth against the period before, the calendar unit before and the year before', async () => {
    const store = await open()
    const second = { from: '2025-04-01', to: '2025-07-01' }
    const quarter = await of(store, ask({ ...second, compare: 'quarter' }))
    expect(quarter.previous).toEqual({ from: '2025-01-01', to: '2025-04-01' })
    expect(quarter.whole.growth.previous).toEqual({
      gmv: { growth: expect.closeTo((-1100 / 1700) * 100, 9), previous: '1700.00' },
      orders: { growth: expect.closeTo((-2 / 3) * 100, 9), previous: 3 },
    })
    expect(quarter.whole.growth.last_year?.gmv).toEqual({ growth: null, previous: '0.00', reason: 'no_prior' })
    expect((await of(store, ask(second))).previous).toEqual({ from: '2024-12-31', to: '2025-04-01' })
    expect((await of(store, ask({ from: '2026-01-01', to: '2026-04-01' }))).whole.growth.last_year?.gmv).toEqual({
      growth: expect.closeTo((-1400 / 1700) * 100, 9),
      previous: '1700.00',
    })
    // Seen on the 10th of February, the quarter under way is compared with as many days.
    const early = await of(
      store,
      ask({ from: '2026-01-01', to: '2026-04-01', compare: 'quarter', now: new Date('2026-02-10T12:00:00Z') }),
    )
    expect([early.previous, early.last_year]).toEqual([
      { from: '2025-10-01', to: '2025-11-11' },
      { from: '2025-01-01', to: '2025-02-11' },
    ])
    expect((await of(store, ask({ from: null, to: null }))).whole.growth).toEqual({ previous: null, last_year: null })
  })

  test('a customer younger than the horizon is left out of repurchase; nobody has left yet; LTV is so far', async () => {
    const { whole, immature } = await of(await open(), ask({ now: new Date('2026-01-20T00:00:00Z') }))
    expect(immature).toBe(true)
    expect(whole).toMatchObject({ mature_customers: 1, repurchase_rate: 100, ltv_predictive: null, churn: 0 })
    expect(whole.reasons).toEqual({ ltv_predictive: 'no_churn' })
    const young = await of(await open(), ask({ now: new Date('2025-04-20T00:00:00Z') }))
    expect([young.whole.repurchase_rate, young.whole.reasons.repurchase_rate]).toEqual([null, 'not_enough_data'])
  })

  test('product cost known of less than 80 % of revenue: LTV is revenue and says so, and there is no contribution', async () => {
    const { whole, total, ltv_basis } = await of(
      await open([...SALES, contact('d', '2025-02-02'), won('d1', 'd', '2025-03-01', 800)]),
    )
    expect([ltv_basis, whole.ltv, whole.ltv_revenue]).toEqual(['revenue', '750.00', '3000.00'])
    expect(total.contribution_roi).not.toBeNull()
    const unknown = await of(
      await open(SALES.map((one) => (one.type === 'deal' ? { ...one, productCost: undefined } : one)) as AnyRecord[]),
    )
    expect([unknown.ltv_basis, unknown.total.contribution_roi, unknown.total.reasons.contribution_roi]).toEqual([
      'revenue',
      null,
      'no_product_cost',
    ])
  })

  test('other revenue bases: an invoice or a receipt carries its part of the product cost, a refund none', async () => {
    const store = await open()
    const cash = (await of(store, ask({ revenueBasis: 'cash' }))).total
    // 250 of 1000 carry 100 of 400; 500 of 500 carry 100; 100 paid back.
    expect([cash.revenue, cash.contribution_roi?.toFixed(4)]).toEqual([
      '650.00',
      (((650 - 200 - 1400) / 1400) * 100).toFixed(4),
    ])
    const invoiced = (await of(store, ask({ revenueBasis: 'invoiced' }))).total
    expect([invoiced.revenue, invoiced.ltv_revenue, invoiced.contribution_roi?.toFixed(4)]).toEqual([
      '1000.00',
      '1000.00',
      (((1000 - 400 - 1400) / 1400) * 100).toFixed(4),
    ])
  })

  test('a customer counts where his first deal got its credit, in parts, with all he brings later', async () => {
    const { rows, total } = await of(
      await open([
        contact('a', '2025-01-01'),
        touch('t1', 'a', '2025-01-02', 'expo'),
        touch('t2', 'a', '2025-01-03', 'google'),
        won('a1', 'a', '2025-01-15', '100.01'),
        won('a2', 'a', '2025-03-15', '900', { layer: 'repurchase' }),
        cost('x', '2025-01-05', 10, { channel: 'expo' }),
      ]),
    )
    // The repurchase has a path of its own, without a touch: it reaches the channels through the LTV alone.
    expect(rows.map(({ key, customers, revenue, ltv_revenue }) => [key, customers, revenue, ltv_revenue])).toEqual([
      ['expo', 0.5, '50.00', '500.00'],
      ['google', 0.5, '50.01', '500.01'],
    ])
    expect([total.customers, total.revenue, total.ltv_revenue]).toEqual([1, '100.01', '1000.01'])
    // Google has no known cost: its part is in revenue, and in no return.
    expect([total.roi, total.ltv_roi].map((value) => value?.toFixed(1))).toEqual(['400.0', '4900.1'])
  })

  test('product cost converts like the amount of its deal, and a deal lost again takes it back', async () => {
    const usd = (amount: number) => ({ amount: String(amount), currency: 'USD' })
    const { whole } = await of(
      await open([
        { type: 'rate', id: 'r1', from: 'USD', to: 'CNY', date: '2025-01-01', factor: '7' },
        { type: 'rate', id: 'r2', from: 'USD', to: 'CNY', date: '2025-02-01', factor: '8' },
        contact('a', '2025-01-01'),
        won('a1', 'a', '2025-01-15', 0, { amount: usd(100), productCost: usd(40) }),
        won('a2', 'a', '2025-02-15', 0, { amount: usd(100), productCost: usd(40) }),
        { type: 'stage', id: 'won', pipeline: 'p', label: 'W', position: 1, closed: true, won: true },
        { type: 'stage', id: 'lost', pipeline: 'p', label: 'L', position: 2, closed: true, won: false },
        won('a3', 'a', '2025-03-15', 50, { productCost: cny(20), won: false, stage: 'lost' }),
        { type: 'stage_change', id: 's1', dealId: 'a3', stage: 'won', changedAt: new Date('2025-03-01') },
        { type: 'stage_change', id: 's2', dealId: 'a3', stage: 'lost', changedAt: new Date('2025-03-15') },
      ]),
    )
    expect([whole.customers, whole.ltv_revenue, whole.ltv, whole.repurchase_rate]).toEqual([
      1,
      '1500.00',
      '900.00',
      100,
    ])
  })

  test('a customer without a rate is left out on both sides and counted', async () => {
    const records = [
      contact('a', '2025-01-01'),
      won('a1', 'a', '2025-01-15', 0, { amount: { amount: '5', currency: 'USD' } }),
    ]
    const { fx_missing, whole } = await of(await open(records))
    expect([fx_missing, whole.revenue]).toEqual([{ costs: 0, deals: 1 }, '0.00'])
  })

  test('an empty workspace has no customers and says why', async () => {
    const { whole, total, rows } = await of(await open([]))
    expect(rows).toEqual([])
    expect(whole.reasons).toMatchObject({
      cac: 'no_cost',
      ltv: 'no_deals',
      ltv_predictive: 'no_deals',
      churn: 'no_deals',
      repurchase_rate: 'no_deals',
      product_cost_share: 'no_revenue',
    })
    expect(total.reasons).toMatchObject({ roi: 'no_cost', ltv_roi: 'no_cost', contribution_roi: 'no_cost' })
  })
})
