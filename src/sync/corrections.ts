import type { Database, Reader, Transaction } from '../db/database.ts'
import { channelId } from '../journey/channels.ts'
import { surrogate } from '../model/ids.ts'
import type { Workspace } from '../model/settings.ts'
import type { Correction, CorrectionState } from '../state/corrections.ts'
import { type CursorKey, saveCursor } from './store.ts'
import { channelTraits } from './workspace.ts'

/** What corrections are brought from and to. */
export interface CorrectionEnv {
  readonly database: Database
  readonly state: CorrectionState
}

/** Where the facts stand: the number of the last change of a correction that is in them. */
const CURSOR: CursorKey = { connection: 'corrections', stream: 'touch_fix' }

/** A correction as the facts keep it, in columns of `touch_fix`. */
interface Fix {
  readonly touch_id: bigint
  readonly left_out: boolean
  readonly moved: boolean
  readonly channel_id: bigint | null
  readonly campaign_id: bigint | null
}

/**
 * Brings the corrections of touches (F54) from the state store, which is the truth, into the facts, and marks the people
 * whose touches are counted otherwise since. A touch that is not there is corrected when it comes. Whoever changes a
 * correction calls it; so does every start, for what a kill left behind and for facts that are new.
 * @returns touches whose correction changed
 */
export async function pullCorrections({ database, state }: CorrectionEnv, workspace: Workspace): Promise<number> {
  const { tenant } = workspace
  if ((await cursorOf(database, tenant)) === (await state.lastCorrection(tenant))) return 0
  return database.write(async (tx) => {
    await tx.lock('manual', tenant, 'alone')
    // Before the corrections: one that comes in between is brought once more the next time, not missed.
    const last = await state.lastCorrection(tenant)
    const corrections = await state.corrections(tenant)
    await nameTargets(tx, workspace, corrections)
    const changed = await replaceFixes(tx, tenant, corrections.map(toFix))
    await saveCursor(tx, tenant, CURSOR, String(last))
    return changed
  })
}

function toFix({ touch, action, channel, campaign }: Correction): Fix {
  return {
    touch_id: surrogate('touch', touch.source, touch.id),
    left_out: action === 'leave_out',
    moved: action === 'move',
    channel_id: channel === null ? null : channelId(channel),
    campaign_id: campaign && surrogate('campaign', campaign.source, campaign.id),
  }
}

/** Channels and campaigns that touches are moved to keep their names, whatever else belongs to them. */
async function nameTargets(tx: Transaction, { tenant, settings }: Workspace, corrections: readonly Correction[]) {
  const traits = channelTraits(settings)
  const channels = new Set(corrections.flatMap(({ channel }) => channel ?? []))
  await tx.insertMissing(
    'channel',
    [...channels].map((key) => ({
      tenant_id: tenant,
      id: channelId(key),
      key,
      is_direct: traits.isDirect(key),
      custom_factor: traits.customFactor(key),
    })),
    ['tenant_id', 'id'],
  )
  const campaigns = new Map(
    corrections.flatMap(({ campaign }) =>
      campaign ? [[surrogate('campaign', campaign.source, campaign.id), campaign] as const] : [],
    ),
  )
  await tx.insertMissing(
    'source_key',
    [...campaigns].map(([id, campaign]) => ({
      tenant_id: tenant,
      id,
      kind: 'campaign',
      source: campaign.source,
      source_id: campaign.id,
    })),
    ['tenant_id', 'id'],
  )
}

async function replaceFixes(tx: Transaction, tenant: number, wanted: readonly Fix[]): Promise<number> {
  const held = await tx.query<Fix>(
    'SELECT touch_id, left_out, moved, channel_id, campaign_id FROM touch_fix WHERE tenant_id = $1',
    [tenant],
  )
  const [before, after] = [linesOf(held), linesOf(wanted)]
  const ids = new Set([...before.keys(), ...after.keys()])
  const changed = [...ids].filter((id) => before.get(id) !== after.get(id))
  if (changed.length === 0) return 0
  await tx.run('DELETE FROM touch_fix WHERE tenant_id = $1', [tenant])
  await tx.insert(
    'touch_fix',
    wanted.map((fix) => ({ tenant_id: tenant, ...fix })),
  )
  await tx.insert(
    'scope',
    changed.map((id) => ({ tenant_id: tenant, kind: 'corrected', id })),
  )
  await tx.run(
    `INSERT INTO dirty SELECT DISTINCT t.tenant_id, 'ref', t.ref_id FROM touch AS t
     WHERE t.tenant_id = $1 AND t.id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'corrected')`,
    [tenant],
  )
  await tx.run("DELETE FROM scope WHERE tenant_id = $1 AND kind = 'corrected'", [tenant])
  return changed.length
}

function linesOf(fixes: readonly Fix[]): Map<bigint, string> {
  return new Map(
    fixes.map((fix) => [fix.touch_id, `${fix.left_out} ${fix.moved} ${fix.channel_id} ${fix.campaign_id}`] as const),
  )
}

async function cursorOf(reader: Reader, tenant: number): Promise<number> {
  const [row] = await reader.query<{ cursor: string }>(
    'SELECT cursor FROM sync_cursor WHERE tenant_id = $1 AND connection = $2 AND stream = $3',
    [tenant, CURSOR.connection, CURSOR.stream],
  )
  return Number(row?.cursor ?? 0)
}
