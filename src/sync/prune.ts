import type { Transaction } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import { UNKNOWN_CHANNEL_ID } from '../journey/channels.ts'

const PRUNE_KEYS = sql('sync/sql/prune-keys.sql')
const PRUNE_CHANNELS = sql('sync/sql/prune-channels.sql')

/** Forgets names of references and channels that no record has any more. They have no effect; they may be personal. */
export async function prune(tx: Transaction, tenant: number): Promise<void> {
  await tx.run(PRUNE_KEYS, [tenant])
  await tx.run(PRUNE_CHANNELS, [tenant, UNKNOWN_CHANNEL_ID])
}
