import { randomBytes } from 'node:crypto'
import { RoiError } from '../errors.ts'
import type { SettingKey, Workspace } from '../model/settings.ts'
import { checkSetting, parseStored } from './settings.ts'
import type {
  AuditEntry,
  ImportEnd,
  ImportFile,
  ImportRun,
  ImportStart,
  ImportStatus,
  Kept,
  RejectedRow,
  State,
} from './state.ts'
import { MAX_REJECTS } from './state.ts'

export type SqlValue = string | number | null
/** What a state engine has to offer; its SQL is plain, parameters are `$1 …`. */
export interface Sql {
  all<Row>(text: string, ...parameters: SqlValue[]): Promise<Row[]>
  run(text: string, ...parameters: SqlValue[]): Promise<void>
}
export interface StateEngine extends Sql {
  /** Runs work alone, in one durable transaction. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>
  close(): Promise<void>
}

const WORKSPACE_KEY = /^[a-z0-9][a-z0-9_-]{0,62}$/
const RUN = `SELECT id, tenant_id, fingerprint, created_at, finished_at, status, options, result FROM import_run`

/** The state store over any SQL engine. Every read and write names its tenant. */
export class SqlState implements State {
  readonly #engine: StateEngine
  readonly #now: () => Date

  constructor(engine: StateEngine, now: () => Date = () => new Date()) {
    this.#engine = engine
    this.#now = now
  }

  async workspaces(): Promise<readonly Workspace[]> {
    const rows = await this.#engine.all<WorkspaceRow>('SELECT tenant_id, key, title FROM workspace ORDER BY tenant_id')
    return Promise.all(rows.map((row) => withSettings(this.#engine, row)))
  }

  async findWorkspace(key: string): Promise<Workspace | undefined> {
    const row = await workspaceRow(this.#engine, key)
    return row && withSettings(this.#engine, row)
  }

  async openWorkspace(key: string, title = key): Promise<Workspace> {
    if (!WORKSPACE_KEY.test(key)) throw badWorkspaceKey(key)
    const found = await this.findWorkspace(key)
    if (found) return found
    const row = await this.#engine.transaction(async (sql) => {
      const other = await workspaceRow(sql, key)
      if (other) return other
      const [last] = await sql.all<{ tenant: number | null }>('SELECT max(tenant_id) AS tenant FROM workspace')
      const made = { tenant_id: Number(last?.tenant ?? 0) + 1, key, title }
      await sql.run('INSERT INTO workspace VALUES ($1, $2, $3, $4)', made.tenant_id, key, title, this.#at())
      return made
    })
    return withSettings(this.#engine, row)
  }

  async changeSetting(tenant: number, key: SettingKey, value: unknown): Promise<boolean> {
    const after = value === undefined ? null : JSON.stringify(checkSetting(key, value))
    return this.#engine.transaction(async (sql) => {
      const [row] = await sql.all<{ value: string }>(
        'SELECT value FROM setting WHERE tenant_id = $1 AND key = $2',
        tenant,
        key,
      )
      const before = row?.value ?? null
      if (before === after) return false
      await sql.run('DELETE FROM setting WHERE tenant_id = $1 AND key = $2', tenant, key)
      if (after !== null) await sql.run('INSERT INTO setting VALUES ($1, $2, $3)', tenant, key, after)
      await this.#note(sql, { tenant, action: 'setting', subject: key, before, after })
      return true
    })
  }

  async audit(tenant: number, limit = 100): Promise<readonly AuditEntry[]> {
    const rows = await this.#engine.all<AuditRow>(
      `SELECT at, action, subject, value_before, value_after FROM audit WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2`,
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
  }

  startImport(tenant: number, start: ImportStart): Promise<ImportRun> {
    return this.#engine.transaction(async (sql) => {
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
      const id = open?.id ?? importId(this.#now(), last?.id ?? undefined)
      if (open) {
        await sql.run(`UPDATE import_run SET status = 'running', turn = $2 WHERE id = $1`, id, turn)
        await sql.run('DELETE FROM quarantine WHERE tenant_id = $1 AND origin = $2', tenant, id)
      } else await this.#insertImport(sql, id, tenant, turn, start)
      const run = await readImport(sql, tenant, id)
      return { ...run!, continued: open !== undefined }
    })
  }

  async #insertImport(sql: Sql, id: string, tenant: number, turn: number, start: ImportStart): Promise<void> {
    await sql.run(
      `INSERT INTO import_run (id, tenant_id, turn, fingerprint, created_at, status, options)
       VALUES ($1, $2, $3, $4, $5, 'running', $6)`,
      id,
      tenant,
      turn,
      start.fingerprint,
      this.#at(),
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

  endImport(id: string, { status, result, counts = [] }: ImportEnd): Promise<void> {
    return this.#engine.transaction(async (sql) => {
      const [run] = await sql.all<{ tenant_id: number; status: string }>(
        'SELECT tenant_id, status FROM import_run WHERE id = $1',
        id,
      )
      if (!run) return
      await sql.run('UPDATE import_run SET status = $2 WHERE id = $1', id, status)
      if (status === 'done') await sql.run('UPDATE import_run SET finished_at = $2 WHERE id = $1', id, this.#at())
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
      await this.#note(sql, { tenant: run.tenant_id, action: 'import', subject: id, before, after })
    })
  }

  findImport(tenant: number, id: string): Promise<ImportRun | undefined> {
    return readImport(this.#engine, tenant, id)
  }

  async imports(tenant: number): Promise<readonly ImportRun[]> {
    const rows = await this.#engine.all<RunRow>(`${RUN} WHERE tenant_id = $1 ORDER BY turn`, tenant)
    return Promise.all(rows.map((row) => withFiles(this.#engine, row)))
  }

  async keptFiles(): Promise<ReadonlySet<string>> {
    const rows = await this.#engine.all<{ sha256: string }>('SELECT DISTINCT sha256 FROM import_file')
    return new Set(rows.map((row) => row.sha256))
  }

  async dataAt(tenant: number): Promise<Date | null> {
    const [row] = await this.#engine.all<{ at: string | null }>(
      `SELECT max(finished_at) AS at FROM import_run WHERE tenant_id = $1 AND status = 'done'`,
      tenant,
    )
    return row?.at ? new Date(row.at) : null
  }

  addRejects(tenant: number, origin: string, part: string, rejects: readonly RejectedRow[]): Promise<void> {
    return this.#engine.transaction(async (sql) => {
      const [row] = await sql.all<{ n: number }>(
        'SELECT count(*) AS n FROM quarantine WHERE tenant_id = $1 AND origin = $2',
        tenant,
        origin,
      )
      const kept = Number(row?.n ?? 0)
      for (const [i, { where, code, message, raw }] of rejects.slice(0, MAX_REJECTS - kept).entries()) {
        await sql.run(
          'INSERT INTO quarantine VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)',
          tenant,
          origin,
          kept + i,
          part,
          where.line ?? null,
          where.column ?? null,
          where.id ?? null,
          code,
          message.en,
          message['zh-CN'],
          raw,
          this.#at(),
        )
      }
    })
  }

  async rejects(tenant: number, origin: string, page = { limit: 1000, offset: 0 }): Promise<Kept[]> {
    const rows = await this.#engine.all<RejectRow>(
      `SELECT part, line, column_name, record_id, code, message_en, message_zh, raw FROM quarantine
       WHERE tenant_id = $1 AND origin = $2 ORDER BY position LIMIT $3 OFFSET $4`,
      tenant,
      origin,
      page.limit,
      page.offset,
    )
    return rows.map((row) => ({
      part: row.part,
      where: {
        ...(row.line === null ? {} : { line: row.line }),
        ...(row.column_name === null ? {} : { column: row.column_name }),
        ...(row.record_id === null ? {} : { id: row.record_id }),
      },
      code: row.code,
      message: { en: row.message_en, 'zh-CN': row.message_zh },
      raw: row.raw,
    }))
  }

  close(): Promise<void> {
    return this.#engine.close()
  }

  async #note(sql: Sql, entry: Note): Promise<void> {
    const [last] = await sql.all<{ id: number | null }>('SELECT max(id) AS id FROM audit')
    await sql.run(
      'INSERT INTO audit VALUES ($1, $2, $3, $4, $5, $6, $7)',
      Number(last?.id ?? 0) + 1,
      entry.tenant,
      this.#at(),
      entry.action,
      entry.subject,
      entry.before,
      entry.after,
    )
  }

  #at(): string {
    return this.#now().toISOString()
  }
}

interface Note {
  readonly tenant: number
  readonly action: string
  readonly subject: string
  readonly before: string | null
  readonly after: string | null
}

interface WorkspaceRow {
  readonly tenant_id: number
  readonly key: string
  readonly title: string
}

interface AuditRow {
  readonly at: string
  readonly action: string
  readonly subject: string
  readonly value_before: string | null
  readonly value_after: string | null
}

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

async function workspaceRow(sql: Sql, key: string): Promise<WorkspaceRow | undefined> {
  const [row] = await sql.all<WorkspaceRow>('SELECT tenant_id, key, title FROM workspace WHERE key = $1', key)
  return row
}

async function withSettings(sql: Sql, row: WorkspaceRow): Promise<Workspace> {
  const stored = await sql.all<{ key: string; value: string }>(
    'SELECT key, value FROM setting WHERE tenant_id = $1',
    row.tenant_id,
  )
  return { key: row.key, title: row.title, tenant: row.tenant_id, settings: parseStored(row.key, stored) }
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
    finishedAt: row.finished_at ? new Date(row.finished_at) : null,
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

function fromJson(text: string | null): unknown {
  return text === null ? null : JSON.parse(text)
}

/** Ids sort by creation, also when the clock was set back: the time part never goes below the newest id's. */
function importId(now: Date, newest: string | undefined): string {
  const last = newest ? Number.parseInt(newest.slice(4, 13), 36) : 0
  const time = Math.max(now.getTime(), last + 1)
  return `imp_${time.toString(36).padStart(9, '0')}${randomBytes(4).toString('hex')}`
}

function badWorkspaceKey(key: string): RoiError {
  return new RoiError(
    'usage',
    'bad_workspace_key',
    { en: `"${key.slice(0, 80)}" cannot name a workspace.`, 'zh-CN': `“${key.slice(0, 80)}”不能作为工作区名称。` },
    {
      en: 'Use up to 63 lower-case letters, digits, "-" and "_", starting with a letter or digit.',
      'zh-CN': '请使用最多 63 个小写字母、数字、“-”或“_”，并以字母或数字开头。',
    },
  )
}
