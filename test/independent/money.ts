import type { Amount, Rate } from './read.ts'

/** Exact money: whole minor units, and fractions of big integers for everything on the way. */

/** Decimal places of the currencies that random workspaces know. */
const PLACES: Readonly<Record<string, number>> = { CNY: 2, USD: 2, EUR: 2, JPY: 0 }
const placesOf = (currency: string) => PLACES[currency] ?? 2

interface Fraction {
  readonly over: bigint
  readonly under: bigint
}

/** A decimal text as a fraction. */
function fraction(text: string): Fraction {
  const [whole = '', decimals = ''] = text.split('.')
  return { over: BigInt(whole + decimals), under: 10n ** BigInt(decimals.length) }
}

/** Halves away from zero. */
function rounded({ over, under }: Fraction): bigint {
  const size = over < 0n ? -over : over
  const whole = (2n * size + under) / (2n * under)
  return over < 0n ? -whole : whole
}

/** Of a pair, the newest rate up to a day. */
function latest(rates: readonly Rate[], from: string, to: string, day: string): Fraction | null {
  let found: Rate | null = null
  for (const rate of rates) {
    if (rate.from !== from || rate.to !== to || rate.day > day) continue
    if (found === null || rate.day > found.day) found = rate
  }
  return found === null ? null : fraction(found.rate)
}

/** The direct rate, else the inverse of the opposite one. */
function pairRate(rates: readonly Rate[], from: string, to: string, day: string): Fraction | null {
  const direct = latest(rates, from, to, day)
  if (direct) return direct
  const opposite = latest(rates, to, from, day)
  return opposite && { over: opposite.under, under: opposite.over }
}

/** Else over the first third currency by code that leads there. */
function rateOf(rates: readonly Rate[], from: string, to: string, day: string): Fraction | null {
  if (from === to) return { over: 1n, under: 1n }
  const own = pairRate(rates, from, to, day)
  if (own) return own
  for (const third of Object.keys(PLACES).sort()) {
    if (third === from || third === to) continue
    const [first, second] = [pairRate(rates, from, third, day), pairRate(rates, third, to, day)]
    if (first && second) return { over: first.over * second.over, under: first.under * second.under }
  }
  return null
}

/** Minor units of the workspace's currency at the rate of a day; null without a rate. */
export function convert(
  { amount, currency }: Amount,
  into: string,
  day: string,
  rates: readonly Rate[],
): bigint | null {
  const rate = rateOf(rates, currency, into, day)
  if (rate === null) return null
  const { over, under } = fraction(amount)
  return rounded({ over: over * rate.over * 10n ** BigInt(placesOf(into)), under: under * rate.under })
}

/** Decimal text of minor units. */
export function shown(minor: bigint, currency: string): string {
  const places = placesOf(currency)
  const digits = String(minor < 0n ? -minor : minor).padStart(places + 1, '0')
  const cut = digits.length - places
  return `${minor < 0n ? '-' : ''}${digits.slice(0, cut)}${places === 0 ? '' : `.${digits.slice(cut)}`}`
}

/** Shares an amount in proportion: part i is what is due up to it less what was due before it, cut down to whole units. */
export function shareOut(amount: bigint, weights: readonly bigint[]): bigint[] {
  const sign = amount < 0n ? -1n : 1n
  let all = 0n
  for (const weight of weights) all += weight
  const parts: bigint[] = []
  let before = 0n
  for (const weight of weights) {
    const due = (sign * amount * before) / all
    before += weight
    parts.push(sign * ((sign * amount * before) / all - due))
  }
  return parts
}

/** Local day of an instant, `YYYY-MM-DD`. */
export function dayOf(instant: number, zone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(instant)
}
