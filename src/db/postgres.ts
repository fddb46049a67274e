import {
  Client,
  type ClientConfig,
  Pool,
  type PoolClient,
  type PoolConfig,
  type QueryArrayConfig,
  type QueryResult,
} from 'pg'
import { isRoiError, type Kind, RoiError, type Text } from '../errors.ts'
import type { Database, Profile, Reader, RowOut, Transaction, Upserted } from './database.ts'
import { collided, diskFull } from './errors.ts'
import { type ColumnType, columnsOf, type RecordTable, type RowIn, type Table, type Value } from './schema.ts'
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

const TYPES: Record<ColumnType, string> = {
  integer: 'INTEGER',
  bigint: 'BIGINT',
  double: 'DOUBLE PRECISION',
  text: 'TEXT',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  date: 'DATE',
}

/** What may come out, by the server's type number. Anything else is an error that names the column. */
const PARSERS = new Map<number, (text: string) => Value>([
  [16, (text) => text === 't'],
  [20, BigInt],
  [21, Number],
  [23, Number],
  [26, Number],
  [700, Number],
  [701, Number],
  [1082, String],
  [1114, toInstant],
])
/** char, name, text, json, unknown, bpchar, varchar. */
const TEXTUAL = new Set([18, 19, 25, 114, 705, 1042, 1043])
const NUMERIC = 1700

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
    const config: PoolConfig = {
      connectionString: url,
      Client: connecting(options.connectTimeout ?? 10_000),
      idleTimeoutMillis: 300_000,
      fallback_application_name: 'roi-panel',
      keepAlive: true,
      types: { getTypeParser: (oid: number) => PARSERS.get(oid) ?? String } as NonNullable<PoolConfig['types']>,
    }
    const pool = (max: number, timeout: number) => {
      const pool = new Pool({ ...config, max, onConnect: session(timeout, options.lockTimeout ?? 60_000) })
      pool.on('error', (error) => options.onIdleError?.(error))
      // The pool listens only while a connection is idle; lost between two statements it would end the process.
      pool.on('connect', (client) => client.on('error', () => undefined))
      return pool
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
      return rowsOf<Row>(await this.#readers.query(statement(text, parameters)))
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
    let client: PoolClient
    try {
      client = await pool.connect()
    } catch (error) {
      throw this.#translate(error)
    }
    const session = new PostgresTransaction(client, this.#translate)
    try {
      await session.send(text)
      return session
    } catch (error) {
      await session.end()
      throw error
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
        const ids = await this.#replace(table, [...fresh, ...newer])
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

/**
 * The driver's client, except that a connection that could not be opened is closed: left half open it would hold the
 * process, and a server waiting for the rest of a login can create or drop no database. The time limit is the client's
 * and not the pool's, which would also count the wait for a free connection.
 */
function connecting(timeout: number): new (config?: ClientConfig) => Client {
  return class extends Client {
    constructor(config?: ClientConfig) {
      super({ ...config, connectionTimeoutMillis: timeout })
    }

    override connect(): Promise<Client>
    override connect(callback: Connected): void
    override connect(callback?: Connected): Promise<Client> | undefined {
      const connected = super.connect().catch((error: unknown) => {
        this.end(() => undefined)
        throw error
      })
      if (!callback) return connected
      connected.then(() => (callback as (error: null, client: Client) => void)(null, this), callback as Failed)
      return undefined
    }
  }
}

type Failed = (error: Error) => void
type Connected = Failed | ((error: null, client: Client) => void)

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

/** The extended protocol takes one statement per text, so a text can never carry a second one. */
function statement(text: string, parameters: readonly Value[]): QueryArrayConfig {
  const values = parameters.map((value) => {
    if (typeof value === 'string') return storable(value)
    return typeof value === 'bigint' ? value.toString() : value
  })
  return { text, values, queryMode: 'extended' } as unknown as QueryArrayConfig
}

function rowsOf<Row>(result: Pick<QueryResult, 'fields' | 'rows'>): Row[] {
  for (const { name, dataTypeID } of result.fields) {
    if (PARSERS.has(dataTypeID) || TEXTUAL.has(dataTypeID)) continue
    if (dataTypeID !== NUMERIC) throw new TypeError(`column "${name}": type ${dataTypeID} without a mapping`)
    for (const row of result.rows) {
      if (row[name] === null) continue
      if (!/^-?\d+$/.test(row[name])) {
        throw new TypeError(`column "${name}": numeric value ${row[name]} is not whole; CAST it AS DOUBLE PRECISION`)
      }
      row[name] = BigInt(row[name])
    }
  }
  return result.rows as Row[]
}

const INSTANT = /^(\d+)-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d+))?( BC)?$/

/** Epoch milliseconds of a TIMESTAMP; parts of a millisecond are cut off towards 1970, as DuckDB's mapping does. */
function toInstant(text: string): number {
  const match = INSTANT.exec(text)
  if (!match) throw new TypeError(`timestamp out of range: ${text}`)
  const [, year, month, day, hour, minute, second, fraction = '', era] = match
  const date = new Date(0)
  date.setUTCFullYear(era ? 1 - Number(year) : Number(year), Number(month) - 1, Number(day))
  date.setUTCHours(Number(hour), Number(minute), Number(second))
  const micros = Number(fraction.padEnd(6, '0'))
  const instant = date.getTime() + Math.floor(micros / 1000)
  return instant < 0 && micros % 1000 > 0 ? instant + 1 : instant
}

/** A TIMESTAMP as PostgreSQL reads it: no sign before a long year, `BC` behind an early one. */
function fromInstant(instant: number): string {
  const text = new Date(instant).toISOString()
  if (text.length === 24 && !text.startsWith('0000')) return text.slice(0, -1)
  const year = new Date(instant).getUTCFullYear()
  const rest = text.slice(text.startsWith('0000') ? 4 : 7, -1)
  return year > 0 ? `${year}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} BC`
}

/** Names of a table's columns, its rows as `unnest($1, …)`, and the assignments of an upsert. */
function shapeOf(table: Table): { names: string; source: string; assignments: string } {
  const columns = columnsOf(table)
  return {
    names: columns.map(([name]) => `"${name}"`).join(', '),
    source: `unnest(${columns.map(([, type], i) => `CAST($${i + 1} AS ${TYPES[type]}[])`).join(', ')})`,
    assignments: columns.map(([name]) => `"${name}" = EXCLUDED."${name}"`).join(', '),
  }
}

function arrays(table: Table, rows: readonly RowIn[]): string[] {
  return columnsOf(table).map(([name, type]) => literal(rows, name, type))
}

/** One column of rows as an array literal: written here because the driver's own quotes and escapes every number. */
function literal(rows: readonly RowIn[], name: string, type: ColumnType): string {
  return `{${rows.map((row) => element(row[name] ?? null, type)).join(',')}}`
}

function element(value: Value, type: ColumnType): string {
  if (value === null) return 'NULL'
  if (type === 'text') return `"${storable(String(value)).replace(/["\\]/g, '\\$&')}"`
  if (type === 'timestamp') return `"${fromInstant(value as number)}"`
  return Object.is(value, -0) ? '-0' : String(value)
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

/** Failures of the way to the server, as Node and the driver name them. */
const UNREACHABLE =
  /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOENT|connection terminated|timeout expired|connection error and is not queryable|does not support SSL/i

/** Turns what the server and the driver throw into failures a person can act on; everything else passes as it is. */
function translator(url: string): (error: unknown) => unknown {
  const place = placeOf(url)
  return (error) => {
    if (!(error instanceof Error) || isRoiError(error)) return error
    const state = 'code' in error && typeof error.code === 'string' ? error.code : ''
    if (state === '53100') return diskFull(error)
    const failure = failureOf(state, error.message)?.(place)
    return failure ? new RoiError(failure.kind, failure.code, failure.text, failure.remedy, { cause: error }) : error
  }
}

interface Failure {
  readonly kind: Kind
  readonly code: string
  readonly text: Text
  readonly remedy: Text
}

function failureOf(state: string, message: string): ((place: string) => Failure) | undefined {
  const known = EXPECTED.find(([pattern]) => pattern.test(state))
  if (known) return known[1]
  // The driver's own words when the server asks for a password and the URL has none.
  if (message.startsWith('SASL')) return refused
  return UNREACHABLE.test(`${state} ${message}`) ? unreachable : undefined
}

/** By SQLSTATE. */
const EXPECTED: readonly (readonly [RegExp, (place: string) => Failure])[] = [
  [/^(08...|57P0[123]|53300)$/, unreachable],
  [/^28...$/, refused],
  [
    /^3D000$/,
    (place) => ({
      kind: 'unavailable',
      code: 'store_missing',
      text: { en: `There is no database ${place}.`, 'zh-CN': `数据库 ${place} 不存在。` },
      remedy: {
        en: 'Create it with encoding UTF8, or name another one in ROI_PANEL_DATABASE_URL.',
        'zh-CN': '请以 UTF8 编码创建该数据库，或在 ROI_PANEL_DATABASE_URL 中指定其他数据库。',
      },
    }),
  ],
  [
    /^42501$/,
    (place) => ({
      kind: 'unavailable',
      code: 'store_forbidden',
      text: {
        en: `The user of ROI_PANEL_DATABASE_URL lacks a right in ${place}.`,
        'zh-CN': `ROI_PANEL_DATABASE_URL 中的用户在 ${place} 中权限不足。`,
      },
      remedy: {
        en: 'Make it the owner of the database (ALTER DATABASE … OWNER TO …), then run the same command again.',
        'zh-CN': '请将该用户设为数据库所有者（ALTER DATABASE … OWNER TO …），然后重新运行同一命令。',
      },
    }),
  ],
  [
    /^25006$/,
    (place) => ({
      kind: 'unavailable',
      code: 'store_read_only',
      text: {
        en: `PostgreSQL at ${place} accepts no changes at the moment.`,
        'zh-CN': `位于 ${place} 的 PostgreSQL 目前不接受写入。`,
      },
      remedy: {
        en: 'Name the primary server, or free its disk if the provider locked it, then run the same command again.',
        'zh-CN': '请指定主服务器；若因磁盘已满被服务商锁定，请先释放空间，然后重新运行同一命令。',
      },
    }),
  ],
  [
    /^(55P03|40P01|40001)$/,
    () => ({
      kind: 'unavailable',
      code: 'store_busy',
      text: {
        en: 'Another process is changing the same data. Nothing of this step was saved.',
        'zh-CN': '另一个进程正在修改相同的数据。本步骤未保存任何内容。',
      },
      remedy: { en: 'Run it again in a moment.', 'zh-CN': '请稍后重试。' },
    }),
  ],
  [
    /^57014$/,
    () => ({
      kind: 'unavailable',
      code: 'store_timeout',
      text: {
        en: 'The database took too long and the statement was stopped. Nothing of this step was saved.',
        'zh-CN': '数据库处理时间过长，语句已被停止。本步骤未保存任何内容。',
      },
      remedy: {
        en: 'Choose a shorter period, or run it again when the server is less busy.',
        'zh-CN': '请缩短时间范围，或在服务器较空闲时重试。',
      },
    }),
  ],
]

function refused(place: string): Failure {
  return {
    kind: 'unavailable',
    code: 'store_login',
    text: {
      en: `PostgreSQL at ${place} refused the user or the password.`,
      'zh-CN': `位于 ${place} 的 PostgreSQL 拒绝了用户名或密码。`,
    },
    remedy: {
      en: 'Check both in ROI_PANEL_DATABASE_URL; special characters of a password must be percent-encoded there.',
      'zh-CN': '请检查 ROI_PANEL_DATABASE_URL 中的用户名和密码；密码中的特殊字符须用百分号编码。',
    },
  }
}

function unreachable(place: string): Failure {
  return {
    kind: 'unavailable',
    code: 'store_unreachable',
    text: { en: `PostgreSQL at ${place} cannot be reached.`, 'zh-CN': `无法连接位于 ${place} 的 PostgreSQL。` },
    remedy: {
      en: 'Check that the server runs and that ROI_PANEL_DATABASE_URL names it, then run the same command again.',
      'zh-CN': '请确认服务器正在运行且 ROI_PANEL_DATABASE_URL 指向该服务器，然后重新运行同一命令。',
    },
  }
}

/** `host:port/database`: what may be shown of a URL. */
function placeOf(url: string): string {
  try {
    if (!/^postgres(ql)?:\/\//.test(url)) throw new TypeError('another kind of URL')
    const { host, port, database } = new Client({ connectionString: url })
    return `${host}:${port}/${database}`
  } catch {
    // The parser's error holds the URL and with it the password, so it is not kept as the cause.
    throw new RoiError(
      'usage',
      'store_url',
      { en: 'ROI_PANEL_DATABASE_URL is no valid URL.', 'zh-CN': 'ROI_PANEL_DATABASE_URL 不是有效的 URL。' },
      {
        en: 'Write it as postgres://user:password@host:5432/database; special characters must be percent-encoded.',
        'zh-CN': '格式为 postgres://user:password@host:5432/database；特殊字符须用百分号编码。',
      },
    )
  }
}
