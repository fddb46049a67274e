/** What is watched: the element, by what everybody can see of it. */
export interface Watched extends HTMLElement {
  readonly endpoint: string
  readonly token: string
  readonly workspace: string
  refresh(): Promise<void>
}

/** First and longest wait before connecting again, milliseconds. */
const BACKOFF = 1000
const MAX_BACKOFF = 60_000
/** The service says something every 15 seconds; who is silent for longer is gone. */
const SILENCE = 40_000
/** At most one refresh in this time: a backfill changes figures all the time. */
const PAUSE = 1000
/** A change this much older than the figures may still have come too late for them. */
const MARGIN = 5000

const watchers = new WeakMap<Watched, Watcher>()

/**
 * Keeps an element's figures up to date while it can be seen: `GET /api/v1/events` says when they changed. With
 * `live="off"` on the element, it does not.
 * @param shownAt when the figures it shows were made; '' = they are the last ones known, because the service was away
 */
export function watch(element: Watched, shownAt: string): void {
  let watcher = watchers.get(element)
  if (!watcher) {
    watcher = new Watcher(element)
    watchers.set(element, watcher)
  }
  watcher.shows(shownAt)
}

/** Server-sent events by `fetch`: an EventSource can neither send a token nor tell why it was refused. */
class Watcher {
  readonly #element: Watched
  #shownAt = ''
  /** Who is asked, and as whom. */
  #source = ''
  #connection: AbortController | null = null
  /** Answered with a refusal: asking again is of no use. */
  #refused = false
  /** It was let in before: a refusal then means that its access has ended. */
  #heard = false
  #inView = true
  #failures = 0
  /** A refresh is under way or pausing; `#again`: another one is wanted. */
  #busy = false
  #again = false

  constructor(element: Watched) {
    this.#element = element
    document.addEventListener('visibilitychange', () => this.#follow())
    // Also tells when the element leaves the page, or comes back.
    new IntersectionObserver(([entry]) => {
      this.#inView = entry?.isIntersecting ?? true
      this.#follow()
    }).observe(element)
  }

  shows(at: string): void {
    this.#shownAt = at
    const { endpoint, token, workspace } = this.#element
    const source = JSON.stringify([endpoint, token, workspace])
    if (source !== this.#source) {
      this.#source = source
      this.#refused = false
      this.#heard = false
      this.#stop()
    }
    this.#follow()
  }

  /** Connected exactly while somebody can see it. */
  #follow(): void {
    const element = this.#element
    const seen = !document.hidden && this.#inView && element.isConnected && element.getAttribute('live') !== 'off'
    if (!seen || this.#refused) this.#stop()
    else if (!this.#connection) {
      this.#connection = new AbortController()
      this.#failures = 0
      void this.#run(this.#connection.signal)
    }
  }

  #stop(): void {
    this.#connection?.abort()
    this.#connection = null
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#refused) {
      await this.#listen(signal).catch(() => undefined)
      if (signal.aborted || this.#refused) break
      const wait = Math.min(MAX_BACKOFF, BACKOFF * 2 ** this.#failures) * (0.5 + Math.random() / 2)
      this.#failures += 1
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
    if (this.#refused) this.#stop()
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const { endpoint, token, workspace } = this.#element
    // It has answered under this address before, so it is one.
    const url = new URL(`${endpoint.replace(/\/+$/, '')}/api/v1/events`, location.href)
    if (workspace) url.searchParams.set('workspace', workspace)
    const silent = new AbortController()
    let timer = setTimeout(() => silent.abort(), SILENCE)
    try {
      const response = await fetch(url, {
        headers: { accept: 'text/event-stream', ...(token ? { authorization: `Bearer ${token}` } : {}) },
        credentials: token ? 'omit' : 'same-origin',
        cache: 'no-store',
        signal: AbortSignal.any([signal, silent.signal]),
      })
      const { status } = response
      this.#refused = status >= 400 && status < 500 && status !== 429 && status !== 408
      if (!response.ok || !response.body) {
        await response.body?.cancel()
        // Figures it may not have any more do not stay on the page: asking for them says why.
        if (this.#refused && this.#heard) void this.#element.refresh().catch(() => undefined)
        return
      }
      this.#heard = true
      if (this.#shownAt === '') this.#refresh()
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
      for (let text = ''; ; ) {
        const { value, done } = await reader.read()
        if (done) return
        this.#failures = 0
        clearTimeout(timer)
        timer = setTimeout(() => silent.abort(), SILENCE)
        const events = (text + value).split('\n\n')
        text = events.pop() ?? ''
        for (const event of events) this.#hear(event)
      }
    } finally {
      clearTimeout(timer)
    }
  }

  #hear(event: string): void {
    const kind = /^event: (.*)$/m.exec(event)?.[1]
    if (kind === 'changed') this.#refresh()
    if (kind !== 'latest') return
    const at = Date.parse(/"at":"([^"]+)"/.exec(event)?.[1] ?? '')
    if (at > Date.parse(this.#shownAt) - MARGIN) this.#refresh()
  }

  #refresh(): void {
    this.#again = true
    if (!this.#busy) void this.#refreshNow()
  }

  async #refreshNow(): Promise<void> {
    this.#busy = true
    while (this.#again && this.#connection) {
      this.#again = false
      await this.#element.refresh().catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, PAUSE))
    }
    this.#again = false
    this.#busy = false
  }
}
