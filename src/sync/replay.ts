import type { RecordTable, RowIn } from '../db/schema.ts'
import type { ImportFile, ImportRun } from '../state/state.ts'
import { tableOf } from './file-connector.ts'
import { fileRead } from './file-read.ts'
import { openKept, verifyKept } from './files.ts'
import { IdSet } from './id-set.ts'
import type { ImportEnv } from './import.ts'
import { type DateRange, dateOf, rangeOf } from './remove.ts'
import { ERASED_PERSON, type Progress, type Sink, syncStream } from './runner.ts'
import { type Origin, storeSink } from './store.ts'

/**
 * Replays file imports backwards: the newest first, and of every record only the version met first, which is the one
 * that counts. So each row is written at most once and readers never see an older state go by. A finished import that
 * replaced a range hides what earlier imports have in it and it has not.
 */
export class Replay {
  readonly #env: ImportEnv
  readonly #origin: Origin
  readonly #tables = new Map<RecordTable, History>()

  /** @param types file types to replay */
  constructor(env: ImportEnv, origin: Origin, types: Iterable<string>) {
    this.#env = env
    this.#origin = origin
    for (const type of types) this.#tables.set(tableOf(type), new History())
  }

  /** @throws RoiError `kept_file_missing`, `kept_file_damaged`: before anything is changed */
  async verify(runs: readonly ImportRun[], signal?: AbortSignal): Promise<void> {
    const names = new Set(runs.flatMap((run) => this.#filesOf(run).map(({ sha256 }) => sha256)))
    for (const name of names) await verifyKept(this.#env.dataDir, name, signal)
  }

  /**
   * @param runs imports in the order they took effect
   * @returns records that are new or were changed
   */
  async run(
    runs: readonly ImportRun[],
    signal: AbortSignal = new AbortController().signal,
    onProgress?: (file: ImportFile, progress: Progress) => void,
  ): Promise<number> {
    let written = 0
    for (const run of runs.toReversed()) {
      const files = this.#filesOf(run)
      for (const file of files.toReversed()) {
        const { options, createdAt: now } = run
        const open = () => openKept(this.#env.dataDir, file.sha256)
        const read = fileRead(this.#env.connector, file, open, {
          options,
          signal,
          log: this.#env.log ?? (() => {}),
          now,
        })
        const sink = this.#filtering(storeSink(this.#env.database, this.#origin))
        const { imported, notices } = await syncStream({
          ...read,
          cursor: null,
          sink,
          onProgress: (progress) => onProgress?.(file, progress),
        })
        written += imported
        // The import told the others when it took place.
        const erased = notices.find(({ code }) => code === ERASED_PERSON)
        if (erased) this.#env.log?.(erased.message.en, { import: run.id, count: erased.count })
      }
      // An unfinished import has deleted nothing.
      if (run.status === 'done') for (const file of files) this.#hide(file, run.options.zone)
    }
    return written
  }

  /** Records that are left, by table. */
  kept(): Iterable<readonly [RecordTable, Iterable<bigint>]> {
    return [...this.#tables].map(([table, history]) => [table, history.kept()] as const)
  }

  #filesOf(run: ImportRun): ImportFile[] {
    return run.files.filter((file) => this.#tables.has(tableOf(file.type)))
  }

  #filtering(sink: Sink): Sink {
    return {
      map: (record) => sink.map(record),
      write: (group) =>
        sink.write({
          ...group,
          rows: group.rows.filter(({ table, row }) => this.#tables.get(table)!.take(table, row)),
        }),
    }
  }

  #hide({ type, replace }: ImportFile, zone: string): void {
    const table = tableOf(type)
    if (replace) this.#tables.get(table)!.ranges.push(rangeOf(table, replace, zone))
  }
}

/** What was met of one table so far. */
class History {
  /** Replaced by imports later than the one being read. */
  readonly ranges: DateRange[] = []
  readonly #seen = new IdSet()
  readonly #hidden = new IdSet()

  /** True when this version of a row is the one that counts. */
  take(table: RecordTable, row: RowIn): boolean {
    const id = row.id as bigint
    if (!this.#seen.add(id)) return false
    if (this.ranges.length === 0) return true
    const date = dateOf(table, row)
    if (date === null || !this.ranges.some(({ from, to }) => date >= from && date < to)) return true
    this.#hidden.add(id)
    return false
  }

  *kept(): Generator<bigint> {
    for (const id of this.#seen) if (!this.#hidden.has(id)) yield id
  }
}
