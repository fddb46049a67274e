import {
  BENCHMARKED,
  BENCHMARKED_METRICS,
  type Benchmark,
  type BenchmarkConvention,
  type BenchmarkedMetric,
  convertReturn,
} from '../model/benchmarks.ts'
import { CONVENTIONS, type Convention } from '../model/rules.ts'
import type { Settings } from '../model/settings.ts'
import type { Definition } from '../state/definitions.ts'

/** A benchmark of the library, under its name. */
export interface NamedBenchmark {
  readonly name: string
  readonly benchmark: Benchmark
  /** `program`: as the product comes; `workspace`: entered, or changed, by a person. */
  readonly origin: 'program' | 'workspace'
  /** Of a person's: how often it changed, when last and by whom. */
  readonly changed: Pick<Definition, 'version' | 'at' | 'actor'> | null
}

/** Channels that are bought by the click or the view. */
const ADS = [
  'google_ads',
  'meta_ads',
  'linkedin_ads',
  'bing_ads',
  'baidu_ads',
  'ocean_engine',
  'tencent_ads',
  'paid_social',
  'paid_other',
]
const OURS = { industry: null, on: {}, high: null, currency: null, source: 'roi-panel', note: null } as const

/** What the product comes with (product.md §5). */
export const SEEDS: Readonly<Record<string, Benchmark>> = {
  roi_b2c_ecommerce: { ...OURS, metric: 'roi', industry: 'b2c_ecommerce', low: 1.5, high: 3, convention: 'ratio' },
  roi_ads: { ...OURS, metric: 'roi', on: { channels: ADS, types: ['ads', '广告'] }, low: 2, convention: 'ratio' },
  roi_content: { ...OURS, metric: 'roi', on: { types: ['content', '内容'] }, low: 3.5, convention: 'ratio' },
  growth: { ...OURS, metric: 'growth', low: 10, convention: 'percent' },
}

/** The library of a workspace: the product's benchmarks with what people changed, added and took away; by name. */
export function library(definitions: readonly Definition<'benchmark'>[]): NamedBenchmark[] {
  const all = new Map<string, NamedBenchmark>(
    Object.entries(SEEDS).map(([name, benchmark]) => [name, { name, benchmark, origin: 'program', changed: null }]),
  )
  for (const { name, body, version, at, actor } of definitions) {
    if ('removed' in body) all.delete(name)
    else all.set(name, { name, benchmark: body, origin: 'workspace', changed: { version, at, actor } })
  }
  return [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** What a figure is about. */
export interface BenchmarkScope {
  readonly channel?: string | null
  /** Kind of the campaign. */
  readonly type?: string | null
}

/** A reference value for a metric, in the workspace's convention. */
export interface AppliedBenchmark {
  readonly metric: BenchmarkedMetric
  readonly low: number
  readonly high: number | null
  readonly convention: BenchmarkConvention
  readonly currency: string | null
  readonly better: 'higher' | 'lower'
  /** `benchmark`: of the library; `threshold`: of the settings; `own`: the workspace's median of the last 12 months. */
  readonly from: 'benchmark' | 'threshold' | 'own'
  /** Of the library. */
  readonly name: string | null
  readonly source: string | null
  /** As it was entered, where the workspace reads it in another convention. */
  readonly stated: { readonly low: number; readonly high: number | null; readonly convention: Convention } | null
}

export interface BenchmarkContext {
  readonly library: readonly NamedBenchmark[]
  readonly settings: Settings
  /** Median days from lead to won of the last 12 months (M14); null while there is none. */
  readonly ownCycle: number | null
}

/**
 * The reference value that applies to a metric, or null where there is none. Of several the closest decides: one for the
 * workspace's industry before one for every industry, then one for the channel or kind of campaign before one for all, then one that a
 * person entered. Money counts in the workspace's currency only. Without a benchmark the threshold of the settings stands in;
 * for the sales cycle, the workspace's own median (product.md §5).
 */
export function benchmarkFor(
  metric: BenchmarkedMetric,
  { library: all, settings, ownCycle }: BenchmarkContext,
  scope: BenchmarkScope = {},
): AppliedBenchmark | null {
  const ranked = all
    .filter(({ benchmark }) => benchmark.metric === metric && fits(benchmark, settings))
    .map((one) => ({ ...one, rank: rankOf(one, scope) }))
    .filter(({ rank }) => rank >= 0)
    .sort((a, b) => b.rank - a.rank || (a.name < b.name ? -1 : 1))
  const [best] = ranked
  if (best) return applied(best, settings.convention)
  const other = fallback(metric, settings, ownCycle)
  return other && inConvention({ ...other, metric }, settings.convention)
}

/** All metrics that have a reference value for a scope. */
export function benchmarksFor(context: BenchmarkContext, scope: BenchmarkScope = {}): AppliedBenchmark[] {
  return BENCHMARKED_METRICS.flatMap((metric) => benchmarkFor(metric, context, scope) ?? [])
}

/** Whether a value reaches its benchmark: beyond the end of it that is easier to reach. */
export function meets(value: number, { low, high, better }: AppliedBenchmark): boolean {
  return better === 'higher' ? value >= low : value <= (high ?? low)
}

const sameText = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

function fits({ industry, currency }: Benchmark, settings: Settings): boolean {
  if (currency !== null && currency !== settings.currency) return false
  return industry === null || (settings.industry !== null && sameText(industry, settings.industry))
}

/** Larger is closer; below 0: it is about something else. */
function rankOf({ benchmark: { industry, on }, origin }: NamedBenchmark, { channel, type }: BenchmarkScope): number {
  const listed = (values: readonly string[] | undefined, value: string | null | undefined) =>
    value != null && (values ?? []).some((one) => sameText(one, value))
  const limited = on.channels !== undefined || on.types !== undefined
  if (limited && !listed(on.channels, channel) && !listed(on.types, type)) return -1
  return (industry === null ? 0 : 4) + (limited ? 2 : 0) + (origin === 'workspace' ? 1 : 0)
}

type Plain = Omit<AppliedBenchmark, 'metric' | 'stated' | 'better'>

function applied({ name, benchmark }: NamedBenchmark, convention: Convention): AppliedBenchmark {
  const { metric, low, high, currency, source } = benchmark
  const plain = { low, high, convention: benchmark.convention, currency, source, name, from: 'benchmark' as const }
  return inConvention({ ...plain, metric }, convention)
}

function inConvention(plain: Plain & { readonly metric: BenchmarkedMetric }, wanted: Convention): AppliedBenchmark {
  const { better } = BENCHMARKED[plain.metric]
  const { low, high, convention: stated } = plain
  const from = CONVENTIONS.find((one) => one === stated)
  if (plain.metric !== 'roi' || !from || from === wanted) return { ...plain, better, stated: null }
  const convert = (value: number) => convertReturn(value, from, wanted)
  return {
    ...plain,
    low: convert(low),
    high: high === null ? null : convert(high),
    convention: wanted,
    better,
    stated: { low, high, convention: from },
  }
}

/** Metrics whose threshold of the settings is a reference value as well. */
const THRESHOLDS = {
  roi: 'channel_healthy',
  mql_to_sql: 'mql_to_sql',
  ltv_to_cac: 'ltv_to_cac',
  growth: 'growth',
  lead_loss: 'lead_loss',
  coverage: 'coverage',
  cost_completeness: 'cost_completeness',
} as const satisfies Partial<Record<BenchmarkedMetric, keyof Settings['thresholds']>>

function fallback(metric: BenchmarkedMetric, { thresholds }: Settings, ownCycle: number | null): Plain | null {
  const none = { high: null, currency: null, name: null, source: null }
  if (metric === 'sales_cycle') {
    const { value } = thresholds.sales_cycle
    const low = value ?? ownCycle
    return low === null ? null : { ...none, low, convention: 'days', from: value === null ? 'own' : 'threshold' }
  }
  if (!Object.hasOwn(THRESHOLDS, metric)) return null
  const { value, convention } = thresholds[THRESHOLDS[metric as keyof typeof THRESHOLDS]]
  return { ...none, low: value, convention, from: 'threshold' }
}
