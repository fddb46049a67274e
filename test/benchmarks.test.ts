import { describe, expect, test } from 'vitest'
import { isRoiError, LOCALES } from '../src/errors.ts'
import { type BenchmarkContext, benchmarkFor, benchmarksFor, library, meets, SEEDS } from '../src/metrics/benchmarks.ts'
import { BENCHMARKED_METRICS, Benchmark } from '../src/model/benchmarks.ts'
import { Settings } from '../src/model/settings.ts'
import { definitionServices } from '../src/server/definitions-services.ts'
import { type AskOf, REQUESTS } from '../src/server/requests.ts'
import { QUIET } from '../src/server/services.ts'
import type { Definition } from '../src/state/definitions.ts'
import { openPlace } from './import-kit.ts'
import { ENGINES } from './support/databases.ts'
import { load } from './support/store.ts'

const entered = (name: string, body: object): Definition<'benchmark'> => ({
  kind: 'benchmark',
  name,
  body: 'removed' in body ? { removed: true } : Benchmark.parse({ source: 'somebody', ...body }),
  version: 1,
  at: new Date(0),
  actor: 'user:chen',
})

function context(
  settings: Partial<Settings> = {},
  definitions: Definition<'benchmark'>[] = [],
  ownCycle: number | null = null,
) {
  return { library: library(definitions), settings: Settings.parse(settings), ownCycle } satisfies BenchmarkContext
}

test('the library begins with the references of the product, each with convention and source', () => {
  expect(SEEDS.roi_b2c_ecommerce).toMatchObject({ low: 1.5, high: 3, convention: 'ratio', industry: 'b2c_ecommerce' })
  expect(SEEDS.roi_ads).toMatchObject({ low: 2, convention: 'ratio' })
  expect(SEEDS.roi_content).toMatchObject({ low: 3.5, convention: 'ratio' })
  expect(SEEDS.growth).toMatchObject({ low: 10, convention: 'percent' })
  for (const seed of Object.values(SEEDS)) expect(Benchmark.parse(seed)).toEqual(seed)
})

describe('which one applies', () => {
  const found = (metric: Parameters<typeof benchmarkFor>[0], ...[with_, scope]: [BenchmarkContext, object?]) => {
    const { name = null, low, high, convention, from } = benchmarkFor(metric, with_, scope) ?? {}
    return { name, low, high, convention, from }
  }

  test('the one for the channel or kind of campaign, in the convention of the workspace', () => {
    const ratio = context({ convention: 'ratio' })
    expect(found('roi', ratio, { channel: 'google_ads' })).toMatchObject({
      name: 'roi_ads',
      low: 2,
      convention: 'ratio',
    })
    expect(found('roi', ratio, { type: 'Content' })).toMatchObject({ name: 'roi_content', low: 3.5 })
    const net = context({ convention: 'net' })
    expect(found('roi', net, { channel: 'google_ads' })).toMatchObject({ name: 'roi_ads', low: 100, convention: 'net' })
    expect(benchmarkFor('roi', net, { channel: 'google_ads' })!.stated).toEqual({
      low: 2,
      high: null,
      convention: 'ratio',
    })
  })

  test('the industry’s before everybody’s, and none of another industry', () => {
    const shop = context({ convention: 'ratio', industry: 'B2C_ecommerce' })
    expect(found('roi', shop, { channel: 'google_ads' })).toMatchObject({
      name: 'roi_b2c_ecommerce',
      low: 1.5,
      high: 3,
    })
    expect(found('roi', context({ convention: 'ratio', industry: 'saas' }), {})).toMatchObject({
      from: 'threshold',
      low: 1,
    })
  })

  test('what a person entered before what the program comes with; what was taken away not at all', () => {
    const body = { metric: 'roi', on: { channels: ['google_ads'] }, low: 120, convention: 'net' }
    const with_ = context({ convention: 'ratio' }, [entered('ours', body)])
    expect(found('roi', with_, { channel: 'google_ads' })).toMatchObject({
      name: 'ours',
      low: 2.2,
      convention: 'ratio',
    })
    const without = context({ convention: 'ratio' }, [entered('roi_ads', { removed: true })])
    expect(found('roi', without, { channel: 'google_ads' })).toMatchObject({ name: null, from: 'threshold' })
  })

  test('without one the threshold; for the sales cycle the own median until a value is entered', () => {
    expect(found('mql_to_sql', context())).toMatchObject({ low: 30, convention: 'percent', from: 'threshold' })
    expect(found('ltv_to_cac', context())).toMatchObject({ low: 3, convention: 'ratio' })
    expect(benchmarkFor('sales_cycle', context())).toBeNull()
    expect(found('sales_cycle', context({}, [], 42.5))).toMatchObject({ low: 42.5, convention: 'days', from: 'own' })
    const thresholds = { ...Settings.parse({}).thresholds, sales_cycle: { value: 60, convention: 'days' as const } }
    expect(found('sales_cycle', context({ thresholds }, [], 42.5))).toMatchObject({ low: 60, from: 'threshold' })
    const body = { metric: 'sales_cycle', low: 30, convention: 'days' }
    expect(found('sales_cycle', context({ thresholds }, [entered('x', body)], 42.5))).toMatchObject({
      low: 30,
      name: 'x',
    })
  })

  test('money in the workspace’s currency only, and nothing where there is no reference', () => {
    const definitions = [entered('cac', { metric: 'cac', low: 3000, convention: 'money', currency: 'USD' })]
    expect(benchmarkFor('cac', context({ currency: 'CNY' }, definitions))).toBeNull()
    expect(found('cac', context({ currency: 'USD' }, definitions))).toMatchObject({ low: 3000, convention: 'money' })
    expect(benchmarkFor('ctr', context())).toBeNull()
    for (const { metric } of benchmarksFor(context())) expect(BENCHMARKED_METRICS).toContain(metric)
  })

  test('a value reaches it from the good side, at the end that is easier to reach', () => {
    const range = benchmarkFor('roi', context({ convention: 'ratio', industry: 'b2c_ecommerce' }))!
    expect([1.4, 1.5, 9].map((value) => meets(value, range))).toEqual([false, true, true])
    const days = benchmarkFor('sales_cycle', context({}, [], 30))!
    expect([29, 30, 31].map((value) => meets(value, days))).toEqual([true, true, false])
  })
})

describe.each(ENGINES)('the library on %s', (engine) => {
  const open = async () => {
    const { env } = await openPlace(engine, { convention: 'ratio' })
    const services = definitionServices(env)
    type Ask = AskOf<'set_benchmark'>
    const set = (ask: Ask) => services.set_benchmark(REQUESTS.set_benchmark.parse(ask), QUIET)
    return { env, services, set }
  }
  const failure = async (promise: Promise<unknown>) => {
    const error = await promise.catch((reason: unknown) => reason)
    if (!isRoiError(error)) return `no failure: ${String(error)}`
    for (const locale of LOCALES) expect(error.describe(locale).length).toBeGreaterThan(10)
    return error.code
  }
  const ROI = { name: 'ours', metric: 'roi', low: 1.8, source: 'survey' } as const

  test('one without a convention, or with a wrong one, is not saved', async () => {
    const { set, services } = await open()
    expect(await failure(set(ROI))).toBe('convention_missing')
    expect(await failure(set({ ...ROI, convention: 'percent' }))).toBe('convention_wrong')
    expect(await failure(set({ ...ROI, metric: 'ltv_to_cac', convention: 'net' }))).toBe('convention_wrong')
    expect(await failure(set({ ...ROI, metric: 'cac', convention: 'money' }))).toBe('bad_benchmark')
    expect(await failure(set({ ...ROI, convention: 'ratio', currency: 'CNY' }))).toBe('bad_benchmark')
    expect(await failure(set({ ...ROI, convention: 'ratio', high: 1 }))).toBe('bad_benchmark')
    const { benchmarks } = await services.benchmarks({}, QUIET)
    expect(benchmarks.map(({ name }) => name)).toEqual(Object.keys(SEEDS).sort())
  })

  test('an entry keeps industry, source, convention and who made it; it can be changed, taken away and brought back', async () => {
    const { set, services, env } = await open()
    await set({ ...ROI, convention: 'ratio', high: 2.5, industry: 'saas', channels: ['google_ads'] })
    const again = await set({ ...ROI, convention: 'net', low: 90, industry: 'saas' })
    expect(again.benchmarks.find(({ name }) => name === 'ours')).toMatchObject({
      industry: 'saas',
      source: 'survey',
      convention: 'net',
      low: 90,
      high: null,
      channels: [],
      origin: 'workspace',
      version: 2,
    })
    const names = (answer: { benchmarks: { name: string }[] }) => answer.benchmarks.map(({ name }) => name)
    const remove = (name: string, reset = false) => services.remove_benchmark({ name, reset }, QUIET)
    expect(names(await remove('ours'))).not.toContain('ours')
    expect(names(await remove('roi_ads'))).not.toContain('roi_ads')
    expect(await failure(remove('roi_ads'))).toBe('unknown_benchmark')
    expect(names(await remove('roi_ads', true))).toContain('roi_ads')
    expect(await failure(remove('ours', true))).toBe('unknown_benchmark')
    const { version } = await env.state.configuration(1)
    expect((await env.state.configVersion(1, version)).changes[0]!.path).toBe('benchmarks.roi_ads')
  })

  test('the own sales cycle is the median of the last twelve months, without wins before their lead', async () => {
    const { env, services } = await open()
    const today = Date.now()
    const ago = (days: number) => new Date(today - days * 86_400_000)
    const sale = (id: string, lead: number, won: number) => [
      { type: 'contact' as const, id: `c${id}`, createdAt: ago(lead) },
      {
        type: 'deal' as const,
        id: `d${id}`,
        contactIds: [`c${id}`],
        amount: { amount: '1', currency: 'CNY' },
        createdAt: ago(lead),
        closedAt: ago(won),
        won: true,
      },
    ]
    await load(env.database, 1, [
      ...sale('1', 50, 40),
      ...sale('2', 60, 40),
      ...sale('3', 70, 40),
      ...sale('old', 900, 500),
      ...sale('back', 10, 90),
    ])
    const { applied } = await services.benchmarks({}, QUIET)
    expect(applied.find(({ metric }) => metric === 'sales_cycle')).toMatchObject({ low: 20, from: 'own' })
  })
})
