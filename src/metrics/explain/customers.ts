import type { CustomersRow } from '../../api/customers.ts'
import { GroupBy } from '../../api/group-by.ts'
import { localDay } from '../../model/period.ts'
import type { RuleModel } from '../../model/rule-models.ts'
import type { Rational } from '../custom-rational.ts'
import { groupsOf } from '../customers/customers.ts'
import { gather } from '../customers/gather.ts'
import { broughtOf, customersOf, type GroupOfCustomers, ordersOf, toRow, type Valued } from '../customers/row.ts'
import { placeList } from '../drill.ts'
import { known, none } from '../formulas.ts'
import { addMargins, ltvBasis, worth } from '../formulas-customers.ts'
import { WHOLE_GROUP } from '../groups.ts'
import { costLines } from './costs.ts'
import { outcomeLines } from './credit-lines.ts'
import { broughtLines, contributionLines, customerLines } from './customers-rows.ts'
import { type Figure, type Input, money, outcomes, type Situation, weighedMoney } from './figure.ts'
import { unknownGroup } from './report.ts'

/** Names in the dictionary with the fields of a row of customers that they are. */
const FIELDS = {
  contribution_roi: 'contribution_roi',
  ltv_roi: 'ltv_roi',
  ltv: 'ltv',
  ltv_predictive: 'ltv_predictive',
  ltv_to_cac: 'ltv_to_cac',
  payback: 'payback_months',
  repurchase_rate: 'repurchase_rate',
} as const satisfies Record<string, keyof CustomersRow & keyof CustomersRow['reasons']>
export type CustomersMetric = keyof typeof FIELDS | 'gmv' | 'orders' | 'gmv_growth' | 'orders_growth'

/** A metric of customers (M6, M7, M16-M19, M37), of a row or of everything with a touch. @throws RoiError `unknown_group` */
export async function customersFigure(situation: Situation): Promise<Figure> {
  const { reader, workspace, query, now } = situation
  const { settings } = workspace
  const { from, to } = query
  const by = query.key === null ? null : GroupBy.parse(query.by)
  const model = query.model as RuleModel
  const revenueBasis = query.revenue_basis ?? settings.revenue_basis
  const read = await gather(reader, workspace, { from, to, by, model, revenueBasis, compare: 'period', now })
  const basis = ltvBasis(broughtOf(read, [WHOLE_GROUP], settings.ltv_months).inHorizon)
  const valued: Valued = { read, model, basis, currency: settings.currency, months: settings.ltv_months }
  const group = groupOf(situation, valued, by)
  const row = toRow(group, valued)
  const asked = situation.metric as CustomersMetric
  return {
    result: resultOf(row, asked),
    inputs: INPUTS[asked].map((name) => inputOf({ situation, group, valued }, name)),
    configuration: { ltv_basis: basis, ltv_months: settings.ltv_months, churn_days: settings.churn_days },
  }
}

function resultOf(row: CustomersRow, metric: CustomersMetric): Figure['result'] {
  if (metric === 'gmv' || metric === 'orders') return known(row[metric])
  if (metric === 'gmv_growth' || metric === 'orders_growth') {
    const grown = row.growth.previous?.[metric === 'gmv_growth' ? 'gmv' : 'orders']
    return grown?.growth == null ? none(grown?.reason ?? 'no_prior') : known(grown.growth)
  }
  const value = row[FIELDS[metric]]
  return value === null ? none(row.reasons[FIELDS[metric]] ?? 'not_enough_data') : known(value)
}

function groupOf({ query }: Situation, valued: Valued, by: GroupBy | null): GroupOfCustomers {
  const { rows, attributed } = groupsOf(valued, by, 'en')
  if (query.key === null) return attributed
  const found = rows.find((group) => group.key === query.key)
  if (found) return found
  throw unknownGroup(
    query,
    rows.map((group) => group.key),
  )
}

type Name =
  | 'cost'
  | 'revenue'
  | 'product_cost'
  | 'ltv_revenue'
  | 'ltv_value'
  | 'value_ever'
  | 'customers'
  | 'mature'
  | 'repeated'
  | 'left'
  | 'gmv'
  | 'orders'
  | 'previous_gmv'
  | 'previous_orders'
const INPUTS: Readonly<Record<CustomersMetric, readonly Name[]>> = {
  contribution_roi: ['revenue', 'product_cost', 'cost'],
  ltv_roi: ['ltv_revenue', 'cost'],
  ltv: ['ltv_value', 'customers'],
  ltv_predictive: ['value_ever', 'left'],
  ltv_to_cac: ['ltv_value', 'customers', 'cost'],
  payback: ['ltv_value', 'cost'],
  repurchase_rate: ['repeated', 'mature'],
  gmv: ['gmv'],
  orders: ['orders'],
  gmv_growth: ['gmv', 'previous_gmv'],
  orders_growth: ['orders', 'previous_orders'],
}

interface Asked {
  readonly situation: Situation
  readonly group: GroupOfCustomers
  readonly valued: Valued
}

function inputOf({ situation, group, valued }: Asked, name: Name): Input {
  const { workspace, query, reader, now } = situation
  const { settings } = workspace
  const { currency, ltv_months: months } = settings
  const { read, basis } = valued
  const today = localDay(settings.zone, now.getTime())
  const costed = group.numbers.filter((number) => read.groups[number]!.costed)
  const paid = (total: Rational, lines: Input['read']): Input => ({ name, total, unit: 'money', read: lines })
  const counted = (weight: bigint, lines: Input['read']): Input => {
    return { name, total: outcomes(weight), unit: 'number', read: lines }
  }
  /** Rows of the group, or of the part of it that a cost stands against. */
  const rows = (onlyCosted: boolean, lines: (places: string | null) => Input['read']): Input['read'] => {
    return async (page) => lines(await placeList(reader, workspace, query, onlyCosted))(page)
  }
  const brought = broughtOf(read, group.numbers, months)
  switch (name) {
    case 'cost':
      return paid(money(group.sums.cost.minor, currency), costLines(situation, false))
    case 'revenue':
    case 'product_cost': {
      const margins = costed.flatMap((number) => read.contribution.get(number) ?? [])
      const { revenue, productCost } = addMargins(margins)
      const lines = rows(true, (places) => contributionLines({ situation, places }, name))
      return paid(weighedMoney(name === 'revenue' ? revenue : productCost, currency), lines)
    }
    case 'ltv_revenue': {
      const { revenue } = broughtOf(read, costed, months).inHorizon
      const lines = rows(true, (places) => broughtLines({ situation, places }, 'revenue', true))
      return paid(weighedMoney(revenue, currency), lines)
    }
    case 'ltv_value':
    case 'value_ever': {
      const within = name === 'ltv_value'
      const sum = worth(within ? brought.inHorizon : brought.ever, basis)
      const lines = rows(false, (places) => broughtLines({ situation, places }, basis, within))
      return paid(weighedMoney(sum, currency), lines)
    }
    case 'gmv':
    case 'orders':
      return ordered(situation, name, ordersOf(read.orders.now, group), query)
    case 'previous_gmv':
    case 'previous_orders': {
      const { previous } = read.periods
      const before = read.orders.previous
      const nothing = { orders: 0n, amount: 0n }
      const period = { ...query, from: previous?.from ?? query.from, to: previous?.to ?? query.to }
      if (!before || !previous) return { ...ordered(situation, name, nothing, period), read: EMPTY }
      return ordered(situation, name, ordersOf(before, group), period)
    }
    default: {
      const weight = customersOf(read, group.numbers)[name]
      return counted(
        weight,
        rows(false, (places) => customerLines({ situation, places }, name, today)),
      )
    }
  }
}

const EMPTY: Input['read'] = async () => ({ rows: [], count: 0 })

/** Won deals of a period at their amount, whatever became of them later. */
function ordered(
  situation: Situation,
  name: Name,
  { orders, amount }: { readonly orders: bigint; readonly amount: bigint },
  query: Situation['query'],
): Input {
  const asMoney = name === 'gmv' || name === 'previous_gmv'
  return {
    name,
    total: asMoney ? money(amount, situation.workspace.settings.currency) : outcomes(orders),
    unit: asMoney ? 'money' : 'number',
    read: outcomeLines({ ...situation, query }, { kind: 'won', money: asMoney }),
  }
}
