import type { RowIn } from '../db/schema.ts'
import { type Clue, UNKNOWN_CHANNEL_ID } from '../journey/channels.ts'
import { normalizeEmail, normalizePhone } from '../journey/normalize.ts'
import { contentHash, type RefKind, surrogate } from '../model/ids.ts'
import { type Money, toMinor } from '../model/money.ts'
import type { AnyRecord, PersonRef, Touch } from '../model/records.ts'
import type { AliasBook } from './alias.ts'

/** Where rows belong and what their channels depend on. */
export interface RowContext {
  readonly tenant: number
  readonly source: string
  /** Channel of a touch that names none itself, from the workspace's rules. */
  readonly ruleChannel: (clue: Clue, hasCampaign: boolean) => string | null
  readonly refs: RefBook
  /** What ids of merged records mean. */
  readonly aliases?: AliasBook | undefined
  /** Whose record an id means, in a source that names those of others; undefined = its own. */
  readonly foreign?: ((kind: RefKind, id: string) => Foreign | undefined) | undefined
}

/** A record of another source. */
export interface Foreign {
  readonly source: string
  readonly id: string
}

/** A reference met on the way: kept so that a record that has not arrived yet keeps its name. */
export interface SeenRef {
  readonly id: bigint
  readonly kind: RefKind
  readonly source: string
  readonly sourceId: string
  /** The store has its name. */
  stored: boolean
}

/** References remembered at a time. */
const MAX_REFS = 300_000

/**
 * References by name. Records name the same campaigns and people again and again: each is digested once, and a look
 * tells whether the store has it. Forgets all of them when they become too many.
 */
export class RefBook {
  readonly #sources = new Map<string, Map<RefKind, Map<string, SeenRef>>>()
  #size = 0

  get(kind: RefKind, source: string, sourceId: string): SeenRef {
    const known = this.#sources.get(source)?.get(kind)?.get(sourceId)
    if (known) return known
    if (this.#size >= MAX_REFS) this.clear()
    const ref = { id: surrogate(kind, source, sourceId), kind, source, sourceId, stored: false }
    const kinds = this.#sources.get(source) ?? new Map<RefKind, Map<string, SeenRef>>()
    const names = kinds.get(kind) ?? new Map<string, SeenRef>()
    this.#sources.set(source, kinds)
    kinds.set(kind, names)
    names.set(sourceId, ref)
    this.#size += 1
    return ref
  }

  /** Forgets what the store has: names may have gone from it. */
  clear(): void {
    this.#sources.clear()
    this.#size = 0
  }
}

/** What one record becomes. */
export interface Mapped {
  readonly table: AnyRecord['type']
  readonly row: RowIn
  readonly refs: readonly SeenRef[]
  readonly channels: readonly SeenRef[]
  /** People a deal names. */
  readonly contacts?: readonly bigint[]
}

/** Turns a record of the model into the row the store keeps. Throws RangeError for money out of range. */
export function toRow(record: AnyRecord, context: RowContext): Mapped {
  const refs: SeenRef[] = []
  const channels: SeenRef[] = []
  const ref = (kind: RefKind, sourceId: string | undefined, source = context.source): bigint | null => {
    if (sourceId === undefined) return null
    const foreign = context.foreign?.(kind, sourceId)
    const seen = context.refs.get(kind, foreign?.source ?? source, foreign?.id ?? sourceId)
    refs.push(seen)
    return seen.id
  }
  const channel = (key: string | null | undefined): bigint | null => {
    if (key === null || key === undefined) return null
    const seen = context.refs.get('channel', '', key)
    channels.push(seen)
    return seen.id
  }
  const build = BUILDERS[record.type] as (record: AnyRecord, tools: Tools) => Record<string, unknown>
  const fields = build(record, { ref, channel, ruleChannel: context.ruleChannel }) as Record<string, RowIn[string]>
  const contacts = record.type === 'deal' ? dealContacts(record.contactIds, ref) : undefined
  const attributes = record.attributes ? JSON.stringify(record.attributes) : null
  const updated_at = record.updatedAt?.getTime() ?? null
  const row: RowIn = {
    tenant_id: context.tenant,
    id: surrogate(record.type as RefKind, context.source, record.id),
    source: context.source,
    source_id: record.id,
    ...fields,
    attributes,
    updated_at,
    row_hash: contentHash(contentOf(fields, attributes)),
  }
  const mapped = { table: record.type, row, refs, channels, ...(contacts ? { contacts } : {}) }
  return context.aliases && context.aliases.size > 0 ? aliased(mapped, context.aliases) : mapped
}

/** Columns that name a record which may have been merged into another one. */
const MERGEABLE = ['ref_id', 'person_id', 'contact_id', 'account_id', 'deal_id'] as const

/** A row with merged records under the names they have now. Its hash stays that of what the source says. */
function aliased(mapped: Mapped, aliases: AliasBook): Mapped {
  const row: Record<string, RowIn[string]> = { ...mapped.row }
  for (const column of MERGEABLE) {
    const id = row[column]
    if (typeof id === 'bigint') row[column] = aliases.resolve(id)
  }
  const contacts = mapped.contacts && [...new Set(mapped.contacts.map((id) => aliases.resolve(id)))]
  return { ...mapped, row: row as RowIn, ...(contacts ? { contacts } : {}) }
}

interface Tools {
  readonly ref: (kind: RefKind, sourceId: string | undefined, source?: string) => bigint | null
  readonly channel: (key: string | null | undefined) => bigint | null
  readonly ruleChannel: RowContext['ruleChannel']
}

/** Columns that stitching and channel rules derive: they change without the record having changed. */
const DERIVED = new Set(['person_id', 'channel_id', 'own_channel_id', 'used_campaign_id', 'eligible'])

/** The content as text, for the hash. Derived columns are left out: they change without the source. */
function contentOf(fields: Record<string, RowIn[string]>, attributes: string | null): string {
  let text = attributes ?? ''
  for (const key in fields) if (!DERIVED.has(key)) text += `\u0001${fields[key] ?? '\u0002'}`
  return text
}

function dealContacts(ids: readonly string[] | undefined, ref: Tools['ref']): bigint[] {
  return [...new Set((ids ?? []).map((id) => ref('contact', id)!))]
}

const instant = (value: Date | undefined): number | null => value?.getTime() ?? null
const minor = (money: Money | undefined): bigint | null => (money ? toMinor(money) : null)

type Builder<Type extends AnyRecord['type']> = (
  record: Extract<AnyRecord, { type: Type }>,
  tools: Tools,
) => Record<string, unknown>

const BUILDERS: { readonly [Type in AnyRecord['type']]: Builder<Type> } = {
  campaign: (c, { ref, channel }) => ({
    name: c.name,
    channel: c.channel ?? null,
    channel_id: channel(c.channel),
    kind: c.kind ?? null,
    paid: c.paid ?? null,
    tier: c.tier ?? null,
    brand: c.brand ?? null,
    parent_id: ref('campaign', c.parentId),
    start_date: c.startDate ?? null,
    end_date: c.endDate ?? null,
    budget_minor: minor(c.budget),
    currency: c.budget?.currency ?? c.targetRevenue?.currency ?? null,
    target_leads: c.targetLeads ?? null,
    target_revenue_minor: minor(c.targetRevenue),
    owner: c.owner ?? null,
    region: c.region ?? null,
    product_line: c.productLine ?? null,
    department: c.department ?? null,
    utm_campaign: c.utmCampaign ?? null,
  }),
  cost: (c, { ref, channel }) => ({
    date: c.date,
    amount_minor: minor(c.amount),
    currency: c.amount.currency,
    category: c.category,
    campaign_id: ref('campaign', c.campaignId),
    channel: c.channel ?? null,
    channel_id: channel(c.channel),
    state: c.state,
    vendor: c.vendor ?? null,
    note: c.note ?? null,
    impressions: c.impressions ?? null,
    clicks: c.clicks ?? null,
  }),
  contact: (c, { ref }) => ({
    email: c.email ?? null,
    phone: c.phone ?? null,
    external_id: c.externalId ?? null,
    email_key: keyOf(ref, 'email', c.email && normalizeEmail(c.email)),
    phone_key: keyOf(ref, 'phone', c.phone && normalizePhone(c.phone)),
    external_key: keyOf(ref, 'external', c.externalId),
    person_id: ref('contact', c.id),
    account_id: ref('account', c.accountId),
    name: c.name ?? null,
    created_at: instant(c.createdAt),
    lead_at: instant(c.leadAt),
    mql_at: instant(c.mqlAt),
    sql_at: instant(c.sqlAt),
    lead_source: c.source ?? null,
    region: c.region ?? null,
    industry: c.industry ?? null,
  }),
  account: (a) => ({
    name: a.name,
    domain: a.domain ?? null,
    industry: a.industry ?? null,
    region: a.region ?? null,
    size: a.size ?? null,
  }),
  touch: (t, { ref, channel, ruleChannel }) => {
    const own = channel(t.channel ?? ruleChannel(t, t.campaignId !== undefined))
    const person = personRef(t.person, ref)
    return {
      ref_id: person,
      person_id: person,
      occurred_at: instant(t.occurredAt),
      sequence: t.sequence === undefined ? null : BigInt(t.sequence),
      channel: t.channel ?? null,
      own_channel_id: own,
      channel_id: own ?? UNKNOWN_CHANNEL_ID,
      campaign_id: ref('campaign', t.campaignId),
      used_campaign_id: ref('campaign', t.campaignId),
      eligible: null,
      ...touchDetails(t),
    }
  },
  deal: (d, { ref }) => ({
    name: d.name ?? null,
    account_id: ref('account', d.accountId),
    contact_refs: d.contactIds && d.contactIds.length > 0 ? d.contactIds.join(';') : null,
    amount_minor: minor(d.amount),
    currency: d.amount?.currency ?? null,
    stage: d.stage ?? null,
    created_at: instant(d.createdAt),
    closed_at: instant(d.closedAt),
    won: d.won ?? null,
    layer: d.layer ?? null,
    product_line: d.productLine ?? null,
    region: d.region ?? null,
    department: d.department ?? null,
    product_cost_minor: minor(d.productCost),
    owner_id: ref('owner', d.ownerId),
  }),
  stage_change: (s, { ref }) => ({ deal_id: ref('deal', s.dealId), stage: s.stage, changed_at: instant(s.changedAt) }),
  payment: (p, { ref }) => ({
    deal_id: ref('deal', p.dealId),
    amount_minor: minor(p.amount),
    currency: p.amount.currency,
    paid_at: instant(p.paidAt),
  }),
  amount_change: (a, { ref }) => ({
    deal_id: ref('deal', a.dealId),
    amount_minor: minor(a.amount),
    currency: a.amount?.currency ?? null,
    changed_at: instant(a.changedAt),
  }),
  lead: (l, { ref }) => ({
    name: l.name ?? null,
    contact_id: ref('contact', l.contactId),
    account_id: ref('account', l.accountId),
    owner_id: ref('owner', l.ownerId),
    stage: l.stage ?? null,
    lead_source: l.source ?? null,
    created_at: instant(l.createdAt),
    closed_at: instant(l.closedAt),
    accepted: l.accepted ?? null,
  }),
  owner: (o) => ({ name: o.name, email: o.email ?? null, team: o.team ?? null }),
  stage: (s) => ({
    pipeline: s.pipeline,
    label: s.label,
    position: BigInt(s.position),
    probability: s.probability ?? null,
    closed: s.closed,
    won: s.won,
  }),
  invoice: (i, { ref }) => ({
    deal_id: ref('deal', i.dealId),
    amount_minor: minor(i.amount),
    currency: i.amount.currency,
    issued_at: instant(i.issuedAt),
  }),
  rate: (r) => ({ currency_from: r.from, currency_to: r.to, date: r.date, factor: r.factor }),
}

function touchDetails(t: Touch): Record<string, string | null> {
  return {
    kind: t.kind ?? null,
    utm_source: t.utmSource ?? null,
    utm_medium: t.utmMedium ?? null,
    utm_campaign: t.utmCampaign ?? null,
    utm_content: t.utmContent ?? null,
    utm_term: t.utmTerm ?? null,
    click_id: t.clickId ?? null,
    referrer: t.referrer ?? null,
    landing_url: t.landingUrl ?? null,
    creative: t.creative ?? null,
  }
}

/** E-mail, phone and external id are the same person's in every source, so their keys carry no source. */
function keyOf(
  ref: Tools['ref'],
  kind: 'email' | 'phone' | 'external',
  value: string | null | undefined,
): bigint | null {
  return value ? ref(kind, value, '') : null
}

function personRef(person: PersonRef, ref: Tools['ref']): bigint {
  if ('contactId' in person) return ref('contact', person.contactId)!
  if ('email' in person) return ref('email', normalizeEmail(person.email) ?? person.email, '')!
  if ('phone' in person) return ref('phone', normalizePhone(person.phone) ?? person.phone, '')!
  return ref('external', person.externalId, '')!
}
