import { places, type Sql, type SqlValue, type Store } from './sql.ts'
import { type Kept, MAX_REJECTS, type RejectedRow, type State } from './state.ts'

/** Rows per statement. */
const BATCH = 100

interface RejectRow {
  readonly part: string
  readonly line: number | null
  readonly column_name: string | null
  readonly record_id: string | null
  readonly code: string
  readonly message_en: string
  readonly message_zh: string
  readonly raw: string
}

/** Refused rows, kept with their reasons. */
export function quarantineStore({
  engine,
  at,
}: Store): Pick<State, 'addRejects' | 'rejects' | 'countRejects' | 'forgetRejects'> {
  return {
    addRejects(tenant, origin, part, rejects) {
      return engine.transaction(async (sql) => {
        const [row] = await sql.all<{ n: number; last: number | null }>(
          'SELECT count(*) AS n, max(position) AS last FROM quarantine WHERE tenant_id = $1 AND origin = $2',
          tenant,
          origin,
        )
        // Some in the middle may be forgotten by now, so their number does not say where the next one goes.
        const next = Number(row?.last ?? -1) + 1
        const room = rejects.slice(0, Math.max(0, MAX_REJECTS - Number(row?.n ?? 0)))
        for (let start = 0; start < room.length; start += BATCH) {
          const rows = room
            .slice(start, start + BATCH)
            .map((reject, i) => [tenant, origin, next + start + i, part, ...columns(reject), at()])
          await insert(sql, rows)
        }
      })
    },

    async rejects(tenant, origin, page = { limit: 1000, offset: 0 }): Promise<Kept[]> {
      const rows = await engine.all<RejectRow>(
        `SELECT part, line, column_name, record_id, code, message_en, message_zh, raw FROM quarantine
         WHERE tenant_id = $1 AND origin = $2 ORDER BY position LIMIT $3 OFFSET $4`,
        tenant,
        origin,
        page.limit,
        page.offset,
      )
      return rows.map(toKept)
    },

    async countRejects(tenant, origin) {
      const [row] = await engine.all<{ n: number }>(
        'SELECT count(*) AS n FROM quarantine WHERE tenant_id = $1 AND origin = $2',
        tenant,
        origin,
      )
      return Number(row?.n ?? 0)
    },

    forgetRejects(tenant, origin, records) {
      return engine.transaction(async (sql) => {
        if (!records) return forgetAll(sql, tenant, origin)
        let forgotten = 0
        for (let start = 0; start < records.ids.length; start += BATCH) {
          const ids = records.ids.slice(start, start + BATCH)
          // Filled up with what is there already, so that the text is always the same and prepared once.
          const filled = Array.from({ length: BATCH }, (_, i) => ids[i] ?? ids[0]!)
          const gone = await sql.all(
            `DELETE FROM quarantine
             WHERE tenant_id = $1 AND origin = $2 AND part = $3 AND record_id IN (${places(4, BATCH)})
             RETURNING position`,
            tenant,
            origin,
            records.part,
            ...filled,
          )
          forgotten += gone.length
        }
        return forgotten
      })
    },
  }
}

/** Forgets all of an origin. @returns how many there were */
export async function forgetAll(sql: Sql, tenant: number, origin: string): Promise<number> {
  const gone = await sql.all(
    'DELETE FROM quarantine WHERE tenant_id = $1 AND origin = $2 RETURNING position',
    tenant,
    origin,
  )
  return gone.length
}

function columns({ where, code, message, raw }: RejectedRow): SqlValue[] {
  return [where.line ?? null, where.column ?? null, where.id ?? null, code, message.en, message['zh-CN'], raw]
}

async function insert(sql: Sql, rows: readonly (readonly SqlValue[])[]): Promise<void> {
  const width = rows[0]?.length ?? 0
  const values = rows.map((_, i) => `(${places(i * width + 1, width)})`).join(', ')
  await sql.run(`INSERT INTO quarantine VALUES ${values}`, ...rows.flat())
}

function toKept(row: RejectRow): Kept {
  return {
    part: row.part,
    where: {
      ...(row.line === null ? {} : { line: row.line }),
      ...(row.column_name === null ? {} : { column: row.column_name }),
      ...(row.record_id === null ? {} : { id: row.record_id }),
    },
    code: row.code,
    message: { en: row.message_en, 'zh-CN': row.message_zh },
    raw: row.raw,
  }
}
