import { digitsOf, divideRounded, formatMinor } from '../model/money.ts'
import { WHOLE } from '../model/rule-models.ts'
import { type Cost, known, none, type Result, withoutCost } from './formulas.ts'

/** Formulas of delivery (product.md §3, M24, M25). */

/** What ads were shown and clicked, with the spend of the rows that say so. Sources count parts of both in fractions. */
export interface Delivered {
  readonly impressions: number
  readonly clicks: number
  /** Minor units of the costs that tell impressions, and of those that tell clicks. */
  readonly shownFor: bigint
  readonly clickedFor: bigint
}

/** Money / a count that may be fractional, exact to the millionth of a piece. */
function per(minor: bigint, count: number, currency: string): string {
  return formatMinor(divideRounded(minor * 1_000_000n, BigInt(Math.round(count * 1_000_000))), currency)
}

/** M24 CTR: clicks / impressions x 100, percent. */
export function ctr({ clicks, impressions }: Delivered): Result<number> {
  return impressions > 0 ? known((clicks / impressions) * 100) : none('no_impressions')
}

/** M24 CPC: spend / clicks, money. */
export function cpc({ clicks, clickedFor }: Delivered, currency: string): Result<string> {
  return clicks > 0 ? known(per(clickedFor, clicks, currency)) : none('no_clicks')
}

/** M24 CPM: spend / impressions x 1000, money. */
export function cpm({ impressions, shownFor }: Delivered, currency: string): Result<string> {
  return impressions > 0 ? known(per(shownFor * 1000n, impressions, currency)) : none('no_impressions')
}

/** M25 exposure per cost: impressions / C, per unit of currency. */
export function exposurePerCost({ impressions }: Delivered, cost: Cost, currency: string): Result<number> {
  const reason = withoutCost(cost)
  return reason ? none(reason) : known((impressions * 10 ** digitsOf(currency)) / Number(cost.minor))
}

/** M25 new users per cost: people first known in the period (leads) / C, per unit of currency. */
export function newUsersPerCost(leads: bigint, cost: Cost, currency: string): Result<number> {
  const reason = withoutCost(cost)
  return reason ? none(reason) : known((Number(leads) / Number(WHOLE) / Number(cost.minor)) * 10 ** digitsOf(currency))
}
