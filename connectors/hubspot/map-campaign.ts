import { isCurrency } from '../../src/model/money.ts'
import { localDay } from '../../src/model/period.ts'
import { type AnyRecord, type Campaign, COST_CATEGORIES, type Cost } from '../../src/model/records.ts'
import type { Reject } from '../../src/sync/contract.ts'
import type { Totals } from './api-marketing.ts'
import type { Env, Mapped } from './env.ts'
import { decimal, Fields, parseInstant } from './fields.ts'
import { type Item, idOf, isObject } from './item.ts'
import { CAMPAIGN_PROPERTIES } from './properties.ts'
import { CAMPAIGN_EXTRAS } from './unverified.ts'
import { present, refuse, say } from './words.ts'

/** First and last day of a campaign, as far as they are known. */
interface Span {
  readonly start: string | undefined
  readonly end: string | undefined
}

/** A campaign with its budget, and its spend items as costs. `totals` undefined: budget and spend cannot be read. */
export function toCampaign(item: Item, totals: Totals | undefined, env: Env): Mapped {
  const fields = new Fields('campaigns', item, env.zone, env.drift)
  fields.expect(CAMPAIGN_PROPERTIES, new Set(['hs_goal', 'hs_budget', ...CAMPAIGN_EXTRAS]))
  const span = spanOf(fields, env)
  const currency = totals?.currencyCode ?? fields.text('hs_currency_code') ?? env.currency
  const status = fields.text('hs_campaign_status')
  const campaign = present<Campaign>({
    type: 'campaign',
    id: item.id,
    updatedAt: parseInstant(item.updatedAt, env.zone),
    name: fields.text('hs_name') ?? item.id,
    startDate: span.start,
    endDate: span.end,
    budget: moneyOf(totals?.budgetTotal ?? fields.text('hs_budget'), currency),
    owner: fields.text('hs_owner'),
    utmCampaign: fields.text('hs_utm'),
    attributes: status ? { status } : undefined,
  })
  const costs = (totals?.spendItems ?? []).map((raw) => toCost(raw, item.id, span, currency, env))
  return {
    records: [campaign, ...costs.filter((cost): cost is Cost => !('where' in cost))] as AnyRecord[],
    rejected: costs.filter((cost): cost is Reject => 'where' in cost),
  }
}

export function spanOf(fields: Fields, env: Env): Span {
  const day = (name: string) => {
    const at = fields.instant(name)
    return at && localDay(env.zone, at.getTime())
  }
  return { start: day('hs_start_date'), end: day('hs_end_date') }
}

function moneyOf(value: unknown, currency: string | undefined): Campaign['budget'] {
  const amount = decimal(value)
  return amount !== undefined && currency !== undefined && isCurrency(currency) ? { amount, currency } : undefined
}

/**
 * A spend item. HubSpot keeps no day of spending, only when the item was entered: that day, moved into the campaign's
 * span where it lies outside, stands in, and the row says that it is an estimate.
 */
function toCost(raw: unknown, campaignId: string, span: Span, currency: string | undefined, env: Env): Cost | Reject {
  const id = isObject(raw) ? idOf(raw.id) : undefined
  const amount = isObject(raw) ? moneyOf(raw.amount, currency) : undefined
  const at = isObject(raw) ? parseInstant(raw.createdAt, env.zone) : undefined
  if (!isObject(raw) || id === undefined || !amount || !at) {
    const message = say(
      `A spend item of campaign ${campaignId} lacks an id, an amount with a known currency, or a date.`,
      `营销活动 ${campaignId} 的支出项缺少 ID、币种已知的金额或日期。`,
    )
    return refuse(id ?? campaignId, 'bad_spend_item', message, raw)
  }
  const name = typeof raw.name === 'string' ? raw.name.trim() : ''
  const note = typeof raw.description === 'string' ? raw.description.trim() : ''
  return present<Cost>({
    type: 'cost',
    id: `${campaignId}:${id}`,
    updatedAt: parseInstant(raw.updatedAt, env.zone),
    date: within(localDay(env.zone, at.getTime()), span),
    amount,
    category: categoryOf(name) ?? env.settings.spend_category,
    campaignId,
    state: 'actual',
    note: note || undefined,
    attributes: { date_estimated: 'true', ...(name ? { item_name: name } : {}) },
  })
}

function within(day: string, { start, end }: Span): string {
  if (start && day < start) return start
  return end && day > end && (!start || end >= start) ? end : day
}

function categoryOf(name: string): string | undefined {
  return COST_CATEGORIES.find((category) => category === name.toLowerCase())
}
