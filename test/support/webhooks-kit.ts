import type { Server } from 'node:http'
import { onTestFinished } from 'vitest'
import { createLog } from '../../src/log.ts'
import { createHttp } from '../../src/server/http.ts'
import { createNodeServer, listen, stop } from '../../src/server/listen.ts'
import type { Services } from '../../src/server/services.ts'
import type { State } from '../../src/state/state.ts'
import type { Connector } from '../../src/sync/contract.ts'
import { createInbox, type Inbox, type InboxOptions } from '../../src/sync/inbox.ts'
import { Subscription, signedHeaders, type WebhookEvent, WebhookSender } from '../fakes/hubspot/webhooks.ts'
import type { Portal, SyncKit } from './sync-kit.ts'

export const SECRET = 'c1ient-secret-of-nobody'
/** What HubSpot would call; the tests' server listens elsewhere. */
export const PUBLIC = 'https://roi.example.com'
export const HOOK = `${PUBLIC}/webhooks/hubspot`

export interface Receiver {
  readonly server: Server
  readonly origin: string
  /** Posts a body as HubSpot would. */
  post(body: string, change?: PostChange): Promise<Response>
}

export interface PostChange {
  readonly path?: string
  readonly method?: string
  /** undefined leaves a header out. */
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly secret?: string
  readonly now?: number
}

export interface ReceiverOptions {
  readonly state: Pick<State, 'addEvents' | 'connections' | 'addRejects' | 'forgetRejects'>
  readonly secrets?: readonly string[]
  readonly publicUrl?: string | undefined
  readonly inbox?: Pick<Inbox, 'wake'>
}

async function findHubspot(id: string): Promise<Connector | undefined> {
  if (id !== 'hubspot') return undefined
  return (await import('../../connectors/hubspot/index.ts')).default as unknown as Connector
}

/** The receiver of webhooks on a free port, until the running test ends. */
export async function openReceiver(options: ReceiverOptions): Promise<Receiver> {
  const { state, secrets = [SECRET], inbox = { wake() {} } } = options
  const publicUrl = 'publicUrl' in options ? options.publicUrl : PUBLIC
  const log = createLog('silent')
  const http = createHttp({} as Services, {
    log,
    host: '127.0.0.1',
    publicUrl,
    uploads: '',
    webhooks: { state, findConnector: findHubspot, secretsOf: () => secrets, publicUrl, inbox, log },
    ready: () => true,
  })
  const server = createNodeServer(http)
  const origin = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`
  onTestFinished(() => stop(server, 100))
  return {
    server,
    origin,
    post(body, { path = '/webhooks/hubspot', method = 'POST', headers = {}, secret = SECRET, now } = {}) {
      const all = { ...signedHeaders(secret, HOOK, body, now), ...headers }
      const sent = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)
      return fetch(`${origin}${path}`, { method, headers: sent, ...(method === 'GET' ? {} : { body }) })
    },
  }
}

export interface Hooked {
  readonly sender: WebhookSender
  readonly subscription: Subscription
  readonly inbox: Inbox
  readonly receiver: Receiver
  /** Delivers events and waits until they are dealt with. */
  tell(...events: readonly WebhookEvent[]): Promise<void>
}

/** A portal whose webhooks reach us. */
export async function hooked(portal: Portal, options: InboxOptions = {}): Promise<Hooked> {
  const { kit, account, clock } = portal
  const inbox = workerOf(kit, options)
  const receiver = await openReceiver({ state: kit.state, inbox })
  const sender = new WebhookSender({ target: `${receiver.origin}/webhooks/hubspot`, url: HOOK, secret: SECRET, clock })
  return {
    sender,
    subscription: new Subscription(account),
    inbox,
    receiver,
    async tell(...events) {
      sender.send(...events)
      await sender.deliver()
      await drained(kit)
    },
  }
}

/** A worker on a kit's stores, until the running test ends. */
export function workerOf({ state, sources }: Pick<SyncKit, 'state' | 'sources'>, options: InboxOptions = {}): Inbox {
  const inbox = createInbox({ state, sources, log() {} }, options)
  inbox.start()
  onTestFinished(() => inbox.close())
  return inbox
}

/** Resolves once no event of the connection waits. */
export async function drained({ state, connection }: Pick<SyncKit, 'state' | 'connection'>): Promise<void> {
  while ((await state.waitingEvents(connection.id)).count > 0) await new Promise((resolve) => setTimeout(resolve, 5))
}
