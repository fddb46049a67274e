import { watched } from './access-watch.ts'
import { alertStore } from './alerts.ts'
import { auditStore } from './audit.ts'
import { closeStore } from './closes.ts'
import { connectionStore } from './connections.ts'
import { correctionStore } from './corrections.ts'
import { driftStore } from './drift.ts'
import { embedStore } from './embed.ts'
import { erasedStore } from './erased.ts'
import { importStore } from './imports.ts'
import { inboxStore } from './inbox.ts'
import type { KeyRing } from './keyring.ts'
import { leaseStore } from './leases.ts'
import { manualStore } from './manual.ts'
import { markStore } from './marks.ts'
import { qualityStore } from './quality-days.ts'
import { quarantineStore } from './quarantine.ts'
import { runStore } from './runs.ts'
import { Secrets } from './secrets.ts'
import { segmentStore } from './segments.ts'
import { sessionStore } from './sessions.ts'
import type { StateEngine, Store } from './sql.ts'
import type { State } from './state.ts'
import { userStore } from './users.ts'
import { versionStore } from './versions.ts'
import { workspaceStore } from './workspaces.ts'

/** The state store over any SQL engine. Every read and write names its tenant, or an id that belongs to one. */
export function sqlState(engine: StateEngine, keys: KeyRing, now: () => Date = () => new Date()): State {
  const store: Store = { engine, at: () => now().toISOString() }
  const secrets = new Secrets(keys)
  const versions = versionStore(store)
  return watched({
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
    ...erasedStore(store),
    ...manualStore(store),
    ...correctionStore(store),
    ...alertStore(store),
    ...versions,
    ...segmentStore(versions),
    ...runStore(store),
    ...qualityStore(store),
    ...closeStore(store),
    close: () => engine.close(),
  })
}
