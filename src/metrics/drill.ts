import type { Dimension, Drill, DrillRow } from '../api.ts'
import type { Database, Reader } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import { formatMinor } from '../model/money.ts'
import type { Period } from '../model/period.ts'
import type { RuleModel } from '../model/rule-models.ts'
import type { Workspace } from '../model/settings.ts'
import { count } from './formulas.ts'
import { readFigures } from './snapshot.ts'
import { dayRange, KIND, type OutcomeKind } from './sums.ts'

const CREDIT_LINES = sql('metrics/sql/credit-lines.sql')

/** Which group's outcomes, and which page of them. */
export interface DrillQuery extends Period {
  readonly by: Dimension
  /** Group key; null = all attributed groups, `(unattributed)` = outcomes without a touch. */
  readonly key: string | null
  readonly model: RuleModel
  readonly offset: number
  readonly limit: number
}

/** A page of outcomes and the sums over all pages. */
export interface CreditLines {
  readonly rows: readonly DrillRow[]
  readonly count: number
  readonly weight: bigint
  readonly credited: bigint
}

/** The won deals behind a row (F142): their credited money sums to the row's revenue. */
export async function drill(database: Database, workspace: Workspace, query: DrillQuery): Promise<Drill> {
  const { currency } = workspace.settings
  const lines = await readFigures(database, workspace, (reader) => creditLines(reader, workspace, query, 'won'))
  const end = query.offset + lines.rows.length
  return {
    query: {
      workspace: workspace.key,
      by: query.by,
      model: query.model,
      from: query.from,
      to: query.to,
      date_basis: 'close',
      key: query.key ?? '',
    },
    currency,
    rows: [...lines.rows],
    count: lines.count,
    total: { credited: formatMinor(lines.credited, currency), weight: count(lines.weight) },
    next: end < lines.count ? end : null,
  }
}

/** Outcomes of one kind behind a group, largest credit first. */
export async function creditLines(
  reader: Reader,
  workspace: Workspace,
  query: DrillQuery,
  kind: OutcomeKind,
  onlyNew = false,
): Promise<CreditLines> {
  const { currency } = workspace.settings
  const rows = await reader.query<LineRow>(CREDIT_LINES, [
    workspace.tenant,
    query.by,
    query.key,
    ...dayRange(query),
    query.model,
    KIND[kind],
    onlyNew,
    query.limit,
    query.offset,
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
      amount: formatMinor(row.amount_minor, currency),
      weight: count(row.weight),
      credited: formatMinor(row.credited, currency),
      touches: Number(row.touches),
      touches_total: Number(row.touches_total),
    })),
  }
}

interface LineRow {
  source_id: string
  name: string | null
  account: string | null
  occurred_at: number
  amount_minor: bigint
  weight: bigint
  credited: bigint
  touches: bigint | number
  touches_total: number
  all_count: bigint
  all_weight: bigint
  all_credited: bigint
}
