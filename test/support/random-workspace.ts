import fc from 'fast-check'
import type { AnyRecord } from '../../src/model/records.ts'

/** Random workspaces, small but mean: ties, shared addresses, deals without contacts, refunds, late touches. */

const START = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000
export const CHANNELS = ['google', '微信', 'direct', 'boosted', '(Direct)', 'expo'] as const

export const hour = fc.integer({ min: 0, max: 24 * 60 })
const amount = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 5_000_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 50 }) },
  { weight: 1, arbitrary: fc.integer({ min: -100_000, max: -1 }) },
)

export interface RandomWorkspace {
  readonly contacts: readonly {
    readonly email: number | null
    readonly phone: number | null
    readonly account: number | null
    readonly created: number
    readonly lead: number | null
    readonly mql: number | null
    readonly sql: number | null
  }[]
  readonly touches: readonly {
    readonly contact: number
    readonly by: 'id' | 'email'
    readonly at: number
    readonly sequence: number | null
    readonly channel: number
  }[]
  readonly deals: readonly {
    readonly contacts: readonly number[]
    readonly account: number | null
    readonly created: number | null
    readonly closed: number
    readonly won: boolean
    readonly amount: number
    readonly paid: number | null
  }[]
}

export const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null })

export const randomWorkspace: fc.Arbitrary<RandomWorkspace> = fc.record({
  contacts: fc.array(
    fc.record({
      email: optional(fc.integer({ min: 0, max: 8 })),
      phone: optional(fc.integer({ min: 0, max: 12 })),
      account: optional(fc.integer({ min: 0, max: 3 })),
      created: hour,
      lead: optional(hour),
      mql: optional(hour),
      sql: optional(hour),
    }),
    { minLength: 1, maxLength: 10 },
  ),
  touches: fc.array(
    fc.record({
      contact: fc.nat(),
      by: fc.constantFrom('id', 'id', 'email'),
      at: hour,
      sequence: optional(fc.integer({ min: 0, max: 3 })),
      channel: fc.nat({ max: CHANNELS.length - 1 }),
    }),
    { maxLength: 40 },
  ),
  deals: fc.array(
    fc.record({
      contacts: fc.array(fc.nat(), { maxLength: 3 }),
      account: optional(fc.integer({ min: 0, max: 3 })),
      created: optional(hour),
      closed: hour,
      won: fc.boolean(),
      amount,
      paid: optional(hour),
    }),
    { maxLength: 8 },
  ),
}) as fc.Arbitrary<RandomWorkspace>

export const at = (hours: number) => new Date(START + hours * HOUR)
export const money = (minor: number) => ({
  amount: `${minor < 0 ? '-' : ''}${Math.trunc(Math.abs(minor) / 100)}.${String(Math.abs(minor) % 100).padStart(2, '0')}`,
  currency: 'CNY',
})
export const emailOf = (n: number) => `person${n}@example.com`
/** Addresses of touches may be nobody's: index 9 and above belong to no contact. */
export const touchEmail = (n: number) => emailOf(n % 11)

/** The workspace as records of the model. */
export function toRecords(workspace: RandomWorkspace): AnyRecord[] {
  const { contacts, touches, deals } = workspace
  const name = (index: number) => `c${index % contacts.length}`
  return [
    ...contacts.map(
      (c, i): AnyRecord => ({
        type: 'contact',
        id: `c${i}`,
        createdAt: at(c.created),
        ...(c.email === null ? {} : { email: c.email % 2 ? emailOf(c.email) : emailOf(c.email).toUpperCase() }),
        ...(c.phone === null ? {} : { phone: `1380000${String(c.phone).padStart(4, '0')}` }),
        ...(c.account === null ? {} : { accountId: `a${c.account}` }),
        ...(c.lead === null ? {} : { leadAt: at(c.lead) }),
        ...(c.mql === null ? {} : { mqlAt: at(c.mql) }),
        ...(c.sql === null ? {} : { sqlAt: at(c.sql) }),
      }),
    ),
    ...touches.map(
      (t, i): AnyRecord => ({
        type: 'touch',
        id: `t${i}`,
        person: t.by === 'id' ? { contactId: name(t.contact) } : { email: touchEmail(t.contact) },
        occurredAt: at(t.at),
        channel: CHANNELS[t.channel]!,
        ...(t.sequence === null ? {} : { sequence: t.sequence }),
      }),
    ),
    ...deals.flatMap((d, i): AnyRecord[] => [
      {
        type: 'deal',
        id: `d${i}`,
        contactIds: [...new Set(d.contacts.map(name))],
        amount: money(d.amount),
        closedAt: at(d.closed),
        won: d.won,
        ...(d.account === null ? {} : { accountId: `a${d.account}` }),
        ...(d.created === null ? {} : { createdAt: at(d.created) }),
      },
      ...(d.paid === null
        ? []
        : [{ type: 'payment' as const, id: `p${i}`, dealId: `d${i}`, amount: money(d.amount), paidAt: at(d.paid) }]),
    ]),
  ]
}
