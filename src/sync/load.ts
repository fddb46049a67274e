import type { Transaction, Upserted } from '../db/database.ts'
import { RECORD_TABLES, type RecordTable, type RowIn } from '../db/schema.ts'
import { UNKNOWN_CHANNEL } from '../journey/channels.ts'
import type { AnyRecord } from '../model/records.ts'
import { type Mapped, RefBook, type RowContext, type SeenRef, toRow } from './rows.ts'

/** Columns of a replaced or removed row that decide what has to be recomputed. */
export const KEEP: Readonly<Record<RecordTable, readonly string[]>> = {
  campaign: ['channel_id'],
  cost: [],
  contact: ['email_key', 'phone_key', 'external_key', 'account_id'],
  account: [],
  touch: ['ref_id'],
  deal: [],
  stage_change: [],
  payment: ['deal_id'],
  amount_change: [],
  lead: [],
  owner: [],
  stage: [],
  rate: [],
}

/** Dirty marks beyond this number say no more than "everything". */
export const MAX_MARKS = 20_000

export interface LoadedCounts {
  imported: number
  unchanged: number
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
  readonly #context: RowContext
  readonly #traits: ChannelTraits
  #marks = 0

  constructor(context: Omit<RowContext, 'refs'>, traits: ChannelTraits) {
    this.#context = { ...context, refs: this.#refs }
    this.#traits = traits
  }

  /** Maps a record; throws RangeError when its money is out of range. */
  map(record: AnyRecord): Mapped {
    return toRow(record, this.#context)
  }

  /** Writes mapped records. A record met twice counts once, the later wins. */
  async write(tx: Transaction, records: readonly Mapped[]): Promise<LoadedCounts> {
    const counts = { imported: 0, unchanged: 0 }
    await this.#writeRefs(tx, records)
    for (const table of RECORD_TABLES) {
      const mine = new Map<bigint, Mapped>()
      for (const record of records) if (record.table === table) mine.set(record.row.id as bigint, record)
      // A page that is older than a merge still has the loser.
      for (const id of mine.keys()) if (this.#isMerged(id) && mine.delete(id)) counts.unchanged += 1
      if (mine.size === 0) continue
      const upserted = await tx.upsert(
        table,
        [...mine.values()].map((record) => record.row),
        KEEP[table],
      )
      counts.imported += upserted.changed.size
      counts.unchanged += upserted.unchanged
      const changed = [...mine.values()].filter((record) => upserted.changed.has(record.row.id as bigint))
      if (table === 'deal') await this.#writeDealContacts(tx, changed, upserted)
      await this.#mark(tx, marksOf(table, changed, upserted))
    }
    return counts
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
        `DELETE FROM deal_contact WHERE tenant_id = $1
         AND deal_id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'deal')`,
        [tenant_id],
      )
      await tx.run('DELETE FROM scope WHERE tenant_id = $1', [tenant_id])
    }
    const rows: RowIn[] = []
    for (const { row, contacts } of deals) {
      for (const ref_id of contacts ?? []) rows.push({ tenant_id, deal_id: row.id as bigint, ref_id })
    }
    await tx.insert('deal_contact', rows)
  }

  async #mark(tx: Transaction, marks: readonly Mark[]): Promise<void> {
    const tenant_id = this.#context.tenant
    if (marks.length === 0) return
    this.#marks += marks.length
    // Said with every group: a recompute between two of them takes the marks it finds.
    const rows = this.#marks > MAX_MARKS ? [{ kind: 'all', id: 0n }] : dedupe(marks)
    await tx.insert(
      'dirty',
      rows.map(({ kind, id }) => ({ tenant_id, kind, id })),
    )
  }
}

interface Mark {
  readonly kind: 'all' | 'ref' | 'account' | 'deal' | 'campaign'
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
    else if (table === 'payment') add('deal', row.deal_id)
    else if (table === 'campaign') add('campaign', row.id)
    else if (table === 'contact') {
      for (const id of [row.id, row.email_key, row.phone_key, row.external_key]) add('ref', id)
      add('account', row.account_id)
    }
  }
  return marks
}
