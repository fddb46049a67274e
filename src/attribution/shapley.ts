import { type DataCredit, denseMatrix, EXITS, eliminateLast, leavingOf, shareOut, total } from './markov.ts'
import type { Chain, Paths, Weights } from './paths.ts'

/**
 * Shapley value (attribution.md §3): φ(c) = Σ over S without c of |S|! (n - |S| - 1)! / n! × (v(S ∪ c) - v(S)).
 * Two games: `s1`, explainable, and `s6`, data-driven.
 */

/** Journeys that hold a channel and so many different channels in all. */
export interface SetCount {
  readonly channel: number
  readonly size: number
  readonly conversions: number
  readonly value: number
}

/**
 * Game s1: v(S) = conversions of journeys whose channels all lie in S. Its Shapley value has a closed form: each
 * conversion in equal parts to its unique channels.
 */
export function shapleyUnique(paths: Paths, weights: Weights): DataCredit {
  const sums = new SetSums(paths.channels)
  for (const [row, { path }] of paths.rows.entries()) {
    const unique = new Set(path)
    const value = weights.values?.[row] ?? 0
    for (const channel of unique) sums.add(channel, unique.size, weights.conversions[row]!, value)
  }
  return sums.credit()
}

/** The same from journeys already counted by the size of their sets. */
export function shapleySets(rows: readonly SetCount[], channels: number): DataCredit {
  const sums = new SetSums(channels)
  for (const { channel, size, conversions, value } of rows) sums.add(channel, size, conversions, value)
  return sums.credit()
}

/** Counts are summed per set size before they are divided: whole numbers, so no rounding gathers over many paths. */
class SetSums {
  readonly #channels: number
  readonly #bySize = new Map<number, { conversions: Float64Array; value: Float64Array }>()

  constructor(channels: number) {
    this.#channels = channels
  }

  add(channel: number, size: number, conversions: number, value: number): void {
    let sums = this.#bySize.get(size)
    if (!sums) {
      sums = { conversions: new Float64Array(this.#channels), value: new Float64Array(this.#channels) }
      this.#bySize.set(size, sums)
    }
    sums.conversions[channel]! += conversions
    sums.value[channel]! += value
  }

  credit(): DataCredit {
    const sizes = [...this.#bySize.keys()].sort((a, b) => a - b)
    const by = (kind: 'conversions' | 'value') =>
      new Float64Array(this.#channels).map((_, c) =>
        total(sizes.map((size) => this.#bySize.get(size)![kind][c]! / size)),
      )
    return { conversions: by('conversions'), value: by('value') }
  }
}

export interface ChainCredit extends DataCredit {
  /** How many orders of the channels were drawn; absent when all coalitions were counted. */
  readonly orders?: number
}

/** Most channels for which every coalition is counted: 2^14 chains. */
export const EXACT_CHANNELS = 14

/**
 * Game s6: v(S) = P(conv) of the order-1 chain when transitions into channels outside S lead to null; credit =
 * φ / Σφ × conversions. Value plays its own game on the value chain. Above {@link EXACT_CHANNELS} channels φ is the
 * mean over seeded orders of the channels, each drawn together with its reverse.
 * @param chain of order 1
 */
export function shapleyChain(chain: Chain, seed: number, exactChannels: number = EXACT_CHANNELS): ChainCredit {
  const players = chain.states - 1
  const exact = players <= exactChannels
  const orders = exact ? 0 : 2 * Math.min(2000, Math.max(50, Math.floor(3e9 / players ** 3)))
  const phi = exact ? everyCoalition(chain) : drawnOrders(chain, orders, seed)
  const byChannel = (kind: Kind, whole: Float64Array) => {
    const shares = shareOut(phi[kind], total(whole))
    const credit = new Float64Array(chain.channels)
    for (let state = 1; state <= players; state++) credit[chain.holds[state]![0]!] = shares[state - 1]!
    return credit
  }
  const loss = byChannel('loss', chain.loss)
  const credit = {
    conversions: byChannel('conversions', chain.conversions),
    value: byChannel('gain', chain.gain).map((part, channel) => part - loss[channel]!),
  }
  return exact ? credit : { ...credit, orders }
}

/** Columns of the dense matrix that are games of their own. */
const GAMES = { conversions: 0, gain: 2, loss: 3 } as const
type Kind = keyof typeof GAMES
type Games = Record<Kind, Float64Array>
const KINDS = Object.keys(GAMES) as Kind[]

function games(size: number): Games {
  return { conversions: new Float64Array(size), gain: new Float64Array(size), loss: new Float64Array(size) }
}

function everyCoalition(chain: Chain): Games {
  const players = chain.states - 1
  const { conversions, gain, loss } = coalitionValues(chain)
  return {
    conversions: shapleyOf(conversions, players),
    gain: shapleyOf(gain, players),
    loss: shapleyOf(loss, players),
  }
}

/** Shapley value of any game given as v by bit set of players. */
export function shapleyOf(v: Float64Array, players: number): Float64Array {
  const phi = new Float64Array(players)
  const weight = new Float64Array(players)
  for (let size = 0; size < players; size++) weight[size] = 1 / (players * choose(players - 1, size))
  for (let set = 0; set < v.length; set++) {
    const share = weight[bits(set)]!
    for (let player = 0; player < players; player++) {
      if ((set >> player) & 1) continue
      phi[player]! += share * (v[set | (1 << player)]! - v[set]!)
    }
  }
  // v never falls when a channel joins, so anything below 0 is rounding.
  return phi.map((part) => Math.max(0, part))
}

/**
 * v of every coalition of the channels of an order-1 chain, times the number of journeys; bit i = state i + 1.
 * A tree over the channels, last first: left out, what enters it is lost; let in, it is eliminated. Each node works on
 * what its branch left over, so all 2^n chains together cost about as much as 2^n channels.
 */
export function coalitionValues(chain: Chain): Games {
  const ids = Array.from({ length: chain.states }, (_, id) => id)
  const values = games(2 ** (chain.states - 1))
  const level: Float64Array[] = ids.map((id) => new Float64Array((id + 1) * (EXITS + id + 1)))
  level[ids.length - 1] = denseMatrix(chain, ids)
  const descend = (pivot: number, set: number) => {
    const matrix = level[pivot]!
    if (pivot === 0) {
      for (const kind of KINDS) values[kind][set] = matrix[GAMES[kind]]!
      return
    }
    shrink(matrix, level[pivot - 1]!, pivot, false)
    descend(pivot - 1, set)
    shrink(matrix, level[pivot - 1]!, pivot, true)
    descend(pivot - 1, set | (1 << (pivot - 1)))
  }
  descend(ids.length - 1, 0)
  return values
}

/** Copies all but the last state of a matrix; what entered that state goes where it leads, or is lost. */
function shrink(source: Float64Array, target: Float64Array, pivot: number, passes: boolean): void {
  const width = EXITS + pivot
  const last = pivot * (width + 1)
  const leaving = passes ? leavingOf(source, width + 1, pivot) : 0
  for (let row = 0; row < pivot; row++) {
    const entering = source[row * (width + 1) + width]!
    const factor = leaving > 0 ? entering / leaving : 0
    for (let i = 0; i < width; i++) {
      target[row * width + i] = source[row * (width + 1) + i]! + factor * source[last + i]!
    }
    if (!passes) target[row * width + 1]! += entering
  }
}

/** Mean gain of the start when each channel joins, over drawn orders: one elimination gives a whole order. */
function drawnOrders(chain: Chain, orders: number, seed: number): Games {
  const players = chain.states - 1
  const random = randomFrom(seed)
  const phi = games(players)
  let order = Array.from({ length: players }, (_, i) => i + 1)
  for (let drawn = 0; drawn < orders; drawn++) {
    order = drawn % 2 === 0 ? shuffle(order, random) : order.toReversed()
    const matrix = denseMatrix(chain, [0, ...order])
    const stride = EXITS + chain.states
    for (let pivot = players; pivot > 0; pivot--) {
      const before = KINDS.map((kind) => matrix[GAMES[kind]]!)
      eliminateLast(matrix, stride, pivot)
      for (const [i, kind] of KINDS.entries()) {
        phi[kind][order[pivot - 1]! - 1]! += (matrix[GAMES[kind]]! - before[i]!) / orders
      }
    }
  }
  return phi
}

function shuffle(items: readonly number[], random: () => number): number[] {
  const shuffled = [...items]
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!]
  }
  return shuffled
}

/** Seeded numbers in [0, 1): the same on every machine. A counter (Weyl sequence) scrambled by multiply and shift. */
export function randomFrom(seed: number): () => number {
  let state = seed | 0
  const next = () => {
    state = (state + 0x9e3779b9) | 0
    let bits = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97)
    return (bits ^ (bits >>> 15)) >>> 0
  }
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53
}

function choose(n: number, k: number): number {
  let result = 1
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i
  return result
}

function bits(set: number): number {
  let count = 0
  for (let rest = set; rest > 0; rest &= rest - 1) count++
  return count
}
