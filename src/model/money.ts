/**
 * Money: exact decimals outside, integer minor units inside. No floating point ever touches an amount.
 */

/** An amount as a source gives it: a decimal string in major units (or in `unit`) and an ISO 4217 code. */
export interface Money {
  readonly amount: string
  readonly currency: string
  /** `major` (default): 12.34 means 12.34; `minor`: cents; `micro`: millionths, as some ad platforms count. */
  readonly unit?: 'major' | 'minor' | 'micro'
}

/** Largest amount kept, in minor units: doubles in SQL stay exact below 2^53. Larger rows are quarantined. */
export const MAX_MINOR = 9_000_000_000_000_000n

const KNOWN = new Set(Intl.supportedValuesOf('currency'))
const DIGITS = new Map<string, number>()

/** True for an ISO 4217 code this runtime knows. */
export function isCurrency(code: string): boolean {
  return KNOWN.has(code)
}

/** Decimal places of a currency: 2 for CNY, 0 for JPY, 3 for KWD. */
export function digitsOf(currency: string): number {
  let digits = DIGITS.get(currency)
  if (digits === undefined) {
    digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
    DIGITS.set(currency, digits)
  }
  return digits
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?$/
const UNIT_DIGITS = { major: 0, minor: Number.NaN, micro: 6 } as const

/**
 * Minor units of an amount. Digits beyond the currency's are rounded half away from zero.
 * @throws RangeError when the text is no decimal number or the amount is above {@link MAX_MINOR}.
 */
export function toMinor(money: Money): bigint {
  const digits = digitsOf(money.currency)
  const match = DECIMAL.exec(money.amount)
  const [, sign = '', whole = '', fraction = ''] = match ?? []
  if (!match || whole + fraction === '') throw new RangeError(`not a decimal number: ${money.amount.slice(0, 40)}`)
  const unit = money.unit ?? 'major'
  const shift = digits - (unit === 'minor' ? digits : UNIT_DIGITS[unit])
  const scaled = BigInt(whole + fraction)
  const exponent = shift - fraction.length
  let minor: bigint
  if (exponent >= 0) minor = scaled * 10n ** BigInt(exponent)
  else {
    const divisor = 10n ** BigInt(-exponent)
    minor = (scaled + divisor / 2n) / divisor
  }
  if (minor > MAX_MINOR) throw new RangeError(`amount above ${MAX_MINOR} minor units`)
  return sign === '-' ? -minor : minor
}

/** Decimal string of minor units: `formatMinor(123456n, 'CNY')` is `1234.56`. */
export function formatMinor(minor: bigint, currency: string): string {
  const digits = digitsOf(currency)
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, '0')
  const sign = minor < 0n ? '-' : ''
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`
}

/**
 * `numerator / denominator` rounded half away from zero, for money divided by a count (CPL, CAC).
 * `denominator` may be fractional: it is given as an integer with its scale.
 */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n !== denominator < 0n
  const n = numerator < 0n ? -numerator : numerator
  const d = denominator < 0n ? -denominator : denominator
  const quotient = (2n * n + d) / (2n * d)
  return negative ? -quotient : quotient
}
