import type { Dimension } from '../api.ts'
import { RoiError } from '../errors.ts'
import type { Costed } from './costed.ts'
import type { LedgerPlace, Places } from './places.ts'

/** Number of the whole in what statements answer: every outcome once, with or without a touch. */
export const WHOLE_GROUP = -1
/** Number of what no eligible touch precedes. */
export const NO_TOUCH = -2

/** A group of places of the ledger. */
export interface PlaceGroup {
  readonly key: string
  /** Of the campaign, where groups are campaigns. */
  readonly name: string | null
  /** False: the part of the group on places that no cost is known of (F145). */
  readonly costed: boolean
}

/** Groups by their number in what statements answer. */
export interface PlaceGroups {
  /** `campaign:channel:group,…` for the statements; a comma alone where no touch has any credit: groups are asked for. */
  readonly list: string
  readonly groups: readonly PlaceGroup[]
}

/**
 * Numbers the groups of a dimension.
 * @param by null: all places are one group, of key ''
 * @param costed splits groups into what has a known cost and what has not
 */
export function groupPlaces(places: Places, by: Dimension | null, costed?: Costed): PlaceGroups {
  const groups: PlaceGroup[] = []
  const numbers = new Map<string, number>()
  const numberOf = (place: LedgerPlace): number => {
    const key = by ? places.keyOf(place, by) : ''
    const withCost = costed?.has(place) ?? true
    const id = JSON.stringify([key, withCost])
    let number = numbers.get(id)
    if (number === undefined) {
      const name = by === 'campaign' ? (place.campaign?.name ?? null) : null
      number = groups.push({ key, name, costed: withCost }) - 1
      numbers.set(id, number)
    }
    return number
  }
  const list = places.ledger.map((place) => `${place.campaignId}:${place.channelId}:${numberOf(place)}`).join(',')
  return { list: list || ',', groups }
}

/**
 * The places of one group, as number 0.
 * @throws RoiError `unknown_group` naming some of those there are
 */
export function placesOfGroup(places: Places, by: Dimension, key: string): string {
  const own = places.ledger.filter((place) => places.keyOf(place, by) === key)
  if (own.length > 0) return own.map(({ campaignId, channelId }) => `${campaignId}:${channelId}:0`).join(',')
  const known = [...new Set(places.ledger.map((place) => places.keyOf(place, by)))].slice(0, 20)
  throw new RoiError(
    'not_found',
    'unknown_group',
    { en: `There is no ${by} "${key.slice(0, 80)}".`, 'zh-CN': `没有 ${by} 为“${key.slice(0, 80)}”的数据。` },
    known.length > 0
      ? { en: `Known: ${known.join(', ')}.`, 'zh-CN': `现有：${known.join('、')}。` }
      : { en: 'No touch has any credit yet.', 'zh-CN': '尚无任何触点获得归因。' },
  )
}

/** Rows under the key each has. */
export function gathered<Row, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): Map<Key, Row[]> {
  const found = new Map<Key, Row[]>()
  for (const row of rows) {
    const key = keyOf(row)
    const known = found.get(key)
    if (known) known.push(row)
    else found.set(key, [row])
  }
  return found
}
