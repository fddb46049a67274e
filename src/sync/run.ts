import { recompute } from '../attribution/recompute.ts'
import type { Database } from '../db/database.ts'
import type { Workspace } from '../model/settings.ts'
import type { Connection, Drift, State } from '../state/state.ts'
import { type AliasBook, readAliases } from './alias.ts'
import type { Connector, Context, Identity, Ref, Stream } from './contract.ts'
import { withoutErased } from './erase.ts'
import { Eta } from './eta.ts'
import type { Upstream } from './http/upstream.ts'
import type { RunOutcome, RunProgress, RunState, StreamOutcome } from './outcome.ts'
import { prune } from './prune.ts'
import { type Judgement, judge, notGranted, notRun, otherAccount } from './reasons.ts'
import { syncStream } from './runner.ts'
import { type Origin, storeSink } from './store.ts'
import { StreamRun } from './stream-run.ts'
import { attributionSettings } from './workspace.ts'

/** Refused records that are read again at the beginning of a run, per stream. */
const REPLAYED = 500
/** From this many new or changed rows on, putting the store into order pays. */
const RECLUSTER_FROM = 50_000

/** One run of one connection. */
export interface Run {
  readonly database: Database
  readonly state: State
  readonly workspace: Workspace
  readonly connection: Connection
  readonly connector: Connector
  /** Parsed settings, secrets among them. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly upstream: Upstream
  /** What was granted, where that is known; outranks what the source tells. */
  readonly scopes?: readonly string[] | undefined
  readonly full: boolean
  readonly signal: AbortSignal
  readonly log: (message: string, details?: Record<string, unknown>) => void
  readonly onProgress: (progress: RunProgress) => void
}

/** The parts of a context that all streams of a run share. */
export function contextOf(
  { settings, upstream, signal, log }: Pick<Run, 'settings' | 'upstream' | 'signal' | 'log'>,
  identity: Identity,
  drift: Context<unknown>['drift'] = () => {},
): Context<Readonly<Record<string, unknown>>> {
  return {
    settings,
    http: upstream.http(signal),
    identity,
    open: () => Promise.reject(new Error('this connector reads no files')),
    signal,
    log,
    drift,
    now: () => upstream.now(),
  }
}

/**
 * Reads a connection: what is recent in every stream first, then everything else, then the credit of what changed.
 * What the source does ends in the outcome; what is read until then is kept.
 * @throws what the signal was aborted with
 */
export async function runConnection(run: Run): Promise<RunOutcome> {
  return new ConnectionRun(run).run()
}

/** A stream in this run, and what ended it. */
interface Lane {
  readonly name: string
  readonly stream: Stream<unknown>
  readonly drift: Set<string>
  reader: StreamRun | undefined
  judgement: Judgement | undefined
  rejected: Map<string, 'waiting' | 'healed'>
  readonly eta: Eta
}

class ConnectionRun {
  readonly #run: Run
  readonly #lanes: readonly Lane[]
  readonly #startedAt = new Date()
  readonly #before: { readonly requests: number; readonly limited: number }
  #end: Judgement | undefined

  constructor(run: Run) {
    this.#run = run
    const { requests, limited } = run.upstream.status()
    this.#before = { requests, limited }
    this.#lanes = Object.entries(run.connector.pull).map(([name, stream]) => ({
      name,
      stream: stream as Stream<unknown>,
      drift: new Set(),
      reader: undefined,
      judgement: undefined,
      rejected: new Map(),
      eta: new Eta(),
    }))
  }

  async run(): Promise<RunOutcome> {
    const identity = await this.#check()
    if (identity) await this.#read(identity)
    await this.#settle()
    return this.#outcome()
  }

  /** Who we are; undefined when that cannot be told, or is someone else than before. */
  async #check(): Promise<Identity | undefined> {
    const { connector, connection, upstream } = this.#run
    upstream.begin()
    try {
      const identity = await connector.check(contextOf(this.#run, { externalAccountId: '', name: '' }))
      const { scopes } = this.#run
      if (identity.externalAccountId === connection.externalAccountId) return { ...identity, ...(scopes && { scopes }) }
      const reason = otherAccount(connection.externalAccountId, identity.externalAccountId)
      this.#end = { state: 'reconnect', ends: true, reason }
    } catch (error) {
      this.#end = this.#judge(error, false)
    }
    return undefined
  }

  async #read(identity: Identity): Promise<void> {
    const { database, workspace, connection } = this.#run
    const aliases = await readAliases(database, workspace.tenant, connection.source)
    await this.#readRejected()
    await this.#each((lane) => this.#begin(lane, identity, aliases))
    await this.#each((lane) => lane.reader!.recent())
    if (this.#lanes.some(({ reader }) => reader && reader.counts.read > 0)) await this.#recompute()
    await this.#each(async (lane) => {
      await lane.reader!.rest()
    })
  }

  /** Does one step of every stream that has not ended; an end of the whole run ends the steps. */
  async #each(step: (lane: Lane) => Promise<void>): Promise<void> {
    for (const lane of this.#lanes) {
      if (this.#end) return
      if (lane.judgement) continue
      try {
        this.#run.signal.throwIfAborted()
        await step(lane)
      } catch (error) {
        lane.judgement = this.#judge(error, lane.stream.optional === true)
        if (lane.judgement.ends) this.#end = lane.judgement
      }
    }
  }

  #judge(error: unknown, optional: boolean): Judgement {
    const { signal, log } = this.#run
    signal.throwIfAborted()
    const judgement = judge(error, optional)
    if (judgement.reason.code === 'internal') log('a stream ended by an error of this program', { err: error })
    return judgement
  }

  async #readRejected(): Promise<void> {
    const { state, workspace, connection } = this.#run
    for (const { part, where } of await state.rejects(workspace.tenant, connection.id, { limit: 10_000, offset: 0 })) {
      const lane = this.#lanes.find(({ name }) => name === part)
      if (where.id !== undefined) lane?.rejected.set(where.id, 'waiting')
    }
  }

  async #begin(lane: Lane, identity: Identity, aliases: AliasBook): Promise<void> {
    const { database, state, workspace, connection, connector, full, upstream, onProgress } = this.#run
    const { name, stream } = lane
    if (stream.optional && stream.scope && identity.scopes?.includes(stream.scope) === false) {
      lane.judgement = notGranted(stream.scope)
      return
    }
    const context = contextOf(this.#run, identity, (field, kind) => lane.drift.add(`${kind} ${field}`))
    const origin = { tenant: workspace.tenant, source: connection.source, settings: workspace.settings }
    const onAccepted = (id: string) => {
      if (lane.rejected.has(id)) lane.rejected.set(id, 'healed')
    }
    await this.#replay(lane, context, origin, aliases, onAccepted)
    lane.reader = new StreamRun({
      database,
      state,
      origin,
      connection: connection.id,
      name,
      stream,
      context,
      aliases,
      workers: connector.api?.limits.core.concurrent ?? 1,
      full,
      onAccepted,
      quarantined: async () => [...lane.rejected.values()].filter((state) => state === 'waiting').length,
      onProgress: ({ rows, fraction, rowsPerSecond }) => {
        const { quota } = upstream.status()
        const eta = lane.eta.tell(fraction)
        onProgress({ stream: name, title: stream.title, rows, part: fraction, rowsPerSecond, eta, quota })
      },
      onRejects: async (refused) => {
        const rejects = await withoutErased(state, origin, refused, () => stream.type)
        const ids = rejects.flatMap(({ where }) => (where.id === undefined ? [] : [where.id]))
        await state.forgetRejects(workspace.tenant, connection.id, { part: name, ids })
        await state.addRejects(workspace.tenant, connection.id, name, rejects)
        for (const id of ids) lane.rejected.set(id, 'waiting')
      },
    })
    await lane.reader.begin()
  }

  /** Reads again what was refused: the source or this program may have been corrected since. */
  async #replay(
    lane: Lane,
    context: Context<Readonly<Record<string, unknown>>>,
    origin: Origin,
    aliases: AliasBook,
    onAccepted: (id: string) => void,
  ): Promise<void> {
    const { database, state, connector } = this.#run
    const refs: Ref[] = [...lane.rejected.keys()].slice(0, REPLAYED).map((id) => ({ type: lane.stream.type, id }))
    if (!connector.read || refs.length === 0) return
    const sink = storeSink(database, origin, { aliases, state })
    await syncStream({
      pull: () => connector.read!(context, refs),
      context,
      cursor: null,
      sink: {
        map: (record) => {
          const mapped = sink.map(record)
          onAccepted(record.id)
          return mapped
        },
        write: (group) => sink.write(group),
      },
    })
  }

  /** Leaves the store in order, whatever the source did. */
  async #settle(): Promise<void> {
    const { database, state, workspace, connection } = this.#run
    for (const { name, rejected } of this.#lanes) {
      const healed = [...rejected].filter(([, state]) => state === 'healed').map(([id]) => id)
      if (healed.length > 0) await state.forgetRejects(workspace.tenant, connection.id, { part: name, ids: healed })
    }
    await this.#recompute()
    const sums = this.#lanes.map(({ reader }) => reader?.counts)
    const count = (key: 'imported' | 'deleted' | 'merged') =>
      sums.reduce((sum, counts) => sum + (counts?.[key] ?? 0), 0)
    if (count('deleted') + count('merged') > 0) await database.write((tx) => prune(tx, workspace.tenant))
    if (count('imported') >= RECLUSTER_FROM) await database.recluster()
  }

  async #recompute(): Promise<void> {
    const { database, workspace } = this.#run
    await recompute(database, workspace.tenant, attributionSettings(workspace.settings))
  }

  async #outcome(): Promise<RunOutcome> {
    const { connection, connector, upstream } = this.#run
    const streams = this.#lanes.map((lane) => this.#streamOutcome(lane))
    const worst = this.#end ?? this.#lanes.map(({ judgement }) => judgement).sort(byBadness)[0]
    const state = worst && worst.state !== 'off' ? (worst.state as RunState) : 'complete'
    const { requests, limited } = upstream.status()
    return {
      connection: connection.id,
      connector: connector.id,
      title: connection.title,
      state,
      reason: state === 'complete' ? null : worst!.reason,
      startedAt: this.#startedAt,
      finishedAt: new Date(),
      requests: requests - this.#before.requests,
      limited: limited - this.#before.limited,
      streams,
      drift: await this.#newDrift(),
    }
  }

  #streamOutcome({ name, stream, reader, judgement }: Lane): StreamOutcome {
    const counts = reader?.counts ?? { read: 0, imported: 0, unchanged: 0, deleted: 0, merged: 0, rejected: 0 }
    const unreached = !judgement && this.#end !== undefined
    return {
      stream: name,
      title: stream.title,
      state: unreached ? 'not_run' : (judgement?.state ?? 'complete'),
      mode: reader?.mode ?? null,
      total: reader?.total ?? null,
      ...counts,
      reason: unreached ? notRun(this.#end!.reason) : (judgement?.reason ?? null),
      notices: reader?.notices ?? [],
    }
  }

  async #newDrift(): Promise<readonly Drift[]> {
    const { state, workspace, connection } = this.#run
    const drifts = this.#lanes.flatMap(({ name, drift }) =>
      [...drift].map((entry) => {
        const [kind, ...field] = entry.split(' ')
        return { stream: name, field: field.join(' '), kind: kind as Drift['kind'] }
      }),
    )
    if (drifts.length === 0) return []
    const day = this.#startedAt.toISOString().slice(0, 10)
    return state.noteDrift(workspace.tenant, connection.id, day, drifts)
  }
}

const BADNESS: readonly (string | undefined)[] = ['reconnect', 'paused', 'failed', 'incomplete', 'off', undefined]

function byBadness(a: Judgement | undefined, b: Judgement | undefined): number {
  return BADNESS.indexOf(a?.state) - BADNESS.indexOf(b?.state)
}
