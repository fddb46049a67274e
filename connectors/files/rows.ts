import type { Text } from '../../src/errors.ts'
import { digitsOf, isCurrency, type Money, toMinor } from '../../src/model/money.ts'
import type { AnyRecord } from '../../src/model/records.ts'
import { currencyCode, parseAmount, symbolFits } from './amounts.ts'
import { AutoIds } from './auto-ids.ts'
import type { DateReader } from './dates.ts'
import type { DecimalMark } from './evidence.ts'
import type { Layout, Source } from './header.ts'
import type { Mapping } from './mapping.ts'
import type { NoticeBook } from './notices.ts'
import { COLUMN_OF_CODE, type Draft, missingValue, NOTICES, RULES } from './rules.ts'
import { digestCells, SeenKeys } from './seen-keys.ts'
import { type FileType, type Kind, TEMPLATES } from './templates.ts'
import { badFlag, looksRounded, MAX_TEXT, outcomeOfStage, parseFlag, parseId, Vocabulary } from './values.ts'
import { quote, Refusal, say } from './words.ts'
import { CellKind } from './xlsx/protocol.ts'

/** Whole digits that are below the limit of money in every currency, so that most amounts need no big integers. */
const SAFE_DIGITS = 15
const EARLIEST = Date.UTC(1990, 0, 1)
const EARLIEST_DAY = '1990-01-01'

/** Everything decided about a file before its first row is read. */
export interface RowPlan {
  readonly type: FileType
  readonly layout: Layout
  readonly mapping: Mapping | undefined
  /** Currency of amounts that name none. */
  readonly currency: string
  readonly dates: ReadonlyMap<string, DateReader>
  readonly marks: ReadonlyMap<string, DecimalMark>
  /** Dates after this instant are reported as implausible. */
  readonly latest: number
}

/** Why a row is left out, and the column it is about. */
export interface RowRefusal {
  readonly column: string | undefined
  readonly refusal: Refusal
}

/** A column of the file with all that reading its cells needs. */
interface Reader extends Source {
  readonly name: string
  readonly kind: Kind
  readonly values: ReadonlyMap<string, string> | undefined
  readonly date: DateReader | undefined
  readonly mark: DecimalMark
  readonly vocabulary: Vocabulary | undefined
  readonly implausible: Text
}

/** Turns rows into records of one type, in the order of the file: duplicates and running numbers depend on it. */
export class RowMapper {
  readonly #plan: RowPlan
  readonly #notices: NoticeBook
  readonly #readers: readonly Reader[]
  readonly #currency: Reader | undefined
  readonly #idColumn: string
  readonly #seen = new SeenKeys()
  readonly #auto: AutoIds
  readonly #latestDay: string
  #failedColumn: string | undefined
  /** Of the row being read. */
  #kinds = ''

  constructor(plan: RowPlan, notices: NoticeBook) {
    this.#plan = plan
    this.#notices = notices
    const readers = plan.layout.sources.map((source) => readerOf(source, plan))
    this.#readers = readers.filter(({ kind }) => kind !== 'currency')
    this.#currency = readers.find(({ kind }) => kind === 'currency')
    const { columns } = TEMPLATES[plan.type]
    this.#idColumn = (columns.find(({ field }) => field === 'id') ?? columns[0]!).name
    this.#auto = new AutoIds(plan.type)
    this.#latestDay = new Date(plan.latest).toISOString().slice(0, 10)
  }

  /**
   * The record of a row; a refusal; or undefined for a row that repeats an earlier one.
   * @param kinds what the cells are where that is known, see `Batch`
   */
  read(cells: readonly string[], line: number, kinds = ''): AnyRecord | RowRefusal | undefined {
    this.#failedColumn = undefined
    this.#kinds = kinds
    const draft: Draft = { type: TEMPLATES[this.#plan.type].record }
    const refusal = this.#fill(draft, cells, line) ?? RULES[this.#plan.type]?.(draft, this.#notices, line)
    if (refusal) return { column: this.#failedColumn ?? COLUMN_OF_CODE[refusal.code], refusal }
    if (draft.id === undefined) {
      draft.id = this.#auto.idOf(draft)
      return draft as unknown as AnyRecord
    }
    const id = draft.id as string
    const content = digestCells(cells)
    const twin = this.#seen.add(id, content, line)
    if (!twin) return draft as unknown as AnyRecord
    if (twin.content === content) {
      this.#notices.add('duplicate_row', NOTICES.duplicateRow, line)
      return undefined
    }
    return {
      column: this.#idColumn,
      refusal: new Refusal(
        'duplicate_id',
        `${quote(String(draft.id))} is already in line ${twin.line} with other values. Keep one of the two rows.`,
        `${quote(String(draft.id))} 已在第 ${twin.line} 行出现，且内容不同。请只保留其中一行。`,
      ),
    }
  }

  /** Reads every cell into the draft. */
  #fill(draft: Draft, cells: readonly string[], line: number): Refusal | undefined {
    if (this.#kinds !== '' && this.#currency) {
      const refusal = this.#fault(this.#currency, cells)
      if (refusal) return refusal
    }
    for (const reader of this.#readers) {
      let text = reader.index < 0 ? '' : cells[reader.index]!.trim()
      if (reader.values) text = replaced(reader.values, text)
      if (text === '') text = reader.constant
      const fault = this.#kinds === '' ? undefined : this.#fault(reader, cells)
      const refusal = fault ?? (text === '' ? missing(reader) : this.#cell(draft, reader, text, cells, line))
      if (refusal) {
        this.#failedColumn ??= reader.name
        return refusal
      }
    }
    for (const { name, index } of this.#plan.layout.extras) {
      const text = cells[index]!.trim()
      if (text !== '') attribute(draft, name, text)
    }
    return undefined
  }

  /** What a workbook says about a cell, unless a constant or the mapping's `values` replaced it. */
  #kindOf({ index, values }: Reader, cells: readonly string[]): string | undefined {
    if (this.#kinds === '' || index < 0) return undefined
    const text = cells[index]!.trim()
    return values && replaced(values, text) !== text ? undefined : this.#kinds[index]
  }

  /** Why a cell has no value that could be read. */
  #fault(reader: Reader, cells: readonly string[]): Refusal | undefined {
    const kind = this.#kindOf(reader, cells)
    if (kind !== CellKind.error && kind !== CellKind.unknown) return undefined
    this.#failedColumn = reader.name
    return kind === CellKind.error ? errorCell(reader.name, cells[reader.index]!) : unknownResult(reader.name)
  }

  #cell(draft: Draft, reader: Reader, text: string, cells: readonly string[], line: number): Refusal | undefined {
    const field = reader.column.field
    const value = this.#value(reader, text, cells, line)
    if (value instanceof Refusal) return value
    if (field !== '') {
      if (value !== undefined) draft[field] = value
      else if (reader.kind === 'brand') attribute(draft, reader.header, text)
      return undefined
    }
    // Who a touch belongs to: the first of contact, e-mail, phone.
    draft.person ??= reader.name === 'contact_id' ? { contactId: value } : { [reader.name]: value }
    return undefined
  }

  #value(reader: Reader, text: string, cells: readonly string[], line: number): unknown {
    const kind = this.#kindOf(reader, cells)
    const dated = kind === CellKind.date
    switch (reader.kind) {
      case 'text':
        return this.#text(text, line)
      case 'id':
      case 'phone':
        if (dated) return datedId(reader.name, text)
        return this.#id(reader.name, text, line)
      case 'ids':
        if (dated) return datedId(reader.name, text)
        return this.#ids(reader.name, text, line)
      case 'instant': {
        const instant = reader.date!.instant(text, dated)
        if (instant instanceof Refusal) return instant
        if (instant < EARLIEST || instant > this.#plan.latest) {
          this.#notices.add('implausible_date', reader.implausible, line)
        }
        return new Date(instant)
      }
      case 'day': {
        const day = reader.date!.day(text, dated)
        if (day instanceof Refusal) return day
        if (day < EARLIEST_DAY || day > this.#latestDay) {
          this.#notices.add('implausible_date', reader.implausible, line)
        }
        return day
      }
      case 'money':
        return this.#money(reader, text, kind, cells, line)
      case 'number':
      case 'integer':
        return this.#number(reader, text, kind)
      case 'flag':
        return parseFlag(text) ?? badFlag(reader.name, text)
      case 'won':
        // With a list of meanings in the mapping, what is not listed is a deal that is still open.
        return parseFlag(text) ?? outcomeOfStage(text) ?? (reader.values ? undefined : badFlag(reader.name, text))
      case 'brand': {
        const flag = parseFlag(text)
        if (flag === undefined) this.#notices.add('brand_text', NOTICES.brandText, line)
        return flag
      }
      case 'word': {
        const { value, unknown } = reader.vocabulary!.read(this.#text(text, line))
        if (unknown) this.#notices.add(`unknown_${reader.name}`, unknown, line)
        return value
      }
      case 'code':
        return this.#code(text)
      case 'rate':
        return rateOf(reader, text, kind)
      case 'currency':
        return undefined
    }
  }

  #code(text: string): string | Refusal {
    const code = currencyCode(text)
    return isCurrency(code) ? code : unknownCurrency(text)
  }

  #text(text: string, line: number): string {
    if (text.length <= MAX_TEXT) return text
    this.#notices.add('text_shortened', NOTICES.textShortened, line)
    // Not in the middle of a character outside the basic plane.
    return text.slice(0, MAX_TEXT).replace(/[\ud800-\udbff]$/, '')
  }

  #id(column: string, text: string, line: number): string | Refusal {
    const value = parseId(column, text)
    if (typeof value === 'string' && looksRounded(value)) this.#notices.add('rounded_id', NOTICES.roundedId, line)
    return value
  }

  #ids(column: string, text: string, line: number): string[] | Refusal | undefined {
    const ids: string[] = []
    for (const part of text.split(/[;；]/)) {
      const one = part.trim()
      if (one === '' || ids.includes(one)) continue
      const value = this.#id(column, one, line)
      if (value instanceof Refusal) return value
      ids.push(value)
    }
    return ids.length > 0 ? ids : undefined
  }

  #money(
    reader: Reader,
    text: string,
    kind: string | undefined,
    cells: readonly string[],
    line: number,
  ): Money | Refusal {
    const parsed = parseAmount(text, markOf(reader, kind), reader.shift)
    if (parsed instanceof Refusal) return parsed
    const own = this.#currency
    let named = own && own.index >= 0 ? cells[own.index]!.trim() : ''
    if (own?.values) named = replaced(own.values, named)
    const given = named || own?.constant
    const currency = given ? currencyCode(given) : (parsed.code ?? this.#plan.currency)
    if (!isCurrency(currency)) {
      if (given) this.#failedColumn = 'currency'
      return unknownCurrency(given || currency)
    }
    if (parsed.code && parsed.code !== currency) {
      return new Refusal(
        'currency_conflict',
        `${quote(text)} contradicts the currency column, which says ${currency}. Correct one of them.`,
        `${quote(text)} 与币种列（${currency}）不一致。请修正其中之一。`,
      )
    }
    if (parsed.symbol && !symbolFits(parsed.symbol, currency)) {
      this.#notices.add('currency_symbol', NOTICES.currencySymbol, line)
    }
    const point = parsed.amount.indexOf('.')
    const whole = point < 0 ? parsed.amount.length : point
    if (whole + digitsOf(currency) > SAFE_DIGITS && !fits(parsed.amount, currency)) {
      return new Refusal(
        'amount_too_large',
        `${quote(text)} is more than can be kept exactly (9e15 minor units). Check the amount and its unit.`,
        `${quote(text)} 超出可精确保存的范围（9e15 个最小货币单位）。请检查金额及单位。`,
      )
    }
    return { amount: parsed.amount, currency }
  }

  #number(reader: Reader, text: string, kind: string | undefined): number | Refusal {
    const parsed = parseAmount(text, markOf(reader, kind))
    const value = parsed instanceof Refusal || parsed.code || parsed.symbol ? Number.NaN : Number(parsed.amount)
    const sound = reader.kind === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value)
    if (sound) return value
    return new Refusal(
      'bad_number',
      `${quote(text)} is not a ${reader.kind === 'integer' ? 'whole ' : ''}number. Write digits only.`,
      `${quote(text)} 不是${reader.kind === 'integer' ? '整数' : '数字'}。请只填写数字。`,
    )
  }
}

function readerOf(source: Source, { type, mapping, dates, marks }: RowPlan): Reader {
  const { name, kind } = source.column
  const values = mapping?.values[name]
  return {
    ...source,
    name,
    kind,
    values:
      values &&
      new Map(Object.entries(values).map(([word, value]) => [word.trim(), value === null ? '' : String(value)])),
    date: dates.get(name),
    mark: marks.get(name) ?? mapping?.decimal ?? '.',
    vocabulary: kind === 'word' ? new Vocabulary(name) : undefined,
    implausible: say(
      `${name}: dates before 1990 or more than a year ahead; please check them (${type}).`,
      `${name}：日期早于 1990 年或超过一年之后，请核对（${type}）。`,
    ),
  }
}

/** A cell by the mapping's `values`: to the letter first, then whatever its case. */
function replaced(values: ReadonlyMap<string, string>, text: string): string {
  const exact = values.get(text)
  if (exact !== undefined) return exact
  const lower = text.toLowerCase()
  for (const [word, value] of values) if (word.toLowerCase() === lower) return value
  return text
}

/** A cell that is a number has a point, however amounts are written in other cells of its column. */
function markOf({ mark }: Reader, kind: string | undefined): DecimalMark {
  return kind === CellKind.number ? '.' : mark
}

function unknownCurrency(text: string): Refusal {
  return new Refusal(
    'unknown_currency',
    `${quote(text)} is no ISO 4217 currency code. Write CNY, USD …, or set it with "constants" in a mapping file.`,
    `${quote(text)} 不是 ISO 4217 币种代码。请写 CNY、USD 等，或在映射文件的 "constants" 中指定。`,
  )
}

/** A rate as exact decimal text. Above 0, up to 12 digits before the point and 18 after it. */
function rateOf(reader: Reader, text: string, kind: string | undefined): string | Refusal {
  const mark = markOf(reader, kind)
  const parsed = parseAmount(text, mark)
  // `7,123` is a thousand among amounts; as a rate it is as likely to be seven.
  const doubtful = mark === '.' && /^\d{1,3},\d{3}$/.test(text)
  if (!(parsed instanceof Refusal) && !parsed.code && !parsed.symbol && !doubtful) {
    if (RATE.test(parsed.amount) && /[1-9]/.test(parsed.amount)) return parsed.amount
  }
  return new Refusal(
    'bad_rate',
    `${quote(text)} is no rate. Write a number above 0 with a decimal point and without thousands marks, such as 7.0288.`,
    `${quote(text)} 不是有效的汇率。请填写大于 0 的数字，使用小数点且不带千位分隔符，如 7.0288。`,
  )
}

const RATE = /^\d{1,12}(\.\d{1,18})?$/

function errorCell(column: string, text: string): Refusal {
  return new Refusal(
    'error_cell',
    `${column}: the cell holds the error ${quote(text)}. Correct it, or say what it means under "values" in a mapping file.`,
    `${column}：单元格为错误值 ${quote(text)}。请修正，或在映射文件的 "values" 中说明其含义。`,
  )
}

function unknownResult(column: string): Refusal {
  return new Refusal(
    'formula_without_result',
    `${column}: the cell holds a formula whose result is not in the file. Open it in your spreadsheet program, save it and import it again.`,
    `${column}：单元格是公式，但文件中没有保存其结果。请用表格软件打开并保存后重新导入。`,
  )
}

function datedId(column: string, text: string): Refusal {
  return new Refusal(
    'mangled_id',
    `${column}: the spreadsheet turned this id into the date ${quote(text)}. Format the column as text and enter the id again.`,
    `${column}：表格软件把编号变成了日期 ${quote(text)}。请将该列设为文本格式后重新填写编号。`,
  )
}

function missing({ column, name }: Reader): Refusal | undefined {
  return column.required ? missingValue(name) : undefined
}

function attribute(draft: Draft, name: string, text: string): void {
  draft.attributes ??= {}
  draft.attributes[name] = text
}

function fits(amount: string, currency: string): boolean {
  try {
    toMinor({ amount, currency })
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
