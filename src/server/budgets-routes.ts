import { Router } from 'express'
import { AlertRow, Alerts, BudgetHistory, BudgetLine, BudgetShares, BudgetSlices, Budgets } from '../api/budgets.ts'
import { CampaignRecord, Campaigns } from '../api/campaigns.ts'
import { entryHandlers } from './entry-routes.ts'
import type { Services } from './services.ts'

/**
 * Campaign records, budgets and their alerts of the panel API. All take `workspace` and `locale` in the query; periods are
 * local days, half-open. What a DELETE takes may stand in the query or in a JSON body.
 *
 * - `GET /campaigns?search&source&under&under_source&top&from&to&offset&limit` → Campaigns; `under`: below that campaign
 * - `GET /campaigns/:id?source&from&to` → CampaignRecord with those below it, what people filled and the trail
 * - `POST /campaigns` `{id, name, …}` → CampaignRecord of a new one
 * - `PATCH /campaigns/:id` `{source?, type?, paid?, tier?, brand?, parent?, parent_source?, start_date?, end_date?, budget?,
 *   currency?, target_leads?, target_revenue?, owner?, region?, product_line?, department?, project?, reason?}` → CampaignRecord; of
 *   a campaign of another source only what is filled stands in place of the source's own, null gives it back
 * - `DELETE /campaigns/:id?source&reason` → CampaignRecord as it was: a campaign made here goes, of others what was filled
 * - `GET /budgets?from&to&ended` → Budgets
 * - `POST /budgets` `{amount, currency?, period, department?, campaign?, campaign_source?, project?, channel?, tier?, class?,
 *   note?}` → BudgetLine; `period` is `2026-03`, `2026-Q1`, `2026` or `2026-03-01..2026-04-15`
 * - `PATCH /budgets/:id` any of these and `reason` → BudgetLine; `DELETE /budgets/:id?reason` → BudgetLine as it was
 * - `GET /budgets/:id/history` → BudgetHistory
 * - `GET /budgets/shares?from&to` → BudgetShares; `GET /budgets/slices?from&to&cut&by` → BudgetSlices; by default the fiscal year
 * - `GET /alerts?ended&limit` → Alerts; `POST /alerts/:id/ack` `{note?}` → AlertRow
 *
 * Errors: Problem; 400 `bad_request`, `bad_entry`, `reason_needed`, `nothing_to_change`, `campaign_exists`, `campaign_cycle`,
 * `two_currencies`, `field_of_source`, `nothing_said`, `ambiguous_campaign`; 404 `unknown_campaign`, `unknown_budget`,
 * `unknown_alert`, `unknown_workspace`; 413 `body_too_large`.
 */
export function budgetRoutes(services: Services): Router {
  const router = Router()
  const { read, remove, write } = entryHandlers(services)
  router.get('/campaigns', read('campaigns', Campaigns))
  router.post('/campaigns', write('add_campaign', CampaignRecord))
  router.get('/campaigns/:id', read('campaign', CampaignRecord))
  router.patch('/campaigns/:id', write('set_campaign', CampaignRecord))
  router.delete('/campaigns/:id', remove('remove_campaign', CampaignRecord))
  router.get('/budgets', read('budgets', Budgets))
  router.post('/budgets', write('add_budget', BudgetLine))
  router.get('/budgets/shares', read('budget_shares', BudgetShares))
  router.get('/budgets/slices', read('budget_slices', BudgetSlices))
  router.get('/budgets/:id/history', read('budget_history', BudgetHistory))
  router.patch('/budgets/:id', write('edit_budget', BudgetLine))
  router.delete('/budgets/:id', remove('remove_budget', BudgetLine))
  router.get('/alerts', read('alerts', Alerts))
  router.post('/alerts/:id/ack', write('acknowledge_alert', AlertRow))
  return router
}
