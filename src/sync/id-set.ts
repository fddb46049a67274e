/**
 * Many record ids in little memory: one typed array with open addressing, at most 32 bytes an id, where a Set of bigints
 * takes about a hundred. Surrogate ids are digests, so their low bits spread by themselves.
 */
export class IdSet implements Iterable<bigint> {
  #slots = new BigInt64Array(1 << 12)
  #mask = (1n << 12n) - 1n
  #size = 0
  /** An empty slot is 0, so the id 0 is kept beside. */
  #zero = false

  get size(): number {
    return this.#size + (this.#zero ? 1 : 0)
  }

  /** Adds an id; false when it was there already. */
  add(id: bigint): boolean {
    if (id === 0n) {
      const added = !this.#zero
      this.#zero = true
      return added
    }
    if (this.#size * 2 >= this.#slots.length) this.#grow()
    const at = this.#find(id)
    if (this.#slots[at] === id) return false
    this.#slots[at] = id
    this.#size += 1
    return true
  }

  has(id: bigint): boolean {
    return id === 0n ? this.#zero : this.#slots[this.#find(id)] === id
  }

  *[Symbol.iterator](): Generator<bigint> {
    if (this.#zero) yield 0n
    for (const id of this.#slots) if (id !== 0n) yield id
  }

  /** Slot of an id, or the free one where it belongs. */
  #find(id: bigint): number {
    const last = this.#slots.length - 1
    let at = Number(id & this.#mask)
    for (let found = this.#slots[at]; found !== 0n && found !== id; found = this.#slots[at]) at = (at + 1) & last
    return at
  }

  #grow(): void {
    const old = this.#slots
    this.#slots = new BigInt64Array(old.length * 2)
    this.#mask = BigInt(this.#slots.length - 1)
    for (const id of old) if (id !== 0n) this.#slots[this.#find(id)] = id
  }
}
