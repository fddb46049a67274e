import { CsvError, Parser } from 'csv-parse'
import { type Encoding, type Open, utf8Chunks } from './encoding.ts'

/** What is needed to split the file into cells. */
export interface Dialect {
  readonly encoding: Encoding
  readonly delimiter: string
  /** Records before the header: 1 when the file starts with Excel's `sep=;`. */
  readonly skip: number
}

/** Records of one chunk of the file; `lines[i]` is the physical line `rows[i]` starts at. */
export interface Batch {
  readonly rows: readonly (readonly string[])[]
  readonly lines: readonly number[]
  /** For each row one letter per cell (`CellKind` of xlsx/protocol.ts), '' when all are text. CSV has text only. */
  readonly kinds?: readonly string[]
  /** Bytes of the file read so far. */
  readonly bytes: number
  /** Line of a quote that is opened and not closed within {@link MAX_RECORD}; nothing after it can be read. */
  readonly broken?: number
}

/** Longest record in characters. A quote that is never closed would otherwise swallow the rest of the file. */
export const MAX_RECORD = 1 << 20

/** The records of a file, empty ones (also `,,,`) left out, a chunk at a time, so that memory stays bounded. */
export async function* records(open: Open, dialect: Dialect, signal?: AbortSignal): AsyncGenerator<Batch> {
  let rows: string[][] = []
  let lines: number[] = []
  let line = 1
  let counted = 0
  let bytes = 0
  let skip = dialect.skip
  const parser = new Parser({
    delimiter: dialect.delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_quotes: true,
    relax_column_count: true,
    ltrim: true,
    max_record_size: MAX_RECORD,
    on_record(cells: string[], info) {
      if (skip > 0) skip--
      else if (cells[0] !== '' || cells.some((cell) => cell !== '')) {
        rows.push(cells)
        lines.push(line)
      }
      // The parser counts a quoted CR LF as two lines, so its count only tells whether there is one to look for.
      line += info.lines - counted > 1 ? 1 + newlines(cells) : 1
      counted = info.lines
      return null
    },
  })
  parser.on('error', () => {}).resume()
  const feed = (chunk?: Buffer) =>
    new Promise<void>((resolve, reject) => {
      const done = (error?: Error | null) => (error ? reject(error) : resolve())
      if (chunk) parser.write(chunk, done)
      else parser.once('error', reject).once('end', resolve).end()
    })
  const take = (broken?: number): Batch => {
    const batch = { rows, lines, bytes, ...(broken === undefined ? {} : { broken }) }
    rows = []
    lines = []
    return batch
  }
  const count = (read: number) => {
    bytes += read
  }
  try {
    for await (const chunk of utf8Chunks(open, dialect.encoding, count)) {
      signal?.throwIfAborted()
      await feed(chunk)
      yield take()
    }
    await feed()
    yield take()
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    yield take(line)
  } finally {
    parser.destroy()
  }
}

function newlines(cells: readonly string[]): number {
  let count = 0
  for (const cell of cells) {
    if (cell.includes('\n') || cell.includes('\r')) count += cell.split(/\r\n|\n|\r/).length - 1
  }
  return count
}

/** A record written as CSV again, for the reject list. */
export function rawRow(cells: readonly string[], delimiter: string): string {
  const special = (cell: string) => cell.includes(delimiter) || /["\r\n]/.test(cell)
  const raw = cells.map((cell) => (special(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(delimiter)
  return raw.length > 65_536 ? raw.slice(0, 65_536) : raw
}
