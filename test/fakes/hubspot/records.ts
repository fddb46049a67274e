/** The kinds of records the fake keeps, by the names its paths use. */
export const OBJECT_TYPES = ['contacts', 'companies', 'deals', 'leads'] as const
export type ObjectType = (typeof OBJECT_TYPES)[number]

/** One value a property had, from `at` on. */
export interface Change {
  readonly value: string
  readonly at: number
}

/** A CRM record. Times are milliseconds by the fake's clock. */
export interface CrmRecord {
  readonly id: string
  readonly createdAt: number
  updatedAt: number
  archivedAt?: number
  /** What is set; everything else is null. Dates and derived values are worked out when they are asked for. */
  properties: Record<string, string>
  /** Oldest first, only of properties that have changed: the rest still have their first value. */
  changes?: Record<string, Change[]>
  /** Ids of associated records, by type. */
  links: Partial<Record<ObjectType, string[]>>
}

/** Orders ids as the numbers they are, which JavaScript's own may be too small for. */
export function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
}

/** Part of a list, and whether more follows. */
export interface Slice<Item = CrmRecord> {
  readonly items: readonly Item[]
  readonly more: boolean
}

/** Records in the order of their ids. */
export class Shelf {
  readonly #byId = new Map<string, CrmRecord>()
  #sorted: CrmRecord[] = []
  #inOrder = true

  get size(): number {
    return this.#byId.size
  }

  get(id: string): CrmRecord | undefined {
    return this.#byId.get(id)
  }

  add(record: CrmRecord): void {
    const last = this.#sorted.at(-1)
    if (last && compareIds(last.id, record.id) > 0) this.#inOrder = false
    this.#byId.set(record.id, record)
    this.#sorted.push(record)
  }

  remove(id: string): void {
    if (!this.#byId.delete(id)) return
    this.#sorted.splice(firstAfter(this.all(), id) - 1, 1)
  }

  /** All, in order. */
  all(): readonly CrmRecord[] {
    if (!this.#inOrder) {
      this.#sorted.sort((a, b) => compareIds(a.id, b.id))
      this.#inOrder = true
    }
    return this.#sorted
  }

  /** The first `limit` records whose ids are greater than `id`, and whether there are more. */
  page(id: string | undefined, limit: number, keep?: (record: CrmRecord) => boolean): Slice {
    const all = keep ? this.all().filter(keep) : this.all()
    const from = id === undefined ? 0 : firstAfter(all, id)
    return { items: all.slice(from, from + limit), more: from + limit < all.length }
  }
}

/** Index of the first record with a greater id. */
function firstAfter(all: readonly CrmRecord[], id: string): number {
  let low = 0
  let high = all.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareIds(all[middle]!.id, id) > 0) high = middle
    else low = middle + 1
  }
  return low
}

/** A record as the search index still sees it, until the index has caught up. */
interface Stale {
  readonly until: number
  /** `undefined`: the index does not know it yet. */
  readonly before: CrmRecord | undefined
}

/** All records of one type in one account. */
export class Table {
  readonly live = new Shelf()
  readonly archived = new Shelf()
  /** Ids that a merge has taken away, and who has won. */
  readonly aliases = new Map<string, string>()
  /** Rises with everything a search could notice. */
  version = 0
  readonly #stale = new Map<string, Stale[]>()

  /** The living record of an id, also of one merged away. */
  resolve(id: string): CrmRecord | undefined {
    const winner = this.aliases.get(id)
    return this.live.get(id) ?? (winner === undefined ? undefined : this.resolve(winner))
  }

  /** Notes what the index keeps showing until `until`. */
  lag(id: string, until: number, before: CrmRecord | undefined): void {
    const stale = this.#stale.get(id) ?? []
    this.#stale.set(id, stale)
    stale.push({ until, before: before && structuredClone(before) })
  }

  /** The living records as the search index sees them now. */
  *indexed(now: number): Generator<CrmRecord> {
    this.settle(now)
    for (const record of this.live.all()) {
      const stale = this.#stale.size > 0 ? this.#stale.get(record.id)?.[0] : undefined
      if (!stale) yield record
      else if (stale.before) yield stale.before
    }
  }

  /** Lets the index catch up. */
  settle(now: number): void {
    for (const [id, list] of this.#stale) {
      const left = list.filter(({ until }) => until > now)
      if (left.length === list.length) continue
      this.version += 1
      if (left.length === 0) this.#stale.delete(id)
      else this.#stale.set(id, left)
    }
  }
}
