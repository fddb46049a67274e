import { open } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'
import { RoiError } from '../../errors.ts'

/** The two forms of input (architecture.md §6.2): one row per touch, or one row per path with its totals. */
export type Form = 'journeys' | 'paths'

const COLUMNS: Readonly<Record<Form, readonly string[]>> = {
  journeys: ['journey_id', 'seq', 'ts', 'channel', 'converted_at', 'value'],
  paths: ['path', 'total_conversions', 'total_conversion_value', 'total_null'],
}
const FORMS = Object.keys(COLUMNS) as Form[]
const SEPARATORS = [',', ';', '\t'] as const
/** No header is longer; the rest of the file is not read here. */
const HEAD_BYTES = 65_536

export interface Layout {
  readonly form: Form
  readonly separator: string
  /** Columns in file order; those we do not use have neutral names. */
  readonly columns: readonly string[]
}

/**
 * Reads the first line of a file and says what the file is.
 * @throws RoiError `file_unreadable`, `file_empty`, `columns_wrong`
 */
export async function readLayout(file: string): Promise<Layout> {
  const head = await readHead(file)
  if (head.trim() === '') throw emptyFile(file)
  for (const separator of SEPARATORS) {
    const names = headerOf(head, separator)
    const form = FORMS.find((candidate) => COLUMNS[candidate].every((column) => names.includes(column)))
    if (form) return { form, separator, columns: neutral(names, COLUMNS[form]) }
  }
  throw wrongColumns(headerOf(head, ','))
}

async function readHead(file: string): Promise<string> {
  try {
    await using handle = await open(file, 'r')
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return buffer.toString('utf8', 0, bytesRead).replace(/^\uFEFF/, '')
  } catch (error) {
    throw unreadable(file, error as NodeJS.ErrnoException)
  }
}

function headerOf(head: string, separator: string): string[] {
  try {
    const [names = []] = parse(head, { delimiter: separator, to: 1, relax_column_count: true, relax_quotes: true })
    return names.map((name: string) => name.trim().toLowerCase())
  } catch {
    return []
  }
}

/** Columns of other names become x0, x1 …: a header's words never enter a statement. A repeated column is refused. */
function neutral(names: readonly string[], used: readonly string[]): string[] {
  const repeated = used.find((column) => names.indexOf(column) !== names.lastIndexOf(column))
  if (repeated) throw wrongColumns(names)
  return names.map((name, index) => (used.includes(name) ? name : `x${index}`))
}

function unreadable(file: string, error: NodeJS.ErrnoException): RoiError {
  const reason = error.code ?? error.message
  return new RoiError(
    'usage',
    'file_unreadable',
    { en: `The file ${file} cannot be read (${reason}).`, 'zh-CN': `无法读取文件 ${file}（${reason}）。` },
    {
      en: 'Check the path, that it is a file and that you may read it.',
      'zh-CN': '请检查路径、它是否为文件以及读取权限。',
    },
    { cause: error },
  )
}

/** A file without a single row. */
export function emptyFile(file: string): RoiError {
  return new RoiError(
    'usage',
    'file_empty',
    { en: `The file ${file} holds no rows.`, 'zh-CN': `文件 ${file} 中没有数据行。` },
    expectation(),
  )
}

function wrongColumns(found: readonly string[]): RoiError {
  const seen = found.join(', ').slice(0, 200)
  return new RoiError(
    'usage',
    'columns_wrong',
    { en: `The header is not one of the two known: ${seen}.`, 'zh-CN': `表头不属于两种已知格式：${seen}。` },
    expectation(),
  )
}

function expectation() {
  const [journeys, paths] = [COLUMNS.journeys.join(','), COLUMNS.paths.join(',')]
  return {
    en: `Give each of these columns once, in any order: ${journeys}, or: ${paths}.`,
    'zh-CN': `请提供以下各列且每列一次，顺序不限：${journeys}；或：${paths}。`,
  }
}
