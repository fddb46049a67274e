import type { Request, RequestHandler, Response } from 'express'
import { isRoiError } from '../errors.ts'
import { embedRefused, notInSession, outOfScope, tokenInQuery } from './embed-problems.ts'
import type { EmbedSessions } from './embed-sessions.ts'
import { looksLikeToken } from './embed-token.ts'
import { KeyedLimiter } from './hosts/keyed-limiter.ts'

/** What a session may read, below `/api/v1`. Events tell that something changed in the workspace, never what. */
const WORKSPACE_READS: ReadonlySet<string> = new Set(['/panel', '/report', '/drill', '/explain', '/events'])
const RECORD_READS: ReadonlySet<string> = new Set(['/record', '/events'])
/** Names under which people put tokens into addresses. */
const TOKEN_NAMES: ReadonlySet<string> = new Set(['token', 'access_token', 'bearer', 'authorization', 'jwt', 't'])
/** A panel asks about ten times when it opens, and once for each click. */
const BURST = 100
const PER_SECOND = 10

/**
 * Holds requests that come with a token of an embedded session to what that session may see: reads only; of a record
 * session that record, of a workspace session the panel, its reports and the deals behind them. Sets
 * `response.locals.embed`, so that nobody asks again who it is. Requests without a bearer token are not its business.
 *
 * Errors: 401 `bad_embed_token`; 403 `out_of_scope`, `no_access` for who may not see any more what he opened; 404
 * `unknown_record`, `unknown_workspace` for what belongs to others, as if it were not there; 400 `token_in_query`; 429
 * `rate_limited`.
 */
export function embedGate(sessions: EmbedSessions | undefined): RequestHandler {
  const limiter = new KeyedLimiter(BURST, PER_SECOND)
  return async (request, response, next) => {
    const asked = new URLSearchParams(request.url.split('?').slice(1).join('?'))
    if ([...asked].some(([name, value]) => isToken(name, value))) throw tokenInQuery()
    const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined || !looksLikeToken(token)) return next()
    if (!sessions) throw embedRefused()
    const { claims, source, session, reach } = await sessions.of(token)
    limiter.take(session.id, response)
    if (request.method !== 'GET' && request.method !== 'HEAD') throw outOfScope()
    const { tenant: workspace, record } = claims
    if (!(record ? RECORD_READS : WORKSPACE_READS).has(request.path)) throw outOfScope()
    const own = { workspace, ...(record && request.path === '/record' && { ...record, source }) }
    // What is asked for must be what the session is of. It is not told from what does not exist.
    for (const [name, value] of Object.entries(own)) {
      if (asked.getAll(name).some((given) => given !== value)) throw notInSession(name)
      asked.set(name, value)
    }
    rewrite(request, asked)
    // A stream may last longer than what let it in; the page comes back with its next token.
    if (request.path === '/events') endAt(response, claims.exp * 1000)
    response.locals.stays = () => sessions.of(token).then(() => true, refused)
    response.locals.embed = { subject: claims.sub, workspace, record, viewer: reach.viewer }
    next()
  }
}

/** False where the session lets nobody in any more; a store that cannot be asked says nothing about it. */
function refused(error: unknown): false {
  if (isRoiError(error) && error.kind !== 'unavailable') return false
  throw error
}

function isToken(name: string, value: string): boolean {
  return TOKEN_NAMES.has(name.toLowerCase()) || (value.length > 60 && value.startsWith('ey') && looksLikeToken(value))
}

function endAt(response: Response, time: number): void {
  const timer = setTimeout(() => response.end(), Math.max(0, time - Date.now()))
  response.once('close', () => clearTimeout(timer))
}

/** Routes read the query of the address; the session decides what stands there. */
function rewrite(request: Request, query: URLSearchParams): void {
  request.url = `${request.path}?${query}`
}
