import { z } from 'zod'
import { Money } from '../api.ts'
import { COST_STATES } from '../model/records.ts'

/**
 * The cost ledger, what people enter into it, and its rules. Money is a decimal string in the currency beside it or, where
 * there is none beside it, in the workspace's; days are local.
 */
const Day = z.iso.date()
export const CostState = z.enum(COST_STATES)

/** Who changed what, when, and why. */
export const TrailEntry = z.object({
  at: z.iso.datetime(),
  /** `user:NAME`, `command_line`, `machine`; null = the program by itself. */
  by: z.string().nullable(),
  /** Fields that changed, from what to what; null = not there. */
  changes: z.array(z.object({ field: z.string(), before: z.string().nullable(), after: z.string().nullable() })),
  /** `imported`: the first version in a file. */
  action: z.enum(['added', 'changed', 'removed', 'imported']),
  reason: z.string().nullable(),
  /** Import that brought this version; null for what people entered and what a source was asked for. */
  import: z.string().nullable(),
})
export type TrailEntry = z.infer<typeof TrailEntry>

/** A campaign as other records name it. `name` is null for one that is only named. */
export const CampaignName = z.object({ source: z.string(), id: z.string(), name: z.string().nullable() })
export type CampaignName = z.infer<typeof CampaignName>

/** A row of the ledger. */
export const CostRow = z.object({
  /** Id at its source; `cst_…` for what people entered. */
  id: z.string(),
  source: z.string(),
  /** Entered by hand: it can be edited here. */
  editable: z.boolean(),
  date: Day,
  amount: Money,
  currency: z.string(),
  /** In the workspace's currency at that day; null where no rate is known. */
  converted: Money.nullable(),
  category: z.string(),
  state: z.string(),
  campaign: CampaignName.nullable(),
  /** Its own, else its campaign's; null = shared. */
  channel: z.string().nullable(),
  /** Neither a campaign nor a channel owns it. */
  shared: z.boolean(),
  vendor: z.string().nullable(),
  note: z.string().nullable(),
})
export type CostRow = z.infer<typeof CostRow>

/** `costs --json`, `GET /api/v1/costs`: rows of the ledger, newest first, paged; sums are over all pages. */
export const Costs = z.object({
  currency: z.string(),
  rows: z.array(CostRow),
  count: z.number(),
  /** In the workspace's currency, by state; `cost` is actual and paid together (M1). */
  sums: z.object({ planned: Money, committed: Money, actual: Money, paid: Money, cost: Money }),
  /** Rows left out of the sums because no rate is known. */
  fx_missing: z.number(),
  next: z.number().nullable(),
})
export type Costs = z.infer<typeof Costs>

/** `costs history`, `GET /api/v1/costs/:id/history`. */
export const CostHistory = z.object({
  id: z.string(),
  source: z.string(),
  /** As it is now; null once it is gone. */
  row: CostRow.nullable(),
  /** Oldest first. */
  trail: z.array(TrailEntry),
  /**
   * `all`: nothing is missing. `imports`: as far as the kept import files tell. `present`: a connected source tells how a
   * row is, not how it was.
   */
  known: z.enum(['all', 'imports', 'present']),
})
export type CostHistory = z.infer<typeof CostHistory>

/** `costs checklist`, `GET /api/v1/costs/checklist`: costs that are easily forgotten (F24). */
export const CostChecklist = z.object({
  from: Day,
  to: Day,
  items: z.array(
    z.object({
      category: z.string(),
      label: z.string(),
      /** What to ask oneself. */
      question: z.string(),
      /** Rows of any state in the period. */
      rows: z.number(),
      /** `missing`: nobody has said that there is none. */
      state: z.enum(['present', 'missing', 'dismissed']),
      dismissed: z
        .object({ at: z.iso.datetime(), by: z.string().nullable(), reason: z.string().nullable() })
        .nullable(),
    }),
  ),
  missing: z.number(),
})
export type CostChecklist = z.infer<typeof CostChecklist>

/** A shared cost and its parts: they add up to it to the last minor unit (F25). */
export const SharedCost = z.object({
  id: z.string(),
  source: z.string(),
  date: Day,
  category: z.string(),
  state: z.string(),
  /** In the workspace's currency. */
  amount: Money,
  /** Id of the rule that shares it; null = it stays shared. */
  rule: z.string().nullable(),
  parts: z.array(
    z.object({
      channel: z.string().nullable(),
      campaign: CampaignName.nullable(),
      amount: Money,
      /** Percent of the cost; null for a cost of 0. */
      share: z.number().nullable(),
    }),
  ),
})
export type SharedCost = z.infer<typeof SharedCost>

/** `costs shared`, `costs preview`: costs that no campaign and channel owns, newest first, paged. */
export const SharedCosts = z.object({
  currency: z.string(),
  rows: z.array(SharedCost),
  count: z.number(),
  /** Over all pages: what rules share, and what stays shared. */
  sums: z.object({ shared_out: Money, left: Money }),
  /** Rules of the workspace, or those of a preview, with how much each shares. */
  rules: z.array(z.object({ id: z.string(), by: z.string(), over: z.string(), costs: z.number(), amount: Money })),
  next: z.number().nullable(),
})
export type SharedCosts = z.infer<typeof SharedCosts>

/** What one unit of a currency is worth in another from a day on, until the next day that has one. */
export const ExchangeRate = z.object({
  source: z.string(),
  editable: z.boolean(),
  date: Day,
  from: z.string(),
  to: z.string(),
  rate: z.string(),
})
export type ExchangeRate = z.infer<typeof ExchangeRate>

/** `rates`, `GET /api/v1/rates`: newest first, paged. */
export const ExchangeRates = z.object({ rows: z.array(ExchangeRate), count: z.number(), next: z.number().nullable() })
export type ExchangeRates = z.infer<typeof ExchangeRates>
