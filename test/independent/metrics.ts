import { hasCost, spendOf } from './costs.ts'
import { type Layer, type Model, ONE, outcomesOf, type Rules } from './credit.ts'
import { dayOf } from './money.ts'
import type { Facts } from './read.ts'

/** Ten headline metrics of product.md §3, by channel, in total, and of what no touch explains. */
export interface Figures {
  /** M1, minor units; null where no cost was recorded. */
  cost: bigint | null
  /** Counts in units of 1/ONE. */
  leads: bigint
  newCustomers: bigint
  /** M2, and the part of it on places without a known cost. */
  revenue: bigint
  uncosted: bigint
  /** M20. */
  layers: Record<Layer, bigint>
  /** M11: opportunities of the period, and those of them that are won. */
  opened: bigint
  openedWon: bigint
  /** M12: deals decided in the period. */
  won: bigint
  lost: bigint
  /** M14: seconds of the deals won in the period. */
  cycles: number[]
}

export interface Answer {
  readonly channels: ReadonlyMap<string, Figures>
  readonly total: Figures
  readonly unattributed: Figures
  /** Every lead and deal once. */
  readonly whole: Figures
}

/** Key of costs that no channel owns. */
const SHARED = '(shared)'

export function nothing(): Figures {
  const layers = { first: 0n, repurchase: 0n, referral: 0n }
  const counts = { leads: 0n, newCustomers: 0n, opened: 0n, openedWon: 0n, won: 0n, lost: 0n }
  return { cost: null, ...counts, revenue: 0n, uncosted: 0n, layers, cycles: [] }
}

/** @param period local days, half-open; null = without end */
export function figuresOf(
  facts: Facts,
  rules: Rules,
  model: Model,
  period: { readonly from: string | null; readonly to: string | null },
): Answer {
  const inside = (day: string) =>
    (period.from === null || day >= period.from) && (period.to === null || day < period.to)
  const channels = new Map<string, Figures>()
  const [total, unattributed, whole] = [nothing(), nothing(), nothing()]
  /** The figures that credit in a channel, or of no touch, goes into. */
  const placesOf = (channel: string | null): Figures[] => {
    if (channel === null) return [unattributed, whole]
    if (!channels.has(channel)) channels.set(channel, nothing())
    return [channels.get(channel)!, total, whole]
  }

  const spend = spendOf(facts, rules)
  for (const { day, channel, minor } of spend) {
    if (!inside(day)) continue
    for (const figures of placesOf(channel ?? SHARED)) figures.cost = (figures.cost ?? 0n) + minor
  }

  const outcomes = outcomesOf(facts, rules)
  for (const outcome of outcomes) {
    if (!inside(outcome.day)) continue
    const touched = new Set<string | null>()
    for (const { channel, campaign, weight, minor } of outcome.parts) {
      const costed = channel !== null && hasCost(campaign, channel, spend, facts.campaigns)
      for (const figures of placesOf(channel)) {
        if (outcome.kind === 'lead') figures.leads += weight[model]
        if (outcome.kind === 'won' && outcome.isNew) figures.newCustomers += weight[model]
        if (outcome.kind !== 'won' && outcome.kind !== 'refund') continue
        figures.revenue += minor[model]
        figures.layers[outcome.layer!] += minor[model]
        if (channel !== null && !costed) figures.uncosted += minor[model]
      }
      if (weight[model] > 0n) touched.add(channel)
    }
    if (outcome.kind !== 'won' || outcome.cycle === null || outcome.cycle < 0) continue
    for (const channel of touched) placesOf(channel)[0]!.cycles.push(outcome.cycle)
    whole.cycles.push(outcome.cycle)
  }

  // A deal lies where its opportunity does; where nobody noted when it was opened, where its win does.
  for (const deal of facts.deals) {
    const own = outcomes.filter((outcome) => outcome.deal === deal)
    const opportunity = own.find(({ kind }) => kind === 'opportunity')
    const win = own.find(({ kind }) => kind === 'won')
    const lies = (opportunity ?? win)?.parts ?? [{ channel: null, weight: { linear: ONE, first: ONE } }]
    const opened = opportunity !== undefined && inside(opportunity.day)
    const decided = win
      ? inside(win.day)
      : deal.won === false && deal.closed !== null && inside(dayOf(deal.closed, rules.zone))
    for (const { channel, weight } of lies) {
      for (const figures of placesOf(channel)) {
        if (opened) figures.opened += weight[model]
        if (opened && win) figures.openedWon += weight[model]
        if (decided && win) figures.won += weight[model]
        if (decided && !win) figures.lost += weight[model]
      }
    }
  }
  return { channels, total, unattributed, whole }
}

/** Of an even number the mean of the two in the middle; null of none. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  if (sorted.length === 0) return null
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
