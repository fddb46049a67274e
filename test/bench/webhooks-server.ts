/** The process that receives in the webhook bench: the product as `serve` opens it, with reports that never end if asked. */
import { join } from 'node:path'
import { openApp } from '../../src/app.ts'
import { recompute } from '../../src/attribution/recompute.ts'
import { loadConfig } from '../../src/config.ts'
import { openDuckDB } from '../../src/db/duckdb.ts'
import { migrate } from '../../src/db/migrate.ts'
import { createLog } from '../../src/log.ts'
import { createHttp } from '../../src/server/http.ts'
import { createNodeServer, listen } from '../../src/server/listen.ts'
import { QUIET } from '../../src/server/services.ts'
import { SETTINGS } from '../support/store.ts'
import { fill, SIZES } from './data.ts'
import type { ServerOptions } from './webhooks.ts'

const options = JSON.parse(process.argv[2]!) as ServerOptions
if (options.reports > 0) {
  const database = await openDuckDB(join(options.folder, 'facts.duckdb'))
  await migrate(database)
  await fill(database, SIZES['1M'])
  await recompute(database, 1, SETTINGS, true)
  await database.close()
}
const environment = {
  ROI_PANEL_PUBLIC_URL: options.publicUrl,
  ROI_PANEL_HUBSPOT_CLIENT_SECRET: options.secret,
}
const log = createLog('silent')
const app = await openApp(loadConfig(environment, { dataDir: options.folder }), { log })
const { state } = app.events
const [workspace] = await state.workspaces()
await state.saveConnection(workspace!.tenant, {
  connector: 'hubspot',
  externalAccountId: String(options.portal),
  title: 'bench',
  settings: {},
  secrets: {},
  everyMinutes: null,
})
const http = createHttp(app, {
  log,
  host: '127.0.0.1',
  uploads: join(options.folder, 'incoming'),
  webhooks: app.webhooks,
  ready: () => true,
})
const server = createNodeServer(http)
const port = await listen(server, 0, '127.0.0.1')

let reports = 0
async function report(number: number): Promise<void> {
  for (let i = 0; ; i += 1) {
    const from = `2024-0${6 + ((i + number) % 4)}-${String(1 + (i % 28)).padStart(2, '0')}`
    const query = { by: 'campaign', model: 'linear', from, to: null, date_basis: 'close' } as const
    await app.report(query, QUIET)
    reports += 1
  }
}
for (let i = 0; i < options.reports; i += 1) void report(i)

process.on('message', async () => {
  const [connection] = await state.connections()
  process.send!({ stored: (await state.waitingEvents(connection!.id)).count, reports })
  process.exit()
})
process.send!({ port })
