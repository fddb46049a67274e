import { createHash, randomBytes } from 'node:crypto'
import type { CookieOptions, Request, RequestHandler, Response } from 'express'
import { type Actor, actingAs } from '../state/actor.ts'
import { LIFE_MS } from '../state/sessions.ts'
import type { State } from '../state/state.ts'
import type { Role, User } from '../state/users.ts'
import { noSuchWorkspace, notAllowed, notSignedIn, nowhere } from './auth-problems.ts'
import { needsOf, type Right, rightsOf } from './auth-rights.ts'
import { isLoopback } from './security.ts'
import { MAIN } from './workspaces.ts'

/** What sign-in needs of the program. */
export interface AuthEnv {
  readonly state: State
  /** Address the server listens on. */
  readonly host: string
  readonly publicUrl: string | undefined
}

/** Who asks, and how far he may go. */
export interface Principal {
  /** Null: this machine, where nobody must sign in; or an embedded panel. */
  readonly user: User | null
  readonly role: Role | 'embed'
  /** Keys of the workspaces he may see; null = all. */
  readonly workspaces: readonly string[] | null
}

/** Whoever sits at this machine, as long as it is reached by nobody else and nobody was named. */
const ANYBODY: Principal = { user: null, role: 'admin', workspaces: null }

/** Who it is, for the audit. Not of an embedded panel, which changes nothing. */
export function actorOf({ user }: Principal): Actor {
  return user ? `user:${user.name}` : 'machine'
}

/** 256 random bits: a session, a link, what binds a grant to a browser. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** What is stored of a secret. It has 256 bits of its own: no salt and no slow hash would add any. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/**
 * Who is signed in, and what he may ask for. Signing in is needed once there is a user, and wherever others than this
 * machine reach the server; a server of this machine alone without users stays open to whoever sits at it.
 */
export class Auth {
  readonly #state: State
  readonly #reachable: boolean
  readonly #secure: boolean

  constructor({ state, host, publicUrl }: AuthEnv) {
    this.#state = state
    this.#reachable = !isLoopback(host) || publicUrl !== undefined
    this.#secure = publicUrl?.startsWith('https:') ?? false
  }

  async required(): Promise<boolean> {
    return this.#reachable || (await this.#state.hasUsers())
  }

  /** Who asks; undefined when he must sign in first. */
  async who(request: Request, response: Response): Promise<Principal | undefined> {
    const { embed } = response.locals as { embed?: { readonly workspace: string } }
    if (embed) return { user: null, role: 'embed', workspaces: [embed.workspace] }
    const secret = this.cookie(request, 'session')
    const user = secret === undefined ? undefined : await this.#state.findSession(digestOf(secret))
    if (user) return { user, role: user.role, workspaces: await this.workspacesOf(user) }
    return (await this.required()) ? undefined : ANYBODY
  }

  /**
   * Whether who was let in may stay: his session goes on, and the machine is still open to anybody. A change of the role, the
   * password or the workspaces of a person ends his sessions. No use of the session: whoever only looks on lets it end.
   */
  async stays(request: Request, { user }: Principal): Promise<boolean> {
    if (!user) return !(await this.required())
    const secret = this.cookie(request, 'session')
    const now = secret === undefined ? undefined : await this.#state.lookSession(digestOf(secret))
    return now?.id === user.id
  }

  /** @throws RoiError `not_signed_in`, `not_allowed` */
  async require(request: Request, response: Response, right: Right): Promise<Principal> {
    const principal = await this.who(request, response)
    if (!principal) throw notSignedIn()
    if (!rightsOf(principal.role).includes(right)) throw notAllowed()
    return principal
  }

  /**
   * Lets requests of the panel API through to what they may see: by role and route, and of a workspace of his own. A
   * person of some workspaces who names none gets the main one, or his first. What they do is done in his name.
   *
   * Errors: 401 `not_signed_in`; 403 `not_allowed`; 404 `unknown_workspace` for those of others as for those that are not there,
   * `not_found` for a route that nobody declared.
   */
  get gate(): RequestHandler {
    return async (request, response, next) => {
      const needs = needsOf(request.method, request.path)
      if (needs === 'open') return next()
      const principal = await this.who(request, response)
      if (!principal) throw notSignedIn()
      response.locals.principal = principal
      // The gate of embedded panels has said it of its own.
      response.locals.stays ??= () => this.stays(request, principal)
      if (principal === ANYBODY) return actingAs(actorOf(principal), next)
      if (needs === undefined) throw nowhere()
      if (!rightsOf(principal.role).includes(needs)) throw notAllowed()
      if (principal.workspaces) keepInside(request, principal.workspaces)
      // An embedded panel only reads.
      return principal.user ? actingAs(actorOf(principal), next) : next()
    }
  }

  /** Sends who is not signed in to the page where he can be. For pages; the address he came for is kept. */
  get pageGate(): RequestHandler {
    return async (request, response, next) => {
      if (await this.who(request, response)) return next()
      response.set('cache-control', 'no-store').redirect(302, signInAddress(request))
    }
  }

  cookie(request: Request, name: string): string | undefined {
    const wanted = this.#nameOf(name)
    for (const part of (request.headers.cookie ?? '').split(';')) {
      const [key, value = ''] = part.trim().split('=')
      if (key === wanted && /^[\w-]{20,100}$/.test(value)) return value
    }
    return undefined
  }

  /** Lax: the way back from a source is a link of another site, and must find who began it. */
  setCookie(response: Response, name: string, value: string, maxAge = LIFE_MS): void {
    response.cookie(this.#nameOf(name), value, { ...this.#attributes, maxAge })
  }

  clearCookie(response: Response, name: string): void {
    response.clearCookie(this.#nameOf(name), this.#attributes)
  }

  get #attributes(): CookieOptions {
    return { httpOnly: true, sameSite: 'lax', secure: this.#secure, path: '/' }
  }

  /** With the prefix no other name below the same domain can set it. */
  #nameOf(name: string): string {
    return `${this.#secure ? '__Host-' : ''}roi_${name}`
  }

  /** Keys of the workspaces a person may see; null = all. */
  async workspacesOf({ tenants }: User): Promise<string[] | null> {
    if (tenants === null) return null
    const all = await this.#state.workspaces()
    return all.filter(({ tenant }) => tenants.includes(tenant)).map(({ key }) => key)
  }
}

/** The workspace a person means. @throws RoiError `unknown_workspace` */
export function ownWorkspace({ workspaces }: Principal, key: string | undefined): string | undefined {
  if (workspaces === null) return key
  const wanted = key ?? (workspaces.includes(MAIN) ? MAIN : workspaces[0])
  if (wanted === undefined || !workspaces.includes(wanted)) throw noSuchWorkspace(wanted ?? MAIN, workspaces)
  return wanted
}

/** Routes read the query of the address, and it outranks the body: what stands there decides. */
function keepInside(request: Request, workspaces: readonly string[]): void {
  const at = request.url.indexOf('?')
  const query = new URLSearchParams(at < 0 ? '' : request.url.slice(at + 1))
  for (const name of [...query.keys()]) {
    // workspace[]=, workspace[0]= and the like mean the same to some parsers.
    if (name !== 'workspace' && /^workspace\b/i.test(name)) throw noSuchWorkspace(name, workspaces)
  }
  const named = query.getAll('workspace').filter((key) => key !== '')
  for (const key of named) ownWorkspace({ workspaces } as Principal, key)
  query.set('workspace', ownWorkspace({ workspaces } as Principal, named[0])!)
  request.url = `${at < 0 ? request.url : request.url.slice(0, at)}?${query}`
}

/** Where to sign in, and where to go on then: below this server only. */
export function signInAddress(request: Request): string {
  const next = request.originalUrl
  return next === '/' ? '/sign-in/' : `/sign-in/?next=${encodeURIComponent(next)}`
}
