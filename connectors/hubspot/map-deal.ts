import { isCurrency } from '../../src/model/money.ts'
import type { AmountChange, AnyRecord, Deal, StageChange } from '../../src/model/records.ts'
import type { Reject } from '../../src/sync/contract.ts'
import type { Env, Mapped } from './env.ts'
import { decimal, Fields } from './fields.ts'
import type { Item } from './item.ts'
import { createdOf, merges, updatedOf } from './map-common.ts'
import { DEAL } from './properties.ts'
import { DEAL_TYPES, mergedIds } from './unverified.ts'
import { present, refuse, say } from './words.ts'

/**
 * A deal with the history of its stage and amount. Won is what HubSpot derives (`hs_is_closed_won`), never what a stage
 * is called; a close date counts only once the deal is closed, before that it is a forecast.
 */
export function toDeal(item: Item, env: Env): Mapped {
  const fields = new Fields('deals', item, env.zone, env.drift)
  fields.expect(DEAL.all, DEAL.optional)
  const currency = fields.text('deal_currency_code')?.toUpperCase() ?? env.currency
  const amount = amountOf(item, fields, currency)
  if (amount && 'where' in amount) return { records: [], rejected: [amount] }
  const won = wonOf(fields)
  const close = fields.instant('closedate')
  const updatedAt = updatedOf(item, fields, 'hs_lastmodifieddate', env)
  const type = fields.text('dealtype')
  const deal = present<Deal>({
    type: 'deal',
    id: item.id,
    updatedAt,
    name: fields.text('dealname'),
    accountId: item.associations.companies?.[0]?.id,
    contactIds: (item.associations.contacts ?? []).map(({ id }) => id),
    ownerId: fields.text('hubspot_owner_id'),
    amount,
    stage: fields.text('dealstage'),
    createdAt: createdOf(item, fields, 'createdate', env),
    closedAt: won === undefined ? undefined : close,
    won,
    layer: type !== undefined && Object.hasOwn(DEAL_TYPES, type) ? DEAL_TYPES[type] : undefined,
    attributes: attributesOf({
      pipeline: fields.text('pipeline'),
      deal_type: type,
      expected_close: won === undefined ? close?.toISOString() : undefined,
    }),
  })
  const records: AnyRecord[] = [deal, ...stageChanges(item.id, fields, updatedAt)]
  records.push(...amountChanges(item.id, fields, currency, updatedAt, env))
  return { records, merged: merges('deal', item.id, mergedIds(fields.text('hs_merged_object_ids'))) }
}

/** True when won, false when lost, undefined while open. */
function wonOf(fields: Fields): boolean | undefined {
  if (fields.flag('hs_is_closed_won')) return true
  return fields.flag('hs_is_closed') ? false : undefined
}

function amountOf(item: Item, fields: Fields, currency: string | undefined): Deal['amount'] | Reject {
  const text = fields.text('amount')
  if (text === undefined) return undefined
  const amount = decimal(text)
  if (amount === undefined) {
    const message = say(
      `The amount of deal ${item.id} is no decimal number: ${text.slice(0, 40)}.`,
      `商机 ${item.id} 的金额不是十进制数：${text.slice(0, 40)}。`,
    )
    return refuse(item.id, 'bad_amount', message, item.raw)
  }
  if (currency === undefined || !isCurrency(currency)) {
    const message = say(
      `Deal ${item.id} has an amount but no known currency (${currency ?? 'none'}).`,
      `商机 ${item.id} 有金额，但币种未知（${currency ?? '无'}）。`,
    )
    return refuse(item.id, 'bad_currency', message, item.raw)
  }
  return { amount, currency }
}

function attributesOf(values: Record<string, string | undefined>): Record<string, string> | undefined {
  const known = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return known.length > 0 ? Object.fromEntries(known) : undefined
}

function stageChanges(dealId: string, fields: Fields, updatedAt: Date | undefined): StageChange[] {
  return fields.history('dealstage').flatMap(({ value, at }) => {
    if (value === '') return []
    const id = `${dealId}:stage:${at.getTime()}:${value}`
    return [present<StageChange>({ type: 'stage_change', id, dealId, stage: value, changedAt: at, updatedAt })]
  })
}

/** Former amounts, in the deal's present currency: HubSpot keeps no history of what the currency was. */
function amountChanges(
  dealId: string,
  fields: Fields,
  currency: string | undefined,
  updatedAt: Date | undefined,
  env: Env,
): AmountChange[] {
  return fields.history('amount').flatMap(({ value, at }) => {
    const amount = decimal(value)
    if (value !== '' && amount === undefined) {
      env.drift('deals.amount.history', 'retyped')
      return []
    }
    const money = amount !== undefined && currency && isCurrency(currency) ? { amount, currency } : undefined
    const change = { dealId, amount: money, changedAt: at, updatedAt }
    return [present<AmountChange>({ type: 'amount_change', id: `${dealId}:amount:${at.getTime()}`, ...change })]
  })
}
