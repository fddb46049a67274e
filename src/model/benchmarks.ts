import { z } from 'zod'
import type { Convention } from './rules.ts'
import type { Settings } from './settings.ts'

/** What a benchmark is stated in (F146). Returns have two ways to be read; everything else has one. */
export const BENCHMARK_CONVENTIONS = ['net', 'ratio', 'percent', 'days', 'months', 'money'] as const
export type BenchmarkConvention = (typeof BENCHMARK_CONVENTIONS)[number]

interface Benchmarked {
  readonly conventions: readonly [BenchmarkConvention, ...BenchmarkConvention[]]
  /** Which side of the benchmark is the good one. */
  readonly better: 'higher' | 'lower'
}

const higher = (...conventions: Benchmarked['conventions']): Benchmarked => ({ conventions, better: 'higher' })
const lower = (...conventions: Benchmarked['conventions']): Benchmarked => ({ conventions, better: 'lower' })

/** Metrics that benchmarks exist for, by their names in the dictionary, with the conventions each may be stated in. */
export const BENCHMARKED = {
  roi: higher('ratio', 'net'),
  roas: higher('ratio'),
  growth: higher('percent'),
  mql_rate: higher('percent'),
  mql_to_sql: higher('percent'),
  lead_to_opportunity: higher('percent'),
  opportunity_to_won: higher('percent'),
  win_rate: higher('percent'),
  sales_cycle: lower('days'),
  cpl: lower('money'),
  cost_per_mql: lower('money'),
  cost_per_sql: lower('money'),
  cost_per_opportunity: lower('money'),
  cac: lower('money'),
  ltv: higher('money'),
  ltv_to_cac: higher('ratio'),
  payback: lower('months'),
  repurchase_rate: higher('percent'),
  lead_loss: lower('percent'),
  lead_acceptance: higher('percent'),
  coverage: higher('percent'),
  cost_completeness: higher('percent'),
  ctr: higher('percent'),
  cpc: lower('money'),
  cpm: lower('money'),
} as const satisfies Record<string, Benchmarked>
export type BenchmarkedMetric = keyof typeof BENCHMARKED
export const BENCHMARKED_METRICS = Object.keys(BENCHMARKED) as readonly BenchmarkedMetric[]

const values = z.array(z.string().min(1).max(200)).min(1).max(200)

/**
 * A reference value from outside (F76): of a metric, for an industry or all, with who says so. `high`: the other end of a
 * range. Every benchmark says what it is measured in.
 */
export const Benchmark = z
  .strictObject({
    metric: z.enum(BENCHMARKED_METRICS),
    /** Null = every industry. */
    industry: z.string().min(1).max(100).nullable().default(null),
    /** What it is about: a channel or a kind of campaign that is one of these; neither = everything. */
    on: z.strictObject({ channels: values.exactOptional(), types: values.exactOptional() }).default({}),
    low: z.number(),
    high: z.number().nullable().default(null),
    convention: z.enum(BENCHMARK_CONVENTIONS),
    /** Of money only: ISO 4217. */
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .nullable()
      .default(null),
    /** Who says so. */
    source: z.string().min(1).max(300),
    note: z.string().max(1000).nullable().default(null),
  })
  .refine(({ low, high }) => high === null || high > low, { path: ['high'], error: 'high must be above low' })
  .refine(({ metric, convention }) => conventionsOf(metric).includes(convention), {
    path: ['convention'],
    error: 'the metric is not measured in it',
  })
  .refine(({ convention, currency }) => (convention === 'money') === (currency !== null), {
    path: ['currency'],
    error: 'money needs a currency, and nothing else has one',
  })
export type Benchmark = z.infer<typeof Benchmark>

/** What a metric may be stated in. */
export function conventionsOf(metric: BenchmarkedMetric): readonly BenchmarkConvention[] {
  return BENCHMARKED[metric].conventions
}

/**
 * A return stated in one convention as the other one says it: net percent = (ratio - 1) x 100 (F146). Rounded to 12
 * digits, so that 1.1 is 10 % and not 10.000000000000009 %.
 */
export function convertReturn(value: number, from: Convention, to: Convention): number {
  if (from === to) return value
  return Number((from === 'ratio' ? (value - 1) * 100 : value / 100 + 1).toPrecision(12))
}

/** A threshold of returns as the workspace reads it. */
export interface ShownThreshold {
  readonly threshold: string
  readonly value: number
  readonly convention: Convention
  /** As it is stored: it keeps its meaning whatever the workspace reads. */
  readonly stated: { readonly value: number; readonly convention: Convention }
}

/**
 * Thresholds of returns that are stated in another convention than the workspace's, as it reads them (F146). Other ratios, such as
 * LTV to CAC, have one way to be read.
 */
export function convertedThresholds({
  thresholds: { channel_healthy: stated },
  convention,
}: Pick<Settings, 'thresholds' | 'convention'>): ShownThreshold[] {
  if (stated.convention === convention) return []
  const value = convertReturn(stated.value, stated.convention, convention)
  return [{ threshold: 'channel_healthy', value, convention, stated }]
}
