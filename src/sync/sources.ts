import { RoiError, type Text } from '../errors.ts'
import type { Workspace } from '../model/settings.ts'
import type { Connection } from '../state/state.ts'
import type { ConnectRequest, Running, RunOptions, Sources, SourcesEnv } from './connections.ts'
import type { Connector } from './contract.ts'
import { forgetConnection } from './disconnect.ts'
import { parseSettings } from './form.ts'
import { openUpstream, type Upstream } from './http/upstream.ts'
import { leased } from './lease.ts'
import type { RunOutcome, RunProgress } from './outcome.ts'
import { STOPPED } from './reasons.ts'
import { contextOf, isSourceError, reasonOf, runConnection } from './run.ts'
import { Schedule } from './schedule.ts'

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
  readonly #schedule: Schedule
  #closed = false

  constructor(env: SourcesEnv) {
    this.#env = env
    this.#schedule = new Schedule(env.state, (workspace, id, signal) => this.sync(workspace, id, { signal }), env.log)
  }

  async connect(workspace: Workspace, request: ConnectRequest, signal: AbortSignal) {
    const connector = await this.#connector(request.connector)
    const { settings, secrets, all: parsed } = parseSettings(connector, request.settings)
    const upstream = this.#open(connector, () => secretOf(connector, secrets))
    try {
      const context = contextOf(
        { settings: parsed, upstream, signal, log: this.#env.log },
        { externalAccountId: '', name: '' },
      )
      const identity = await connector.check(context).catch((error) => {
        throw isSourceError(error) ? connectFailed(connector, error) : error
      })
      const connection = await this.#env.state.saveConnection(workspace.tenant, {
        connector: connector.id,
        externalAccountId: identity.externalAccountId,
        title: request.title ?? identity.name,
        settings,
        secrets,
        everyMinutes: request.everyMinutes === undefined ? EVERY_MINUTES : request.everyMinutes,
      })
      if (connection.state === 'reconnect') {
        await this.#env.state.changeConnection(connection.id, {
          state: connection.completeAt ? 'active' : 'pending',
          resumeAt: null,
        })
      }
      await this.#forgetWay(connection.id)
      return { connection, identity }
    } finally {
      await upstream.close()
    }
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
    }
  }

  async #run(workspace: Workspace, connection: Connection, options: RunOptions): Promise<RunOutcome> {
    const { state, database, log } = this.#env
    const { id } = connection
    const startedAt = new Date()
    await state.changeConnection(id, { startedAt })
    try {
      const connector = await this.#connector(connection.connector)
      const secrets = await state.secrets(id)
      const { all: parsed } = parseSettings(connector, { ...connection.settings, ...secrets })
      const upstream = this.#way(connector, connection, secretOf(connector, secrets))
      const outcome = await runConnection({
        database,
        state,
        workspace,
        connection,
        connector,
        settings: parsed,
        upstream,
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
    const outcome: RunOutcome = {
      connection: connection.id,
      connector: connection.connector,
      title: connection.title,
      state: stopped ? 'incomplete' : 'failed',
      reason: stopped ? STOPPED : reasonOf(error),
      startedAt,
      finishedAt: new Date(),
      requests: 0,
      limited: 0,
      streams: [],
      drift: [],
    }
    // Should the store be what failed, the connection keeps the state of the run before.
    await this.#note(connection.id, outcome).catch(() => undefined)
  }

  async check(workspace: Workspace, id: string, signal: AbortSignal) {
    const connection = await this.#find(workspace, id)
    const connector = await this.#connector(connection.connector)
    const secrets = await this.#env.state.secrets(id)
    const { all: parsed } = parseSettings(connector, { ...connection.settings, ...secrets })
    const upstream = this.#way(connector, connection, secretOf(connector, secrets))
    upstream.begin()
    const context = contextOf(
      { settings: parsed, upstream, signal, log: this.#env.log },
      { externalAccountId: connection.externalAccountId, name: connection.title },
    )
    const identity = await connector.check(context)
    return { identity, clockOffsetMs: upstream.now().getTime() - Date.now(), quota: upstream.status().quota }
  }

  async disconnect(workspace: Workspace, id: string, erase: boolean): Promise<number> {
    const connection = await this.#find(workspace, id)
    const { database, state } = this.#env
    const active = this.#running.get(id)
    active?.stop.abort(disconnected())
    await active?.ended
    return leased(
      state,
      `sync/${id}`,
      () => syncRunning(connection),
      async () => {
        await this.#forgetWay(id)
        const removed = await forgetConnection(database, workspace, connection, erase)
        await state.removeConnection(workspace.tenant, id)
        return removed
      },
    )
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
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#schedule.stop()
    const runs = [...this.#running.values()]
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

  #open(connector: Connector, credential: () => string | undefined): Upstream {
    const origin = this.#env.originOf(connector.id)
    return openUpstream({
      ...this.#env.upstream,
      connector,
      ...(origin === undefined ? {} : { origin }),
      credential: async () => credential(),
      log: this.#env.log,
    })
  }

  /** The way of a connection, with the credential it has now. */
  #way(connector: Connector, connection: Connection, credential: string | undefined): Upstream {
    const known = this.#ways.get(connection.id)
    if (known) {
      known.credential = credential
      return known.upstream
    }
    const way: Way = { upstream: this.#open(connector, () => way.credential), credential }
    this.#ways.set(connection.id, way)
    return way.upstream
  }

  async #forgetWay(id: string): Promise<void> {
    const way = this.#ways.get(id)
    this.#ways.delete(id)
    await way?.upstream.close()
  }
}

/** What is sent with every request: the secret its `auth` names. */
function secretOf(connector: Connector, secrets: Readonly<Record<string, string>>): string | undefined {
  return connector.auth.type === 'api_key' ? secrets[connector.auth.setting] : undefined
}

function connectFailed(connector: Connector, error: unknown): RoiError {
  const { code, message, remedy } = reasonOf(error)
  const kind = code === 'unauthorized' ? 'auth' : 'unavailable'
  const title = connector.title
  const text: Text = {
    en: `${title.en} could not be connected. ${message.en}`,
    'zh-CN': `无法连接 ${title['zh-CN']}。${message['zh-CN']}`,
  }
  return new RoiError(kind, 'connect_failed', text, remedy ?? undefined, { cause: error })
}

function syncRunning(connection: Connection): RoiError {
  return new RoiError(
    'unavailable',
    'sync_running',
    {
      en: `"${connection.title}" is being synchronized already.`,
      'zh-CN': `“${connection.title}”正在同步中。`,
    },
    { en: '"roi-panel status" shows how far it is.', 'zh-CN': '可用 roi-panel status 查看进度。' },
  )
}

function disconnected(): RoiError {
  return new RoiError('unavailable', 'disconnected', {
    en: 'The connection was taken away.',
    'zh-CN': '该连接已被移除。',
  })
}

function stopping(): RoiError {
  return new RoiError('unavailable', 'stopping', { en: 'The program is ending.', 'zh-CN': '程序正在退出。' })
}
