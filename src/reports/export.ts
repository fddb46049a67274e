import { stringify } from 'csv-stringify/sync'
import type { Database, RowOut } from '../db/database.ts'
import type { Value } from '../db/schema.ts'
import { sql } from '../db/sql.ts'
import { UNATTRIBUTED_CHANNEL } from '../journey/channels.ts'
import { count } from '../metrics/formulas.ts'
import { ERASED } from '../metrics/record/words.ts'
import { readFigures } from '../metrics/snapshot.ts'
import { KIND } from '../metrics/sums.ts'
import { formatMinor } from '../model/money.ts'
import type { RuleModel } from '../model/rule-models.ts'
import type { Workspace } from '../model/settings.ts'

/** What `export` can write besides `credit`. */
export const EXPORTS = [
  'campaigns',
  'costs',
  'contacts',
  'accounts',
  'touches',
  'deals',
  'payments',
  'invoices',
  'rates',
] as const
export type ExportName = (typeof EXPORTS)[number]
export type ExportFormat = 'csv' | 'json'

const CREDIT = sql('reports/sql/credit.sql')
const KIND_NAMES = new Map(Object.entries(KIND).map(([name, kind]) => [kind as number, name]))
const MONEY = new Set(['amount', 'budget', 'target_revenue', 'product_cost'])
const INSTANTS = new Set([
  'created_at',
  'lead_at',
  'mql_at',
  'sql_at',
  'occurred_at',
  'closed_at',
  'paid_at',
  'issued_at',
])

/** Columns of `export credit`, in order (architecture.md §6.2). */
const CREDIT_COLUMNS = [
  'outcome',
  'outcome_id',
  'touch_id',
  'channel',
  'campaign_id',
  'model',
  'credit',
  'amount_minor',
  'currency',
] as const

/**
 * The credit ledger under one model: one row per outcome and touch, or one row with channel `(unattributed)`. Credit to
 * 12 decimals, money in minor units. The same input and settings give the same bytes.
 */
export async function* exportCredit(
  database: Database,
  workspace: Workspace,
  { model, format }: { readonly model: RuleModel; readonly format: ExportFormat },
): AsyncIterable<string> {
  const { currency } = workspace.settings
  await readFigures(database, workspace, async () => undefined)
  const batches = database.stream<CreditRow>(CREDIT, [workspace.tenant, model])
  const rows = mapBatches(batches, (row) => ({
    outcome: KIND_NAMES.get(row.kind)!,
    outcome_id: row.outcome_id,
    touch_id: row.touch_id,
    channel: row.channel ?? UNATTRIBUTED_CHANNEL,
    campaign_id: row.campaign_id,
    model,
    credit: format === 'csv' ? new Numeric(count(row.weight).toFixed(12)) : count(row.weight),
    amount_minor: new Numeric(String(row.amount_minor)),
    currency,
  }))
  yield* format === 'csv' ? toCsv(rows, CREDIT_COLUMNS) : toJson(rows)
}

/** Records of one kind; the first column is the source's id. Money is decimal, instants are ISO 8601 in UTC. */
export async function* exportRecords(
  database: Database,
  workspace: Workspace,
  { what, format }: { readonly what: ExportName; readonly format: ExportFormat },
): AsyncIterable<string> {
  const { currency } = workspace.settings
  const { locale } = workspace.settings
  const parameters = what === 'contacts' ? [workspace.tenant, ERASED[locale]] : [workspace.tenant]
  const batches = database.stream(sql(`reports/sql/export-${what}.sql`), parameters)
  const rows = mapBatches(batches, (row) => {
    const of = (row.currency as string | null) ?? currency
    return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cell(name, value, of)]))
  })
  yield* format === 'csv' ? toCsv(rows, null) : toJson(rows)
}

interface CreditRow {
  kind: number
  outcome_id: string
  touch_id: string | null
  channel: string | null
  campaign_id: string | null
  weight: bigint
  amount_minor: bigint
}

/** A number kept as text, so that no digit is lost and no cell is taken for a formula. */
class Numeric {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  toJSON(): string {
    return this.text
  }
}

type Cell = Value | Numeric

function cell(name: string, value: Value, currency: string): Cell {
  if (value === null) return null
  if (MONEY.has(name)) return new Numeric(formatMinor(value as bigint, currency))
  if (INSTANTS.has(name)) return new Date(value as number).toISOString()
  return typeof value === 'bigint' ? new Numeric(String(value)) : value
}

async function* mapBatches<In extends RowOut | CreditRow>(
  batches: AsyncIterable<In[]>,
  map: (row: In) => Record<string, Cell>,
): AsyncIterable<Record<string, Cell>[]> {
  for await (const batch of batches) yield batch.map(map)
}

/** Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers stay numbers. */
function csvCell(value: Cell): string {
  if (value === null) return ''
  if (value instanceof Numeric) return value.text
  if (typeof value !== 'string') return String(value)
  return /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
}

async function* toCsv(
  batches: AsyncIterable<Record<string, Cell>[]>,
  columns: readonly string[] | null,
): AsyncIterable<string> {
  let head = columns
  if (head) yield stringify([[...head]])
  for await (const batch of batches) {
    if (!head && batch[0]) {
      head = Object.keys(batch[0])
      yield stringify([[...head]])
    }
    if (batch.length > 0) yield stringify(batch.map((row) => head!.map((name) => csvCell(row[name] ?? null))))
  }
}

async function* toJson(batches: AsyncIterable<Record<string, Cell>[]>): AsyncIterable<string> {
  let first = true
  yield '['
  for await (const batch of batches) {
    for (const row of batch) {
      yield `${first ? '\n' : ',\n'}${JSON.stringify(row)}`
      first = false
    }
  }
  yield '\n]\n'
}
