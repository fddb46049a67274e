import { currentActor } from './actor.ts'
import { sortableId } from './ids.ts'
import { fromJson, type Sql, type Store, toDate } from './sql.ts'

/** Something that crossed a threshold, once per crossing. */
export interface Alert {
  /** `alr_…` */
  readonly id: string
  /** What it is about, such as a budget. */
  readonly subject: string
  /** What was crossed: `use_80`, `pacing_high` … */
  readonly rule: string
  /** What it was measured against. */
  readonly basis: string
  readonly beganAt: Date
  /** Null while it lasts. */
  readonly endedAt: Date | null
  /** Figures when it was last looked at. */
  readonly detail: unknown
  readonly acknowledged: { readonly at: Date; readonly by: string | null; readonly note: string | null } | null
}

/** A threshold that is crossed at the moment. */
export interface Crossing extends Pick<Alert, 'subject' | 'rule' | 'basis'> {
  /** Kept as JSON. */
  readonly detail: unknown
}

/** The part of the state store about alerts. */
export interface AlertState {
  /**
   * Brings the alerts of a workspace in line with what is crossed now, in one durable step: a crossing that lasts is the
   * alert it was, one that begins is a new alert, one that is over ends. One that ended earlier on the same local day and
   * comes back against the same basis is the same crossing: figures move while sources are being read.
   * @param today local day
   * @returns the new ones
   */
  settleAlerts(tenant: number, today: string, crossings: readonly Crossing[]): Promise<readonly Alert[]>
  /** Alerts of a workspace, the newest first; `open`: only those that last. */
  alerts(tenant: number, options?: { readonly open?: boolean; readonly limit?: number }): Promise<readonly Alert[]>
  /** Notes that a person knows of it. @returns undefined when there is no such alert */
  acknowledgeAlert(tenant: number, id: string, note: string | null): Promise<Alert | undefined>
}

interface AlertRow {
  readonly id: string
  readonly subject: string
  readonly rule: string
  readonly basis: string
  readonly began_at: string
  readonly ended_at: string | null
  readonly ended_on: string | null
  readonly detail: string
  readonly acknowledged_at: string | null
  readonly acknowledged_by: string | null
  readonly note: string | null
}

const ALERT = `SELECT id, subject, rule, basis, began_at, ended_at, ended_on, detail, acknowledged_at, acknowledged_by, note
               FROM alert`
/** Alerts read at a time unless asked otherwise. */
const LIMIT = 200

/** Alerts and who knows of them. */
export function alertStore({ engine, at }: Store): AlertState {
  const begin = async (sql: Sql, tenant: number, today: string, crossing: Crossing): Promise<Alert> => {
    const { subject, rule, basis, detail } = crossing
    const [newest] = await sql.all<{ id: string | null }>(
      'SELECT max(id) AS id FROM alert WHERE tenant_id = $1',
      tenant,
    )
    const now = at()
    const id = sortableId('alr', new Date(now), newest?.id ?? undefined)
    await sql.run(
      `INSERT INTO alert (tenant_id, id, subject, rule, basis, began_at, began_on, detail)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      tenant,
      id,
      subject,
      rule,
      basis,
      now,
      today,
      JSON.stringify(detail),
    )
    return { id, subject, rule, basis, beganAt: new Date(now), endedAt: null, detail, acknowledged: null }
  }
  const update = async (sql: Sql, tenant: number, id: string, { basis, detail }: Crossing) => {
    await sql.run(
      `UPDATE alert SET basis = $3, detail = $4, ended_at = NULL, ended_on = NULL WHERE tenant_id = $1 AND id = $2`,
      tenant,
      id,
      basis,
      JSON.stringify(detail),
    )
  }
  return {
    settleAlerts(tenant, today, crossings) {
      return engine.transaction(async (sql) => {
        const nameOf = (one: Pick<Alert, 'subject' | 'rule'>) => JSON.stringify([one.subject, one.rule])
        const open = await sql.all<AlertRow>(`${ALERT} WHERE tenant_id = $1 AND ended_at IS NULL`, tenant)
        const lasting = new Map(open.map((row) => [nameOf(row), row]))
        const began: Alert[] = []
        for (const crossing of crossings) {
          const known = lasting.get(nameOf(crossing)) ?? (await endedToday(sql, tenant, today, crossing))
          lasting.delete(nameOf(crossing))
          if (known) await update(sql, tenant, known.id, crossing)
          else began.push(await begin(sql, tenant, today, crossing))
        }
        for (const { id } of lasting.values()) {
          await sql.run(
            'UPDATE alert SET ended_at = $3, ended_on = $4 WHERE tenant_id = $1 AND id = $2',
            tenant,
            id,
            at(),
            today,
          )
        }
        return began
      })
    },

    async alerts(tenant, { open = false, limit = LIMIT } = {}) {
      const rows = await engine.all<AlertRow>(
        `${ALERT} WHERE tenant_id = $1 ${open ? 'AND ended_at IS NULL' : ''} ORDER BY id DESC LIMIT $2`,
        tenant,
        limit,
      )
      return rows.map(toAlert)
    },

    acknowledgeAlert(tenant, id, note) {
      return engine.transaction(async (sql) => {
        await sql.run(
          `UPDATE alert SET acknowledged_at = $3, acknowledged_by = $4, note = $5 WHERE tenant_id = $1 AND id = $2`,
          tenant,
          id,
          at(),
          currentActor(),
          note,
        )
        const [row] = await sql.all<AlertRow>(`${ALERT} WHERE tenant_id = $1 AND id = $2`, tenant, id)
        return row && toAlert(row)
      })
    },
  }
}

/** The alert that a crossing was until it ended earlier today. */
async function endedToday(
  sql: Sql,
  tenant: number,
  today: string,
  { subject, rule, basis }: Crossing,
): Promise<AlertRow | undefined> {
  const [row] = await sql.all<AlertRow>(
    `${ALERT} WHERE tenant_id = $1 AND subject = $2 AND rule = $3 AND basis = $4 AND ended_on = $5
     ORDER BY id DESC LIMIT 1`,
    tenant,
    subject,
    rule,
    basis,
    today,
  )
  return row
}

function toAlert(row: AlertRow): Alert {
  const { id, subject, rule, basis, detail, note } = row
  return {
    id,
    subject,
    rule,
    basis,
    beganAt: new Date(row.began_at),
    endedAt: toDate(row.ended_at),
    detail: fromJson(detail),
    acknowledged:
      row.acknowledged_at === null ? null : { at: new Date(row.acknowledged_at), by: row.acknowledged_by, note },
  }
}
