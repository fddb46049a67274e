import express, { Router } from 'express'
import { Corrected, Corrections } from '../api/corrections.ts'
import { parse } from './parse.ts'
import { REQUESTS } from './requests.ts'
import { query, sendJson } from './routes.ts'
import { QUIET, type Services } from './services.ts'

/** A correction is a few texts. */
const MAX_BODY = '16kb'

/**
 * Corrected touches of the panel API. All take `workspace` and `locale` in the query.
 *
 * - `GET /corrections?all=true` → Corrections; without `all` those that hold
 * - `POST /corrections` `{touch, source?, leave_out?, channel?, campaign?, campaign_source?, reason}` → Corrected: either
 *   `leave_out: true`, or a channel or campaign to move the touch to. One that held for the touch until then is revoked
 * - `DELETE /corrections/:id` → Corrected, as it is once it is revoked
 *
 * Errors: Problem; 400 `bad_request`, `bad_correction`, `ambiguous_touch`, `ambiguous_campaign`, `correction_revoked`; 404
 * `unknown_touch`, `unknown_channel`, `unknown_campaign`, `unknown_correction`, `unknown_workspace`; 413 `body_too_large`.
 */
export function correctionRoutes(services: Services): Router {
  const router = Router()
  router.get('/corrections', async (request, response) => {
    const ask = parse(REQUESTS.corrections, query(request))
    sendJson(response, Corrections, await services.corrections(ask, QUIET))
  })
  router.post('/corrections', express.json({ limit: MAX_BODY, inflate: false }), async (request, response) => {
    const body: unknown = request.body
    const given = typeof body === 'object' && body !== null ? body : {}
    const ask = parse(REQUESTS.correct, { ...given, ...query(request) })
    sendJson(response, Corrected, await services.correct(ask, QUIET))
  })
  router.delete('/corrections/:id', async (request, response) => {
    const ask = parse(REQUESTS.revoke_correction, { ...query(request), id: request.params.id })
    sendJson(response, Corrected, await services.revoke_correction(ask, QUIET))
  })
  return router
}
