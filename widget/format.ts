import { hasFraction } from './decimal.ts'

type Decimal = Intl.StringNumericLiteral
const COMPACT_FROM = 10_000_000

/**
 * Numbers and times as the design writes them: U+2212 for minus, the sign before the currency, percent with one decimal
 * (none from 1000 %), ratios with two, Intl for everything a language decides.
 */
export class Format {
  readonly #cache = new Map<string, Intl.NumberFormat>()
  /** Language of the numbers. */
  readonly locale: string
  readonly #currency: string
  readonly #digits: number
  readonly #zone: string

  constructor(locale: string, currency: string, digits: number, zone: string) {
    this.locale = locale
    this.#currency = currency
    this.#digits = digits
    this.#zone = zone
  }

  /** `452.9%`; the value is already in percent. */
  percent(value: number, signed = false): string {
    return `${this.#number(value, percentDigits(value), signed)}%`
  }

  /** A signed difference of two percentages, without its unit: `+35.1`. */
  points(value: number): string {
    return this.#number(value, percentDigits(value), true)
  }

  /** `5.53` */
  ratio(value: number): string {
    return this.#number(value, 2)
  }

  /** A count; under models that split outcomes it may have one decimal. */
  count(value: number, digits = isWhole(value) ? 0 : 1): string {
    return this.#number(value, digits)
  }

  /** An amount for a table: no currency sign, the column's decimals. */
  amount(value: string, digits: number): string {
    return this.#number(value, digits)
  }

  /** Decimals a column of amounts needs: none unless one of them has cents. */
  digitsFor(values: Iterable<string>): number {
    for (const value of values) if (hasFraction(value)) return this.#digits
    return 0
  }

  /** An amount in a sentence or tile: with its sign, cents below 1000, compact from ten million. */
  money(value: string, digits?: number): string {
    const size = Math.abs(Number(value))
    if (size >= COMPACT_FROM) return this.#money(value, { notation: 'compact', maximumFractionDigits: 2 })
    return this.#money(value, fixed(digits ?? (size < 1000 && hasFraction(value) ? this.#digits : 0)))
  }

  /** An amount to the last cent. */
  exact(value: string): string {
    return this.#money(value, fixed(this.#digits))
  }

  /** A number that stands for money per something (CPL, CAC): always with the currency's decimals. */
  unitCost(value: string): string {
    return this.#number(value, this.#digits)
  }

  /** `2026-09-18` of an instant, in the workspace zone. */
  day(instant: string): string {
    return this.#instant(instant, { dateStyle: 'short' })
  }

  /** `09-18 12:04` of an instant, with the year when it is not the current one. */
  time(instant: string): string {
    const text = this.#instant(instant, { dateStyle: 'short', timeStyle: 'short' })
    return text.startsWith(`${new Date().getFullYear()}-`) ? text.slice(5) : text
  }

  #instant(instant: string, options: Intl.DateTimeFormatOptions): string {
    // Swedish writes dates the ISO way: the same in both languages, as in the ledger they come from.
    return new Intl.DateTimeFormat('sv-SE', { ...options, timeZone: this.#zone }).format(new Date(instant))
  }

  #number(value: number | string, digits: number, signed = false): string {
    return this.#format(value, { ...fixed(digits), signDisplay: signed ? 'exceptZero' : 'negative' })
  }

  #money(value: string, options: Intl.NumberFormatOptions): string {
    return this.#format(value, {
      style: 'currency',
      currency: this.#currency,
      currencyDisplay: 'narrowSymbol',
      signDisplay: 'negative',
      ...options,
    })
  }

  #format(value: number | string, options: Intl.NumberFormatOptions): string {
    const key = JSON.stringify(options)
    let format = this.#cache.get(key)
    if (!format) {
      format = new Intl.NumberFormat(this.locale, options)
      this.#cache.set(key, format)
    }
    return format.format(value as number | Decimal).replaceAll('-', '\u2212')
  }
}

/** True for a count without a fraction, up to the error of adding weights. */
export function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-6
}

function percentDigits(value: number): number {
  return Math.abs(value) >= 999.95 ? 0 : 1
}

function fixed(digits: number): Intl.NumberFormatOptions {
  return { minimumFractionDigits: digits, maximumFractionDigits: digits }
}
