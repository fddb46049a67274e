import { currentActor } from './actor.ts'
import { fromJson, type Sql, type Store } from './sql.ts'
import type { AuditEntry, State } from './state.ts'

/** One change worth an entry. `before`, `after`: JSON, null where there was or is none. */
export interface Note {
  /** Null: of the installation, not of one workspace. */
  readonly tenant: number | null
  readonly action: string
  readonly subject: string
  readonly before: string | null
  readonly after: string | null
}

interface AuditRow {
  readonly tenant_id: number | null
  readonly at: string
  readonly actor: string | null
  readonly action: string
  readonly subject: string
  readonly value_before: string | null
  readonly value_after: string | null
}

/** Adds an entry in the name of who is at work; only inside a transaction, which makes the number its own. */
export async function note(sql: Sql, at: string, entry: Note, actor: string | null = currentActor()): Promise<void> {
  const [last] = await sql.all<{ id: number | null }>('SELECT max(id) AS id FROM audit')
  const id = Number(last?.id ?? 0) + 1
  const { tenant, action, subject, before, after } = entry
  await sql.run(
    `INSERT INTO audit (id, tenant_id, at, actor, action, subject, value_before, value_after)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    id,
    tenant,
    at,
    actor,
    action,
    subject,
    before,
    after,
  )
}

/** Who could wonder later why a number changed, or who let somebody in. */
export function auditStore({ engine, at }: Store): Pick<State, 'audit' | 'noteAudit'> {
  return {
    async audit(tenant, limit = 100, installation = false): Promise<readonly AuditEntry[]> {
      const rows = await engine.all<AuditRow>(
        `SELECT tenant_id, at, actor, action, subject, value_before, value_after FROM audit
         WHERE tenant_id = $1 ${installation ? 'OR tenant_id IS NULL' : ''} ORDER BY id DESC LIMIT $2`,
        tenant,
        limit,
      )
      return rows.map((row) => ({
        tenant: row.tenant_id,
        at: new Date(row.at),
        actor: row.actor,
        action: row.action,
        subject: row.subject,
        before: fromJson(row.value_before),
        after: fromJson(row.value_after),
      }))
    },

    noteAudit({ tenant, action, subject, before, after }) {
      const json = (value: unknown) => (value === null || value === undefined ? null : JSON.stringify(value))
      const entry = { tenant, action, subject, before: json(before), after: json(after) }
      return engine.transaction((sql) => note(sql, at(), entry))
    },
  }
}
