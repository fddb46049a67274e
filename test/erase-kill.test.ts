import { fork } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import files from '../connectors/files/index.ts'
import { openDuckDB } from '../src/db/duckdb.ts'
import { migrate } from '../src/db/migrate.ts'
import { openPostgres } from '../src/db/postgres.ts'
import { surrogate } from '../src/model/ids.ts'
import { openState } from '../src/state/sqlite.ts'
import { eraseContacts, noteErasures } from '../src/sync/erase.ts'
import { finishInterrupted } from '../src/sync/rebuild.ts'
import { erase, readPage } from './erase-kit.ts'
import { generator } from './import-kit.ts'
import { ENGINES, type Engine, openTestDatabase, temporaryFolder } from './support/databases.ts'
import { people } from './support/erase-people.ts'
import { times } from './support/thorough.ts'

/** Erasing under kill -9 and beside other processes: nobody who was erased is ever there again. */

const CHILD = join(import.meta.dirname, 'support/erase-child.ts')

async function openPlace(engine: Engine) {
  const folder = await temporaryFolder()
  const place = engine === 'duckdb' ? join(folder, 'facts.duckdb') : (await openTestDatabase(engine)).place
  const open = async () => {
    const database = await (engine === 'duckdb' ? openDuckDB(place) : openPostgres(place))
    await migrate(database)
    const state = openState(folder)
    const workspace = await state.openWorkspace('main')
    return {
      stores: { database, state, workspace },
      env: { database, state, connector: files, dataDir: folder },
      async close() {
        await state.close()
        await database.close()
      },
    }
  }
  return { engine, folder, place, open }
}

type Place = Awaited<ReturnType<typeof openPlace>>

/** Erases from `first` on, until it is killed some time after it began. @returns the last one it told */
function killed({ engine, folder, place }: Place, first: number, delay: number): Promise<number> {
  const child = fork(CHILD, [engine, place, folder, String(first)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return new Promise((resolve, reject) => {
    let last = first - 1
    child.on('message', (message) => {
      if (message === 'ready') setTimeout(() => child.kill('SIGKILL'), delay)
      else last = message as number
    })
    child.once('error', reject)
    child.once('exit', () => resolve(last))
  })
}

/** People of whom anything personal is left in the facts. */
async function left(place: Awaited<ReturnType<Place['open']>>): Promise<Set<string>> {
  const { database } = place.stores
  const rows = []
  for (const table of ['contact', 'touch', 'source_key']) rows.push(...(await database.query(`SELECT * FROM ${table}`)))
  const text = JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  return new Set([...text.matchAll(/canary-(\d+)-/gi)].map(([, number]) => `c${number}`))
}

test.each(ENGINES)(
  'killed at any moment on %s, nobody comes back',
  async (engine) => {
    const seed = Date.now() % 1_000_000
    const random = generator(seed)
    const place = await openPlace(engine)
    const first = await place.open()
    await readPage(first.stores, { records: people() })
    await first.close()
    let next = 0
    for (let kill = 0; kill < times(4, 15); kill += 1) {
      next = Math.max(next, (await killed(place, next, Math.floor(random() * 500))) + 1)
      const after = await place.open()
      // What a start of the program does.
      await finishInterrupted(after.env)
      const noted = await after.stores.state.erased(after.stores.workspace.tenant)
      const isNoted = (name: string) => noted.has(surrogate('contact', 'test', name))
      for (let i = 0; i < next; i += 1) expect(isNoted(`c${i}`), `seed ${seed}, c${i}`).toBe(true)
      await readPage(after.stores, { records: people(1_000_000 + kill) })
      expect([...(await left(after))].filter(isNoted), `seed ${seed}`).toEqual([])
      await after.close()
    }
  },
  120_000,
)

describe('two processes on one database', () => {
  const ADA = { type: 'contact', id: 'c0', erased: true } as const
  const ID = surrogate('contact', 'test', 'c0')

  async function two() {
    const folder = await temporaryFolder()
    const one = await openTestDatabase('postgres')
    const other = await openPostgres(one.place)
    onTestFinished(() => other.close())
    const state = openState(folder)
    onTestFinished(() => state.close())
    const workspace = await state.openWorkspace('main')
    const records = people().slice(0, 2)
    const mine = { database: one, state, workspace }
    await readPage(mine, { records })
    return { mine, theirs: { ...mine, database: other }, records, tenant: workspace.tenant }
  }
  const text = async ({ database }: { database: { query(sql: string): Promise<unknown[]> } }) =>
    JSON.stringify(await database.query('SELECT name, email FROM contact'))

  test('a page that one is about to write waits for an erasure of the other, and knows of it', async () => {
    const { mine, theirs, tenant } = await two()
    let written: Promise<unknown> | undefined
    await noteErasures(mine.state, mine.database, { tenant, source: 'test' }, [ID])
    await mine.database.write(async (tx) => {
      await tx.lock('erasures', tenant, 'alone')
      await eraseContacts(tx, tenant, [ID])
      written = readPage(theirs, { records: people(7).slice(0, 2) })
      await new Promise((resolve) => setTimeout(resolve, 200))
    })
    await written
    expect(await text(mine)).toBe('[{"name":null,"email":null}]')
  })

  test('an erasure waits for a page that the other is writing, and erases that as well', async () => {
    const { mine, theirs, tenant } = await two()
    let erased: Promise<unknown> | undefined
    await theirs.database.write(async (tx) => {
      await tx.lock('erasures', tenant, 'shared')
      erased = erase(mine, ADA.id)
      await new Promise((resolve) => setTimeout(resolve, 200))
      await tx.run("UPDATE contact SET name = 'Ada again', row_hash = 7 WHERE tenant_id = $1", [tenant])
    })
    await erased
    expect(await text(mine)).toBe('[{"name":null,"email":null}]')
  })
})
