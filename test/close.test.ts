import { describe, expect, test } from 'vitest'
import type { Report } from '../src/api.ts'
import { report } from '../src/metrics/report.ts'
import type { AnyRecord } from '../src/model/records.ts'
import { RULE_MODELS } from '../src/model/rule-models.ts'
import { DIMENSIONS, REVENUE_BASES } from '../src/model/rules.ts'
import type { Workspace } from '../src/model/settings.ts'
import { changesOf } from '../src/reports/close-changes.ts'
import { monthAfter, monthsOf } from '../src/reports/close-period.ts'
import type { LockedRecord } from '../src/state/close-parts.ts'
import { applyCloses } from '../src/sync/closed.ts'
import { commandsOf, type Desk, openDesk, refusal } from './costs-kit.ts'
import { ENGINES, type Engine } from './support/databases.ts'
import { load } from './support/store.ts'

const day = (month: number, date: number) => new Date(Date.UTC(2026, month - 1, date))
const cny = (amount: string) => ({ amount, currency: 'CNY' })
const JANUARY = { from: '2026-01-01', to: '2026-02-01' }
const FEBRUARY = { from: '2026-02-01', to: '2026-03-01' }

const contact = (id: string): AnyRecord => ({ type: 'contact', id, createdAt: day(1, 2), email: `${id}@example.com` })
const touch = (id: string, person: string, more: object): AnyRecord =>
  ({ type: 'touch', id, person: { contactId: person }, occurredAt: day(1, 3), ...more }) as AnyRecord
const deal = (id: string, person: string, amount: string, closed: Date, more: object = {}): AnyRecord =>
  ({
    type: 'deal',
    id,
    name: `Deal ${id}`,
    contactIds: [person],
    amount: cny(amount),
    createdAt: day(1, 5),
    closedAt: closed,
    won: true,
    ...more,
  }) as AnyRecord
const cost = (id: string, amount: string, date: string, more: object): AnyRecord =>
  ({ type: 'cost', id, date, amount: cny(amount), category: 'ads', state: 'actual', ...more }) as AnyRecord

/** January: two deals by expo and wechat. February: one. */
const WORLD: readonly AnyRecord[] = [
  { type: 'campaign', id: 'K1', name: 'Spring', channel: 'expo', region: 'East', kind: 'event' },
  contact('c1'),
  contact('c2'),
  touch('t1', 'c1', { campaignId: 'K1' }),
  touch('t2', 'c2', { channel: 'wechat' }),
  deal('d1', 'c1', '100', day(1, 20)),
  deal('d2', 'c2', '60', day(1, 25)),
  deal('d3', 'c1', '40', day(2, 10)),
  cost('f1', '30', '2026-01-10', { campaignId: 'K1' }),
  cost('f2', '10', '2026-01-11', { channel: 'wechat' }),
  cost('f3', '5', '2026-02-11', { channel: 'wechat' }),
  { type: 'payment', id: 'p1', dealId: 'd1', amount: cny('100'), paidAt: day(1, 28) },
]

async function open(engine: Engine, records: readonly AnyRecord[] = WORLD): Promise<Desk & { workspace: Workspace }> {
  const desk = await openDesk(engine, { convention: 'ratio' })
  await load(desk.env.database, desk.workspace.tenant, records)
  return { ...desk, workspace: (await desk.env.state.findWorkspace('main'))! }
}

const ask = async ({ env, workspace }: Desk, question: object): Promise<Report> => {
  const now = (await env.state.findWorkspace(workspace.key))!
  const query = { workspace: now.key, by: 'channel', model: 'linear', from: null, to: null, ...question } as never
  return report(env.database, now, query, 'en')
}

/** Reports of a period: by every dimension and revenue basis, under several models, in whole and in part. */
async function everything(desk: Desk, period: object): Promise<string> {
  const answers: Report[] = []
  for (const by of DIMENSIONS) answers.push(await ask(desk, { ...period, by }))
  for (const model of RULE_MODELS.filter((_, i) => i % 3 === 0))
    answers.push(await ask(desk, { ...period, model, by: 'campaign' }))
  for (const revenue_basis of REVENUE_BASES) answers.push(await ask(desk, { ...period, revenue_basis, by2: 'region' }))
  answers.push(await ask(desk, { ...period, where: [{ dimension: 'region', is: ['East'] }] }))
  // When a month counts as young depends on all deals there are.
  return JSON.stringify(
    answers.map(({ maturity: _, ...rest }) => rest),
    null,
    1,
  )
}

describe.each(ENGINES)('period close on %s', (engine) => {
  test('a closed month stays as it was whatever is written later; an open one does not', async () => {
    const desk = await open(engine)
    const { env, workspace, run } = desk
    const january = await everything(desk, JANUARY)
    const february = await everything(desk, FEBRUARY)
    const done = await run('close_period', { period: '2026-01' })
    expect(done.months).toMatchObject([
      {
        month: '2026-01',
        close: { state: 'closed', author: 'user:li' },
        figures: { cost: '40.00', revenue: '160.00' },
      },
    ])
    const locked = await everything(desk, JANUARY)
    // Nothing but the mark tells that the numbers are locked now.
    expect(JSON.parse(locked).map(({ closed: _, ...rest }: Report) => rest)).toEqual(JSON.parse(january))
    expect((await ask(desk, JANUARY)).closed).toEqual(['2026-01'])

    await load(env.database, workspace.tenant, [
      { type: 'campaign', id: 'K1', name: 'Renamed', channel: 'expo', region: 'West', kind: 'fair', brand: true },
      deal('d1', 'c1', '999', day(1, 20)),
      deal('d2', 'c2', '60', day(2, 25)),
      deal('d4', 'c1', '7', day(1, 30)),
      touch('t3', 'c2', { channel: 'google' }),
      cost('f1', '31', '2026-01-10', { campaignId: 'K1' }),
      cost('f9', '400', '2026-01-12', { channel: 'google' }),
      cost('f3', '6', '2026-02-11', { channel: 'wechat' }),
    ])
    await run('set', { key: 'lookback_days', value: 1 })
    await run('set', { key: 'offline_channels', value: 'wechat' })
    expect(await everything(desk, JANUARY)).toBe(locked)
    expect(await everything(desk, FEBRUARY)).not.toBe(february)
    for (const period of [JANUARY, FEBRUARY, {}, { from: '2026-01-15', to: '2026-02-15' }]) {
      for (const revenue_basis of REVENUE_BASES) {
        const { reconciliation } = await ask(desk, { ...period, revenue_basis })
        expect(reconciliation.ok, JSON.stringify([period, revenue_basis, reconciliation])).toBe(true)
      }
    }
    // A longer period is the locked month and the open ones beside it; part of a closed month is read live.
    const all = await ask(desk, {})
    const sum = async (...periods: object[]) => {
      const parts = await Promise.all(periods.map((period) => ask(desk, period)))
      return parts.reduce((total, part) => total + Number(part.total.revenue) + Number(part.unattributed.revenue), 0)
    }
    expect(Number(all.total.revenue) + Number(all.unattributed.revenue)).toBe(
      await sum(JANUARY, { from: '2026-02-01' }),
    )
    const part = await ask(desk, { from: '2026-01-01', to: '2026-01-31' })
    expect(part.closed).toBeUndefined()
    expect(Number(part.total.revenue) + Number(part.unattributed.revenue)).toBe(1006)
    // Other dates than the close are open by nature.
    for (const date_basis of ['created', 'touch', 'cohort']) {
      const other = await ask(desk, { ...JANUARY, date_basis })
      expect([other.closed, other.reconciliation.ok]).toEqual([undefined, true])
    }
  })

  test('the restatement lists what changed, why, and how much per channel, to the cent', async () => {
    const desk = await open(engine)
    const { env, workspace, run } = desk
    await run('close_period', { period: '2026-01' })
    const same = await run('closed', { month: '2026-01' })
    expect([same.changed, same.count, same.records]).toEqual([false, 0, []])
    await load(env.database, workspace.tenant, [
      deal('d1', 'c1', '110', day(1, 20)),
      deal('d2', 'c2', '60', day(2, 25)),
      deal('d4', 'c1', '7', day(1, 30)),
      cost('f2', '10', '2026-01-11', { channel: 'google' }),
      cost('f9', '4', '2026-01-12', { channel: 'wechat' }),
    ])
    const { records, channels, total, changed, close } = await run('closed', { month: '2026-01' })
    expect([changed, close.month]).toEqual([true, '2026-01'])
    const lines = records.map(({ what, change, id, before, after, channels: parts }) => [
      `${what} ${change} ${id}`,
      before,
      after,
      parts.map(({ channel, difference }) => `${channel} ${difference}`).sort(),
    ])
    expect(lines).toEqual([
      ['won date d2', '60.00', null, ['wechat -60.00']],
      ['cost place f2', '10.00', '10.00', ['google 10.00', 'wechat -10.00']],
      ['won amount d1', '100.00', '110.00', ['expo 10.00']],
      ['won added d4', null, '7.00', ['expo 7.00']],
      ['cost added f9', null, '4.00', ['wechat 4.00']],
    ])
    expect(records[0]).toMatchObject({ day_before: '2026-01-25', day_after: '2026-02-25', name: 'Deal d2' })
    const by = Object.fromEntries(channels.map((one) => [one.channel, [one.cost.difference, one.revenue.difference]]))
    expect(by).toEqual({
      expo: ['0.00', '17.00'],
      google: ['10.00', '0.00'],
      wechat: ['-6.00', '-60.00'],
      null: ['0.00', '0.00'],
    })
    expect([total.cost.difference, total.revenue.difference, total.won]).toEqual([
      '4.00',
      '-43.00',
      { before: 2, after: 2 },
    ])
    const page = await run('closed', { month: '2026-01', limit: 2, offset: 4 })
    expect([page.records.length, page.count, page.next]).toEqual([1, 5, null])
  })

  test('why credit moved: the configuration since, an exchange rate, or other touches', async () => {
    const dollars = { amount: { amount: '10', currency: 'USD' } }
    const rate = (factor: string): AnyRecord =>
      ({ type: 'rate', id: 'r', from: 'USD', to: 'CNY', date: '2026-01-01', factor }) as never
    const desk = await open(engine, [...WORLD, rate('7'), deal('d5', 'c1', '0', day(1, 21), dollars)])
    const { env, workspace, run } = desk
    await run('close_period', { period: '2026-01' })
    await load(env.database, workspace.tenant, [rate('8'), touch('t9', 'c2', { channel: 'google' })])
    await run('recompute', { all: true })
    await run('set', { key: 'half_life_days', value: 3, reason: 'tried' })
    const { records, configuration } = await run('closed', { month: '2026-01' })
    expect(records.map(({ change, id }) => [change, id])).toEqual([
      ['attribution', 'd2'],
      ['rate', 'd5'],
    ])
    expect(records[0]!.channels.map(({ channel, difference }) => [channel, difference]).sort()).toEqual([
      ['google', '30.00'],
      ['wechat', '-30.00'],
    ])
    expect(configuration.changes.map(({ path }) => path)).toEqual(['settings.half_life_days'])
  })

  test('it can be opened again with a reason, and closed anew; all of it is kept and audited', async () => {
    const desk = await open(engine)
    const { env, workspace, run } = desk
    await run('close_period', { period: '2026-01' })
    await load(env.database, workspace.tenant, [deal('d1', 'c1', '500', day(1, 20))])
    expect(await refusal(run('reopen_period', { month: '2026-02', reason: 'x' }))).toBe('not_closed')
    const opened = await run('reopen_period', { month: '2026-01', reason: 'late invoice' })
    expect(opened).toMatchObject({ state: 'reopened', reopened: { reason: 'late invoice', author: 'user:li' } })
    expect((await ask(desk, JANUARY)).total.revenue).toBe('560.00')
    expect(await refusal(run('closed', { month: '2026-01' }))).toBe('not_closed')
    await run('close_period', { period: '2026-01' })
    const { closes } = await run('closes')
    expect(closes.map(({ month, state }) => [month, state])).toEqual([
      ['2026-01', 'closed'],
      ['2026-01', 'reopened'],
    ])
    expect((await ask(desk, JANUARY)).total.revenue).toBe('560.00')
    const audit = (await env.state.audit(workspace.tenant)).map(({ action }) => action)
    expect(audit.filter((action) => ['close', 'reopen'].includes(action))).toEqual(['close', 'reopen', 'close'])
  })

  test('a rebuilt fact store gets the locked numbers back, and a damaged copy is put right', async () => {
    const desk = await open(engine)
    const { env, workspace, run } = desk
    await run('close_period', { period: '2026-Q1' })
    await load(env.database, workspace.tenant, [deal('d1', 'c1', '500', day(1, 20))])
    const locked = await everything(desk, JANUARY)
    await env.database.write(async (tx) => {
      for (const name of ['closed_month', 'closed_place', 'closed_cell', 'closed_spend', 'closed_total']) {
        await tx.run(`DELETE FROM ${name}`)
      }
    })
    expect(await everything(desk, JANUARY)).not.toBe(locked)
    await Promise.all([1, 2, 3].map(() => applyCloses(env.database, env.state, workspace.tenant)))
    expect(await everything(desk, JANUARY)).toBe(locked)
    const [row] = await env.database.query('SELECT count(*) AS n FROM closed_month')
    expect(row!.n).toBe(3n)
  })
})

test('a preview locks nothing and says what is unfinished', async () => {
  const desk = await open('duckdb', [
    ...WORLD,
    cost('f8', '25', '2026-01-20', { channel: 'expo', state: 'planned' }),
    deal('d8', 'c9', '5', day(1, 22)),
    deal('d9', 'c1', '5', day(1, 23), { amount: { amount: '1', currency: 'XXX' } }),
  ])
  const { run } = desk
  const { months, dry_run } = await run('close_period', { period: '2026-02', dry_run: true, locale: 'en' })
  expect([dry_run, months[0]!.close]).toEqual([true, null])
  expect(months[0]!.unfinished.map(({ code }) => code)).toContain('earlier_open')
  const january = (await run('close_period', { period: '2026-01', dry_run: true })).months[0]!
  const found = Object.fromEntries(january.unfinished.map(({ code, count, money }) => [code, [count, money]]))
  expect(found).toMatchObject({
    planned_costs: [1, '25.00'],
    fx_missing: [1, null],
    unattributed: [null, '5.00'],
    no_data_since: [null, null],
  })
  expect(found.earlier_open).toBeUndefined()
  expect((await run('closes')).closes).toEqual([])
})

test('only past months, once each, in one currency', async () => {
  const { run } = await open('duckdb')
  const next = new Date()
  const month = `${next.getUTCFullYear() + 1}-01`
  expect(await refusal(run('close_period', { period: month }))).toBe('not_over')
  expect(await refusal(run('close_period', { period: new Date().toISOString().slice(0, 7) }))).toBe('not_over')
  for (const period of ['2026', '2026-13', '2026-Q5', 'June']) {
    expect(await refusal(run('close_period', { period }))).toBe('bad_close_period')
  }
  await run('close_period', { period: '2026-02' })
  expect(await refusal(run('close_period', { period: '2026-02' }))).toBe('already_closed')
  expect(await refusal(run('close_period', { period: '2026-Q1' }))).toBe('already_closed')
  expect((await run('closes')).closes.map((close) => close.month)).toEqual(['2026-02'])
  expect(await refusal(run('set', { key: 'currency', value: 'USD' }))).toBe('currency_locked')
  await run('set', { key: 'currency', value: 'CNY' })
  await run('reopen_period', { month: '2026-02', reason: 'other currency' })
  await run('set', { key: 'currency', value: 'USD' })
})

test.each([
  ['2026-06', 1, ['2026-06-01']],
  ['2026-Q1', 1, ['2026-01-01', '2026-02-01', '2026-03-01']],
  ['2026-q4', 1, ['2026-10-01', '2026-11-01', '2026-12-01']],
  ['2026Q4', 4, ['2027-01-01', '2027-02-01', '2027-03-01']],
  ['2026-Q1', 12, ['2026-12-01', '2027-01-01', '2027-02-01']],
] as const)('%s with a fiscal year from month %d', (text, start, months) => {
  expect(monthsOf(text, start)).toEqual(months)
})

test('months follow each other', () => {
  expect(monthAfter('2026-12-01')).toBe('2027-01-01')
  expect(monthAfter('2026-01-01', -1)).toBe('2025-12-01')
  expect(monthAfter('0099-12-01')).toBe('0100-01-01')
})

test('changes are told by what they are, largest first, and none that makes no difference', () => {
  const record = (id: string, more: Partial<LockedRecord> = {}): LockedRecord => ({
    kind: 5,
    id,
    source: 's',
    source_id: id,
    name: null,
    day: '2026-01-05',
    minor: '100',
    amount: '100',
    currency: 'CNY',
    channels: [['a', '100']],
    ...more,
  })
  const before = [record('1'), record('2'), record('3'), record('4'), record('5'), record('6')]
  const after = [
    record('1'),
    record('2', { day: '2026-01-09' }),
    record('3', { day: '2026-02-01' }),
    record('4', { minor: '90', channels: [['a', '90']] }),
    record('5', {
      channels: [
        ['a', '50'],
        [null, '50'],
      ],
    }),
    record('7', { channels: [['b', '100']] }),
  ]
  const found = changesOf(before, after, (date) => date.startsWith('2026-01'))
  expect(found.map(({ change, before: then, after: now }) => [change, (then ?? now)!.id])).toEqual([
    ['date', '3'],
    ['attribution', '5'],
    ['removed', '6'],
    ['added', '7'],
    ['rate', '4'],
  ])
})

test('commands of a workspace see the closes of that workspace alone', async () => {
  const desk = await open('duckdb')
  await desk.env.state.openWorkspace('other')
  const { run } = commandsOf(desk)
  await run('close_period', { period: '2026-01' })
  expect((await run('closes', { workspace: 'other' })).closes).toEqual([])
  expect(await refusal(run('reopen_period', { workspace: 'other', month: '2026-01', reason: 'x' }))).toBe('not_closed')
})
