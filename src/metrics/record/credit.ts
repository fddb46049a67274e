import type { RecordView } from '../../api.ts'
import { UNATTRIBUTED_CHANNEL, UNKNOWN_CHANNEL } from '../../journey/channels.ts'
import { formatMinor } from '../../model/money.ts'
import { labelOf } from '../labels.ts'
import type { Scene } from './scene.ts'
import { UNATTRIBUTED } from './words.ts'

/** Weight units and minor units. */
export interface Part {
  readonly w: bigint
  readonly m: bigint
}

/** Sum of parts. */
export function sumOf(parts: Iterable<Part>): Part {
  let w = 0n
  let m = 0n
  for (const part of parts) {
    w += part.w
    m += part.m
  }
  return { w, m }
}

/**
 * What the credit of a view is a part of. One deal is split by weight. Several are split by money, because that is what
 * the sentence is about; by weight, each deal counting the same, where money cannot tell: an amount of 0 or a refund.
 */
export class Whole {
  readonly #total: bigint
  readonly #of: 'w' | 'm'
  /** No amount can be told: no rate leads to the workspace's currency. */
  readonly foreign: boolean

  constructor(parts: readonly Part[], options: { readonly byMoney: boolean; readonly foreign?: boolean }) {
    const { w, m } = sumOf(parts)
    const byMoney = options.byMoney && m > 0n && parts.every((part) => part.m >= 0n)
    this.#of = byMoney ? 'm' : 'w'
    this.#total = byMoney ? m : w
    this.foreign = options.foreign ?? false
  }

  /** 0 to 1. */
  share(part: Part): number {
    return this.#total === 0n ? 0 : Number(part[this.#of]) / Number(this.#total)
  }

  /** Decimal string of what a part is worth. */
  amount(part: Part, currency: string): string | null {
    return this.foreign ? null : formatMinor(part.m, currency)
  }
}

/** Credit of a channel; key null = without a touch. */
export interface ChannelPart extends Part {
  readonly key: string | null
  readonly touches: number
}

/** Sums rows of the ledger by channel. A touch that several deals credit counts once. */
export function byChannel(
  { channels }: Scene,
  rows: Iterable<Part & { readonly channel_id: bigint | null; readonly touch_id: bigint | null }>,
): ChannelPart[] {
  const sums = new Map<string | null, { w: bigint; m: bigint; touches: Set<bigint> }>()
  for (const { channel_id, touch_id, w, m } of rows) {
    const key = keyOf(channels, channel_id)
    const sum = sums.get(key) ?? { w: 0n, m: 0n, touches: new Set() }
    sums.set(key, sum)
    sum.w += w
    sum.m += m
    if (touch_id !== null) sum.touches.add(touch_id)
  }
  return [...sums].map(([key, { w, m, touches }]) => ({ key, w, m, touches: touches.size }))
}

/** Key of a channel; null without a touch. */
export function keyOf(channels: Scene['channels'], id: bigint | null): string | null {
  return id === null ? null : (channels.get(id) ?? UNKNOWN_CHANNEL)
}

/** The lines of `credit`: largest share first, then by key; what no touch explains last. */
export function creditLines(
  { locale, format, currency }: Scene,
  parts: readonly ChannelPart[],
  whole: Whole,
): RecordView['credit'] {
  return parts
    .map((part) => {
      const share = whole.share(part)
      const worth = whole.foreign ? '' : ` · ${format.money(part.m, currency)}`
      return {
        key: part.key ?? UNATTRIBUTED_CHANNEL,
        label: part.key === null ? UNATTRIBUTED[locale] : labelOf('channel', { key: part.key, name: null }, locale),
        share,
        amount: whole.amount(part, currency),
        text: format.share(share) + worth,
        touches: part.touches,
        last: part.key === null,
      }
    })
    .sort((a, b) => Number(a.last) - Number(b.last) || b.share - a.share || (a.key < b.key ? -1 : 1))
    .map(({ last: _, ...line }) => line)
}
