import type { Store } from './sql.ts'
import type { Drift, State } from './state.ts'

/** Fields of a source's answers that were not as expected, once per field and day. */
export function driftStore({ engine }: Store): Pick<State, 'noteDrift' | 'drifts'> {
  return {
    noteDrift(tenant, connection, day, drifts) {
      return engine.transaction(async (sql) => {
        const fresh: Drift[] = []
        for (const drift of drifts) {
          const noted = await sql.all(
            `INSERT INTO drift (tenant_id, connection_id, stream, field, kind, day) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT DO NOTHING RETURNING day`,
            tenant,
            connection,
            drift.stream,
            drift.field,
            drift.kind,
            day,
          )
          if (noted.length > 0) fresh.push(drift)
        }
        return fresh
      })
    },

    drifts(tenant, connection) {
      return engine.all<Drift & { readonly day: string }>(
        `SELECT day, stream, field, kind FROM drift WHERE tenant_id = $1 AND connection_id = $2
         ORDER BY day DESC, stream, field, kind`,
        tenant,
        connection,
      )
    },
  }
}
