import { z } from 'zod'
import { DATA_MODELS, type DataModel, REPORT_MODELS } from './model/data-models.ts'
import { RULE_MODELS, type RuleModel } from './model/rule-models.ts'
import { CONVENTIONS, DIMENSIONS, Filter, REVENUE_BASES } from './model/rules.ts'

/**
 * Every HTTP answer and the panel's view-model, as zod schemas. The server validates what it sends, the CLI prints the
 * same shapes, the widget imports the types only.
 *
 * Units: money is a decimal string in the currency named beside it; counts are numbers, fractional under a model that
 * splits outcomes; percentages are numbers (452.94 = 452.94 %) and not rounded; what cannot be computed is null and has
 * its reason in `reasons`.
 */

export type ModelId = RuleModel | DataModel

/** Why a value is n/a (product.md §2). */
export const Reason = z.enum([
  'no_cost',
  'zero_cost',
  'no_media',
  'no_leads',
  'no_mqls',
  'no_sqls',
  'no_opportunities',
  'no_deals',
  'no_revenue',
  'no_prior',
  /** Growth of a return that was 0 or less means nothing; the difference in points is there. */
  'prior_not_positive',
  /** Product cost is known of less than 80 % of the revenue. */
  'no_product_cost',
  /** No customer has left: predicting when they do would divide by 0. */
  'no_churn',
  /** The margin so far is below the cost. */
  'not_reached',
  /** Sales accepted or rejected nothing yet. */
  'no_feedback',
  'no_impressions',
  'no_clicks',
  'no_budget',
  'no_target',
  /** Nothing of the period is over yet. */
  'not_started',
  /** An expression divides by 0. */
  'zero_denominator',
  /** Larger than any number that can be shown. */
  'out_of_range',
  'fx_missing',
  'not_enough_data',
  'no_access',
])
export type Reason = z.infer<typeof Reason>

export const Money = z.string().regex(/^-?\d+(\.\d+)?$/)
export const Day = z.iso.date()

/** Units of metrics. Money per day is money as well: a decimal string. */
export const MetricUnit = z.enum([
  'money',
  'money_per_day',
  'percent',
  'points',
  'ratio',
  'count',
  'days',
  'months',
  'index',
  'per_money',
])
export type MetricUnit = z.infer<typeof MetricUnit>

/** A figure with the bounds that 95 % of the resamples lie between. */
export const Bounds = z.object({ estimate: z.number(), low: z.number(), high: z.number() })
export type Bounds = z.infer<typeof Bounds>

/** What a data-driven model rests on: all journeys of the period, and those of them that converted. */
export const DataSet = z.object({ journeys: z.number(), conversions: z.number() })

/** One line of a report: a channel, campaign, region … or a sum. */
export const Row = z.object({
  key: z.string(),
  label: z.string(),
  /** M1. */
  cost: Money,
  leads: z.number(),
  mqls: z.number(),
  sqls: z.number(),
  opportunities: z.number(),
  won: z.number(),
  new_customers: z.number(),
  /** M2, without what could not be attributed. */
  revenue: Money,
  /** M8. */
  cpl: Money.nullable(),
  /** M15. */
  cac: Money.nullable(),
  /** M3, net, percent. */
  roi: z.number().nullable(),
  /** M4, revenue per unit of cost. */
  ratio: z.number().nullable(),
  /** Group of the second dimension, where two were asked for. */
  key2: z.string().exactOptional(),
  label2: z.string().exactOptional(),
  /** The part of `revenue` on campaigns that no cost is known of: outside `roi` and `ratio` (F145). */
  uncosted: Money,
  /** `revenue` by layer (M20); the three add up to it. */
  layers: z.object({ first: Money, repurchase: Money, referral: Money }),
  /**
   * Under a data-driven model, where asked for: won deals of the line, and its percent of the attributed amounts of all won
   * deals, before anything was paid back. The latter is null where they add up to nothing.
   */
  interval: z.object({ conversions: Bounds, revenue_share: Bounds.nullable() }).exactOptional(),
  /** Metrics of the workspace's own by name (F77), where it has any. */
  custom: z
    .record(
      z.string(),
      z.object({
        label: z.string(),
        unit: MetricUnit,
        value: z.union([Money, z.number()]).nullable(),
        reason: Reason.exactOptional(),
      }),
    )
    .exactOptional(),
  /** Reason of each null above, by field. */
  reasons: z.partialRecord(z.enum(['cpl', 'cac', 'roi', 'ratio']), Reason),
})
export type Row = z.infer<typeof Row>

/** What lies outside attribution. Counts as in a row. */
export const Unattributed = Row.pick({
  leads: true,
  mqls: true,
  sqls: true,
  opportunities: true,
  won: true,
  new_customers: true,
  revenue: true,
})
export type Unattributed = z.infer<typeof Unattributed>

/** F141: attributed + unattributed = what the CRM says was won. */
export const Reconciliation = z.object({
  attributed: Money,
  unattributed: Money,
  crm: Money,
  /** Attributed outside the filter of the question; only with a filter. */
  outside: Money.exactOptional(),
  /** `all`: over all time, because a date of touches or of acquisition is none of the CRM's. */
  scope: z.enum(['period', 'all']).exactOptional(),
  ok: z.boolean(),
})
export type Reconciliation = z.infer<typeof Reconciliation>

/** What a report can be grouped by. */
export const Dimension = z.enum(DIMENSIONS)
export type Dimension = z.infer<typeof Dimension>

/**
 * What dates credit (F123): the outcome itself, the creation of its opportunity, the touch that gets it, or the day its customer
 * was acquired as a lead. Costs always count at their spend date.
 */
export const DateBasis = z.enum(['close', 'created', 'touch', 'cohort'])
export type DateBasis = z.infer<typeof DateBasis>
export const RevenueBasis = z.enum(REVENUE_BASES)
export const Convention = z.enum(CONVENTIONS)

/** Credit that no cost stands against: outside every return, with the campaigns to fix, largest first (F145). */
export const Uncosted = z.object({
  revenue: Money,
  /** How many campaigns, or channels without a campaign, there are. */
  count: z.number(),
  /** The first twenty. */
  places: z.array(
    z.object({
      /** Null for credit of a channel without a campaign. */
      campaign: z.object({ id: z.string(), name: z.string().nullable() }).nullable(),
      channel: z.string(),
      label: z.string(),
      revenue: Money,
    }),
  ),
})
export type Uncosted = z.infer<typeof Uncosted>

/** Whether a period had time to show its return: one younger than the median sales cycle has not (F147). */
export const Maturity = z.object({
  /** Median days from lead to won (M14); null while there is none. */
  cycle_days: z.number().nullable(),
  /** True: the return is "so far", and takes part in no verdict and no alert. */
  immature: z.boolean(),
  /** Days from this one on are younger than the cycle. */
  from: Day.nullable(),
})
export type Maturity = z.infer<typeof Maturity>

/** Records left out on both sides because no rate is known for their currency at their day. */
export const WithoutRate = z.object({ costs: z.number(), deals: z.number() })

/** The question a report answers. */
export const ReportQuery = z.object({
  workspace: z.string(),
  by: Dimension,
  model: z.enum(REPORT_MODELS),
  from: Day.nullable(),
  to: Day.nullable(),
  date_basis: DateBasis,
  /** Second dimension. */
  by2: Dimension.exactOptional(),
  revenue_basis: RevenueBasis.exactOptional(),
  where: Filter.exactOptional(),
  /** Resamples of the intervals of a data-driven model; absent = none. */
  interval: z.int().exactOptional(),
  /** Of everything drawn under a data-driven model; absent = 1. */
  seed: z.int().exactOptional(),
})
export type ReportQuery = z.infer<typeof ReportQuery>

/** `report --json` and `GET /api/v1/report`. */
export const Report = z.object({
  query: ReportQuery,
  currency: z.string(),
  /** How people of the workspace read return; `roi` and `ratio` are always both there. */
  convention: Convention,
  rows: z.array(Row),
  total: Row,
  unattributed: Unattributed,
  /** It is inside `revenue` of rows and total, and outside their return. */
  uncosted: Uncosted,
  maturity: Maturity,
  fx_missing: WithoutRate,
  reconciliation: Reconciliation,
  /** Closed months of the period, such as 2026-05: their part is as it was locked (F144). */
  closed: z.array(z.string()).exactOptional(),
  /** Under a data-driven model. */
  data_set: DataSet.exactOptional(),
})
export type Report = z.infer<typeof Report>

/** A figure of a KPI tile over time and against its previous like-for-like period. */
export const Kpi = z.object({
  /** Percent for roi, money for revenue, cost and cac. */
  value: z.union([Money, z.number()]).nullable(),
  reason: Reason.exactOptional(),
  previous: z.union([Money, z.number()]).nullable(),
  /** Growth in percent against the previous period (M21); null with no prior. For roi: see `points`. */
  growth: z.number().nullable(),
  /** Difference in percentage points, roi only. */
  points: z.number().nullable(),
  /** Up to 12 points, oldest first; null where n/a. */
  series: z.array(z.number().nullable()),
  /** Threshold of product.md §5 that applies; `met` null when it cannot be judged. */
  benchmark: z.object({ id: z.enum(['ratio_above_1', 'growth_not_negative']), met: z.boolean().nullable() }).nullable(),
  /** What the figure rests on: won deals for roi and revenue, cost rows for cost, new customers for cac. */
  n: z.number(),
})
export type Kpi = z.infer<typeof Kpi>

/** Months of a trend under one model, in the order of `Panel.trend.months`; null where n/a. */
export const Trend = z.object({
  revenue: z.array(Money),
  roi: z.array(z.number().nullable()),
  /** The same months a year earlier; null before the first record. */
  revenue_before: z.array(Money.nullable()),
  roi_before: z.array(z.number().nullable()),
})
export type Trend = z.infer<typeof Trend>

/** Everything the panel needs to show one model; switching models needs no request. */
export const ModelView = z.object({
  rows: z.array(Row),
  total: Row,
  unattributed: Unattributed,
  uncosted: Uncosted,
  kpis: z.object({ roi: Kpi, revenue: Kpi, cost: Kpi, cac: Kpi }),
  trend: Trend,
  /** M5: revenue per unit of media spend. */
  roas: z.number().nullable(),
  /** M9. */
  cost_per: z.object({ mql: Money.nullable(), sql: Money.nullable(), opportunity: Money.nullable() }),
  /** M31: percent of won revenue with at least one eligible touch. */
  coverage: z.number().nullable(),
  /** M31: percent of credit on groups with cost. */
  cost_completeness: z.number().nullable(),
  /** M32: percent of cost and revenue by row key. */
  shares: z.record(z.string(), z.object({ cost: z.number().nullable(), revenue: z.number().nullable() })),
  reasons: z.partialRecord(z.enum(['roas', 'mql', 'sql', 'opportunity', 'coverage', 'cost_completeness']), Reason),
})
export type ModelView = z.infer<typeof ModelView>

/** M33 for one channel: how far the models are apart and whether the verdict depends on the choice. */
export const Spread = z.object({
  key: z.string(),
  label: z.string(),
  /** Lowest and highest net ROI, percent, over all models. */
  min: z.number().nullable(),
  max: z.number().nullable(),
  min_model: z.enum(RULE_MODELS).nullable(),
  max_model: z.enum(RULE_MODELS).nullable(),
  verdict: z.enum(['robust', 'depends']).nullable(),
  reason: Reason.exactOptional(),
})
export type Spread = z.infer<typeof Spread>

/** Something a person should look at, with the money it touches (M38, F148). */
export const Finding = z.object({
  code: z.string(),
  message: z.string(),
  count: z.number(),
  money: Money.nullable(),
  /** Source ids or file lines of the first few. */
  examples: z.array(z.string()),
})
export type Finding = z.infer<typeof Finding>

/** `GET /api/v1/panel`: the view-model of `<roi-panel>`. Shared by every renderer. */
export const Panel = z.object({
  version: z.literal(1),
  workspace: z.object({ key: z.string(), title: z.string() }),
  generated_at: z.iso.datetime(),
  /** Newest instant the data covers: the last successful import or sync; null while there is none. */
  as_of: z.iso.datetime().nullable(),
  period: z.object({ from: Day.nullable(), to: Day.nullable() }),
  zone: z.string(),
  currency: z.string(),
  /** Decimal places of the currency. */
  digits: z.number(),
  convention: Convention,
  date_basis: DateBasis,
  revenue_basis: RevenueBasis,
  where: Filter,
  maturity: Maturity,
  fx_missing: WithoutRate,
  by: Dimension,
  /** The model to show first. */
  model: z.enum(RULE_MODELS),
  /** Models in display order; data-driven ones say why they are off. `GET /api/v1/panel/model` gives their views. */
  models: z.array(
    z.object({
      id: z.enum([...RULE_MODELS, ...DATA_MODELS]),
      available: z.boolean(),
      reason: Reason.exactOptional(),
      /** Won deals with a touch present and needed, for `not_enough_data`. */
      have: z.number().exactOptional(),
      need: z.number().exactOptional(),
      /** Where the deals are enough, but not the journeys of each channel: those channels, fewest first, at most 20. */
      thin: z
        .object({
          need: z.number(),
          count: z.number(),
          channels: z.array(z.object({ key: z.string(), label: z.string(), have: z.number() })),
        })
        .exactOptional(),
    }),
  ),
  views: z.record(z.enum(RULE_MODELS), ModelView),
  spread: z.array(Spread),
  /** ROI ratio a channel must exceed to be healthy, for the bars and the verdict. */
  threshold: z.object({ value: z.number(), convention: Convention }),
  reconciliation: Reconciliation,
  /** Up to twelve months without a gap, oldest first, that end with the period. */
  trend: z.object({
    /** `2026-03`. */
    months: z.array(z.string()),
    /** The same under every model. */
    cost: z.array(Money),
    cost_before: z.array(Money.nullable()),
    /** The last month has days that are not over, or not in the period. */
    partial: z.boolean(),
    /** Months from this one on had no time to show their return (F147); null = none. */
    immature_from: z.string().nullable(),
  }),
  findings: z.array(Finding),
  /** Any records at all? False shows the first steps instead of empty blocks. */
  empty: z.boolean(),
})
export type Panel = z.infer<typeof Panel>

/** Deals behind a number, one line per outcome (F142). */
export const DrillRow = z.object({
  deal_id: z.string(),
  name: z.string().nullable(),
  account: z.string().nullable(),
  closed_at: z.iso.datetime(),
  /** What it is: a sale, money paid back, a sale lost again, an invoice, a receipt, or a step before a sale. */
  outcome: z.enum(['lead', 'mql', 'sql', 'opportunity', 'won', 'receipt', 'invoice', 'refund', 'loss']),
  /** Where the record is from. */
  source: z.string(),
  amount: Money,
  /** Share of the deal's credit that lies in the group, 0 to 1. */
  weight: z.number(),
  /** Money that share is worth. */
  credited: Money,
  /** Eligible touches in the group, of all eligible touches. */
  touches: z.number(),
  touches_total: z.number(),
})
export type DrillRow = z.infer<typeof DrillRow>

/** `GET /api/v1/drill`: a row's deals, largest credit first, paged. `total` sums all pages. */
export const Drill = z.object({
  query: ReportQuery.extend({ key: z.string(), key2: z.string().exactOptional() }),
  currency: z.string(),
  rows: z.array(DrillRow),
  count: z.number(),
  total: z.object({ credited: Money, weight: z.number() }),
  next: z.number().nullable(),
})
export type Drill = z.infer<typeof Drill>

/** One input of an explained number, with the rows it is the sum of. */
export const ExplainInput = z.object({
  name: z.string(),
  label: z.string(),
  value: z.union([Money, z.number()]),
  rows: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))),
  /** How many rows there are in all; `rows` holds the first page. */
  count: z.number(),
})

/** `explain METRIC` and `GET /api/v1/explain`: formula, inputs, rows, configuration of one number (F142). */
export const Explain = z.object({
  metric: z.string(),
  id: z.string(),
  label: z.string(),
  formula: z.string(),
  /** The formula with this number's inputs in place. */
  substituted: z.string(),
  value: z.union([Money, z.number()]).nullable(),
  unit: MetricUnit,
  reason: Reason.nullable(),
  query: ReportQuery.extend({ key: z.string().nullable(), key2: z.string().exactOptional() }),
  currency: z.string(),
  inputs: z.array(ExplainInput),
  configuration: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  /** Arithmetic over the inputs' names in braces; `abs`, `median` and `payback` are its functions. */
  expression: z.string().exactOptional(),
  /** Version of the configuration it was made with. */
  config_version: z.number().exactOptional(),
  /** Under a data-driven model: how it splits an outcome, and the weight of each channel, 0 to 1, largest first. */
  data_driven: z
    .object({
      split: z.string(),
      weights: z.array(
        z.object({ channel: z.string(), label: z.string(), weight: z.number(), removal_effect: z.number().nullable() }),
      ),
    })
    .exactOptional(),
})
export type Explain = z.infer<typeof Explain>

/** A row of a file that was refused. */
export const RejectedRow = z.object({ line: z.number(), column: z.string(), code: z.string(), message: z.string() })

/** `import --json` and `POST /api/v1/imports`. */
export const ImportResult = z.object({
  id: z.string(),
  dry_run: z.boolean().exactOptional(),
  files: z.array(
    z.object({
      file: z.string(),
      type: z.string(),
      rows: z.number(),
      imported: z.number(),
      unchanged: z.number(),
      rejected: z.array(RejectedRow),
      /** Refused rows beyond the first 1,000 listed. */
      rejected_count: z.number(),
      deleted: z.number().exactOptional(),
      findings: z.array(Finding),
    }),
  ),
})
export type ImportResult = z.infer<typeof ImportResult>

/** `GET /api/v1/workspaces`. */
export const Workspaces = z.object({
  demo: z.boolean(),
  workspaces: z.array(z.object({ key: z.string(), title: z.string(), locale: z.string(), currency: z.string() })),
})
export type Workspaces = z.infer<typeof Workspaces>

/** Why something is not as wished, and what to do. */
export const SyncReason = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string().nullable(),
  /** When it goes on by itself. */
  retry_at: z.string().nullable(),
})
export type SyncReason = z.infer<typeof SyncReason>

/** What a run made of one stream. `off`: the account's plan or scopes do not allow it. */
export const StreamResult = z.object({
  stream: z.string(),
  title: z.string(),
  state: z.enum(['complete', 'off', 'paused', 'incomplete', 'failed', 'reconnect', 'not_run']),
  mode: z.enum(['full', 'changes']).nullable(),
  read: z.number(),
  imported: z.number(),
  unchanged: z.number(),
  deleted: z.number(),
  merged: z.number(),
  rejected: z.number(),
  /** Records the source says there are; null where it does not tell. */
  total: z.number().nullable(),
  reason: SyncReason.nullable(),
  notices: z.array(Finding),
})
export type StreamResult = z.infer<typeof StreamResult>

/** `sync --json` (one of a list) and `POST /api/v1/connections/:id/sync`. */
export const SyncResult = z.object({
  connection: z.string(),
  connector: z.string(),
  title: z.string(),
  state: z.enum(['complete', 'paused', 'incomplete', 'failed', 'reconnect']),
  reason: SyncReason.nullable(),
  started_at: z.string(),
  finished_at: z.string(),
  requests: z.number(),
  /** Answers that said "too many requests". */
  limited: z.number(),
  streams: z.array(StreamResult),
  drift: z.array(z.object({ stream: z.string(), field: z.string(), kind: z.enum(['missing', 'retyped', 'new']) })),
})
export type SyncResult = z.infer<typeof SyncResult>

/** What a record view is about. `account` is a company of the CRM. */
export const RecordType = z.enum(['deal', 'contact', 'account', 'campaign'])
export type RecordType = z.infer<typeof RecordType>

/** A figure of a record view, ready to show. */
export const RecordFigure = z.object({
  key: z.string(),
  label: z.string(),
  /** Money, number or null; always null for `text`, whose words are all there is. */
  value: z.union([Money, z.number()]).nullable(),
  unit: z.enum(['money', 'percent', 'ratio', 'count', 'days', 'text']),
  /** As people of the asked language write it; n/a has its reason beside it. */
  text: z.string(),
  reason: Reason.exactOptional(),
})
export type RecordFigure = z.infer<typeof RecordFigure>

/** `GET /api/v1/record`: what one record of the CRM owes to marketing, under one model. Shared by every renderer. */
export const RecordView = z.object({
  version: z.literal(1),
  record: z.object({
    type: RecordType,
    /** Id in its source. */
    id: z.string(),
    source: z.string(),
    name: z.string(),
  }),
  workspace: z.object({ key: z.string(), title: z.string() }),
  currency: z.string(),
  zone: z.string(),
  model: z.enum(RULE_MODELS),
  models: z.array(z.object({ id: z.enum(RULE_MODELS), label: z.string() })),
  as_of: z.iso.datetime().nullable(),
  /** The one sentence that answers the question people come with. */
  sentence: z.string(),
  /** `open`: a deal that is not won has no credit yet; its touches are there. `empty`: no touch is known. */
  state: z.enum(['ok', 'open', 'empty']),
  figures: z.array(RecordFigure),
  /** Credit by channel, largest first; shares are of the record's whole, 0 to 1, unattributed last. */
  credit: z.array(
    z.object({
      key: z.string(),
      label: z.string(),
      share: z.number(),
      /** Null where no rate to the workspace's currency is known. */
      amount: Money.nullable(),
      text: z.string(),
      touches: z.number(),
    }),
  ),
  /** Touches and milestones, oldest first; the newest 500. None for a campaign. */
  journey: z.array(
    z.object({
      at: z.iso.datetime(),
      kind: z.enum(['touch', 'lead', 'mql', 'sql', 'opportunity', 'won', 'receipt', 'invoice', 'refund', 'loss']),
      label: z.string(),
      /** Key of `credit`; null for milestones. */
      channel: z.string().nullable(),
      campaign: z.object({ id: z.string(), name: z.string() }).nullable(),
      person: z.object({ id: z.string(), name: z.string().nullable() }).nullable(),
      /** Part of the record's credit, 0 to 1, and what it is worth; null where a touch is not eligible or nothing is won. */
      share: z.number().nullable(),
      amount: Money.nullable(),
    }),
  ),
  /** Touches before those of `journey`. */
  journey_more: z.number(),
  /** Won deals behind the record, newest first, at most 100: of the contact, the account or the campaign. */
  deals: z.array(
    z.object({
      id: z.string(),
      name: z.string().nullable(),
      closed_at: z.iso.datetime(),
      /** Null, as `credited` is, where no rate to the workspace's currency is known. */
      amount: Money.nullable(),
      credited: Money.nullable(),
      text: z.string(),
    }),
  ),
  deals_count: z.number(),
  reconciliation: Reconciliation.nullable(),
})
export type RecordView = z.infer<typeof RecordView>

/** One setting of a connector, for a form. */
export const FormField = z.object({
  key: z.string(),
  kind: z.enum(['text', 'secret', 'number', 'boolean', 'choice', 'list']),
  label: z.string(),
  help: z.string().nullable(),
  required: z.boolean(),
  default: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  choices: z.array(z.string()),
  example: z.string().nullable(),
})
export type FormField = z.infer<typeof FormField>

/** `GET /api/v1/connectors`. */
export const ConnectorInfo = z.object({
  id: z.string(),
  title: z.string(),
  streams: z.array(z.object({ stream: z.string(), title: z.string(), optional: z.boolean() })),
  fields: z.array(FormField),
})
export type ConnectorInfo = z.infer<typeof ConnectorInfo>

/** `GET /api/v1/connections`, `status --json`: sync health (F136). */
export const ConnectionStatus = z.object({
  id: z.string(),
  connector: z.string(),
  account: z.string(),
  title: z.string(),
  state: z.enum(['pending', 'active', 'paused', 'reconnect', 'failed', 'incomplete']),
  running: z.boolean(),
  every_minutes: z.number().nullable(),
  created_at: z.string(),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
  complete_at: z.string().nullable(),
  next_at: z.string().nullable(),
  resume_at: z.string().nullable(),
  /** Rows in the store by record type. */
  rows: z.record(z.string(), z.number()),
  /** Refused rows waiting. */
  quarantined: z.number(),
  progress: z
    .object({
      stream: z.string(),
      rows: z.number(),
      part: z.number().nullable(),
      rows_per_second: z.number(),
      /** Seconds left, from and to; null when it cannot be told. */
      eta: z.tuple([z.number(), z.number()]).nullable(),
    })
    .nullable(),
  quota: z.object({ left: z.number(), of: z.number() }).nullable(),
  last: SyncResult.nullable(),
  /** How the last write to fields of the CRM ended (F128); null where that is off. */
  write_back: z
    .object({
      state: z.enum(['waiting', 'done', 'failed']),
      finished_at: z.string().nullable(),
      /** The next one does not begin by itself before. */
      next_at: z.string().nullable(),
      /** Of the last one: looked at, written, refused. */
      records: z.number(),
      written: z.number(),
      refused: z.number(),
      reason: SyncReason.nullable(),
    })
    .nullable(),
})
export type ConnectionStatus = z.infer<typeof ConnectionStatus>

/** `sync --json`. */
export const SyncRun = z.object({
  connections: z.array(SyncResult),
  /** The worst of them, from failed to complete; decides the exit code. */
  state: SyncResult.shape.state,
})
export type SyncRun = z.infer<typeof SyncRun>

/** `connect --json` and `POST /api/v1/connections`. */
export const ConnectResult = z.object({
  connection: ConnectionStatus,
  /** Who the credentials belong to, as far as the source tells. */
  account: z.object({
    id: z.string(),
    name: z.string(),
    currency: z.string().nullable(),
    zone: z.string().nullable(),
    scopes: z.array(z.string()).nullable(),
  }),
  /** What the next run reads. */
  streams: ConnectorInfo.shape.streams,
  /** What to know before: a currency or a zone that is not the workspace's. */
  notices: z.array(SyncReason.pick({ code: true, message: true, remedy: true })),
})
export type ConnectResult = z.infer<typeof ConnectResult>

/** `connections --json`, `GET /api/v1/connections/:id/settings`, `PATCH /api/v1/connections/:id`: what a person chose for it. */
export const ConnectionSettings = z.object({
  id: z.string(),
  connector: z.string(),
  title: z.string(),
  every_minutes: z.number().nullable(),
  /** By key, with their defaults; secrets are not among them. */
  settings: z.record(z.string(), z.unknown()),
  /** Keys of the secrets that are kept. */
  secrets: z.array(z.string()),
  /** For a form. A secret that is kept is not required; access that was granted needs no key. */
  fields: z.array(FormField),
  /** Access was granted at the source; else a key proves who we are. */
  granted: z.boolean(),
  /** What was granted; null where a key is used, or the source did not tell. */
  scopes: z.array(z.string()).nullable(),
  /** Keys that have another value now; `title` and `every_minutes` among them. Empty where nothing was to be changed. */
  changed: z.array(z.string()),
  /** What is missing for what was chosen. */
  notices: z.array(SyncReason.pick({ code: true, message: true, remedy: true })),
})
export type ConnectionSettings = z.infer<typeof ConnectionSettings>

/** `disconnect --json` and `DELETE /api/v1/connections/:id`. */
export const DisconnectResult = z.object({
  id: z.string(),
  title: z.string(),
  /** Rows that went with it; 0 unless they were asked to. */
  removed: z.number(),
})
export type DisconnectResult = z.infer<typeof DisconnectResult>

/** `doctor --json`, `GET /api/v1/doctor`. */
export const DoctorReport = z.object({
  ok: z.boolean(),
  checks: z.array(
    z.object({
      check: z.string(),
      subject: z.string().nullable(),
      state: z.enum(['ok', 'warn', 'fail', 'skipped']),
      message: z.string(),
      remedy: z.string().nullable(),
    }),
  ),
})
export type DoctorReport = z.infer<typeof DoctorReport>

/** `write-back --json`, `POST /api/v1/connections/:id/write-back`: what was, or would be, written to fields of the CRM (F128). */
export const WriteBack = z.object({
  connection: z.string(),
  title: z.string(),
  /** The workspace's: what credit is written under. */
  model: z.enum(RULE_MODELS),
  dry_run: z.boolean(),
  records: z.number(),
  unchanged: z.number(),
  changed: z.number(),
  written: z.number(),
  failed: z.object({
    count: z.number(),
    examples: z.array(z.object({ type: z.string(), id: z.string(), message: z.string() })),
  }),
  /** Fields that were, or would be, made at the source. */
  created: z.array(z.string()),
  /** The first hundred values. */
  values: z.array(
    z.object({
      type: z.string(),
      id: z.string(),
      field: z.string(),
      before: z.string().nullable(),
      after: z.string().nullable(),
    }),
  ),
})
export type WriteBack = z.infer<typeof WriteBack>

/** `GET /api/v1/compare`, `compare --json`: the source's own attribution of campaigns beside ours. */
export const Compare = z.object({
  connection: z.string(),
  title: z.string(),
  currency: z.string(),
  /** `off`: the account does not let us ask; `reason` says why. */
  state: z.enum(['ok', 'off']),
  reason: SyncReason.nullable(),
  /** Our models with the source's names for them, in display order. */
  models: z.array(z.object({ id: z.enum(RULE_MODELS), theirs: z.string() })),
  campaigns: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      models: z.array(
        z.object({
          model: z.enum(RULE_MODELS),
          ours: Money,
          /** In `currency`; null where the source counts in another one. */
          theirs: Money.nullable(),
          their_currency: z.string().nullable(),
          their_deals: z.number().nullable(),
          /** Ours less theirs, and as percent of theirs. */
          difference: Money.nullable(),
          percent: z.number().nullable(),
        }),
      ),
    }),
  ),
  /** Sums over the campaigns compared. */
  totals: z.array(
    z.object({
      model: z.enum(RULE_MODELS),
      ours: Money,
      theirs: Money.nullable(),
      difference: Money.nullable(),
      percent: z.number().nullable(),
    }),
  ),
  /** Campaigns with credit that were not asked about. */
  more: z.number(),
  /** Why the two may differ. */
  notes: z.array(z.string()),
})
export type Compare = z.infer<typeof Compare>

/** `POST /api/v1/embed/renew`: a bearer token for a few minutes. */
export const EmbedRenewed = z.object({ token: z.string(), expires_at: z.iso.datetime() })
export type EmbedRenewed = z.infer<typeof EmbedRenewed>

/** `POST /api/v1/embed/exchange`: what an embedded page works with. Kept in memory only. */
export const EmbedOpened = EmbedRenewed.extend({
  /** Gets the next token from `embed/renew`; never sent anywhere else. */
  renewal: z.string(),
  session_expires_at: z.iso.datetime(),
  workspace: z.string(),
  locale: z.enum(['en', 'zh-CN']),
  /** The only record this access is for; null = the workspace. */
  record: z.object({ type: z.string(), id: z.string(), source: z.string() }).nullable(),
  /** Origins of pages that the embedded page may talk to. */
  frame_origins: z.array(z.string()),
})
export type EmbedOpened = z.infer<typeof EmbedOpened>

/** `POST /api/v1/hubspot/embed-session`: a one-time address of the panel. */
export const EmbedAddress = z.object({ uri: z.string(), expires_at: z.iso.datetime() })
export type EmbedAddress = z.infer<typeof EmbedAddress>

/** `POST /api/v1/hubspot/connection`. */
export const HostConnection = z.object({
  /** Null where the account is not connected. */
  status: ConnectionStatus.nullable(),
  /** Where people change what a host cannot. */
  console: z.string(),
})
export type HostConnection = z.infer<typeof HostConnection>

/** `GET /api/v1/session`: who is signed in. */
export const SessionInfo = z.object({
  /** False on a machine of one's own, where nobody must sign in. */
  required: z.boolean(),
  /** Nobody can sign in yet: the first user is made with the link that the server printed. */
  setup: z.boolean(),
  user: z.object({ name: z.string(), role: z.enum(['admin', 'marketing', 'sales', 'finance']) }).nullable(),
  /** Keys of the workspaces he may see; null = all. */
  workspaces: z.array(z.string()).nullable(),
  rights: z.array(z.string()),
})
export type SessionInfo = z.infer<typeof SessionInfo>

/** `GET /api/v1/oauth`: a source that people can grant access to, because an app is registered there. */
export const OAuthInfo = z.object({
  connector: z.string(),
  required: z.array(z.string()),
  optional: z.array(z.string()),
  /** Asked for when a person wants them; an account whose plan lacks one cannot grant anything then. */
  conditional: z.array(z.string()),
  /** Asked for beside the others, and only when a person wants what they are for. */
  on_demand: z.array(
    z.object({
      purpose: z.enum(['write_back', 'compare']),
      optional: z.array(z.string()),
      conditional: z.array(z.string()),
    }),
  ),
})
export type OAuthInfo = z.infer<typeof OAuthInfo>

/** Body of every answer with a status of 400 or above. */
export const Problem = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    remedy: z.string().nullable(),
    request_id: z.string(),
  }),
})
export type Problem = z.infer<typeof Problem>
