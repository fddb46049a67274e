import { type DataModel, orderOf } from '../../model/data-models.ts'
import { chainCredit, chainOfRows, type ModelCredit, pathOf, type TransitionRow } from '../counted.ts'
import { bootstrap, type Interval } from '../interval.ts'
import { type Chain, chainOf, type Paths, weightsOf } from '../paths.ts'
import { shapleyUnique } from '../shapley.ts'
import type { Engine } from './engine.ts'
import type { FileModel } from './models.ts'

/** Credit of one model by channel number, and where it is uncertain. */
export interface FileCredit extends ModelCredit {
  readonly interval?: Interval
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
): Promise<Map<FileModel, FileCredit>> {
  const rows = await engine.query<CreditRow>('rules.sql', [units])
  // This one needs an order of its own, which costs a sort of all steps.
  if (models.includes('last_non_direct')) rows.push(...(await engine.query<CreditRow>('last-non-direct.sql', [units])))
  const credits = new Map<FileModel, FileCredit>()
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
  models: readonly DataModel[],
  settings: CreditSettings,
): Promise<Map<FileModel, FileCredit>> {
  if (models.length === 0) return new Map()
  const wholePaths = settings.interval > 0 || models.some((model) => orderOf(model) > 1 || model === 'shapley_s1')
  const paths = wholePaths ? await loadPaths(engine, settings) : { channels: settings.channels, rows: [] }
  const first = await loadChain(engine, settings)
  const intervals =
    settings.interval > 0
      ? await bootstrap(paths, models, { ...settings, resamples: settings.interval })
      : new Map<DataModel, Interval>()
  const credits = new Map<FileModel, FileCredit>()
  for (const model of models) {
    settings.signal?.throwIfAborted()
    const interval = intervals.get(model)
    credits.set(model, { ...creditOf(model, paths, first, settings.seed), ...(interval && { interval }) })
  }
  return credits
}

function creditOf(model: DataModel, paths: Paths, first: Chain, seed: number): ModelCredit {
  if (model === 'shapley_s1') return shapleyUnique(paths, weightsOf(paths))
  const order = orderOf(model)
  return chainCredit(model, order === 1 ? first : chainOf(paths, order), seed)
}

interface PathRow {
  readonly path: string
  readonly conversions: number
  readonly nulls: number
  readonly value: number
}

async function loadPaths(engine: Engine, { channels, units }: CreditSettings): Promise<Paths> {
  const rows = await engine.query<PathRow>('unique-paths.sql', [units])
  return { channels, rows: rows.map((row) => ({ ...row, path: pathOf(row.path) })) }
}

interface StepRow extends Omit<TransitionRow, 'previous' | 'state'> {
  readonly previous: number | null
  readonly channel: number
}

/** The chain of order 1: the state of a channel is its number + 1. */
async function loadChain(engine: Engine, { channels, units }: CreditSettings): Promise<Chain> {
  const rows = await engine.query<StepRow>('transitions.sql', [units])
  const transitions = rows.map(({ previous, channel, ...counts }) => ({
    ...counts,
    previous: previous === null ? 0 : previous + 1,
    state: channel + 1,
  }))
  return chainOfRows(transitions, channels, 1)
}
