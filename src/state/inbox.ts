import { storable } from '../db/text.ts'
import type { Sql, Store } from './sql.ts'
import type { InboxEvent, NewEvent, State } from './state.ts'

/** Events per statement when they are added. */
const BATCH = 2000
/** Rows per statement when old ones are forgotten. */
const PRUNED = 1000

/** What is added goes in as one JSON object, by number: both engines open it, and a text of parameters is no limit. */
const ADD = `INSERT INTO inbox (connection_id, key, tenant_id, occurred_at, received_at, what, state, tries, due_at)
  SELECT c.id, e.value ->> 1, c.tenant_id, e.value ->> 2, $3, e.value ->> 3, 'waiting', 0, $3
  FROM json_each($1) AS e CROSS JOIN connection AS c
  WHERE c.connector = $2 AND c.external_account_id = e.value ->> 0
  ON CONFLICT (connection_id, key) DO NOTHING
  RETURNING key`

const DUE = `SELECT c.id, c.tenant_id FROM connection AS c
  WHERE c.state <> 'reconnect' AND (c.resume_at IS NULL OR c.resume_at <= $1)
    AND EXISTS (SELECT 1 FROM inbox AS i WHERE i.connection_id = c.id AND i.state = 'waiting' AND i.due_at <= $1)`

const MINE = "connection_id = $1 AND state = 'waiting' AND key IN (SELECT e.key FROM json_each($2) AS e)"

interface EventRow {
  readonly key: string
  readonly what: string | null
  readonly tries: number
  readonly occurred_at: string
  readonly received_at: string
}

type Inbox = Pick<
  State,
  'addEvents' | 'dueConnections' | 'dueEvents' | 'endEvents' | 'deferEvents' | 'waitingEvents' | 'pruneEvents'
>

/** What webhooks said and nobody has looked at yet. */
export function inboxStore(store: Store): Inbox {
  const { engine, at } = store
  const desk = new Desk(store)
  return {
    addEvents: (connector, events) => desk.add(connector, events),

    async dueConnections() {
      const rows = await engine.all<{ id: string; tenant_id: number }>(DUE, at())
      return rows.map(({ id, tenant_id }) => ({ id, tenant: tenant_id }))
    },

    async dueEvents(connection, limit) {
      const rows = await engine.all<EventRow>(
        `SELECT key, what, tries, occurred_at, received_at FROM inbox
         WHERE connection_id = $1 AND state = 'waiting' AND due_at <= $2 ORDER BY due_at LIMIT $3`,
        connection,
        at(),
        limit,
      )
      return rows.map(toEvent)
    },

    async endEvents(connection, keys, state) {
      if (keys.length === 0) return
      await engine.run(
        `UPDATE inbox SET state = $3, due_at = $4, what = NULL WHERE ${MINE}`,
        connection,
        namesOf(keys),
        state,
        at(),
      )
    },

    async deferEvents(connection, keys, dueAt, counted) {
      if (keys.length === 0) return
      await engine.run(
        `UPDATE inbox SET due_at = $3, tries = tries + ${counted ? 1 : 0} WHERE ${MINE}`,
        connection,
        namesOf(keys),
        dueAt.toISOString(),
      )
    },

    async waitingEvents(connection) {
      const [row] = await engine.all<{ n: number; oldest: string | null }>(
        "SELECT count(*) AS n, min(received_at) AS oldest FROM inbox WHERE connection_id = $1 AND state = 'waiting'",
        connection,
      )
      return { count: Number(row?.n ?? 0), oldest: row?.oldest ? new Date(row.oldest) : null }
    },

    async pruneEvents(before) {
      const forget = () =>
        engine.all(
          `DELETE FROM inbox WHERE (connection_id, key) IN (
             SELECT connection_id, key FROM inbox WHERE state <> 'waiting' AND due_at < $1 ORDER BY due_at LIMIT ${PRUNED}
           ) RETURNING key`,
          before.toISOString(),
        )
      let forgotten = 0
      for (;;) {
        const { length } = await forget()
        forgotten += length
        if (length < PRUNED) return forgotten
      }
    },
  }
}

/** Forgets all events of a connection. */
export function forgetEvents(sql: Sql, connection: string): Promise<void> {
  return sql.run('DELETE FROM inbox WHERE connection_id = $1', connection)
}

/** One call of {@link State.addEvents} that waits for its commit. */
interface Waiting {
  readonly connector: string
  readonly events: readonly NewEvent[]
  readonly resolve: (added: number) => void
  readonly reject: (error: unknown) => void
}

/**
 * Commits together what arrives together: a commit waits for the disk, and all who came while the one before waited
 * share the next.
 */
class Desk {
  readonly #store: Store
  #waiting: Waiting[] = []
  #busy = false

  constructor(store: Store) {
    this.#store = store
  }

  add(connector: string, events: readonly NewEvent[]): Promise<number> {
    if (events.length === 0) return Promise.resolve(0)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ connector, events, resolve, reject })
      if (!this.#busy) void this.#work()
    })
  }

  async #work(): Promise<void> {
    this.#busy = true
    while (this.#waiting.length > 0) {
      // What other sockets have brought by now comes along.
      await new Promise((resolve) => setImmediate(resolve))
      const [first] = this.#waiting
      const group: Waiting[] = []
      let size = 0
      const fits = (one: Waiting) =>
        one.connector === first?.connector && (group.length === 0 || size + one.events.length <= BATCH)
      for (const one of this.#waiting) {
        if (!fits(one)) break
        group.push(one)
        size += one.events.length
      }
      this.#waiting = this.#waiting.slice(group.length)
      await this.#commit(group)
    }
    this.#busy = false
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    const { engine, at } = this.#store
    const added = group.map(() => 0)
    try {
      const events = group.flatMap((one, index) => one.events.map((event) => ({ event, index })))
      const owner = new Map<string, number>()
      for (let start = 0; start < events.length; start += BATCH) {
        const rows: Record<number, unknown> = {}
        for (const [i, { event, index }] of events.slice(start, start + BATCH).entries()) {
          const key = storable(event.key)
          if (!owner.has(key)) owner.set(key, index)
          rows[i] = [storable(event.account), key, event.occurredAt.toISOString(), event.what]
        }
        const stored = await engine.all<{ key: string }>(ADD, JSON.stringify(rows), group[0]!.connector, at())
        for (const { key } of stored) added[owner.get(key) ?? 0]! += 1
      }
    } catch (error) {
      for (const { reject } of group) reject(error)
      return
    }
    for (const [index, { resolve }] of group.entries()) resolve(added[index]!)
  }
}

/** Keys as an object, which both engines open alike. */
function namesOf(keys: readonly string[]): string {
  return JSON.stringify(Object.fromEntries(keys.map((key) => [key, 1])))
}

function toEvent({ key, what, tries, occurred_at, received_at }: EventRow): InboxEvent {
  return { key, what: parsed(what), tries, occurredAt: new Date(occurred_at), receivedAt: new Date(received_at) }
}

/** What cannot be read any more is for the worker to set aside. */
function parsed(what: string | null): unknown {
  try {
    return what === null ? null : JSON.parse(what)
  } catch {
    return null
  }
}
