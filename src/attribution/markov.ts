import type { Chain } from './paths.ts'

/**
 * Markov removal effect (attribution.md §2), solved, not simulated.
 *
 * P(conv) is the start's entry of x in (I - Q) x = r. Removing channel c sends every transition into a state that holds
 * c to null and leaves the rows as they are: RE(c) = 1 - P(conv without c) / P(conv). Revenue has its own chain with the
 * reward at conversion, the mean value of the conversions that leave the state.
 *
 * Up to {@link ELIMINATION_LIMITS} states the system is solved by elimination without a single subtraction
 * (Grassmann, Taksar, Heyman 1985: the pivot 1 - q is the sum of what leaves the state), so every entry is exact to a
 * few units in the last place however long journeys are, and 0 stays 0. Above, where an elimination of thousands of
 * interwoven k-grams would take minutes, x is enclosed between a rising lower and a falling upper bound until they meet.
 */
export interface RemovalEffects {
  /** P(start -> conversion). */
  readonly probability: number
  /** Per channel, of conversions, of positive value and of negative value; each in [0, 1]. */
  readonly conversions: Float64Array
  readonly gain: Float64Array
  readonly loss: Float64Array
}

/** Credit of a model that needs the whole data set, per channel. */
export interface DataCredit {
  readonly conversions: Float64Array
  readonly value: Float64Array
  /** Markov only. */
  readonly removalEffect?: Float64Array
}

/** Most states solved by elimination. At order 1 all removals share nearly all of it, so it pays much longer. */
export const ELIMINATION_LIMITS = { first: 5000, higher: 2000 } as const

/** Markov credit: Credit(c) = RE(c) / ΣRE × total, for conversions and, by its own chain, for value. */
export function markov(chain: Chain, effects: RemovalEffects = removalEffects(chain)): DataCredit {
  const conversions = shareOut(effects.conversions, total(chain.conversions))
  const gain = shareOut(effects.gain, total(chain.gain))
  const loss = shareOut(effects.loss, total(chain.loss))
  return { conversions, value: gain.map((part, c) => part - loss[c]!), removalEffect: effects.conversions }
}

/**
 * Removal effect of every channel.
 * @param limit largest number of states to solve by elimination; both ways agree to rounding
 */
export function removalEffects(chain: Chain, limit?: number): RemovalEffects {
  const most = limit ?? (chain.order === 1 ? ELIMINATION_LIMITS.first : ELIMINATION_LIMITS.higher)
  return chain.states <= most ? byElimination(chain) : byEnclosure(chain)
}

/** Splits a total in proportion to parts; nothing to split by = nothing given. */
export function shareOut(parts: Float64Array, whole: number): Float64Array {
  const sum = total(parts)
  return parts.map((part) => (sum > 0 ? (part / sum) * whole : 0))
}

export function total(numbers: Iterable<number>): number {
  let sum = 0
  for (const number of numbers) sum += number
  return sum
}

// ---- Elimination ----------------------------------------------------------------------------------------------------

/** Columns before those of the states in a dense matrix: converted, lost, positive value, negative value. */
export const EXITS = 4

/** Some states of a chain after the others were eliminated; row i belongs to `ids[i]`, row 0 to the start. */
interface Block {
  readonly ids: readonly number[]
  readonly matrix: Float64Array
}

/** All counts of a chain as one dense matrix with rows and columns in the order of `ids`. */
export function denseMatrix(chain: Chain, ids: readonly number[]): Float64Array {
  const stride = EXITS + ids.length
  const matrix = new Float64Array(ids.length * stride)
  const place = new Map(ids.map((id, row) => [id, row]))
  for (const [row, id] of ids.entries()) {
    matrix.set([chain.conversions[id]!, chain.nulls[id]!, chain.gain[id]!, chain.loss[id]!], row * stride)
  }
  for (let i = 0; i < chain.count.length; i++) {
    matrix[place.get(chain.from[i]!)! * stride + EXITS + place.get(chain.to[i]!)!] = chain.count[i]!
  }
  return matrix
}

/**
 * Eliminates the last of the first `pivot + 1` states: what went into it goes where it leads. Loops of a state on
 * itself appear on the diagonal and are never read: they change no probability.
 */
export function eliminateLast(matrix: Float64Array, stride: number, pivot: number): void {
  const leaving = leavingOf(matrix, stride, pivot)
  if (leaving === 0) return
  const end = EXITS + pivot
  for (let row = 0; row < pivot; row++) {
    const entering = matrix[row * stride + end]!
    if (entering === 0) continue
    const factor = entering / leaving
    for (let i = row * stride, j = pivot * stride; j < pivot * stride + end; i++, j++) matrix[i]! += factor * matrix[j]!
  }
}

/** Weight that leaves the last of the first `pivot + 1` states. */
export function leavingOf(matrix: Float64Array, stride: number, pivot: number): number {
  let leaving = matrix[pivot * stride]! + matrix[pivot * stride + 1]!
  for (let i = pivot * stride + EXITS; i < pivot * stride + EXITS + pivot; i++) leaving += matrix[i]!
  return leaving
}

function byElimination(chain: Chain): RemovalEffects {
  const ids = Array.from({ length: chain.states }, (_, id) => id)
  const effects = noEffects(chain)
  let probability = 0
  // Only channels that occur: the order of operations, so the last digit too, must not depend on any other.
  const channels = [...new Set(chain.holds.flat())].sort((a, b) => a - b)
  leaveOneOut(chain, { ids, matrix: denseMatrix(chain, ids) }, channels, (channel, block) => {
    const [before, after] = split(block)
    const journeys = before[0]! + after[0]! + before[1]! + after[1]!
    if (journeys > 0) probability = (before[0]! + after[0]!) / journeys
    effects.conversions[channel] = part(after[0]!, before[0]!)
    effects.gain[channel] = part(after[2]!, before[2]!)
    effects.loss[channel] = part(after[3]!, before[3]!)
  })
  return { probability, ...effects }
}

/**
 * Calls `visit` once per channel with the start and the states that hold it, all others eliminated. Halving the
 * candidates shares the work: what holds none of a half is eliminated once for the whole half.
 */
function leaveOneOut(chain: Chain, block: Block, channels: number[], visit: (channel: number, block: Block) => void) {
  if (channels.length <= 1) {
    for (const channel of channels) visit(channel, block)
    return
  }
  const middle = channels.length >> 1
  for (const half of [channels.slice(0, middle), channels.slice(middle)]) {
    const wanted = new Set(half)
    const reduced = reduce(block, (id) => id === 0 || chain.holds[id]!.some((channel) => wanted.has(channel)))
    leaveOneOut(chain, reduced, half, visit)
  }
}

/** The block without the states that are not kept: they are put last, eliminated from the end and cut off. */
function reduce(block: Block, keep: (id: number) => boolean): Block {
  const rows = range(block.ids.length)
  const kept = rows.filter((row) => keep(block.ids[row]!))
  const order = [...kept, ...rows.filter((row) => !keep(block.ids[row]!))]
  const work = rearrange(block.matrix, EXITS + rows.length, order)
  for (let pivot = rows.length - 1; pivot >= kept.length; pivot--) eliminateLast(work, EXITS + rows.length, pivot)
  return { ids: kept.map((row) => block.ids[row]!), matrix: rearrange(work, EXITS + rows.length, range(kept.length)) }
}

/** Copy of the chosen rows and of their columns, in the given order. */
function rearrange(matrix: Float64Array, stride: number, order: readonly number[]): Float64Array {
  const width = EXITS + order.length
  const copy = new Float64Array(order.length * width)
  for (const [row, source] of order.entries()) {
    copy.set(matrix.subarray(source * stride, source * stride + EXITS), row * width)
    for (const [column, origin] of order.entries()) {
      copy[row * width + EXITS + column] = matrix[source * stride + EXITS + origin]!
    }
  }
  return copy
}

/** What the start reaches without the block's other states, and what it reaches only through them. */
function split({ ids, matrix }: Block): [before: Float64Array, after: Float64Array] {
  const stride = EXITS + ids.length
  const before = matrix.slice(0, EXITS)
  matrix.fill(0, 0, EXITS)
  for (let pivot = ids.length - 1; pivot > 0; pivot--) eliminateLast(matrix, stride, pivot)
  return [before, matrix.slice(0, EXITS)]
}

function part(share: number, rest: number): number {
  return share > 0 ? share / (share + rest) : 0
}

function noEffects({ channels }: Chain) {
  return {
    conversions: new Float64Array(channels),
    gain: new Float64Array(channels),
    loss: new Float64Array(channels),
  }
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i)
}

// ---- Enclosure ------------------------------------------------------------------------------------------------------

/** A chain by rows: the transitions of state s are `first[s]` to `first[s + 1] - 1`. */
interface Rows {
  readonly first: Int32Array
  readonly leaving: Float64Array
}

function byEnclosure(chain: Chain): RemovalEffects {
  const rows = rowsOf(chain)
  const effects = noEffects(chain)
  const probability = expected(chain, rows, chain.conversions)
  for (const kind of ['conversions', 'gain', 'loss'] as const) {
    const whole = kind === 'conversions' ? probability : expected(chain, rows, chain[kind])
    if (whole === 0) continue
    const earning = reaching(chain, chain[kind])
    for (let channel = 0; channel < chain.channels; channel++) {
      const removed = Uint8Array.from(chain.holds, (held) => (held.includes(channel) ? 1 : 0))
      if (!removed.some((flag, state) => flag === 1 && earning[state] === 1)) continue
      const without = expected(chain, rows, chain[kind], removed)
      effects[kind][channel] = Math.min(1, Math.max(0, 1 - without / whole))
    }
  }
  return { probability, ...effects }
}

function rowsOf(chain: Chain): Rows {
  const first = new Int32Array(chain.states + 1)
  const leaving = chain.conversions.map((conversions, state) => conversions + chain.nulls[state]!)
  for (let i = 0; i < chain.count.length; i++) {
    first[chain.from[i]! + 1]!++
    leaving[chain.from[i]!]! += chain.count[i]!
  }
  for (let state = 0; state < chain.states; state++) first[state + 1]! += first[state]!
  return { first, leaving }
}

/** States from which a reward can be reached without a removed one: elsewhere x is exactly 0. */
function reaching(chain: Chain, reward: Float64Array, removed?: Uint8Array): Uint8Array {
  const reached = Uint8Array.from(reward, (earned, state) => (earned > 0 && removed?.[state] !== 1 ? 1 : 0))
  for (let grown = true; grown; ) {
    grown = false
    for (let i = chain.count.length - 1; i >= 0; i--) {
      const origin = chain.from[i]!
      if (chain.count[i] === 0 || reached[chain.to[i]!] === 0) continue
      if (reached[origin] === 1 || removed?.[origin] === 1) continue
      reached[origin] = 1
      grown = true
    }
  }
  return reached
}

/** Bounds this close are one number: a few units in the last place. */
const MET = 2 ** -50

/**
 * Expected reward from the start: x = r + Q x, by sweeps from below (0) and from above (the largest mean reward). Sums
 * of non-negative terms in a fixed order are monotone in floating point too, so the true x stays enclosed up to the
 * rounding of one sweep, and the sweeps end: when the bounds meet at the start, or when neither can move any more.
 */
function expected(chain: Chain, rows: Rows, reward: Float64Array, removed?: Uint8Array): number {
  const reached = reaching(chain, reward, removed)
  let cap = 0
  for (let s = 0; s < chain.states; s++) if (reward[s]! > 0) cap = Math.max(cap, reward[s]! / chain.conversions[s]!)
  const low = new Float64Array(chain.states)
  const high = Float64Array.from(reached, (flag) => flag * cap)
  for (let moved = true; moved && high[0]! - low[0]! > MET * high[0]!; ) {
    moved = false
    for (let s = chain.states - 1; s >= 0; s--) {
      if (reached[s] === 0) continue
      let below = reward[s]!
      let above = reward[s]!
      for (let i = rows.first[s]!; i < rows.first[s + 1]!; i++) {
        below += chain.count[i]! * low[chain.to[i]!]!
        above += chain.count[i]! * high[chain.to[i]!]!
      }
      below /= rows.leaving[s]!
      above /= rows.leaving[s]!
      moved ||= below > low[s]! || above < high[s]!
      if (below > low[s]!) low[s] = below
      if (above < high[s]!) high[s] = above
    }
  }
  return (low[0]! + high[0]!) / 2
}
