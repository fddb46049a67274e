import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { ConnectorError } from '../errors.ts'
import { addSecret } from '../redact.ts'
import type { Connector, ErrorTable, Fault, HttpAnswer, OAuth2, Purpose } from './contract.ts'
import { originOf } from './http/origin.ts'
import { openUpstream, SYSTEM_CLOCK, type UpstreamOptions } from './http/upstream.ts'
import type { Tokens } from './oauth-tokens.ts'

/** The app that was registered at the source, by whoever runs this program. */
export interface OAuthClient {
  readonly id: string
  readonly secret: string
}

/** Code of a code or refresh token that the source does not take. */
export const INVALID_GRANT = 'invalid_grant'

/** A token answer is a few lines. */
const MAX_BYTES = 256 << 10
/** Asked for once per connection and half hour. */
const LIMIT = { requests: 20, per: 1000, concurrent: 2 } as const

const Granted = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  /** Seconds. */
  expires_in: z.coerce.number().positive().max(31_536_000),
  scopes: z.array(z.string()).nullish().catch(undefined),
  scope: z.string().nullish().catch(undefined),
})
const Introspected = z.object({ active: z.boolean() })

const ERRORS: ErrorTable = {
  [INVALID_GRANT]: 'fix-settings',
  bad_client: 'fix-settings',
  bad_redirect_uri: 'fix-settings',
  429: 'retry',
}

export interface TokenEndpointOptions {
  readonly connector: Pick<Connector, 'id' | 'api'>
  readonly auth: OAuth2
  readonly client: OAuthClient
  /** Stands in for the origin of the API; loopback addresses only. */
  readonly origin?: string | undefined
  readonly upstream?: Partial<Pick<UpstreamOptions, 'clock' | 'random' | 'deadlines'>> | undefined
  readonly log: NonNullable<UpstreamOptions['log']>
}

/** What a person is asked to grant, and where the answer goes. */
export interface AuthorizeRequest {
  readonly redirectUri: string
  readonly state: string
  readonly verifier: string
  /** Of the conditional scopes. */
  readonly conditional: readonly string[]
  /** What else the access is for. */
  readonly purposes?: readonly Purpose[] | undefined
}

/** The source's side of a grant. Its addresses come from the connector alone; no answer and no setting changes them. */
export class TokenEndpoint {
  readonly #options: TokenEndpointOptions

  constructor(options: TokenEndpointOptions) {
    this.#options = options
    addSecret(options.client.secret)
  }

  /** Page of the source where a person grants access. */
  authorizeUrl({ redirectUri, state, verifier, conditional, purposes = [] }: AuthorizeRequest): string {
    const { auth, client, connector, origin } = this.#options
    const url = new URL(auth.authorizeUrl)
    if (url.protocol !== 'https:') throw new Error('the authorize page of a source is https://host/path')
    const at = origin === undefined ? url : new URL(url.pathname, originOf(connector.api!.origin, origin))
    const { required, optionalParameter, conditional: known, onDemand } = auth.scopes
    const asked = purposes.flatMap((purpose) => onDemand?.[purpose] ?? [])
    const wanted = new Set([
      ...required,
      ...known.filter((scope) => conditional.includes(scope)),
      ...asked.flatMap((scopes) => scopes.conditional),
    ])
    const optional = new Set([...auth.scopes.optional, ...asked.flatMap((scopes) => scopes.optional)])
    const parameters: readonly (readonly [string, string])[] = [
      ['response_type', 'code'],
      ['client_id', client.id],
      ['redirect_uri', redirectUri],
      ['scope', [...wanted].join(' ')],
      ...(optional.size > 0 ? [[optionalParameter, [...optional].join(' ')] as const] : []),
      ['state', state],
      ...(auth.pkce
        ? ([
            ['code_challenge', challengeOf(verifier)],
            ['code_challenge_method', 'S256'],
          ] as const)
        : []),
    ]
    // %20 between scopes: not every source reads a plus sign as a blank.
    at.search = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
    return at.href
  }

  /** @throws ConnectorError `invalid_grant` */
  async exchange(code: string, redirectUri: string, verifier: string, signal: AbortSignal): Promise<Tokens> {
    addSecret(code)
    addSecret(verifier)
    const { auth } = this.#options
    const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri }
    const granted = await this.#post(
      auth.tokenPath,
      { ...form, ...(auth.pkce ? { code_verifier: verifier } : {}) },
      Granted,
      signal,
    )
    if (!granted.refresh_token) {
      throw new ConnectorError('report', 'no_refresh_token', `${this.#options.connector.id} gave no refresh token`)
    }
    return this.#tokens(granted, granted.refresh_token, undefined)
  }

  /** New tokens; a source that rotates its refresh tokens gives a new one. @throws ConnectorError `invalid_grant` */
  async refresh({ refresh, scopes }: Tokens, signal: AbortSignal): Promise<Tokens> {
    const form = { grant_type: 'refresh_token', refresh_token: refresh }
    const granted = await this.#post(this.#options.auth.tokenPath, form, Granted, signal)
    return this.#tokens(granted, granted.refresh_token ?? refresh, scopes)
  }

  /** Whether the grant still stands; undefined where the source offers no way to ask. */
  async isActive({ refresh }: Tokens, signal: AbortSignal): Promise<boolean | undefined> {
    const path = this.#options.auth.introspectPath
    if (path === undefined) return undefined
    const form = { token: refresh, token_type_hint: 'refresh_token' }
    return (await this.#post(path, form, Introspected, signal)).active
  }

  /** Takes the grant back. */
  async revoke({ refresh }: Tokens, signal: AbortSignal): Promise<void> {
    const path = this.#options.auth.revokePath
    if (path !== undefined)
      await this.#post(path, { token: refresh, token_type_hint: 'refresh_token' }, z.unknown(), signal)
  }

  #tokens(granted: z.output<typeof Granted>, refresh: string, before: readonly string[] | undefined): Tokens {
    const access = granted.access_token
    addSecret(access)
    addSecret(refresh)
    const now = (this.#options.upstream?.clock ?? SYSTEM_CLOCK).now()
    const scopes = granted.scopes ?? granted.scope?.split(' ').filter((scope) => scope !== '') ?? before
    return { access, refresh, expiresAt: Math.floor(now + granted.expires_in * 1000), scopes }
  }

  /** The client proves itself in the form, never in the address. */
  async #post<T>(
    path: string,
    form: Readonly<Record<string, string>>,
    schema: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const { connector, client, origin, upstream: more, log } = this.#options
    const upstream = openUpstream({
      ...more,
      ...(origin === undefined ? {} : { origin }),
      connector: {
        id: connector.id,
        auth: { type: 'none' },
        api: { origin: connector.api!.origin, limits: { core: LIMIT }, fault },
        errors: ERRORS,
      },
      credential: async () => undefined,
      maxBytes: MAX_BYTES,
      log,
    })
    try {
      const whole = { ...form, client_id: client.id, client_secret: client.secret }
      return await upstream.http(signal).get({ method: 'POST', path, form: whole }, schema)
    } finally {
      await upstream.close()
    }
  }
}

/** 256 random bits, as an address or a form can hold them. */
export function newVerifier(): string {
  return randomBytes(32).toString('base64url')
}

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

const Refused = z.object({
  error: z.string().optional().catch(undefined),
  status: z.string().optional().catch(undefined),
  category: z.string().optional().catch(undefined),
  error_description: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
})

/** RFC 6749 §5.2, and what sources say in words of their own. */
function fault({ status, body }: HttpAnswer): Fault | undefined {
  if (status !== 400 && status !== 401 && status !== 403) return undefined
  const parsed = Refused.safeParse(body)
  // A page of a proxy speaks for nobody's grant.
  if (!parsed.success) return undefined
  const { error = '', status: named = '', category = '', error_description, message } = parsed.data
  const said = `${error} ${named} ${category}`.toLowerCase()
  const told = error_description ?? message ?? ''
  if (/invalid_grant|refresh_token|auth_code|invalid_token/.test(said)) return { code: INVALID_GRANT, message: told }
  if (/client/.test(said)) return { code: 'bad_client', message: told }
  if (/redirect/.test(said)) return { code: 'bad_redirect_uri', message: told }
  return undefined
}
