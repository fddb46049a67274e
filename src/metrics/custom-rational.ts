import { digitsOf, divideRounded, formatMinor } from '../model/money.ts'

/** An exact fraction in lowest terms; `den` is above 0. Sums, shares and comparisons of money lose nothing. */
export interface Rational {
  readonly num: bigint
  readonly den: bigint
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i

/** A fraction of two whole numbers. @param den not 0 */
export function rational(num: bigint, den = 1n): Rational {
  const sign = den < 0n ? -1n : 1n
  const common = gcd(num < 0n ? -num : num, den * sign) || 1n
  return { num: (num * sign) / common, den: (den * sign) / common }
}

/** A number as it is written: `12`, `0.1`, `1e-7`. @throws RangeError */
export function toRational(value: string | number): Rational {
  const match = NUMBER.exec(String(value))
  const [, sign = '', whole = '', fraction = '', power = '0'] = match ?? []
  if (!match || whole + fraction === '') throw new RangeError(`not a number: ${String(value).slice(0, 40)}`)
  const digits = BigInt(`${sign}${whole}${fraction}`)
  const exponent = Number(power) - fraction.length
  return exponent < 0 ? rational(digits, 10n ** BigInt(-exponent)) : rational(digits * 10n ** BigInt(exponent))
}

export const plus = (a: Rational, b: Rational): Rational => rational(a.num * b.den + b.num * a.den, a.den * b.den)
export const minus = (a: Rational, b: Rational): Rational => rational(a.num * b.den - b.num * a.den, a.den * b.den)
export const times = (a: Rational, b: Rational): Rational => rational(a.num * b.num, a.den * b.den)
/** @param b not 0 */
export const over = (a: Rational, b: Rational): Rational => rational(a.num * b.den, a.den * b.num)
/** Below 0, 0 or above 0, as `a` is to `b`. */
export const compare = (a: Rational, b: Rational): number =>
  Number(a.num * b.den - b.num * a.den > 0n) - Number(a.num * b.den - b.num * a.den < 0n)

/** Rounded half away from zero to decimal places. */
export function rounded({ num, den }: Rational, places: number): Rational {
  const scale = 10n ** BigInt(places)
  return rational(divideRounded(num * scale, den), scale)
}

/** Decimal text of money, rounded half away from zero to the currency's digits. */
export function toMoney({ num, den }: Rational, currency: string): string {
  return formatMinor(divideRounded(num * 10n ** BigInt(digitsOf(currency)), den), currency)
}

/** Decimal places of a number that is no money: more than a double holds. */
const PLACES = 30

/** The nearest double; infinite beyond the largest. */
export function toNumber({ num, den }: Rational): number {
  return Number(`${divideRounded(num * 10n ** BigInt(PLACES), den)}e-${PLACES}`)
}

function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b]
  return a
}
