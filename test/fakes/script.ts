import type { ServerResponse } from 'node:http'
import type { FakeAnswer, FakeRequest } from './http.ts'

/** Which requests a fault is for. */
export type Matcher =
  | ((request: FakeRequest) => boolean)
  | {
      readonly path?: RegExp
      /** Tested against the decoded query text, such as `limit=100&after=5`. */
      readonly query?: RegExp
      readonly method?: string
      readonly account?: string
      /** So many matching requests pass first: the fault comes in the middle of a walk. */
      readonly skip?: number
    }

/** What a fault may ask of the server. */
export interface FaultContext {
  /** The vendor's refusal of a request too many. */
  tooMany(request: FakeRequest, policy: string): FakeAnswer
  /** The body without its next cursor. */
  withoutCursor(body: unknown): unknown
  /** The latest good answer of the same method and path for this account. */
  last(request: FakeRequest): FakeAnswer | undefined
}

/** One way for a request to go wrong; each stage is optional. */
export interface Fault {
  readonly name: string
  /** Goes along with a further fault instead of standing in its way. */
  readonly accompanies?: boolean
  /** Before the route is asked. */
  readonly before?: (request: FakeRequest) => void | Promise<void>
  /** Answers instead of the route; `undefined`: the route does after all. */
  readonly answer?: (request: FakeRequest, context: FaultContext) => FakeAnswer | undefined
  /** Changes the route's answer. */
  readonly change?: (answer: FakeAnswer, request: FakeRequest, context: FaultContext) => FakeAnswer
  /** After the answer is settled, before it is sent. */
  readonly after?: (request: FakeRequest) => void | Promise<void>
  /** Puts the answer on the wire in its own way. */
  readonly send?: (response: ServerResponse, answer: FakeAnswer, now: number) => void
}

/** A fault that was scripted. */
export interface Scripted {
  /** How many requests it has met. */
  readonly hits: number
  cancel(): void
}

/** The faults a server is to show, in the order they were scripted. */
export class Faults {
  readonly #scripts = new Set<Script>()

  /** For the next matching request, or the next few. */
  next(matcher: Matcher, fault: Fault, times = 1): Scripted {
    return this.#add(matcher, fault, times)
  }

  /** For every matching request until cleared. */
  always(matcher: Matcher, fault: Fault): Scripted {
    return this.#add(matcher, fault, Number.POSITIVE_INFINITY)
  }

  clear(): void {
    this.#scripts.clear()
  }

  /** The faults of a request: any number of companions and at most one other. */
  pick(request: FakeRequest): readonly Fault[] {
    if (this.#scripts.size === 0) return []
    const picked: Fault[] = []
    let exclusive = false
    for (const script of this.#scripts) {
      if (exclusive && !script.fault.accompanies) continue
      if (!script.meets(request)) continue
      picked.push(script.fault)
      exclusive ||= !script.fault.accompanies
      if (script.left === 0) this.#scripts.delete(script)
    }
    return picked
  }

  #add(matcher: Matcher, fault: Fault, times: number): Scripted {
    const script = new Script(matcher, fault, times)
    this.#scripts.add(script)
    const scripts = this.#scripts
    return {
      get hits() {
        return script.hits
      },
      cancel() {
        scripts.delete(script)
      },
    }
  }
}

class Script {
  readonly fault: Fault
  readonly #matches: (request: FakeRequest) => boolean
  #skip: number
  left: number
  hits = 0

  constructor(matcher: Matcher, fault: Fault, times: number) {
    this.fault = fault
    this.#matches = typeof matcher === 'function' ? matcher : predicate(matcher)
    this.#skip = typeof matcher === 'function' ? 0 : (matcher.skip ?? 0)
    this.left = times
  }

  meets(request: FakeRequest): boolean {
    if (this.left === 0 || !this.#matches(request)) return false
    if (this.#skip > 0) {
      this.#skip -= 1
      return false
    }
    this.left -= 1
    this.hits += 1
    return true
  }
}

function predicate({ path, query, method, account }: Exclude<Matcher, (request: FakeRequest) => boolean>) {
  // A pattern with the flag `g` remembers where it stopped; `search` does not.
  return (request: FakeRequest) =>
    (path === undefined || request.path.search(path) >= 0) &&
    (query === undefined || decodeURIComponent(request.query.toString()).search(query) >= 0) &&
    (method === undefined || request.method === method) &&
    (account === undefined || request.account === account)
}
