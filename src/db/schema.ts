/**
 * The columns of the record tables, in the order of the migration. Upserts are generated from this; everything else is
 * SQL in files. A test compares it with the database's own catalogue.
 */
export type ColumnType = 'integer' | 'bigint' | 'double' | 'text' | 'boolean' | 'timestamp' | 'date'

/** A row on its way in: bigint for BIGINT, epoch milliseconds for TIMESTAMP, `YYYY-MM-DD` for DATE. */
export type RowIn = Readonly<Record<string, Value>>
export type Value = string | number | bigint | boolean | null

const KEY = { tenant_id: 'integer', id: 'bigint', source: 'text', source_id: 'text' } as const
const TAIL = { attributes: 'text', updated_at: 'timestamp', row_hash: 'bigint' } as const

export const TABLES = {
  campaign: {
    ...KEY,
    name: 'text',
    channel: 'text',
    channel_id: 'bigint',
    kind: 'text',
    paid: 'boolean',
    tier: 'text',
    brand: 'boolean',
    parent_id: 'bigint',
    start_date: 'date',
    end_date: 'date',
    budget_minor: 'bigint',
    currency: 'text',
    target_leads: 'double',
    target_revenue_minor: 'bigint',
    owner: 'text',
    region: 'text',
    product_line: 'text',
    department: 'text',
    utm_campaign: 'text',
    ...TAIL,
  },
  cost: {
    ...KEY,
    date: 'date',
    amount_minor: 'bigint',
    currency: 'text',
    category: 'text',
    campaign_id: 'bigint',
    channel: 'text',
    channel_id: 'bigint',
    state: 'text',
    vendor: 'text',
    note: 'text',
    impressions: 'double',
    clicks: 'double',
    ...TAIL,
  },
  contact: {
    ...KEY,
    email: 'text',
    phone: 'text',
    external_id: 'text',
    email_key: 'bigint',
    phone_key: 'bigint',
    external_key: 'bigint',
    person_id: 'bigint',
    account_id: 'bigint',
    name: 'text',
    created_at: 'timestamp',
    lead_at: 'timestamp',
    mql_at: 'timestamp',
    sql_at: 'timestamp',
    lead_source: 'text',
    region: 'text',
    industry: 'text',
    ...TAIL,
  },
  account: { ...KEY, name: 'text', domain: 'text', industry: 'text', region: 'text', size: 'text', ...TAIL },
  touch: {
    ...KEY,
    ref_id: 'bigint',
    person_id: 'bigint',
    occurred_at: 'timestamp',
    sequence: 'bigint',
    channel: 'text',
    own_channel_id: 'bigint',
    channel_id: 'bigint',
    campaign_id: 'bigint',
    kind: 'text',
    utm_source: 'text',
    utm_medium: 'text',
    utm_campaign: 'text',
    utm_content: 'text',
    utm_term: 'text',
    click_id: 'text',
    referrer: 'text',
    landing_url: 'text',
    creative: 'text',
    ...TAIL,
  },
  deal: {
    ...KEY,
    name: 'text',
    account_id: 'bigint',
    contact_refs: 'text',
    amount_minor: 'bigint',
    currency: 'text',
    stage: 'text',
    created_at: 'timestamp',
    closed_at: 'timestamp',
    won: 'boolean',
    layer: 'text',
    product_line: 'text',
    region: 'text',
    department: 'text',
    product_cost_minor: 'bigint',
    ...TAIL,
    owner_id: 'bigint',
  },
  stage_change: { ...KEY, deal_id: 'bigint', stage: 'text', changed_at: 'timestamp', ...TAIL },
  amount_change: {
    ...KEY,
    deal_id: 'bigint',
    amount_minor: 'bigint',
    currency: 'text',
    changed_at: 'timestamp',
    ...TAIL,
  },
  lead: {
    ...KEY,
    name: 'text',
    contact_id: 'bigint',
    account_id: 'bigint',
    owner_id: 'bigint',
    stage: 'text',
    lead_source: 'text',
    created_at: 'timestamp',
    closed_at: 'timestamp',
    accepted: 'boolean',
    ...TAIL,
  },
  owner: { ...KEY, name: 'text', email: 'text', team: 'text', ...TAIL },
  stage: {
    ...KEY,
    pipeline: 'text',
    label: 'text',
    position: 'bigint',
    probability: 'double',
    closed: 'boolean',
    won: 'boolean',
    ...TAIL,
  },
  rate: { ...KEY, currency_from: 'text', currency_to: 'text', date: 'date', factor: 'text', ...TAIL },
  payment: {
    ...KEY,
    deal_id: 'bigint',
    amount_minor: 'bigint',
    currency: 'text',
    paid_at: 'timestamp',
    ...TAIL,
  },
  deal_contact: { tenant_id: 'integer', deal_id: 'bigint', ref_id: 'bigint' },
  source_key: { tenant_id: 'integer', id: 'bigint', kind: 'text', source: 'text', source_id: 'text' },
  channel: { tenant_id: 'integer', id: 'bigint', key: 'text', is_direct: 'boolean', custom_factor: 'double' },
  alias: { tenant_id: 'integer', kind: 'text', source: 'text', from_id: 'bigint', into_id: 'bigint' },
  seen: { tenant_id: 'integer', connection: 'text', stream: 'text', id: 'bigint' },
  identity: { tenant_id: 'integer', ref_id: 'bigint', person_id: 'bigint' },
  dirty: { tenant_id: 'integer', kind: 'text', id: 'bigint' },
  scope: { tenant_id: 'integer', kind: 'text', id: 'bigint' },
} as const satisfies Record<string, Record<string, ColumnType>>

export type Table = keyof typeof TABLES
/** Tables whose rows are records of a source: keyed by (tenant_id, id), with a version and a content hash. */
export type RecordTable =
  | 'campaign'
  | 'cost'
  | 'contact'
  | 'account'
  | 'touch'
  | 'deal'
  | 'stage_change'
  | 'payment'
  | 'amount_change'
  | 'lead'
  | 'owner'
  | 'stage'
  | 'rate'
export const RECORD_TABLES: readonly RecordTable[] = [
  'campaign',
  'cost',
  'contact',
  'account',
  'touch',
  'deal',
  'stage_change',
  'payment',
  'amount_change',
  'lead',
  'owner',
  'stage',
  'rate',
]

/** Column names and types of a table. */
export function columnsOf(table: Table): readonly (readonly [string, ColumnType])[] {
  return Object.entries(TABLES[table])
}
