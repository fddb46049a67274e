import { z } from 'zod'
import { Money, Reason } from '../api.ts'
import { CampaignName, TrailEntry } from './costs.ts'

/**
 * Budgets against spend (F26-F29, F31). Money is in the workspace's currency unless one stands beside it: budgets convert
 * at their first day, costs at theirs. Percentages and shares are not rounded.
 */
const Day = z.iso.date()

/** One budget with its spend: entered by people, or a campaign's own. */
export const BudgetLine = z.object({
  /** `bud_…`; `campaign/SOURCE/ID` for a campaign's own budget. */
  id: z.string(),
  kind: z.enum(['entered', 'campaign']),
  /** What it is for, in words. */
  label: z.string(),
  /** First day inside and first day outside; null = the campaign has none. */
  from: Day.nullable(),
  to: Day.nullable(),
  /** As it was entered, such as `2026-Q1`. */
  period: z.string().nullable(),
  department: z.string().nullable(),
  campaign: CampaignName.nullable(),
  project: z.string().nullable(),
  channel: z.string().nullable(),
  tier: z.string().nullable(),
  class: z.string().nullable(),
  note: z.string().nullable(),
  own: z.object({ amount: Money, currency: z.string() }),
  /** Null where no rate is known. */
  amount: Money.nullable(),
  /** The budget it is a share of; only budgets of none add up. */
  within: z.string().nullable(),
  planned: Money,
  committed: Money,
  /** Actual and paid. */
  actual: Money,
  /** Budget less actual. */
  left: Money.nullable(),
  /** Cost rows left out because no rate is known. */
  fx_missing: z.number(),
  /** M22, percent. */
  use: z.number().nullable(),
  /** Part of its days that is over, 0 to 1; today is not. */
  elapsed: z.number().nullable(),
  /** M22: use / elapsed. */
  pacing: z.number().nullable(),
  /** M23. */
  forecast: Money.nullable(),
  /** What the forecast goes by: days, or the budgets of parts of its days. */
  plan: z.enum(['days', 'budgets']),
  /** How much the forecast is above the budget; null where it is not. */
  over: Money.nullable(),
  /** When it is used up: `past` by what was spent, else at the present pace; null = not in its days. */
  used_up: z.object({ day: Day, past: z.boolean() }).nullable(),
  reasons: z.partialRecord(z.enum(['amount', 'left', 'use', 'elapsed', 'pacing', 'forecast']), Reason),
})
export type BudgetLine = z.infer<typeof BudgetLine>

/** `budgets --json`, `GET /api/v1/budgets`. */
export const Budgets = z.object({
  currency: z.string(),
  today: Day,
  rows: z.array(BudgetLine),
  total: z.object({
    /** Of the budgets that are a share of no other. */
    amount: Money,
    planned: Money,
    committed: Money,
    /** Spend that a budget covers, each cost once. */
    actual: Money,
    use: z.number().nullable(),
    reasons: z.partialRecord(z.enum(['use']), Reason),
  }),
  /** Budgets and cost rows left out because no rate is known. */
  fx_missing: z.object({ budgets: z.number(), costs: z.number() }),
})
export type Budgets = z.infer<typeof Budgets>

/** `budgets history`, `GET /api/v1/budgets/:id/history`. */
export const BudgetHistory = z.object({ id: z.string(), trail: z.array(TrailEntry) })
export type BudgetHistory = z.infer<typeof BudgetHistory>

/** Two bars: how the plan and how the spend of some days are shared. */
export const ShareBars = z.object({
  parts: z.array(
    z.object({
      key: z.string(),
      label: z.string(),
      /** Percent it should be. */
      target: z.number(),
      planned: Money,
      planned_share: z.number().nullable(),
      /** Further from the target than the tolerance. */
      planned_off: z.boolean(),
      actual: Money,
      actual_share: z.number().nullable(),
      actual_off: z.boolean(),
      reasons: z.partialRecord(z.enum(['planned_share', 'actual_share']), Reason),
    }),
  ),
  /** What names no part: outside the shares. */
  without: z.object({ planned: Money, actual: Money }),
})
export type ShareBars = z.infer<typeof ShareBars>

/** `budgets shares`, `GET /api/v1/budgets/shares` (F26, F27). */
export const BudgetShares = z.object({
  currency: z.string(),
  from: Day,
  to: Day,
  /** Percentage points. */
  tolerance: z.number(),
  tier: ShareBars,
  class: ShareBars,
})
export type BudgetShares = z.infer<typeof BudgetShares>

const Spend = z.object({ planned: Money, committed: Money, actual: Money, fx_missing: z.number() })

/** `budgets slices`, `GET /api/v1/budgets/slices` (F31). */
export const BudgetSlices = z.object({
  currency: z.string(),
  from: Day,
  to: Day,
  cut: z.enum(['month', 'quarter', 'year']),
  by: z.array(z.enum(['department', 'project', 'period'])),
  rows: z.array(
    Spend.extend({
      /** Null where it is not asked for; `(none)` where the money names none. */
      department: z.string().nullable(),
      project: z.string().nullable(),
      period: z.string().nullable(),
      /** Share of the budgets for these days, below 0 where budgets inside another are more than it; null where none reaches. */
      budget: Money.nullable(),
      use: z.number().nullable(),
      reasons: z.partialRecord(z.enum(['use']), Reason),
    }),
  ),
  total: Spend.extend({ budget: Money }),
  /** The same spend in one sum of the ledger. */
  ledger: Spend,
  /** The slices add up to it. */
  ok: z.boolean(),
})
export type BudgetSlices = z.infer<typeof BudgetSlices>

/** A threshold that was crossed, once per crossing (F29). */
export const AlertRow = z.object({
  /** `alr_…` */
  id: z.string(),
  rule: z.string(),
  /** The budget it is about. */
  budget: z.object({ id: z.string(), label: z.string() }),
  message: z.string(),
  /** Percent for use, ratio for pacing. */
  value: z.number(),
  threshold: z.number(),
  /** Money at stake. */
  money: Money,
  currency: z.string(),
  began_at: z.iso.datetime(),
  /** Null while it lasts. */
  ended_at: z.iso.datetime().nullable(),
  acknowledged: z.object({ at: z.iso.datetime(), by: z.string().nullable(), note: z.string().nullable() }).nullable(),
})
export type AlertRow = z.infer<typeof AlertRow>

/** `alerts --json`, `GET /api/v1/alerts`. */
export const Alerts = z.object({
  /** At most five that last and nobody acknowledged, most money first; the highest of a budget stands for the lower. */
  top: z.array(AlertRow),
  /** All that were asked for, newest first. */
  rows: z.array(AlertRow),
})
export type Alerts = z.infer<typeof Alerts>
