import type { Maturity, Panel, Trend } from '../api.ts'
import type { ReportModel } from '../model/data-models.ts'
import { formatMinor } from '../model/money.ts'
import { localDay, type Period } from '../model/period.ts'
import { toRow } from './row.ts'
import { emptySums, type Sums } from './sums.ts'

/** Months of a trend, and points of a sparkline. */
const MONTHS = 12

/** The months that lead to a period's end, without a gap, beside the same months a year earlier. */
export interface Course {
  readonly months: readonly string[]
  readonly now: readonly Sums[]
  /** Null before the first record. */
  readonly before: readonly (Sums | null)[]
  readonly partial: boolean
}

/**
 * The last twelve months up to the end of a period, or up to now, from the first that has anything.
 * @param groups sums by month
 */
export function courseOf(groups: readonly Sums[], period: Period, zone: string, now = Date.now()): Course {
  const known = new Map(groups.map((sums) => [sums.key, sums]))
  const [first, ...others] = [...known.keys()].sort()
  if (first === undefined) return { months: [], now: [], before: [], partial: false }
  const today = localDay(zone, now)
  const inside = period.to === null ? today : lastDay(period.to)
  // Plans reach into the future; a course does not, unless all of it lies there.
  const newest = others.at(-1) ?? first
  const last = [inside.slice(0, 7), newest].sort()[0]!
  const months: string[] = []
  for (let month = last; month >= first && months.length < MONTHS; month = earlier(month, 1)) months.unshift(month)
  if (months.length === 0) months.push(first)
  const at = (month: string) => known.get(month) ?? emptySums(month, null)
  return {
    months,
    now: months.map(at),
    before: months.map((month) => (earlier(month, 12) < first ? null : at(earlier(month, 12)))),
    partial: months.at(-1) === today.slice(0, 7) || (period.to !== null && !period.to.endsWith('-01')),
  }
}

/** What of a trend does not depend on the model. */
export function trendOf(
  { months, now, before, partial }: Course,
  { from }: Maturity,
  currency: string,
): Panel['trend'] {
  const young = from?.slice(0, 7)
  return {
    months: [...months],
    cost: now.map(({ cost }) => formatMinor(cost.minor, currency)),
    cost_before: before.map((sums) => sums && formatMinor(sums.cost.minor, currency)),
    partial,
    immature_from: (young !== undefined && months.find((month) => month >= young)) || null,
  }
}

/** A trend under one model. */
export function modelTrend({ now, before }: Course, model: ReportModel, currency: string): Trend {
  const row = (sums: Sums) => toRow(sums, model, currency, '')
  const [rows, earlierRows] = [now.map(row), before.map((sums) => sums && row(sums))]
  return {
    revenue: rows.map(({ revenue }) => revenue),
    roi: rows.map(({ roi }) => roi),
    revenue_before: earlierRows.map((one) => one?.revenue ?? null),
    roi_before: earlierRows.map((one) => one?.roi ?? null),
  }
}

function lastDay(end: string): string {
  return new Date(Date.parse(end) - 86_400_000).toISOString().slice(0, 10)
}

function earlier(month: string, months: number): string {
  const [year, number] = month.split('-').map(Number) as [number, number]
  const index = year * 12 + number - 1 - months
  return `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}`
}
