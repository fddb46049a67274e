import { z } from 'zod'
import { RECORD_TABLES } from '../db/schema.ts'
import type { InboxEvent, NewEvent, RejectedRow, State } from '../state/state.ts'
import type { Connector, Delivery, Received, SourceEvent } from './contract.ts'
import { type Hints, refKey, type Wanted, WEBHOOKS } from './reread.ts'

const ref = z.object({ type: z.enum(RECORD_TABLES), id: z.string().min(1).max(512) })
/** What is kept of an event. */
const What = z.object({
  refs: z.array(ref.extend({ gone: z.boolean().exactOptional() })).exactOptional(),
  gone: z.array(ref.extend({ erased: z.boolean().exactOptional() })).exactOptional(),
  merges: z.array(z.object({ from: ref, into: ref })).exactOptional(),
})
export type What = z.output<typeof What>

/** An event with what it says. */
export interface Readable {
  readonly event: InboxEvent
  readonly what: What
}

/** What was kept of an event; undefined when it is not ours, or damaged. */
export function readWhat(kept: unknown): What | undefined {
  return What.safeParse(kept).data
}

/**
 * What events say together: each record once, however many speak of it. The latest says whether it should be gone; what
 * was merged away or erased is not asked for.
 */
export function coalesce(events: readonly Readable[]): Hints {
  const inTime = events.toSorted((a, b) => a.event.occurredAt.getTime() - b.event.occurredAt.getTime())
  const all = inTime.map(({ what }) => what)
  const gone = new Map(all.flatMap(({ gone = [] }) => gone).map((one) => [refKey(one), one]))
  const merges = all.flatMap(({ merges = [] }) => merges)
  const refs = new Map<string, Wanted>()
  for (const { type, id, gone = false } of all.flatMap(({ refs = [] }) => refs)) {
    const key = refKey({ type, id })
    refs.set(key, { type, id, gone: gone || (refs.get(key)?.gone ?? false), there: !gone })
  }
  for (const key of gone.keys()) refs.delete(key)
  for (const { from } of merges) refs.delete(refKey(from))
  return { refs: [...refs.values()], gone: [...gone.values()], merges }
}

/** What became of a webhook. */
export interface Accepted {
  readonly events: number
  /** Of these: not known yet, and of connected accounts. */
  readonly added: number
  readonly rejected: number
}

/**
 * Keeps what a verified webhook says; all of it is on disk when this resolves. Events that cannot be understood go to
 * the quarantine of their connection, those of accounts that nobody connected nowhere.
 * @throws ConnectorError when the whole cannot be read; nothing is kept then
 */
export async function acceptWebhook(
  state: Pick<State, 'addEvents' | 'connections' | 'addRejects' | 'forgetRejects'>,
  connector: Pick<Connector, 'id'> & { receive(delivery: Delivery): Received },
  delivery: Delivery,
): Promise<Accepted> {
  const { events, rejected } = connector.receive(delivery)
  const added = await state.addEvents(connector.id, events.map(toNew))
  if (rejected.length > 0) {
    const connections = (await state.connections()).filter((one) => one.connector === connector.id)
    for (const { tenant, id, externalAccountId } of connections) {
      const mine = rejected.filter(({ account }) => account === externalAccountId)
      if (mine.length > 0) await keepRejected(state, tenant, id, mine)
    }
  }
  return { events: events.length, added, rejected: rejected.length }
}

async function keepRejected(
  state: Pick<State, 'addRejects' | 'forgetRejects'>,
  tenant: number,
  connection: string,
  rejected: readonly RejectedRow[],
): Promise<void> {
  const ids = rejected.flatMap(({ where }) => (where.id === undefined ? [] : [where.id]))
  // Delivered again it is still one.
  await state.forgetRejects(tenant, connection, { part: WEBHOOKS, ids })
  await state.addRejects(tenant, connection, WEBHOOKS, rejected)
}

function toNew({ account, key, occurredAt, ...what }: SourceEvent): NewEvent {
  return { account, key, occurredAt, what }
}
