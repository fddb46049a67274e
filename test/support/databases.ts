import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openDuckDB } from '../../src/db/duckdb.ts'
import { migrate } from '../../src/db/migrate.ts'
import { openPostgres, type PostgresOptions } from '../../src/db/postgres.ts'
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

/** A folder that is gone when the running test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'roi-panel-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
