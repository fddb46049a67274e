import type { Pool, PoolClient, QueryResult } from 'pg'
import { RoiError } from '../errors.ts'
import type { Database, Lock, Profile, Reader, RowOut, Transaction, Upserted } from './database.ts'
import { collided } from './errors.ts'
import { poolOf, withConnection } from './postgres-client.ts'
import { translator } from './postgres-errors.ts'
import { arrays, literal, PARSERS, rowsOf, shapeOf, statement } from './postgres-values.ts'
import type { RecordTable, RowIn, Table, Value } from './schema.ts'
import { storable } from './text.ts'

const PROFILE: Profile = { kind: 'server', indexes: true, clustered: false }

/** Rows per statement: larger ones gain nothing and hold more text in memory (engine.md §2). */
const BATCH = 10_000

/** The oldest server whose answers were compared with the other engines (engine.md). */
const OLDEST = 15

/** Rows a stream hands over at a time. */
const STREAMED = 2_000

/** All reads of a transaction see the state at its first one. */
const SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'

/** Numbers of locks among all that a database knows; the tenant is the second part. */
const LOCKS: Readonly<Record<Lock, number>> = { erasures: 0x726f_6971, manual: 0x726f_6972 }

export interface PostgresOptions {
  /** Connections that read beside the writer; default 4. */
  readonly readers?: number
  /** A read is stopped after this many milliseconds; default two minutes. */
  readonly readTimeout?: number
  /** A statement of a write transaction is stopped after this many milliseconds; default one hour. */
  readonly writeTimeout?: number
  /** A statement waits this many milliseconds for a lock that another process holds; default one minute. */
  readonly lockTimeout?: number
  /** Milliseconds until an unreachable server is given up; default 10 seconds. */
  readonly connectTimeout?: number
  /** Told when the server ends an idle connection. The next statement opens another one. */
  readonly onIdleError?: (error: Error) => void
}

/**
 * Opens the fact store in a PostgreSQL database. The connections must be the program's own or a pooler's in session
 * mode: the zone and the time limits are settings of the session.
 * @param url `postgres://user:password@host:port/database`
 * @throws RoiError `store_url`, `store_unreachable`, `store_login`, `store_missing`, `store_unsuited`
 */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<Database> {
  const database = new Postgres(url, options)
  try {
    await database.check()
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

class Postgres implements Database {
  readonly profile = PROFILE
  /** Other processes write too, so nothing can be told from a count of one's own. */
  readonly version = null
  readonly #readers: Pool
  readonly #writer: Pool
  readonly #translate: (error: unknown) => unknown
  #tail: Promise<unknown> = Promise.resolve()
  #closed: Promise<void> | undefined

  constructor(url: string, options: PostgresOptions) {
    this.#translate = translator(url)
    const { connectTimeout, onIdleError } = options
    const parse = (oid: number) => PARSERS.get(oid) ?? String
    const pool = (max: number, timeout: number) => {
      const settings = session(timeout, options.lockTimeout ?? 60_000)
      return poolOf(url, { max, connectTimeout, parse, session: settings, onIdleError })
    }
    this.#readers = pool(options.readers ?? 4, options.readTimeout ?? 120_000)
    this.#writer = pool(1, options.writeTimeout ?? 3_600_000)
  }

  /** Refuses a server or a database that would give other answers than the embedded engine. */
  async check(): Promise<void> {
    const [found] = await this.query<{ version: number; encoding: string }>(
      `SELECT CAST(current_setting('server_version_num') AS INTEGER) / 10000 AS version,
              current_setting('server_encoding') AS encoding`,
    )
    if (!found || (found.version >= OLDEST && found.encoding === 'UTF8')) return
    throw new RoiError(
      'usage',
      'store_unsuited',
      {
        en: `The database is PostgreSQL ${found.version} with encoding ${found.encoding}; it must be PostgreSQL ${OLDEST} or newer with encoding UTF8.`,
        'zh-CN': `数据库为 PostgreSQL ${found.version}，编码为 ${found.encoding}；需要 PostgreSQL ${OLDEST} 或更新版本，编码为 UTF8。`,
      },
      {
        en: 'Name a suitable one in ROI_PANEL_DATABASE_URL.',
        'zh-CN': '请在 ROI_PANEL_DATABASE_URL 中指定符合要求的数据库。',
      },
    )
  }

  async query<Row = RowOut>(text: string, parameters: readonly Value[] = []): Promise<Row[]> {
    try {
      return rowsOf<Row>(
        await withConnection(this.#readers, async (client) => {
          const answer = await client.query(statement(text, parameters))
          client.release()
          return answer
        }),
      )
    } catch (error) {
      throw this.#translate(error)
    }
  }

  write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const turn = this.#tail.then(() => this.#transact(work))
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  async snapshot<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    const session = await this.#begin(this.#readers, SNAPSHOT)
    try {
      return await work(session)
    } finally {
      await session.end()
    }
  }

  async *stream<Row = RowOut>(text: string, parameters: readonly Value[] = []): AsyncIterable<Row[]> {
    const session = await this.#begin(this.#readers, SNAPSHOT)
    try {
      await session.send(`DECLARE answer NO SCROLL CURSOR FOR ${text}`, parameters)
      for (;;) {
        const rows = await session.query<Row>(`FETCH ${STREAMED} FROM answer`)
        if (rows.length > 0) yield rows
        if (rows.length < STREAMED) return
      }
    } finally {
      await session.end()
    }
  }

  async #transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const transaction = await this.#begin(this.#writer, 'BEGIN')
    try {
      const result = await work(transaction)
      await transaction.commit()
      return result
    } finally {
      await transaction.end()
    }
  }

  async #begin(pool: Pool, text: string): Promise<PostgresTransaction> {
    try {
      return await withConnection(pool, async (client) => {
        await client.query(statement(text, []))
        return new PostgresTransaction(client, this.#translate)
      })
    } catch (error) {
      throw this.#translate(error)
    }
  }

  /** Nothing to sort here; but a server plans by its statistics, which lag behind a large load. */
  async recluster(): Promise<void> {
    await this.write((tx) => tx.run('ANALYZE'))
  }

  close(): Promise<void> {
    this.#closed ??= this.#tail.then(async () => {
      await Promise.all([this.#readers.end(), this.#writer.end()])
    })
    return this.#closed
  }
}

class PostgresTransaction implements Transaction {
  readonly #client: PoolClient
  readonly #translate: (error: unknown) => unknown
  #last: Promise<unknown> = Promise.resolve()
  #state: 'open' | 'committed' | 'ended' = 'open'

  constructor(client: PoolClient, translate: (error: unknown) => unknown) {
    this.#client = client
    this.#translate = translate
  }

  async query<Row = RowOut>(text: string, parameters: readonly Value[] = []): Promise<Row[]> {
    return rowsOf<Row>(await this.send(text, parameters))
  }

  async run(text: string, parameters: readonly Value[] = []): Promise<void> {
    await this.send(text, parameters)
  }

  /** One statement at a time, also when the work starts several, and none after the end: it would commit by itself. */
  async send(text: string, parameters: readonly Value[] = []): Promise<QueryResult> {
    const answer = this.#last.then(() => {
      if (this.#state !== 'open') throw new Error('the transaction has ended')
      return this.#client.query(statement(text, parameters))
    })
    this.#last = answer.catch(() => undefined)
    try {
      return await answer
    } catch (error) {
      throw this.#translate(error)
    }
  }

  /** Commits. After a failed statement the server would answer COMMIT with a silent rollback: that is an error here. */
  async commit(): Promise<void> {
    const { command } = await this.send('COMMIT')
    if (command !== 'COMMIT') throw new Error('a statement of the transaction failed, so nothing of it was kept')
    this.#state = 'committed'
  }

  /** Undoes what was not committed and gives the connection back; one that cannot answer is closed. */
  async end(): Promise<void> {
    await this.#last
    const committed = this.#state === 'committed'
    this.#state = 'ended'
    const lost = committed
      ? false
      : await this.#client.query('ROLLBACK').then(
          () => false,
          () => true,
        )
    this.#client.release(lost)
  }

  lock(what: Lock, tenant: number, how: 'shared' | 'alone'): Promise<void> {
    const lock = how === 'alone' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared'
    return this.run(`SELECT ${lock}(CAST($1 AS INTEGER), CAST($2 AS INTEGER))`, [LOCKS[what], tenant])
  }

  async insert(table: Table, rows: readonly RowIn[]): Promise<void> {
    const { names, source } = shapeOf(table)
    for (const batch of batches(rows)) {
      await this.run(`INSERT INTO ${table} (${names}) SELECT * FROM ${source}`, arrays(table, batch))
    }
  }

  async insertMissing(table: Table, rows: readonly RowIn[], key: readonly string[]): Promise<void> {
    const { names, source } = shapeOf(table)
    const columns = key.map((column) => `s."${column}"`).join(', ')
    const same = key.map((column) => `t."${column}" = s."${column}"`).join(' AND ')
    for (const batch of batches(rows)) {
      // NOT EXISTS serves the tables without a key; ON CONFLICT a process that adds the same row at this moment.
      await this.run(
        `INSERT INTO ${table} (${names})
         SELECT DISTINCT ON (${columns}) ${names} FROM ${source} WITH ORDINALITY AS s(${names}, ordinal)
         WHERE NOT EXISTS (SELECT 1 FROM ${table} AS t WHERE ${same})
         ORDER BY ${columns}, ordinal
         ON CONFLICT DO NOTHING`,
        arrays(table, batch),
      )
    }
  }

  /**
   * Compare with what is there, then send only what is new or replaces something: a repeated read of a source costs
   * one look-up. By tenant, so that a distributed server finds all rows of a statement in one place.
   */
  async upsert(table: RecordTable, rows: readonly RowIn[], keep: readonly string[]): Promise<Upserted> {
    const changed = new Set<bigint>()
    const previous: RowOut[] = []
    let written = 0
    for (const [tenant, group] of byTenant(rows)) {
      for (const batch of batches(group)) {
        const { fresh, newer } = await this.#compare(table, tenant, batch)
        const replaced = newer.length > 0 ? await this.#lock(table, tenant, newer, keep) : []
        if (fresh.length + newer.length === 0) continue
        // In one order, so that two processes that insert the same new records do not wait for each other either.
        const ids = await this.#replace(table, [...fresh, ...newer].toSorted(byId))
        written += ids.size
        for (const id of ids) changed.add(id)
        for (const row of replaced) if (ids.has(row.id as bigint)) previous.push(row)
      }
    }
    return {
      inserted: written - previous.length,
      updated: previous.length,
      unchanged: rows.length - written,
      changed,
      previous,
    }
  }

  async #compare(table: RecordTable, tenant: number, batch: readonly RowIn[]) {
    const found = await this.query<Version>(
      `SELECT id, source, source_id, row_hash, updated_at FROM ${table}
       WHERE tenant_id = CAST($1 AS INTEGER) AND id = ANY (CAST($2 AS BIGINT[]))`,
      [tenant, literal(batch, 'id', 'bigint')],
    )
    const versions = new Map(found.map((version) => [version.id, version]))
    const fresh: RowIn[] = []
    const newer: RowIn[] = []
    for (const row of batch) {
      const version = versions.get(row.id as bigint)
      if (!version) fresh.push(row)
      else if (version.source !== stored(row.source) || version.source_id !== stored(row.source_id)) {
        throw collided(table, String(row.source_id))
      } else if (version.row_hash !== row.row_hash && !isOlder(row, version)) newer.push(row)
    }
    return { fresh, newer }
  }

  /** The versions about to be replaced, locked in one order so that two processes do not wait for each other. */
  #lock(table: RecordTable, tenant: number, rows: readonly RowIn[], keep: readonly string[]): Promise<RowOut[]> {
    return this.query(
      `SELECT ${['id', ...keep].map((column) => `"${column}"`).join(', ')} FROM ${table}
       WHERE tenant_id = CAST($1 AS INTEGER) AND id = ANY (CAST($2 AS BIGINT[])) ORDER BY id FOR UPDATE`,
      [tenant, literal(rows, 'id', 'bigint')],
    )
  }

  /** Writes the rows and returns the ids of those that went in. The guard holds also against another process. */
  async #replace(table: RecordTable, rows: readonly RowIn[]): Promise<Set<bigint>> {
    const { names, source, assignments } = shapeOf(table)
    const written = await this.query<{ id: bigint }>(
      `INSERT INTO ${table} AS t (${names}) SELECT * FROM ${source}
       ON CONFLICT (tenant_id, id) DO UPDATE SET ${assignments}
       WHERE t.row_hash <> EXCLUDED.row_hash AND NOT coalesce(EXCLUDED.updated_at < t.updated_at, FALSE)
       RETURNING id`,
      arrays(table, rows),
    )
    return new Set(written.map((row) => row.id))
  }
}

function byId(a: RowIn, b: RowIn): number {
  return (a.id as bigint) < (b.id as bigint) ? -1 : 1
}

interface Version {
  readonly id: bigint
  readonly source: string
  readonly source_id: string
  readonly row_hash: bigint
  readonly updated_at: number | null
}

function isOlder(row: RowIn, version: Version): boolean {
  const updated = row.updated_at ?? null
  return updated !== null && version.updated_at !== null && (updated as number) < version.updated_at
}

/** Settings every session needs, whatever the server, the role or the URL say; a stream is read to its end. */
function session(statementTimeout: number, lockTimeout: number): (client: Pick<PoolClient, 'query'>) => Promise<void> {
  return async (client) => {
    await client.query(
      `SELECT set_config('TimeZone', 'UTC', FALSE), set_config('DateStyle', 'ISO, YMD', FALSE),
              set_config('extra_float_digits', '1', FALSE), set_config('standard_conforming_strings', 'on', FALSE),
              set_config('cursor_tuple_fraction', '1', FALSE),
              set_config('statement_timeout', $1, FALSE), set_config('lock_timeout', $2, FALSE)`,
      [String(Math.trunc(statementTimeout)), String(Math.trunc(lockTimeout))],
    )
  }
}

function stored(value: Value | undefined): Value | undefined {
  return typeof value === 'string' ? storable(value) : value
}

function byTenant(rows: readonly RowIn[]): Map<number, RowIn[]> {
  const groups = new Map<number, RowIn[]>()
  for (const row of rows) {
    const group = groups.get(row.tenant_id as number)
    if (group) group.push(row)
    else groups.set(row.tenant_id as number, [row])
  }
  return groups
}

function* batches(rows: readonly RowIn[]): Generator<readonly RowIn[]> {
  for (let start = 0; start < rows.length; start += BATCH) yield rows.slice(start, start + BATCH)
}
