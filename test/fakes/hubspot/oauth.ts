import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { FakeAnswer, FakeRequest } from '../http.ts'
import type { Route } from '../router.ts'
import { ALL_SCOPES } from './access.ts'
import type { HubSpotAccount } from './account.ts'

/** Lives of what is given out, milliseconds. */
const CODE_MS = 60_000
const ACCESS_MS = 1800_000

interface Grant {
  readonly account: HubSpotAccount
  readonly scopes: readonly string[]
  refresh: string
  /** Refresh tokens of before; they work until something newer was used for the first time. */
  readonly former: Set<string>
  readonly access: Map<string, number>
  installed: boolean
}

interface Code {
  readonly grant: Grant
  readonly redirectUri: string
  readonly challenge: string | null
  readonly until: number
}

/** HubSpot's side of OAuth: the page where a person decides, the token endpoints, and apps that are uninstalled. */
export class HubSpotOAuth {
  readonly clientId = '11111111-2222-4333-8444-555555555555'
  readonly clientSecret = 'canary-client-secret-0a1b2c3d4e5f'
  /** Addresses that may be sent back to; empty = any. */
  readonly redirectUris = new Set<string>()
  /** Every refresh brings a new refresh token, and the old one ends once the new tokens are used. */
  rotate = false
  /** Seconds that access tokens live. */
  lifetime = ACCESS_MS / 1000
  /** What a person grants; default: what is asked for, as far as the account has it. */
  granted: readonly string[] | undefined
  /** How often tokens were renewed. */
  refreshes = 0
  /** Bodies of all requests to the token endpoints, for looking at what was sent. */
  readonly asked: Readonly<Record<string, string>>[] = []
  readonly #accounts: ReadonlyMap<string, HubSpotAccount>
  readonly #clock: Clock
  readonly #grants: Grant[] = []
  readonly #codes = new Map<string, Code>()

  constructor(accounts: ReadonlyMap<string, HubSpotAccount>, clock: Clock) {
    this.#accounts = accounts
    this.#clock = clock
  }

  get routes(): Route[] {
    const token = (handle: (body: Readonly<Record<string, string>>) => FakeAnswer) => (request: FakeRequest) => {
      const body = (request.body ?? {}) as Readonly<Record<string, string>>
      this.asked.push(body)
      if (request.query.size > 0) return refused('invalid_request', 'parameters belong into the body')
      return handle(body)
    }
    return [
      { method: 'GET', path: '/oauth/authorize', handle: ({ query }) => this.#page(query) },
      { method: 'GET', path: '/oauth/decide', handle: ({ query }) => this.#decide(query) },
      { method: 'POST', path: '/oauth/:version/token', handle: token((body) => this.#token(body)) },
      { method: 'POST', path: '/oauth/:version/token/introspect', handle: token((body) => this.#introspect(body)) },
      { method: 'POST', path: '/oauth/:version/token/revoke', handle: token((body) => this.#revoke(body)) },
      {
        method: 'DELETE',
        path: '/appinstalls/:version/external-install',
        handle: (request) => this.#uninstalled(request),
      },
    ]
  }

  /** The account and state of an access token; undefined for one that was never given out. */
  tokenState(token: string): { account: HubSpotAccount; state: 'valid' | 'expired' | 'revoked' } | undefined {
    for (const grant of this.#grants) {
      const until = grant.access.get(token)
      if (until === undefined) continue
      if (!grant.installed) return { account: grant.account, state: 'revoked' }
      if ([...grant.access.keys()].at(-1) === token) grant.former.clear()
      return { account: grant.account, state: this.#clock.now() < until ? 'valid' : 'expired' }
    }
    return undefined
  }

  /** Installs the app in an account, as if a person had gone through the page. */
  install(account: HubSpotAccount, scopes: readonly string[] = ALL_SCOPES) {
    return this.#tokens(this.#grant(account, scopes))
  }

  /** Lets all access tokens of an account run out. */
  expire(account: HubSpotAccount): void {
    for (const grant of this.#of(account)) for (const token of grant.access.keys()) grant.access.set(token, 0)
  }

  /** Takes the app out of an account; HubSpot tells nobody. */
  uninstall(account: HubSpotAccount): void {
    for (const grant of this.#of(account)) grant.installed = false
  }

  isInstalled(account: HubSpotAccount): boolean {
    return this.#of(account).some(({ installed }) => installed)
  }

  #of(account: HubSpotAccount): Grant[] {
    return this.#grants.filter((grant) => grant.account === account)
  }

  #grant(account: HubSpotAccount, scopes: readonly string[]): Grant {
    const grant = {
      account,
      scopes,
      refresh: secret('r'),
      former: new Set<string>(),
      access: new Map(),
      installed: true,
    }
    this.#grants.push(grant)
    return grant
  }

  #page(query: URLSearchParams): FakeAnswer {
    const redirect = query.get('redirect_uri') ?? ''
    const unknown = this.redirectUris.size > 0 && !this.redirectUris.has(redirect)
    if (query.get('client_id') !== this.clientId || unknown || query.get('response_type') !== 'code') {
      return page(400, '<p>This app cannot be installed: the link is not one of its own.</p>')
    }
    const hidden = ['client_id', 'redirect_uri', 'scope', 'optional_scope', 'state', 'code_challenge']
      .map((name) => `<input type="hidden" name="${name}" value="${escaped(query.get(name) ?? '')}">`)
      .join('')
    const accounts = [...this.#accounts.keys()].map((id) => `<option>${id}</option>`).join('')
    const scopes = wanted(query).map((scope) => `<li>${escaped(scope)}</li>`)
    return page(
      200,
      `<h1>ROI Panel wants access</h1><ul>${scopes.join('')}</ul><form action="/oauth/decide">${hidden}
       <label>Account <select name="account">${accounts}</select></label>
       <button name="decision" value="approve">Approve</button><button name="decision" value="deny">Deny</button></form>`,
    )
  }

  #decide(query: URLSearchParams): FakeAnswer {
    const back = new URL(query.get('redirect_uri') ?? '')
    back.searchParams.set('state', query.get('state') ?? '')
    const account = this.#accounts.get(query.get('account') ?? '')
    // What is in `scope` must be there; what is in `optional_scope` is left out where it is not.
    const lacking = scopesIn(query, 'scope').filter((scope) => account?.scopes.has(scope) === false)
    if (query.get('decision') === 'approve' && lacking.length > 0) {
      return page(403, `<p>This account has no access to ${escaped(lacking.join(', '))}.</p>`)
    }
    if (query.get('decision') === 'approve' && account) {
      const scopes = this.granted ?? wanted(query).filter((scope) => account.scopes.has(scope))
      const code = secret('c')
      this.#codes.set(code, {
        grant: this.#grant(account, scopes),
        redirectUri: query.get('redirect_uri')!,
        challenge: query.get('code_challenge') || null,
        until: this.#clock.now() + CODE_MS,
      })
      back.searchParams.set('code', code)
    } else {
      back.searchParams.set('error', 'access_denied')
      back.searchParams.set('error_description', 'The person said no.')
    }
    return { status: 302, headers: { Location: back.href } }
  }

  #token(body: Readonly<Record<string, string>>): FakeAnswer {
    if (!this.#isClient(body)) return refused('invalid_client', 'unknown client or wrong secret', 401)
    if (body.grant_type === 'refresh_token') return this.#refresh(body.refresh_token ?? '')
    if (body.grant_type !== 'authorization_code') return refused('unsupported_grant_type', 'no such grant type')
    const code = this.#codes.get(body.code ?? '')
    this.#codes.delete(body.code ?? '')
    if (!code || code.until < this.#clock.now()) return refused('invalid_grant', 'the code is unknown, used or too old')
    if (code.redirectUri !== body.redirect_uri) return refused('invalid_grant', 'another redirect_uri than before')
    if (code.challenge !== null && code.challenge !== challengeOf(body.code_verifier ?? '')) {
      return refused('invalid_grant', 'the verifier is not that of the challenge')
    }
    return { status: 200, body: this.#tokens(code.grant) }
  }

  #refresh(token: string): FakeAnswer {
    const grant = this.#grants.find(({ refresh, former }) => refresh === token || former.has(token))
    if (!grant?.installed) return refused('invalid_grant', `missing or unknown refresh token ${token}`)
    this.refreshes += 1
    if (grant.refresh === token) grant.former.clear()
    if (this.rotate) {
      grant.former.add(token)
      grant.refresh = secret('r')
    }
    return { status: 200, body: this.#tokens(grant) }
  }

  #tokens(grant: Grant) {
    const access = secret('a')
    grant.access.set(access, this.#clock.now() + this.lifetime * 1000)
    return {
      token_type: 'bearer',
      token_use: 'access_token',
      access_token: access,
      refresh_token: grant.refresh,
      expires_in: this.lifetime,
      hub_id: grant.account.portalId,
      user_id: 7,
      scopes: [...grant.scopes],
    }
  }

  #introspect(body: Readonly<Record<string, string>>): FakeAnswer {
    const { token = '' } = body
    const pasted = [...this.#accounts.values()].find((one) => one.tokenState(token) === 'valid')
    const granted = this.#grants.find(({ refresh, former, installed, access }) => {
      return installed && (refresh === token || former.has(token) || access.has(token))
    })
    const account = pasted ?? granted?.account
    if (!account) return { status: 200, body: { active: false } }
    return {
      status: 200,
      body: {
        active: true,
        token_use: granted && !granted.access.has(token) ? 'refresh_token' : 'access_token',
        hub_id: account.portalId,
        hub_domain: `portal-${account.portalId}.example.com`,
        user_id: 7,
        user: 'admin@example.com',
        app_id: 54_321,
        scopes: [...(granted?.scopes ?? account.scopes)],
        expires_in: 1800,
      },
    }
  }

  #revoke(body: Readonly<Record<string, string>>): FakeAnswer {
    if (!this.#isClient(body)) return refused('invalid_client', 'unknown client or wrong secret', 401)
    for (const grant of this.#grants) if (grant.refresh === body.token) grant.installed = false
    return { status: 200, body: {} }
  }

  #uninstalled({ headers }: FakeRequest): FakeAnswer {
    const token = (headers.authorization ?? '').replace('Bearer ', '')
    for (const grant of this.#grants) if (grant.access.has(token)) grant.installed = false
    return { status: 204 }
  }

  #isClient(body: Readonly<Record<string, string>>): boolean {
    return body.client_id === this.clientId && body.client_secret === this.clientSecret
  }
}

function wanted(query: URLSearchParams): string[] {
  return [...scopesIn(query, 'scope'), ...scopesIn(query, 'optional_scope')]
}

function scopesIn(query: URLSearchParams, name: string): string[] {
  return (query.get(name) ?? '').split(' ').filter((scope) => scope !== '')
}

/** Known by its look in whatever it leaks into. */
function secret(kind: string): string {
  return `canary-${kind}-${randomBytes(18).toString('hex')}`
}

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

function refused(error: string, description: string, status = 400): FakeAnswer {
  return { status, body: { error, error_description: description, status: error.toUpperCase(), message: description } }
}

function page(status: number, body: string): FakeAnswer {
  const text = `<!doctype html><html lang="en"><title>HubSpot</title><body>${body}</body></html>`
  return { status, headers: { 'Content-Type': 'text/html;charset=utf-8' }, text }
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
