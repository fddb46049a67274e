import { fromJson, type Sql, type Store } from './sql.ts'
import type { AuditEntry, State } from './state.ts'

/** One change worth an entry. `before`, `after`: JSON, null where there was or is none. */
export interface Note {
  readonly tenant: number
  readonly action: string
  readonly subject: string
  readonly before: string | null
  readonly after: string | null
}

interface AuditRow {
  readonly at: string
  readonly action: string
  readonly subject: string
  readonly value_before: string | null
  readonly value_after: string | null
}

/** Adds an entry; only inside a transaction, which makes the number its own. */
export async function note(sql: Sql, at: string, entry: Note): Promise<void> {
  const [last] = await sql.all<{ id: number | null }>('SELECT max(id) AS id FROM audit')
  const id = Number(last?.id ?? 0) + 1
  const { tenant, action, subject, before, after } = entry
  await sql.run('INSERT INTO audit VALUES ($1, $2, $3, $4, $5, $6, $7)', id, tenant, at, action, subject, before, after)
}

/** Who could wonder later why a number changed. */
export function auditStore({ engine }: Store): Pick<State, 'audit'> {
  return {
    async audit(tenant, limit = 100): Promise<readonly AuditEntry[]> {
      const rows = await engine.all<AuditRow>(
        `SELECT at, action, subject, value_before, value_after FROM audit
         WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2`,
        tenant,
        limit,
      )
      return rows.map((row) => ({
        at: new Date(row.at),
        action: row.action,
        subject: row.subject,
        before: fromJson(row.value_before),
        after: fromJson(row.value_after),
      }))
    },
  }
}
