import { recompute } from '../attribution/recompute.ts'
import type { Database } from '../db/database.ts'
import { ConnectorError } from '../errors.ts'
import type { Workspace } from '../model/settings.ts'
import type { Connection, State } from '../state/state.ts'
import { readAliases } from './alias.ts'
import type { Connector, Context, Gone, Http, Identity, Merge, Page, Ref, Reject } from './contract.ts'
import { withoutErased } from './erase.ts'
import type { Upstream } from './http/upstream.ts'
import { prune } from './prune.ts'
import { syncStream } from './runner.ts'
import { storeSink } from './store.ts'
import { attributionSettings } from './workspace.ts'

type RunContext = Context<Readonly<Record<string, unknown>>>

/** Records asked for together. */
const TOGETHER = 100

/** A record to read again. */
export interface Wanted extends Ref {
  /** Some event says that it was deleted: if it is not there, it is gone. */
  readonly gone: boolean
  /** The latest event says that it is there. */
  readonly there: boolean
}

/** What events say happened to the records of one connection. */
export interface Hints {
  /** Each record once. */
  readonly refs: readonly Wanted[]
  readonly gone: readonly Gone[]
  readonly merges: readonly Merge[]
}

export interface Reread {
  /** New, changed, deleted and merged records. */
  readonly changed: number
  /** Records that are not as the events say, by {@link refKey}: not readable yet, or readable still. */
  readonly unsettled: ReadonlySet<string>
}

export interface RereadJob {
  readonly database: Database
  readonly state: State
  readonly workspace: Workspace
  readonly connection: Connection
  readonly connector: Connector
  readonly context: RunContext
  /** The context to ask the source with, once there is something to read. */
  readonly identified: () => Promise<RunContext>
  readonly hints: Hints
  /** Told once records changed and the credit is up to date with them. */
  readonly onChange: () => void
}

export function refKey({ type, id }: Ref): string {
  return `${type} ${id}`
}

/** What a connection knows between two rereads, so that an event costs no more requests than its record. */
interface Known {
  /** Always the same one: connectors remember by it what they asked once. */
  readonly http: Http
  current: Http
  readonly identity: Identity
  /** Epoch milliseconds. */
  readonly until: number
}
const KNOWN = new WeakMap<Upstream, Known>()
const KNOWN_MS = 10 * 60_000

/**
 * The context of a reread: as given, with who the credentials belong to. That is asked every ten minutes at most.
 * @throws ConnectorError, also when they belong to another account by now
 */
export async function rereadContext(connector: Connector, upstream: Upstream, given: RunContext): Promise<RunContext> {
  let known = KNOWN.get(upstream)
  if (!known || known.until < Date.now()) {
    const identity = await connector.check(given)
    if (identity.externalAccountId !== given.identity.externalAccountId) {
      throw new ConnectorError('fix-settings', 'other_account', 'the credentials belong to another account')
    }
    const fresh: Known = {
      http: { get: (request, schema) => fresh.current.get(request, schema) },
      current: given.http,
      identity: { ...given.identity, ...identity },
      until: Date.now() + KNOWN_MS,
    }
    known = fresh
    KNOWN.set(upstream, known)
  }
  known.current = given.http
  return { ...given, http: known.http, identity: known.identity }
}

/**
 * Writes what needs no question, reads the records again and writes what they are now, then brings the credit up to
 * date. A record that is not there although nothing said that it was deleted stays as it is: an index may lag, and the
 * next scheduled run knows more.
 * @throws ConnectorError; what was written until then stays, and doing all of it again is harmless
 */
export async function rereadRecords(job: RereadJob): Promise<Reread> {
  const { database, workspace, hints, onChange } = job
  const sums = { imported: 0, deleted: 0, merged: 0 }
  const unsettled = new Set<string>()
  const write = (pages: AsyncIterable<Page>) => writePages(job, pages, sums)
  try {
    if (hints.gone.length + hints.merges.length > 0) await write(factPage(hints))
    if (hints.gone.length > 0) await forgetRefused(job, hints.gone)
    if (hints.refs.length > 0) await write(pagesOf(job, unsettled))
  } finally {
    if (sums.imported + sums.deleted + sums.merged > 0) {
      await recompute(database, workspace.tenant, attributionSettings(workspace.settings))
      onChange()
    }
    if (sums.deleted + sums.merged > 0) await database.write((tx) => prune(tx, workspace.tenant))
  }
  return { changed: sums.imported + sums.deleted + sums.merged, unsettled }
}

async function* factPage({ gone, merges }: Hints): AsyncGenerator<Page> {
  yield { records: [], deleted: gone, merged: merges, cursor: 'facts' }
}

/** The records as they are now, without conclusions that are not sure. */
async function* pagesOf({ connector, identified, hints }: RereadJob, unsettled: Set<string>): AsyncGenerator<Page> {
  const context = await identified()
  const erased = new Set(hints.gone.map(refKey))
  for (let start = 0; start < hints.refs.length; start += TOGETHER) {
    const part = hints.refs.slice(start, start + TOGETHER)
    const wanted = new Map(part.map((ref) => [refKey(ref), ref]))
    const missing = new Set<string>()
    for await (const page of connector.read!(context, part)) {
      for (const ref of page.deleted ?? []) missing.add(refKey(ref))
      const deleted = (page.deleted ?? []).filter((ref) => wanted.get(refKey(ref))?.gone)
      const records = page.records.filter((record) => !erased.has(refKey(record)))
      yield { ...page, records, deleted }
    }
    for (const [key, { gone, there }] of wanted) if (missing.has(key) ? !gone : !there) unsettled.add(key)
  }
}

interface Sums {
  imported: number
  deleted: number
  merged: number
}

/** @param sums counts what was written, also when the read fails after it */
async function writePages(job: RereadJob, pages: AsyncIterable<Page>, sums: Sums): Promise<void> {
  const { database, state, workspace, connection, context } = job
  const origin = { tenant: workspace.tenant, source: connection.source, settings: workspace.settings }
  const aliases = await readAliases(database, workspace.tenant, connection.source)
  const sink = storeSink(database, origin, { aliases, state })
  const { notices } = await syncStream({
    pull: () => pages,
    context,
    cursor: null,
    sink: {
      map: (record) => sink.map(record),
      async write(group) {
        const counts = await sink.write(group)
        sums.imported += counts.imported
        sums.deleted += counts.deleted
        sums.merged += counts.merged
        return counts
      },
    },
    onRejects: (rejects) => keepRefused(job, rejects),
  })
  // Nobody reads the result of an event.
  for (const { code, message, count } of notices) context.log(message.en, { connection: connection.id, code, count })
}

/** The stream that a refused record belongs to: the next run reads it again with that one. */
async function keepRefused({ state, connection, connector, hints }: RereadJob, refused: readonly Reject[]) {
  const streams = Object.entries(connector.pull)
  const typeOf = new Map(hints.refs.map(({ type, id }) => [id, type]))
  const rejects = await withoutErased(state, connection, refused, (id) => typeOf.get(id))
  const parts = groupBy(rejects, ({ where }) => {
    const type = where.id === undefined ? undefined : typeOf.get(where.id)
    return streams.find(([, stream]) => stream.type === type)?.[0] ?? WEBHOOKS
  })
  for (const [part, list] of parts) {
    const ids = list.flatMap(({ where }) => (where.id === undefined ? [] : [where.id]))
    await state.forgetRejects(connection.tenant, connection.id, { part, ids })
    await state.addRejects(connection.tenant, connection.id, part, list)
  }
}

/** Part of the quarantine for events that belong to no stream. */
export const WEBHOOKS = 'webhooks'

/** Refused records of the erased leave the quarantine as well. */
async function forgetRefused({ state, connection, connector }: RereadJob, gone: readonly Gone[]): Promise<void> {
  const erased = gone.filter((ref) => ref.erased)
  for (const [part, stream] of [...Object.entries(connector.pull), [WEBHOOKS, undefined] as const]) {
    const ids = erased.filter(({ type }) => !stream || stream.type === type).map(({ id }) => id)
    if (ids.length > 0) await state.forgetRejects(connection.tenant, connection.id, { part, ids })
  }
}

/** As `Map.groupBy`, which the target does not have yet. */
export function groupBy<T, Key>(list: readonly T[], keyOf: (one: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>()
  for (const one of list) {
    const key = keyOf(one)
    const group = groups.get(key)
    if (group) group.push(one)
    else groups.set(key, [one])
  }
  return groups
}
