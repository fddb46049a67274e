import { RoiError } from '../../src/errors.ts'
import type { AnyRecord } from '../../src/model/records.ts'
import type { Context, Page, Reject } from '../../src/sync/contract.ts'
import { type Batch, MAX_RECORD, rawRow } from './csv.ts'
import { parseDateFormat } from './date-format.ts'
import { DateReader } from './dates.ts'
import { type Layout, layOut } from './header.ts'
import { NoticeBook } from './notices.ts'
import { RowMapper, type RowPlan } from './rows.ts'
import type { FilesSettings } from './settings.ts'
import { type Survey, squared, survey } from './survey.ts'
import { openTable, type Table } from './table.ts'
import { quote, Refusal, say } from './words.ts'

const PAGE_ROWS = 2000
const YEAR = 365 * 86_400_000

/** Header, layout and the decisions about a file; the part of a read that can fail as a whole. */
async function plan(
  context: Context<FilesSettings>,
  table: Table,
): Promise<{ layout: Layout; findings: Survey; rows: RowPlan }> {
  const { settings, signal } = context
  const formatText = settings.dateFormat ?? settings.map?.dateFormat
  const format = formatText === undefined ? undefined : parseDateFormat(formatText)
  const layout = layOut(settings.type, table.headers, settings.map)
  const findings = await survey(table, layout, { format, decimal: settings.map?.decimal, signal })
  const dates = new Map(
    layout.sources
      .filter(({ column }) => column.kind === 'day' || column.kind === 'instant')
      .map(({ column: { name } }) => [
        name,
        new DateReader({
          zone: settings.zone,
          order: findings.orders.get(name),
          format,
          date1904: table.date1904,
        }),
      ]),
  )
  const rows: RowPlan = {
    type: settings.type,
    layout,
    mapping: settings.map,
    currency: settings.currency,
    dates,
    marks: findings.marks,
    latest: context.now().getTime() + YEAR,
  }
  return { layout, findings, rows }
}

/**
 * Reads a file page by page. The cursor is the number of data rows consumed; a resumed read goes through the rows
 * before it again, because duplicates and running numbers depend on them, but reports nothing about them twice.
 */
export async function* readFile(context: Context<FilesSettings>, cursor: string | null): AsyncGenerator<Page> {
  const { settings, signal } = context
  const done = startOf(cursor)
  await using table = await openTable(() => context.open(settings.file), settings, signal)
  const { headers, encoding, delimiter } = table
  const { layout, findings, rows: rowPlan } = await plan(context, table)
  const notices = new NoticeBook()
  const mapper = new RowMapper(rowPlan, notices)
  let consumed = 0
  let page: { records: AnyRecord[]; rejected: Reject[] } = { records: [], rejected: [] }
  let first = cursor === null
  if (first) fileNotices(table, layout, findings, notices)

  const finish = (bytes: number): Page => {
    const { records, rejected } = page
    page = { records: [], rejected: [] }
    first = false
    const open = notices.take()
    return {
      records,
      ...(rejected.length > 0 ? { rejected } : {}),
      ...(open.length > 0 ? { notices: open } : {}),
      cursor: String(consumed),
      ...(table.size ? { progress: Math.min(1, bytes / table.size) } : {}),
    }
  }
  const row = (cells: readonly string[], line: number, kinds: string | undefined) => {
    const refuse = (refusal: Refusal, column?: string) => {
      page.rejected.push({
        where: column === undefined ? { line } : { line, column },
        code: refusal.code,
        message: refusal.message,
        raw: rawRow(cells, delimiter),
      })
    }
    const square = squared(cells, headers.length)
    if (!square) return refuse(table.format === 'csv' ? raggedRow(cells.length, headers.length) : BESIDE_TABLE)
    if (encoding?.damaged && square.some((cell) => cell.includes('\ufffd'))) {
      if (encoding.name === 'utf-8') return refuse(BROKEN_TEXT)
      notices.add('broken_characters', BROKEN_CHARACTERS, line)
    }
    const result = mapper.read(square, line, kinds)
    if (result === undefined) return
    if ('refusal' in result) refuse(result.refusal, result.column)
    else page.records.push(result)
  }

  let bytes = 0
  for await (const batch of table.rows(signal)) {
    bytes = batch.bytes
    for (let i = 0; i < batch.rows.length; i++) {
      row(batch.rows[i]!, batch.lines[i]!, batch.kinds?.[i])
      consumed++
      if (consumed === done) {
        page = { records: [], rejected: [] }
        notices.take()
      } else if (consumed > done && (consumed - done) % PAGE_ROWS === 0) yield finish(bytes)
    }
    // Memory stays bounded while a resumed read runs through rows that are already stored.
    if (consumed < done) page = { records: [], rejected: [] }
    if (batch.broken !== undefined) {
      consumed++
      if (consumed > done) page.rejected.push(brokenQuote(batch, batch.broken))
    }
  }
  if (done > consumed) throw shorterFile(done, consumed)
  if (first && consumed === 0) notices.add('no_rows', NO_ROWS)
  if (first || (consumed - done) % PAGE_ROWS !== 0) yield finish(bytes)
}

/** Checks that a file can be read as its type, without reading its rows. */
export async function checkFile(context: Context<FilesSettings>): Promise<void> {
  const { settings, signal } = context
  await using table = await openTable(() => context.open(settings.file), settings, signal)
  layOut(settings.type, table.headers, settings.map)
}

function startOf(cursor: string | null): number {
  if (cursor === null) return 0
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor)
  throw new RoiError(
    'usage',
    'bad_cursor',
    say(`${quote(cursor)} is no position in a file.`, `${quote(cursor)} 不是有效的文件读取位置。`),
    say('Import the file again from its beginning.', '请从头重新导入该文件。'),
  )
}

function shorterFile(done: number, rows: number): RoiError {
  return new RoiError(
    'failure',
    'file_changed',
    say(
      `The read should go on after row ${done}, but the file has ${rows} rows.`,
      `应从第 ${done} 行之后继续读取，但文件只有 ${rows} 行。`,
    ),
    say('Import the file again from its beginning.', '请从头重新导入该文件。'),
  )
}

function fileNotices({ encoding, notices: own }: Table, layout: Layout, findings: Survey, notices: NoticeBook): void {
  if (encoding?.guessed) {
    const name = encoding.name.toUpperCase()
    const message = say(
      `The file was read as ${name}. If texts look wrong, save it as "CSV UTF-8" and import it again.`,
      `文件按 ${name} 编码读取。如文字显示不正常，请另存为“CSV UTF-8”后重新导入。`,
    )
    notices.add('file_encoding', message)
  }
  for (const { code, message } of [...own, ...layout.notices]) notices.add(code, message)
  for (const { code, message, line } of findings.notices) notices.add(code, message, line)
}

function raggedRow(cells: number, headers: number): Refusal {
  return new Refusal(
    cells < headers ? 'too_few_cells' : 'too_many_cells',
    `The row has ${cells} cells, the header ${headers}. A separator or line break in a text must stand in quotes.`,
    `该行有 ${cells} 个单元格，而表头有 ${headers} 个。文本中的分隔符或换行必须用引号括起来。`,
  )
}

function brokenQuote({ rows }: Batch, line: number): Reject {
  return {
    where: { line },
    code: 'unclosed_quote',
    message: say(
      `A quote is opened here and not closed within ${MAX_RECORD} characters: nothing from this line on was read. Close the quote and import the file again.`,
      `此处的引号在 ${MAX_RECORD} 个字符内没有闭合：从这一行起的内容均未读取。请补上引号后重新导入。`,
    ),
    raw: `line ${line}, after ${rows.length} rows of the same block`,
  }
}

const BROKEN_TEXT = new Refusal(
  'bad_encoding',
  'The row holds bytes that are no valid text. Save the file as "CSV UTF-8" again, or correct the row.',
  '该行含有无效的字节。请将文件重新另存为“CSV UTF-8”，或修正该行。',
)
const BESIDE_TABLE = new Refusal(
  'too_many_cells',
  'The row has a value to the right of the last header. Give that column a header, or clear the cell.',
  '该行在最后一个表头右侧还有内容。请为该列添加表头，或清空该单元格。',
)
const BROKEN_CHARACTERS = say(
  'Rows with cut characters, such as half an emoji; they were replaced by \ufffd.',
  '含有残缺字符（例如半个表情符号）的行；已替换为 \ufffd。',
)
const NO_ROWS = say('The file has a header row and no data.', '文件只有表头，没有数据。')
