import { type AddressInfo, createServer } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ConnectorError, type Remedy } from '../src/errors.ts'
import type { Api, Connector, Fault, HttpAnswer, HttpRequest } from '../src/sync/contract.ts'
import { Breaker } from '../src/sync/http/breaker.ts'
import { openUpstream, type Upstream, type UpstreamOptions } from '../src/sync/http/upstream.ts'
import {
  type Reply,
  type Seen,
  type SocketServer,
  selfSigned,
  startSocketServer,
  VirtualClock,
} from './support/socket-server.ts'

const TOKEN = 'pat-na1-11111111-2222-3333-4444-555555555555'
const List = z.object({ results: z.array(z.object({ id: z.string() })) })
const PAGE = { results: [{ id: '1' }] }
const LIST: HttpRequest = { path: '/list', query: { limit: 100, after: 'secret-cursor' } }
const LIMITS: Api['limits'] = {
  core: { requests: 1000, per: 1000, concurrent: 8 },
  search: { requests: 1000, per: 1000, concurrent: 4 },
}

const NEVER = new AbortController().signal

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function serve(
  answer: (reply: Reply, request: Seen) => void,
  tls?: Parameters<typeof startSocketServer>[1],
): Promise<SocketServer> {
  const server = await startSocketServer(answer, tls)
  closing.push(() => server.stop())
  return server
}

interface Options extends Partial<Omit<UpstreamOptions, 'connector' | 'clock'>> {
  readonly clock?: VirtualClock
  readonly api?: Partial<Api>
  readonly errors?: Connector['errors']
  readonly auth?: Connector['auth']
}

function open(server: Pick<SocketServer, 'origin'> | undefined, options: Options = {}) {
  const { api, errors, auth, clock = new VirtualClock(), ...rest } = options
  const logged: unknown[] = []
  const upstream = openUpstream({
    connector: {
      id: 'vendor',
      auth: auth ?? { type: 'api_key', setting: 'token' },
      api: { origin: 'https://api.vendor.example', limits: LIMITS, ...api },
      errors: errors ?? {},
    },
    ...(server ? { origin: server.origin } : {}),
    credential: async () => TOKEN,
    clock,
    log: (message, details) => logged.push(message, details),
    ...rest,
  })
  closing.push(() => upstream.close())
  const http = upstream.http(new AbortController().signal)
  return { upstream, http, clock, logged, list: () => http.get(LIST, List) }
}

/** Answers of the first requests; the last one answers all later ones too. */
function script(...answers: readonly ((reply: Reply, request: Seen) => void)[]) {
  return (reply: Reply, request: Seen) => answers[Math.min(request.index, answers.length - 1)]!(reply, request)
}

const ok = (reply: Reply) => reply.json(PAGE)

/** An error as the fake vendor tells it. */
function fault({ body }: HttpAnswer): Fault | undefined {
  const { code, retryAt } = (body ?? {}) as { code?: string; retryAt?: number }
  if (typeof code !== 'string') return undefined
  return { code, message: `says ${code}`, ...(retryAt ? { retryAt: new Date(retryAt) } : {}) }
}

async function failureOf(promise: Promise<unknown>): Promise<ConnectorError> {
  const error = await promise.then(
    () => new Error('it worked'),
    (error: unknown) => error,
  )
  if (!(error instanceof ConnectorError)) throw error
  expect(error.message).not.toMatch(/secret-cursor|11111111/)
  return error
}

const outcome = async (promise: Promise<unknown>) => {
  const { remedy, code } = await failureOf(promise)
  return [remedy, code]
}

describe('a request', () => {
  test('carries method, query, body, credential and who asks; the answer is parsed', async () => {
    const server = await serve(ok)
    const { http } = open(server)
    await http.get({ path: '/a/b%20c', query: { x: 'ü&=', n: 1, on: true, ids: ['1', '2'], none: undefined } }, List)
    await http.get({ method: 'POST', path: '/search', json: { q: '中文' }, headers: { 'X-Extra': '1' } }, List)
    await http.get({ method: 'POST', path: '/form', form: { a: '1 2', b: '&' } }, List)
    const [get, post, form] = server.seen
    expect(get).toMatchObject({ method: 'GET', target: '/a/b%20c?x=%C3%BC%26%3D&n=1&on=true&ids=1&ids=2', body: '' })
    expect(get!.headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, accept: 'application/json' })
    expect(get!.headers['user-agent']).toMatch(/^roi-panel\/\d/)
    expect(post).toMatchObject({ method: 'POST', body: '{"q":"中文"}' })
    expect(post!.headers).toMatchObject({ 'content-type': 'application/json', 'x-extra': '1' })
    expect(form).toMatchObject({ body: 'a=1+2&b=%26' })
    expect(form!.headers['content-type']).toBe('application/x-www-form-urlencoded')
    for (let i = 0; i < 30; i++) await http.get(LIST, List)
    expect(server.connections().all).toBeLessThanOrEqual(3)
  })

  test('proves itself as the connector says, and by nothing when there is nothing', async () => {
    const server = await serve(ok)
    await open(server, { auth: { type: 'api_key', setting: 't', header: 'x-token', prefix: '' } }).list()
    await open(server, { auth: { type: 'none' } }).list()
    expect(server.seen[0]!.headers['x-token']).toBe(TOKEN)
    expect(server.seen[0]!.headers).not.toHaveProperty('authorization')
    expect(server.seen[1]!.headers).not.toHaveProperty('authorization')
  })

  test('a credential that would end the header is refused before it is sent', async () => {
    const server = await serve(ok)
    const { list } = open(server, { credential: async () => 'a\r\nx-evil: 1' })
    expect(await outcome(list())).toEqual(['fix-settings', 'bad_credential'])
    expect(server.seen).toHaveLength(0)
  })

  test.each([
    ['gzip', (text: string) => gzipSync(text)],
    ['X-GZIP', (text: string) => gzipSync(text)],
    ['deflate', (text: string) => deflateSync(text)],
    ['br', (text: string) => brotliCompressSync(text)],
    ['identity', (text: string) => Buffer.from(text)],
  ])('answers in %s are read', async (encoding, compress) => {
    const server = await serve((reply) =>
      reply.send(
        200,
        { 'content-type': 'application/json', 'content-encoding': encoding },
        compress(JSON.stringify(PAGE)),
      ),
    )
    expect(await open(server).list()).toEqual(PAGE)
  })

  test('204 and a schema that takes nothing', async () => {
    const server = await serve((reply) => reply.head(204, {}))
    expect(await open(server).http.get({ method: 'DELETE', path: '/x' }, z.undefined())).toBeUndefined()
  })

  test('the environment cannot put a proxy in between', async () => {
    const server = await serve(ok)
    const proxy = await serve((reply) => reply.json({ results: [] }))
    const names = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY']
    const before = names.map((name) => process.env[name])
    for (const name of names) process.env[name] = name.startsWith('NODE') ? '1' : proxy.origin
    try {
      expect(await open(server).list()).toEqual(PAGE)
    } finally {
      for (const [i, name] of names.entries()) {
        if (before[i] === undefined) delete process.env[name]
        else process.env[name] = before[i]
      }
    }
    expect(proxy.seen).toHaveLength(0)
  })
})

describe('limits and back-off (F1–F4)', () => {
  test('F1: 429 with Retry-After in seconds is waited for, by all requests of the limit', async () => {
    const server = await serve(script((reply) => reply.json({}, 429, { 'retry-after': '1' }), ok))
    const { list, clock, upstream, http } = open(server)
    const start = clock.now()
    const first = list()
    // Another one, of the same limit, that comes while the first is being refused.
    while (upstream.status().limited === 0) await new Promise((resolve) => setImmediate(resolve))
    const times: number[] = []
    const second = list().then(() => times.push(clock.now() - start))
    const other = http.get({ ...LIST, limit: 'search' }, List).then(() => times.push(-1))
    await Promise.all([first, second, other])
    expect(clock.now() - start).toBeGreaterThanOrEqual(1000)
    expect(clock.now() - start).toBeLessThan(2000)
    expect(times.find((at) => at >= 0)).toBeGreaterThanOrEqual(1000)
    expect(upstream.status()).toMatchObject({ requests: 4, limited: 1, failures: 0, retrying: 0, open: false })
  })

  test.each([
    ['behind', -300_000],
    ['ahead', 300_000],
  ])(
    'F2: a date of Retry-After counts from the date of the answer, with a clock that is five minutes %s',
    async (_, off) => {
      const clock = new VirtualClock()
      const start = clock.now()
      const date = (ms: number) => new Date(start + off + ms).toUTCString()
      const server = await serve(
        script(
          (reply) => reply.json({}, 429, { date: date(0), 'retry-after': date(7000) }),
          (reply) => reply.json({}, 429, { date: date(7000), 'retry-after': date(0) }),
          ok,
        ),
      )
      const { list, upstream } = open(server, { clock })
      await list()
      expect(clock.now() - start).toBeGreaterThanOrEqual(7000)
      expect(clock.now() - start).toBeLessThan(9000)
      expect(Math.abs(upstream.now().getTime() - clock.now() - off)).toBeLessThan(10_000)
    },
  )

  test('F3: 429 without a word, three times: back-off that grows, with full jitter, and the limit slows down', async () => {
    const limited = (reply: Reply) => reply.json({}, 429)
    const server = await serve(script(limited, limited, limited, ok))
    const draws: number[] = []
    const { list, clock } = open(server, {
      random: () => {
        draws.push(0.999)
        return 0.999
      },
    })
    const start = clock.now()
    await list()
    expect(draws.length).toBe(3)
    expect(clock.now() - start).toBeGreaterThan(3400)
    expect(clock.now() - start).toBeLessThan(4500)
  })

  test('a wait of more than a quarter of an hour is not waited for: all hear when to come again', async () => {
    const server = await serve((reply) => reply.json({}, 503, { 'retry-after': '3600' }))
    const { list, clock, upstream } = open(server)
    const error = await failureOf(list())
    expect([error.remedy, error.code]).toEqual(['wait', 'source_failed'])
    expect(error.retryAt!.getTime() - clock.now()).toBe(3_600_000)
    expect(await outcome(list())).toEqual(['wait', 'source_failed'])
    expect(server.seen).toHaveLength(1)
    expect(upstream.status().pausedUntil).toEqual(error.retryAt)
    expect(clock.sleeps).toEqual([])
  })

  test('F4: a daily limit pauses everything until its end, run or not; the next run then completes', async () => {
    const clock = new VirtualClock()
    const until = clock.now() + 5 * 3_600_000
    let over = false
    const server = await serve((reply) => (over ? ok(reply) : reply.json({ code: 'DAILY', retryAt: until }, 429)))
    const { upstream, http } = open(server, { clock, api: { fault }, errors: { DAILY: 'wait' } })
    const all = Array.from({ length: 50 }, () => failureOf(http.get(LIST, List)))
    for (const error of await Promise.all(all)) {
      expect([error.remedy, error.code, error.retryAt?.getTime()]).toEqual(['wait', 'DAILY', until])
    }
    expect(server.seen.length).toBeLessThanOrEqual(20)
    const spent = server.seen.length
    upstream.begin()
    expect(await outcome(http.get({ ...LIST, limit: 'search' }, List))).toEqual(['wait', 'DAILY'])
    expect(server.seen).toHaveLength(spent)
    expect(upstream.status().pausedUntil?.getTime()).toBe(until)
    clock.advance(5 * 3_600_000)
    over = true
    upstream.begin()
    expect(await http.get(LIST, List)).toEqual(PAGE)
    expect(upstream.status().pausedUntil).toBeNull()
  })

  test('F4: a limit that is a 403 and does not tell its end; one that tells nonsense', async () => {
    const server = await serve(
      script(
        (reply) => reply.json({ code: 'REQUEST_LIMIT_EXCEEDED' }, 403),
        (reply) => reply.json({ code: 'REQUEST_LIMIT_EXCEEDED', retryAt: 8e15 }, 403),
      ),
    )
    const { list, clock } = open(server, { api: { fault }, errors: { REQUEST_LIMIT_EXCEEDED: 'wait' } })
    const { remedy, retryAt } = await failureOf(list())
    expect([remedy, retryAt!.getTime() - clock.now()]).toEqual(['wait', 900_000])
    clock.advance(900_000)
    expect((await failureOf(list())).retryAt!.getTime() - clock.now()).toBe(24 * 3_600_000)
    expect(server.seen).toHaveLength(2)
  })

  test('F4: requests that wait to try again hear of a pause at once', async () => {
    const server = await serve(
      script(
        (reply) => reply.json({}, 500),
        (reply) => reply.json({ code: 'DAILY' }, 429),
      ),
    )
    const clock = new VirtualClock(3_600_000)
    const { list } = open(server, { clock, api: { fault }, errors: { DAILY: 'wait' }, random: () => 1 })
    const waiting = outcome(list())
    while (clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(await outcome(list())).toEqual(['wait', 'DAILY'])
    expect(await waiting).toEqual(['wait', 'DAILY'])
    expect(clock.sleeping).toBe(0)
  })

  test('the quota of the headers is told', async () => {
    const server = await serve((reply) => reply.json(PAGE, 200, { 'r-max': '110', 'r-left': '42', 'r-ms': '10000' }))
    const api = { rateHeaders: { max: 'R-Max', remaining: 'R-Left', interval: 'R-Ms' } }
    const { list, upstream, http } = open(server, { api })
    await http.get({ ...LIST, limit: 'search' }, List)
    expect(upstream.status().quota).toBeNull()
    await list()
    expect(upstream.status().quota).toEqual({ left: 42, of: 110, resetsInMs: 10_000 })
  })

  test('G7: a storm of 429 at one connection leaves another one alone', async () => {
    const storm = await serve((reply) => reply.json({}, 429, { 'retry-after': '30' }))
    const calm = await serve(ok)
    const a = open(storm)
    const b = open(calm)
    const stormy = Array.from({ length: 20 }, () => outcome(a.list()))
    await Promise.all(Array.from({ length: 100 }, () => b.list()))
    expect(b.upstream.status()).toMatchObject({ requests: 100, limited: 0, retrying: 0 })
    expect(b.clock.now() - Date.UTC(2026, 0, 1)).toBeLessThan(1000)
    expect(new Set((await Promise.all(stormy)).map(String))).toEqual(new Set(['retry,rate_limited']))
  })
})

describe('a source that fails (F5–F10)', () => {
  test.each([500, 502, 503, 504, 408, 425])('F5: a burst of %i is survived', async (status) => {
    const bad = (reply: Reply) => reply.send(status, { 'content-type': 'text/html' }, '<h1>Oops</h1>')
    const server = await serve(script(bad, bad, bad, bad, bad, ok))
    const { list, upstream, clock } = open(server)
    expect(await list()).toEqual(PAGE)
    expect(upstream.status()).toMatchObject({ requests: 6, retrying: 0, open: false })
    expect(clock.sleeps.filter((ms) => ms > 30_000)).toEqual([])
  })

  test('F5: 500 for ever: six tries for one, at most 60 requests for a run, and the next run completes', async () => {
    let healthy = false
    const server = await serve((reply) => (healthy ? ok(reply) : reply.json({}, 500)))
    const { list, upstream, http } = open(server)
    expect(await outcome(list())).toEqual(['retry', 'source_failed'])
    expect(server.seen).toHaveLength(6)
    const worker = async () => {
      const codes = new Set<string>()
      for (let i = 0; i < 50; i++) codes.add((await failureOf(list())).code)
      return codes
    }
    const codes = await Promise.all(Array.from({ length: 8 }, worker))
    expect(codes.every((one) => one.has('source_down'))).toBe(true)
    expect(server.seen.length).toBeLessThanOrEqual(60)
    expect(upstream.status().open).toBe(true)
    const before = server.seen.length
    healthy = true
    upstream.begin()
    // All of the next run wait for the one request that looks, and then go on.
    const answers = await Promise.all(Array.from({ length: 8 }, () => http.get(LIST, List)))
    expect(answers).toHaveLength(8)
    expect(server.seen.length - before).toBe(8)
    expect(upstream.status()).toMatchObject({ open: false, retrying: 0 })
  })

  test('F5: a run that fails now and then is ended by its budget, until the next one', async () => {
    const server = await serve((reply, { index }) => (index % 2 === 0 ? reply.json({}, 500) : ok(reply)))
    const { list, upstream, clock } = open(server)
    for (let i = 0; i < 59; i++) await list()
    expect(await outcome(list())).toEqual(['retry', 'source_down'])
    clock.advance(3_600_000)
    expect(await outcome(list())).toEqual(['retry', 'source_down'])
    expect(upstream.status()).toMatchObject({ failures: 60, open: true })
    upstream.begin()
    expect(await list()).toEqual(PAGE)
  })

  test('a long run is not ended by the few failures that every source has', async () => {
    const breaker = new Breaker(
      new VirtualClock(),
      () => new Error('down'),
      () => undefined,
    )
    for (let i = 0; i < 10_000; i++) breaker.report(await breaker.admit(NEVER), i % 50 === 7)
    expect(breaker.open).toBe(false)
    for (let i = 0; i < 1000; i++) breaker.report({ probe: false }, i % 2 === 0)
    expect(breaker.open).toBe(true)
  })

  test('an open breaker lets one request look after half a minute', async () => {
    let healthy = false
    const server = await serve((reply) => (healthy ? ok(reply) : reply.json({}, 500)))
    const { list, upstream, clock } = open(server)
    while (!upstream.status().open) await failureOf(list())
    const spent = server.seen.length
    expect(await outcome(list())).toEqual(['retry', 'source_down'])
    expect(server.seen).toHaveLength(spent)
    clock.advance(30_000)
    expect(await Promise.all([outcome(list()), outcome(list())])).toEqual([
      ['retry', 'source_down'],
      ['retry', 'source_down'],
    ])
    expect(server.seen).toHaveLength(spent + 1)
    clock.advance(30_000)
    healthy = true
    expect(await list()).toEqual(PAGE)
    expect(upstream.status().open).toBe(false)
  })

  test('a look that is given up passes to the next who waits', async () => {
    let mute = false
    const server = await serve((reply) => {
      if (!mute) reply.json({}, 500)
    })
    const { list, upstream } = open(server)
    while (!upstream.status().open) await failureOf(list())
    mute = true
    upstream.begin()
    const spent = server.seen.length
    const stop = new AbortController()
    const looking = upstream.http(stop.signal).get(LIST, List)
    const waiting = outcome(list())
    while (server.seen.length === spent) await new Promise((resolve) => setImmediate(resolve))
    mute = false
    stop.abort(new Error('enough'))
    await expect(looking).rejects.toThrow('enough')
    expect(await waiting).toEqual(['retry', 'source_down'])
    expect(server.seen).toHaveLength(spent + 2)
  })

  const half = `{"results":[{"id":"1"},`
  const broken: [string, (reply: Reply) => void][] = [
    [
      'F6: a reset in mid-body',
      (reply) => {
        reply.head(200, { 'content-type': 'application/json', 'content-length': '1000' })
        reply.raw(half)
        setTimeout(() => reply.reset(), 5)
      },
    ],
    ['F6: a reset before the answer', (reply) => reply.reset()],
    ['F7: truncated JSON', (reply) => reply.send(200, { 'content-type': 'application/json' }, half)],
    [
      'F7: less than Content-Length',
      (reply) => {
        reply.head(200, { 'content-type': 'application/json', 'content-length': '1000' })
        reply.raw(half)
        reply.socket.end()
      },
    ],
    [
      'F7: chunks without an end',
      (reply) => {
        reply.head(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' })
        reply.raw(`5\r\n{"res\r\n`)
        reply.socket.end()
      },
    ],
    [
      'F7: truncated gzip',
      (reply) => {
        const bytes = gzipSync(JSON.stringify(PAGE))
        reply.send(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }, bytes.subarray(0, 20))
      },
    ],
    [
      'gzip that is none',
      (reply) =>
        reply.send(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }, JSON.stringify(PAGE)),
    ],
    [
      'an unknown encoding',
      (reply) =>
        reply.send(200, { 'content-type': 'application/json', 'content-encoding': 'zip' }, JSON.stringify(PAGE)),
    ],
    [
      'an answer that is no HTTP',
      (reply) => {
        reply.raw('SSH-2.0-OpenSSH\r\n\r\n')
        reply.socket.end()
      },
    ],
    ['F8: HTML with status 200', (reply) => reply.send(200, { 'content-type': 'text/html' }, '<h1>Maintenance</h1>')],
    [
      'F8: HTML that says it is JSON',
      (reply) => reply.send(200, { 'content-type': 'application/json' }, '<h1>Login</h1>'),
    ],
    ['JSON that does not say so', (reply) => reply.send(200, {}, JSON.stringify(PAGE))],
    ['F9: an empty 200', (reply) => reply.send(200, { 'content-type': 'application/json' })],
    ['F9: results missing', (reply) => reply.json({ total: 3 })],
    ['F9: {}', (reply) => reply.json({})],
    ['F9: null', (reply) => reply.json(null)],
    ['F9: 204 where records are due', (reply) => reply.head(204, {})],
    [
      'F14: NaN',
      (reply) => reply.send(200, { 'content-type': 'application/json' }, '{"results":[{"id":"1","n":NaN}]}'),
    ],
    [
      'F14: a number beyond all bounds',
      (reply) => reply.send(200, { 'content-type': 'application/json' }, '{"results":[{"id":"1","n":1e999}]}'),
    ],
  ]

  test.each(broken)('%s is tried again, and the read completes', async (_, bad) => {
    const server = await serve(script(bad, bad, ok))
    const { list, upstream } = open(server)
    expect(await list()).toEqual(PAGE)
    expect(upstream.status()).toMatchObject({ requests: 3, failures: 2, retrying: 0 })
  })

  test.each(broken)('%s for ever is a failure and never an empty page', async (name, bad) => {
    const server = await serve((reply) => bad(reply))
    const { list, upstream } = open(server)
    const error = await failureOf(list())
    const misfit = /missing|\{\}|null/.test(name)
    const code = misfit
      ? 'unexpected_answer'
      : /reset|Content-Length|chunks/.test(name)
        ? 'connection_reset'
        : 'bad_answer'
    expect(error.remedy).toBe(misfit ? 'report' : 'retry')
    if (!/no HTTP|Content-Length|chunks/.test(name)) expect(error.code).toBe(code)
    expect(upstream.status()).toMatchObject({ requests: 6, failures: 6, open: false })
  })

  test('the first places that do not fit are named, and none of their values', async () => {
    const server = await serve((reply) => reply.json({ results: [{ id: '1' }, { id: 424242 }] }))
    const { message } = await failureOf(open(server).list())
    expect(message).toContain('results.1.id: Invalid input: expected string, received number')
    expect(message).not.toContain('424242')
  })

  test('F10: no answer, a slow head and a slow body are cut and tried again', async () => {
    const timers = new Set<NodeJS.Timeout>()
    const drip = (reply: Reply, bytes: string) => {
      const timer = setInterval(() => reply.raw(bytes), 20)
      timers.add(timer)
    }
    const server = await serve(
      script(
        () => undefined,
        (reply) => {
          reply.raw('HTTP/1.1 200 OK\r\n')
          drip(reply, 'x: y\r\n')
        },
        (reply) => {
          reply.head(200, { 'content-type': 'application/json', 'content-length': '100000' })
          reply.raw('{')
        },
        (reply) => {
          reply.head(200, { 'content-type': 'application/json', 'content-length': '100000' })
          drip(reply, ' ')
        },
        ok,
      ),
    )
    const { list, upstream } = open(server, { deadlines: { headers: 100, idle: 100, total: 400 } })
    expect(await list()).toEqual(PAGE)
    for (const timer of timers) clearInterval(timer)
    expect(upstream.status()).toMatchObject({ requests: 5, failures: 4 })
  })

  test.each([
    ['the head', { headers: 100 }, () => undefined],
    [
      'a part of the body',
      { idle: 100 },
      (reply: Reply) => {
        reply.head(200, { 'content-type': 'application/json', 'content-length': '100000' })
        reply.raw('{')
      },
    ],
  ])('F10: a deadline of its own for %s', async (_, deadlines, bad) => {
    const server = await serve(script(bad, ok))
    const { list, upstream } = open(server, { deadlines: { total: 3_600_000, ...deadlines } })
    expect(await list()).toEqual(PAGE)
    expect(upstream.status()).toMatchObject({ requests: 2, failures: 1 })
  })

  test('F10: for ever', async () => {
    const server = await serve(() => undefined)
    const { list } = open(server, { deadlines: { total: 30 } })
    expect(await outcome(list())).toEqual(['retry', 'timeout'])
    expect(server.seen).toHaveLength(6)
  })

  test('there is no further try ten minutes after the first', async () => {
    const clock = new VirtualClock()
    const server = await serve((reply) => {
      clock.advance(200_000)
      reply.json({}, 503)
    })
    expect(await outcome(open(server, { clock }).list())).toEqual(['retry', 'source_failed'])
    expect(server.seen).toHaveLength(3)
  })
})

describe('answers that are too much (F11, F14)', () => {
  test('F11: a gzip bomb is cut early', async () => {
    // A gigabyte of spaces in a megabyte: one member, repeated.
    const member = gzipSync(Buffer.alloc(64 << 20, 32))
    const server = await serve((reply) => {
      reply.head(200, {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
        'transfer-encoding': 'chunked',
      })
      for (let i = 0; i < 32; i++)
        reply.raw(Buffer.concat([Buffer.from(`${member.length.toString(16)}\r\n`), member, Buffer.from('\r\n')]))
      reply.raw('0\r\n\r\n')
    })
    const { list } = open(server)
    const before = process.memoryUsage().rss
    expect(await outcome(list())).toEqual(['report', 'answer_too_large'])
    expect(process.memoryUsage().rss - before).toBeLessThan(100 << 20)
    expect(server.seen).toHaveLength(1)
  })

  test('F11: an answer beyond the limit is cut, told or not; one field of 1.2 MB passes', async () => {
    const long = 'x'.repeat(1_200_000)
    const big = { results: [{ id: long }] }
    const chunked = (reply: Reply) => {
      reply.head(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' })
      for (let i = 0; i < 100; i++) reply.raw(`10000\r\n${' '.repeat(0x10000)}\r\n`)
    }
    const server = await serve(
      script(
        (reply) => reply.json(big),
        (reply) => reply.json(big),
        chunked,
      ),
    )
    expect(await open(server).list()).toEqual(big)
    const { list } = open(server, { maxBytes: 1_000_000 })
    expect(await outcome(list())).toEqual(['report', 'answer_too_large'])
    expect(await outcome(list())).toEqual(['report', 'answer_too_large'])
    expect(server.seen).toHaveLength(3)
  })

  test('F14: integers beyond 2^53 stay digit for digit, double keys and 10,000 levels do no harm', async () => {
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
    const text = `{"id":9007199254740993,"neg":-12345678901234567890,"list":[10000000000000000000001, 7],"safe":9007199254740991,
      "float":0.12345678901234567,"exp":1e3,"id2":1,"id2":"2","deep":${deep},"__proto__":{"polluted":true},"constructor":1}`
    const server = await serve((reply) =>
      reply.send(200, { 'content-type': 'application/json' }, text.replace(deep, '[]')),
    )
    const Any = z.record(z.string(), z.unknown())
    const value = await open(server).http.get({ path: '/x' }, Any)
    expect(value).toMatchObject({
      id: '9007199254740993',
      neg: '-12345678901234567890',
      list: ['10000000000000000000001', 7],
      safe: 9007199254740991,
      exp: 1000,
      id2: '2',
    })
    expect({}).not.toHaveProperty('polluted')
    expect(value).not.toHaveProperty('polluted')
    for (const answer of [deep, `{"results":${deep}}`, text]) {
      const nested = await serve((reply) => reply.send(200, { 'content-type': 'application/json' }, answer))
      const any = z.lazy((): z.ZodType => z.union([z.number(), z.string(), z.array(any), z.record(z.string(), any)]))
      expect((await failureOf(open(nested).http.get({ path: '/x' }, any))).code).toMatch(/^(bad|unexpected)_answer$/)
    }
    const plain = await serve((reply) => reply.send(200, { 'content-type': 'application/json' }, deep))
    expect(await open(plain).http.get({ path: '/x' }, z.unknown())).toBeInstanceOf(Array)
  })
})

describe('what is not tried again (F12, F13, F22)', () => {
  const cases: [number, Remedy, string][] = [
    [400, 'report', 'bad_request'],
    [401, 'fix-settings', 'unauthorized'],
    [403, 'fix-settings', 'forbidden'],
    [404, 'report', 'not_found'],
    [409, 'report', 'conflict'],
    [410, 'report', 'not_found'],
    [422, 'report', 'refused'],
  ]
  test.each(cases)('%i', async (status, remedy, code) => {
    const server = await serve((reply) => reply.json({}, status))
    const { list, upstream } = open(server)
    expect(await outcome(list())).toEqual([remedy, code])
    expect(server.seen).toHaveLength(1)
    expect(upstream.status()).toMatchObject({ requests: 1, failures: 0 })
  })

  test('the table of the connector outranks the defaults, and a code in the body the status', async () => {
    const errors = { 404: 'retry', 400: 'fix-settings', GONE: 'report', HIDDEN: 'fix-settings' } as const
    const answer = (status: number, body: unknown) => (reply: Reply) => reply.json(body, status)
    const server = await serve(
      script(
        answer(404, {}),
        ok,
        answer(400, { code: 'OTHER' }),
        answer(400, { code: 'GONE' }),
        answer(200, { code: 'HIDDEN', ...PAGE }),
        answer(200, { code: 'constructor', ...PAGE }),
        answer(401, { code: 'INVALID_AUTHENTICATION' }),
      ),
    )
    const { list } = open(server, { api: { fault }, errors })
    expect(await list()).toEqual(PAGE)
    expect(await outcome(list())).toEqual(['fix-settings', 'OTHER'])
    expect(await outcome(list())).toEqual(['report', 'GONE'])
    expect(await outcome(list())).toEqual(['fix-settings', 'HIDDEN'])
    expect(await outcome(list())).toEqual(['report', 'constructor'])
    expect(await outcome(list())).toEqual(['fix-settings', 'unauthorized'])
    expect(server.seen).toHaveLength(7)
  })

  test('a connector that stumbles over an answer does not end the run', async () => {
    const server = await serve(script((reply) => reply.send(502, {}, 'oops'), ok))
    const { list } = open(server, {
      api: {
        fault({ body }) {
          return (body as { error: { code: string } }).error.code ? undefined : undefined
        },
      },
    })
    expect(await list()).toEqual(PAGE)
  })

  test('F22: a scope that is missing for one object stops nothing else', async () => {
    const server = await serve((reply, { target }) =>
      target.startsWith('/deals') ? reply.json({ code: 'MISSING_SCOPES' }, 403) : ok(reply),
    )
    const { http, list } = open(server, { api: { fault }, errors: { MISSING_SCOPES: 'fix-settings' } })
    const error = await failureOf(http.get({ path: '/deals' }, List))
    expect([error.remedy, error.code]).toEqual(['fix-settings', 'MISSING_SCOPES'])
    expect(error.message).toBe('vendor GET /deals: answered 403 MISSING_SCOPES: says MISSING_SCOPES')
    expect(await list()).toEqual(PAGE)
  })

  test('F12: a host that is unknown, a port that is closed: tried again, and named', async () => {
    const unknown = open(undefined, { api: { origin: 'https://no-such-host.invalid' } })
    expect(await outcome(unknown.list())).toEqual(['retry', 'host_unknown'])
    expect(unknown.upstream.status()).toMatchObject({ requests: 6, failures: 6 })
    const server = await startSocketServer(ok)
    await server.stop()
    const refused = open(server)
    expect(await outcome(refused.list())).toEqual(['retry', 'connection_refused'])
    expect(refused.upstream.status().requests).toBe(6)
  })

  test('F12: a certificate that does not hold, and a server without TLS, are not tried again', async () => {
    for (const until of [new Date(Date.UTC(2049, 0, 1)), new Date(Date.UTC(2021, 0, 1))]) {
      const server = await serve(ok, selfSigned(until))
      const { list, upstream } = open(server)
      expect(await outcome(list())).toEqual(['fix-settings', 'tls_failed'])
      expect(upstream.status().requests).toBe(1)
      expect(server.seen).toHaveLength(0)
    }
    // It answers the greeting of TLS with a line of text.
    const plain = createServer((socket) =>
      socket.on('error', () => undefined).once('data', () => socket.end('what?\r\n')),
    )
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    const { port } = plain.address() as AddressInfo
    const { list, upstream } = open({ origin: `https://127.0.0.1:${port}` })
    expect(await outcome(list())).toEqual(['report', 'tls_failed'])
    expect(upstream.status().requests).toBe(1)
    await new Promise((resolve) => plain.close(resolve))
  })

  test.each([301, 302, 307, 308])('F13: a redirect (%i) is refused; only the host is named', async (status) => {
    const target = await serve(ok)
    const location = `${target.origin}/latest/meta-data?token=${TOKEN}`
    const server = await serve((reply) => reply.send(status, { location }, 'x'.repeat(100)))
    const error = await failureOf(open(server).list())
    expect([error.remedy, error.code]).toEqual(['report', 'redirect_refused'])
    expect(error.message).toContain('127.0.0.1')
    expect(error.message).not.toMatch(/meta-data|token/)
    expect([server.seen.length, target.seen.length]).toEqual([1, 0])
  })
})

describe('credentials (F20, F21)', () => {
  function guarded(valid: () => string) {
    return serve((reply, { headers }) =>
      headers.authorization === `Bearer ${valid()}` ? ok(reply) : reply.json({}, 401),
    )
  }

  test('F20: 401 in mid-run: all requests together cause one refresh, and all complete', async () => {
    let valid = 'first-token'
    let mine = 'first-token'
    let refreshed = 0
    const server = await guarded(() => valid)
    const { list } = open(server, {
      credential: async () => mine,
      refresh: async () => {
        refreshed += 1
        await new Promise((resolve) => setTimeout(resolve, 20))
        mine = valid
        return true
      },
    })
    await list()
    valid = 'second-token'
    await Promise.all(Array.from({ length: 30 }, list))
    // Those who waited behind the first eight left with the new one.
    expect([refreshed, server.seen.length]).toEqual([1, 1 + 8 + 30])
    valid = 'third-token'
    await Promise.all(Array.from({ length: 8 }, list))
    expect(refreshed).toBe(2)
  })

  test('F21: revoked: at most 20 requests, all fail at once, until the next run', async () => {
    for (const answer of [false, true, undefined]) {
      let valid = 'nobody knows it'
      let refreshed = 0
      const server = await guarded(() => valid)
      const { list, upstream } = open(server, {
        credential: async () => 'revoked',
        ...(answer === undefined
          ? {}
          : {
              refresh: async () => {
                refreshed += 1
                return answer
              },
            }),
      })
      const worker = async () => {
        for (let i = 0; i < 20; i++) expect(await outcome(list())).toEqual(['fix-settings', 'unauthorized'])
      }
      await Promise.all(Array.from({ length: 8 }, worker))
      expect(server.seen.length).toBeLessThanOrEqual(20)
      expect(refreshed).toBeLessThanOrEqual(1)
      valid = 'revoked'
      expect(await outcome(list())).toEqual(['fix-settings', 'unauthorized'])
      upstream.begin()
      expect(await list()).toEqual(PAGE)
    }
  })

  test('one request learns it for all who wait behind it: nobody else is sent', async () => {
    const limits = { core: { requests: 10_000, per: 1000, concurrent: 1 } }
    const all = async (answer: (reply: Reply) => void, options: Options) => {
      const server = await serve(answer)
      const { list } = open(server, { api: { limits, fault }, errors: { DAILY: 'wait' }, ...options })
      const outcomes = await Promise.all(Array.from({ length: 40 }, () => outcome(list())))
      return [server.seen.length, ...new Set(outcomes.map(String))]
    }
    const refused = (reply: Reply) => reply.json({}, 401)
    expect(await all(refused, {})).toEqual([1, 'fix-settings,unauthorized'])
    expect(await all(refused, { refresh: async () => false })).toEqual([1, 'fix-settings,unauthorized'])
    expect(await all((reply) => reply.json({ code: 'DAILY' }, 429), {})).toEqual([1, 'wait,DAILY'])
    expect(await all((reply) => reply.json({}, 503, { 'retry-after': '4000' }), {})).toEqual([1, 'wait,source_failed'])
    expect(await all((reply) => reply.json({}, 500), {})).toEqual([20, 'retry,source_down'])
  })

  test('what the renewal throws is told to all, and is not for ever', async () => {
    let works = false
    let mine = 'old'
    const server = await guarded(() => 'new')
    const { list } = open(server, {
      credential: async () => mine,
      refresh: async () => {
        if (!works) throw new ConnectorError('retry', 'token_endpoint_down', 'later')
        mine = 'new'
        return true
      },
    })
    expect(await Promise.all([outcome(list()), outcome(list())])).toEqual([
      ['retry', 'token_endpoint_down'],
      ['retry', 'token_endpoint_down'],
    ])
    works = true
    expect(await list()).toEqual(PAGE)
  })
})

describe('ending', () => {
  const enough = new Error('enough')

  /** Aborts in a phase and tells what the request said. */
  async function aborted(upstream: Upstream, reached: () => boolean): Promise<unknown> {
    const stop = new AbortController()
    const result = upstream
      .http(stop.signal)
      .get(LIST, List)
      .catch((error: unknown) => error)
    while (!reached()) await new Promise((resolve) => setImmediate(resolve))
    stop.abort(enough)
    return result
  }

  test('before anything', async () => {
    const server = await serve(ok)
    expect(
      await open(server)
        .upstream.http(AbortSignal.abort(enough))
        .get(LIST, List)
        .catch((e: unknown) => e),
    ).toBe(enough)
    expect(server.seen).toHaveLength(0)
  })

  test('while the credential is fetched', async () => {
    const server = await serve(ok)
    let asked = false
    const { upstream } = open(server, {
      credential: () => {
        asked = true
        return new Promise(() => undefined)
      },
    })
    expect(await aborted(upstream, () => asked)).toBe(enough)
    expect(server.seen).toHaveLength(0)
  })

  test('while the credential is renewed', async () => {
    const server = await serve((reply) => reply.json({}, 401))
    let asked = false
    const { upstream } = open(server, {
      refresh: () => {
        asked = true
        return new Promise(() => undefined)
      },
    })
    expect(await aborted(upstream, () => asked)).toBe(enough)
  })

  test('in the queue, in the head, in the body and in the back-off; no socket is left', async () => {
    const server = await serve(() => undefined)
    const limits = { core: { requests: 10, per: 60_000, concurrent: 1 } }
    const { upstream } = open(server, { api: { limits }, clock: new VirtualClock(60_000) })
    const head = aborted(upstream, () => server.seen.length > 0)
    const queued = aborted(upstream, () => server.seen.length > 0)
    expect(await Promise.all([head, queued])).toEqual([enough, enough])

    const slow = await serve((reply) => {
      reply.head(200, { 'content-type': 'application/json', 'content-length': '1000' })
      reply.raw('{')
    })
    const body = open(slow, { clock: new VirtualClock(60_000) })
    expect(await aborted(body.upstream, () => slow.seen.length > 0)).toBe(enough)

    const failing = await serve((reply) => reply.json({}, 500))
    const clock = new VirtualClock(60_000)
    const backoff = open(failing, { clock })
    expect(await aborted(backoff.upstream, () => backoff.upstream.status().retrying > 0 && clock.sleeping > 0)).toBe(
      enough,
    )
    expect([clock.sleeping, backoff.upstream.status().retrying]).toEqual([0, 0])
    for (const one of [server, slow]) {
      while (one.connections().open > 0) await new Promise((resolve) => setImmediate(resolve))
    }
  })

  test('close() ends requests in every phase, and later ones', async () => {
    const server = await serve((reply, { index }) => {
      if (index === 0) reply.json({}, 500)
    })
    const clock = new VirtualClock(60_000)
    const limits = { core: { requests: 1000, per: 1000, concurrent: 1 } }
    const { upstream, list } = open(server, { clock, api: { limits }, random: () => 1 })
    const backoff = outcome(list())
    while (clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve))
    const running = outcome(list())
    while (server.seen.length < 2) await new Promise((resolve) => setImmediate(resolve))
    const queued = outcome(list())
    await upstream.close()
    for (const one of [backoff, running, queued, outcome(list())]) expect(await one).toEqual(['retry', 'closed'])
    expect(clock.sleeping).toBe(0)
    await upstream.close()
  })
})

describe('secrets', () => {
  test('no error and no log line holds a token, a query or what the vendor repeats of them', async () => {
    const said = `no: Bearer ${TOKEN} for ann@example.com at https://x.example/y?access=${TOKEN} ${'z'.repeat(3000)}`
    const repeat = (status: number) => (reply: Reply) => reply.json({ code: 'OOPS', say: said }, status)
    const server = await serve(script(repeat(500), repeat(400), repeat(429), repeat(401)))
    const { list, logged } = open(server, {
      api: { fault: ({ body }) => ({ code: 'OOPS', message: (body as { say: string }).say }) },
    })
    const errors = [await failureOf(list()), await failureOf(list())]
    const all = JSON.stringify([logged, errors.map(({ message, stack, cause }) => [message, stack, cause])])
    expect(all).toContain('redacted')
    expect(all).not.toMatch(/11111111|ann@|secret-cursor|access=/)
    for (const { message } of errors) expect(message.length).toBeLessThan(300)
  })
})
