import type { State } from '../state/state.ts'

/** Changes of a workspace within this time are told together, milliseconds. */
const TOGETHER_MS = 250
/** How often it is looked for what other processes changed, milliseconds. */
const LOOK_MS = 1000

/** Told when the figures of a workspace changed. */
export type OnChange = (at: Date) => void

/** Who wants to know when figures changed, and who knows. */
export interface ChangesFeed {
  /** The figures of a workspace changed. */
  announce(tenant: number): void
  /** When a workspace changed last, as far as it is known; null = not since the start. */
  changedAt(tenant: number): Promise<Date | null>
  /** @returns ends it */
  subscribe(tenant: number, listener: OnChange): () => void
  close(): Promise<void>
}

interface Channel {
  readonly listeners: Set<OnChange>
  /** When it was told last, epoch milliseconds. */
  told: number
  /** What is not told yet. */
  timer: NodeJS.Timeout | undefined
  at: Date | null
  /** What other processes noted last. */
  mark: unknown
}

export interface FeedOptions {
  /** Other processes work on the same stores: changes go through the state store as well. */
  readonly shared: boolean
  readonly log: (message: string, details?: Record<string, unknown>) => void
}

/** The feed of one process. */
export function createFeed(state: Pick<State, 'mark' | 'marked'>, options: FeedOptions): ChangesFeed {
  return new Feed(state, options)
}

const markOf = (tenant: number) => `changed/${tenant}`

class Feed implements ChangesFeed {
  readonly #state: Pick<State, 'mark' | 'marked'>
  readonly #options: FeedOptions
  readonly #channels = new Map<number, Channel>()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #noting: Promise<unknown> = Promise.resolve()

  constructor(state: Pick<State, 'mark' | 'marked'>, options: FeedOptions) {
    this.#state = state
    this.#options = options
  }

  announce(tenant: number): void {
    const at = new Date()
    if (this.#options.shared) {
      const mark = at.toISOString()
      this.#channel(tenant).mark = mark
      this.#noting = this.#noting.then(() => this.#state.mark(markOf(tenant), mark)).catch(this.#failed)
    }
    this.#tell(tenant, at)
  }

  async changedAt(tenant: number): Promise<Date | null> {
    const own = this.#channels.get(tenant)?.at ?? null
    if (!this.#options.shared) return own
    const noted = await this.#state.marked(markOf(tenant))
    const other = typeof noted === 'string' ? new Date(noted) : null
    return own && other ? (own > other ? own : other) : (own ?? other)
  }

  subscribe(tenant: number, listener: OnChange): () => void {
    const { listeners } = this.#channel(tenant)
    listeners.add(listener)
    if (this.#options.shared) {
      this.#timer ??= setInterval(() => this.#look(), LOOK_MS)
      this.#look()
    }
    return () => {
      listeners.delete(listener)
      if ([...this.#channels.values()].some((channel) => channel.listeners.size > 0)) return
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    for (const channel of this.#channels.values()) {
      clearTimeout(channel.timer)
      channel.listeners.clear()
    }
    await this.#looking
    await this.#noting
  }

  #channel(tenant: number): Channel {
    let channel = this.#channels.get(tenant)
    if (!channel) {
      channel = { listeners: new Set(), told: 0, timer: undefined, at: null, mark: undefined }
      this.#channels.set(tenant, channel)
    }
    return channel
  }

  /** At once when it was quiet, else once for all that comes within a moment. */
  #tell(tenant: number, at: Date): void {
    const channel = this.#channel(tenant)
    channel.at = at
    if (channel.timer) return
    const wait = channel.told + TOGETHER_MS - Date.now()
    const tell = () => {
      channel.timer = undefined
      channel.told = Date.now()
      for (const listener of [...channel.listeners]) listener(channel.at ?? at)
    }
    if (wait <= 0) tell()
    else channel.timer = setTimeout(tell, Math.min(wait, TOGETHER_MS)).unref()
  }

  #look(): void {
    this.#looking ??= this.#lookNow()
      .catch(this.#failed)
      .finally(() => {
        this.#looking = undefined
      })
  }

  async #lookNow(): Promise<void> {
    for (const [tenant, channel] of this.#channels) {
      if (channel.listeners.size === 0) continue
      const noted = await this.#state.marked(markOf(tenant))
      const before = channel.mark
      channel.mark = noted
      // What was noted before somebody listened is no news.
      if (before !== undefined && noted !== before && typeof noted === 'string') this.#tell(tenant, new Date(noted))
    }
  }

  readonly #failed = (error: unknown): void => {
    this.#options.log('changes of other processes cannot be seen at the moment', { err: error })
  }
}
