import { createHash } from 'node:crypto'
import type { Finding, ImportResult } from '../api.ts'
import { recompute } from '../attribution/recompute.ts'
import type { Database } from '../db/database.ts'
import type { RecordTable } from '../db/schema.ts'
import { type Locale, RoiError } from '../errors.ts'
import { daysBetween } from '../model/period.ts'
import type { Workspace } from '../model/settings.ts'
import type { FileCounts, ImportFile, ImportOptions, ImportRun, ReplaceRange, State } from '../state/state.ts'
import type { Context, Notice, Reject } from './contract.ts'
import { type FileConnector, tableOf } from './file-connector.ts'
import { type BegunRead, begin, fileRead } from './file-read.ts'
import { IdSet } from './id-set.ts'
import {
  type ImportInput,
  keeping,
  named,
  passing,
  type ReadOptions,
  type Staged,
  type StagedFile,
  stageInputs,
} from './inputs.ts'
import { alone } from './lease.ts'
import { inTurn } from './queue.ts'
import { DATED, rangeOf, removeOthers } from './remove.ts'
import { type Progress, type Sink, type Synced, syncStream } from './runner.ts'
import { comparingSink, forgetCursors, markApplied, type Origin, storeSink } from './store.ts'
import { attributionSettings } from './workspace.ts'

/** What imports work with; the composition root builds it. */
export interface ImportEnv {
  readonly database: Database
  readonly state: State
  /** The files connector. */
  readonly connector: FileConnector
  /** Data directory; kept files are below it. */
  readonly dataDir: string
  readonly log?: Context<unknown>['log']
}

export interface ImportRequest extends ReadOptions {
  readonly inputs: readonly ImportInput[]
  /** Reads, checks and compares; writes nothing, neither facts nor state nor kept files. */
  readonly dryRun?: boolean | undefined
  /** Language of messages in the result. */
  readonly locale: Locale
}

/** Over all files of an import. `step` `recompute` has no end that could be foretold. */
export interface ImportProgress extends Progress {
  readonly step: 'read' | 'recompute'
  /** Name of the file being read. */
  readonly file: string
}
export type OnImportProgress = (progress: ImportProgress) => void

/** Refused rows listed in a result; the full number is beside them. */
const LISTED = 1000
/** From this many new or changed rows on, putting the store into order pays. */
const RECLUSTER_FROM = 50_000

/**
 * Imports files: keeps a copy of each, reads them, upserts by natural key and recomputes. Importing the same files
 * again changes nothing. A killed import is continued, under its id, by the same files with the same options.
 *
 * `rows` of the result counts the data rows of the file, `imported` the new and changed records; a row that repeats
 * another word for word is in neither count. A dry run compares with the store as it is: `imported` is what would be
 * new or changed, `deleted` is not foretold.
 *
 * With `replace`, rows of the same types dated in the range that no file of the import contained are deleted at the
 * end, in one transaction; a refused row counts as not contained.
 * @throws RoiError of the first file that cannot be read as a whole; nothing was written then. `workspace_busy` while
 *   another process is at work in the workspace
 */
export function importFiles(
  env: ImportEnv,
  workspace: Workspace,
  request: ImportRequest,
  onProgress?: OnImportProgress,
): Promise<ImportResult> {
  const bring = async (signal: AbortSignal | undefined): Promise<ImportResult> => {
    await using staging = request.dryRun ? passing() : keeping(env.dataDir)
    const asked = { ...request, signal }
    const staged = await stageInputs(env.connector, staging, request.inputs, asked)
    if (request.replace) checkReplace(request.replace, staged.files)
    const current = await asOfNow(env, workspace)
    const { zone, currency } = current.settings
    const job = new ImportJob(env, current, asked, staged, { zone, currency }, onProgress)
    // Awaited here: what was staged goes when this function ends.
    return await (request.dryRun ? job.rehearse() : job.run())
  }
  const { signal } = request
  if (request.dryRun) return inTurn(env.database, workspace.tenant, () => bring(signal))
  return alone(env, workspace.tenant, bring, { signal })
}

/** The workspace with its settings of this moment: they may have changed while others had their turn. */
export async function asOfNow(env: ImportEnv, workspace: Workspace): Promise<Workspace> {
  return (await env.state.findWorkspace(workspace.key)) ?? workspace
}

class ImportJob {
  readonly #env: ImportEnv
  readonly #workspace: Workspace
  readonly #request: ImportRequest
  readonly #staged: Staged
  readonly #options: ImportOptions
  readonly #meter: Meter

  constructor(
    env: ImportEnv,
    workspace: Workspace,
    request: ImportRequest,
    staged: Staged,
    options: ImportOptions,
    onProgress: OnImportProgress | undefined,
  ) {
    this.#env = env
    this.#workspace = workspace
    this.#request = request
    this.#staged = staged
    this.#options = options
    this.#meter = new Meter(staged.files, onProgress)
  }

  async rehearse(): Promise<ImportResult> {
    const { locale } = this.#request
    const results = await this.#begun(async (reads) => {
      const files: FileResult[] = []
      for (const [i, read] of reads.entries()) {
        const sink = comparingSink(this.#env.database, this.#origin())
        files.push(await this.#read(this.#staged.files[i]!.file, read, sink))
      }
      return files
    })
    return {
      id: 'dry_run',
      dry_run: true,
      files: [...results.map((file) => file.toResult(locale)), ...this.#skipped()],
    }
  }

  async run(): Promise<ImportResult> {
    return this.#begun(async (reads) => {
      const { state } = this.#env
      const files = this.#staged.files.map(({ file }) => file)
      const fingerprint = fingerprintOf(files, this.#options)
      const run = await state.startImport(this.#workspace.tenant, { fingerprint, options: this.#options, files })
      const results: FileResult[] = []
      try {
        await this.#write(run, reads, results)
        return await this.#finish(run, results)
      } catch (error) {
        await this.#stopped(run, results)
        throw error
      }
    })
  }

  /** Begins all reads before the first is written, and closes what is left of them in the end. */
  async #begun<T>(work: (reads: readonly BegunRead[]) => Promise<T>): Promise<T> {
    const reads: BegunRead[] = []
    const { signal = new AbortController().signal } = this.#request
    const context = { options: this.#options, signal, log: this.#env.log ?? (() => {}), now: new Date() }
    try {
      for (const { file, open } of this.#staged.files) {
        const read = fileRead(this.#env.connector, file, open, context)
        reads.push(await begin(read).catch((error) => this.#fail(error, file)))
      }
      return await work(reads)
    } finally {
      for (const read of reads) await read.abandon()
    }
  }

  #fail(error: unknown, file: ImportFile): never {
    throw this.#staged.files.length > 1 ? named(error, file.name) : error
  }

  async #write(run: ImportRun, reads: readonly BegunRead[], results: FileResult[]): Promise<void> {
    const { database, state } = this.#env
    const origin = this.#origin()
    const contained = new Map<RecordTable, IdSet>()
    for (const [i, read] of reads.entries()) {
      const { file } = this.#staged.files[i]!
      const part = `${i + 1}/${file.type}`
      const sink = storeSink(database, origin, { key: { connection: run.id, stream: part } })
      const keep = file.replace && idsOf(contained, tableOf(file.type))
      const onRejects = (rejects: readonly Reject[]) => state.addRejects(run.tenant, run.id, part, rejects)
      await this.#read(file, read, keep ? collecting(sink, keep) : sink, results, onRejects)
    }
    const deleted = await finishFacts(database, origin, run, contained)
    for (const result of results) {
      const table = tableOf(result.file.type)
      // Files of one type replace together: their first one tells the number.
      if (result.file.replace) result.deleted = deleted.get(table) ?? 0
      deleted.delete(table)
    }
  }

  async #read(
    file: ImportFile,
    read: BegunRead,
    sink: Sink,
    results: FileResult[] = [],
    onRejects?: (rejects: readonly Reject[]) => Promise<void>,
  ): Promise<FileResult> {
    const result = new FileResult(file)
    results.push(result)
    const synced = await syncStream({
      ...read,
      cursor: null,
      sink,
      onProgress: (progress) => {
        result.written = true
        this.#meter.read(file, progress)
      },
      onRejects: async (rejects) => {
        result.list(rejects)
        await onRejects?.(rejects)
      },
    })
    result.synced = synced
    this.#meter.done(file, synced)
    return result
  }

  async #finish(run: ImportRun, results: readonly FileResult[]): Promise<ImportResult> {
    const { database, state } = this.#env
    this.#meter.recompute()
    await recompute(database, run.tenant, attributionSettings(this.#workspace.settings))
    const changed = results.reduce((sum, { synced }) => sum + (synced?.imported ?? 0), 0)
    if (changed >= RECLUSTER_FROM) await database.recluster()
    const files = [...results.map((file) => file.toResult(this.#request.locale)), ...this.#skipped()]
    await state.endImport(run.id, {
      status: 'done',
      // The refused rows themselves are in the quarantine.
      result: { files: files.map((file) => ({ ...file, rejected: [] })) },
      counts: results.map((file) => file.counts()),
    })
    return { id: run.id, files }
  }

  /** After a failure: what is written stays and can be continued or undone; the ledger follows it where it can. */
  async #stopped(run: ImportRun, results: readonly FileResult[]): Promise<void> {
    const written = run.continued || results.some((result) => result.written)
    await this.#env.state.endImport(run.id, { status: written ? 'interrupted' : 'failed' }).catch(() => undefined)
    if (!written) return
    await recompute(this.#env.database, run.tenant, attributionSettings(this.#workspace.settings)).catch(
      () => undefined,
    )
  }

  #origin(): Origin {
    return { tenant: this.#workspace.tenant, source: this.#env.connector.id, settings: this.#workspace.settings }
  }

  #skipped(): ImportResult['files'] {
    const { locale } = this.#request
    return this.#staged.skipped.map((file) => ({
      file,
      type: '',
      rows: 0,
      imported: 0,
      unchanged: 0,
      rejected: [],
      rejected_count: 0,
      findings: [{ code: 'skipped_file', message: SKIPPED[locale], count: 1, money: null, examples: [file] }],
    }))
  }
}

const SKIPPED = {
  en: 'Not a file or sheet that can be imported, or a hidden sheet; skipped.',
  'zh-CN': '不是可导入的文件或工作表，或为隐藏的工作表，已跳过。',
} as const

/** What became of one file. */
class FileResult {
  readonly file: ImportFile
  /** At least one group is in the store. */
  written = false
  synced: Synced | undefined
  deleted: number | undefined
  readonly #listed: Reject[] = []

  constructor(file: ImportFile) {
    this.file = file
  }

  list(rejects: readonly Reject[]): void {
    this.#listed.push(...rejects.slice(0, LISTED - this.#listed.length))
  }

  counts(): FileCounts {
    const { cursor = null, imported = 0, unchanged = 0, rejected = 0 } = this.synced ?? {}
    return { rows: Number(cursor ?? 0), imported, unchanged, rejected, deleted: this.deleted ?? 0 }
  }

  toResult(locale: Locale): ImportResult['files'][number] {
    const { rows, imported, unchanged, rejected } = this.counts()
    return {
      file: this.file.name,
      type: this.file.type,
      rows,
      imported,
      unchanged,
      rejected: this.#listed.map(({ where, code, message }) => ({
        line: where.line ?? 0,
        column: where.column ?? '',
        code,
        message: message[locale],
      })),
      rejected_count: rejected,
      ...(this.deleted === undefined ? {} : { deleted: this.deleted }),
      findings: (this.synced?.notices ?? []).map((notice) => toFinding(notice, locale)),
    }
  }
}

function toFinding({ code, message, count, example }: Notice, locale: Locale): Finding {
  return { code, message: message[locale], count, money: null, examples: example === undefined ? [] : [example] }
}

/** Progress over all files, by bytes. */
class Meter {
  readonly #onProgress: OnImportProgress | undefined
  readonly #started = performance.now()
  readonly #total: number
  #bytes = 0
  #rows = 0
  #file = ''

  constructor(files: readonly StagedFile[], onProgress: OnImportProgress | undefined) {
    this.#onProgress = onProgress
    this.#total = files.reduce((sum, { file }) => sum + file.size, 0)
  }

  read(file: ImportFile, { rows, fraction }: Progress): void {
    this.#file = file.name
    this.#tell('read', this.#rows + rows, (this.#bytes + file.size * (fraction ?? 0)) / Math.max(1, this.#total))
  }

  done(file: ImportFile, { records, rejected }: Synced): void {
    this.#bytes += file.size
    this.#rows += records + rejected
  }

  recompute(): void {
    this.#tell('recompute', this.#rows, 1)
  }

  #tell(step: ImportProgress['step'], rows: number, fraction: number): void {
    const seconds = (performance.now() - this.#started) / 1000
    this.#onProgress?.({
      step,
      file: this.#file,
      rows,
      fraction,
      rowsPerSecond: seconds > 0 ? rows / seconds : 0,
      etaSeconds: fraction > 0 ? (seconds / fraction) * (1 - fraction) : null,
    })
  }
}

/** A sink that remembers which records went through it. */
function collecting(sink: Sink, ids: IdSet): Sink {
  return {
    map(record) {
      const mapped = sink.map(record)
      ids.add(mapped.row.id as bigint)
      return mapped
    },
    write: (group) => sink.write(group),
  }
}

function idsOf(lists: Map<RecordTable, IdSet>, table: RecordTable): IdSet {
  let ids = lists.get(table)
  if (!ids) {
    ids = new IdSet()
    lists.set(table, ids)
  }
  return ids
}

/**
 * Ends what an import writes into the fact store: rows to be replaced go, its cursors are of no more use.
 * @returns deleted rows by table
 */
async function finishFacts(
  database: Database,
  origin: Origin,
  run: ImportRun,
  contained: ReadonlyMap<RecordTable, IdSet>,
): Promise<Map<RecordTable, number>> {
  const range = run.files.find((file) => file.replace)?.replace
  return database.write(async (tx) => {
    const deleted = new Map<RecordTable, number>()
    for (const [table, ids] of range ? contained : []) {
      deleted.set(table, await removeOthers(tx, origin, table, ids, rangeOf(table, range!, run.options.zone)))
    }
    await forgetCursors(tx, run.tenant, run.id)
    await markApplied(tx, run.tenant, run.id)
    return deleted
  })
}

const DAY = /^\d{4}-\d{2}-\d{2}$/

function checkReplace({ from, to }: ReplaceRange, files: readonly StagedFile[]): void {
  if (!DAY.test(from) || !DAY.test(to) || !(daysBetween(from, to) > 0)) {
    throw new RoiError(
      'usage',
      'bad_range',
      { en: `${from}..${to} is no range of days.`, 'zh-CN': `${from}..${to} 不是有效的日期范围。` },
      {
        en: 'Write it as --replace 2026-01-01..2026-02-01; the second day is the first one outside.',
        'zh-CN': '请写成 --replace 2026-01-01..2026-02-01；第二个日期不包含在内。',
      },
    )
  }
  const other = files.find(({ file }) => !DATED[tableOf(file.type)])
  if (!other) return
  throw new RoiError(
    'usage',
    'cannot_replace',
    {
      en: `${other.file.name}: files of type ${other.file.type} have no date to replace a range by.`,
      'zh-CN': `${other.file.name}：${other.file.type} 类型的文件没有可按范围替换的日期。`,
    },
    {
      en: 'Use --replace with costs, touches, deals or payments only, and import the others without it.',
      'zh-CN': '--replace 仅用于 costs、touches、deals、payments；其他文件请不带该选项单独导入。',
    },
  )
}

/** By which an unfinished import is known again: the same bytes, to be read in the same way. */
function fingerprintOf(files: readonly ImportFile[], options: ImportOptions): string {
  const content = files.map(({ sha256, type, mapping, dateFormat, replace }) => [
    sha256,
    type,
    mapping ?? null,
    dateFormat ?? null,
    replace ?? null,
  ])
  return createHash('sha256')
    .update(JSON.stringify([content, options.zone, options.currency]))
    .digest('hex')
}
