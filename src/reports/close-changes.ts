import type { RestatedRecord } from '../api/closes.ts'
import { KIND, REVENUE_KINDS } from '../metrics/sums.ts'
import type { RevenueBasis } from '../model/rules.ts'
import type { LockedRecord } from '../state/close-parts.ts'

/** What became of one record. Money is minor units of the workspace's currency. */
export interface Changed {
  readonly what: RestatedRecord['what']
  readonly change: RestatedRecord['change']
  readonly before: LockedRecord | null
  /** As it is now, in whatever month; null = it is gone. */
  readonly after: LockedRecord | null
  /** It counts in the month now. */
  readonly inside: boolean
  /** Difference by channel, none of them 0; null = without an eligible touch, or of no channel. */
  readonly differences: ReadonlyMap<string | null, bigint>
}

const WHAT = new Map<number, RestatedRecord['what']>([
  [0, 'cost'],
  [KIND.won, 'won'],
  [KIND.receipt, 'receipt'],
  [KIND.invoice, 'invoice'],
  [KIND.refund, 'refund'],
  [KIND.loss, 'loss'],
])

/** Kinds of records whose money a restatement under a basis is about: 0 = costs. */
export function kindsOf(basis: RevenueBasis): ReadonlySet<number> {
  return new Set([0, ...REVENUE_KINDS[basis].map((kind) => KIND[kind])])
}

/**
 * Tells what became of the records of a closed month: each that makes its numbers different, largest difference first.
 * @param locked as they were
 * @param live those of the month as they are, and those of `locked` whatever their day
 * @param within whether a day is of the month
 */
export function changesOf(
  locked: readonly LockedRecord[],
  live: readonly LockedRecord[],
  within: (day: string) => boolean,
): Changed[] {
  const name = ({ kind, id }: LockedRecord) => `${kind} ${id}`
  const before = new Map(locked.map((record) => [name(record), record]))
  const after = new Map(live.map((record) => [name(record), record]))
  const names = [...new Set([...before.keys(), ...after.keys()])]
  const changes = names.flatMap((one): Changed[] => {
    const [then, now] = [before.get(one) ?? null, after.get(one) ?? null]
    const inside = now !== null && within(now.day)
    const differences = differencesOf(then, inside ? now : null)
    if (differences.size === 0) return []
    const { kind } = (then ?? now)!
    return [
      { what: WHAT.get(kind)!, change: changeOf(then, now, inside), before: then, after: now, inside, differences },
    ]
  })
  const size = ({ differences }: Changed) => [...differences.values()].reduce((sum, d) => sum + (d < 0n ? -d : d), 0n)
  const sized = changes.map((change) => ({ change, size: size(change), name: name((change.before ?? change.after)!) }))
  sized.sort((a, b) => (a.size === b.size ? (a.name < b.name ? -1 : 1) : a.size > b.size ? -1 : 1))
  return sized.map(({ change }) => change)
}

function changeOf(then: LockedRecord | null, now: LockedRecord | null, inside: boolean): Changed['change'] {
  if (then === null) return 'added'
  if (now === null) return 'removed'
  if (!inside) return 'date'
  if (then.minor !== now.minor) {
    return then.amount === now.amount && then.currency === now.currency ? 'rate' : 'amount'
  }
  return then.kind === 0 ? 'place' : 'attribution'
}

function differencesOf(then: LockedRecord | null, now: LockedRecord | null): Map<string | null, bigint> {
  const sums = new Map<string | null, bigint>()
  const add = (record: LockedRecord | null, sign: bigint) => {
    for (const [channel, minor] of record?.channels ?? []) {
      sums.set(channel, (sums.get(channel) ?? 0n) + sign * BigInt(minor))
    }
  }
  add(now, 1n)
  add(then, -1n)
  return new Map([...sums].filter(([, difference]) => difference !== 0n))
}
