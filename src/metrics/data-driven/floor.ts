import type { Reader } from '../../db/database.ts'
import { sql } from '../../db/sql.ts'
import { RoiError } from '../../errors.ts'
import { DATA_FLOOR, type DataModel } from '../../model/data-models.ts'
import type { Workspace } from '../../model/settings.ts'
import { dayRange } from '../sums.ts'
import { type JourneyQuery, Journeys } from './journeys.ts'

const FLOOR = sql('metrics/data-driven/sql/floor.sql')

/** Journeys of a period against what data-driven models need (product.md §4). */
export interface Floor {
  /** Won deals with an eligible touch. */
  readonly conversions: number
  /** Won deals without one, and their minor units: they are in no journey. */
  readonly untouched: number
  readonly untouchedMinor: bigint
  /** Channels on too few journeys, fewest first; null = not counted, because the deals are too few already. */
  readonly thin: readonly ThinChannel[] | null
  readonly met: boolean
}

export interface ThinChannel {
  readonly key: string
  /** Journeys that hold it, converted or not. */
  readonly paths: number
}

interface FloorRow {
  readonly conversions: bigint
  readonly untouched: bigint
  readonly untouched_minor: bigint
  readonly unsure: string | null
}

/**
 * Whether a period has the data for data-driven models. Where a quick look leaves no doubt, journeys are not counted.
 * @param every count the channels too where there are too few deals
 */
export async function readFloor(
  reader: Reader,
  workspace: Workspace,
  query: JourneyQuery,
  every = false,
): Promise<Floor> {
  const parameters = [workspace.tenant, ...dayRange(query), query.dateBasis, DATA_FLOOR.paths]
  const [row] = await reader.query<FloorRow>(FLOOR, parameters)
  const conversions = Number(row?.conversions ?? 0n)
  const enough = conversions >= DATA_FLOOR.conversions
  const known = {
    conversions,
    untouched: Number(row?.untouched ?? 0n),
    untouchedMinor: row?.untouched_minor ?? 0n,
  }
  if (!enough && !every) return { ...known, thin: null, met: false }
  const unsure = row?.unsure ?? null
  const thin = unsure === null ? [] : await thinChannels(reader, workspace, query, unsure)
  return { ...known, thin, met: enough && thin.length === 0 }
}

/** @param unsure ids of the channels to count */
async function thinChannels(
  reader: Reader,
  workspace: Workspace,
  query: JourneyQuery,
  unsure: string,
): Promise<ThinChannel[]> {
  const ids = new Set(unsure.split(','))
  const journeys = await Journeys.of(reader, workspace, query)
  const paths = pathsByChannel(await journeys.sets(unsure), journeys.channels.length)
  return journeys.channels
    .map(({ id, key }, code) => ({ id, key, paths: paths[code]! }))
    .filter(({ id, paths }) => ids.has(String(id)) && paths > 0 && paths < DATA_FLOOR.paths)
    .sort((a, b) => a.paths - b.paths)
    .map(({ key, paths }) => ({ key, paths }))
}

/** How many journeys hold each channel. */
export function pathsByChannel(
  sets: readonly { readonly channel: number; readonly conversions: number; readonly nulls: number }[],
  channels: number,
): Float64Array {
  const paths = new Float64Array(channels)
  for (const { channel, conversions, nulls } of sets) paths[channel]! += conversions + nulls
  return paths
}

/** Channels named in a sentence before the rest is only counted. */
const NAMED = 10

/** What is missing for a model, and what helps. */
export function notEnoughData(model: DataModel, floor: Floor): RoiError {
  const { conversions, paths } = DATA_FLOOR
  const thin = floor.thin ?? []
  const few = floor.conversions < conversions
  const named = thin.slice(0, NAMED).map((channel) => `${channel.key} ${channel.paths}`)
  const more = thin.length - named.length
  const en = [
    ...(few ? [`${floor.conversions} of ${conversions} won deals with a touch`] : []),
    ...(thin.length > 0
      ? [`channels on fewer than ${paths} journeys: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`]
      : []),
  ]
  const zh = [
    ...(few ? [`有触点的成交 ${floor.conversions} 笔，需要 ${conversions} 笔`] : []),
    ...(thin.length > 0
      ? [`旅程少于 ${paths} 条的渠道：${named.join('、')}${more > 0 ? ` 等另外 ${more} 个` : ''}`]
      : []),
  ]
  return new RoiError(
    'conflict',
    'not_enough_data',
    {
      en: `There is not enough data in this period for ${model}: ${en.join('; ')}.`,
      'zh-CN': `该期间的数据不足以计算 ${model}：${zh.join('；')}。`,
    },
    {
      en: few
        ? 'Choose a longer period, or a rule model such as linear.'
        : 'Choose a longer period, bring rare channels together with a channel rule, or choose a rule model such as linear.',
      'zh-CN': few
        ? '请选择更长的期间，或改用 linear 等规则模型。'
        : '请选择更长的期间，用渠道规则合并少见的渠道，或改用 linear 等规则模型。',
    },
  )
}
