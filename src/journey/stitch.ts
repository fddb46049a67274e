import type { Transaction } from '../db/database.ts'
import { sql } from '../db/sql.ts'

/** A key that more contacts than this share (a switchboard, info@) merges nobody; it is reported as a finding. */
export const MAX_SHARED = 20

const SHARED_KEYS = sql('journey/sql/shared-keys.sql')
const CONTACT_PERSON = sql('journey/sql/contact-person.sql')
const IDENTITY_KEYS = sql('journey/sql/identity-keys.sql')

interface Holder {
  key: bigint
  id: bigint
}

/**
 * Identity stitching (F41): contacts that share an e-mail, a phone number or an external id are one person, named by
 * the oldest of them; an erased one stays with those it shared something with. Works on the contacts in `scope`;
 * forgetting what was known about them is the caller's part.
 */
export async function stitch(tx: Transaction, tenant: number): Promise<void> {
  const holders = await tx.query<Holder>(SHARED_KEYS, [tenant, MAX_SHARED])
  const merged = mergeByKey(holders)
  await tx.insert(
    'identity',
    [...merged].map(([ref_id, person_id]) => ({ tenant_id: tenant, ref_id, person_id })),
  )
  await tx.run(CONTACT_PERSON, [tenant])
  await tx.run(IDENTITY_KEYS, [tenant])
}

/**
 * Union-find over (key, contact) pairs that come oldest contact first.
 * @returns each merged contact with the oldest contact of its group; the oldest itself is left out
 */
export function mergeByKey(holders: readonly Holder[]): Map<bigint, bigint> {
  const age = new Map<bigint, number>()
  const parent = new Map<bigint, bigint>()
  const root = (id: bigint): bigint => {
    let top = id
    for (let up = parent.get(top); up !== undefined && up !== top; up = parent.get(top)) top = up
    for (let at = id; at !== top; ) {
      const up = parent.get(at) ?? top
      parent.set(at, top)
      at = up
    }
    return top
  }
  const firstOfKey = new Map<bigint, bigint>()
  for (const { key, id } of holders) {
    if (!age.has(id)) age.set(id, age.size)
    const other = firstOfKey.get(key)
    if (other === undefined) {
      firstOfKey.set(key, id)
      continue
    }
    const a = root(id)
    const b = root(other)
    if (a === b) continue
    const older = age.get(a)! < age.get(b)! ? a : b
    parent.set(older === a ? b : a, older)
  }
  const merged = new Map<bigint, bigint>()
  for (const id of age.keys()) {
    const person = root(id)
    if (person !== id) merged.set(id, person)
  }
  return merged
}
