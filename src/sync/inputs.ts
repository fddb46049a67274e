import { createReadStream } from 'node:fs'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, extname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { isRoiError, RoiError } from '../errors.ts'
import type { ImportFile, ReplaceRange } from '../state/state.ts'
import { FILE_TYPES, type FileConnector, type Open } from './file-connector.ts'
import { copyFile, digestFile, type FileSource, keepFile, openKept } from './files.ts'

/** A file, a directory of files, or bytes with a name. */
export type ImportInput =
  | { readonly path: string; readonly name?: string }
  | { readonly stream: Readable; readonly name: string }

/** How the inputs are to be read. */
export interface ReadOptions {
  /** Type of all files; default: what each tells. */
  readonly type?: string | undefined
  /** JSON of a mapping document. */
  readonly map?: unknown
  /** Such as `D/M/YYYY`. */
  readonly dateFormat?: string | undefined
  readonly replace?: ReplaceRange | undefined
  /** Most bytes of a streamed input. */
  readonly limit?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** A file ready to be read: what will be remembered of it, and its bytes. */
export interface StagedFile {
  readonly file: ImportFile
  readonly open: Open
}

export interface Staged {
  /** In reading order. */
  readonly files: readonly StagedFile[]
  /** Names of files in a directory, and of sheets in a workbook, that are not for import. */
  readonly skipped: readonly string[]
}

/** Where the bytes of inputs go before they are read. */
export interface Staging extends AsyncDisposable {
  stage(source: FileSource, options: ReadOptions): Promise<{ sha256: string; size: number; open: Open }>
}

/** Keeps inputs in the data directory. */
export function keeping(dataDir: string): Staging {
  return {
    async stage(source, { limit, signal }) {
      const kept = await keepFile(dataDir, source, { limit, signal })
      return { ...kept, open: () => openKept(dataDir, kept.sha256) }
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** Reads files where they are and streams from a temporary copy: a dry run leaves nothing behind. */
export function passing(): Staging {
  let folder: string | undefined
  let copies = 0
  return {
    async stage(source, { limit, signal }) {
      if (typeof source === 'string') {
        const found = await digestFile(source, signal)
        return { ...found, open: async () => createReadStream(source, { highWaterMark: 1 << 20 }) }
      }
      folder ??= await mkdtemp(join(tmpdir(), 'roi-panel-'))
      copies += 1
      const path = join(folder, String(copies))
      const found = await copyFile(path, source, { limit, signal })
      return { ...found, open: async () => createReadStream(path, { highWaterMark: 1 << 20 }) }
    },
    async [Symbol.asyncDispose]() {
      if (folder) await rm(folder, { recursive: true, force: true })
    },
  }
}

interface Candidate {
  readonly source: FileSource
  readonly name: string
  /** Found in a directory: skipped, not refused, when it is something else. */
  readonly found: boolean
}

/** Endings of files that are looked at in a directory. */
const TABULAR = new Set(['.csv', '.tsv', '.txt', '.xlsx', '.xlsm'])
/** Why a file found in a directory is taken for something else. */
const FOREIGN = new Set(['unknown_type', 'not_csv', 'not_xlsx'])

/**
 * Finds out what all inputs are, before anything is read into the store.
 * @throws RoiError of the first input that cannot be imported; it is named when there are several
 */
export async function stageInputs(
  connector: FileConnector,
  staging: Staging,
  inputs: readonly ImportInput[],
  options: ReadOptions,
): Promise<Staged> {
  if (options.type !== undefined) checkType(options.type)
  const { candidates, skipped } = await expand(inputs)
  const files: StagedFile[] = []
  for (const candidate of candidates) {
    try {
      const staged = await stageOne(connector, staging, candidate, options)
      files.push(...staged.files)
      skipped.push(...staged.skipped)
    } catch (error) {
      if (!candidate.found || !isRoiError(error) || !FOREIGN.has(error.code)) {
        throw candidates.length > 1 ? named(error, candidate.name) : error
      }
      skipped.push(candidate.name)
    }
  }
  if (files.length === 0) throw nothingToImport(skipped)
  const rank = ({ file }: StagedFile) => FILE_TYPES.indexOf(file.type)
  return { files: files.sort((a, b) => rank(a) - rank(b)), skipped }
}

/** The tables of one file: most have one, a workbook may have several. */
async function stageOne(
  connector: FileConnector,
  staging: Staging,
  { source, name }: Candidate,
  options: ReadOptions,
): Promise<Staged> {
  const { dateFormat, replace, type, signal } = options
  const { sha256, size, open } = await staging.stage(source, options)
  const map = options.map === undefined ? undefined : connector.parseMapping(options.map, name)
  const { parts, skipped } = await connector.parts(open, name, { map, type, signal })
  const files = parts.map((part) => ({
    file: { sha256, name: part.name, type: part.type, mapping: part.map, dateFormat, size, replace },
    open,
  }))
  return { files, skipped }
}

/**
 * Directories become the files in them, by name; what has another ending is skipped. Hidden files are not seen, nor are
 * the `~$` files that spreadsheet programs keep beside a workbook while it is open.
 */
async function expand(inputs: readonly ImportInput[]): Promise<{ candidates: Candidate[]; skipped: string[] }> {
  const candidates: Candidate[] = []
  const skipped: string[] = []
  for (const input of inputs) {
    if ('stream' in input) candidates.push({ source: input.stream, name: input.name, found: false })
    else if (!(await isDirectory(input.path))) {
      candidates.push({ source: input.path, name: input.name ?? basename(input.path), found: false })
    } else {
      const entries = await readdir(input.path, { withFileTypes: true })
      for (const name of entries
        .filter((entry) => !entry.isDirectory())
        .map((entry) => entry.name)
        .sort()) {
        if (name.startsWith('.') || name.startsWith('~$')) continue
        if (TABULAR.has(extname(name).toLowerCase())) {
          candidates.push({ source: join(input.path, name), name, found: true })
        } else skipped.push(name)
      }
    }
  }
  return { candidates, skipped }
}

/** A path that leads nowhere is reported when it is read. */
async function isDirectory(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.isDirectory() ?? false
}

/** The same failure with the name of its file in front. */
export function named(error: unknown, name: string): unknown {
  if (!isRoiError(error)) return error
  const text = { en: `${name}: ${error.text.en}`, 'zh-CN': `${name}：${error.text['zh-CN']}` }
  return new RoiError(error.kind, error.code, text, error.remedy, { cause: error })
}

function checkType(type: string): void {
  if (FILE_TYPES.includes(type)) return
  throw new RoiError(
    'usage',
    'unknown_type',
    { en: `There is no file type "${type.slice(0, 80)}".`, 'zh-CN': `没有文件类型“${type.slice(0, 80)}”。` },
    { en: `Types: ${FILE_TYPES.join(', ')}.`, 'zh-CN': `可用的类型：${FILE_TYPES.join('、')}。` },
  )
}

function nothingToImport(skipped: readonly string[]): RoiError {
  const list = skipped.slice(0, 10).join(', ')
  return new RoiError(
    'usage',
    'nothing_to_import',
    {
      en: `No file to import was found${list ? `; seen: ${list}` : ''}.`,
      'zh-CN': `没有找到可导入的文件${list ? `；已看到：${list}` : ''}。`,
    },
    {
      en: `Give CSV or .xlsx files of the types ${FILE_TYPES.join(', ')}; name the type of one with --type.`,
      'zh-CN': `请提供 ${FILE_TYPES.join('、')} 类型的 CSV 或 .xlsx 文件；可用 --type 指定类型。`,
    },
  )
}
