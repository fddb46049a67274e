import { join } from 'node:path'
import express, { type Express, type Response } from 'express'
import type { Log } from '../log.ts'
import { connectionRoutes } from './connection-routes.ts'
import { bodyDeadline, rateLimit } from './limits.ts'
import { DIST, pages } from './pages.ts'
import { problemHandlers, requestId } from './problems.ts'
import { readRoutes } from './routes.ts'
import { hostGuard, securityHeaders, writeGuard } from './security.ts'
import type { Services } from './services.ts'
import { writeRoutes } from './uploads.ts'

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
  /** False while the stores are closing. */
  readonly ready: () => boolean
}

/**
 * The HTTP side of the product: the panel API under `/api/v1`, the page at `/`, the widget under `/widget`.
 *
 * - `GET /healthz` → 200 `{"status":"ok"}` while the process lives
 * - `GET /readyz` → 200 `{"status":"ready"}` once stores are open and migrated, else 503
 */
export function createHttp(services: Services, options: HttpOptions): Express {
  const { log, dist = DIST } = options
  const app = express()
  app.disable('x-powered-by')
  app.use(requestId, securityHeaders)
  app.get('/healthz', (_request, response) => status(response, 200, 'ok'))
  app.get('/readyz', (_request, response) => {
    if (options.ready()) status(response, 200, 'ready')
    else status(response, 503, 'stopping')
  })
  app.use(hostGuard(options.host, publicHost(options.publicUrl)), bodyDeadline)
  app.use('/api/v1', rateLimit(), writeGuard)
  app.use('/api/v1', readRoutes(services), writeRoutes(services, options.uploads), connectionRoutes(services))
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
