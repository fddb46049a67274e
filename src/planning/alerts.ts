import { z } from 'zod'
import type { LineFigures } from '../metrics/budget/figures.ts'
import { addDays } from '../model/period.ts'
import type { Thresholds } from '../model/rules.ts'
import type { Crossing } from '../state/alerts.ts'

/**
 * Alerts of budgets (F29). Use is watched against every threshold of the workspace; pacing only while the days of the
 * budget go by, from a tenth of them on: before, one invoice decides everything. A budget is watched until a month after
 * its last day, because invoices come late; a campaign without an end as long as something is spent on it.
 */

/** Part of a budget's days before which its pacing says nothing, in percent of them. */
const SETTLED_PERCENT = 10
/** Days after its end that a budget is watched. */
const LATE_DAYS = 31
/** Days without spend after which a campaign without an end is over. */
const QUIET_DAYS = 92

/** Figures of an alert when it was last looked at. Money is minor units of `currency` as text. */
export const AlertDetail = z.object({
  /** Percent for use, ratio for pacing. */
  value: z.number(),
  threshold: z.number(),
  money: z.string(),
  currency: z.string(),
  actual: z.string(),
  budget: z.string(),
  forecast: z.string().nullable(),
  /** When the budget is, or will be, used up. */
  used_up: z.string().nullable(),
  /** What the budget is for. */
  label: z.object({ en: z.string(), 'zh-CN': z.string() }),
})
export type AlertDetail = z.infer<typeof AlertDetail>

export interface Watch {
  readonly thresholds: Pick<Thresholds, 'budget_use' | 'pacing'>
  /** Local day. */
  readonly today: string
  readonly currency: string
  /** What a budget is for, in words. */
  label(figures: LineFigures): AlertDetail['label']
}

/** What budgets cross at the moment. */
export function budgetCrossings(all: readonly LineFigures[], watch: Watch): Crossing[] {
  return all.flatMap((figures) => (isWatched(figures, watch.today) ? crossingsOf(figures, watch) : []))
}

function isWatched({ line, spent, lastSpent }: LineFigures, today: string): boolean {
  if (line.days.to !== null) return addDays(line.days.to, LATE_DAYS) >= today
  return spent.actual !== 0n && lastSpent !== null && addDays(lastSpent, QUIET_DAYS) >= today
}

/** True before a tenth of a budget's days is over, and where no days go by: pacing is in no alert then (F147). */
function isImmature(time: LineFigures['time']): boolean {
  return time === null || time.days >= time.of || time.days * 100 < time.of * SETTLED_PERCENT
}

function crossingsOf(figures: LineFigures, watch: Watch): Crossing[] {
  const { line, use, pacing, time, forecast } = figures
  const budget = line.minor
  if (budget === null) return []
  const { actual } = figures.spent
  const found: { rule: string; value: number; threshold: number }[] = []
  if (use.value !== null) {
    for (const threshold of new Set(watch.thresholds.budget_use.values)) {
      if (use.value >= threshold) found.push({ rule: `use_${threshold}`, value: use.value, threshold })
    }
  }
  const { low, high } = watch.thresholds.pacing
  if (!isImmature(time) && pacing.value !== null) {
    if (pacing.value > high) found.push({ rule: 'pacing_high', value: pacing.value, threshold: high })
    if (pacing.value < low) found.push({ rule: 'pacing_low', value: pacing.value, threshold: low })
  }
  if (found.length === 0) return []
  const reached = forecast.value ?? actual
  const money = reached > budget ? reached - budget : budget - reached
  const same = {
    money: String(money),
    currency: watch.currency,
    actual: String(actual),
    budget: String(budget),
    forecast: forecast.value === null ? null : String(forecast.value),
    used_up: figures.usedUp?.day ?? null,
    label: watch.label(figures),
  }
  const { own, days } = line
  const basis = `${own.minor} ${own.currency} ${days.from ?? ''}..${days.to ?? ''}`
  return found.map(({ rule, ...at }) => ({
    subject: line.id,
    rule,
    basis,
    detail: { ...at, ...same } satisfies AlertDetail,
  }))
}
