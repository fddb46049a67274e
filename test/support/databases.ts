import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Config, loadConfig } from '../../src/config.ts'
import type { Database } from '../../src/db/database.ts'
import { openDuckDB } from '../../src/db/duckdb.ts'
import { migrate } from '../../src/db/migrate.ts'
import { openPostgres, type PostgresOptions } from '../../src/db/postgres.ts'
import { generateEntry, listedKeys } from '../../src/state/key-list.ts'
import type { KeyRing } from '../../src/state/keyring.ts'
import { openPostgresState } from '../../src/state/postgres.ts'
import { openState } from '../../src/state/sqlite.ts'
import type { State } from '../../src/state/state.ts'
import { createDatabase } from './postgres.ts'

/** Every engine of the fact store: `describe.each(ENGINES)('… on %s', (engine) => { … })`. */
export const ENGINES = ['duckdb', 'postgres'] as const
export type Engine = (typeof ENGINES)[number]

/** A fact store of a test's own. `await using` it, or hand it to {@link openTestDatabase} inside a test. */
export interface TestStore extends Database, AsyncDisposable {
  readonly engine: Engine
  /** Path of the file, or URL of the database: opens it once more. */
  readonly place: string
}

export interface TestStoreOptions {
  /** Without tables. */
  readonly empty?: boolean
  /** DuckDB only: in a file instead of in memory. */
  readonly file?: boolean
  /** PostgreSQL only: text is ordered by a language's rules where a column does not say otherwise. */
  readonly linguistic?: boolean
  /** PostgreSQL only. */
  readonly postgres?: PostgresOptions
}

/** A fresh, migrated fact store, closed and dropped when the running test ends. */
export async function openTestDatabase(engine: Engine, options: TestStoreOptions = {}): Promise<TestStore> {
  const store = await openStore(engine, options)
  onTestFinished(() => store[Symbol.asyncDispose]())
  return store
}

/** The same for a hook or a benchmark: the caller disposes of it. */
export async function openStore(engine: Engine, options: TestStoreOptions = {}): Promise<TestStore> {
  const { database, place, remove } = engine === 'duckdb' ? await openEmbedded(options) : await openServer(options)
  let disposed: Promise<void> | undefined
  return Object.assign(database, {
    engine,
    place,
    [Symbol.asyncDispose]() {
      disposed ??= database.close().then(remove)
      return disposed
    },
  })
}

interface Opened {
  readonly database: Database
  readonly place: string
  remove(): Promise<void>
}

async function openEmbedded(options: TestStoreOptions): Promise<Opened> {
  const folder = options.file ? await mkdtemp(join(tmpdir(), 'roi-panel-test-')) : undefined
  const place = folder ? join(folder, 'facts.duckdb') : ':memory:'
  const database = await openDuckDB(place)
  if (!options.empty) await migrate(database)
  return {
    database,
    place,
    async remove() {
      if (folder) await rm(folder, { recursive: true, force: true })
    },
  }
}

async function openServer(options: TestStoreOptions): Promise<Opened> {
  const { url, drop } = await createDatabase(options.linguistic ? 'linguistic' : options.empty ? 'empty' : 'migrated')
  const database = await openPostgres(url, options.postgres)
  if (options.linguistic && !options.empty) await migrate(database)
  return { database, place: url, remove: drop }
}

/** Keys for a server profile. */
export function testKeys(): KeyRing {
  return listedKeys(generateEntry().entry)
}

/** A state store's place, to open it more than once: a data directory, or a database with the keys for it. */
export interface StatePlace {
  readonly engine: Engine
  /** Data directory. */
  readonly folder: string
  /** PostgreSQL only. */
  readonly url: string
  readonly keys: KeyRing
}

/** A place without a state store, gone when the running test ends. */
export async function statePlace(engine: Engine): Promise<StatePlace> {
  const folder = await temporaryFolder()
  if (engine === 'duckdb') return { engine, folder, url: '', keys: testKeys() }
  const { url, drop } = await createDatabase('empty')
  onTestFinished(drop)
  return { engine, folder, url, keys: testKeys() }
}

/** Opens the state store of a profile at its place; the caller closes it. */
export async function openStateAt(place: StatePlace, now?: () => Date): Promise<State> {
  return place.engine === 'duckdb' ? openState(place.folder, now) : openPostgresState(place.url, place.keys, { now })
}

/** A profile of its own for the running test, as the program and as the environment of its commands. */
export interface TestProfile {
  readonly config: Config
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
}

export async function testProfile(engine: Engine): Promise<TestProfile> {
  const profile = await openProfile(engine)
  onTestFinished(profile.remove)
  return profile
}

/** The same for a hook: the caller removes it. */
export async function openProfile(engine: Engine): Promise<TestProfile & { remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'roi-panel-test-'))
  const server = engine === 'postgres' ? await createDatabase('empty') : undefined
  const environment = {
    ROI_PANEL_DATA: join(folder, 'data'),
    ...(server && { ROI_PANEL_DATABASE_URL: server.url, ROI_PANEL_KEYS: generateEntry().entry }),
  }
  return {
    config: loadConfig(environment),
    folder,
    environment,
    async remove() {
      await server?.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A folder that is gone when the running test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'roi-panel-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
