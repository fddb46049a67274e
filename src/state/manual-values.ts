import { z } from 'zod'
import { digitsOf, isCurrency, toMinor } from '../model/money.ts'
import { daysBetween } from '../model/period.ts'
import { COST_STATES, TIERS } from '../model/records.ts'

/**
 * What people enter by hand, as it is kept. Days are local days of the workspace, money is a decimal text with its
 * currency; a field that nobody filled is absent.
 */

const day = z.iso.date()
const words = z
  .string()
  .trim()
  .regex(/^\P{Cc}{1,200}$/u)
const note = z
  .string()
  .trim()
  .regex(/^[\P{Cc}\n\t]{1,2000}$/u)
const currency = z.string().refine(isCurrency, { error: 'currency' })
const amount = z.string().regex(/^[+-]?\d{1,15}(\.\d{1,6})?$/, { error: 'amount' })

/** A campaign of any source. */
export const CampaignRef = z.strictObject({ source: z.string().min(1).max(200), id: z.string().min(1).max(512) })
export type CampaignRef = z.infer<typeof CampaignRef>

/** True when an amount can be kept to the last digit in its currency. */
export function isExact(text: string, code: string): boolean {
  const fraction = text.split('.')[1]?.replace(/0+$/, '') ?? ''
  if (fraction.length > digitsOf(code)) return false
  try {
    toMinor({ amount: text, currency: code })
    return true
  } catch {
    return false
  }
}

/** A row of the cost ledger. Without campaign and channel it is shared. */
export const ManualCost = z
  .strictObject({
    date: day,
    amount,
    currency,
    category: words,
    state: z.enum(COST_STATES),
    campaign: CampaignRef.exactOptional(),
    channel: words.exactOptional(),
    vendor: words.exactOptional(),
    note: note.exactOptional(),
  })
  .refine((cost) => isExact(cost.amount, cost.currency), { path: ['amount'], error: 'amount' })
export type ManualCost = z.infer<typeof ManualCost>

/** Fields of a campaign that people may fill, also where another source has the campaign. */
const campaignFields = {
  type: words.exactOptional(),
  paid: z.boolean().exactOptional(),
  tier: z.enum(TIERS).exactOptional(),
  /** True: brand, false: performance. */
  brand: z.boolean().exactOptional(),
  parent: CampaignRef.exactOptional(),
  start_date: day.exactOptional(),
  end_date: day.exactOptional(),
  budget: amount.exactOptional(),
  target_revenue: amount.exactOptional(),
  /** Of budget and target revenue. */
  currency: currency.exactOptional(),
  target_leads: z.number().min(0).max(1e12).exactOptional(),
  owner: words.exactOptional(),
  region: words.exactOptional(),
  product_line: words.exactOptional(),
  department: words.exactOptional(),
  /** What budgets name as project; without it the campaign at the top of its tree is the project. */
  project: words.exactOptional(),
}
export const CAMPAIGN_FIELDS = Object.keys(campaignFields) as readonly (keyof typeof campaignFields)[]

/** What people say of a campaign: all there is of one they made, else what stands in place of the source's own fields. */
export const ManualCampaign = z
  .strictObject({
    ...campaignFields,
    /** Only of campaigns that people made. */
    name: words.exactOptional(),
    channel: words.exactOptional(),
    utm_campaign: words.exactOptional(),
  })
  .refine(({ start_date, end_date }) => !start_date || !end_date || start_date <= end_date, {
    path: ['end_date'],
    error: 'end_date',
  })
  .refine((one) => (one.budget === undefined && one.target_revenue === undefined) || one.currency !== undefined, {
    path: ['currency'],
    error: 'currency',
  })
  .refine(({ budget, currency }) => budget === undefined || currency === undefined || isExact(budget, currency), {
    path: ['budget'],
    error: 'amount',
  })
  .refine(({ budget }) => budget === undefined || !budget.startsWith('-'), { path: ['budget'], error: 'amount' })
  .refine((one) => !one.target_revenue || !one.currency || isExact(one.target_revenue, one.currency), {
    path: ['target_revenue'],
    error: 'amount',
  })
export type ManualCampaign = z.infer<typeof ManualCampaign>

/** What one unit of a currency is worth in another from a day on. */
export const ManualRate = z
  .strictObject({
    date: day,
    from: currency,
    to: currency,
    rate: z.string().regex(/^\d{1,12}(\.\d{1,18})?$/, { error: 'rate' }),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], error: 'to' })
  .refine(({ rate }) => /[1-9]/.test(rate), { path: ['rate'], error: 'rate' })
export type ManualRate = z.infer<typeof ManualRate>

/** Longest period of a budget, days. */
const MAX_DAYS = 3660

/** Classes of marketing, a separate axis from tiers (product.md §5). */
export const CLASSES = ['performance', 'brand'] as const
export type BudgetClass = (typeof CLASSES)[number]

/** Money set aside for some days. It covers the spend that is in all it names; what it leaves out is any. */
export const Budget = z
  .strictObject({
    amount: amount.refine((text) => !text.startsWith('-'), { error: 'amount' }),
    currency,
    /** As it was entered: `2026-03`, `2026-Q1`, `2026` or `2026-03-01..2026-04-15`. */
    period: z.string().min(4).max(24),
    /** First day inside, and first day outside. */
    from: day,
    to: day,
    department: words.exactOptional(),
    /** A campaign, with all below it. */
    campaign: CampaignRef.exactOptional(),
    /** A project by its name; not together with a campaign. */
    project: words.exactOptional(),
    channel: words.exactOptional(),
    tier: z.enum(TIERS).exactOptional(),
    class: z.enum(CLASSES).exactOptional(),
    note: note.exactOptional(),
  })
  .refine(({ from, to }) => from < to && daysBetween(from, to) <= MAX_DAYS, { path: ['period'], error: 'period' })
  .refine(({ campaign, project }) => !campaign || !project, { path: ['project'], error: 'project' })
  .refine((budget) => isExact(budget.amount, budget.currency), { path: ['amount'], error: 'amount' })
export type Budget = z.infer<typeof Budget>

/** A hidden-cost category that has none in a period, as a person has said. */
export const Dismissal = z.strictObject({ category: words, from: day, to: day })
export type Dismissal = z.infer<typeof Dismissal>

/** Values by kind of entry. */
export const MANUAL_VALUES = {
  cost: ManualCost,
  campaign: ManualCampaign,
  rate: ManualRate,
  budget: Budget,
  dismissal: Dismissal,
} as const
export type ManualKind = keyof typeof MANUAL_VALUES
export type ManualValue<Kind extends ManualKind> = z.output<(typeof MANUAL_VALUES)[Kind]>
