import { type DataCredit, markov } from '../markov.ts'
import { type Chain, chainOf, type Paths, weightsOf } from '../paths.ts'
import { shapleyChain, shapleyUnique } from '../shapley.ts'
import type { Engine } from './engine.ts'
import { bootstrap, type Interval } from './interval.ts'
import { type DataDriven, type FileModel, orderOf } from './models.ts'

/** Credit of one model by channel number, and where it is uncertain. */
export interface ModelCredit extends DataCredit {
  readonly interval?: Interval
  /** Orders drawn where Shapley s6 had too many channels to be counted out. */
  readonly orders?: number
}

export interface CreditSettings {
  /** How many channels there are; their numbers are below it. */
  readonly channels: number
  /** Units in 1 of value. */
  readonly units: number
  /** Resamples; 0 = no intervals. */
  readonly interval: number
  readonly seed: number
  readonly signal: AbortSignal | undefined
}

interface CreditRow {
  readonly model: FileModel
  readonly channel: number
  readonly conversions: number
  readonly value: number
}

/** Credit of the rule models, summed in SQL. */
export async function ruleCredit(
  engine: Engine,
  models: readonly FileModel[],
  { channels, units }: CreditSettings,
): Promise<Map<FileModel, ModelCredit>> {
  const rows = await engine.query<CreditRow>('rules.sql', [units])
  // This one needs an order of its own, which costs a sort of all steps.
  if (models.includes('last_non_direct')) rows.push(...(await engine.query<CreditRow>('last-non-direct.sql', [units])))
  const credits = new Map<FileModel, ModelCredit>()
  for (const model of models) {
    const credit = { conversions: new Float64Array(channels), value: new Float64Array(channels) }
    for (const row of rows) {
      if (row.model !== model) continue
      credit.conversions[row.channel] = row.conversions
      credit.value[row.channel] = row.value
    }
    credits.set(model, credit)
  }
  return credits
}

/**
 * Credit of the models that need the whole data set. Order 1 is counted in SQL; only longer grams, channel sets and
 * resamples need the distinct paths themselves.
 */
export async function dataCredit(
  engine: Engine,
  models: readonly DataDriven[],
  settings: CreditSettings,
): Promise<Map<FileModel, ModelCredit>> {
  if (models.length === 0) return new Map()
  const wholePaths = settings.interval > 0 || models.some((model) => orderOf(model) > 1 || model === 'shapley_s1')
  const paths = wholePaths ? await loadPaths(engine, settings) : { channels: settings.channels, rows: [] }
  const first = await loadChain(engine, settings)
  const intervals =
    settings.interval > 0
      ? await bootstrap(paths, models, { ...settings, resamples: settings.interval })
      : new Map<DataDriven, Interval>()
  const credits = new Map<FileModel, ModelCredit>()
  for (const model of models) {
    settings.signal?.throwIfAborted()
    const interval = intervals.get(model)
    credits.set(model, { ...creditOf(model, paths, first, settings.seed), ...(interval && { interval }) })
  }
  return credits
}

function creditOf(model: DataDriven, paths: Paths, first: Chain, seed: number): ModelCredit {
  if (model === 'shapley_s1') return shapleyUnique(paths, weightsOf(paths))
  if (model === 'shapley_s6') return shapleyChain(first, seed)
  return markov(model === 'markov_1' ? first : chainOf(paths, orderOf(model)))
}

interface PathRow {
  readonly path: string
  readonly conversions: number
  readonly nulls: number
  readonly value: number
}

/** Numbers of channels written as characters by unique-paths.sql. */
const FIRST_CHARACTER = 33
const SURROGATES = { from: 0xd800, count: 0x800 } as const

async function loadPaths(engine: Engine, { channels, units }: CreditSettings): Promise<Paths> {
  const rows = await engine.query<PathRow>('unique-paths.sql', [units])
  return { channels, rows: rows.map((row) => ({ ...row, path: Array.from(row.path, numberOf) })) }
}

function numberOf(character: string): number {
  const point = character.codePointAt(0)!
  return point - FIRST_CHARACTER - (point >= SURROGATES.from ? SURROGATES.count : 0)
}

interface TransitionRow {
  readonly previous: number | null
  readonly channel: number
  readonly journeys: number
  readonly conversions: number
  readonly nulls: number
  readonly gain: number
  readonly loss: number
}

/** The chain of order 1: state of a channel = its place among the channels that have touches, the start before them. */
async function loadChain(engine: Engine, { channels, units }: CreditSettings): Promise<Chain> {
  const rows = await engine.query<TransitionRow>('transitions.sql', [units])
  const present = [...new Set(rows.map((row) => row.channel))].sort((a, b) => a - b)
  const stateOf = new Map<number | null, number>(present.map((channel, index) => [channel, index + 1]))
  stateOf.set(null, 0)
  const exits = ['conversions', 'nulls', 'gain', 'loss'] as const
  const [conversions, nulls, gain, loss] = exits.map((exit) => {
    const sums = new Float64Array(present.length + 1)
    for (const row of rows) sums[stateOf.get(row.channel)!]! += row[exit]
    return sums
  }) as [Float64Array, Float64Array, Float64Array, Float64Array]
  const moves = rows.filter((row) => row.previous !== row.channel)
  const holds = [[], ...present.map((channel) => [channel])]
  return {
    ...{ channels, order: 1, states: holds.length, holds, conversions, nulls, gain, loss },
    from: Int32Array.from(moves, (row) => stateOf.get(row.previous)!),
    to: Int32Array.from(moves, (row) => stateOf.get(row.channel)!),
    count: Float64Array.from(moves, (row) => row.journeys),
  }
}
