import type { Database, Reader, RowOut, Transaction } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import { MAX_SHARED } from '../journey/stitch.ts'
import { surrogate } from '../model/ids.ts'
import type { State } from '../state/state.ts'
import type { Gone, Merge, Reject } from './contract.ts'
import { KEEP } from './load.ts'
import { prune } from './prune.ts'
import { fillScope, markRows, type Owner } from './remove.ts'

const text = (name: string) => sql(`sync/sql/erase-${name}.sql`)
const IDS = text('ids')
const KEYS = text('keys')
const LINKS = text('links')
/** In this order: the keys go last, what is found by them before. */
const STEPS = ['refs', 'touches', 'leads', 'contacts', 'names'].map(text)

/** Where it is kept who was erased, whatever becomes of the facts. */
export type Tombstones = Pick<State, 'addErased' | 'erasedAmong'>

/** True for a contact that is gone because its person is to be forgotten: only that leaves a tombstone. */
export function isErasure({ type, erased }: Gone): boolean {
  return type === 'contact' && erased === true
}

/**
 * The contacts that a group of a read erases: those it says were, and those that merges join with one that was, in
 * whichever order the two are told.
 */
export async function erasuresOf(
  state: Tombstones,
  { tenant, source }: Owner,
  group: { readonly deleted: readonly Gone[]; readonly merged: readonly Merge[] },
): Promise<bigint[]> {
  const idOf = (id: string) => surrogate('contact', source, id)
  const ids = new Set(group.deleted.filter(isErasure).map(({ id }) => idOf(id)))
  const pairs = group.merged
    .filter(({ from, into }) => from.type === 'contact' && into.type === 'contact')
    .map(({ from, into }) => [idOf(from.id), idOf(into.id)] as const)
  const known = pairs.length > 0 ? await state.erasedAmong(tenant, pairs.flat()) : new Set<bigint>()
  for (const pair of pairs) if (pair.some((id) => known.has(id) || ids.has(id))) for (const id of pair) ids.add(id)
  return [...ids]
}

/**
 * Notes erasures where they outlast the facts: before the facts follow. Killed in between, the facts follow with the
 * same event again, or with {@link restoreErasures} at the next start.
 */
export async function noteErasures(
  state: Tombstones,
  reader: Reader,
  { tenant, source }: Owner,
  ids: readonly bigint[],
): Promise<void> {
  const contacts = await everyId(reader, tenant, ids)
  const rows = await reader.query<Record<'email' | 'phone' | 'external_id' | 'name', string | null>>(
    `SELECT email, phone, external_id, name FROM contact
     WHERE tenant_id = $1 AND id IN (SELECT CAST(unnest(string_to_array(CAST($2 AS TEXT), ',')) AS BIGINT))`,
    [tenant, contacts.join(',')],
  )
  const traces = rows.flatMap((row) => Object.values(row).filter((value) => value !== null))
  await state.addErased(tenant, { source, contacts, traces })
}

/**
 * Erases contacts from the facts (F140): what tells of the person goes from all tables, a stand-in without a name stays, so
 * that every figure is what it was. Whoever it was one person with stays so by ids; nobody who comes later joins. Once
 * more changes nothing.
 * @param late the contacts came after they were erased: who has their addresses now may be somebody else
 * @returns how many contacts there were to erase
 */
export async function eraseContacts(
  tx: Transaction,
  tenant: number,
  ids: readonly bigint[],
  { late = false } = {},
): Promise<number> {
  const contacts = await everyId(tx, tenant, ids)
  await fillScope(tx, tenant, 'erased', contacts)
  const fresh = await tx.query<RowOut & { id: bigint }>(
    `SELECT ${['id', ...KEEP.contact].map((column) => `c.${column}`).join(', ')} FROM contact AS c
     WHERE c.tenant_id = $1 AND c.id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'erased')
       AND c.id NOT IN (SELECT id FROM erased WHERE tenant_id = $1)`,
    [tenant],
  )
  await tx.run(KEYS, [tenant, MAX_SHARED])
  for (const step of late ? STEPS : [LINKS, ...STEPS]) await tx.run(step, [tenant])
  await tx.insertMissing(
    'erased',
    contacts.map((id) => ({ tenant_id: tenant, id })),
    ['tenant_id', 'id'],
  )
  await markRows(tx, tenant, 'contact', fresh)
  await tx.run('DELETE FROM scope WHERE tenant_id = $1', [tenant])
  return fresh.length
}

/** Erases once more who is back after all: the fact store is new, restored from an old copy, or was left behind by a kill. */
export async function restoreErasures(database: Database, state: Pick<State, 'erased'>, tenant: number): Promise<void> {
  const all = await state.erased(tenant)
  if (all.size === 0) return
  const known = await database.query<{ id: bigint }>('SELECT id FROM erased WHERE tenant_id = $1', [tenant])
  const there = new Set(known.map(({ id }) => id))
  const missing = [...all.keys()].filter((id) => !there.has(id))
  if (missing.length === 0) return
  await database.write(async (tx) => {
    await tx.lock('erasures', tenant, 'alone')
    await eraseContacts(tx, tenant, missing)
    await prune(tx, tenant)
  })
}

/**
 * Refused records that may be kept: a page that was read before its contact was erased holds what it was.
 * @param typeOf what a record is by its id
 */
export async function withoutErased(
  state: Tombstones,
  { tenant, source }: Owner,
  rejects: readonly Reject[],
  typeOf: (id: string) => string | undefined,
): Promise<readonly Reject[]> {
  const idOf = ({ where: { id } }: Reject) =>
    id !== undefined && typeOf(id) === 'contact' ? surrogate('contact', source, id) : undefined
  const contacts = rejects.map(idOf).filter((id) => id !== undefined)
  const erased = contacts.length > 0 ? await state.erasedAmong(tenant, contacts) : new Set<bigint>()
  return rejects.filter((reject) => !erased.has(idOf(reject) ?? -1n))
}

/** Those of some contacts that the fact store knows as erased. */
export async function erasedOf(reader: Reader, tenant: number, ids: Iterable<bigint>): Promise<bigint[]> {
  const rows = await reader.query<{ id: bigint }>(
    `SELECT id FROM erased
     WHERE tenant_id = $1 AND id IN (SELECT CAST(unnest(string_to_array(CAST($2 AS TEXT), ',')) AS BIGINT))`,
    [tenant, [...ids].join(',')],
  )
  return rows.map(({ id }) => id)
}

async function everyId(reader: Reader, tenant: number, ids: readonly bigint[]): Promise<bigint[]> {
  const rows = await reader.query<{ id: bigint }>(IDS, [tenant, ids.join(',')])
  return rows.map(({ id }) => id)
}
