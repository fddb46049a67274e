/**
 * The data set of the data-driven models: distinct paths with their counts, and the chain of k-grams counted from them
 * (attribution.md §2). Channels are numbers 0 to `channels - 1`; names are the caller's.
 */

/** One distinct path and what happened on it. */
export interface PathCount {
  /** Channels in order, repeats kept; empty = no touch, which no chain sees. */
  readonly path: readonly number[]
  /** Journeys on this path that converted, and that did not. */
  readonly conversions: number
  readonly nulls: number
  /** Total value of its conversions, 0 without one; negative = refunds. */
  readonly value: number
}

export interface Paths {
  readonly channels: number
  readonly rows: readonly PathCount[]
}

/** States and transitions of one order, without their weights: what a resample does not change. */
export interface Graph {
  readonly channels: number
  readonly order: number
  /** Number of states; state 0 is the start. Absorbing states are not counted. */
  readonly states: number
  /** Channels each state holds, without repeats; none for the start. */
  readonly holds: readonly (readonly number[])[]
  /** Transitions between different states, sorted by origin, then target. */
  readonly from: Int32Array
  readonly to: Int32Array
}

/** A graph with its weights. Counts are journeys, so rows need no normalizing: probability = count / row sum. */
export interface Chain extends Graph {
  readonly count: Float64Array
  /** Per state: journeys that end here converted, or not. */
  readonly conversions: Float64Array
  readonly nulls: Float64Array
  /** Per state: value of the conversions that leave it, positive and (as a positive number) negative part. */
  readonly gain: Float64Array
  readonly loss: Float64Array
}

/** A graph and the way each path takes through it: row i passes the edges `trail[start[i]]` to `trail[start[i + 1] - 1]`. */
export interface Tracks extends Graph {
  readonly start: Int32Array
  readonly trail: Int32Array
  /** Last state of each row; -1 when the row has no touch. */
  readonly exit: Int32Array
}

/** The weights of rows: their own counts, or those of a resample. */
export interface Weights {
  readonly conversions: ArrayLike<number>
  readonly nulls: ArrayLike<number>
  readonly values?: ArrayLike<number>
}

/**
 * Lays paths out as tracks through k-gram states: k-grams of the raw path, a path shorter than k is one state, then
 * equal neighbouring states are one (attribution.md §2). States and transitions have a stable order: it does not
 * depend on the order of the rows.
 */
export function layTracks(paths: Paths, order: number): Tracks {
  const sequences = paths.rows.map((row) => gramsOf(row.path, order, paths.channels))
  const distinct = new Set<number>()
  for (const sequence of sequences) for (const key of sequence) distinct.add(key)
  const keys = Float64Array.from(distinct).sort()
  const stateOf = new Map<number, number>()
  for (const [index, key] of keys.entries()) stateOf.set(key, index + 1)
  const holds = [[], ...Array.from(keys, (key) => channelsOf(key, paths.channels))]
  return { channels: paths.channels, order, states: holds.length, holds, ...connect(sequences, stateOf, holds.length) }
}

/** Counts of a chain: each row adds its journeys to the transitions it passes and to the exit it takes. */
export function weigh(tracks: Tracks, weights: Weights): Chain {
  const count = new Float64Array(tracks.from.length)
  const conversions = new Float64Array(tracks.states)
  const nulls = new Float64Array(tracks.states)
  const gain = new Float64Array(tracks.states)
  const loss = new Float64Array(tracks.states)
  for (let row = 0; row < tracks.exit.length; row++) {
    const exit = tracks.exit[row]!
    if (exit < 0) continue
    const journeys = weights.conversions[row]! + weights.nulls[row]!
    for (let i = tracks.start[row]!; i < tracks.start[row + 1]!; i++) count[tracks.trail[i]!]! += journeys
    conversions[exit]! += weights.conversions[row]!
    nulls[exit]! += weights.nulls[row]!
    const value = weights.values?.[row] ?? 0
    if (value > 0) gain[exit]! += value
    else loss[exit]! -= value
  }
  const { channels, order, states, holds, from, to } = tracks
  return { channels, order, states, holds, from, to, count, conversions, nulls, gain, loss }
}

/** The chain of a data set, counted from its own rows. */
export function chainOf(paths: Paths, order: number): Chain {
  return weigh(layTracks(paths, order), weightsOf(paths))
}

/** Counts of the rows themselves. */
export function weightsOf(paths: Paths): Weights {
  return {
    conversions: paths.rows.map((row) => row.conversions),
    nulls: paths.rows.map((row) => row.nulls),
    values: paths.rows.map((row) => row.value),
  }
}

/** States of a path as numbers: digits in base channels + 1, no digit 0, so grams of different length never meet. */
function gramsOf(path: readonly number[], order: number, channels: number): number[] {
  if (path.length === 0) return []
  const length = Math.min(order, path.length)
  const grams: number[] = []
  for (let end = length; end <= path.length; end++) {
    let key = 0
    for (let i = end - length; i < end; i++) key = key * (channels + 1) + path[i]! + 1
    if (key !== grams.at(-1)) grams.push(key)
  }
  return grams
}

/** Channels of a state, each once, from its number: their digits + 1 in base channels + 1. */
export function channelsOf(key: number, channels: number): number[] {
  const held = new Set<number>()
  for (let rest = key; rest > 0; rest = Math.floor(rest / (channels + 1))) held.add((rest % (channels + 1)) - 1)
  return [...held].sort((a, b) => a - b)
}

/** Numbers the transitions by (origin, target) and writes down which of them each row passes. */
function connect(sequences: readonly number[][], stateOf: ReadonlyMap<number, number>, states: number) {
  const start = new Int32Array(sequences.length + 1)
  const exit = new Int32Array(sequences.length).fill(-1)
  for (const [row, sequence] of sequences.entries()) start[row + 1] = start[row]! + sequence.length
  const edges = new Float64Array(start[sequences.length]!)
  for (const [row, sequence] of sequences.entries()) {
    let previous = 0
    for (const [i, key] of sequence.entries()) {
      const state = stateOf.get(key)!
      edges[start[row]! + i] = previous * states + state
      previous = state
    }
    if (sequence.length > 0) exit[row] = previous
  }
  const sorted = Float64Array.from(new Set(edges)).sort()
  const numberOf = new Map<number, number>()
  for (const [index, edge] of sorted.entries()) numberOf.set(edge, index)
  return {
    from: Int32Array.from(sorted, (edge) => Math.floor(edge / states)),
    to: Int32Array.from(sorted, (edge) => edge % states),
    trail: Int32Array.from(edges, (edge) => numberOf.get(edge)!),
    ...{ start, exit },
  }
}
