import type { Locale } from './locale.ts'

/** Decimal text as `Intl` takes it exactly; a number would lose cents above 2^53. */
type Decimal = `${number}`

const NONE = '–'

/** Writes what the backend left as data: instants, shares, and the money of the portfolio. */
export interface Format {
  readonly date: (iso: string | null) => string
  readonly instant: (iso: string | null) => string
  readonly count: (value: number) => string
  readonly share: (value: number | null) => string
  readonly percent: (value: number) => string
  readonly signed: (value: number) => string
  readonly money: (value: string | null) => string
}

export function formatOf(locale: Locale, zone: string | undefined, currency = 'USD', digits?: number): Format {
  const timeZone = zone === undefined ? {} : { timeZone: zone }
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', ...timeZone })
  const instant = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', ...timeZone })
  const count = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 })
  const whole = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 })
  const signed = new Intl.NumberFormat(locale, { maximumFractionDigits: 1, signDisplay: 'exceptZero' })
  const fraction = digits === undefined ? {} : { minimumFractionDigits: digits, maximumFractionDigits: digits }
  const money = new Intl.NumberFormat(locale, { style: 'currency', currency, ...fraction })
  return {
    date: (iso) => (iso === null ? NONE : date.format(new Date(iso))),
    instant: (iso) => (iso === null ? NONE : instant.format(new Date(iso))),
    count: (value) => count.format(value),
    share: (value) => (value === null ? NONE : percent.format(value)),
    // One decimal; from 1000 % on none (product.md §2).
    percent: (value) => (Math.abs(value) >= 1000 ? whole : percent).format(value / 100),
    signed: (value) => signed.format(value),
    money: (value) => (value === null ? NONE : money.format(value as Decimal)),
  }
}
