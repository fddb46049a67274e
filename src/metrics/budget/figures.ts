import type { Reason } from '../../api.ts'
import type { Result } from '../formulas.ts'
import type { Cell } from './books.ts'
import { budgetUse, type Elapsed, forecast, pacing, usedUpOn } from './formulas.ts'
import type { Coverage, Line } from './lines.ts'
import { elapsed } from './period.ts'
import { planOf } from './plan.ts'

/** Spend by state, minor units. Actual is actual and paid; the others belong to budget views only. */
export interface Spent {
  planned: bigint
  committed: bigint
  actual: bigint
  /** Rows left out because no rate is known. */
  missing: number
}

export const nothingSpent = (): Spent => ({ planned: 0n, committed: 0n, actual: 0n, missing: 0 })

const STATE: Readonly<Record<string, 'planned' | 'committed' | 'actual'>> = {
  planned: 'planned',
  committed: 'committed',
  actual: 'actual',
  paid: 'actual',
}

export function addSpent(into: Spent, { state, minor, missing }: Cell): void {
  const name = STATE[state]
  if (!name) return
  into[name] += minor
  into.missing += missing
}

/** A line with its spend, use, pacing and forecast (M22, M23). */
export interface LineFigures {
  readonly line: Line
  readonly spent: Spent
  readonly time: Elapsed
  readonly use: Result<number>
  readonly pacing: Result<number>
  readonly forecast: Result<bigint>
  readonly plan: 'days' | 'budgets'
  /** What the forecast is above the budget; null where it is not. */
  readonly over: bigint | null
  /** When the budget is used up: `past` by what was spent, else at the present pace; null where it will not be. */
  readonly usedUp: { readonly day: string; readonly past: boolean } | null
  /** The last day that something was spent on; null = none. */
  readonly lastSpent: string | null
}

/** Sums spend by line and works out the rest. A cell counts in every line that covers it. */
export function lineFigures(
  lines: readonly Line[],
  cells: readonly Cell[],
  coverage: Coverage,
  today: string,
): { readonly figures: LineFigures[]; readonly covered: Spent } {
  const spent = new Map(lines.map((line) => [line, nothingSpent()]))
  const days = new Map(lines.map((line) => [line, new Map<string, bigint>()]))
  const covered = nothingSpent()
  for (const cell of cells) {
    const covering = coverage.lines(cell.campaign, cell.channel, cell.day).filter((line) => spent.has(line))
    if (covering.length > 0) addSpent(covered, cell)
    for (const line of covering) {
      addSpent(spent.get(line)!, cell)
      if (STATE[cell.state] !== 'actual') continue
      const daily = days.get(line)!
      daily.set(cell.day, (daily.get(cell.day) ?? 0n) + cell.minor)
    }
  }
  const figures = lines.map((line) => figuresOf(line, spent.get(line)!, days.get(line)!, today))
  return { figures, covered }
}

function figuresOf(line: Line, spent: Spent, daily: ReadonlyMap<string, bigint>, today: string): LineFigures {
  const { actual } = spent
  const { minor: budget, days } = line
  const time = elapsed(days, today)
  const planned = planOf(line)
  const missing: Result<never> | null = budget === null ? { value: null, reason: 'fx_missing' satisfies Reason } : null
  const foretold = forecast(actual, time, planned?.plan ?? null)
  return {
    line,
    spent,
    time,
    use: missing ?? budgetUse(actual, budget),
    pacing: missing ?? pacing(actual, budget, time),
    forecast: foretold,
    plan: planned?.by ?? 'days',
    over: foretold.value !== null && budget !== null && foretold.value > budget ? foretold.value - budget : null,
    usedUp: usedUp(),
    lastSpent: [...daily.keys()].sort().at(-1) ?? null,
  }

  function usedUp(): LineFigures['usedUp'] {
    if (budget === null || budget <= 0n) return null
    if (actual >= budget) return { day: crossedOn(daily, budget), past: true }
    if (!time || !planned || days.from === null) return null
    const day = usedUpOn(actual, budget, days.from, time, planned.plan)
    return day === null ? null : { day, past: false }
  }
}

/** The day from which on the budget was used up: the last one that it was not before. */
function crossedOn(daily: ReadonlyMap<string, bigint>, budget: bigint): string {
  let sum = 0n
  let found = ''
  for (const [day, minor] of [...daily].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (sum < budget && sum + minor >= budget) found = day
    sum += minor
  }
  return found
}
