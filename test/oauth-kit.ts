import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { SourcesEnv } from '../src/sync/connections.ts'
import { newVerifier } from '../src/sync/oauth.ts'
import { createSources } from '../src/sync/sources.ts'
import { findIn, SyncKit, testClock } from './conformance/kit.ts'
import type { HubSpotAccount } from './fakes/hubspot/account.ts'
import { seedPortal } from './fakes/hubspot/seed.ts'
import { type HubSpot, startHubSpot } from './fakes/hubspot.ts'
import { type Engine, openStateAt, openTestDatabase, type StatePlace, statePlace } from './support/databases.ts'
import type { VirtualClock } from './support/socket-server.ts'
import { FEW, hubspotOf } from './support/sync-kit.ts'

export const REDIRECT = 'https://roi.example.com/oauth/hubspot/callback'

/** A portal whose administrator granted access to the app, and everything around it. */
export interface Granted {
  readonly fake: HubSpot
  readonly account: HubSpotAccount
  readonly clock: VirtualClock
  readonly kit: SyncKit
  /** Another process on the same stores. */
  second(): Promise<SyncKit>
  /** Goes through the page of the source. */
  grant(options?: { conditional?: readonly string[]; kit?: SyncKit }): Promise<void>
}

export interface GrantedOptions {
  readonly engine?: Engine
  readonly contacts?: number
  readonly streams?: readonly string[] | undefined
  readonly upstream?: SourcesEnv['upstream']
  /** Grants access at once; default true. */
  readonly connect?: boolean
}

export async function openGranted(options: GrantedOptions = {}): Promise<Granted> {
  const { engine = 'duckdb', contacts = 230, connect = true } = options
  const clock = testClock()
  const fake = await startHubSpot({ clock: { now: () => Math.floor(clock.now()) }, limits: false, validate: false })
  onTestFinished(() => fake.close())
  const account = fake.addAccount()
  seedPortal(account, { contacts, companies: 5, deals: 10, leads: 0, campaigns: 1, forms: 1, events: 0 })
  const database = await openTestDatabase(engine)
  const place =
    engine === 'postgres' ? { ...(await statePlace(engine)), url: database.place } : await statePlace(engine)
  const registry = hubspotOf('streams' in options ? options.streams : FEW)
  const open = async () => {
    const state = await openStateAt(place)
    onTestFinished(() => state.close())
    const workspace = await state.openWorkspace('main')
    const logged: string[] = []
    const { clientId: id, clientSecret: secret } = fake.oauth
    const sources = createSources({
      database,
      state,
      findConnector: (connector) => findIn(registry, connector),
      originOf: () => fake.origin,
      clientOf: () => ({ id, secret }),
      upstream: { clock, ...options.upstream },
      log: (message, details) => logged.push(`${message} ${JSON.stringify(details ?? {})}`),
    })
    onTestFinished(() => sources.close())
    return new SyncKit({ database, state, place, workspace, sources, logged })
  }
  const kit = await open()
  const granted: Granted = {
    fake,
    account,
    clock,
    kit,
    async second() {
      const other = await open()
      other.adopt(kit.connection)
      return other
    },
    async grant({ conditional = ['marketing.campaigns.read', 'forms'], kit: by = kit } = {}) {
      const verifier = newVerifier()
      const request = { connector: 'hubspot', redirectUri: REDIRECT, conditional, state: 'state-1', verifier }
      const code = await approve(await by.sources.authorizeUrl(request), account)
      const answer = { connector: 'hubspot', redirectUri: REDIRECT, verifier, code }
      const { connection } = await by.sources.connectGrant(by.workspace, answer, new AbortController().signal)
      by.adopt(connection)
    },
  }
  if (connect) await granted.grant()
  return granted
}

/** What a person does on the page of the source. @returns where it leads back to */
export async function decide(authorizeUrl: string, account: HubSpotAccount, decision = 'approve'): Promise<URL> {
  const shown = await fetch(authorizeUrl)
  const html = await shown.text()
  if (!shown.ok) throw new Error(`the page of the source refuses: ${html}`)
  const fields = [...html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map(([, name, value]) => {
    return [name!, value!.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))]
  })
  const query = new URLSearchParams([...fields, ['account', String(account.portalId)], ['decision', decision]])
  const back = await fetch(`${new URL(authorizeUrl).origin}/oauth/decide?${query}`, { redirect: 'manual' })
  return new URL(back.headers.get('location')!)
}

async function approve(authorizeUrl: string, account: HubSpotAccount): Promise<string> {
  return (await decide(authorizeUrl, account)).searchParams.get('code')!
}

const CHILD = join(import.meta.dirname, 'oauth-child.ts')

export interface Child {
  readonly process: ChildProcess
  /** What it printed; null when it was killed. */
  readonly ended: Promise<string | null>
}

/** A process of its own that asks the source once with the stored connection. */
export function startChild(place: StatePlace, fake: HubSpot, now: number): Child {
  const { clientId, clientSecret } = fake.oauth
  const child = spawn(process.execPath, [CHILD, place.folder, fake.origin, clientId, clientSecret, String(now)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      out += chunk
    })
  }
  const ended = new Promise<string | null>((resolve, reject) => {
    child.on('error', reject).on('close', (_code, signal) => resolve(signal === 'SIGKILL' ? null : out))
  })
  return { process: child, ended }
}

/** Where access tokens are asked for. */
export const TOKEN = { method: 'POST', path: /^\/oauth\/[^/]+\/token$/ }
