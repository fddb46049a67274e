/** Words per slot: two of the key's digest, one of the content's digest (or a running number), one of the line. */
const WORDS = 4

/** Rotate left, for the digest below. */
function rotl(x: number, r: number): number {
  return (x << r) | (x >>> (32 - r))
}

/** One lane of MurmurHash3 over UTF-16 code units, two per step. Fast; collisions are accidents, not attacks. */
export function digest(text: string, seed: number): number {
  let h = seed
  const length = text.length
  for (let i = 0; i < length; i += 2) {
    let k = text.charCodeAt(i) | (i + 1 < length ? text.charCodeAt(i + 1) << 16 : 0)
    k = Math.imul(rotl(Math.imul(k, 0xcc9e2d51), 15), 0x1b873593)
    h = (Math.imul(rotl(h ^ k, 13), 5) + 0xe6546b64) | 0
  }
  h ^= length
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** Digest of a row's cells, to tell a repeated row from a conflicting one. */
export function digestCells(cells: readonly string[]): number {
  let h = 0x2f0b4c47
  for (const cell of cells) h = digest(cell, h)
  return h
}

/**
 * The keys of a file that were already read. 16 bytes per slot in one typed array, open addressing: ten million rows
 * take a quarter of a gigabyte, where a Map of strings would take several.
 */
export class SeenKeys {
  #slots: Uint32Array
  #mask: number
  #size = 0

  constructor(capacity = 1 << 12) {
    this.#slots = new Uint32Array(capacity * WORDS)
    this.#mask = capacity - 1
  }

  get size(): number {
    return this.#size
  }

  /** Stores a key; if it is there already, nothing changes and its first line and content are returned. */
  add(key: string, content: number, line: number): { readonly line: number; readonly content: number } | undefined {
    const at = this.#claim(key, line)
    if (at >= 0) {
      this.#slots[at + 2] = content
      return undefined
    }
    return { line: this.#slots[~at + 3]!, content: this.#slots[~at + 2]! }
  }

  /** How often this key was counted before, plus one. */
  count(key: string): number {
    const claimed = this.#claim(key, 1)
    const at = claimed >= 0 ? claimed : ~claimed
    const number = this.#slots[at + 2]! + 1
    this.#slots[at + 2] = number
    return number
  }

  /** Slot of a key: >= 0 when it was free and is now taken, the complement of the slot when the key was there. */
  #claim(key: string, line: number): number {
    if ((this.#size + 1) * 4 > (this.#mask + 1) * 3) this.#grow()
    const a = digest(key, 0x9747b28c)
    const b = digest(key, 0x3c6ef372)
    const slots = this.#slots
    for (let i = a & this.#mask; ; i = (i + 1) & this.#mask) {
      const at = i * WORDS
      if (slots[at + 3] === 0) {
        slots[at] = a
        slots[at + 1] = b
        slots[at + 3] = line
        this.#size++
        return at
      }
      if (slots[at] === a && slots[at + 1] === b) return ~at
    }
  }

  #grow(): void {
    const old = this.#slots
    this.#mask = this.#mask * 2 + 1
    const slots = new Uint32Array((this.#mask + 1) * WORDS)
    for (let from = 0; from < old.length; from += WORDS) {
      if (old[from + 3] === 0) continue
      let i = old[from]! & this.#mask
      while (slots[i * WORDS + 3] !== 0) i = (i + 1) & this.#mask
      for (let word = 0; word < WORDS; word++) slots[i * WORDS + word] = old[from + word]!
    }
    this.#slots = slots
  }
}
