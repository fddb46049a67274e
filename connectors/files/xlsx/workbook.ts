import type { Batch } from '../csv.ts'
import type { Open } from '../encoding.ts'
import type { Table } from '../table.ts'
import { say } from '../words.ts'
import type { Row, SheetHead } from './protocol.ts'
import { runChild } from './run.ts'
import { Spool } from './spool.ts'

/** The worksheets of a workbook, in their order, with their header rows. */
export async function sheetHeads(open: Open, signal?: AbortSignal): Promise<SheetHead[]> {
  const chunks: Buffer[] = []
  const keep = async (chunk: Buffer) => void chunks.push(chunk)
  await runChild(open, { mode: 'heads' }, keep, { signal })
  const text = Buffer.concat(chunks).toString()
  return text === ''
    ? []
    : text
        .slice(0, -1)
        .split('\n')
        .map((line) => JSON.parse(line) as SheetHead)
}

/** A worksheet as a table. Its process has ended when this returns. */
export async function sheetTable(open: Open, sheet: string, signal?: AbortSignal): Promise<Table> {
  const spool = await Spool.create()
  try {
    const facts = await runChild(open, { mode: 'rows', sheet }, (chunk) => spool.write(chunk), { signal })
    let headers: readonly string[] = []
    for await (const { rows } of spool.read(signal)) {
      headers = rows[0]!.slice(2) as string[]
      break
    }
    return {
      format: 'xlsx',
      headers,
      encoding: undefined,
      delimiter: ',',
      date1904: facts.date1904,
      notices: facts.merged > 0 ? [{ code: 'merged_cells', message: MERGED }] : [],
      size: spool.size,
      rows: (stop) => batches(spool, headers.length, stop),
      [Symbol.asyncDispose]: () => spool[Symbol.asyncDispose](),
    }
  } catch (error) {
    await spool[Symbol.asyncDispose]()
    throw error
  }
}

/** The rows below the header, each at least as wide as it. */
async function* batches(spool: Spool, width: number, signal: AbortSignal | undefined): AsyncGenerator<Batch> {
  let skip = 1
  for await (const { rows, bytes } of spool.read(signal)) {
    const below = skip > 0 ? rows.slice(skip) : rows
    skip = Math.max(0, skip - rows.length)
    yield {
      rows: below.map((row) => cellsOf(row, width)),
      kinds: below.map(([, kinds]) => kinds),
      lines: below.map(([line]) => line),
      bytes,
    }
  }
}

function cellsOf([, , ...cells]: Row, width: number): string[] {
  while (cells.length < width) cells.push('')
  return cells
}

const MERGED = say(
  'The sheet has merged cells: only the first cell of each has the value, the others are empty.',
  '工作表中有合并单元格：只有每个区域的第一个单元格有值，其余为空。',
)
