import type { Reader } from '../db/database.ts'

/** Which ids of a source mean another record since a merge. Chains are followed when they are written, never when read. */
export class AliasBook {
  readonly #into = new Map<bigint, bigint>()
  readonly #winners = new Set<bigint>()

  /** The record an id means now. */
  resolve(id: bigint): bigint {
    return this.#into.get(id) ?? id
  }

  get size(): number {
    return this.#into.size
  }

  /**
   * Notes a merge. Ids that led to the loser lead to the winner from now on.
   * @returns whether there were such
   */
  add(from: bigint, into: bigint): boolean {
    const others = this.#winners.has(from)
    if (others) for (const [other, target] of this.#into) if (target === from) this.#into.set(other, into)
    this.#into.set(from, into)
    this.#winners.add(into)
    return others
  }
}

/** The merges of a source that are known so far. */
export async function readAliases(reader: Reader, tenant: number, source: string): Promise<AliasBook> {
  const book = new AliasBook()
  const rows = await reader.query<{ from_id: bigint; into_id: bigint }>(
    'SELECT from_id, into_id FROM alias WHERE tenant_id = $1 AND source = $2',
    [tenant, source],
  )
  for (const { from_id, into_id } of rows) book.add(from_id, into_id)
  return book
}
