import type { CustomersRow, CustomersWhole } from '../../api/customers.ts'
import { formatMinor } from '../../model/money.ts'
import type { RuleModel } from '../../model/rule-models.ts'
import { change, costPer, count, roi } from '../formulas.ts'
import {
  addMargins,
  contributionRoi,
  costedShare,
  type LtvBasis,
  ltvHistoric,
  ltvPredictive,
  ltvRoi,
  ltvToCac,
  type Margin,
  monthlyChurn,
  monthlyPerCustomer,
  payback,
  repurchaseRate,
  worth,
} from '../formulas-customers.ts'
import { reasonsOf } from '../funnel/view.ts'
import type { Sums } from '../sums.ts'
import type { Gathered } from './gather.ts'
import type { Orders } from './sums.ts'

/** A group of customers: the numbers it has in what was read, and the report's sums of it. */
export interface GroupOfCustomers {
  readonly key: string
  readonly label: string
  readonly numbers: readonly number[]
  /** Where orders are told under other numbers. */
  readonly orderNumbers?: readonly number[]
  readonly sums: Sums
  /** What its customers brought within the horizon, in minor units: the parts of groups add up to the whole. */
  readonly ltvRevenue: bigint
}

/** What figures are made from, and how. */
export interface Valued {
  readonly read: Gathered
  readonly model: RuleModel
  readonly basis: LtvBasis
  readonly currency: string
  /** Of the horizon. */
  readonly months: number
}

/** What customers brought, inside the horizon and in all. */
export interface BroughtSums {
  /** By full month since acquisition. */
  readonly byMonth: readonly Margin[]
  readonly inHorizon: Margin
  readonly ever: Margin
}

/** What the customers of some groups brought. */
export function broughtOf(
  { brought }: Pick<Gathered, 'brought'>,
  numbers: readonly number[],
  months: number,
): BroughtSums {
  const own = numbers.flatMap((number) => brought.get(number) ?? [])
  const byMonth = Array.from({ length: months }, (_, month) =>
    addMargins(own.filter(({ age }) => age === month).map(({ margin }) => margin)),
  )
  return { byMonth, inHorizon: addMargins(byMonth), ever: addMargins(own.map(({ margin }) => margin)) }
}

/** True for a group with neither customers nor money. */
export function isEmpty({ numbers, sums }: GroupOfCustomers, { read, model }: Valued): boolean {
  const { revenue } = sums.credit[model]
  return sums.cost.rows === 0 && revenue === 0n && !numbers.some((number) => read.customers.has(number))
}

/** What is true of customers, whoever brought them. */
export function toWhole(group: GroupOfCustomers, valued: Valued): CustomersWhole {
  const { read, model, basis, currency, months } = valued
  const { numbers, sums } = group
  const { customers, mature, repeated, left, days } = customersOf(read, numbers)
  const { byMonth, inHorizon, ever } = broughtOf(read, numbers, months)
  const { revenue, layers, newCustomers } = sums.credit[model]
  const value = worth(inHorizon, basis)
  const stay = { left, days }
  const contribution = addMargins(present(numbers.map((number) => read.contribution.get(number))))
  const results = {
    // Those the report counts: of closed months as they were locked.
    cac: costPer(sums.cost, newCustomers, currency, 'no_deals'),
    ltv: ltvHistoric(value, customers, currency),
    ltv_predictive: ltvPredictive(worth(ever, basis), stay, currency),
    monthly: monthlyPerCustomer(worth(ever, basis), stay, currency),
    churn: monthlyChurn(stay),
    ltv_to_cac: ltvToCac(value, customers, sums.cost),
    payback_months: payback(
      byMonth.map((margin) => worth(margin, basis)),
      customers,
      sums.cost,
    ),
    repurchase_rate: repurchaseRate(repeated, mature, customers),
    product_cost_share: costedShare(contribution),
  }
  const money = (minor: bigint) => formatMinor(minor, currency)
  const { now } = read.orders
  const placed = ordersOf(now, group)
  return {
    key: group.key,
    label: group.label,
    customers: count(customers),
    mature_customers: count(mature),
    cost: money(sums.cost.minor),
    revenue: money(revenue),
    layers: { first: money(layers.first), repurchase: money(layers.repurchase), referral: money(layers.referral) },
    cac: results.cac.value,
    ltv: results.ltv.value,
    ltv_predictive: results.ltv_predictive.value,
    monthly: results.monthly.value,
    churn: results.churn.value,
    ltv_to_cac: results.ltv_to_cac.value,
    payback_months: results.payback_months.value,
    repurchase_rate: results.repurchase_rate.value,
    ltv_revenue: money(group.ltvRevenue),
    product_cost_share: results.product_cost_share.value,
    gmv: money(placed.amount),
    orders: count(placed.orders),
    growth: {
      previous: growthOf(placed, read.orders.previous, group, currency),
      last_year: growthOf(placed, read.orders.lastYear, group, currency),
    },
    reasons: reasonsOf(results),
  }
}

/** The same with the return on what the customers cost. Credit that no cost stands against is outside every return (F145). */
export function toRow(group: GroupOfCustomers, valued: Valued): CustomersRow {
  const { read, model, months } = valued
  const { cost, credit } = group.sums
  const { revenue, uncosted } = credit[model]
  const costed = group.numbers.filter((number) => read.groups[number]!.costed)
  const results = {
    roi: roi(revenue - uncosted, cost),
    ltv_roi: ltvRoi(broughtOf(read, costed, months).inHorizon.revenue, cost),
    contribution_roi: contributionRoi(addMargins(present(costed.map((number) => read.contribution.get(number)))), cost),
  }
  const whole = toWhole(group, valued)
  return {
    ...whole,
    roi: results.roi.value,
    ltv_roi: results.ltv_roi.value,
    contribution_roi: results.contribution_roi.value,
    reasons: { ...whole.reasons, ...reasonsOf(results) },
  }
}

function present<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined)
}

/** How many customers some groups have, and what is known of them. */
export function customersOf({ customers }: Gathered, numbers: readonly number[]) {
  return present(numbers.map((number) => customers.get(number))).reduce(
    (sum, own) => ({
      customers: sum.customers + own.customers,
      mature: sum.mature + own.mature,
      repeated: sum.repeated + own.repeated,
      left: sum.left + own.left,
      days: sum.days + own.days,
    }),
    { customers: 0n, mature: 0n, repeated: 0n, left: 0n, days: 0n },
  )
}

/** Orders of a group. */
export function ordersOf(orders: ReadonlyMap<number | null, Orders>, group: GroupOfCustomers): Orders {
  return present((group.orderNumbers ?? group.numbers).map((number) => orders.get(number))).reduce(
    (sum, own) => ({ orders: sum.orders + own.orders, amount: sum.amount + own.amount }),
    { orders: 0n, amount: 0n },
  )
}

function growthOf(
  now: Orders,
  orders: ReadonlyMap<number | null, Orders> | null,
  group: GroupOfCustomers,
  currency: string,
): CustomersWhole['growth']['previous'] {
  if (!orders) return null
  const before = ordersOf(orders, group)
  const against = (current: number, previous: number, shown: string | number) => {
    const { value, reason } = change(current, previous, 'amount').growth
    return { growth: value, previous: shown, ...(reason && { reason }) }
  }
  return {
    gmv: against(Number(now.amount), Number(before.amount), formatMinor(before.amount, currency)),
    orders: against(count(now.orders), count(before.orders), count(before.orders)),
  }
}
