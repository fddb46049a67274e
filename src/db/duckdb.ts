import {
  BIGINT,
  BOOLEAN,
  DATE,
  DOUBLE,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBInstance,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api'
import { RoiError } from '../errors.ts'
import type { Database, Profile, Reader, RowOut, Transaction, Upserted } from './database.ts'
import { collided, diskFull } from './errors.ts'
import { type ColumnType, columnsOf, type RecordTable, type RowIn, type Table, type Value } from './schema.ts'
import { storable } from './text.ts'

const PROFILE: Profile = { kind: 'embedded', indexes: false, clustered: true }
const CHUNK = 2048
const TYPES: Record<ColumnType, DuckDBType> = {
  integer: INTEGER,
  bigint: BIGINT,
  double: DOUBLE,
  text: VARCHAR,
  boolean: BOOLEAN,
  timestamp: TIMESTAMP,
  date: DATE,
}

/** How many connections read beside the writer. More would only queue behind the same two cores. */
const READERS = 4

export interface DuckDBOptions {
  /** Memory DuckDB may use before it spills, such as `2GB`; default: its own (80 % of the machine). */
  readonly memoryLimit?: string
  readonly threads?: number
  /** Where it spills. */
  readonly tempDirectory?: string
}

/**
 * Opens the embedded fact store. One process, one owner: a second opener is refused by the file lock, and within this
 * process `fromCache` shares the one instance (two instances on one file would silently lose rows).
 * @param path file, or `:memory:`
 * @throws RoiError `store_locked`, `store_damaged`, `disk_full`
 */
export async function openDuckDB(path: string, options: DuckDBOptions = {}): Promise<Database> {
  // The place to spill to comes first: it cannot be set any more once access to the outside is off.
  const config: Record<string, string> = {
    ...(options.tempDirectory ? { temp_directory: options.tempDirectory } : {}),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    enable_external_access: 'false',
    preserve_insertion_order: 'true',
  }
  if (options.memoryLimit) config.memory_limit = options.memoryLimit
  if (options.threads) config.threads = String(options.threads)
  config.lock_configuration = 'true'
  try {
    const instance =
      path === ':memory:' ? await DuckDBInstance.create(path, config) : await DuckDBInstance.fromCache(path, config)
    const writer = await instance.connect()
    return new DuckDB(instance, writer)
  } catch (error) {
    throw translate(error, true)
  }
}

class DuckDB implements Database {
  readonly profile = PROFILE
  readonly #instance: DuckDBInstance
  readonly #writer: DuckDBConnection
  readonly #idle: DuckDBConnection[] = []
  #open = 0
  readonly #waiting: ((connection: DuckDBConnection) => void)[] = []
  #tail: Promise<unknown> = Promise.resolve()
  #version = 0

  constructor(instance: DuckDBInstance, writer: DuckDBConnection) {
    this.#instance = instance
    this.#writer = writer
  }

  get version(): number {
    return this.#version
  }

  async query<Row = RowOut>(text: string, parameters: readonly Value[] = []): Promise<Row[]> {
    const connection = await this.#acquire()
    try {
      return await read<Row>(connection, text, parameters)
    } finally {
      this.#release(connection)
    }
  }

  async snapshot<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    const connection = await this.#acquire()
    try {
      await execute(connection, 'BEGIN')
      return await work({ query: (text, parameters = []) => read(connection, text, parameters) })
    } finally {
      await connection.run('ROLLBACK').catch(() => undefined)
      this.#release(connection)
    }
  }

  async *stream<Row = RowOut>(text: string, parameters: readonly Value[] = []): AsyncIterable<Row[]> {
    const connection = await this.#acquire()
    try {
      const result = await connection.stream(text, ...bind(parameters))
      for await (const rows of result.yieldRowObjects()) yield rows.map(toRowOut<Row>)
    } catch (error) {
      throw translate(error)
    } finally {
      this.#release(connection)
    }
  }

  write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const turn = this.#tail.then(() => this.#transact(work))
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  async #transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    await execute(this.#writer, 'BEGIN')
    const transaction = new DuckDBTransaction(this.#writer)
    try {
      const result = await work(transaction)
      transaction.end()
      await execute(this.#writer, 'COMMIT')
      this.#version += 1
      return result
    } catch (error) {
      transaction.end('failed')
      // A failed statement may have ended the transaction already; the first error is the one to tell.
      await this.#writer.run('ROLLBACK').catch(() => undefined)
      throw error
    }
  }

  /** Touches by (tenant, person, time): a journey is a few neighbouring rows, so scans skip the rest. */
  async recluster(): Promise<void> {
    await this.write(async (tx) => {
      await tx.run('CREATE OR REPLACE TEMP TABLE touch_sorted AS FROM touch ORDER BY tenant_id, person_id, occurred_at')
      await tx.run('DELETE FROM touch')
      await tx.run('INSERT INTO touch FROM touch_sorted')
      await tx.run('DROP TABLE touch_sorted')
    })
    await this.write((tx) => tx.run('FORCE CHECKPOINT')).catch(() => undefined)
  }

  async close(): Promise<void> {
    await this.#tail
    await this.#writer.run('CHECKPOINT').catch(() => undefined)
    this.#writer.closeSync()
    for (const connection of this.#idle) connection.closeSync()
    this.#instance.closeSync()
  }

  async #acquire(): Promise<DuckDBConnection> {
    const idle = this.#idle.pop()
    if (idle) return idle
    if (this.#open < READERS) {
      this.#open += 1
      return this.#instance.connect()
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #release(connection: DuckDBConnection): void {
    const next = this.#waiting.shift()
    if (next) next(connection)
    else this.#idle.push(connection)
  }
}

class DuckDBTransaction implements Transaction {
  readonly #connection: DuckDBConnection
  #state: 'open' | 'failed' | 'ended' = 'open'

  constructor(connection: DuckDBConnection) {
    this.#connection = connection
  }

  query<Row = RowOut>(text: string, parameters: readonly Value[] = []): Promise<Row[]> {
    return this.#guard(() => read<Row>(this.#connection, text, parameters))
  }

  run(text: string, parameters: readonly Value[] = []): Promise<void> {
    return this.#guard(() => execute(this.#connection, text, parameters))
  }

  /**
   * Takes no statement from here on. The engine undoes everything when a statement fails and then answers COMMIT as if
   * all were well, so a failure that the work swallowed is told here.
   */
  end(outcome?: 'failed'): void {
    const failed = this.#state === 'failed' && outcome !== 'failed'
    this.#state = 'ended'
    if (failed) throw new Error('a statement of the transaction failed, so nothing of it was kept')
  }

  /** After the end a statement would commit by itself. */
  async #guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.#state === 'ended') throw new Error('the transaction has ended')
    try {
      return await work()
    } catch (error) {
      if (this.#state === 'open') this.#state = 'failed'
      throw error
    }
  }

  /** One process has the file, and its writers queue up. */
  async lock(): Promise<void> {}

  async insert(table: Table, rows: readonly RowIn[]): Promise<void> {
    if (rows.length > 0) await this.#append(table, table, null, rows)
  }

  async insertMissing(table: Table, rows: readonly RowIn[], key: readonly string[]): Promise<void> {
    if (rows.length === 0) return
    const stage = await this.#stage(table, rows)
    const on = key.map((column) => `t.${column} = s.${column}`).join(' AND ')
    await this.run(
      `INSERT INTO ${table} SELECT DISTINCT ON (${key.map((column) => `s.${column}`).join(', ')}) s.* FROM ${stage} AS s
       WHERE NOT EXISTS (SELECT 1 FROM ${table} AS t WHERE ${on})`,
    )
    await this.run(`DELETE FROM ${stage}`)
  }

  /**
   * Stage, compare, delete the replaced, insert the rest. Without a primary key on the table: four times faster than
   * ON CONFLICT and smaller on disk (engine.md §2).
   */
  async upsert(table: RecordTable, rows: readonly RowIn[], keep: readonly string[]): Promise<Upserted> {
    if (rows.length === 0) return { inserted: 0, updated: 0, unchanged: 0, changed: new Set(), previous: [] }
    const stage = await this.#stage(table, rows)
    const kept = keep.map((column) => `, t.${column}`).join('')
    const changed = `t.row_hash <> s.row_hash AND NOT coalesce(s.updated_at < t.updated_at, FALSE)`
    const collision = await this.query<{ source_id: string }>(
      `SELECT s.source_id FROM ${stage} AS s JOIN ${table} AS t ON t.tenant_id = s.tenant_id AND t.id = s.id
       WHERE t.source <> s.source OR t.source_id <> s.source_id LIMIT 1`,
    )
    if (collision[0]) throw collided(table, collision[0].source_id)
    const previous = await this.query<RowOut & { id: bigint }>(
      `SELECT t.id${kept} FROM ${stage} AS s JOIN ${table} AS t ON t.tenant_id = s.tenant_id AND t.id = s.id WHERE ${changed}`,
    )
    await this.run(
      `DELETE FROM ${stage} AS s USING ${table} AS t
       WHERE t.tenant_id = s.tenant_id AND t.id = s.id AND NOT (${changed})`,
    )
    const left = await this.query<{ id: bigint }>(`SELECT id FROM ${stage}`)
    if (previous.length > 0) {
      await this.run(`DELETE FROM ${table} AS t USING ${stage} AS s WHERE t.tenant_id = s.tenant_id AND t.id = s.id`)
    }
    if (left.length > 0) await this.run(`INSERT INTO ${table} SELECT * FROM ${stage}`)
    await this.run(`DELETE FROM ${stage}`)
    return {
      inserted: left.length - previous.length,
      updated: previous.length,
      unchanged: rows.length - left.length,
      changed: new Set(left.map((row) => row.id)),
      previous,
    }
  }

  async #stage(table: Table, rows: readonly RowIn[]): Promise<string> {
    const stage = `stage_${table}`
    await this.run(`CREATE TEMP TABLE IF NOT EXISTS ${stage} AS FROM ${table} LIMIT 0`)
    await this.#append(table, stage, 'temp', rows)
    return stage
  }

  #append(shape: Table, table: string, catalog: string | null, rows: readonly RowIn[]): Promise<void> {
    return this.#guard(() => this.#appendRows(shape, table, catalog, rows))
  }

  async #appendRows(shape: Table, table: string, catalog: string | null, rows: readonly RowIn[]): Promise<void> {
    const columns = columnsOf(shape)
    const types = columns.map(([, type]) => TYPES[type])
    try {
      const appender: DuckDBAppender = await this.#connection.createAppender(table, 'main', catalog)
      const chunk = DuckDBDataChunk.create(types)
      for (let start = 0; start < rows.length; start += CHUNK) {
        const part = rows.slice(start, start + CHUNK)
        chunk.reset()
        chunk.setColumns(columns.map(([name, type]) => part.map((row) => toDuck(row[name] ?? null, type))))
        appender.appendDataChunk(chunk)
      }
      appender.closeSync()
    } catch (error) {
      throw translate(error)
    }
  }
}

/**
 * Runs a statement. It is planned each time: this version ends the process when a prepared INSERT is run again in
 * another transaction.
 */
async function run(connection: DuckDBConnection, text: string, parameters: readonly Value[]) {
  try {
    return await connection.runAndReadAll(text, ...bind(parameters))
  } catch (error) {
    throw translate(error)
  }
}

async function execute(connection: DuckDBConnection, text: string, parameters: readonly Value[] = []): Promise<void> {
  await run(connection, text, parameters)
}

async function read<Row>(connection: DuckDBConnection, text: string, parameters: readonly Value[]): Promise<Row[]> {
  const reader = await run(connection, text, parameters)
  return reader.getRowObjects().map(toRowOut<Row>)
}

function toRowOut<Row>(row: Record<string, DuckDBValue>): Row {
  for (const key in row) row[key] = fromDuck(row[key] as DuckDBValue) as DuckDBValue
  return row as Row
}

function bind(parameters: readonly Value[]): [values?: DuckDBValue[], types?: DuckDBType[]] {
  if (parameters.length === 0) return []
  const types = parameters.map(typeOf)
  const values = parameters.map((value, i) => {
    if (typeof value === 'string') return storable(value)
    return types[i] === BIGINT && typeof value === 'number' ? BigInt(value) : value
  })
  return [values, types]
}

/** Whole numbers are bound as integers: a DOUBLE beside an integer column would cast the column and scan it all. */
function typeOf(value: Value): DuckDBType {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) return DOUBLE
    return Math.abs(value) < 2 ** 31 ? INTEGER : BIGINT
  }
  if (typeof value === 'bigint') return BIGINT
  return typeof value === 'boolean' ? BOOLEAN : VARCHAR
}

function toDuck(value: Value, type: ColumnType): DuckDBValue {
  if (value === null) return null
  if (typeof value === 'string' && type === 'text') return storable(value)
  if (type === 'timestamp') return new DuckDBTimestampValue(BigInt(value as number) * 1000n)
  if (type === 'date') return new DuckDBDateValue(Math.round(Date.parse(value as string) / 86_400_000))
  return value
}

function fromDuck(value: DuckDBValue): Value {
  if (value === null || typeof value !== 'object') return value as Value
  if (value instanceof DuckDBTimestampValue) return Number(value.micros / 1000n)
  if (value instanceof DuckDBDateValue) return new Date(value.days * 86_400_000).toISOString().slice(0, 10)
  throw new TypeError(`column type without a mapping: ${value.constructor.name}`)
}

/** Engine errors a person can act on; everything else passes as it is. */
function translate(error: unknown, opening = false): unknown {
  if (!(error instanceof Error)) return error
  const { message } = error
  if (/could not set lock|conflicting lock|being used by another process/i.test(message)) {
    return new RoiError(
      'unavailable',
      'store_locked',
      {
        en: 'The data directory is in use by another process.',
        'zh-CN': '数据目录正被另一个进程使用。',
      },
      {
        en: 'Stop that process, or give this one its own directory with --data DIR.',
        'zh-CN': '请停止该进程，或用 --data DIR 为本进程指定另一个目录。',
      },
      { cause: error },
    )
  }
  if (/no space left|disk full|ENOSPC|could not write|file too large/i.test(message)) return diskFull(error)
  if (
    opening &&
    /not a valid DuckDB|corrupt|checksum|could not read enough bytes|serialization|replaying WAL|newer version|older version/i.test(
      message,
    )
  ) {
    return new RoiError(
      'unavailable',
      'store_damaged',
      { en: 'The fact store cannot be opened: its file is damaged.', 'zh-CN': '无法打开事实库：文件已损坏。' },
      {
        en: 'It is set aside and rebuilt from the kept import files.',
        'zh-CN': '该文件会被移到一旁，并根据已保存的导入文件重建。',
      },
      { cause: error },
    )
  }
  return error
}
