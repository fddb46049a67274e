import type { RecordView } from '../../api.ts'
import { EVER } from './contact.ts'
import { byChannel, creditLines, Whole } from './credit.ts'
import { reconcileDeals, topShares } from './deal.ts'
import { allForeign, creditedBy, dealLines, dealTexts } from './deals.ts'
import { Figures, type Pot, potOf } from './figures.ts'
import { journeyOf } from './journey.ts'
import {
  accountDeals,
  accountPeople,
  type CreditRow,
  creditOf,
  isWon,
  milestonesOf,
  touchesOf,
  type WonDeal,
} from './read.ts'
import type { Body, Scene } from './scene.ts'
import { SENTENCES } from './sentences.ts'

export interface AccountHead {
  readonly id: bigint
  readonly source_id: string
  readonly name: string
}

/** A company of the CRM: its buying group, and who earned what it bought. */
export async function accountBody(scene: Scene, account: AccountHead): Promise<Body> {
  const { currency } = scene
  const people = await accountPeople(scene, account.id)
  const ids = [...people.keys()]
  const all = await accountDeals(scene, account.id)
  const deals = all.filter(isWon)
  const shown = all.filter(scene.sees)
  const touches = await touchesOf(scene, ids, EVER)
  const milestones = await milestonesOf(scene, [...ids, ...shown.map(({ id }) => id)])
  const credit = await creditOf(
    scene,
    deals.map(({ id }) => id),
  )
  const foreign = allForeign(scene, deals)
  const whole = new Whole(credit, { byMoney: true, foreign })
  const channels = byChannel(scene, credit)
  const attributed = credit.filter(({ touch_id }) => touch_id !== null)
  const revenue = potOf(currency, deals)

  const figures = new Figures(scene)
  figures.pot('revenue_won', revenue, 'no_deals').count('won', deals.length)
  figures.count('group', ids.length).count('people_touched', touches.people).count('touches', touches.count)
  figures.pot(
    'sourced_any',
    potOf(
      currency,
      ofCampaigns(deals, attributed, (row) => row.position === 1),
    ),
    'no_deals',
  )
  figures.pot(
    'influenced_any',
    potOf(
      currency,
      ofCampaigns(deals, attributed, () => true),
    ),
    'no_deals',
  )

  return {
    name: account.name,
    sentence: sentenceOf(scene, account, { deals, revenue, channels, whole, touches, people: ids.length }),
    state: touches.count === 0 ? 'empty' : 'ok',
    figures: figures.list,
    credit: creditLines(scene, channels, whole),
    ...(await journeyOf(scene, {
      touches,
      milestones,
      people,
      credit,
      whole,
      dealTexts: dealTexts(scene, shown),
    })),
    deals: dealLines(scene, shown.filter(isWon), creditedBy(attributed)),
    deals_count: shown.filter(isWon).length,
    reconciliation: revenue.rows > 0 ? reconcileDeals(scene, credit, revenue.minor) : null,
  }
}

/**
 * What won deals are worth to campaigns: sourced where the first eligible touch is a campaign's, influenced where any is
 * (product.md §1). A deal counts once, and with 0 when no campaign has a part in it.
 */
function ofCampaigns(deals: readonly WonDeal[], credit: readonly CreditRow[], counts: (row: CreditRow) => boolean) {
  const found = new Set(
    credit.filter((row) => row.campaign_id !== null && counts(row)).map(({ outcome_id }) => outcome_id),
  )
  return deals.map(({ id, amount_minor, currency }) => ({ amount_minor: found.has(id) ? amount_minor : 0n, currency }))
}

interface AccountParts {
  readonly deals: readonly WonDeal[]
  readonly revenue: Pot
  readonly channels: Parameters<typeof topShares>[1]
  readonly whole: Whole
  readonly touches: { readonly count: number; readonly people: number }
  readonly people: number
}

function sentenceOf(scene: Scene, account: AccountHead, parts: AccountParts): RecordView['sentence'] {
  const { format, locale, currency } = scene
  const { deals, revenue, channels, whole, touches, people } = parts
  const say = SENTENCES[locale]
  if (deals.length === 0) {
    return touches.count === 0
      ? say.untouchedAccount(account.name)
      : say.accountWithoutDeal(account.name, touches.count, touches.people, people)
  }
  const originals = [...revenue.foreign].map(([code, minor]) => format.foreign(minor, code))
  const amount = [...(revenue.rows > 0 ? [format.money(revenue.minor, currency)] : []), ...originals].join(' + ')
  const unattributed = channels.find(({ key }) => key === null)
  const { named, rest } = topShares(scene, channels, whole)
  if (named.length === 0) return say.accountUnattributed(account.name, amount, deals.length)
  const missing = unattributed ? whole.share(unattributed) : 0
  return say.account(account.name, amount, deals.length, {
    named,
    rest: rest === null ? null : format.roughShare(rest),
    unattributed: missing > 0 ? format.roughShare(missing) : null,
  })
}
