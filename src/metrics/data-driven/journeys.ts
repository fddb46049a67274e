import type { DateBasis } from '../../api.ts'
import { pathOf, type TransitionRow } from '../../attribution/counted.ts'
import { total } from '../../attribution/markov.ts'
import type { PathCount, Paths } from '../../attribution/paths.ts'
import type { SetCount } from '../../attribution/shapley.ts'
import type { Reader } from '../../db/database.ts'
import { sql } from '../../db/sql.ts'
import type { Period } from '../../model/period.ts'
import type { Workspace } from '../../model/settings.ts'
import { dayRange } from '../sums.ts'

const JOURNEYS = sql('metrics/data-driven/sql/journeys.sql')
const CHANNELS = 'SELECT id, key, is_direct FROM channel WHERE tenant_id = $1'
/** "No limit" for the look-back: longer than any journey, and short enough for the oldest date an engine knows. */
const NO_LIMIT_DAYS = 1_000_000

/** Which journeys: of the deals that a report of the same question counts as won, and of who was touched and won nothing. */
export interface JourneyQuery extends Period {
  readonly dateBasis: DateBasis
}

/** A channel; its number in every model is its place in the list. */
export interface JourneyChannel {
  readonly id: bigint
  readonly key: string
}

/** Journeys of a channel set size, per channel, with those that did not convert. */
export interface SetRow extends SetCount {
  readonly nulls: number
}

/** Whole number of something over all journeys: each stands in the sets once for each of its channels. */
export function sumOverSets(sets: readonly SetRow[], count: (row: SetRow) => number): number {
  const bySize = new Map<number, number>()
  for (const row of sets) bySize.set(row.size, (bySize.get(row.size) ?? 0) + count(row))
  return Math.round(total([...bySize].map(([size, sum]) => sum / size)))
}

/**
 * The journeys of a period, as journeys.sql defines them. They are counted where they are stored: what arrives is as large
 * as the number of different steps, sets or paths, never as the number of touches.
 */
export class Journeys {
  readonly channels: readonly JourneyChannel[]
  readonly #ask: Ask

  private constructor(channels: readonly JourneyChannel[], ask: Ask) {
    this.channels = channels
    this.#ask = ask
  }

  static async of(reader: Reader, workspace: Workspace, query: JourneyQuery): Promise<Journeys> {
    const { tenant, settings } = workspace
    const rows = await reader.query<JourneyChannel & { readonly is_direct: boolean }>(CHANNELS, [tenant])
    // Numbers in the order of the names' bytes: the same on every engine, whatever the ids are.
    rows.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))
    const list = rows.map(({ id, is_direct }, code) => `${id}:${code}:${is_direct ? 1 : 0}`).join(',')
    const parameters = [
      tenant,
      list,
      ...dayRange(query),
      query.dateBasis,
      settings.zone,
      settings.lookback_days ?? NO_LIMIT_DAYS,
      settings.direct_handling === 'ignore',
      settings.campaigns_first,
    ]
    return new Journeys(rows, (what, only = null) => reader.query<CountedRow>(JOURNEYS, [...parameters, what, only]))
  }

  /** Steps between states of so many channels: all that a chain is made of. */
  async transitions(order: 1 | 2 | 3): Promise<TransitionRow[]> {
    const rows = await this.#ask(order)
    return rows.map(({ path: _, ...counts }) => numbers(counts))
  }

  /**
   * How many journeys hold each channel, by how many channels they hold.
   * @param only ids of the channels whose journeys are counted, with commas; other channels then have only part of theirs
   */
  async sets(only?: string): Promise<SetRow[]> {
    const rows = await this.#ask(SETS, only)
    return rows.map(({ path: _, ...counts }) => {
      const { previous, state, conversions, nulls, gain, loss } = numbers(counts)
      return { channel: state - 1, size: previous, conversions, nulls, value: gain - loss }
    })
  }

  /** Every different path with its counts, refunds apart; in an order of its own on every engine. */
  async paths(): Promise<Paths> {
    const rows = await this.#ask(PATHS)
    const texts = rows.map((row) => ({ ...row, path: row.path! }))
    texts.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : Number(a.previous) - Number(b.previous)))
    return {
      channels: this.channels.length,
      rows: texts.map(({ path, ...counts }): PathCount => {
        const { conversions, nulls, gain, loss } = numbers(counts)
        return { path: pathOf(path), conversions, nulls, value: gain - loss }
      }),
    }
  }
}

/** @param only ids of channels: journeys that hold one of them */
type Ask = (what: number, only?: string | null) => Promise<CountedRow[]>

/** What journeys.sql counts, besides the lengths of states. */
const SETS = 0
const PATHS = 4

interface Counts {
  readonly previous: bigint | number
  readonly state: bigint | number
  readonly journeys: bigint
  readonly conversions: bigint
  readonly nulls: bigint
  readonly gain: bigint
  readonly loss: bigint
}

interface CountedRow extends Counts {
  readonly path: string | null
}

function numbers({ previous, state, journeys, conversions, nulls, gain, loss }: Counts): TransitionRow {
  return {
    previous: Number(previous),
    state: Number(state),
    journeys: Number(journeys),
    conversions: Number(conversions),
    nulls: Number(nulls),
    gain: Number(gain),
    loss: Number(loss),
  }
}
