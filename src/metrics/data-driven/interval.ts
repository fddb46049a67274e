import { columns, percentiles, type Resampling, resample, resampledCredit } from '../../attribution/interval.ts'
import { total } from '../../attribution/markov.ts'
import { type Paths, type Weights, weightsOf } from '../../attribution/paths.ts'
import { type ModelResult, unitsOf, type Weighting } from './model.ts'

/** A figure with the bounds that 95 % of resamples lie between. */
export interface Bounds {
  readonly estimate: number
  readonly low: number
  readonly high: number
}

/** Of one channel's line in a report. */
export interface ChannelBounds {
  /** Won deals credited to it. */
  readonly conversions: Bounds
  /** Its part of the attributed amounts of the won deals, percent; null where they add up to nothing. */
  readonly revenueShare: Bounds | null
}

/**
 * How sure a report's lines are (attribution.md §2): bootstrap over journeys, seeded. Each resample computes the channels'
 * weights anew and splits its own won deals by them, as the report splits all; so the bounds are those of the line's own
 * figures. By channel key.
 */
export async function channelBounds(
  paths: Paths,
  result: ModelResult,
  keys: readonly string[],
  options: Resampling,
): Promise<Map<string, ChannelBounds>> {
  const deals = dealsOf(paths)
  const seen = split(deals, weightsOf(paths), result.weights)
  const creditOf = resampledCredit(result.model, paths, options.seed)
  const conversions = columns(paths.channels, options.resamples)
  const shares = columns(paths.channels, options.resamples)
  await resample(paths, options, ({ run, drawn, scale }) => {
    const { shared } = result.weights
    const units = shared ? result.weights.units : unitsOf(creditOf(drawn))
    const credit = split(deals, drawn, { units, shared })
    const whole = total(credit.value)
    for (const [channel, column] of conversions.entries()) {
      column[run] = credit.conversions[channel]! * scale
      shares[channel]![run] = whole === 0 ? 0 : (credit.value[channel]! / whole) * 100
    }
  })
  const counted = percentiles(conversions)
  const shared = percentiles(shares)
  const whole = total(seen.value)
  return new Map(
    keys.map((key, channel) => [
      key,
      {
        conversions: boundsOf(seen.conversions[channel]!, counted.low[channel]!, counted.high[channel]!),
        revenueShare:
          whole === 0
            ? null
            : boundsOf((seen.value[channel]! / whole) * 100, shared.low[channel]!, shared.high[channel]!),
      },
    ]),
  )
}

/** Few resamples may all lie on one side of the estimate; bounds that exclude it would only confuse. */
export function boundsOf(estimate: number, low: number, high: number): Bounds {
  return { estimate, low: Math.min(estimate, low), high: Math.max(estimate, high) }
}

/** A path that deals were won on. */
interface DealPath {
  readonly row: number
  /** Its different channels, and how many touches each has. */
  readonly channels: readonly number[]
  readonly touches: readonly number[]
  /** Mean value of its deals. */
  readonly value: number
}

function dealsOf(paths: Paths): DealPath[] {
  return paths.rows.flatMap(({ path, conversions, value }, row) => {
    if (conversions === 0) return []
    const counts = new Map<number, number>()
    for (const channel of path) counts.set(channel, (counts.get(channel) ?? 0) + 1)
    return [{ row, channels: [...counts.keys()], touches: [...counts.values()], value: value / conversions }]
  })
}

/** Deals and their value by channel, each deal split as ledger-sums.sql splits it. */
function split(
  deals: readonly DealPath[],
  counts: Pick<Weights, 'conversions'>,
  { units, shared }: Pick<Weighting, 'units' | 'shared'>,
): { conversions: Float64Array; value: Float64Array } {
  const conversions = new Float64Array(units.length)
  const value = new Float64Array(units.length)
  for (const { row, channels, touches, value: mean } of deals) {
    const won = counts.conversions[row]!
    if (won === 0) continue
    const weights = channels.map((channel, i) => units[channel]! * (shared ? 1 : touches[i]!))
    const all = total(weights)
    const parts = all > 0 ? weights : touches
    const whole = all > 0 ? all : total(touches)
    for (const [i, channel] of channels.entries()) {
      const part = (parts[i]! / whole) * won
      conversions[channel]! += part
      value[channel]! += part * mean
    }
  }
  return { conversions, value }
}
