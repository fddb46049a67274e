import { Pool } from 'undici'
import type { z } from 'zod'
import { ConnectorError, type Remedy } from '../../errors.ts'
import type { Connector, Http, HttpRequest } from '../contract.ts'
import { Breaker } from './breaker.ts'
import { abortable, type Clock, SYSTEM_CLOCK } from './clock.ts'
import { DEADLINES, type Deadlines, exchange, type Incoming, type Outgoing } from './exchange.ts'
import { Limiter, type Reading, type Slot } from './limiter.ts'
import { originOf } from './origin.ts'
import { outgoingOf } from './request.ts'
import { headerOf, judgeAnswer, judgeError, type Retry, type Subject, type Verdict } from './verdict.ts'

export { type Clock, SYSTEM_CLOCK } from './clock.ts'
export type { Deadlines } from './exchange.ts'

/** Tries of one request, and how long after the first one another may still be planned, milliseconds. */
const TRIES = 6
const PERSISTENCE = 10 * 60_000
/** Back-off: the first ceiling and the highest, milliseconds. It doubles with every try. */
const BACKOFF = 500
const MAX_BACKOFF = 30_000
/** Who wants to be left alone for longer than this is not waited for, milliseconds. */
const MAX_WAIT = 15 * 60_000
/** A limit that does not tell when it ends is looked at again after this, milliseconds … */
const UNTOLD_PAUSE = 15 * 60_000
/** … and one that tells is believed so far. */
const MAX_PAUSE = 24 * 3_600_000
/** What is spread over all who wait for the same instant, milliseconds. */
const SPREAD = 500
const MAX_BYTES = 64 << 20
/** Offsets of the source's clock that are remembered: a cached answer with an old date must not decide. */
const OFFSETS = 9

export interface UpstreamOptions {
  readonly connector: Pick<Connector, 'id' | 'auth' | 'api' | 'errors'>
  /** Stands in for `api.origin`; loopback addresses only. */
  readonly origin?: string
  /** What proves who we are, without the prefix. Asked before every request, so that a renewed token is used. */
  readonly credential: () => Promise<string | undefined>
  /** Renews the credential after a 401, once for all requests that met it; true: try again. */
  readonly refresh?: () => Promise<boolean>
  readonly clock?: Clock
  /** For jitter; default Math.random. */
  readonly random?: () => number
  /** Never given credentials, bodies or query strings. */
  readonly log?: (message: string, details?: Record<string, unknown>) => void
  readonly deadlines?: Partial<Deadlines>
  /** Of one answer, decompressed; default 64 MB. */
  readonly maxBytes?: number
}

export interface UpstreamStatus {
  /** Requests sent, retries included. */
  readonly requests: number
  /** Of these: no answer, 5xx, or an answer that was none. */
  readonly failures: number
  /** Of these: 429. */
  readonly limited: number
  /** The limit `core` by the headers of the last answer; null where the source does not tell. */
  readonly quota: { readonly left: number; readonly of: number; readonly resetsInMs: number } | null
  /** Nobody asks before: a daily limit is reached. */
  readonly pausedUntil: Date | null
  /** The source is believed to be down. */
  readonly open: boolean
  /** Requests that failed at least once and are not given up. */
  readonly retrying: number
}

/** One connection's way to its source: its limits, breaker and clock. Shared by all runs of the connection. */
export interface Upstream {
  /** Requests of one run. They end with the reason of the signal once it aborts. */
  http(signal: AbortSignal): Http
  status(): UpstreamStatus
  /** Now by the source's clock, as the dates of its last answers tell; else by ours. */
  now(): Date
  /** A new run begins: refused credentials and a source that was down are tried again, a pause stays. */
  begin(): void
  /** Ends all requests with ConnectorError `closed`. */
  close(): Promise<void>
}

/** @throws RoiError `bad_origin` */
export function openUpstream(options: UpstreamOptions): Upstream {
  return new ApiUpstream(options)
}

/** The tries of one request. */
interface Effort {
  readonly request: Outgoing
  readonly path: string
  readonly text: boolean
  readonly limit: string
  readonly limiter: Limiter
  tries: number
  /** When the first try left. */
  since: number | undefined
  /** Before the next try, milliseconds. */
  wait: number
  /** The credentials were or are being renewed for it. */
  renewed: boolean
  renewal: Promise<void>
  /** Counted among those who retry. */
  retrying: boolean
  /** Renewals before its last try left. */
  generation: number
}

/** What proves who we are, and after how many renewals. */
interface Proof {
  readonly headers: Readonly<Record<string, string>>
  readonly generation: number
}

class ApiUpstream implements Upstream {
  readonly #options: UpstreamOptions
  readonly #api: NonNullable<Connector['api']>
  readonly #origin: URL
  readonly #clock: Clock
  readonly #random: () => number
  readonly #deadlines: Deadlines
  readonly #pool: Pool
  readonly #limiters: ReadonlyMap<string, Limiter>
  readonly #breaker: Breaker
  readonly #counts = { requests: 0, failures: 0, limited: 0, retrying: 0 }
  #quota: Reading | undefined
  #offsets: number[] = []
  /** Ends back-offs when asking becomes useless for all. */
  #halt = new AbortController()
  #closed: ConnectorError | undefined
  #refused: ConnectorError | undefined
  #paused: { readonly until: number; readonly error: ConnectorError } | undefined
  /** Counts renewals: a 401 to a request that left with older credentials needs none. */
  #generation = 0
  #renewing: Promise<void> | undefined
  /** The last credentials, to keep them out of messages. */
  #secrets: string[] = []

  constructor(options: UpstreamOptions) {
    const { api } = options.connector
    if (!api) throw new Error('a connector without an API has no upstream')
    this.#options = options
    this.#api = api
    this.#origin = originOf(api.origin, options.origin)
    this.#clock = options.clock ?? SYSTEM_CLOCK
    this.#random = options.random ?? Math.random
    this.#deadlines = { ...DEADLINES, ...options.deadlines }
    const limits = Object.entries(api.limits)
    this.#limiters = new Map(limits.map(([name, limit]) => [name, new Limiter(limit, this.#clock)]))
    const { connect, headers, idle } = this.#deadlines
    // A pool of its own, and no agent of the environment: neither proxies nor other hosts can come in between.
    this.#pool = new Pool(this.#origin, {
      allowH2: false,
      connections: limits.reduce((sum, [, limit]) => sum + limit.concurrent, 0),
      connect: { timeout: connect },
      headersTimeout: headers,
      bodyTimeout: idle,
    })
    this.#breaker = new Breaker(
      this.#clock,
      () => this.#error('retry', 'source_down', `failed ${this.#breaker.failures} times in a row and is left alone`),
      () => this.#stop(this.#error('retry', 'source_down', 'failed too often and is left alone'), 'source is down'),
    )
  }

  http(signal: AbortSignal): Http {
    return { get: (request, schema) => this.#get(request, schema, signal) }
  }

  status(): UpstreamStatus {
    const quota = this.#quota
    return {
      ...this.#counts,
      quota: quota ? { left: quota.remaining, of: quota.max, resetsInMs: quota.interval } : null,
      pausedUntil: this.#pause() ? new Date(this.#paused!.until) : null,
      open: this.#breaker.open,
    }
  }

  now(): Date {
    const sorted = this.#offsets.toSorted((a, b) => a - b)
    return new Date(this.#clock.now() + (sorted[sorted.length >> 1] ?? 0))
  }

  begin(): void {
    this.#refused = undefined
    this.#breaker.begin()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = this.#error('retry', 'closed', 'is closed')
    this.#stop(this.#closed, 'closed')
    await this.#pool.destroy()
  }

  /**
   * The loop is our own and not cockatiel's: it waits by timers and a clock of its own that tests cannot turn, a retry
   * after a 429 must wait in the queue of its limit together with everybody else, and its breaker knows neither a budget
   * per run nor a run that may look at once while others wait for what it finds.
   */
  async #get<T>(request: HttpRequest, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const effort = this.#effort(request)
    try {
      for (;;) {
        const verdict = await this.#try(effort, schema, signal)
        switch (verdict.next) {
          case 'done':
            return verdict.value
          case 'fail':
            throw verdict.error
          case 'pause':
            throw this.#paused?.error ?? verdict.error
          case 'renew':
            await abortable(effort.renewal, signal)
            break
          case 'retry':
            await this.#waitToRetry(verdict, effort, signal)
        }
      }
    } finally {
      if (effort.retrying) this.#counts.retrying -= 1
    }
  }

  #effort(request: HttpRequest): Effort {
    const limit = request.limit ?? 'core'
    const limiter = this.#limiters.get(limit)
    if (!limiter) throw new Error(`${this.#options.connector.id} has no limit ${limit}`)
    const outgoing = outgoingOf(request, this.#origin)
    const { path, text = false } = request
    const fresh = { tries: 0, since: undefined, wait: 0, retrying: false, generation: 0 }
    return { request: outgoing, path, text, limit, limiter, ...fresh, renewed: false, renewal: Promise.resolve() }
  }

  /** One attempt, once everything that holds it back lets it go. */
  async #try<T>(effort: Effort, schema: z.ZodType<T>, signal: AbortSignal): Promise<Verdict<T>> {
    signal.throwIfAborted()
    this.#check()
    const admission = await this.#breaker.admit(signal)
    let slot: Slot | undefined
    let failed: boolean | undefined
    try {
      // Another request may have met the end of it while this one waited; here and once more before it leaves.
      this.#check()
      slot = await effort.limiter.acquire(signal)
      const proof = await this.#proof(signal)
      this.#check()
      const verdict = await this.#ask(effort, proof, slot, schema, signal)
      failed = verdict.failed
      this.#heed(effort, verdict)
      return verdict
    } finally {
      if (failed) this.#counts.failures += 1
      this.#breaker.report(admission, failed)
      // Last: whoever goes next is bound by what this answer told.
      slot?.release()
    }
  }

  async #ask<T>(
    effort: Effort,
    proof: Proof,
    slot: Slot,
    schema: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<Verdict<T>> {
    effort.tries += 1
    effort.since ??= this.#clock.now()
    effort.generation = proof.generation
    this.#counts.requests += 1
    const request = { ...effort.request, headers: { ...effort.request.headers, ...proof.headers } }
    const { total } = this.#deadlines
    let incoming: Incoming
    try {
      incoming = await exchange(this.#pool, request, { total, maxBytes: this.#options.maxBytes ?? MAX_BYTES, signal })
    } catch (error) {
      signal.throwIfAborted()
      if (this.#closed) throw this.#closed
      return judgeError(error, this.#subject(effort))
    }
    this.#learn(incoming, effort, slot)
    return judgeAnswer(incoming, schema, this.#subject(effort))
  }

  #subject({ request: { method }, path, text }: Effort): Subject {
    const { connector } = this.#options
    return { connector, method, path, text, secrets: this.#secrets, now: this.#clock.now() }
  }

  /** The header that proves who we are. */
  async #proof(signal: AbortSignal): Promise<Proof> {
    if (this.#renewing) await abortable(this.#renewing, signal)
    const generation = this.#generation
    const { auth } = this.#options.connector
    if (auth.type === 'none') return { generation, headers: {} }
    const credential = await abortable(this.#options.credential(), signal)
    if (credential === undefined) return { generation, headers: {} }
    if (!/^[\x20-\x7e]+$/.test(credential)) {
      throw this.#error(
        'fix-settings',
        'bad_credential',
        'cannot be asked: the credential holds characters it cannot have',
      )
    }
    if (!this.#secrets.includes(credential)) this.#secrets = [credential, ...this.#secrets].slice(0, 4)
    const { header = 'authorization', prefix = 'Bearer ' } = (auth.type === 'oauth2' ? auth.also : auth) ?? {}
    return { generation, headers: { [header]: `${prefix}${credential}` } }
  }

  /** What the head of an answer tells about the source's clock and limit. */
  #learn(incoming: Incoming, { limit, limiter }: Effort, slot: Slot): void {
    if (incoming.status === 429) this.#counts.limited += 1
    const sent = Date.parse(headerOf(incoming, 'date') ?? '')
    if (!Number.isNaN(sent)) this.#offsets = [sent - this.#clock.now(), ...this.#offsets].slice(0, OFFSETS)
    const names = this.#api.rateHeaders
    if (!names || limit !== 'core') return
    const [max, remaining, interval] = [names.max, names.remaining, names.interval].map((name) => {
      const value = headerOf(incoming, name)
      return value && /^\d{1,12}$/.test(value) ? Number(value) : undefined
    })
    if (max === undefined || remaining === undefined || interval === undefined) return
    this.#quota = { max, remaining, interval }
    limiter.learn(this.#quota, slot)
  }

  /** What an answer means for all the others. */
  #heed(effort: Effort, verdict: Verdict<unknown>): void {
    const now = this.#clock.now()
    if (verdict.next === 'pause') this.#beginPause(verdict.error, verdict.until ?? now + UNTOLD_PAUSE)
    else if (verdict.next === 'renew') this.#beginRenewal(effort, verdict.error)
    else if (verdict.next === 'retry') {
      const { after, limited, error } = verdict
      effort.wait = (after ?? 0) + this.#jitter(effort, after)
      if (after !== undefined && after > MAX_WAIT) this.#beginPause(error, now + after)
      else if (limited) effort.limiter.block(effort.wait)
    }
  }

  /** After a 401: one renewal for all requests that left with the same credentials. */
  #beginRenewal(effort: Effort, error: ConnectorError): void {
    if (this.#refused) return
    const { refresh } = this.#options
    const stale = effort.generation !== this.#generation
    if (effort.renewed || (!stale && !refresh)) this.#refuse(error)
    else if (!stale && refresh) {
      this.#renewing ??= this.#renew(refresh, error).finally(() => {
        this.#renewing = undefined
      })
      // Heard by those who wait for it; there may be none left.
      this.#renewing.catch(() => undefined)
      effort.renewal = this.#renewing
    }
    effort.renewed = true
  }

  async #renew(refresh: () => Promise<boolean>, error: ConnectorError): Promise<void> {
    if (await refresh()) this.#generation += 1
    else this.#refuse(error)
  }

  #refuse(error: ConnectorError): void {
    if (this.#refused) return
    this.#refused = error
    this.#stop(error, 'credentials are refused')
  }

  /** Returns when the request may be tried again; throws when that is useless, or useless for all. */
  async #waitToRetry({ error, limited }: Retry, effort: Effort, signal: AbortSignal): Promise<void> {
    this.#check()
    if (effort.tries >= TRIES || this.#clock.now() - effort.since! > PERSISTENCE) throw error
    this.#breaker.check()
    const { tries, wait } = effort
    this.#log('request is tried again', { error: error.message, code: error.code, tries, waitMs: wait })
    if (!effort.retrying) this.#counts.retrying += 1
    effort.retrying = true
    // A reached limit holds up everybody; this request waits for its end in the queue like the others.
    if (limited) return
    const ended = AbortSignal.any([signal, this.#halt.signal])
    await this.#clock.sleep(wait, ended).catch(() => undefined)
    if (ended.aborted) throw ended.reason
  }

  /** Full jitter: requests that failed together must not come back together. */
  #jitter({ tries }: Effort, after: number | undefined): number {
    return this.#random() * (after === undefined ? Math.min(MAX_BACKOFF, BACKOFF * 2 ** (tries - 1)) : SPREAD)
  }

  /** Nobody asks before an instant. */
  #beginPause(reason: ConnectorError, until: number): void {
    const now = this.#clock.now()
    // At least a second: a source whose clock is ahead may name an instant that has passed.
    const at = Math.max(Math.min(until, now + MAX_PAUSE), now + 1000, this.#pause()?.until ?? 0)
    const error = new ConnectorError('wait', reason.code, reason.message, { retryAt: new Date(at) })
    this.#paused = { until: at, error }
    this.#stop(error, 'paused')
  }

  #pause(): { readonly until: number; readonly error: ConnectorError } | undefined {
    return this.#paused && this.#clock.now() < this.#paused.until ? this.#paused : undefined
  }

  /** @throws ConnectorError when nobody may ask */
  #check(): void {
    const error = this.#closed ?? this.#refused ?? this.#pause()?.error
    if (error) throw error
  }

  /** Asking has become useless for all: ends everybody who waits in a queue or for a retry. */
  #stop(error: ConnectorError, why: string): void {
    // Closing is what every run ends with; only what cuts one off is worth telling.
    if (error !== this.#closed) {
      this.#log(`no more requests: ${why}`, { code: error.code, error: error.message, retryAt: error.retryAt })
    }
    this.#halt.abort(error)
    this.#halt = new AbortController()
    for (const limiter of this.#limiters.values()) limiter.refuse(error)
  }

  #error(remedy: Remedy, code: string, what: string): ConnectorError {
    return new ConnectorError(remedy, code, `${this.#options.connector.id} ${what}`)
  }

  #log(message: string, details: Record<string, unknown>): void {
    this.#options.log?.(message, { connector: this.#options.connector.id, ...details })
  }
}
