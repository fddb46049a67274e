import { Lookup, text } from './lookup.ts'
import { inWorkspaceCurrency } from './rates.ts'
import type { Scene } from './scene.ts'
import { ERASED } from './words.ts'

const DEAL = new Lookup<DealRow>('deal')
const CONTACT = new Lookup<NamedRow & { erased: boolean }>('contact')
const CAMPAIGN = new Lookup<NamedRow>('campaign', 1)
const NAME = new Lookup<Omit<NamedRow, 'name'>>('name')
const DEAL_PEOPLE = new Lookup<MemberRow>('deal-people')
const PERSON_DEALS = new Lookup<{ id: bigint }>('person-deals')
const TOUCHES = new Lookup<TouchRow>('touches', 32)
const TOUCH_ENDS = new Lookup<TouchRow & { all_count: bigint }>('touch-ends', 32)
const TOUCH_IDS = new Lookup<{ id: bigint }>('touch-ids')
const MILESTONES = new Lookup<MilestoneRow>('milestones')
const PAYMENTS = new Lookup<PaymentRow>('payments')
const CREDIT = new Lookup<CreditRow>('credit')
const ACCOUNT_PEOPLE = text('account-people')
const ACCOUNT_DEALS = text('account-deals')

/** Entries a journey shows at most; the newest ones. */
export const MAX_JOURNEY = 500
/** Touches of one person that are read one and all; of people with more, the ends. */
const MANY = 2000
/** Deals a view lists at most; the newest ones. */
export const MAX_DEALS = 100

interface NamedRow {
  id: bigint
  source_id: string
  name: string | null
}

interface MemberRow {
  person_id: bigint
  fallback: boolean
}

/** Someone of a journey. `id` in its source is null for a person known by an address only. */
export interface Person {
  readonly id: string | null
  readonly name: string | null
}

export interface DealRow {
  id: bigint
  source_id: string
  name: string | null
  amount_minor: bigint | null
  currency: string | null
  /** What it says itself, where `amount_minor` was converted to the workspace's currency. */
  original?: { readonly minor: bigint; readonly currency: string }
  /** Epoch milliseconds. */
  created_at: number | null
  closed_at: number | null
  won: boolean | null
  owner_id: bigint | null
}

/** A deal the ledger gives credit for: won, with an amount and a day. The same condition as outcomes.sql. */
export type WonDeal = DealRow & { amount_minor: bigint; closed_at: number }

export function isWon<Deal extends DealRow>(deal: Deal): deal is Deal & WonDeal {
  return deal.won === true && deal.closed_at !== null && deal.amount_minor !== null
}

export interface TouchRow {
  id: bigint
  person_id: bigint
  occurred_at: number
  sequence: bigint | null
  source: string
  source_id: string
  channel_id: bigint
  campaign_id: bigint | null
  kind: string | null
}

/** Touches in journey order: at least the newest {@link MAX_JOURNEY}, and the very first one. */
export interface Touches {
  readonly rows: readonly TouchRow[]
  /** Of all, also those not in `rows`. */
  readonly count: number
  /** People who have any. */
  readonly people: number
}

export interface MilestoneRow {
  /** 1 lead … 6 receipt, as in the ledger. */
  kind: number
  id: bigint
  owner_id: bigint
  occurred_at: number
  lead_at: number | null
}

export interface PaymentRow {
  id: bigint
  amount_minor: bigint
  currency: string
}

/** A row of the ledger under the model asked for: `w` of WHOLE, `m` minor units of the workspace's currency. */
export interface CreditRow {
  outcome_id: bigint
  touch_id: bigint | null
  channel_id: bigint | null
  campaign_id: bigint | null
  position: number
  w: bigint
  m: bigint
}

export function dealPeople(scene: Scene, deal: bigint): Promise<MemberRow[]> {
  return DEAL_PEOPLE.read(scene, [deal])
}

/** The buying group of an account. */
export async function accountPeople(scene: Scene, account: bigint): Promise<Map<bigint, Person>> {
  const { reader, tenant } = scene
  const rows = await reader.query<{
    person_id: bigint
    source_id: string | null
    name: string | null
    named: boolean
    erased: boolean
  }>(ACCOUNT_PEOPLE, [tenant, account])
  const people = new Map<bigint, Person>()
  for (const { person_id, source_id: id, named, ...one } of rows) {
    if (named) people.set(person_id, { id, name: nameOf(scene, one) })
  }
  const others = rows.map(({ person_id }) => person_id).filter((person) => !people.has(person))
  const known = await peopleOf(scene, others)
  for (const person of others) people.set(person, known.get(person) ?? { id: null, name: null })
  return people
}

export async function personDeals(scene: Scene, person: bigint): Promise<DealRow[]> {
  const ids = await PERSON_DEALS.read(scene, [person])
  return dealsOf(
    scene,
    ids.map(({ id }) => id),
  )
}

export async function accountDeals(scene: Scene, account: bigint): Promise<DealRow[]> {
  const { reader, tenant } = scene
  return inWorkspaceCurrency(scene, await reader.query<DealRow>(ACCOUNT_DEALS, [tenant, account]))
}

export async function dealsOf(scene: Scene, ids: readonly bigint[]): Promise<DealRow[]> {
  return inWorkspaceCurrency(scene, await DEAL.read(scene, ids))
}

/** Who people are: the oldest contact of each; of one that has not arrived only the id is known. */
export async function peopleOf(scene: Scene, ids: readonly bigint[]): Promise<Map<bigint, Person>> {
  const rows: (Omit<NamedRow, 'name'> & { name?: string | null; erased?: boolean })[] = await CONTACT.read(scene, ids)
  rows.push(...(await NAME.read(scene, missing(ids, rows))))
  return new Map(rows.map(({ id, source_id, ...one }) => [id, { id: source_id, name: nameOf(scene, one) }]))
}

/** What people read for a contact; null where it has no name. */
export function nameOf({ locale }: Scene, one: { name?: string | null; erased?: boolean }): string | null {
  return one.erased ? ERASED[locale] : (one.name ?? null)
}

/** Campaigns of some touches by their surrogate; one that is not in the data is named by its id. */
export async function campaignsOf(
  scene: Scene,
  rows: Iterable<{ readonly campaign_id: bigint | null }>,
): Promise<Map<bigint, { id: string; name: string }>> {
  const ids = [...new Set([...rows].flatMap(({ campaign_id }) => (campaign_id === null ? [] : [campaign_id])))]
  const found: (Omit<NamedRow, 'name'> & { name?: string | null })[] = await CAMPAIGN.read(scene, ids)
  found.push(...(await NAME.read(scene, missing(ids, found))))
  return new Map(found.map(({ id, source_id, name }) => [id, { id: source_id, name: name ?? source_id }]))
}

function missing(ids: readonly bigint[], rows: readonly { readonly id: bigint }[]): bigint[] {
  const known = new Set(rows.map(({ id }) => id))
  return ids.filter((id) => !known.has(id))
}

/** Keys of the workspace's channels. */
export async function channelsOf({ reader, tenant }: Pick<Scene, 'reader' | 'tenant'>): Promise<Map<bigint, string>> {
  const rows = await reader.query<{ id: bigint; key: string }>('SELECT id, key FROM channel WHERE tenant_id = $1', [
    tenant,
  ])
  return new Map(rows.map(({ id, key }) => [id, key]))
}

/** @param newest how many of the newest at least */
export async function touchesOf(
  scene: Scene,
  people: readonly bigint[],
  until: Date,
  newest = MAX_JOURNEY,
): Promise<Touches> {
  const last = until.toISOString()
  const rows: TouchRow[] = []
  const counts = new Map<bigint, number>()
  const many: bigint[] = []
  const all = new Set(people)
  if (TOUCHES.isList(all)) many.push(...all)
  else {
    const read = new Map<bigint, TouchRow[]>([...all].map((person) => [person, []]))
    for (const row of await TOUCHES.read(scene, all, last, MANY + 1)) read.get(row.person_id)?.push(row)
    for (const [person, some] of read) {
      if (some.length === 0) continue
      if (some.length > MANY) many.push(person)
      else {
        rows.push(...some)
        counts.set(person, some.length)
      }
    }
  }
  for (const { all_count, ...row } of await TOUCH_ENDS.read(scene, many, last, Math.max(newest, MAX_JOURNEY))) {
    rows.push(row)
    counts.set(row.person_id, Number(all_count))
  }
  return {
    rows: rows.sort(inJourney),
    count: [...counts.values()].reduce((sum, n) => sum + n, 0),
    people: counts.size,
  }
}

/** The ledger's order of touches (attribution.md §1): texts as bytes, no sequence last. */
function inJourney(a: TouchRow, b: TouchRow): number {
  if (a.occurred_at !== b.occurred_at) return a.occurred_at - b.occurred_at
  if (a.sequence !== b.sequence) {
    if (a.sequence === null) return 1
    if (b.sequence === null) return -1
    return a.sequence < b.sequence ? -1 : 1
  }
  return bytes(a.source, b.source) || bytes(a.source_id, b.source_id)
}

function bytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** Ids of all touches of a person, from what was read of them where that is complete. */
export async function touchIds(scene: Scene, person: bigint, touches: Touches): Promise<Set<bigint>> {
  const complete = touches.rows.length === touches.count
  const rows = complete ? touches.rows : await TOUCH_IDS.read(scene, [person])
  return new Set(rows.map(({ id }) => id))
}

/** Outcomes of some people and deals, oldest first. */
export async function milestonesOf(scene: Scene, owners: readonly bigint[]): Promise<MilestoneRow[]> {
  const rows = await MILESTONES.read(scene, owners)
  return rows.sort((a, b) => a.occurred_at - b.occurred_at || a.kind - b.kind || (a.id < b.id ? -1 : 1))
}

/** Payments behind the receipts among some milestones. */
export async function paymentsOf(scene: Scene, milestones: readonly MilestoneRow[]): Promise<Map<bigint, PaymentRow>> {
  const deals = milestones.filter(({ kind }) => kind === 6).map(({ owner_id }) => owner_id)
  return new Map((await PAYMENTS.read(scene, deals)).map((row) => [row.id, row]))
}

/** Credit of won deals, each in the order of its journey. */
export async function creditOf(scene: Scene, deals: readonly bigint[]): Promise<CreditRow[]> {
  const rows = await CREDIT.read(scene, deals, scene.model)
  return rows.sort((a, b) => a.position - b.position)
}
