import { convert, dayOf, shareOut } from './money.ts'
import { type People, personOf, whoIsWho } from './people.ts'
import type { Deal, Facts } from './read.ts'

/** What the figures depend on besides the files. */
export interface Rules {
  readonly currency: string
  readonly zone: string
  readonly lookbackDays: number
  readonly sharedBySpend: { readonly over: 'channel' | 'campaign'; readonly category: string | null } | null
}

export type Model = 'linear' | 'first'
export type Layer = 'first' | 'repurchase' | 'referral'

/** Something that is credited: a lead, an opportunity, a won deal, or money paid back of one. */
export interface Outcome {
  readonly kind: 'lead' | 'opportunity' | 'won' | 'refund'
  readonly deal: Deal | null
  /** Local day it counts on. */
  readonly day: string
  readonly minor: bigint
  readonly layer: Layer | null
  /** The customer's first won deal. */
  readonly isNew: boolean
  /** Seconds from lead to won. */
  readonly cycle: number | null
  readonly parts: readonly Part[]
}

/** Credit of one touch. */
export interface Part {
  /** Null = no touch explains it. */
  readonly channel: string | null
  readonly campaign: string | null
  /** Under each model, in units of 1/{@link ONE}. */
  readonly weight: Readonly<Record<Model, bigint>>
  readonly minor: Readonly<Record<Model, bigint>>
}

/** Divisible by every number of touches a journey of these workspaces may have. */
export const ONE = lcmUpTo(48n)
const DAY = 86_400_000
const LAYERS: readonly Layer[] = ['first', 'repurchase', 'referral']

function lcmUpTo(last: bigint): bigint {
  let all = 1n
  for (let n = 2n; n <= last; n += 1n) {
    let [a, b] = [all, n]
    while (b !== 0n) [a, b] = [b, a % b]
    all = (all / a) * n
  }
  return all
}

const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

interface Placed {
  readonly id: string
  readonly person: number
  readonly at: number
  readonly sequence: number
  readonly channel: string
  readonly campaign: string | null
}

/** Touches in journey order, with the channel that gets their credit. */
function placed(facts: Facts, people: People): Placed[] {
  const touches: Placed[] = []
  for (const touch of facts.touches) {
    const person = personOf(touch, people)
    if (person === undefined) continue
    const campaign = facts.campaigns.find(({ id }) => id === touch.campaign)
    touches.push({
      ...{ id: touch.id, person, at: touch.at, campaign: touch.campaign },
      sequence: touch.sequence ?? Number.POSITIVE_INFINITY,
      channel: touch.channel ?? campaign?.channel ?? '(unknown)',
    })
  }
  return touches.sort((a, b) => a.at - b.at || order(a.sequence, b.sequence) || bytes(a.id, b.id))
}

function order(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1
}

/** Every outcome with its credit. */
export function outcomesOf(facts: Facts, rules: Rules): Outcome[] {
  const people = whoIsWho(facts)
  const touches = placed(facts, people)
  const outcomes: Outcome[] = []
  const add = (
    outcome: Omit<Outcome, 'parts' | 'day' | 'minor'>,
    at: number,
    money: { readonly amount: string; readonly currency: string } | null,
    journey: { readonly persons: ReadonlySet<number>; readonly after: number; readonly upTo: number },
  ) => {
    const day = dayOf(at, rules.zone)
    const minor = money === null ? 0n : (convert(money, rules.currency, day, facts.rates) ?? 0n)
    const own = touches.filter(
      ({ person, at: when }) =>
        journey.persons.has(person) &&
        when > journey.after &&
        when <= journey.upTo &&
        when >= journey.upTo - rules.lookbackDays * DAY,
    )
    outcomes.push({ ...outcome, day, minor, parts: partsOf(minor, own) })
  }
  const plain = { layer: null, isNew: false, cycle: null }
  for (const [person, members] of people.members) {
    const at = Math.min(...members.map(({ lead }) => lead))
    const journey = { persons: new Set([person]), after: Number.NEGATIVE_INFINITY, upTo: at }
    add({ kind: 'lead', deal: null, ...plain }, at, null, journey)
  }
  const known = facts.deals.map((deal) => ({ deal, ...ownersOf(deal, facts, people) }))
  const sales = known
    .filter(({ deal }) => deal.won === true)
    .sort((a, b) => a.deal.closed! - b.deal.closed! || bytes(a.deal.id, b.deal.id))
  for (const { deal, persons, customer, lead } of known) {
    const before = Number.NEGATIVE_INFINITY
    if (deal.created !== null) {
      add({ kind: 'opportunity', deal, ...plain }, deal.created, deal, { persons, after: before, upTo: deal.created })
    }
    if (deal.won !== true) continue
    const closed = deal.closed!
    const mine = sales.filter((sale) => sale.customer === customer)
    const place = mine.findIndex((sale) => sale.deal === deal)
    const marked = LAYERS.find((layer) => layer === deal.layer)
    const layer = marked ?? (place === 0 ? 'first' : 'repurchase')
    // A marked repurchase has a path of its own, since the sale before it.
    const after = marked === 'repurchase' && place > 0 ? mine[place - 1]!.deal.closed! : before
    const journey = { persons, after, upTo: closed }
    const cycle = lead === null ? null : Math.floor((closed - lead) / 1000)
    add({ kind: 'won', deal, layer, isNew: place === 0, cycle }, closed, deal, journey)
    for (const payment of facts.payments) {
      if (payment.deal !== deal.id || !payment.amount.startsWith('-') || Number(deal.amount) <= 0) continue
      add({ kind: 'refund', deal, layer, isNew: false, cycle: null }, payment.at, payment, journey)
    }
  }
  return outcomes
}

/** Whose touches lead to a deal, which customer it is of, and since when he is a lead. */
function ownersOf(deal: Deal, { contacts }: Facts, people: People) {
  const named = deal.contacts.length > 0
  const members = contacts.filter(({ id, account }) =>
    named ? deal.contacts.includes(id) : deal.account !== null && account === deal.account,
  )
  const persons = new Set(members.map(({ id }) => people.ofContact.get(id)!))
  const all = [...persons].flatMap((person) => people.members.get(person)!)
  all.sort((a, b) => a.lead - b.lead || bytes(a.id, b.id))
  const oldest = all[0]
  const person = oldest && people.ofContact.get(oldest.id)
  const customer =
    deal.account !== null ? `account ${deal.account}` : person !== undefined ? `person ${person}` : `deal ${deal.id}`
  return { persons, customer, lead: oldest?.lead ?? null }
}

function partsOf(minor: bigint, journey: readonly Placed[]): Part[] {
  if (journey.length === 0) {
    const [weight, money] = [
      { linear: ONE, first: ONE },
      { linear: minor, first: minor },
    ]
    return [{ channel: null, campaign: null, weight, minor: money }]
  }
  const even = shareOut(
    minor,
    journey.map(() => 1n),
  )
  return journey.map(({ channel, campaign }, i) => ({
    channel,
    campaign,
    weight: { linear: ONE / BigInt(journey.length), first: i === 0 ? ONE : 0n },
    minor: { linear: even[i]!, first: i === 0 ? minor : 0n },
  }))
}
