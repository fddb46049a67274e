import type { RecordTable, RowIn, Table, Value } from './schema.ts'

/** What an engine can do, asked by flag and never by name. */
export interface Profile {
  /** `embedded`: one file, one owner; `server`: shared by processes. */
  readonly kind: 'embedded' | 'server' | 'distributed'
  /** Keeps keys and indexes on big tables. */
  readonly indexes: boolean
  /** Row order on disk matters and is kept by {@link Database.recluster}. */
  readonly clustered: boolean
}

/** A row on its way out: bigint for integers of 64 bits, epoch milliseconds for TIMESTAMP, `YYYY-MM-DD` for DATE. */
export type RowOut = Record<string, Value>

/** Reads. Parameters are `$1 …`; nothing is ever spliced into a text. */
export interface Reader {
  query<Row = RowOut>(sql: string, parameters?: readonly Value[]): Promise<Row[]>
}

/** What an upsert did. `previous` holds the replaced versions, for what has to be recomputed. */
export interface Upserted {
  readonly inserted: number
  readonly updated: number
  readonly unchanged: number
  /** Ids of the rows that were inserted or replaced. */
  readonly changed: ReadonlySet<bigint>
  readonly previous: readonly RowOut[]
}

/** `erasures`: shared by who writes people's records, alone for who erases some. `manual`: alone for who takes over entries. */
export type Lock = 'erasures' | 'manual'

/** One write transaction. It commits when its work resolves and leaves nothing when it rejects. */
export interface Transaction extends Reader {
  /** Runs a statement that returns nothing. */
  run(sql: string, parameters?: readonly Value[]): Promise<void>
  /**
   * Inserts new records, replaces changed ones (other content hash and not older), keeps the rest.
   * `rows` holds each (tenant_id, id) once. `keep` names the columns returned in `previous`.
   */
  upsert(table: RecordTable, rows: readonly RowIn[], keep: readonly string[]): Promise<Upserted>
  /** Adds rows as they are, fast. */
  insert(table: Table, rows: readonly RowIn[]): Promise<void>
  /** Adds the rows whose `key` columns are not there yet. */
  insertMissing(table: Table, rows: readonly RowIn[], key: readonly string[]): Promise<void>
  /**
   * Waits until nobody in another process is at what this excludes, and excludes it until the end: `alone` everybody,
   * `shared` who is alone. The first thing in a transaction, so that nobody waits for it while others wait for him.
   */
  lock(what: Lock, tenant: number, how: 'shared' | 'alone'): Promise<void>
}

/** The fact store. */
export interface Database extends Reader {
  readonly profile: Profile
  /** Committed writes so far, where nobody else can write: answers stay right while it stands. Else null. */
  readonly version: number | null
  /** Runs reads that all see one state of the store, whatever is written meanwhile. */
  snapshot<T>(work: (reader: Reader) => Promise<T>): Promise<T>
  /** Reads a large answer in batches without holding it in memory. */
  stream<Row = RowOut>(sql: string, parameters?: readonly Value[]): AsyncIterable<Row[]>
  /** Runs work in one write transaction; writers queue up, readers beside them see the state before or after. */
  write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>
  /** Puts the rows of a table into the order its scans profit from; no effect on engines that do not cluster. */
  recluster(): Promise<void>
  close(): Promise<void>
}
