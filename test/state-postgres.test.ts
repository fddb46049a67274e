import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { migrate } from '../src/db/migrate.ts'
import { openPostgres } from '../src/db/postgres.ts'
import { isRoiError } from '../src/errors.ts'
import { stateMigrations } from '../src/state/migrations.ts'
import { openPostgresEngine, openPostgresState } from '../src/state/postgres.ts'
import { statePlace, testKeys } from './support/databases.ts'

async function place() {
  const { url } = await statePlace('postgres')
  const admin = new Client({ connectionString: url })
  await admin.connect()
  onTestFinished(() => admin.end())
  return { url, admin }
}

async function open(url: string) {
  const state = await openPostgresState(url, testKeys())
  onTestFinished(() => state.close())
  return state
}

async function engineAt(url: string, lockTimeout?: number) {
  const engine = await openPostgresEngine(url, { lockTimeout })
  onTestFinished(() => engine.close())
  return engine
}

async function rejection(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return isRoiError(error) ? error.code : `no failure: ${String(error)}`
}

/** Ends every other connection to the database. */
const END_OTHERS = `SELECT count(pg_terminate_backend(pid)) AS n FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()`

test('facts and state share a database and none of their tables', async () => {
  const { url, admin } = await place()
  const state = await open(url)
  const facts = await openPostgres(url)
  onTestFinished(() => facts.close())
  await migrate(facts)
  await state.openWorkspace('main')
  const { rows } = await admin.query(
    `SELECT table_schema FROM information_schema.tables WHERE table_name = 'schema_version' ORDER BY 1`,
  )
  expect(rows.map((row) => row.table_schema)).toEqual(['public', 'roi_state'])
  expect((await admin.query(`SELECT to_regclass('public.workspace') AS name`)).rows[0].name).toBeNull()
  expect((await admin.query(`SELECT to_regclass('roi_state.contact') AS name`)).rows[0].name).toBeNull()
})

test('a URL whose default schema is that of the state is refused', async () => {
  const { url, admin } = await place()
  await (await open(url)).close()
  const same = new URL(url)
  same.searchParams.set('options', '-c search_path=roi_state')
  expect(await rejection(openPostgresState(same.href, testKeys()))).toBe('store_same_schema')
  await admin.query('CREATE SCHEMA other')
  same.searchParams.set('options', '-c search_path=other')
  const state = await open(same.href)
  await state.openWorkspace('elsewhere')
  expect((await (await open(url)).workspaces()).map(({ key }) => key)).toEqual(['elsewhere'])
})

test('a store of a newer program is refused and left as it is', async () => {
  const { url, admin } = await place()
  await (await open(url)).close()
  await admin.query(`INSERT INTO roi_state.schema_version VALUES (999, 'later')`)
  expect(await rejection(openPostgresState(url, testKeys()))).toBe('store_too_new')
  expect((await admin.query('SELECT count(*) AS n FROM roi_state.schema_version')).rows[0].n).toBe(
    String(stateMigrations().length + 1),
  )
})

test('many processes that open it at once migrate it once', async () => {
  const { url, admin } = await place()
  const states = await Promise.all(Array.from({ length: 6 }, () => open(url)))
  expect(states).toHaveLength(6)
  const { rows } = await admin.query('SELECT version FROM roi_state.schema_version ORDER BY version')
  expect(rows.map((row) => row.version)).toEqual(stateMigrations().map(({ version }) => version))
})

test('transactions of several processes never overlap: every number is given once', async () => {
  const { url } = await place()
  const states = await Promise.all(Array.from({ length: 3 }, () => open(url)))
  const made = await Promise.all(Array.from({ length: 60 }, (_, i) => states[i % 3]!.openWorkspace(`w${i % 20}`)))
  expect(new Set(made.map(({ tenant }) => tenant)).size).toBe(20)
  const start = { options: { zone: 'UTC', currency: 'CNY' }, files: [] }
  const runs = await Promise.all(
    Array.from({ length: 60 }, (_, i) => states[i % 3]!.startImport(1, { ...start, fingerprint: `f${i}` })),
  )
  expect(new Set(runs.map(({ id }) => id)).size).toBe(60)
  await Promise.all(runs.map(({ id }, i) => states[i % 3]!.endImport(id, { status: 'done' })))
  expect(await states[0]!.audit(1, 1000)).toHaveLength(60)
})

test('connections that die while idle are replaced, and nobody notices', async () => {
  const { url, admin } = await place()
  const state = await open(url)
  for (let i = 0; i < 5; i++) {
    await Promise.all(Array.from({ length: 8 }, () => state.workspaces()))
    expect(Number((await admin.query(END_OTHERS)).rows[0].n)).toBeGreaterThan(0)
    const [all, made] = await Promise.all([state.workspaces(), state.openWorkspace(`w${i}`)])
    expect([all.length, made.tenant].every((n) => n === i || n === i + 1)).toBe(true)
  }
})

test('one that dies in the middle of a transaction leaves nothing of it, and the next one works', async () => {
  const { url, admin } = await place()
  const engine = await engineAt(url)
  const broken = engine.transaction(async (sql) => {
    await sql.run('INSERT INTO workspace VALUES ($1, $2, $3, $4)', 1, 'lost', 'lost', 'now')
    await admin.query(END_OTHERS)
    await sql.run('INSERT INTO workspace VALUES ($1, $2, $3, $4)', 2, 'lost2', 'lost', 'now')
  })
  expect(await rejection(broken)).toBe('store_unreachable')
  expect(await engine.all('SELECT key FROM workspace')).toEqual([])
  await engine.transaction((sql) => sql.run('INSERT INTO workspace VALUES ($1, $2, $3, $4)', 1, 'kept', 'kept', 'now'))
  expect(await engine.all('SELECT key FROM workspace')).toEqual([{ key: 'kept' }])
})

test('a busy read of the facts that dies is told or repeated, and the pool goes on', async () => {
  const { url, admin } = await place()
  const facts = await openPostgres(url)
  onTestFinished(() => facts.close())
  const writing = facts.write(async (tx) => {
    await tx.run('CREATE TABLE lost (id INTEGER)')
    await admin.query(END_OTHERS)
    await tx.run('INSERT INTO lost VALUES (1)')
  })
  expect(await rejection(writing)).toBe('store_unreachable')
  expect(await facts.query(`SELECT to_regclass('lost') IS NULL AS gone`)).toEqual([{ gone: true }])
  const reading = facts.snapshot(async (reader) => {
    await reader.query('SELECT 1 AS one')
    await admin.query(END_OTHERS)
    await reader.query('SELECT 2 AS two')
  })
  expect(await rejection(reading)).toBe('store_unreachable')
  expect(await facts.query('SELECT 3 AS three')).toEqual([{ three: 3 }])
})

test('a process that keeps the others waiting is told, and they go on when it has ended', async () => {
  const { url, admin } = await place()
  const engine = await engineAt(url, 50)
  await admin.query('BEGIN')
  await admin.query(`SELECT pg_advisory_xact_lock(${0x726f6970}, 1)`)
  for (let i = 0; i < 6; i++) {
    expect(await rejection(engine.transaction((sql) => sql.all('SELECT 1')))).toBe('store_busy')
  }
  expect(await engine.all('SELECT key FROM workspace')).toEqual([])
  await admin.query('COMMIT')
  expect(await engine.transaction((sql) => sql.all('SELECT 1 AS one'))).toEqual([{ one: 1 }])
})

test('a statement that fails in a transaction takes all of it along, also when the work goes on', async () => {
  const { url } = await place()
  const engine = await engineAt(url)
  const work = engine.transaction(async (sql) => {
    await sql.run('INSERT INTO workspace VALUES ($1, $2, $3, $4)', 1, 'a', 'a', 'now')
    await sql.run('INSERT INTO workspace VALUES ($1, $2, $3, $4)', 1, 'b', 'b', 'now').catch(() => undefined)
  })
  await expect(work).rejects.toThrow(/nothing of it was kept/)
  expect(await engine.all('SELECT key FROM workspace')).toEqual([])
})

test('the clock is that of the server', async () => {
  const { url, admin } = await place()
  const engine = await engineAt(url)
  const read = async () => {
    const { rows } = await admin.query('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now')
    return Number(rows[0].now)
  }
  const [before, now, after] = [await read(), (await engine.clock!()).getTime(), await read()]
  expect(now).toBeGreaterThanOrEqual(before - 1)
  expect(now).toBeLessThanOrEqual(after + 1)
})
