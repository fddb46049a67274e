import { join } from 'node:path'
import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import { z } from 'zod'
import { EmbedOpened, EmbedRenewed } from '../api.ts'
import type { Log } from '../log.ts'
import { embedGate } from './embed-gate.ts'
import { notPublic } from './embed-problems.ts'
import { EmbedSessions, type Opened } from './embed-sessions.ts'
import { HUBSPOT_APP_ORIGINS } from './hosts/frame-hosts.ts'
import { type HostsEnv, hubspotRoutes } from './hosts/hubspot.ts'
import { parse } from './parse.ts'
import type { Services } from './services.ts'

/** A token and nothing else. */
const MAX_BODY = '4kb'
const Secret = z.string().regex(/^[\w-]{43}$/)
const ExchangeBody = z.strictObject({ token: Secret })
const RenewBody = z.strictObject({ renewal: Secret })

/** Everything of HTTP that shows the panel in pages of other applications. */
export function embedding(services: Services, env: HostsEnv, dist: string, log: Log) {
  const { publicUrl } = env
  const sessions = publicUrl === undefined ? undefined : new EmbedSessions({ ...env, publicUrl })
  const origins = [...new Set([...HUBSPOT_APP_ORIGINS, ...env.frameHosts])]
  return {
    hubspot: hubspotRoutes(services, env, sessions, log),
    routes: embedRoutes(sessions, origins),
    gate: embedGate(sessions),
    page: embedPage(dist, origins),
  }
}

/**
 * How an embedded page gets and keeps its access. Nothing here is a cookie and nothing is stored by the page: frames of
 * other sites have neither.
 *
 * - `POST /embed/exchange` `{token}` → EmbedOpened: takes the one-time token out of the address that the host opened (S9). Once,
 *   within a minute.
 * - `POST /embed/renew` `{renewal}` → EmbedRenewed: the next bearer token, while the session lives (8 hours at most), its
 *   connection is there and its person may still see what it is of.
 *
 * Bodies are JSON up to 4 KB. Errors: Problem; 400 `bad_request`; 401 `bad_embed_token` for what is unknown, used, ended or too
 * old, all alike; 503 `public_url_missing`.
 */
function embedRoutes(sessions: EmbedSessions | undefined, origins: readonly string[]): Router {
  const router = Router()
  const json = express.json({ limit: MAX_BODY, inflate: false })
  const known = () => {
    if (!sessions) throw notPublic()
    return sessions
  }
  router.post('/exchange', json, async (request: Request, response: Response) => {
    const { token } = parse(ExchangeBody, request.body)
    const { renewal, ...opened } = await known().open(token)
    const { session, workspace, source } = opened
    sendSecret(response, EmbedOpened, {
      ...tokenOf(opened),
      renewal,
      session_expires_at: session.expiresAt.toISOString(),
      workspace: workspace.key,
      locale: session.locale,
      record: session.record && { ...session.record, source },
      frame_origins: origins,
    })
  })
  router.post('/renew', json, async (request: Request, response: Response) => {
    const { renewal } = parse(RenewBody, request.body)
    sendSecret(response, EmbedRenewed, tokenOf(await known().renew(renewal)))
  })
  return router
}

function tokenOf({ token, expiresAt }: Opened) {
  return { token, expires_at: expiresAt.toISOString() }
}

/** What nobody on the way may keep. */
function sendSecret<T>(response: Response, schema: z.ZodType<T>, answer: unknown): void {
  response.set('cache-control', 'no-store').json(schema.parse(answer))
}

/**
 * `GET /embed`: the page that other applications frame. It holds no data; all of it comes by the token in its fragment, which no
 * server ever sees. Framed by the listed origins only, each by its full name (S7).
 */
function embedPage(dist: string, origins: readonly string[]): RequestHandler {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${origins.join(' ')}`,
  ].join(';')
  const file = join(dist, 'page', 'embed.html')
  return (_request, response, next) => {
    // It knows a single origin or none, and where both are there some browsers obey it.
    response.removeHeader('x-frame-options')
    response.set({ 'content-security-policy': policy, 'cache-control': 'no-cache' })
    response.sendFile(file, { cacheControl: false }, (error) => {
      if (error && !response.headersSent) next()
    })
  }
}
