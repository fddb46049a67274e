import { Router } from 'express'
import { CreditExplained, Dictionary, Proof } from '../api/dictionary.ts'
import { Explain } from '../api.ts'
import { entryHandlers } from './entry-routes.ts'
import type { Services } from './services.ts'

/**
 * How numbers come about. All take `workspace` and `locale`.
 *
 * - `GET /explain?metric&by&key&model&from&to&offset&limit` → Explain, a page of the rows of each input
 * - `GET /explain/proof` the same question without a page → Proof, with every row, to be computed again elsewhere
 * - `GET /explain/credit?deal&source&model` → CreditExplained, the touches of a won deal
 * - `GET /dictionary?metric` → Dictionary
 *
 * Errors: Problem; 400 `bad_request`, `unknown_metric`, `reading_not_possible`, `budget_needed`, `ambiguous_deal`,
 * `proof_too_large`, `not_enough_data`; 404 `unknown_workspace`, `unknown_group`, `unknown_deal`, `unknown_budget`, `unknown_segment`.
 */
export function explainRoutes(services: Services): Router {
  const router = Router()
  const { read } = entryHandlers(services)
  router.get('/explain', read('explain', Explain))
  router.get('/explain/proof', read('proof', Proof))
  router.get('/explain/credit', read('explain_credit', CreditExplained))
  router.get('/dictionary', read('dictionary', Dictionary))
  return router
}
