import type { Reader } from '../../db/database.ts'
import { sql } from '../../db/sql.ts'
import type { Period } from '../../model/period.ts'
import type { RuleModel } from '../../model/rule-models.ts'
import type { Workspace } from '../../model/settings.ts'
import type { Spans } from '../formulas-funnel.ts'
import { dayRange } from '../sums.ts'

const COHORT = sql('metrics/sql/funnel-cohort.sql')
const SPANS = sql('metrics/sql/funnel-spans.sql')
const DEALS = sql('metrics/sql/funnel-deals.sql')
const CYCLE = sql('metrics/sql/funnel-cycle.sql')
const LOSS = sql('metrics/sql/lead-loss.sql')
const ACCEPTANCE = sql('metrics/sql/lead-acceptance.sql')

export const READINGS = ['cohort', 'period'] as const
export type Reading = (typeof READINGS)[number]

/** What every statement of the funnel is asked with. */
export interface FunnelAsk extends Period {
  readonly model: RuleModel
  readonly reading: Reading
  /** Places with their groups; '' = the whole only. */
  readonly list: string
}

/** A step of the funnel in one group. Counts are weights in units of 1/WHOLE. */
export interface StepSums {
  readonly count: bigint
  /** Those of `count` with a date of this step itself; null where all have. */
  readonly recorded: bigint | null
  /** Seconds since the step before. */
  readonly median: number | null
  readonly spans: number
  readonly negative: number
}

/** Leads of the period and how far they came. */
export interface CohortSums {
  /** Lead to receipt. */
  readonly steps: readonly StepSums[]
  readonly throughAccount: bigint
}

/** Opportunities of the period and what became of them, as funnel-deals.sql tells. */
export interface DealSums {
  readonly opened: bigint
  readonly opened_won: bigint
  readonly won: bigint
  readonly lost: bigint
  /** Sum of weight x minor units of those that were won. */
  readonly amount: bigint
}

/** Leads lost before they became an SQL. */
export interface LossSums {
  readonly lost: bigint
  readonly dropped: bigint
}

/** What sales said of leads. */
export interface FeedbackSums {
  readonly accepted: bigint
  readonly rejected: bigint
}

/** Answers by number of the group. */
export type ByGroup<T> = ReadonlyMap<number | null, T>

type Row<T> = T & { readonly group_no: number | null }

function byGroup<R extends { readonly group_no: number | null }, T>(
  rows: readonly R[],
  of: (row: R) => T,
): Map<number | null, T> {
  return new Map(rows.map((row) => [row.group_no, of(row)]))
}

/** Numbers of the steps after the first, as the statements name their columns. */
const LATER = [2, 3, 4, 5, 6] as const

/** Leads of the period, followed to the end. */
export async function cohortSums(reader: Reader, { tenant }: Workspace, ask: FunnelAsk): Promise<ByGroup<CohortSums>> {
  type Sums = Row<Record<string, bigint | number | null>>
  const rows = await reader.query<Sums>(COHORT, [tenant, ask.list, ask.model, ...dayRange(ask)])
  return byGroup(rows, (row) => {
    const weight = (column: string) => row[column] as bigint
    const first = { count: weight('n1'), recorded: weight('n1'), median: null, spans: 0, negative: 0 }
    const later = LATER.map((step) => ({
      count: weight(`n${step}`),
      recorded: weight(`own${step}`),
      median: row[`d${step}`] as number | null,
      spans: Number(row[`k${step}`]),
      negative: Number(row[`b${step}`]),
    }))
    return { steps: [first, ...later], throughAccount: weight('by_account') }
  })
}

/** What outcomes of the period took since the step before, by step (2 to 6), and how many there were. */
export async function spanSums(
  reader: Reader,
  { tenant, settings }: Workspace,
  ask: FunnelAsk,
): Promise<ByGroup<ReadonlyMap<number, StepSums>>> {
  type Sums = Row<{ step: number; weight: bigint; median: number | null; spans: bigint; negative: bigint }>
  const parameters = [tenant, ask.list, ask.model, ...dayRange(ask), settings.zone]
  const groups = new Map<number | null, Map<number, StepSums>>()
  for (const { group_no, step, weight, median, spans, negative } of await reader.query<Sums>(SPANS, parameters)) {
    let steps = groups.get(group_no)
    if (!steps) {
      steps = new Map()
      groups.set(group_no, steps)
    }
    steps.set(step, { count: weight, recorded: null, median, spans: Number(spans), negative: Number(negative) })
  }
  return groups
}

/** Opportunities, and deals decided. */
export async function dealSums(
  reader: Reader,
  { tenant, settings }: Workspace,
  ask: FunnelAsk,
): Promise<ByGroup<DealSums>> {
  type Sums = Row<Omit<DealSums, 'amount'> & { amount: string }>
  const parameters = [tenant, ask.list, ask.model, ...dayRange(ask), ask.reading, settings.zone]
  const rows = await reader.query<Sums>(DEALS, parameters)
  return byGroup(rows, ({ amount, ...row }) => ({ ...row, amount: BigInt(amount) }))
}

/** Days from lead to won. */
export async function cycleSums(reader: Reader, { tenant }: Workspace, ask: FunnelAsk): Promise<ByGroup<Spans>> {
  type Sums = Row<{ weight: bigint; seconds: string; median: number | null; negative: bigint }>
  const rows = await reader.query<Sums>(CYCLE, [tenant, ask.list, ask.model, ...dayRange(ask), ask.reading])
  return byGroup(rows, ({ weight, seconds, median, negative }) => ({
    weight,
    seconds: BigInt(seconds),
    median,
    negative: Number(negative),
  }))
}

/** Leads lost by now. */
export async function lossSums(
  reader: Reader,
  { tenant, settings }: Workspace,
  ask: FunnelAsk,
  now: Date,
): Promise<ByGroup<LossSums>> {
  const parameters = [tenant, ask.list, ask.model, ...dayRange(ask), now.toISOString(), settings.lead_loss_days]
  return byGroup(await reader.query<Row<LossSums>>(LOSS, parameters), (row) => row)
}

/** What sales said of leads of the period. */
export async function feedbackSums(
  reader: Reader,
  { tenant, settings }: Workspace,
  ask: FunnelAsk,
): Promise<ByGroup<FeedbackSums>> {
  const parameters = [tenant, ask.list, ask.model, ...dayRange(ask), settings.zone]
  return byGroup(await reader.query<Row<FeedbackSums>>(ACCEPTANCE, parameters), (row) => row)
}
