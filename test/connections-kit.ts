import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import type { Invocation, Options, Values } from '../src/cli/command.ts'
import { Output } from '../src/cli/output.ts'
import { localSession, type Session } from '../src/cli/session.ts'
import { LOCALES, type Locale, type RoiError } from '../src/errors.ts'
import type { Settings, Workspace } from '../src/model/settings.ts'
import { createServices, type ProductEnv } from '../src/server/product.ts'
import type { Services } from '../src/server/services.ts'
import type { Sources } from '../src/sync/connections.ts'
import { defineConnector, FIELDS, type Stream } from '../src/sync/contract.ts'
import { createSources } from '../src/sync/sources.ts'
import { openPlace } from './import-kit.ts'
import type { Engine } from './support/databases.ts'

const say = (en: string, zh: string) => ({ en, 'zh-CN': zh })

const Deals = z.object({
  deals: z.array(z.object({ id: z.string(), amount: z.string(), currency: z.string() })),
  next: z.string().nullable(),
  total: z.number(),
})
type AcmeSettings = { token: string; portal: string; region: 'eu' | 'us' }

function objects(type: 'deal' | 'account', path: string, optional: boolean): Stream<AcmeSettings> {
  return {
    title: type === 'deal' ? say('Deals', '商机') : say('Companies', '客户公司'),
    type,
    optional,
    async *read({ http, drift }, cursor) {
      for (let after = cursor; after !== 'end'; ) {
        const { deals, next, total } = await http.get({ path, query: { after: after ?? undefined } }, Deals)
        if (deals.some(({ currency }) => currency === 'XXX')) drift('currency', 'retyped')
        after = next ?? 'end'
        const records = deals.map(({ id, amount, currency }) =>
          type === 'deal'
            ? {
                type,
                id,
                amount: { amount, currency },
                createdAt: new Date('2026-01-02T00:00:00Z'),
                closedAt: new Date('2026-02-03T00:00:00Z'),
                won: true,
              }
            : { type, id, name: id },
        )
        yield { records: records as never, cursor: after, progress: deals.length / total }
      }
    },
    total: async ({ http }) => (await http.get({ path }, Deals)).total,
  }
}

/** A CRM of nobody's: two streams, a secret, a choice. */
export const acme = defineConnector({
  id: 'acme',
  title: say('Acme CRM', 'Acme 客户系统'),
  settings: z.object({
    token: z
      .string()
      .trim()
      .min(8)
      .register(FIELDS, { label: say('Access token', '访问令牌'), secret: true }),
    portal: z.string().register(FIELDS, { label: say('Portal', '门户'), example: '12345' }),
    region: z.enum(['eu', 'us']).default('eu'),
  }),
  auth: { type: 'api_key', setting: 'token' },
  api: {
    origin: 'https://api.acme.example',
    limits: { core: { requests: 1000, per: 1000, concurrent: 2 } },
    rateHeaders: { max: 'x-max', remaining: 'x-left', interval: 'x-interval' },
    fault: ({ status, body }) =>
      status < 400 ? undefined : { code: z.object({ code: z.string() }).parse(body).code, message: 'said the source' },
  },
  errors: { 401: 'fix-settings', 403: 'fix-settings', missing_scope: 'fix-settings', daily: 'wait' },
  async check({ http, settings }) {
    const Me = z.object({ name: z.string(), currency: z.string(), zone: z.string(), scopes: z.array(z.string()) })
    const { name, ...rest } = await http.get({ path: '/me' }, Me)
    return { externalAccountId: settings.portal, name, ...rest }
  },
  pull: { companies: objects('account', '/companies', true), deals: objects('deal', '/deals', false) },
})

/** The source as a test wants it. */
export interface Acme {
  readonly origin: string
  readonly server: Server
  token: string
  name: string
  currency: string
  zone: string
  /** Deals there are. */
  deals: { id: string; amount: string; currency: string }[]
  /** Answers of a path instead of what it holds. */
  readonly faults: Map<string, { status: number; body: unknown }>
  /** Milliseconds until a list is answered. */
  slow: number
  left: number
  requests: string[]
  /** How far its clock is ahead, milliseconds. */
  ahead: number
}

export async function startAcme(): Promise<Acme> {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x')
    state.requests.push(request.url ?? '')
    const refused = request.headers.authorization !== `Bearer ${state.token}`
    const fault = refused ? { status: 401, body: { code: 'bad_token' } } : state.faults.get(pathname)
    if (pathname !== '/me' && state.slow > 0) await new Promise((resolve) => setTimeout(resolve, state.slow))
    const { name, currency, zone, deals } = state
    const own =
      pathname === '/me'
        ? { name, currency, zone, scopes: ['deals', 'companies'] }
        : {
            deals: pathname === '/deals' ? deals : [{ id: 'A1', amount: '0', currency }],
            next: null,
            total: pathname === '/deals' ? deals.length : 1,
          }
    response.writeHead(fault?.status ?? 200, {
      'content-type': 'application/json',
      date: new Date(Date.now() + state.ahead).toUTCString(),
      'x-max': '1000',
      'x-left': String(state.left),
      'x-interval': '1000',
    })
    response.end(JSON.stringify(fault?.body ?? own))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const state: Acme = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    token: 'tok-of-nobody-1',
    name: 'Acme GmbH',
    currency: 'EUR',
    zone: 'Europe/Berlin',
    deals: [
      { id: 'D1', amount: '100.00', currency: 'EUR' },
      { id: 'D2', amount: '50.00', currency: 'EUR' },
    ],
    faults: new Map(),
    slow: 0,
    left: 900,
    requests: [],
    ahead: 0,
  }
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return state
}

export interface World {
  readonly source: Acme
  readonly services: Services
  readonly sources: Sources
  readonly env: ProductEnv
  readonly workspace: Workspace
  readonly logged: [string, unknown][]
}

/** The whole product over fresh stores, with Acme as its only connector. */
export async function openWorld(engine: Engine = 'duckdb', settings: Partial<Settings> = {}): Promise<World> {
  const { env: stores, workspace } = await openPlace(engine, { currency: 'EUR', zone: 'Europe/Berlin', ...settings })
  const source = await startAcme()
  const logged: [string, unknown][] = []
  const log = (message: string, details?: Record<string, unknown>) => void logged.push([message, details])
  const sources = createSources({
    ...stores,
    log,
    findConnector: async (id) => (id === 'acme' ? (acme as never) : undefined),
    originOf: () => source.origin,
  })
  const env: ProductEnv = {
    ...stores,
    demo: false,
    template: () => '',
    sources,
    connectors: async () => [acme as never],
    log,
  }
  onTestFinished(() => sources.close())
  return { source, services: createServices(env), sources, env, workspace, logged }
}

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly error?: RoiError
}

/** Runs a command in this process, as the command line would. */
export async function runCommand<T extends Options>(
  run: (invocation: Invocation<T>) => Promise<number | undefined>,
  services: Services,
  given: { positionals?: string[]; options?: Partial<Values<T>>; json?: boolean; yes?: boolean; locale?: Locale } = {},
): Promise<Ran> {
  let out = ''
  let err = ''
  const { locale = LOCALES[0], positionals = [], options = {}, json = false, yes = false } = given
  const output = new Output({ locale, quiet: false, color: false })
  output.data = async (text) => {
    out += text
  }
  output.say = (text) => {
    err += `${text[locale]}\n`
  }
  output.warn = output.say
  output.progress = () => {}
  const session: Session = localSession(services, async () => {})
  const invocation = {
    positionals,
    options,
    workspace: 'main',
    data: undefined,
    locale,
    json,
    yes,
    output,
    signal: new AbortController().signal,
    open: async () => session,
  } as unknown as Invocation<T>
  try {
    return { code: (await run(invocation)) ?? 0, out, err }
  } catch (error) {
    return { code: (error as RoiError).exitCode, out, err, error: error as RoiError }
  }
}
