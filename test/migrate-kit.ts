import fc from 'fast-check'
import files from '../connectors/files/index.ts'
import { recompute } from '../src/attribution/recompute.ts'
import { allReports } from '../src/cli/all-reports.ts'
import { EXPORTS, exportCredit, exportRecords } from '../src/reports/export.ts'
import { closeServices } from '../src/server/closes-services.ts'
import { QUIET } from '../src/server/services.ts'
import { COPIED_STATE, stateRows } from '../src/state/copy.ts'
import { pullCorrections } from '../src/sync/corrections.ts'
import { pullManual } from '../src/sync/manual.ts'
import type { Stores } from '../src/sync/transfer/transfer.ts'
import { attributionSettings } from '../src/sync/workspace.ts'
import { erase } from './erase-kit.ts'
import { importTexts, world } from './import-kit.ts'
import { randomWorkspace, toRecords } from './support/random-workspace.ts'
import { load } from './support/store.ts'

export const SECRETS = { token: 'pat-very-secret', refresh: '刷新令牌' }

/** Fills stores with random workspaces, one with imports, refused rows, settings, connections and cursors. */
export async function fill(stores: Stores, seed: number, random = 3): Promise<void> {
  const { database, state, dataDir } = stores
  const main = await state.openWorkspace('main')
  await state.changeSetting(main.tenant, 'zone', 'UTC')
  await state.changeSetting(main.tenant, 'lookback_days', 30)
  const workspace = await state.openWorkspace('main')
  const place = { env: { database, state, connector: files, dataDir }, workspace, folder: dataDir }
  const undone = await importTexts(place, { 'costs.csv': 'cost_id,date,amount,category\nX1,2026-01-01,1,ads\n' })
  await importTexts(place, { ...world(seed), 'costs.csv': 'cost_id,date,amount,category\nF1,bad,1,ads\n' })
  await state.endImport(undone.id, { status: 'done', result: { note: 'again' } })
  const touch = {
    touch: { source: 'files', id: 'T3' },
    channel: null,
    reason: '测试',
    was: { channel: 'x', campaign: null },
  }
  await state.addCorrection(main.tenant, { ...touch, action: 'move', campaign: { source: 'files', id: 'K1' } })
  await pullCorrections({ database, state }, workspace)
  await recompute(database, main.tenant, attributionSettings(workspace.settings))
  // SQLite keeps what PostgreSQL cannot.
  const odd = { where: { line: 1 }, code: 'x', message: { en: 'x', 'zh-CN': 'x' }, raw: 'a\u0000b' }
  await state.addRejects(main.tenant, undone.id, '1/costs', [odd])
  const connection = await state.saveConnection(main.tenant, {
    connector: 'hubspot',
    externalAccountId: '77',
    title: '门户 ✓',
    settings: { region: 'eu', list: [1, 2] },
    secrets: SECRETS,
    everyMinutes: 15,
  })
  await state.changeConnection(connection.id, { state: 'paused', completeAt: new Date(), result: { rows: 1 } })
  await state.noteDrift(main.tenant, connection.id, '2026-01-01', [{ stream: 'deals', field: 'x', kind: 'new' }])
  await database.write(async (tx) => {
    await tx.run('INSERT INTO sync_cursor VALUES ($1, $2, $3, $4)', [
      main.tenant,
      connection.id,
      'deals',
      '{"after":"9"}',
    ])
    await tx.run('INSERT INTO seen VALUES ($1, $2, $3, $4)', [main.tenant, connection.id, 'deals', -5n])
  })
  await erase({ database, state, workspace, source: 'files' }, 'C3')
  await recompute(database, main.tenant, attributionSettings(workspace.settings))
  const cost = { date: '2026-01-05', amount: '9.99', currency: 'CNY', category: 'gifts', state: 'paid' }
  const { id: entered } = await state.addManual(main.tenant, 'cost', cost)
  await state.editManual(main.tenant, 'cost', entered, () => ({ ...cost, note: '改' }), '更正')
  await state.addManual(main.tenant, 'cost', { ...cost, campaign: { source: 'files', id: 'K1' } })
  await state.editManual(main.tenant, 'campaign', 'campaign/files/K1', () => ({ owner: 'Chen', tier: 'growth' }))
  await state.editManual(main.tenant, 'campaign', 'campaign/files/MINE', () => ({ name: '展会' }))
  await pullManual({ database, state }, workspace)
  await recompute(database, main.tenant, attributionSettings(workspace.settings))
  const crossing = { subject: 'bud_1', rule: 'use_80', basis: '100 CNY', detail: { value: 81 } }
  await state.settleAlerts(main.tenant, '2026-01-05', [crossing])
  const person = { role: 'sales', password: 'scrypt$none' } as const
  await state.addUser({ ...person, name: 'Everywhere', tenants: null })
  await state.addUser({ ...person, name: 'Here', tenants: [main.tenant] })
  await closeMonth(stores)
  for (const [i, records] of fc.sample(randomWorkspace, { numRuns: random, seed }).entries()) {
    const { tenant, settings } = await state.openWorkspace(`random-${i}`)
    await load(database, tenant, toRecords(records))
    await recompute(database, tenant, attributionSettings(settings), true)
  }
}

/** Closes a month, and changes its data afterwards: its locked numbers can be had from nowhere else. */
async function closeMonth({ database, state }: Stores): Promise<void> {
  const { tenant, settings } = await state.openWorkspace('main')
  await closeServices({ database, state }).close_period({ workspace: 'main', period: '2026-04', dry_run: false }, QUIET)
  await load(database, tenant, [
    {
      type: 'cost',
      id: 'late',
      date: '2026-04-09',
      amount: { amount: '77', currency: 'CNY' },
      category: 'ads',
      state: 'paid',
    },
  ])
  await recompute(database, tenant, attributionSettings(settings))
}

/** All that people can see of stores, and all rows of the state: equal before and after a migration. */
export async function everything({ database, engine, state }: Stores): Promise<Record<string, string>> {
  const seen: Record<string, string> = {}
  for (const workspace of await state.workspaces()) {
    const { key, tenant } = workspace
    for await (const { name, text } of allReports(database, workspace)) seen[`${key} ${name}`] = text
    for (const format of ['csv', 'json'] as const) {
      for (const what of EXPORTS) {
        seen[`${key} ${what}.${format}`] = await textOf(exportRecords(database, workspace, { what, format }))
      }
    }
    seen[`${key} credit`] = await textOf(exportCredit(database, workspace, { model: 'linear', format: 'csv' }))
    for (const table of COPIED_STATE) {
      const rows = []
      for await (const batch of stateRows(engine, table, tenant)) rows.push(...batch.map((row) => JSON.stringify(row)))
      seen[`${key} ${table.name}`] = rows.sort().join('\n')
    }
    for (const { id } of await state.connections(tenant)) {
      seen[`${key} secrets ${id}`] = JSON.stringify(Object.entries(await state.secrets(id)).sort())
    }
  }
  return seen
}

async function textOf(chunks: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const chunk of chunks) text += chunk
  return text
}
