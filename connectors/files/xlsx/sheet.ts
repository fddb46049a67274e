import type { Book } from './book.ts'
import { cellText, dateText, durationText, numberText } from './cells.ts'
import { BookError, CellKind, LIMITS, type Row } from './protocol.ts'
import type { Handlers } from './xml.ts'

const LAST_ROW = 1_048_576
const LAST_COLUMN = 16_384

/** A cell while its parts are read. */
interface OpenCell {
  readonly column: number
  readonly type: string
  readonly style: number
  formula: boolean
  value: string
}

/** Turns the XML of a worksheet into rows. Only cells that are there take memory, wherever they are. */
export class SheetReader implements Handlers {
  /** Rows read and not yet taken. */
  rows: Row[] = []
  merged = 0
  readonly #book: Book
  readonly #limited: boolean
  #inData = false
  #line = 0
  #column = 0
  #texts: string[] = []
  #kinds: CellKind[] = []
  #cell: OpenCell | undefined
  #capture = false
  #phonetic = 0
  #width = 0
  #text = 0

  /** @param limited false while only the header is wanted: how large the rest is does not matter then */
  constructor(book: Book, limited: boolean) {
    this.#book = book
    this.#limited = limited
  }

  take(): Row[] {
    const { rows } = this
    this.rows = []
    return rows
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (this.#cell) this.#openInCell(this.#cell, name)
    else if (name === 'c' && this.#inData) this.#openCell(attributes)
    else if (name === 'row' && this.#inData) this.#openRow(attributes.r)
    else if (name === 'sheetData') this.#inData = true
    else if (name === 'mergeCell') this.merged++
    else if (name === 'dimension' && this.#limited) checkDimension(attributes.ref ?? '')
  }

  close(name: string): void {
    if (name === 'c' && this.#cell) {
      this.#closeCell(this.#cell)
      this.#cell = undefined
    } else if (name === 'row' && this.#inData) this.#closeRow()
    else if (name === 'sheetData') this.#inData = false
    else if (name === 'rPh') this.#phonetic = 0
    else if (name === 'v' || name === 't') this.#capture = false
  }

  text(text: string): void {
    if (!this.#capture || !this.#cell) return
    this.#cell.value += text
    if (this.#cell.value.length > LIMITS.cell) throw new BookError('too_large')
  }

  #openRow(r: string | undefined): void {
    const line = r === undefined ? this.#line + 1 : Number(r)
    if (!(line > this.#line && line <= LAST_ROW)) throw new BookError('damaged', `row ${r}`)
    this.#line = line
    this.#column = 0
    this.#texts = []
    this.#kinds = []
  }

  #openCell({ r, t = 'n', s = '0' }: Readonly<Record<string, string>>): void {
    this.#column = r === undefined ? this.#column + 1 : columnOf(r)
    if (!(this.#column >= 1 && this.#column <= LAST_COLUMN)) throw new BookError('damaged', `cell ${r}`)
    this.#cell = { column: this.#column, type: t, style: Number(s), formula: false, value: '' }
  }

  #openInCell(cell: OpenCell, name: string): void {
    if (name === 'v') {
      cell.value = ''
      this.#capture = true
    } else if (name === 'f') cell.formula = true
    else if (name === 'rPh') this.#phonetic = 1
    else if (name === 't') this.#capture = this.#phonetic === 0
  }

  #closeCell(cell: OpenCell): void {
    const [kind, text] = this.#read(cell)
    if (text === '' && kind === CellKind.text) return
    for (let i = this.#texts.length; i < cell.column; i++) {
      this.#texts.push('')
      this.#kinds.push(CellKind.text)
    }
    this.#texts[cell.column - 1] = text
    this.#kinds[cell.column - 1] = kind
    this.#text += text.length
    if (this.#text > LIMITS.text) throw new BookError('too_large')
    if (this.#limited) this.#checkCells()
  }

  #closeRow(): void {
    if (this.#texts.length === 0) return
    const plain = this.#kinds.every((kind) => kind === CellKind.text)
    this.rows.push([this.#line, plain ? '' : this.#kinds.join(''), ...this.#texts])
  }

  /** The rectangle that the cells with a value take. */
  #checkCells(): void {
    this.#width = Math.max(this.#width, this.#texts.length)
    if (this.#line * this.#width > LIMITS.cells) throw new BookError('too_many_cells')
  }

  #read({ type, style, formula, value }: OpenCell): readonly [CellKind, string] {
    switch (type) {
      case 's': {
        if (value.trim() === '') return [CellKind.text, '']
        const text = this.#book.strings[Number(value)]
        if (text === undefined) throw new BookError('damaged', `shared text ${value.slice(0, 20)}`)
        return [CellKind.text, text]
      }
      case 'str':
      case 'inlineStr':
        return [CellKind.text, cellText(value)]
      case 'b':
        // As a spreadsheet program writes it into CSV.
        return [CellKind.text, value === '' ? '' : /^(?:1|true)$/i.test(value.trim()) ? 'TRUE' : 'FALSE']
      case 'e':
        return [CellKind.error, cellText(value) || '#VALUE!']
      case 'd':
        return value.trim() === '' ? [CellKind.text, ''] : [CellKind.date, cellText(value)]
      case 'n':
        return value.trim() === ''
          ? [formula ? CellKind.unknown : CellKind.text, '']
          : this.#number(value.trim(), style)
      default:
        throw new BookError('damaged', `cell of type ${type.slice(0, 20)}`)
    }
  }

  #number(raw: string, style: number): readonly [CellKind, string] {
    const text = numberText(raw)
    if (text === undefined) return [CellKind.error, raw.slice(0, 100)]
    const format = this.#book.formats[style]
    if (format === 'date') {
      const date = dateText(Number(raw), this.#book.date1904)
      // Shown as ##### by spreadsheet programs: before or after their calendar.
      return date === undefined ? [CellKind.error, text] : [CellKind.date, date]
    }
    if (format === 'duration') return [CellKind.text, durationText(Number(raw))]
    // Codes such as 00042 are kept as 42 and shown by their format; CSV has what is shown.
    return [CellKind.number, typeof format === 'number' && /^\d+$/.test(text) ? text.padStart(format, '0') : text]
  }
}

/** `A1:J200`. Programs may claim less or nothing; what counts then are the cells. */
function checkDimension(ref: string): void {
  const [, from, fromRow, to, toRow] = /^\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})$/.exec(ref) ?? []
  if (!from || !to) return
  const cells = (columnOf(to) - columnOf(from) + 1) * (Number(toRow) - Number(fromRow) + 1)
  if (cells > LIMITS.cells) throw new BookError('too_many_cells', ref)
}

/** Number of the column a reference such as `AB12` starts with, from 1. */
function columnOf(ref: string): number {
  let column = 0
  for (let i = 0; i < ref.length; i++) {
    const letter = ref.charCodeAt(i) - 64
    if (letter < 1 || letter > 26) break
    column = column * 26 + letter
  }
  return column
}
