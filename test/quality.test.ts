import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recompute } from '../src/attribution/recompute.ts'
import { LOCALES } from '../src/errors.ts'
import { checkCode, failedRows, failures, quality } from '../src/metrics/quality.ts'
import { CHECK_CODES, CHECKS, type CheckCode } from '../src/metrics/quality-checks.ts'
import { checkQuality, type Freshness, scoreOf, toPoint, toScore } from '../src/metrics/quality-score.ts'
import type { AnyRecord } from '../src/model/records.ts'
import { createQualityChecks } from '../src/server/quality-worker.ts'
import { attributionSettings } from '../src/sync/workspace.ts'
import { importTexts, openPlace } from './import-kit.ts'
import { ENGINES, type Engine, openTestDatabase } from './support/databases.ts'
import { randomWorkspace, toRecords } from './support/random-workspace.ts'
import { load, testWorkspace } from './support/store.ts'

const day = (n: number) => new Date(Date.UTC(2026, 0, n))
const NOW = new Date(Date.UTC(2026, 5, 1))
const FRESH: Freshness = { scheduled: 0, late: [], stale: false, any: true }
const cny = (amount: string) => ({ amount, currency: 'CNY' })

const contact = (id: string, more: object = {}): AnyRecord =>
  ({ type: 'contact', id, createdAt: day(1), email: `${id}@example.com`, ...more }) as AnyRecord
const touch = (id: string, more: object = {}): AnyRecord =>
  ({ type: 'touch', id, person: { contactId: 'c1' }, occurredAt: day(2), channel: 'expo', ...more }) as AnyRecord
const deal = (id: string, more: object = {}): AnyRecord =>
  ({
    type: 'deal',
    id,
    contactIds: ['c1'],
    amount: cny('100'),
    createdAt: day(3),
    closedAt: day(20),
    won: true,
    ...more,
  }) as AnyRecord
const open = (id: string, more: object = {}): AnyRecord => {
  const { closedAt: _, won: __, ...rest } = deal(id) as unknown as Record<string, unknown>
  return { ...rest, createdAt: NOW, ...more } as unknown as AnyRecord
}
const cost = (id: string, more: object = {}): AnyRecord =>
  ({ type: 'cost', id, date: '2026-01-05', amount: cny('40'), category: 'ads', state: 'actual', ...more }) as AnyRecord
const campaign = (id: string, more: object = {}): AnyRecord =>
  ({ type: 'campaign', id, name: `Campaign ${id}`, channel: 'expo', ...more }) as AnyRecord

async function found(engine: Engine, records: readonly AnyRecord[], more: readonly (readonly AnyRecord[])[] = []) {
  const database = await openTestDatabase(engine)
  const workspace = testWorkspace(1)
  await load(database, 1, records)
  for (const [i, others] of more.entries()) await load(database, 1, others, `other-${i}`)
  const { outcomes } = await checkQuality(database, workspace, FRESH, NOW)
  const by = new Map(outcomes.map((one) => [one.code, one]))
  return {
    database,
    workspace,
    /** Failed, checked and money of a check. */
    of: (code: CheckCode) => {
      const { count, checked, money } = by.get(code)!
      return [count, checked, money]
    },
    rows: (code: CheckCode) =>
      failedRows(database, workspace, { code, limit: 10, offset: 0 }, NOW).then((rows) => rows.map(({ id }) => id)),
    failed: outcomes.filter(({ count }) => count > 0).map(({ code }) => code),
  }
}

/** A world in which nothing is wrong. */
const CLEAN = [
  campaign('k1'),
  contact('c1'),
  touch('t1', { campaignId: 'k1' }),
  deal('d1'),
  cost('f1', { campaignId: 'k1' }),
]

describe.each(ENGINES)('data quality on %s', (engine) => {
  test('a clean world scores 100 and finds nothing', async () => {
    const { failed, database, workspace } = await found(engine, CLEAN)
    expect(failed).toEqual([])
    const { score, dimensions } = scoreOf((await checkQuality(database, workspace, FRESH, NOW)).outcomes)
    expect(score).toBe(100)
    expect(dimensions).toEqual({ completeness: 100, validity: 100, uniqueness: 100, timeliness: 100, linkage: 100 })
    expect(await quality(database, workspace, 'en')).toEqual([])
  })

  test('each check counts what it looks at, what fails it and the money it touches', async () => {
    const { of, rows } = await found(engine, [
      ...CLEAN,
      open('o1', { amount: undefined }),
      open('o2'),
      open('o3', { createdAt: day(1) }),
      deal('d2', { createdAt: undefined }),
      deal('d3', { contactIds: [] }),
      deal('d4', { createdAt: day(25) }),
      deal('d5', { closedAt: new Date(Date.UTC(2026, 6, 1)) }),
      deal('d6', { amount: { amount: '7', currency: 'XXX' } }),
      deal('d7', { accountId: 'nobody' }),
      { type: 'account', id: 'a1', name: 'A' },
      contact('c2', { email: undefined, createdAt: day(60) }),
      deal('d8', { contactIds: ['c2'], amount: cny('30') }),
      touch('t2', { channel: undefined }),
      touch('t3', { person: { email: 'nobody@example.com' } }),
      touch('t4', { channel: 'direct' }),
      cost('f2', { campaignId: 'unknown', amount: cny('5') }),
      cost('f3', { amount: { amount: '9', currency: 'XXX' } }),
      campaign('k2'),
      cost('f4', { campaignId: 'k2', amount: cny('12') }),
      campaign('k3'),
      campaign('k4', { parentId: 'k3' }),
      cost('f5', { campaignId: 'k3' }),
      touch('t5', { campaignId: 'k4' }),
      { type: 'payment', id: 'p1', dealId: 'd1', amount: { amount: '3', currency: 'XXX' }, paidAt: day(30) },
    ])
    expect(of('open_deal_without_amount')).toEqual([1, 3, null])
    expect(of('stale_open_deal')).toEqual([0, 3, null])
    expect(of('deal_without_created_at')).toEqual([1, 11, 10_000n])
    expect(of('deal_without_account')).toEqual([1, 11, 10_000n])
    expect(of('closed_before_created')).toEqual([1, 7, 10_000n])
    expect(of('won_in_future')).toEqual([1, 8, 10_000n])
    expect(of('fx_missing_deals')).toEqual([1, 8, null])
    expect(of('fx_missing_payments')).toEqual([1, 1, null])
    expect(of('fx_missing_costs')).toEqual([1, 5, null])
    expect(of('deal_of_unknown_account')).toEqual([1, 1, 10_000n])
    expect(of('contact_without_address')).toEqual([1, 2, null])
    expect(of('won_before_lead')).toEqual([1, 7, 3000n])
    expect(of('touch_without_source')).toEqual([1, 5, null])
    expect(of('touch_of_unknown_person')).toEqual([1, 5, null])
    expect(of('cost_of_unknown_campaign')).toEqual([1, 4, 500n])
    expect(of('won_without_touch')).toEqual([2, 8, 13_000n])
    // Spend and no touch; a campaign whose part has touches is not among them.
    expect(of('campaign_without_touch')).toEqual([1, 3, 1200n])
    expect(await rows('campaign_without_touch')).toEqual(['k2'])
    const [without, checked] = of('touch_without_campaign')
    expect([without, checked]).toEqual([2, 4])
    expect((await rows('touch_without_campaign')).sort()).toEqual(['t2', 't3'])
  })

  test('an open deal is stale once its source did not touch it for a year', async () => {
    const long = new Date(Date.UTC(2025, 4, 1))
    const { of } = await found(engine, [
      contact('c1'),
      open('o1', { createdAt: long }),
      open('o2', { createdAt: long, updatedAt: day(100) }),
      open('o3'),
    ])
    expect(of('stale_open_deal')).toEqual([1, 3, null])
    // Data that ends earlier is judged by its own end, and not by today.
    const old = await found(engine, [contact('c1'), open('o1', { createdAt: long }), open('o2', { createdAt: day(1) })])
    expect(old.of('stale_open_deal')).toEqual([0, 2, null])
  })

  test('of records that two sources have under one id all but one are found, with their money', async () => {
    const { of } = await found(
      engine,
      [...CLEAN, deal('d2')],
      [
        [
          contact('c9'),
          deal('d1', { contactIds: ['c9'], amount: cny('55') }),
          cost('f1', { amount: cny('2') }),
          campaign('k1'),
        ],
      ],
    )
    const [failed, checked, money] = of('record_in_two_sources')
    expect([failed, checked]).toEqual([3, 7])
    // One deal and one cost of each pair: which of them is decided by their numbers, the same on every engine.
    expect([10_000n + 4000n, 10_000n + 200n, 5500n + 4000n, 5500n + 200n]).toContain(money)
  })

  test('a rate for the day ends the finding', async () => {
    const rate: AnyRecord = { type: 'rate', id: 'r', from: 'USD', to: 'CNY', date: '2026-01-01', factor: '7' } as never
    const dollars = { amount: { amount: '10', currency: 'USD' } }
    const records = [
      contact('c1'),
      touch('t1', { campaignId: 'k1' }),
      campaign('k1'),
      deal('d1', dollars),
      cost('f1', dollars),
    ]
    const without = await found(engine, records)
    expect([without.of('fx_missing_deals')[0], without.of('fx_missing_costs')[0]]).toEqual([1, 1])
    const rated = await found(engine, [...records, rate])
    expect([rated.of('fx_missing_deals')[0], rated.of('fx_missing_costs')[0]]).toEqual([0, 0])
  })

  test('findings come by money, and the records behind each are all that it counts, page by page', async () => {
    const database = await openTestDatabase(engine)
    let tenant = 0
    await fc.assert(
      fc.asyncProperty(randomWorkspace, async (world) => {
        tenant += 1
        const workspace = testWorkspace(tenant)
        await load(database, tenant, toRecords(world))
        await recompute(database, tenant, attributionSettings(workspace.settings))
        const all = await failures(database, workspace, NOW)
        const money = all.map((one) => one.money ?? 0n)
        expect(money).toEqual(money.toSorted((a, b) => (a > b ? -1 : a < b ? 1 : 0)))
        const { outcomes } = await checkQuality(database, workspace, FRESH, NOW)
        for (const { count, checked } of outcomes) expect(count).toBeLessThanOrEqual(checked)
        const { score, dimensions } = scoreOf(outcomes)
        for (const value of [score, ...Object.values(dimensions)]) {
          if (value !== null) expect(value >= 0 && value <= 100).toBe(true)
        }
        for (const { code, count } of all) {
          const pages = []
          for (let offset = 0; offset < count; offset += 3) {
            pages.push(...(await failedRows(database, workspace, { code, limit: 3, offset }, NOW)))
          }
          expect(new Set(pages.map(({ type, source, id }) => `${type} ${source} ${id}`)).size, code).toBe(count)
        }
      }),
      { numRuns: 5 },
    )
  }, 60_000)

  test('a check is kept as the last one of its day, and looked for daily and soon after a change', async () => {
    const place = await openPlace(engine)
    const { env } = place
    let now = new Date()
    let changedAt: Date | null = null
    const checks = createQualityChecks({
      ...env,
      feed: { changedAt: async () => changedAt },
      log: () => {},
      now: () => now,
    })
    const days = () => env.state.qualityDays(place.workspace.tenant, 10)
    // Nothing was brought in yet: there is nothing to check.
    expect(await checks.look()).toEqual([])
    await importTexts(place, {
      'deals.csv': 'deal_id,amount,created_at,closed_at,won\nD1,9,2026-01-01,2026-01-02,yes\n',
    })
    expect(await checks.look()).toEqual(['main'])
    expect(await checks.look()).toEqual([])
    changedAt = new Date(Date.now() + 1000)
    expect(await checks.look()).toEqual([])
    now = new Date(now.getTime() + 600_000)
    expect(await checks.look()).toEqual(['main'])
    const found = await days()
    expect(found.length).toBeLessThanOrEqual(2)
    expect(found.at(-1)!.body).toMatchObject({ failed: expect.any(Number), score: expect.any(Number) })
    now = new Date(now.getTime() + 86_400_000)
    expect(await checks.look()).toEqual(['main'])
    expect((await days()).length).toBe(found.length + 1)
    await checks.close()
  })
})

test('the score is the mean of the sides, each the mean of its checks that looked at anything', () => {
  const outcome = (code: CheckCode, count: number, checked: number) => ({ code, count, checked })
  const { score, dimensions } = scoreOf([
    outcome('deal_without_created_at', 1, 4),
    outcome('deal_without_account', 0, 10),
    outcome('fx_missing_costs', 0, 0),
    outcome('won_in_future', 1, 2),
  ])
  expect(dimensions).toEqual({ completeness: 87.5, validity: 50, uniqueness: null, timeliness: null, linkage: null })
  expect(score).toBe(68.75)
  expect(scoreOf([outcome('won_in_future', 0, 0)]).score).toBeNull()
})

test('late connections and old data are of timeliness', async () => {
  const database = await openTestDatabase('duckdb')
  const freshness = { scheduled: 4, late: ['Acme'], stale: true, any: true }
  const found = await checkQuality(database, testWorkspace(1), freshness, NOW)
  expect(scoreOf(found.outcomes).dimensions.timeliness).toBe((75 + 0) / 2)
  const answer = toScore(found, testWorkspace(1), [], 'en')
  expect(answer.findings.map(({ code, examples }) => [code, examples])).toEqual([
    ['stale_data', []],
    ['stale_source', ['Acme']],
  ])
  expect(toPoint(found)).toMatchObject({ day: '2026-06-01', score: 37.5, failed: 2 })
})

test('every check explains itself in both languages, and no other can be asked for', () => {
  for (const code of CHECK_CODES) for (const locale of LOCALES) expect(CHECKS[code].message[locale]).toMatch(/[.。]$/)
  expect(checkCode('won_in_future')).toBe('won_in_future')
  expect(() => checkCode('constructor')).toThrow('constructor')
})
