import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openApp } from '../src/app.ts'
import { allReports } from '../src/cli/all-reports.ts'
import { loadConfig } from '../src/config.ts'
import { isRoiError, LOCALES } from '../src/errors.ts'
import { createLog } from '../src/log.ts'
import { COPIED_STATE } from '../src/state/copy.ts'
import { MIGRATION } from '../src/state/state.ts'
import { COPIED_FACTS, DERIVED_FACTS } from '../src/sync/transfer/facts.ts'
import { type OpenStores, openEmbedded, openServer } from '../src/sync/transfer/stores.ts'
import { type TransferProgress, transfer } from '../src/sync/transfer/transfer.ts'
import { importTexts } from './import-kit.ts'
import { everything, fill, SECRETS } from './migrate-kit.ts'
import { statePlace, temporaryFolder, testKeys } from './support/databases.ts'

async function embedded(folder?: string): Promise<OpenStores> {
  const stores = await openEmbedded(folder ?? (await temporaryFolder()))
  onTestFinished(() => stores[Symbol.asyncDispose]())
  return stores
}

async function server(dataDir: string): Promise<OpenStores> {
  const { url } = await statePlace('postgres')
  const stores = await openServer(url, testKeys(), dataDir)
  onTestFinished(() => stores[Symbol.asyncDispose]())
  return stores
}

async function rejection(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isRoiError(error)) throw new Error(`no failure: ${String(error)}`)
  for (const locale of LOCALES) expect(error.describe(locale).length).toBeGreaterThan(20)
  return error.code
}

const options = { figures: allReports }

test('to PostgreSQL and back: all rows, reports, exports, secrets and kept files are the same', async () => {
  const source = await embedded()
  await fill(source, 1)
  const before = await everything(source)
  const middle = await server(source.dataDir)
  const steps: TransferProgress[] = []
  const there = await transfer(source, middle, { ...options, onProgress: (progress) => steps.push(progress) })
  expect(there).toMatchObject({ dry_run: false, files: 0, files_missing: 0 })
  expect(there.workspaces.map(({ workspace }) => workspace)).toEqual(['main', 'random-0', 'random-1', 'random-2'])
  expect(there.workspaces[0]).toMatchObject({ secrets: 2, rows: { connection: 1, seen: 1, import_run: 2 } })
  expect(there.workspaces[0]!.reports).toBeGreaterThan(10)
  expect(steps.at(-1)).toMatchObject({ step: 'check' })
  expect(steps.filter(({ rows, total }) => rows > total)).toEqual([])
  expect(await everything(middle)).toEqual(before)
  const target = await embedded()
  const back = await transfer(middle, target, options)
  expect(back.workspaces).toEqual(there.workspaces)
  expect(back.files).toBeGreaterThan(5)
  expect(await everything(target)).toEqual(before)
  const names = (stores: OpenStores) => readdir(join(stores.dataDir, 'files'))
  expect(await names(target)).toEqual((await names(source)).sort())
  // The source is as it was, and both ends go on working.
  expect(await everything(source)).toEqual(before)
  const [connection] = await target.state.connections()
  expect(await target.state.secrets(connection!.id)).toEqual(SECRETS)
  expect((await target.state.keys())[0]).toMatchObject({ secrets: 2 })
}, 120_000)

test('one workspace alone', async () => {
  const source = await embedded()
  await fill(source, 3, 2)
  const target = await embedded()
  const only = (await source.state.findWorkspace('random-1'))!
  const done = await transfer(source, target, { ...options, workspaces: [only] })
  expect(done.workspaces.map(({ workspace }) => workspace)).toEqual(['random-1'])
  expect((await target.state.workspaces()).map(({ key }) => key)).toEqual(['random-1'])
  const before = Object.entries(await everything(source)).filter(([name]) => name.startsWith('random-1 '))
  expect(Object.entries(await everything(target))).toEqual(before)
  expect((await target.state.openWorkspace('next')).tenant).toBe(only.tenant + 1)
})

test('a count touches no target and tells what a migration would', async () => {
  const source = await embedded()
  await fill(source, 4, 1)
  const counted = await transfer(source, undefined, options)
  const done = await transfer(source, await server(await temporaryFolder()), options)
  expect(counted.dry_run).toBe(true)
  expect(counted.files).toBe(done.files)
  expect(counted.workspaces.map(({ rows, secrets }) => ({ rows, secrets }))).toEqual(
    done.workspaces.map(({ rows, secrets }) => ({ rows, secrets })),
  )
})

test('a target that holds anything is refused and left alone; one that was only opened is not', async () => {
  const source = await embedded()
  await fill(source, 5, 0)
  const target = await server(source.dataDir)
  const { tenant } = await target.state.openWorkspace('main')
  await target.state.changeSetting(tenant, 'currency', 'USD')
  expect(await rejection(transfer(source, target, options))).toBe('target_not_empty')
  expect((await target.state.findWorkspace('main'))!.settings.currency).toBe('USD')
  expect(await target.state.marked(MIGRATION)).toBeNull()
  const facts = await embedded()
  await facts.database.write((tx) => tx.run(`INSERT INTO sync_cursor VALUES (1, 'a', 'b', 'c')`))
  expect(await rejection(transfer(source, facts, options))).toBe('target_not_empty')
  const opened = await embedded()
  await opened.state.openWorkspace('main')
  await opened.state.openWorkspace('spare')
  await transfer(source, opened, options)
  expect((await opened.state.workspaces()).map(({ key }) => key)).toEqual(['main'])
})

test('figures that differ are told, and nothing opens the target until a migration has ended well', async () => {
  const folder = await temporaryFolder()
  const source = await embedded()
  await fill(source, 6, 1)
  {
    await using target = await openEmbedded(folder)
    let asked = 0
    async function* figures(...given: Parameters<typeof allReports>) {
      const wrong = given[0] === target.database && ++asked === 2
      for await (const { name, text } of allReports(...given)) yield { name, text: wrong ? `${text} ` : text }
    }
    expect(await rejection(transfer(source, target, { figures }))).toBe('migration_differs')
  }
  const config = loadConfig({ ROI_PANEL_DATA: folder })
  expect(await rejection(openApp(config, { log: createLog('silent') }))).toBe('migration_incomplete')
  {
    await using target = await openEmbedded(folder)
    const other = await embedded()
    expect(await rejection(transfer(target, other, options))).toBe('source_incomplete')
    await transfer(source, target, options)
    expect(await everything(target)).toEqual(await everything(source))
  }
  await (await openApp(config, { log: createLog('silent') })).close()
})

test('a row that is lost on the way is noticed', async () => {
  const source = await embedded()
  await fill(source, 7, 0)
  const target = await embedded()
  const { database } = target
  const write: typeof database.write = (work) =>
    database.write(async (tx) => {
      const done = await work(tx)
      await tx.run('DELETE FROM touch WHERE id = (SELECT max(id) FROM touch)')
      return done
    })
  const losing = new Proxy(database, {
    get(_, name: keyof typeof database) {
      const found = name === 'write' ? write : database[name]
      return typeof found === 'function' ? found.bind(database) : found
    },
  })
  expect(await rejection(transfer(source, { ...target, database: losing }, options))).toBe('migration_differs')
})

test('work that is not finished is to be finished first', async () => {
  const source = await embedded()
  await fill(source, 8, 0)
  const { tenant } = (await source.state.findWorkspace('main'))!
  const target = await embedded()
  const start = { fingerprint: 'x', options: { zone: 'UTC', currency: 'CNY' }, files: [] }
  const run = await source.state.startImport(tenant, start)
  expect(await rejection(transfer(source, target, options))).toBe('source_unsettled')
  await source.state.endImport(run.id, { status: 'interrupted' })
  await source.database.write((tx) => tx.insert('dirty', [{ tenant_id: tenant, kind: 'all', id: 0n }]))
  expect(await rejection(transfer(source, target, options))).toBe('source_unsettled')
  expect(await target.state.workspaces()).toEqual([])
})

test('a kept file that is gone is counted, and the rest is moved', async () => {
  const source = await embedded()
  await fill(source, 9, 0)
  const workspace = (await source.state.findWorkspace('main'))!
  const place = {
    env: { ...source, connector: (await import('../connectors/files/index.ts')).default },
    workspace,
    folder: '',
  }
  await importTexts(place, { 'accounts.csv': 'account_id,name\nA1,One\n' })
  const { rm } = await import('node:fs/promises')
  const [name] = await readdir(join(source.dataDir, 'files'))
  await rm(join(source.dataDir, 'files', name!))
  const target = await embedded()
  const done = await transfer(source, target, options)
  expect(done.files_missing).toBe(1)
  expect(await readdir(join(target.dataDir, 'files'))).toHaveLength(done.files)
})

test('every table of both stores is copied, worked out again, or left on purpose', async () => {
  const stores = await server(await temporaryFolder())
  const tables = (schema: string) =>
    stores.database.query<{ name: string }>(
      `SELECT CAST(table_name AS TEXT) AS name FROM information_schema.tables WHERE table_schema = $1 ORDER BY 1`,
      [schema],
    )
  const names = (rows: readonly { name: string }[]) => rows.map(({ name }) => name).sort()
  const facts = [...names(COPIED_FACTS), ...DERIVED_FACTS, 'schema_version']
  expect(names(await tables('public'))).toEqual(facts.sort())
  const state = [
    ...names(COPIED_STATE),
    'secret',
    'lease',
    'session',
    'ticket',
    'embed_session',
    'mark',
    'schema_version',
  ]
  expect(names(await tables('roi_state'))).toEqual(state.sort())
  for (const { name, columns } of COPIED_FACTS) {
    const found = await stores.database.query<{ name: string }>(
      `SELECT CAST(column_name AS TEXT) AS name FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name = $1`,
      [name],
    )
    expect(names(found), name).toEqual([...columns].sort())
  }
})
