import { z } from 'zod'

/**
 * The normalized model (product.md F1): what every source is mapped to. Ids are the source's own, as text; the runner
 * adds workspace and source, so neither a connector nor a mapping ever sees them.
 *
 * Conventions: an instant is a UTC `Date`; a day is `YYYY-MM-DD` in the workspace zone; money is a decimal string with
 * its currency; an absent value is absent, never '' or 0; `attributes` holds what the model has no column for.
 */
const id = z.string().min(1).max(512)
/** Longest text a record may hold, UTF-16 units; the runner shortens what is longer. */
export const MAX_TEXT = 65_536
const text = z.string().min(1).max(MAX_TEXT)
const instant = z.date()
const day = z.iso.date()
const money = z.object({
  amount: z.string(),
  currency: z.string().length(3),
  unit: z.enum(['major', 'minor', 'micro']).exactOptional(),
})
const base = {
  id,
  /** When the source last changed the record; an older version never overwrites a newer one. */
  updatedAt: instant.exactOptional(),
  attributes: z.record(z.string(), z.string()).exactOptional(),
}

/** A marketing effort with dates, targets, budget; may have a parent. */
export const Campaign = z.object({
  type: z.literal('campaign'),
  ...base,
  name: text,
  channel: text.exactOptional(),
  kind: text.exactOptional(),
  paid: z.boolean().exactOptional(),
  tier: text.exactOptional(),
  brand: z.boolean().exactOptional(),
  parentId: id.exactOptional(),
  startDate: day.exactOptional(),
  endDate: day.exactOptional(),
  budget: money.exactOptional(),
  targetLeads: z.number().exactOptional(),
  targetRevenue: money.exactOptional(),
  owner: text.exactOptional(),
  region: text.exactOptional(),
  productLine: text.exactOptional(),
  department: text.exactOptional(),
  utmCampaign: text.exactOptional(),
})

/** One row of the cost ledger. A negative amount is a credit note. */
export const Cost = z.object({
  type: z.literal('cost'),
  ...base,
  date: day,
  amount: money,
  category: text,
  campaignId: id.exactOptional(),
  channel: text.exactOptional(),
  state: z.string(),
  vendor: text.exactOptional(),
  note: text.exactOptional(),
  impressions: z.number().exactOptional(),
  clicks: z.number().exactOptional(),
})

/** A person. */
export const Contact = z.object({
  type: z.literal('contact'),
  ...base,
  email: text.exactOptional(),
  phone: text.exactOptional(),
  externalId: text.exactOptional(),
  accountId: id.exactOptional(),
  name: text.exactOptional(),
  createdAt: instant,
  leadAt: instant.exactOptional(),
  mqlAt: instant.exactOptional(),
  sqlAt: instant.exactOptional(),
  source: text.exactOptional(),
  region: text.exactOptional(),
  industry: text.exactOptional(),
})

/** A company in the CRM. */
export const Account = z.object({
  type: z.literal('account'),
  ...base,
  name: text,
  domain: text.exactOptional(),
  industry: text.exactOptional(),
  region: text.exactOptional(),
  size: text.exactOptional(),
})

/** Who a touch belongs to: a contact of the same source, or a key under which the person may become known. */
export const PersonRef = z.union([
  z.object({ contactId: id }),
  z.object({ email: text }),
  z.object({ phone: text }),
  z.object({ externalId: text }),
])

/** One dated interaction of a person with a channel. */
export const Touch = z.object({
  type: z.literal('touch'),
  ...base,
  person: PersonRef,
  occurredAt: instant,
  /** Order among touches of the same instant, where the source knows it. */
  sequence: z.int().exactOptional(),
  channel: text.exactOptional(),
  campaignId: id.exactOptional(),
  kind: text.exactOptional(),
  utmSource: text.exactOptional(),
  utmMedium: text.exactOptional(),
  utmCampaign: text.exactOptional(),
  utmContent: text.exactOptional(),
  utmTerm: text.exactOptional(),
  clickId: text.exactOptional(),
  referrer: text.exactOptional(),
  landingUrl: text.exactOptional(),
  creative: text.exactOptional(),
})

/** A possible sale. `won` true needs an amount and a close instant. */
export const Deal = z.object({
  type: z.literal('deal'),
  ...base,
  name: text.exactOptional(),
  accountId: id.exactOptional(),
  contactIds: z.array(id).exactOptional(),
  ownerId: id.exactOptional(),
  amount: money.exactOptional(),
  stage: text.exactOptional(),
  createdAt: instant.exactOptional(),
  closedAt: instant.exactOptional(),
  won: z.boolean().exactOptional(),
  layer: text.exactOptional(),
  productLine: text.exactOptional(),
  region: text.exactOptional(),
  department: text.exactOptional(),
  productCost: money.exactOptional(),
})

/** A deal entered a stage. */
export const StageChange = z.object({
  type: z.literal('stage_change'),
  ...base,
  dealId: id,
  stage: text,
  changedAt: instant,
})

/** Money received for a deal. A negative amount is a refund. */
export const Payment = z.object({
  type: z.literal('payment'),
  ...base,
  dealId: id,
  amount: money,
  paidAt: instant,
})

/** An invoice to a customer: revenue under the basis `invoiced`. A negative amount is a credit note. */
export const Invoice = z.object({
  type: z.literal('invoice'),
  ...base,
  dealId: id,
  amount: money,
  issuedAt: instant,
})

/** A deal's amount became another; the history behind the deal's present amount. */
export const AmountChange = z.object({
  type: z.literal('amount_change'),
  ...base,
  dealId: id,
  /** Absent: it had none from then on. */
  amount: money.exactOptional(),
  changedAt: instant,
})

/** Someone's interest as the CRM keeps it before there is a deal: who works on it, and how far it came. */
export const Lead = z.object({
  type: z.literal('lead'),
  ...base,
  name: text.exactOptional(),
  contactId: id.exactOptional(),
  accountId: id.exactOptional(),
  ownerId: id.exactOptional(),
  stage: text.exactOptional(),
  source: text.exactOptional(),
  createdAt: instant.exactOptional(),
  closedAt: instant.exactOptional(),
  /** Accepted by sales: true, dropped: false, still open: absent. */
  accepted: z.boolean().exactOptional(),
})

/** A person of the CRM who owns records. */
export const Owner = z.object({
  type: z.literal('owner'),
  ...base,
  name: text,
  email: text.exactOptional(),
  team: text.exactOptional(),
})

/** A stage of a pipeline of deals or leads. */
export const Stage = z.object({
  type: z.literal('stage'),
  ...base,
  pipeline: text,
  label: text,
  position: z.int(),
  /** 0 to 1. */
  probability: z.number().exactOptional(),
  closed: z.boolean(),
  won: z.boolean(),
})

/** What one unit of a currency is worth in another from a day on. */
export const Rate = z.object({
  type: z.literal('rate'),
  ...base,
  from: z.string().length(3),
  to: z.string().length(3),
  date: day,
  /** Decimal. */
  factor: z.string().regex(/^\d{1,12}(\.\d{1,18})?$/),
})

/** Any record of the model, told apart by `type`. */
export const AnyRecord = z.discriminatedUnion('type', [
  Campaign,
  Cost,
  Contact,
  Account,
  Touch,
  Deal,
  StageChange,
  Payment,
  AmountChange,
  Lead,
  Owner,
  Stage,
  Rate,
  Invoice,
])

export type Campaign = z.infer<typeof Campaign>
export type Cost = z.infer<typeof Cost>
export type Contact = z.infer<typeof Contact>
export type Account = z.infer<typeof Account>
export type Touch = z.infer<typeof Touch>
export type Deal = z.infer<typeof Deal>
export type StageChange = z.infer<typeof StageChange>
export type Payment = z.infer<typeof Payment>
export type AmountChange = z.infer<typeof AmountChange>
export type Lead = z.infer<typeof Lead>
export type Owner = z.infer<typeof Owner>
export type Stage = z.infer<typeof Stage>
export type Rate = z.infer<typeof Rate>
export type Invoice = z.infer<typeof Invoice>
export type PersonRef = z.infer<typeof PersonRef>
export type AnyRecord = z.infer<typeof AnyRecord>
export type RecordType = AnyRecord['type']

/** Cost categories known to the product (others are kept as their own and reported once). Media spend = `ads`. */
export const COST_CATEGORIES = [
  'ads',
  'event',
  'content',
  'design',
  'tools',
  'salary',
  'travel',
  'training',
  'service',
  'gifts',
  'other',
] as const
/** Cost states. Only `actual` and `paid` count as cost; `planned` and `committed` belong to budget views. */
export const COST_STATES = ['planned', 'committed', 'actual', 'paid'] as const
/** Revenue layers. */
export const LAYERS = ['first', 'repurchase', 'referral'] as const
/** Budget tiers. */
export const TIERS = ['strategic', 'growth', 'retention'] as const
/** Touch kinds with a meaning of their own; free text otherwise. */
export const TOUCH_KINDS = [
  'ad_click',
  'visit',
  'form',
  'email_click',
  'event',
  'checkin',
  'scan',
  'call',
  'meeting',
  'chat',
  'follow',
  'download',
  'webinar',
  'card',
  'invite',
  'tag',
] as const
