import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Attribution } from '../src/api/data-driven.ts'
import { DateBasis, Dimension, Drill, ModelView, Panel, Report } from '../src/api.ts'
import type { Database, Reader } from '../src/db/database.ts'
import type { RoiError } from '../src/errors.ts'
import { attribution } from '../src/metrics/data-driven/attribution.ts'
import { modelBasis } from '../src/metrics/data-driven/basis.ts'
import { dataLedger, ledgerOf } from '../src/metrics/data-driven/ledger.ts'
import type { ModelResult } from '../src/metrics/data-driven/model.ts'
import { drill } from '../src/metrics/drill.ts'
import { panel, panelModel } from '../src/metrics/panel.ts'
import { type ReportAsk, report } from '../src/metrics/report.ts'
import { readFigures } from '../src/metrics/snapshot.ts'
import { sumBy, total } from '../src/metrics/sums.ts'
import { DATA_FLOOR, DATA_MODELS, type DataModel } from '../src/model/data-models.ts'
import { WHOLE } from '../src/model/rule-models.ts'
import { REVENUE_BASES } from '../src/model/rules.ts'
import { openSite } from './sign-in-kit.ts'
import { ENGINES, type Engine, openTestDatabase } from './support/databases.ts'
import { dealRecord, END, journeyRecords, plenty, type TestJourney } from './support/journeys.ts'
import { randomWorkspace, toRecords } from './support/random-workspace.ts'
import { load, testWorkspace } from './support/store.ts'
import { times } from './support/thorough.ts'

/** Markov and Shapley in reports, panel, API (F51, F52; attribution.md §2, §3). */

const ALL = { from: null, to: null }
type Ask = Partial<Omit<ReportAsk, 'workspace'>>

async function shop(engine: Engine, journeys: readonly TestJourney[] = plenty()) {
  const database = await openTestDatabase(engine)
  await load(database, 1, journeyRecords(journeys))
  const workspace = testWorkspace(1)
  const ask = (query: Ask = {}) => ({
    workspace: 'w1',
    by: 'channel' as const,
    model: 'linear' as const,
    ...ALL,
    ...query,
  })
  const read = async (query: Ask = {}) => Report.parse(await report(database, workspace, ask(query), 'en'))
  return { database, workspace, ask, read }
}

/** An outcome's parts as engine.md §5 splits them: the weights of its touches, by cumulative rounding in their order. */
function parts(amount: number, weights: readonly number[]): bigint[] {
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  const [used, whole] = all === 0 ? [weights.map(() => 1), weights.length] : [weights, all]
  let up = 0
  const sign = amount < 0 ? -1 : 1
  return used.map((own) => {
    up += own
    const until = up === whole ? Math.abs(amount) : Math.floor((Math.abs(amount) * up) / whole)
    return BigInt(sign * (until - Math.floor((Math.abs(amount) * (up - own)) / whole)))
  })
}

interface CreditRow {
  readonly kind: number
  readonly outcome_id: bigint
  readonly channel_id: bigint | null
  readonly position: number
  readonly m_first: bigint
  readonly day: string
  readonly opened_day: string | null
  readonly cohort_day: string | null
  readonly touch_day: string | null
}

/** The local day a touch's credit counts at. */
function dayOf(row: CreditRow, basis: DateBasis): string {
  const own = { close: row.day, created: row.opened_day, cohort: row.cohort_day, touch: row.touch_day }[basis]
  return own ?? row.day
}

/** Weights and minor units of every channel and kind, split touch by touch. */
function splitByHand(
  rows: readonly CreditRow[],
  units: ReadonlyMap<bigint, number>,
  shared: boolean,
  counts: (row: CreditRow) => boolean,
) {
  const outcomes = new Map<string, CreditRow[]>()
  for (const row of rows) {
    const name = `${row.kind} ${row.outcome_id}`
    outcomes.set(name, [...(outcomes.get(name) ?? []), row])
  }
  const sums = new Map<string, [weight: bigint, minor: bigint]>()
  for (const journey of outcomes.values()) {
    journey.sort((a, b) => a.position - b.position)
    const amount = Number(journey.reduce((sum, { m_first }) => sum + m_first, 0n))
    const weights = journey.map(({ channel_id }) => {
      if (channel_id === null) return 1
      const same = shared ? journey.filter((other) => other.channel_id === channel_id).length : 1
      return Math.floor((units.get(channel_id) ?? 0) / same + 0.5)
    })
    const [credit, money] = [parts(Number(WHOLE), weights), parts(amount, weights)]
    expect(credit.reduce((sum, part) => sum + part, 0n)).toBe(WHOLE)
    expect(money.reduce((sum, part) => sum + part, 0n)).toBe(BigInt(amount))
    for (const [i, row] of journey.entries()) {
      if (!counts(row)) continue
      const { kind, channel_id } = row
      const [weight, minor] = sums.get(`${kind} ${channel_id}`) ?? [0n, 0n]
      sums.set(`${kind} ${channel_id}`, [weight + credit[i]!, minor + money[i]!])
    }
  }
  return sums
}

const resultOf = (model: DataModel, text: string) =>
  ({ model, weights: { text, shared: model === 'shapley_s1' } }) as unknown as ModelResult

describe('splitting every outcome by the weights of channels', () => {
  test('parts equal the outcome, sums equal the total, whatever the weights, the dimension and the dates', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomWorkspace,
        fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: Number(WHOLE) })), { minLength: 8, maxLength: 8 }),
        fc.constantFrom<DataModel>('markov_1', 'shapley_s1'),
        fc.constantFrom(...DateBasis.options),
        fc.constantFrom(...REVENUE_BASES),
        fc.constantFrom(...Dimension.options),
        fc.constantFrom(ALL, { from: '2026-01-08', to: '2026-01-18' }),
        async (random, numbers, model, dateBasis, revenueBasis, by, period) => {
          const answers: unknown[] = []
          for (const engine of ENGINES) {
            const database = await openTestDatabase(engine)
            await load(database, 1, toRecords(random))
            const workspace = testWorkspace(1)
            answers.push(
              await readFigures(database, workspace, async (reader) => {
                const units = await unitsOf(reader, numbers)
                const ledger = dataLedger(resultOf(model, [...units].map(([id, n]) => `${id}:${n}`).join(',')))
                const ask = { ...period, dateBasis, revenueBasis, filter: [] }
                const rows = await ledger.read(reader, 1, await everyPlace(reader), { ...ask, by: [] }, [])
                const byHand = splitByHand(await creditRows(reader), units, model === 'shapley_s1', (row) => {
                  const day = dayOf(row, dateBasis)
                  return period.from === null || (day >= period.from && day < period.to)
                })
                const channels = [...units.keys()]
                for (const kind of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
                  for (const [i, channel] of [...channels, null].entries()) {
                    const found = rows.filter(
                      (row) => row.kind === kind && row.group_no === (channel === null ? null : i),
                    )
                    const sum = (column: 'w' | 'm') =>
                      found.reduce((total, row) => total + (row[`${column}_${model}`] ?? 0n), 0n)
                    expect([sum('w'), sum('m')]).toEqual(byHand.get(`${kind} ${channel}`) ?? [0n, 0n])
                  }
                }
                const [cut, plain] = [
                  await sumBy(reader, workspace, { ...ask, by: [by] }, ledger),
                  await sumBy(reader, workspace, { ...ask, by: [by] }),
                ]
                // Rule models split the same outcomes: all sums but those of single groups, and of single touches, are the same.
                if (dateBasis === 'touch') return null
                expect(total(cut.groups).credit[model]).toEqual({
                  ...total(plain.groups).credit.linear,
                  uncosted: total(cut.groups).credit[model].uncosted,
                })
                expect(cut.unattributed.credit[model]).toEqual(plain.unattributed.credit.linear)
                return cut.groups
                  .map(({ key, credit }) => [key, credit[model]] as const)
                  .sort(([a], [b]) => (a < b ? -1 : 1))
              }),
            )
          }
          expect(answers[1]).toEqual(answers[0])
        },
      ),
      { numRuns: times(4, 60) },
    )
  })
})

test.each(ENGINES)('by touch date a deal is split before the period cuts it on %s', async (engine) => {
  const database = await openTestDatabase(engine)
  await load(database, 1, journeyRecords([{ path: ['ads', 'mail', 'ads'], amount: 1001 }], END, '', 24))
  const workspace = testWorkspace(1)
  await readFigures(database, workspace, async (reader) => {
    const [ads, mail] = await reader.query<{ id: bigint }>(
      "SELECT id FROM channel WHERE tenant_id = 1 AND key IN ('ads', 'mail') ORDER BY key",
    )
    const ledger = dataLedger(resultOf('markov_1', `${ads!.id}:100,${mail!.id}:300`))
    const revenue = async (from: string, to: string) => {
      const ask = { from, to, by: [], dateBasis: 'touch' as const, revenueBasis: 'booked' as const, filter: [] }
      return total((await sumBy(reader, workspace, ask, ledger)).groups).credit.markov_1.revenue
    }
    // Weights 1, 3, 1 of 5: 200, 600 and 201 of 1,001.
    expect(await revenue('2026-03-07', '2026-03-08')).toBe(200n)
    expect(await revenue('2026-03-08', '2026-03-09')).toBe(600n)
    expect(await revenue('2026-03-08', '2026-03-10')).toBe(801n)
  })
})

/** A weight for every channel, zero for what comes after the numbers. */
async function unitsOf(reader: Reader, numbers: readonly number[]): Promise<Map<bigint, number>> {
  const channels = await reader.query<{ id: bigint; key: string }>('SELECT id, key FROM channel WHERE tenant_id = 1')
  channels.sort((a, b) => (a.key < b.key ? -1 : 1))
  return new Map(channels.map(({ id }, i) => [id, numbers[i] ?? 0]))
}

/** Places numbered by channel, in the order of {@link unitsOf}. */
async function everyPlace(reader: Reader): Promise<string> {
  const channels = [...(await unitsOf(reader, [])).keys()]
  const pairs = await reader.query<{ campaign_id: bigint | null; channel_id: bigint }>(
    'SELECT DISTINCT campaign_id, channel_id FROM credit WHERE tenant_id = 1 AND channel_id IS NOT NULL',
  )
  return pairs
    .map((pair) => `${pair.campaign_id ?? 0}:${pair.channel_id}:${channels.indexOf(pair.channel_id)}`)
    .join(',')
}

function creditRows(reader: Reader): Promise<CreditRow[]> {
  return reader.query(
    `SELECT kind, outcome_id, channel_id, position, m_first, day, opened_day, cohort_day, touch_day
     FROM credit WHERE tenant_id = 1`,
  )
}

describe.each(ENGINES)('reports under data-driven models on %s', (engine) => {
  test('any dimension, date and revenue basis adds up to what the CRM says', async () => {
    const { database, workspace, read, ask } = await shop(engine)
    const plain = await read()
    for (const model of DATA_MODELS) {
      const { rows, total, unattributed, reconciliation, data_set } = await read({ model })
      expect(reconciliation).toMatchObject({ ok: true, crm: plain.reconciliation.crm })
      expect(total).toEqual(plain.total)
      expect(unattributed).toEqual(plain.unattributed)
      expect(data_set).toEqual({ journeys: 600, conversions: 330 })
      expect(rows.reduce((sum, { won }) => sum + won, 0)).toBeCloseTo(330, 9)
      for (const row of rows) {
        const lines = Drill.parse(
          await drill(database, workspace, { ...ask({ model }), key: row.key, offset: 0, limit: 1 }),
        )
        expect(lines.total.credited).toBe(row.revenue)
        expect(lines.total.weight).toBeCloseTo(row.won, 9)
      }
    }
    for (const query of [
      { by: 'month' },
      { by: 'campaign', by2: 'month' },
      { date_basis: 'touch' },
      { date_basis: 'created', revenue_basis: 'cash' },
      { date_basis: 'cohort', from: '2026-03-01' },
      { where: [{ dimension: 'channel', is: ['ads'] }] },
    ] as const satisfies readonly Ask[]) {
      const [split, linear] = [await read({ ...(query as Ask), model: 'markov_1' }), await read(query as Ask)]
      expect(split.reconciliation).toMatchObject({ ok: true })
      if (!('where' in query)) expect(split.total).toEqual(linear.total)
    }
  })

  test('Shapley s1 of the deals is that of the data set; Markov splits a deal by the weights of its channels', async () => {
    const { database, workspace, read } = await shop(engine)
    const { models } = Attribution.parse(await attribution(database, workspace, ALL, 'en'))
    const credit = (model: DataModel) => models.find(({ id }) => id === model)!.result!
    const s1 = await read({ model: 'shapley_s1' })
    for (const { channel, conversions, value } of credit('shapley_s1').channels) {
      const row = s1.rows.find(({ key }) => key === channel)!
      expect(row.won).toBeCloseTo(conversions, 6)
      // Each of its deals is rounded to whole cents.
      expect(Math.abs(Number(row.revenue) - Number(value))).toBeLessThan(0.01 * 330)
    }
    const markov = credit('markov_1')
    expect(markov.probability).toBeCloseTo(0.55, 12)
    expect(markov.split).toContain('normalized within the deal')
    const weight = (channel: string) => markov.channels.find((one) => one.channel === channel)!.weight
    const [ads, mail] = [weight('ads'), weight('mail')]
    const lines = await drill(database, workspace, {
      ...{ by: 'channel', model: 'markov_1', ...ALL, key: 'mail', offset: 0, limit: 500 },
    })
    const both = lines.rows.find(({ touches_total, touches }) => touches_total === 2 && touches === 1)!
    expect(both.weight).toBeCloseTo(mail / (ads + mail), 9)
    const names = await readFigures(database, workspace, async (reader, version) => {
      const ask = { ...ALL, dateBasis: 'close', model: 'markov_1' } as const
      const ledger = await ledgerOf({ database, reader, version }, workspace, ask)
      return modelBasis(ledger!.result, 'en')
    })
    expect(names.configuration).toMatchObject({ model: 'markov_1', seed: 1, journeys: 600, conversions: 330 })
    expect(names.weights.reduce((sum, one) => sum + one.weight, 0)).toBeCloseTo(1, 12)
    expect(names.weights[0]!.weight).toBe(Math.max(...names.weights.map((one) => one.weight)))
  })

  test('below the floor the reason is told, not a number', async () => {
    const enough = (won: number, rare: number) => [
      ...Array.from({ length: won }, () => ({ path: ['ads'], amount: 100 })),
      ...Array.from({ length: rare }, () => ({ path: ['ads', 'rare'] })),
    ]
    const refusal = async (journeys: readonly TestJourney[]) => {
      const { database, workspace, ask } = await shop(engine, journeys)
      const { models } = Panel.parse(
        await panel(database, workspace, { ...ALL, by: 'channel', locale: 'en', asOf: null }),
      )
      const offers = models.filter(({ id }) => DATA_MODELS.some((model) => model === id))
      const error = await report(database, workspace, ask({ model: 'markov_2' }), 'en').catch(
        (reason: RoiError) => reason,
      )
      const found = await attribution(database, workspace, ALL, 'en')
      expect(found.models.filter(({ kind, available }) => kind === 'data' && available).length).toBe(
        'code' in error ? 0 : 5,
      )
      expect(found.models.every(({ available, result }) => available || result === null)).toBe(true)
      return { error: error as RoiError, offers, floor: found.floor }
    }
    const few = await refusal(enough(299, 30))
    expect(few.error).toMatchObject({ code: 'not_enough_data', exitCode: 1, status: 409 })
    expect(few.error.text.en).toContain('299 of 300 won deals')
    expect(few.error.text['zh-CN']).toContain('有触点的成交 299 笔，需要 300 笔')
    expect(few.error.remedy!.en).toContain('longer period')
    expect(few.offers).toHaveLength(5)
    expect(few.offers[0]).toEqual({
      ...{ id: 'markov_1', available: false, reason: 'not_enough_data' },
      ...{ have: 299, need: DATA_FLOOR.conversions },
    })
    const thin = await refusal(enough(300, 29))
    expect(thin.error.text.en).toContain('rare 29')
    expect(thin.error.remedy!['zh-CN']).toContain('渠道规则')
    expect(thin.offers[4]).toEqual({
      ...{ id: 'shapley_s6', available: false, reason: 'not_enough_data' },
      thin: { need: 30, count: 1, channels: [{ key: 'rare', label: 'rare', have: 29 }] },
    })
    expect(thin.floor.paths.channels).toEqual([
      { key: 'rare', label: 'rare', have: 29 },
      { key: 'ads', label: 'ads', have: 329 },
    ])
    const both = await refusal(enough(299, 29))
    expect(both.error.text.en).toMatch(/299 of 300 .* rare 29/)
    const met = await refusal(enough(300, 30))
    expect(met.offers.every(({ available, reason }) => available && reason === undefined)).toBe(true)
    expect(met.floor).toMatchObject({ met: true, conversions: { have: 300, need: 300 } })
  })

  test('the panel gives a view under any model, equal to its report', async () => {
    const { database, workspace, read } = await shop(engine)
    const ask = { ...ALL, by: 'channel', locale: 'en' } as const
    for (const model of ['markov_1', 'shapley_s6', 'linear'] as const) {
      const view = ModelView.parse(await panelModel(database, workspace, { ...ask, model }))
      const { rows, total, unattributed } = await read({ model })
      expect(view).toMatchObject({ rows, total, unattributed })
      expect(view.kpis.revenue.value).toBe(total.revenue)
      expect(view.trend.revenue).toEqual([total.revenue])
    }
  })
})

test('both engines give the same answers to the last digit', async () => {
  const answers: unknown[] = []
  for (const engine of ENGINES) {
    const { database, workspace, read } = await shop(engine)
    answers.push([
      await attribution(database, workspace, { ...ALL, interval: 20, seed: 5 }, 'en'),
      await read({ model: 'markov_3' }),
      await read({ model: 'markov_1', interval: 20 }),
    ])
  }
  expect(answers[1]).toEqual(answers[0])
})

describe('intervals', () => {
  test('are seeded, hold the estimate, and are of the figures of the line', async () => {
    const { read } = await shop('duckdb')
    for (const model of ['markov_1', 'markov_2', 'shapley_s1', 'shapley_s6'] as const) {
      const answer = await read({ model, interval: 30, seed: 7 })
      expect(answer.query).toMatchObject({ interval: 30, seed: 7 })
      for (const { won, revenue, interval } of answer.rows) {
        const { conversions, revenue_share } = interval!
        expect(conversions.estimate).toBeCloseTo(won, 6)
        expect(revenue_share!.estimate).toBeCloseTo((Number(revenue) / Number(answer.total.revenue)) * 100, 3)
        for (const { low, estimate, high } of [conversions, revenue_share!]) {
          expect(low).toBeLessThan(high)
          expect(low).toBeLessThanOrEqual(estimate)
          expect(high).toBeGreaterThanOrEqual(estimate)
        }
        // The counts of so many deals are known to within some ten percent.
        expect(conversions.high - conversions.low).toBeLessThan(won)
      }
      const bounds = (report: Report) => report.rows.map(({ key, interval }) => [key, interval])
      expect(bounds(await read({ model, interval: 30, seed: 7 }))).toEqual(bounds(answer))
      expect(bounds(await read({ model, interval: 30, seed: 8 }))).not.toEqual(bounds(answer))
    }
    expect((await read({ model: 'markov_1' })).rows.every(({ interval }) => interval === undefined)).toBe(true)
  })

  test('of the data set hold its credit', async () => {
    const { database, workspace } = await shop('duckdb')
    const { models } = await attribution(database, workspace, { ...ALL, models: ['markov_1'], interval: 40 }, 'en')
    const [asked, ...others] = models.filter(({ kind }) => kind === 'data')
    for (const { conversions, interval } of asked!.result!.channels) {
      expect(interval).toMatchObject({ estimate: conversions })
      expect(interval!.low).toBeLessThan(conversions)
      expect(interval!.high).toBeGreaterThan(conversions)
    }
    expect(others.map(({ available, result }) => [available, result])).toEqual(others.map(() => [true, null]))
  })

  test.each<[string, Ask]>([
    ['a rule model', { model: 'linear' }],
    ['another dimension', { model: 'markov_1', by: 'campaign' }],
    ['two dimensions', { model: 'markov_1', by2: 'month' }],
    ['a part of the data', { model: 'markov_1', where: [{ dimension: 'channel', is: ['ads'] }] }],
    ['touches of a period', { model: 'markov_1', date_basis: 'touch' }],
  ])('are refused for %s, with the remedy', async (_, query) => {
    const { database, workspace, ask } = await shop('duckdb', [])
    const error = await report(database, workspace, ask({ ...query, interval: 20 }), 'en').catch((reason) => reason)
    expect(error).toMatchObject({ code: 'interval_not_possible', status: 400 })
    expect(error.remedy['zh-CN']).toMatch(/\p{Script=Han}/u)
  })

  test('end when nobody waits any more', async () => {
    const { database, workspace, ask } = await shop('duckdb')
    const gone = new AbortController()
    const running = report(database, workspace, ask({ model: 'markov_3', interval: 1000 }), 'en', {
      signal: gone.signal,
    })
    setTimeout(() => gone.abort(), 20)
    await expect(running).rejects.toThrow(/aborted/i)
  })
})

test('results are kept until something is written', async () => {
  const { database, workspace, read } = await shop('duckdb')
  const asked = counted(database)
  const ask = (store: Database) =>
    report(store, workspace, { workspace: 'w1', by: 'channel', model: 'markov_1', ...ALL }, 'en')
  const first = await ask(asked.database)
  const journeys = asked.journeys()
  expect(journeys).toBeGreaterThan(0)
  await ask(asked.database)
  expect(asked.journeys()).toBe(journeys)
  await load(database, 1, [dealRecord('more', 'c0', 5_000_000, END + 1000)])
  const second = await read({ model: 'markov_1' })
  expect(Number(second.total.revenue)).toBe(Number(first.total.revenue) + 50_000)
  await ask(asked.database)
  expect(asked.journeys()).toBeGreaterThan(journeys)
})

/** A store that counts how often its journeys are read. */
function counted(database: Database): { database: Database; journeys(): number } {
  let count = 0
  const watched = new Proxy(database, {
    get(target, name) {
      if (name !== 'snapshot') {
        const value = Reflect.get(target, name) as unknown
        return typeof value === 'function' ? value.bind(target) : value
      }
      return <T>(work: (reader: Reader) => Promise<T>) =>
        target.snapshot((reader) =>
          work({
            query(text, parameters) {
              if (text.startsWith('-- The journeys of a period')) count += 1
              return reader.query(text, parameters)
            },
          }),
        )
    },
  })
  return { database: watched, journeys: () => count }
}

test('over HTTP: views and credit under names people use, and what is missing as 409', async () => {
  const site = await openSite()
  await site.addUser('sales', 'sales')
  const client = site.client()
  await client.signIn('sales')
  const ask = async (path: string) => {
    const { status, body } = await client.ask(`/api/v1/${path}`)
    return { status, body }
  }
  const { tenant } = await site.state.openWorkspace('main')
  const refused = await ask('report?model=markov&locale=zh-CN')
  expect(refused.status).toBe(409)
  expect(refused.body.error).toMatchObject({ code: 'not_enough_data' })
  expect(refused.body.error.message).toContain('0 笔')
  await load(site.env.database, tenant, journeyRecords(plenty()))
  const found = await ask('report?model=markov&interval=10&seed=3&locale=en')
  expect(Report.parse(found.body)).toMatchObject({ query: { model: 'markov_1', interval: 10, seed: 3 } })
  expect((await ask('report?model=markov&interval=5000')).status).toBe(400)
  expect((await ask('report?model=markov&interval=10&manifest=true')).body.error.code).toBe('interval_not_possible')
  const view = ModelView.parse((await ask('panel/model?model=shapley&locale=en')).body)
  expect(view.rows).toEqual((await ask('report?model=shapley_s1&locale=en')).body.rows)
  const credit = Attribution.parse((await ask('attribution?model=markov,shapley_s6')).body)
  expect(credit.models.filter(({ result }) => result).map(({ id }) => id)).toEqual(['markov_1', 'shapley_s6'])
  expect(credit.query.models).toEqual(['markov_1', 'shapley_s6'])
  expect((await ask('attribution?model=linear')).body.error.message).toContain('markov_1')
  expect((await ask('panel/model')).status).toBe(400)
})
