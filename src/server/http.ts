import { join } from 'node:path'
import express, { type Express, type Response } from 'express'
import type { Log } from '../log.ts'
import { auditRoute } from './audit.ts'
import { Auth, type AuthEnv } from './auth.ts'
import { budgetRoutes } from './budgets-routes.ts'
import { compareRoute } from './compare-route.ts'
import { connectionRoutes } from './connection-routes.ts'
import { correctionRoutes } from './correction-routes.ts'
import { costRoutes } from './costs-routes.ts'
import { customerRoutes } from './customers-routes.ts'
import { dataDrivenRoutes } from './data-driven-routes.ts'
import { embedding } from './embed.ts'
import type { EventStreams } from './events.ts'
import { explainRoutes } from './explain-routes.ts'
import { governanceRoutes } from './governance-routes.ts'
import type { HostsEnv } from './hosts/hubspot.ts'
import { bodyDeadline, rateLimit } from './limits.ts'
import { type OAuthEnv, oauthList, oauthRoutes } from './oauth.ts'
import { DIST, pages } from './pages.ts'
import { problemHandlers, requestId } from './problems.ts'
import { readRoutes } from './routes.ts'
import { hostGuard, securityHeaders, writeGuard } from './security.ts'
import type { Services } from './services.ts'
import { signInRoutes } from './sign-in.ts'
import { ownWorkspaces } from './sign-in-workspaces.ts'
import { writeRoutes } from './uploads.ts'
import { type WebhooksEnv, webhookRoutes } from './webhooks.ts'

export interface HttpOptions {
  readonly log: Log
  /** Address the server listens on; decides which names it answers under. */
  readonly host: string
  /** Public address, when there is one. */
  readonly publicUrl?: string | undefined
  /** Where uploads rest until they are imported. */
  readonly uploads: string
  /** Built pages; default `dist` of this program. */
  readonly dist?: string
  /** What pages of other applications that show the panel need; without it there are none. */
  readonly hosts?: HostsEnv | undefined
  /** What the receiver of webhooks needs; without it there is none. */
  readonly webhooks?: WebhooksEnv | undefined
  /** The streams of open panels; without them there are none. */
  readonly events?: EventStreams | undefined
  /** Who may sign in and grant access, and the address people reach this server at; without it everything is open. */
  readonly signIn?: (OAuthEnv & Pick<AuthEnv, 'state'> & { readonly origin: () => string }) | undefined
  /** False while the stores are closing. */
  readonly ready: () => boolean
}

/**
 * The HTTP side of the product: the panel API under `/api/v1`, the page at `/`, the widget under `/widget`, the page that other
 * applications frame at `/embed`, the console at `/console/`, signing in at `/sign-in/`.
 *
 * - `GET /healthz` → 200 `{"status":"ok"}` while the process lives
 * - `GET /readyz` → 200 `{"status":"ready"}` once stores are open and migrated, else 503
 */
export function createHttp(services: Services, options: HttpOptions): Express {
  const { log, dist = DIST, hosts } = options
  const embed = hosts && embedding(services, hosts, dist, log)
  const app = express()
  app.disable('x-powered-by')
  app.use(requestId, securityHeaders)
  app.get('/healthz', (_request, response) => status(response, 200, 'ok'))
  app.get('/readyz', (_request, response) => {
    if (options.ready()) status(response, 200, 'ready')
    else status(response, 503, 'stopping')
  })
  // Signed, and maybe forwarded under any name: who sends is proven by more than the Host.
  if (options.webhooks) app.use('/webhooks', bodyDeadline, webhookRoutes(options.webhooks))
  app.use(hostGuard(options.host, publicHost(options.publicUrl)), bodyDeadline)
  app.use('/api/v1', rateLimit())
  // Its requests are signed, which proves more than where they come from.
  if (embed) app.use('/api/v1/hubspot', embed.hubspot)
  app.use('/api/v1', writeGuard)
  if (embed) app.use('/api/v1', embed.gate).use('/api/v1/embed', embed.routes).get('/embed', embed.page)
  const { signIn } = options
  if (signIn) {
    const auth = new Auth({ state: signIn.state, host: options.host, publicUrl: options.publicUrl })
    app.use('/api/v1', auth.gate, signInRoutes(signIn.state, auth))
    app.get('/api/v1/oauth', oauthList(signIn)).get('/api/v1/workspaces', ownWorkspaces(services))
    app.use('/oauth', rateLimit(), oauthRoutes(signIn, { auth, origin: signIn.origin, log }))
    app.get(['/', '/index.html', '/console{/*rest}'], auth.pageGate)
  }
  if (options.events) app.get('/api/v1/events', options.events.handle)
  app.get('/api/v1/compare', compareRoute(services)).get('/api/v1/audit', auditRoute(services))
  app.use(
    '/api/v1',
    readRoutes(services),
    writeRoutes(services, options.uploads),
    connectionRoutes(services),
    correctionRoutes(services),
    costRoutes(services),
    budgetRoutes(services),
    customerRoutes(services),
    dataDrivenRoutes(services),
    governanceRoutes(services),
    explainRoutes(services),
  )
  app.use('/widget', pages(join(dist, 'widget')))
  app.use('/', pages(join(dist, 'page')))
  for (const handler of problemHandlers(log)) app.use(handler)
  return app
}

function status(response: Response, code: number, text: string): void {
  response.status(code).set('cache-control', 'no-store').json({ status: text })
}

function publicHost(url: string | undefined): string | undefined {
  return url && URL.canParse(url) ? new URL(url).host : undefined
}
