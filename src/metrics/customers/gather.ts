import type { GroupBy } from '../../api/group-by.ts'
import type { Reader } from '../../db/database.ts'
import type { CalendarUnit, Period } from '../../model/period.ts'
import { addDays, lastYear, localDay, previousPeriod, previousUnit } from '../../model/period.ts'
import type { RuleModel } from '../../model/rule-models.ts'
import type { RevenueBasis } from '../../model/rules.ts'
import type { Workspace } from '../../model/settings.ts'
import { Costed } from '../costed.ts'
import type { Margin } from '../formulas-customers.ts'
import { gathered, groupPlaces, NO_TOUCH, type PlaceGroup } from '../groups.ts'
import { sumQueryOf } from '../query.ts'
import { dayRange, KIND, REVENUE_KINDS, type Summed, spendCells, sumBy } from '../sums.ts'
import {
  type Brought,
  broughtBy,
  type Customers,
  type CustomersAsk,
  contributionBy,
  countBy,
  type Orders,
  ordersBy,
} from './sums.ts'

/** Which customers. */
export interface CustomersQuery extends Period {
  /** Null: no groups. */
  readonly by: GroupBy | null
  readonly model: RuleModel
  readonly revenueBasis: RevenueBasis
  /** What the previous period is: one of equal length, or the calendar unit before. */
  readonly compare: 'period' | CalendarUnit
  readonly now: Date
}

/** Everything read for the answer, by number of the group. */
export interface Gathered {
  readonly groups: readonly PlaceGroup[]
  readonly summed: Summed
  readonly brought: ReadonlyMap<number | null, readonly Brought[]>
  readonly customers: ReadonlyMap<number | null, Customers>
  readonly contribution: ReadonlyMap<number | null, Margin>
  readonly orders: Compared
  readonly periods: Periods
  readonly dealsWithoutRate: number
}

/** The periods that growth compares with; null where there is no such. */
export interface Periods {
  readonly previous: Period | null
  readonly lastYear: Period | null
}

type ByGroup = ReadonlyMap<number | null, Orders>
/** Orders of the period and of those it is compared with. */
export interface Compared {
  readonly now: ByGroup
  readonly previous: ByGroup | null
  readonly lastYear: ByGroup | null
}

export async function gather(reader: Reader, workspace: Workspace, query: CustomersQuery): Promise<Gathered> {
  const { settings, tenant } = workspace
  const { by, model, revenueBasis, from, to } = query
  const today = localDay(settings.zone, query.now.getTime())
  const sums = sumQueryOf({ from, to, ...(by && { by }), revenue_basis: revenueBasis }, settings)
  const summed = await sumBy(reader, workspace, sums)
  const costs = await spendCells(reader, tenant, query, false)
  const { list, groups } = groupPlaces(summed.places, by, new Costed(summed.places, costs))
  const months = settings.ltv_months
  const ask: CustomersAsk = { from, to, model, revenueBasis, list, months, monthly: false, today }
  const periods = compared(query, settings.fiscal_start, today)
  const orders = async (period: Period | null) => period && (await ordersBy(reader, workspace, ask, period))
  return {
    groups,
    summed,
    brought: gathered(await broughtBy(reader, workspace, ask), ({ group_no }) => group_no),
    customers: new Map((await countBy(reader, workspace, ask)).map((row) => [row.group_no, row])),
    contribution: await contributionBy(reader, workspace, ask),
    orders: {
      now: await ordersBy(reader, workspace, ask, query),
      previous: await orders(periods.previous),
      lastYear: await orders(periods.lastYear),
    },
    periods,
    dealsWithoutRate: await withoutRate(reader, tenant, query),
  }
}

/** Numbers of the groups behind a key; of all with a touch where there is none. */
export function numbersOf(groups: readonly PlaceGroup[], key: string | null): number[] {
  return groups.flatMap((group, number) => (key === null || group.key === key ? [number] : []))
}

/** Every number but that of the whole: orders are not answered for it. */
export function allNumbers(groups: readonly PlaceGroup[]): number[] {
  return [...numbersOf(groups, null), NO_TOUCH]
}

/** A period that has not ended is compared with as many days. */
function compared({ from, to, compare }: CustomersQuery, fiscalStart: number, today: string): Periods {
  const tomorrow = addDays(today, 1)
  const elapsed = { from, to: to !== null && from !== null && from < tomorrow && tomorrow < to ? tomorrow : to }
  return {
    previous: compare === 'period' ? previousPeriod({ from, to }) : previousUnit(elapsed, compare, fiscalStart),
    lastYear: lastYear(elapsed),
  }
}

async function withoutRate(reader: Reader, tenant: number, query: CustomersQuery): Promise<number> {
  const [first] = REVENUE_KINDS[query.revenueBasis].map((kind) => KIND[kind])
  const [row] = await reader.query<{ n: bigint }>(
    `SELECT count(*) AS n FROM outcome
     WHERE tenant_id = $1 AND kind = $2 AND fx_missing AND day >= CAST($3 AS DATE) AND day < CAST($4 AS DATE)`,
    [tenant, first!, ...dayRange(query)],
  )
  return Number(row?.n ?? 0n)
}
