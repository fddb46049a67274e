import type { Database, Reader, Transaction } from '../db/database.ts'
import { contentHash } from '../model/ids.ts'
import type { Workspace } from '../model/settings.ts'
import type { ManualState } from '../state/manual.ts'
import { Loader } from './load.ts'
import { putFixes, takeAllFixes, takeFixes } from './manual-fixes.ts'
import { campaignOf, owner, type Taken, taken } from './manual-records.ts'
import { MANUAL } from './manual-source.ts'
import { removeOthers, removeRecords } from './remove.ts'
import type { Foreign } from './rows.ts'
import { type CursorKey, saveCursor } from './store.ts'
import { channelTraits, ruleChannels } from './workspace.ts'

/** What the source `manual` works with. */
export interface ManualEnv {
  readonly database: Database
  readonly state: ManualState
}

/** Where the facts stand: the number of the last change that is in them. */
const CURSOR: CursorKey = { connection: MANUAL, stream: 'entries' }
/** Entries taken over in one transaction. */
const BATCH = 1000

/**
 * The source `manual`: brings what people entered, and what changed of it since the last time, from the state store into
 * the facts, like any source: upserted, marked for the next recompute, with the cursor in the same transaction. Facts
 * that are new get all of it. Whoever changes an entry calls it; so does every start, for what a kill left behind.
 * @param whole everything again, and nothing else: after one of the stores was restored from a copy
 * @returns entries taken over
 */
export async function pullManual(env: ManualEnv, workspace: Workspace, whole = false): Promise<number> {
  const { database, state } = env
  const { tenant } = workspace
  const [found, last] = [await cursorOf(database, tenant), await state.lastManual(tenant)]
  if (found === last && (last === 0 || !whole)) return 0
  let pulled = 0
  for (let again = whole; ; again = false) {
    const count = await database.write((tx) => pullSome(tx, state, workspace, again))
    pulled += count
    if (count < BATCH) return pulled
  }
}

/** The same after imports were taken back: campaigns that people made and a file took over are theirs again. */
export async function pullManualAgain(env: ManualEnv, workspace: Workspace): Promise<void> {
  if ((await env.state.lastManual(workspace.tenant)) > 0) await pullManual(env, workspace, true)
}

async function pullSome(tx: Transaction, state: ManualState, workspace: Workspace, whole: boolean): Promise<number> {
  const { tenant, settings } = workspace
  await tx.lock('manual', tenant, 'alone')
  const found = await cursorOf(tx, tenant)
  // Beyond the last change: the state store was restored from an older copy.
  const anew = whole || found > (await state.lastManual(tenant))
  if (anew) await forgetAll(tx, tenant)
  const entries = await state.manualAfter(tenant, anew ? 0 : found, BATCH)
  const changes = entries.flatMap((entry) => taken(tenant, entry) ?? [])
  const context = { tenant, source: MANUAL, ruleChannel: ruleChannels(settings), foreign }
  const loader = new Loader(context, channelTraits(settings))
  const records = changes.filter((change) => change.kind === 'record')
  const campaigns = changes.filter((change) => change.kind === 'campaign')
  await writeRecords(tx, tenant, loader, records)
  await writeCampaigns(tx, tenant, loader, campaigns)
  await saveCursor(tx, tenant, CURSOR, String(entries.at(-1)?.seq ?? (anew ? 0 : found)))
  return entries.length
}

type RecordsTaken = readonly Extract<Taken, { kind: 'record' }>[]
type CampaignsTaken = readonly Extract<Taken, { kind: 'campaign' }>[]

async function writeRecords(tx: Transaction, tenant: number, loader: Loader, records: RecordsTaken): Promise<void> {
  const there = records.flatMap(({ record }) => (record ? [loader.map(record)] : []))
  const gone = records.flatMap(({ record, type, id }) => (record ? [] : [{ type, id }]))
  if (there.length > 0) await loader.write(tx, there)
  if (gone.length > 0) await removeRecords(tx, { tenant, source: MANUAL }, gone)
}

/** Rows of campaigns that people made, unless files have them by now; then what people say, in whoever's row. */
async function writeCampaigns(tx: Transaction, tenant: number, loader: Loader, taken: CampaignsTaken): Promise<void> {
  if (taken.length === 0) return
  const ids = taken.map(({ id }) => id)
  await takeFixes(tx, tenant, ids)
  const rows = await tx.query<{ id: bigint; source: string }>(
    `SELECT id, source FROM campaign
     WHERE tenant_id = $1 AND id IN (SELECT CAST(unnest(string_to_array(CAST($2 AS TEXT), ',')) AS BIGINT))`,
    [tenant, ids.join(',')],
  )
  const sources = new Map(rows.map(({ id, source }) => [id, source]))
  const made = taken.flatMap(({ id, made }) => {
    if (!made || (sources.get(id) ?? MANUAL) !== MANUAL) return []
    const mapped = loader.map(made)
    // Another hash than a file's row of the same content would have: whose row it is must show.
    return [{ ...mapped, row: { ...mapped.row, id, row_hash: contentHash(`${MANUAL} ${mapped.row.row_hash}`) } }]
  })
  if (made.length > 0) await loader.write(tx, made)
  const gone = taken.filter(({ id, made }) => !made && sources.get(id) === MANUAL).map(({ id }) => id)
  for (const id of gone) {
    await tx.run('DELETE FROM campaign WHERE tenant_id = $1 AND id = $2', [tenant, id])
    await tx.insert('dirty', [{ tenant_id: tenant, kind: 'campaign', id }])
  }
  await putFixes(
    tx,
    tenant,
    taken.flatMap(({ fix }) => fix ?? []),
  )
  await tx.insertMissing(
    'source_key',
    taken.flatMap(({ parent }) => (parent ? [parent] : [])),
    ['tenant_id', 'id'],
  )
}

/** Costs name campaigns of every source. */
function foreign(kind: string, id: string): Foreign | undefined {
  return kind === 'campaign' ? owner(campaignOf(id)) : undefined
}

async function forgetAll(tx: Transaction, tenant: number): Promise<void> {
  await takeAllFixes(tx, tenant)
  for (const table of ['cost', 'campaign', 'rate'] as const) {
    await removeOthers(tx, { tenant, source: MANUAL }, table, [])
  }
}

async function cursorOf(reader: Reader, tenant: number): Promise<number> {
  const [row] = await reader.query<{ cursor: string }>(
    'SELECT cursor FROM sync_cursor WHERE tenant_id = $1 AND connection = $2 AND stream = $3',
    [tenant, CURSOR.connection, CURSOR.stream],
  )
  return Number(row?.cursor ?? 0)
}
