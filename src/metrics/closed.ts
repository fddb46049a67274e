import type { Dimension } from '../api.ts'
import type { Reader } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import type { Filter, RevenueBasis } from '../model/rules.ts'
import { NONE } from './places.ts'

const PLACES = 'SELECT id, keys, name, costed FROM closed_place WHERE tenant_id = $1'
const SUMS = sql('metrics/sql/closed-sums.sql')
const SPEND = sql('metrics/sql/closed-spend.sql')
const TOTALS = sql('metrics/sql/closed-totals.sql')

/** Where locked credit or cost lies, as it was grouped when the month was closed. */
export interface LockedPlace {
  readonly id: bigint
  keyOf(dimension: Dimension): string
  matches(filter: Filter): boolean
  /** Of its campaign. */
  readonly name: string | null
  /** A cost was known of it. */
  readonly costed: boolean
}

/** The closed months of a period, whose numbers are locked (F144). */
export interface Closed {
  /** First days, in order. */
  readonly months: readonly string[]
  readonly places: readonly LockedPlace[]
}

export const NOTHING_CLOSED: Closed = { months: [], places: [] }

/** First days of the closed months that lie whole inside a span of days. */
export async function closedMonths(reader: Reader, tenant: number, from: string, to: string): Promise<string[]> {
  const rows = await reader.query<{ month: string }>(
    `SELECT month FROM closed_month
     WHERE tenant_id = $1 AND month >= CAST($2 AS DATE) AND CAST(month + INTERVAL '1 month' AS DATE) <= CAST($3 AS DATE)
     ORDER BY month`,
    [tenant, from, to],
  )
  return rows.map(({ month }) => month)
}

/** The same with the places of their numbers. */
export async function readClosed(reader: Reader, tenant: number, from: string, to: string): Promise<Closed> {
  const months = await closedMonths(reader, tenant, from, to)
  if (months.length === 0) return NOTHING_CLOSED
  const rows = await reader.query<{ id: bigint; keys: string; name: string | null; costed: boolean }>(PLACES, [tenant])
  return { months, places: rows.map(toPlace) }
}

/** Statements take months as one text. */
export function monthList(months: readonly string[]): string {
  return months.join(',')
}

/** Locked credit by group. @param groups as 'place:group,...' */
export function closedSums<Row>(
  reader: Reader,
  tenant: number,
  { months }: Closed,
  groups: string,
  monthly: boolean,
): Promise<Row[]> {
  return reader.query<Row>(SUMS, [tenant, groups, monthly, monthList(months)])
}

/** Locked cost of a place. */
export interface LockedSpend {
  readonly place_id: bigint
  readonly month: string | null
  readonly cost: bigint
  readonly media: bigint
  readonly cost_rows: bigint
  readonly media_rows: bigint
  readonly fx_missing: bigint
}

export function closedSpend(
  reader: Reader,
  tenant: number,
  { months }: Closed,
  monthly: boolean,
): Promise<LockedSpend[]> {
  return reader.query<LockedSpend>(SPEND, [tenant, monthly, monthList(months)])
}

/** What the CRM said of closed months when they were closed. */
export async function closedTotals(reader: Reader, tenant: number, months: readonly string[], basis: RevenueBasis) {
  const [row] = await reader.query<{ won_minor: bigint; deals: bigint; fx_missing: bigint }>(TOTALS, [
    tenant,
    basis,
    monthList(months),
  ])
  return { won: row!.won_minor, deals: Number(row!.deals), withoutRate: Number(row!.fx_missing) }
}

function toPlace(row: { id: bigint; keys: string; name: string | null; costed: boolean }): LockedPlace {
  const keys = JSON.parse(row.keys) as Partial<Record<Dimension, string>>
  // A dimension that came after the close says nothing of it.
  const keyOf = (dimension: Dimension) => keys[dimension] ?? NONE
  return {
    id: row.id,
    name: row.name,
    costed: row.costed,
    keyOf,
    matches: (filter) => filter.every(({ dimension, is }) => is.includes(keyOf(dimension))),
  }
}
