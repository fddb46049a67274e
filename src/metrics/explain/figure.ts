import type { Explain } from '../../api.ts'
import type { Database, Reader } from '../../db/database.ts'
import { digitsOf, formatMinor } from '../../model/money.ts'
import { WHOLE } from '../../model/rule-models.ts'
import type { Workspace } from '../../model/settings.ts'
import { type Rational, rational, toNumber } from '../custom-rational.ts'
import type { DataLedger } from '../data-driven/ledger.ts'
import type { DrillQuery } from '../drill.ts'
import type { Result } from '../formulas.ts'

/** What is told of a row behind an input: ids, dates, amounts, rates. */
export type Cells = Explain['inputs'][number]['rows'][number]

/** A row behind an input. The parts of all rows add up to the input. */
export interface Line {
  /** In the input's unit: major units of money, outcomes, days … */
  readonly part: Rational
  readonly cells: Cells
  /** Whole numbers that the part is made of, for a proof: minor units, weights in units of 1/WHOLE. */
  readonly exact?: Readonly<Record<string, bigint>>
}

/** A page of rows; `count` is of all pages. */
export interface Lines {
  readonly rows: readonly Line[]
  readonly count: number
}

export interface Page {
  readonly offset: number
  readonly limit: number
}

/** A named number that a formula is made of, and where its rows are. */
export interface Input {
  /** Its name in the formula. */
  readonly name: string
  readonly total: Rational
  readonly unit: 'money' | 'number'
  /** How its rows make it, where they do not add up to it. */
  readonly fold?: 'median'
  read(page: Page): Promise<Lines>
}

/** A metric's value for one row or a total, as the product computes it, with what it was computed from. */
export interface Figure {
  readonly result: Result<string | number>
  readonly inputs: readonly Input[]
  /** Where it depends on the data which inputs there are. */
  readonly expression?: string
  /** What else decided the value. */
  readonly configuration?: Explain['configuration']
}

/** Which number, read from where. */
export interface Situation {
  readonly database: Database
  readonly reader: Reader
  readonly workspace: Workspace
  /** Name of the metric in the dictionary. */
  readonly metric: string
  readonly query: Omit<DrillQuery, 'offset' | 'limit'>
  /** Of a data-driven model. */
  readonly ledger: DataLedger | undefined
  readonly now: Date
}

/** Minor units as money. */
export function money(minor: bigint, currency: string): Rational {
  return rational(minor, 10n ** BigInt(digitsOf(currency)))
}

/** Minor units x weight as money. */
export function weighedMoney(units: bigint, currency: string): Rational {
  return rational(units, WHOLE * 10n ** BigInt(digitsOf(currency)))
}

/** Weight units as outcomes. */
export const outcomes = (weight: bigint): Rational => rational(weight, WHOLE)

/** Rows that are in memory already. */
export function listed(rows: readonly Line[]): Input['read'] {
  return async ({ offset, limit }) => ({ rows: rows.slice(offset, offset + limit), count: rows.length })
}

/** Decimal digits of an amount that is no whole number of minor units: a part of a customer's money. */
const FINE = 12

/** An input's value as it is shown: money as text, exact where it can be; anything else as a number. */
export function shown({ total, unit }: Pick<Input, 'total' | 'unit'>, currency: string): string | number {
  if (unit === 'number') return toNumber(total)
  const scale = 10n ** BigInt(digitsOf(currency))
  if (scale % total.den === 0n) return formatMinor((total.num * scale) / total.den, currency)
  const digits = ((total.num < 0n ? -total.num : total.num) * 10n ** BigInt(FINE)) / total.den
  const text = String(digits).padStart(FINE + 1, '0')
  return `${total.num < 0n ? '-' : ''}${text.slice(0, -FINE)}.${text.slice(-FINE)}`
}
