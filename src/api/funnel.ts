import { z } from 'zod'
import { Money, Reason, ReportQuery } from '../api.ts'
import { GroupBy, Held } from './group-by.ts'

/** The steps of the funnel, in order. */
export const FUNNEL_STEPS = ['lead', 'mql', 'sql', 'opportunity', 'won', 'receipt'] as const

/** `cohort`: leads created in the period, followed to the end. `period`: what happened in the period. */
export const FUNNEL_READINGS = ['cohort', 'period'] as const

/** A step of the funnel (F90). */
export const FunnelStep = z.object({
  step: z.enum(FUNNEL_STEPS),
  /** `m2l`: market to lead; `l2c`: lead to cash. */
  half: z.enum(['m2l', 'l2c']),
  /**
   * Reading `cohort`: leads that reached this step or a later one, so that counts never rise: a deal may be won without an MQL.
   * Reading `period`: what entered the step in the period, people up to SQL, then deals; these may rise.
   */
  count: z.number(),
  /** Reading `cohort`: those of `count` that have a date of this step itself; null for `period`, where all have. */
  recorded: z.number().nullable(),
  /** Percent of the step before, and of the leads. Null for the first step. */
  step_rate: z.number().nullable(),
  cumulative_rate: z.number().nullable(),
  /** Median days since the step before, of what has both dates in this order. */
  median_days: z.number().nullable(),
  /** What that median rests on, and what was left out because its dates are in the wrong order. */
  spans: z.number(),
  negative_spans: z.number(),
  reasons: z.partialRecord(z.enum(['step_rate', 'cumulative_rate', 'median_days']), Reason),
})
export type FunnelStep = z.infer<typeof FunnelStep>

/** The funnel of one group, or of everything. Percentages are numbers. */
export const FunnelView = z.object({
  key: z.string(),
  label: z.string(),
  steps: z.array(FunnelStep),
  /** Between two neighbouring steps that somebody has a date of; null where nothing is lost. */
  largest_drop: z
    .object({
      from: z.enum(FUNNEL_STEPS),
      to: z.enum(FUNNEL_STEPS),
      lost: z.number(),
      /** Percent that goes on. */
      rate: z.number(),
      /** The same in a sentence. */
      text: z.string(),
    })
    .nullable(),
  /** M10, of leads created in the period, under both readings. */
  lead_to_opportunity: z.number().nullable(),
  /** M11, of opportunities created in the period, under both readings. */
  opportunity_to_won: z.number().nullable(),
  /** M12: of deals decided in the period; under `cohort` of those created in it. */
  win_rate: z.number().nullable(),
  /** M13, of leads created in the period that have these dates, under both readings. */
  mql_rate: z.number().nullable(),
  mql_to_sql: z.number().nullable(),
  /** M14: lead created to won, of deals won in the period; under `cohort` of won deals of leads created in it. */
  cycle: z.object({
    mean_days: z.number().nullable(),
    median_days: z.number().nullable(),
    deals: z.number(),
    /** Deals whose lead is younger than the win: left out, to be corrected. */
    negative: z.number(),
  }),
  /** M26, of leads created in the period, under both readings. `dropped` by sales; the others nobody touched for some days. */
  lead_loss: z.object({ rate: z.number().nullable(), lost: z.number(), dropped: z.number() }),
  /** M27, of leads of the CRM created in the period. */
  acceptance: z.object({ rate: z.number().nullable(), accepted: z.number(), rejected: z.number() }),
  /** M40, money per day. */
  velocity: Money.nullable(),
  /** Leads that count as opportunities only through a deal of their account that names nobody. */
  through_account: z.number(),
  reasons: z.partialRecord(
    z.enum([
      'lead_to_opportunity',
      'opportunity_to_won',
      'win_rate',
      'mql_rate',
      'mql_to_sql',
      'cycle',
      'lead_loss',
      'acceptance',
      'velocity',
    ]),
    Reason,
  ),
})
export type FunnelView = z.infer<typeof FunnelView>

/** `funnel --json` and `GET /api/v1/funnel`. */
export const Funnel = z.object({
  query: ReportQuery.pick({ workspace: true, model: true, from: true, to: true }).extend({
    reading: z.enum(FUNNEL_READINGS),
    /** Null: no groups. */
    by: GroupBy.nullable(),
  }),
  currency: z.string(),
  /** Everything, each lead and deal once, with or without a touch. */
  whole: FunnelView,
  /** By group; leads and deals count with the weight they have there, so counts may be fractional. They and `unattributed` sum to `whole`. */
  rows: z.array(FunnelView),
  /** What no eligible touch precedes; null without groups. */
  unattributed: FunnelView.nullable(),
  /** Thresholds of the workspace, held against `whole`. Sales cycle: of the last 12 months unless one was entered. */
  thresholds: z.object({ mql_to_sql: Held, lead_loss: Held, sales_cycle: Held }),
  /** Days without a touch after which a lead is lost. */
  lead_loss_days: z.number(),
})
export type Funnel = z.infer<typeof Funnel>

/** `funnel --lost --json` and `GET /api/v1/funnel/lost`: the leads behind M26, those that wait longest first, paged. */
export const LostLeads = z.object({
  query: ReportQuery.pick({ workspace: true, model: true, from: true, to: true }).extend({
    by: GroupBy,
    /** Null: every lead; `(unattributed)`: those without an eligible touch. */
    key: z.string().nullable(),
  }),
  lead_loss_days: z.number(),
  rows: z.array(
    z.object({
      contact_id: z.string(),
      source: z.string(),
      name: z.string().nullable(),
      lead_at: z.iso.datetime(),
      /** Null where nobody ever touched it. */
      last_touch_at: z.iso.datetime().nullable(),
      /** `dropped` by sales, or `untouched` for too long. */
      why: z.enum(['dropped', 'untouched']),
      /** Full days since the last touch, else since it became a lead. */
      days: z.number(),
      /** Share of the lead that lies in the group, 0 to 1. */
      weight: z.number(),
    }),
  ),
  /** Over all pages. */
  count: z.number(),
  total: z.object({ weight: z.number() }),
  next: z.number().nullable(),
})
export type LostLeads = z.infer<typeof LostLeads>
