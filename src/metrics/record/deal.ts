import type { Reconciliation, RecordView } from '../../api.ts'
import { formatMinor } from '../../model/money.ts'
import { byChannel, type ChannelPart, creditLines, keyOf, sumOf, Whole } from './credit.ts'
import { type Cycle, cycleOf } from './cycle.ts'
import { worthText } from './deals.ts'
import { Figures } from './figures.ts'
import { channelLabel, journeyOf } from './journey.ts'
import {
  type CreditRow,
  creditOf,
  type DealRow,
  dealPeople,
  isWon,
  type MilestoneRow,
  milestonesOf,
  peopleOf,
  type Touches,
  touchesOf,
} from './read.ts'
import type { Body, Scene } from './scene.ts'
import { type Named, SENTENCES } from './sentences.ts'
import { medianLabel } from './words.ts'

const DAY = 86_400_000
/** Channels named in a sentence; the rest is "others". */
const NAMED = 3

export type DealHead = DealRow

interface DealParts {
  readonly deal: DealHead
  readonly people: readonly { readonly fallback: boolean }[]
  readonly touches: Touches
  readonly milestones: readonly MilestoneRow[]
  readonly credit: readonly CreditRow[]
  readonly won: boolean
  /** Its money is in a currency that no rate leads from. */
  readonly foreign: boolean
  readonly cycle: Cycle
}

/** What one deal owes to marketing: its credit once it is won, before that its touches so far. */
export async function dealBody(scene: Scene, deal: DealHead): Promise<Body> {
  const members = await dealPeople(scene, deal.id)
  const ids = members.map(({ person_id }) => person_id)
  const won = isWon(deal)
  const credit = won ? await creditOf(scene, [deal.id]) : []
  const until = deal.won === null || deal.closed_at === null ? scene.now : new Date(deal.closed_at)
  // Eligible touches are the newest ones: the first of them may lie before those shown.
  const touches = await touchesOf(scene, ids, until, eligible(credit))
  const milestones = (await milestonesOf(scene, [...ids, deal.id])).filter(
    ({ kind, occurred_at }) => kind >= 5 || occurred_at <= until.getTime(),
  )
  const foreign = deal.currency !== null && deal.currency !== scene.currency
  const cycle = await cycleOf(scene.database, scene.reader, scene.tenant)
  const parts: DealParts = { deal, people: members, touches, milestones, credit, won, foreign, cycle }
  const whole = new Whole(credit, { byMoney: false, foreign })
  const channels = byChannel(scene, credit)
  return {
    name: deal.name ?? deal.source_id,
    sentence: sentenceOf(scene, parts, channels, whole),
    state: touches.count === 0 ? 'empty' : won ? 'ok' : 'open',
    figures: figuresOf(scene, parts),
    credit: creditLines(scene, channels, whole),
    ...(await journeyOf(scene, {
      touches,
      milestones,
      people: await peopleOf(scene, ids),
      credit,
      whole,
      dealTexts: new Map([[deal.id, { name: null, worth: worthOf(scene, deal) ?? '' }]]),
    })),
    deals: [],
    deals_count: 0,
    reconciliation: won && !foreign ? reconcileDeals(scene, credit, deal.amount_minor) : null,
  }
}

function eligible(credit: readonly CreditRow[]): number {
  return credit.filter(({ touch_id }) => touch_id !== null).length
}

/** Its amount to read, also where no rate is known; null without one. */
function worthOf({ format, currency }: Scene, { amount_minor, currency: own, original }: DealRow): string | null {
  if (amount_minor === null) return null
  if (own !== null && own !== currency) return format.foreign(amount_minor, own)
  return worthText(format, { amount_minor, currency, original })
}

/** F141 for some won deals: both sides come from different tables. */
export function reconcileDeals({ currency }: Scene, credit: readonly CreditRow[], crm: bigint): Reconciliation {
  const attributed = sumOf(credit.filter(({ touch_id }) => touch_id !== null)).m
  const unattributed = sumOf(credit.filter(({ touch_id }) => touch_id === null)).m
  return {
    attributed: formatMinor(attributed, currency),
    unattributed: formatMinor(unattributed, currency),
    crm: formatMinor(crm, currency),
    ok: attributed + unattributed === crm,
  }
}

function figuresOf(scene: Scene, parts: DealParts): RecordView['figures'] {
  const { locale } = scene
  const { deal, people, touches, credit, won, foreign, cycle, milestones } = parts
  const figures = new Figures(scene)
  if (deal.amount_minor === null) figures.missing('amount', 'money', 'not_enough_data')
  else if (foreign) figures.missing('amount', 'money', 'fx_missing', worthOf(scene, deal) ?? undefined)
  else figures.money('amount', deal.amount_minor)
  if (won) figures.count('eligible', eligible(credit))
  else figures.count('touches', touches.count)
  figures.count(people.some(({ fallback }) => fallback) ? 'people_account' : 'people', people.length)
  const outcome = milestones.find(({ kind, id }) => kind === 5 && id === deal.id)
  const first = eligible(credit) > 0 ? touches.rows.at(-eligible(credit)) : undefined
  const reason = won ? 'not_enough_data' : 'no_deals'
  figures.days('first_to_close', outcome && first ? (outcome.occurred_at - first.occurred_at) / DAY : null, reason)
  const lead = outcome?.lead_at ?? null
  const span = outcome && lead !== null ? (outcome.occurred_at - lead) / DAY : null
  figures.days('cycle', span !== null && span >= 0 ? span : null, reason)
  figures.days('cycle_median', cycle.days, 'no_deals', medianLabel(cycle.deals))
  const sourced = credit.find(({ touch_id }) => touch_id !== null)
  if (sourced) figures.words('sourced_channel', channelLabel(keyOf(scene.channels, sourced.channel_id), locale))
  else figures.missing('sourced_channel', 'text', reason)
  return figures.list
}

function sentenceOf(scene: Scene, parts: DealParts, channels: readonly ChannelPart[], whole: Whole): string {
  const { locale, format } = scene
  const { deal, touches, won, credit } = parts
  const say = SENTENCES[locale]
  if (!won) {
    if (deal.won === true) return say.unfinishedDeal()
    const lost = deal.won === false
    if (touches.count === 0) return say.untouchedDeal(lost)
    const [named, more] = channelCounts(scene, touches)
    return lost ? say.lostDeal(touches.count, named, more) : say.openDeal(touches.count, named, more)
  }
  if (eligible(credit) === 0) return say.unattributedDeal(worthOf(scene, deal) ?? '', touches.count)
  const { named, rest } = topShares(scene, channels, whole)
  return say.wonDeal(named, rest === null ? null : format.roughShare(rest))
}

/** The channels with the largest shares, and what is left for the others; without a share they are not named. */
export function topShares(
  { locale, format }: Scene,
  channels: readonly ChannelPart[],
  whole: Whole,
): { named: Named[]; rest: number | null } {
  const ranked = channels
    .map((part) => ({ part, share: whole.share(part) }))
    .filter(({ part, share }) => share > 0 && part.key !== null)
    .sort((a, b) => b.share - a.share || (a.part.key! < b.part.key! ? -1 : 1))
  const top = ranked.slice(0, NAMED)
  const others = ranked.slice(NAMED)
  return {
    named: top.map(({ part, share }) => ({ name: channelLabel(part.key, locale), value: format.roughShare(share) })),
    rest: others.length === 0 ? null : others.reduce((sum, { share }) => sum + share, 0),
  }
}

/** Channels by their touches; without numbers where not all touches were read. */
function channelCounts({ locale, format, channels }: Scene, touches: Touches): [Named[], boolean] {
  const complete = touches.count === touches.rows.length
  const counts = new Map<string | null, number>()
  for (const { channel_id } of touches.rows) {
    const key = keyOf(channels, channel_id)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const ranked = [...counts].sort(
    ([a, m], [b, n]) => n - m || (channelLabel(a, locale) < channelLabel(b, locale) ? -1 : 1),
  )
  const named = ranked
    .slice(0, NAMED)
    .map(([key, n]) => ({ name: channelLabel(key, locale), value: complete ? format.count(n) : '' }))
  return [named, ranked.length > NAMED]
}
