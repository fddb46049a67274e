import type { Text } from '../errors.ts'
import type { SettingKey, Workspace } from '../model/settings.ts'

/**
 * The state store: what only this program holds and no source could give back. Small reads and writes, each durable
 * when its promise resolves.
 */
export interface State {
  /** All workspaces, oldest first. */
  workspaces(): Promise<readonly Workspace[]>
  findWorkspace(key: string): Promise<Workspace | undefined>
  /**
   * The workspace of this key, made when there is none; then `title` (default: the key) is what people see.
   * @throws RoiError `bad_workspace_key`
   */
  openWorkspace(key: string, title?: string): Promise<Workspace>
  /**
   * Changes a setting; the change is audited. `undefined` goes back to the default.
   * @returns false when it had that value already
   * @throws RoiError `unknown_setting`, `bad_setting`
   */
  changeSetting(tenant: number, key: SettingKey, value: unknown): Promise<boolean>
  /** Changes of a workspace, newest first. */
  audit(tenant: number, limit?: number): Promise<readonly AuditEntry[]>

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
  /** When the workspace's data was last brought up to date with success; null while it never was. */
  dataAt(tenant: number): Promise<Date | null>

  /** Keeps refused rows, the first {@link MAX_REJECTS} of each origin. */
  addRejects(tenant: number, origin: string, part: string, rejects: readonly RejectedRow[]): Promise<void>
  /** Refused rows of an import or a connection, in the order they were met. */
  rejects(tenant: number, origin: string, page?: { readonly limit: number; readonly offset: number }): Promise<Kept[]>

  close(): Promise<void>
}

/** Refused rows kept of one import or connection; their full number is in the result. */
export const MAX_REJECTS = 10_000

export interface AuditEntry {
  readonly at: Date
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
