import type { Drill, DrillRow, ReportQuery } from '../api.ts'
import type { Database, Reader } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import { formatMinor } from '../model/money.ts'
import { addDays, type Period } from '../model/period.ts'
import type { Workspace } from '../model/settings.ts'
import { Costed } from './costed.ts'
import { type DataLedger, ledgerOf } from './data-driven/ledger.ts'
import { count } from './formulas.ts'
import { type Place, readPlaces } from './places.ts'
import { repeated, sumQueryOf } from './query.ts'
import { readFigures } from './snapshot.ts'
import { dayRange, KIND, type Layer, type OutcomeKind, placesOf, REVENUE_KINDS, spendCells } from './sums.ts'

const CREDIT_LINES = sql('metrics/sql/credit-lines.sql')
const DATA_LINES = sql('metrics/data-driven/sql/credit-lines.sql')
const NAMES = Object.fromEntries(Object.entries(KIND).map(([name, kind]) => [kind, name])) as Record<
  number,
  OutcomeKind
>

const SOLD = ['won', 'loss'] as const

/** Key of credit without an eligible touch. */
export const UNATTRIBUTED = '(unattributed)'

/** Which group's outcomes, and which page of them. */
export interface DrillQuery extends Omit<ReportQuery, 'workspace' | 'date_basis'> {
  /** Absent = `close`. */
  readonly date_basis?: ReportQuery['date_basis']
  /** Group key; null = all attributed groups, `(unattributed)` = outcomes without a touch. */
  readonly key: string | null
  /** Of the second dimension; absent = all of it. */
  readonly key2?: string
  readonly offset: number
  readonly limit: number
}

/** Which outcomes of a group. */
export interface LineKind {
  /** `revenue`: those whose money is revenue under the basis; `sold`: won deals, and those of them that were lost again. */
  readonly kind: OutcomeKind | 'revenue' | 'sold'
  /** Only first won deals of customers. */
  readonly onlyNew?: boolean
  /** Only credit that a cost stands against (F145). */
  readonly costed?: boolean
  readonly layer?: Layer
}

/** An outcome behind a group, with its local day and its numbers as whole ones. */
export interface CreditLine extends DrillRow {
  readonly day: string
  /** Minor units of the whole outcome and of its credit, and its weight in units of 1/WHOLE. */
  readonly exact: { readonly amount: bigint; readonly credited: bigint; readonly weight: bigint }
}

/** A page of outcomes and the sums over all pages. */
export interface CreditLines {
  readonly rows: readonly CreditLine[]
  readonly count: number
  readonly weight: bigint
  readonly credited: bigint
}

/**
 * The outcomes behind the revenue of a row (F142): their credited money sums to it.
 * @throws RoiError `not_enough_data` for a data-driven model below the floor
 */
export async function drill(database: Database, workspace: Workspace, query: DrillQuery): Promise<Drill> {
  const { currency } = workspace.settings
  const { model, seed } = query
  const lines = await readFigures(database, workspace, async (reader, version) => {
    const question = { ...sumQueryOf(query, workspace.settings), model, seed }
    const ledger = await ledgerOf({ database, reader, version }, workspace, question)
    return creditLines(reader, workspace, query, { kind: 'revenue' }, ledger)
  })
  const { key, key2, offset, limit: _, ...question } = query
  const end = offset + lines.rows.length
  return {
    query: {
      ...repeated({ ...question, workspace: workspace.key }, workspace.settings),
      key: key ?? '',
      ...(key2 !== undefined && { key2 }),
    },
    currency,
    rows: lines.rows.map(({ day: _day, exact: _exact, ...row }) => row),
    count: lines.count,
    total: { credited: formatMinor(lines.credited, currency), weight: count(lines.weight) },
    next: end < lines.count ? end : null,
  }
}

/**
 * Outcomes behind a group, largest credit first.
 * @param ledger of the question's model, where that is a data-driven one
 */
export async function creditLines(
  reader: Reader,
  workspace: Workspace,
  query: DrillQuery,
  { kind, onlyNew = false, costed = false, layer }: LineKind,
  ledger?: DataLedger,
): Promise<CreditLines> {
  const { currency } = workspace.settings
  const ask = sumQueryOf(query, workspace.settings)
  const kinds = kind === 'revenue' ? REVENUE_KINDS[ask.revenueBasis] : kind === 'sold' ? SOLD : [kind]
  const weights = ledger?.result.weights
  const rows = await reader.query<LineRow>(weights ? DATA_LINES : CREDIT_LINES, [
    workspace.tenant,
    query.key === UNATTRIBUTED ? UNATTRIBUTED : await placeList(reader, workspace, query, costed),
    weights?.text ?? query.model,
    ...dayRange(monthly(query)),
    ask.dateBasis,
    kinds.map((name) => KIND[name]).join(','),
    onlyNew,
    layer ?? null,
    query.limit,
    query.offset,
    ...(weights ? [weights.shared] : []),
  ])
  const [first] = rows
  return {
    count: Number(first?.all_count ?? 0n),
    weight: first?.all_weight ?? 0n,
    credited: first?.all_credited ?? 0n,
    rows: rows.map((row) => ({
      deal_id: row.source_id,
      name: row.name,
      account: row.account,
      closed_at: new Date(row.occurred_at).toISOString(),
      day: row.day,
      outcome: NAMES[row.kind]!,
      source: row.source,
      amount: formatMinor(row.amount_minor, currency),
      weight: count(row.weight),
      credited: formatMinor(row.credited, currency),
      touches: Number(row.touches),
      touches_total: Number(row.touches_total),
      exact: { amount: row.amount_minor, credited: row.credited, weight: row.weight },
    })),
  }
}

/** Places of a group as the statement takes them; null = all there are. */
export async function placeList(
  reader: Reader,
  { tenant, settings }: Workspace,
  query: Omit<DrillQuery, 'offset' | 'limit'>,
  costed: boolean,
): Promise<string | null> {
  const ask = sumQueryOf(query, settings)
  if (query.key === null && query.key2 === undefined && ask.filter.length === 0 && !costed) return null
  const places = await readPlaces(reader, tenant, settings)
  let found = placesOf(places, ask, [query.key, query.key2 ?? null])
  if (costed) {
    const cells = await spendCells(reader, tenant, query, false)
    const known = new Costed(places, cells)
    found = found.filter((place: Place) => known.has(place))
  }
  return found.map(({ campaignId, channelId }) => `${campaignId}:${channelId}`).join(',')
}

/** The part of the period that lies in the month of a group of months. */
export function monthly(query: Pick<DrillQuery, 'by' | 'by2' | 'key' | 'key2' | 'from' | 'to'>): Period {
  const month = query.by === 'month' ? query.key : query.by2 === 'month' ? (query.key2 ?? null) : null
  if (month === null || !/^\d{4}-\d{2}$/.test(month)) return query
  const start = `${month}-01`
  const end = `${addDays(start, 31).slice(0, 7)}-01`
  return {
    from: query.from !== null && query.from > start ? query.from : start,
    to: query.to !== null && query.to < end ? query.to : end,
  }
}

interface LineRow {
  kind: number
  source_id: string
  source: string
  name: string | null
  account: string | null
  occurred_at: number
  day: string
  amount_minor: bigint
  weight: bigint
  credited: bigint
  touches: bigint | number
  touches_total: number
  all_count: bigint
  all_weight: bigint
  all_credited: bigint
}
