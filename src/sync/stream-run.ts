import type { Database } from '../db/database.ts'
import { ConnectorError } from '../errors.ts'
import type { AliasBook } from './alias.ts'
import type { Context, IdRange, Page, Reject, Stream } from './contract.ts'
import type { Tombstones } from './erase.ts'
import type { StreamCounts } from './outcome.ts'
import { type Position, parsePosition, type WholePosition } from './position.ts'
import { readRanges } from './ranges.ts'
import { removeUnseen } from './remove.ts'
import { type Progress, type Synced, syncStream } from './runner.ts'
import { countRows, countSeen } from './seen.ts'
import { type Origin, readCursor, saveCursor, storeSink } from './store.ts'

/** What is newer than this is read before everything else, so that the panel is of use while the rest comes. */
const RECENT_MS = 90 * 86_400_000
/** After this long everything is read again, to find what was erased without a trace. */
const WHOLE_EVERY_MS = 7 * 86_400_000
/** Changes are read again from this long before the newest one known: indexes lag, clocks differ. */
const OVERLAP_MS = 10 * 60_000
/** How often a read that does not move, or whose place the source forgot, starts again. */
const RESTARTS = 3
/** Without a number from the source to compare with, a whole read may take away only so much of what is there. */
const SWEEP_SHARE = 0.5
const SWEEP_ROWS = 100

export interface StreamJob {
  readonly database: Database
  readonly state: Tombstones
  readonly origin: Origin
  readonly connection: string
  /** Key of the stream in the connector. */
  readonly name: string
  readonly stream: Stream<unknown>
  readonly context: Context<unknown>
  readonly aliases: AliasBook
  /** Reads side by side, where the source can be split. */
  readonly workers: number
  /** Read everything again, whatever is known. */
  readonly full: boolean
  readonly onProgress: (progress: Progress) => void
  readonly onRejects: (rejects: readonly Reject[]) => Promise<void>
  /** Told every record that was accepted. */
  readonly onAccepted: (id: string) => void
  /** Refused records of this stream, waiting in the quarantine: they are no missing ones. */
  readonly quarantined: () => Promise<number>
}

/** Records read so far are fewer than the source says there are. */
export class IncompleteRead extends Error {
  override readonly name = 'IncompleteRead'
  readonly found: number
  readonly total: number

  constructor(found: number, total: number) {
    super(`read ${found} of ${total} records`)
    this.found = found
    this.total = total
  }
}

/** A whole read without a number to compare with would take away most of what is there. */
export class DoubtfulSweep extends Error {
  override readonly name = 'DoubtfulSweep'
  readonly missing: number
  readonly stored: number

  constructor(missing: number, stored: number) {
    super(`${missing} of ${stored} records were not met`)
    this.missing = missing
    this.stored = stored
  }
}

/**
 * One stream in one run. What it has reached is saved with the rows it covers, so that a run may end anywhere, also by
 * a kill, and the next one goes on.
 *
 * A whole read (the first, one asked for, one a week) ends by comparing counts with the source and taking away what was
 * not met; a read of changes follows from the instant it began. Otherwise only changes are read.
 */
export class StreamRun {
  readonly #job: StreamJob
  readonly #counts = { read: 0, imported: 0, unchanged: 0, deleted: 0, merged: 0, rejected: 0 }
  readonly #notices: Synced['notices'][number][] = []
  #position: Position | null = null
  #pages = 0
  #pageSize = 0
  #found = 0
  /** Refused without an id: the quarantine cannot tell whether it has them already. */
  #nameless = 0
  mode: 'full' | 'changes' | null = null
  total: number | null = null

  constructor(job: StreamJob) {
    this.#job = job
  }

  get counts(): StreamCounts {
    return { ...this.#counts }
  }

  /** Summed by code and message. */
  get notices(): Synced['notices'] {
    const sums = new Map<string, Synced['notices'][number]>()
    for (const notice of this.#notices) {
      const key = `${notice.code}\u0000${notice.message.en}`
      const known = sums.get(key)
      sums.set(key, known ? { ...known, count: known.count + notice.count } : notice)
    }
    return [...sums.values()]
  }

  /** Finds out where to go on, and what is to be read. Call it once, first. */
  async begin(): Promise<void> {
    const { database, origin, full, stream, context } = this.#job
    const saved = parsePosition(await readCursor(database, origin.tenant, this.#key))
    const age = saved?.phase === 'done' ? context.now().getTime() - Date.parse(saved.wholeAt) : 0
    const old = age > WHOLE_EVERY_MS && !stream.shared
    const whole = !saved || (full && saved.phase !== 'whole' && saved.phase !== 'ranges') || !stream.changes || old
    const underWay = saved?.phase === 'whole' || saved?.phase === 'ranges'
    this.#position = whole && !underWay ? await this.#beginWhole() : saved
    this.mode = this.#isWhole() ? 'full' : 'changes'
    if (!this.#isWhole()) return
    this.total = this.#whole.total
    if (underWay) this.#found = await this.#stored()
  }

  /** Records of the whole read that are in the store. */
  #stored(): Promise<number> {
    const { database, origin, stream } = this.#job
    return this.#whole.marks ? countSeen(database, origin.tenant, this.#key) : countRows(database, origin, stream.type)
  }

  get #key() {
    return { connection: this.#job.connection, stream: this.#job.name }
  }

  #isWhole(): boolean {
    return this.#position?.phase === 'whole' || this.#position?.phase === 'ranges'
  }

  get #whole(): WholePosition {
    return this.#position as WholePosition
  }

  async #beginWhole(): Promise<WholePosition> {
    const { database, origin, stream, context } = this.#job
    const began = context.now()
    const stored = await countRows(database, origin, stream.type)
    const total = (await stream.total?.(context)) ?? null
    await database.write((tx) => tx.run(FORGET_SEEN, [origin.tenant, this.#key.connection, this.#key.stream]))
    const common = { began: began.toISOString(), marks: stored > 0 && !stream.shared, total }
    const bounds = await stream.ranges?.bounds(context, null)
    if (!stream.ranges || bounds === undefined) return { phase: 'whole', ...common, cursor: null }
    if (bounds === null) return { phase: 'ranges', ...common, ranges: [] }
    const recent = await stream.ranges.bounds(context, new Date(began.getTime() - RECENT_MS))
    return { phase: 'ranges', ...common, ranges: splitRecent(bounds, recent) }
  }

  /** Reads what was made in the last weeks, where a whole read can begin with it. */
  async recent(): Promise<void> {
    const position = this.#position
    if (position?.phase === 'ranges' && position.ranges.some(({ recent }) => recent)) await this.#readRanges(true)
  }

  /** Reads everything that is left. */
  async rest(): Promise<void> {
    const { stream } = this.#job
    const whole = this.#isWhole()
    if (whole) await this.#finishWhole()
    if (stream.changes) await this.#restarting(() => this.#readChanges())
    if (!whole) await this.#readGone()
  }

  async #finishWhole(): Promise<void> {
    if (this.#whole.phase === 'ranges') await this.#readRanges(false)
    if (this.#whole.phase === 'whole') await this.#restarting(() => this.#readWhole())
    const total = await this.#verify()
    await this.#readGone()
    await this.#sweep(total)
  }

  async #readRanges(recent: boolean): Promise<void> {
    try {
      await this.#restarting(() => this.#sync(this.#rangePages(recent)))
    } catch (error) {
      if (!(error instanceof ConnectorError) || !UNDIVIDED.has(error.code)) throw error
      // The source gives its ids in another order than it promised, or takes none to begin at: one page after the other
      // is always right.
      this.#position = { ...common(this.#whole), phase: 'whole', cursor: null }
    }
  }

  async *#rangePages(recent: boolean): AsyncGenerator<Page> {
    const { stream, context, workers } = this.#job
    const position = this.#whole
    if (position.phase !== 'ranges') return
    const later = position.ranges.filter((range) => recent && !range.recent)
    const now = position.ranges.filter((range) => !recent || range.recent)
    const read = (range: IdRange) => stream.ranges!.read(context, range)
    const left = () => (this.total === null ? Number.POSITIVE_INFINITY : this.total - this.#found)
    for await (const { page, pending } of readRanges(now, read, workers, left)) {
      this.#count(page)
      this.#position = { ...position, ranges: [...pending, ...later] }
      yield this.#saved(page)
    }
    this.#position = { ...position, ranges: later }
  }

  async #readWhole(): Promise<void> {
    await this.#sync(this.#wholePages())
  }

  async *#wholePages(): AsyncGenerator<Page> {
    const { stream, context } = this.#job
    const position = this.#whole
    if (position.phase !== 'whole') return
    let last = position.cursor
    for await (const page of stream.read(context, position.cursor)) {
      this.#count(page)
      if (page.cursor === last && page.records.length > 0) throw stuck()
      last = page.cursor
      this.#position = { ...position, cursor: page.cursor }
      yield this.#saved(page)
    }
  }

  async #readChanges(): Promise<void> {
    const { database, origin } = this.#job
    const position = this.#position
    if (position?.phase === 'done') {
      const since = new Date(Date.parse(position.watermark) - OVERLAP_MS).toISOString()
      const { watermark: newest, wholeAt } = position
      this.#position = { phase: 'changes', since, newest, cursor: null, wholeAt }
    }
    await this.#sync(this.#changePages())
    const { newest, wholeAt } = this.#position as Extract<Position, { phase: 'changes' }>
    this.#position = { phase: 'done', watermark: newest, wholeAt }
    await database.write((tx) => saveCursor(tx, origin.tenant, this.#key, JSON.stringify(this.#position)))
  }

  async *#changePages(): AsyncGenerator<Page> {
    const { stream, context } = this.#job
    if (this.#position?.phase !== 'changes') return
    let position: Extract<Position, { phase: 'changes' }> = this.#position
    let last = position.cursor
    for await (const page of stream.changes!(context, new Date(position.since), position.cursor)) {
      this.#countPage(page)
      if (page.cursor === last && page.records.length > 0) throw stuck()
      last = page.cursor
      // A change from the future, by whatever clock, must not hide the ones until then.
      const limit = context.now().getTime()
      const times = page.records.map(({ updatedAt }) => Math.min(limit, updatedAt?.getTime() ?? 0))
      const newest = times.reduce((a, b) => Math.max(a, b), Date.parse(position.newest))
      position = { ...position, newest: new Date(newest).toISOString(), cursor: page.cursor }
      this.#position = position
      yield this.#saved(page)
    }
  }

  /** Deletions the source remembers. They are few and known by their ids: read anew each time. */
  async #readGone(): Promise<void> {
    const { stream, context } = this.#job
    if (stream.gone) await this.#sync(stream.gone(context, null), false)
  }

  /** Runs a read again from where it stands when it does not move, or when the source forgot where it stood. */
  async #restarting(read: () => Promise<void>): Promise<void> {
    const { database, origin } = this.#job
    const start = this.#position
    for (let tries = 1; ; tries += 1) {
      try {
        return await read()
      } catch (error) {
        if (!(error instanceof ConnectorError) || !RESTARTABLE.has(error.code) || tries > RESTARTS) throw error
        // From what is stored: pages read after it went with the failure.
        const saved = parsePosition(await readCursor(database, origin.tenant, this.#key))
        const position = saved?.phase === start?.phase ? saved : start
        const forgotten = error.code === 'cursor_expired' && position && 'cursor' in position
        this.#position = forgotten ? { ...position, cursor: null } : position
      }
    }
  }

  async #sync(pages: AsyncIterable<Page>, keep = true): Promise<void> {
    const { database, state, origin, context, aliases, onProgress, onRejects, stream } = this.#job
    const marks = this.#isWhole() && this.#whole.marks
    const { tenant } = origin
    const { connection, stream: name } = this.#key
    const sink = storeSink(database, origin, {
      aliases,
      state,
      ...(keep ? { key: this.#key } : {}),
      also: async (tx, { rows }) => {
        if (!marks) return
        const ids = rows.filter(({ table }) => table === stream.type).map(({ row }) => row.id as bigint)
        await tx.insert(
          'seen',
          ids.map((id) => ({ tenant_id: tenant, connection, stream: name, id })),
        )
      },
    })
    const before = { ...this.#counts }
    let reached = 0
    const synced = await syncStream({
      pull: () => pages,
      context,
      cursor: null,
      sink: {
        map: (record) => {
          const mapped = sink.map(record)
          this.#job.onAccepted(record.id)
          return mapped
        },
        write: async (group) => {
          const counts = await sink.write(group)
          this.#counts.imported += counts.imported
          this.#counts.unchanged += counts.unchanged
          this.#counts.deleted += counts.deleted
          this.#counts.merged += counts.merged
          return counts
        },
      },
      onProgress: (progress) => {
        reached = progress.rows
        onProgress({ ...progress, rows: before.read + before.rejected + progress.rows })
      },
      onRejects: async (rejects) => {
        this.#counts.rejected += rejects.length
        this.#nameless += rejects.filter(({ where }) => where.id === undefined).length
        await onRejects(rejects)
      },
    }).catch((error) => {
      // What was written before the failure is in the store and counts.
      this.#counts.read += Math.max(0, reached - (this.#counts.rejected - before.rejected))
      throw error
    })
    this.#counts.read += synced.records
    this.#notices.push(...synced.notices)
  }

  #saved(page: Page): Page {
    const { total } = this
    const progress = total ? Math.min(1, this.#found / total) : page.progress
    return { ...page, cursor: JSON.stringify(this.#position), ...(progress === undefined ? {} : { progress }) }
  }

  #count(page: Page): void {
    this.#countPage(page)
    const { total } = this
    // A source that gives pages for ever must not be read for ever.
    if (total !== null && this.#pages > (total / Math.max(1, this.#pageSize)) * 1.2 + 50 + this.#job.workers * 10) {
      throw new ConnectorError('report', 'page_budget', `more than ${this.#pages} pages for ${total} records`)
    }
  }

  #countPage({ records }: Page): void {
    const mine = records.filter(({ type }) => type === this.#job.stream.type).length
    this.#pages += 1
    this.#pageSize = Math.max(this.#pageSize, mine)
    this.#found += mine
  }

  /**
   * Compares what a whole read found with what the source says there is, before or after: records made or deleted
   * meanwhile are no fault.
   * @returns the number that was confirmed; null when the source does not tell
   * @throws IncompleteRead; the next run reads everything again
   */
  async #verify(): Promise<number | null> {
    const { stream, context, quarantined } = this.#job
    const { total: before } = this.#whole
    if (!stream.total || before === null) return null
    const found = await this.#stored()
    const after = await stream.total(context)
    const expected = Math.min(before, after)
    this.total = after
    if (found >= expected) return expected
    if (found + (await quarantined()) + this.#nameless >= expected) return expected
    await this.#startOver()
    throw new IncompleteRead(found, expected)
  }

  async #startOver(): Promise<void> {
    const { database, origin } = this.#job
    const { connection, stream } = this.#key
    await database.write((tx) => tx.run(FORGET_CURSOR, [origin.tenant, connection, stream]))
  }

  /** Takes away what a confirmed whole read did not meet, and moves on to the changes since it began. */
  async #sweep(confirmed: number | null): Promise<void> {
    const { database, origin, stream } = this.#job
    const { began, marks } = this.#whole
    const { connection, stream: name } = this.#key
    if (marks && confirmed === null) await this.#doubt()
    const next: Position = stream.changes
      ? {
          phase: 'changes',
          since: new Date(Date.parse(began) - OVERLAP_MS).toISOString(),
          newest: began,
          cursor: null,
          wholeAt: began,
        }
      : { phase: 'done', watermark: began, wholeAt: began }
    const removed = await database.write(async (tx) => {
      const removed = marks ? await removeUnseen(tx, origin, stream.type, this.#key) : 0
      await tx.run(FORGET_SEEN, [origin.tenant, connection, name])
      await saveCursor(tx, origin.tenant, this.#key, JSON.stringify(next))
      return removed
    })
    this.#counts.deleted += removed
    this.#position = next
  }

  async #doubt(): Promise<void> {
    const { database, origin, stream } = this.#job
    const stored = await countRows(database, origin, stream.type)
    const missing = stored - (await countSeen(database, origin.tenant, this.#key))
    if (missing <= SWEEP_ROWS || missing <= stored * SWEEP_SHARE) return
    await this.#startOver()
    throw new DoubtfulSweep(missing, stored)
  }
}

const RESTARTABLE = new Set(['cursor_stuck', 'cursor_expired'])
const UNDIVIDED = new Set(['ids_not_ordered', 'cursor_expired'])
const FORGET_SEEN = 'DELETE FROM seen WHERE tenant_id = $1 AND connection = $2 AND stream = $3'
const FORGET_CURSOR = 'DELETE FROM sync_cursor WHERE tenant_id = $1 AND connection = $2 AND stream = $3'

function common({ began, marks, total }: WholePosition) {
  return { began, marks, total }
}

function stuck(): ConnectorError {
  return new ConnectorError('retry', 'cursor_stuck', 'the source gave the same page again')
}

function splitRecent(all: IdRange, recent: IdRange | null) {
  const border = recent && BigInt(recent.after) > BigInt(all.after) ? recent.after : null
  if (border === null) return [{ ...all, recent: recent !== null }]
  return [
    { after: border, upto: all.upto, recent: true },
    { after: all.after, upto: border, recent: false },
  ]
}
