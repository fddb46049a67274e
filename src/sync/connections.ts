import type { Database } from '../db/database.ts'
import type { Workspace } from '../model/settings.ts'
import type { Connection, State } from '../state/state.ts'
import type { ConnectionEdit, CurrentSettings } from './connection-settings.ts'
import type { Connector, Context, Identity, Purpose } from './contract.ts'
import type { UpstreamOptions } from './http/upstream.ts'
import type { OAuthClient } from './oauth.ts'
import type { RunOutcome, RunProgress } from './outcome.ts'
import type { Hints, Reread } from './reread.ts'

/** Loads a connector by its id; undefined when there is none. */
export type FindConnector = (id: string) => Promise<Connector | undefined>

/** What connections work with; the composition root builds it. */
export interface SourcesEnv {
  readonly database: Database
  readonly state: State
  readonly findConnector: FindConnector
  /** Replaces the origin of a connector's API; loopback only. */
  readonly originOf: (connector: string) => string | undefined
  /** The app registered for a connector, where there is one; without it nobody can grant access. */
  readonly clientOf?: ((connector: string) => OAuthClient | undefined) | undefined
  /** Clock, chance and limits of requests; for tests. */
  readonly upstream?: Partial<Pick<UpstreamOptions, 'clock' | 'random' | 'deadlines' | 'maxBytes'>>
  readonly log: (message: string, details?: Record<string, unknown>) => void
  /** Told when a run has ended, or records were read again and changed. */
  readonly onChange?: ((workspace: Workspace) => void) | undefined
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

/** What a person is about to grant. */
export interface GrantRequest {
  readonly connector: string
  /** Address of ours that the source sends the person back to, exactly as registered there. */
  readonly redirectUri: string
  /** Of the connector's conditional scopes. */
  readonly conditional: readonly string[]
  /** What else the access is for: their scopes are asked for as well. */
  readonly purposes?: readonly Purpose[] | undefined
  readonly state: string
  readonly verifier: string
}

/** What the source sent the person back with. */
export interface GrantAnswer extends Pick<GrantRequest, 'connector' | 'redirectUri' | 'verifier'> {
  readonly code: string
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

/** A connection's source, ready to be asked. */
export interface Used {
  readonly connector: Connector
  readonly context: Context<Readonly<Record<string, unknown>>>
  /** A person granted access; else a secret of the settings proves who we are. */
  readonly granted: boolean
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
   * Page of the source where a person grants access.
   * @throws RoiError `unknown_connector`, `oauth_not_configured`, `bad_scope` for what the source does not offer
   */
  authorizeUrl(request: GrantRequest): Promise<string>
  /** What was granted to a connection; none where nothing was, or the source did not tell. @throws RoiError */
  grantedScopes(workspace: Workspace, id: string): Promise<readonly string[]>
  /**
   * Trades the code of a grant for tokens, checks them and keeps the connection. The same account again keeps its title,
   * its settings and its schedule.
   * @throws RoiError `connect_failed`, `scopes_missing`, `connected_elsewhere`
   */
  connectGrant(
    workspace: Workspace,
    answer: GrantAnswer,
    signal: AbortSignal,
  ): Promise<{ connection: Connection; identity: Identity }>
  /** Settings of a connection as its next run has them. @throws RoiError `unknown_connection` */
  settingsOf(workspace: Workspace, id: string): Promise<CurrentSettings>
  /**
   * Changes settings of a connection: from the next run on, whoever runs it. What is not named stays; null or an empty text
   * goes back to the default. A new secret is checked at the source before anything is kept.
   * @returns keys that have another value now
   * @throws RoiError `unknown_connection`, `bad_connection_settings`, `granted_access`, `connect_failed`, `other_account`
   */
  change(workspace: Workspace, id: string, edit: ConnectionEdit, signal: AbortSignal): Promise<readonly string[]>
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
  /**
   * Forgets a connection; with `erase` also what it brought. Access that a person granted is taken back at the source
   * first; when that fails nothing is changed, unless it is forced.
   * @returns rows removed
   * @throws RoiError `uninstall_failed`
   */
  disconnect(workspace: Workspace, id: string, erase: boolean, force?: boolean): Promise<number>
  /** Asks the sources whether grants still stand that were not looked at for a day; one that does not needs a person. */
  inspectGrants(): Promise<void>
  /**
   * Writes what events say, and what the source says of their records when they are read again. Runs of the same
   * connection may be under way.
   * @throws ConnectorError, RoiError `unknown_connection`
   */
  reread(workspace: Workspace, id: string, hints: Hints, signal: AbortSignal): Promise<Reread>
  /**
   * Asks the source of a connection for something else than its streams, under the same limits and credentials. Ends when
   * the connection does.
   * @throws ConnectorError, RoiError `unknown_connection`
   */
  use<T>(workspace: Workspace, id: string, signal: AbortSignal, work: (used: Used) => Promise<T>): Promise<T>
  /** Progress of a run in this process; undefined when none is under way. */
  running(id: string): Running | undefined
  quota(id: string): { left: number; of: number } | null
  /** Starts runs when they are due, until closed. */
  startSchedule(): void
  close(): Promise<void>
}
