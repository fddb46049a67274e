import type { Dimension } from '../api.ts'
import type { Reader } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import { SHARED_CHANNEL } from '../journey/channels.ts'
import type { Filter } from '../model/rules.ts'
import type { Settings } from '../model/settings.ts'
import { offlineChannels } from './offline.ts'

const PLACES = sql('metrics/sql/places.sql')
const CAMPAIGNS = sql('metrics/sql/places-campaigns.sql')

/** Key of a group whose campaigns say nothing about the dimension. */
export const NONE = '(none)'

/** What is known of a campaign for grouping. */
export interface PlacedCampaign {
  readonly id: bigint
  readonly source_id: string
  /** Null for one that is only named by other records. */
  readonly name: string | null
  readonly kind: string | null
  readonly region: string | null
  readonly product_line: string | null
  readonly department: string | null
  readonly tier: string | null
  readonly brand: boolean | null
  readonly paid: boolean | null
  readonly parent_id: bigint | null
}

/** Where credit or cost lies: a campaign, or none, in a channel. Every dimension of a report is a function of it. */
export interface Place {
  readonly campaign: PlacedCampaign | null
  /** Channel key; null = the cost belongs to no channel. */
  readonly channel: string | null
}

/** A place of the ledger. */
export interface LedgerPlace extends Place {
  readonly campaignId: bigint
  readonly channelId: bigint
}

/** The places of a workspace and how they are grouped. */
export interface Places {
  readonly ledger: readonly LedgerPlace[]
  campaign(id: bigint | null): PlacedCampaign | null
  /** Key of the group a place belongs to. Months are not of places. */
  keyOf(place: Place, dimension: Dimension): string
  matches(place: Place, filter: Filter): boolean
  /** Campaigns from one up to its root, itself first; a chain that bites its own tail ends before it does. */
  chain(campaign: PlacedCampaign): readonly PlacedCampaign[]
}

interface PairRow {
  campaign_id: bigint | null
  channel_id: bigint
  channel: string
}

/** Reads where credit lies, and what campaigns are grouped by. */
export async function readPlaces(reader: Reader, tenant: number, settings: Settings): Promise<Places> {
  const rows = await reader.query<PlacedCampaign>(CAMPAIGNS, [tenant])
  const campaigns = new Map(rows.map((row) => [row.id, row]))
  const isOffline = offlineChannels(settings)
  const campaignOf = (id: bigint | null) => (id === null ? null : (campaigns.get(id) ?? null))
  const chain = (campaign: PlacedCampaign) => {
    const seen = new Map([[campaign.id, campaign]])
    for (let next = campaignOf(campaign.parent_id); next && !seen.has(next.id); next = campaignOf(next.parent_id)) {
      seen.set(next.id, next)
    }
    return [...seen.values()]
  }
  const keyOf = ({ campaign, channel }: Place, dimension: Dimension): string => {
    // A cost of no campaign is shared by all of them; credit of none is of none.
    const without = channel === null ? SHARED_CHANNEL : NONE
    switch (dimension) {
      case 'channel':
        return channel ?? SHARED_CHANNEL
      case 'online':
        return channel === null ? SHARED_CHANNEL : isOffline(channel) ? 'offline' : 'online'
      case 'month':
        return ''
      case 'campaign':
        return campaign?.source_id ?? without
      case 'parent':
        return campaign ? chain(campaign).at(-1)!.source_id : without
      case 'type':
        return campaign ? (campaign.kind ?? NONE) : without
      case 'brand':
        return campaign?.brand == null ? (campaign ? NONE : without) : campaign.brand ? 'brand' : 'performance'
      default:
        return campaign ? (campaign[dimension] ?? NONE) : without
    }
  }
  const pairs = await reader.query<PairRow>(PLACES, [tenant])
  return {
    ledger: pairs.map(({ campaign_id, channel_id, channel }) => ({
      campaign: campaignOf(campaign_id),
      campaignId: campaign_id ?? 0n,
      channel,
      channelId: channel_id,
    })),
    campaign: campaignOf,
    keyOf,
    matches: (place, filter) => filter.every(({ dimension, is }) => is.includes(keyOf(place, dimension))),
    chain,
  }
}
