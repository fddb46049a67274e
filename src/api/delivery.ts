import { z } from 'zod'
import { Money, Reason, ReportQuery } from '../api.ts'
import { GroupBy } from './group-by.ts'

/** What was shown and clicked for the money (M24, M25). */
export const DeliveryRow = z.object({
  key: z.string(),
  label: z.string(),
  /** M1. */
  cost: Money,
  /** New leads under the model. */
  leads: z.number(),
  impressions: z.number(),
  clicks: z.number(),
  /** Percent. */
  ctr: z.number().nullable(),
  /** Spend of the costs that tell clicks, per click; of those that tell impressions, per thousand. */
  cpc: Money.nullable(),
  cpm: Money.nullable(),
  /** Impressions, and leads, per unit of currency. */
  exposure_per_cost: z.number().nullable(),
  new_users_per_cost: z.number().nullable(),
  reasons: z.partialRecord(z.enum(['ctr', 'cpc', 'cpm', 'exposure_per_cost', 'new_users_per_cost']), Reason),
})
export type DeliveryRow = z.infer<typeof DeliveryRow>

/** `delivery --json` and `GET /api/v1/delivery`. */
export const Delivery = z.object({
  query: ReportQuery.pick({ workspace: true, model: true, from: true, to: true }).extend({ by: GroupBy }),
  currency: z.string(),
  rows: z.array(DeliveryRow),
  total: DeliveryRow,
  /** Costs left out because no rate is known for their currency. */
  fx_missing: z.number(),
})
export type Delivery = z.infer<typeof Delivery>
