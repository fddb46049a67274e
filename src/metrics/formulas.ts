import type { Reason } from '../api.ts'
import { divideRounded, formatMinor } from '../model/money.ts'
import { WHOLE } from '../model/rule-models.ts'

/**
 * The formulas of product.md §3, each in one place. Money comes as minor units, weights in units of 1/{@link WHOLE}.
 * A value that cannot be computed is null and says why; it is never 0, infinite or NaN.
 */
export type Result<T> =
  | { readonly value: T; readonly reason?: undefined }
  | { readonly value: null; readonly reason: Reason }

/** Cost of a group and how many ledger rows it rests on: recorded as 0 and not recorded are different reasons. */
export interface Cost {
  readonly minor: bigint
  readonly rows: number
}

export const known = <T>(value: T): Result<T> => ({ value })
export const none = (reason: Reason): Result<never> => ({ value: null, reason })

/** Why a cost cannot be a denominator. Credits that outweigh the spend leave nothing to divide by either. */
export function withoutCost(cost: Cost): Reason | null {
  if (cost.rows === 0) return 'no_cost'
  return cost.minor <= 0n ? 'zero_cost' : null
}

/** M3 ROI, net: (R - C) / C x 100, percent. */
export function roi(revenue: bigint, cost: Cost): Result<number> {
  const reason = withoutCost(cost)
  return reason ? none(reason) : known((Number(revenue - cost.minor) / Number(cost.minor)) * 100)
}

/** M4 ROI ratio: R / C. M3 = (M4 - 1) x 100. */
export function ratio(revenue: bigint, cost: Cost): Result<number> {
  const reason = withoutCost(cost)
  return reason ? none(reason) : known(Number(revenue) / Number(cost.minor))
}

/** M5 ROAS: R / media spend (category `ads` only). */
export function roas(revenue: bigint, media: Cost): Result<number> {
  return withoutCost(media) ? none('no_media') : known(Number(revenue) / Number(media.minor))
}

/**
 * M8 CPL, M9 cost per MQL, SQL, opportunity, M15 CAC: C / count, rounded half away from zero to the currency's digits.
 * @param count weight units
 * @param reason why a count of zero leaves the value open
 */
export function costPer(cost: Cost, count: bigint, currency: string, reason: Reason): Result<string> {
  if (cost.rows === 0) return none('no_cost')
  if (count <= 0n) return none(reason)
  return known(formatMinor(divideRounded(cost.minor * WHOLE, count), currency))
}

/** M31, M32: part / whole x 100, percent. */
export function share(part: bigint, whole: bigint, reason: Reason): Result<number> {
  return whole === 0n ? none(reason) : known((Number(part) / Number(whole)) * 100)
}

/** M21 growth: (cur - prev) / |prev| x 100, percent; null without a previous value. */
export function growth(current: number | null, previous: number | null): number | null {
  if (current === null || previous === null || previous === 0) return null
  return ((current - previous) / Math.abs(previous)) * 100
}

/** M21 as it is shown: growth in percent and, of a return, the difference in percentage points. */
export interface Change {
  readonly growth: Result<number>
  /** Null for everything that is not a return in percent, and without a previous value. */
  readonly points: number | null
}

/**
 * M21 by its rules. Of an amount, a count or an ROI ratio: growth alone, null where the previous value is 0 or unknown. Of a
 * return in percent (M3): the difference in points, and growth only where the previous return was above 0: a share of a loss
 * means nothing.
 */
export function change(current: number | null, previous: number | null, of: 'amount' | 'return'): Change {
  if (current === null || previous === null) return { growth: none('no_prior'), points: null }
  const points = of === 'return' ? current - previous : null
  if (of === 'return' && previous <= 0) return { growth: none('prior_not_positive'), points }
  const value = growth(current, previous)
  return { growth: value === null ? none('no_prior') : known(value), points }
}

/** A count under a model, from weight units. Whole numbers come out whole. */
export function count(units: bigint): number {
  const whole = units / WHOLE
  const rest = units % WHOLE
  return Number(whole) + Number(rest) / Number(WHOLE)
}
