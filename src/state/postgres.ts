import type { Pool, PoolClient } from 'pg'
import { tooNew } from '../db/migrate.ts'
import { poolOf, withConnection } from '../db/postgres-client.ts'
import { translator } from '../db/postgres-errors.ts'
import { statement } from '../db/postgres-values.ts'
import { RoiError } from '../errors.ts'
import type { KeyRing } from './keyring.ts'
import { stateMigrations } from './migrations.ts'
import type { Sql, SqlValue, StateEngine } from './sql.ts'
import { sqlState } from './sql-state.ts'
import type { State } from './state.ts'

/** Where the state store lives: apart from the facts, which have tables of the same names in the default schema. */
export const SCHEMA = 'roi_state'

/**
 * One transaction at a time among all processes. Their numbers come from max() + 1, so they must not overlap; a lock
 * says so in one statement, while SERIALIZABLE would have each caller repeat its work. They are few and short.
 */
const ALONE = `SELECT pg_advisory_xact_lock(${0x726f6970}, 1)`

/** Time limits in milliseconds: of a statement, of waiting for a lock, and of a transaction whose process hangs. */
const STATEMENT_MS = 60_000
const LOCK_MS = 20_000
const HANGING_MS = 60_000
const CONNECTIONS = 4

export interface PostgresStateOptions {
  readonly now?: (() => Date) | undefined
  /** Told when the server ends an idle connection. The next statement opens another one. */
  readonly onIdleError?: ((error: Error) => void) | undefined
  /** Milliseconds that a transaction waits for those of other processes; default 20 seconds. */
  readonly lockTimeout?: number | undefined
}

/**
 * Opens the state store of the server profile, in a schema of its own beside the facts; it is made when there is none.
 * @param url `postgres://user:password@host:port/database`
 * @throws RoiError `store_too_new` (nothing is changed then), `store_url`, `store_unreachable`, `store_login`,
 *   `store_missing`, `store_forbidden`, `store_same_schema`
 */
export async function openPostgresState(
  url: string,
  keys: KeyRing,
  options: PostgresStateOptions = {},
): Promise<State> {
  return sqlState(await openPostgresEngine(url, options), keys, options.now)
}

/** The engine below {@link openPostgresState}. */
export async function openPostgresEngine(url: string, options: PostgresStateOptions = {}): Promise<StateEngine> {
  const engine = new PostgresState(url, options)
  try {
    await engine.migrate()
    return engine
  } catch (error) {
    await engine.close()
    throw error
  }
}

class PostgresState implements StateEngine {
  readonly #pool: Pool
  readonly #translate: (error: unknown) => unknown
  #tail: Promise<unknown> = Promise.resolve()
  #closed: Promise<void> | undefined

  constructor(url: string, { onIdleError, lockTimeout = LOCK_MS }: PostgresStateOptions) {
    this.#translate = translator(url)
    this.#pool = poolOf(url, { max: CONNECTIONS, parse, session: session(lockTimeout), onIdleError })
  }

  /** Statements outside a transaction are made so that running one twice is as good as once. */
  async all<Row>(text: string, ...parameters: SqlValue[]): Promise<Row[]> {
    try {
      return await withConnection(this.#pool, async (client) => {
        const { rows } = await client.query(statement(text, parameters))
        client.release()
        return rows as Row[]
      })
    } catch (error) {
      throw this.#translate(error)
    }
  }

  async run(text: string, ...parameters: SqlValue[]): Promise<void> {
    await this.all(text, ...parameters)
  }

  /** In turn within this process, so that those who wait for the lock take no connection from those who read. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const turn = this.#tail.then(() => this.#transact(work))
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  async #transact<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    let lost = false
    let client: PoolClient | undefined
    try {
      client = await withConnection(this.#pool, async (client) => {
        await client.query('BEGIN')
        return client
      })
      await client.query(ALONE)
      const result = await work(sqlOf(client))
      const { command } = await client.query('COMMIT')
      // After a failed statement the server would answer COMMIT with a silent rollback.
      if (command !== 'COMMIT') throw new Error('a statement of the transaction failed, so nothing of it was kept')
      return result
    } catch (error) {
      // A connection that cannot undo is of no more use.
      lost = await (client?.query('ROLLBACK') ?? Promise.resolve()).then(
        () => false,
        () => true,
      )
      throw this.#translate(error)
    } finally {
      client?.release(lost)
    }
  }

  async clock(): Promise<Date> {
    const [row] = await this.all<{ ms: number }>(
      'SELECT CAST(trunc(extract(epoch FROM clock_timestamp()) * 1000) AS BIGINT) AS ms',
    )
    return new Date(row!.ms)
  }

  /** Brings the schema to this program's version, forward only. One of a newer program is left as it is. */
  migrate(): Promise<void> {
    return this.transaction(async (sql) => {
      const [schema] = await sql.all('SELECT 1 FROM pg_namespace WHERE nspname = $1', SCHEMA)
      // Asked first: IF NOT EXISTS would need the right to make one even where there is one.
      if (!schema) await sql.run(`CREATE SCHEMA ${SCHEMA}`)
      await checkApart(sql)
      await sql.run('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL, applied_at TEXT NOT NULL)')
      const [row] = await sql.all<{ version: number | null }>('SELECT max(version) AS version FROM schema_version')
      const current = row?.version ?? 0
      const known = stateMigrations()
      const newest = known.at(-1)?.version ?? 0
      if (current > newest) throw tooNew(current, newest)
      for (const { version, statements } of known) {
        if (version <= current) continue
        for (const text of statements) await sql.run(text)
        await sql.run('INSERT INTO schema_version VALUES ($1, $2)', version, new Date().toISOString())
      }
    })
  }

  close(): Promise<void> {
    this.#closed ??= this.#tail.then(() => this.#pool.end())
    return this.#closed
  }
}

/** Errors pass as they are: the transaction translates them once. */
function sqlOf(client: PoolClient): Sql {
  const all = async <Row>(text: string, ...parameters: SqlValue[]) =>
    (await client.query(statement(text, parameters))).rows as Row[]
  return {
    all,
    async run(text, ...parameters) {
      await all(text, ...parameters)
    },
  }
}

/** Facts and state both have tables such as `schema_version`: a default schema that is ours would mix them up. */
async function checkApart(sql: Sql): Promise<void> {
  await sql.run('SET LOCAL search_path TO DEFAULT')
  const [row] = await sql.all<{ name: string | null }>('SELECT current_schema() AS name')
  await sql.run(`SET LOCAL search_path TO ${SCHEMA}`)
  if (row?.name !== SCHEMA) return
  throw new RoiError(
    'usage',
    'store_same_schema',
    {
      en: `The default schema of the database user is ${SCHEMA}, which is kept for connections and settings.`,
      'zh-CN': `数据库用户的默认模式是 ${SCHEMA}，该模式专用于连接与设置。`,
    },
    {
      en: 'Use a user of another name, and no search_path of that name, in ROI_PANEL_DATABASE_URL.',
      'zh-CN': '请在 ROI_PANEL_DATABASE_URL 中使用其他名称的用户，且不要将 search_path 设为该名称。',
    },
  )
}

/** Counts and turns are far below 2^53. */
function parse(oid: number): (text: string) => unknown {
  return oid === 20 || oid === 21 || oid === 23 ? Number : String
}

function session(lockTimeout: number): (client: Pick<PoolClient, 'query'>) => Promise<void> {
  return async (client) => {
    await client.query(
      `SELECT set_config('search_path', $1, FALSE), set_config('statement_timeout', $2, FALSE),
              set_config('lock_timeout', $3, FALSE), set_config('idle_in_transaction_session_timeout', $4, FALSE),
              set_config('standard_conforming_strings', 'on', FALSE)`,
      [SCHEMA, String(STATEMENT_MS), String(lockTimeout), String(HANGING_MS)],
    )
  }
}
