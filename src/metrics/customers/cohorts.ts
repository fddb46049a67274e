import type { Cohorts } from '../../api/customers.ts'
import type { GroupBy } from '../../api/group-by.ts'
import type { Database, Reader } from '../../db/database.ts'
import { divideRounded, formatMinor } from '../../model/money.ts'
import { addDays, addMonths, localDay, type Period } from '../../model/period.ts'
import { type RuleModel, WHOLE } from '../../model/rule-models.ts'
import type { RevenueBasis } from '../../model/rules.ts'
import type { Workspace } from '../../model/settings.ts'
import { type Cost, count } from '../formulas.ts'
import { addMargins, costedShare, type LtvBasis, ltvBasis, type Margin, payback, worth } from '../formulas-customers.ts'
import { placesOfGroup, WHOLE_GROUP } from '../groups.ts'
import { readPlaces } from '../places.ts'
import { sumQueryOf } from '../query.ts'
import { readFigures } from '../snapshot.ts'
import { sumBy } from '../sums.ts'
import { broughtBy, type CustomersAsk, countBy } from './sums.ts'

/** Which customers, in how many columns. */
export interface CohortsQuery extends Period {
  /** A group of a dimension; null = every customer. */
  readonly group: { readonly by: GroupBy; readonly key: string } | null
  readonly model: RuleModel
  readonly revenueBasis: RevenueBasis
  readonly months: number
  readonly now: Date
}

/** Customers acquired in one month. */
interface Cohort {
  readonly month: string
  customers: bigint
  cost: Cost
  /** By full month since acquisition. */
  readonly brought: Margin[]
}

/**
 * What the customers of each month brought since, month by month, beside the cost of the month (F124).
 * @throws RoiError `unknown_group`
 */
export async function cohorts(database: Database, workspace: Workspace, query: CohortsQuery): Promise<Cohorts> {
  const { settings } = workspace
  const { currency } = settings
  const { group, months, model, from, to } = query
  const today = localDay(settings.zone, query.now.getTime())
  const found = await readFigures(database, workspace, (reader) => gather(reader, workspace, query, today))
  const all = addMargins(found.flatMap(({ brought }) => brought))
  const basis = ltvBasis(all)
  return {
    query: {
      workspace: workspace.key,
      model,
      from,
      to,
      by: group?.by ?? null,
      key: group?.key ?? null,
      revenue_basis: query.revenueBasis,
      months,
    },
    currency,
    basis,
    product_cost_share: costedShare(all).value,
    rows: found.map((cohort) => toRow(cohort, { basis, currency, months, today })),
  }
}

async function gather(reader: Reader, workspace: Workspace, query: CohortsQuery, today: string): Promise<Cohort[]> {
  const { tenant, settings } = workspace
  const { group, from, to, model, revenueBasis, months } = query
  const list = group ? placesOfGroup(await readPlaces(reader, tenant, settings), group.by, group.key) : ''
  const ask: CustomersAsk = { from, to, model, revenueBasis, list, months, monthly: true, today }
  const number = group ? 0 : WHOLE_GROUP
  const byMonth = new Map<string, Cohort>()
  const cohort = (month: string) => {
    let found = byMonth.get(month)
    if (!found) {
      found = { month, customers: 0n, cost: { minor: 0n, rows: 0 }, brought: [] }
      byMonth.set(month, found)
    }
    return found
  }
  for (const row of await countBy(reader, workspace, ask)) {
    if (row.group_no === number) cohort(row.month!).customers = row.customers
  }
  for (const row of await broughtBy(reader, workspace, ask)) {
    if (row.group_no === number && row.age < months) cohort(row.month!).brought[row.age] = row.margin
  }
  const where = group ? [{ dimension: group.by, is: [group.key] }] : []
  const summed = await sumBy(reader, workspace, sumQueryOf({ from, to, by: 'month', where }, settings))
  for (const { key, cost } of summed.groups) if (cost.rows > 0) cohort(key).cost = cost
  return [...byMonth.values()].sort((a, b) => (a.month < b.month ? -1 : 1))
}

interface Shown {
  readonly basis: LtvBasis
  readonly currency: string
  readonly months: number
  /** Local day. */
  readonly today: string
}

function toRow(cohort: Cohort, { basis, currency, months, today }: Shown): Cohorts['rows'][number] {
  const byMonth = Array.from({ length: months }, (_, month) => cohort.brought[month] ?? addMargins([]))
  const units = (brought: bigint) => divideRounded(brought, WHOLE)
  const money = (minor: bigint) => formatMinor(minor, currency)
  const margin = (minor: (of: (margin: Margin) => bigint) => bigint) =>
    basis === 'margin' ? money(minor((own) => worth(own, basis))) : null
  const newest = addDays(addMonths(`${cohort.month}-01`, 1), -1)
  const so_far = addMargins(byMonth)
  const back = payback(
    byMonth.map((of) => worth(of, basis)),
    cohort.customers,
    cohort.cost,
  )
  return {
    cohort: cohort.month,
    customers: count(cohort.customers),
    cost: formatMinor(cohort.cost.minor, currency),
    cells: byMonth.map((_, month) => {
      // The month has passed for a customer of the cohort's last day, hence for all of them.
      const passed = addMonths(newest, month + 1) <= today
      if (!passed) return { month, revenue: null, cumulative_revenue: null, margin: null, cumulative_margin: null }
      // Each month is what it adds to the sum as shown, so that parts of customers add up to the last unit.
      const [before, sum] = [month, month + 1].map((months) => addMargins(byMonth.slice(0, months)))
      return {
        month,
        revenue: money(units(sum!.revenue) - units(before!.revenue)),
        cumulative_revenue: money(units(sum!.revenue)),
        margin: margin((of) => units(of(sum!)) - units(of(before!))),
        cumulative_margin: margin((of) => units(of(sum!))),
      }
    }),
    so_far: { revenue: money(units(so_far.revenue)), margin: margin((of) => units(of(so_far))) },
    payback_month: back.value,
    reasons: {
      ...(back.reason && { payback_month: back.reason }),
      ...(basis === 'revenue' && { margin: 'no_product_cost' as const }),
    },
  }
}
