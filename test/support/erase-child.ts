/**
 * A program to be killed: erases people one after the other while it writes pages that were read before, and says whom it
 * has erased. `node erase-child.ts ENGINE PLACE STATE FIRST`
 */
import { openDuckDB } from '../../src/db/duckdb.ts'
import { openPostgres } from '../../src/db/postgres.ts'
import { openState } from '../../src/state/sqlite.ts'
import { erase, readPage } from '../erase-kit.ts'
import { PEOPLE, people } from './erase-people.ts'

const [engine, place, dataDir, first] = process.argv.slice(2) as [string, string, string, string]
const database = await (engine === 'duckdb' ? openDuckDB(place) : openPostgres(place))
const state = openState(dataDir)
const stores = { database, state, workspace: await state.openWorkspace('main') }
process.send!('ready')
for (let i = Number(first); i < PEOPLE; i += 1) {
  await Promise.all([erase(stores, `c${i}`), readPage(stores, { records: people(i) })])
  process.send!(i)
}
await state.close()
await database.close()
