import { recompute } from '../attribution/recompute.ts'
import type { Database } from '../db/database.ts'
import { RECORD_TABLES } from '../db/schema.ts'
import type { Workspace } from '../model/settings.ts'
import type { Connection } from '../state/state.ts'
import { prune } from './prune.ts'
import { removeOthers } from './remove.ts'
import { forgetCursors } from './store.ts'
import { attributionSettings } from './workspace.ts'

/**
 * Takes a connection out of the fact store: where its streams resume, and with `erase` everything it brought.
 * @returns records removed
 */
export async function forgetConnection(
  database: Database,
  { tenant, settings }: Workspace,
  { id, source }: Connection,
  erase: boolean,
): Promise<number> {
  const removed = await database.write(async (tx) => {
    await forgetCursors(tx, tenant, id)
    await tx.run('DELETE FROM seen WHERE tenant_id = $1 AND connection = $2', [tenant, id])
    if (!erase) return 0
    let rows = 0
    for (const table of RECORD_TABLES) rows += await removeOthers(tx, { tenant, source }, table, [])
    await tx.run('DELETE FROM alias WHERE tenant_id = $1 AND source = $2', [tenant, source])
    return rows
  })
  if (removed > 0) {
    await recompute(database, tenant, attributionSettings(settings))
    await database.write((tx) => prune(tx, tenant))
  }
  return removed
}
