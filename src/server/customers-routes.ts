import { type RequestHandler, Router } from 'express'
import type { z } from 'zod'
import { Cohorts, Customers } from '../api/customers.ts'
import { Delivery } from '../api/delivery.ts'
import { Funnel, LostLeads } from '../api/funnel.ts'
import { Influence } from '../api/influence.ts'
import type { CustomerAnswers } from './customers-answers.ts'
import { parse } from './parse.ts'
import { REQUESTS, type RequestOf } from './requests.ts'
import { query, sendJson } from './routes.ts'
import { QUIET, type Services } from './services.ts'

/**
 * Funnels, customers, influence and delivery of the panel API. All take `workspace` and `locale`; periods are local days,
 * half-open; `by` is a dimension of the report other than month.
 *
 * - `GET /funnel?by&reading&model&from&to` → Funnel; `reading`: cohort (default) or period; without `by` the whole only
 * - `GET /funnel/lost?by&key&model&from&to&offset&limit` → LostLeads, the leads behind the lead loss, paged
 * - `GET /customers?by&model&revenue_basis&compare&from&to` → Customers; `compare`: period (default), week, month, quarter, year
 * - `GET /cohorts?by&key&model&revenue_basis&months&from&to` → Cohorts of every customer, or of one group
 * - `GET /influence?by&revenue_basis&from&to` → Influence; by campaign unless asked otherwise
 * - `GET /delivery?by&model&from&to` → Delivery
 *
 * Errors: Problem; 400 `bad_request`; 404 `unknown_group`, `unknown_workspace`.
 */
export function customerRoutes(services: Services): Router {
  const router = Router()
  const read = <Name extends keyof CustomerAnswers>(
    name: Name,
    schema: z.ZodType<CustomerAnswers[Name]>,
  ): RequestHandler => {
    return async (request, response) => {
      const ask = parse(REQUESTS[name], query(request)) as RequestOf<Name>
      sendJson(response, schema, await services[name](ask, QUIET))
    }
  }
  router.get('/funnel', read('funnel', Funnel))
  router.get('/funnel/lost', read('lost_leads', LostLeads))
  router.get('/customers', read('customers', Customers))
  router.get('/cohorts', read('cohorts', Cohorts))
  router.get('/influence', read('influence', Influence))
  router.get('/delivery', read('delivery', Delivery))
  return router
}
