import type { Database, Reader } from '../../db/database.ts'
import { sql } from '../../db/sql.ts'

const CYCLE = sql('metrics/sql/record-cycle.sql')

/** Median sales cycle of a workspace (M14), days from lead to won, and the won deals it rests on. */
export interface Cycle {
  readonly days: number | null
  readonly deals: number
}

const KNOWN = new WeakMap<Database, Map<number, { readonly state: string; readonly cycle: Cycle }>>()

/**
 * The median is a scan over all won deals, so it is kept until the ledger changes: by the store's version where nobody
 * else writes, else by the newest run of a recompute.
 */
export async function cycleOf(database: Database, reader: Reader, tenant: number): Promise<Cycle> {
  const state = await stateOf(database, reader)
  let known = KNOWN.get(database)
  if (!known) {
    known = new Map()
    KNOWN.set(database, known)
  }
  const kept = known.get(tenant)
  if (kept?.state === state) return kept.cycle
  const [row] = await reader.query<{ days: number | null; deals: bigint }>(CYCLE, [tenant])
  const cycle = { days: row?.days ?? null, deals: Number(row?.deals ?? 0n) }
  known.set(tenant, { state, cycle })
  return cycle
}

async function stateOf(database: Database, reader: Reader): Promise<string> {
  if (database.version !== null) return `version ${database.version}`
  const [row] = await reader.query<{ run: bigint | null }>('SELECT max(run) AS run FROM outcome')
  return `run ${row?.run ?? 0n}`
}
