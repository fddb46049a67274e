import type { Text } from '../../src/errors.ts'
import { type Batch, records } from './csv.ts'
import type { Encoding, Open } from './encoding.ts'
import { type FileFormat, formatOf } from './formats.ts'
import { choosePart } from './parts.ts'
import type { FilesSettings } from './settings.ts'
import { readHead } from './survey.ts'
import { sheetTable } from './xlsx/workbook.ts'

/** A table with its header, whatever the file it comes from: from here on all files follow the same rules. */
export interface Table extends AsyncDisposable {
  readonly format: FileFormat
  readonly headers: readonly string[]
  /** Of text files. */
  readonly encoding: Encoding | undefined
  /** Between the cells of a refused row when it is shown. */
  readonly delimiter: string
  /** Day numbers count from 1904-01-01. */
  readonly date1904: boolean
  readonly notices: readonly { readonly code: string; readonly message: Text }[]
  /** What {@link Batch.bytes} grows to; undefined when it is not known. */
  readonly size: number | undefined
  /** The rows below the header, from the first one on at every call. */
  rows(signal?: AbortSignal): AsyncGenerator<Batch>
}

/** What of the settings of a read says which table it is. */
export type TableChoice = Pick<FilesSettings, 'name' | 'type' | 'map' | 'size'>

/**
 * Opens the table of a file.
 * @throws RoiError when the file is in no known format, or has no header row that can be read
 */
export async function openTable(open: Open, choice: TableChoice, signal?: AbortSignal): Promise<Table> {
  if ((await formatOf(open)) === 'csv') return csvTable(open, choice.size)
  const sheet = choice.map?.sheet ?? (await choosePart(open, choice, signal))
  return sheetTable(open, sheet, signal)
}

async function csvTable(open: Open, size: number | undefined): Promise<Table> {
  const { dialect, headers } = await readHead(open)
  return {
    format: 'csv',
    headers,
    encoding: dialect.encoding,
    delimiter: dialect.delimiter,
    date1904: false,
    notices: [],
    size,
    async *rows(signal) {
      let header = true
      for await (const batch of records(open, dialect, signal)) {
        if (header && batch.rows.length > 0) {
          header = false
          yield { ...batch, rows: batch.rows.slice(1), lines: batch.lines.slice(1) }
        } else yield batch
      }
    },
    async [Symbol.asyncDispose]() {},
  }
}
