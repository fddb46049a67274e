import type { Customers } from '../../api/customers.ts'
import type { Database } from '../../db/database.ts'
import type { Locale, Text } from '../../errors.ts'
import type { Period } from '../../model/period.ts'
import { WHOLE as UNIT } from '../../model/rule-models.ts'
import type { Workspace } from '../../model/settings.ts'
import { costedShare, ltvBasis } from '../formulas-customers.ts'
import { NO_TOUCH, WHOLE_GROUP } from '../groups.ts'
import { keeper } from '../kept.ts'
import { labelOf } from '../labels.ts'
import { TOTAL } from '../report.ts'
import { readFigures } from '../snapshot.ts'
import { emptySums, total } from '../sums.ts'
import { allNumbers, type CustomersQuery, gather, numbersOf } from './gather.ts'
import { broughtOf, type GroupOfCustomers, isEmpty, toRow, toWhole, type Valued } from './row.ts'

const WHOLE = { en: 'All customers', 'zh-CN': '全部客户' } as const satisfies Text
const UNATTRIBUTED = { en: 'Unattributed', 'zh-CN': '未归因' } as const satisfies Text
/** Answers kept per store. What "today" is, is then at most an hour old. */
const keep = keeper<Customers>(20)
const HOUR_MS = 3_600_000

/**
 * Customers acquired in a period (M15): what they are worth (M16), against what they cost (M7, M17, M18), whether they come again
 * (M19), the period's revenue by layer (M20), after product cost (M6), and its orders (M37); of everything and by group. Cost, revenue
 * and CAC are the report's, of closed months as they were locked; what customers brought since follows the ledger as it is.
 */
export function customers(
  database: Database,
  workspace: Workspace,
  query: CustomersQuery,
  locale: Locale,
): Promise<Customers> {
  const question = [workspace, { ...query, now: Math.floor(query.now.getTime() / HOUR_MS) }, locale]
  return keep(database, database.version, question, () => compute(database, workspace, query, locale))
}

async function compute(
  database: Database,
  workspace: Workspace,
  query: CustomersQuery,
  locale: Locale,
): Promise<Customers> {
  const { settings } = workspace
  const { by, model, from, to } = query
  const read = await readFigures(database, workspace, (reader) => gather(reader, workspace, query))
  const all = broughtOf(read, [WHOLE_GROUP], settings.ltv_months)
  const basis = ltvBasis(all.inHorizon)
  const valued: Valued = { read, model, basis, currency: settings.currency, months: settings.ltv_months }
  const { rows: groups, attributed, unattributed, whole } = groupsOf(valued, by, locale)
  const rows = groups
    .filter((group) => by && !isEmpty(group, valued))
    .map((group) => toRow(group, valued))
    .sort((a, b) => b.customers - a.customers || (a.key < b.key ? -1 : 1))
  const everyone = toWhole(whole, valued)
  const limit = settings.thresholds.ltv_to_cac
  const ratio = everyone.ltv_to_cac
  return {
    query: { workspace: workspace.key, model, from, to, by, revenue_basis: query.revenueBasis, compare: query.compare },
    currency: settings.currency,
    horizon_months: settings.ltv_months,
    churn_days: settings.churn_days,
    ltv_basis: basis,
    ltv_costed_share: costedShare(all.inHorizon).value,
    immature: everyone.mature_customers < everyone.customers,
    previous: bounded(read.periods.previous),
    last_year: bounded(read.periods.lastYear),
    whole: everyone,
    rows,
    total: toRow(attributed, valued),
    unattributed: toWhole(unattributed, valued),
    ltv_to_cac: { ...limit, met: ratio === null ? null : ratio > limit.value },
    fx_missing: { costs: read.summed.costsWithoutRate, deals: read.dealsWithoutRate },
  }
}

/** Groups of customers, as a report shows them. */
export interface Groups {
  readonly rows: readonly GroupOfCustomers[]
  readonly attributed: GroupOfCustomers
  readonly unattributed: GroupOfCustomers
  readonly whole: GroupOfCustomers
}

/** The groups of the dimension, what has a touch, what has none, and everything; their money adds up to the last unit. */
export function groupsOf({ read, months }: Valued, by: CustomersQuery['by'], locale: Locale): Groups {
  const { groups, summed } = read
  const brought = (numbers: readonly number[]) => broughtOf(read, numbers, months).inHorizon.revenue
  let upTo = 0n
  let given = 0n
  // Of closed months the report knows the groups they were locked with; customers follow the ledger as it is.
  const known = new Set(summed.groups.map(({ key }) => key))
  const later = groups.filter(({ key }) => !known.has(key)).map(({ key, name }) => ({ ...emptySums(key, null), name }))
  const rows = [...summed.groups, ...new Map(later.map((sums) => [sums.key, sums])).values()]
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map((sums) => {
      const numbers = numbersOf(groups, sums.key)
      upTo += brought(numbers)
      const ltvRevenue = upTo / UNIT - given
      given += ltvRevenue
      return { key: sums.key, label: by ? labelOf(by, sums, locale) : '', numbers, sums, ltvRevenue }
    })
  // Customers are whole in the end: no part of a unit is left.
  const all = brought([WHOLE_GROUP]) / UNIT
  return {
    rows,
    attributed: {
      key: '',
      label: TOTAL[locale],
      numbers: numbersOf(groups, null),
      sums: total(summed.groups),
      ltvRevenue: given,
    },
    unattributed: {
      key: '(unattributed)',
      label: UNATTRIBUTED[locale],
      numbers: [NO_TOUCH],
      sums: summed.unattributed,
      ltvRevenue: all - given,
    },
    whole: {
      key: '',
      label: WHOLE[locale],
      numbers: [WHOLE_GROUP],
      orderNumbers: allNumbers(groups),
      sums: total([...summed.groups, summed.unattributed]),
      ltvRevenue: all,
    },
  }
}

function bounded(period: Period | null): Customers['previous'] {
  return period?.from && period.to ? { from: period.from, to: period.to } : null
}
