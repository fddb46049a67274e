import type { Reason, RecordFigure } from '../../api.ts'
import type { Text } from '../../errors.ts'
import { formatMinor } from '../../model/money.ts'
import type { Result } from '../formulas.ts'
import type { Scene } from './scene.ts'
import { LABELS } from './words.ts'

type Key = keyof typeof LABELS
type Unit = RecordFigure['unit']

/** Money of several records: what is in the workspace's currency, and originals that no rate leads from. */
export interface Pot {
  readonly minor: bigint
  /** Records in the workspace's currency. */
  readonly rows: number
  /** By currency. */
  readonly foreign: ReadonlyMap<string, bigint>
}

/** Sums amounts; a record without a rate stays out of the sum (product.md §2). */
export function potOf(
  currency: string,
  amounts: Iterable<{ readonly amount_minor: bigint; readonly currency: string | null; readonly rows?: number }>,
): Pot {
  const foreign = new Map<string, bigint>()
  let minor = 0n
  let rows = 0
  for (const { amount_minor, currency: own, rows: number = 1 } of amounts) {
    if (own === currency) {
      minor += amount_minor
      rows += number
    } else if (own !== null) foreign.set(own, (foreign.get(own) ?? 0n) + amount_minor)
  }
  return { minor, rows, foreign }
}

/** The figures of a view, in the order they are added. */
export class Figures {
  readonly list: RecordFigure[] = []
  readonly #scene: Scene

  constructor(scene: Scene) {
    this.#scene = scene
  }

  money(key: Key, minor: bigint): this {
    const { format, currency } = this.#scene
    return this.#add(key, formatMinor(minor, currency), 'money', format.money(minor, currency))
  }

  /** A sum of records; those without a rate are told beside it. `empty`: why there is nothing to sum. */
  pot(key: Key, pot: Pot, empty: Reason): this {
    const { format, currency } = this.#scene
    const originals = [...pot.foreign].map(([code, minor]) => format.foreign(minor, code))
    if (pot.rows === 0) {
      if (originals.length === 0) return this.missing(key, 'money', empty)
      return this.missing(key, 'money', 'fx_missing', originals.join(' + '))
    }
    const text = [format.money(pot.minor, currency), ...originals].join(' + ')
    return this.#add(key, formatMinor(pot.minor, currency), 'money', text)
  }

  count(key: Key, value: number): this {
    return this.#add(key, value, 'count', this.#scene.format.count(value))
  }

  /** @param label another label than the key's, for one with a number of its own */
  days(key: Key | 'cycle_median', value: number | null, reason: Reason, label?: Text): this {
    if (value === null) return this.missing(key, 'days', reason, undefined, label)
    return this.#add(key, value, 'days', this.#scene.format.days(value), label)
  }

  /** A ratio or percentage with its reason when it cannot be computed. */
  result(key: Key, unit: 'percent' | 'ratio', result: Result<number>): this {
    if (result.value === null) return this.missing(key, unit, result.reason)
    return this.#add(key, result.value, unit, this.#scene.format[unit](result.value))
  }

  words(key: Key, text: string): this {
    return this.#add(key, null, 'text', text)
  }

  missing(key: Key | 'cycle_median', unit: Unit, reason: Reason, text?: string, label?: Text): this {
    return this.#add(key, null, unit, text ?? this.#scene.format.missing(reason), label, reason)
  }

  #add(
    key: Key | 'cycle_median',
    value: string | number | null,
    unit: Unit,
    text: string,
    label?: Text,
    reason?: Reason,
  ): this {
    const words = label ?? LABELS[key as Key]
    this.list.push({ key, label: words[this.#scene.locale], value, unit, text, ...(reason && { reason }) })
    return this
  }
}
