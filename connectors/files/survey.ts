import { RoiError, type Text } from '../../src/errors.ts'
import { type Dialect, records } from './csv.ts'
import type { DateFormat, DateOrder } from './date-format.ts'
import { type Delimiter, delimiterHint, sniffDelimiter } from './delimiter.ts'
import { detectEncoding, type Open, utf8Chunks } from './encoding.ts'
import { AmountEvidence, DateEvidence, type DecimalMark, type Proof } from './evidence.ts'
import type { Layout } from './header.ts'
import type { Table } from './table.ts'
import { quote, say } from './words.ts'

/** How a file is written, and its header row. */
export interface Head {
  readonly dialect: Dialect & { readonly delimiter: Delimiter }
  readonly headers: readonly string[]
}

const SAMPLE = 65_536

/**
 * Encoding, separator and header row of a file. The encoding is checked over the whole file, the rest at its beginning.
 * @throws RoiError when there is no header row that can be read.
 */
export async function readHead(open: Open): Promise<Head> {
  const encoding = await detectEncoding(open)
  const parts: Buffer[] = []
  let size = 0
  for await (const chunk of utf8Chunks(open, encoding)) {
    parts.push(chunk)
    size += chunk.length
    if (size >= SAMPLE) break
  }
  const text = Buffer.concat(parts).subarray(0, SAMPLE).toString()
  const hint = delimiterHint(text)
  const dialect = { encoding, delimiter: hint ?? sniffDelimiter(text), skip: hint ? 1 : 0 }
  for await (const { rows } of records(open, dialect)) {
    const headers = rows[0]
    if (!headers) continue
    if (encoding.damaged && headers.join('').includes('\ufffd')) break
    return { dialect, headers: trimmed(headers) }
  }
  throw encoding.damaged
    ? new RoiError(
        'usage',
        'bad_encoding',
        say('The header row holds broken characters.', '表头行中有损坏的字符。'),
        say('Save the file as "CSV UTF-8" again.', '请将文件重新另存为“CSV UTF-8”。'),
      )
    : new RoiError(
        'usage',
        'empty_file',
        say('The file holds no header row.', '文件中没有表头行。'),
        say('Export it again with a header row.', '请重新导出，并包含表头行。'),
      )
}

/** Headers without the empty ones a spreadsheet leaves at the end. */
function trimmed(headers: readonly string[]): string[] {
  let length = headers.length
  while (length > 1 && headers[length - 1]!.trim() === '') length--
  return headers.slice(0, length).map((header) => header.replace(/^\ufeff/, ''))
}

/**
 * The cells of a row, as many as there are headers. Undefined when there are fewer, because the row may have been cut,
 * or more, unless those are blank: spreadsheets leave empty columns behind.
 */
export function squared(cells: readonly string[], width: number): readonly string[] | undefined {
  if (cells.length === width) return cells
  if (cells.length < width) return undefined
  for (let i = width; i < cells.length; i++) if (cells[i]!.trim() !== '') return undefined
  return cells.slice(0, width)
}

/** What the values of the whole file decide: the order of dates and the decimal mark, column by column. */
export interface Survey {
  readonly orders: ReadonlyMap<string, DateOrder>
  readonly marks: ReadonlyMap<string, DecimalMark>
  readonly notices: readonly { readonly code: string; readonly message: Text; readonly line: number }[]
}

export interface SurveyOptions {
  readonly format: DateFormat | undefined
  readonly decimal: DecimalMark | undefined
  readonly signal: AbortSignal
}

/**
 * Reads the whole table once to see how dates and amounts are written, so that no row is read by a guess. Cells that are
 * numbers or dates by themselves prove nothing about how others are written.
 * @throws RoiError when a column can be read in two ways.
 */
export async function survey(
  { headers, rows: rowsOf }: Pick<Table, 'headers' | 'rows'>,
  { sources }: Layout,
  { format, decimal, signal }: SurveyOptions,
): Promise<Survey> {
  const present = sources.filter(({ index }) => index >= 0)
  const dates = format
    ? []
    : present
        .filter(({ column }) => column.kind === 'day' || column.kind === 'instant')
        .map((source) => ({ ...source, evidence: new DateEvidence() }))
  const amounts = decimal
    ? []
    : present
        .filter(({ column }) => column.kind === 'money' || column.kind === 'rate')
        .map((source) => ({ ...source, evidence: new AmountEvidence() }))
  const columns = [...dates, ...amounts]
  if (columns.length > 0) {
    for await (const { rows, lines, kinds } of rowsOf(signal)) {
      for (let i = 0; i < rows.length; i++) {
        const cells = squared(rows[i]!, headers.length)
        if (!cells) continue
        const typed = kinds?.[i] ?? ''
        for (const { index, evidence } of columns) {
          if (cells[index] === '' || (typed !== '' && typed[index] !== 't' && index < typed.length)) continue
          evidence.add(cells[index]!.trim(), lines[i]!)
        }
      }
    }
  }
  const orders = new Map<string, DateOrder>()
  const marks = new Map<string, DecimalMark>()
  const notices: { code: string; message: Text; line: number }[] = []
  for (const { column, header, evidence } of dates) {
    const decided = evidence.decide(header)
    if (!decided) continue
    orders.set(column.name, decided.value)
    notices.push(orderNotice(header, decided.value, decided.proof))
  }
  for (const { column, header, evidence } of amounts) {
    const decided = evidence.decide(header)
    if (!decided) continue
    marks.set(column.name, decided.value)
    if (decided.value === ',') notices.push(commaNotice(header, decided.proof))
    else if (decided.doubt && column.kind === 'money') notices.push(threesNotice(header, decided.proof))
  }
  return { orders, marks, notices }
}

function orderNotice(header: string, order: DateOrder, { value, line }: Proof) {
  const form = order === 'MDY' ? 'M/D/YYYY' : 'D/M/YYYY'
  return {
    code: 'date_order',
    line,
    message: say(
      `Dates of ${quote(header)} are read as ${form}: ${value} in line ${line} proves it. Choose otherwise with --date-format.`,
      `${quote(header)} 的日期按 ${form} 读取：第 ${line} 行的 ${value} 可以证明。如需更改请用 --date-format。`,
    ),
  }
}

function commaNotice(header: string, { value, line }: Proof) {
  return {
    code: 'decimal_comma',
    line,
    message: say(
      `Amounts of ${quote(header)} are read with a decimal comma: ${value} in line ${line} proves it.`,
      `${quote(header)} 的金额按逗号小数读取：第 ${line} 行的 ${value} 可以证明。`,
    ),
  }
}

function threesNotice(header: string, { value, line }: Proof) {
  return {
    code: 'three_decimals',
    line,
    message: say(
      `Amounts of ${quote(header)} such as ${value} (line ${line}) are read with three decimals. If the point separates thousands, give a mapping file with {"decimal": ","}.`,
      `${quote(header)} 中的金额（如第 ${line} 行的 ${value}）按三位小数读取。若点号是千位分隔符，请在映射文件中写 {"decimal": ","}。`,
    ),
  }
}
