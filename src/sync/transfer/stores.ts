import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '../../db/database.ts'
import { migrate } from '../../db/migrate.ts'
import { fileKeys } from '../../state/key-file.ts'
import type { KeyRing } from '../../state/keyring.ts'
import type { StateEngine } from '../../state/sql.ts'
import { sqlState } from '../../state/sql-state.ts'
import type { Stores } from './transfer.ts'

/** Open stores, and how to close them. */
export type OpenStores = Stores & AsyncDisposable

/** Opens the stores of a data directory, made when there are none. @throws RoiError `store_locked` and as `openState` */
export async function openEmbedded(dataDir: string): Promise<OpenStores> {
  const { openDuckDB } = await import('../../db/duckdb.ts')
  const { openSqlite } = await import('../../state/sqlite.ts')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const database = await openDuckDB(join(dataDir, 'facts.duckdb'))
  return assemble(database, async () => openSqlite(dataDir), fileKeys(dataDir), dataDir)
}

/** Opens the stores of a database, made when there are none. */
export async function openServer(url: string, keys: KeyRing, dataDir: string): Promise<OpenStores> {
  const { openPostgres } = await import('../../db/postgres.ts')
  const { openPostgresEngine } = await import('../../state/postgres.ts')
  return assemble(await openPostgres(url), () => openPostgresEngine(url), keys, dataDir)
}

async function assemble(
  database: Database,
  openEngine: () => Promise<StateEngine>,
  keys: KeyRing,
  dataDir: string,
): Promise<OpenStores> {
  let engine: StateEngine | undefined
  const close = async () => {
    await engine?.close()
    await database.close()
  }
  try {
    await migrate(database)
    engine = await openEngine()
    return { database, engine, state: sqlState(engine, keys), dataDir, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}
