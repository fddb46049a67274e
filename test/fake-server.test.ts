import { request as httpRequest, type IncomingMessage } from 'node:http'
import { text as readText } from 'node:stream/consumers'
import { createGunzip } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { startBrokenTls, UNRESOLVABLE } from './fakes/broken.ts'
import { fastClock, manualClock } from './fakes/clock.ts'
import {
  after,
  before,
  delay,
  empty,
  endEarly,
  gzipBomb,
  hang,
  html,
  htmlAsJson,
  json,
  rateLimited,
  redirect,
  repeatPage,
  reset,
  resetMidBody,
  rewrite,
  rewriteText,
  slowBody,
  status,
  truncate,
  truncatedJson,
} from './fakes/faults.ts'
import type { FakeRequest } from './fakes/http.ts'
import { type Fake, type FakeDefinition, type FakeOptions, startFake } from './fakes/server.ts'

const ITEMS = Array.from({ length: 9 }, (_, index) => ({ id: String(index + 1), name: '王伟'.repeat(20) }))

/** A list of nine things, three to a page; the bearer token is the account. */
const LIST: FakeDefinition = {
  routes: [
    {
      method: 'GET',
      path: '/things/:kind',
      limits: ['burst'],
      handle({ query, params }) {
        const from = Number(query.get('after') ?? 0)
        const next = from + 3 < ITEMS.length ? { next: String(from + 3) } : {}
        return { status: 200, body: { kind: params.kind, results: ITEMS.slice(from, from + 3), ...next } }
      },
    },
    { method: 'POST', path: '/echo', handle: ({ body }) => ({ status: 201, body: { body, id: 2n ** 60n + 1n } }) },
    { method: 'GET', path: '/broken', handle: () => Promise.reject(new Error('out of order')) },
  ],
  limits: [{ name: 'burst', requests: 5, windowMs: 10_000, policy: 'BURST' }],
  authenticate: ({ headers }) =>
    headers.authorization?.slice('Bearer '.length) ?? { status: 401, body: { error: 'who?' } },
  tooMany: (_request, policy) => ({ status: 429, body: { policy } }),
  refuse: (_request, code, message) => ({ status: code, body: { message } }),
  usage: ([burst]) => (burst ? { 'X-Left': String(burst.remaining) } : {}),
  withoutCursor(body) {
    const { next: _next, ...rest } = body as Record<string, unknown>
    return rest
  },
  validator: {
    request: ({ query }) => (query.has('wrong') ? ['"wrong" is wrong'] : []),
    answer: (_request, { body }) => ((body as { kind?: string }).kind === 'odd' ? ['kind is odd'] : []),
  },
}

async function start(options: FakeOptions = {}): Promise<Fake> {
  const fake = await startFake(LIST, { clock: manualClock(), ...options })
  onTestFinished(() => fake.close())
  return fake
}

function get(fake: Fake, path: string, token = 'one', init: RequestInit = {}): Promise<Response> {
  return fetch(fake.origin + path, { redirect: 'manual', ...init, headers: { authorization: `Bearer ${token}` } })
}

/** The answer as node:http gives it: headers first, the body as a stream. */
function raw(fake: Fake, path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(fake.origin + path, { headers: { authorization: 'Bearer one' } }, resolve)
    request.on('error', reject).end()
  })
}

const codeOf = (error: unknown) => (error as { code?: string }).code

test('routes get what was sent, and ids keep their digits', async () => {
  const fake = await start()
  const answer = await fetch(`${fake.origin}/echo`, {
    method: 'POST',
    headers: { authorization: 'Bearer one' },
    body: '{"a":["é"]}',
  })
  expect(answer.status).toBe(201)
  expect(await answer.text()).toBe('{"body":{"a":["é"]},"id":1152921504606846977}')
  expect((await get(fake, '/things/%E4%B8%AD')).status).toBe(200)
  expect(await (await get(fake, '/things/%E4%B8%AD/?after=6')).json()).toEqual({ kind: '中', results: ITEMS.slice(6) })
  expect((await fetch(`${fake.origin}/things/a`)).status).toBe(401)
  expect((await get(fake, '/nothing')).status).toBe(404)
  expect(
    fake.requests.map(({ method, path, query, size, account, status: code }) => [
      method,
      path,
      query,
      size,
      account,
      code,
    ]),
  ).toEqual([
    ['POST', '/echo', '', 12, 'one', 201],
    ['GET', '/things/%E4%B8%AD', '', 0, 'one', 200],
    ['GET', '/things/%E4%B8%AD/', 'after=6', 0, 'one', 200],
    ['GET', '/things/a', '', 0, '', 401],
    ['GET', '/nothing', '', 0, 'one', 404],
  ])
})

test('the log is bounded, the counters are not', async () => {
  const fake = await start({ keep: 4 })
  for (let count = 0; count < 12; count += 1) await get(fake, '/things/a', String(count % 4))
  expect(fake.requests.length).toBeLessThanOrEqual(5)
  expect(fake.counters).toMatchObject({ requests: 12, limited: 0, peak: 1 })
  expect(fake.counters.accounts.get('2')).toEqual({ requests: 3, limited: 0 })
})

test('quotas are counted for each account, by the clock of the fake', async () => {
  const clock = manualClock()
  const fake = await start({ clock })
  const left: (string | null)[] = []
  for (let count = 0; count < 5; count += 1) {
    left.push((await get(fake, '/things/a')).headers.get('x-left'))
    clock.advance(1000)
  }
  expect(left).toEqual(['4', '3', '2', '1', '0'])
  const refused = await get(fake, '/things/a')
  expect([refused.status, await refused.json()]).toEqual([429, { policy: 'BURST' }])
  expect((await get(fake, '/things/a', 'two')).status).toBe(200)
  expect((await get(fake, '/missing')).status).toBe(404)
  clock.advance(5000)
  expect((await get(fake, '/things/a')).status).toBe(200)
  expect((await get(fake, '/things/a')).status).toBe(429)
  expect(fake.counters.accounts.get('one')).toEqual({ requests: 9, limited: 2 })
  expect(fake.counters.limited).toBe(2)
})

test('an accelerated clock refills quotas the sooner', async () => {
  const fake = await start({ clock: fastClock(2000) })
  const codes: number[] = []
  // Ten seconds of the fake take five milliseconds here: sooner or later a refused caller is let in again.
  while (!codes.includes(429))
    codes.push(
      ...(await Promise.all(Array.from({ length: 30 }, () => get(fake, '/things/a')))).map(({ status: code }) => code),
    )
  while ((await get(fake, '/things/a')).status !== 200);
  expect(fake.clock.now() - (fake.requests[0]?.at ?? 0)).toBeGreaterThanOrEqual(10_000)
})

test('status, other bodies and redirects stand in for an answer, as often as was said', async () => {
  const fake = await start()
  fake.faults.next({ path: /things/ }, status(503, { headers: { 'Retry-After': '7' }, body: { down: true } }), 2)
  fake.faults.next({ path: /things/ }, html())
  fake.faults.next({ path: /things/ }, htmlAsJson())
  fake.faults.next({ account: 'two' }, empty())
  fake.faults.next({ account: 'two' }, json({}))
  fake.faults.next({ account: 'two', method: 'GET' }, redirect('http://elsewhere.invalid/'))
  const seen: unknown[] = []
  for (const token of ['one', 'one', 'one', 'one', 'two', 'two', 'two', 'three']) {
    const answer = await get(fake, '/things/a', token)
    seen.push([answer.status, answer.headers.get('content-type'), (await answer.text()).slice(0, 15)])
  }
  const JSON_TYPE = 'application/json;charset=utf-8'
  expect(seen).toEqual([
    [503, JSON_TYPE, '{"down":true}'],
    [503, JSON_TYPE, '{"down":true}'],
    [200, 'text/html; charset=utf-8', '<!DOCTYPE html>'],
    [200, JSON_TYPE, '<!DOCTYPE html>'],
    [200, JSON_TYPE, ''],
    [200, JSON_TYPE, '{}'],
    [302, JSON_TYPE, ''],
    [200, JSON_TYPE, '{"kind":"a","re'],
  ])
  expect(fake.requests[0]).toMatchObject({ status: 503, fault: 'status 503' })
})

test('a rate limit says when to come back: in seconds, as a date of a wrong clock, or not at all', async () => {
  const fake = await start()
  fake.faults.next(() => true, rateLimited({ retryAfter: 2, policyName: 'DAILY' }))
  fake.faults.next(() => true, rateLimited({ retryAfter: { httpDate: 3 }, clockSkewMs: 300_000 }))
  fake.faults.next(() => true, rateLimited())
  const answers = [await get(fake, '/things/a'), await get(fake, '/things/a'), await get(fake, '/things/a')]
  const header = (index: number, name: string) => answers[index]?.headers.get(name) ?? null
  expect(answers.map(({ status: code }) => code)).toEqual([429, 429, 429])
  expect(await answers[0]?.json()).toEqual({ policy: 'DAILY' })
  expect([header(0, 'retry-after'), header(2, 'retry-after')]).toEqual(['2', null])
  expect(Date.parse(header(1, 'retry-after') ?? '') - Date.parse(header(1, 'date') ?? '')).toBe(3000)
  expect(Date.parse(header(1, 'date') ?? '') - fake.clock.now()).toBe(300_000)
  expect(fake.counters.limited).toBe(3)
})

test('connections break before, in and at the end of a body', async () => {
  const fake = await start()
  fake.faults.next({ query: /^x=1/ }, reset())
  fake.faults.next({ query: /^x=2/ }, resetMidBody())
  fake.faults.next({ query: /^x=3/ }, truncate())
  expect(codeOf(await raw(fake, '/things/a?x=1').catch((error: unknown) => error))).toBe('ECONNRESET')
  for (const place of [2, 3]) {
    const answer = await raw(fake, `/things/a?x=${place}`)
    let size = 0
    answer.on('data', (chunk: Buffer) => {
      size += chunk.length
    })
    const error = await new Promise((resolve) => answer.on('error', resolve))
    expect(codeOf(error)).toBe('ECONNRESET')
    expect(size).toBe(Number(answer.headers['content-length']) >> 1)
  }
  expect((await get(fake, '/things/a?x=2')).status).toBe(200)
})

test('a cut JSON comes as a complete message', async () => {
  const fake = await start()
  fake.faults.next(() => true, truncatedJson())
  const answer = await get(fake, '/things/a')
  const text = await answer.text()
  expect(Number(answer.headers.get('content-length'))).toBe(Buffer.byteLength(text))
  expect(() => JSON.parse(text)).toThrow(SyntaxError)
})

test('a request may hang, and closing the fake ends it', async () => {
  const fake = await start()
  const script = fake.faults.always({ path: /things/ }, hang())
  const hung = raw(fake, '/things/a').catch(codeOf)
  while (script.hits === 0) await new Promise((resolve) => setImmediate(resolve))
  await fake.close()
  expect(await hung).toBe('ECONNRESET')
})

test('a body may drip', async () => {
  const fake = await start()
  fake.faults.next(() => true, slowBody(0.05))
  const answer = await raw(fake, '/things/a')
  let chunks = 0
  answer.on('data', () => {
    chunks += 1
  })
  expect(JSON.parse(await readText(answer))).toMatchObject({ kind: 'a' })
  expect(chunks).toBeGreaterThan(1)
})

test('a gzip bomb is sound, and stops when nobody listens', async () => {
  const fake = await start()
  fake.faults.next(() => true, gzipBomb(3_500_000))
  const small = await get(fake, '/things/a')
  expect(small.headers.get('content-encoding')).toBe('gzip')
  expect(await small.text()).toBe(' '.repeat(3_500_000))
  fake.faults.next(() => true, gzipBomb())
  const large = await raw(fake, '/things/a')
  let size = 0
  for await (const chunk of large.pipe(createGunzip()) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > 8_000_000) break
  }
  large.destroy()
  expect(size).toBeGreaterThan(8_000_000)
})

test('pages may come again or end early', async () => {
  const fake = await start()
  fake.faults.next({ path: /things/, skip: 1 }, repeatPage())
  fake.faults.next({ path: /things/, query: /after=6/ }, endEarly())
  const nexts: unknown[] = []
  for (const cursor of ['', '?after=3', '?after=3', '?after=6']) {
    nexts.push(((await (await get(fake, `/things/a${cursor}`)).json()) as { next?: string }).next)
  }
  expect(nexts).toEqual(['3', '3', '6', undefined])
  fake.faults.always({ path: /things/ }, endEarly())
  fake.quotas.reset()
  expect(await (await get(fake, '/things/a')).json()).toEqual({ kind: 'a', results: ITEMS.slice(0, 3) })
  fake.faults.clear()
  expect(await (await get(fake, '/things/a')).json()).toHaveProperty('next')
})

test('an answer may be changed as a value and as text', async () => {
  const fake = await start()
  fake.faults.next(
    () => true,
    rewrite(({ results }) => ({ results: [{ ...results[0], name: 5 }] })),
  )
  fake.faults.next(
    () => true,
    rewriteText((text) => text.replace('"1"', '"0","id":1e999,"x":NaN')),
  )
  fake.faults.next(
    () => true,
    rewriteText(() => '['.repeat(10_000) + ']'.repeat(10_000)),
  )
  expect(await (await get(fake, '/things/a')).json()).toEqual({ results: [{ id: '1', name: 5 }] })
  expect(await (await get(fake, '/things/a')).text()).toContain('"id":"0","id":1e999,"x":NaN')
  expect(await (await get(fake, '/things/a')).text()).toHaveLength(20_000)
})

test('hooks run around an answer and go along with other faults', async () => {
  const fake = await start()
  const order: string[] = []
  const note = (word: string) => (request: FakeRequest) => void order.push(`${word} ${request.query.get('after')}`)
  const waited = fake.faults.always(() => true, delay(1))
  fake.faults.always(() => true, before(note('before')))
  fake.faults.always(() => true, after(note('after')))
  fake.faults.next(() => true, status(500))
  expect((await get(fake, '/things/a?after=3')).status).toBe(500)
  expect((await get(fake, '/things/a?after=6')).status).toBe(200)
  expect(order).toEqual(['before 3', 'after 3', 'before 6', 'after 6'])
  expect(waited.hits).toBe(2)
  waited.cancel()
  await get(fake, '/things/a')
  expect(waited.hits).toBe(2)
})

test('a request or an answer against the description fails loudly', async () => {
  const fake = await start()
  expect((await get(fake, '/things/a?wrong=1')).status).toBe(400)
  expect((await get(fake, '/things/odd')).status).toBe(500)
  expect((await get(fake, '/broken')).status).toBe(500)
  expect(fake.violations).toEqual([
    'request GET /things/a: "wrong" is wrong',
    'answer GET /things/odd: kind is odd',
    expect.stringContaining('the fake failed: Error: out of order'),
  ])
})

test('there are addresses without a name and without TLS', async () => {
  await using broken = await startBrokenTls()
  const causeOf = (error: unknown) => codeOf((error as { cause?: unknown }).cause)
  expect(await fetch(broken.origin).catch(causeOf)).toMatch(/SSL/)
  expect(await fetch(UNRESOLVABLE).catch(causeOf)).toMatch(/ENOTFOUND|EAI_AGAIN/)
})
