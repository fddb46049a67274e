import { z } from 'zod'
import { RULE_MODELS, type RuleModel } from './model/rule-models.ts'

/**
 * Every HTTP answer and the panel's view-model, as zod schemas. The server validates what it sends, the CLI prints the
 * same shapes, the widget imports the types only.
 *
 * Units: money is a decimal string in the currency named beside it; counts are numbers, fractional under a model that
 * splits outcomes; percentages are numbers (452.94 = 452.94 %) and not rounded; what cannot be computed is null and has
 * its reason in `reasons`.
 */

/** Models that need the whole data set. */
export const DATA_MODELS = ['markov', 'shapley'] as const
export type ModelId = RuleModel | (typeof DATA_MODELS)[number]

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
  'fx_missing',
  'not_enough_data',
  'no_access',
  /** The model needs the whole data set; `roi-panel attribute` computes it, the ledger does not hold it. */
  'not_in_panel',
])
export type Reason = z.infer<typeof Reason>

const Money = z.string().regex(/^-?\d+(\.\d+)?$/)
const Day = z.iso.date()

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
  ok: z.boolean(),
})
export type Reconciliation = z.infer<typeof Reconciliation>

/** What a report can be grouped by. */
export const Dimension = z.enum(['channel', 'campaign', 'type', 'region', 'product_line', 'department', 'month'])
export type Dimension = z.infer<typeof Dimension>

export const DateBasis = z.enum(['close', 'created', 'touch', 'cohort'])

/** The question a report answers. */
export const ReportQuery = z.object({
  workspace: z.string(),
  by: Dimension,
  model: z.enum(RULE_MODELS),
  from: Day.nullable(),
  to: Day.nullable(),
  date_basis: DateBasis,
})
export type ReportQuery = z.infer<typeof ReportQuery>

/** `report --json` and `GET /api/v1/report`. */
export const Report = z.object({
  query: ReportQuery,
  currency: z.string(),
  convention: z.literal('net'),
  rows: z.array(Row),
  total: Row,
  unattributed: Unattributed,
  /** Credit on groups that have no cost row; it is inside `rows` and `total`. */
  uncosted: z.object({ revenue: Money }),
  reconciliation: Reconciliation,
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

/** Everything the panel needs to show one model; switching models needs no request. */
export const ModelView = z.object({
  rows: z.array(Row),
  total: Row,
  unattributed: Unattributed,
  uncosted: z.object({ revenue: Money, groups: z.number() }),
  kpis: z.object({ roi: Kpi, revenue: Kpi, cost: Kpi, cac: Kpi }),
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
  convention: z.literal('net'),
  date_basis: z.literal('close'),
  revenue_basis: z.literal('booked'),
  by: Dimension,
  /** The model to show first. */
  model: z.enum(RULE_MODELS),
  /** Models in display order; data-driven ones say why they are off. */
  models: z.array(
    z.object({
      id: z.enum([...RULE_MODELS, ...DATA_MODELS]),
      available: z.boolean(),
      reason: Reason.exactOptional(),
      /** Outcomes present and needed, for `not_enough_data`. */
      have: z.number().exactOptional(),
      need: z.number().exactOptional(),
    }),
  ),
  views: z.record(z.enum(RULE_MODELS), ModelView),
  spread: z.array(Spread),
  /** ROI ratio a channel must exceed to be healthy, for the bars and the verdict. */
  threshold: z.object({ value: z.number(), convention: z.literal('ratio') }),
  reconciliation: Reconciliation,
  findings: z.array(Finding),
  /** Any records at all? False shows the first steps instead of empty blocks. */
  empty: z.boolean(),
})
export type Panel = z.infer<typeof Panel>

/** Deals behind a number, one line per won deal (F142). */
export const DrillRow = z.object({
  deal_id: z.string(),
  name: z.string().nullable(),
  account: z.string().nullable(),
  closed_at: z.iso.datetime(),
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
  query: ReportQuery.extend({ key: z.string() }),
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
  unit: z.enum(['money', 'percent', 'ratio', 'count', 'points']),
  reason: Reason.nullable(),
  query: ReportQuery.extend({ key: z.string().nullable() }),
  currency: z.string(),
  inputs: z.array(ExplainInput),
  configuration: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
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
      kind: z.enum(['touch', 'lead', 'mql', 'sql', 'opportunity', 'won', 'receipt']),
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

/** `write-back --json`: what was, or would be, written to fields of the CRM (F128). */
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
