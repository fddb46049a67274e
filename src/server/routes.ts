import { type Request, type RequestHandler, type Response, Router } from 'express'
import { z } from 'zod'
import { Drill, Explain, Finding, Panel, RecordView, Report, Workspaces } from '../api.ts'
import { parse } from './parse.ts'
import { localeOf } from './problems.ts'
import { REQUESTS, type RequestOf } from './requests.ts'
import { type Answers, QUIET, type Services } from './services.ts'

type Reads = 'workspaces' | 'panel' | 'report' | 'drill' | 'explain' | 'quality' | 'record'

/**
 * The reads of the panel API. Every query is parsed, every answer is checked against its schema of src/api.ts before it
 * is sent. All take `workspace` and `locale`; periods are local days, half-open.
 *
 * - `GET /workspaces` → Workspaces
 * - `GET /panel?by&from&to` → Panel, all rule models in one answer
 * - `GET /report?by&model&from&to&date_basis` → Report
 * - `GET /drill?by&key&model&from&to&offset&limit` → Drill, won deals behind a row, paged
 * - `GET /explain?metric&by&key&model&from&to&offset&limit` → Explain
 * - `GET /quality` → Finding[]
 * - `GET /record?type&id&source&model` → RecordView, one deal, contact, account or campaign; `id` is the source's
 * - `GET /templates/:type` → CSV with header and two example rows
 *
 * Errors: Problem; 400 for a query that is not valid, 404 for an unknown workspace or group.
 */
export function readRoutes(services: Services): Router {
  const router = Router()
  const read = <Name extends Reads>(name: Name, schema: z.ZodType<Answers[Name]>): RequestHandler => {
    return async (request, response) => {
      const ask = parse(REQUESTS[name], query(request)) as RequestOf<Name>
      sendJson(response, schema, await services[name](ask, QUIET))
    }
  }
  router.get('/workspaces', read('workspaces', Workspaces))
  router.get('/panel', read('panel', Panel))
  router.get('/report', read('report', Report))
  router.get('/drill', read('drill', Drill))
  router.get('/explain', read('explain', Explain))
  router.get('/quality', read('quality', z.array(Finding)))
  router.get('/record', read('record', RecordView))
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

/** Sends what the schema lets through; anything else is our own mistake and becomes a 500. */
export function sendJson<T>(response: Response, schema: z.ZodType<T>, answer: unknown): void {
  response.set('cache-control', 'no-cache').json(schema.parse(answer))
}
