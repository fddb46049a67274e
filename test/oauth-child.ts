/**
 * A program that asks the source who it is with a stored connection: `node oauth-child.ts STATE ORIGIN CLIENT SECRET NOW`.
 * Prints the account, or the code of the error.
 */
import hubspot from '../connectors/hubspot/index.ts'
import type { Database } from '../src/db/database.ts'
import { openState } from '../src/state/sqlite.ts'
import type { Connector } from '../src/sync/contract.ts'
import { createSources } from '../src/sync/sources.ts'

const [dataDir, origin, id, secret, now] = process.argv.slice(2) as [string, string, string, string, string]
const state = openState(dataDir)
const sources = createSources({
  // Asking who one is needs no facts.
  database: undefined as unknown as Database,
  state,
  findConnector: async () => hubspot as unknown as Connector,
  originOf: () => origin,
  clientOf: () => ({ id, secret }),
  upstream: { clock: { now: () => Number(now), sleep: () => Promise.resolve() } },
  log() {},
})
const workspace = await state.openWorkspace('main')
const [connection] = await state.connections(workspace.tenant)
try {
  const { identity } = await sources.check(workspace, connection!.id, new AbortController().signal)
  process.stdout.write(identity.externalAccountId)
} catch (error) {
  process.stdout.write(String((error as { code?: string }).code ?? error))
}
await sources.close()
await state.close()
