import { FUNNEL_STEPS, type FunnelStep, type FunnelView } from '../../api/funnel.ts'
import type { Reason } from '../../api.ts'
import type { Locale } from '../../errors.ts'
import { count, type Result } from '../formulas.ts'
import {
  conversion,
  largestDrop,
  leadAcceptance,
  leadLoss,
  meanDays,
  medianDays,
  opportunityToWon,
  type Spans,
  velocity,
  winRate,
} from '../formulas-funnel.ts'
import type { Format } from '../record/format.ts'
import type { CohortSums, DealSums, FeedbackSums, LossSums, Reading, StepSums } from './sums.ts'
import { dropSentence } from './words.ts'

/** Everything summed for one group. */
export interface GroupSums {
  readonly key: string
  readonly label: string
  /** Of the reading asked for. */
  readonly steps: readonly StepSums[]
  /** Leads of the period, whatever the reading. */
  readonly cohort: CohortSums
  readonly deals: DealSums
  readonly cycle: Spans
  readonly loss: LossSums
  readonly feedback: FeedbackSums
}

/** How figures are shown. */
export interface Shown {
  readonly reading: Reading
  /** Steps that anybody in the workspace ever has a date of. */
  readonly recorded: readonly boolean[]
  readonly currency: string
  readonly locale: Locale
  readonly format: Format
}

/** Why a rate has no base, by the step it starts from. */
const NO_BASE = ['no_leads', 'no_mqls', 'no_sqls', 'no_opportunities', 'no_deals'] as const satisfies readonly Reason[]
/** Steps before this one belong to "market to lead". */
const CASH_FROM = 3

/** The funnel of a group as it is answered. */
export function toView(sums: GroupSums, shown: Shown): FunnelView {
  const { cohort, deals, cycle, loss, feedback } = sums
  const reached = (step: number) => cohort.steps[step]!.count
  const dated = (step: number) => cohort.steps[step]!.recorded ?? 0n
  const rates = {
    lead_to_opportunity: conversion(reached(3), reached(0), 'no_leads'),
    opportunity_to_won: opportunityToWon(deals.opened_won, deals.opened),
    win_rate: winRate(deals.won, deals.lost),
    mql_rate: conversion(dated(1), reached(0), 'no_leads'),
    mql_to_sql: conversion(dated(2), dated(1), 'no_mqls'),
    cycle: meanDays(cycle),
    lead_loss: leadLoss(loss.lost, reached(0)),
    acceptance: leadAcceptance(feedback.accepted, feedback.rejected),
    velocity: velocity(
      { opportunities: deals.opened, won: deals.won, lost: deals.lost, amount: deals.amount, cycle },
      shown.currency,
    ),
  }
  return {
    key: sums.key,
    label: sums.label,
    steps: sums.steps.map((_, i) => toStep(sums.steps, i)),
    largest_drop: toDrop(sums.steps, shown),
    lead_to_opportunity: rates.lead_to_opportunity.value,
    opportunity_to_won: rates.opportunity_to_won.value,
    win_rate: rates.win_rate.value,
    mql_rate: rates.mql_rate.value,
    mql_to_sql: rates.mql_to_sql.value,
    cycle: {
      mean_days: rates.cycle.value,
      median_days: medianDays(cycle, 'no_deals').value,
      deals: count(cycle.weight),
      negative: cycle.negative,
    },
    lead_loss: { rate: rates.lead_loss.value, lost: count(loss.lost), dropped: count(loss.dropped) },
    acceptance: {
      rate: rates.acceptance.value,
      accepted: count(feedback.accepted),
      rejected: count(feedback.rejected),
    },
    velocity: rates.velocity.value,
    through_account: count(cohort.throughAccount),
    reasons: reasonsOf(rates),
  }
}

function toStep(steps: readonly StepSums[], i: number): FunnelStep {
  const { count: here, recorded, median, spans, negative } = steps[i]!
  const first = i === 0
  const rates = {
    step_rate: first ? null : conversion(here, steps[i - 1]!.count, NO_BASE[i - 1]!),
    cumulative_rate: first ? null : conversion(here, steps[0]!.count, 'no_leads'),
    median_days: first ? null : medianDays({ median }, 'not_enough_data'),
  }
  return {
    step: FUNNEL_STEPS[i]!,
    half: i < CASH_FROM ? 'm2l' : 'l2c',
    count: count(here),
    recorded: recorded === null ? null : count(recorded),
    step_rate: rates.step_rate?.value ?? null,
    cumulative_rate: rates.cumulative_rate?.value ?? null,
    median_days: rates.median_days?.value ?? null,
    spans,
    negative_spans: negative,
    reasons: reasonsOf(rates),
  }
}

function toDrop(steps: readonly StepSums[], { reading, recorded, locale, format }: Shown): FunnelView['largest_drop'] {
  const drop = largestDrop(steps.map(({ count }, i) => ({ count, recorded: recorded[i] === true })))
  if (!drop) return null
  const text = dropSentence(
    {
      from: drop.from,
      to: drop.to,
      before: format.count(count(steps[drop.from]!.count)),
      after: format.count(count(steps[drop.to]!.count)),
      lost: format.count(count(drop.lost)),
      rate: format.percent(drop.rate),
    },
    reading,
    locale,
  )
  return { from: FUNNEL_STEPS[drop.from]!, to: FUNNEL_STEPS[drop.to]!, lost: count(drop.lost), rate: drop.rate, text }
}

/** The reasons of values that are n/a, by field. */
export function reasonsOf<Field extends string>(
  values: Readonly<Record<Field, Result<unknown> | null>>,
): Partial<Record<Field, Reason>> {
  const reasons: Partial<Record<Field, Reason>> = {}
  for (const field of Object.keys(values) as Field[]) {
    const reason = values[field]?.reason
    if (reason) reasons[field] = reason
  }
  return reasons
}
