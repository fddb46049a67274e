import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request, type Server } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RoiError } from '../src/errors.ts'
import { createLog } from '../src/log.ts'
import { createHttp } from '../src/server/http.ts'
import { rateLimit } from '../src/server/limits.ts'
import { createNodeServer, listen, stop } from '../src/server/listen.ts'
import type { Services } from '../src/server/services.ts'
import { MAX_UPLOAD } from '../src/server/uploads.ts'

let folder: string
let server: Server
let port: number
let ready = true
const imported: unknown[] = []

const services = {
  async workspaces() {
    return { demo: false, workspaces: [{ key: 'main', title: 'main', locale: 'zh-CN', currency: 'CNY' }] }
  },
  async panel() {
    return { version: 2, secret: '/etc/passwd' }
  },
  async report() {
    throw new Error('SELECT * FROM credit at /srv/roi-panel/src/db/duckdb.ts:1')
  },
  async drill() {
    throw new RoiError('not_found', 'unknown_group', { en: 'No such group.', 'zh-CN': '没有该分组。' })
  },
  async template({ type, locale }: { type: string; locale?: string }) {
    return `${type},${locale}\r\n`
  },
  async import(ask: { files: { path: string }[]; type?: string }) {
    imported.push(ask)
    if (ask.type === 'costs') {
      throw new RoiError(
        'usage',
        'ambiguous_dates',
        { en: 'Day or month?', 'zh-CN': '日还是月？' },
        {
          en: 'Say which.',
          'zh-CN': '请指明。',
        },
      )
    }
    return { id: 'imp_1', files: [] }
  },
  async undo({ id }: { id: string }) {
    return { id, removed: 1, restored: 0 }
  },
} as unknown as Services

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roi-panel-server-'))
  const dist = join(folder, 'dist')
  await mkdir(join(dist, 'page', 'assets'), { recursive: true })
  await mkdir(join(dist, 'widget'), { recursive: true })
  await writeFile(join(dist, 'page', 'index.html'), '<!doctype html><title>x</title>')
  await writeFile(join(dist, 'page', 'assets', 'index-DTv8tHST.js'), 'export {}')
  await writeFile(join(dist, 'widget', 'loader.js'), 'export {}')
  await writeFile(join(folder, 'secret.txt'), 'secret')
  const options = { log: createLog('silent'), host: '127.0.0.1', uploads: join(folder, 'up'), dist, ready: () => ready }
  server = createNodeServer(createHttp(services, options))
  port = await listen(server, 0, '127.0.0.1')
})
afterAll(async () => {
  await stop(server)
  await rm(folder, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
  readonly body: { error: { code: string; message: string; remedy: string | null; request_id: string } }
}

function ask(path: string, options: { method?: string; headers?: object; body?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { ...(options.headers as Record<string, string>) }
    const call = request({ port, host: '127.0.0.1', path, method: options.method ?? 'GET', headers, agent: false })
    call.on('error', reject)
    call.on('response', async (response) => {
      const text = Buffer.concat(await response.toArray()).toString()
      let body: unknown = null
      try {
        body = JSON.parse(text)
      } catch {
        // Not every answer is JSON.
      }
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: body as Answer['body'] })
    })
    call.end(options.body)
  })
}

test('every answer carries the security headers', async () => {
  for (const path of ['/', '/api/v1/workspaces', '/nothing', '/healthz', '/widget/loader.js']) {
    const { headers } = await ask(path)
    const { date, etag, 'x-request-id': id, 'content-length': length, ...fixed } = headers
    expect(id).toMatch(/^[0-9a-f-]{36}$/)
    expect(fixed['x-powered-by']).toBeUndefined()
    expect(fixed['content-security-policy']).toBe(
      "default-src 'self';script-src 'self';style-src 'self';img-src 'self' data:;font-src 'self';connect-src 'self';object-src 'none';base-uri 'none';form-action 'self';frame-ancestors 'self'",
    )
    expect(fixed).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
    })
    expect(fixed['access-control-allow-origin']).toBeUndefined()
  }
})

test('hashed files are kept for ever, everything else is asked for again', async () => {
  expect((await ask('/assets/index-DTv8tHST.js')).headers['cache-control']).toContain('immutable')
  expect((await ask('/widget/loader.js')).headers['cache-control']).toBe('no-cache')
  expect((await ask('/')).headers['cache-control']).toBe('no-cache')
  const api = await ask('/api/v1/workspaces')
  expect(api.headers['cache-control']).toBe('no-cache')
  const again = await ask('/api/v1/workspaces', { headers: { 'if-none-match': api.headers.etag } })
  expect(again.status).toBe(304)
})

test('no path leads out of the built pages', async () => {
  for (const path of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/widget/..%2f..%2f..%2fsecret.txt',
  ]) {
    const answer = await ask(path)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.text).not.toContain('secret\n')
  }
  expect((await ask('/%')).status).toBe(404)
})

test('problems are told in the language asked for, with the request id', async () => {
  const query = '/api/v1/report?model=nope&from=2026-02-30'
  const english = await ask(query, { headers: { 'accept-language': 'en-GB,en;q=0.9' } })
  const chinese = await ask(query, { headers: { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.5' } })
  const asked = await ask(`${query}&locale=zh-CN`, { headers: { 'accept-language': 'en' } })
  expect([english.status, chinese.status, asked.status]).toEqual([400, 400, 400])
  expect(english.body.error.message).toContain('model (one of first, last')
  expect(english.body.error.message).toContain('from (a day such as 2026-01-31)')
  expect(chinese.body.error.message).toContain('参数无效')
  expect(asked.body.error.message).toEqual(chinese.body.error.message)
  expect(english.body.error.request_id).toBe(english.headers['x-request-id'])
})

test('periods, pages and repeated parameters are checked', async () => {
  const bad = [
    'report?from=2026-02-01&to=2026-01-01',
    'report?by=secret',
    'report?by=channel&by=month',
    'report?date_basis=x',
    'drill?limit=100000',
    'drill?offset=-1',
    'drill?key[]=a&limit=x',
    'explain?limit=5',
    'templates/passwords',
    `panel?workspace=${'x'.repeat(200)}`,
  ]
  for (const path of bad) expect((await ask(`/api/v1/${path}`)).status, path).toBe(400)
})

test('an unknown address and an unknown group are 404', async () => {
  const nothing = await ask('/api/v1/nothing')
  expect([nothing.status, nothing.body.error.code]).toEqual([404, 'not_found'])
  const group = await ask('/api/v1/drill?key=x')
  expect([group.status, group.body.error.code]).toEqual([404, 'unknown_group'])
})

test('what breaks inside says nothing about the inside', async () => {
  for (const path of ['/api/v1/report', '/api/v1/panel']) {
    const { status, body, text, headers } = await ask(path)
    expect([status, body.error.code]).toEqual([500, 'internal'])
    expect(body.error.request_id).toBe(headers['x-request-id'])
    expect(text).not.toMatch(/SELECT|duckdb|\/work|passwd|secret|at /)
  }
})

test('a name that is not ours is refused (DNS rebinding)', async () => {
  for (const host of ['evil.example', 'evil.example:3000', 'localhost.evil.example', '127.0.0.1.evil.example']) {
    expect((await ask('/api/v1/workspaces', { headers: { host } })).status, host).toBeGreaterThanOrEqual(400)
  }
  for (const host of ['localhost', 'localhost:3000', '127.0.0.1', '[::1]:3000']) {
    expect((await ask('/api/v1/workspaces', { headers: { host } })).status, host).toBe(200)
  }
})

const FILE = { method: 'POST', body: 'a,b\n1,2\n' }
const TYPE = { 'content-type': 'application/octet-stream' }

test('a write from another site is refused', async () => {
  const before = imported.length
  const self = `http://127.0.0.1:${port}`
  const refused: Record<string, string>[] = [
    { ...TYPE, origin: 'https://evil.example' },
    { ...TYPE, origin: 'null' },
    { ...TYPE, origin: `https://127.0.0.1:${port + 1}` },
    { ...TYPE, 'sec-fetch-site': 'cross-site' },
    { ...TYPE, 'sec-fetch-site': 'same-site', origin: self },
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': 'multipart/form-data; boundary=x' },
    {},
  ]
  for (const headers of refused) {
    for (const path of ['/api/v1/imports?name=a.csv', '/api/v1/imports/imp_1/undo']) {
      expect([403, 415], JSON.stringify(headers)).toContain((await ask(path, { ...FILE, headers })).status)
    }
  }
  expect(imported).toHaveLength(before)
  for (const headers of [TYPE, { ...TYPE, origin: self, 'sec-fetch-site': 'same-origin' }]) {
    expect((await ask('/api/v1/imports?name=a.csv', { ...FILE, headers })).status).toBe(200)
  }
  expect(
    (await ask('/api/v1/imports/imp_1/undo', { method: 'POST', headers: { 'content-type': 'application/json' } })).text,
  ).toBe('{"id":"imp_1","removed":1,"restored":0}')
})

test('nothing changes on GET', async () => {
  const before = imported.length
  expect((await ask('/api/v1/imports?name=a.csv')).status).toBe(404)
  expect((await ask('/api/v1/imports/imp_1/undo')).status).toBe(404)
  expect(imported).toHaveLength(before)
})

test('an upload keeps only the last part of its name, rests in a file of ours and leaves none', async () => {
  imported.length = 0
  const name = encodeURIComponent('..\\../../etc/pass\u0000wd.csv')
  const path = `/api/v1/imports?name=${name}&workspace=main&type=deals&date_format=D/M/YYYY&dry_run=true&locale=en`
  expect((await ask(path, { ...FILE, headers: TYPE })).status).toBe(200)
  expect(imported).toEqual([
    {
      workspace: 'main',
      type: 'deals',
      date_format: 'D/M/YYYY',
      dry_run: true,
      locale: 'en',
      files: [{ path: expect.stringMatching(/up\/[0-9a-f-]{36}\.upload$/), name: 'passwd.csv' }],
    },
  ])
  await expect.poll(() => readdir(join(folder, 'up'))).toEqual([])
})

test('an upload that cannot be imported is answered with the cause and the remedy', async () => {
  const answer = await ask('/api/v1/imports?name=a.csv&type=costs&locale=zh-CN', { ...FILE, headers: TYPE })
  expect([answer.status, answer.body.error]).toMatchObject([
    400,
    { code: 'ambiguous_dates', message: '日还是月？', remedy: '请指明。' },
  ])
  await expect.poll(() => readdir(join(folder, 'up'))).toEqual([])
})

test('an upload above the limit, or compressed, is refused before it is read', async () => {
  const big = { ...TYPE, 'content-length': String(MAX_UPLOAD + 1), expect: '100-continue' }
  const large = await new Promise<number>((resolve, reject) => {
    const call = request({ port, host: '127.0.0.1', method: 'POST', path: '/api/v1/imports?name=a.csv', headers: big })
    call.on('response', (response) => {
      resolve(response.statusCode ?? 0)
      call.destroy()
    })
    call.on('error', reject)
    call.flushHeaders()
  })
  expect(large).toBe(413)
  const zipped = { ...FILE, headers: { ...TYPE, 'content-encoding': 'gzip' } }
  expect((await ask('/api/v1/imports?name=a.csv', zipped)).status).toBe(415)
})

test('a sender that goes away leaves nothing behind', async () => {
  const socket = connect(port, '127.0.0.1')
  socket.write(
    `POST /api/v1/imports?name=a.csv HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/octet-stream\r\ncontent-length: 1000\r\n\r\nabc`,
  )
  await new Promise((resolve) => setTimeout(resolve, 200))
  socket.destroy()
  await expect.poll(() => readdir(join(folder, 'up'))).toEqual([])
})

test('templates come as files that spreadsheets read', async () => {
  const { headers, text } = await ask('/api/v1/templates/deals?locale=zh-CN')
  expect(text).toBe('\uFEFFdeals,zh-CN\r\n')
  expect(headers['content-disposition']).toBe('attachment; filename=deals.csv')
})

test('health and readiness', async () => {
  expect(await ask('/healthz')).toMatchObject({ status: 200, text: '{"status":"ok"}' })
  expect((await ask('/readyz')).status).toBe(200)
  ready = false
  expect((await ask('/readyz')).status).toBe(503)
  ready = true
})

test('the rate limit stops a flood and lets a person go on', () => {
  let now = 0
  const limit = rateLimit(10, 5, () => now)
  const passes = (address: string) => {
    let passed = false
    const response = { setHeader() {} }
    limit({ socket: { remoteAddress: address } } as never, response as never, (error) => {
      passed = error === undefined
      if (error) expect(error).toMatchObject({ status: 429, code: 'rate_limited' })
    })
    return passed
  }
  expect(Array.from({ length: 15 }, () => passes('a')).filter(Boolean)).toHaveLength(10)
  expect(passes('b')).toBe(true)
  now = 1000
  expect(Array.from({ length: 15 }, () => passes('a')).filter(Boolean)).toHaveLength(5)
})

test('slow headers are cut, and uploads have time', () => {
  expect(server.headersTimeout).toBeLessThanOrEqual(10_000)
  expect(server.requestTimeout).toBeGreaterThan(60_000)
})

test('a port in use is told with its remedy', async () => {
  const second = createNodeServer(() => {})
  await expect(listen(second, port, '127.0.0.1')).rejects.toMatchObject({
    code: 'port_in_use',
    remedy: { en: expect.stringContaining('PORT=0') },
  })
})
