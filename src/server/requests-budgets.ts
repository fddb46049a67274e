import { z } from 'zod'
import { CUTS } from '../metrics/budget/period.ts'
import { SLICE_NAMES } from '../metrics/budget/slices.ts'
import { reason } from './requests-costs.ts'
import { key, ordered, page, period, scope } from './requests-parts.ts'

/** What may be asked about campaigns, budgets and alerts, and what people may enter. */

const id = z.string().min(1).max(512)
const source = z.string().min(1).max(200).exactOptional()
const flag = z.union([z.boolean(), z.stringbool()])
const name = z.string().min(1).max(200).exactOptional()
/** Absent stays, null takes away what a person said. What it may be is said by the store that keeps it. */
const text = z.string().max(200).nullable().exactOptional()
const yesNo = z.boolean().nullable().exactOptional()

const campaignFields = {
  type: text,
  paid: yesNo,
  tier: text,
  brand: yesNo,
  /** Id of a campaign at its source. */
  parent: text,
  parent_source: source,
  start_date: text,
  end_date: text,
  budget: text,
  currency: text,
  target_leads: z.number().nullable().exactOptional(),
  target_revenue: text,
  owner: text,
  region: text,
  product_line: text,
  department: text,
  project: text,
  name: text,
  channel: text,
  utm_campaign: text,
}
const budgetFields = {
  amount: text,
  currency: text,
  period: text,
  department: text,
  /** Id of a campaign at its source. */
  campaign: text,
  campaign_source: source,
  project: text,
  channel: text,
  tier: text,
  class: text,
  note: z.string().max(2000).nullable().exactOptional(),
}
const listed = <T extends z.ZodType>(item: T) =>
  z.preprocess((value) => (typeof value === 'string' ? value.split(',') : value), z.array(item).min(1).max(10))

export const BUDGET_REQUESTS = {
  campaigns: ordered(
    z.object({
      ...scope,
      ...period,
      ...page,
      search: name,
      source,
      /** Id of a campaign: those below it, at any depth. */
      under: key.exactOptional(),
      under_source: source,
      top: flag.default(false),
    }),
  ),
  campaign: ordered(z.object({ ...scope, ...period, id, source })),
  add_campaign: z.object({ ...scope, ...campaignFields, id, name: z.string().min(1).max(200) }),
  set_campaign: z.object({ ...scope, ...campaignFields, id, source, reason }),
  /** Of a campaign people made: the campaign; of another: all that people said of it. */
  remove_campaign: z.object({ ...scope, id, source, reason }),
  budgets: ordered(
    z.object({
      ...scope,
      ...period,
      /** Those whose days are over as well. */
      ended: flag.default(false),
    }),
  ),
  budget_history: z.object({ ...scope, id }),
  add_budget: z.object({ ...scope, ...budgetFields, amount: z.string().max(40), period: z.string().max(40) }),
  edit_budget: z.object({ ...scope, ...budgetFields, id, reason }),
  remove_budget: z.object({ ...scope, id, reason }),
  /** Absent days = the fiscal year of today. */
  budget_shares: ordered(z.object({ ...scope, ...period })),
  budget_slices: ordered(
    z.object({
      ...scope,
      ...period,
      cut: z.enum(CUTS).default('month'),
      by: listed(z.enum(SLICE_NAMES)).default([...SLICE_NAMES]),
    }),
  ),
  alerts: z.object({
    ...scope,
    /** Those that are over as well. */
    ended: flag.default(false),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  }),
  acknowledge_alert: z.object({ ...scope, id, note: z.string().trim().min(1).max(500).exactOptional() }),
} as const
