import { RoiError } from '../errors.ts'
import { currentActor } from './actor.ts'
import { note } from './audit.ts'
import { sortableId } from './ids.ts'
import type { Store } from './sql.ts'

/** A report as it was saved (F56), without its figures. */
export interface RunHead {
  /** `run_…`; sorts by creation. */
  readonly id: string
  readonly at: Date
  /** Who saved it (see `Actor`); null = the program by itself. */
  readonly actor: string | null
  readonly name: string | null
  /** What it was made from, as JSON. */
  readonly manifest: unknown
}

export interface Run extends RunHead {
  /** Fingerprints of the record tables it was made from, as JSON. */
  readonly tables: unknown
  /** The report exactly as it was printed. */
  readonly result: string
}

/** The part of the state store about saved reports. */
export interface RunState {
  /** Keeps a report; audited. Nothing ever changes it. */
  addRun(tenant: number, run: Pick<Run, 'name' | 'manifest' | 'tables' | 'result'>): Promise<Run>
  /** Saved reports, newest first. */
  runs(tenant: number, page: { limit: number; offset: number }): Promise<readonly RunHead[]>
  /** @throws RoiError `unknown_run` */
  findRun(tenant: number, id: string): Promise<Run>
}

interface Row {
  readonly id: string
  readonly at: string
  readonly actor: string | null
  readonly name: string | null
  readonly manifest: string
  readonly tables: string
  readonly result: string
}

export function runStore({ engine, at }: Store): RunState {
  return {
    addRun(tenant, { name, manifest, tables, result }) {
      return engine.transaction(async (sql) => {
        const now = at()
        const [newest] = await sql.all<{ id: string | null }>(
          'SELECT max(id) AS id FROM saved_run WHERE tenant_id = $1',
          tenant,
        )
        const id = sortableId('run', new Date(now), newest?.id ?? undefined)
        const actor = currentActor()
        await sql.run(
          `INSERT INTO saved_run (tenant_id, id, at, actor, name, manifest, tables, result)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
          tenant,
          id,
          now,
          actor,
          name,
          JSON.stringify(manifest),
          JSON.stringify(tables),
          result,
        )
        await note(sql, now, { tenant, action: 'run', subject: id, before: null, after: JSON.stringify({ name }) })
        return { id, at: new Date(now), actor, name, manifest, tables, result }
      })
    },

    async runs(tenant, { limit, offset }) {
      const rows = await engine.all<Omit<Row, 'tables' | 'result'>>(
        `SELECT id, at, actor, name, manifest FROM saved_run WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2 OFFSET $3`,
        tenant,
        limit,
        offset,
      )
      return rows.map(toHead)
    },

    async findRun(tenant, id) {
      const [row] = await engine.all<Row>(
        `SELECT id, at, actor, name, manifest, tables, result FROM saved_run WHERE tenant_id = $1 AND id = $2`,
        tenant,
        id,
      )
      if (!row) throw unknownRun()
      return { ...toHead(row), tables: JSON.parse(row.tables), result: row.result }
    },
  }
}

function toHead({ id, at, actor, name, manifest }: Omit<Row, 'tables' | 'result'>): RunHead {
  return { id, at: new Date(at), actor, name, manifest: JSON.parse(manifest) }
}

function unknownRun(): RoiError {
  return new RoiError(
    'not_found',
    'unknown_run',
    { en: 'There is no saved report of this id.', 'zh-CN': '没有该编号的已保存报表。' },
    { en: 'See "runs list".', 'zh-CN': '请查看 “runs list”。' },
  )
}
