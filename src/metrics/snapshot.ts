import { recompute } from '../attribution/recompute.ts'
import type { Database, Reader } from '../db/database.ts'
import type { Workspace } from '../model/settings.ts'
import { attributionSettings } from '../sync/workspace.ts'

/**
 * Reads figures from one state of the store whose ledger is up to date with its records: every part of an answer is
 * about the same moment, so it reconciles even while an import is running beside it.
 * @param work gets the store's version from before that state, for what keeps answers
 */
export async function readFigures<T>(
  database: Database,
  workspace: Workspace,
  work: (reader: Reader, version: number | null) => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    const { version } = database
    const answer = await database.snapshot(async (reader) => {
      const [dirty] = await reader.query('SELECT id FROM dirty WHERE tenant_id = $1 LIMIT 1', [workspace.tenant])
      // A busy import may mark rows again between recompute and read; then the state of that moment has to do.
      return dirty && attempt < 3 ? null : { value: await work(reader, version) }
    })
    if (answer) return answer.value
    await recompute(database, workspace.tenant, attributionSettings(workspace.settings))
  }
}
