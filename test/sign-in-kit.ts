import { type IncomingMessage, request } from 'node:http'
import { onTestFinished } from 'vitest'
import { createLog } from '../src/log.ts'
import { createHttp, type HttpOptions } from '../src/server/http.ts'
import { createNodeServer, listen, stop } from '../src/server/listen.ts'
import { createServices } from '../src/server/product.ts'
import { QUIET, type Services } from '../src/server/services.ts'
import type { State } from '../src/state/state.ts'
import type { Role } from '../src/state/users.ts'
import type { Sources } from '../src/sync/connections.ts'
import type { ImportEnv } from '../src/sync/import.ts'
import { createSources } from '../src/sync/sources.ts'
import { findIn } from './conformance/kit.ts'
import type { HubSpot } from './fakes/hubspot.ts'
import { openPlace } from './import-kit.ts'
import { FEW, hubspotOf } from './support/sync-kit.ts'

export const PASSWORD = 'correct horse battery staple'

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server answers
  readonly body: any
}

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly body?: string
}

/** A browser: an address, and the cookies it was given. */
export class Client {
  readonly cookies = new Map<string, string>()
  readonly #port: number
  readonly #host: string

  constructor(port: number, host: string) {
    this.#port = port
    this.#host = host
  }

  ask(path: string, options: Ask = {}): Promise<Answer> {
    const body = options.json === undefined ? options.body : JSON.stringify(options.json)
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = {
      host: this.#host,
      ...(cookie && { cookie }),
      ...(options.json !== undefined && { 'content-type': 'application/json' }),
      // Node leaves it out of a DELETE.
      ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
      ...options.headers,
    }
    return new Promise((resolve, reject) => {
      const call = request({
        port: this.#port,
        host: '127.0.0.1',
        path,
        method: options.method ?? 'GET',
        headers,
        agent: false,
      })
      call.on('error', reject)
      call.on('response', async (response) => {
        const text = Buffer.concat(await response.toArray()).toString()
        for (const line of response.headers['set-cookie'] ?? []) {
          const [name = '', value = ''] = line.split(';')[0]!.split('=')
          if (value === '') this.cookies.delete(name)
          else this.cookies.set(name, value)
        }
        let parsed: unknown = null
        try {
          parsed = JSON.parse(text)
        } catch {
          // Not every answer is JSON.
        }
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsed })
      })
      call.end(body)
    })
  }

  signIn(name: string, password = PASSWORD): Promise<Answer> {
    return this.ask('/api/v1/session', { method: 'POST', json: { name, password } })
  }
}

export interface Site {
  readonly state: State
  readonly services: Services
  readonly sources: Sources
  readonly logged: string[]
  readonly origin: string
  readonly port: number
  readonly dataDir: string
  readonly env: ImportEnv
  client(): Client
  addUser(name: string, role: Role, workspaces?: readonly string[] | null): Promise<void>
}

export interface SiteOptions {
  readonly fake?: HubSpot
  /** Default: a loopback server without one. */
  readonly publicUrl?: string
  readonly host?: string
  readonly dist?: string
  readonly http?: Partial<HttpOptions>
}

/** The product over fresh stores, with everything that HTTP offers. */
export async function openSite(options: SiteOptions = {}): Promise<Site> {
  const { fake, publicUrl, host = '127.0.0.1' } = options
  const { env: stores } = await openPlace('duckdb')
  const logged: string[] = []
  const log = createLog('trace', { write: (line) => void logged.push(line) })
  const registry = hubspotOf(FEW)
  const tell = (message: string, details?: Record<string, unknown>) => log.info(details ?? {}, message)
  const client = fake && { id: fake.oauth.clientId, secret: fake.oauth.clientSecret }
  const sources = createSources({
    ...stores,
    log: tell,
    findConnector: (id) => findIn(registry, id),
    // Without a source nobody answers, and nobody waits for it.
    originOf: () => fake?.origin ?? 'http://127.0.0.1:9',
    ...(fake ? {} : { upstream: { clock: { now: Date.now, sleep: () => Promise.resolve() } } }),
    clientOf: () => client,
  })
  onTestFinished(() => sources.close())
  const connectors = async () => [(await findIn(registry, 'hubspot'))!]
  const services = createServices({ ...stores, demo: false, template: () => 'a,b', sources, connectors, log: tell })
  let origin = publicUrl ?? ''
  const http = createHttp(services, {
    log,
    host,
    publicUrl,
    uploads: `${stores.dataDir}/up`,
    ...(options.dist !== undefined && { dist: options.dist }),
    signIn: {
      state: stores.state,
      sources,
      connectors,
      isRegistered: () => client !== undefined,
      origin: () => origin,
    },
    ready: () => true,
    ...options.http,
  })
  const server = createNodeServer(http)
  const port = await listen(server, 0, '127.0.0.1')
  onTestFinished(() => stop(server, 100))
  origin ||= `http://localhost:${port}`
  return {
    state: stores.state,
    services,
    sources,
    logged,
    origin,
    port,
    dataDir: stores.dataDir,
    env: stores,
    client: () => new Client(port, new URL(origin).host),
    async addUser(name, role, workspaces = ['main']) {
      await services.add_user({ name, role, password: PASSWORD, workspaces: workspaces && [...workspaces] }, QUIET)
    },
  }
}
