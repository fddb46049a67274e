import { hash } from 'node:crypto'

/**
 * Surrogate id of a source record: 63 bits of a digest of (kind, source, source id). It is the same on every engine
 * and in every rebuild, so references can be written before the record they point to has arrived. It never orders
 * anything. The store keeps the source id beside it and refuses a second record with the same surrogate.
 */
export function surrogate(kind: RefKind, source: string, sourceId: string): bigint {
  return firstBits(`${kind}\u0000${source}\u0000${sourceId}`) >> 1n
}

/** Digest of a row's content, to see whether a record changed. */
export function contentHash(text: string): bigint {
  return BigInt.asIntN(64, firstBits(text))
}

/** The first 64 bits of a text's SHA-256. By way of hex: a Buffer for each digest takes twice as long. */
function firstBits(text: string): bigint {
  return BigInt(`0x${hash('sha256', text, 'hex').slice(0, 16)}`)
}

/** What a surrogate may point to. `email`, `phone` and `external` are keys of a person not (yet) known as a contact. */
export type RefKind =
  | 'campaign'
  | 'cost'
  | 'contact'
  | 'account'
  | 'touch'
  | 'deal'
  | 'payment'
  | 'invoice'
  | 'stage_change'
  | 'amount_change'
  | 'lead'
  | 'owner'
  | 'stage'
  | 'rate'
  | 'channel'
  | 'email'
  | 'phone'
  | 'external'
