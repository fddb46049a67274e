import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { RecordType } from '../api.ts'
import type { Locale } from '../errors.ts'
import type { Workspace } from '../model/settings.ts'
import type { EmbedSession } from '../state/embed.ts'
import type { Connection, State } from '../state/state.ts'
import { embedRefused } from './embed-problems.ts'
import { type EmbedClaims, type Issuer, issue, verify } from './embed-token.ts'
import { userOf } from './hosts/hubspot-asker.ts'
import { type Reach, reachOf } from './hosts/people.ts'
import { noAccess, notAUser } from './hosts/problems.ts'

/** How long a one-time address may lie unused, milliseconds. */
const OPEN_MS = 60_000
/** How long an opened panel may renew its tokens, milliseconds. */
const SESSION_MS = 8 * 3_600_000

/** What embedding needs of the program. */
export interface EmbedEnv {
  readonly state: State
  /** Public address without a trailing slash; undefined = nobody embeds us. */
  readonly publicUrl: string | undefined
  /** Origins that may frame the panel, besides the known hosts. */
  readonly frameHosts: readonly string[]
  readonly now?: (() => Date) | undefined
}

/** Who may see what: the answer of an exchange. */
export interface Opened {
  readonly session: EmbedSession
  readonly workspace: Workspace
  readonly source: string
  readonly token: string
  readonly expiresAt: Date
}

/** Who wants the panel, and of what. */
export interface EmbedWish {
  readonly connection: Connection
  readonly subject: string
  /** '' where the host tells none. */
  readonly email: string
  readonly requestId: string
  readonly locale: Locale
  readonly record: { readonly type: RecordType; readonly id: string } | null
}

/** Sessions of the panel inside other applications: from a signed wish to short-lived tokens. */
export class EmbedSessions {
  readonly #state: State
  readonly #issuer: Issuer
  readonly #now: () => Date

  constructor({ state, publicUrl, now = () => new Date() }: EmbedEnv & { readonly publicUrl: string }) {
    this.#state = state
    this.#now = now
    this.#issuer = { state, url: publicUrl, now }
  }

  /**
   * A one-time address of the panel. The host may ask twice for one wish; then it is the same address, so that the answer
   * that was lost and the one that arrives are as good as each other.
   */
  async begin({ connection, ...wish }: EmbedWish): Promise<{ uri: string; expiresAt: Date }> {
    const { tenant } = connection
    const id = randomBytes(16).toString('base64url')
    const now = this.#now().getTime()
    const session = await this.#state.beginEmbed({
      ...wish,
      id,
      tenant,
      connection: connection.id,
      opens: digest(await this.#opener(tenant, id)),
      opensUntil: new Date(now + OPEN_MS),
      expiresAt: new Date(now + SESSION_MS),
    })
    const token = await this.#opener(tenant, session.id)
    return { uri: `${this.#issuer.url}/embed#t=${token}`, expiresAt: session.opensUntil }
  }

  /**
   * Takes a one-time token in, once, for a bearer token and what renews it.
   * @throws RoiError `bad_embed_token`
   */
  async open(token: string): Promise<Opened & { readonly renewal: string }> {
    const renewal = randomBytes(32).toString('base64url')
    const session = await this.#state.openEmbed(digest(token), digest(renewal))
    return { ...(await this.#opened(session)), renewal }
  }

  /** The next bearer token of a session that has not ended, for whom it still is. @throws RoiError `bad_embed_token` */
  async renew(renewal: string): Promise<Opened> {
    return this.#opened(await this.#state.renewEmbed(digest(renewal)))
  }

  /**
   * The session behind a bearer token, as it is stored now: one that was ended, or whose connection is gone, lets nobody in.
   * How far its person sees is asked anew: he may not see any more what he opened (F135).
   * @throws RoiError `bad_embed_token`, `no_access`
   */
  async of(token: string): Promise<{ claims: EmbedClaims; source: string; session: EmbedSession; reach: Reach }> {
    const claims = await verify(this.#issuer, token)
    const session = await this.#state.findEmbed(claims.tenantId, claims.sid)
    if (session?.subject !== claims.sub || !same(session.record, claims.record)) throw embedRefused()
    const connection = await this.#state.findConnection(session.tenant, session.connection)
    if (!connection) throw embedRefused()
    const reach = await this.#reach(session, connection)
    if (!reach) throw noAccess()
    if (!session.record && !reach.page) throw notAUser(session.email, claims.tenant, connection.id)
    return { claims, source: connection.source, session, reach }
  }

  async #opened(session: EmbedSession | undefined): Promise<Opened> {
    if (!session) throw embedRefused()
    const connection = await this.#state.findConnection(session.tenant, session.connection)
    const workspace = (await this.#state.workspaces()).find(({ tenant }) => tenant === session.tenant)
    if (!connection || !workspace) throw embedRefused()
    const reach = await this.#reach(session, connection)
    if (!reach || !(session.record || reach.page)) throw embedRefused()
    return {
      session,
      workspace,
      source: connection.source,
      ...(await issue(this.#issuer, session, workspace.key)),
    }
  }

  #reach({ subject, email }: EmbedSession, connection: Connection): Promise<Reach | undefined> {
    return reachOf(this.#state, connection, { id: userOf(subject), email })
  }

  /** What opens a session: 256 bits that only the keys of this service and its random id give. */
  async #opener(tenant: number, id: string): Promise<string> {
    const [current] = await this.#state.keysFor(`embed opener of workspace ${tenant}`)
    return createHmac('sha256', current!.key).update(id).digest('base64url')
  }
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

function same(a: EmbedSession['record'], b: EmbedSession['record']): boolean {
  return a === b || (a !== null && b !== null && a.type === b.type && a.id === b.id)
}
