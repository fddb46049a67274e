import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type Clock, fastClock, realClock } from './clock.ts'
import { type FakeAnswer, type FakeRequest, send } from './http.ts'
import { type Limit, Quotas, type Usage } from './quotas.ts'
import { type Route, Router } from './router.ts'
import { type Fault, type FaultContext, Faults } from './script.ts'

/** Holds requests and answers against a description of the interface. */
export interface Validator {
  /** What is wrong with a request; nothing for a path that is not described. */
  request(request: FakeRequest): readonly string[]
  answer(request: FakeRequest, answer: FakeAnswer): readonly string[]
}

/** What makes a fake one vendor's: routes, quotas and the shape of refusals. */
export interface FakeDefinition {
  readonly routes: readonly Route[]
  readonly limits?: readonly Limit[]
  /** Names the account a request is made for (quotas are counted by it; '' for none), or refuses it. */
  authenticate(request: FakeRequest): string | FakeAnswer
  /** Refuses a request too many. */
  tooMany(request: FakeRequest, policy: string): FakeAnswer
  /** Any other refusal. */
  refuse(request: FakeRequest, status: number, message: string): FakeAnswer
  /** Headers that tell what is left of the limits. */
  usage?(usage: readonly Usage[]): Readonly<Record<string, string>>
  /** A page without its next cursor, for the fault `endEarly`. */
  withoutCursor?(body: unknown): unknown
  readonly validator?: Validator | undefined
}

export interface FakeOptions {
  readonly clock?: Clock
  /** Runs the fake's time so many times as fast as the real one. */
  readonly speed?: number
  /** How many requests the log keeps; default 20,000. */
  readonly keep?: number
}

/** One request, in order of arrival. */
export interface RequestLog {
  readonly method: string
  readonly path: string
  /** As sent, without the question mark. */
  readonly query: string
  /** Bytes of the request's body. */
  readonly size: number
  readonly account: string
  /** By the fake's clock. */
  readonly at: number
  /** 0 until the answer is settled. */
  readonly status: number
  /** Name of the fault it met. */
  readonly fault?: string
}

export interface Tally {
  requests: number
  /** Answers 429. */
  limited: number
}

/** Sums over the fake's life, also of what the log has dropped. */
export interface Counters extends Tally {
  /** Most requests open at one time. */
  peak: number
  readonly accounts: Map<string, Tally>
}

/** A running fake. */
export interface Fake extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`. */
  readonly origin: string
  readonly clock: Clock
  readonly faults: Faults
  readonly quotas: Quotas
  readonly requests: readonly RequestLog[]
  readonly counters: Counters
  /** Requests and own answers that break the interface's description. */
  readonly violations: readonly string[]
  /** Ends everything, also the sockets of requests that hang. */
  close(): Promise<void>
}

/** Starts a fake of an upstream system on a free port of the loopback device. */
export async function startFake(definition: FakeDefinition, options: FakeOptions = {}): Promise<Fake> {
  const clock = options.clock ?? (options.speed ? fastClock(options.speed) : realClock)
  const fake = new FakeServer(definition, clock, options.keep ?? 20_000)
  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (message, response) => {
    fake.serve(message, response).catch((error: unknown) => fake.fail(response, error))
  })
  const origin = await listen(server)
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  const { faults, quotas, requests, counters, violations } = fake
  return { origin, clock, faults, quotas, requests, counters, violations, close, [Symbol.asyncDispose]: close }
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`)
    })
  })
}

type Entry = { -readonly [K in keyof RequestLog]: RequestLog[K] }

interface Settled {
  readonly answer: FakeAnswer
  readonly faults: readonly Fault[]
}

const BODY_LIMIT = 32 << 20

class FakeServer {
  readonly faults = new Faults()
  readonly requests: Entry[] = []
  readonly counters: Counters = { requests: 0, limited: 0, peak: 0, accounts: new Map() }
  readonly violations: string[] = []
  readonly quotas: Quotas
  readonly #definition: FakeDefinition
  readonly #router: Router
  readonly #clock: Clock
  readonly #keep: number
  readonly #last = new Map<string, FakeAnswer>()
  readonly #context: FaultContext
  #open = 0

  constructor(definition: FakeDefinition, clock: Clock, keep: number) {
    this.#definition = definition
    this.#clock = clock
    this.#keep = keep
    this.#router = new Router(definition.routes)
    this.quotas = new Quotas(definition.limits ?? [], clock)
    this.#context = {
      tooMany: definition.tooMany,
      withoutCursor: definition.withoutCursor ?? ((body) => body),
      last: (request) => this.#last.get(placeOf(request)),
    }
  }

  async serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#open += 1
    this.counters.peak = Math.max(this.counters.peak, this.#open)
    response.once('close', () => {
      this.#open -= 1
    })
    const url = message.url ?? '/'
    const cut = url.indexOf('?')
    const path = cut < 0 ? url : url.slice(0, cut)
    const query = cut < 0 ? '' : url.slice(cut + 1)
    const method = message.method ?? 'GET'
    const text = await bodyOf(message)
    const { route, params } = this.#router.find(method, path)
    const request: FakeRequest = {
      method,
      path,
      params,
      query: new URLSearchParams(query),
      headers: message.headers,
      body: parsed(text, message.headers['content-type']),
      text,
      account: '',
      now: this.#clock.now(),
    }
    const named = this.#definition.authenticate(request)
    if (typeof named === 'string') (request as { account: string }).account = named
    const entry = this.#log(request, query)
    const { answer, faults } = await this.#settle(request, route, typeof named === 'string' ? undefined : named)
    entry.status = answer.status
    const fault = faults.find(({ accompanies }) => !accompanies) ?? faults[0]
    if (fault) entry.fault = fault.name
    if (answer.status === 429) {
      this.counters.limited += 1
      this.#tally(request.account).limited += 1
    }
    const own = faults.find((one) => one.send)?.send
    if (own) own(response, answer, this.#clock.now())
    else send(response, answer, this.#clock.now())
  }

  /** A fake that breaks must be noticed: by the caller and by the test that looks at the violations. */
  fail(response: ServerResponse, error: unknown): void {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.violations.push(`the fake failed: ${message}`)
    if (response.headersSent) response.socket?.destroy()
    else send(response, { status: 500, body: { status: 'error', message } }, this.#clock.now())
  }

  async #settle(request: FakeRequest, route: Route | undefined, refusal: FakeAnswer | undefined): Promise<Settled> {
    if (refusal) return { answer: refusal, faults: [] }
    const taken = this.quotas.take(request.account, route?.limits ?? [])
    if (taken.refused) return { answer: this.#definition.tooMany(request, taken.refused.policy), faults: [] }
    const faults = this.faults.pick(request)
    for (const fault of faults) await fault.before?.(request)
    const other = faults.find((fault) => fault.answer)?.answer?.(request, this.#context)
    let answer = other ?? (await this.#normal(request, route, taken.usage))
    for (const fault of faults) answer = fault.change?.(answer, request, this.#context) ?? answer
    for (const fault of faults) await fault.after?.(request)
    return { answer, faults }
  }

  async #normal(request: FakeRequest, route: Route | undefined, usage: readonly Usage[]): Promise<FakeAnswer> {
    const { validator } = this.#definition
    const { refuse } = this.#definition
    if (!route) return refuse(request, 404, `no such path: ${request.method} ${request.path}`)
    if (request.text !== '' && request.body === undefined) return refuse(request, 400, 'the body is not JSON')
    const problems = validator?.request(request) ?? []
    if (problems.length > 0) return this.#violated(request, 400, problems)
    const answer = await route.handle(request)
    const faulty = validator?.answer(request, answer) ?? []
    if (faulty.length > 0) return this.#violated(request, 500, faulty)
    const headers = this.#definition.usage?.(usage)
    const complete = headers ? { ...answer, headers: { ...headers, ...answer.headers } } : answer
    if (answer.status === 200) this.#last.set(placeOf(request), complete)
    return complete
  }

  #violated(request: FakeRequest, code: 400 | 500, problems: readonly string[]): FakeAnswer {
    const message = `${code === 400 ? 'request' : 'answer'} ${request.method} ${request.path}: ${problems.join('; ')}`
    this.violations.push(message)
    return this.#definition.refuse(request, code, `invalid ${message}`)
  }

  #log(request: FakeRequest, query: string): Entry {
    const { method, path, account, now: at } = request
    const entry: Entry = { method, path, query, size: Buffer.byteLength(request.text), account, at, status: 0 }
    this.requests.push(entry)
    // By a quarter at a time: dropping the first of an array one by one is slow.
    if (this.requests.length > this.#keep * 1.25) this.requests.splice(0, this.requests.length - this.#keep)
    this.counters.requests += 1
    this.#tally(account).requests += 1
    return entry
  }

  #tally(account: string): Tally {
    const { accounts } = this.counters
    let tally = accounts.get(account)
    if (!tally) {
      tally = { requests: 0, limited: 0 }
      accounts.set(account, tally)
    }
    return tally
  }
}

function placeOf({ method, path, account }: FakeRequest): string {
  return `${method} ${path} ${account}`
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const { 'content-length': length, 'transfer-encoding': encoding } = message.headers
  if (encoding === undefined && (length === undefined || length === '0')) {
    message.resume()
    return ''
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_LIMIT) throw new Error(`the request's body is larger than ${BODY_LIMIT} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function parsed(text: string, type = ''): unknown {
  if (text === '') return undefined
  if (type.startsWith('application/x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(text))
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
