import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { openApp } from '../src/app.ts'
import type { Config } from '../src/config.ts'
import { writeDemoFiles } from '../src/demo/files.ts'
import { DEMO_SETS } from '../src/demo/sets.ts'
import { isRoiError, LOCALES } from '../src/errors.ts'
import { createLog } from '../src/log.ts'
import { QUIET } from '../src/server/services.ts'
import { run, start } from './cli-process.ts'
import { ENGINES, testProfile } from './support/databases.ts'

const log = createLog('silent')
const open = (config: Config) => openApp(config, { log })
const ask = { by: 'channel', from: null, to: null, date_basis: 'close', workspace: 'main' } as const
const TOTAL = { cost: '100000.00', revenue: '115000.00', won: 24 }

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(() => undefined).catch((reason: unknown) => reason)
  if (!isRoiError(error)) throw new Error(`no failure: ${String(error)}`)
  for (const locale of LOCALES) expect(error.describe(locale).length).toBeGreaterThan(20)
  return `${error.code}: ${error.describe('en')}`
}

describe.each(ENGINES)('the product on %s', (engine) => {
  test('import, report, settings, reopen, undo', async () => {
    const { config, folder } = await testProfile(engine)
    const files = await writeDemoFiles(DEMO_SETS[1]!, join(folder, 'files'))
    let app = await open(config)
    const given = files.map((path) => ({ path }))
    const { id } = await app.import({ workspace: 'main', dry_run: false, files: given }, QUIET)
    const before = await app.report(ask, QUIET)
    expect(before.total).toMatchObject(TOTAL)
    const changed = await app.set({ workspace: 'main', key: 'half_life_days', value: '30' }, QUIET)
    expect(changed).toMatchObject({ value: 30, recomputed: true })
    await app.close()
    app = await open(config)
    expect((await app.report(ask, QUIET)).total).toEqual(before.total)
    expect((await app.settings({ workspace: 'main', key: 'half_life_days' }, QUIET)).settings).toEqual({
      half_life_days: 30,
    })
    expect(await app.undo({ workspace: 'main', id }, QUIET)).toMatchObject({ id, restored: 0 })
    expect((await app.report(ask, QUIET)).total).toMatchObject({ cost: '0.00', won: 0 })
    await app.close()
  })
})

test('on PostgreSQL the data directory keeps nothing but the import files', async () => {
  const { config, folder } = await testProfile('postgres')
  const files = await writeDemoFiles(DEMO_SETS[1]!, join(folder, 'files'))
  const app = await open(config)
  await app.import({ workspace: 'main', dry_run: false, files: files.map((path) => ({ path })) }, QUIET)
  await app.close()
  expect(await readdir(config.dataDir)).toEqual(['files'])
  expect(await readdir(join(config.dataDir, 'files'))).toHaveLength(files.length)
})

test('the server profile starts with good keys only, and says how to get them', async () => {
  const { config, environment } = await testProfile('postgres')
  expect(await refusal(open({ ...config, keys: undefined }))).toMatch(/^keys_missing.*keys generate/)
  const { ROI_PANEL_KEYS, ...without } = environment
  const ran = await run(['report', '--json'], without)
  expect([ran.code, JSON.parse(ran.err).error.code]).toEqual([2, 'keys_missing'])
  const zero = await run(['serve'], { ...without, ROI_PANEL_KEYS: `a:${Buffer.alloc(32).toString('base64')}` })
  expect([zero.code, zero.err]).toEqual([2, expect.stringContaining('is not random')])
  expect((await run(['keys', 'generate'], without)).code).toBe(0)
})

test('several processes start at once on an empty database and make one workspace', async () => {
  const { config } = await testProfile('postgres')
  const apps = await Promise.all(Array.from({ length: 4 }, () => open(config)))
  for (const app of apps) expect((await app.workspaces({}, QUIET)).workspaces.map(({ key }) => key)).toEqual(['main'])
  await Promise.all(apps.map((app) => app.close()))
})

test('two processes that import into one workspace do it one after the other', async () => {
  const { config, folder } = await testProfile('postgres')
  const apps = [await open(config), await open(config)]
  const files = await writeDemoFiles(DEMO_SETS[1]!, join(folder, 'files'))
  const request = { workspace: 'main', dry_run: false, files: files.map((path) => ({ path })) }
  const done = await Promise.all(apps.map((app) => app.import(request, QUIET)))
  const imported = done.map(({ files }) => files.reduce((sum, file) => sum + file.imported, 0))
  expect(Math.min(...imported)).toBe(0)
  expect(Math.max(...imported)).toBeGreaterThan(1000)
  expect((await apps[0]!.report(ask, QUIET)).total).toMatchObject(TOTAL)
  await Promise.all(apps.map((app) => app.close()))
})

test('all connections of a running program may be ended: it goes on by itself', async () => {
  const { config } = await testProfile('postgres')
  const app = await open(config)
  const client = new Client({ connectionString: config.databaseUrl })
  await client.connect()
  for (let i = 0; i < 3; i++) {
    await Promise.all([
      app.report(ask, QUIET),
      app.set({ workspace: 'main', key: 'fiscal_start', value: i + 2 }, QUIET),
    ])
    const { rows } = await client.query(
      `SELECT count(pg_terminate_backend(pid)) AS n FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    )
    expect(Number(rows[0].n)).toBeGreaterThan(1)
    expect((await app.report(ask, QUIET)).total).toMatchObject({ won: 0 })
    expect(await app.set({ workspace: 'main', key: 'half_life_days', value: i + 10 }, QUIET)).toMatchObject({
      value: i + 10,
    })
  }
  await client.end()
  await app.close()
})

test('a server that is killed while it imports leaves an import that the same command finishes', async () => {
  const { config, folder, environment } = await testProfile('postgres')
  const files = join(folder, 'files')
  await writeDemoFiles(DEMO_SETS[1]!, files)
  const client = new Client({ connectionString: config.databaseUrl })
  await client.connect()
  await (await open(config)).close()
  const cut = start(['import', files], environment)
  // As soon as it has begun: whatever it has written by then, the rest is missing.
  for (;;) {
    const { rows } = await client.query(`SELECT count(*) AS n FROM roi_state.import_run WHERE status = 'running'`)
    if (Number(rows[0].n) > 0) break
  }
  cut.process.kill('SIGKILL')
  await cut.ended
  // While its lease stands nobody calls it interrupted, and a program starts all the same.
  const app = await open(config)
  expect((await client.query('SELECT status FROM roi_state.import_run')).rows).toEqual([{ status: 'running' }])
  await client.query(`UPDATE roi_state.lease SET expires_at = '2000-01-01T00:00:00.000Z'`)
  const again = await open(config)
  expect((await client.query('SELECT status FROM roi_state.import_run')).rows).toEqual([{ status: 'interrupted' }])
  await again.import({ workspace: 'main', dry_run: false, files: [{ path: files }] }, QUIET)
  expect((await client.query('SELECT status FROM roi_state.import_run')).rows).toEqual([{ status: 'done' }])
  expect((await app.report(ask, QUIET)).total).toMatchObject(TOTAL)
  await client.end()
  await app.close()
  await again.close()
})
