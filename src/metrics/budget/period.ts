import { addDays, daysBetween } from '../../model/period.ts'

/** Days of a budget: first day inside, first day outside. A campaign may have neither. */
export interface BudgetDays {
  readonly from: string | null
  readonly to: string | null
}

const MONTH = /^(\d{4})-(\d{2})$/
const QUARTER = /^(\d{4})-?[Qq]([1-4])$/
const YEAR = /^(\d{4})$/
const DAYS = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$/

/**
 * The days of a period as people write it: `2026-03`, `2026-Q1`, `2026` or `2026-03-01..2026-04-15` (the last day
 * excluded). A year and its quarters are fiscal: year N begins in its calendar year N with the first fiscal month.
 * @param fiscalStart first month of the fiscal year, 1 to 12
 * @returns undefined for what is no period
 */
export function parsePeriod(text: string, fiscalStart: number): { from: string; to: string } | undefined {
  const months = (year: string, month: number, count: number) => ({
    from: monthStart(Number(year), month),
    to: monthStart(Number(year), month + count),
  })
  const [, monthYear, month] = MONTH.exec(text) ?? []
  if (monthYear && Number(month) >= 1 && Number(month) <= 12) return months(monthYear, Number(month), 1)
  const [, quarterYear, quarter] = QUARTER.exec(text) ?? []
  if (quarterYear) return months(quarterYear, fiscalStart + 3 * (Number(quarter) - 1), 3)
  const [, year] = YEAR.exec(text) ?? []
  if (year) return months(year, fiscalStart, 12)
  const [, from, to] = DAYS.exec(text) ?? []
  return from && to && isDay(from) && isDay(to) && from < to ? { from, to } : undefined
}

/** The first day of a month; months beyond 12 are of later years. */
function monthStart(year: number, month: number): string {
  const index = year * 12 + month - 1
  return `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}-01`
}

function isDay(text: string): boolean {
  const time = Date.parse(text)
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === text
}

/** What slices are cut along. */
export const CUTS = ['month', 'quarter', 'year'] as const
export type Cut = (typeof CUTS)[number]

/**
 * The period a day lies in, and how it is called: `2026-03`, `2026-Q1`, `2026`; quarters and years are fiscal.
 */
export function cutOf(day: string, cut: Cut, fiscalStart: number): { key: string; from: string; to: string } {
  const [year, month] = day.split('-').map(Number) as [number, number]
  if (cut === 'month') return { key: day.slice(0, 7), from: monthStart(year, month), to: monthStart(year, month + 1) }
  const fiscal = month >= fiscalStart ? year : year - 1
  if (cut === 'year')
    return { key: String(fiscal), from: monthStart(fiscal, fiscalStart), to: monthStart(fiscal + 1, fiscalStart) }
  const quarter = Math.floor(((month - fiscalStart + 12) % 12) / 3)
  const first = fiscalStart + 3 * quarter
  return { key: `${fiscal}-Q${quarter + 1}`, from: monthStart(fiscal, first), to: monthStart(fiscal, first + 3) }
}

/** Days of a period that are over before a day, and all of them; null where it has no begin or no end. */
export function elapsed({ from, to }: BudgetDays, today: string): { days: number; of: number } | null {
  if (from === null || to === null) return null
  const of = daysBetween(from, to)
  return { days: Math.min(Math.max(daysBetween(from, today), 0), of), of }
}

/** True when two periods have a day in common; an open end reaches for ever. */
export function overlaps(a: BudgetDays, b: BudgetDays): boolean {
  const before = (one: BudgetDays, other: BudgetDays) => one.to !== null && other.from !== null && one.to <= other.from
  return !before(a, b) && !before(b, a)
}

/** True when all days of one period are among those of another. */
export function isInside(inner: BudgetDays, outer: BudgetDays): boolean {
  const begins = outer.from === null || (inner.from !== null && inner.from >= outer.from)
  return begins && (outer.to === null || (inner.to !== null && inner.to <= outer.to))
}

/** Local days of a period, one after the other. */
export function* daysOf(from: string, to: string): Generator<string> {
  for (let day = from; day < to; day = addDays(day, 1)) yield day
}
