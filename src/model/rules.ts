import { z } from 'zod'

/** What counts as revenue: signed deals, invoices, or money received (product.md F69). */
export const REVENUE_BASES = ['booked', 'invoiced', 'cash'] as const
export type RevenueBasis = (typeof REVENUE_BASES)[number]

/** `net`: (R - C) / C in percent; `ratio`: R / C. `net` = (`ratio` - 1) x 100. */
export const CONVENTIONS = ['net', 'ratio'] as const
export type Convention = (typeof CONVENTIONS)[number]

const names = z.array(z.string().min(1).max(200)).max(200)

/**
 * Which touches may get credit at all (F122). Names are compared case-insensitively. An empty `include` list lets every one
 * in; what is excluded stays out.
 */
export const Eligibility = z.strictObject({
  include_kinds: names.default([]),
  exclude_kinds: names.default([]),
  include_channels: names.default([]),
  exclude_channels: names.default([]),
})
export type Eligibility = z.infer<typeof Eligibility>

/** What makes a person an MQL or SQL, besides or instead of what the source says (F83). */
const Milestone = z.strictObject({
  /** The date the source gives counts. */
  source: z.boolean().default(true),
  /** The first touch of one of these kinds counts. */
  touch_kinds: names.default([]),
  /** So many touches of any kind count, on the day of the last of them; null = never. */
  touches: z.int().min(1).max(1000).nullable().default(null),
  /** The creation of the person's first deal counts. */
  deal_created: z.boolean().default(false),
})

/** The one rule both teams share: the earliest of its ways decides; an SQL is never one before it is an MQL. */
export const LeadRule = z.strictObject({
  mql: Milestone.default(Milestone.parse({})),
  sql: Milestone.default(Milestone.parse({})),
})
export type LeadRule = z.infer<typeof LeadRule>

/** Channels that are offline unless the workspace says otherwise. */
export const OFFLINE = [
  'events',
  'event',
  'expo',
  'exhibition',
  'phone',
  'offline',
  'partner',
  'referral_program',
  '会展',
  '展会',
  '线下',
  '线下活动',
  '电话',
  '转介绍',
]

/**
 * How costs that no campaign owns are shared out (F25). A rule takes the shared costs it matches and gives each to the targets
 * in proportion; the parts add up to the cost to the last minor unit. `spend`, `leads` and `revenue` are those of the cost's
 * month under the workspace's model; where a month has none of it, the cost stays shared.
 */
export const SharedCostRule = z.strictObject({
  id: z.string().regex(/^[a-z0-9_-]{1,40}$/),
  /** Cost categories it takes; none = every one. */
  categories: names.default([]),
  /** First day it holds, and first day it no longer does; null = open. */
  from: z.iso.date().nullable().default(null),
  to: z.iso.date().nullable().default(null),
  by: z.enum(['even', 'spend', 'leads', 'revenue', 'manual']),
  /** What shares it. */
  over: z.enum(['channel', 'campaign']).default('channel'),
  /** Channel keys or campaign ids that share it; none = all with spend in the month. */
  targets: names.default([]),
  /** For `manual`: weight per target. */
  weights: z.record(z.string().min(1).max(200), z.number().min(0).max(1_000_000)).default({}),
})
export type SharedCostRule = z.infer<typeof SharedCostRule>

export const SharedCostRules = z
  .array(SharedCostRule)
  .max(100)
  .refine((rules) => new Set(rules.map(({ id }) => id)).size === rules.length, { error: 'two rules have the same id' })
  .refine((rules) => rules.every(({ by, weights }) => by !== 'manual' || Object.values(weights).some((w) => w > 0)), {
    error: 'a manual rule needs weights above 0',
  })

/** What figures can be grouped by and limited to. */
export const DIMENSIONS = [
  'channel',
  'campaign',
  'type',
  'region',
  'product_line',
  'department',
  'month',
  /** The campaign at the top of the hierarchy (F126). */
  'parent',
  'tier',
  /** Performance or brand. */
  'brand',
  /** Online or offline (F95). */
  'online',
] as const

/** Conditions on what campaigns and channels are, all of which must hold. */
export const Filter = z
  .array(
    z.strictObject({
      dimension: z.enum(DIMENSIONS).exclude(['month']),
      is: z.array(z.string().min(1).max(512)).min(1).max(200),
    }),
  )
  .max(10)
export type Filter = z.infer<typeof Filter>

/** A threshold says what it is measured in, so that nobody reads a ratio as a percentage (F146). */
const returns = (value: number) =>
  z.strictObject({ value: z.number(), convention: z.enum(CONVENTIONS) }).default({ value, convention: 'ratio' })
const percent = (value: number) =>
  z.strictObject({ value: z.number(), convention: z.literal('percent') }).default({ value, convention: 'percent' })
const points = (value: number) =>
  z.strictObject({ value: z.number().min(0), convention: z.literal('points') }).default({ value, convention: 'points' })
const times = (value: number) =>
  z.strictObject({ value: z.number().min(0), convention: z.literal('ratio') }).default({ value, convention: 'ratio' })
const days = (value: number | null) =>
  z
    .strictObject({ value: z.number().gt(0).nullable(), convention: z.literal('days') })
    .default({ value, convention: 'days' })

/** Default thresholds of product.md §5. */
export const Thresholds = z.strictObject({
  /** A channel above it is healthy. */
  channel_healthy: returns(1),
  /** M13, second part. */
  mql_to_sql: percent(30),
  /** M17. */
  ltv_to_cac: times(3),
  /** M14; null = the workspace's own median of the last 12 months. */
  sales_cycle: days(null),
  /** M21. */
  growth: percent(0),
  budget_tiers: z
    .strictObject({
      strategic: z.number().min(0).max(100),
      growth: z.number().min(0).max(100),
      retention: z.number().min(0).max(100),
      convention: z.literal('percent'),
    })
    .refine(({ strategic, growth, retention }) => Math.abs(strategic + growth + retention - 100) < 1e-9, {
      error: 'the three parts must add up to 100',
    })
    .default({ strategic: 20, growth: 50, retention: 30, convention: 'percent' }),
  /** Share of performance marketing; the rest is brand. */
  performance_share: percent(70),
  /** How far shares of the budget may be off. */
  budget_share_tolerance: points(5),
  /** M22: alerts at these. */
  budget_use: z
    .strictObject({ values: z.array(z.number().gt(0).max(1000)).min(1).max(10), convention: z.literal('percent') })
    .default({ values: [80, 100], convention: 'percent' }),
  /** M22: pacing outside is an alert. */
  pacing: z
    .strictObject({ low: z.number().min(0), high: z.number().gt(0), convention: z.literal('ratio') })
    .refine(({ low, high }) => low < high, { error: 'low must be below high' })
    .default({ low: 0.9, high: 1.1, convention: 'ratio' }),
  /** M26. */
  lead_loss: percent(40),
  /** M31. */
  coverage: percent(80),
  cost_completeness: percent(95),
})
export type Thresholds = z.infer<typeof Thresholds>
