import { setImmediate } from 'node:timers/promises'
import { type DataModel, orderOf } from '../model/data-models.ts'
import { markov, removalEffects, total } from './markov.ts'
import { layTracks, type Paths, type Tracks, type Weights, weigh, weightsOf } from './paths.ts'
import { randomFrom, shapleyChain, shapleyUnique } from './shapley.ts'

/** Share of resamples between low and high. */
export const LEVEL = 0.95
/** A resample of a large chain is solved by enclosure: as exact, and much faster for a single answer. */
const ELIMINATED = 64

/** Bounds by channel number. */
export interface Interval {
  readonly low: Float64Array
  readonly high: Float64Array
}

export interface Resampling {
  readonly resamples: number
  readonly seed: number
  readonly signal: AbortSignal | undefined
}

/** One resample: how often each path converted and did not, and what scales its sums back to the journeys seen. */
export interface Resample {
  readonly run: number
  readonly drawn: Weights
  readonly scale: number
}

/**
 * Bootstrap over journeys, seeded: each resample draws how often every path converted and did not, Poisson distributed
 * around what was seen, and is scaled back to the number of journeys seen. Given its size, such a resample is journeys
 * drawn with replacement; its cost does not grow with their number.
 */
export async function resample(
  paths: Paths,
  { resamples, seed, signal }: Resampling,
  visit: (sample: Resample) => void,
): Promise<void> {
  const random = randomFrom(seed)
  const seen = weightsOf(paths)
  const journeys = sizeOf(seen)
  for (let run = 0; run < resamples; run++) {
    const drawn = { conversions: draw(seen.conversions, random), nulls: draw(seen.nulls, random) }
    visit({ run, drawn, scale: journeys / Math.max(1, sizeOf(drawn)) })
    // A long computation must not hold the event loop: this is also where a cancelled command ends.
    await setImmediate()
    signal?.throwIfAborted()
  }
}

/** Percentiles of the conversions each model credits to a channel, over the resamples. */
export async function bootstrap(
  paths: Paths,
  models: readonly DataModel[],
  options: Resampling,
): Promise<Map<DataModel, Interval>> {
  const tracks = new Map<number, Tracks>()
  const tracksOf = (order: number) => {
    const laid = tracks.get(order) ?? layTracks(paths, order)
    tracks.set(order, laid)
    return laid
  }
  const credits = models.map((model) => resampledCredit(model, paths, options.seed, tracksOf))
  const samples = models.map(() => columns(paths.channels, options.resamples))
  await resample(paths, options, ({ run, drawn, scale }) => {
    for (const [i, credit] of credits.entries()) {
      const conversions = credit(drawn)
      for (const [channel, column] of samples[i]!.entries()) column[run] = conversions[channel]! * scale
    }
  })
  return new Map(models.map((model, i) => [model, percentiles(samples[i]!)]))
}

/** Conversions credited to each channel in one resample; what a resample does not change is laid out once. */
export function resampledCredit(
  model: DataModel,
  paths: Paths,
  seed: number,
  tracksOf = (order: number): Tracks => layTracks(paths, order),
): (drawn: Weights) => Float64Array {
  if (model === 'shapley_s1') return (drawn) => shapleyUnique(paths, drawn).conversions
  const tracks = tracksOf(orderOf(model))
  return (drawn) => {
    const chain = weigh(tracks, drawn)
    if (model === 'shapley_s6') return shapleyChain(chain, seed).conversions
    return markov(chain, removalEffects(chain, ELIMINATED)).conversions
  }
}

/** A column of samples per channel. */
export function columns(channels: number, resamples: number): Float64Array[] {
  return Array.from({ length: channels }, () => new Float64Array(resamples))
}

/** Bounds of each column: what leaves {@link LEVEL} of its samples between them. */
export function percentiles(samples: readonly Float64Array[]): Interval {
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
