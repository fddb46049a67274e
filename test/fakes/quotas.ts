import type { Clock } from './clock.ts'

/** So many requests in so many milliseconds, counted for every account on its own. */
export interface Limit {
  readonly name: string
  readonly requests: number
  readonly windowMs: number
  /** What the vendor calls it in a refusal. */
  readonly policy: string
  /** `rolling` (default) looks back from now; `fixed` starts anew at every multiple of the window. */
  readonly kind?: 'rolling' | 'fixed'
}

/** How much of a limit a request has left over. */
export interface Usage {
  readonly limit: Limit
  readonly remaining: number
}

export type Taken = { readonly refused: Limit } | { readonly refused?: undefined; readonly usage: readonly Usage[] }

/** Counts requests against limits. A refused request costs nothing. */
export class Quotas {
  readonly #clock: Clock
  readonly #limits: ReadonlyMap<string, Limit>
  readonly #windows = new Map<string, Window>()

  constructor(limits: readonly Limit[], clock: Clock) {
    this.#clock = clock
    this.#limits = new Map(limits.map((limit) => [limit.name, limit]))
  }

  /** Takes one request from each named limit, or from none when one of them is used up. */
  take(account: string, names: readonly string[]): Taken {
    const now = this.#clock.now()
    const windows: Window[] = []
    for (const name of names) {
      const limit = this.#limits.get(name)
      if (!limit) continue
      const window = this.#window(account, limit)
      if (window.used(now) >= limit.requests) return { refused: limit }
      windows.push(window)
    }
    return { usage: windows.map((window) => window.add(now)) }
  }

  /** Forgets what was used. */
  reset(): void {
    this.#windows.clear()
  }

  #window(account: string, limit: Limit): Window {
    const key = `${account} ${limit.name}`
    let window = this.#windows.get(key)
    if (!window) {
      window = new Window(limit)
      this.#windows.set(key, window)
    }
    return window
  }
}

class Window {
  readonly limit: Limit
  #times: number[] = []
  /** Index of the first time still inside: shifting an array of 250,000 would be slow. */
  #first = 0

  constructor(limit: Limit) {
    this.limit = limit
  }

  used(now: number): number {
    const { windowMs, kind } = this.limit
    const from = kind === 'fixed' ? Math.floor(now / windowMs) * windowMs : now - windowMs + 1
    while (this.#first < this.#times.length && this.#times[this.#first]! < from) this.#first += 1
    if (this.#first > 1000 && this.#first * 2 > this.#times.length) {
      this.#times = this.#times.slice(this.#first)
      this.#first = 0
    }
    return this.#times.length - this.#first
  }

  add(now: number): Usage {
    this.#times.push(now)
    return { limit: this.limit, remaining: this.limit.requests - (this.#times.length - this.#first) }
  }
}
