import { hkdfSync } from 'node:crypto'
import type { Locale } from '../errors.ts'
import { type Key, type KeyRing, toKey } from './keyring.ts'
import type { Store } from './sql.ts'

/** A session of the panel inside a page of another application. */
export interface EmbedSession {
  readonly id: string
  readonly tenant: number
  /** Connection whose account the person belongs to. */
  readonly connection: string
  /** Who asked, as the host names them. */
  readonly subject: string
  /** His e-mail address, as the host says; '' where it says none. */
  readonly email: string
  readonly locale: Locale
  /** The only record it may see, by its id in the source; null = the workspace. */
  readonly record: { readonly type: string; readonly id: string } | null
  /** Until when it may be opened. */
  readonly opensUntil: Date
  readonly expiresAt: Date
}

export interface NewEmbed extends EmbedSession {
  /** Names the wish: the same one again, while it is not opened, is the same session. */
  readonly requestId: string
  /** SHA-256 in hex of what opens it. */
  readonly opens: string
}

/** The part of the state store about embedded sessions. */
export interface EmbedState {
  /**
   * Begins a session, or finds the one that the same person's same wish began and that is not yet opened. Forgets those
   * of all workspaces that have ended.
   */
  beginEmbed(session: NewEmbed): Promise<EmbedSession>
  /**
   * Opens a session by what opens it, once; undefined when that is unknown, used or too old.
   * @param renews SHA-256 in hex of what renews it from now on
   */
  openEmbed(opens: string, renews: string): Promise<EmbedSession | undefined>
  /** An opened session that has not ended. */
  findEmbed(tenant: number, id: string): Promise<EmbedSession | undefined>
  /** The same by what renews it. */
  renewEmbed(renews: string): Promise<EmbedSession | undefined>
  /** Where an account of a connector is connected; undefined = nowhere. */
  findAccount(connector: string, account: string): Promise<{ tenant: number; connection: string } | undefined>
  /** Keys made from those of the store for one purpose, the current one first: never the ones secrets are sealed with. */
  keysFor(purpose: string): Promise<readonly Key[]>
}

interface EmbedRow {
  readonly id: string
  readonly tenant_id: number
  readonly connection_id: string
  readonly subject: string
  readonly email: string
  readonly locale: Locale
  readonly record_type: string | null
  readonly record_id: string | null
  readonly opens_until: string
  readonly expires_at: string
}

const COLUMNS = 'id, tenant_id, connection_id, subject, email, locale, record_type, record_id, opens_until, expires_at'

/** Sessions of the panel inside other applications. */
export function embedStore({ engine, at }: Store, ring: KeyRing): EmbedState {
  return {
    beginEmbed: (session) =>
      engine.transaction(async (sql) => {
        const now = at()
        await sql.run('DELETE FROM embed_session WHERE expires_at <= $1', now)
        const { tenant, subject, requestId } = session
        const [known] = await sql.all<EmbedRow>(
          `SELECT ${COLUMNS} FROM embed_session
           WHERE tenant_id = $1 AND subject = $2 AND request_id = $3 AND opened_at IS NULL AND opens_until > $4
             AND connection_id = $5 AND coalesce(record_type, '') = $6 AND coalesce(record_id, '') = $7
             AND email = $8`,
          tenant,
          subject,
          requestId,
          now,
          session.connection,
          session.record?.type ?? '',
          session.record?.id ?? '',
          session.email,
        )
        if (known) return toSession(known)
        await sql.run(
          'DELETE FROM embed_session WHERE tenant_id = $1 AND subject = $2 AND request_id = $3',
          tenant,
          subject,
          requestId,
        )
        await sql.run(
          `INSERT INTO embed_session (id, tenant_id, connection_id, subject, request_id, locale, record_type, record_id,
             opens, opens_until, created_at, expires_at, email)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
          session.id,
          tenant,
          session.connection,
          subject,
          requestId,
          session.locale,
          session.record?.type ?? null,
          session.record?.id ?? null,
          session.opens,
          session.opensUntil.toISOString(),
          now,
          session.expiresAt.toISOString(),
          session.email,
        )
        return session
      }),

    async openEmbed(opens, renews) {
      // One statement: of two who come with the same token one finds it used.
      const [row] = await engine.all<EmbedRow>(
        `UPDATE embed_session SET opened_at = $3, renews = $2
         WHERE opens = $1 AND opened_at IS NULL AND opens_until > $3 RETURNING ${COLUMNS}`,
        opens,
        renews,
        at(),
      )
      return row && toSession(row)
    },

    async findEmbed(tenant, id) {
      const [row] = await engine.all<EmbedRow>(
        `SELECT ${COLUMNS} FROM embed_session
         WHERE tenant_id = $1 AND id = $2 AND opened_at IS NOT NULL AND expires_at > $3`,
        tenant,
        id,
        at(),
      )
      return row && toSession(row)
    },

    async renewEmbed(renews) {
      const [row] = await engine.all<EmbedRow>(
        `SELECT ${COLUMNS} FROM embed_session WHERE renews = $1 AND expires_at > $2`,
        renews,
        at(),
      )
      return row && toSession(row)
    },

    async findAccount(connector, account) {
      const [row] = await engine.all<{ tenant_id: number; id: string }>(
        'SELECT tenant_id, id FROM connection WHERE connector = $1 AND external_account_id = $2',
        connector,
        account,
      )
      return row && { tenant: row.tenant_id, connection: row.id }
    },

    async keysFor(purpose) {
      return ring.keys().map(({ id, key }) => {
        return toKey(id, Buffer.from(hkdfSync('sha256', key, '', `roi-panel ${purpose}`, DERIVED_BYTES)))
      })
    },
  }
}

const DERIVED_BYTES = 32

function toSession(row: EmbedRow): EmbedSession {
  return {
    id: row.id,
    tenant: row.tenant_id,
    connection: row.connection_id,
    subject: row.subject,
    email: row.email,
    locale: row.locale,
    record: row.record_type === null || row.record_id === null ? null : { type: row.record_type, id: row.record_id },
    opensUntil: new Date(row.opens_until),
    expiresAt: new Date(row.expires_at),
  }
}
