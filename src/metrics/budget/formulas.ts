import { divideRounded } from '../../model/money.ts'
import { addDays } from '../../model/period.ts'
import type { Result } from '../formulas.ts'

/**
 * M22 and M23 (product.md §3). Money is minor units of one currency. Elapsed days are those that are over: today is not
 * among them, because its cost is not complete.
 */

/** Days that are over, of all days of the period. Null: the period has no begin or no end. */
export type Elapsed = { readonly days: number; readonly of: number } | null

const known = <T>(value: T): Result<T> => ({ value })

/** M22 budget use: actual / budget x 100, percent. */
export function budgetUse(actual: bigint, budget: bigint | null): Result<number> {
  if (budget === null || budget <= 0n) return { value: null, reason: 'no_budget' }
  // Divided once, so that a budget used to 80 % is at 80 and not a hair below.
  return known(Number(actual * 100n) / Number(budget))
}

/** M22 pacing: (actual / budget) / (elapsed share). 1 = spent as evenly as the days go by. */
export function pacing(actual: bigint, budget: bigint | null, time: Elapsed): Result<number> {
  const use = budgetUse(actual, budget)
  if (use.value === null) return use
  const reason = notElapsed(time)
  if (reason) return { value: null, reason }
  return known(Number(actual * BigInt(time!.of)) / Number(budget! * BigInt(time!.days)))
}

/** Why nothing can be said of how a period goes on. */
function notElapsed(time: Elapsed): 'not_enough_data' | 'not_started' | null {
  if (!time || time.of === 0) return 'not_enough_data'
  return time.days === 0 ? 'not_started' : null
}

/**
 * What is planned up to the end of each day of a period, in any unit that adds up: `at(0)` is 0, `at(of)` the whole. The
 * plan of a budget that has none is even.
 */
export interface Plan {
  readonly of: number
  at(days: number): bigint
}

export function evenPlan(of: number): Plan {
  return { of, at: (days) => BigInt(days) }
}

/**
 * M23 budget forecast: actual / share of the plan that is over; under an even plan actual / elapsed share. Rounded half
 * away from zero to minor units.
 */
export function forecast(actual: bigint, time: Elapsed, plan: Plan | null): Result<bigint> {
  const reason = notElapsed(time)
  if (reason || !plan) return { value: null, reason: reason ?? 'not_enough_data' }
  const over = plan.at(time!.days)
  // Nothing was planned up to now: whatever was spent says nothing about the rest.
  if (over <= 0n) return { value: null, reason: 'not_started' }
  return known(divideRounded(actual * plan.at(plan.of), over))
}

/**
 * The day on which the budget will be used up at the present pace, where that is before the end; null where it will not.
 * @param from first day of the period
 */
export function usedUpOn(
  actual: bigint,
  budget: bigint,
  from: string,
  time: NonNullable<Elapsed>,
  plan: Plan,
): string | null {
  const over = plan.at(time.days)
  if (time.days === 0 || over <= 0n || actual <= 0n) return null
  // actual / over is what one unit of the plan costs; the first day on which the plan so far costs the budget.
  for (let days = time.days + 1; days <= plan.of; days += 1) {
    if (actual * plan.at(days) >= budget * over) return addDays(from, days - 1)
  }
  return null
}
