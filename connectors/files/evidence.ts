import { RoiError } from '../../src/errors.ts'
import { AmountShape, shapeOf } from './amounts.ts'
import type { DateOrder } from './date-format.ts'
import { quote, say } from './words.ts'

/** A value that shows how its column is written, and its line. */
export interface Proof {
  readonly value: string
  readonly line: number
}

/** Decision about a column with the value that proves it; `undefined` when nothing needed deciding. */
export interface Decided<T> {
  readonly value: T
  readonly proof: Proof
}

const YEAR_LAST = /^(\d{1,2})([-/.])(\d{1,2})\2\d{2,4}(?!\d)/

/** Looks at all dates of a column: does `01/02/2026` start with the month or the day? Never guessed (reliability F27). */
export class DateEvidence {
  #monthFirst: Proof | undefined
  #dayFirst: Proof | undefined
  #open: Proof | undefined

  add(value: string, line: number): void {
    // The year first, as in nearly all files, has nothing to decide.
    if (isDigit(value, 1) && isDigit(value, 2) && isDigit(value, 3)) return
    const match = YEAR_LAST.exec(value) ?? YEAR_LAST.exec(value.normalize('NFKC'))
    if (!match) return
    const first = Number(match[1])
    const second = Number(match[3])
    if (first > 31 || second > 31 || (first > 12 && second > 12)) return
    if (first > 12) this.#dayFirst ??= { value, line }
    else if (second > 12) this.#monthFirst ??= { value, line }
    else if (first !== second) this.#open ??= { value, line }
  }

  /** @throws RoiError when the values prove nothing, or both orders. */
  decide(header: string): Decided<DateOrder> | undefined {
    const m = this.#monthFirst
    const d = this.#dayFirst
    if (m && !d) return { value: 'MDY', proof: m }
    if (d && !m) return { value: 'DMY', proof: d }
    if (!m && !this.#open) return undefined
    const [en, zh] =
      m && d
        ? [
            `Column ${quote(header)} holds both month/day (${m.value}, line ${m.line}) and day/month (${d.value}, line ${d.line}).`,
            `列 ${quote(header)} 中既有“月/日”（${m.value}，第 ${m.line} 行），又有“日/月”（${d.value}，第 ${d.line} 行）。`,
          ]
        : [
            `Column ${quote(header)}: ${this.#open!.value} (line ${this.#open!.line}) may be month/day or day/month, and no other row tells.`,
            `列 ${quote(header)}：${this.#open!.value}（第 ${this.#open!.line} 行）可能是“月/日”，也可能是“日/月”，其他行也无法判断。`,
          ]
    throw new RoiError(
      'usage',
      'ambiguous_dates',
      say(en, zh),
      say(
        'Say which with --date-format M/D/YYYY or --date-format D/M/YYYY.',
        '请用 --date-format M/D/YYYY 或 --date-format D/M/YYYY 指明。',
      ),
    )
  }
}

function isDigit(value: string, at: number): boolean {
  const code = value.charCodeAt(at)
  return code >= 48 && code <= 57
}

/** Which character separates the decimals of a column. */
export type DecimalMark = '.' | ','

/** Looks at all amounts of a column: is the decimal mark a point or a comma? Never guessed (reliability F27). */
export class AmountEvidence {
  readonly #first = new Map<AmountShape, Proof>()

  add(value: string, line: number): void {
    const shape = shapeOf(value)
    if (shape !== AmountShape.plain && !this.#first.has(shape)) this.#first.set(shape, { value, line })
  }

  /** The mark; `doubt` when it is a point only because nothing speaks for a comma, and all values look like `1.234`. */
  decide(header: string): (Decided<DecimalMark> & { doubt: boolean }) | undefined {
    const point = this.#first.get(AmountShape.point)
    const comma = this.#first.get(AmountShape.comma)
    const threes = this.#first.get(AmountShape.pointThree)
    const commaThree = this.#first.get(AmountShape.commaThree)
    if (!comma) {
      if (point) return { value: '.', proof: point, doubt: false }
      return threes && { value: '.', proof: threes, doubt: true }
    }
    // Beside 12,50 the value 1,234 may be a thousand or one and a quarter: that is asked like a contradiction.
    const against = point ?? commaThree
    if (!against) return { value: ',', proof: comma, doubt: false }
    throw new RoiError(
      'usage',
      'ambiguous_amounts',
      say(
        `Column ${quote(header)} holds both a decimal comma (${comma.value}, line ${comma.line}) and another use of the marks (${against.value}, line ${against.line}).`,
        `列 ${quote(header)} 中既有逗号小数（${comma.value}，第 ${comma.line} 行），又有另一种写法（${against.value}，第 ${against.line} 行）。`,
      ),
      say(
        'Correct the rows, or say the decimal mark in a mapping file (--map): {"decimal": ","} or {"decimal": "."}.',
        '请修正这些行，或在映射文件（--map）中指明小数点：{"decimal": ","} 或 {"decimal": "."}。',
      ),
    )
  }
}
