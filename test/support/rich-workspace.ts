import fc from 'fast-check'
import type { AnyRecord } from '../../src/model/records.ts'
import { at, CHANNELS, hour, money, optional, type RandomWorkspace, randomWorkspace } from './random-workspace.ts'

/**
 * What makes a random workspace richer: campaigns, foreign currency with dated rates, repurchases, refunds, invoices, deals
 * that were lost after they were won, and corrections of touches. Entry i of a list belongs to record i, round and round.
 */
export interface Extras {
  /** Channel of campaign k0, k1, k2; null = none. */
  readonly campaigns: readonly (number | null)[]
  readonly touches: readonly {
    /** 3 = a campaign that is not there. */
    readonly campaign: number | null
    readonly kind: string | null
    /** The source names no channel, and no rule finds one. */
    readonly channelless: boolean
  }[]
  readonly deals: readonly {
    readonly currency: 'CNY' | 'USD'
    readonly layer: 'first' | 'repurchase' | 'referral' | null
    readonly refund: { readonly at: number; readonly amount: number } | null
    readonly invoice: { readonly at: number; readonly amount: number; readonly currency: 'CNY' | 'USD' } | null
    /** Of deals that are not won: hours they entered a won and a lost stage. */
    readonly relapse: { readonly won: number; readonly lost: number } | null
  }[]
  /** Dollars in yuan from days after the start on; factors that doubles hold exactly, so that halves are halves. */
  readonly rates: readonly { readonly day: number; readonly factor: '7.25' | '6.875' | '0.5' }[]
  readonly fixes: readonly {
    readonly touch: number
    readonly leaveOut: boolean
    readonly channel: number | null
    readonly campaign: number | null
  }[]
}

export interface RichWorkspace extends RandomWorkspace {
  readonly extras: Extras
}

/** Kinds that no channel rule knows. */
export const KINDS = ['alpha', 'BETA', 'Gamma'] as const

const currency = fc.constantFrom('CNY' as const, 'CNY' as const, 'USD' as const)
const extras: fc.Arbitrary<Extras> = fc.record({
  campaigns: fc.array(optional(fc.nat({ max: CHANNELS.length - 1 })), { minLength: 3, maxLength: 3 }),
  touches: fc.array(
    fc.record({
      campaign: fc.option(fc.nat({ max: 3 }), { nil: null, freq: 2 }),
      kind: optional(fc.constantFrom(...KINDS)),
      channelless: fc.boolean(),
    }),
    { minLength: 5, maxLength: 12 },
  ),
  deals: fc.array(
    fc.record({
      currency,
      layer: fc.constantFrom(null, 'repurchase' as const, 'first' as const, 'referral' as const),
      refund: optional(fc.record({ at: hour, amount: fc.integer({ min: 1, max: 100_000 }) })),
      invoice: optional(fc.record({ at: hour, amount: fc.integer({ min: -5000, max: 100_000 }), currency })),
      relapse: optional(fc.record({ won: hour, lost: hour })),
    }),
    { minLength: 3, maxLength: 6 },
  ),
  rates: fc.array(fc.record({ day: fc.nat({ max: 60 }), factor: fc.constantFrom('7.25', '6.875', '0.5') }), {
    maxLength: 4,
  }),
  fixes: fc.uniqueArray(
    fc.record({
      touch: fc.nat({ max: 39 }),
      leaveOut: fc.boolean(),
      channel: optional(fc.nat({ max: CHANNELS.length - 1 })),
      campaign: optional(fc.nat({ max: 2 })),
    }),
    { maxLength: 6, selector: ({ touch }) => touch },
  ),
}) as fc.Arbitrary<Extras>

export const richWorkspace: fc.Arbitrary<RichWorkspace> = fc
  .tuple(randomWorkspace, extras)
  .map(([workspace, more]) => ({ ...workspace, extras: more }))

/** Entry of a list that goes round and round. */
export function entry<T>(list: readonly T[], i: number): T {
  return list[i % list.length]!
}

export const dayAfterStart = (day: number) =>
  at(day * 24)
    .toISOString()
    .slice(0, 10)

/** The records of a workspace, made richer. */
export function enriched(records: readonly AnyRecord[], { extras: more, deals }: RichWorkspace): AnyRecord[] {
  const number = ({ id }: AnyRecord) => Number(id.slice(1))
  return [
    ...records.map((record): AnyRecord => {
      if (record.type === 'touch') {
        const { campaign, kind, channelless } = entry(more.touches, number(record))
        const { channel, ...rest } = record
        return {
          ...rest,
          ...(channelless || channel === undefined ? {} : { channel }),
          ...(campaign === null ? {} : { campaignId: `k${campaign}` }),
          ...(kind === null ? {} : { kind }),
        }
      }
      if (record.type !== 'deal' && record.type !== 'payment') return record
      const { currency: code, layer } = entry(more.deals, number(record))
      const amount = { ...record.amount!, currency: code }
      if (record.type === 'payment') return { ...record, amount }
      return { ...record, amount, ...(layer === null ? {} : { layer }) }
    }),
    ...more.campaigns.map((channel, i): AnyRecord => {
      return {
        type: 'campaign',
        id: `k${i}`,
        name: `Campaign ${i}`,
        ...(channel === null ? {} : { channel: CHANNELS[channel]! }),
      }
    }),
    ...more.rates.map(({ day, factor }): AnyRecord => {
      const date = dayAfterStart(day)
      return { type: 'rate', id: date, from: 'USD', to: 'CNY', date, factor }
    }),
    ...(['W', 'L'] as const).map((id, position): AnyRecord => {
      return { type: 'stage', id, pipeline: 'p', label: id, position, closed: true, won: id === 'W' }
    }),
    ...deals.flatMap((deal, i): AnyRecord[] => {
      const { refund, invoice, relapse, currency: code } = entry(more.deals, i)
      const dealId = `d${i}`
      const back = refund && { ...money(-refund.amount), currency: code }
      const changed = (stage: 'W' | 'L', hours: number): AnyRecord => {
        return { type: 'stage_change', id: `${stage}${i}`, dealId, stage, changedAt: at(hours) }
      }
      return [
        ...(back ? [{ type: 'payment' as const, id: `r${i}`, dealId, amount: back, paidAt: at(refund.at) }] : []),
        ...(invoice
          ? [
              {
                type: 'invoice' as const,
                id: `i${i}`,
                dealId,
                amount: { ...money(invoice.amount), currency: invoice.currency },
                issuedAt: at(invoice.at),
              },
            ]
          : []),
        ...(relapse && !deal.won ? [changed('W', relapse.won), changed('L', relapse.lost)] : []),
      ]
    }),
  ]
}
