import { type Recomputed, recompute } from '../attribution/recompute.ts'
import type { Database, Transaction } from '../db/database.ts'
import { type Clue, channelId } from '../journey/channels.ts'
import type { Workspace } from '../model/settings.ts'
import type { State } from '../state/state.ts'
import { IdSet } from './id-set.ts'
import { alone } from './lease.ts'
import { prune } from './prune.ts'
import { fillScope, markAll } from './remove.ts'
import { attributionSettings, channelTraits, ruleChannels } from './workspace.ts'

/** Distinct clues whose channel is remembered; more of them are worked out again. */
const REMEMBERED = 50_000

/**
 * After a change of `direct_channels`, `custom_weights` or `channel_rules`: flags the channels anew, gives touches that
 * name no channel the one the rules find now, and recomputes everything.
 * @throws RoiError `workspace_busy`
 */
export function applyChannelSettings(
  env: { readonly database: Database; readonly state: State },
  given: Workspace,
): Promise<Recomputed> {
  const { database, state } = env
  return alone(env, given.tenant, async () => {
    // As they are by now: another change may have had its turn before.
    const workspace = (await state.findWorkspace(given.key)) ?? given
    const { tenant, settings } = workspace
    await database.write(async (tx) => {
      await moveTouches(tx, tenant, await misplaced(database, workspace), workspace)
      await flagChannels(tx, workspace)
      await markAll(tx, tenant)
    })
    const done = await recompute(database, tenant, attributionSettings(settings), true)
    await database.write((tx) => prune(tx, tenant))
    return done
  })
}

interface ClueRow {
  readonly id: bigint
  readonly own_channel_id: bigint | null
  readonly has_campaign: boolean
  readonly utm_source: string | null
  readonly utm_medium: string | null
  readonly utm_campaign: string | null
  readonly click_id: string | null
  readonly referrer: string | null
  readonly kind: string | null
  readonly landing_url: string | null
}

const CLUES = `SELECT id, own_channel_id, campaign_id IS NOT NULL AS has_campaign, utm_source, utm_medium, utm_campaign,
                      click_id, referrer, kind, landing_url
               FROM touch WHERE tenant_id = $1 AND channel IS NULL`

/** Touches whose channel by the rules is another one now, by that channel; null = no rule matches. */
async function misplaced(database: Database, { tenant, settings }: Workspace): Promise<Map<string | null, IdSet>> {
  const rule = ruleChannels(settings)
  const known = new Map<string, { key: string | null; id: bigint | null }>()
  const moved = new Map<string | null, IdSet>()
  for await (const rows of database.stream<ClueRow>(CLUES, [tenant])) {
    for (const row of rows) {
      const tuple = tupleOf(row)
      let channel = known.get(tuple)
      if (!channel) {
        const key = rule(clueOf(row), row.has_campaign)
        channel = { key, id: key === null ? null : channelId(key) }
        if (known.size >= REMEMBERED) known.clear()
        known.set(tuple, channel)
      }
      if (channel.id === row.own_channel_id) continue
      const ids = moved.get(channel.key) ?? new IdSet()
      moved.set(channel.key, ids)
      ids.add(row.id)
    }
  }
  return moved
}

function tupleOf(row: ClueRow): string {
  return [
    row.has_campaign,
    row.utm_source,
    row.utm_medium,
    row.utm_campaign,
    row.click_id,
    row.referrer,
    row.kind,
    row.landing_url,
  ].join('\u0001')
}

function clueOf(row: ClueRow): Clue {
  return {
    ...(row.utm_source === null ? {} : { utmSource: row.utm_source }),
    ...(row.utm_medium === null ? {} : { utmMedium: row.utm_medium }),
    ...(row.utm_campaign === null ? {} : { utmCampaign: row.utm_campaign }),
    ...(row.click_id === null ? {} : { clickId: row.click_id }),
    ...(row.referrer === null ? {} : { referrer: row.referrer }),
    ...(row.kind === null ? {} : { kind: row.kind }),
    ...(row.landing_url === null ? {} : { landingUrl: row.landing_url }),
  }
}

async function moveTouches(
  tx: Transaction,
  tenant: number,
  moved: ReadonlyMap<string | null, IdSet>,
  { settings }: Workspace,
): Promise<void> {
  const traits = channelTraits(settings)
  for (const [key, ids] of moved) {
    const own = key === null ? null : channelId(key)
    if (key !== null && own !== null) {
      const flags = { is_direct: traits.isDirect(key), custom_factor: traits.customFactor(key) }
      await tx.insertMissing('channel', [{ tenant_id: tenant, id: own, key, ...flags }], ['tenant_id', 'id'])
    }
    await fillScope(tx, tenant, 'moved', ids)
    await tx.run(
      `UPDATE touch SET own_channel_id = CAST($2 AS BIGINT) WHERE tenant_id = $1
       AND id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'moved')`,
      [tenant, own],
    )
  }
  await tx.run('DELETE FROM scope WHERE tenant_id = $1', [tenant])
}

async function flagChannels(tx: Transaction, { tenant, settings }: Workspace): Promise<void> {
  const traits = channelTraits(settings)
  const channels = await tx.query<{ id: bigint; key: string; is_direct: boolean; custom_factor: number }>(
    'SELECT id, key, is_direct, custom_factor FROM channel WHERE tenant_id = $1',
    [tenant],
  )
  for (const { id, key, is_direct, custom_factor } of channels) {
    const [direct, factor] = [traits.isDirect(key), traits.customFactor(key)]
    if (direct === is_direct && factor === custom_factor) continue
    await tx.run('UPDATE channel SET is_direct = $3, custom_factor = $4 WHERE tenant_id = $1 AND id = $2', [
      tenant,
      id,
      direct,
      factor,
    ])
  }
}
