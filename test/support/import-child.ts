/**
 * A program that imports a directory, to be killed: `node import-child.ts DATA DIRECTORY`. It starts as the product
 * does: open the stores, put in order what a kill left behind, import.
 */
import { join } from 'node:path'
import files from '../../connectors/files/index.ts'
import { openDuckDB } from '../../src/db/duckdb.ts'
import { migrate } from '../../src/db/migrate.ts'
import { openState } from '../../src/state/sqlite.ts'
import { importFiles } from '../../src/sync/import.ts'
import { finishInterrupted } from '../../src/sync/rebuild.ts'

const [dataDir, path] = process.argv.slice(2) as [string, string]
const state = openState(dataDir)
const database = await openDuckDB(join(dataDir, 'facts.duckdb'))
await migrate(database)
const env = { database, state, connector: files, dataDir }
const workspace = await state.openWorkspace('main')
const { failures } = await finishInterrupted(env)
if (failures[0]) throw failures[0].error
await importFiles(env, workspace, { inputs: [{ path }], locale: 'en' })
await database.close()
await state.close()
