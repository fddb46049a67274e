import type { BenchmarkInfo, Benchmarks, CustomMetricInfo } from '../api/governance.ts'
import type { Reader } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import { type Locale, RoiError } from '../errors.ts'
import { type BenchmarkScope, benchmarksFor, library, type NamedBenchmark, SEEDS } from '../metrics/benchmarks.ts'
import { checkCustom, checkRemoval, metricNames } from '../metrics/custom.ts'
import { readFigures } from '../metrics/snapshot.ts'
import { Benchmark, type BenchmarkedMetric, conventionsOf } from '../model/benchmarks.ts'
import { addDays, localDay } from '../model/period.ts'
import type { Workspace } from '../model/settings.ts'
import type { Definition } from '../state/definitions.ts'
import type { ImportEnv } from '../sync/import.ts'
import type { RequestOf } from './requests.ts'
import type { Services } from './services.ts'
import { findWorkspace } from './workspaces.ts'

type Commands = 'benchmarks' | 'set_benchmark' | 'remove_benchmark' | 'metrics' | 'set_metric' | 'remove_metric'

const CYCLE = sql('metrics/sql/benchmarks-cycle.sql')
const YEAR_DAYS = 365

/** What people define beside the settings: reference values (F76) and metrics of their own (F77). */
export function definitionServices({
  database,
  state,
}: Pick<ImportEnv, 'database' | 'state'>): Pick<Services, Commands> {
  const find = (request: { workspace?: string }) => findWorkspace(state, request.workspace)
  const show = async (workspace: Workspace, scope: BenchmarkScope = {}): Promise<Benchmarks> => {
    const { key, tenant, settings } = workspace
    const all = library(await state.definitions(tenant, 'benchmark'))
    const ownCycle = await readFigures(database, workspace, (reader) => cycleOfYear(reader, workspace))
    return {
      workspace: key,
      industry: settings.industry,
      convention: settings.convention,
      benchmarks: all.map(toBenchmark),
      applied: benchmarksFor({ library: all, settings, ownCycle }, scope),
    }
  }
  return {
    async benchmarks(request) {
      const { channel = null, type = null } = request
      return show(await find(request), { channel, type })
    },
    async set_benchmark(request) {
      const workspace = await find(request)
      await state.define(workspace.tenant, 'benchmark', request.name, benchmarkOf(request), request.reason)
      return show(workspace)
    },
    async remove_benchmark(request) {
      const workspace = await find(request)
      const { name, reset, reason } = request
      const ours = Object.hasOwn(SEEDS, name)
      const known = library(await state.definitions(workspace.tenant, 'benchmark')).some((one) => one.name === name)
      if (!known && !(reset && ours)) throw unknownBenchmark(name)
      const gone = ours && !reset ? ({ removed: true } as const) : undefined
      await state.define(workspace.tenant, 'benchmark', name, gone, reason)
      return show(workspace)
    },
    async metrics(request) {
      const workspace = await find(request)
      const locale = request.locale ?? workspace.settings.locale
      const custom = await state.definitions(workspace.tenant, 'metric')
      return { workspace: workspace.key, custom: custom.map(toMetric), names: namesIn(locale) }
    },
    async set_metric(request) {
      const { tenant } = await find(request)
      const { name, expression, label, reason } = request
      const body = checkCustom(name, { expression, label }, await state.definitions(tenant, 'metric'))
      await state.define(tenant, 'metric', name, body, reason)
      const saved = (await state.definitions(tenant, 'metric')).find((one) => one.name === name)
      return toMetric(saved!)
    },
    async remove_metric(request) {
      const { tenant } = await find(request)
      const { name, reason } = request
      const all = await state.definitions(tenant, 'metric')
      if (!all.some((one) => one.name === name)) throw unknownMetric(name)
      checkRemoval(name, all)
      await state.define(tenant, 'metric', name, undefined, reason)
      return { name }
    },
  }
}

/** Median days from lead to won of the last 12 months; null while there is none. */
export async function cycleOfYear(reader: Reader, { tenant, settings }: Workspace): Promise<number | null> {
  const tomorrow = addDays(localDay(settings.zone, Date.now()), 1)
  const [row] = await reader.query<{ days: number | null }>(CYCLE, [tenant, addDays(tomorrow, -YEAR_DAYS), tomorrow])
  return row?.days ?? null
}

function namesIn(locale: Locale) {
  return metricNames().map(({ name, metric }) => {
    return { name, id: metric.id, label: metric.label[locale], unit: metric.unit }
  })
}

function toMetric({ name, body, version, at, actor }: Definition<'metric'>): CustomMetricInfo {
  const { label, expression, unit } = body
  return { name, label, expression, unit, version, at: at.toISOString(), author: actor }
}

function toBenchmark({ name, benchmark, origin, changed }: NamedBenchmark): BenchmarkInfo {
  const { on, ...rest } = benchmark
  return {
    name,
    ...rest,
    channels: on.channels ?? [],
    types: on.types ?? [],
    origin,
    version: changed?.version ?? null,
    at: changed?.at.toISOString() ?? null,
    author: changed?.actor ?? null,
  }
}

/** @throws RoiError `convention_missing`, `convention_wrong`, `bad_benchmark`: a number without its measure means nothing (F146) */
function benchmarkOf(request: RequestOf<'set_benchmark'>): Benchmark {
  const { metric, convention, channels, types, low, high, currency, industry, source, note } = request
  if (convention === undefined || !conventionsOf(metric).includes(convention)) throw noConvention(metric, convention)
  const on = { ...(channels.length > 0 && { channels }), ...(types.length > 0 && { types }) }
  const parsed = Benchmark.safeParse({ metric, convention, on, low, high, currency, industry, source, note })
  if (parsed.success) return parsed.data
  throw new RoiError(
    'usage',
    'bad_benchmark',
    {
      en: 'This is no benchmark: the range goes upwards, and money has a currency, which nothing else has.',
      'zh-CN': '基准无效：区间的上限须大于下限；金额须写明币种，其他口径不能带币种。',
    },
    {
      en: 'Write one such as: benchmarks set NAME --metric roi --low 1.5 --high 3 --convention ratio --source WHO',
      'zh-CN': '例如：benchmarks set 名称 --metric roi --low 1.5 --high 3 --convention ratio --source 来源',
    },
    { cause: parsed.error },
  )
}

function noConvention(metric: BenchmarkedMetric, given: string | undefined): RoiError {
  const list = conventionsOf(metric)
  return new RoiError(
    'usage',
    given === undefined ? 'convention_missing' : 'convention_wrong',
    given === undefined
      ? {
          en: `A benchmark of ${metric} says what it is measured in.`,
          'zh-CN': `${metric} 的基准必须写明口径。`,
        }
      : { en: `${metric} is not measured in ${given}.`, 'zh-CN': `${metric} 不使用口径 ${given}。` },
    {
      en: `Add --convention ${list.join(' or ')}.`,
      'zh-CN': `请加上 --convention ${list.join(' 或 ')}。`,
    },
  )
}

function unknownBenchmark(name: string): RoiError {
  return new RoiError(
    'not_found',
    'unknown_benchmark',
    { en: `There is no benchmark "${name.slice(0, 60)}".`, 'zh-CN': `没有名为“${name.slice(0, 60)}”的基准。` },
    { en: 'See "benchmarks list".', 'zh-CN': '请查看 “benchmarks list”。' },
  )
}

function unknownMetric(name: string): RoiError {
  return new RoiError(
    'not_found',
    'unknown_metric',
    { en: `There is no own metric "${name.slice(0, 60)}".`, 'zh-CN': `没有名为“${name.slice(0, 60)}”的自定义指标。` },
    { en: 'See "metrics list".', 'zh-CN': '请查看 “metrics list”。' },
  )
}
