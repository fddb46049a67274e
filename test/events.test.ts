import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createLog } from '../src/log.ts'
import { announcing, eventStreams } from '../src/server/events.ts'
import { createHttp } from '../src/server/http.ts'
import { createNodeServer, listen, stop } from '../src/server/listen.ts'
import { QUIET, type Services } from '../src/server/services.ts'
import { createFeed } from '../src/sync/changes-feed.ts'
import { openStateAt, statePlace } from './support/databases.ts'

async function open(shared = false) {
  const place = await statePlace(shared ? 'postgres' : 'duckdb')
  const state = await openStateAt(place)
  onTestFinished(() => state.close())
  const main = await state.openWorkspace('main')
  const other = await state.openWorkspace('other')
  const feed = createFeed(state, { shared, log() {} })
  onTestFinished(() => feed.close())
  return { place, state, feed, main: main.tenant, other: other.tenant }
}

async function serve() {
  const opened = await open()
  const events = eventStreams(opened)
  const http = createHttp({} as Services, {
    log: createLog('silent'),
    host: '127.0.0.1',
    uploads: '',
    events,
    ready: () => true,
  })
  const server = createNodeServer(http)
  const origin = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`
  onTestFinished(async () => {
    events.close()
    await stop(server, 100)
  })
  return { ...opened, events, server, origin }
}

/** What a stream says, text by text. */
async function listening(url: string) {
  const gone = new AbortController()
  onTestFinished(() => gone.abort())
  const response = await fetch(url, { signal: gone.signal })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return {
    response,
    leave: () => gone.abort(),
    async until(wanted: string): Promise<string> {
      while (!text.includes(wanted)) {
        const { value, done } = await reader.read()
        if (done) throw new Error(`ended after ${text}`)
        text += value
      }
      return text
    },
    async end(): Promise<string> {
      for (;;) {
        const { value, done } = await reader.read()
        if (done) return text
        text += value
      }
    },
  }
}

describe('GET /api/v1/events', () => {
  test('tells what changed, and only of its workspace', async () => {
    const { origin, feed, main, other } = await serve()
    const stream = await listening(`${origin}/api/v1/events?workspace=main`)
    const { headers } = stream.response
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(await stream.until('retry')).toBe('retry: 3000\n\n')
    feed.announce(other)
    feed.announce(main)
    const text = await stream.until('changed')
    expect(text).toMatch(/event: changed\ndata: {"workspace":"main","at":"\d{4}-[^"]+Z"}\n\n$/)
    expect(text).not.toContain('other')
  })

  test('says at the beginning when it changed last', async () => {
    const { origin, feed, main } = await serve()
    feed.announce(main)
    const stream = await listening(`${origin}/api/v1/events`)
    expect(await stream.until('latest')).toContain('"workspace":"main"')
  })

  test('an unknown workspace has none', async () => {
    const { origin } = await serve()
    const response = await fetch(`${origin}/api/v1/events?workspace=nobody`)
    expect([response.status, (await response.json()).error.code]).toEqual([404, 'unknown_workspace'])
  })

  test('so many of one address and no more; who leaves makes room', async () => {
    const { origin } = await serve()
    const url = `${origin}/api/v1/events`
    const streams = await Promise.all(Array.from({ length: 50 }, () => listening(url)))
    const refused = await fetch(url)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '30'])
    expect((await refused.json()).error.code).toBe('too_many_streams')
    for (const { leave } of streams) leave()
    await vi.waitFor(async () => {
      const again = await fetch(url)
      await again.body?.cancel()
      expect(again.status).toBe(200)
    })
  })

  test('ends when the service does', async () => {
    const { origin, events, server } = await serve()
    const stream = await listening(`${origin}/api/v1/events`)
    await stream.until('retry')
    events.close()
    expect(await stream.end()).toContain('retry')
    await stop(server)
  })
})

describe('the feed', () => {
  test('many changes in a moment are told twice at most: at once, and at the end of it', async () => {
    const { feed, main } = await open()
    const told: Date[] = []
    feed.subscribe(main, (at) => told.push(at))
    for (let i = 0; i < 100; i++) feed.announce(main)
    expect(told).toHaveLength(1)
    await vi.waitFor(() => expect(told).toHaveLength(2))
    expect(told[1]).toEqual(await feed.changedAt(main))
  })

  test('who left is not told', async () => {
    const { feed, main } = await open()
    const told: Date[] = []
    feed.subscribe(main, (at) => told.push(at))()
    feed.announce(main)
    expect(told).toEqual([])
  })

  test('processes on one store tell each other', async () => {
    const { place, feed, main, other } = await open(true)
    const state = await openStateAt(place)
    onTestFinished(() => state.close())
    const second = createFeed(state, { shared: true, log() {} })
    onTestFinished(() => second.close())
    const told: string[] = []
    second.subscribe(main, () => told.push('main'))
    second.subscribe(other, () => told.push('other'))
    await new Promise((resolve) => setTimeout(resolve, 100))
    feed.announce(main)
    await vi.waitFor(() => expect(told).toEqual(['main']), { timeout: 10_000 })
    expect(await second.changedAt(main)).toEqual(await feed.changedAt(main))
    expect(await second.changedAt(other)).toBeNull()
  })

  test('commands that change figures tell it', async () => {
    const { state, feed, main } = await open()
    const done: string[] = []
    const method = (name: string) => async () => void done.push(name)
    const names = ['import', 'undo', 'recompute', 'set', 'disconnect', 'panel', 'report']
    const plain = Object.fromEntries(names.map((name) => [name, method(name)])) as unknown as Services
    const services = announcing(plain, { state, feed })
    await services.panel({} as never, QUIET)
    expect(await feed.changedAt(main)).toBeNull()
    await services.import({} as never, QUIET)
    expect(await feed.changedAt(main)).not.toBeNull()
    expect(done).toEqual(['panel', 'import'])
  })
})
