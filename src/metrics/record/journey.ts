import type { RecordView } from '../../api.ts'
import { labelOf } from '../labels.ts'
import { KIND, type OutcomeKind } from '../sums.ts'
import { keyOf, type Part, type Whole } from './credit.ts'
import {
  type CreditRow,
  campaignsOf,
  MAX_JOURNEY,
  type MilestoneRow,
  type PaymentRow,
  type Person,
  paymentsOf,
  type Touches,
  type TouchRow,
} from './read.ts'
import type { Scene } from './scene.ts'
import { MILESTONES, TOUCH_NAMES } from './words.ts'

type Entry = RecordView['journey'][number]

const NAMES = Object.fromEntries(Object.entries(KIND).map(([name, kind]) => [kind, name])) as Record<
  number,
  OutcomeKind
>

export interface JourneyParts {
  readonly touches: Touches
  readonly milestones: readonly MilestoneRow[]
  readonly people: ReadonlyMap<bigint, Person>
  /** Ledger rows of the record; none where nothing is won. */
  readonly credit: readonly CreditRow[]
  readonly whole: Whole
  /** Of its touches, where they are known already. */
  readonly campaigns?: Awaited<ReturnType<typeof campaignsOf>>
  /** What a milestone of a deal is about: its name and, for a win, what it is worth. */
  readonly dealTexts?: ReadonlyMap<bigint, { readonly name: string | null; readonly worth: string }>
}

/** Touches and milestones, oldest first; a touch of the same instant comes before the milestone it may count for. */
export async function journeyOf(
  scene: Scene,
  parts: JourneyParts,
): Promise<Pick<RecordView, 'journey' | 'journey_more'>> {
  const { touches, whole, people } = parts
  const credit = creditByTouch(parts.credit)
  const shown = touches.rows.slice(-MAX_JOURNEY)
  const campaigns = parts.campaigns ?? (await campaignsOf(scene, shown))
  const payments = await paymentsOf(scene, parts.milestones)
  const entries = [
    ...shown.map((row) => ({
      at: row.occurred_at,
      rank: 0,
      entry: touchEntry(scene, row, { people, campaigns, part: credit.get(row.id), whole }),
    })),
    ...parts.milestones.map((row) => ({
      at: row.occurred_at,
      rank: row.kind,
      entry: milestoneEntry(scene, row, {
        people,
        deal: parts.dealTexts?.get(row.owner_id),
        payment: payments.get(row.id),
      }),
    })),
  ]
  // Touches are in the ledger's order already, and sorting keeps it among equals.
  const journey = entries
    .sort((a, b) => a.at - b.at || a.rank - b.rank)
    .slice(-MAX_JOURNEY)
    .map(({ entry }) => entry)
  return { journey, journey_more: touches.count - journey.filter(({ kind }) => kind === 'touch').length }
}

/** A touch may be credited by several deals. */
function creditByTouch(rows: readonly CreditRow[]): Map<bigint, Part> {
  const sums = new Map<bigint, Part>()
  for (const { touch_id, w, m } of rows) {
    if (touch_id === null) continue
    const sum = sums.get(touch_id)
    sums.set(touch_id, { w: (sum?.w ?? 0n) + w, m: (sum?.m ?? 0n) + m })
  }
  return sums
}

function touchEntry(
  { locale, currency, channels }: Scene,
  row: TouchRow,
  about: {
    people: ReadonlyMap<bigint, Person>
    campaigns: Awaited<ReturnType<typeof campaignsOf>>
    part: Part | undefined
    whole: Whole
  },
): Entry {
  const { people, campaigns, part, whole } = about
  const kind = row.kind === null ? null : (TOUCH_NAMES[row.kind]?.[locale] ?? row.kind)
  const key = keyOf(channels, row.channel_id)
  const channel = channelLabel(key, locale)
  return {
    at: new Date(row.occurred_at).toISOString(),
    kind: 'touch',
    label: kind === null ? channel : `${channel} · ${kind}`,
    channel: key,
    campaign: row.campaign_id === null ? null : (campaigns.get(row.campaign_id) ?? null),
    person: personOf(people.get(row.person_id)),
    share: part ? whole.share(part) : null,
    amount: part ? whole.amount(part, currency) : null,
  }
}

function milestoneEntry(
  { locale, format }: Scene,
  row: MilestoneRow,
  about: {
    people: ReadonlyMap<bigint, Person>
    deal: { name: string | null; worth: string } | undefined
    payment: PaymentRow | undefined
  },
): Entry {
  const { people, deal, payment } = about
  const kind = NAMES[row.kind]!
  const words = [
    MILESTONES[kind][locale],
    deal?.name ?? null,
    kind === 'won' ? (deal?.worth ?? null) : null,
    payment ? format.money(payment.amount_minor, payment.currency) : null,
  ]
  return {
    at: new Date(row.occurred_at).toISOString(),
    kind,
    label: words.filter((word) => word !== null && word !== '').join(' · '),
    channel: null,
    campaign: null,
    person: row.kind <= KIND.sql ? personOf(people.get(row.owner_id)) : null,
    share: null,
    amount: null,
  }
}

function personOf(person: Person | undefined): Entry['person'] {
  return person && person.id !== null ? { id: person.id, name: person.name } : null
}

/** What people read for a channel. */
export function channelLabel(key: string | null, locale: Scene['locale']): string {
  return labelOf('channel', { key: key ?? '(unknown)', name: null }, locale)
}
