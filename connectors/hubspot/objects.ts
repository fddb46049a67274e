import type { RecordType } from '../../src/model/records.ts'
import type { Page, Reject } from '../../src/sync/contract.ts'
import { LIST_LIMIT } from './api.ts'
import { type ListOptions, type ObjectName, readAssociations, readObjects } from './api-objects.ts'
import type { Env, HubspotContext, Mapped } from './env.ts'
import { type Drift, type Item, isReject, toItem } from './item.ts'
import { toAccount } from './map-company.ts'
import { toContact, wantsHistory } from './map-contact.ts'
import { toDeal } from './map-deal.ts'
import { toLead } from './map-lead.ts'
import { COMPANY, CONTACT, DEAL, LEAD, type PropertyList } from './properties.ts'
import { HISTORY_LIMIT } from './unverified.ts'

/** A kind of CRM object, and how it is read. */
export interface ObjectSpec {
  readonly object: ObjectName
  readonly type: RecordType
  /** The properties that hold when a record was made and last changed. */
  readonly created: string
  readonly modified: string
  readonly properties: PropertyList
  /** Given when only some records need their history: it is then fetched beside the list. */
  readonly wantsHistory?: (item: Item) => boolean
  readonly associations: readonly string[]
  readonly map: (item: Item, env: Env) => Mapped
}

export const CONTACTS: ObjectSpec = {
  object: 'contacts',
  type: 'contact',
  created: 'createdate',
  modified: 'lastmodifieddate',
  properties: CONTACT,
  wantsHistory,
  associations: [],
  map: toContact,
}

export const COMPANIES: ObjectSpec = {
  object: 'companies',
  type: 'account',
  created: 'createdate',
  modified: 'hs_lastmodifieddate',
  properties: COMPANY,
  associations: [],
  map: toAccount,
}

export const DEALS: ObjectSpec = {
  object: 'deals',
  type: 'deal',
  created: 'createdate',
  modified: 'hs_lastmodifieddate',
  properties: DEAL,
  associations: ['contacts', 'companies'],
  map: toDeal,
}

export const LEADS: ObjectSpec = {
  object: 'leads',
  type: 'lead',
  created: 'hs_createdate',
  modified: 'hs_lastmodifieddate',
  properties: LEAD,
  associations: ['contacts', 'companies'],
  map: toLead,
}

/** What a list or batch of these is asked for: the history comes along when every record needs it. */
export function listOptions(spec: ObjectSpec): ListOptions {
  const { all, history } = spec.properties
  if (spec.wantsHistory || history.length === 0) return { properties: all, limit: LIST_LIMIT }
  return { properties: all, history, limit: HISTORY_LIMIT }
}

/** Raw records apart: readable ones, and those refused at once. */
export function openItems(
  raws: readonly unknown[],
  object: string,
  drift: Drift,
): { items: Item[]; rejected: Reject[] } {
  const items: Item[] = []
  const rejected: Reject[] = []
  for (const raw of raws) {
    const item = toItem(raw, object, drift)
    if (isReject(item)) rejected.push(item)
    else items.push(item)
  }
  return { items, rejected }
}

/** Adds what a list does not tell: the history of those that need it, and associations beyond what was inline. */
export async function complete(
  context: HubspotContext,
  spec: ObjectSpec,
  items: readonly Item[],
  inline: boolean,
): Promise<Item[]> {
  const histories = await historiesOf(context, spec, items)
  const links = await linksOf(context, spec, items, inline)
  return items.map((item) => ({
    ...item,
    history: histories.get(item.id) ?? item.history,
    associations: { ...item.associations, ...links.get(item.id) },
  }))
}

async function historiesOf(context: HubspotContext, spec: ObjectSpec, items: readonly Item[]) {
  const found = new Map<string, Item['history']>()
  const wanted = spec.wantsHistory ? items.filter(spec.wantsHistory).map(({ id }) => id) : []
  const options = { properties: [spec.modified], history: spec.properties.history, limit: HISTORY_LIMIT }
  const raws = await readObjects(context.http, spec.object, wanted, options)
  for (const { id, history } of openItems(raws, spec.object, () => {}).items) found.set(id, history)
  return found
}

async function linksOf(context: HubspotContext, spec: ObjectSpec, items: readonly Item[], inline: boolean) {
  const found = new Map<string, Record<string, Item['associations'][string]>>()
  for (const to of spec.associations) {
    const wanted = inline ? items.filter(({ more }) => more.includes(to)) : items
    const lists = await readAssociations(
      context.http,
      spec.object,
      to,
      wanted.map(({ id }) => id),
    )
    for (const [id, list] of lists) found.set(id, { ...found.get(id), [to]: list })
  }
  return found
}

/** The part of a page that these records make. */
export function mapItems(
  items: readonly Item[],
  spec: ObjectSpec,
  env: Env,
): Required<Pick<Page, 'records' | 'rejected' | 'merged'>> {
  const mapped = items.map((item) => spec.map(item, env))
  return {
    records: mapped.flatMap(({ records }) => records),
    rejected: mapped.flatMap(({ rejected = [] }) => rejected),
    merged: mapped.flatMap(({ merged = [] }) => merged),
  }
}

/** Records by id as one page; those HubSpot no longer has are gone, unless another one has taken them in. */
export async function pageOf(
  context: HubspotContext,
  spec: ObjectSpec,
  env: Env,
  ids: readonly string[],
): Promise<Omit<Page, 'cursor'>> {
  const unique = [...new Set(ids)]
  const raws = await readObjects(context.http, spec.object, unique, listOptions(spec))
  const { items, rejected } = openItems(raws, spec.object, env.drift)
  const page = mapItems(await complete(context, spec, items, false), spec, env)
  const known = new Set([...items.map(({ id }) => id), ...page.merged.map(({ from }) => from.id)])
  const deleted = unique.filter((id) => !known.has(id)).map((id) => ({ type: spec.type, id }))
  // A record that came without its id is one of the missing ones: then none of them may be called gone.
  return { ...page, rejected: [...rejected, ...page.rejected], deleted: rejected.length > 0 ? [] : deleted }
}
