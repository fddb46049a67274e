import { existsSync, readFileSync } from 'node:fs'
import { realClock } from './clock.ts'
import type { FakeRequest } from './http.ts'
import { type AccountOptions, HubSpotAccount } from './hubspot/account.ts'
import { HubSpotOAuth } from './hubspot/oauth.ts'
import { numbered, routesFor } from './hubspot/paths.ts'
import { invalid, notFound, refusal, tooMany, unauthorized } from './hubspot/refusals.ts'
import { CRM_CALLS } from './hubspot/routes-crm.ts'
import { MARKETING_CALLS } from './hubspot/routes-marketing.ts'
import { SETTINGS_CALLS } from './hubspot/routes-settings.ts'
import { WRITE_CALLS } from './hubspot/write.ts'
import { type OpenApi, openApiValidator } from './openapi.ts'
import type { Limit } from './quotas.ts'
import { type Fake, type FakeOptions, startFake, type Validator } from './server.ts'

const DAY = 24 * 60 * 60 * 1000

/** What a marketplace app may do in one portal. */
export const HUBSPOT_LIMITS: readonly Limit[] = [
  { name: 'core', requests: 110, windowMs: 10_000, policy: 'TEN_SECONDLY_ROLLING' },
  { name: 'search', requests: 5, windowMs: 1000, policy: 'SECONDLY' },
  { name: 'associations', requests: 150, windowMs: 10_000, policy: 'TEN_SECONDLY_ROLLING' },
  { name: 'daily', requests: 1_000_000, windowMs: DAY, policy: 'DAILY', kind: 'fixed' },
]

export interface HubSpotOptions extends FakeOptions {
  /** Other limits by name, such as `{ core: 20 }`; `false`: none at all. */
  readonly limits?: Readonly<Partial<Record<'core' | 'search' | 'associations' | 'daily', number>>> | false
  /** Whether requests and answers are held against the interface's description; default true. Benches say no. */
  readonly validate?: boolean
}

/** A running fake of HubSpot. */
export interface HubSpot extends Fake {
  /** Who granted what to the app. Its time is that of `options.clock`. */
  readonly oauth: HubSpotOAuth
  /** Opens a portal of its own records, tokens and quotas. */
  addAccount(options?: AccountOptions): HubSpotAccount
  /**
   * Serves a file of recorded answers: every exchange once, in order, for its method and path (dated or not); after
   * that the fake answers for itself.
   */
  replayRecorded(file: string | URL): void
}

/** Starts a fake HubSpot on a free port of the loopback device; point the connector's base URL at its `origin`. */
export async function startHubSpot(options: HubSpotOptions = {}): Promise<HubSpot> {
  const accounts = new Map<string, HubSpotAccount>()
  const oauth = new HubSpotOAuth(accounts, options.clock ?? realClock)
  const fake = await startFake(
    {
      routes: [
        ...[...WRITE_CALLS, ...CRM_CALLS, ...SETTINGS_CALLS, ...MARKETING_CALLS].flatMap((call) =>
          routesFor(accounts, call),
        ),
        ...oauth.routes,
      ],
      limits: limitsOf(options.limits),
      authenticate: (request) => authenticate(accounts, oauth, request),
      tooMany: (_request, policy) => tooMany(policy),
      refuse: (_request, status, message) =>
        status === 404 ? notFound(message) : status === 400 ? invalid(message) : refusal(status, 'INTERNAL', message),
      usage(usage) {
        const core = usage.find(({ limit }) => limit.name === 'core')
        return {
          ...(core && {
            'X-HubSpot-RateLimit-Max': String(core.limit.requests),
            'X-HubSpot-RateLimit-Remaining': String(core.remaining),
            'X-HubSpot-RateLimit-Interval-Milliseconds': String(core.limit.windowMs),
          }),
        }
      },
      withoutCursor(body) {
        const { paging: _paging, ...rest } = body as Record<string, unknown>
        return rest
      },
      validator: options.validate === false ? undefined : hubspotValidator(),
    },
    options,
  )
  return Object.assign(fake, {
    oauth,
    addAccount(account: AccountOptions = {}) {
      const added = new HubSpotAccount(account, fake.clock)
      accounts.set(String(added.portalId), added)
      return added
    },
    replayRecorded(file: string | URL) {
      for (const { request, response } of recorded(file)) {
        const path = placeOf(request.path)
        fake.faults.next((asked) => asked.method === request.method && placeOf(asked.path) === path, {
          name: 'recorded answer',
          answer: () => response,
        })
      }
    },
  })
}

/** Some associations were recorded under the number before theirs. */
function placeOf(path: string): string {
  return numbered(path).replace('/v4/', '/v3/')
}

/** Where the description of HubSpot's interface lies, beside the project. */
export const HUBSPOT_SPEC = new URL('../../../shared/specs/hubspot/hubspot-subset.openapi.json', import.meta.url)
/** Where its recorded answers lie. */
export const HUBSPOT_RECORDED = new URL('../../../shared/fixtures/hubspot/recorded/', import.meta.url)

/** Holds dated and numbered paths against the description; `undefined` where that is not there. */
export function hubspotValidator(): Validator | undefined {
  return openApiValidator(HUBSPOT_SPEC, { alias: (path) => described(numbered(path)), amend: acceptSortObjects })
}

/** Leads are not described; they have the shape of deals. */
function described(path: string): string {
  return path.replace(/\/objects\/(leads|lead|0-136)(?=\/|$)/, '/objects/deals').replace(/(.)\/$/, '$1')
}

/** The package the description comes from types a sort as text; documented is an object, and both work. */
function acceptSortObjects({ components }: OpenApi): void {
  for (const [name, schema] of Object.entries(components?.schemas ?? {})) {
    if (!name.endsWith('_PublicObjectSearchRequest')) continue
    const sorts = (schema as { properties: { sorts: { items: unknown } } }).properties.sorts
    const object = {
      type: 'object',
      properties: {
        propertyName: { type: 'string' },
        direction: { type: 'string', enum: ['ASCENDING', 'DESCENDING'] },
      },
      required: ['propertyName'],
    }
    sorts.items = { anyOf: [{ type: 'string' }, object] }
  }
}

function limitsOf(own: HubSpotOptions['limits'] = {}): Limit[] {
  if (own === false) return []
  return HUBSPOT_LIMITS.map((limit) => ({ ...limit, requests: own[limit.name as keyof typeof own] ?? limit.requests }))
}

function authenticate(
  accounts: ReadonlyMap<string, HubSpotAccount>,
  oauth: HubSpotOAuth,
  { path, headers }: FakeRequest,
) {
  if (path.startsWith('/oauth/')) return ''
  const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
  if (token === undefined) return unauthorized(false)
  const granted = oauth.tokenState(token)
  if (granted?.state === 'valid') return String(granted.account.portalId)
  if (granted) return unauthorized(granted.state === 'expired')
  for (const account of accounts.values()) {
    const state = account.tokenState(token)
    if (state === 'valid') return String(account.portalId)
    if (state) return unauthorized(state === 'expired')
  }
  return unauthorized(false)
}

/** One request and its answer, as they went over the wire. */
export interface Exchange {
  readonly request: { readonly method: string; readonly path: string; readonly query?: object; readonly body?: unknown }
  readonly response: { readonly status: number; readonly body: unknown }
}

/** The exchanges of a recorded file; none where it is not there. */
export function recorded(file: string | URL): readonly Exchange[] {
  if (!existsSync(file)) return []
  return (JSON.parse(readFileSync(file, 'utf8')) as { exchanges: Exchange[] }).exchanges
}
