import type { z } from 'zod'
import {
  Account,
  AmountChange,
  type AnyRecord,
  Campaign,
  Contact,
  Cost,
  Deal,
  Invoice,
  Lead,
  MAX_TEXT,
  Owner,
  Payment,
  Rate,
  Stage,
  StageChange,
  Touch,
} from '../model/records.ts'
import type { Context, Gone, Merge, Notice, Page, Pull, Reject } from './contract.ts'
import type { LoadedCounts } from './load.ts'
import { isMergeable } from './merge.ts'
import type { Mapped } from './rows.ts'

/** A group is written when it has this many rows … */
const GROUP_ROWS = 10_000
/** … or its first row has waited this long, milliseconds; whichever comes first (reliability G5). */
const GROUP_AGE = 2000
/** A shortened raw record in the quarantine. */
const MAX_RAW = 65_536

/** Where a read goes: the store, or a comparison with it. A group is one transaction. */
export interface Sink {
  /** Row of a record. Throws RangeError when its money is out of range. */
  map(record: AnyRecord): Mapped
  write(group: Group): Promise<LoadedCounts & { readonly deleted: number; readonly merged: number }>
}

/** Rows that are written together with the cursor that covers them. */
export interface Group {
  readonly rows: readonly Mapped[]
  readonly deleted: readonly Gone[]
  readonly merged: readonly Merge[]
  readonly cursor: string
}

/** How far a read is. */
export interface Progress {
  /** Records and refused rows so far. */
  readonly rows: number
  /** 0 to 1; null when the source cannot tell. */
  readonly fraction: number | null
  readonly rowsPerSecond: number
  /** Seconds; null when it cannot be told. */
  readonly etaSeconds: number | null
}

export interface SyncJob<Settings> {
  readonly pull: Pull<Settings>
  readonly context: Context<Settings>
  /** Where to resume; null = from the beginning. */
  readonly cursor: string | null
  readonly sink: Sink
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** Told before the group they came with is written, so that a kill in between repeats them rather than lose them. */
  readonly onRejects?: ((rejects: readonly Reject[]) => Promise<void>) | undefined
}

export interface Synced {
  /** Records accepted. */
  readonly records: number
  /** Inserted or changed. */
  readonly imported: number
  readonly unchanged: number
  readonly rejected: number
  readonly deleted: number
  /** Merges that were new. */
  readonly merged: number
  /** Summed by code and message. */
  readonly notices: readonly Notice[]
  /** Cursor of the last page; null when there was none. */
  readonly cursor: string | null
}

/**
 * Reads a stream of a connector to its end and writes it in groups. What is malformed is handed to `onRejects` and
 * never stops the rest; an error of the source or the store stops the read after the groups already written, and the
 * next run resumes behind them. While one group is written the next is read, so at most two are in memory.
 */
export async function syncStream<Settings>(job: SyncJob<Settings>): Promise<Synced> {
  const reader = new StreamReader(job)
  const pages = job.pull(job.context, job.cursor)[Symbol.asyncIterator]()
  try {
    for await (const page of withDeadline(pages, () => reader.deadline())) {
      job.context.signal.throwIfAborted()
      if (page) reader.take(page)
      if (!page || reader.full) await reader.flush()
    }
    await reader.flush()
    return await reader.finish()
  } catch (error) {
    // Nothing may still be written when the caller hears of the failure; a source that hangs is not waited for.
    pages.return?.().catch(() => undefined)
    await reader.settle()
    throw error
  }
}

/** Pages as they come, and undefined whenever the deadline passes before the next one does. */
async function* withDeadline(
  pages: AsyncIterator<Page>,
  deadline: () => number | undefined,
): AsyncGenerator<Page | undefined> {
  for (;;) {
    const next = pages.next()
    // Heard where it is awaited; an abandoned read must not end the process.
    next.catch(() => undefined)
    for (;;) {
      const at = deadline()
      const result = at === undefined ? await next : await before(next, at)
      if (result === undefined) yield undefined
      else if (result.done) return
      else {
        yield result.value
        break
      }
    }
  }
}

/** The value of a promise, or undefined when it takes until the deadline (as of `performance.now`). */
async function before<T>(promise: Promise<T>, deadline: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, deadline - performance.now()), undefined)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

type Target = Pick<SyncJob<unknown>, 'sink' | 'onProgress' | 'onRejects'> & {
  readonly context: { readonly signal: AbortSignal }
}

/** The open group and the sums of one read. */
class StreamReader {
  readonly #job: Target
  readonly #started = performance.now()
  readonly #notices = new Map<string, { notice: Notice; count: number }>()
  readonly #sums = { records: 0, imported: 0, unchanged: 0, rejected: 0, deleted: 0, merged: 0 }
  #rows: Mapped[] = []
  #deleted: Gone[] = []
  #merged: Merge[] = []
  #rejects: Reject[] = []
  #cursor: string | null = null
  /** When the oldest part of the open group came; undefined while there is none. */
  #since: number | undefined
  #fraction: number | null = null
  #writing: Promise<void> = Promise.resolve()

  constructor(job: Target) {
    this.#job = job
  }

  get full(): boolean {
    return (
      this.#rows.length + this.#deleted.length + this.#merged.length >= GROUP_ROWS ||
      performance.now() >= (this.deadline() ?? Infinity)
    )
  }

  deadline(): number | undefined {
    return this.#since === undefined ? undefined : this.#since + GROUP_AGE
  }

  take(page: Page): void {
    this.#since ??= performance.now()
    this.#cursor = page.cursor
    this.#fraction = page.progress ?? this.#fraction
    for (const record of page.records) this.#record(record)
    for (const ref of page.deleted ?? []) this.#deleted.push(ref)
    for (const reject of page.rejected ?? []) this.#reject(reject)
    for (const merge of page.merged ?? []) {
      if (isMergeable(merge)) this.#merged.push(merge)
      else this.#reject(unmerged(merge))
    }
    for (const notice of page.notices ?? []) this.#notice(notice)
  }

  #record(record: AnyRecord): void {
    const checked = check(record)
    if ('reject' in checked) {
      this.#reject(checked.reject)
      return
    }
    for (const notice of checked.notices ?? []) this.#notice(notice)
    try {
      this.#rows.push(this.#job.sink.map(checked.record))
      this.#sums.records += 1
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      this.#reject(outOfRange(checked.record))
    }
  }

  #reject(reject: Reject): void {
    this.#rejects.push(reject)
    this.#sums.rejected += 1
  }

  #notice(notice: Notice): void {
    const key = `${notice.code}\u0000${notice.message.en}`
    const known = this.#notices.get(key)
    if (known) known.count += notice.count
    else this.#notices.set(key, { notice, count: notice.count })
  }

  /** Starts to write the open group, once the one before it is written. */
  async flush(): Promise<void> {
    await this.#writing
    this.#job.context.signal.throwIfAborted()
    if (this.#cursor === null || this.#since === undefined) return
    const group = { rows: this.#rows, deleted: this.#deleted, merged: this.#merged, cursor: this.#cursor }
    const rejects = this.#rejects
    this.#rows = []
    this.#deleted = []
    this.#merged = []
    this.#rejects = []
    this.#since = undefined
    this.#writing = this.#write(group, rejects, this.#fraction)
    // Heard where it is awaited; without this a failure while pages are read would end the process.
    this.#writing.catch(() => undefined)
  }

  async #write(group: Group, rejects: readonly Reject[], fraction: number | null): Promise<void> {
    if (rejects.length > 0) await this.#job.onRejects?.(rejects)
    const { imported, unchanged, deleted, merged, erased = 0 } = await this.#job.sink.write(group)
    if (erased > 0) this.#notice({ ...ERASED, count: erased })
    this.#sums.imported += imported
    this.#sums.unchanged += unchanged
    this.#sums.deleted += deleted
    this.#sums.merged += merged
    this.#job.onProgress?.(this.#progress(fraction))
  }

  #progress(fraction: number | null): Progress {
    const seconds = (performance.now() - this.#started) / 1000
    const rows = this.#sums.records + this.#sums.rejected
    const etaSeconds = fraction ? (seconds / fraction) * (1 - fraction) : null
    return { rows, fraction, rowsPerSecond: seconds > 0 ? rows / seconds : 0, etaSeconds }
  }

  /** Waits for the write that is under way, whatever comes of it. */
  settle(): Promise<void> {
    return this.#writing.catch(() => undefined)
  }

  async finish(): Promise<Synced> {
    await this.#writing
    const notices = [...this.#notices.values()].map(({ notice, count }) => ({ ...notice, count }))
    return { ...this.#sums, notices, cursor: this.#cursor }
  }
}

/** Code of the notice about records of people who were erased. */
export const ERASED_PERSON = 'erased_person'
/** Never silent: who wonders where a contact is reads why. */
const ERASED: Omit<Notice, 'count'> = {
  code: ERASED_PERSON,
  message: {
    en: 'Records of people who were erased for privacy were taken without anything personal, and contacts not at all.',
    'zh-CN': '因隐私请求已被删除的人员的记录只保留非个人信息，联系人本身不再导入。',
  },
}

const SCHEMAS = {
  campaign: Campaign,
  cost: Cost,
  contact: Contact,
  account: Account,
  touch: Touch,
  deal: Deal,
  stage_change: StageChange,
  payment: Payment,
  amount_change: AmountChange,
  lead: Lead,
  owner: Owner,
  stage: Stage,
  rate: Rate,
  invoice: Invoice,
} as const

/** A record as the model wants it, or why it is refused. Whatever a connector yields, this does not throw. */
function check(
  record: AnyRecord,
): { readonly record: AnyRecord; readonly notices?: readonly Notice[] } | { readonly reject: Reject } {
  const type: unknown = record?.type
  const schema =
    typeof type === 'string' && Object.hasOwn(SCHEMAS, type) ? SCHEMAS[type as AnyRecord['type']] : undefined
  if (!schema) return { reject: malformed(record, `type: ${String(type).slice(0, 80)}`) }
  const parsed = schema.safeParse(record)
  if (parsed.success) return { record: parsed.data }
  const shortened = shorten(record, parsed.error.issues)
  if (shortened) {
    const again = schema.safeParse(shortened.record)
    if (again.success) return { record: again.data, notices: shortened.notices }
  }
  const issues = parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  return { reject: malformed(record, issues.join('; ')) }
}

/** A copy whose overlong texts are cut; undefined when something else is wrong, or an id is too long to be cut. */
function shorten(
  record: AnyRecord,
  issues: readonly z.core.$ZodIssue[],
): { record: AnyRecord; notices: Notice[] } | undefined {
  const copy: Record<string, unknown> = { ...record }
  const notices: Notice[] = []
  for (const issue of issues) {
    const [field, ...below] = issue.path
    const value = typeof field === 'string' ? copy[field] : undefined
    if (issue.code !== 'too_big' || issue.maximum !== MAX_TEXT || below.length > 0 || typeof value !== 'string') return
    copy[field as string] = value.slice(0, MAX_TEXT)
    notices.push({
      code: 'text_shortened',
      message: {
        en: `"${String(field)}" was longer than 64 KB and was shortened.`,
        'zh-CN': `“${String(field)}”超过 64 KB，已截断。`,
      },
      count: 1,
      example: String(record.id).slice(0, 100),
    })
  }
  return { record: copy as unknown as AnyRecord, notices }
}

function malformed(record: AnyRecord, reasons: string): Reject {
  return {
    where: idOf(record),
    code: 'malformed_record',
    message: {
      en: `The record does not fit the model: ${reasons}.`,
      'zh-CN': `该记录不符合数据模型：${reasons}。`,
    },
    raw: rawOf(record),
  }
}

function outOfRange(record: AnyRecord): Reject {
  return {
    where: idOf(record),
    code: 'amount_too_large',
    message: {
      en: `The amount of ${record.type} "${record.id}" is no decimal number, or more than can be kept exactly (9e15 minor units).`,
      'zh-CN': `${record.type}“${record.id}”的金额不是十进制数，或超出可精确保存的范围（9e15 个最小货币单位）。`,
    },
    raw: rawOf(record),
  }
}

/** Records of different kinds, or of a kind that nothing names, cannot become one. */
function unmerged({ from, into }: Merge): Reject {
  return {
    where: { id: String(from.id).slice(0, 512) },
    code: 'merge_not_possible',
    message: {
      en: `The source says that ${from.type} "${from.id}" became ${into.type} "${into.id}", which cannot be; it is kept as it was.`,
      'zh-CN': `数据源称 ${from.type}“${from.id}”已并入 ${into.type}“${into.id}”，这不可能；此处保留原记录。`,
    },
    raw: rawOf({ from, into }),
  }
}

function idOf(record: AnyRecord | null | undefined): { id?: string } {
  return typeof record?.id === 'string' ? { id: record.id.slice(0, 512) } : {}
}

/** A record as text, whatever it holds. */
function rawOf(value: unknown): string {
  try {
    const text =
      JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? part.toString() : part)) ?? String(value)
    return text.slice(0, MAX_RAW)
  } catch {
    return String(value).slice(0, MAX_RAW)
  }
}
