import type { Rules } from './credit.ts'
import { convert, shareOut } from './money.ts'
import type { Campaign, Cost, Facts } from './read.ts'

/** Cost at the place it counts at, in minor units of the workspace's currency. */
export interface Spend {
  readonly day: string
  readonly campaign: string | null
  /** Null = of no channel. */
  readonly channel: string | null
  readonly minor: bigint
}

const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** What was spent and is known in the workspace's currency, costs that nobody owns in the parts of the rule. */
export function spendOf({ costs, campaigns, rates }: Facts, rules: Rules): Spend[] {
  const own: Spend[] = []
  const shared: (Spend & Pick<Cost, 'category'>)[] = []
  for (const cost of costs) {
    if (cost.state !== 'actual' && cost.state !== 'paid') continue
    const minor = convert(cost, rules.currency, cost.day, rates)
    if (minor === null) continue
    const { day, campaign, category } = cost
    const channel = cost.channel ?? campaigns.find(({ id }) => id === campaign)?.channel ?? null
    if (campaign === null && channel === null) shared.push({ day, campaign, channel, minor, category })
    else own.push({ day, campaign, channel, minor })
  }
  const parts: Spend[] = []
  for (const { category, ...cost } of shared) {
    const rule = rules.sharedBySpend
    const taken = rule !== null && (rule.category === null || rule.category === category)
    const targets = taken ? targetsOf(rule.over, cost.day.slice(0, 7), own, campaigns) : []
    if (targets.length === 0) {
      parts.push(cost)
      continue
    }
    const minors = shareOut(
      cost.minor,
      targets.map(({ minor }) => minor),
    )
    targets.forEach(({ campaign, channel }, i) => {
      parts.push({ day: cost.day, campaign, channel, minor: minors[i]! })
    })
  }
  return [...own, ...parts]
}

/** Channels or campaigns with spend of their own in a month, in the order of the bytes of their keys. */
function targetsOf(
  over: 'channel' | 'campaign',
  month: string,
  own: readonly Spend[],
  campaigns: readonly Campaign[],
): Spend[] {
  const sums = new Map<string, Spend>()
  for (const { day, campaign, channel, minor } of own) {
    if (day.slice(0, 7) !== month) continue
    const known = campaigns.find(({ id }) => id === campaign)
    const key = over === 'channel' ? channel : (known?.id ?? null)
    if (key === null) continue
    const place = over === 'channel' ? { campaign: null, channel } : { campaign, channel: known!.channel }
    sums.set(key, { day: month, ...place, minor: (sums.get(key)?.minor ?? 0n) + minor })
  }
  return [...sums]
    .filter(([, { minor }]) => minor > 0n)
    .sort(([a], [b]) => bytes(a, b))
    .map(([, target]) => target)
}

/** Whether any cost is known of a place, at any time: of the campaign or one above it, or of its channel. */
export function hasCost(
  campaign: string | null,
  channel: string,
  spend: readonly Spend[],
  campaigns: readonly Campaign[],
): boolean {
  if (spend.some((cost) => cost.campaign === null && cost.channel === channel)) return true
  if (campaign === null) return spend.some((cost) => cost.channel === channel)
  if (campaigns.find(({ id }) => id === campaign)?.free) return true
  const seen = new Set<string>()
  for (let id: string | null = campaign; id !== null && !seen.has(id); ) {
    const here: string = id
    if (spend.some((cost) => cost.campaign === here)) return true
    seen.add(here)
    id = campaigns.find((other) => other.id === here)?.parent ?? null
  }
  return false
}
