import fc from 'fast-check'
import type { AnyRecord } from '../../src/model/records.ts'
import type { Rules } from './credit.ts'

/**
 * Random workspaces with everything the ten metrics can turn on: people under several addresses, campaigns in trees, costs in
 * four currencies, shared and negative, dated rates that are missing at times, refunds, layers, lost and open deals.
 */
export interface Workspace {
  readonly records: readonly AnyRecord[]
  readonly rules: Rules
  readonly period: { readonly from: string | null; readonly to: string | null }
}

const START = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000
const HOURS = 24 * 100
const CHANNELS = ['google', '微信', 'expo', 'direct', 'Expo'] as const
const CURRENCIES = ['CNY', 'CNY', 'CNY', 'CNY', 'CNY', 'USD', 'EUR', 'JPY'] as const
/** Campaigns that are there; one more is only named. */
const CAMPAIGNS = 4

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const mostly = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 5 })
const instant = fc.integer({ min: 0, max: HOURS * 60 }).map((minutes) => new Date(START + (minutes * HOUR) / 60))
const day = fc
  .integer({ min: 0, max: 100 })
  .map((days) => new Date(START + days * 24 * HOUR).toISOString().slice(0, 10))
const campaign = fc.nat({ max: CAMPAIGNS }).map((i) => `k${i}`)
const channel = fc.constantFrom(...CHANNELS)
const contact = fc.nat({ max: 8 }).map((i) => `c${i}`)
const account = fc.nat({ max: 2 }).map((i) => `a${i}`)
const email = fc.tuple(fc.nat({ max: 6 }), fc.boolean()).map(([i, loud]) => (loud ? `P${i}@X.CN` : `p${i}@x.cn`))
const phone = fc
  .tuple(fc.nat({ max: 6 }), fc.constantFrom('1380000000', '138-0000-000', '+86 138 0000 000', '8613800000'))
  .map(([i, start]) => (start === '8613800000' ? `1380000000${i}` : `${start}${i}`))

function money(least: number, most: number) {
  return fc
    .record({ minor: fc.integer({ min: least, max: most }), currency: fc.constantFrom(...CURRENCIES) })
    .map(({ minor, currency }) => {
      const text = String(Math.abs(minor)).padStart(3, '0')
      const amount = currency === 'JPY' ? text : `${text.slice(0, -2)}.${text.slice(-2)}`
      return { amount: `${minor < 0 ? '-' : ''}${currency === 'JPY' ? Number(amount) : amount}`, currency }
    })
}

/** Records of a type, numbered; fields left undefined are absent. */
function many(type: string, prefix: string, fields: Record<string, fc.Arbitrary<unknown>>, most: number, least = 0) {
  return fc.array(fc.record(fields), { minLength: least, maxLength: most }).map((rows) =>
    rows.map((row, i) => {
      const given = Object.entries(row).filter(([, value]) => value !== undefined)
      return { type, id: `${prefix}${i}`, ...Object.fromEntries(given) } as unknown as AnyRecord
    }),
  )
}

const person = fc.oneof(
  { weight: 3, arbitrary: fc.record({ contactId: contact }) },
  { weight: 1, arbitrary: fc.record({ email }) },
  { weight: 1, arbitrary: fc.record({ phone }) },
)
const contacts = many(
  'contact',
  'c',
  {
    createdAt: instant,
    leadAt: optional(instant),
    email: optional(email),
    phone: optional(phone),
    accountId: optional(account),
  },
  9,
  9,
)
const campaigns = many(
  'campaign',
  'k',
  {
    name: fc.constant('Campaign'),
    channel: mostly(channel),
    paid: optional(fc.boolean()),
    parentId: optional(campaign),
  },
  CAMPAIGNS,
  CAMPAIGNS,
)
const touches = many(
  'touch',
  't',
  {
    person,
    occurredAt: instant,
    sequence: optional(fc.nat({ max: 2 })),
    channel: optional(channel),
    campaignId: mostly(campaign),
  },
  40,
)
const costs = many(
  'cost',
  'x',
  {
    date: day,
    amount: money(-20_000, 300_000),
    category: fc.constantFrom('ads', 'tools', 'tools', 'salary'),
    state: fc.constantFrom('actual', 'actual', 'actual', 'paid', 'paid', 'planned', 'committed'),
    campaignId: fc.option(campaign, { nil: undefined, freq: 2 }),
    channel: fc.option(channel, { nil: undefined, freq: 2 }),
  },
  24,
  10,
)
const deals = many(
  'deal',
  'd',
  {
    accountId: optional(account),
    contactIds: fc.uniqueArray(contact, { maxLength: 3 }),
    amount: money(-50_000, 3_000_000),
    createdAt: mostly(instant),
    closedAt: instant,
    won: fc.constantFrom(true, true, true, false, undefined),
    layer: fc.constantFrom(undefined, undefined, 'first', 'repurchase', 'referral'),
  },
  10,
)
const payments = many(
  'payment',
  'p',
  { dealId: fc.nat({ max: 9 }).map((i) => `d${i}`), amount: money(-100_000, 100_000), paidAt: instant },
  8,
)
const factor = fc.constantFrom('7.1234', '7.8', '0.0487', '1.1', '6.875', '0.13')
const pair = fc.constantFrom(['USD', 'CNY'], ['EUR', 'CNY'], ['EUR', 'USD'], ['CNY', 'JPY'], ['USD', 'JPY'])
const rates = fc
  .uniqueArray(fc.record({ pair, date: day, factor }), {
    maxLength: 8,
    selector: ({ pair: [from, to], date }) => `${from}${to}${date}`,
  })
  .map((rows) =>
    rows.map(({ pair: [from, to], date, factor: worth }): AnyRecord => {
      return { type: 'rate', id: `${from}${to}${date}`, from: from!, to: to!, date, factor: worth }
    }),
  )

const rules: fc.Arbitrary<Rules> = fc.record({
  currency: fc.constantFrom('CNY', 'CNY', 'CNY', 'USD', 'JPY'),
  zone: fc.constantFrom('UTC', 'Asia/Shanghai', 'America/New_York'),
  lookbackDays: fc.constantFrom(365, 30),
  sharedBySpend: fc.option(
    fc.record({
      over: fc.constantFrom('channel' as const, 'campaign' as const),
      category: fc.constantFrom(null, 'tools', 'salary'),
    }),
    { nil: null, freq: 4 },
  ),
})
const period = fc
  .tuple(fc.option(day, { nil: null }), fc.option(day, { nil: null }))
  .map(([a, b]) => (a !== null && b !== null && a > b ? { from: b, to: a } : { from: a, to: b }))
  .filter(({ from, to }) => from === null || from !== to)

export const workspace: fc.Arbitrary<Workspace> = fc
  .record({ parts: fc.tuple(contacts, campaigns, touches, costs, deals, payments, rates), rules, period })
  .map(({ parts, ...rest }) => ({ records: parts.flat(), ...rest }))
