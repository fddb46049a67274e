import { z } from 'zod'
import { Finding, Money } from '../api.ts'

/** The five sides of data quality (M38). */
export const DIMENSIONS_OF_QUALITY = ['completeness', 'validity', 'uniqueness', 'timeliness', 'linkage'] as const
export const QualityDimension = z.enum(DIMENSIONS_OF_QUALITY)
export type QualityDimension = z.infer<typeof QualityDimension>

/** One named check: how many records it looked at, and how many failed it. */
export const QualityCheck = z.object({
  code: z.string(),
  dimension: QualityDimension,
  message: z.string(),
  /** Records it looked at; 0: there is nothing to check, and it counts nowhere. */
  checked: z.number(),
  failed: z.number(),
  /** Percent that passed; null where nothing was checked. */
  score: z.number().nullable(),
  /** Revenue or cost the failed ones touch, in the workspace's currency; null where none is involved, or no rate is known. */
  money: Money.nullable(),
})
export type QualityCheck = z.infer<typeof QualityCheck>

/** A check as the history keeps it. */
export const QualityPoint = z.object({
  day: z.iso.date(),
  score: z.number().nullable(),
  dimensions: z.partialRecord(QualityDimension, z.number().nullable()),
  /** Records that failed, over all checks. */
  failed: z.number(),
})
export type QualityPoint = z.infer<typeof QualityPoint>

/** `GET /api/v1/quality/score`, `quality --json` (M38, F113, F148). */
export const QualityScore = z.object({
  workspace: z.string(),
  currency: z.string(),
  at: z.iso.datetime(),
  /** 0 to 100: the mean of the dimensions that have one; null while there is nothing to check. */
  score: z.number().nullable(),
  /** Each the mean of its checks that looked at anything. */
  dimensions: z.array(z.object({ dimension: QualityDimension, label: z.string(), score: z.number().nullable() })),
  /** By dimension, in a fixed order. */
  checks: z.array(QualityCheck),
  /** What was found, most money first. */
  findings: z.array(Finding),
  /** The last check of each day, oldest first. */
  history: z.array(QualityPoint),
})
export type QualityScore = z.infer<typeof QualityScore>

/** A record that failed a check. */
export const QualityRow = z.object({
  /** Kind of record: `deal`, `cost`, `touch`, `contact`, `campaign`, `account`, `payment`, `connection`, … */
  type: z.string(),
  source: z.string(),
  /** Id in its source. */
  id: z.string(),
  name: z.string().nullable(),
  money: Money.nullable(),
})
export type QualityRow = z.infer<typeof QualityRow>

/** `GET /api/v1/quality/rows`, `quality CODE --json`: the records behind a check, most money first, paged. */
export const QualityRows = z.object({
  code: z.string(),
  message: z.string(),
  currency: z.string(),
  rows: z.array(QualityRow),
  count: z.number(),
  next: z.number().nullable(),
})
export type QualityRows = z.infer<typeof QualityRows>
