import type { Reader } from '../db/database.ts'
import type { RowIn } from '../db/schema.ts'
import type { RefKind } from '../model/ids.ts'
import type { Mapped } from './rows.ts'

/** Records that may be written, once nothing personal of erased people is left in them. */
export interface Cleared {
  readonly records: readonly Mapped[]
  /** Erased contacts as stand-ins, for those that have none yet. Their keys are still there. */
  readonly standIns: readonly Mapped[]
  /** How many records were of erased people. */
  readonly erased: number
}

/** Addresses of people: their texts are as personal as the records that hold them. */
const ADDRESSES: ReadonlySet<RefKind> = new Set(['email', 'phone', 'external'])

/**
 * What a contact keeps when its person is erased: dates and account, by which the figures stay what they were; and its keys,
 * until what they name is found.
 */
const NO_PERSON = {
  email: null,
  phone: null,
  external_id: null,
  name: null,
  lead_source: null,
  region: null,
  industry: null,
  attributes: null,
  updated_at: null,
  row_hash: 0n,
} as const satisfies RowIn
/** The same of a touch as in erase-touches.sql. */
const NO_TRACE = {
  landing_url: null,
  referrer: null,
  click_id: null,
  utm_term: null,
  utm_content: null,
  attributes: null,
} as const satisfies RowIn
const NO_NAME = { name: null, attributes: null } as const satisfies RowIn

/** The erased contacts of a workspace, as the fact store knows them. */
export class ErasedBook {
  #ids: ReadonlySet<bigint> = new Set()
  /** Touches that named an erased contact by an address it had alone, by their own id. */
  #touches: ReadonlyMap<bigint, bigint> = new Map()

  /**
   * Brings the book up to date: read it where it is used, inside the transaction that writes.
   * @returns whether somebody was erased since it was read last
   */
  async refresh(reader: Reader, tenant: number): Promise<boolean> {
    const [row] = await reader.query<{ n: bigint }>('SELECT count(*) AS n FROM erased WHERE tenant_id = $1', [tenant])
    // None is ever taken out again.
    if (Number(row?.n ?? 0) === this.#ids.size) return false
    const ids = await reader.query<{ id: bigint }>('SELECT id FROM erased WHERE tenant_id = $1', [tenant])
    const touches = await reader.query<{ id: bigint; ref_id: bigint }>(
      `SELECT id, ref_id FROM touch WHERE tenant_id = $1 AND ref_id IN (SELECT id FROM erased WHERE tenant_id = $1)`,
      [tenant],
    )
    this.#ids = new Set(ids.map(({ id }) => id))
    this.#touches = new Map(touches.map(({ id, ref_id }) => [id, ref_id]))
    return true
  }

  get size(): number {
    return this.#ids.size
  }

  /** Takes out of records what is personal of erased people, whatever says it now. */
  clear(records: readonly Mapped[]): Cleared {
    if (this.#ids.size === 0) return { records, standIns: [], erased: 0 }
    const left: Mapped[] = []
    const standIns: Mapped[] = []
    let erased = 0
    for (const record of records) {
      const cleared = this.#clear(record)
      if (cleared !== record) erased += 1
      if (cleared !== record && record.table === 'contact') standIns.push(cleared)
      else left.push(cleared)
    }
    return { records: left, standIns, erased }
  }

  #clear(record: Mapped): Mapped {
    const { table, row } = record
    if (table === 'contact') return this.#has(row.id) ? without(record, NO_PERSON) : record
    if (table === 'lead') return this.#has(row.contact_id) ? without(record, NO_NAME) : record
    if (table !== 'touch') return record
    // One that was given to the stand-in stays with it: by its address it would be anybody's.
    const ref = this.#touches.get(row.id as bigint) ?? row.ref_id
    return this.#has(ref) ? without(record, { ...NO_TRACE, ref_id: ref as bigint, person_id: ref as bigint }) : record
  }

  #has(id: unknown): boolean {
    return typeof id === 'bigint' && this.#ids.has(id)
  }
}

function without(record: Mapped, personal: RowIn): Mapped {
  const refs = record.refs.filter(({ kind }) => !ADDRESSES.has(kind))
  return { ...record, row: { ...record.row, ...personal }, refs }
}
