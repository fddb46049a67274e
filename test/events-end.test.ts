import { type ClientRequest, request } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createLog } from '../src/log.ts'
import { eventStreams } from '../src/server/events.ts'
import { createHttp } from '../src/server/http.ts'
import { createNodeServer, listen, stop } from '../src/server/listen.ts'
import type { Services } from '../src/server/services.ts'
import { hashPassword } from '../src/server/sign-in-password.ts'
import { IDLE_MS, LIFE_MS } from '../src/state/sessions.ts'
import type { State } from '../src/state/state.ts'
import { createFeed } from '../src/sync/changes-feed.ts'
import type { Sources } from '../src/sync/connections.ts'
import { EMAIL, opened, openWorld } from './embed-kit.ts'
import { Client, PASSWORD } from './sign-in-kit.ts'
import { type Engine, openStateAt, statePlace } from './support/databases.ts'

/** Streams of open panels end with what let them in: over real HTTP, and without waiting for it. */

/** A heartbeat that never comes within a test: what ends a stream then was told, not looked for. */
const NEVER = 3_600_000
/** One that comes at once, for what this process is not told. */
const SOON = 20

interface Place {
  readonly state: State
  readonly port: number
  /** Moves the clock of sessions, milliseconds. */
  later(milliseconds: number): void
  /** The state store as another process sees it. */
  elsewhere(): Promise<State>
}

async function serve(heartbeat: number, engine: Engine = 'duckdb'): Promise<Place> {
  let ahead = 0
  const now = () => new Date(Date.now() + ahead)
  const later = (milliseconds: number) => {
    ahead += milliseconds
  }
  const place = await statePlace(engine)
  const open = async () => {
    const state = await openStateAt(place, now)
    onTestFinished(() => state.close())
    return state
  }
  const state = await open()
  await state.openWorkspace('main')
  await state.openWorkspace('other')
  const feed = createFeed(state, { shared: false, log() {} })
  const events = eventStreams({ state, feed }, { heartbeat })
  const http = createHttp({} as Services, {
    log: createLog('silent'),
    host: '127.0.0.1',
    uploads: '',
    events,
    signIn: {
      state,
      sources: {} as Sources,
      connectors: async () => [],
      isRegistered: () => false,
      origin: () => 'http://localhost',
    },
    ready: () => true,
  })
  const server = createNodeServer(http)
  const port = await listen(server, 0, '127.0.0.1')
  onTestFinished(async () => {
    events.close()
    await stop(server, 100)
  })
  return { state, port, elsewhere: open, later }
}

/** An open stream of whoever has these cookies, once it has begun. */
async function listening(port: number, headers: Readonly<Record<string, string>> = {}, path = '/api/v1/events') {
  const call: ClientRequest = request({ port, host: '127.0.0.1', path, headers, agent: false })
  onTestFinished(() => void call.destroy())
  call.end()
  return new Promise<{ ended: Promise<string>; beats(count: number): Promise<void> }>((resolve, reject) => {
    call.once('error', reject)
    call.once('response', (response) => {
      if (response.statusCode !== 200) return reject(new Error(`answered ${response.statusCode}`))
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      const ended = new Promise<string>((done) => response.once('end', () => done(text)))
      const beats = async (count: number) => {
        while (text.split(': \n').length <= count) await new Promise((next) => setTimeout(next, 5))
      }
      response.once('data', () => resolve({ ended, beats }))
    })
  })
}

async function signedIn({ state, port }: Place, workspaces: readonly number[] | null = null) {
  const password = await hashPassword(PASSWORD)
  const user = await state.addUser({ name: 'chen', role: 'marketing', tenants: workspaces, password })
  const client = new Client(port, `127.0.0.1:${port}`)
  await client.signIn('chen')
  const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  return { user, client, stream: await listening(port, { cookie }) }
}

const MARKETING = { role: 'marketing' } as const

describe('a stream of a person ends at once', () => {
  test('when he signs out', async () => {
    const place = await serve(NEVER)
    const { client, stream } = await signedIn(place)
    expect((await client.ask('/api/v1/session', { method: 'DELETE', json: {} })).status).toBe(200)
    expect(await stream.ended).toContain('retry')
  })

  test('when his password, role or workspaces are changed, and when he is removed', async () => {
    for (const change of [
      async (state: State, id: string) => state.changeUser(id, { role: 'sales' }),
      async (state: State, id: string) => state.changeUser(id, { ...MARKETING, tenants: [2] }),
      async (state: State, id: string) => state.changeUser(id, { password: await hashPassword(`${PASSWORD} new`) }),
      async (state: State, id: string) => state.removeUser(id),
    ]) {
      const place = await serve(NEVER)
      const { user, stream } = await signedIn(place, [1])
      await change(place.state, user.id)
      await stream.ended
    }
  })

  test('and nobody else’s with it', async () => {
    const place = await serve(SOON)
    const { client, stream } = await signedIn(place)
    const password = await hashPassword(PASSWORD)
    await place.state.addUser({ ...MARKETING, name: 'li', tenants: null, password })
    const other = new Client(place.port, `127.0.0.1:${place.port}`)
    await other.signIn('li')
    const cookie = [...other.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const theirs = await listening(place.port, { cookie })
    await client.ask('/api/v1/session', { method: 'DELETE', json: {} })
    await stream.ended
    await theirs.beats(3)
  })

  test('of an open machine as soon as somebody must sign in', async () => {
    const { state, port } = await serve(NEVER)
    const stream = await listening(port)
    await state.addUser({ ...MARKETING, name: 'li', tenants: null, password: 'x' })
    await stream.ended
  })
})

describe('a stream of a person ends with the next heartbeat', () => {
  test.each(['duckdb', 'postgres'] as const)('when another process ended his session, on %s', async (engine) => {
    const place = await serve(SOON, engine)
    const { user, stream } = await signedIn(place)
    await stream.beats(2)
    await (await place.elsewhere()).changeUser(user.id, { role: 'sales' })
    await stream.ended
  })

  test('when his session was not used for too long: listening is no use', async () => {
    const place = await serve(SOON)
    const { stream } = await signedIn(place)
    place.later(IDLE_MS - 60_000)
    await stream.beats(3)
    place.later(120_000)
    await stream.ended
  })

  test('when his session has lasted too long', async () => {
    const place = await serve(SOON)
    const { client, stream } = await signedIn(place)
    for (let passed = 0; passed < LIFE_MS - IDLE_MS; passed += IDLE_MS / 2) {
      place.later(IDLE_MS / 2)
      expect((await client.ask('/api/v1/session')).body.user).not.toBeNull()
    }
    await stream.beats(2)
    place.later(IDLE_MS)
    await stream.ended
  })
})

describe('a stream of an embedded panel ends', () => {
  test('when its connection is removed', async () => {
    const world = await openWorld()
    onTestFinished(() => world.close())
    const { token } = await opened(world)
    const stream = await listening(Number(new URL(world.origin).port), { authorization: `Bearer ${token}` })
    await world.state.removeConnection(world.workspaces.main.tenant, world.connections.main.id)
    await stream.ended
  })

  test('when the person behind it is removed, and the page was for users only', async () => {
    const world = await openWorld()
    onTestFinished(() => world.close())
    const { token } = await opened(world)
    const stream = await listening(Number(new URL(world.origin).port), { authorization: `Bearer ${token}` })
    const user = await world.state.findUser(EMAIL)
    await world.state.removeUser(user!.id)
    await stream.ended
  })
})
