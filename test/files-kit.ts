import { Readable } from 'node:stream'
import files, { type FilesSettings, type FileType } from '../connectors/files/index.ts'
import { AnyRecord } from '../src/model/records.ts'
import { type Notice, OFFLINE, type Page, type Reject } from '../src/sync/contract.ts'

/** Opens a text or bytes again and again, in chunks that cut characters and records. */
export function opener(content: string | Buffer, chunk = 7): () => Promise<Readable> {
  const bytes = Buffer.from(content)
  return async () =>
    Readable.from(
      (function* () {
        for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk)
      })(),
      { objectMode: false },
    )
}

export interface Import {
  readonly records: AnyRecord[]
  readonly rejected: Reject[]
  /** Summed over pages by code and message. */
  readonly notices: Notice[]
  readonly pages: Page[]
}

export type Options = Partial<Omit<FilesSettings, 'map'>> & {
  cursor?: string | null
  chunk?: number
  map?: unknown
  pages?: number
}

/** Context of a read, with the clock stopped at 2026-11-20. */
export function contextOf(type: FileType, open: () => Promise<Readable>, options: Options = {}) {
  const { cursor: _cursor, chunk: _chunk, pages: _pages, map, ...rest } = options
  const settings = files.settings.parse({
    file: 'sha256',
    name: `${type}.csv`,
    type,
    zone: 'Asia/Shanghai',
    currency: 'CNY',
    ...rest,
    ...(map === undefined ? {} : { map: files.parseMapping(map, `${type}.csv`) }),
  })
  return {
    ...OFFLINE,
    settings,
    open,
    signal: new AbortController().signal,
    log: () => {},
    now: () => new Date('2026-11-20T00:00:00Z'),
  }
}

/** Reads a file to its end (or `pages` pages) and checks that every record fits the model. */
export async function read(type: FileType, content: string | Buffer, options: Options = {}): Promise<Import> {
  const context = contextOf(type, opener(content, options.chunk), options)
  const result: Import = { records: [], rejected: [], notices: [], pages: [] }
  const sums = new Map<string, Notice>()
  for await (const page of files.pull[type]!.read(context, options.cursor ?? null)) {
    result.pages.push(page)
    result.records.push(...page.records.map((record) => AnyRecord.parse(record)))
    result.rejected.push(...(page.rejected ?? []))
    for (const notice of page.notices ?? []) {
      const key = `${notice.code} ${notice.message.en}`
      const sum = sums.get(key)
      sums.set(key, sum ? { ...sum, count: sum.count + notice.count } : notice)
    }
    if (result.pages.length === options.pages) break
  }
  result.notices.push(...sums.values())
  return result
}

/** The records as plain objects, for comparing single fields. */
export async function rows(
  type: FileType,
  content: string | Buffer,
  options: Options = {},
): Promise<Record<string, unknown>[]> {
  const { records, rejected } = await read(type, content, options)
  if (rejected.length > 0) throw new Error(`rejected: ${JSON.stringify(rejected)}`)
  return records as unknown as Record<string, unknown>[]
}

/** `line code column` of every refused row. */
export function refusals({ rejected }: Import): string[] {
  return rejected.map(({ where, code }) =>
    [where.line, code, where.column].filter((part) => part !== undefined).join(' '),
  )
}

/** `code count` of every notice. */
export function noticeCounts({ notices }: Import): string[] {
  return notices.map(({ code, count }) => `${code} ${count}`)
}

/** The RoiError a promise fails with. */
export async function failure(promise: Promise<unknown>) {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof Error) || error.name !== 'RoiError') throw error ?? new Error('did not fail')
  return error as import('../src/errors.ts').RoiError
}
