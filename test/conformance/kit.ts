import { createHash } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { RECORD_TABLES, type RecordTable } from '../../src/db/schema.ts'
import type { Workspace } from '../../src/model/settings.ts'
import type { Connection, State } from '../../src/state/state.ts'
import type { RunOptions, Sources, SourcesEnv } from '../../src/sync/connections.ts'
import type { Connector } from '../../src/sync/contract.ts'
import type { RunOutcome, StreamOutcome } from '../../src/sync/outcome.ts'
import { createSources } from '../../src/sync/sources.ts'
import { dump } from '../import-kit.ts'
import { type Engine, openStateAt, openTestDatabase, type StatePlace, statePlace } from '../support/databases.ts'
import { VirtualClock } from '../support/socket-server.ts'

/** Connectors by id, as `connectors/index.ts` lists them. */
export type Registry = Readonly<Record<string, () => Promise<{ readonly id: string }>>>

/** Loads a connector of a registry; undefined when it has none of this id. */
export async function findIn(registry: Registry, id: string): Promise<Connector | undefined> {
  return Object.hasOwn(registry, id) ? ((await registry[id]!()) as Connector) : undefined
}

/** The present of the tests' sources: waits move it on, and nothing else does. */
export function testClock(): VirtualClock {
  return new VirtualClock(0, Date.UTC(2026, 10, 20))
}

export interface KitOptions {
  readonly registry: Registry
  /** Where the source's fake answers. */
  readonly origin: string | undefined
  readonly engine?: Engine | undefined
  /** DuckDB only: in a file instead of in memory. */
  readonly file?: boolean
  /** Default: {@link testClock}, so that waiting takes no time. */
  readonly upstream?: SourcesEnv['upstream']
  /** Stores of another kit, for a second process on them. */
  readonly stores?: Pick<SyncKit, 'database' | 'place' | 'workspace'> | undefined
  readonly onChange?: SourcesEnv['onChange']
}

/** Connections on stores of their own, closed when the running test ends. */
export async function openSyncKit(options: KitOptions): Promise<SyncKit> {
  const { engine = 'duckdb', file = false, stores } = options
  const database = stores?.database ?? (await openTestDatabase(engine, { file }))
  const place = stores?.place ?? (await statePlace(engine))
  const state = await openStateAt(place)
  onTestFinished(() => state.close())
  const workspace = stores?.workspace ?? (await state.openWorkspace('main'))
  const logged: string[] = []
  const sources = createSources({
    database,
    state,
    findConnector: (id) => findIn(options.registry, id),
    originOf: () => options.origin,
    upstream: { clock: testClock(), ...options.upstream },
    log: (message, details) => logged.push(`${message} ${JSON.stringify(details ?? {})}`),
    onChange: options.onChange,
  })
  onTestFinished(() => sources.close())
  return new SyncKit({ database, state, place, workspace, sources, logged })
}

type Parts = Pick<SyncKit, 'database' | 'state' | 'place' | 'workspace' | 'sources' | 'logged'>

/** Order-independent content of a fact store: rows as text, by table. */
export type Facts = Readonly<Record<string, readonly string[]>>

export class SyncKit {
  readonly database: Database
  readonly state: State
  readonly place: StatePlace
  readonly workspace: Workspace
  readonly sources: Sources
  /** What the connections logged, one line each. */
  readonly logged: readonly string[]
  #connection: Connection | undefined

  constructor({ database, state, place, workspace, sources, logged }: Parts) {
    this.database = database
    this.state = state
    this.place = place
    this.workspace = workspace
    this.sources = sources
    this.logged = logged
  }

  /** The connection made last. */
  get connection(): Connection {
    if (!this.#connection) throw new Error('nothing is connected')
    return this.#connection
  }

  async connect(
    connector: string,
    settings: Readonly<Record<string, unknown>>,
    workspace = this.workspace,
  ): Promise<Connection> {
    const request = { connector, settings, everyMinutes: null }
    const { connection } = await this.sources.connect(workspace, request, new AbortController().signal)
    this.#connection = connection
    return connection
  }

  /** Uses a connection that another kit on the same stores has made. */
  adopt(connection: Connection): void {
    this.#connection = connection
  }

  sync(options: Partial<RunOptions> = {}): Promise<RunOutcome> {
    return this.sources.sync(this.workspace, this.connection.id, { signal: new AbortController().signal, ...options })
  }

  /** Source ids of all stored records of a type, sorted; without those that stand in for erased contacts. */
  async ids(table: RecordTable, { source, tenant } = this.connection): Promise<string[]> {
    const rows = await this.database.query<{ source_id: string }>(
      `SELECT source_id FROM ${table} WHERE tenant_id = $1 AND source = $2
       AND id NOT IN (SELECT id FROM erased WHERE tenant_id = $1)`,
      [tenant, source],
    )
    return rows.map(({ source_id }) => source_id).sort()
  }

  /** Stored records of each type that has some. */
  async counts({ source, tenant } = this.connection): Promise<Partial<Record<RecordTable, number>>> {
    const counts: Partial<Record<RecordTable, number>> = {}
    for (const table of RECORD_TABLES) {
      const found = await this.ids(table, { source, tenant } as Connection)
      if (found.length > 0) counts[table] = found.length
    }
    return counts
  }

  /** A stored record. */
  async row(table: RecordTable, id: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { tenant, source } = this.connection
    const [row] = await this.database.query(
      `SELECT * FROM ${table} WHERE tenant_id = $1 AND source = $2 AND source_id = $3`,
      [tenant, source, id],
    )
    return row
  }

  /** Everything in the fact store that has a meaning: records, merges, journeys, the ledger. */
  facts(tenant = this.workspace.tenant): Promise<Facts> {
    return factsOf(this.database, tenant)
  }

  /** {@link SyncKit.facts} in one word. */
  async hash(): Promise<string> {
    return createHash('sha256')
      .update(JSON.stringify(await this.facts()))
      .digest('hex')
  }

  /** What the quarantine holds. */
  rejects() {
    return this.state.rejects(this.connection.tenant, this.connection.id)
  }

  /** The connection as the state store knows it now. */
  async stored(): Promise<Connection> {
    return (await this.state.findConnection(this.connection.tenant, this.connection.id))!
  }
}

/** {@link SyncKit.facts} of any fact store. */
export async function factsOf(database: Database, tenant: number): Promise<Facts> {
  const known: Record<string, readonly string[]> = { ...(await dump({ database }, tenant)) }
  for (const table of [...RECORD_TABLES, 'alias']) {
    if (known[table]) continue
    const rows = await database.query(`SELECT * FROM ${table} WHERE tenant_id = $1`, [tenant])
    known[table] = rows.map(textOf).sort()
  }
  return known
}

function textOf(row: unknown): string {
  return JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))
}

/** A stream's part of an outcome. */
export function streamOf({ streams }: RunOutcome, name: string): StreamOutcome {
  const found = streams.find(({ stream }) => stream === name)
  if (!found) throw new Error(`no stream ${name} among ${streams.map(({ stream }) => stream).join(', ')}`)
  return found
}

/** What {@link reasonsOf} says of a run that is complete. */
export const COMPLETE = { state: 'complete', code: null, message: null, streams: [] }

/** Why a run is not complete, by code; of its streams too. For messages of failed assertions. */
export function reasonsOf({ state, reason, streams }: RunOutcome) {
  const ended = streams
    .filter((one) => one.state !== 'complete')
    .map((one) => `${one.stream} ${one.state} ${one.reason?.code}`)
  return { state, code: reason?.code ?? null, message: reason?.message.en ?? null, streams: ended }
}

/** Resolves as soon as the condition holds; the test's own time limit ends it when it never does. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 2))
}
