import type { ConnectionStatus, ConnectorInfo, ConnectResult } from '../api.ts'
import { closest } from '../closest.ts'
import type { Database } from '../db/database.ts'
import { type Locale, RoiError } from '../errors.ts'
import type { Workspace } from '../model/settings.ts'
import { addSecret } from '../redact.ts'
import type { Connection, State } from '../state/state.ts'
import type { Sources } from '../sync/connections.ts'
import type { Connector, Identity } from '../sync/contract.ts'
import { formFields, isSecret } from '../sync/form.ts'
import type { RunProgress } from '../sync/outcome.ts'
import { type RowCounts, rowCounts } from '../sync/row-counts.ts'
import { dueAt } from '../sync/schedule.ts'
import { readOutcome } from '../sync/stored-outcome.ts'
import { lastWriteBack } from '../sync/write-back-state.ts'
import { changeConnection, connectionSettings } from './connection-settings.ts'
import { mismatches } from './mismatches.ts'
import type { RequestOf } from './requests.ts'
import type { Feedback, Services } from './services.ts'
import { syncReason, syncResult } from './sync-result.ts'
import { findWorkspace } from './workspaces.ts'

/** What connections need of the program. */
export interface ConnectionsEnv {
  readonly database: Database
  readonly state: State
  readonly sources: Sources
  /** Connectors of network services, in the order they are shown. */
  readonly connectors: () => Promise<readonly Connector[]>
  /** Public address of this service, where it has one. */
  readonly publicUrl?: string | undefined
  /** Told what a run in the background met that nobody waits for. */
  readonly log?: (message: string, details?: Record<string, unknown>) => void
}

type Commands =
  | 'connectors'
  | 'connect'
  | 'connections'
  | 'connection_settings'
  | 'change_connection'
  | 'sync'
  | 'start_sync'
  | 'disconnect'

/** The commands about connections. */
export function connectionServices(env: ConnectionsEnv): Pick<Services, Commands> {
  const { state, sources } = env
  const find = (request: { workspace?: string }) => findWorkspace(state, request.workspace)
  const localeOf = (request: { locale?: Locale }, workspace: Workspace) => request.locale ?? workspace.settings.locale

  return {
    async connectors(request) {
      const locale = localeOf(request, await find(request))
      return (await env.connectors()).map((connector) => infoOf(connector, locale))
    },
    async connect(request, feedback) {
      const workspace = await (request.workspace === undefined ? find({}) : state.openWorkspace(request.workspace))
      return connect(env, workspace, request, localeOf(request, workspace), feedback.signal)
    },
    async connections(request) {
      const workspace = await find(request)
      const all = await state.connections(workspace.tenant)
      return statuses(env, workspace, select(all, request.only), localeOf(request, workspace))
    },
    async connection_settings(request) {
      const workspace = await find(request)
      const { id } = await connectionOf(state, workspace, request.id)
      return connectionSettings(env, workspace, id, localeOf(request, workspace))
    },
    async change_connection(request, { signal }) {
      const workspace = await find(request)
      const { id } = await connectionOf(state, workspace, request.id)
      const locale = localeOf(request, workspace)
      return changeConnection(env, workspace, { ...request, id }, { locale, signal })
    },
    async sync(request, feedback) {
      const workspace = await find(request)
      const locale = localeOf(request, workspace)
      const { id, title } = await connectionOf(state, workspace, request.id)
      const onProgress = (progress: RunProgress) => tell(feedback, title, progress, locale)
      const outcome = await sources.sync(workspace, id, { full: request.full, signal: feedback.signal, onProgress })
      return syncResult(outcome, locale)
    },
    async start_sync(request) {
      const workspace = await find(request)
      const connection = await connectionOf(state, workspace, request.id)
      await start(env, workspace, connection.id, request.full)
      const now = await connectionOf(state, workspace, connection.id)
      const [status] = await statuses(env, workspace, [now], localeOf(request, workspace))
      return status as ConnectionStatus
    },
    async disconnect(request) {
      const workspace = await find(request)
      const { id, title } = await connectionOf(state, workspace, request.id)
      const { erase, force } = request
      const removed = await sources.disconnect(workspace, id, erase, force)
      const { tenant } = workspace
      const after = { title, erase, force, removed }
      await state.noteAudit({ tenant, action: 'disconnect', subject: id, before: null, after })
      return { id, title, removed }
    },
  }
}

function infoOf(connector: Connector, locale: Locale): ConnectorInfo {
  const { id, title } = connector
  return { id, title: title[locale], streams: streamsOf(connector, locale), fields: formFields(connector, locale) }
}

function streamsOf(connector: Connector, locale: Locale): ConnectorInfo['streams'] {
  return Object.entries(connector.pull).map(([stream, { title, optional = false }]) => {
    return { stream, title: title[locale], optional }
  })
}

async function connect(
  env: ConnectionsEnv,
  workspace: Workspace,
  request: RequestOf<'connect'>,
  locale: Locale,
  signal: AbortSignal,
): Promise<ConnectResult> {
  const connector = (await env.connectors()).find(({ id }) => id === request.connector)
  for (const [key, value] of Object.entries(request.settings)) {
    if (connector && typeof value === 'string' && isSecret(connector.settings, key)) addSecret(value)
  }
  const { connection, identity } = await env.sources.connect(
    workspace,
    {
      connector: request.connector,
      settings: request.settings,
      title: request.title,
      everyMinutes: request.every_minutes,
    },
    signal,
  )
  const [status] = await statuses(env, workspace, [connection], locale)
  return {
    connection: status as ConnectionStatus,
    account: accountOf(identity),
    streams: connector ? streamsOf(connector, locale) : [],
    notices: mismatches(identity, workspace).map(({ code, message, remedy }) => {
      return { code, message: message[locale], remedy: remedy[locale] }
    }),
  }
}

function accountOf({ externalAccountId, name, currency, zone, scopes }: Identity): ConnectResult['account'] {
  return {
    id: externalAccountId,
    name,
    currency: currency ?? null,
    zone: zone ?? null,
    scopes: scopes ? [...scopes] : null,
  }
}

/** How often it is looked whether a run is under way, and for how long at most. */
const LOOK_MS = 20
const BEGIN_MS = 3000

/** Starts a run that nobody waits for, and waits until it is under way, or says why it cannot be. */
async function start({ sources, log }: ConnectionsEnv, workspace: Workspace, id: string, full: boolean): Promise<void> {
  const before = sources.running(id) !== undefined
  let settled = false
  const run = sources.sync(workspace, id, { full, signal: new AbortController().signal }).finally(() => {
    settled = true
  })
  const failed = run.then(
    () => undefined,
    (error: unknown) => ({ error }),
  )
  for (const end = Date.now() + BEGIN_MS; !settled && Date.now() < end; ) {
    const begun = !before && sources.running(id) !== undefined
    await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, LOOK_MS))])
    if (begun) break
  }
  if (settled) {
    const failure = await failed
    if (failure) throw failure.error
  } else {
    void failed.then((failure) => {
      if (failure) log?.('a run in the background failed', { connection: id, err: failure.error })
    })
  }
}

function tell(feedback: Feedback, connection: string, progress: RunProgress, locale: Locale): void {
  const { title, rows, part, rowsPerSecond: rate, eta, quota } = progress
  feedback.progress({ task: `${connection}: ${title[locale]}`, rows, part, rate, eta, quota })
}

async function connectionOf(state: State, { tenant }: Workspace, id: string): Promise<Connection> {
  const [found] = select(await state.connections(tenant), [id])
  return found as Connection
}

/**
 * The connections that are named: by id, by connector or by title; all when none is.
 * @throws RoiError `unknown_connection` listing those there are
 */
export function select(all: readonly Connection[], names: readonly string[]): readonly Connection[] {
  if (names.length === 0) return all
  const chosen = names.flatMap((name) => {
    const byId = all.filter(({ id }) => id === name)
    const lower = name.toLowerCase()
    const found = byId.length > 0 ? byId : all.filter((one) => one.connector === lower || sameTitle(one, lower))
    if (found.length === 0) throw unknownConnection(name, all)
    return found
  })
  return [...new Set(chosen)]
}

function sameTitle({ title }: Connection, lower: string): boolean {
  return title.toLowerCase() === lower
}

function unknownConnection(name: string, all: readonly Connection[]): RoiError {
  const shown = name.slice(0, 80)
  const near = closest(
    shown,
    all.flatMap(({ id, connector, title }) => [id, connector, title]),
  )
  const list = all.map(({ id, title }) => `${id} (${title})`).slice(0, 10)
  return new RoiError(
    'not_found',
    'unknown_connection',
    { en: `There is no connection "${shown}".`, 'zh-CN': `没有名为“${shown}”的连接。` },
    list.length === 0
      ? { en: 'Make one with "roi-panel connect".', 'zh-CN': '请用 “roi-panel connect” 添加连接。' }
      : {
          en: `${near ? `Did you mean ${near}? ` : ''}Known: ${list.join(', ')}.`,
          'zh-CN': `${near ? `是否想输入 ${near}？` : ''}现有：${list.join('、')}。`,
        },
  )
}

/** The state of connections as people see it (F136). */
async function statuses(
  env: ConnectionsEnv,
  workspace: Workspace,
  connections: readonly Connection[],
  locale: Locale,
): Promise<ConnectionStatus[]> {
  if (connections.length === 0) return []
  const runs = connections.map(({ id, startedAt, finishedAt }) => [
    id,
    startedAt,
    finishedAt,
    env.sources.running(id) !== undefined,
  ])
  const counts = await rowCounts(env.database, workspace.tenant, JSON.stringify(runs))
  return Promise.all(connections.map((connection) => statusOf(env, connection, counts, locale)))
}

async function statusOf(
  { state, sources }: ConnectionsEnv,
  connection: Connection,
  counts: RowCounts,
  locale: Locale,
): Promise<ConnectionStatus> {
  const { id, tenant, connector, externalAccountId, title, everyMinutes } = connection
  const running = sources.running(id)
  const last = readOutcome(connection.result)
  return {
    id,
    connector,
    account: externalAccountId,
    title,
    state: connection.state,
    running: running !== undefined,
    every_minutes: everyMinutes,
    created_at: connection.createdAt.toISOString(),
    started_at: connection.startedAt?.toISOString() ?? null,
    finished_at: connection.finishedAt?.toISOString() ?? null,
    complete_at: connection.completeAt?.toISOString() ?? null,
    next_at: nextAt(connection)?.toISOString() ?? null,
    resume_at: connection.resumeAt?.toISOString() ?? null,
    rows: counts.get(connection.source) ?? {},
    quarantined: await state.countRejects(tenant, id),
    progress: running?.progress ? progressOf(running.progress) : null,
    quota: sources.quota(id),
    last: last && { ...syncResult(last, locale), connection: id, connector, title },
    write_back: await writeBackOf(state, connection, locale),
  }
}

async function writeBackOf(
  state: State,
  { id, settings }: Connection,
  locale: Locale,
): Promise<ConnectionStatus['write_back']> {
  if (settings.write_back !== true) return null
  const known = await lastWriteBack(state, id)
  const { records = 0, written = 0, refused = 0 } = known ?? {}
  return {
    state: known?.state ?? 'waiting',
    finished_at: known?.finishedAt.toISOString() ?? null,
    next_at: known?.notBefore.toISOString() ?? null,
    records,
    written,
    refused,
    reason: known?.reason ? syncReason(known.reason, locale) : null,
  }
}

/** When `serve` runs it by itself; null = not before a person does something. */
function nextAt(connection: Connection): Date | null {
  const due = dueAt(connection)
  return Number.isFinite(due) ? new Date(due) : null
}

function progressOf({ stream, rows, part, rowsPerSecond, eta }: RunProgress): ConnectionStatus['progress'] {
  return { stream, rows, part, rows_per_second: rowsPerSecond, eta: eta && [...eta] }
}
