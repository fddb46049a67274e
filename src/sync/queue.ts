import type { Database } from '../db/database.ts'

const TAILS = new WeakMap<Database, Map<number, Promise<unknown>>>()

/**
 * Runs what changes a workspace's records as a whole (imports, undo, rebuild, channel settings) one after the other;
 * other workspaces do not wait.
 */
export function inTurn<T>(database: Database, tenant: number, work: () => Promise<T>): Promise<T> {
  let tails = TAILS.get(database)
  if (!tails) {
    tails = new Map()
    TAILS.set(database, tails)
  }
  const turn = (tails.get(tenant) ?? Promise.resolve()).then(work)
  tails.set(
    tenant,
    turn.catch(() => undefined),
  )
  return turn
}
