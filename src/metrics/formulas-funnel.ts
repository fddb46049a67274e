import type { Reason } from '../api.ts'
import { divideRounded, formatMinor } from '../model/money.ts'
import { WHOLE } from '../model/rule-models.ts'
import { known, none, type Result, share } from './formulas.ts'

/** Formulas of the funnel (product.md §3, M10-M14, M26, M27, M40). Counts are weights in units of 1/{@link WHOLE}. */

const DAY_SECONDS = 86_400

/** Time between two milestones over some outcomes. Those in the wrong order are not among them. */
export interface Spans {
  /** Weight of the outcomes. */
  readonly weight: bigint
  /** Sum of weight x whole seconds. */
  readonly seconds: bigint
  /** Median of the outcomes' seconds, each once: of an even number the mean of the two in the middle. */
  readonly median: number | null
  /** Outcomes whose second milestone came before the first: a fault of the data, left out. */
  readonly negative: number
}

/** M10, M13 and each step of the funnel: reached / base x 100, percent; null without a base. */
export function conversion(reached: bigint, base: bigint, reason: Reason): Result<number> {
  return share(reached, base, reason)
}

/** M11 opportunity to won: won / all opportunities x 100, percent; open ones are in the base. */
export function opportunityToWon(won: bigint, opportunities: bigint): Result<number> {
  return share(won, opportunities, 'no_opportunities')
}

/** M12 win rate: won / (won + lost) x 100, percent; open deals are in neither. */
export function winRate(won: bigint, lost: bigint): Result<number> {
  return share(won, won + lost, 'no_deals')
}

/** M14 sales cycle, mean: days from lead created to won. */
export function meanDays({ weight, seconds }: Spans): Result<number> {
  return weight === 0n ? none('no_deals') : known(Number(seconds) / Number(weight) / DAY_SECONDS)
}

/** M14 sales cycle, median, and the median days of a step of the funnel. */
export function medianDays({ median }: Pick<Spans, 'median'>, reason: Reason): Result<number> {
  return median === null ? none(reason) : known(median / DAY_SECONDS)
}

/** M26 lead loss: leads dropped, or untouched for N days, before SQL / leads x 100, percent. */
export function leadLoss(lost: bigint, leads: bigint): Result<number> {
  return share(lost, leads, 'no_leads')
}

/** M27 lead acceptance: accepted / (accepted + rejected) x 100, percent; null while sales said nothing. */
export function leadAcceptance(accepted: bigint, rejected: bigint): Result<number> {
  return share(accepted, accepted + rejected, 'no_feedback')
}

/** What M40 is made of. */
export interface Pace {
  readonly opportunities: bigint
  /** Deals that were decided. */
  readonly won: bigint
  readonly lost: bigint
  /** Sum of weight x minor units of those that were won. */
  readonly amount: bigint
  readonly cycle: Spans
}

/**
 * M40 velocity: opportunities x win rate x mean amount / cycle, money per day, rounded half away from zero to the currency's
 * digits; null where any of them is. Whole numbers to the end: only the quotient is rounded.
 */
export function velocity(pace: Pace, currency: string): Result<string> {
  const { opportunities, won, lost, amount, cycle } = pace
  if (opportunities <= 0n) return none('no_opportunities')
  if (won <= 0n || cycle.weight <= 0n) return none('no_deals')
  if (cycle.seconds <= 0n) return none('not_enough_data')
  // Win rate x mean amount is what was won / all that was decided: the number of deals won cancels out.
  const above = opportunities * amount * cycle.weight * BigInt(DAY_SECONDS)
  return known(formatMinor(divideRounded(above, (won + lost) * WHOLE * cycle.seconds), currency))
}

/** A step of the funnel for {@link largestDrop}. */
export interface Reached {
  readonly count: bigint
  /** False: nobody ever had a date of this step, so what is lost at it cannot be told from what is lost at the next. */
  readonly recorded: boolean
}

/** Where most is lost: from one recorded step to the next. */
export interface Drop {
  readonly from: number
  readonly to: number
  /** Weight that does not go on. */
  readonly lost: bigint
  /** Percent that does. */
  readonly rate: number
}

/** The pair of neighbouring recorded steps with the lowest rate, the earlier of equals; null where nothing is lost. */
export function largestDrop(steps: readonly Reached[]): Drop | null {
  let largest: Drop | null = null
  let from = 0
  for (let to = 1; to < steps.length; to += 1) {
    if (!steps[to]!.recorded) continue
    const [before, after] = [steps[from]!.count, steps[to]!.count]
    const rate = before > 0n ? (Number(after) / Number(before)) * 100 : 100
    if (rate < (largest?.rate ?? 100)) largest = { from, to, lost: before - after, rate }
    from = to
  }
  return largest
}
