import type { RowOut, Transaction } from '../db/database.ts'
import type { RecordTable, RowIn } from '../db/schema.ts'
import { sql } from '../db/sql.ts'
import { type RefKind, surrogate } from '../model/ids.ts'
import { fromWallClock } from '../model/period.ts'
import type { ReplaceRange } from '../state/state.ts'
import type { Ref } from './contract.ts'
import { everythingOf, KEEP, MAX_MARKS, marksOf } from './load.ts'

/** Rows per insert into the work table. */
const BATCH = 10_000

/** Which records of a source. */
export interface Owner {
  readonly tenant: number
  readonly source: string
}

/**
 * Removes records that are gone at the source, with what hangs on them, and marks what has to be recomputed. Of contacts that
 * were erased a stand-in is left, and stays.
 * @param standIns takes them as well: of records that became others
 * @returns how many rows there were to remove
 */
export async function removeRecords(
  tx: Transaction,
  owner: Owner,
  refs: readonly Ref[],
  { standIns = false } = {},
): Promise<number> {
  let removed = 0
  for (const [table, ids] of byTable(owner.source, refs)) {
    await fillScope(tx, owner.tenant, 'doomed', ids)
    if (!standIns) await spareStandIns(tx, owner.tenant, table)
    removed += await removeDoomed(tx, owner.tenant, table)
  }
  return removed
}

async function spareStandIns(tx: Transaction, tenant: number, table: RecordTable): Promise<void> {
  if (table !== 'contact') return
  await tx.run('DELETE FROM scope WHERE tenant_id = $1 AND id IN (SELECT id FROM erased WHERE tenant_id = $1)', [
    tenant,
  ])
}

/** Instants, half-open; milliseconds. */
export interface DateRange {
  readonly from: number
  readonly to: number
}

/** What dates a row for `--replace`: a deal by its close, an open one by its creation. */
export const DATED: { readonly [T in RecordTable]?: string } = {
  cost: 'CAST(t.date AS TIMESTAMP)',
  touch: 't.occurred_at',
  deal: 'coalesce(t.closed_at, t.created_at)',
  payment: 't.paid_at',
  invoice: 't.issued_at',
  rate: 'CAST(t.date AS TIMESTAMP)',
}

/** The same of a row on its way into the store; null for one without a date. */
export function dateOf(table: RecordTable, row: RowIn): number | null {
  if (table === 'cost' || table === 'rate') return Date.parse(row.date as string)
  if (table === 'deal') return (row.closed_at ?? row.created_at) as number | null
  return (row.occurred_at ?? row.paid_at ?? row.issued_at) as number
}

/** Local days as instants. A cost or rate is dated by a local day, which the store keeps as it is. */
export function rangeOf(table: RecordTable, { from, to }: ReplaceRange, zone: string): DateRange {
  const [start, end] = [Date.parse(from), Date.parse(to)]
  if (table === 'cost' || table === 'rate') return { from: start, to: end }
  return { from: fromWallClock(zone, start), to: fromWallClock(zone, end) }
}

/**
 * Removes the records of a source that are not among `keep`, and marks what has to be recomputed.
 * @param range only those dated in it (see {@link DATED})
 * @returns how many rows were removed
 */
export async function removeOthers(
  tx: Transaction,
  owner: Owner,
  table: RecordTable,
  keep: Iterable<bigint>,
  range?: DateRange,
): Promise<number> {
  await fillScope(tx, owner.tenant, 'kept', keep)
  const dated = range ? `AND ${DATED[table]} >= CAST($3 AS TIMESTAMP) AND ${DATED[table]} < CAST($4 AS TIMESTAMP)` : ''
  await tx.run(
    `INSERT INTO scope
     SELECT t.tenant_id, 'doomed', t.id FROM ${table} AS t
     WHERE t.tenant_id = $1 AND t.source = $2 ${dated}
       AND NOT EXISTS (SELECT 1 FROM scope AS s WHERE s.tenant_id = t.tenant_id AND s.kind = 'kept' AND s.id = t.id)`,
    [owner.tenant, owner.source, ...(range ? [timestamp(range.from), timestamp(range.to)] : [])],
  )
  return removeDoomed(tx, owner.tenant, table)
}

function timestamp(instant: number): string {
  return new Date(instant).toISOString().slice(0, -1)
}

/** Empties the work table and puts ids into it. */
export async function fillScope(tx: Transaction, tenant: number, kind: string, ids: Iterable<bigint>): Promise<void> {
  await tx.run('DELETE FROM scope WHERE tenant_id = $1', [tenant])
  let batch: RowIn[] = []
  for (const id of ids) {
    batch.push({ tenant_id: tenant, kind, id })
    if (batch.length < BATCH) continue
    await tx.insert('scope', batch)
    batch = []
  }
  await tx.insert('scope', batch)
}

/** Rows of one type in one part of a read. */
export interface SeenKey {
  readonly connection: string
  readonly stream: string
}

const ERASE_TOUCHES = sql('sync/sql/erase-touches.sql')

/**
 * Removes the records of a source that a whole read did not meet, and marks what has to be recomputed. Contacts lose
 * their traces as well: a source that no longer has them even among the deleted ones may have erased them. It has not said
 * so, hence they leave no stand-in and no tombstone, as any record that is gone.
 * @returns how many rows were removed
 */
export async function removeUnseen(tx: Transaction, owner: Owner, table: RecordTable, key: SeenKey): Promise<number> {
  await tx.run('DELETE FROM scope WHERE tenant_id = $1', [owner.tenant])
  await tx.run(
    `INSERT INTO scope
     SELECT t.tenant_id, 'doomed', t.id FROM ${table} AS t
     WHERE t.tenant_id = $1 AND t.source = $2 AND t.id NOT IN (
       SELECT id FROM seen WHERE tenant_id = $1 AND connection = $3 AND stream = $4
     )`,
    [owner.tenant, owner.source, key.connection, key.stream],
  )
  await spareStandIns(tx, owner.tenant, table)
  if (table === 'contact') {
    await tx.run("INSERT INTO scope SELECT tenant_id, 'erased', id FROM scope WHERE tenant_id = $1", [owner.tenant])
    await tx.run(ERASE_TOUCHES, [owner.tenant])
  }
  return removeDoomed(tx, owner.tenant, table)
}

/** Removes the rows named in the work table. */
async function removeDoomed(tx: Transaction, tenant: number, table: RecordTable): Promise<number> {
  const doomed = `FROM ${table} AS t JOIN scope AS s ON s.tenant_id = t.tenant_id AND s.id = t.id
                  WHERE t.tenant_id = $1 AND s.kind = 'doomed'`
  const [found] = await tx.query<{ n: bigint }>(`SELECT count(*) AS n ${doomed}`, [tenant])
  const count = Number(found?.n ?? 0)
  if (count > 0) {
    await mark(tx, tenant, table, count, doomed)
    for (const [from, column] of table === 'deal'
      ? [
          ['deal', 'id'],
          ['deal_contact', 'deal_id'],
        ]
      : [[table, 'id']]) {
      await tx.run(
        `DELETE FROM ${from} WHERE tenant_id = $1
         AND ${column} IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'doomed')`,
        [tenant],
      )
    }
  }
  await tx.run('DELETE FROM scope WHERE tenant_id = $1', [tenant])
  return count
}

async function mark(tx: Transaction, tenant: number, table: RecordTable, count: number, doomed: string): Promise<void> {
  if (count > MAX_MARKS) return markAll(tx, tenant, everythingOf(table))
  const columns = ['id', ...KEEP[table]].map((column) => `t.${column}`).join(', ')
  const previous = await tx.query<RowOut & { id: bigint }>(`SELECT ${columns} ${doomed}`, [tenant])
  await markRows(tx, tenant, table, previous)
}

/** Marks what rows that are going make dirty. They hold their id and the columns of {@link KEEP}. */
export async function markRows(
  tx: Transaction,
  tenant: number,
  table: RecordTable,
  previous: readonly RowOut[],
): Promise<void> {
  if (previous.length > MAX_MARKS) return markAll(tx, tenant)
  // As if each row had changed from itself: the marks of a changed record name its old values too.
  const marks = marksOf(
    table,
    previous.map((row) => ({ row })),
    { previous: [] },
  )
  await tx.insert(
    'dirty',
    marks.map(({ kind, id }) => ({ tenant_id: tenant, kind, id })),
  )
}

/** Notes that everything has to be recomputed, or all spend, or all that is converted. */
export async function markAll(
  tx: Transaction,
  tenant: number,
  kind: ReturnType<typeof everythingOf> = 'all',
): Promise<void> {
  await tx.insert('dirty', [{ tenant_id: tenant, kind, id: 0n }])
}

function byTable(source: string, refs: readonly Ref[]): Map<RecordTable, Set<bigint>> {
  const tables = new Map<RecordTable, Set<bigint>>()
  for (const { type, id } of refs) {
    let ids = tables.get(type)
    if (!ids) {
      ids = new Set()
      tables.set(type, ids)
    }
    ids.add(surrogate(type as RefKind, source, id))
  }
  return tables
}
