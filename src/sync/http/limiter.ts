import type { RateLimit } from '../contract.ts'
import type { Clock } from './clock.ts'

/** Part of the stated limit that is used. The rest is for what is under way when it is counted. */
const SHARE = 0.965
/** Part of the window that may be caught up at once after a pause: a late timer must not lose requests. */
const CATCH_UP = 0.01
/** After a 429 the share shrinks by this factor, down to the floor, and grows back by a step per window. */
const SHRINK = 0.85
const MIN_SHARE = 0.3
const GROW = 0.05
/** However much others use, this part of the limit stays ours; else a busy neighbour would stop us for good. */
const OWN = 0.1
/** Weight of a new reading of what others use. One reading is off by the requests that overtook each other. */
const WEIGHT = 0.25
/** A limit that paces slower than this is taken for a wrong header, milliseconds between requests. */
const MAX_SPACING = 60_000
/** A reached limit is left alone for at least so long, or a twentieth of its window; milliseconds. */
const MIN_BLOCK = 1000

/** What the source tells about a limit in its headers. */
export interface Reading {
  /** Requests per window. */
  readonly max: number
  /** Of these, how many are left. */
  readonly remaining: number
  /** Milliseconds. */
  readonly interval: number
}

/** The right to send one request. */
export interface Slot {
  /** Requests sent in the window that ends with this one. */
  readonly used: number
  /** To be called once the answer is there. */
  release(): void
}

interface Waiter {
  grant(slot: Slot): void
  refuse(error: unknown): void
}

/**
 * One rate limit of a source, shared by all who ask there: a queue in order of arrival, paced evenly. At most the stated
 * number of requests leaves in any window, wherever it begins: with requests spaced by `per / (0.965 × limit)` and at most
 * 1 % of a window caught up, a window holds less than 1 + 0.975 × limit, also when arrival varies by 2.5 % of the window.
 */
export class Limiter {
  readonly #clock: Clock
  readonly #concurrent: number
  #requests: number
  #per: number
  readonly #waiting = new Set<Waiter>()
  #running = 0
  /** When the next request would leave if all had left evenly. */
  #next = 0
  #blockedUntil = 0
  #share = SHARE
  #shareSince = 0
  /** Requests per window that others make, as the readings tell. */
  #others = 0
  /** When the requests of the last window left, oldest first from `#head` on. */
  #sent: number[] = []
  #head = 0
  #alarm: { readonly at: number; readonly stop: AbortController } | undefined

  constructor(limit: RateLimit, clock: Clock) {
    this.#clock = clock
    this.#concurrent = limit.concurrent
    this.#requests = limit.requests
    this.#per = limit.per
  }

  /**
   * Waits for its turn.
   * @throws the reason of the signal, or what {@link Limiter.refuse} is called with
   */
  acquire(signal: AbortSignal): Promise<Slot> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const leave = () => {
        this.#waiting.delete(waiter)
        signal.removeEventListener('abort', onAbort)
      }
      const waiter: Waiter = {
        grant(slot) {
          leave()
          resolve(slot)
        },
        refuse(error) {
          leave()
          reject(error)
        },
      }
      const onAbort = () => {
        waiter.refuse(signal.reason)
        this.#pump()
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting.add(waiter)
      this.#pump()
    })
  }

  /** Nobody goes on for so many milliseconds; told by a 429. Those who wait do not leave all at once afterwards. */
  block(ms: number): void {
    const now = this.#clock.now()
    // Several requests under way learn of one and the same limit; it shrinks the share once.
    if (now >= this.#blockedUntil) {
      this.#share = Math.max(MIN_SHARE, this.#currentShare(now) * SHRINK)
      this.#shareSince = now
    }
    // A rolling window frees next to nothing in less than a twentieth of it.
    const least = Math.min(MIN_BLOCK, this.#per / 20)
    this.#blockedUntil = Math.max(this.#blockedUntil, now + Math.max(ms, least))
    this.#next = Math.max(this.#next, this.#blockedUntil + this.#per * CATCH_UP)
    this.#pump()
  }

  /** Corrects the limit by what an answer says about it. */
  learn({ max, remaining, interval }: Reading, { used }: Slot): void {
    if (!(max >= 1 && interval >= 1 && remaining >= 0) || interval / (SHARE * max) > MAX_SPACING) return
    this.#requests = max
    this.#per = interval
    // Below zero where the source counts a window of the clock and not a rolling one; that must not hide others.
    const others = Math.max(max - remaining - used, -max * (1 - SHARE))
    this.#others += (others - this.#others) * WEIGHT
    this.#pump()
  }

  /** Refuses everybody who waits now. */
  refuse(error: unknown): void {
    for (const waiter of [...this.#waiting]) waiter.refuse(error)
    this.#pump()
  }

  /** Lets go whoever may go, and sets the one timer for the next. */
  #pump(): void {
    for (const waiter of this.#waiting) {
      if (this.#running >= this.#concurrent) break
      const now = this.#clock.now()
      const due = this.#due(now)
      if (due > now) {
        this.#wakeAt(due)
        return
      }
      waiter.grant(this.#leave(now))
    }
    // Nobody waits for a time any more: an idle queue must not keep the process alive.
    this.#alarm?.stop.abort()
    this.#alarm = undefined
  }

  #due(now: number): number {
    const slack = this.#per * CATCH_UP
    // After the machine's clock was set back, plans of the time before would hold everybody up.
    if (now >= this.#blockedUntil) this.#next = Math.min(this.#next, now + slack + this.#spacing(now))
    return Math.max(this.#next - slack, this.#blockedUntil)
  }

  /** Milliseconds between two requests. */
  #spacing(now: number): number {
    const ours = this.#currentShare(now) * this.#requests - Math.max(0, this.#others)
    return this.#per / Math.max(ours, OWN * this.#requests)
  }

  #currentShare(now: number): number {
    return Math.min(SHARE, this.#share + (GROW * Math.max(0, now - this.#shareSince)) / this.#per)
  }

  #leave(now: number): Slot {
    this.#next = Math.max(this.#next, now) + this.#spacing(now)
    this.#running += 1
    this.#sent.push(now)
    while (this.#sent[this.#head]! <= now - this.#per) this.#head += 1
    if (this.#head > 4096) {
      this.#sent = this.#sent.slice(this.#head)
      this.#head = 0
    }
    let held = true
    return {
      used: this.#sent.length - this.#head,
      release: () => {
        if (!held) return
        held = false
        this.#running -= 1
        this.#pump()
      },
    }
  }

  #wakeAt(at: number): void {
    // A timer that rings earlier looks at the time again.
    if (this.#alarm && this.#alarm.at <= at) return
    this.#alarm?.stop.abort()
    const alarm = { at, stop: new AbortController() }
    this.#alarm = alarm
    const ring = () => {
      if (this.#alarm !== alarm) return
      this.#alarm = undefined
      this.#pump()
    }
    this.#clock.sleep(at - this.#clock.now(), alarm.stop.signal).then(ring, ring)
  }
}
