import { z } from 'zod'
import { Money, Reason } from '../api.ts'
import { RULE_MODELS } from '../model/rule-models.ts'
import { CampaignName, TrailEntry } from './costs.ts'

/** The campaign record (F22), its hierarchy (F126) and its targets (F100). Money is in the workspace's currency. */
const Day = z.iso.date()

/** What a campaign, or a campaign with all below it, has cost and brought. */
export const CampaignFigures = z.object({
  /** Campaigns it is the sum of. */
  campaigns: z.number(),
  /** Null where none has one. */
  budget: Money.nullable(),
  planned: Money,
  committed: Money,
  /** M1: actual and paid. */
  actual: Money,
  /** Cost rows left out because no rate is known. */
  fx_missing: z.number(),
  /** M22, percent. */
  use: z.number().nullable(),
  leads: z.number(),
  target_leads: z.number().nullable(),
  /** Percent of the target. */
  leads_met: z.number().nullable(),
  revenue: Money,
  target_revenue: Money.nullable(),
  revenue_met: z.number().nullable(),
  reasons: z.partialRecord(z.enum(['budget', 'use', 'leads_met', 'revenue_met']), Reason),
})
export type CampaignFigures = z.infer<typeof CampaignFigures>

export const CampaignRow = z.object({
  source: z.string(),
  id: z.string(),
  name: z.string(),
  type: z.string().nullable(),
  channel: z.string().nullable(),
  paid: z.boolean().nullable(),
  tier: z.string().nullable(),
  /** True: brand, false: performance. */
  brand: z.boolean().nullable(),
  start_date: Day.nullable(),
  /** The last day inside. */
  end_date: Day.nullable(),
  owner: z.string().nullable(),
  region: z.string().nullable(),
  product_line: z.string().nullable(),
  department: z.string().nullable(),
  project: z.string(),
  utm_campaign: z.string().nullable(),
  parent: CampaignName.nullable(),
  /** `unknown_parent`: its parent is not in the data. `cycle`: it is its own ancestor. */
  problem: z.enum(['unknown_parent', 'cycle']).nullable(),
  /** Campaigns right below it. */
  children: z.number(),
  /** Budget and target as they were entered. */
  own: z.object({ currency: z.string().nullable(), budget: Money.nullable(), target_revenue: Money.nullable() }),
  /** Fields that a person filled. */
  filled: z.array(z.string()),
  /** The campaign alone, and with all below it: each cost and each credit once. */
  figures: CampaignFigures,
  whole: CampaignFigures,
})
export type CampaignRow = z.infer<typeof CampaignRow>

/** `campaigns --json`, `GET /api/v1/campaigns`: by name, paged. */
export const Campaigns = z.object({
  currency: z.string(),
  model: z.enum(RULE_MODELS),
  from: Day.nullable(),
  to: Day.nullable(),
  rows: z.array(CampaignRow),
  count: z.number(),
  /** Of all that match: each cost and credit once. */
  total: CampaignFigures,
  next: z.number().nullable(),
})
export type Campaigns = z.infer<typeof Campaigns>

/** `campaigns show`, `GET /api/v1/campaigns/:id`. */
export const CampaignRecord = z.object({
  currency: z.string(),
  model: z.enum(RULE_MODELS),
  from: Day.nullable(),
  to: Day.nullable(),
  campaign: CampaignRow,
  /** What people filled, with what the source says itself. */
  fields: z.array(
    z.object({
      field: z.string(),
      value: z.string(),
      /** What stands there without the person; null = nothing. */
      source_value: z.string().nullable(),
      at: z.iso.datetime(),
      by: z.string().nullable(),
    }),
  ),
  children: z.array(CampaignRow),
  trail: z.array(TrailEntry),
})
export type CampaignRecord = z.infer<typeof CampaignRecord>
