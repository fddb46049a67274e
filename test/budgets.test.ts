import { describe, expect, test } from 'vitest'
import type { Budgets } from '../src/api/budgets.ts'
import type { AnyRecord } from '../src/model/records.ts'
import { campaign, cny, cost, budgetDesk as desk } from './budgets-kit.ts'
import { ENGINES } from './support/databases.ts'

/** Budgets against spend (F26-F28, F31) over a store, at a fixed day. */

describe.each(ENGINES)('budgets on %s', (engine) => {
  test('use, pacing, forecast and the day it is used up, while only actual and paid are spent', async () => {
    const { budgets } = await desk(engine, [
      cost('A', '2026-03-02', '4000'),
      cost('B', '2026-03-09', '2000.50', { state: 'paid' }),
      cost('C', '2026-03-20', '700', { state: 'committed' }),
      cost('D', '2026-03-21', '900', { state: 'planned' }),
      cost('E', '2026-04-01', '9999'),
    ])
    const list = [{ id: 'bud_1', amount: '10000', period: '2026-03' }]
    const { rows, total } = await budgets(list, '2026-03-11')
    expect(rows).toMatchObject([
      {
        id: 'bud_1',
        label: 'All marketing · 2026-03',
        from: '2026-03-01',
        to: '2026-04-01',
        amount: '10000.00',
        planned: '900.00',
        committed: '700.00',
        actual: '6000.50',
        left: '3999.50',
        use: 60.005,
        elapsed: 10 / 31,
        forecast: '18601.55',
        over: '8601.55',
        plan: 'days',
        used_up: { day: '2026-03-17', past: false },
        reasons: {},
      },
    ])
    expect(rows[0]!.pacing).toBeCloseTo(0.60005 / (10 / 31), 12)
    expect(total).toMatchObject({ amount: '10000.00', actual: '6000.50', use: 60.005 })
    const past = await budgets(list, '2026-05-01')
    expect(past.rows[0]).toMatchObject({ elapsed: 1, forecast: '6000.50', over: null, used_up: null })
    const first = await budgets(list, '2026-03-01')
    expect(first.rows[0]).toMatchObject({
      pacing: null,
      forecast: null,
      reasons: { pacing: 'not_started', forecast: 'not_started' },
    })
    const small = await budgets([{ ...list[0]!, amount: '5000' }], '2026-03-11')
    expect(small.rows[0]).toMatchObject({ left: '-1000.50', used_up: { day: '2026-03-09', past: true } })
    expect((await budgets([{ ...list[0]!, amount: '0' }], '2026-03-11')).rows[0]).toMatchObject({
      use: null,
      reasons: { use: 'no_budget', pacing: 'no_budget' },
    })
  })

  test('a budget covers what is in all it names; a campaign with all below it', async () => {
    const { budgets } = await desk(engine, [
      campaign('TOP', { department: 'East', tier: 'growth', attributes: { project: 'Launch' } }),
      campaign('K1', { parentId: 'TOP', channel: 'expo', department: 'West' }),
      campaign('K2', { channel: 'expo', department: 'east', brand: true }),
      cost('A', '2026-03-01', '1', { campaignId: 'TOP' }),
      cost('B', '2026-03-01', '10', { campaignId: 'K1' }),
      cost('C', '2026-03-01', '100', { campaignId: 'K2' }),
      cost('D', '2026-03-01', '1000', { channel: 'wechat' }),
      cost('E', '2026-03-01', '10000'),
    ])
    const period = '2026-03'
    const names: [Record<string, unknown>, string][] = [
      [{}, '11111.00'],
      [{ department: 'East' }, '101.00'],
      [{ campaign: { source: 'test', id: 'TOP' } }, '11.00'],
      [{ campaign: { source: 'test', id: 'K1' } }, '10.00'],
      [{ project: 'launch' }, '11.00'],
      [{ project: 'K2' }, '100.00'],
      [{ channel: 'expo' }, '110.00'],
      // A cost whose campaign has no channel is of none, as in the report.
      [{ channel: '(shared)' }, '10001.00'],
      [{ channel: 'expo', department: 'West' }, '10.00'],
      // Only what is said to be of the tier, unless the budget also names where it is.
      [{ tier: 'growth' }, '1.00'],
      [{ tier: 'growth', channel: 'expo' }, '110.00'],
      [{ class: 'brand' }, '100.00'],
      [{ class: 'performance', channel: 'expo' }, '10.00'],
    ]
    const list = names.map(([name], i) => ({ id: `bud_${i}`, amount: '5', period, ...name }))
    const { rows } = await budgets(list, '2026-03-15')
    expect(rows.map(({ actual }) => actual)).toEqual(names.map(([, sum]) => sum))
    const { rows: lost } = await budgets(
      [{ id: 'bud_x', amount: '5', period, campaign: { source: 'test', id: 'GONE' } }],
      '2026-03-15',
    )
    expect(lost[0]).toMatchObject({ actual: '0.00', campaign: { id: 'GONE', name: null } })
  })

  test('campaign budgets count too, once: of a campaign alone, or inside an entered budget', async () => {
    const { budgets } = await desk(engine, [
      campaign('TOP', { budget: cny('1000'), startDate: '2026-03-01', endDate: '2026-03-31' }),
      campaign('K1', { parentId: 'TOP', budget: cny('300'), department: 'East', startDate: '2026-03-01' }),
      campaign('K2', { parentId: 'TOP' }),
      cost('A', '2026-03-05', '100', { campaignId: 'TOP' }),
      cost('B', '2026-03-05', '20', { campaignId: 'K1' }),
      // A campaign's budget pays what is spent before it begins, too.
      cost('C', '2026-02-05', '3', { campaignId: 'K2' }),
    ])
    const alone = await budgets([], '2026-03-16')
    expect(alone.rows.map(({ id, kind, actual, within }) => [id, kind, actual, within])).toEqual([
      ['campaign/test/K1', 'campaign', '20.00', null],
      ['campaign/test/TOP', 'campaign', '103.00', null],
    ])
    expect(alone.rows[0]).toMatchObject({ to: null, pacing: null, reasons: { elapsed: 'not_enough_data' } })
    expect(alone.rows[1]).toMatchObject({ from: '2026-03-01', to: '2026-04-01', elapsed: 15 / 31, use: 10.3 })
    expect(alone.total).toMatchObject({ amount: '1300.00', actual: '123.00' })
    const inside = await budgets([{ id: 'bud_1', amount: '2000', period: '2026-Q1', department: 'East' }], '2026-03-16')
    expect(inside.rows.map(({ id, within }) => [id, within])).toEqual([
      ['bud_1', null],
      ['campaign/test/K1', 'bud_1'],
      ['campaign/test/TOP', null],
    ])
    expect(inside.total).toMatchObject({ amount: '3000.00', actual: '123.00' })
  })

  test('budgets of parts of the days are the plan that the forecast goes by', async () => {
    const { budgets } = await desk(engine, [cost('A', '2026-01-10', '150')])
    const year = { id: 'bud_0', amount: '1200', period: '2026' }
    const months = ['01', '02', '03'].map((month, i) => ({
      id: `bud_${month}`,
      amount: ['100', '200', '300'][i]!,
      period: `2026-${month}`,
    }))
    const { rows, total } = await budgets([year, ...months], '2026-02-01')
    expect(rows[0]).toMatchObject({ plan: 'budgets', forecast: '1800.00', over: '600.00', within: null })
    expect(rows.slice(1).map(({ within, plan }) => [within, plan])).toEqual(months.map(() => ['bud_0', 'days']))
    // The months are the year's money, not more of it.
    expect(total.amount).toBe('1200.00')
    expect((await budgets([year], '2026-02-01')).rows[0]).toMatchObject({ plan: 'days', forecast: '1766.13' })
  })

  test('money of other currencies converts at its own day, and without a rate both sides say so', async () => {
    const rate = (date: string, factor: string): AnyRecord => ({
      type: 'rate',
      id: date,
      from: 'USD',
      to: 'CNY',
      date,
      factor,
    })
    const usd = (id: string, date: string, amount: string) =>
      cost(id, date, amount, { amount: { amount, currency: 'USD' } })
    const { budgets } = await desk(engine, [
      rate('2026-03-01', '7'),
      rate('2026-03-10', '8'),
      usd('A', '2026-03-05', '100'),
      usd('B', '2026-03-15', '100'),
      usd('C', '2026-02-01', '100'),
      campaign('EUR', { budget: { amount: '5', currency: 'EUR' } }),
    ])
    const list = [
      { id: 'bud_1', amount: '1000', currency: 'USD', period: '2026-03' },
      { id: 'bud_2', amount: '1000', currency: 'USD', period: '2026-02' },
    ]
    const { rows, fx_missing } = await budgets(list, '2026-03-16')
    expect(rows[0]).toMatchObject({
      own: { amount: '1000.00', currency: 'USD' },
      amount: '7000.00',
      actual: '1500.00',
      fx_missing: 0,
    })
    expect(rows[1]).toMatchObject({
      amount: null,
      left: null,
      use: null,
      pacing: null,
      fx_missing: 1,
      reasons: { amount: 'fx_missing', left: 'fx_missing', use: 'fx_missing', pacing: 'fx_missing' },
    })
    expect(rows[2]).toMatchObject({ amount: null, reasons: { use: 'fx_missing' } })
    expect(fx_missing).toEqual({ budgets: 2, costs: 1 })
  })

  test('the same in yuan and in dollars: use, pacing and forecast do not depend on the currency', async () => {
    const rate: AnyRecord = { type: 'rate', id: 'r', from: 'USD', to: 'CNY', date: '2020-01-01', factor: '8' }
    const spent = (currency: string, amount: string) =>
      cost('A', '2026-03-05', amount, { amount: { amount, currency } })
    const budget = (currency: string, amount: string) => [{ id: 'bud_1', currency, amount, period: '2026-03' }]
    const own = await desk(engine, [spent('CNY', '800')])
    const foreign = await desk(engine, [rate, spent('USD', '100')])
    const [a, b] = [
      await own.budgets(budget('CNY', '1600'), '2026-03-16'),
      await foreign.budgets(budget('USD', '200'), '2026-03-16'),
    ]
    const figures = ({ rows: [row] }: Budgets) => [row!.amount, row!.actual, row!.use, row!.pacing, row!.forecast]
    expect(figures(b)).toEqual(figures(a))
  })

  test('tiers and classes: planned and actual share, and a flag beyond the tolerance', async () => {
    const { shares } = await desk(engine, [
      campaign('S', { tier: 'strategic', brand: true }),
      campaign('G', { tier: 'growth', brand: false }),
      campaign('R', { tier: 'retention', brand: false }),
      cost('1', '2026-03-01', '24.9', { campaignId: 'S' }),
      cost('2', '2026-03-01', '50', { campaignId: 'G' }),
      cost('3', '2026-03-01', '25.1', { campaignId: 'R' }),
      cost('4', '2026-03-01', '7', { state: 'planned', campaignId: 'R' }),
      cost('5', '2026-03-01', '9'),
    ])
    const list = [
      { id: 'bud_1', amount: '200', period: '2026', tier: 'strategic' },
      { id: 'bud_2', amount: '440', period: '2026', tier: 'growth', class: 'performance' },
      { id: 'bud_3', amount: '360', period: '2026', tier: 'retention', class: 'brand' },
      { id: 'bud_4', amount: '5', period: '2026', channel: 'x' },
    ]
    const { tier, class: kind, tolerance } = await shares(list, '2026-01-01', '2027-01-01')
    expect(tolerance).toBe(5)
    expect(tier.parts.map((part) => [part.key, part.target, part.planned_share, part.planned_off])).toEqual([
      ['strategic', 20, 20, false],
      ['growth', 50, 44, true],
      ['retention', 30, 36, true],
    ])
    expect(tier.parts.map((part) => [part.actual, part.actual_off])).toEqual([
      ['24.90', false],
      ['50.00', false],
      ['25.10', false],
    ])
    expect(tier.without).toEqual({ planned: '5.00', actual: '9.00' })
    expect(kind.parts.map((part) => [part.key, part.target, part.planned, part.actual_share])).toEqual([
      ['performance', 70, '440.00', 75.1],
      ['brand', 30, '360.00', 24.9],
    ])
    expect(kind.parts.map((part) => [part.planned_off, part.actual_off])).toEqual([
      [true, true],
      [true, true],
    ])
    const none = await shares([], '2025-01-01', '2026-01-01')
    expect(none.tier.parts[0]).toMatchObject({
      planned_share: null,
      actual_share: null,
      reasons: { planned_share: 'no_budget', actual_share: 'no_cost' },
    })
    // A quarter of the year has a quarter of its plan, by its days.
    const quarter = await shares(list, '2026-01-01', '2026-04-01')
    expect(quarter.tier.parts[0]).toMatchObject({ planned: '49.31', planned_share: expect.closeTo(20, 2) })
  })

  test('slices by department, project and period add up to the ledger, with one for what names none', async () => {
    const { slices } = await desk(engine, [
      campaign('K1', { department: 'East' }),
      campaign('K2', { department: 'West', parentId: 'K1' }),
      cost('A', '2026-01-15', '10', { campaignId: 'K1' }),
      cost('B', '2026-02-15', '20', { campaignId: 'K2' }),
      cost('C', '2026-02-20', '5', { state: 'committed' }),
      cost('D', '2026-02-21', '4'),
    ])
    const list = [
      { id: 'bud_1', amount: '100', period: '2026-01', department: 'East' },
      { id: 'bud_2', amount: '40', period: '2026-01', department: 'East', campaign: { source: 'test', id: 'K1' } },
      { id: 'bud_3', amount: '60', period: '2026-02' },
    ]
    const all = await slices(list, '2026-01-01', '2026-03-01')
    const cells = all.rows.map(({ period, department, project, budget, actual, use }) => [
      period,
      department,
      project,
      budget,
      actual,
      use,
    ])
    expect(cells).toEqual([
      ['2026-01', 'East', '(none)', '60.00', '0.00', 0],
      ['2026-01', 'East', 'K1', '40.00', '10.00', 25],
      ['2026-02', '(none)', '(none)', '60.00', '4.00', expect.closeTo(20 / 3, 9)],
      ['2026-02', 'West', 'K1', null, '20.00', null],
    ])
    expect(all.total).toEqual({ budget: '160.00', planned: '0.00', committed: '5.00', actual: '34.00', fx_missing: 0 })
    expect([all.ledger.actual, all.ok]).toEqual(['34.00', true])
    const whole = await slices(list, '2026-01-01', '2026-03-01', { cut: 'quarter', by: ['period'] })
    expect(whole.rows).toMatchObject([
      { period: '2026-Q1', department: null, project: null, budget: '160.00', actual: '34.00' },
    ])
  })
})
