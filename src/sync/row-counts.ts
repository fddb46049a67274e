import type { Database } from '../db/database.ts'
import { sql } from '../db/sql.ts'

const COUNTS = sql('sync/sql/row-counts.sql')

/** Rows in the store by type of record, of each source. */
export type RowCounts = ReadonlyMap<string, Readonly<Record<string, number>>>

interface Remembered {
  readonly counts: RowCounts
  readonly version: number | string
  readonly at: number
}

/** While a run writes, counts stand that long: large stores take a while to count. */
const STAND_MS = 5000
const remembered = new WeakMap<Database, Map<number, Remembered>>()

/**
 * Counts a workspace's rows; not again while nothing was written.
 * @param runs changes with every run that begins or ends, where the store cannot tell whether something was written
 */
export async function rowCounts(database: Database, tenant: number, runs: string): Promise<RowCounts> {
  const version = database.version ?? runs
  const known = remembered.get(database) ?? new Map<number, Remembered>()
  remembered.set(database, known)
  const last = known.get(tenant)
  const stands = last?.version === version && (database.version !== null || Date.now() - last.at < STAND_MS)
  if (stands) return last.counts
  const counts = new Map<string, Record<string, number>>()
  for (const { source, type, n } of await database.query<{ source: string; type: string; n: bigint }>(COUNTS, [
    tenant,
  ])) {
    counts.set(source, { ...counts.get(source), [type]: Number(n) })
  }
  known.set(tenant, { counts, version, at: Date.now() })
  return counts
}
