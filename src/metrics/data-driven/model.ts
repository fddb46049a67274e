import { chainCredit, chainOfRows, type ModelCredit } from '../../attribution/counted.ts'
import { total } from '../../attribution/markov.ts'
import { shapleySets } from '../../attribution/shapley.ts'
import type { Database, Reader } from '../../db/database.ts'
import { type DataModel, orderOf } from '../../model/data-models.ts'
import { WHOLE } from '../../model/rule-models.ts'
import type { Workspace } from '../../model/settings.ts'
import { keeper } from '../kept.ts'
import { type Floor, notEnoughData, readFloor } from './floor.ts'
import { type JourneyChannel, type JourneyQuery, Journeys, sumOverSets } from './journeys.ts'

/** A state of the store to read from, and what answers may be kept by: see {@link readFigures}. */
export interface Source {
  readonly database: Database
  readonly reader: Reader
  /** Absent or null = nothing is kept. */
  readonly version?: number | null
}

/** What a data-driven model makes of all journeys of a period. */
export interface ModelResult {
  readonly model: DataModel
  /** Of everything drawn. */
  readonly seed: number
  readonly floor: Floor
  /** Journeys it rests on; the rest of them did not convert. */
  readonly journeys: number
  readonly conversions: number
  /** P(start -> conversion); Markov only. */
  readonly probability: number | null
  /** Orders drawn where Shapley s6 had too many channels to be counted out. */
  readonly orders: number | null
  /** Channels with a journey, in the order of their names' bytes. */
  readonly channels: readonly ChannelResult[]
  readonly weights: Weighting
}

/** What the model credits to a channel over the whole data set. */
export interface ChannelResult {
  readonly id: bigint
  readonly key: string
  readonly conversions: number
  /** Minor units, not rounded. */
  readonly value: number
  /** Part of all conversions, 0 to 1: the channel's weight. */
  readonly share: number
  /** Markov only. */
  readonly removalEffect: number | null
}

/**
 * How a single outcome is split: over its touches in proportion to their channels' units (attribution.md §2), evenly where
 * they have none. `shared`: a channel's units are shared out over its touches in the journey. Shapley s1 gives an outcome in
 * equal parts to its channels, so there all have the same units and its split adds up to the model's own credit.
 */
export interface Weighting {
  /** By channel number, whole, up to {@link WHOLE}. */
  readonly units: Float64Array
  readonly shared: boolean
  /** Id and units of each channel, as SQL takes them. */
  readonly text: string
}

/** Most states solved by elimination while others wait; more are enclosed, which is as exact. */
const ELIMINATED = 400

/** Results and floors kept per store: as many as a team looks at in turn. */
const keepResult = keeper<ModelResult>(50)
const keepFloor = keeper<Floor>(50)

/** What the answer depends on besides the store. */
function questionOf({ tenant, settings }: Workspace, { from, to, dateBasis }: JourneyQuery): readonly unknown[] {
  const { zone, lookback_days, direct_handling, campaigns_first } = settings
  return [tenant, zone, lookback_days, direct_handling, campaigns_first, from, to, dateBasis]
}

/** {@link readFloor}, kept. */
export function floorOf(
  { database, reader, version = null }: Source,
  workspace: Workspace,
  query: JourneyQuery,
  every = false,
): Promise<Floor> {
  const question = [every, ...questionOf(workspace, query)]
  return keepFloor(database, version, question, () => readFloor(reader, workspace, query, every))
}

/**
 * The result of a model over a period, kept.
 * @throws RoiError `not_enough_data` below the floor
 */
export async function modelResult(
  source: Source,
  workspace: Workspace,
  query: JourneyQuery,
  model: DataModel,
  seed: number,
): Promise<ModelResult> {
  const floor = await floorOf(source, workspace, query)
  if (!floor.met) throw notEnoughData(model, await floorOf(source, workspace, query, true))
  const { database, reader, version = null } = source
  return keepResult(database, version, [model, seed, ...questionOf(workspace, query)], async () => {
    const journeys = await Journeys.of(reader, workspace, query)
    return { seed, floor, ...(await compute(journeys, model, seed)) }
  })
}

async function compute(journeys: Journeys, model: DataModel, seed: number) {
  const { length } = journeys.channels
  if (model === 'shapley_s1') {
    const sets = await journeys.sets()
    const present = sets.map(({ channel }) => channel)
    const size = {
      journeys: sumOverSets(sets, ({ conversions, nulls }) => conversions + nulls),
      conversions: sumOverSets(sets, ({ conversions }) => conversions),
      present,
    }
    return resultOf(journeys.channels, model, shapleySets(sets, length), size)
  }
  const rows = await journeys.transitions(orderOf(model))
  const chain = chainOfRows(rows, length, orderOf(model))
  const conversions = total(chain.conversions)
  const size = { journeys: conversions + total(chain.nulls), conversions, present: chain.holds.flat() }
  return resultOf(journeys.channels, model, chainCredit(model, chain, seed, ELIMINATED), size)
}

interface Size {
  readonly journeys: number
  readonly conversions: number
  /** Numbers of the channels that journeys hold. */
  readonly present: readonly number[]
}

function resultOf(channels: readonly JourneyChannel[], model: DataModel, credit: ModelCredit, size: Size) {
  const { journeys, conversions } = size
  const present = new Set(size.present)
  return {
    model,
    journeys,
    conversions,
    probability: credit.probability ?? null,
    orders: credit.orders ?? null,
    channels: channels.flatMap(({ id, key }, code): ChannelResult[] => {
      if (!present.has(code)) return []
      return [
        {
          ...{ id, key },
          conversions: credit.conversions[code]!,
          value: credit.value[code]!,
          share: conversions > 0 ? credit.conversions[code]! / conversions : 0,
          removalEffect: credit.removalEffect?.[code] ?? null,
        },
      ]
    }),
    weights: weighting(model, credit.conversions, channels),
  }
}

/** Weights as whole numbers, so that sums in SQL stay exact and the same on every engine. */
function weighting(model: DataModel, conversions: Float64Array, channels: readonly JourneyChannel[]): Weighting {
  const shared = model === 'shapley_s1'
  const units = shared ? conversions.map(() => Number(WHOLE)) : unitsOf(conversions)
  return { units, shared, text: channels.map(({ id }, code) => `${id}:${units[code]}`).join(',') }
}

/** Weights in units of which the heaviest channel has {@link WHOLE}. */
export function unitsOf(conversions: Float64Array): Float64Array {
  const most = Math.max(...conversions)
  return conversions.map((part) => (most > 0 ? Math.round((part / most) * Number(WHOLE)) : 0))
}
