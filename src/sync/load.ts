import type { Transaction, Upserted } from '../db/database.ts'
import { RECORD_TABLES, type RecordTable, type RowIn } from '../db/schema.ts'
import { UNKNOWN_CHANNEL } from '../journey/channels.ts'
import type { AnyRecord } from '../model/records.ts'
import { ErasedBook } from './erased-book.ts'
import { fixAgain, makeWay } from './manual-fixes.ts'
import { type Mapped, RefBook, type RowContext, type SeenRef, toRow } from './rows.ts'

/** Columns of a replaced or removed row that decide what has to be recomputed. */
export const KEEP: Readonly<Record<RecordTable, readonly string[]>> = {
  campaign: ['channel_id'],
  cost: [],
  contact: ['email_key', 'phone_key', 'external_key', 'account_id'],
  account: [],
  touch: ['ref_id'],
  deal: [],
  stage_change: ['deal_id'],
  payment: ['deal_id'],
  amount_change: [],
  lead: [],
  owner: [],
  stage: [],
  rate: [],
  invoice: ['deal_id'],
}

/** Dirty marks beyond this number say no more than "everything". Those of costs are counted apart. */
export const MAX_MARKS = 20_000

export interface LoadedCounts {
  imported: number
  unchanged: number
  /** Of erased people: taken without what is personal, or not at all. */
  erased?: number
  /** Contacts whose stand-in is new; their keys are still there, for whoever ends it with `eraseContacts`. */
  standIns?: readonly bigint[]
}

/** How a channel key is flagged when it is first seen. */
export interface ChannelTraits {
  isDirect(key: string): boolean
  customFactor(key: string): number
}

/**
 * Writes groups of records into the fact store and notes, in the same transaction, what a recompute has to look at.
 * One loader serves one read of one source; it keeps a bounded memory of references already written.
 */
export class Loader {
  readonly #refs = new RefBook()
  readonly #erased = new ErasedBook()
  readonly #context: RowContext
  readonly #traits: ChannelTraits
  readonly #marks = { all: 0, spend: 0, rate: 0 }

  constructor(context: Omit<RowContext, 'refs'>, traits: ChannelTraits) {
    this.#context = { ...context, refs: this.#refs }
    this.#traits = traits
  }

  /** Maps a record; throws RangeError when its money is out of range. */
  map(record: AnyRecord): Mapped {
    return toRow(record, this.#context)
  }

  /** Writes mapped records. A record met twice counts once, the later wins. Erased people stay erased. */
  async write(tx: Transaction, given: readonly Mapped[]): Promise<LoadedCounts> {
    if (await this.#erased.refresh(tx, this.#context.tenant)) this.#refs.clear()
    const { records, standIns, erased } = this.#erased.clear(given)
    const counts = { imported: 0, unchanged: 0, erased }
    const late = await this.#addStandIns(tx, standIns)
    const written = [...late]
    counts.unchanged += standIns.length
    for (const table of RECORD_TABLES) {
      const mine = new Map<bigint, Mapped>()
      for (const record of records) if (record.table === table) mine.set(record.row.id as bigint, record)
      // A page that is older than a merge still has the loser.
      for (const id of mine.keys()) if (this.#isMerged(id) && mine.delete(id)) counts.unchanged += 1
      if (mine.size === 0) continue
      if (table === 'campaign') await makeWay(tx, this.#context, mine.keys())
      const upserted = await tx.upsert(
        table,
        [...mine.values()].map((record) => record.row),
        KEEP[table],
      )
      counts.imported += upserted.changed.size
      counts.unchanged += upserted.unchanged
      const changed = [...mine.values()].filter((record) => upserted.changed.has(record.row.id as bigint))
      for (const record of changed) written.push(record)
      if (table === 'deal') await this.#writeDealContacts(tx, changed, upserted)
      if (table === 'campaign') await fixAgain(tx, this.#context.tenant, upserted.changed)
      await this.#mark(tx, table, marksOf(table, changed, upserted))
    }
    // Not of what was there already: a name that was forgotten must not come back by it.
    await this.#writeRefs(tx, written)
    return late.length === 0 ? counts : { ...counts, standIns: late.map(({ row }) => row.id as bigint) }
  }

  /** Stands in for erased contacts that the store does not know, as for those it knew. @returns those that are new */
  async #addStandIns(tx: Transaction, standIns: readonly Mapped[]): Promise<Mapped[]> {
    const mine = new Map(standIns.map((record) => [record.row.id as bigint, record]))
    for (const id of mine.keys()) if (this.#isMerged(id)) mine.delete(id)
    if (mine.size === 0) return []
    const known = await tx.query<{ id: bigint }>(
      `SELECT id FROM contact
       WHERE tenant_id = $1 AND id IN (SELECT CAST(unnest(string_to_array(CAST($2 AS TEXT), ',')) AS BIGINT))`,
      [this.#context.tenant, [...mine.keys()].join(',')],
    )
    for (const { id } of known) mine.delete(id)
    const added = [...mine.values()]
    await tx.insertMissing(
      'contact',
      added.map(({ row }) => row),
      ['tenant_id', 'id'],
    )
    await this.#mark(tx, 'contact', marksOf('contact', added, { previous: [] }))
    return added
  }

  #isMerged(id: bigint): boolean {
    const { aliases } = this.#context
    return aliases !== undefined && aliases.size > 0 && aliases.resolve(id) !== id
  }

  async #writeRefs(tx: Transaction, records: readonly Mapped[]): Promise<void> {
    const refs = new Set<SeenRef>()
    const channels = new Set<SeenRef>()
    for (const record of records) {
      for (const ref of record.refs) if (!ref.stored) refs.add(ref)
      for (const channel of record.channels) if (!channel.stored) channels.add(channel)
    }
    const unknown = this.#refs.get('channel', '', UNKNOWN_CHANNEL)
    if (!unknown.stored) channels.add(unknown)
    const tenant_id = this.#context.tenant
    await tx.insertMissing(
      'source_key',
      [...refs].map(({ id, kind, source, sourceId }) => ({ tenant_id, id, kind, source, source_id: sourceId })),
      ['tenant_id', 'id'],
    )
    await tx.insertMissing(
      'channel',
      [...channels].map(({ id, sourceId: key }) => ({
        tenant_id,
        id,
        key,
        is_direct: this.#traits.isDirect(key),
        custom_factor: this.#traits.customFactor(key),
      })),
      ['tenant_id', 'id'],
    )
    for (const ref of [...refs, ...channels]) ref.stored = true
  }

  async #writeDealContacts(tx: Transaction, deals: readonly Mapped[], upserted: Upserted): Promise<void> {
    const tenant_id = this.#context.tenant
    if (upserted.previous.length > 0) {
      await tx.insert(
        'scope',
        upserted.previous.map((row) => ({ tenant_id, kind: 'deal', id: row.id as bigint })),
      )
      await tx.run(
        // Its source has forgotten an erased contact and names it with no deal any more: here it stays with them.
        `DELETE FROM deal_contact WHERE tenant_id = $1
         AND deal_id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'deal')
         AND ref_id NOT IN (SELECT id FROM erased WHERE tenant_id = $1)`,
        [tenant_id],
      )
      await tx.run('DELETE FROM scope WHERE tenant_id = $1', [tenant_id])
    }
    const rows: RowIn[] = []
    for (const { row, contacts } of deals) {
      for (const ref_id of contacts ?? []) rows.push({ tenant_id, deal_id: row.id as bigint, ref_id })
    }
    if (this.#erased.size > 0) await tx.insertMissing('deal_contact', rows, ['tenant_id', 'deal_id', 'ref_id'])
    else await tx.insert('deal_contact', rows)
  }

  async #mark(tx: Transaction, table: RecordTable, marks: readonly Mark[]): Promise<void> {
    const tenant_id = this.#context.tenant
    if (marks.length === 0) return
    const everything = everythingOf(table)
    this.#marks[everything] += marks.length
    // Said with every group: a recompute between two of them takes the marks it finds.
    const rows = this.#marks[everything] > MAX_MARKS ? [{ kind: everything, id: 0n }] : dedupe(marks)
    await tx.insert(
      'dirty',
      rows.map(({ kind, id }) => ({ tenant_id, kind, id })),
    )
  }
}

/** The mark that says as much as one for every record of a table. */
export function everythingOf(table: RecordTable): 'all' | 'spend' | 'rate' {
  return table === 'cost' ? 'spend' : table === 'rate' ? 'rate' : 'all'
}

/**
 * What a recompute has to look at. `all`, `spend` and `rate` stand for everything, for all spend and for all rates; their
 * id is 0.
 */
interface Mark {
  readonly kind: 'all' | 'spend' | 'rate' | 'ref' | 'account' | 'deal' | 'campaign' | 'cost'
  readonly id: bigint
}

function dedupe(marks: readonly Mark[]): Mark[] {
  return [...new Map(marks.map((mark) => [`${mark.kind}${mark.id}`, mark])).values()]
}

/** What changed rows of a table make dirty: under their new values and under the replaced ones. */
export function marksOf(
  table: RecordTable,
  changed: readonly { readonly row: RowIn }[],
  upserted: Pick<Upserted, 'previous'>,
): Mark[] {
  const marks: Mark[] = []
  const add = (kind: Mark['kind'], id: unknown) => {
    if (typeof id === 'bigint') marks.push({ kind, id })
  }
  const versions: readonly RowIn[] = [...changed.map((record) => record.row), ...upserted.previous]
  for (const row of versions) {
    if (table === 'touch') add('ref', row.ref_id)
    else if (table === 'deal') add('deal', row.id)
    else if (table === 'payment' || table === 'invoice' || table === 'stage_change') add('deal', row.deal_id)
    else if (table === 'campaign') add('campaign', row.id)
    else if (table === 'cost') add('cost', row.id)
    // What a stage means may turn any deal that was ever in it.
    else if (table === 'stage') add('all', 0n)
    else if (table === 'rate') add('rate', 0n)
    else if (table === 'contact') {
      for (const id of [row.id, row.email_key, row.phone_key, row.external_key]) add('ref', id)
      add('account', row.account_id)
    }
  }
  return marks
}
