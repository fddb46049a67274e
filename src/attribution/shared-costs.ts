import type { Transaction } from '../db/database.ts'
import type { RowIn } from '../db/schema.ts'
import { sql } from '../db/sql.ts'
import type { SharedCostRule } from '../model/rules.ts'
import type { SpendSettings } from './spend.ts'

/**
 * Shared-cost rules (product.md F25). A cost of A minor units that neither a channel nor a campaign owns goes to the
 * targets of the first rule that takes its category (whatever its case) and day. Target i of n, in the order of the bytes
 * of its key, gets
 *
 *   sign(A) x (floor(|A| x W_i / W_n) - floor(|A| x W_(i-1) / W_n)),   W_i = w_1 + ... + w_i
 *
 * so the parts add up to A exactly, each within one unit of its exact share. w is 1 (`even`), the rule's own number
 * (`manual`), or what the target has in the local month of the cost: its own spend (`spend`: actual and paid, without
 * shared parts), credit of leads (`leads`) or of money (`revenue`). Targets are those the rule names, else those with
 * spend of their own in that month; one without any weight gets nothing. Where none has any, the cost stays shared.
 */
const SHARED = sql('attribution/sql/shared-costs.sql')
const OWN_SPEND = sql('attribution/sql/own-spend.sql')
const OWN_CREDIT = sql('attribution/sql/own-credit.sql')

/** Weights of manual rules are counted in millionths. */
const MILLIONTHS = 1_000_000
/** Rows per insert. */
const BATCH = 10_000

interface SharedCost {
  readonly cost_id: bigint
  readonly day: string
  readonly category: string
  readonly state: string
  readonly minor: bigint
}

/** Who can get a part of a cost. */
interface Target {
  /** What a rule names it by: channel key, or the campaign's id at its source. */
  readonly key: string
  /** Orders campaigns of several sources with one id. */
  readonly source: string
  readonly channel: string | null
  readonly campaign: bigint | null
}

interface Part extends Target {
  readonly weight: bigint
}

/** Replaces the spend of shared costs that a rule takes by its parts. */
export async function shareCosts(tx: Transaction, tenant: number, settings: SpendSettings): Promise<void> {
  const costs = await tx.query<SharedCost>(SHARED, [tenant])
  if (costs.length === 0) return
  const measures = await readMeasures(tx, tenant, settings)
  const known = new Map<string, readonly Part[]>()
  const taken: bigint[] = []
  const rows: RowIn[] = []
  for (const cost of costs) {
    const rule = settings.sharedCostRules.find((each) => takes(each, cost))
    if (!rule) continue
    const month = cost.day.slice(0, 7)
    const name = `${rule.id} ${month}`
    const parts = known.get(name) ?? partsOf(rule, month, measures)
    known.set(name, parts)
    if (parts.length === 0) continue
    taken.push(cost.cost_id)
    const minors = splitMinor(
      cost.minor,
      parts.map(({ weight }) => weight),
    )
    for (const [i, { campaign, channel }] of parts.entries()) {
      const { minor: _, ...same } = cost
      rows.push({ tenant_id: tenant, ...same, campaign_id: campaign, channel, minor: minors[i]!, rule: rule.id })
    }
  }
  await tx.insert(
    'scope',
    taken.map((id) => ({ tenant_id: tenant, kind: 'shared', id })),
  )
  await tx.run(
    `DELETE FROM spend WHERE tenant_id = $1
     AND cost_id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'shared')`,
    [tenant],
  )
  for (let start = 0; start < rows.length; start += BATCH) await tx.insert('spend', rows.slice(start, start + BATCH))
}

/** Splits an amount by weights of 0 and more, one of them above: the parts add up to it. */
export function splitMinor(amount: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((a, b) => a + b, 0n)
  const sign = amount < 0n ? -1n : 1n
  const whole = amount * sign
  let up = 0n
  return weights.map((weight) => {
    const before = (whole * up) / sum
    up += weight
    return sign * ((whole * up) / sum - before)
  })
}

function takes({ categories, from, to }: SharedCostRule, { category, day }: SharedCost): boolean {
  const named = categories.some((name) => name.toLowerCase() === category.toLowerCase())
  return (categories.length === 0 || named) && (from === null || day >= from) && (to === null || day < to)
}

/** What targets have per month, by {@link idOf}. */
interface Measures {
  readonly spend: Measure
  readonly leads: Measure
  readonly revenue: Measure
  /** Campaigns by id at their source. */
  readonly campaigns: ReadonlyMap<string, readonly Target[]>
  readonly byId: ReadonlyMap<bigint, Target>
}
type Measure = Map<string, { readonly target: Target; amount: bigint }>

const idOf = (over: SharedCostRule['over'], month: string, target: Target) =>
  `${over} ${month} ${over === 'channel' ? target.channel : target.campaign}`

interface Cell {
  readonly month: string
  readonly channel: string | null
  readonly campaign_id: bigint | null
}

async function readMeasures(tx: Transaction, tenant: number, settings: SpendSettings): Promise<Measures> {
  const rules = settings.sharedCostRules
  const overs = new Set(rules.map(({ over }) => over))
  const byId = overs.has('campaign') ? await readCampaigns(tx, tenant) : new Map<bigint, Target>()
  const measures = { spend: new Map(), leads: new Map(), revenue: new Map(), byId, campaigns: byKey(byId) }
  const add = (into: Measure, { month, channel, campaign_id }: Cell, amount: bigint) => {
    for (const over of overs) {
      const target = over === 'channel' ? channelTarget(channel) : byId.get(campaign_id ?? 0n)
      if (!target) continue
      const id = idOf(over, month.slice(0, 7), target)
      const sum = into.get(id) ?? { target, amount: 0n }
      sum.amount += amount
      into.set(id, sum)
    }
  }
  for (const row of await tx.query<Cell & { amount: bigint }>(OWN_SPEND, [tenant])) {
    add(measures.spend, row, row.amount)
  }
  if (rules.some(({ by }) => by === 'leads' || by === 'revenue')) {
    const { model, revenueBasis } = settings
    const rows = await tx.query<Cell & { leads: bigint | null; revenue: bigint | null }>(OWN_CREDIT, [
      tenant,
      model,
      revenueBasis,
    ])
    for (const row of rows) {
      add(measures.leads, row, row.leads ?? 0n)
      add(measures.revenue, row, row.revenue ?? 0n)
    }
  }
  return measures
}

async function readCampaigns(tx: Transaction, tenant: number): Promise<Map<bigint, Target>> {
  const rows = await tx.query<{ id: bigint; source: string; source_id: string; channel: string | null }>(
    'SELECT id, source, source_id, channel FROM campaign WHERE tenant_id = $1',
    [tenant],
  )
  return new Map(
    rows.map(({ id, source, source_id: key, channel }) => [id, { key, source, channel, campaign: id }] as const),
  )
}

function byKey(targets: ReadonlyMap<bigint, Target>): Map<string, Target[]> {
  const found = new Map<string, Target[]>()
  for (const target of targets.values()) found.set(target.key, [...(found.get(target.key) ?? []), target])
  return found
}

function channelTarget(key: string | null): Target | undefined {
  return key === null ? undefined : { key, source: '', channel: key, campaign: null }
}

/** The targets that share a cost of a month under a rule, in their order; none when nobody has any weight. */
function partsOf(rule: SharedCostRule, month: string, measures: Measures): Part[] {
  const parts = candidates(rule, month, measures).map((target) => ({
    ...target,
    weight: weightOf(rule, month, target, measures),
  }))
  return parts.filter(({ weight }) => weight > 0n).sort((a, b) => bytes(a.key, b.key) || bytes(a.source, b.source))
}

function candidates({ by, over, targets, weights }: SharedCostRule, month: string, measures: Measures): Target[] {
  const named = targets.length > 0 ? targets : by === 'manual' ? Object.keys(weights) : null
  if (named) {
    return [...new Set(named)].flatMap((key) =>
      over === 'channel' ? channelTarget(key)! : (measures.campaigns.get(key) ?? []),
    )
  }
  const mine = [...measures.spend].filter(([id, { amount, target }]) => amount > 0n && id === idOf(over, month, target))
  return mine.map(([, { target }]) => target)
}

function weightOf({ by, over, weights }: SharedCostRule, month: string, target: Target, measures: Measures): bigint {
  if (by === 'even') return 1n
  if (by === 'manual') return BigInt(Math.round((weights[target.key] ?? 0) * MILLIONTHS))
  return measures[by].get(idOf(over, month, target))?.amount ?? 0n
}

const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
