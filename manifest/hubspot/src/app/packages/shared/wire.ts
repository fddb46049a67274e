/**
 * What the backend answers, as far as the extensions read it. The backend's own schemas are wider; a test of the
 * repository holds the two against each other, because this folder is built without the rest of the repository.
 */

/** Decimal text in the currency named beside it. */
export type Money = string

/** Attributed + unattributed = what the CRM says was won. */
export interface Reconciliation {
  attributed: Money
  unattributed: Money
  crm: Money
  ok: boolean
}

export interface Figure {
  key: string
  label: string
  /** Ready to show; n/a has its reason beside it. */
  text: string
  reason?: string
}

export interface Credit {
  key: string
  label: string
  /** 0 to 1. */
  share: number
  text: string
  touches: number
}

export interface JourneyStep {
  at: string
  kind: 'touch' | 'lead' | 'mql' | 'sql' | 'opportunity' | 'won' | 'receipt' | 'invoice' | 'refund' | 'loss'
  label: string
  /** Key of a credit. */
  channel: string | null
  campaign: { name: string } | null
  person: { id: string; name: string | null } | null
  share: number | null
  amount: Money | null
}

export interface WonDeal {
  id: string
  name: string | null
  closed_at: string
  amount: Money | null
  credited: Money | null
  text: string
}

/** One record under one model: answer of `record`. */
export interface RecordView {
  record: { type: 'deal' | 'contact' | 'account' | 'campaign'; id: string; name: string }
  currency: string
  zone: string
  model: string
  models: { id: string; label: string }[]
  as_of: string | null
  sentence: string
  state: 'ok' | 'open' | 'empty'
  figures: Figure[]
  credit: Credit[]
  journey: JourneyStep[]
  journey_more: number
  deals: WonDeal[]
  deals_count: number
  reconciliation: Reconciliation | null
}

/** Reasons of nulls, by field. */
export type Reasons = { readonly [field: string]: string | undefined }

export interface ChannelRow {
  key: string
  label: string
  cost: Money
  leads: number
  won: number
  revenue: Money
  cpl: Money | null
  roi: number | null
  reasons: Reasons
}

export interface Kpi {
  value: Money | number | null
  reason?: string
  growth: number | null
  points: number | null
}

export interface ModelView {
  rows: ChannelRow[]
  total: ChannelRow
  unattributed: { leads: number; won: number; revenue: Money }
  kpis: { roi: Kpi; revenue: Kpi; cost: Kpi; cac: Kpi }
  /** Percent of won revenue with at least one touch. */
  coverage: number | null
}

/** The whole workspace: answer of `portfolio`. */
export interface Portfolio {
  workspace: { title: string }
  as_of: string | null
  zone: string
  currency: string
  digits: number
  model: string
  models: { id: string; available: boolean }[]
  views: { readonly [model: string]: ModelView | undefined }
  reconciliation: Reconciliation
  empty: boolean
}

export interface Reason {
  code: string
  message: string
  remedy: string | null
}

export interface StreamState {
  stream: string
  title: string
  state: 'complete' | 'off' | 'paused' | 'incomplete' | 'failed' | 'reconnect' | 'not_run'
  read: number
  imported: number
  rejected: number
  reason: Reason | null
}

export interface ConnectionStatus {
  title: string
  account: string
  state: 'pending' | 'active' | 'paused' | 'reconnect' | 'failed' | 'incomplete'
  running: boolean
  complete_at: string | null
  next_at: string | null
  resume_at: string | null
  rows: { readonly [type: string]: number }
  quarantined: number
  progress: { stream: string; rows: number; part: number | null } | null
  quota: { left: number; of: number } | null
  last: { reason: Reason | null; streams: StreamState[] } | null
  /** Null where nothing is written back. */
  write_back: { reason: Reason | null } | null
}

/** Sync health: answer of `connection`. */
export interface Connection {
  status: ConnectionStatus | null
  /** Where a person changes what cannot be changed here. */
  console: string
}

/** A one-time address of the full panel: answer of `embed-session`. */
export interface EmbedSession {
  uri: string
  expires_at: string
}
