import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import type { Text } from '../errors.ts'

/**
 * Secrets at rest: AES-256-GCM under a key that is named beside each of them, bound to the place they belong to. A copy
 * in another workspace's, connection's or field's row does not open, nor does one of which a bit was changed.
 */

/** A key of 256 bits. The material is in a KeyObject, which no log and no JSON shows. */
export interface Key {
  readonly id: string
  readonly key: KeyObject
}

/** The keys a state store seals and opens with. Read anew on every use: they change while the program runs. */
export interface KeyRing {
  /** All keys, the current one first; a ring that makes its own has one after the first call. */
  keys(): readonly Key[]
  /** How people bring back a key that is missing. */
  readonly remedy: Text
  /** Puts a new key in front. Only rings that make their own keys can. */
  readonly add?: () => void
  /** Forgets all keys but these and the current one. */
  readonly keep?: (ids: ReadonlySet<string>) => void
}

/** Where a secret belongs. */
export interface SecretPlace {
  readonly tenant: number
  readonly connection: string
  readonly field: string
}

export const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const VERSION = 'v1.'

/** Seals a text: `v1.` and, in base64url, a fresh nonce of 96 bits, the ciphertext and its tag of 128 bits. */
export function seal({ key }: Key, place: SecretPlace, text: string): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(bound(place))
  const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return VERSION + sealed.toString('base64url')
}

/** The text that was sealed for this place; undefined when it was changed, or sealed for another place or by another key. */
export function unseal({ key }: Key, place: SecretPlace, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url')
  if (!sealed.startsWith(VERSION) || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
  const end = bytes.length - TAG_BYTES
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(bound(place))
    .setAuthTag(bytes.subarray(end))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, end)), decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}

/** A list, so that no two places give the same bytes. */
function bound({ tenant, connection, field }: SecretPlace): Buffer {
  return Buffer.from(JSON.stringify([VERSION, tenant, connection, field]))
}

/** A key of random bytes. */
export function newKey(): { readonly id: string; readonly bytes: Buffer } {
  return { id: `k${randomBytes(6).toString('hex')}`, bytes: randomBytes(KEY_BYTES) }
}

export function toKey(id: string, bytes: Buffer): Key {
  return { id, key: createSecretKey(bytes) }
}
