import { setImmediate } from 'node:timers/promises'
import { markov, removalEffects, total } from '../markov.ts'
import { layTracks, type Paths, type Tracks, type Weights, weigh, weightsOf } from '../paths.ts'
import { randomFrom, shapleyChain, shapleyUnique } from '../shapley.ts'
import { type DataDriven, orderOf } from './models.ts'

/** Share of resamples between low and high. */
export const LEVEL = 0.95
/** A resample of a large chain is solved by enclosure: as exact, and much faster for a single answer. */
const ELIMINATED = 64

export interface Interval {
  readonly low: Float64Array
  readonly high: Float64Array
}

/**
 * Bootstrap over journeys, seeded: each resample draws how often every path converted and did not, Poisson distributed
 * around what was seen, and is scaled back to the number of journeys seen. Given its size, such a resample is journeys
 * drawn with replacement; its cost does not grow with their number. Bounds are percentiles of a channel's conversions.
 */
export async function bootstrap(
  paths: Paths,
  models: readonly DataDriven[],
  options: { readonly resamples: number; readonly seed: number; readonly signal: AbortSignal | undefined },
): Promise<Map<DataDriven, Interval>> {
  const random = randomFrom(options.seed)
  const chained = models.filter((model) => model !== 'shapley_s1')
  const tracks = new Map([...new Set(chained.map(orderOf))].map((order) => [order, layTracks(paths, order)]))
  const seen = weightsOf(paths)
  const journeys = sizeOf(seen)
  const samples = new Map(models.map((model) => [model, columns(paths, options.resamples)]))
  for (let run = 0; run < options.resamples; run++) {
    const drawn = { conversions: draw(seen.conversions, random), nulls: draw(seen.nulls, random) }
    const scale = journeys / Math.max(1, sizeOf(drawn))
    for (const model of models) {
      const credit = conversionsOf(model, paths, tracks, drawn, options.seed)
      for (const [channel, column] of samples.get(model)!.entries()) column[run] = credit[channel]! * scale
    }
    // A long computation must not hold the event loop: this is also where a cancelled command ends.
    await setImmediate()
    options.signal?.throwIfAborted()
  }
  return new Map(models.map((model) => [model, percentiles(samples.get(model)!)]))
}

/** Conversions credited to each channel in one resample. */
function conversionsOf(
  model: DataDriven,
  paths: Paths,
  tracks: ReadonlyMap<number, Tracks>,
  drawn: Weights,
  seed: number,
): Float64Array {
  if (model === 'shapley_s1') return shapleyUnique(paths, drawn).conversions
  const chain = weigh(tracks.get(orderOf(model))!, drawn)
  if (model === 'shapley_s6') return shapleyChain(chain, seed).conversions
  return markov(chain, removalEffects(chain, ELIMINATED)).conversions
}

function columns(paths: Paths, resamples: number): Float64Array[] {
  return Array.from({ length: paths.channels }, () => new Float64Array(resamples))
}

function percentiles(samples: readonly Float64Array[]): Interval {
  const sorted = samples.map((column) => column.sort())
  const at = (share: number) => Float64Array.from(sorted, (column) => quantile(column, share))
  return { low: at((1 - LEVEL) / 2), high: at((1 + LEVEL) / 2) }
}

/** Quantile of sorted numbers, linear between neighbours. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const next = sorted[Math.min(below + 1, sorted.length - 1)]!
  return sorted[below]! + (place - below) * (next - sorted[below]!)
}

function sizeOf(weights: Weights): number {
  return total(Array.from(weights.conversions)) + total(Array.from(weights.nulls))
}

function draw(means: ArrayLike<number>, random: () => number): Float64Array {
  return Float64Array.from(means, (mean) => (mean === 0 ? 0 : poisson(mean, random)))
}

/** Up to this mean numbers are drawn by inversion, above it the normal curve is closer than one count. */
const INVERTED = 64

function poisson(mean: number, random: () => number): number {
  if (mean > INVERTED) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal))
  }
  let count = 0
  let chance = Math.exp(-mean)
  for (let left = random() - chance; left >= 0 && chance > 0; left -= chance) {
    count++
    chance *= mean / count
  }
  return count
}
