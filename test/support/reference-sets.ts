import type { AnyRecord } from '../../src/model/records.ts'

/** One channel of a reference set: its cost, leads, won deals and revenue, in whole currency units. */
export interface SetRow {
  readonly channel: string
  readonly cost: number
  readonly leads: number
  readonly won: number
  readonly revenue: number
}

/** Reference set A of product.md §6. */
export const SET_A: readonly SetRow[] = [
  { channel: 'Google ads', cost: 50_000, leads: 200, won: 15, revenue: 300_000 },
  { channel: 'expo', cost: 80_000, leads: 150, won: 25, revenue: 500_000 },
  { channel: 'e-mail', cost: 10_000, leads: 300, won: 10, revenue: 80_000 },
  { channel: 'social', cost: 30_000, leads: 500, won: 8, revenue: 60_000 },
]

/** Reference set B of product.md §6; leads and won are of no interest there. */
export const SET_B: readonly SetRow[] = [
  { channel: 'Douyin', cost: 50_000, leads: 10, won: 4, revenue: 80_000 },
  { channel: 'WeChat', cost: 20_000, leads: 10, won: 2, revenue: 25_000 },
  { channel: 'offline', cost: 30_000, leads: 10, won: 1, revenue: 10_000 },
]

const at = (day: number) => new Date(Date.UTC(2026, 2, 1 + day, 9))

/** A set as records: one campaign and cost a channel, one touch a lead, each deal naming one lead. */
export function setRecords(rows: readonly SetRow[]): AnyRecord[] {
  return rows.flatMap(({ channel, cost, leads, won, revenue }): AnyRecord[] => [
    {
      type: 'campaign',
      id: `k-${channel}`,
      name: `${channel} 2026`,
      channel,
      region: channel === 'expo' ? '华东' : '华南',
    },
    {
      type: 'cost',
      id: `x-${channel}`,
      date: '2026-03-01',
      amount: { amount: String(cost), currency: 'CNY' },
      category: channel === 'Google ads' ? 'ads' : 'event',
      state: 'actual',
      campaignId: `k-${channel}`,
    },
    ...Array.from({ length: leads }, (_, i): AnyRecord[] => [
      { type: 'contact', id: `c-${channel}-${i}`, createdAt: at(2) },
      {
        type: 'touch',
        id: `t-${channel}-${i}`,
        person: { contactId: `c-${channel}-${i}` },
        occurredAt: at(1),
        campaignId: `k-${channel}`,
      },
    ]).flat(),
    ...Array.from({ length: won }, (_, i): AnyRecord => {
      const part = Math.floor(revenue / won)
      const amount = i === 0 ? revenue - part * (won - 1) : part
      return {
        type: 'deal',
        id: `d-${channel}-${i}`,
        name: `${channel} deal ${i}`,
        accountId: `a-${channel}-${i}`,
        contactIds: [`c-${channel}-${i}`],
        amount: { amount: String(amount), currency: 'CNY' },
        createdAt: at(5),
        closedAt: at(20),
        won: true,
      }
    }),
  ])
}
