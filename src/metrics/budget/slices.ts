import type { Reader } from '../../db/database.ts'
import { sql } from '../../db/sql.ts'
import type { Result } from '../formulas.ts'
import { NONE } from '../places.ts'
import type { Books, Cell } from './books.ts'
import { addSpent, nothingSpent, type Spent } from './figures.ts'
import { budgetUse } from './formulas.ts'
import type { Line } from './lines.ts'
import { type Cut, cutOf } from './period.ts'
import { spreadRest } from './plan.ts'

const TOTAL = sql('metrics/budget/sql/spend-total.sql')

/** What slices may be crossed by. */
export const SLICE_NAMES = ['department', 'project', 'period'] as const
export type SliceName = (typeof SLICE_NAMES)[number]

/** Money of one department, project and period; `(none)` for what names none. */
export interface Slice {
  readonly department: string | null
  readonly project: string | null
  readonly period: string | null
  /** Null where no budget reaches. */
  readonly budget: bigint | null
  readonly spent: Spent
  readonly use: Result<number>
}

export interface Slices {
  readonly rows: readonly Slice[]
  readonly budget: bigint
  readonly spent: Spent
  /** The same spend read from the ledger in one sum. */
  readonly ledger: Spent
}

interface Sum {
  readonly names: readonly [department: string | null, project: string | null, period: string | null]
  budget: bigint | null
  readonly spent: Spent
}

/**
 * Budgets and spend of some days crossed by department, project and period (F31). Every cell of spend and every day's
 * share of every budget is in exactly one slice, so the slices add up to the ledger and to the budgets of those days.
 */
export function slicesOf(
  books: Books,
  cells: readonly Cell[],
  query: { readonly from: string; readonly to: string; readonly cut: Cut; readonly by: readonly SliceName[] },
  ledger: Spent,
): Slices {
  const { from, to, cut, by } = query
  const sums = new Map<string, Sum>()
  const at = (department: string | null, project: string | null, period: string): Sum => {
    const values = { department: department ?? NONE, project: project ?? NONE, period }
    const names = [pick('department'), pick('project'), pick('period')] as const
    // People write one name in several ways; the first one met is shown.
    const key = JSON.stringify(names.map((name) => name?.trim().toLowerCase() ?? null))
    const known = sums.get(key)
    if (known) return known
    const made: Sum = { names, budget: null, spent: nothingSpent() }
    sums.set(key, made)
    return made

    function pick(name: SliceName): string | null {
      return by.includes(name) ? values[name] : null
    }
  }
  const cuts = cutsOf(from, to, cut, books.fiscalStart)
  const edges = [...cuts.map((one) => one.from), to]
  for (const line of books.lines) {
    if (line.minor === null) continue
    const { department, project } = placeOf(line, books)
    for (const [i, minor] of spreadRest(line, edges, books.today).slice(1, -1).entries()) {
      if (minor === 0n) continue
      const sum = at(department, project, cuts[i]!.key)
      sum.budget = (sum.budget ?? 0n) + minor
    }
  }
  for (const cell of cells) {
    const { department = null, project = null } = cell.campaign ? books.facets.of(cell.campaign) : {}
    addSpent(at(department, project, cutOf(cell.day, cut, books.fiscalStart).key).spent, cell)
  }
  const rows = [...sums.values()].map(({ names: [department, project, period], budget, spent }) => {
    return { department, project, period, budget, spent, use: budgetUse(spent.actual, budget) }
  })
  const spent = nothingSpent()
  for (const row of rows) {
    spent.planned += row.spent.planned
    spent.committed += row.spent.committed
    spent.actual += row.spent.actual
    spent.missing += row.spent.missing
  }
  const budget = rows.reduce((sum, row) => sum + (row.budget ?? 0n), 0n)
  return { rows: rows.sort(byNames), budget, spent, ledger }
}

/** The other side of the check: spend of some days, without campaigns and budgets. */
export async function ledgerSpend(reader: Reader, tenant: number, from: string, to: string): Promise<Spent> {
  const rows = await reader.query<{ state: string; minor: bigint; fx_missing: bigint }>(TOTAL, [tenant, from, to])
  const sum = nothingSpent()
  for (const { state, minor, fx_missing } of rows) {
    addSpent(sum, { day: from, campaign: null, channel: null, state, minor, missing: Number(fx_missing) })
  }
  return sum
}

/** Periods that lie in some days, the first and the last as far as they do. */
function cutsOf(from: string, to: string, cut: Cut, fiscalStart: number): { key: string; from: string }[] {
  const cuts: { key: string; from: string }[] = []
  for (let day = from; day < to; ) {
    const one = cutOf(day, cut, fiscalStart)
    cuts.push({ key: one.key, from: day })
    day = one.to
  }
  return cuts
}

/** Where a line's money belongs: where it says, where its campaign is, or where the line is that it is a share of. */
function placeOf(line: Line, books: Books): { department: string | null; project: string | null } {
  const own = line.campaign && books.facets.of(line.campaign)
  const around = line.within ? placeOf(line.within, books) : { department: null, project: null }
  return {
    department: line.department ?? own?.department ?? around.department,
    project: line.project ?? own?.project ?? around.project,
  }
}

function byNames(a: Slice, b: Slice): number {
  const key = ({ period, department, project }: Slice) => [period, department, project].map((name) => name ?? '')
  const [x, y] = [key(a), key(b)]
  for (const [i, name] of x.entries()) if (name !== y[i]) return name < y[i]! ? -1 : 1
  return 0
}
