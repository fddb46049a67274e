import { type RequestHandler, Router } from 'express'
import type { z } from 'zod'
import { Attribution } from '../api/data-driven.ts'
import { ModelView } from '../api.ts'
import type { DataDrivenAnswers } from './data-driven-services.ts'
import { parse } from './parse.ts'
import { REQUESTS, type RequestOf } from './requests.ts'
import { query, sendJson, untilGone } from './routes.ts'
import type { Services } from './services.ts'

/**
 * Data-driven models of the panel API. All take `workspace` and `locale`; periods are local days, half-open; `seed` is that of
 * everything drawn, 1 unless given.
 *
 * - `GET /panel/model?model&by&from&to&date_basis&revenue_basis&where&segment&seed` → ModelView: what `GET /panel` holds for
 *   each rule model, under any one
 * - `GET /attribution?model&from&to&date_basis&interval&seed` → Attribution: which models the period has the data for, and
 *   what the data-driven ones credit to each channel; `interval` = resamples of 95 % intervals, at most 1,000
 *
 * Errors: Problem; 400 `bad_request`; 404 `unknown_workspace`, `unknown_segment`; 409 `not_enough_data` below the floor.
 */
export function dataDrivenRoutes(services: Services): Router {
  const router = Router()
  const read = <Name extends keyof DataDrivenAnswers>(
    name: Name,
    schema: z.ZodType<DataDrivenAnswers[Name]>,
  ): RequestHandler => {
    return async (request, response) => {
      const ask = parse(REQUESTS[name], query(request)) as RequestOf<Name>
      sendJson(response, schema, await services[name](ask, untilGone(response)))
    }
  }
  router.get('/panel/model', read('panel_model', ModelView))
  router.get('/attribution', read('attribution', Attribution))
  return router
}
