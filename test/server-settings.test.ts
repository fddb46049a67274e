import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type App, openApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { writeDemoFiles } from '../src/demo/files.ts'
import { DEMO_SETS } from '../src/demo/sets.ts'
import { createLog } from '../src/log.ts'
import { QUIET } from '../src/server/services.ts'

let folder: string
let app: App

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roi-panel-settings-'))
  app = await openApp(loadConfig({}, { dataDir: join(folder, 'data') }), { log: createLog('silent') })
  const files = await writeDemoFiles(DEMO_SETS[1]!, join(folder, 'files'))
  await app.import({ workspace: 'main', dry_run: false, files: files.map((path) => ({ path })) }, QUIET)
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true, force: true })
})

const set = (key: string, value: unknown) => app.set({ workspace: 'main', key, value }, QUIET)

test('a setting is taken as typed or as JSON, and recomputes what depends on it', async () => {
  expect(await set('half_life_days', '14')).toEqual({ key: 'half_life_days', value: 14, recomputed: true })
  expect(await set('half_life_days', 14)).toEqual({ key: 'half_life_days', value: 14, recomputed: false })
  expect(await set('direct_channels', 'direct,抖音 Douyin')).toMatchObject({ recomputed: true })
  expect(await set('model', 'first')).toEqual({ key: 'model', value: 'first', recomputed: false })
  expect((await app.report({ by: 'channel', from: null, to: null, date_basis: 'close' }, QUIET)).query).toMatchObject({
    workspace: 'main',
    model: 'first',
  })
  await expect(set('no_such', '1')).rejects.toMatchObject({ code: 'unknown_setting', exitCode: 2 })
  await expect(set('zone', 'Mars/X')).rejects.toMatchObject({ code: 'bad_setting', exitCode: 2 })
})

test('a language counts as chosen only when somebody chose it', async () => {
  expect((await app.settings({}, QUIET)).chosen_locale).toBeNull()
  await set('locale', 'en')
  expect((await app.settings({}, QUIET)).chosen_locale).toBe('en')
})

test('only imports and settings make workspaces; a dry run makes none', async () => {
  const files = [{ path: join(folder, 'files', 'costs.csv') }]
  for (const call of [
    () => app.panel({ workspace: 'new', by: 'channel', from: null, to: null }, QUIET),
    () => app.recompute({ workspace: 'new', all: true }, QUIET),
    () => app.export({ workspace: 'new', what: 'deals', format: 'csv' }, QUIET),
    () => app.undo({ workspace: 'new', id: 'imp_1' }, QUIET),
  ]) {
    await expect(call()).rejects.toMatchObject({ code: 'unknown_workspace', status: 404 })
  }
  expect((await app.import({ workspace: 'new', dry_run: true, files }, QUIET)).files[0]).toMatchObject({ imported: 26 })
  expect((await app.workspaces({}, QUIET)).workspaces.map(({ key }) => key)).toEqual(['main'])
  await app.import({ workspace: 'new', dry_run: false, files }, QUIET)
  await app.set({ workspace: 'other', key: 'currency', value: 'USD' }, QUIET)
  expect((await app.workspaces({}, QUIET)).workspaces.map(({ key }) => key)).toEqual(['main', 'new', 'other'])
})
