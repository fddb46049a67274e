import type { DataModel } from '../model/data-models.ts'
import { markov, removalEffects } from './markov.ts'
import { type Chain, channelsOf } from './paths.ts'
import { type ChainCredit, shapleyChain } from './shapley.ts'

/** What SQL counts of a data set, as the models take it. Channels are numbers from 0; states as in {@link chainOfRows}. */

/** A transition between two states, and how the journeys that end in the second one ended. */
export interface TransitionRow {
  /** 0 = the start. */
  readonly previous: number
  readonly state: number
  readonly journeys: number
  readonly conversions: number
  readonly nulls: number
  /** Value of those conversions: above 0, and below 0 as a positive number. */
  readonly gain: number
  readonly loss: number
}

/**
 * A chain from its counted transitions. A state is a number: its channels + 1 as digits of base channels + 1, the last one
 * lowest. Rows between equal states end journeys and are no transitions.
 */
export function chainOfRows(rows: readonly TransitionRow[], channels: number, order: number): Chain {
  const keys = Float64Array.from(new Set(rows.map(({ state }) => state))).sort()
  const stateOf = new Map([[0, 0], ...Array.from(keys, (key, index) => [key, index + 1] as const)])
  const holds = [[], ...Array.from(keys, (key) => channelsOf(key, channels))]
  const exits = ['conversions', 'nulls', 'gain', 'loss'] as const
  const [conversions, nulls, gain, loss] = exits.map((exit) => {
    const sums = new Float64Array(holds.length)
    for (const row of rows) sums[stateOf.get(row.state)!]! += row[exit]
    return sums
  }) as [Float64Array, Float64Array, Float64Array, Float64Array]
  const moves = rows
    .filter(({ previous, state }) => previous !== state)
    .sort((a, b) => a.previous - b.previous || a.state - b.state)
  return {
    ...{ channels, order, states: holds.length, holds, conversions, nulls, gain, loss },
    from: Int32Array.from(moves, ({ previous }) => stateOf.get(previous)!),
    to: Int32Array.from(moves, ({ state }) => stateOf.get(state)!),
    count: Float64Array.from(moves, ({ journeys }) => journeys),
  }
}

/** Credit of a model by channel, with what a reader may want to know about it. */
export interface ModelCredit extends ChainCredit {
  /** P(start -> conversion); Markov only. */
  readonly probability?: number
}

/**
 * Credit of a model that plays on a chain.
 * @param limit largest number of states to solve by elimination; absent = as many as is still quick for one answer
 */
export function chainCredit(
  model: Exclude<DataModel, 'shapley_s1'>,
  chain: Chain,
  seed: number,
  limit?: number,
): ModelCredit {
  if (model === 'shapley_s6') return shapleyChain(chain, seed)
  const effects = removalEffects(chain, limit)
  return { ...markov(chain, effects), probability: effects.probability }
}

/** A path as SQL writes it: one character per touch, the channel's number + 33, past the surrogates, which stand for none. */
const FIRST_CHARACTER = 33
const SURROGATES = { from: 0xd800, count: 0x800 } as const

/** Channels of a path in order. */
export function pathOf(text: string): number[] {
  return Array.from(text, (character) => {
    const point = character.codePointAt(0)!
    return point - FIRST_CHARACTER - (point >= SURROGATES.from ? SURROGATES.count : 0)
  })
}
