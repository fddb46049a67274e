import { describe, expect, test } from 'vitest'
import { Delivery } from '../src/api/delivery.ts'
import { Influence } from '../src/api/influence.ts'
import { type DeliveryQuery, delivery } from '../src/metrics/delivery.ts'
import { type InfluenceQuery, influence } from '../src/metrics/influence.ts'
import { report } from '../src/metrics/report.ts'
import type { AnyRecord } from '../src/model/records.ts'
import { contact, cost, payment, storeWith, touch, won } from './customers-kit.ts'
import { ENGINES } from './support/databases.ts'

const ask = (more: Partial<InfluenceQuery> = {}): InfluenceQuery => ({
  from: null,
  to: null,
  by: 'campaign',
  revenueBasis: 'booked',
  locale: 'en',
  ...more,
})

/** Set F of product.md §6: the expo sources five opportunities and has a hand in 270,000 of revenue. */
const SET_F: readonly AnyRecord[] = [
  { type: 'campaign', id: 'expo', name: 'Expo 2026', channel: 'events' },
  { type: 'campaign', id: 'ads', name: 'Search ads', channel: 'google_ads' },
  ...[30_000, 40_000, 50_000, 60_000, 20_000, 70_000].flatMap((amount, i): AnyRecord[] => {
    // The last one began with an ad; the expo came second.
    const sourced = i < 5
    return [
      contact(`c${i}`, '2026-01-03'),
      touch(`a${i}`, `c${i}`, '2026-01-01', '', { campaignId: sourced ? 'expo' : 'ads', channel: undefined } as object),
      ...(sourced
        ? []
        : [touch(`b${i}`, `c${i}`, '2026-01-02', '', { campaignId: 'expo', channel: undefined } as object)]),
      won(`d${i}`, `c${i}`, '2026-02-01', amount),
    ]
  }),
  contact('alone', '2026-01-03'),
  won('d-alone', 'alone', '2026-02-01', 1000),
]

describe.each(ENGINES)('influence on %s', (engine) => {
  const of = async (records: readonly AnyRecord[], query = ask()) => {
    const { database, workspace } = await storeWith(engine, records)
    return Influence.parse(await influence(database, workspace, query))
  }

  test('set F: a campaign that sources five opportunities and influences 270,000 shows both, apart', async () => {
    const { sourced, influenced } = await of(SET_F)
    expect(sourced.additive).toBe(true)
    expect(
      sourced.rows.map(({ key, label, leads, opportunities, won, pipeline, revenue }) => [
        key,
        label,
        leads,
        opportunities,
        won,
        pipeline,
        revenue,
      ]),
    ).toEqual([
      ['expo', 'Expo 2026', 5, 5, 5, '200000.00', '200000.00'],
      ['ads', 'Search ads', 1, 1, 1, '70000.00', '70000.00'],
    ])
    expect(sourced.total).toMatchObject({ opportunities: 6, revenue: '270000.00' })
    expect(sourced.unattributed).toMatchObject({ leads: 1, opportunities: 1, won: 1, revenue: '1000.00' })
    expect(influenced.rows.map(({ key, opportunities, revenue }) => [key, opportunities, revenue])).toEqual([
      ['expo', 6, '270000.00'],
      ['ads', 1, '70000.00'],
    ])
    // 340,000 were influenced of 270,000: there is no total to be mistaken for one.
    expect(influenced.additive).toBe(false)
    expect(Object.keys(influenced).sort()).toEqual(['additive', 'note', 'rows'])
    expect(influenced.note).toContain('Do not add up')
  })

  test('assists are outcomes that somebody else touched last; places of touches sum to 100', async () => {
    const { assists } = await of(
      [
        contact('c1', '2026-01-10'),
        touch('1', 'c1', '2026-01-01', 'expo'),
        touch('2', 'c1', '2026-01-02', 'google'),
        touch('3', 'c1', '2026-01-03', 'google'),
        touch('4', 'c1', '2026-01-04', 'email'),
        won('d1', 'c1', '2026-02-01', 10),
        contact('c2', '2026-01-10'),
        touch('5', 'c2', '2026-01-01', 'expo'),
        won('d2', 'c2', '2026-02-01', 10),
      ],
      ask({ by: 'channel' }),
    )
    expect(assists.rows.map(({ label: _, ...row }) => row)).toEqual([
      { key: 'expo', leads: 1, opportunities: 1, won: 1, touches: 2, first: 50, middle: 0, last: 0, only: 50 },
      { key: 'google', leads: 1, opportunities: 1, won: 1, touches: 2, first: 0, middle: 100, last: 0, only: 0 },
      { key: 'email', leads: 0, opportunities: 0, won: 0, touches: 1, first: 0, middle: 0, last: 100, only: 0 },
    ])
    expect([assists.additive, 'total' in assists]).toEqual([false, false])
  })

  test('sourced is the report under first touch; what was paid back or lost again comes off both', async () => {
    const records: AnyRecord[] = [...SET_F, payment('p', 'd0', '2026-02-10', -5000)]
    const { database, workspace } = await storeWith(engine, records)
    const { sourced, influenced } = await influence(database, workspace, ask({ by: 'channel' }))
    const query = { workspace: 'w1', by: 'channel', model: 'first', date_basis: 'close', from: null, to: null } as const
    const { rows, total, unattributed } = await report(database, workspace, query, 'en')
    const figures = ({ leads, opportunities, won, revenue }: (typeof sourced)['total']) => [
      leads,
      opportunities,
      won,
      revenue,
    ]
    for (const line of sourced.rows)
      expect(figures(line)).toEqual(figures(rows.find(({ key }) => key === line.key) as never))
    expect(figures(sourced.total)).toEqual(figures(total as never))
    expect(figures(sourced.unattributed)).toEqual(figures(unattributed as never))
    expect(influenced.rows[0]).toMatchObject({ key: 'events', won: 6, revenue: '265000.00' })
  })

  test('revenue follows the basis, and periods cut by days', async () => {
    const records: AnyRecord[] = [...SET_F, payment('p', 'd5', '2026-02-10', 7000)]
    const { influenced, sourced } = await of(records, ask({ revenueBasis: 'cash' }))
    expect([sourced.total.revenue, influenced.rows.map(({ revenue }) => revenue)]).toEqual([
      '7000.00',
      ['7000.00', '7000.00'],
    ])
    const january = await of(records, ask({ from: '2026-01-01', to: '2026-02-01' }))
    expect(january.sourced.total).toMatchObject({ leads: 6, opportunities: 0, won: 0, revenue: '0.00' })
  })
})

describe.each(ENGINES)('delivery on %s', (engine) => {
  const query: DeliveryQuery = { from: null, to: null, by: 'channel', model: 'linear', locale: 'en' }

  test('CTR, CPC, CPM, exposure and new users per cost, totals by sums', async () => {
    const { database, workspace } = await storeWith(engine, [
      cost('x1', '2026-01-01', 100, { channel: 'google', impressions: 40_000, clicks: 800 }),
      cost('x2', '2026-01-02', 50, { channel: 'google', impressions: 10_000 }),
      cost('x3', '2026-01-02', 250, { channel: 'expo' }),
      cost('x4', '2026-01-02', 9, { channel: 'google', impressions: 1, clicks: 1, state: 'planned' }),
      contact('c1', '2026-01-10'),
      touch('t1', 'c1', '2026-01-01', 'google'),
      contact('c2', '2026-01-10'),
      touch('t2', 'c2', '2026-01-01', 'expo'),
    ])
    const { rows, total } = Delivery.parse(await delivery(database, workspace, query))
    expect(rows.map(({ label: _, ...row }) => row)).toEqual([
      {
        key: 'google',
        cost: '150.00',
        leads: 1,
        impressions: 50_000,
        clicks: 800,
        ctr: 1.6,
        // Only the spend of rows that tell clicks.
        cpc: '0.13',
        cpm: '3.00',
        exposure_per_cost: expect.closeTo(50_000 / 150, 9),
        new_users_per_cost: expect.closeTo(1 / 150, 12),
        reasons: {},
      },
      {
        key: 'expo',
        cost: '250.00',
        leads: 1,
        impressions: 0,
        clicks: 0,
        ctr: null,
        cpc: null,
        cpm: null,
        exposure_per_cost: 0,
        new_users_per_cost: 0.004,
        reasons: { ctr: 'no_impressions', cpc: 'no_clicks', cpm: 'no_impressions' },
      },
    ])
    expect(total).toMatchObject({ cost: '400.00', impressions: 50_000, ctr: 1.6, exposure_per_cost: 125, leads: 2 })
  })

  test('a cost without a rate takes its impressions with it and is counted', async () => {
    const { database, workspace } = await storeWith(engine, [
      cost('x1', '2026-01-01', 10, { channel: 'google', impressions: 1000, clicks: 10 }),
      cost('x2', '2026-01-01', 10, {
        channel: 'google',
        impressions: 9000,
        clicks: 90,
        amount: { amount: '10', currency: 'USD' },
      }),
    ])
    const { total, fx_missing } = await delivery(database, workspace, query)
    expect([total.impressions, total.clicks, total.cpc, fx_missing]).toEqual([1000, 10, '1.00', 1])
  })

  test('a shared cost carries what it showed to where it was shared out', async () => {
    const { database, workspace } = await storeWith(
      engine,
      [
        cost('x1', '2026-01-01', 75, { channel: 'google' }),
        cost('x2', '2026-01-01', 25, { channel: 'email' }),
        cost('x3', '2026-01-01', 40, { impressions: 1000, clicks: 10 }),
      ],
      {
        shared_cost_rules: [
          { id: 'all', categories: [], from: null, to: null, by: 'spend', over: 'channel', targets: [], weights: {} },
        ],
      },
    )
    const { rows, total } = await delivery(database, workspace, query)
    expect(rows.map(({ key, cost, impressions, clicks }) => [key, cost, impressions, clicks])).toEqual([
      ['google', '105.00', 750, 7.5],
      ['email', '35.00', 250, 2.5],
    ])
    expect(total).toMatchObject({ cost: '140.00', impressions: 1000, clicks: 10, cpc: '4.00' })
  })
})
