import type { Audit } from '../api/audit.ts'
import type {
  AlertRow,
  Alerts,
  BudgetHistory,
  BudgetLine,
  BudgetShares,
  BudgetSlices,
  Budgets,
} from '../api/budgets.ts'
import type { CampaignRecord, Campaigns } from '../api/campaigns.ts'
import type { Corrected, Corrections } from '../api/corrections.ts'
import type {
  CostChecklist,
  CostHistory,
  CostRow,
  Costs,
  ExchangeRate,
  ExchangeRates,
  SharedCosts,
} from '../api/costs.ts'
import type { ReportWithManifest, SettingChanged } from '../api/governance.ts'
import type {
  Compare,
  ConnectionSettings,
  ConnectionStatus,
  ConnectorInfo,
  ConnectResult,
  DisconnectResult,
  DoctorReport,
  Drill,
  Finding,
  ImportResult,
  Panel,
  RecordView,
  SyncResult,
  Workspaces,
  WriteBack,
} from '../api.ts'
import type { Locale } from '../errors.ts'
import type { KeyRotation, KeyUse } from '../state/state.ts'
import type { Role } from '../state/users.ts'
import type { CustomerAnswers } from './customers-answers.ts'
import type { DataDrivenAnswers } from './data-driven-services.ts'
import type { ExplainAnswers } from './explain-services.ts'
import type { GovernanceAnswers } from './governance-answers.ts'
import type { CommandName, RequestOf } from './requests.ts'

/** How far a long command is. */
export interface Progress {
  /** What is worked on: a file name, or a step. */
  readonly task: string
  /** Rows done so far in this task. */
  readonly rows: number
  /** Part of the whole command, 0 to 1; null when it cannot be told. */
  readonly part: number | null
  /** Where the command itself knows them better than who shows them can reckon: rows per second, seconds left from and
   * to, requests left under the source's limit. */
  readonly rate?: number
  readonly eta?: readonly [number, number] | null
  readonly quota?: { readonly left: number; readonly of: number } | null
}

/** What a command may say before it answers, and how it hears that nobody waits any more. */
export interface Feedback {
  progress(progress: Progress): void
  /** A piece of the data asked for. Wait for it before the next one: the reader may be slow. */
  chunk(text: string): Promise<void>
  readonly signal: AbortSignal
}

/** Settings of a workspace as `settings` prints them: the API's names and units. */
export interface SettingsAnswer {
  readonly workspace: string
  readonly settings: Readonly<Record<string, unknown>>
  /** Language a person chose for the workspace; null while it is only the default. */
  readonly chosen_locale: Locale | null
}

/** A person who may sign in, as `users list --json` prints him. */
export interface UserInfo {
  readonly name: string
  readonly role: Role
  /** Keys; null = all, also later ones. */
  readonly workspaces: readonly string[] | null
  readonly created_at: string
}

export interface Answers extends GovernanceAnswers, CustomerAnswers, ExplainAnswers, DataDrivenAnswers {
  readonly corrections: Corrections
  readonly correct: Corrected
  readonly revoke_correction: Corrected
  readonly workspaces: Workspaces
  readonly panel: Panel
  readonly report: ReportWithManifest
  readonly drill: Drill
  readonly quality: readonly Finding[]
  readonly record: RecordView
  /** Text of a CSV file to start from. */
  readonly template: string
  readonly import: ImportResult
  readonly undo: { readonly id: string; readonly removed: number; readonly restored: number }
  readonly recompute: {
    readonly mode: 'none' | 'changed' | 'all'
    readonly outcomes: number
    readonly milliseconds: number
  }
  /** The data itself came as chunks. */
  readonly export: { readonly what: string }
  readonly settings: SettingsAnswer
  readonly connectors: readonly ConnectorInfo[]
  readonly connect: ConnectResult
  readonly connections: readonly ConnectionStatus[]
  readonly connection_settings: ConnectionSettings
  /** As they are once it is done. */
  readonly change_connection: ConnectionSettings
  /** What the run made of it, once it has ended. */
  readonly sync: SyncResult
  /** The connection with its run under way. */
  readonly start_sync: ConnectionStatus
  readonly disconnect: DisconnectResult
  readonly doctor: DoctorReport
  readonly keys: readonly KeyUse[]
  readonly rotate_keys: KeyRotation
  readonly audit: Audit
  readonly write_back: WriteBack
  readonly compare: Compare
  readonly users: readonly UserInfo[]
  readonly add_user: UserInfo
  readonly change_user: UserInfo
  readonly remove_user: UserInfo
  readonly costs: Costs
  readonly cost_history: CostHistory
  readonly add_cost: CostRow
  readonly edit_cost: CostRow
  /** As it was. */
  readonly remove_cost: CostRow
  readonly cost_checklist: CostChecklist
  readonly dismiss_cost: CostChecklist
  readonly recall_cost: CostChecklist
  readonly shared_costs: SharedCosts
  readonly preview_shared_costs: SharedCosts
  readonly rates: ExchangeRates
  readonly set_rate: ExchangeRate
  readonly remove_rate: ExchangeRate
  readonly campaigns: Campaigns
  readonly campaign: CampaignRecord
  readonly add_campaign: CampaignRecord
  readonly set_campaign: CampaignRecord
  readonly remove_campaign: CampaignRecord
  readonly budgets: Budgets
  readonly budget_history: BudgetHistory
  readonly add_budget: BudgetLine
  readonly edit_budget: BudgetLine
  readonly remove_budget: BudgetLine
  readonly budget_shares: BudgetShares
  readonly budget_slices: BudgetSlices
  readonly alerts: Alerts
  readonly acknowledge_alert: AlertRow
  readonly set: SettingChanged
}

/** Everything the product can do, whoever asks: the command line, the HTTP API, a forwarded command. */
export type Services = {
  readonly [Name in CommandName]: (request: RequestOf<Name>, feedback: Feedback) => Promise<Answers[Name]>
}

/** For callers that neither show progress nor stop early. */
export const QUIET: Feedback = {
  progress() {},
  async chunk() {},
  signal: new AbortController().signal,
}
