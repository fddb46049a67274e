/**
 * A program that synchronizes a connection once, to be killed: `node sync-child.ts ENGINE PLACE STATE ORIGIN`. Like the
 * product it opens its stores and ends the leases a kill left behind. Waiting takes no time.
 */
import hubspot from '../../connectors/hubspot/index.ts'
import { openDuckDB } from '../../src/db/duckdb.ts'
import { migrate } from '../../src/db/migrate.ts'
import { openPostgres } from '../../src/db/postgres.ts'
import { openState } from '../../src/state/sqlite.ts'
import type { Connector } from '../../src/sync/contract.ts'
import { createSources } from '../../src/sync/sources.ts'

const [engine, place, dataDir, origin] = process.argv.slice(2) as [string, string, string, string]
let now = Date.now()
const clock = {
  now: () => now,
  async sleep(ms: number) {
    await new Promise((resolve) => setImmediate(resolve))
    now += Math.max(0, ms)
  },
}
const database = await (engine === 'duckdb' ? openDuckDB(place) : openPostgres(place))
await migrate(database)
const state = openState(dataDir)
await state.endLeases()
const sources = createSources({
  database,
  state,
  findConnector: async () => hubspot as unknown as Connector,
  originOf: () => origin,
  upstream: { clock },
  log() {},
})
const workspace = await state.openWorkspace('main')
const [connection] = await state.connections(workspace.tenant)
const { state: ended, reason } = await sources.sync(workspace, connection!.id, { signal: new AbortController().signal })
if (ended !== 'complete') throw new Error(`${ended}: ${reason?.code} ${reason?.message.en}`)
await sources.close()
await state.close()
await database.close()
