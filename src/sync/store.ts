import type { Database, Transaction } from '../db/database.ts'
import { RECORD_TABLES, type RecordTable } from '../db/schema.ts'
import type { Settings } from '../model/settings.ts'
import { AliasBook } from './alias.ts'
import { eraseContacts, erasuresOf, isErasure, noteErasures, type Tombstones } from './erase.ts'
import { ErasedBook } from './erased-book.ts'
import { type LoadedCounts, Loader } from './load.ts'
import { mergeRecords } from './merge.ts'
import { prune } from './prune.ts'
import { removeRecords } from './remove.ts'
import type { Group, Sink } from './runner.ts'
import { channelTraits, ruleChannels } from './workspace.ts'

/** Whose records are read, from where. */
export interface Origin {
  readonly tenant: number
  /** Connector id. */
  readonly source: string
  readonly settings: Settings
}

/** What a read resumes by. */
export interface CursorKey {
  /** Connection, or the import. */
  readonly connection: string
  readonly stream: string
}

function loaderFor({ tenant, source, settings }: Origin, aliases?: AliasBook): Loader {
  return new Loader({ tenant, source, ruleChannel: ruleChannels(settings), aliases }, channelTraits(settings))
}

/** More to do with the groups of a read. */
export interface SinkOptions {
  /** None for a read that is never resumed. */
  readonly key?: CursorKey | undefined
  /** Merges known so far; those met are added. Default: the source has none. */
  readonly aliases?: AliasBook | undefined
  /** Where erasures are kept; a read that may tell of some must name it. */
  readonly state?: Tombstones | undefined
  /** More to write in the transaction of a group. */
  readonly also?: ((tx: Transaction, group: Group) => Promise<void>) | undefined
}

/** Writes groups into the fact store, each in one transaction with the cursor that covers it. */
export function storeSink(database: Database, origin: Origin, options: SinkOptions = {}): Sink {
  const { key, aliases = new AliasBook(), state, also } = options
  const loader = loaderFor(origin, aliases)
  return {
    map: (record) => loader.map(record),
    async write(group) {
      const { rows, deleted, merged, cursor } = group
      const { tenant } = origin
      const others = deleted.filter((ref) => !isErasure(ref))
      if (!state && others.length < deleted.length) throw new TypeError('erasures need the state store')
      const erasures = state ? await erasuresOf(state, origin, group) : []
      if (state && erasures.length > 0) await noteErasures(state, database, origin, erasures)
      return database.write(async (tx) => {
        // Whoever has read what is erased here has written it before, in whatever process, or knows of it.
        await tx.lock('erasures', tenant, erasures.length > 0 ? 'alone' : 'shared')
        // First the merges: what the group says about a winner is said after it.
        const merges = await mergeRecords(tx, origin, merged, aliases)
        const { standIns = [], ...counts }: LoadedCounts =
          rows.length > 0 ? await loader.write(tx, rows) : { imported: 0, unchanged: 0 }
        const gone = await removeRecords(tx, origin, others)
        if (standIns.length > 0) await eraseContacts(tx, tenant, standIns, { late: true })
        const erased = erasures.length > 0 ? await eraseContacts(tx, tenant, erasures) : 0
        // Here and not after it: a kill must leave no address behind.
        if (erased > 0) await prune(tx, tenant)
        await also?.(tx, group)
        if (key) await saveCursor(tx, tenant, key, cursor)
        return { ...counts, deleted: gone + erased, merged: merges }
      })
    },
  }
}

/** Saves where a stream resumes. */
export async function saveCursor(tx: Transaction, tenant: number, { connection, stream }: CursorKey, cursor: string) {
  await tx.run('DELETE FROM sync_cursor WHERE tenant_id = $1 AND connection = $2 AND stream = $3', [
    tenant,
    connection,
    stream,
  ])
  await tx.run('INSERT INTO sync_cursor VALUES ($1, $2, $3, $4)', [tenant, connection, stream, cursor])
}

/** Where a stream resumes; null = at the beginning. */
export async function readCursor(database: Database, tenant: number, key: CursorKey): Promise<string | null> {
  const [row] = await database.query<{ cursor: string }>(
    'SELECT cursor FROM sync_cursor WHERE tenant_id = $1 AND connection = $2 AND stream = $3',
    [tenant, key.connection, key.stream],
  )
  return row?.cursor ?? null
}

/** Forgets where the streams of a connection resume. */
export async function forgetCursors(tx: Transaction, tenant: number, connection: string): Promise<void> {
  await tx.run('DELETE FROM sync_cursor WHERE tenant_id = $1 AND connection = $2', [tenant, connection])
}

/** Compares groups with the fact store as it is and counts what writing them would do. Writes nothing. */
export function comparingSink(database: Database, origin: Origin): Sink {
  const loader = loaderFor(origin)
  const book = new ErasedBook()
  return {
    map: (record) => loader.map(record),
    async write({ rows: given }: Group) {
      await book.refresh(database, origin.tenant)
      const { records: rows, standIns, erased } = book.clear(given)
      let unchanged = standIns.length
      let imported = 0
      for (const table of RECORD_TABLES) {
        const mine = new Map(rows.filter((row) => row.table === table).map(({ row }) => [row.id as bigint, row]))
        if (mine.size === 0) continue
        const stored = await versions(database, origin.tenant, table, mine.keys())
        for (const [id, row] of mine) {
          const version = stored.get(id)
          const older =
            version?.updated_at != null && ((row.updated_at as number | null) ?? Infinity) < version.updated_at
          if (version && (version.row_hash === row.row_hash || older)) unchanged += 1
          else imported += 1
        }
      }
      return { imported, unchanged, erased, deleted: 0, merged: 0 }
    },
  }
}

interface Version {
  readonly id: bigint
  readonly row_hash: bigint
  readonly updated_at: number | null
}

async function versions(database: Database, tenant: number, table: RecordTable, ids: Iterable<bigint>) {
  const found = await database.query<Version>(
    `SELECT t.id, t.row_hash, t.updated_at
     FROM (SELECT CAST(unnest(string_to_array($2, ',')) AS BIGINT) AS id) AS asked
     JOIN ${table} AS t ON t.tenant_id = $1 AND t.id = asked.id`,
    [tenant, [...ids].join(',')],
  )
  return new Map(found.map((version) => [version.id, version]))
}

/** Where it is noted that the fact store holds all file imports up to one; without it they have to be replayed. */
const APPLIED: CursorKey = { connection: 'files', stream: 'applied' }

export function markApplied(tx: Transaction, tenant: number, importId: string): Promise<void> {
  return saveCursor(tx, tenant, APPLIED, importId)
}

/** The import up to which the fact store is complete; null while it is not. */
export function appliedImport(database: Database, tenant: number): Promise<string | null> {
  return readCursor(database, tenant, APPLIED)
}

export async function forgetApplied(tx: Transaction, tenant: number): Promise<void> {
  await tx.run('DELETE FROM sync_cursor WHERE tenant_id = $1 AND connection = $2 AND stream = $3', [
    tenant,
    APPLIED.connection,
    APPLIED.stream,
  ])
}
