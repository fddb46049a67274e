import { type Request, type RequestHandler, type Response, Router } from 'express'
import { z } from 'zod'
import { OAuthInfo } from '../api.ts'
import { LOCALES } from '../errors.ts'
import type { Log } from '../log.ts'
import { addSecret } from '../redact.ts'
import { actingAs } from '../state/actor.ts'
import type { State } from '../state/state.ts'
import type { Sources } from '../sync/connections.ts'
import { type Connector, type OAuthScopes, PURPOSES, type Purpose } from '../sync/contract.ts'
import { newVerifier } from '../sync/oauth.ts'
import { purposesIn } from '../sync/oauth-grants.ts'
import { type Auth, actorOf, digestOf, newSecret, ownWorkspace, signInAddress } from './auth.ts'
import { PAGE_CSS, sendRefusal } from './oauth-page.ts'
import { badState, denied, refusedBySource } from './oauth-problems.ts'
import { parse } from './parse.ts'
import { sendJson } from './routes.ts'
import { isLoopback } from './security.ts'
import { findWorkspace } from './workspaces.ts'

/** A grant under way is good for so long, milliseconds (S1). */
const STATE_MS = 10 * 60_000
/** Trading the code and the first question may take so long, milliseconds. */
const EXCHANGE_MS = 60_000

/** What grants need of the program. */
export interface OAuthEnv {
  readonly state: State
  readonly sources: Sources
  /** Connectors of network services. */
  readonly connectors: () => Promise<readonly Connector[]>
  /** Whether an app is registered for a connector. */
  readonly isRegistered: (connector: string) => boolean
}

interface Options {
  readonly auth: Auth
  /** Address under which people reach this server, without a trailing slash. Never told by a request. */
  readonly origin: () => string
  readonly log: Log
}

const StartQuery = z.strictObject({
  workspace: z.string().min(1).max(100).exactOptional(),
  locale: z.enum(LOCALES).exactOptional(),
  /** Of the connector's conditional scopes. */
  conditional: z.array(z.string().max(100)).max(50).default([]),
  /** What the access is for beside reading: their scopes are asked for, and on no other occasion. */
  with: z.array(z.enum(PURPOSES)).max(PURPOSES.length).default([]),
  /** A connection whose access is granted once more: what it had is asked for again. */
  again: z.string().min(1).max(100).exactOptional(),
})
/** What comes back; whatever else a source adds is not looked at. */
const BackQuery = z.object({
  state: z.string().regex(/^[\w-]{43}$/),
  code: z.string().min(1).max(2000).exactOptional(),
  error: z.string().max(200).exactOptional(),
})
const Pending = z.object({
  workspace: z.string(),
  verifier: z.string(),
  /** Digest of what the browser keeps in its cookie. */
  browser: z.string(),
  /** Who began; null where nobody must sign in. */
  user: z.string().nullable(),
  redirectUri: z.string(),
})

/**
 * Granting access to a source (S1). Below `/oauth`:
 *
 * - `GET /:connector/start?workspace&conditional&with&again` → 302 to the page of the source; `conditional` repeats and names scopes
 *   that are asked for only on wish, `with` repeats and says what the access is for beside reading (`write_back`, `compare`), `again`
 *   names a connection that had some of both. For who may `manage`; who is not signed in is sent to do so first.
 * - `GET /:connector/callback?state&code|error` → 303 to the console. The state is 256 random bits, good once, for ten minutes,
 *   in the browser that began (a cookie of its own) and for the person who began; the code is traded on this side, with a
 *   verifier that never left it (PKCE, S256). The connection is checked and kept, its first run begins.
 *
 * No parameter says where to go: the address given to the source is `PUBLIC_URL/oauth/:connector/callback`, exactly, and the
 * console is this server's. Whoever is refused sees why in both languages; tokens, codes and states are in no log.
 */
export function oauthRoutes(env: OAuthEnv, options: Options): Router {
  const { state, sources } = env
  const { auth, origin, log } = options
  const router = Router()
  const page = (handler: RequestHandler): RequestHandler => {
    return async (request, response, next) => {
      try {
        await handler(request, response, next)
      } catch (error) {
        sendRefusal(error, { request, response, log, console: `${origin()}/console/` })
      }
    }
  }

  router.get('/page.css', (_request, response) => {
    response.set('cache-control', 'no-cache').type('css').send(PAGE_CSS)
  })

  router.get(
    '/:connector/start',
    page(async (request, response) => {
      // Cookies belong to a name, and this machine has several: the way back leads to one of them.
      if (isOtherName(request, origin())) {
        return response.redirect(302, `${origin()}/oauth/${connectorOf(request)}/start${searchOf(request)}`)
      }
      if (!(await auth.who(request, response))) return response.redirect(302, signInAddress(request))
      const principal = await auth.require(request, response, 'manage')
      const { conditional, with: purposes, ...ask } = request.query
      const given = { ...withoutEmpty(ask), conditional: [conditional ?? []].flat(), with: [purposes ?? []].flat() }
      const wanted = parse(StartQuery, given)
      const workspace = await findWorkspace(state, ownWorkspace(principal, wanted.workspace))
      const connector = connectorOf(request)
      const had = wanted.again === undefined ? [] : await sources.grantedScopes(workspace, wanted.again)
      const before = wantedBefore(await scopesOf(connector), had)
      const secrets = { state: newSecret(), browser: newSecret(), verifier: newVerifier() }
      for (const secret of Object.values(secrets)) addSecret(secret)
      const redirectUri = `${origin()}/oauth/${connector}/callback`
      const { verifier } = secrets
      const to = await sources.authorizeUrl({
        connector,
        redirectUri,
        conditional: [...wanted.conditional, ...before.conditional],
        purposes: [...new Set([...wanted.with, ...before.purposes])],
        state: secrets.state,
        verifier,
      })
      const pending: z.infer<typeof Pending> = {
        workspace: workspace.key,
        verifier,
        browser: digestOf(secrets.browser),
        user: principal.user?.id ?? null,
        redirectUri,
      }
      const expiresAt = new Date(Date.now() + STATE_MS)
      const digest = digestOf(secrets.state)
      await state.keepTicket({ digest, purpose: `oauth/${connector}`, data: pending, expiresAt })
      auth.setCookie(response, cookieOf(secrets.state), secrets.browser, STATE_MS)
      response.set('cache-control', 'no-store').redirect(302, to)
    }),
  )

  router.get(
    '/:connector/callback',
    page(async (request, response) => {
      const connector = connectorOf(request)
      const back = BackQuery.safeParse(request.query)
      if (!back.success) throw badState()
      const { code, error } = back.data
      addSecret(back.data.state)
      if (code !== undefined) addSecret(code)
      const pending = await takeState(back.data.state, connector, request, response)
      const principal = await auth.require(request, response, 'manage')
      if ((principal.user?.id ?? null) !== pending.user) throw badState()
      if (error === 'access_denied') throw denied()
      if (error !== undefined || code === undefined) throw refusedBySource()
      const workspace = await findWorkspace(state, ownWorkspace(principal, pending.workspace))
      const { verifier, redirectUri } = pending
      const answer = { connector, redirectUri, verifier, code }
      const { connection } = await actingAs(actorOf(principal), () =>
        sources.connectGrant(workspace, answer, AbortSignal.timeout(EXCHANGE_MS)),
      )
      const begun = sources.sync(workspace, connection.id, { signal: new AbortController().signal })
      begun.catch((error) => log.warn({ err: error, connection: connection.id }, 'the first run did not begin'))
      const query = new URLSearchParams({ workspace: workspace.key, connected: connection.id })
      response.set('cache-control', 'no-store').redirect(303, `${origin()}/console/?${query}`)
    }),
  )

  async function scopesOf(id: string): Promise<OAuthScopes | undefined> {
    const auth = (await env.connectors()).find((one) => one.id === id)?.auth
    return auth?.type === 'oauth2' ? auth.scopes : undefined
  }

  /** What was begun, once, by the browser that comes back. @throws RoiError `bad_state` */
  async function takeState(secret: string, connector: string, request: Request, response: Response) {
    const name = cookieOf(secret)
    const browser = auth.cookie(request, name)
    auth.clearCookie(response, name)
    const ticket = await state.takeTicket(digestOf(secret))
    const pending = Pending.safeParse(ticket?.data)
    if (ticket?.purpose !== `oauth/${connector}` || !pending.success) throw badState()
    if (browser === undefined || digestOf(browser) !== pending.data.browser) throw badState()
    return pending.data
  }
  return router
}

/** `GET /api/v1/oauth` → OAuthInfo[]: the sources that access can be granted to. */
export function oauthList({ connectors, isRegistered }: OAuthEnv): RequestHandler {
  return async (_request, response) => {
    const infos = (await connectors()).flatMap(({ id, auth }): OAuthInfo[] => {
      if (auth.type !== 'oauth2' || !isRegistered(id)) return []
      const { required, optional, conditional, onDemand } = auth.scopes
      const on_demand = PURPOSES.flatMap((purpose) => {
        const scopes = onDemand?.[purpose]
        return scopes ? [{ purpose, optional: [...scopes.optional], conditional: [...scopes.conditional] }] : []
      })
      const asked = { required: [...required], optional: [...optional], conditional: [...conditional] }
      return [{ connector: id, ...asked, on_demand }]
    })
    sendJson(response, z.array(OAuthInfo), infos)
  }
}

/** What was asked for on wish when access was granted before. */
function wantedBefore(
  scopes: OAuthScopes | undefined,
  had: readonly string[],
): { readonly conditional: readonly string[]; readonly purposes: readonly Purpose[] } {
  if (!scopes) return { conditional: [], purposes: [] }
  const conditional = had.filter((scope) => scopes.conditional.includes(scope))
  return { conditional, purposes: purposesIn(scopes, had) }
}

/** One for each grant under way, so that two tabs do not disturb each other. */
function cookieOf(state: string): string {
  return `oauth_${digestOf(state).slice(0, 12)}`
}

function isOtherName({ headers: { host = '' } }: Request, origin: string): boolean {
  const own = new URL(origin)
  return host !== own.host && isLoopback(own.hostname) && isLoopback(host.replace(/:\d+$/, ''))
}

function connectorOf(request: Request): string {
  return z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .catch('unknown')
    .parse(request.params.connector)
}

function searchOf(request: Request): string {
  const at = request.originalUrl.indexOf('?')
  return at < 0 ? '' : request.originalUrl.slice(at)
}

function withoutEmpty(query: Request['query']): Record<string, unknown> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''))
}
