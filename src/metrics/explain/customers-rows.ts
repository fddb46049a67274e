import { sql } from '../../db/sql.ts'
import { formatMinor } from '../../model/money.ts'
import { count } from '../formulas.ts'
import type { LtvBasis } from '../formulas-customers.ts'
import { dayRange, KIND } from '../sums.ts'
import { type Input, money, outcomes, type Situation, weighedMoney } from './figure.ts'

const BROUGHT = sql('metrics/explain/sql/customers.sql')
const STAY = sql('metrics/explain/sql/stay.sql')
const CONTRIBUTION = sql('metrics/explain/sql/contribution.sql')
const NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(KIND).map(([name, kind]) => [kind, name]),
)

/** What rows of customers are asked with. */
export interface CustomersRows {
  readonly situation: Situation
  /** Places as the statements take them. */
  readonly places: string | null
}

interface Counted {
  source_id: string | null
  source: string | null
  name: string | null
  weight: bigint
  all_count: bigint
}

interface BroughtRow extends Counted {
  account: string | null
  acquired_by: string
  acquired_day: string
  kind: number
  day: string
  age: number
  amount_minor: bigint
  product_cost: bigint
}

/** What customers brought, one row per outcome: minor units x weight of the customer. */
export function broughtLines({ situation, places }: CustomersRows, basis: LtvBasis, within: boolean): Input['read'] {
  const { reader, workspace, query } = situation
  const { currency, ltv_months, revenue_basis } = workspace.settings
  const booked = query.revenue_basis ?? revenue_basis
  return async ({ limit, offset }) => {
    const ask = [workspace.tenant, places, query.model, ...dayRange(query), booked, ltv_months, within, limit, offset]
    const rows = await reader.query<BroughtRow>(BROUGHT, ask)
    return {
      count: Number(rows[0]?.all_count ?? 0n),
      rows: rows.map((row) => {
        const minor = basis === 'margin' ? row.amount_minor - row.product_cost : row.amount_minor
        return {
          part: weighedMoney(minor * row.weight, currency),
          cells: {
            id: row.source_id,
            name: row.name,
            account: row.account,
            outcome: NAMES[Number(row.kind)]!,
            date: row.day,
            acquired_by: row.acquired_by,
            acquired: row.acquired_day,
            month: Number(row.age),
            amount: formatMinor(row.amount_minor, currency),
            product_cost: formatMinor(row.product_cost, currency),
            weight: count(row.weight),
          },
          exact: { minor, weight_units: row.weight },
        }
      }),
    }
  }
}

interface StayRow extends Counted {
  account: string | null
  day: string
  orders: bigint
  last_order: string
}

/** The customers themselves. @param today local day */
export function customerLines(
  { situation, places }: CustomersRows,
  which: 'customers' | 'mature' | 'repeated' | 'left',
  today: string,
): Input['read'] {
  const { reader, workspace, query } = situation
  const { ltv_months, churn_days } = workspace.settings
  return async ({ limit, offset }) => {
    const ask = [workspace.tenant, places, query.model, ...dayRange(query), ltv_months, today, churn_days]
    const rows = await reader.query<StayRow>(STAY, [...ask, which, limit, offset])
    return {
      count: Number(rows[0]?.all_count ?? 0n),
      rows: rows.map((row) => ({
        part: outcomes(row.weight),
        cells: {
          id: row.source_id,
          name: row.name,
          account: row.account,
          date: row.day,
          orders: Number(row.orders),
          last_order: row.last_order,
          weight: count(row.weight),
        },
        exact: { weight_units: row.weight },
      })),
    }
  }
}

interface ContributionRow extends Counted {
  kind: number
  day: string
  amount_minor: bigint
  product_cost: bigint
  known: boolean
  credited: bigint
}

/** Outcomes with a known cost against them, for their revenue or for the cost of what was sold. */
export function contributionLines({ situation, places }: CustomersRows, of: 'revenue' | 'product_cost'): Input['read'] {
  const { reader, workspace, query } = situation
  const { currency, revenue_basis } = workspace.settings
  const booked = query.revenue_basis ?? revenue_basis
  return async ({ limit, offset }) => {
    const ask = [workspace.tenant, places, query.model, ...dayRange(query), booked, limit, offset]
    const rows = await reader.query<ContributionRow>(CONTRIBUTION, ask)
    return {
      count: Number(rows[0]?.all_count ?? 0n),
      rows: rows.map((row) => ({
        part: of === 'revenue' ? money(row.credited, currency) : weighedMoney(row.product_cost * row.weight, currency),
        cells: {
          id: row.source_id,
          name: row.name,
          outcome: NAMES[Number(row.kind)]!,
          date: row.day,
          amount: formatMinor(row.amount_minor, currency),
          product_cost: row.known ? formatMinor(row.product_cost, currency) : null,
          weight: count(row.weight),
          credited: formatMinor(row.credited, currency),
        },
        exact:
          of === 'revenue'
            ? { amount_minor: row.amount_minor, credited_minor: row.credited, weight_units: row.weight }
            : { minor: row.product_cost, weight_units: row.weight },
      })),
    }
  }
}
