import { note } from './audit.ts'
import { sortableId } from './ids.ts'
import { fromJson, type Sql, type Store, toDate } from './sql.ts'
import type { ImportFile, ImportRun, ImportStart, ImportStatus, State } from './state.ts'

const RUN = `SELECT id, tenant_id, fingerprint, created_at, finished_at, status, options, result FROM import_run`

interface RunRow {
  readonly id: string
  readonly tenant_id: number
  readonly fingerprint: string
  readonly created_at: string
  readonly finished_at: string | null
  readonly status: ImportStatus
  readonly options: string
  readonly result: string | null
}

interface FileRow {
  readonly sha256: string
  readonly name: string
  readonly type: string
  readonly mapping: string | null
  readonly date_format: string | null
  readonly size: number
  readonly replace_from: string | null
  readonly replace_to: string | null
}

type Imports = Pick<State, 'startImport' | 'endImport' | 'findImport' | 'imports' | 'keptFiles' | 'dataAt'>

/** Imports and the files they read. */
export function importStore({ engine, at }: Store): Imports {
  return {
    startImport(tenant, start) {
      return engine.transaction(async (sql) => {
        const [open] = await sql.all<{ id: string }>(
          `SELECT id FROM import_run WHERE tenant_id = $1 AND fingerprint = $2 AND status IN ('running', 'interrupted')
           ORDER BY turn DESC LIMIT 1`,
          tenant,
          start.fingerprint,
        )
        const [last] = await sql.all<{ turn: number | null; id: string | null }>(
          'SELECT max(turn) AS turn, max(id) AS id FROM import_run',
        )
        const turn = Number(last?.turn ?? 0) + 1
        const id = open?.id ?? sortableId('imp', new Date(at()), last?.id ?? undefined)
        if (open) {
          await sql.run(`UPDATE import_run SET status = 'running', turn = $2 WHERE id = $1`, id, turn)
          await sql.run('DELETE FROM quarantine WHERE tenant_id = $1 AND origin = $2', tenant, id)
        } else await insertImport(sql, at(), { id, tenant, turn }, start)
        const run = await readImport(sql, tenant, id)
        return { ...run!, continued: open !== undefined }
      })
    },

    endImport(id, { status, result, counts = [] }) {
      return engine.transaction(async (sql) => {
        const [run] = await sql.all<{ tenant_id: number; status: string }>(
          'SELECT tenant_id, status FROM import_run WHERE id = $1',
          id,
        )
        if (!run) return
        await sql.run('UPDATE import_run SET status = $2 WHERE id = $1', id, status)
        if (status === 'done') await sql.run('UPDATE import_run SET finished_at = $2 WHERE id = $1', id, at())
        if (result !== undefined)
          await sql.run('UPDATE import_run SET result = $2 WHERE id = $1', id, JSON.stringify(result))
        for (const [position, file] of counts.entries()) {
          await sql.run(
            `UPDATE import_file SET row_count = $3, imported = $4, unchanged = $5, rejected = $6, deleted = $7
             WHERE import_id = $1 AND position = $2`,
            id,
            position,
            file.rows,
            file.imported,
            file.unchanged,
            file.rejected,
            file.deleted,
          )
        }
        const [before, after] = [run.status, status].map((value) => JSON.stringify(value)) as [string, string]
        await note(sql, at(), { tenant: run.tenant_id, action: 'import', subject: id, before, after })
      })
    },

    findImport(tenant, id) {
      return readImport(engine, tenant, id)
    },

    async imports(tenant) {
      const rows = await engine.all<RunRow>(`${RUN} WHERE tenant_id = $1 ORDER BY turn`, tenant)
      return Promise.all(rows.map((row) => withFiles(engine, row)))
    },

    async keptFiles() {
      const rows = await engine.all<{ sha256: string }>('SELECT DISTINCT sha256 FROM import_file')
      return new Set(rows.map((row) => row.sha256))
    },

    async dataAt(tenant) {
      const [row] = await engine.all<{ at: string | null }>(
        `SELECT max(at) AS at FROM (
           SELECT max(finished_at) AS at FROM import_run WHERE tenant_id = $1 AND status = 'done'
           UNION ALL SELECT max(complete_at) AS at FROM connection WHERE tenant_id = $1
         ) AS instants`,
        tenant,
      )
      return toDate(row?.at ?? null)
    },
  }
}

interface NewRun {
  readonly id: string
  readonly tenant: number
  readonly turn: number
}

async function insertImport(sql: Sql, at: string, { id, tenant, turn }: NewRun, start: ImportStart): Promise<void> {
  await sql.run(
    `INSERT INTO import_run (id, tenant_id, turn, fingerprint, created_at, status, options)
     VALUES ($1, $2, $3, $4, $5, 'running', $6)`,
    id,
    tenant,
    turn,
    start.fingerprint,
    at,
    JSON.stringify(start.options),
  )
  for (const [position, file] of start.files.entries()) {
    await sql.run(
      `INSERT INTO import_file
         (import_id, position, sha256, name, type, mapping, date_format, size, replace_from, replace_to)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      id,
      position,
      file.sha256,
      file.name,
      file.type,
      file.mapping === undefined ? null : JSON.stringify(file.mapping),
      file.dateFormat ?? null,
      file.size,
      file.replace?.from ?? null,
      file.replace?.to ?? null,
    )
  }
}

async function readImport(sql: Sql, tenant: number, id: string): Promise<ImportRun | undefined> {
  const [row] = await sql.all<RunRow>(`${RUN} WHERE tenant_id = $1 AND id = $2`, tenant, id)
  return row && withFiles(sql, row)
}

async function withFiles(sql: Sql, row: RunRow): Promise<ImportRun> {
  const files = await sql.all<FileRow>(
    `SELECT sha256, name, type, mapping, date_format, size, replace_from, replace_to FROM import_file
     WHERE import_id = $1 ORDER BY position`,
    row.id,
  )
  return {
    id: row.id,
    tenant: row.tenant_id,
    status: row.status,
    fingerprint: row.fingerprint,
    createdAt: new Date(row.created_at),
    finishedAt: toDate(row.finished_at),
    options: JSON.parse(row.options),
    result: fromJson(row.result),
    files: files.map(toFile),
    continued: false,
  }
}

function toFile(row: FileRow): ImportFile {
  const replace = row.replace_from && row.replace_to ? { from: row.replace_from, to: row.replace_to } : undefined
  return {
    sha256: row.sha256,
    name: row.name,
    type: row.type,
    mapping: fromJson(row.mapping) ?? undefined,
    dateFormat: row.date_format ?? undefined,
    size: row.size,
    replace,
  }
}
