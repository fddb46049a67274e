import type { Database, Reader, RowOut, Transaction } from '../../db/database.ts'
import { columnsOf, RECORD_TABLES, type RowIn, type Table, type Value } from '../../db/schema.ts'

/** Rows written in one transaction. */
const BATCH = 10_000
/** Rows per statement of a table without a bulk insert. */
const SMALL = 250

/** A table as it is moved between stores. */
export interface FactTable {
  readonly name: string
  readonly columns: readonly string[]
  /** Its name where rows can be added in bulk. */
  readonly bulk: Table | undefined
}

const bulk = (name: Table): FactTable => ({ name, columns: columnsOf(name).map(([column]) => column), bulk: name })

/** Tables that cannot be worked out from others. */
export const COPIED_FACTS: readonly FactTable[] = [
  ...RECORD_TABLES.map(bulk),
  ...(
    ['deal_contact', 'source_key', 'channel', 'alias', 'erased', 'erased_link', 'campaign_fix', 'touch_fix'] as const
  ).map(bulk),
  { name: 'seen', columns: ['tenant_id', 'connection', 'stream', 'id'], bulk: undefined },
  { name: 'sync_cursor', columns: ['tenant_id', 'connection', 'stream', 'cursor'], bulk: undefined },
]
/** Tables that a recompute fills from the others. */
export const DERIVED_FACTS = [
  'identity',
  'deal_person',
  'outcome',
  'credit',
  'rollup',
  'spend',
  'fx',
  'passed_over',
  'person_stage',
  'dirty',
  'scope',
  'closed_month',
  'closed_place',
  'closed_cell',
  'closed_spend',
  'closed_total',
] as const

/** Rows of a workspace in batches. */
export async function* factRows(database: Database, table: FactTable, tenant: number): AsyncIterable<RowOut[]> {
  const columns = table.columns.map((column) => `"${column}"`).join(', ')
  let batch: RowOut[] = []
  for await (const rows of database.stream(`SELECT ${columns} FROM ${table.name} WHERE tenant_id = $1`, [tenant])) {
    batch = batch.concat(rows)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** Adds rows in one transaction. */
export function addFactRows(database: Database, table: FactTable, rows: readonly RowIn[]): Promise<void> {
  return database.write(async (tx) => {
    if (table.bulk) await tx.insert(table.bulk, rows)
    else for (let start = 0; start < rows.length; start += SMALL) await add(tx, table, rows.slice(start, start + SMALL))
  })
}

async function add(tx: Transaction, { name, columns }: FactTable, rows: readonly RowIn[]): Promise<void> {
  const parameters: Value[] = []
  const values = rows.map(
    (row) => `(${columns.map((column) => `$${parameters.push(row[column] ?? null)}`).join(', ')})`,
  )
  await tx.run(`INSERT INTO ${name} (${columns.join(', ')}) VALUES ${values.join(', ')}`, parameters)
}

export async function countFacts(reader: Reader, { name }: FactTable, tenant: number): Promise<number> {
  const [row] = await reader.query<{ n: bigint }>(`SELECT count(*) AS n FROM ${name} WHERE tenant_id = $1`, [tenant])
  return Number(row?.n ?? 0)
}

export async function isEmptyFacts(reader: Reader): Promise<boolean> {
  for (const { name } of COPIED_FACTS) {
    if ((await reader.query(`SELECT 1 AS found FROM ${name} LIMIT 1`)).length > 0) return false
  }
  return true
}

/** Empties a migration's target. */
export async function clearFacts(database: Database): Promise<void> {
  for (const name of [...COPIED_FACTS.map((table) => table.name), ...DERIVED_FACTS]) {
    await database.write((tx) => tx.run(`DELETE FROM ${name}`))
  }
}

/** True when a recompute has nothing left to do in a workspace. */
export async function isComputed(reader: Reader, tenant: number): Promise<boolean> {
  return (await reader.query('SELECT id FROM dirty WHERE tenant_id = $1 LIMIT 1', [tenant])).length === 0
}
