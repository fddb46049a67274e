import { sql } from '../../db/sql.ts'
import { KIND } from '../sums.ts'
import { byChannel, creditLines, keyOf, sumOf, Whole } from './credit.ts'
import { allForeign, creditedBy, dealLines, dealTexts } from './deals.ts'
import { Figures, potOf } from './figures.ts'
import { channelLabel, journeyOf } from './journey.ts'
import {
  campaignsOf,
  creditOf,
  isWon,
  MAX_JOURNEY,
  type MilestoneRow,
  milestonesOf,
  nameOf,
  personDeals,
  type TouchRow,
  touchesOf,
  touchIds,
} from './read.ts'
import type { Body, Scene } from './scene.ts'
import { SENTENCES } from './sentences.ts'
import { MILESTONES } from './words.ts'

const PERSON_CONTACTS = sql('metrics/sql/record-person-contacts.sql')
/** After every touch there can be. */
export const EVER = new Date('9999-12-31T00:00:00Z')

export interface ContactHead {
  readonly id: bigint
  readonly source_id: string
  readonly name: string | null
  readonly person_id: bigint
  /** Only a stand-in is left of it. */
  readonly erased: boolean
}

interface ContactRow {
  id: bigint
  source_id: string
  name: string | null
}

/** The person a contact is after stitching: where from, how far, and the credit that went through its touches. */
export async function contactBody(scene: Scene, contact: ContactHead): Promise<Body> {
  const { reader, tenant, currency, locale, format } = scene
  const person = contact.person_id
  const contacts = await reader.query<ContactRow>(PERSON_CONTACTS, [tenant, person])
  const touches = await touchesOf(scene, [person], EVER)
  const milestones = await milestonesOf(scene, [person])
  const deals = (await personDeals(scene, person)).filter(isWon)
  const shown = deals.filter(scene.sees)
  const own = deals.length > 0 ? await touchIds(scene, person, touches) : new Set<bigint>()
  const rows = await creditOf(
    scene,
    deals.map(({ id }) => id),
  )
  const credit = rows.filter(({ touch_id }) => touch_id !== null && own.has(touch_id))
  const foreign = allForeign(scene, deals)
  const whole = new Whole(credit, { byMoney: true, foreign })
  const known = contact.erased ? [contact] : [contact, ...contacts]
  const name = known.map((one) => nameOf(scene, one)).find((one) => one !== null) ?? contact.source_id
  const credited = creditedBy(credit)
  const through = potOf(currency, [
    ...deals.map(({ id, amount_minor, currency: code }) => ({
      amount_minor: code === currency ? (credited.get(id) ?? 0n) : amount_minor,
      currency: code,
    })),
  ])

  const figures = new Figures(scene)
  const [first] = touches.rows
  const latest = touches.rows.at(-1)
  const campaigns = await campaignsOf(scene, [...touches.rows.slice(0, 1), ...touches.rows.slice(-MAX_JOURNEY)])
  for (const [key, touch] of [
    ['first_source', first],
    ['latest_source', latest],
  ] as const) {
    if (touch) figures.words(key, sourceText(scene, touch, campaigns))
    else figures.missing(key, 'text', 'not_enough_data')
  }
  figures.count('touches', touches.count)
  const stage = stageText(scene, milestones)
  if (stage !== null) figures.words('stage', stage)
  if (contacts.length > 1) figures.count('contacts', contacts.length)
  figures.count('won', deals.length)
  figures.pot('credited', through, 'no_deals')

  const say = SENTENCES[locale]
  const parts: string[] = []
  if (!first) parts.push(say.untouchedContact(name))
  else {
    const last =
      latest && latest.id !== first.id ? channelLabel(keyOf(scene.channels, latest.channel_id), locale) : null
    const from = channelLabel(keyOf(scene.channels, first.channel_id), locale)
    parts.push(say.contact(name, from, format.day(first.occurred_at), touches.count, last))
  }
  if (deals.length === 0) parts.push(say.contactWithoutDeal())
  else if (!foreign && first) parts.push(say.contactCredit(format.money(sumOf(credit).m, currency), deals.length))
  return {
    name,
    sentence: parts.join(locale === 'en' ? ' ' : ''),
    state: touches.count === 0 ? 'empty' : 'ok',
    figures: figures.list,
    credit: creditLines(scene, byChannel(scene, credit), whole),
    ...(await journeyOf(scene, {
      touches,
      milestones: [...milestones, ...wins(shown)],
      people: new Map([[person, { id: contact.source_id, name }]]),
      credit,
      whole,
      campaigns,
      dealTexts: dealTexts(scene, shown),
    })),
    deals: dealLines(scene, shown, credited),
    deals_count: shown.length,
    reconciliation: null,
  }
}

/** Channel and campaign of a touch, with its day. */
function sourceText(
  { locale, format, channels }: Scene,
  touch: TouchRow,
  campaigns: Awaited<ReturnType<typeof campaignsOf>>,
): string {
  const channel = channelLabel(keyOf(channels, touch.channel_id), locale)
  const campaign = touch.campaign_id === null ? undefined : campaigns.get(touch.campaign_id)?.name
  return [channel, campaign, format.day(touch.occurred_at)].filter((part) => part !== undefined).join(' · ')
}

/** How far a person came, and since when; null before it is a lead. */
function stageText({ locale, format }: Scene, milestones: readonly MilestoneRow[]): string | null {
  const last = milestones.filter(({ kind }) => kind <= KIND.sql).sort((a, b) => b.kind - a.kind)[0]
  if (!last) return null
  const name = (['lead', 'mql', 'sql'] as const)[last.kind - 1]!
  return `${MILESTONES[name][locale]} · ${format.day(last.occurred_at)}`
}

/** The wins of a person's deals as milestones of its journey. */
function wins(deals: readonly { id: bigint; closed_at: number }[]): MilestoneRow[] {
  return deals.map(({ id, closed_at }) => ({
    kind: KIND.won,
    id,
    owner_id: id,
    occurred_at: closed_at,
    lead_at: null,
  }))
}
