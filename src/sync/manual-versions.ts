import { isRoiError } from '../errors.ts'
import type { Cost } from '../model/records.ts'
import type { State } from '../state/state.ts'
import type { FileConnector } from './file-connector.ts'
import { fileRead } from './file-read.ts'
import { openKept, verifyKept } from './files.ts'

/** A cost row as an import brought it. */
export interface KeptVersion {
  readonly at: Date
  readonly importId: string
  /** In the names of the files' columns. */
  readonly value: Readonly<Record<string, string>>
}

export interface KeptEnv {
  readonly state: Pick<State, 'imports'>
  readonly connector: FileConnector
  /** Data directory; kept files are below it. */
  readonly dataDir: string
}

/**
 * Versions of a cost row in the kept import files, in the order the imports took effect; undone imports and files that are
 * gone do not count. Reads every kept file of costs from its beginning to its end.
 */
export async function keptCosts(env: KeptEnv, tenant: number, id: string, signal: AbortSignal): Promise<KeptVersion[]> {
  const versions: KeptVersion[] = []
  for (const run of await env.state.imports(tenant)) {
    if (run.status !== 'done' && run.status !== 'interrupted') continue
    for (const file of run.files) {
      if (file.type !== 'costs' || !(await isKept(env.dataDir, file.sha256, signal))) continue
      const open = () => openKept(env.dataDir, file.sha256)
      const read = { options: run.options, signal, log: () => {}, now: run.createdAt }
      const { pull, context } = fileRead(env.connector, file, open, read)
      let found: Cost | undefined
      for await (const { records } of pull(context, null)) {
        // A row that is there twice counts once, the later wins.
        for (const record of records) if (record.type === 'cost' && record.id === id) found = record
      }
      if (found) versions.push({ at: run.createdAt, importId: run.id, value: columnsOf(found) })
    }
  }
  return versions
}

async function isKept(dataDir: string, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await verifyKept(dataDir, name, signal)
    return true
  } catch (error) {
    if (isRoiError(error) && error.code.startsWith('kept_file_')) return false
    throw error
  }
}

function columnsOf({ date, amount, category, campaignId, channel, state, vendor, note }: Cost): Record<string, string> {
  return {
    date,
    amount: amount.amount,
    currency: amount.currency,
    category,
    state,
    ...(campaignId && { campaign: campaignId }),
    ...(channel && { channel }),
    ...(vendor && { vendor }),
    ...(note && { note }),
  }
}
