/**
 * The program that reads one workbook: `child.ts JOB < workbook`. It runs apart, with limits of its own, because a
 * workbook is an archive of XML from anyone: whatever one of them does to this process, it does to no other.
 */
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { type Book, readBook, type SheetPart } from './book.ts'
import { BookError, type Facts, type Job, type Report, type SheetHead } from './protocol.ts'
import { SheetReader } from './sheet.ts'
import { readXml } from './xml.ts'
import { Archive } from './zip.ts'

async function work(job: Job): Promise<Facts> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  const archive = await Archive.open(Buffer.concat(chunks))
  const book = await readBook(archive)
  if (job.mode === 'heads') {
    for (const sheet of book.sheets) await write([await headOf(archive, book, sheet)])
    return { date1904: book.date1904, merged: 0 }
  }
  const sheet = book.sheets.find(({ name }) => name === job.sheet)
  if (!sheet) throw new BookError('no_such_sheet', job.sheet)
  const reader = new SheetReader(book, true)
  for await (const _ of readXml(archive.read(sheet.path), reader)) await write(reader.take())
  return { date1904: book.date1904, merged: reader.merged }
}

async function headOf(archive: Archive, book: Book, { name, hidden, path }: SheetPart): Promise<SheetHead> {
  const reader = new SheetReader(book, false)
  for await (const _ of readXml(archive.read(path), reader)) if (reader.rows.length > 0) break
  const [, , ...headers] = reader.rows[0] ?? [0, '']
  return { name, hidden, headers }
}

/** Waits while the other side is busy, so that at most one chunk of rows is held here. */
async function write(lines: readonly unknown[]): Promise<void> {
  if (lines.length === 0) return
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

function report(result: Report): void {
  writeSync(2, `${JSON.stringify(result)}\n`)
}

try {
  report({ ok: await work(JSON.parse(process.argv[2]!) as Job) })
} catch (error) {
  if (!(error instanceof BookError)) throw error
  report({ problem: error.problem })
  process.exitCode = 1
}
