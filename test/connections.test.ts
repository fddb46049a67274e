import { request } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { ConnectionStatus, ConnectorInfo, ConnectResult, DisconnectResult, Problem, SyncResult } from '../src/api.ts'
import { RECORD_TABLES } from '../src/db/schema.ts'
import { sql } from '../src/db/sql.ts'
import { createLog } from '../src/log.ts'
import { createHttp } from '../src/server/http.ts'
import { createNodeServer, listen, stop } from '../src/server/listen.ts'
import { type Progress, QUIET } from '../src/server/services.ts'
import { readOutcome, storedOutcome } from '../src/sync/stored-outcome.ts'
import { openWorld, type World } from './connections-kit.ts'
import { ENGINES } from './support/databases.ts'

const given = (world: World, more: object = {}) => ({
  workspace: 'main',
  locale: 'en' as const,
  connector: 'acme',
  settings: { token: world.source.token, portal: '77' },
  ...more,
})
const connect = (world: World, more: object = {}) => world.services.connect(given(world, more), QUIET)
const status = async ({ services }: World) => {
  const all = await services.connections({ locale: 'en', only: [] }, QUIET)
  return z.array(ConnectionStatus).parse(all)
}

describe.each(ENGINES)('on %s', (engine) => {
  test('connect, run, see its health, run again, disconnect', async () => {
    const world = await openWorld(engine)
    const { services, source } = world
    const [info] = z.array(ConnectorInfo).parse(await services.connectors({ locale: 'zh-CN' }, QUIET))
    expect(info).toMatchObject({
      id: 'acme',
      title: 'Acme 客户系统',
      streams: [{ stream: 'companies', optional: true }, {}],
    })

    const connected = ConnectResult.parse(await connect(world))
    const { id } = connected.connection
    expect(connected).toMatchObject({
      account: { id: '77', name: 'Acme GmbH', currency: 'EUR', zone: 'Europe/Berlin', scopes: ['deals', 'companies'] },
      connection: { title: 'Acme GmbH', state: 'pending', every_minutes: 15, rows: {}, last: null, running: false },
      notices: [],
    })
    expect(JSON.stringify(connected)).not.toContain(source.token)

    const told: Progress[] = []
    const feedback = { ...QUIET, progress: (progress: Progress) => void told.push(progress) }
    const result = SyncResult.parse(await services.sync({ locale: 'en', id, full: false }, feedback))
    expect(result).toMatchObject({ connection: id, connector: 'acme', state: 'complete', reason: null })
    expect(result.streams).toMatchObject([
      { stream: 'companies', title: 'Companies', state: 'complete', mode: 'full', imported: 1, total: 1 },
      { stream: 'deals', title: 'Deals', state: 'complete', imported: 2, rejected: 0, total: 2 },
    ])
    expect(told.at(-1)).toMatchObject({ task: 'Acme GmbH: Deals', quota: { left: 900, of: 1000 } })

    const [now] = await status(world)
    expect(now).toMatchObject({
      state: 'active',
      rows: { account: 1, deal: 2 },
      quarantined: 0,
      quota: { left: 900, of: 1000 },
      last: { state: 'complete', streams: [{}, { stream: 'deals', imported: 2 }] },
    })
    expect(Date.parse(now!.next_at!) - Date.parse(now!.finished_at!)).toBeLessThanOrEqual(15 * 60_000)
    const again = await services.sync({ id, full: false }, QUIET)
    expect(again.streams.map(({ imported, unchanged }) => [imported, unchanged])).toEqual([
      [0, 1],
      [0, 2],
    ])

    expect(DisconnectResult.parse(await services.disconnect({ id, erase: true, force: false }, QUIET))).toEqual({
      id,
      title: 'Acme GmbH',
      removed: 3,
    })
    expect(await status(world)).toEqual([])
  })

  test('rows are counted for each source, all types of record', async () => {
    const world = await openWorld(engine)
    const first = (await connect(world)).connection
    await connect(world, { settings: { token: world.source.token, portal: '78' }, title: 'Second' })
    await world.services.sync({ id: first.id, full: false }, QUIET)
    expect((await status(world)).map(({ rows }) => rows)).toEqual([{ account: 1, deal: 2 }, {}])
    for (const table of RECORD_TABLES) expect(sql('sync/sql/row-counts.sql')).toContain(`FROM ${table} WHERE`)
  })
})

test('the same account again replaces its token; a wrong one changes nothing', async () => {
  const world = await openWorld()
  const { id } = (await connect(world)).connection
  world.source.token = 'tok-of-nobody-2'
  expect(await world.services.sync({ id, full: false }, QUIET)).toMatchObject({
    state: 'reconnect',
    reason: { code: 'unauthorized', remedy: expect.any(String) },
  })
  expect(await status(world)).toMatchObject([{ id, state: 'reconnect', next_at: null, last: { state: 'reconnect' } }])
  await expect(connect(world, { settings: { token: 'not-this-one', portal: '77' } })).rejects.toMatchObject({
    code: 'connect_failed',
    exitCode: 3,
    status: 401,
  })
  expect((await connect(world)).connection.id).toBe(id)
  expect(await world.services.sync({ id, full: false }, QUIET)).toMatchObject({ state: 'complete' })
})

test('a currency and a zone that are not the workspace’s are told', async () => {
  const world = await openWorld('duckdb', { currency: 'CNY', zone: 'Asia/Shanghai' })
  const { notices } = await connect(world)
  expect(notices.map(({ code }) => code)).toEqual(['currency_differs', 'zone_differs'])
  expect(notices[0]!.remedy).toContain('settings set currency EUR')
})

test('connections are named by id, connector or title; an unknown one lists those there are', async () => {
  const world = await openWorld()
  const { id } = (await connect(world)).connection
  const of = (name: string) => world.services.connections({ locale: 'en', only: [name] }, QUIET)
  for (const name of [id, 'acme', 'ACME', 'acme gmbh']) expect(await of(name)).toMatchObject([{ id }])
  await expect(of('acne')).rejects.toMatchObject({
    code: 'unknown_connection',
    status: 404,
    remedy: { en: expect.stringMatching(/Did you mean acme\?.*con_/) },
  })
})

test('a missing scope leaves an optional stream off, and the run complete', async () => {
  const world = await openWorld()
  world.source.faults.set('/companies', { status: 403, body: { code: 'missing_scope' } })
  const { id } = (await connect(world)).connection
  const result = await world.services.sync({ locale: 'zh-CN', id, full: false }, QUIET)
  expect(result).toMatchObject({
    state: 'complete',
    streams: [{ state: 'off', title: '客户公司' }, { state: 'complete' }],
  })
  expect(result.streams[0]!.reason).toMatchObject({ code: 'missing_scope', message: expect.stringMatching(/[一-龥]/) })
})

test('a stored result of another version never hides a connection', async () => {
  const world = await openWorld()
  const { id } = (await connect(world)).connection
  await world.services.sync({ id, full: false }, QUIET)
  const [{ result }] = (await world.env.state.connections()) as unknown as [{ result: object }]
  expect(storedOutcome(readOutcome(result)!)).toEqual(result)
  const odd: unknown[] = [
    null,
    7,
    'text',
    [],
    {},
    {
      ...result,
      state: 'splendid',
      streams: [null, 1, { stream: 'x' }, { stream: 'deals', reason: { code: 'c', message: 'old' } }],
    },
    { ...result, streams: 'none', drift: [{ stream: 1 }], reason: { code: 1 }, requests: null },
    { startedAt: 'yesterday', finishedAt: 'today' },
  ]
  for (const stored of odd) {
    await world.env.state.changeConnection(id, { result: stored })
    const [one] = await status(world)
    expect(one!.id).toBe(id)
  }
  expect(readOutcome(odd[5])).toMatchObject({
    state: 'incomplete',
    streams: [{ stream: 'x' }, { stream: 'deals', reason: { message: { en: 'old', 'zh-CN': 'old' } } }],
  })
})

interface Answer {
  readonly status: number
  readonly text: string
  readonly body: unknown
}

async function serve(world: World) {
  const log: string[] = []
  const options = {
    log: createLog('trace', { write: (line) => void log.push(line) }),
    host: '127.0.0.1',
    uploads: world.env.dataDir,
    ready: () => true,
  }
  const server = createNodeServer(createHttp(world.services, options))
  const port = await listen(server, 0, '127.0.0.1')
  onTestFinished(() => stop(server, 0))
  const ask = (method: string, path: string, body?: unknown, headers: object = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const type = method === 'GET' ? {} : { 'content-type': 'application/json' }
      const call = request({
        port,
        host: '127.0.0.1',
        path: `/api/v1${path}`,
        method,
        headers: { ...type, ...headers },
        agent: false,
      })
      call.on('error', reject)
      call.on('response', async (response) => {
        const text = Buffer.concat(await response.toArray()).toString()
        resolve({ status: response.statusCode ?? 0, text, body: text === '' ? null : JSON.parse(text) })
      })
      call.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body))
    })
  return { ask, log, port }
}

test('the HTTP API: connect, start a run, follow it, disconnect; no secret ever comes back', async () => {
  const world = await openWorld()
  const { ask, log } = await serve(world)
  expect(z.array(ConnectorInfo).parse((await ask('GET', '/connectors?locale=en')).body)).toHaveLength(1)
  const made = await ask('POST', '/connections?locale=en', {
    connector: 'acme',
    settings: { token: world.source.token, portal: '77' },
    every_minutes: null,
  })
  expect(made.status).toBe(200)
  const { connection } = ConnectResult.parse(made.body)
  expect(connection).toMatchObject({ every_minutes: null, next_at: null })

  world.source.slow = 150
  const started = await ask('POST', `/connections/${connection.id}/sync`, { full: true })
  expect(started.status).toBe(202)
  expect(ConnectionStatus.parse(started.body)).toMatchObject({ id: connection.id, running: true })
  const twice = await ask('POST', `/connections/${connection.id}/sync`)
  expect([twice.status, Problem.parse(twice.body).error.code]).toEqual([503, 'sync_running'])
  await expect
    .poll(async () => ConnectionStatus.parse((await ask('GET', `/connections/${connection.id}`)).body), {
      timeout: 20_000,
    })
    .toMatchObject({ running: false, state: 'active', rows: { deal: 2 } })

  const wrong = await ask('POST', '/connections?locale=en', {
    connector: 'acme',
    settings: { token: 'S3cr3t-canary-1', portal: '77' },
  })
  expect([wrong.status, Problem.parse(wrong.body).error.code]).toEqual([401, 'connect_failed'])
  const listed = await ask('GET', '/connections?only=acme&only=Acme%20GmbH')
  expect(z.array(ConnectionStatus).parse(listed.body)).toHaveLength(1)
  const gone = await ask('DELETE', `/connections/${connection.id}?erase=true`)
  expect(DisconnectResult.parse(gone.body).removed).toBe(3)
  expect((await ask('GET', `/connections/${connection.id}`)).status).toBe(404)
  const everything = [made, started, twice, wrong, listed, gone].map(({ text }) => text).join() + log.join()
  expect(everything).not.toContain(world.source.token)
  expect(everything).not.toContain('S3cr3t-canary-1')
})

test('the HTTP API refuses what it should', async () => {
  const world = await openWorld()
  const { ask, port } = await serve(world)
  const body = { connector: 'acme', settings: { token: 'S3cr3t-canary-2', portal: '77' } }
  const foreign = { origin: 'https://evil.example' }
  const cases: [string, string, unknown, object, number][] = [
    ['POST', '/connections', body, foreign, 403],
    ['POST', '/connections', body, { 'sec-fetch-site': 'cross-site' }, 403],
    ['POST', '/connections', JSON.stringify(body), { 'content-type': 'text/plain' }, 415],
    ['POST', '/connections', body, { 'content-encoding': 'gzip' }, 415],
    ['DELETE', '/connections/con_1', undefined, foreign, 403],
    ['POST', '/connections/con_1/sync', {}, foreign, 403],
    ['POST', '/doctor', {}, foreign, 403],
    ['POST', '/connections', { ...body, settings: { token: 'x'.repeat(70_000) } }, {}, 413],
    ['POST', '/connections', '{"connector":"acme","settings":{"token":"S3cr3t-canary-2', {}, 400],
    ['POST', '/connections', '[]', {}, 400],
    ['POST', '/connections', `${'{"settings":'.repeat(5000)}1${'}'.repeat(5000)}`, {}, 400],
    ['POST', '/connections', { connector: 'acme', settings: 'S3cr3t-canary-2' }, {}, 400],
    ['POST', '/connections', { ...body, every_minutes: 0 }, {}, 400],
    ['POST', '/connections', { connector: 'nothing', settings: {} }, {}, 400],
    ['POST', '/connections', { connector: 'acme', settings: { token: 'S3cr3t-canary-2', __proto__x: 1 } }, {}, 400],
    ['POST', '/connections/con_1/sync', { full: 'yes' }, {}, 400],
    ['POST', '/connections/con_1/sync', {}, {}, 404],
    ['DELETE', '/connections/con_1', undefined, {}, 404],
    ['GET', '/connections/con_1', undefined, {}, 404],
    ['GET', '/connections?workspace=nobody', undefined, {}, 404],
  ]
  for (const [method, path, sent, headers, expected] of cases) {
    const answer = await ask(method, path, sent, headers)
    expect([answer.status, method, path], answer.text).toEqual([expected, method, path])
    expect(Problem.parse(answer.body).error.request_id).toBeTruthy()
    expect(answer.text).not.toContain('S3cr3t')
  }
  expect(world.source.requests).toEqual([])
  const self = { origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' }
  expect(
    (await ask('POST', '/connections', { ...body, settings: { token: world.source.token, portal: '1' } }, self)).status,
  ).toBe(200)
})

test('what a run in the background meets is in the log, not lost', async () => {
  const world = await openWorld()
  const { id } = (await connect(world)).connection
  world.source.slow = 200
  await world.services.start_sync({ id, full: false }, QUIET)
  await world.sources.close()
  await expect.poll(() => world.logged.map(([message]) => message)).toContain('a run in the background failed')
  await expect(world.services.start_sync({ id, full: false }, QUIET)).rejects.toMatchObject({ code: 'stopping' })
})
