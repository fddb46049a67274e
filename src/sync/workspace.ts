import type { AttributionSettings } from '../attribution/recompute.ts'
import { type Clue, compileRules, DEFAULT_RULES } from '../journey/channels.ts'
import type { Settings } from '../model/settings.ts'
import type { ChannelTraits } from './load.ts'

/** What the ledger depends on, from a workspace's settings. */
export function attributionSettings(settings: Settings): AttributionSettings {
  const { first, middle, last } = settings.custom_weights
  return {
    zone: settings.zone,
    currency: settings.currency,
    repurchasePath: settings.repurchase_path,
    lookbackDays: settings.lookback_days,
    halfLifeDays: settings.half_life_days,
    custom: { first, middle, last },
    eligibility: settings.eligibility,
    directHandling: settings.direct_handling,
    campaignsFirst: settings.campaigns_first,
    leadRule: settings.lead_rule,
    sharedCostRules: settings.shared_cost_rules,
    model: settings.model,
    revenueBasis: settings.revenue_basis,
  }
}

/** How channels are flagged, from a workspace's settings. */
export function channelTraits(settings: Settings): ChannelTraits {
  const direct = new Set(settings.direct_channels.map((key) => key.toLowerCase()))
  const factors = new Map(Object.entries(settings.custom_weights.channels))
  return {
    isDirect: (key) => direct.has(key.toLowerCase()),
    // Thousandths, so that sums in SQL stay exact.
    customFactor: (key) => Math.round((factors.get(key) ?? 1) * 1000),
  }
}

/** The workspace's channel rules as a function from a touch to a channel key. */
export function ruleChannels(settings: Settings): (clue: Clue, hasCampaign: boolean) => string | null {
  return compileRules(settings.channel_rules ?? DEFAULT_RULES)
}
