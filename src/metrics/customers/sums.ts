import type { Reader } from '../../db/database.ts'
import { sql } from '../../db/sql.ts'
import type { Period } from '../../model/period.ts'
import { type RuleModel, WHOLE } from '../../model/rule-models.ts'
import type { RevenueBasis } from '../../model/rules.ts'
import type { Workspace } from '../../model/settings.ts'
import type { Margin, Stay } from '../formulas-customers.ts'
import { dayRange, monthsAndDays } from '../sums.ts'

const VALUE = sql('metrics/sql/customers-value.sql')
const COUNT = sql('metrics/sql/customers-count.sql')
const CONTRIBUTION = sql('metrics/sql/contribution.sql')
const ORDERS = sql('metrics/sql/orders.sql')

/** What every statement about customers is asked with. */
export interface CustomersAsk extends Period {
  readonly model: RuleModel
  readonly revenueBasis: RevenueBasis
  /** Places with their groups; '' = the whole only. */
  readonly list: string
  /** Months of the horizon. */
  readonly months: number
  /** By month of acquisition as well. */
  readonly monthly: boolean
  /** Local day. */
  readonly today: string
}

/** A group, of everything or of the customers acquired in one month. */
interface Grouped {
  readonly group_no: number | null
  readonly month: string | null
}

/** What the customers of a group brought in one full month after their acquisition; `age` = the horizon: all that came later. */
export interface Brought extends Grouped {
  readonly age: number
  /** Minor units x weight. */
  readonly margin: Margin
}

/** How many customers a group has, and what is known of them. Weights in units of 1/WHOLE. */
export interface Customers extends Grouped, Stay {
  readonly customers: bigint
  readonly mature: bigint
  readonly repeated: bigint
}

/** Orders of a group: weight and minor units. */
export interface Orders {
  readonly orders: bigint
  readonly amount: bigint
}

/** What customers acquired in the period brought since, by group and age. */
export async function broughtBy(reader: Reader, { tenant }: Workspace, ask: CustomersAsk): Promise<Brought[]> {
  type Row = Grouped & { age: number; revenue: string; product_cost: string; gross: string; costed: string }
  const { list, model, revenueBasis, months, monthly } = ask
  const rows = await reader.query<Row>(VALUE, [tenant, list, model, ...dayRange(ask), revenueBasis, months, monthly])
  return rows.map(({ group_no, month, age, revenue, product_cost, gross, costed }) => ({
    group_no,
    month,
    age: Number(age),
    margin: {
      revenue: BigInt(revenue),
      productCost: BigInt(product_cost),
      gross: BigInt(gross),
      costed: BigInt(costed),
    },
  }))
}

/** Customers acquired in the period, by group. */
export async function countBy(
  reader: Reader,
  { tenant, settings }: Workspace,
  ask: CustomersAsk,
): Promise<Customers[]> {
  type Row = Grouped & { customers: bigint; mature: bigint; repeated: bigint; gone: bigint; days: string }
  const { list, model, months, today, monthly } = ask
  const parameters = [tenant, list, model, ...dayRange(ask), months, today, settings.churn_days, monthly]
  const rows = await reader.query<Row>(COUNT, parameters)
  return rows.map(({ gone, days, ...row }) => ({ ...row, left: gone, days: BigInt(days) }))
}

/** Revenue of the period with its product cost, by group, in minor units x weight. */
export async function contributionBy(
  reader: Reader,
  { tenant }: Workspace,
  { list, model, revenueBasis, ...period }: CustomersAsk,
): Promise<Map<number | null, Margin>> {
  type Row = { group_no: number | null; revenue: bigint; gross: bigint; costed: bigint; product_cost: string }
  const rows = await reader.query<Row>(CONTRIBUTION, [tenant, list, model, ...dayRange(period), revenueBasis])
  return new Map(
    rows.map(({ group_no, revenue, gross, costed, product_cost }) => [
      group_no,
      { revenue: revenue * WHOLE, gross: gross * WHOLE, costed: costed * WHOLE, productCost: BigInt(product_cost) },
    ]),
  )
}

/** Orders of a period, by group. */
export async function ordersBy(
  reader: Reader,
  { tenant }: Workspace,
  { list, model }: CustomersAsk,
  period: Period,
): Promise<Map<number | null, Orders>> {
  type Row = Orders & { group_no: number | null }
  const rows = await reader.query<Row>(ORDERS, [tenant, list, model, ...monthsAndDays(...dayRange(period))])
  return new Map(rows.map(({ group_no, ...orders }) => [group_no, orders]))
}
