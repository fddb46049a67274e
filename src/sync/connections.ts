import type { Database } from '../db/database.ts'
import type { Workspace } from '../model/settings.ts'
import type { Connection, State } from '../state/state.ts'
import type { Connector, Identity } from './contract.ts'
import type { UpstreamOptions } from './http/upstream.ts'
import type { RunOutcome, RunProgress } from './outcome.ts'

/** Loads a connector by its id; undefined when there is none. */
export type FindConnector = (id: string) => Promise<Connector | undefined>

/** What connections work with; the composition root builds it. */
export interface SourcesEnv {
  readonly database: Database
  readonly state: State
  readonly findConnector: FindConnector
  /** Replaces the origin of a connector's API; loopback only. */
  readonly originOf: (connector: string) => string | undefined
  /** Clock, chance and limits of requests; for tests. */
  readonly upstream?: Partial<Pick<UpstreamOptions, 'clock' | 'random' | 'deadlines' | 'maxBytes'>>
  readonly log: (message: string, details?: Record<string, unknown>) => void
}

export interface ConnectRequest {
  readonly connector: string
  /** As given: values of the connector's settings by key, secrets among them. */
  readonly settings: Readonly<Record<string, unknown>>
  /** Default: the source's own name of the account. */
  readonly title?: string | undefined
  /** Default 15; null = only when asked. */
  readonly everyMinutes?: number | null | undefined
}

export interface RunOptions {
  /** Reads everything again and removes what is gone at the source. */
  readonly full?: boolean | undefined
  readonly signal: AbortSignal
  readonly onProgress?: ((progress: RunProgress) => void) | undefined
}

/** What is known of a run that is under way in this process. */
export interface Running {
  readonly progress: RunProgress | null
}

/** The connections of all workspaces in one process. */
export interface Sources {
  /**
   * Checks the credentials and keeps the connection; the same account again replaces its settings and secrets.
   * @throws RoiError `unknown_connector`, `bad_connection_settings`, `connect_failed` with the source's reason
   */
  connect(
    workspace: Workspace,
    request: ConnectRequest,
    signal: AbortSignal,
  ): Promise<{ connection: Connection; identity: Identity }>
  /**
   * Runs a connection once. Never throws for what the source does: that is in the outcome.
   * @throws RoiError `sync_running` when another run of it is under way, `unknown_connection`
   */
  sync(workspace: Workspace, id: string, options: RunOptions): Promise<RunOutcome>
  /** Cheapest authenticated call with the stored settings. @throws ConnectorError, RoiError */
  check(
    workspace: Workspace,
    id: string,
    signal: AbortSignal,
  ): Promise<{ identity: Identity; clockOffsetMs: number; quota: { left: number; of: number } | null }>
  /** Forgets a connection; with `erase` also what it brought. @returns rows removed */
  disconnect(workspace: Workspace, id: string, erase: boolean): Promise<number>
  /** Progress of a run in this process; undefined when none is under way. */
  running(id: string): Running | undefined
  quota(id: string): { left: number; of: number } | null
  /** Starts runs when they are due, until closed. */
  startSchedule(): void
  close(): Promise<void>
}
