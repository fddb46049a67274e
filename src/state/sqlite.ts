import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { diskFull } from '../db/errors.ts'
import { tooNew } from '../db/migrate.ts'
import { RoiError } from '../errors.ts'
import { dataError } from './errors.ts'
import { fileKeys } from './key-file.ts'
import { stateMigrations } from './migrations.ts'
import type { Sql, SqlValue, StateEngine } from './sql.ts'
import { sqlState } from './sql-state.ts'
import type { State } from './state.ts'

/** How long a statement waits for another process before it gives up, milliseconds. */
const BUSY = 5000

/**
 * Opens the state store of the embedded profile, `state.sqlite` in the data directory, readable by its owner only. A
 * transaction is on disk when it resolves.
 * @throws RoiError `store_too_new` (nothing is changed then), `state_damaged`, `state_busy`, `disk_full`, `data_unwritable`
 */
export function openState(dataDir: string, now?: () => Date): State {
  return sqlState(openSqlite(dataDir), fileKeys(dataDir), now)
}

/** The engine below {@link openState}. */
export function openSqlite(dataDir: string): StateEngine {
  const path = join(dataDir, 'state.sqlite')
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    // Made before SQLite does, so that there is no moment at which others may read it; its WAL inherits the mode.
    closeSync(openSync(path, 'a', 0o600))
    chmodSync(path, 0o600)
    const database = new DatabaseSync(path, { timeout: BUSY, enableForeignKeyConstraints: true })
    try {
      migrate(database)
    } catch (error) {
      database.close()
      throw error
    }
    return new Sqlite(database)
  } catch (error) {
    throw translate(error)
  }
}

/** Brings the file to this program's version, forward only. A file of a newer program is left as it is. */
function migrate(database: DatabaseSync): void {
  const known = stateMigrations()
  const newest = known.at(-1)?.version ?? 0
  const found = versionOf(database)
  if (found > newest) throw tooNew(found, newest)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL, applied_at TEXT NOT NULL)')
    // Asked again under the lock: another process may have been first.
    const current = versionOf(database)
    for (const { version, statements } of known) {
      if (version <= current) continue
      for (const statement of statements) database.exec(statement)
      database.prepare('INSERT INTO schema_version VALUES (?, ?)').run(version, new Date().toISOString())
    }
    database.exec('COMMIT')
  } catch (error) {
    // A full disk may have ended the transaction already; the first error is the one to tell.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

function versionOf(database: DatabaseSync): number {
  const table = database.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'`).get()
  if (!table) return 0
  return Number(database.prepare('SELECT max(version) AS version FROM schema_version').get()?.version ?? 0)
}

/** node:sqlite is synchronous; the queue keeps other calls out of a transaction that waits for its caller. */
class Sqlite implements StateEngine {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  readonly #inside: Sql
  #tail: Promise<unknown> = Promise.resolve()

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#inside = {
      all: async (text, ...parameters) => this.#all(text, parameters),
      run: async (text, ...parameters) => this.#run(text, parameters),
    }
  }

  all<Row>(text: string, ...parameters: SqlValue[]): Promise<Row[]> {
    return this.#alone(() => this.#inside.all<Row>(text, ...parameters))
  }

  run(text: string, ...parameters: SqlValue[]): Promise<void> {
    return this.#alone(() => this.#inside.run(text, ...parameters))
  }

  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#alone(async () => {
      this.#run('BEGIN IMMEDIATE', [])
      try {
        const result = await work(this.#inside)
        this.#run('COMMIT', [])
        return result
      } catch (error) {
        // A full disk may have ended the transaction already; the first error is the one to tell.
        if (this.#database.isTransaction) this.#run('ROLLBACK', [])
        throw error
      }
    })
  }

  async close(): Promise<void> {
    await this.#tail
    if (this.#database.isOpen) this.#database.close()
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work)
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  #all<Row>(text: string, parameters: readonly SqlValue[]): Row[] {
    try {
      return this.#prepare(text).all(named(parameters)) as Row[]
    } catch (error) {
      throw translate(error)
    }
  }

  #run(text: string, parameters: readonly SqlValue[]): void {
    try {
      this.#prepare(text).run(named(parameters))
    } catch (error) {
      throw translate(error)
    }
  }

  #prepare(text: string): StatementSync {
    let statement = this.#statements.get(text)
    if (!statement) {
      statement = this.#database.prepare(text)
      this.#statements.set(text, statement)
    }
    return statement
  }
}

/** `$1` is a name to SQLite, not a position. */
function named(parameters: readonly SqlValue[]): Record<string, SqlValue> {
  return Object.fromEntries(parameters.map((value, i) => [`$${i + 1}`, value]))
}

/** SQLite's primary result codes that a person can act on. */
const BUSY_CODES = new Set([5, 6])
/** SQLITE_FULL, and the write errors by which a full disk shows first: SQLITE_IOERR_WRITE, SQLITE_IOERR_SHMSIZE. */
const FULL_CODES = new Set([13, 778, 4874])
const DAMAGED_CODES = new Set([11, 26])

/** Engine and file errors a person can act on; everything else passes as it is. */
function translate(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const extended = 'errcode' in error ? Number(error.errcode) : 0
  const code = extended & 0xff
  if (FULL_CODES.has(extended)) return diskFull(error)
  if (BUSY_CODES.has(code)) {
    return new RoiError(
      'unavailable',
      'state_busy',
      {
        en: 'Another process is writing to the data directory. Nothing was changed.',
        'zh-CN': '另一个进程正在写入数据目录。未作任何更改。',
      },
      { en: 'Run it again in a moment.', 'zh-CN': '请稍后重试。' },
      { cause: error },
    )
  }
  if (DAMAGED_CODES.has(code)) {
    return new RoiError(
      'unavailable',
      'state_damaged',
      {
        en: 'The state store cannot be opened: state.sqlite is damaged.',
        'zh-CN': '无法打开状态库：state.sqlite 已损坏。',
      },
      {
        en: 'Restore it from a backup. What it holds cannot be rebuilt from the sources.',
        'zh-CN': '请用备份恢复。其中的内容无法从数据源重建。',
      },
      { cause: error },
    )
  }
  return dataError(error)
}
