import { Router } from 'express'
import { CostChecklist, CostHistory, CostRow, Costs, ExchangeRate, ExchangeRates, SharedCosts } from '../api/costs.ts'
import { entryHandlers } from './entry-routes.ts'
import type { Services } from './services.ts'

/**
 * The cost ledger and exchange rates of the panel API. All take `workspace` and `locale` in the query; periods are local days,
 * half-open. What a DELETE takes may stand in the query or in a JSON body.
 *
 * - `GET /costs?from&to&campaign&campaign_source&below&channel&category&state&source&offset&limit` → Costs
 * - `POST /costs` `{date, amount, currency?, category, state?, campaign?, campaign_source?, channel?, vendor?, note?}` → CostRow;
 *   `campaign` is an id, or `shared` for a cost of no campaign and no channel
 * - `PATCH /costs/:id` any of these and `reason` → CostRow; null takes a field away; a state goes back only with a reason
 * - `DELETE /costs/:id?reason=` → CostRow as it was; it stays in the trail
 * - `GET /costs/:id/history?source` → CostHistory
 * - `GET /costs/checklist?from&to` → CostChecklist, by default of the last whole month
 * - `POST /costs/dismissals` `{category, from?, to?, reason}`, `DELETE /costs/dismissals?category&from&to` → CostChecklist
 * - `GET /costs/shared?from&to&offset&limit` → SharedCosts; `POST /costs/shared/preview` `{rules, from?, to?}` → SharedCosts as they
 *   would be under other rules, nothing is saved
 * - `GET /rates?currency&offset&limit` → ExchangeRates
 * - `POST /rates` `{date, from, to, rate, reason?}` → ExchangeRate; `DELETE /rates?date&from&to&reason` → ExchangeRate as it was
 *
 * Errors: Problem; 400 `bad_request`, `bad_entry`, `bad_setting`, `place_needed`, `reason_needed`, `not_by_hand`, `nothing_to_change`,
 * `ambiguous_campaign`; 404 `unknown_cost`, `unknown_campaign`, `unknown_rate`, `unknown_workspace`; 413 `body_too_large`.
 */
export function costRoutes(services: Services): Router {
  const router = Router()
  const { read, remove, write } = entryHandlers(services)
  router.get('/costs', read('costs', Costs))
  router.post('/costs', write('add_cost', CostRow))
  router.get('/costs/checklist', read('cost_checklist', CostChecklist))
  router.post('/costs/dismissals', write('dismiss_cost', CostChecklist))
  router.delete('/costs/dismissals', remove('recall_cost', CostChecklist))
  router.get('/costs/shared', read('shared_costs', SharedCosts))
  router.post('/costs/shared/preview', write('preview_shared_costs', SharedCosts))
  router.get('/costs/:id/history', read('cost_history', CostHistory))
  router.patch('/costs/:id', write('edit_cost', CostRow))
  router.delete('/costs/:id', remove('remove_cost', CostRow))
  router.get('/rates', read('rates', ExchangeRates))
  router.post('/rates', write('set_rate', ExchangeRate))
  router.delete('/rates', remove('remove_rate', ExchangeRate))
  return router
}
