import { note } from './audit.ts'
import { places, type Sql, type Store } from './sql.ts'

/** Rows, ids or texts per statement. */
const BATCH = 100
/** A shorter text is too common to tell of one person: it counts only as a whole JSON text. */
const LONG = 5
/** More of a text need not be the same. */
const MAX_TRACE = 1000

/** Contacts that privacy erased at their source. */
export interface Erasure {
  /** As their records are stamped. */
  readonly source: string
  /** Surrogates of all ids that meant the person. */
  readonly contacts: readonly bigint[]
  /** What told of the person: e-mail, telephone, name. Refused rows that hold one of them are forgotten. Never kept. */
  readonly traces: readonly string[]
}

/** The part of the state store about people who were erased. */
export interface ErasedState {
  /**
   * Notes that contacts were erased, and forgets refused rows that tell of them, in one durable step; audited. Before the
   * facts follow, so that a kill in between revives nobody. Doing it again is harmless.
   * @returns how many were new
   */
  addErased(tenant: number, erasure: Erasure): Promise<number>
  /** Surrogates of all erased contacts of a workspace, by the source they were erased at. */
  erased(tenant: number): Promise<ReadonlyMap<bigint, string>>
  /** Those of some contacts that were erased. */
  erasedAmong(tenant: number, contacts: readonly bigint[]): Promise<ReadonlySet<bigint>>
}

export function erasedStore({ engine, at }: Store): ErasedState {
  return {
    addErased(tenant, { source, contacts, traces }) {
      return engine.transaction(async (sql) => {
        let added = 0
        for (const contact of contacts) {
          const rows = await sql.all(
            `INSERT INTO tombstone (tenant_id, source, contact, erased_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant_id, contact) DO NOTHING RETURNING contact`,
            tenant,
            source,
            String(contact),
            at(),
          )
          added += rows.length
        }
        await forgetTraces(sql, tenant, traces)
        if (added > 0) {
          const after = JSON.stringify({ contacts: added })
          await note(sql, at(), { tenant, action: 'erasure', subject: source, before: null, after }, `source:${source}`)
        }
        return added
      })
    },

    async erased(tenant) {
      const rows = await engine.all<{ contact: string; source: string }>(
        'SELECT contact, source FROM tombstone WHERE tenant_id = $1',
        tenant,
      )
      return new Map(rows.map(({ contact, source }) => [BigInt(contact), source]))
    },

    async erasedAmong(tenant, contacts) {
      const found = new Set<bigint>()
      for (let start = 0; start < contacts.length; start += BATCH) {
        const ids = contacts.slice(start, start + BATCH).map(String)
        // Filled up with what is there already, so that the text is always the same and prepared once.
        const filled = Array.from({ length: BATCH }, (_, i) => ids[i] ?? ids[0]!)
        const rows = await engine.all<{ contact: string }>(
          `SELECT contact FROM tombstone WHERE tenant_id = $1 AND contact IN (${places(2, BATCH)})`,
          tenant,
          ...filled,
        )
        for (const { contact } of rows) found.add(BigInt(contact))
      }
      return found
    },
  }
}

/** Rows of every origin: a person is as erased in a file's refused row as in a source's. */
async function forgetTraces(sql: Sql, tenant: number, traces: readonly string[]): Promise<void> {
  for (const trace of new Set(traces)) {
    if (trace === '') continue
    const json = JSON.stringify(trace.slice(0, MAX_TRACE))
    const pattern = trace.length < LONG ? json : json.slice(1, -1)
    await sql.run(
      `DELETE FROM quarantine WHERE tenant_id = $1 AND lower(raw) LIKE lower(CAST($2 AS TEXT)) ESCAPE '!'`,
      tenant,
      `%${pattern.replaceAll(/[!%_]/g, '!$&')}%`,
    )
  }
}
