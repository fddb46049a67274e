import { createHmac, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import files from '../connectors/files/index.ts'
import hubspot from '../connectors/hubspot/index.ts'
import { recompute } from '../src/attribution/recompute.ts'
import { openDuckDB } from '../src/db/duckdb.ts'
import { migrate } from '../src/db/migrate.ts'
import { createLog } from '../src/log.ts'
import type { AnyRecord } from '../src/model/records.ts'
import type { Workspace } from '../src/model/settings.ts'
import { eventStreams } from '../src/server/events.ts'
import { createHttp } from '../src/server/http.ts'
import { createNodeServer, listen, stop } from '../src/server/listen.ts'
import { createServices, type ProductEnv } from '../src/server/product.ts'
import type { Services } from '../src/server/services.ts'
import { openState } from '../src/state/sqlite.ts'
import type { Connection, State } from '../src/state/state.ts'
import { createFeed } from '../src/sync/changes-feed.ts'
import type { Connector } from '../src/sync/contract.ts'
import { createSources } from '../src/sync/sources.ts'
import { attributionSettings } from '../src/sync/workspace.ts'
import { load } from './support/store.ts'

export const SECRET = '00000000-1111-2222-3333-444444444444'
export const PUBLIC = 'https://roi.example.com'
export const PORTAL = '62515'
export const OTHER_PORTAL = '777'
/** Whom HubSpot says the card belongs to, unless a test says otherwise. */
export const EMAIL = 'a@b.com'

const at = (day: string) => new Date(`${day}T09:00:00Z`)
const touch = (id: string, contact: string, day: string, channel: string): AnyRecord => ({
  type: 'touch',
  id,
  person: { contactId: contact },
  occurredAt: at(day),
  channel,
})
const won = (id: string, name: string, amount: string, contact: string): AnyRecord => ({
  type: 'deal',
  id,
  name,
  createdAt: at('2026-02-01'),
  closedAt: at('2026-03-01'),
  won: true,
  amount: { amount, currency: 'CNY' },
  accountId: '9',
  contactIds: [contact],
})

/** Two accounts that both have a deal 42, so that one taken for the other shows. */
const RECORDS: Readonly<Record<string, readonly AnyRecord[]>> = {
  main: [
    { type: 'account', id: '9', name: 'Northwind 北风' },
    { type: 'contact', id: '7', name: 'Chen Wei', accountId: '9', createdAt: at('2026-01-02') },
    touch('t1', '7', '2026-01-10', 'events'),
    touch('t2', '7', '2026-02-10', 'email'),
    won('42', 'Ours 42', '500000.00', '7'),
    won('43', 'Ours 43', '1000.50', '7'),
  ],
  other: [
    { type: 'account', id: '9', name: 'Theirs' },
    { type: 'contact', id: '7', name: 'Their contact', accountId: '9', createdAt: at('2026-01-02') },
    touch('t1', '7', '2026-01-10', 'search'),
    won('42', 'Theirs 42', '9.00', '7'),
    won('99', 'Theirs 99', '9.00', '7'),
  ],
}

export interface World {
  readonly origin: string
  readonly state: State
  readonly services: Services
  readonly workspaces: Readonly<Record<'main' | 'other', Workspace>>
  readonly connections: Readonly<Record<'main' | 'other', Connection>>
  /** Moves the clock of sessions and signatures, milliseconds. */
  later(milliseconds: number): void
  now(): Date
  close(): Promise<void>
}

export interface WorldOptions {
  readonly secrets?: readonly string[]
  readonly publicUrl?: string | undefined
  readonly frameHosts?: readonly string[]
  readonly dist?: string
  /** Whether the first run of each connection is done. */
  readonly complete?: boolean
  /** Without the user of the service that the person of the card is, who may see both workspaces. */
  readonly userless?: boolean
  /** More records of the first portal. */
  readonly records?: readonly AnyRecord[]
}

/** The product behind a real server, with two connected portals and a clock that moves when it is told to. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'roi-panel-embed-'))
  const log = createLog('silent')
  let ahead = 0
  const now = () => new Date(Date.now() + ahead)
  const database = await openDuckDB(join(folder, 'facts.duckdb'))
  await migrate(database)
  const state = openState(folder, now)
  const workspaces: Record<string, Workspace> = {}
  const connections: Record<string, Connection> = {}
  for (const [key, account] of Object.entries({ main: PORTAL, other: OTHER_PORTAL })) {
    const { tenant } = await state.openWorkspace(key)
    await state.changeSetting(tenant, 'zone', 'UTC')
    const workspace = await state.openWorkspace(key)
    const connection = await state.saveConnection(tenant, {
      connector: 'hubspot',
      externalAccountId: account,
      title: `HubSpot ${account}`,
      settings: {},
      secrets: { token: `pat-${account}-0123456789` },
      everyMinutes: 15,
    })
    if (options.complete !== false) {
      await state.changeConnection(connection.id, { state: 'active', completeAt: now(), finishedAt: now() })
    }
    const more = key === 'main' ? (options.records ?? []) : []
    await load(database, tenant, [...RECORDS[key]!, ...more], connection.source)
    await recompute(database, tenant, attributionSettings(workspace.settings))
    workspaces[key] = workspace
    connections[key] = (await state.findConnection(tenant, connection.id))!
  }
  if (!options.userless) await state.addUser({ name: EMAIL, role: 'sales', tenants: null, password: 'x' })
  const findConnector = async (id: string) => (id === 'hubspot' ? (hubspot as unknown as Connector) : undefined)
  const sources = createSources({ database, state, findConnector, originOf: () => undefined, log() {} })
  const env = { database, state, connector: files, dataDir: folder, demo: false, template: () => '', sources }
  const services = createServices({ ...env, connectors: async () => [hubspot] } as unknown as ProductEnv)
  const publicUrl = 'publicUrl' in options ? options.publicUrl : PUBLIC
  const hosts = {
    state,
    publicUrl,
    frameHosts: options.frameHosts ?? [],
    clients: { hubspot: { id: undefined, secrets: options.secrets ?? [SECRET] } },
    findConnector,
    now,
  }
  const feed = createFeed(state, { shared: false, log() {} })
  const events = eventStreams({ state, feed })
  const { dist } = options
  const http = createHttp(services, {
    log,
    host: '127.0.0.1',
    publicUrl,
    uploads: join(folder, 'up'),
    hosts,
    events,
    ready: () => true,
    ...(dist === undefined ? {} : { dist }),
  })
  const server: Server = createNodeServer(http)
  const origin = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`
  return {
    origin,
    state,
    services,
    workspaces: workspaces as World['workspaces'],
    connections: connections as World['connections'],
    later(milliseconds) {
      ahead += milliseconds
    },
    now,
    async close() {
      events.close()
      await stop(server)
      await feed.close()
      await sources.close()
      await state.close()
      await database.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what the test is about
  readonly body: any
}

export interface Call {
  readonly portal?: string
  readonly user?: string
  /** '' = HubSpot tells none. */
  readonly email?: string
  readonly secret?: string
  /** When it was signed. */
  readonly at?: Date
  /** Changes what is sent after it was signed. */
  readonly tamper?: (request: { url: string; body: string; headers: Record<string, string> }) => void
  /** Query the card itself wrote, before what HubSpot appends. */
  readonly own?: string
  readonly base?: string
}

/** What HubSpot signs decoded of an address (hubspot.md §6). */
const DECODED = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/g

/** Asks as `hubspot.fetch` does: who asks is appended to the address, and the whole is signed. */
export async function fetchSigned(world: World, path: string, body: object, call: Call = {}): Promise<Answer> {
  const {
    portal = PORTAL,
    user = '7',
    email = EMAIL,
    secret = SECRET,
    at: when = world.now(),
    own = '',
    base = PUBLIC,
  } = call
  const query = `${own}userId=${user}&portalId=${portal}&userEmail=${encodeURIComponent(email)}&appId=54321`
  const target = `/api/v1/hubspot/${path}?${query}`
  const text = JSON.stringify(body)
  const timestamp = String(when.getTime())
  const signature = createHmac('sha256', secret)
    .update(`POST${base}${target.replaceAll(DECODED, decodeURIComponent)}${text}${timestamp}`)
    .digest('base64')
  const request = {
    url: `${world.origin}${target}`,
    body: text,
    headers: {
      'content-type': 'application/json',
      'x-hubspot-signature-v3': signature,
      'x-hubspot-request-timestamp': timestamp,
    },
  }
  call.tamper?.(request)
  return read(await fetch(request.url, { method: 'POST', headers: request.headers, body: request.body }))
}

/** A wish of a card, as it names them. */
export const wish = () => randomUUID()

/** The one-time token of a session that a card asks for. */
export async function oneTime(world: World, record: object = {}, call: Call = {}): Promise<string> {
  const answer = await fetchSigned(world, 'embed-session', { ...record, locale: 'en', request_id: wish() }, call)
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
  return String(answer.body.uri).split('#t=')[1]!
}

export async function post(world: World, path: string, body: unknown, headers: object = {}): Promise<Answer> {
  const text = JSON.stringify(body)
  const all = { 'content-type': 'application/json', ...headers }
  return read(await fetch(`${world.origin}/api/v1/${path}`, { method: 'POST', headers: all, body: text }))
}

export async function get(world: World, path: string, token?: string, headers: object = {}): Promise<Answer> {
  const all = { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers }
  return read(await fetch(`${world.origin}${path.startsWith('/') ? '' : '/api/v1/'}${path}`, { headers: all }))
}

/** What an embedded page holds after its exchange. */
export async function opened(world: World, record: object = {}, call: Call = {}) {
  const answer = await post(world, 'embed/exchange', { token: await oneTime(world, record, call) })
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
  return answer.body as { token: string; renewal: string; record: object | null; workspace: string; expires_at: string }
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text()
  let body: unknown = text
  try {
    body = JSON.parse(text)
  } catch {
    // Not every answer is JSON.
  }
  return { status: response.status, headers: response.headers, body }
}

/** Status and code of a refusal. */
export const refusal = ({ status, body }: Answer) => [status, body.error?.code]
