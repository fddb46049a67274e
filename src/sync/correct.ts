import { nearest } from '../closest.ts'
import type { Database } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import { RoiError, type Text } from '../errors.ts'
import { DEFAULT_RULES } from '../journey/channels.ts'
import type { Workspace } from '../model/settings.ts'
import type { NewCorrection, SourceId } from '../state/corrections.ts'

const TOUCH = sql('sync/sql/correct-touch.sql')
const NEAR_TOUCHES = sql('sync/sql/correct-near-touches.sql')

/** Ids an error names. */
const NAMED = 5

/** What a person wants of a touch. */
export interface CorrectionWish {
  readonly touch: string
  /** Absent = the only source that has it. */
  readonly source?: string
  readonly leave_out: boolean
  readonly channel?: string
  readonly campaign?: string
  readonly campaign_source?: string
  readonly reason: string
}

/**
 * A wish as the correction it means: everything it names is there.
 * @throws RoiError `bad_correction`, `unknown_touch`, `ambiguous_touch`, `unknown_channel`, `unknown_campaign`,
 *   `ambiguous_campaign`
 */
export async function resolveCorrection(
  database: Database,
  workspace: Workspace,
  wish: CorrectionWish,
): Promise<NewCorrection> {
  const { leave_out, channel, campaign, reason } = wish
  const moves = channel !== undefined || campaign !== undefined
  if (moves === leave_out) throw badCorrection()
  const found = await findTouch(database, workspace, wish)
  if (channel !== undefined) await checkChannel(database, workspace, channel)
  const target = campaign === undefined ? null : await findCampaign(database, workspace, found.source, wish)
  return {
    touch: { source: found.source, id: found.source_id },
    action: leave_out ? 'leave_out' : 'move',
    channel: channel ?? null,
    campaign: target,
    reason,
    was: { channel: found.channel, campaign: found.campaign },
  }
}

interface FoundTouch {
  readonly source: string
  readonly source_id: string
  readonly channel: string | null
  readonly campaign: string | null
}

async function findTouch(
  database: Database,
  { tenant }: Workspace,
  { touch, source }: CorrectionWish,
): Promise<FoundTouch> {
  const found = await database.query<FoundTouch>(TOUCH, [tenant, touch, source ?? ''])
  const [only, ...others] = found
  if (!only) {
    const beside = await database.query<{ source_id: string }>(NEAR_TOUCHES, [tenant, touch])
    const ids = beside.map(({ source_id }) => source_id)
    throw notThere('touch', TOUCH_NAME, touch, nearest(touch, [...new Set(ids)], NAMED))
  }
  if (others.length > 0) throw ambiguous('touch', TOUCH_NAME, touch, found, '--source')
  return only
}

async function findCampaign(
  database: Database,
  { tenant }: Workspace,
  touchSource: string,
  { campaign = '', campaign_source }: CorrectionWish,
): Promise<SourceId> {
  const all = await database.query<SourceId>('SELECT source, source_id AS id FROM campaign WHERE tenant_id = $1', [
    tenant,
  ])
  const named = all.filter(({ id }) => id === campaign)
  const wanted = campaign_source ?? (named.some(({ source }) => source === touchSource) ? touchSource : undefined)
  const found = wanted === undefined ? named : named.filter(({ source }) => source === wanted)
  const [only, ...others] = found
  if (!only) {
    const ids = [...new Set(all.map(({ id }) => id))]
    throw notThere('campaign', CAMPAIGN_NAME, campaign, nearest(campaign, ids, NAMED))
  }
  if (others.length > 0) throw ambiguous('campaign', CAMPAIGN_NAME, campaign, found, '--campaign-source')
  return only
}

/** A new key would make a channel of its own out of a slip of the pen. */
async function checkChannel(database: Database, { tenant, settings }: Workspace, channel: string): Promise<void> {
  const stored = await database.query<{ key: string }>('SELECT key FROM channel WHERE tenant_id = $1', [tenant])
  const rules = settings.channel_rules ?? DEFAULT_RULES
  const known = [...new Set([...stored.map(({ key }) => key), ...rules.map((rule) => rule.channel)])].sort()
  if (!known.includes(channel)) throw notThere('channel', CHANNEL_NAME, channel, nearest(channel, known, NAMED))
}

const TOUCH_NAME: Text = { en: 'touch', 'zh-CN': '触点' }
const CAMPAIGN_NAME: Text = { en: 'campaign', 'zh-CN': '营销活动' }
const CHANNEL_NAME: Text = { en: 'channel', 'zh-CN': '渠道' }

function notThere(kind: string, name: Text, id: string, near: readonly string[]): RoiError {
  const shown = id.slice(0, 80)
  return new RoiError(
    'not_found',
    `unknown_${kind}`,
    { en: `There is no ${name.en} "${shown}".`, 'zh-CN': `没有编号为“${shown}”的${name['zh-CN']}。` },
    near.length > 0
      ? { en: `The nearest: ${near.join(', ')}.`, 'zh-CN': `最接近的有：${near.join('、')}。` }
      : { en: `There is no ${name.en} at all yet.`, 'zh-CN': `目前还没有任何${name['zh-CN']}。` },
  )
}

function ambiguous(kind: string, name: Text, id: string, found: readonly { source: string }[], option: string) {
  const shown = id.slice(0, 80)
  const sources = found.map(({ source }) => source)
  return new RoiError(
    'usage',
    `ambiguous_${kind}`,
    {
      en: `Several sources have a ${name.en} "${shown}": ${sources.join(', ')}.`,
      'zh-CN': `多个来源都有编号为“${shown}”的${name['zh-CN']}：${sources.join('、')}。`,
    },
    { en: `Say which with ${option} ${sources[0]}.`, 'zh-CN': `请用 ${option} ${sources[0]} 指明。` },
  )
}

function badCorrection(): RoiError {
  return new RoiError(
    'usage',
    'bad_correction',
    {
      en: 'A correction either leaves a touch out, or moves it to a channel or campaign.',
      'zh-CN': '修正要么排除触点，要么把触点移到某个渠道或营销活动。',
    },
    {
      en: 'Give --leave-out, or --channel and --campaign or one of them.',
      'zh-CN': '请给出 --leave-out，或 --channel、--campaign 之一或两者。',
    },
  )
}
