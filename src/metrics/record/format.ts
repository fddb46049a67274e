import type { Reason } from '../../api.ts'
import type { Locale } from '../../errors.ts'
import { digitsOf, formatMinor } from '../../model/money.ts'
import { NA, REASONS, reasonIn } from './words.ts'

/** From this many units of currency on, amounts are compact: 万, 亿, M. The same bound as the panel's. */
const COMPACT_FROM = 10_000_000

/** Formats are dear to make, and few: by language, options and currency; by zone. */
const NUMBERS = new Map<string, Intl.NumberFormat>()
const DAYS = new Map<string, Intl.DateTimeFormat>()

/**
 * Figures of a record view as people of a language read them; rounding is half away from zero and happens only here
 * (product.md §2). The same rules as the panel: U+2212 for minus, cents below 1000, compact from ten million.
 */
export class Format {
  readonly #locale: Locale
  readonly #currency: string
  readonly #zone: string

  /** @param currency the workspace's; amounts in others show their code */
  constructor(locale: Locale, currency: string, zone: string) {
    this.#locale = locale
    this.#currency = currency
    this.#zone = zone
  }

  money(minor: bigint, currency: string): string {
    const value = formatMinor(minor, currency)
    const size = Math.abs(Number(value))
    const currencyDisplay = currency === this.#currency ? 'narrowSymbol' : 'code'
    const style = { style: 'currency', currency, currencyDisplay } as const
    if (size >= COMPACT_FROM) {
      return this.#format(value, { ...style, notation: 'compact', minimumFractionDigits: 0, maximumFractionDigits: 2 })
    }
    const cents = size < 1000 && !/^-?\d+(\.0+)?$/.test(value)
    return this.#format(value, { ...style, ...fixed(cents ? digitsOf(currency) : 0) })
  }

  /** `46.2%` of a part of one. */
  share(part: number): string {
    return this.percent(part * 100)
  }

  /** `46%`, in a sentence; what is there but rounds away is `<1%`, what falls short of all is `>99%`. */
  roughShare(part: number): string {
    if (part > 0 && part < 0.005) return `<${this.#format(1, fixed(0))}%`
    if (part < 1 && part >= 0.995) return `>${this.#format(99, fixed(0))}%`
    return `${this.#format(part * 100, fixed(0))}%`
  }

  /** The value is already in percent. */
  percent(value: number): string {
    return `${this.#format(value, fixed(Math.abs(value) >= 999.95 ? 0 : 1))}%`
  }

  ratio(value: number): string {
    return this.#format(value, fixed(2))
  }

  /** A count; under models that split outcomes it may have one decimal. */
  count(value: number): string {
    return this.#format(value, fixed(Math.abs(value - Math.round(value)) < 1e-6 ? 0 : 1))
  }

  /** One decimal, `12.5 days`. */
  days(value: number): string {
    const text = this.#format(value, fixed(1))
    return this.#locale === 'en' ? `${text} days` : `${text} 天`
  }

  /** Local day of an instant, the ISO way in both languages. */
  day(instant: number): string {
    let format = DAYS.get(this.#zone)
    if (!format) {
      format = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeZone: this.#zone })
      DAYS.set(this.#zone, format)
    }
    return format.format(instant)
  }

  /** `n/a (no cost recorded)`. */
  missing(reason: Reason): string {
    return reasonIn[this.#locale](NA[this.#locale], REASONS[reason][this.#locale])
  }

  /** An amount in a currency that no rate leads from: the original, with the reason. */
  foreign(minor: bigint, currency: string): string {
    return reasonIn[this.#locale](this.money(minor, currency), REASONS.fx_missing[this.#locale])
  }

  #format(value: number | string, options: Intl.NumberFormatOptions): string {
    const key = `${this.#locale} ${JSON.stringify(options)}`
    let format = NUMBERS.get(key)
    if (!format) {
      format = new Intl.NumberFormat(this.#locale, { signDisplay: 'negative', ...options })
      NUMBERS.set(key, format)
    }
    return format.format(value as Intl.StringNumericLiteral).replaceAll('-', '\u2212')
  }
}

function fixed(digits: number): Intl.NumberFormatOptions {
  return { minimumFractionDigits: digits, maximumFractionDigits: digits }
}
