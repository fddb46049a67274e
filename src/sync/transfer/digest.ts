import { createHash } from 'node:crypto'

const LIMIT = 2n ** 64n

/** Number of rows and what they hold, whatever their order: two tables of equal digests hold the same rows. */
export class Digest {
  #rows = 0
  #sum = 0n

  add(row: Readonly<Record<string, unknown>>): void {
    const text = JSON.stringify(
      Object.keys(row)
        .sort()
        .map((name) => [name, typeof row[name] === 'bigint' ? `${row[name]}n` : row[name]]),
    )
    this.#rows += 1
    this.#sum = (this.#sum + createHash('sha256').update(text).digest().readBigUInt64BE()) % LIMIT
  }

  get rows(): number {
    return this.#rows
  }

  /** Compared between the stores. */
  toString(): string {
    return `${this.#rows} ${this.#sum.toString(16)}`
  }
}
