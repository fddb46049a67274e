import type { RowIn } from '../db/schema.ts'
import { surrogate } from '../model/ids.ts'
import { toMinor } from '../model/money.ts'
import type { AnyRecord } from '../model/records.ts'
import type { ManualEntry } from '../state/manual.ts'
import type { CampaignRef, ManualCampaign, ManualCost, ManualRate } from '../state/manual-values.ts'
import type { CampaignFix } from './manual-fixes.ts'
import { FILES, MANUAL } from './manual-source.ts'

/** A campaign of any source as one text: `SOURCE/ID`, the source escaped. */
export function campaignText({ source, id }: CampaignRef): string {
  return `${encodeURIComponent(source)}/${id}`
}

/** The campaign that {@link campaignText} wrote. */
export function campaignOf(text: string): CampaignRef {
  const at = text.indexOf('/')
  return { source: decodeURIComponent(text.slice(0, at)), id: text.slice(at + 1) }
}

/**
 * The source whose id a campaign has. One that people made has an id among those of files: lists of people and costs that are
 * imported name it, and a campaigns file may bring it later.
 */
export function owner({ source, id }: CampaignRef): CampaignRef {
  return { source: source === MANUAL ? FILES : source, id }
}

/** Entry that holds what people say of a campaign. */
export function campaignEntry(ref: CampaignRef): string {
  return `campaign/${campaignText(owner(ref))}`
}

/** The campaign an entry is about. */
export function campaignOfEntry(id: string): CampaignRef {
  return campaignOf(id.slice('campaign/'.length))
}

/** Entry of a rate; also its id in the facts. */
export function rateEntry({ from, to, date }: Pick<ManualRate, 'from' | 'to' | 'date'>): string {
  return `rate/${from}-${to}-${date}`
}

/** The surrogate of a campaign of any source. */
export function campaignId(ref: CampaignRef): bigint {
  const { source, id } = owner(ref)
  return surrogate('campaign', source, id)
}

/** What an entry is in the facts. */
export type Taken =
  | { readonly kind: 'record'; readonly type: 'cost' | 'rate'; readonly id: string; readonly record: AnyRecord | null }
  | {
      readonly kind: 'campaign'
      readonly id: bigint
      /** What stands in the campaign's row; null = nothing. */
      readonly fix: CampaignFix | null
      /** The row itself, where people made the campaign. */
      readonly made: AnyRecord | null
      /** Name of the campaign that the fix puts above it. */
      readonly parent: RowIn | null
    }

/** Budgets and dismissals are read where they are kept; they are nothing in the facts. */
export function taken(tenant: number, { id, kind, value }: ManualEntry): Taken | undefined {
  switch (kind) {
    case 'cost':
      return { kind: 'record', type: kind, id, record: value && costRecord(id, value as ManualCost) }
    case 'rate':
      return { kind: 'record', type: kind, id, record: value && rateRecord(id, value as ManualRate) }
    case 'campaign':
      return campaignTaken(tenant, campaignOfEntry(id), value as ManualCampaign | null)
    default:
      return undefined
  }
}

function campaignTaken(tenant: number, ref: CampaignRef, said: ManualCampaign | null): Taken {
  const id = campaignId(ref)
  const parent = said?.parent && owner(said.parent)
  return {
    kind: 'campaign',
    id,
    fix: said && fixOf(tenant, id, said),
    made: said?.name === undefined ? null : campaignRecord(ref.id, said.name, said),
    parent: parent
      ? { tenant_id: tenant, id: campaignId(parent), kind: 'campaign', source: parent.source, source_id: parent.id }
      : null,
  }
}

function costRecord(id: string, cost: ManualCost): AnyRecord {
  const { date, amount, currency, category, state, campaign, channel, vendor, note } = cost
  return {
    type: 'cost',
    id,
    date,
    amount: { amount, currency },
    category,
    state,
    ...(campaign && { campaignId: campaignText(campaign) }),
    ...(channel && { channel }),
    ...(vendor && { vendor }),
    ...(note && { note }),
  }
}

function rateRecord(id: string, { from, to, date, rate }: ManualRate): AnyRecord {
  return { type: 'rate', id, from, to, date, factor: rate }
}

function campaignRecord(id: string, name: string, said: ManualCampaign): AnyRecord {
  const { channel, utm_campaign, type, paid, tier, brand, start_date, end_date, currency, target_leads } = said
  const { budget, target_revenue, owner, region, product_line, department } = said
  return {
    type: 'campaign',
    id,
    name,
    ...(channel && { channel }),
    ...(utm_campaign && { utmCampaign: utm_campaign }),
    ...(type && { kind: type }),
    ...(paid !== undefined && { paid }),
    ...(tier && { tier }),
    ...(brand !== undefined && { brand }),
    ...(start_date && { startDate: start_date }),
    ...(end_date && { endDate: end_date }),
    ...(budget && currency && { budget: { amount: budget, currency } }),
    ...(target_revenue && currency && { targetRevenue: { amount: target_revenue, currency } }),
    ...(target_leads !== undefined && { targetLeads: target_leads }),
    ...(owner && { owner }),
    ...(region && { region }),
    ...(product_line && { productLine: product_line }),
    ...(department && { department }),
  }
}

/** Columns of a fix. Keeping the source's own is left to SQL. */
function fixOf(tenant: number, campaign: bigint, said: ManualCampaign): CampaignFix {
  const { currency } = said
  const minor = (amount: string | undefined) => (amount && currency ? toMinor({ amount, currency }) : null)
  const own = Object.fromEntries(FIXED.map((column) => [`own_${column}`, null]))
  return {
    ...own,
    tenant_id: tenant,
    campaign_id: campaign,
    kind: said.type ?? null,
    paid: said.paid ?? null,
    tier: said.tier ?? null,
    brand: said.brand ?? null,
    parent_id: said.parent ? campaignId(said.parent) : null,
    start_date: said.start_date ?? null,
    end_date: said.end_date ?? null,
    budget_minor: minor(said.budget),
    currency: currency ?? null,
    target_leads: said.target_leads ?? null,
    target_revenue_minor: minor(said.target_revenue),
    owner: said.owner ?? null,
    region: said.region ?? null,
    product_line: said.product_line ?? null,
    department: said.department ?? null,
    project: said.project ?? null,
  } satisfies RowIn
}

/** Columns that a fix keeps the source's own of. */
const FIXED = [
  'kind',
  'paid',
  'tier',
  'brand',
  'parent_id',
  'start_date',
  'end_date',
  'budget_minor',
  'currency',
  'target_leads',
  'target_revenue_minor',
  'owner',
  'region',
  'product_line',
  'department',
] as const
