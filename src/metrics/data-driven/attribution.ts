import type { Attribution } from '../../api/data-driven.ts'
import type { DateBasis } from '../../api.ts'
import { bootstrap, type Interval } from '../../attribution/interval.ts'
import type { Database } from '../../db/database.ts'
import type { Locale } from '../../errors.ts'
import { DATA_FLOOR, DATA_MODELS, type DataModel } from '../../model/data-models.ts'
import { formatMinor } from '../../model/money.ts'
import type { Period } from '../../model/period.ts'
import { RULE_MODELS } from '../../model/rule-models.ts'
import type { Workspace } from '../../model/settings.ts'
import { labelOf } from '../labels.ts'
import { readFigures } from '../snapshot.ts'
import { byWeight, splitOf } from './basis.ts'
import { pathsByChannel } from './floor.ts'
import { boundsOf } from './interval.ts'
import { Journeys, sumOverSets } from './journeys.ts'
import { SEED } from './ledger.ts'
import { floorOf, type ModelResult, modelResult } from './model.ts'
import { offersOf } from './offers.ts'

export interface AttributionQuery extends Period {
  readonly date_basis?: DateBasis
  /** Absent = all data-driven ones. */
  readonly models?: readonly DataModel[]
  /** Resamples; absent = no intervals. */
  readonly interval?: number
  readonly seed?: number
}

/** Which models a period has the data for, and what the data-driven ones make of all its journeys. */
export async function attribution(
  database: Database,
  workspace: Workspace,
  query: AttributionQuery,
  locale: Locale,
  signal?: AbortSignal,
): Promise<Attribution> {
  const { currency } = workspace.settings
  const { from, to, date_basis: dateBasis = 'close', interval, seed = SEED } = query
  const models = DATA_MODELS.filter((model) => query.models?.includes(model) ?? true)
  const found = await readFigures(database, workspace, async (reader, version) => {
    const source = { database, reader, version }
    const ask = { from, to, dateBasis }
    const journeys = await Journeys.of(reader, workspace, ask)
    const floor = await floorOf(source, workspace, ask, true)
    const results: ModelResult[] = []
    if (floor.met) for (const model of models) results.push(await modelResult(source, workspace, ask, model, seed))
    const paths = floor.met && interval !== undefined ? await journeys.paths() : undefined
    return { channels: journeys.channels, sets: await journeys.sets(), floor, results, paths }
  })
  const { channels, sets, floor, results, paths } = found
  const intervals = paths && (await bootstrap(paths, models, { resamples: interval!, seed, signal }))
  const numbers = new Map(channels.map(({ key }, code) => [key, code]))
  const counts = pathsByChannel(sets, channels.length)
  const label = (key: string) => labelOf('channel', { key, name: null }, locale)
  return {
    query: { workspace: workspace.key, from, to, date_basis: dateBasis, models, interval: interval ?? null, seed },
    currency,
    journeys: sumOverSets(sets, ({ conversions, nulls }) => conversions + nulls),
    conversions: floor.conversions,
    value: formatMinor(BigInt(sumOverSets(sets, ({ value }) => value)), currency),
    untouched: { conversions: floor.untouched, value: formatMinor(floor.untouchedMinor, currency) },
    floor: {
      met: floor.met,
      conversions: { have: floor.conversions, need: DATA_FLOOR.conversions },
      paths: {
        need: DATA_FLOOR.paths,
        channels: channels
          .map(({ key }, code) => ({ key, label: label(key), have: counts[code]! }))
          .filter(({ have }) => have > 0)
          .sort((a, b) => a.have - b.have),
      },
    },
    models: [
      ...RULE_MODELS.map((id) => ({ id, kind: 'rule' as const, available: true, result: null })),
      ...offersOf(floor, locale).map((offer) => {
        const result = results.find(({ model }) => model === offer.id)
        const interval = result && intervals?.get(result.model)
        return {
          ...offer,
          kind: 'data' as const,
          result: result
            ? {
                split: splitOf(result, locale),
                probability: result.probability,
                orders: result.orders,
                channels: creditOf(result, currency, label, interval, numbers),
              }
            : null,
        }
      }),
    ],
  }
}

/** Credit by channel; values are rounded so that they still add up. */
function creditOf(
  result: ModelResult,
  currency: string,
  label: (key: string) => string,
  interval: Interval | undefined,
  numbers: ReadonlyMap<string, number>,
) {
  let sum = 0
  return byWeight(result).map(({ key, share, conversions, value, removalEffect }) => {
    const before = Math.round(sum)
    sum += value
    const code = numbers.get(key)!
    return {
      channel: key,
      label: label(key),
      weight: share,
      conversions,
      value: formatMinor(BigInt(Math.round(sum) - before), currency),
      removal_effect: removalEffect,
      ...(interval && { interval: boundsOf(conversions, interval.low[code]!, interval.high[code]!) }),
    }
  })
}
