import fc from 'fast-check'
import type { AnyRecord } from '../../src/model/records.ts'
import type { RefOutcome, RefTouch } from './reference.ts'

/** Random workspaces, small but mean: ties, shared addresses, deals without contacts, refunds, late touches. */

const START = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000
const CHANNELS = ['google', '微信', 'direct', 'boosted', '(Direct)', 'expo'] as const

const hour = fc.integer({ min: 0, max: 24 * 60 })
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

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null })

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

const at = (hours: number) => new Date(START + hours * HOUR)
const money = (minor: number) => ({
  amount: `${minor < 0 ? '-' : ''}${Math.trunc(Math.abs(minor) / 100)}.${String(Math.abs(minor) % 100).padStart(2, '0')}`,
  currency: 'CNY',
})
const emailOf = (n: number) => `person${n}@example.com`
/** Addresses of touches may be nobody's: index 9 and above belong to no contact. */
const touchEmail = (n: number) => emailOf(n % 11)

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

/** The workspace as the reference sees it: persons by naive merging, outcomes by the definitions. */
export function toReference(workspace: RandomWorkspace): { touches: RefTouch[]; outcomes: RefOutcome[] } {
  const { contacts, touches, deals } = workspace
  // Merge contacts that share a key until nothing changes; a person is named by its oldest contact.
  const group = contacts.map((_, i) => i)
  for (let moved = true; moved; ) {
    moved = false
    contacts.forEach((a, i) => {
      contacts.forEach((b, j) => {
        const same = (a.email !== null && a.email === b.email) || (a.phone !== null && a.phone === b.phone)
        if (same && group[i] !== group[j]) {
          const target = Math.min(group[i]!, group[j]!)
          group[i] = target
          group[j] = target
          moved = true
        }
      })
    })
  }
  const older = (i: number, j: number) =>
    contacts[i]!.created - contacts[j]!.created || Buffer.compare(Buffer.from(`c${i}`), Buffer.from(`c${j}`))
  const members = (g: number) => contacts.map((_, i) => i).filter((i) => group[i] === g)
  const personOf = (i: number) => `c${members(group[i]!).sort(older)[0]}`
  const byEmail = (n: number) => {
    const index = contacts.findIndex((c) => c.email === n % 11)
    return index < 0 ? touchEmail(n) : personOf(index)
  }
  const leadOf = (i: number) => contacts[i]!.lead ?? contacts[i]!.created
  const time = (hours: number) => at(hours).getTime()
  const min = (values: (number | null)[]) => {
    const present = values.filter((value) => value !== null)
    return present.length === 0 ? null : Math.min(...present)
  }
  const outcomes: RefOutcome[] = []
  for (const g of new Set(group)) {
    const people = members(g)
    const person = personOf(people[0]!)
    const lead = time(min(people.map(leadOf))!)
    const add = (kind: number, when: number | null) => {
      if (when === null) return
      outcomes.push({
        kind,
        id: person,
        amount: 0n,
        pathEnd: when,
        leadAt: lead,
        openedAt: null,
        persons: [person],
        isNew: false,
      })
    }
    add(1, lead)
    const mql = min(people.map((i) => contacts[i]!.mql))
    const sql = min(people.map((i) => contacts[i]!.sql))
    add(2, mql === null ? null : time(mql))
    add(3, sql === null ? null : time(sql))
  }
  const customers = new Map<string, { deal: string; closed: number }[]>()
  deals.forEach((d, i) => {
    const named = d.contacts.map((n) => n % contacts.length)
    const people =
      named.length > 0
        ? named
        : contacts.map((_, c) => c).filter((c) => d.account !== null && contacts[c]!.account === d.account)
    const persons = [...new Set(people.map(personOf))]
    const all = contacts.map((_, c) => c).filter((c) => persons.includes(personOf(c)))
    const lead = min(all.map(leadOf))
    const common = {
      amount: BigInt(d.amount),
      leadAt: lead === null ? null : time(lead),
      openedAt: d.created === null ? null : time(d.created),
      persons,
      isNew: false,
    }
    const oldest = all.toSorted(
      (a, b) => leadOf(a) - leadOf(b) || Buffer.compare(Buffer.from(`c${a}`), Buffer.from(`c${b}`)),
    )[0]
    const customer = d.account !== null ? `account ${d.account}` : oldest !== undefined ? personOf(oldest) : `deal ${i}`
    if (d.won) customers.set(customer, [...(customers.get(customer) ?? []), { deal: `d${i}`, closed: d.closed }])
    if (d.created !== null) outcomes.push({ ...common, kind: 4, id: `d${i}`, pathEnd: time(d.created) })
    if (d.won) outcomes.push({ ...common, kind: 5, id: `d${i}`, pathEnd: time(d.closed) })
    if (d.paid !== null) outcomes.push({ ...common, kind: 6, id: `p${i}`, pathEnd: time(d.closed) })
  })
  const first = new Set(
    [...customers.values()].map(
      (won) =>
        won.toSorted((a, b) => a.closed - b.closed || Buffer.compare(Buffer.from(a.deal), Buffer.from(b.deal)))[0]!
          .deal,
    ),
  )
  return {
    outcomes: outcomes.map((outcome) => ({ ...outcome, isNew: outcome.kind === 5 && first.has(outcome.id) })),
    touches: touches.map((t, i) => ({
      id: `t${i}`,
      person: t.by === 'id' ? personOf(t.contact % contacts.length) : byEmail(t.contact),
      at: time(t.at),
      sequence: t.sequence,
      channel: CHANNELS[t.channel]!,
    })),
  }
}
