import { z } from 'zod'
import { CostState } from '../api/costs.ts'
import { day, key, ordered, page, period, scope } from './requests-parts.ts'

/** What may be asked about the cost ledger and exchange rates, and what people may enter. */

const id = z.string().min(1).max(512)
const source = z.string().min(1).max(200).exactOptional()
const name = z.string().min(1).max(200)
/** Why somebody does it: kept in the trail. */
export const reason = z.string().trim().min(1).max(500).exactOptional()
const filter = {
  ...scope,
  ...period,
  ...page,
}

/** Fields of a cost. What they may be is said by the store that keeps them. */
const cost = {
  date: z.string().max(40),
  amount: z.string().max(40),
  /** Absent = the workspace's. */
  currency: z.string().max(10).exactOptional(),
  category: name,
  state: z.string().max(40).exactOptional(),
  /** Id of a campaign at its source; `shared` = of no campaign and no channel. */
  campaign: key.exactOptional(),
  /** Where several sources have a campaign of this id. */
  campaign_source: source,
  channel: name.exactOptional(),
  vendor: name.exactOptional(),
  note: z.string().max(2000).exactOptional(),
}
const text = z.string().max(2000).nullable().exactOptional()

export const COST_REQUESTS = {
  costs: ordered(
    z.object({
      ...filter,
      campaign: key.exactOptional(),
      campaign_source: source,
      /** Those of campaigns below it as well. */
      below: z.union([z.boolean(), z.stringbool()]).default(false),
      /** Key; `(shared)` = of none. */
      channel: name.exactOptional(),
      category: name.exactOptional(),
      state: CostState.exactOptional(),
      source,
    }),
  ),
  cost_history: z.object({ ...scope, id, source }),
  add_cost: z.object({ ...scope, ...cost }),
  edit_cost: z.object({
    ...scope,
    id,
    /** Absent stays, null takes away. */
    date: text,
    amount: text,
    currency: text,
    category: text,
    state: text,
    campaign: text,
    campaign_source: source,
    channel: text,
    vendor: text,
    note: text,
    reason,
  }),
  remove_cost: z.object({ ...scope, id, reason }),
  /** Absent days = the last whole month. */
  cost_checklist: ordered(z.object({ ...scope, ...period })),
  dismiss_cost: ordered(z.object({ ...scope, ...period, category: name, reason })),
  recall_cost: ordered(z.object({ ...scope, ...period, category: name })),
  shared_costs: ordered(z.object(filter)),
  /** `rules`: as the setting `shared_cost_rules`. */
  preview_shared_costs: ordered(z.object({ ...filter, rules: z.unknown() })),
  rates: z.object({
    ...scope,
    ...page,
    /** Either side. */
    currency: z.string().max(10).exactOptional(),
  }),
  set_rate: z.object({
    ...scope,
    date: day,
    from: z.string().max(10),
    to: z.string().max(10),
    rate: z.string().max(40),
    reason,
  }),
  remove_rate: z.object({ ...scope, date: day, from: z.string().max(10), to: z.string().max(10), reason }),
} as const
