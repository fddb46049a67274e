import { auditStore } from './audit.ts'
import { connectionStore } from './connections.ts'
import { driftStore } from './drift.ts'
import { embedStore } from './embed.ts'
import { importStore } from './imports.ts'
import { inboxStore } from './inbox.ts'
import type { KeyRing } from './keyring.ts'
import { leaseStore } from './leases.ts'
import { markStore } from './marks.ts'
import { quarantineStore } from './quarantine.ts'
import { Secrets } from './secrets.ts'
import { sessionStore } from './sessions.ts'
import type { StateEngine, Store } from './sql.ts'
import type { State } from './state.ts'
import { userStore } from './users.ts'
import { workspaceStore } from './workspaces.ts'

/** The state store over any SQL engine. Every read and write names its tenant, or an id that belongs to one. */
export function sqlState(engine: StateEngine, keys: KeyRing, now: () => Date = () => new Date()): State {
  const store: Store = { engine, at: () => now().toISOString() }
  const secrets = new Secrets(keys)
  return {
    ...workspaceStore(store),
    ...auditStore(store),
    ...importStore(store),
    ...quarantineStore(store),
    ...connectionStore(store, secrets),
    ...secrets.store(store),
    ...leaseStore(store),
    ...driftStore(store),
    ...markStore(store),
    ...inboxStore(store),
    ...embedStore(store, keys),
    ...userStore(store),
    ...sessionStore(store),
    close: () => engine.close(),
  }
}
