import { type Request, type RequestHandler, type Response, Router } from 'express'
import { z } from 'zod'
import { ReportWithManifest } from '../api/governance.ts'
import { Drill, Finding, Panel, RecordView, Workspaces } from '../api.ts'
import type { Viewer } from '../metrics/record.ts'
import { parse } from './parse.ts'
import { localeOf } from './problems.ts'
import { REQUESTS, type RequestOf } from './requests.ts'
import { type Answers, type Feedback, QUIET, type Services } from './services.ts'

type Reads = 'workspaces' | 'panel' | 'report' | 'drill' | 'quality'

/**
 * The reads of the panel API. Every query is parsed, every answer is checked against its schema of src/api.ts before it
 * is sent. All take `workspace` and `locale`; periods are local days, half-open.
 *
 * - `GET /workspaces` → Workspaces
 * - `GET /panel?by&from&to` → Panel, all rule models in one answer
 * - `GET /report?by&model&from&to&date_basis&interval&seed&manifest` → ReportWithManifest; with `manifest=true` what it was made
 *   from; `interval` = resamples of 95 % intervals under a data-driven model, at most 1,000
 * - `GET /drill?by&key&model&from&to&offset&limit` → Drill, won deals behind a row, paged
 * - `GET /quality` → Finding[]
 * - `GET /record?type&id&source&model` → RecordView, one deal, contact, account or campaign; `id` is the source's
 * - `GET /templates/:type` → CSV with header and two example rows
 *
 * Errors: Problem; 400 for a query that is not valid, 404 for an unknown workspace or group, 409 `not_enough_data` for a
 * data-driven model below the floor.
 */
export function readRoutes(services: Services): Router {
  const router = Router()
  const read = <Name extends Reads>(name: Name, schema: z.ZodType<Answers[Name]>): RequestHandler => {
    return async (request, response) => {
      const ask = parse(REQUESTS[name], query(request)) as RequestOf<Name>
      sendJson(response, schema, await services[name](ask, untilGone(response)))
    }
  }
  router.get('/workspaces', read('workspaces', Workspaces))
  router.get('/panel', read('panel', Panel))
  router.get('/report', read('report', ReportWithManifest))
  router.get('/drill', read('drill', Drill))
  router.get('/quality', read('quality', z.array(Finding)))
  router.get('/record', async (request, response) => {
    const { embed } = response.locals as { embed?: { readonly viewer?: Viewer } }
    const ask = parse(REQUESTS.record, { ...query(request), ...(embed?.viewer && { viewer: embed.viewer }) })
    sendJson(response, RecordView, await services.record(ask, QUIET))
  })
  router.get('/templates/:type', async (request, response) => {
    const ask = parse(REQUESTS.template, { ...query(request), type: request.params.type })
    const text = await services.template(ask, QUIET)
    response.set('cache-control', 'no-cache').type('text/csv').attachment(`${ask.type}.csv`)
    // Spreadsheets take a file without the mark for the encoding of their own country.
    response.send(`\uFEFF${text}`)
  })
  return router
}

/** Parameters of a request; an empty one counts as left out. The language falls back to the browser's. */
export function query(request: Request): Record<string, unknown> {
  const given = Object.entries(request.query).filter(([, value]) => value !== '')
  const locale = localeOf(request)
  return { ...(locale && { locale }), ...Object.fromEntries(given) }
}

/** For commands that end when the client goes away. */
export function untilGone(response: Response): Feedback {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  return { ...QUIET, signal: gone.signal }
}

/** Sends what the schema lets through; anything else is our own mistake and becomes a 500. */
export function sendJson<T>(response: Response, schema: z.ZodType<T>, answer: unknown): void {
  response.set('cache-control', 'no-cache').json(schema.parse(answer))
}
