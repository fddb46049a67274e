import { TIERS } from '../../model/records.ts'
import type { Thresholds } from '../../model/rules.ts'
import { CLASSES } from '../../state/manual-values.ts'
import { type Result, share } from '../formulas.ts'
import type { Books, Cell } from './books.ts'
import { sameName } from './campaigns.ts'
import { isPlaced, type Line } from './lines.ts'
import { spreadRest } from './plan.ts'

/** One axis that budgets are shared along: tiers (F26), or performance and brand (F27). */
export type Axis = 'tier' | 'class'

/** One part of an axis: what it should have, has in the plan, and has spent. */
export interface SharePart {
  readonly key: string
  readonly planned: bigint
  readonly actual: bigint
  /** Percent of what is on the axis. */
  readonly plannedShare: Result<number>
  readonly actualShare: Result<number>
  /** Percent it should be. */
  readonly target: number
  /** True: further from the target than the tolerance, in percentage points. */
  readonly plannedOff: boolean
  readonly actualOff: boolean
}

export interface Shares {
  readonly parts: readonly SharePart[]
  /** What is on no part of the axis: outside the shares. */
  readonly without: { readonly planned: bigint; readonly actual: bigint }
}

const KEYS: Readonly<Record<Axis, readonly string[]>> = { tier: TIERS, class: CLASSES }

/** Planned and actual money of some days by tier, or by class; actual is actual and paid spend. */
export function sharesOf(
  books: Books,
  cells: readonly Cell[],
  { from, to }: { readonly from: string; readonly to: string },
  axis: Axis,
  thresholds: Thresholds,
): Shares {
  const planned = new Map<string | null, bigint>()
  const actual = new Map<string | null, bigint>()
  const add = (into: Map<string | null, bigint>, name: string | null, minor: bigint) => {
    const key = KEYS[axis].find((known) => sameName(known, name)) ?? null
    into.set(key, (into.get(key) ?? 0n) + minor)
  }
  for (const line of books.lines) {
    if (line.minor !== null) add(planned, nameOfLine(line, books, axis), spreadRest(line, [from, to], books.today)[1]!)
  }
  for (const cell of cells) {
    if (cell.state !== 'actual' && cell.state !== 'paid') continue
    const own = cell.campaign && books.facets.of(cell.campaign)[axis]
    const name = own ?? books.coverage.lines(cell.campaign, cell.channel, cell.day).map(named).find(Boolean) ?? null
    add(actual, name, cell.minor)
  }
  const sum = (map: ReadonlyMap<string | null, bigint>) =>
    KEYS[axis].reduce((all, key) => all + (map.get(key) ?? 0n), 0n)
  const [allPlanned, allActual] = [sum(planned), sum(actual)]
  const tolerance = thresholds.budget_share_tolerance.value
  const off = ({ value }: Result<number>, target: number) =>
    value !== null && Math.abs(value - target) > tolerance + 1e-9
  const parts = KEYS[axis].map((key): SharePart => {
    const target = targetOf(key, thresholds)
    const plannedShare = share(planned.get(key) ?? 0n, allPlanned, 'no_budget')
    const actualShare = share(actual.get(key) ?? 0n, allActual, 'no_cost')
    return {
      key,
      planned: planned.get(key) ?? 0n,
      actual: actual.get(key) ?? 0n,
      plannedShare,
      actualShare,
      target,
      plannedOff: off(plannedShare, target),
      actualOff: off(actualShare, target),
    }
  })
  return { parts, without: { planned: planned.get(null) ?? 0n, actual: actual.get(null) ?? 0n } }

  /** Spend whose campaign says nothing is of the line that covers it by where it is. */
  function named(line: Line): string | null {
    return isPlaced(line) ? nameOfLine(line, books, axis) : null
  }
}

/** What a line says of itself, its campaign says, or the line it is a share of. */
function nameOfLine(line: Line, books: Books, axis: Axis): string | null {
  const own = line[axis] ?? (line.campaign && books.facets.of(line.campaign)[axis])
  return own ?? (line.within ? nameOfLine(line.within, books, axis) : null)
}

function targetOf(key: string, { budget_tiers, performance_share }: Thresholds): number {
  switch (key) {
    case 'strategic':
    case 'growth':
    case 'retention':
      return budget_tiers[key]
    case 'performance':
      return performance_share.value
    default:
      return 100 - performance_share.value
  }
}
