/** A campaign among the others: who is above it and who below. */
export interface TreeItem {
  readonly id: bigint
  readonly parent_id: bigint | null
  readonly source: string
  readonly source_id: string
}

/** What is wrong with where a campaign stands. */
export type TreeProblem = 'unknown_parent' | 'cycle'

/**
 * Campaigns as trees (F126). A parent that is not there counts as none; a chain that bites its own tail ends before it
 * does, and every campaign of the bite is flagged.
 */
export class CampaignTree<Item extends TreeItem> {
  readonly #items: ReadonlyMap<bigint, Item>
  readonly #children = new Map<bigint, Item[]>()

  constructor(items: Iterable<Item>) {
    this.#items = new Map([...items].map((item) => [item.id, item]))
    for (const item of this.#items.values()) {
      if (item.parent_id === null) continue
      const list = this.#children.get(item.parent_id)
      if (list) list.push(item)
      else this.#children.set(item.parent_id, [item])
    }
  }

  find(id: bigint | null): Item | undefined {
    return id === null ? undefined : this.#items.get(id)
  }

  get items(): Iterable<Item> {
    return this.#items.values()
  }

  /** From a campaign up to its root, itself first. */
  chain(item: Item): readonly Item[] {
    const seen = new Set<Item>([item])
    for (let next = this.find(item.parent_id); next && !seen.has(next); next = this.find(next.parent_id)) seen.add(next)
    return [...seen]
  }

  /** The campaign at the top; of a bite the first by source and id, whoever asks. */
  root(item: Item): Item {
    const chain = this.chain(item)
    const last = chain.at(-1)!
    const bitten = this.find(last.parent_id)
    if (!bitten) return last
    return [...this.chain(bitten)].sort(byName)[0]!
  }

  children(item: Item): readonly Item[] {
    return (this.#children.get(item.id) ?? []).filter((child) => child !== item)
  }

  /** A campaign with all below it, each once. */
  withBelow(item: Item): readonly Item[] {
    const seen = new Set<Item>([item])
    // A set that grows while it is walked through: every campaign is asked once.
    for (const each of seen) for (const child of this.children(each)) seen.add(child)
    return [...seen]
  }

  problem(item: Item): TreeProblem | null {
    if (item.parent_id === null) return null
    if (!this.find(item.parent_id)) return 'unknown_parent'
    return this.wouldBite(item, item.parent_id) ? 'cycle' : null
  }

  /** True when a campaign would be its own ancestor below this parent. */
  wouldBite(item: Pick<Item, 'id'>, parent: bigint): boolean {
    const above = this.find(parent)
    return parent === item.id || (above !== undefined && this.chain(above).some(({ id }) => id === item.id))
  }
}

function byName(a: TreeItem, b: TreeItem): number {
  return compare(a.source, b.source) || compare(a.source_id, b.source_id)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
