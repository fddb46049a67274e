/** The process that synchronizes in the sync bench: the product as `sync` opens it. */
import { openApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { createLog } from '../../src/log.ts'
import { QUIET } from '../../src/server/services.ts'
import type { SyncStats } from './sync.ts'

const { folder, origin, token } = JSON.parse(process.argv[2]!) as { folder: string; origin: string; token: string }
const config = loadConfig({ ROI_PANEL_ORIGIN_HUBSPOT: origin }, { dataDir: folder })
const app = await openApp(config, { log: createLog('silent') })
const { connection } = await app.connect({ connector: 'hubspot', settings: { token }, every_minutes: null }, QUIET)
const before = process.cpuUsage()
const started = performance.now()
const result = await app.sync({ id: connection.id, full: false }, QUIET)
const milliseconds = performance.now() - started
const { user, system } = process.cpuUsage(before)
const stats: SyncStats = {
  state: result.state,
  milliseconds,
  records: result.streams.reduce((sum, { read }) => sum + read, 0),
  cpu: user + system,
  rss: process.resourceUsage().maxRSS * 1024,
}
await app.close()
process.send!(stats)
process.disconnect()
