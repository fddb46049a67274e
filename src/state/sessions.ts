import { fromJson, type Store } from './sql.ts'
import { type Role, toUser, type User } from './users.ts'

/** A session ends when nobody used it for so long … */
export const IDLE_MS = 12 * 3_600_000
/** … and in any case after this, milliseconds. */
export const LIFE_MS = 7 * 86_400_000
/** How often it is noted that a session is used, milliseconds. */
const NOTE_MS = 5 * 60_000

/** Parts of the state store about who is signed in. Everything is found by a digest; what it is of stays with the browser. */
export interface SessionState {
  startSession(digest: string, user: string): Promise<void>
  /** Who a session is of; undefined when it has ended. */
  findSession(digest: string): Promise<User | undefined>
  /** The same without counting as a use: what only looks on keeps no session alive. */
  lookSession(digest: string): Promise<User | undefined>
  endSession(digest: string): Promise<void>
  /** Keeps something for one later use. */
  keepTicket(ticket: Ticket & { readonly digest: string; readonly expiresAt: Date }): Promise<void>
  /** Takes it; undefined when there is none, it was taken before, or it is too old. Whatever its purpose, it is gone then. */
  takeTicket(digest: string): Promise<Ticket | undefined>
}

export interface Ticket {
  readonly purpose: string
  /** As JSON. */
  readonly data: unknown
}

interface SessionRow {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly everywhere: number
  readonly created_at: string
  readonly seen_at: string
}

export function sessionStore({ engine, at }: Store): SessionState {
  const ago = (milliseconds: number) => new Date(Date.parse(at()) - milliseconds).toISOString()
  const look = async (digest: string) => {
    const [row] = await engine.all<SessionRow>(
      `SELECT u.id, u.name, u.role, u.everywhere, u.created_at, s.seen_at FROM session AS s
       JOIN app_user AS u ON u.id = s.user_id WHERE s.digest = $1 AND s.seen_at > $2 AND s.created_at > $3`,
      digest,
      ago(IDLE_MS),
      ago(LIFE_MS),
    )
    return row
  }
  return {
    startSession(digest, user) {
      return engine.transaction(async (sql) => {
        await sql.run('DELETE FROM session WHERE seen_at <= $1 OR created_at <= $2', ago(IDLE_MS), ago(LIFE_MS))
        await sql.run('INSERT INTO session VALUES ($1, $2, $3, $4)', digest, user, at(), at())
      })
    },

    async findSession(digest) {
      const row = await look(digest)
      if (!row) return undefined
      if (row.seen_at < ago(NOTE_MS))
        await engine.run('UPDATE session SET seen_at = $2 WHERE digest = $1', digest, at())
      return toUser(engine, row)
    },

    async lookSession(digest) {
      const row = await look(digest)
      return row && toUser(engine, row)
    },

    endSession(digest) {
      return engine.run('DELETE FROM session WHERE digest = $1', digest)
    },

    keepTicket({ digest, purpose, data, expiresAt }) {
      return engine.transaction(async (sql) => {
        await sql.run('DELETE FROM ticket WHERE expires_at <= $1', at())
        await sql.run(
          'INSERT INTO ticket VALUES ($1, $2, $3, $4)',
          digest,
          purpose,
          JSON.stringify(data),
          expiresAt.toISOString(),
        )
      })
    },

    async takeTicket(digest) {
      const [row] = await engine.all<{ purpose: string; data: string; expires_at: string }>(
        'DELETE FROM ticket WHERE digest = $1 RETURNING purpose, data, expires_at',
        digest,
      )
      return row && row.expires_at > at() ? { purpose: row.purpose, data: fromJson(row.data) } : undefined
    },
  }
}
