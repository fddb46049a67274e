import { describe, expect, test } from 'vitest'
import { Funnel, LostLeads } from '../src/api/funnel.ts'
import { type FunnelQuery, funnel } from '../src/metrics/funnel/funnel.ts'
import { type LostQuery, lostLeads } from '../src/metrics/funnel/lost.ts'
import { report } from '../src/metrics/report.ts'
import type { AnyRecord } from '../src/model/records.ts'
import { at, contact, payment, storeWith, touch, won } from './customers-kit.ts'
import { ENGINES } from './support/databases.ts'

const NOW = new Date('2026-03-01T00:00:00Z')
const JANUARY = { from: '2026-01-01', to: '2026-02-01' }
const FEBRUARY = { from: '2026-02-01', to: '2026-03-01' }

/** Six leads of January and one of February, each with a fate of its own. */
const LEADS: readonly AnyRecord[] = [
  contact('c1', '2026-01-01', { mql: '2026-01-05', sql: '2026-01-10', name: 'Paid' }),
  contact('c2', '2026-01-02', { mql: '2026-01-04', sql: '2026-01-11', name: 'Lost deal' }),
  contact('c3', '2026-01-03', { mql: '2026-01-13', name: 'Waits' }),
  contact('c4', '2026-01-04', { name: 'Dropped' }),
  contact('c5', '2026-01-05', { name: 'Won without an MQL' }),
  contact('c6', '2026-02-20', { name: 'Young' }),
  contact('c7', '2026-01-06', { mql: '2026-01-02', name: 'MQL before it was a lead' }),
  touch('t1', 'c1', '2025-12-30', 'expo'),
  touch('t2', 'c2', '2026-01-01', 'google'),
  touch('t3', 'c3', '2026-01-02', 'google'),
  touch('t3b', 'c3', '2026-01-12', 'expo'),
  touch('t5', 'c5', '2026-01-04', 'expo'),
  touch('t5b', 'c5', '2026-01-04T12:00:00Z', 'google'),
  touch('t6', 'c6', '2026-02-25', 'expo'),
  touch('t7', 'c7', '2026-01-05', 'google'),
  won('d1', 'c1', '2026-02-19', 1000, { createdAt: at('2026-01-20') }),
  won('d2', 'c2', '2026-02-10', 800, { createdAt: at('2026-01-21'), won: false }),
  won('d5', 'c5', '2026-02-04', 500, { createdAt: at('2026-01-15') }),
  { type: 'deal', id: 'd7', contactIds: ['c7'], createdAt: at('2026-01-30') },
  payment('p1', 'd1', '2026-02-24', 400),
  payment('p1b', 'd1', '2026-02-26', 600),
  { type: 'lead', id: 'l1', contactId: 'c1', createdAt: at('2026-01-01'), accepted: true },
  { type: 'lead', id: 'l2', contactId: 'c2', accepted: true },
  { type: 'lead', id: 'l4', contactId: 'c4', createdAt: at('2026-01-04'), accepted: false },
  { type: 'lead', id: 'l6', contactId: 'c6', createdAt: at('2026-02-20') },
]

const ask = (more: Partial<FunnelQuery> = {}): FunnelQuery => ({
  ...JANUARY,
  reading: 'cohort',
  by: null,
  model: 'linear',
  locale: 'en',
  now: NOW,
  ...more,
})
const lost = (more: Partial<LostQuery> = {}): LostQuery => ({
  ...JANUARY,
  by: 'channel',
  key: null,
  model: 'linear',
  offset: 0,
  limit: 50,
  now: NOW,
  ...more,
})

describe.each(ENGINES)('the funnel on %s', (engine) => {
  const open = (records: readonly AnyRecord[] = LEADS) => storeWith(engine, records)
  type Store = Awaited<ReturnType<typeof open>>
  const of = async ({ database, workspace }: Store, query: FunnelQuery) =>
    Funnel.parse(await funnel(database, workspace, query))

  test('leads of a month are followed to the end: this step or a later one, rates, median days, the largest drop', async () => {
    const { whole, rows, unattributed } = await of(await open(), ask())
    expect(whole.steps.map(({ step, count, recorded }) => [step, count, recorded])).toEqual([
      ['lead', 6, 6],
      ['mql', 5, 4],
      ['sql', 4, 2],
      ['opportunity', 4, 4],
      ['won', 2, 2],
      ['receipt', 1, 1],
    ])
    expect(whole.steps.map(({ step_rate }) => step_rate)).toEqual([null, 250 / 3, 80, 100, 50, 50].map(close))
    expect(whole.steps.map(({ cumulative_rate }) => cumulative_rate)).toEqual(
      [null, 500 / 6, 400 / 6, 400 / 6, 200 / 6, 100 / 6].map(close),
    )
    // Of an even number of leads the mean of the two in the middle; one MQL came before its lead and is left out.
    expect(whole.steps.map(({ median_days }) => median_days)).toEqual([null, 4, 6, 10, 25, 5])
    expect(whole.steps.map(({ negative_spans }) => negative_spans)).toEqual([0, 1, 0, 0, 0, 0])
    expect(whole.largest_drop).toEqual({
      from: 'opportunity',
      to: 'won',
      lost: 2,
      rate: 50,
      text: 'Largest drop: of 4 opportunities 2 reached won deal (50.0%), 2 did not.',
    })
    expect([rows, unattributed]).toEqual([[], null])
  })

  test('M10 to M14, M26, M27 and M40 of those leads, with the thresholds they are held against', async () => {
    const { whole, thresholds, lead_loss_days } = await of(await open(), ask())
    expect(whole).toMatchObject({
      lead_to_opportunity: close(400 / 6),
      opportunity_to_won: 50,
      win_rate: close(200 / 3),
      mql_rate: close(400 / 6),
      mql_to_sql: 50,
      cycle: { mean_days: 39.5, median_days: 39.5, deals: 2, negative: 0 },
      lead_loss: { rate: close(200 / 6), lost: 2, dropped: 1 },
      acceptance: { rate: close(200 / 3), accepted: 2, rejected: 1 },
      // 4 opportunities x 2/3 x 750.00 / 39.5 days
      velocity: '50.63',
      through_account: 0,
      reasons: {},
    })
    expect(lead_loss_days).toBe(14)
    expect(thresholds).toEqual({
      mql_to_sql: { value: 30, convention: 'percent', met: true },
      lead_loss: { value: 40, convention: 'percent', met: true },
      sales_cycle: { value: 39.5, convention: 'days', met: false },
    })
  })

  test('by channel leads count with their weight; groups and what has no touch sum to the whole', async () => {
    const { rows, unattributed, whole } = await of(await open(), ask({ by: 'channel' }))
    const counts = Object.fromEntries(
      [...rows, unattributed!].map(({ key, steps }) => [key, steps.map(({ count }) => count)]),
    )
    expect(counts).toEqual({
      google: [3.5, 3.5, 2.5, 2.5, 0.5, 0],
      expo: [1.5, 1.5, 1.5, 1.5, 1.5, 1],
      '(unattributed)': [1, 0, 0, 0, 0, 0],
    })
    const [google, expo] = rows
    expect(google!.steps[1]).toMatchObject({ median_days: 6, spans: 2, negative_spans: 1 })
    expect(google).toMatchObject({
      lead_loss: { rate: close(100 / 3.5), lost: 1, dropped: 0 },
      acceptance: { rate: 100, accepted: 1, rejected: 0 },
      // d2 lost, d7 open, half of d5 won; d5's two touches precede it alike.
      opportunity_to_won: 20,
      win_rate: close(100 / 3),
    })
    expect(expo).toMatchObject({ opportunity_to_won: 100, cycle: { deals: 1.5, median_days: 39.5 } })
    expect(expo!.cycle.mean_days).toBeCloseTo((49 + 15) / 1.5, 9)
    expect(unattributed!.lead_loss).toEqual({ rate: 100, lost: 1, dropped: 1 })
    for (const step of [0, 1, 2, 3, 4, 5]) {
      const sum = [...rows, unattributed!].reduce((total, { steps }) => total + steps[step]!.count, 0)
      expect(sum).toBe(whole.steps[step]!.count)
    }
  })

  test('reading period: what happened in it, as the report counts it, and days since the step before whenever that was', async () => {
    const store = await open()
    const january = (await of(store, ask({ reading: 'period' }))).whole
    expect(january.steps.map(({ count, recorded }) => [count, recorded])).toEqual(
      [6, 4, 2, 4, 0, 0].map((n) => [n, null]),
    )
    const { whole, rows, unattributed } = await of(store, ask({ ...FEBRUARY, reading: 'period', by: 'channel' }))
    expect(whole.steps.map(({ count }) => count)).toEqual([1, 0, 0, 0, 2, 1])
    expect(whole.steps.map(({ step_rate }) => step_rate)).toEqual([null, 0, null, null, null, 50])
    expect(whole.steps[2]!.reasons).toEqual({ step_rate: 'no_mqls', median_days: 'not_enough_data' })
    expect(whole.steps.map(({ median_days }) => median_days)).toEqual([null, null, null, null, 25, 5])
    expect(whole).toMatchObject({
      opportunity_to_won: null,
      win_rate: close(200 / 3),
      cycle: { mean_days: 39.5, median_days: 39.5 },
      velocity: null,
      reasons: { opportunity_to_won: 'no_opportunities', velocity: 'no_opportunities' },
    })
    const query = { workspace: 'w1', by: 'channel', model: 'linear', date_basis: 'close', ...FEBRUARY } as const
    const reported = await report(store.database, store.workspace, query, 'en')
    for (const { key, steps } of rows) {
      const row = reported.rows.find((row) => row.key === key)!
      expect(steps.slice(0, 5).map(({ count }) => count)).toEqual([
        row.leads,
        row.mqls,
        row.sqls,
        row.opportunities,
        row.won,
      ])
    }
    // c6 has its only touch after it became a lead.
    expect(unattributed!.steps.map(({ count }) => count)).toEqual([1, 0, 0, 0, 0, 0])
    expect(rows.find(({ key }) => key === 'expo')!.steps.map(({ count }) => count)).toEqual([0, 0, 0, 0, 1.5, 1])
  })

  test('the list behind the lead loss: who, why, last touch, those that wait longest first, page by page', async () => {
    const { database, workspace } = await open()
    const list = async (query: LostQuery) => LostLeads.parse(await lostLeads(database, workspace, query))
    const all = await list(lost())
    expect(all).toMatchObject({ count: 2, total: { weight: 2 }, next: null, lead_loss_days: 14 })
    expect(all.rows).toEqual([
      {
        contact_id: 'c4',
        source: 'test',
        name: 'Dropped',
        lead_at: '2026-01-04T00:00:00.000Z',
        last_touch_at: null,
        why: 'dropped',
        days: 56,
        weight: 1,
      },
      {
        contact_id: 'c3',
        source: 'test',
        name: 'Waits',
        lead_at: '2026-01-03T00:00:00.000Z',
        last_touch_at: '2026-01-12T00:00:00.000Z',
        why: 'untouched',
        days: 48,
        weight: 1,
      },
    ])
    const first = await list(lost({ limit: 1 }))
    expect([first.rows.map(({ contact_id }) => contact_id), first.count, first.next]).toEqual([['c4'], 2, 1])
    expect((await list(lost({ limit: 1, offset: 1 }))).rows.map(({ contact_id }) => contact_id)).toEqual(['c3'])
    expect((await list(lost({ key: 'google' }))).rows.map(({ contact_id }) => contact_id)).toEqual(['c3'])
    expect((await list(lost({ key: '(unattributed)' }))).rows.map(({ contact_id }) => contact_id)).toEqual(['c4'])
    await expect(lostLeads(database, workspace, lost({ key: 'nowhere' }))).rejects.toMatchObject({
      code: 'unknown_group',
      kind: 'not_found',
    })
  })

  test('a lead is lost on the day its patience ends, and a touch corrected away is none', async () => {
    const { database, workspace } = await open()
    const lostAt = async (now: string) =>
      (await of({ database, workspace }, ask({ ...FEBRUARY, now: new Date(now) }))).whole.lead_loss.lost
    // Touched last on the 25th of February.
    expect([await lostAt('2026-03-10T23:00:00Z'), await lostAt('2026-03-11T00:00:00Z')]).toEqual([0, 1])
    const [found] = await database.query<{ id: bigint }>(
      "SELECT id FROM touch WHERE tenant_id = 1 AND source_id = 't6'",
    )
    await database.write((tx) =>
      tx.insert('touch_fix', [
        { tenant_id: 1, touch_id: found!.id, left_out: true, moved: false, channel_id: null, campaign_id: null },
      ]),
    )
    expect(await lostAt('2026-03-06T00:30:00Z')).toBe(1)
  })

  test('a deal that was lost again is no win; it counts as lost, and leaves the period it was lost in', async () => {
    const stages: AnyRecord[] = [
      { type: 'stage', id: 'won', pipeline: 'p', label: 'Won', position: 1, closed: true, won: true },
      { type: 'stage', id: 'lost', pipeline: 'p', label: 'Lost', position: 2, closed: true, won: false },
      { type: 'stage_change', id: 's1', dealId: 'd', stage: 'won', changedAt: at('2026-01-20') },
      { type: 'stage_change', id: 's2', dealId: 'd', stage: 'lost', changedAt: at('2026-02-05') },
    ]
    const store = await open([
      contact('c', '2026-01-01'),
      won('d', 'c', '2026-02-05', 100, { createdAt: at('2026-01-10'), won: false, stage: 'lost' }),
      ...stages,
    ])
    const cohort = (await of(store, ask())).whole
    expect(cohort.steps.map(({ count }) => count)).toEqual([1, 1, 1, 1, 0, 0])
    expect(cohort).toMatchObject({ opportunity_to_won: 0, win_rate: 0, cycle: { mean_days: null, deals: 0 } })
    const wonIn = async (period: object) =>
      (await of(store, ask({ ...period, reading: 'period' }))).whole.steps[4]!.count
    expect([await wonIn(JANUARY), await wonIn(FEBRUARY)]).toEqual([1, -1])
  })

  test('a deal that names nobody speaks for the contacts of its account, and says for how many', async () => {
    const account: AnyRecord = { type: 'account', id: 'a', name: 'A' }
    const store = await open([
      account,
      contact('c1', '2026-01-01', { accountId: 'a' }),
      contact('c2', '2026-01-02', { accountId: 'a' }),
      contact('c3', '2026-01-03'),
      won('d', null, '2026-01-20', 100, { accountId: 'a' }),
    ])
    const { steps, through_account } = (await of(store, ask())).whole
    expect([steps[3]!.count, through_account]).toEqual([2, 2])
  })

  test('a median cycle whose lead came after the win is left out and counted', async () => {
    const store = await open([
      contact('c1', '2026-01-10'),
      won('d1', 'c1', '2026-01-05', 1, { createdAt: at('2026-01-04') }),
      contact('c2', '2026-01-01'),
      won('d2', 'c2', '2026-01-09', 1, { createdAt: at('2026-01-04') }),
    ])
    expect((await of(store, ask())).whole.cycle).toEqual({ mean_days: 8, median_days: 8, deals: 1, negative: 1 })
  })

  test('an empty workspace has nothing and says why', async () => {
    const { whole, rows, thresholds } = await of(await open([]), ask({ by: 'campaign', from: null, to: null }))
    expect(whole.steps.map(({ count }) => count)).toEqual([0, 0, 0, 0, 0, 0])
    expect([rows, whole.largest_drop]).toEqual([[], null])
    expect(whole.reasons).toEqual({
      lead_to_opportunity: 'no_leads',
      opportunity_to_won: 'no_opportunities',
      win_rate: 'no_deals',
      mql_rate: 'no_leads',
      mql_to_sql: 'no_mqls',
      cycle: 'no_deals',
      lead_loss: 'no_leads',
      acceptance: 'no_feedback',
      velocity: 'no_opportunities',
    })
    expect(thresholds.sales_cycle).toEqual({ value: null, convention: 'days', met: null })
  })
})

test('the largest drop is told in Chinese, under both readings', async () => {
  const { database, workspace } = await storeWith('duckdb', LEADS)
  const text = async (more: Partial<FunnelQuery>) =>
    (await funnel(database, workspace, ask({ locale: 'zh-CN', ...more }))).whole.largest_drop?.text
  expect(await text({})).toBe('流失最大：4 个商机中有 2 个到达成交（50.0%），2 个没有。')
  expect(await text({ reading: 'period' })).toBe('落差最大：本期有 4 个商机，只有 0 个成交（0.0%）。')
})

/** A number as close as floats get; null stays null. */
function close(value: number | null) {
  return value === null ? null : expect.closeTo(value, 9)
}
