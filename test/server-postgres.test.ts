import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { writeDemoFiles } from '../src/demo/files.ts'
import { DEMO_SETS } from '../src/demo/sets.ts'
import { createLog } from '../src/log.ts'
import { QUIET } from '../src/server/services.ts'
import { createDatabase } from './support/postgres.ts'

test('the same product on PostgreSQL: import, report, settings, reopen', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'roi-panel-pg-'))
  const { url, drop } = await createDatabase('empty')
  const config = { ...loadConfig({}, { dataDir: join(folder, 'data') }), databaseUrl: url }
  const open = () => openApp(config, { log: createLog('silent') })
  try {
    const files = await writeDemoFiles(DEMO_SETS[1]!, join(folder, 'files'))
    const ask = { by: 'channel', from: null, to: null, date_basis: 'close' } as const
    let app = await open()
    await app.import({ workspace: 'main', dry_run: false, files: files.map((path) => ({ path })) }, QUIET)
    const before = await app.report({ ...ask, workspace: 'main' }, QUIET)
    expect(before.total).toMatchObject({ cost: '100000.00', revenue: '115000.00', won: 24 })
    expect(await app.set({ workspace: 'main', key: 'half_life_days', value: '30' }, QUIET)).toMatchObject({
      value: 30,
      recomputed: true,
    })
    await app.close()
    app = await open()
    expect((await app.report({ ...ask, workspace: 'main' }, QUIET)).total).toEqual(before.total)
    await app.close()
  } finally {
    await drop()
    await rm(folder, { recursive: true, force: true })
  }
}, 60_000)
