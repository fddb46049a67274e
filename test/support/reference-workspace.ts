import { type Eligibility, LeadRule } from '../../src/model/rules.ts'
import { at, CHANNELS, type RandomWorkspace, touchEmail } from './random-workspace.ts'
import type { RefOutcome, RefTouch } from './reference.ts'
import { dayAfterStart, type Extras, entry, type RichWorkspace } from './rich-workspace.ts'

/** Rules of a workspace that decide what its outcomes and touches are. */
export interface RefRules {
  readonly repurchasePath: 'marked' | 'all' | 'none'
  readonly eligibility: Eligibility
  readonly leadRule: LeadRule
}

/** A workspace without anything extra. */
const PLAIN: Extras = {
  campaigns: [null, null, null],
  touches: [{ campaign: null, kind: null, channelless: false }],
  deals: [{ currency: 'CNY', layer: null, refund: null, invoice: null, relapse: null }],
  rates: [],
  fixes: [],
}

const time = (hours: number) => at(hours).getTime()
const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
const min = (values: readonly (number | null)[]) => {
  const present = values.filter((value) => value !== null)
  return present.length === 0 ? null : Math.min(...present)
}

/** The workspace as the reference sees it: persons by naive merging, touches and outcomes by the definitions. */
export function toReference(
  workspace: RandomWorkspace | RichWorkspace,
  rules: RefRules,
): { touches: RefTouch[]; outcomes: RefOutcome[] } {
  const extras = 'extras' in workspace ? workspace.extras : PLAIN
  const people = new People(workspace)
  const touches = touchesOf(workspace, extras, people, rules.eligibility)
  return {
    touches: touches.map(({ kind: _, leftOut: _leftOut, ...touch }) => touch),
    outcomes: [
      ...personOutcomes(workspace, people, touches, rules.leadRule),
      ...dealOutcomes(workspace, extras, people, rules),
    ],
  }
}

/** Who is who: contacts that share a key are one person, named by the oldest of them. */
class People {
  readonly #contacts: RandomWorkspace['contacts']
  readonly #group: number[]

  constructor({ contacts }: RandomWorkspace) {
    this.#contacts = contacts
    this.#group = contacts.map((_, i) => i)
    for (let moved = true; moved; ) {
      moved = false
      contacts.forEach((a, i) => {
        contacts.forEach((b, j) => {
          const same = (a.email !== null && a.email === b.email) || (a.phone !== null && a.phone === b.phone)
          if (!same || this.#group[i] === this.#group[j]) return
          const target = Math.min(this.#group[i]!, this.#group[j]!)
          this.#group[i] = target
          this.#group[j] = target
          moved = true
        })
      })
    }
  }

  groups(): number[][] {
    return [...new Set(this.#group)].map((g) => this.#members(g))
  }

  of(contact: number): string {
    const older = (i: number, j: number) =>
      this.#contacts[i]!.created - this.#contacts[j]!.created || bytes(`c${i}`, `c${j}`)
    return `c${this.#members(this.#group[contact]!).sort(older)[0]}`
  }

  ofEmail(n: number): string {
    const index = this.#contacts.findIndex((c) => c.email === n % 11)
    return index < 0 ? touchEmail(n) : this.of(index)
  }

  #members(group: number): number[] {
    return this.#contacts.map((_, i) => i).filter((i) => this.#group[i] === group)
  }
}

interface KnownTouch extends RefTouch {
  readonly kind: string | null
  readonly leftOut: boolean
}

function touchesOf(
  { contacts, touches }: RandomWorkspace,
  extras: Extras,
  people: People,
  eligibility: Eligibility,
): KnownTouch[] {
  const has = (names: readonly string[], name: string) => names.some((one) => one.toLowerCase() === name.toLowerCase())
  const allowed = (include: readonly string[], exclude: readonly string[], name: string | null) =>
    (include.length === 0 || (name !== null && has(include, name))) && (name === null || !has(exclude, name))
  return touches.map((t, i) => {
    const { campaign: own, kind, channelless } = entry(extras.touches, i)
    const fix = extras.fixes.find(({ touch }) => touch === i)
    const move = fix && !fix.leaveOut ? fix : undefined
    const campaign = move?.campaign ?? own
    const channelOf = (k: number | null) => {
      const channel = k === null ? null : (extras.campaigns[k] ?? null)
      return channel === null ? undefined : CHANNELS[channel]!
    }
    const channel =
      (move && move.channel !== null ? CHANNELS[move.channel]! : undefined) ??
      (move && move.campaign !== null ? channelOf(move.campaign) : undefined) ??
      (channelless ? undefined : CHANNELS[t.channel]!) ??
      channelOf(campaign) ??
      '(unknown)'
    const { include_kinds, exclude_kinds, include_channels, exclude_channels } = eligibility
    const leftOut = fix?.leaveOut === true
    return {
      id: `t${i}`,
      person: t.by === 'id' ? people.of(t.contact % contacts.length) : people.ofEmail(t.contact),
      at: time(t.at),
      sequence: t.sequence,
      channel,
      campaign: campaign === null ? null : `k${campaign}`,
      kind,
      leftOut,
      eligible:
        !leftOut && allowed(include_kinds, exclude_kinds, kind) && allowed(include_channels, exclude_channels, channel),
    }
  })
}

function personOutcomes(
  { contacts, deals }: RandomWorkspace,
  people: People,
  touches: readonly KnownTouch[],
  rule: LeadRule,
): RefOutcome[] {
  const plain = JSON.stringify(rule) === JSON.stringify(LeadRule.parse({}))
  return people.groups().flatMap((members) => {
    const person = people.of(members[0]!)
    const lead = time(min(members.map((i) => contacts[i]!.lead ?? contacts[i]!.created))!)
    const mine = touches.filter((touch) => touch.person === person && !touch.leftOut).sort((a, b) => a.at - b.at)
    const reached = (way: LeadRule['mql'], dates: readonly (number | null)[]) => {
      const source = min(dates)
      const opened = deals
        .filter((deal) => deal.contacts.some((n) => members.includes(n % contacts.length)))
        .map((deal) => deal.created)
      const first = min(opened)
      return min([
        way.source && source !== null ? time(source) : null,
        mine.find(({ kind }) => way.touch_kinds.some((name) => name.toLowerCase() === kind?.toLowerCase()))?.at ?? null,
        way.touches === null ? null : (mine[way.touches - 1]?.at ?? null),
        way.deal_created && first !== null ? time(first) : null,
      ])
    }
    let mql = reached(
      rule.mql,
      members.map((i) => contacts[i]!.mql),
    )
    const sql = reached(
      rule.sql,
      members.map((i) => contacts[i]!.sql),
    )
    if (!plain && sql !== null && (mql === null || sql < mql)) mql = sql
    return ([lead, mql, sql] as const).flatMap((when, i): RefOutcome[] => {
      if (when === null) return []
      const same = { amount: 0n, pathStart: null, openedAt: null, isNew: false, layer: null }
      return [{ ...same, kind: i + 1, id: person, pathEnd: when, leadAt: lead, persons: [person] }]
    })
  })
}

/** Dollars as yuan at the rate of the day, halves away from zero; null before the first rate. */
function converted(amount: number, currency: 'CNY' | 'USD', when: number, { rates }: Extras): bigint {
  if (currency === 'CNY') return BigInt(amount)
  const day = new Date(when).toISOString().slice(0, 10)
  // Of two of one day the later one is the record.
  const known = rates.filter((rate) => dayAfterStart(rate.day) <= day)
  const last = Math.max(...known.map((rate) => rate.day))
  const rate = known.findLast((one) => one.day === last)
  if (!rate) return 0n
  const [whole = '', decimals = ''] = rate.factor.split('.')
  const [over, under] = [BigInt(whole + decimals), 10n ** BigInt(decimals.length)]
  const size = (2n * BigInt(Math.abs(amount)) * over + under) / (2n * under)
  return amount < 0 ? -size : size
}

function dealOutcomes(
  { contacts, deals }: RandomWorkspace,
  extras: Extras,
  people: People,
  { repurchasePath }: RefRules,
): RefOutcome[] {
  const leadOf = (i: number) => contacts[i]!.lead ?? contacts[i]!.created
  const known = deals.map((d, i) => {
    const named = d.contacts.map((n) => n % contacts.length)
    const members =
      named.length > 0
        ? named
        : contacts.map((_, c) => c).filter((c) => d.account !== null && contacts[c]!.account === d.account)
    const persons = [...new Set(members.map((c) => people.of(c)))]
    const all = contacts.map((_, c) => c).filter((c) => persons.includes(people.of(c)))
    const oldest = all.toSorted((a, b) => leadOf(a) - leadOf(b) || bytes(`c${a}`, `c${b}`))[0]
    const lead = min(all.map(leadOf))
    const more = entry(extras.deals, i)
    const relapsed = !d.won && more.relapse !== null && more.relapse.lost > more.relapse.won
    return {
      ...d,
      more,
      id: `d${i}`,
      number: i,
      persons,
      customer: d.account !== null ? `account ${d.account}` : oldest !== undefined ? people.of(oldest) : `deal ${i}`,
      leadAt: lead === null ? null : time(lead),
      openedAt: d.created === null ? null : time(d.created),
      wonAt: d.won ? time(d.closed) : relapsed ? time(more.relapse!.won) : null,
      lostAt: relapsed ? time(more.relapse!.lost) : null,
    }
  })
  return known.flatMap((deal): RefOutcome[] => {
    const { more, wonAt, lostAt } = deal
    const sales = known
      .filter((other) => other.customer === deal.customer && other.wonAt !== null)
      .sort((a, b) => a.wonAt! - b.wonAt! || bytes(a.id, b.id))
    const place = sales.findIndex(({ id }) => id === deal.id)
    const layer = more.layer ?? (place < 0 ? null : place === 0 ? 'first' : 'repurchase')
    const ownPath =
      repurchasePath === 'all'
        ? (more.layer ?? 'repurchase') === 'repurchase'
        : repurchasePath === 'marked' && more.layer === 'repurchase'
    const pathStart = place > 0 && ownPath ? sales[place - 1]!.wonAt : null
    const { id: _, persons, leadAt, openedAt } = deal
    const same = { persons, leadAt, openedAt, pathStart, isNew: false, layer }
    const outcome = (kind: number, id: string, amount: number, when: number, pathEnd: number, code = more.currency) => {
      return { ...same, kind, id, pathEnd, amount: converted(amount, code, when, extras) }
    }
    const close = (when: number) => wonAt ?? time(deal.closed) ?? when
    const found: RefOutcome[] = []
    if (openedAt !== null) {
      found.push({ ...outcome(4, deal.id, deal.amount, openedAt, openedAt), pathStart: null, layer: null })
    }
    if (wonAt !== null) {
      const isNew = sales.find((other) => other.lostAt === null)?.id === deal.id
      found.push({ ...outcome(5, deal.id, deal.amount, wonAt, wonAt), isNew })
    }
    const refund = more.refund && { id: `r${deal.number}`, amount: -more.refund.amount, at: more.refund.at }
    const paid = deal.paid === null ? null : { id: `p${deal.number}`, amount: deal.amount, at: deal.paid }
    for (const payment of [paid, refund]) {
      if (!payment) continue
      const { id, amount } = payment
      const when = time(payment.at)
      found.push(outcome(6, id, amount, when, close(when)))
      if (amount < 0 && wonAt !== null && lostAt === null && deal.amount > 0)
        found.push(outcome(8, id, amount, when, wonAt))
    }
    if (more.invoice) {
      const { at: hours, amount, currency } = more.invoice
      found.push(outcome(7, `i${deal.number}`, amount, time(hours), close(time(hours)), currency))
    }
    if (lostAt !== null) {
      const { amount } = outcome(9, deal.id, deal.amount, lostAt, wonAt!)
      found.push({ ...outcome(9, deal.id, deal.amount, lostAt, wonAt!), amount: -amount })
    }
    return found
  })
}
