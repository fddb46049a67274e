import type { Panel } from '../../api.ts'
import type { Locale } from '../../errors.ts'
import { DATA_FLOOR, DATA_MODELS } from '../../model/data-models.ts'
import { labelOf } from '../labels.ts'
import type { Floor } from './floor.ts'

/** Channels named before the rest is only counted. */
const NAMED = 20

/** Whether each data-driven model can be had for a period, and what is missing (product.md §4). */
export function offersOf(floor: Floor, locale: Locale): Panel['models'] {
  const why = floor.met ? { available: true } : { available: false, ...missingOf(floor, locale) }
  return DATA_MODELS.map((id) => ({ id, ...why }))
}

/** Deals, else channels: a reader can do one thing at a time, and more deals bring more journeys. */
export function missingOf({ conversions, thin }: Floor, locale: Locale) {
  const reason = 'not_enough_data' as const
  if (conversions < DATA_FLOOR.conversions) return { reason, have: conversions, need: DATA_FLOOR.conversions }
  return { reason, thin: thinOf(thin ?? [], locale) }
}

function thinOf(thin: NonNullable<Floor['thin']>, locale: Locale) {
  return {
    need: DATA_FLOOR.paths,
    count: thin.length,
    channels: thin.slice(0, NAMED).map(({ key, paths }) => ({
      key,
      label: labelOf('channel', { key, name: null }, locale),
      have: paths,
    })),
  }
}
