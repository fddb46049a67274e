import { RoiError } from '../errors.ts'
import type { Workspace } from '../model/settings.ts'
import type { Connection, NewConnection } from '../state/state.ts'
import { type ConnectionEdit, currentSettings, editedSettings } from './connection-settings.ts'
import type {
  ConnectRequest,
  GrantAnswer,
  GrantRequest,
  Running,
  RunOptions,
  Sources,
  SourcesEnv,
  Used,
} from './connections.ts'
import type { Connector, Identity } from './contract.ts'
import { forgetConnection } from './disconnect.ts'
import { checkKey, keyOf, type ParsedSettings, parseSettings } from './form.ts'
import { openUpstream, SYSTEM_CLOCK, type Upstream } from './http/upstream.ts'
import { leased } from './lease.ts'
import type { TokenEndpoint } from './oauth.ts'
import { checkGranted, checkWanted, endpointOf, GrantWatch, takeBack } from './oauth-grants.ts'
import { TokenKeeper } from './oauth-keeper.ts'
import { splitSecrets, type Tokens, toSecrets } from './oauth-tokens.ts'
import type { Reason, RunOutcome, RunProgress } from './outcome.ts'
import { GONE, isSourceError, otherAccount, reasonOf, STOPPED } from './reasons.ts'
import { type Hints, type Reread, rereadContext, rereadRecords } from './reread.ts'
import { contextOf, runConnection } from './run.ts'
import { Schedule } from './schedule.ts'
import { connectFailed, disconnected, settingsBusy, stopping, syncRunning } from './source-errors.ts'
import { forgetWriteBacks } from './write-back-state.ts'

/** Minutes between runs unless asked otherwise. */
const EVERY_MINUTES = 15
/** Runs that are told to stop get this long to save where they are, milliseconds (reliability G13). */
const SETTLE_MS = 25_000

/** The connections of all workspaces in one process. */
export function createSources(env: SourcesEnv): Sources {
  return new ProcessSources(env)
}

/** One connection's way to its source, kept between runs: its limits and its pause are the account's, not a run's. */
interface Way {
  readonly upstream: Upstream
  credential: string | undefined
  /** Where a person granted access. */
  keeper: TokenKeeper | undefined
}

/** A connection with all that is needed to ask its source. */
interface Opened {
  readonly connector: Connector
  /** Parsed, secrets among them. */
  readonly settings: ParsedSettings['all']
  readonly tokens: Tokens | undefined
  readonly upstream: Upstream
}

interface ActiveRun extends Running {
  progress: RunProgress | null
  readonly stop: AbortController
  readonly ended: Promise<unknown>
}

class ProcessSources implements Sources {
  readonly #env: SourcesEnv
  readonly #ways = new Map<string, Way>()
  readonly #running = new Map<string, ActiveRun>()
  /** Rereads under way, by connection. */
  readonly #rereads = new Map<string, Omit<ActiveRun, 'progress'>>()
  /** Other questions under way, and which connection they are for. */
  readonly #uses = new Map<Omit<ActiveRun, 'progress'>, string>()
  readonly #schedule: Schedule
  readonly #watch: GrantWatch
  #closed = false

  constructor(env: SourcesEnv) {
    this.#env = env
    this.#schedule = new Schedule(env.state, (workspace, id, signal) => this.sync(workspace, id, { signal }), env.log)
    this.#watch = new GrantWatch(env, (connection) => this.#noteGone(connection))
  }

  async connect(workspace: Workspace, request: ConnectRequest, signal: AbortSignal) {
    const connector = await this.#connector(request.connector)
    const parsed = parseSettings(connector, request.settings)
    checkKey(connector, parsed)
    const { settings, secrets, all } = parsed
    const identity = await this.#identify(connector, all, secretOf(connector, secrets), signal)
    const connection = await this.#keep(workspace, {
      connector: connector.id,
      externalAccountId: identity.externalAccountId,
      title: request.title ?? identity.name,
      settings,
      secrets,
      everyMinutes: request.everyMinutes === undefined ? EVERY_MINUTES : request.everyMinutes,
    })
    return { connection, identity }
  }

  async authorizeUrl(request: GrantRequest): Promise<string> {
    const connector = await this.#connector(request.connector)
    checkWanted(connector, request)
    return endpointOf(this.#env, connector).authorizeUrl(request)
  }

  async grantedScopes(workspace: Workspace, id: string): Promise<readonly string[]> {
    const connection = await this.#find(workspace, id)
    const connector = await this.#connector(connection.connector)
    return splitSecrets(connector, await this.#env.state.secrets(id)).tokens?.scopes ?? []
  }

  async connectGrant(
    workspace: Workspace,
    { code, redirectUri, verifier, ...answer }: GrantAnswer,
    signal: AbortSignal,
  ) {
    const connector = await this.#connector(answer.connector)
    const endpoint = endpointOf(this.#env, connector)
    const tokens = await endpoint.exchange(code, redirectUri, verifier, signal).catch((error) => {
      throw isSourceError(error) ? connectFailed(connector, error) : error
    })
    checkGranted(connector, tokens)
    const defaults = parseSettings(connector, {})
    const told = await this.#identify(connector, defaults.all, tokens.access, signal)
    const identity: Identity = { ...told, ...(tokens.scopes && { scopes: tokens.scopes }) }
    const all = await this.#env.state.connections(workspace.tenant)
    const known = all.find((one) => isOf(one, connector, identity))
    const connection = await this.#keep(workspace, {
      connector: connector.id,
      externalAccountId: identity.externalAccountId,
      title: known?.title ?? identity.name,
      settings: known?.settings ?? defaults.settings,
      secrets: toSecrets(tokens),
      everyMinutes: known ? known.everyMinutes : EVERY_MINUTES,
    })
    return { connection, identity }
  }

  /** Who the credentials belong to. @throws RoiError `connect_failed` */
  async #identify(
    connector: Connector,
    settings: ParsedSettings['all'],
    credential: string | undefined,
    signal: AbortSignal,
  ): Promise<Identity> {
    const upstream = this.#open(connector, async () => credential)
    try {
      const context = contextOf({ settings, upstream, signal, log: this.#env.log }, { externalAccountId: '', name: '' })
      return await connector.check(context).catch((error) => {
        throw isSourceError(error) ? connectFailed(connector, error) : error
      })
    } finally {
      await upstream.close()
    }
  }

  async #keep(workspace: Workspace, fresh: NewConnection): Promise<Connection> {
    const connection = await this.#env.state.saveConnection(workspace.tenant, fresh)
    await this.#mended(connection)
    await forgetWriteBacks(this.#env.state, connection.id)
    await this.#forgetWay(connection.id)
    return connection
  }

  /** New credentials end what only they could end. */
  async #mended({ id, state, completeAt }: Connection): Promise<void> {
    if (state !== 'reconnect') return
    await this.#env.state.changeConnection(id, { state: completeAt ? 'active' : 'pending', resumeAt: null })
  }

  async settingsOf(workspace: Workspace, id: string) {
    const connection = await this.#find(workspace, id)
    const connector = await this.#connector(connection.connector)
    return currentSettings(connector, connection, await this.#env.state.secrets(id))
  }

  async change(workspace: Workspace, id: string, edit: ConnectionEdit, signal: AbortSignal) {
    const { state } = this.#env
    const work = async (stop: AbortSignal) => {
      const connection = await this.#find(workspace, id)
      const connector = await this.#connector(connection.connector)
      const edited = editedSettings(connector, connection, await state.secrets(id), edit.settings ?? {})
      const secrets = Object.keys(edited.secrets)
      if (secrets.length > 0) await this.#checkEdited(connection, connector, edited, stop)
      const { title = connection.title, everyMinutes = connection.everyMinutes } = edit
      const changed = [
        ...edited.changed,
        ...(title === connection.title ? [] : ['title']),
        ...(everyMinutes === connection.everyMinutes ? [] : ['every_minutes']),
      ]
      if (changed.length === 0) return changed
      const { settings } = edited
      await state.editConnection(workspace.tenant, id, { title, everyMinutes, settings, secrets: edited.secrets })
      if (secrets.length > 0) await this.#mended(connection)
      await forgetWriteBacks(state, id)
      return changed
    }
    return leased(state, `settings/${id}`, settingsBusy, work, { signal })
  }

  /** Secrets that differ must be those of the same account. @throws RoiError `connect_failed`, `other_account` */
  async #checkEdited(
    connection: Connection,
    connector: Connector,
    { all, own }: ReturnType<typeof editedSettings>,
    signal: AbortSignal,
  ): Promise<void> {
    const { externalAccountId } = await this.#identify(connector, all, secretOf(connector, own), signal)
    if (externalAccountId === connection.externalAccountId) return
    const { code, message, remedy } = otherAccount(connection.externalAccountId, externalAccountId)
    throw new RoiError('usage', code, message, remedy ?? undefined)
  }

  async sync(workspace: Workspace, id: string, options: RunOptions): Promise<RunOutcome> {
    const connection = await this.#find(workspace, id)
    if (this.#closed) throw stopping()
    if (this.#running.has(id)) throw syncRunning(connection)
    const stop = new AbortController()
    const signal = AbortSignal.any([options.signal, stop.signal])
    const run = leased(
      this.#env.state,
      `sync/${id}`,
      () => syncRunning(connection),
      (lost) => this.#run(workspace, connection, { ...options, signal: AbortSignal.any([signal, lost]) }),
      { wait: 0 },
    )
    const ended = run.then(
      () => undefined,
      () => undefined,
    )
    this.#running.set(id, { progress: null, stop, ended })
    try {
      return await run
    } finally {
      this.#running.delete(id)
      this.#env.onChange?.(workspace)
    }
  }

  async reread(workspace: Workspace, id: string, hints: Hints, signal: AbortSignal): Promise<Reread> {
    const connection = await this.#find(workspace, id)
    if (this.#closed) throw stopping()
    const stop = new AbortController()
    const reread = this.#reread(workspace, connection, hints, AbortSignal.any([signal, stop.signal]))
    const ended = reread.then(
      () => undefined,
      () => undefined,
    )
    this.#rereads.set(id, { stop, ended })
    try {
      return await reread
    } finally {
      this.#rereads.delete(id)
    }
  }

  async #reread(workspace: Workspace, connection: Connection, hints: Hints, signal: AbortSignal): Promise<Reread> {
    const { state, database, onChange } = this.#env
    const opened = await this.#openConnection(connection)
    const { connector, upstream } = opened
    const context = this.#contextOf(connection, opened, signal)
    return rereadRecords({
      database,
      state,
      workspace,
      connection,
      connector,
      context,
      identified: () => rereadContext(connector, upstream, context),
      hints,
      onChange: () => onChange?.(workspace),
    })
  }

  async #run(workspace: Workspace, connection: Connection, options: RunOptions): Promise<RunOutcome> {
    const { state, database, log } = this.#env
    const { id } = connection
    const startedAt = new Date()
    await state.changeConnection(id, { startedAt })
    try {
      const { connector, settings, upstream, tokens } = await this.#openConnection(connection)
      const outcome = await runConnection({
        database,
        state,
        workspace,
        connection,
        connector,
        settings,
        upstream,
        scopes: tokens?.scopes,
        full: options.full ?? false,
        signal: options.signal,
        log: (message, details) => log(message, { connection: id, ...details }),
        onProgress: (progress) => {
          const running = this.#running.get(id)
          if (running) running.progress = progress
          options.onProgress?.(progress)
        },
      })
      await this.#note(id, outcome)
      if (outcome.state === 'reconnect') this.#tellGone(connection, outcome.reason)
      return outcome
    } catch (error) {
      await this.#noteFailure(connection, startedAt, error, options.signal.aborted)
      throw error
    }
  }

  async #note(id: string, outcome: RunOutcome): Promise<void> {
    const { state, reason, finishedAt, startedAt } = outcome
    await this.#env.state.changeConnection(id, {
      state: state === 'complete' ? 'active' : state,
      finishedAt,
      resumeAt: state === 'paused' ? (reason?.retryAt ?? null) : null,
      result: outcome,
      // What changed while it was read comes with the next run: complete is what was there when it began.
      ...(state === 'complete' ? { completeAt: startedAt } : {}),
    })
  }

  /** A run that ended by itself, not by its source: stopped, or an error of the stores. */
  async #noteFailure(connection: Connection, startedAt: Date, error: unknown, stopped: boolean): Promise<void> {
    const state = stopped ? 'incomplete' : 'failed'
    const outcome = nothingRead(connection, startedAt, state, stopped ? STOPPED : reasonOf(error))
    // Should the store be what failed, the connection keeps the state of the run before.
    await this.#note(connection.id, outcome).catch(() => undefined)
  }

  async check(workspace: Workspace, id: string, signal: AbortSignal) {
    const connection = await this.#find(workspace, id)
    const opened = await this.#openConnection(connection)
    const { connector, upstream, tokens } = opened
    upstream.begin()
    const told = await connector.check(this.#contextOf(connection, opened, signal))
    const identity: Identity = { ...told, ...(tokens?.scopes && { scopes: tokens.scopes }) }
    return { identity, clockOffsetMs: upstream.now().getTime() - Date.now(), quota: upstream.status().quota }
  }

  async use<T>(workspace: Workspace, id: string, signal: AbortSignal, work: (used: Used) => Promise<T>): Promise<T> {
    const connection = await this.#find(workspace, id)
    if (this.#closed) throw stopping()
    const opened = await this.#openConnection(connection)
    opened.upstream.begin()
    const stop = new AbortController()
    const context = this.#contextOf(connection, opened, AbortSignal.any([signal, stop.signal]))
    const asked = work({ connector: opened.connector, context, granted: opened.tokens !== undefined })
    const use = { stop, ended: asked.catch(() => undefined) }
    this.#uses.set(use, id)
    try {
      return await asked
    } finally {
      this.#uses.delete(use)
    }
  }

  async disconnect(workspace: Workspace, id: string, erase: boolean, force = false): Promise<number> {
    const connection = await this.#find(workspace, id)
    const { database, state } = this.#env
    const active = this.#running.get(id)
    active?.stop.abort(disconnected())
    await active?.ended
    const busy = () => syncRunning(connection)
    const reread = this.#rereads.get(id)
    reread?.stop.abort(disconnected())
    await reread?.ended
    const uses = [...this.#uses].flatMap(([use, of]) => (of === id ? [use] : []))
    for (const { stop } of uses) stop.abort(disconnected())
    await Promise.all(uses.map(({ ended }) => ended))
    return leased(state, `sync/${id}`, busy, (lost) =>
      // Whoever reads records of it again would bring them back.
      leased(state, `inbox/${id}`, busy, async () => {
        await this.#takeBack(connection, force, lost)
        await this.#forgetWay(id)
        const removed = await forgetConnection(database, workspace, connection, erase)
        await state.removeConnection(workspace.tenant, id)
        await forgetWriteBacks(state, id)
        return removed
      }),
    )
  }

  /** Gives granted access back to the source. @throws RoiError `uninstall_failed`, unless it is forced */
  async #takeBack(connection: Connection, force: boolean, signal: AbortSignal): Promise<void> {
    try {
      const opened = await this.#openConnection(connection)
      if (!opened.tokens) return
      opened.upstream.begin()
      await takeBack(this.#env, opened.connector, opened.tokens, this.#contextOf(connection, opened, signal))
    } catch (error) {
      // One whose secrets do not open, or whose connector is gone, can still be removed.
      if (!force) throw error
      this.#env.log('access could not be given back to the source', { connection: connection.id, err: error })
    }
  }

  inspectGrants(): Promise<void> {
    return this.#watch.look()
  }

  /** A grant was found gone by asking for it: nothing is read until a person acts. */
  async #noteGone(connection: Connection): Promise<void> {
    await this.#note(connection.id, nothingRead(connection, new Date(), 'reconnect', GONE))
    this.#tellGone(connection, GONE)
  }

  /** Once: a connection in this state is not asked again by itself. */
  #tellGone({ id, connector, state }: Connection, reason: Reason | null): void {
    if (state === 'reconnect') return
    this.#env.log('a connection needs a person to connect it again; its schedule stops, its data is kept', {
      connection: id,
      connector,
      code: reason?.code,
    })
  }

  running(id: string): Running | undefined {
    return this.#running.get(id)
  }

  quota(id: string) {
    const quota = this.#ways.get(id)?.upstream.status().quota
    return quota ? { left: quota.left, of: quota.of } : null
  }

  startSchedule(): void {
    this.#schedule.start()
    this.#watch.start()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#schedule.stop()
    await this.#watch.stop()
    const runs = [...this.#running.values(), ...this.#rereads.values(), ...this.#uses.keys()]
    for (const { stop } of runs) stop.abort(stopping())
    const limit = new Promise((resolve) => setTimeout(resolve, SETTLE_MS).unref())
    await Promise.race([Promise.all(runs.map(({ ended }) => ended)), limit])
    for (const id of [...this.#ways.keys()]) await this.#forgetWay(id)
  }

  async #find(workspace: Workspace, id: string): Promise<Connection> {
    const found = await this.#env.state.findConnection(workspace.tenant, id)
    if (found) return found
    throw new RoiError(
      'not_found',
      'unknown_connection',
      { en: `There is no connection "${id.slice(0, 80)}".`, 'zh-CN': `没有连接“${id.slice(0, 80)}”。` },
      { en: '"roi-panel status" lists them.', 'zh-CN': '可用 roi-panel status 查看。' },
    )
  }

  async #connector(id: string): Promise<Connector> {
    const connector = await this.#env.findConnector(id)
    if (connector?.api) return connector
    throw new RoiError(
      'usage',
      'unknown_connector',
      { en: `There is no connector "${id.slice(0, 80)}".`, 'zh-CN': `没有连接器“${id.slice(0, 80)}”。` },
      { en: '"roi-panel connect" lists them.', 'zh-CN': '可用 roi-panel connect 查看。' },
    )
  }

  #open(
    connector: Connector,
    credential: () => Promise<string | undefined>,
    refresh?: () => Promise<boolean>,
  ): Upstream {
    const origin = this.#env.originOf(connector.id)
    return openUpstream({
      ...this.#env.upstream,
      connector,
      ...(origin === undefined ? {} : { origin }),
      credential,
      ...(refresh && { refresh }),
      log: this.#env.log,
    })
  }

  /** A connection's settings and its way, with the credential it has now. */
  async #openConnection(connection: Connection): Promise<Opened> {
    const connector = await this.#connector(connection.connector)
    const { own, tokens } = splitSecrets(connector, await this.#env.state.secrets(connection.id))
    const { all: settings } = parseSettings(connector, { ...connection.settings, ...own })
    const way = await this.#way(connector, connection, tokens)
    way.credential = secretOf(connector, own)
    return { connector, settings, tokens, upstream: way.upstream }
  }

  #contextOf(connection: Connection, { settings, upstream, tokens }: Opened, signal: AbortSignal) {
    const { externalAccountId, title: name } = connection
    const identity = { externalAccountId, name, ...(tokens?.scopes && { scopes: tokens.scopes }) }
    return contextOf({ settings, upstream, signal, log: this.#env.log }, identity)
  }

  async #way(connector: Connector, connection: Connection, tokens: Tokens | undefined): Promise<Way> {
    const known = this.#ways.get(connection.id)
    if (known && (known.keeper !== undefined) === (tokens !== undefined)) {
      if (tokens) known.keeper?.begin(tokens)
      return known
    }
    // Another process made a grant of a key, or a key of a grant.
    await this.#forgetWay(connection.id)
    const keeper = tokens && this.#keeper(connector, connection, endpointOf(this.#env, connector), tokens)
    const upstream = this.#open(
      connector,
      async () => (keeper ? keeper.credential() : way.credential),
      keeper && (() => keeper.renew()),
    )
    const way: Way = { upstream, credential: undefined, keeper }
    this.#ways.set(connection.id, way)
    return way
  }

  #keeper(connector: Connector, { id }: Connection, endpoint: TokenEndpoint, tokens: Tokens): TokenKeeper {
    const { state, log, upstream } = this.#env
    const clock = upstream?.clock ?? SYSTEM_CLOCK
    return new TokenKeeper({ state, connection: id, connector, endpoint, clock, log }, tokens)
  }

  async #forgetWay(id: string): Promise<void> {
    const way = this.#ways.get(id)
    this.#ways.delete(id)
    await way?.upstream.close()
  }
}

/** What is sent with every request: the secret its `auth` names. */
function secretOf({ auth }: Connector, secrets: Readonly<Record<string, string>>): string | undefined {
  const key = keyOf(auth)
  return key && secrets[key.setting]
}

function isOf(connection: Connection, { id }: Connector, { externalAccountId }: Identity): boolean {
  return connection.connector === id && connection.externalAccountId === externalAccountId
}

/** The outcome of a run that did not get as far as its first stream. */
function nothingRead(
  { id, connector, title }: Connection,
  startedAt: Date,
  state: RunOutcome['state'],
  reason: Reason,
): RunOutcome {
  const counts = { requests: 0, limited: 0, streams: [], drift: [] }
  return { connection: id, connector, title, state, reason, startedAt, finishedAt: new Date(), ...counts }
}
