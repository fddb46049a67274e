import type { Database } from '../db/database.ts'
import type { RecordType } from '../model/records.ts'
import type { Origin } from './store.ts'

/** How many records a source has in the store, and how many of them a whole read has met. */

export async function countRows(database: Database, { tenant, source }: Origin, type: RecordType): Promise<number> {
  // The source does not have those that stand in for erased contacts.
  const standIns = type === 'contact' ? 'AND id NOT IN (SELECT id FROM erased WHERE tenant_id = $1)' : ''
  const [row] = await database.query<{ n: bigint }>(
    `SELECT count(*) AS n FROM ${type} WHERE tenant_id = $1 AND source = $2 ${standIns}`,
    [tenant, source],
  )
  return Number(row?.n ?? 0)
}

export async function countSeen(
  database: Database,
  tenant: number,
  { connection, stream }: { connection: string; stream: string },
): Promise<number> {
  const [row] = await database.query<{ n: bigint }>(
    'SELECT count(DISTINCT id) AS n FROM seen WHERE tenant_id = $1 AND connection = $2 AND stream = $3',
    [tenant, connection, stream],
  )
  return Number(row?.n ?? 0)
}
