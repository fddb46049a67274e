import type { Text } from '../errors.ts'
import type { SettingKey, Workspace } from '../model/settings.ts'
import type { AlertState } from './alerts.ts'
import type { CloseState } from './closes.ts'
import type { CorrectionState } from './corrections.ts'
import type { EmbedState } from './embed.ts'
import type { ErasedState } from './erased.ts'
import type { ManualState } from './manual.ts'
import type { QualityState } from './quality-days.ts'
import type { RunState } from './runs.ts'
import type { SegmentState } from './segments.ts'
import type { SessionState } from './sessions.ts'
import type { UserState } from './users.ts'
import type { VersionState } from './versions.ts'

/**
 * The state store: what only this program holds and no source could give back. Small reads and writes, each durable
 * when its promise resolves.
 */
export interface State
  extends EmbedState,
    UserState,
    SessionState,
    ErasedState,
    ManualState,
    CorrectionState,
    AlertState,
    VersionState,
    SegmentState,
    RunState,
    QualityState,
    CloseState {
  /** All workspaces, oldest first. */
  workspaces(): Promise<readonly Workspace[]>
  findWorkspace(key: string): Promise<Workspace | undefined>
  /**
   * The workspace of this key, made when there is none; then `title` (default: the key) is what people see.
   * @throws RoiError `bad_workspace_key`
   */
  openWorkspace(key: string, title?: string): Promise<Workspace>
  /**
   * Changes a setting; the change is audited, and makes a version of the configuration. `undefined` goes back to the default.
   * @returns false when it had that value already
   * @throws RoiError `unknown_setting`, `bad_setting`
   */
  changeSetting(tenant: number, key: SettingKey, value: unknown, reason?: string): Promise<boolean>
  /** Changes of a workspace, newest first; with `installation` those that are of no single workspace as well. */
  audit(tenant: number, limit?: number, installation?: boolean): Promise<readonly AuditEntry[]>
  /** Adds an entry for what the state store does not do itself, in the name of who is at work. Never holds a secret. */
  noteAudit(entry: Omit<AuditEntry, 'at' | 'actor'>): Promise<void>
  /** Told, in this process, whenever somebody may have lost access. @returns ends it */
  onAccessChange(listener: () => void): () => void

  /**
   * Notes that an import starts. An unfinished one with the same fingerprint is continued under its id; its earlier
   * rejects are forgotten, because it starts at the first row again.
   */
  startImport(tenant: number, start: ImportStart): Promise<ImportRun>
  /** Notes how an import ended: its status and, where there is one, its result and the counts of its files. */
  endImport(id: string, end: ImportEnd): Promise<void>
  findImport(tenant: number, id: string): Promise<ImportRun | undefined>
  /** Imports of a workspace in the order they took effect. */
  imports(tenant: number): Promise<readonly ImportRun[]>
  /** Names of all kept files that an import of any workspace refers to. */
  keptFiles(): Promise<ReadonlySet<string>>
  /** When an import or a connection last brought the workspace's data up to date with success; null = never. */
  dataAt(tenant: number): Promise<Date | null>

  /** Keeps refused rows, the first {@link MAX_REJECTS} of each origin. */
  addRejects(tenant: number, origin: string, part: string, rejects: readonly RejectedRow[]): Promise<void>
  /** Refused rows of an import or a connection, in the order they were met. */
  rejects(tenant: number, origin: string, page?: { readonly limit: number; readonly offset: number }): Promise<Kept[]>

  /** How many refused rows an origin has waiting. */
  countRejects(tenant: number, origin: string): Promise<number>

  /**
   * Forgets refused rows: all of an origin, or those of some records of one of its parts.
   * @returns how many there were
   */
  forgetRejects(tenant: number, origin: string, records?: { part: string; ids: readonly string[] }): Promise<number>

  /** Connections of a workspace, oldest first; of all workspaces when it is undefined. */
  connections(tenant?: number): Promise<readonly Connection[]>
  findConnection(tenant: number, id: string): Promise<Connection | undefined>
  /**
   * Adds a connection, or brings the one of the same connector and external account up to date; audited (settings by
   * their keys only). Its secrets are replaced and stored sealed. One that needed new credentials or had failed is
   * `pending` again.
   * @throws RoiError `connected_elsewhere` when another workspace holds that account
   */
  saveConnection(tenant: number, connection: NewConnection): Promise<Connection>
  /**
   * Changes what a person chose for a connection, in one durable step; audited with the values of what changed, secrets by
   * their names.
   * @throws RoiError `unknown_connection`
   */
  editConnection(tenant: number, id: string, edit: EditedConnection): Promise<void>
  /** Notes what a run made of a connection, or that a person paused it. Fields left out stay. */
  changeConnection(id: string, change: ConnectionChange): Promise<void>
  /** Forgets a connection with its secrets, refused rows and drift. What it brought is the caller's to remove. */
  removeConnection(tenant: number, id: string): Promise<void>
  /**
   * Secrets of a connection in the clear, by field. Never logged, never sent to a client.
   * @throws RoiError `unknown_key`, `secret_damaged`
   */
  secrets(id: string): Promise<Readonly<Record<string, string>>>
  /**
   * Replaces some secrets of a connection in one durable step.
   * @throws RoiError `unknown_connection`
   */
  changeSecrets(id: string, secrets: Readonly<Record<string, string>>): Promise<void>
  /** Keys that secrets are sealed with, the current one first, then the others and those that are missing. */
  keys(): Promise<readonly KeyUse[]>
  /**
   * Makes a new current key where the store makes its own, seals every secret with the current key and forgets keys that
   * nothing is sealed with. A kill at any moment loses no secret; the next rotation finishes what is left.
   * @throws RoiError `unknown_key`, `secret_damaged` when one does not open: nothing is sealed anew then
   */
  rotateKeys(): Promise<KeyRotation>

  /**
   * Takes, or keeps, a lease: the right to do a piece of work alone, among all processes on this store. It ends by itself
   * `milliseconds` from now, by the store's clock where processes share one.
   * @returns false while someone else holds it
   */
  lease(name: string, holder: string, milliseconds: number): Promise<boolean>
  /** Gives a lease back; one held by someone else stays. */
  release(name: string, holder: string): Promise<void>
  /** Ends all leases: for a start that knows that no other process is on this store. */
  endLeases(): Promise<void>

  /** Notes fields that are not as a connector expects. @returns those not yet noted today */
  noteDrift(tenant: number, connection: string, day: string, drifts: readonly Drift[]): Promise<readonly Drift[]>
  /** Drift of a connection, newest day first. */
  drifts(tenant: number, connection: string): Promise<readonly (Drift & { readonly day: string })[]>

  /**
   * Keeps what a webhook said, for the connections of its accounts; events of accounts that nobody connected are stored
   * nowhere, and one that is known already stays as it is. On disk when it resolves.
   * @returns how many were new
   */
  addEvents(connector: string, events: readonly NewEvent[]): Promise<number>
  /** Connections with events that are due, except those that nobody may ask at the moment. */
  dueConnections(): Promise<readonly { readonly id: string; readonly tenant: number }[]>
  /** Events of a connection that are due, those that wait longest first. Whoever takes them holds its lease. */
  dueEvents(connection: string, limit: number): Promise<readonly InboxEvent[]>
  /** Notes that events are dealt with; `left` to the next scheduled run. What they said is forgotten, their keys stay. */
  endEvents(connection: string, keys: readonly string[], state: 'done' | 'left'): Promise<void>
  /** Puts events off; `counted` when it was their fault. */
  deferEvents(connection: string, keys: readonly string[], dueAt: Date, counted: boolean): Promise<void>
  /** How many events of a connection nobody has dealt with, and when the oldest came. */
  waitingEvents(connection: string): Promise<{ readonly count: number; readonly oldest: Date | null }>
  /** Forgets events that ended before an instant. @returns how many there were */
  pruneEvents(before: Date): Promise<number>

  /** Notes something about the store as a whole, as JSON; null forgets it. */
  mark(name: string, value: unknown): Promise<void>
  /** What was noted; null = nothing. */
  marked(name: string): Promise<unknown>

  close(): Promise<void>
}

/** The {@link State.mark} of a store that a migration has begun to fill and not yet checked. */
export const MIGRATION = 'migration'

/** An installed portal, org or ad account. */
export interface Connection {
  /** `con_…` */
  readonly id: string
  readonly tenant: number
  /** Connector id. */
  readonly connector: string
  readonly externalAccountId: string
  /** What its records are stamped with: the connector id, followed by `:` and the account for a second one of a workspace. */
  readonly source: string
  /** What people call it; the source's own name by default. */
  readonly title: string
  /** Settings of the connector without its secrets. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly state: ConnectionState
  /** Minutes between scheduled runs; null = only when asked. */
  readonly everyMinutes: number | null
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  /** When all of it was last read with success. */
  readonly completeAt: Date | null
  /** Not before this instant: a limit of the source. */
  readonly resumeAt: Date | null
  /** Result of the last run, as JSON; null before the first one ended. */
  readonly result: unknown
}

/** `pending` until the first success; `paused` waits for a limit; `reconnect` needs new credentials. */
export type ConnectionState = 'pending' | 'active' | 'paused' | 'reconnect' | 'failed' | 'incomplete'

/** A key and how many secrets are sealed with it. */
export interface KeyUse {
  readonly id: string
  /** New secrets are sealed with it. */
  readonly current: boolean
  /** False for one that secrets need and that is not there. */
  readonly known: boolean
  readonly secrets: number
}

export interface KeyRotation {
  /** Secrets that were sealed with another key. */
  readonly resealed: number
  /** As {@link State.keys} after it. Where people keep the keys, those without secrets may be removed. */
  readonly keys: readonly KeyUse[]
  /** Ids of keys that were removed. */
  readonly forgotten: readonly string[]
}

export interface NewConnection {
  readonly connector: string
  readonly externalAccountId: string
  readonly title: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, string>>
  readonly everyMinutes: number | null
}

/** What a person chose otherwise; fields left out stay. */
export interface EditedConnection {
  readonly title?: string
  readonly everyMinutes?: number | null
  /** All of them, in place of those before. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Secrets to be sealed, by field; null forgets one. The others stay. */
  readonly secrets?: Readonly<Record<string, string | null>>
}

export interface ConnectionChange {
  readonly state?: ConnectionState
  readonly title?: string
  readonly everyMinutes?: number | null
  readonly startedAt?: Date
  readonly finishedAt?: Date
  readonly completeAt?: Date
  readonly resumeAt?: Date | null
  readonly result?: unknown
}

/** An event on its way into the inbox. */
export interface NewEvent {
  /** External account id of the connection. */
  readonly account: string
  /** The same however often it is delivered. */
  readonly key: string
  readonly occurredAt: Date
  /** Kept as JSON. Ids of records, nothing about them. */
  readonly what: unknown
}

/** An event that waits. */
export interface InboxEvent {
  readonly key: string
  /** Null when it cannot be read. */
  readonly what: unknown
  /** How often it was put off for its own sake. */
  readonly tries: number
  readonly occurredAt: Date
  readonly receivedAt: Date
}

/** A field of a source's answers that is not as expected. */
export interface Drift {
  readonly stream: string
  readonly field: string
  readonly kind: 'missing' | 'retyped' | 'new'
}

/** Refused rows kept of one import or connection; their full number is in the result. */
export const MAX_REJECTS = 10_000

export interface AuditEntry {
  /** Null: of the installation, not of one workspace. */
  readonly tenant: number | null
  readonly at: Date
  /** Who did it, as {@link Actor}; null = the program by itself, or before that was kept. */
  readonly actor: string | null
  /** `setting`, `import`, … */
  readonly action: string
  /** Which setting, which import. */
  readonly subject: string
  /** Parsed JSON; null where there was or is none. */
  readonly before: unknown
  readonly after: unknown
}

export type ImportStatus = 'running' | 'done' | 'interrupted' | 'undoing' | 'undone' | 'failed'

/** What a replay needs besides the files: the workspace's settings may have changed since. */
export interface ImportOptions {
  readonly zone: string
  readonly currency: string
}

/** Local days, half-open: rows in it that the files did not contain are deleted. */
export interface ReplaceRange {
  readonly from: string
  readonly to: string
}

/** One file of an import, as it is read again by a replay. */
export interface ImportFile {
  /** Name of the kept copy. */
  readonly sha256: string
  /** Name it had when it was given. */
  readonly name: string
  readonly type: string
  readonly mapping: unknown
  readonly dateFormat: string | undefined
  /** Bytes. */
  readonly size: number
  readonly replace: ReplaceRange | undefined
}

export interface FileCounts {
  readonly rows: number
  readonly imported: number
  readonly unchanged: number
  readonly rejected: number
  readonly deleted: number
}

export interface ImportStart {
  readonly fingerprint: string
  readonly options: ImportOptions
  readonly files: readonly ImportFile[]
}

export interface ImportEnd {
  readonly status: Exclude<ImportStatus, 'running'>
  readonly result?: unknown
  /** In the order of the files. */
  readonly counts?: readonly FileCounts[]
}

export interface ImportRun extends ImportStart {
  /** `imp_…`; sorts by creation. */
  readonly id: string
  readonly tenant: number
  readonly status: ImportStatus
  readonly createdAt: Date
  readonly finishedAt: Date | null
  readonly result: unknown
  /** True when {@link State.startImport} found it unfinished. */
  readonly continued: boolean
}

/** A refused row on its way into the quarantine. */
export interface RejectedRow {
  readonly where: { readonly line?: number; readonly column?: string; readonly id?: string }
  readonly code: string
  readonly message: Text
  readonly raw: string
}

export interface Kept extends RejectedRow {
  readonly part: string
}
