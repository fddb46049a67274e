import type { Transaction } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import { type RefKind, surrogate } from '../model/ids.ts'
import type { AliasBook } from './alias.ts'
import type { Merge, Ref } from './contract.ts'
import { eraseContacts, erasedOf } from './erase.ts'
import { fillScope, type Owner, removeRecords } from './remove.ts'

const text = (name: string) => sql(`sync/sql/${name}.sql`)
const CHAIN = text('alias-chain')

/** What a merge of two records changes: the statements that repoint what named the loser, and the mark of both. */
const KINDS = {
  contact: {
    repoint: [
      text('merge-contact-touch'),
      text('merge-contact-deal'),
      text('merge-contact-lead'),
      text('merge-contact-link'),
    ],
    mark: 'ref',
  },
  account: {
    repoint: [text('merge-account-contact'), text('merge-account-deal'), text('merge-account-lead')],
    mark: 'account',
  },
  deal: {
    repoint: [
      text('merge-deal-payment'),
      text('merge-deal-invoice'),
      text('merge-deal-stage'),
      text('merge-deal-amount'),
    ],
    mark: 'deal',
  },
  lead: { repoint: [], mark: null },
} as const
type Mergeable = keyof typeof KINDS

/** True for a merge the store can carry out. */
export function isMergeable(merge: Merge): boolean {
  return merge.from.type === merge.into.type && Object.hasOwn(KINDS, merge.from.type)
}

/**
 * Carries out merges of the source: what names the loser names the winner from now on, the loser stays as an alias, and
 * its own record goes. Merges that are known already do nothing, so a page may be read any number of times.
 * @returns how many were new
 */
export async function mergeRecords(
  tx: Transaction,
  owner: Owner,
  merges: readonly Merge[],
  aliases: AliasBook,
): Promise<number> {
  let done = 0
  for (const kind of Object.keys(KINDS) as Mergeable[]) {
    const mine = merges.filter(({ from }) => from.type === kind)
    if (mine.length > 0) done += await mergeKind(tx, owner, kind, mine, aliases)
  }
  return done
}

async function mergeKind(
  tx: Transaction,
  owner: Owner,
  kind: Mergeable,
  merges: readonly Merge[],
  aliases: AliasBook,
): Promise<number> {
  const { tenant, source } = owner
  const id = (ref: Ref) => surrogate(kind as RefKind, source, ref.id)
  const losers: Ref[] = []
  const changed = new Set<bigint>()
  let added = 0
  for (const { from, into } of merges) {
    const loser = id(from)
    const winner = aliases.resolve(id(into))
    // A winner that was merged away itself since then cannot take its own winner in.
    if (aliases.resolve(loser) !== loser || loser === winner) continue
    losers.push(from)
    changed.add(loser).add(winner)
    // Met since the book was opened, by events or by another process. A page from before may have brought the loser back.
    const known = await storedAlias(tx, tenant, loser)
    if (known !== undefined) {
      aliases.add(loser, known)
      continue
    }
    added += 1
    await tx.insert('alias', [{ tenant_id: tenant, kind, source, from_id: loser, into_id: winner }])
    if (aliases.add(loser, winner)) await tx.run(CHAIN, [tenant, loser, winner])
  }
  if (losers.length === 0) return 0
  await fillScope(tx, tenant, 'merged', losers.map(id))
  for (const statement of KINDS[kind].repoint) await tx.run(statement, [tenant])
  await removeRecords(tx, owner, losers, { standIns: true })
  const { mark } = KINDS[kind]
  if (mark) {
    await tx.insert(
      'dirty',
      [...changed].map((id) => ({ tenant_id: tenant, kind: mark, id })),
    )
  }
  // One of the two was erased before the merge was told: then both were.
  const gone = kind === 'contact' ? await erasedOf(tx, tenant, changed) : []
  if (gone.length > 0) await eraseContacts(tx, tenant, gone)
  return added
}

async function storedAlias(tx: Transaction, tenant: number, loser: bigint): Promise<bigint | undefined> {
  const [row] = await tx.query<{ into_id: bigint }>('SELECT into_id FROM alias WHERE tenant_id = $1 AND from_id = $2', [
    tenant,
    loser,
  ])
  return row?.into_id
}
