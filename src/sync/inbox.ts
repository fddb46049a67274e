import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectorError, isRoiError, RoiError } from '../errors.ts'
import type { Workspace } from '../model/settings.ts'
import type { Connection, InboxEvent, State } from '../state/state.ts'
import type { Sources } from './connections.ts'
import { coalesce, type Readable, readWhat } from './inbox-event.ts'
import { leased } from './lease.ts'
import { groupBy, refKey, WEBHOOKS } from './reread.ts'

/** What comes within this time is dealt with together: one change of a record is often several events, milliseconds. */
const GATHER_MS = 40
/** How often it is looked for what is due, or was taken by another process, milliseconds. */
const LOOK_MS = 1000
/** Connections at a time in one process: the stores have one writer. */
const AT_ONCE = 4
/** Events of a connection in one turn; then the others have theirs. */
const TAKEN = 500
/** When an event whose record is not as it says is tried again, milliseconds; then the next scheduled run knows (F36). */
const AGAIN_MS = [5000, 30_000, 5 * 60_000] as const
/** When a limit that does not tell its end is looked at again, milliseconds. */
const LIMITED_MS = 60_000
/** Keys of events that have ended are kept so long, so that a late delivery is known, milliseconds. */
const KEPT_MS = 7 * 86_400_000
const PRUNE_MS = 3_600_000
/** A webhook may be lost for good after a day: connections that have them are read at least so often, minutes. */
const EVERY_MINUTES = 360
/** Turns that are told to stop get this long (reliability G13), milliseconds. */
const SETTLE_MS = 25_000

export interface InboxEnv {
  readonly state: State
  readonly sources: Pick<Sources, 'reread'>
  readonly log: (message: string, details?: Record<string, unknown>) => void
}

export interface InboxOptions {
  /** Instead of {@link AGAIN_MS}; for tests. */
  readonly again?: readonly number[]
}

/** The worker behind the webhooks. */
export interface Inbox {
  /** Starts to work, until closed. */
  start(): void
  /** Something has come: it is looked at once. */
  wake(): void
  /** Ends; what is not done stays in the inbox. */
  close(): Promise<void>
}

export function createInbox(env: InboxEnv, { again = AGAIN_MS }: InboxOptions = {}): Inbox {
  return new Worker(env, again)
}

/**
 * Takes events connection by connection, each under its lease, so that processes on one store do not do things twice.
 * Who waited longest comes first, and a turn is short: no account keeps another from its turn (G7).
 */
class Worker implements Inbox {
  readonly #env: InboxEnv
  readonly #againMs: readonly number[]
  readonly #stop = new AbortController()
  readonly #turns = new Map<string, Promise<void>>()
  /** When a connection had its last turn. */
  readonly #last = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #pruning: NodeJS.Timeout | undefined
  #gathering: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #again = false

  constructor(env: InboxEnv, againMs: readonly number[]) {
    this.#env = env
    this.#againMs = againMs
  }

  start(): void {
    if (this.#timer || this.#stop.signal.aborted) return
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
    this.#pruning = setInterval(() => void this.#prune(), PRUNE_MS).unref()
    this.#look()
    void this.#prune()
  }

  wake(): void {
    if (!this.#timer || this.#gathering) return
    this.#gathering = setTimeout(() => {
      this.#gathering = undefined
      this.#look()
    }, GATHER_MS)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    clearInterval(this.#pruning)
    clearTimeout(this.#gathering)
    this.#stop.abort(stopping())
    await Promise.race([
      Promise.all([this.#looking, ...this.#turns.values()]),
      sleep(SETTLE_MS, undefined, { ref: false }),
    ])
  }

  #look(): void {
    if (this.#stop.signal.aborted) return
    this.#again = this.#looking !== undefined
    this.#looking ??= this.#lookNow()
      .catch((error) => this.#env.log('the inbox cannot be read at the moment', { err: error }))
      .finally(() => {
        this.#looking = undefined
        if (this.#again) this.#look()
      })
  }

  async #lookNow(): Promise<void> {
    const due = (await this.#env.state.dueConnections()).filter(({ id }) => !this.#turns.has(id))
    const waited = ({ id }: { id: string }) => this.#last.get(id) ?? 0
    for (const { id, tenant } of due.sort((a, b) => waited(a) - waited(b))) {
      if (this.#stop.signal.aborted || this.#turns.size >= AT_ONCE) return
      this.#last.set(id, performance.now())
      const turn = this.#turn(tenant, id).then((took) => {
        this.#turns.delete(id)
        if (took) this.#look()
      })
      this.#turns.set(id, turn)
    }
  }

  /** @returns whether there was something to do */
  async #turn(tenant: number, id: string): Promise<boolean> {
    const { state, log } = this.#env
    try {
      return await leased(state, `inbox/${id}`, inboxBusy, (lost) => this.#take(tenant, id, lost), { wait: 0 })
    } catch (error) {
      const elsewhere = isRoiError(error) && error.code === 'inbox_busy'
      if (!elsewhere && !this.#stop.signal.aborted) log('events could not be taken', { connection: id, err: error })
      return false
    }
  }

  async #take(tenant: number, id: string, lost: AbortSignal): Promise<boolean> {
    const { state } = this.#env
    const connection = await state.findConnection(tenant, id)
    const workspace = (await state.workspaces()).find((one) => one.tenant === tenant)
    if (!connection || !workspace) return false
    const events = await state.dueEvents(id, TAKEN)
    if (events.length === 0) return false
    const { everyMinutes } = connection
    if (everyMinutes === null || everyMinutes > EVERY_MINUTES) {
      await state.changeConnection(id, { everyMinutes: EVERY_MINUTES })
    }
    const signal = AbortSignal.any([lost, this.#stop.signal])
    const turn = new Turn(this.#env, this.#againMs, workspace, connection, signal)
    await turn.run(events)
    return true
  }

  async #prune(): Promise<void> {
    const { state, log } = this.#env
    await state
      .pruneEvents(new Date(Date.now() - KEPT_MS))
      .catch((error) => log('old events could not be forgotten', { err: error }))
  }
}

/** Some events of one connection. */
class Turn {
  readonly #env: InboxEnv
  readonly #againMs: readonly number[]
  readonly #workspace: Workspace
  readonly #connection: Connection
  readonly #signal: AbortSignal

  constructor(
    env: InboxEnv,
    againMs: readonly number[],
    workspace: Workspace,
    connection: Connection,
    signal: AbortSignal,
  ) {
    this.#env = env
    this.#againMs = againMs
    this.#workspace = workspace
    this.#connection = connection
    this.#signal = signal
  }

  async run(events: readonly InboxEvent[]): Promise<void> {
    const readable: Readable[] = []
    for (const event of events) {
      const what = readWhat(event.what)
      if (what) readable.push({ event, what })
      else await this.#setAside(event, new TypeError('what was kept of the event cannot be read'))
    }
    if (readable.length > 0) await this.#deal(readable)
  }

  async #deal(events: readonly Readable[]): Promise<void> {
    const { sources } = this.#env
    try {
      const hints = coalesce(events)
      const { unsettled } = await sources.reread(this.#workspace, this.#connection.id, hints, this.#signal)
      const open = ({ what }: Readable) => (what.refs ?? []).some((ref) => unsettled.has(refKey(ref)))
      await this.#end(events.filter((one) => !open(one)).map(({ event }) => event))
      await this.#putOff(events.filter(open).map(({ event }) => event))
    } catch (error) {
      // Handed back: they are due as they were.
      if (this.#signal.aborted) return
      await this.#failed(events, error)
    }
  }

  async #failed(events: readonly Readable[], error: unknown): Promise<void> {
    const { state, log } = this.#env
    const { id } = this.#connection
    const all = events.map(({ event }) => event)
    if (error instanceof ConnectorError) {
      log('records of events cannot be read at the moment', { connection: id, code: error.code, error: error.message })
      if (error.remedy === 'wait') {
        const until = error.retryAt ?? new Date(Date.now() + LIMITED_MS)
        return state.deferEvents(id, keysOf(all), until, false)
      }
      // It is not the events' fault: they are never given up for it.
      for (const [wait, group] of this.#byWait(all)) {
        await state.deferEvents(id, keysOf(group), inMs(wait ?? this.#againMs.at(-1) ?? 0), true)
      }
    } else if (isRoiError(error)) {
      log('events wait for the stores', { connection: id, err: error })
      await state.deferEvents(id, keysOf(all), inMs(this.#againMs[0] ?? 0), false)
    } else if (events.length > 1) {
      // One of them is what this program cannot deal with: it must not hold up the others (G8).
      const half = events.length >> 1
      await this.#deal(events.slice(0, half))
      if (!this.#signal.aborted) await this.#deal(events.slice(half))
    } else if (events[0]) await this.#failedAlone(events[0].event, error)
  }

  async #failedAlone(event: InboxEvent, error: unknown): Promise<void> {
    const wait = this.#againMs[event.tries]
    if (wait === undefined) return this.#setAside(event, error)
    this.#env.log('an event could not be dealt with', { connection: this.#connection.id, event: event.key, err: error })
    await this.#env.state.deferEvents(this.#connection.id, [event.key], inMs(wait), true)
  }

  /** Into the quarantine, with the reason; whatever comes of it, the next scheduled run reads the record. */
  async #setAside(event: InboxEvent, error: unknown): Promise<void> {
    const { state, log } = this.#env
    const { id, tenant } = this.#connection
    log('an event is given up', { connection: id, event: event.key, err: error })
    const said = error instanceof Error ? error.message : String(error)
    const reject = {
      where: { id: event.key },
      code: 'event_failed',
      message: { en: `The event could not be dealt with: ${said}`, 'zh-CN': `无法处理该事件：${said}` },
      raw: JSON.stringify(event.what),
    }
    await state.forgetRejects(tenant, id, { part: WEBHOOKS, ids: [event.key] })
    await state.addRejects(tenant, id, WEBHOOKS, [reject])
    await state.endEvents(id, [event.key], 'left')
  }

  #byWait(events: readonly InboxEvent[]): Map<number | undefined, InboxEvent[]> {
    return groupBy(events, ({ tries }) => this.#againMs[tries])
  }

  #end(events: readonly InboxEvent[]): Promise<void> {
    return this.#env.state.endEvents(this.#connection.id, keysOf(events), 'done')
  }

  /** Their records are not as they say: later, and at last for the scheduled run. */
  async #putOff(events: readonly InboxEvent[]): Promise<void> {
    const { state } = this.#env
    const { id } = this.#connection
    for (const [wait, group] of this.#byWait(events)) {
      if (wait === undefined) await state.endEvents(id, keysOf(group), 'left')
      else await state.deferEvents(id, keysOf(group), inMs(wait), true)
    }
  }
}

function keysOf(events: readonly InboxEvent[]): string[] {
  return events.map(({ key }) => key)
}

function inMs(wait: number): Date {
  return new Date(Date.now() + wait)
}

function inboxBusy(): RoiError {
  return new RoiError('unavailable', 'inbox_busy', {
    en: 'Another process is dealing with the events of this connection.',
    'zh-CN': '另一个进程正在处理此连接的事件。',
  })
}

function stopping(): RoiError {
  return new RoiError('unavailable', 'stopping', { en: 'The program is ending.', 'zh-CN': '程序正在退出。' })
}
