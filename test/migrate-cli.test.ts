import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import { writeDemoFiles } from '../src/demo/files.ts'
import { DEMO_SETS } from '../src/demo/sets.ts'
import { openState } from '../src/state/sqlite.ts'
import { run, start } from './cli-process.ts'
import { testProfile } from './support/databases.ts'
import { times } from './support/thorough.ts'

/** A data directory with imports and a connection, an empty database beside it, and the environments of both. */
async function place() {
  const { folder, environment, config } = await testProfile('postgres')
  const data = join(folder, 'source')
  const files = join(folder, 'files')
  await writeDemoFiles(DEMO_SETS[1]!, files)
  const from = { ROI_PANEL_DATA: data }
  expect((await run(['import', files, '--quiet'], from)).code).toBe(0)
  const state = openState(data)
  const { tenant } = (await state.findWorkspace('main'))!
  await state.saveConnection(tenant, {
    connector: 'hubspot',
    externalAccountId: '1',
    title: 't',
    settings: {},
    secrets: { token: 'very-secret' },
    everyMinutes: null,
  })
  await state.close()
  const { ROI_PANEL_DATABASE_URL: url = '', ROI_PANEL_KEYS: keys = '' } = environment
  return { folder, data, from, url, config, moving: { ...from, ROI_PANEL_KEYS: keys }, to: { ...environment, ...from } }
}

const REPORT = ['report', '--by', 'channel', '--model', 'linear', '--json']

test('a user moves to PostgreSQL and back, and every figure stays', async () => {
  const { folder, from, url, moving, to } = await place()
  const [report, credit] = [await run(REPORT, from), await run(['export', 'credit'], from)]
  const counted = await run(['migrate', '--to', url, '--dry-run'], moving)
  expect([counted.code, counted.err]).toEqual([
    0,
    expect.stringMatching(/main: \d+ rows .* 1 secrets\nNothing was written/),
  ])
  const moved = await run(['migrate', '--to', url], moving)
  expect([moved.code, moved.out]).toEqual([0, ''])
  expect(moved.err).toMatch(/main: \d+ rows \(.*1 imports, 1 connections\), 1 secrets; \d+ reports equal/)
  expect(moved.err).toContain('ROI_PANEL_DATABASE_URL')
  expect(moved.err).not.toContain(new URL(url).password)
  expect(await run(REPORT, to)).toEqual(report)
  expect(await run(['export', 'credit'], to)).toEqual(credit)
  const again = await run(['migrate', '--to', url], moving)
  expect([again.code, again.err]).toEqual([2, expect.stringContaining('holds data already')])
  const back = join(folder, 'back')
  const returned = await run(['migrate', '--to', back, '--json'], to)
  expect(JSON.parse(returned.out)).toMatchObject({ dry_run: false, workspaces: [{ workspace: 'main', secrets: 1 }] })
  expect(await run(REPORT, { ROI_PANEL_DATA: back })).toEqual(report)
  const id = JSON.parse((await run(['keys', 'list', '--json'], { ROI_PANEL_DATA: back })).out)
  expect(id).toMatchObject([{ current: true, secrets: 1 }])
  expect((await readdir(join(back, 'files'))).length).toBeGreaterThan(3)
}, 120_000)

test('what cannot be moved is refused with its remedy, and nothing is made', async () => {
  const { folder, data, from, url, moving, to } = await place()
  const cases: [string[], Record<string, string>, string][] = [
    [['migrate'], from, 'bad_migrate_command'],
    [['migrate', '--to', 'mysql://u:p@h/d'], from, 'bad_migrate_command'],
    [['migrate', '--to', url], from, 'keys_missing'],
    [['migrate', '--to', data], from, 'same_store'],
    [['migrate', '--to', url], to, 'same_store'],
    [['migrate', '--to', url], { ...moving, ROI_PANEL_DATA: join(folder, 'none') }, 'no_data'],
    [['migrate', '--to', url, '-w', 'nobody'], moving, 'unknown_workspace'],
    [['migrate', '--to', join(folder, 'x'), 'more'], from, 'bad_migrate_command'],
  ]
  for (const [args, environment, code] of cases) {
    const ran = await run([...args, '--json'], environment)
    expect([JSON.parse(ran.err).error.code, ran.code, ran.out], args.join(' ')).toEqual([code, 2, ''])
    expect(ran.err).not.toContain(new URL(url).password)
  }
  for (const name of ['none', 'x']) expect(existsSync(join(folder, name)), name).toBe(false)
  const served = start(['serve'], from)
  await served.url
  const ran = await run(['migrate', '--to', url, '--json'], moving)
  expect([ran.code, JSON.parse(ran.err).error.code]).toEqual([1, 'store_in_use'])
  served.process.kill('SIGTERM')
  await served.ended
}, 120_000)

test('killed again and again, a migration ends as if it never had been, and the source stays', async () => {
  const { from, url, moving, to } = await place()
  const report = await run(REPORT, from)
  const client = new Client({ connectionString: url })
  await client.connect()
  // Killed once the target holds something: while it is checked, in the facts, in the state.
  for (const table of ['outcome', 'touch', 'roi_state.import_file'].slice(0, times(1, 3))) {
    const cut = start(['migrate', '--to', url, '--quiet'], moving)
    const ended = cut.ended.then(() => true)
    for (;;) {
      const found = await client.query(`SELECT 1 FROM ${table} LIMIT 1`).catch(() => ({ rows: [] }))
      if (found.rows.length > 0 || (await Promise.race([ended, Promise.resolve(false)]))) break
    }
    cut.process.kill('SIGKILL')
    expect((await cut.ended).code, table).toBeNull()
    const early = await run(REPORT, to)
    expect([early.code, JSON.parse(early.err).error.code], table).toEqual([1, 'migration_incomplete'])
    // What the next one finds is not what this one has just written.
    await client.query('TRUNCATE touch, outcome')
    await client.query('DELETE FROM roi_state.import_file')
  }
  expect((await run(['migrate', '--to', url, '--quiet'], moving)).code).toBe(0)
  expect(await run(REPORT, to)).toEqual(report)
  expect(await run(REPORT, from)).toEqual(report)
  await client.end()
}, 180_000)
