import { digitsOf, isCurrency } from '../model/money.ts'

/** A rate as it is stored: one unit of `from` is worth `factor` units of `to` from a day on. */
export interface RateRow {
  readonly id: bigint
  readonly currency_from: string
  readonly currency_to: string
  /** `YYYY-MM-DD`. */
  readonly date: string
  /** Decimal text. */
  readonly factor: string
}

/** What one minor unit of a currency is worth in minor units of another, from a day to before another day. */
export interface Held {
  readonly currency: string
  readonly from: string
  /** Null = without end. */
  readonly to: string | null
  readonly factor: number
  /** What the factor was made from, in major units: `7.2`, `1/7.2`, `0.9*7.8`; null for the currency itself. */
  readonly rate: string | null
  /** The record with the rate; over a third currency, the one that leads to it. */
  readonly rateId: bigint | null
}

/** A fraction of whole numbers, with the text it was made from. */
interface Value {
  readonly over: bigint
  readonly under: bigint
  /** What is multiplied, and what it is divided by. */
  readonly times: readonly string[]
  readonly divided: readonly string[]
  readonly id: bigint
}

interface Step {
  readonly from: string
  readonly value: Value
}

/** Values from their days on, oldest first. */
type Series = readonly Step[]

/** Significant digits of a factor before it becomes a double: more than a double keeps. */
const DIGITS = 40

/**
 * What every currency that a rate leads from is worth in one currency: by the direct rate, from before its first day by
 * the inverse of the opposite one, and before that over the third currency whose code comes first of those that are known.
 * @param rates each pair and day once, in the order of days
 */
export function crossRates(rates: readonly RateRow[], to: string): Held[] {
  const pairs = seriesByPair(rates)
  const codes = [...new Set([...pairs.keys()].flatMap((pair) => pair.split(' ')))].sort()
  return codes
    .filter((code) => code !== to)
    .flatMap((from) => {
      const crossed = codes
        .filter((code) => code !== from && code !== to)
        .map((by) => cross(preferred(waysOf(pairs, from, by)), preferred(waysOf(pairs, by, to))))
      return heldBy(preferred([...waysOf(pairs, from, to), ...crossed]), from, to)
    })
}

const pairOf = (from: string, to: string) => `${from} ${to}`

function seriesByPair(rates: readonly RateRow[]): Map<string, Step[]> {
  const pairs = new Map<string, Step[]>()
  for (const { id, currency_from, currency_to, date, factor } of rates) {
    const [over, under] = fractionOf(factor)
    if (over === 0n || !isCurrency(currency_from) || !isCurrency(currency_to)) continue
    const key = pairOf(currency_from, currency_to)
    const steps = pairs.get(key) ?? []
    pairs.set(key, steps)
    steps.push({ from: date, value: { over, under, times: [factor], divided: [], id } })
  }
  return pairs
}

/** A decimal text as a fraction. */
function fractionOf(text: string): [over: bigint, under: bigint] {
  const [whole = '', decimals = ''] = text.split('.')
  return [BigInt(whole + decimals), 10n ** BigInt(decimals.length)]
}

/** The rate of a pair and the inverse of its opposite. */
function waysOf(pairs: ReadonlyMap<string, Series>, from: string, to: string): Series[] {
  const opposite = pairs.get(pairOf(to, from)) ?? []
  return [
    pairs.get(pairOf(from, to)) ?? [],
    opposite.map(({ from: day, value: { over, under, times, id } }) => ({
      from: day,
      value: { over: under, under: over, times: [], divided: times, id },
    })),
  ]
}

/** Each day by the first series that is known by then. */
function preferred(ways: readonly Series[]): Series {
  let steps: Series = []
  for (const way of ways) {
    const until = steps[0]?.from
    steps = [...(until === undefined ? way : way.filter(({ from }) => from < until)), ...steps]
  }
  return steps
}

/** Two series one after the other, from the day on which both are known. */
function cross(first: Series, second: Series): Series {
  const steps: Step[] = []
  for (let i = 0, j = 0; ; ) {
    const [a, b] = [first[i], second[j]]
    if (!a || !b) return steps
    const { value: x } = a
    const { value: y } = b
    steps.push({
      from: a.from > b.from ? a.from : b.from,
      value: {
        over: x.over * y.over,
        under: x.under * y.under,
        times: [...x.times, ...y.times],
        divided: [...x.divided, ...y.divided],
        id: x.id,
      },
    })
    const [nextA, nextB] = [first[i + 1]?.from, second[j + 1]?.from]
    if (nextA === undefined && nextB === undefined) return steps
    if (nextB === undefined || (nextA !== undefined && nextA <= nextB)) i += 1
    if (nextA === undefined || (nextB !== undefined && nextB <= nextA)) j += 1
  }
}

function heldBy(steps: Series, from: string, to: string): Held[] {
  const shift = digitsOf(to) - digitsOf(from)
  const held: Held[] = []
  for (const [i, { from: day, value }] of steps.entries()) {
    const next = steps[i + 1]?.from ?? null
    // A cross may have two steps of one day while one of its rates catches up.
    if (day === next) continue
    const over = value.over * 10n ** BigInt(Math.max(shift, 0))
    const under = value.under * 10n ** BigInt(Math.max(-shift, 0))
    held.push({
      currency: from,
      from: day,
      to: next,
      factor: toDouble(over, under),
      rate: textOf(value),
      rateId: value.id,
    })
  }
  return held
}

/** `a*b/c/d`, in the order of the way. */
function textOf({ times, divided }: Value): string {
  return [times.join('*') || '1', ...divided].join('/')
}

/** The double nearest to a fraction, by decimal text with more digits than a double has. */
function toDouble(over: bigint, under: bigint): number {
  const exponent = DIGITS - (String(over).length - String(under).length)
  const scaled = exponent >= 0 ? (over * 10n ** BigInt(exponent)) / under : over / (under * 10n ** BigInt(-exponent))
  return Number(`${scaled}e${-exponent}`)
}
