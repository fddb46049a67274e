import type { Cohorts, Customers } from '../api/customers.ts'
import type { Delivery } from '../api/delivery.ts'
import type { Funnel, LostLeads } from '../api/funnel.ts'
import type { Influence } from '../api/influence.ts'

/** What the commands about funnels, customers, influence and delivery answer. */
export interface CustomerAnswers {
  readonly funnel: Funnel
  readonly lost_leads: LostLeads
  readonly customers: Customers
  readonly cohorts: Cohorts
  readonly influence: Influence
  readonly delivery: Delivery
}
