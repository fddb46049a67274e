import { divideRounded, formatMinor } from '../model/money.ts'
import { WHOLE } from '../model/rule-models.ts'
import { type Cost, known, none, type Result, withoutCost } from './formulas.ts'

/**
 * Formulas of customers (product.md §3, M6, M7, M16-M19). A customer counts with the weight, in units of 1/{@link WHOLE}, that
 * the deal which acquired him has in a group; his money is then minor units x that weight, a whole number that only the last
 * step divides.
 */

/** Percent of revenue whose product cost must be known before a margin is one (M6). */
const KNOWN_ENOUGH = 80n
/** Days of a month on average. */
const MONTH_DAYS = 365.25 / 12

/** Revenue with what is known of its product cost. All three in one unit: minor units, or minor units x weight. */
export interface Margin {
  readonly revenue: bigint
  readonly productCost: bigint
  /** Positive revenue, and the part of it whose product cost is known. */
  readonly gross: bigint
  readonly costed: bigint
}

/** Share of revenue whose product cost is known, percent. */
export function costedShare({ gross, costed }: Margin): Result<number> {
  return gross <= 0n ? none('no_revenue') : known((Number(costed) / Number(gross)) * 100)
}

/** Whether a margin may be shown for revenue. */
export function hasMargin({ gross, costed }: Margin): boolean {
  return gross > 0n && costed * 100n >= gross * KNOWN_ENOUGH
}

/** In what customers are valued: margin where it may be shown, else revenue. */
export type LtvBasis = 'margin' | 'revenue'

/** The basis that what customers brought allows. */
export function ltvBasis(brought: Margin): LtvBasis {
  return hasMargin(brought) ? 'margin' : 'revenue'
}

/** What customers brought, on a basis. */
export function worth({ revenue, productCost }: Margin, basis: LtvBasis): bigint {
  return basis === 'margin' ? revenue - productCost : revenue
}

/** Sum of margins. */
export function addMargins(margins: readonly Margin[]): Margin {
  return margins.reduce(
    (sum, { revenue, productCost, gross, costed }) => ({
      revenue: sum.revenue + revenue,
      productCost: sum.productCost + productCost,
      gross: sum.gross + gross,
      costed: sum.costed + costed,
    }),
    { revenue: 0n, productCost: 0n, gross: 0n, costed: 0n },
  )
}

/** M6 contribution ROI: (R - product cost - C) / C x 100, percent; null where product cost is known of less than 80 % of R. */
export function contributionRoi(margin: Margin, cost: Cost): Result<number> {
  const reason = withoutCost(cost)
  if (reason) return none(reason)
  if (!hasMargin(margin)) return none(margin.gross > 0n ? 'no_product_cost' : 'no_revenue')
  return known(netPercent(margin.revenue - margin.productCost, cost))
}

/** M7 LTV ROI: (LTV revenue of the customers acquired - C) / C x 100, percent. */
export function ltvRoi(revenue: bigint, cost: Cost): Result<number> {
  const reason = withoutCost(cost)
  return reason ? none(reason) : known(netPercent(revenue, cost))
}

/** (money x weight - C) / C x 100. */
function netPercent(brought: bigint, cost: Cost): number {
  const whole = cost.minor * WHOLE
  return quotient(brought - whole, whole) * 100
}

/** a / b of whole numbers beyond what doubles hold: common factors are taken out first. */
function quotient(a: bigint, b: bigint): number {
  let [x, y] = [a < 0n ? -a : a, b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x === 0n ? 0 : Number(a / x) / Number(b / x)
}

/** M16 LTV, historic: what customers brought within the horizon / customers; money of one customer. */
export function ltvHistoric(brought: bigint, customers: bigint, currency: string): Result<string> {
  return customers <= 0n ? none('no_deals') : known(formatMinor(divideRounded(brought, customers), currency))
}

/** How long customers stayed, as far as it is known. */
export interface Stay {
  /** Sum of weight x days from acquisition until they left, or until now. */
  readonly days: bigint
  /** Weight of those who left: no order for so many days as the workspace says. */
  readonly left: bigint
}

/** Monthly churn, percent: customers who left / months of all of them. */
export function monthlyChurn({ days, left }: Stay): Result<number> {
  return days <= 0n ? none('no_deals') : known((Number(left) / (Number(days) / MONTH_DAYS)) * 100)
}

/** Money of one customer in one month: what all brought so far / months of all of them. */
export function monthlyPerCustomer(brought: bigint, { days }: Stay, currency: string): Result<string> {
  if (days <= 0n) return none('no_deals')
  // Days of a month in hundredths of a quarter: 365.25 / 12 = 36525 / 1200.
  return known(formatMinor(divideRounded(brought * 36_525n, days * 1200n), currency))
}

/**
 * M16 LTV, predictive: monthly margin per customer / monthly churn, money of one customer. The months cancel out, so the two are
 * not rounded before. Null while nobody has left.
 */
export function ltvPredictive(brought: bigint, { days, left }: Stay, currency: string): Result<string> {
  if (days <= 0n) return none('no_deals')
  return left <= 0n ? none('no_churn') : known(formatMinor(divideRounded(brought, left), currency))
}

/** M17 LTV:CAC: M16 / M15, both of the same customers, so that their number cancels out. */
export function ltvToCac(brought: bigint, customers: bigint, cost: Cost): Result<number> {
  const reason = withoutCost(cost)
  if (reason) return none(reason)
  return customers <= 0n ? none('no_deals') : known(quotient(brought, cost.minor * WHOLE))
}

/**
 * M18 payback: full months after acquisition in which the cumulative margin reached the cost; 0 = within the first month. The
 * number of customers cancels out of margin per customer >= CAC.
 * @param byMonth what the customers brought in each month since their acquisition
 */
export function payback(byMonth: readonly bigint[], customers: bigint, cost: Cost): Result<number> {
  if (cost.rows === 0) return none('no_cost')
  if (customers <= 0n) return none('no_deals')
  let sum = 0n
  for (const [month, brought] of byMonth.entries()) {
    sum += brought
    if (sum >= cost.minor * WHOLE) return known(month)
  }
  return none('not_reached')
}

/** M19 repurchase rate: customers with two orders or more within the horizon / customers older than it x 100, percent. */
export function repurchaseRate(repeated: bigint, mature: bigint, customers: bigint): Result<number> {
  if (customers <= 0n) return none('no_deals')
  return mature <= 0n ? none('not_enough_data') : known((Number(repeated) / Number(mature)) * 100)
}
