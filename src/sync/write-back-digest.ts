import { createHash, type Hash } from 'node:crypto'
import { z } from 'zod'
import type { Change, Ref } from './contract.ts'

/**
 * What was written last, in short: the records of a source in {@link BUCKETS} heaps, and a digest of the values of each. A
 * heap with the same digest holds nothing new, so that a write-back asks the source about a few records and not about all
 * of them.
 */

const BUCKETS = 4096
/** Characters of a digest; two that are the same by chance are as good as impossible. */
const LENGTH = 12

/** Digest by heap; heaps without records have none. */
export const Digest = z.record(z.string(), z.string())
export type Digest = Readonly<z.infer<typeof Digest>>

/** @param changes in an order that is the same each time */
export async function digestOf(changes: AsyncIterable<Change>): Promise<Digest> {
  const heaps = new Map<string, Hash>()
  for await (const change of changes) {
    const heap = heapOf(change)
    const hash = heaps.get(heap) ?? createHash('sha256')
    heaps.set(heap, hash.update(`${JSON.stringify([change.type, change.id, change.values])}\n`))
  }
  return Object.fromEntries([...heaps].map(([heap, hash]) => [heap, hash.digest('base64url').slice(0, LENGTH)]))
}

/** The changes of heaps that are not as they were written. */
export async function* unwritten(changes: AsyncIterable<Change>, now: Digest, written: Digest): AsyncGenerator<Change> {
  for await (const change of changes) {
    const heap = heapOf(change)
    if (now[heap] !== written[heap]) yield change
  }
}

/** What counts as written once some records were refused: their heaps do not. */
export function without(digest: Digest, refused: readonly Ref[]): Digest {
  const heaps = new Set(refused.map(heapOf))
  return Object.fromEntries(Object.entries(digest).filter(([heap]) => !heaps.has(heap)))
}

/** FNV-1a, 32 bits: spreads ids that count up as well as those that do not. */
function heapOf({ type, id }: Ref): string {
  let hash = 0x811c9dc5
  for (const sign of `${type} ${id}`) hash = Math.imul(hash ^ sign.codePointAt(0)!, 0x01000193)
  return String((hash >>> 0) % BUCKETS)
}
