import { isRoiError } from '../errors.ts'
import type { Workspace } from '../model/settings.ts'
import type { Connection, State } from '../state/state.ts'

/** How often it is looked for runs that are due, milliseconds. */
const LOOK_MS = 5000
/** Scheduled runs at a time in one process: the stores have one writer, and people want their reports meanwhile. */
const AT_ONCE = 3

type Sync = (workspace: Workspace, id: string, signal: AbortSignal) => Promise<unknown>

/**
 * Starts runs when they are due. Every process on the stores looks for itself; a lease lets one of them do it. A
 * connection that needs new credentials is left alone until a person gave them.
 */
export class Schedule {
  readonly #state: State
  readonly #sync: Sync
  readonly #log: (message: string, details?: Record<string, unknown>) => void
  readonly #stop = new AbortController()
  readonly #running = new Set<string>()
  #timer: NodeJS.Timeout | undefined

  constructor(state: State, sync: Sync, log: (message: string, details?: Record<string, unknown>) => void) {
    this.#state = state
    this.#sync = sync
    this.#log = log
  }

  start(): void {
    if (this.#timer || this.#stop.signal.aborted) return
    this.#timer = setInterval(() => void this.#look(), LOOK_MS)
    void this.#look()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#stop.abort()
  }

  async #look(): Promise<void> {
    try {
      const now = Date.now()
      const workspaces = new Map((await this.#state.workspaces()).map((workspace) => [workspace.tenant, workspace]))
      const due = (await this.#state.connections()).filter((connection) => dueAt(connection) <= now)
      // Who waited longest comes first, so that one busy account keeps no other from its turn.
      due.sort((a, b) => (a.finishedAt?.getTime() ?? 0) - (b.finishedAt?.getTime() ?? 0))
      for (const connection of due) {
        const workspace = workspaces.get(connection.tenant)
        if (this.#stop.signal.aborted || this.#running.size >= AT_ONCE) return
        if (workspace && !this.#running.has(connection.id)) void this.#run(workspace, connection.id)
      }
    } catch (error) {
      // The store may be away for a moment; the next look tells.
      this.#log('the schedule could not be read', { err: error })
    }
  }

  async #run(workspace: Workspace, id: string): Promise<void> {
    this.#running.add(id)
    try {
      await this.#sync(workspace, id, this.#stop.signal)
    } catch (error) {
      const elsewhere = isRoiError(error) && error.code === 'sync_running'
      if (!elsewhere && !this.#stop.signal.aborted) this.#log('a scheduled run failed', { connection: id, err: error })
    } finally {
      this.#running.delete(id)
    }
  }
}

/** When the next scheduled run of a connection is due, epoch milliseconds; Infinity = only when asked. */
export function dueAt({ everyMinutes, state, createdAt, finishedAt, startedAt, resumeAt }: Connection): number {
  if (everyMinutes === null || state === 'reconnect') return Number.POSITIVE_INFINITY
  // A run that never ended was cut off: it is due again as if it had.
  const last = Math.max(finishedAt?.getTime() ?? 0, startedAt?.getTime() ?? 0)
  const next = last === 0 ? createdAt.getTime() : last + everyMinutes * 60_000
  return Math.max(next, resumeAt?.getTime() ?? 0)
}
