import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RecordView } from '../src/api.ts'
import { type App, openApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { writeDemoFiles } from '../src/demo/files.ts'
import { DEMO_SETS } from '../src/demo/sets.ts'
import { createLog } from '../src/log.ts'
import { createHttp } from '../src/server/http.ts'
import { createNodeServer, listen, stop } from '../src/server/listen.ts'
import { QUIET } from '../src/server/services.ts'

let folder: string
let app: App
let server: Server
let origin: string
/** A won deal and its channel, as the drill names them. */
let deal: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roi-panel-record-'))
  const log = createLog('silent')
  app = await openApp(loadConfig({}, { dataDir: join(folder, 'data') }), { log })
  const files = await writeDemoFiles(DEMO_SETS[0]!, join(folder, 'files'))
  await app.import({ workspace: 'main', dry_run: false, files: files.map((path) => ({ path })) }, QUIET)
  const drill = { by: 'channel', key: null, model: 'linear', from: null, to: null, offset: 0, limit: 1 } as const
  deal = (await app.drill(drill, QUIET)).rows[0]!.deal_id
  const options = { log, host: '127.0.0.1', uploads: join(folder, 'up'), ready: () => true }
  server = createNodeServer(createHttp(app, options))
  origin = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`
})
afterAll(async () => {
  await stop(server)
  await app.close()
  await rm(folder, { recursive: true, force: true })
})

async function ask(query: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${origin}/api/v1/record?${query}`, { headers })
  return { status: response.status, body: await response.json() }
}

test('a record view by its id, in the language asked for', async () => {
  const id = encodeURIComponent(deal)
  const english = await ask(`type=deal&id=${id}&model=last`, { 'accept-language': 'en' })
  const view = RecordView.parse(english.body)
  expect(english.status).toBe(200)
  expect(view).toMatchObject({ version: 1, model: 'last', record: { type: 'deal', id: deal, source: 'files' } })
  expect(view.sentence).toMatch(/ of this deal comes from /)
  expect(view.as_of).not.toBeNull()
  const chinese = await ask(`type=deal&id=${id}&locale=zh-CN&source=files&workspace=main`)
  expect(RecordView.parse(chinese.body).sentence).toMatch(/^这笔成交 /)
})

test('what is not there or not understood is told with its remedy', async () => {
  const unknown = await ask('type=contact&id=nope', { 'accept-language': 'zh-CN' })
  expect([unknown.status, unknown.body.error.code]).toEqual([404, 'unknown_record'])
  expect(unknown.body.error.remedy).toContain('尚未同步')
  for (const query of ['type=person&id=1', 'type=deal', 'type=deal&id=', 'id=1', 'type=deal&id=1&model=x']) {
    expect((await ask(query)).status, query).toBe(400)
  }
  expect((await ask(`type=deal&id=${'x'.repeat(600)}`)).status).toBe(400)
  expect((await ask('type=deal&id=1&workspace=none')).status).toBe(404)
})
