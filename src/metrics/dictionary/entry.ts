import type { MetricUnit, Reason } from '../../api.ts'
import type { Text } from '../../errors.ts'

/** Which part of the program works a metric out, hence what it can be asked for. */
export type Family = 'report' | 'customers' | 'funnel' | 'delivery' | 'influence' | 'growth' | 'budget' | 'quality'

/** A named number in a formula. */
export interface EntryInput {
  readonly name: string
  readonly label: Text
}

/** A row of the dictionary (F114). */
export interface Entry {
  /** Number in product.md §3. */
  readonly id: string
  readonly label: Text
  /** What it says, in a sentence. */
  readonly meaning: Text
  /** Arithmetic over inputs in braces; `abs`, `median` and `payback` (months until one sum reaches another) are its functions. */
  readonly expression: string
  /** The same as people read it. */
  readonly formula: Text
  readonly inputs: readonly EntryInput[]
  readonly unit: MetricUnit
  readonly family: Family
  /** Which dates decide what is in it. */
  readonly dates: Text
  /** True where it follows the revenue basis: booked, invoiced or cash. */
  readonly revenue: boolean
  /** How it is to be read, where there are several ways. */
  readonly convention: Text | null
  /** Why it may be n/a. */
  readonly reasons: readonly Reason[]
  readonly shown: Shown
}

/** Where a metric can be seen. */
export interface Shown {
  /** Field of the answer. */
  readonly field: string
  readonly command: string
  readonly route: string
}

export const REPORTED = {
  en: 'Credit at the date basis of the question (close by default), cost at its spend date.',
  'zh-CN': '归因按所选时间口径（默认成交日），成本按发生日。',
} as const satisfies Text
