import type { RecordView } from '../../api.ts'
import { formatMinor } from '../../model/money.ts'
import { type CreditRow, MAX_DEALS, type WonDeal } from './read.ts'
import type { Scene } from './scene.ts'

/** What the deal list needs of a deal. */
export type ListedDeal = Pick<
  WonDeal,
  'id' | 'source_id' | 'name' | 'amount_minor' | 'currency' | 'closed_at' | 'original'
>

/** Won deals, the newest first, each with what the record is credited with. */
export function dealLines(
  { currency, format, locale }: Scene,
  deals: readonly ListedDeal[],
  credited: ReadonlyMap<bigint, bigint>,
): RecordView['deals'] {
  return deals
    .toSorted((a, b) => b.closed_at - a.closed_at || (a.source_id < b.source_id ? -1 : 1))
    .slice(0, MAX_DEALS)
    .map(({ id, source_id, name, amount_minor, currency: own, closed_at, original }) => {
      const foreign = own !== null && own !== currency
      const minor = credited.get(id) ?? 0n
      const all = worthText(format, { amount_minor, currency, original })
      const part = format.money(minor, currency)
      const of = locale === 'en' ? `${part} of ${all}` : `${all} 中的 ${part}`
      return {
        id: source_id,
        name,
        closed_at: new Date(closed_at).toISOString(),
        amount: foreign ? null : formatMinor(amount_minor, currency),
        credited: foreign ? null : formatMinor(minor, currency),
        text: foreign ? format.foreign(amount_minor, own) : of,
      }
    })
}

/** What a deal is worth, with the original where it was converted: `¥7,200 (USD 1,000)`. */
export function worthText(
  format: Scene['format'],
  deal: { amount_minor: bigint; currency: string; original?: ListedDeal['original'] | undefined },
): string {
  const worth = format.money(deal.amount_minor, deal.currency)
  return deal.original ? `${worth} (${format.money(deal.original.minor, deal.original.currency)})` : worth
}

/** Minor units per deal. */
export function creditedBy(rows: readonly CreditRow[]): Map<bigint, bigint> {
  const sums = new Map<bigint, bigint>()
  for (const { outcome_id, m } of rows) sums.set(outcome_id, (sums.get(outcome_id) ?? 0n) + m)
  return sums
}

/** True where none of some deals has money in the workspace's currency. */
export function allForeign({ currency }: Scene, deals: readonly ListedDeal[]): boolean {
  return deals.length > 0 && deals.every(({ currency: own }) => own !== null && own !== currency)
}

/** For the journey: what the milestones of each deal are about. */
export function dealTexts(
  { format, currency }: Scene,
  deals: readonly {
    id: bigint
    source_id: string
    name: string | null
    amount_minor: bigint | null
    currency: string | null
    original?: ListedDeal['original']
  }[],
): Map<bigint, { name: string; worth: string }> {
  return new Map(
    deals.map(({ id, source_id, name, amount_minor, currency: own, original }) => {
      const worth =
        amount_minor === null ? '' : worthText(format, { amount_minor, currency: own ?? currency, original })
      return [id, { name: name ?? source_id, worth }]
    }),
  )
}
