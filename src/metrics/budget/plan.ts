import { splitMinor } from '../../attribution/shared-costs.ts'
import { addDays, daysBetween } from '../../model/period.ts'
import { evenPlan, type Plan } from './formulas.ts'
import { type Line, sameNames } from './lines.ts'

/** A share of a line for some of its days, entered for the same names: a month of a year's budget. */
function monthly(line: Line): { from: string; to: string; minor: bigint }[] {
  return line.parts.flatMap(({ kind, days, minor, ...part }) => {
    const same = kind === 'entered' && sameNames(line, { ...part, kind, days, minor })
    return same && minor !== null && days.from && days.to ? [{ from: days.from, to: days.to, minor }] : []
  })
}

/** What a line leaves once its shares are taken off: below 0 where they are more than it has. */
export function restOf(line: Line): bigint | null {
  if (line.minor === null) return null
  return line.parts.reduce((rest, { minor }) => rest - (minor ?? 0n), line.minor)
}

/**
 * How a line's money is meant to go over its days: by the budgets of parts of its days, what they leave evenly over the
 * days that have none; evenly where there are none. `budgets` tells which.
 */
export function planOf(line: Line): { readonly plan: Plan; readonly by: 'days' | 'budgets' } | null {
  const { from, to } = line.days
  if (from === null || to === null) return null
  const of = daysBetween(from, to)
  const parts = monthly(line)
  const whole = parts.reduce((sum, { minor }) => sum + minor, 0n)
  if (parts.length === 0 || line.minor === null || whole <= 0n) return { plan: evenPlan(of), by: 'days' }
  const free = freeDays(line, of)
  const left = line.minor > whole && free.length > 0 ? line.minor - whole : 0n
  const at = (days: number) => {
    const until = addDays(from, days)
    let sum = free.length === 0 ? 0n : (left * BigInt(countBelow(free, days))) / BigInt(free.length)
    for (const part of parts) {
      const all = daysBetween(part.from, part.to)
      const over = Math.min(Math.max(daysBetween(part.from, until), 0), all)
      sum += (part.minor * BigInt(over)) / BigInt(all)
    }
    return sum
  }
  return { plan: { of, at }, by: 'budgets' }
}

/** Days of a line, counted from its first, that none of its parts for the same names has. */
function freeDays(line: Line, of: number): number[] {
  const from = line.days.from!
  const taken = new Uint8Array(of)
  for (const part of monthly(line)) taken.fill(1, daysBetween(from, part.from), daysBetween(from, part.to))
  return Array.from(taken.keys()).filter((day) => taken[day] === 0)
}

function countBelow(sorted: readonly number[], limit: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < limit) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Spreads what a line leaves ({@link restOf}) over days, cut at some: evenly over the days that no part for the same names
 * has, over all of them where they have all. The parts add up to it to the last minor unit.
 * @param cuts days in ascending order; part i is from cut i-1 to before cut i, the first and the last part are what lies outside
 * @param open day of a campaign that has no dates
 */
export function spreadRest(line: Line, cuts: readonly string[], open: string): bigint[] {
  const rest = restOf(line) ?? 0n
  const { from, to } = line.days
  if (from === null || to === null) {
    const day = from ?? (to === null ? open : addDays(to, -1))
    const at = cuts.filter((cut) => cut <= day).length
    return Array.from({ length: cuts.length + 1 }, (_, i) => (i === at ? rest : 0n))
  }
  const of = daysBetween(from, to)
  const free = freeDays(line, of)
  const days = free.length > 0 ? free : Array.from({ length: of }, (_, i) => i)
  const below = cuts.map((cut) => countBelow(days, daysBetween(from, cut)))
  const weights = [...below, days.length].map((count, i) => BigInt(count - (below[i - 1] ?? 0)))
  return splitMinor(rest, weights)
}
