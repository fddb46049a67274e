import type {
  Compare,
  ConnectionStatus,
  ConnectorInfo,
  ConnectResult,
  DisconnectResult,
  DoctorReport,
  Drill,
  Explain,
  Finding,
  ImportResult,
  Panel,
  RecordView,
  Report,
  SyncResult,
  Workspaces,
  WriteBack,
} from '../api.ts'
import type { Locale } from '../errors.ts'
import type { KeyRotation, KeyUse } from '../state/state.ts'
import type { Role } from '../state/users.ts'
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

export interface Answers {
  readonly workspaces: Workspaces
  readonly panel: Panel
  readonly report: Report
  readonly drill: Drill
  readonly explain: Explain
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
  /** What the run made of it, once it has ended. */
  readonly sync: SyncResult
  /** The connection with its run under way. */
  readonly start_sync: ConnectionStatus
  readonly disconnect: DisconnectResult
  readonly doctor: DoctorReport
  readonly keys: readonly KeyUse[]
  readonly rotate_keys: KeyRotation
  readonly write_back: WriteBack
  readonly compare: Compare
  readonly users: readonly UserInfo[]
  readonly add_user: UserInfo
  readonly change_user: UserInfo
  readonly remove_user: UserInfo
  readonly set: { readonly key: string; readonly value: unknown; readonly recomputed: boolean }
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
