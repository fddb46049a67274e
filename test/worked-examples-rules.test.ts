import { describe, expect, test } from 'vitest'
import { Funnel } from '../src/api/funnel.ts'
import { Segments } from '../src/api/segments.ts'
import { Report } from '../src/api.ts'
import { funnel } from '../src/metrics/funnel/funnel.ts'
import { type ReportAsk, report } from '../src/metrics/report.ts'
import { segments } from '../src/metrics/segments.ts'
import type { AnyRecord } from '../src/model/records.ts'
import { Settings } from '../src/model/settings.ts'
import { ENGINES, type Engine, openTestDatabase } from './support/databases.ts'
import { load, testWorkspace } from './support/store.ts'

/**
 * One customer on his way, and what each rule of a workspace makes of it. Ann saw an ad on 1 January, came to a fair on the 5th and
 * typed in the address on the 9th. She was a lead on the 1st, an opportunity on the 6th and bought for 2,100 on the 10th.
 */
const at = (day: number, month = 1) => new Date(Date.UTC(2026, month - 1, day, 8))
const cny = (amount: string) => ({ amount, currency: 'CNY' })
const touch = (id: string, occurredAt: Date, channel: string, campaignId?: string): AnyRecord => ({
  ...{ type: 'touch', id, person: { contactId: 'ann' }, occurredAt, channel },
  ...(campaignId === undefined ? {} : { campaignId }),
})
const cost = (id: string, amount: string, where: { channel?: string; campaignId?: string }): AnyRecord => ({
  ...{ type: 'cost', id, date: '2026-01-03', amount: cny(amount), category: 'event', state: 'actual', ...where },
})
const ANN: readonly AnyRecord[] = [
  { type: 'contact', id: 'ann', createdAt: at(1) },
  { type: 'campaign', id: 'fair', name: 'Fair', channel: 'boosted' },
  touch('t1', at(1), 'google'),
  touch('t2', at(5), 'boosted', 'fair'),
  touch('t3', at(9), 'direct'),
  {
    ...{ type: 'deal', id: 'd1', contactIds: ['ann'], amount: cny('2100') },
    ...{ createdAt: at(6), closedAt: at(10), won: true },
  },
]

/** @param rules settings of the workspace, as they are written */
async function reader(engine: Engine, records: readonly AnyRecord[], rules: object = {}) {
  const database = await openTestDatabase(engine)
  await load(database, 1, records)
  const workspace = { ...testWorkspace(1), settings: Settings.parse({ zone: 'UTC', ...rules }) }
  const read = async (ask: Partial<ReportAsk> = {}) => {
    const whole = { workspace: 'w1', by: 'channel', model: 'linear', from: null, to: null } as const
    return Report.parse(await report(database, workspace, { ...whole, ...ask }, 'en'))
  }
  return { database, workspace, read }
}

const column = ({ rows }: Report, field: 'revenue' | 'cost' | 'leads' | 'mqls' | 'opportunities' | 'won') =>
  Object.fromEntries(rows.map((row) => [row.key, row[field]]))

describe.each(ENGINES)('rules by example on %s', (engine) => {
  test('F55: each outcome is credited to the touches before it', async () => {
    const { read } = await reader(engine, ANN)
    const all = await read()
    // The ad alone came before she was a lead; ad and fair before the opportunity; all three before the sale.
    expect(column(all, 'leads')).toEqual({ google: 1, boosted: 0, direct: 0 })
    expect(column(all, 'opportunities')).toEqual({ google: 0.5, boosted: 0.5, direct: 0 })
    expect(column(all, 'revenue')).toEqual({ google: '700.00', boosted: '700.00', direct: '700.00' })
  })

  test('F50: weights of one’s own are made to add up to 100 %', async () => {
    const { read } = await reader(engine, ANN, {
      custom_weights: { first: 1, middle: 2, last: 1, channels: { boosted: 2.5 } },
    })
    const custom = await read({ model: 'custom' })
    // 1, 2 x 2.5 and 1 of 7 parts.
    expect(column(custom, 'revenue')).toEqual({ google: '300.00', boosted: '1500.00', direct: '300.00' })
    expect(custom.total.revenue).toBe('2100.00')
  })

  test('F50: the preset gives everything to the last touch until somebody adjusts it', async () => {
    const { read } = await reader(engine, ANN)
    expect(column(await read({ model: 'custom' }), 'revenue')).toEqual({
      ...{ google: '0.00', boosted: '0.00', direct: '2100.00' },
    })
  })

  test('F121: a touch after the sale, or before the look-back, gets nothing', async () => {
    const late = [...ANN, touch('t4', at(11), 'late'), touch('t5', new Date('2024-12-31T08:00:00Z'), 'early')]
    const { read } = await reader(engine, late)
    expect(column(await read(), 'revenue')).toEqual({ google: '700.00', boosted: '700.00', direct: '700.00' })
    const short = await reader(engine, late, { lookback_days: 7 })
    // Seven days before the 10th is the 3rd: the ad is out.
    expect(column(await short.read(), 'revenue')).toMatchObject({ boosted: '1050.00', direct: '1050.00' })
  })

  test('F122: what is not eligible is not there', async () => {
    const { read } = await reader(engine, ANN, { eligibility: { exclude_channels: ['Boosted'] } })
    expect(column(await read(), 'revenue')).toEqual({ google: '1050.00', direct: '1050.00' })
  })

  test('F132: direct is passed over where there is anything else, and takes all where there is not', async () => {
    const ignore = { direct_handling: 'ignore' }
    const { read } = await reader(engine, ANN, ignore)
    expect(column(await read({ model: 'last' }), 'revenue')).toMatchObject({ boosted: '2100.00' })
    const alone = await reader(
      engine,
      ANN.filter(({ id }) => id !== 't1' && id !== 't2'),
      ignore,
    )
    expect(column(await alone.read({ model: 'last' }), 'revenue')).toEqual({ direct: '2100.00' })
  })

  test('F132: campaigns first', async () => {
    const { read } = await reader(engine, ANN, { campaigns_first: true })
    expect(column(await read(), 'revenue')).toMatchObject({ boosted: '2100.00' })
  })

  test('F83: one rule says who is an MQL, for every metric', async () => {
    const { read } = await reader(engine, ANN, { lead_rule: { mql: { touches: 2 } } })
    // With the second touch, on the 5th: half of the credit is the ad's.
    expect(column(await read(), 'mqls')).toMatchObject({ google: 0.5, boosted: 0.5 })
    const january = await read({ from: '2026-01-01', to: '2026-01-05' })
    expect(january.total.mqls).toBe(0)
  })

  test('F131: money paid back comes off on its own day, from those who earned it', async () => {
    const back: AnyRecord = { type: 'payment', id: 'p1', dealId: 'd1', amount: cny('-300'), paidAt: at(20, 2) }
    const { read } = await reader(engine, [...ANN, back])
    expect((await read({ from: '2026-01-01', to: '2026-02-01' })).total.revenue).toBe('2100.00')
    const february = await read({ from: '2026-02-01', to: '2026-03-01' })
    expect(column(february, 'revenue')).toEqual({ google: '-100.00', boosted: '-100.00', direct: '-100.00' })
    expect(february.reconciliation).toMatchObject({ crm: '-300.00', ok: true })
  })

  test('F25: a shared cost in proportion to spend, to the cent', async () => {
    const records = [
      ...ANN,
      cost('x1', '300.00', { channel: 'google' }),
      cost('x2', '100.00', { channel: 'boosted' }),
      cost('x3', '100.01', {}),
    ]
    const shared_cost_rules = [{ id: 'overhead', by: 'spend' }]
    const { read } = await reader(engine, records, { shared_cost_rules })
    // 100.01 by 3 : 1 is 75.0075 : 25.0025. The first gets whole cents of it, the last what is left.
    expect(column(await read(), 'cost')).toEqual({ google: '375.01', boosted: '125.00', direct: '0.00' })
    expect((await read()).total.cost).toBe('500.01')
  })

  test('F126: a parent is what it spent itself and what its children did, once', async () => {
    const { read } = await reader(engine, [
      { type: 'campaign', id: 'year', name: 'Year' },
      { type: 'campaign', id: 'spring', name: 'Spring', parentId: 'year' },
      { type: 'campaign', id: 'autumn', name: 'Autumn', parentId: 'year' },
      cost('x1', '100', { campaignId: 'year' }),
      cost('x2', '200', { campaignId: 'spring' }),
      cost('x3', '300', { campaignId: 'autumn' }),
    ])
    expect(column(await read({ by: 'parent' }), 'cost')).toEqual({ year: '600.00' })
    expect(column(await read({ by: 'campaign' }), 'cost')).toEqual({
      ...{ year: '100.00', spring: '200.00', autumn: '300.00' },
    })
  })

  test('F94: segments that overlap say how much they share', async () => {
    const { database, workspace } = await reader(engine, [...ANN, cost('x1', '500', { channel: 'google' })])
    const where = (is: string[]) => [{ dimension: 'channel' as const, is }]
    const found = Segments.parse(
      await segments(
        database,
        workspace,
        { workspace: 'w1', model: 'linear', from: null, to: null },
        [
          { name: 'Paid', where: where(['google', 'boosted']) },
          { name: 'Web', where: where(['google', 'direct']) },
        ],
        'en',
      ),
    )
    // 700 each: google is in both.
    expect(found.rows.map(({ key, revenue }) => [key, revenue])).toEqual([
      ['Paid', '1400.00'],
      ['Web', '1400.00'],
    ])
    expect(found.overlaps).toEqual([{ segments: ['Paid', 'Web'], revenue: '700.00' }])
    expect(found.total.revenue).toBe('2100.00')
  })

  test('F90: where nobody was ever touched, all of the funnel lies in what no touch explains', async () => {
    const { database, workspace } = await reader(
      engine,
      ANN.filter(({ type }) => type !== 'touch'),
    )
    const how = { reading: 'period', by: 'channel', model: 'linear', locale: 'en', now: at(1, 6) } as const
    const { whole, rows, unattributed } = Funnel.parse(
      await funnel(database, workspace, { ...how, from: null, to: null }),
    )
    // One lead, one opportunity, one sale nine days later.
    const one = { opportunity_to_won: 100, win_rate: 100, cycle: { median_days: 9, deals: 1 } }
    expect([whole, unattributed]).toMatchObject([one, one])
    expect(rows).toEqual([])
  })
})
