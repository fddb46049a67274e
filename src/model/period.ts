/** Days and periods in a workspace's zone. Periods are half-open: `to` is the first day outside. */
export interface Period {
  /** First local day inside, `YYYY-MM-DD`; null = since the beginning. */
  readonly from: string | null
  /** First local day outside, `YYYY-MM-DD`; null = without end. */
  readonly to: string | null
}

/** True for a zone name this runtime knows, such as `Asia/Shanghai`. */
export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

const OFFSET_FORMATS = new Map<string, Intl.DateTimeFormat>()

/** Offset of a zone from UTC at an instant, in milliseconds. */
function offsetAt(zone: string, instant: number): number {
  let format = OFFSET_FORMATS.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      era: 'short',
    })
    OFFSET_FORMATS.set(zone, format)
  }
  const parts: Record<string, string> = {}
  for (const { type, value } of format.formatToParts(instant)) parts[type] = value
  const year = parts.era === 'BC' ? 1 - Number(parts.year) : Number(parts.year)
  const wall = Date.UTC(2000, Number(parts.month) - 1, Number(parts.day), Number(parts.hour), Number(parts.minute))
  const date = new Date(wall)
  date.setUTCFullYear(year, Number(parts.month) - 1, Number(parts.day))
  return date.getTime() + Number(parts.second) * 1000 - Math.floor(instant / 1000) * 1000
}

/**
 * Instant of a wall-clock time in a zone. A time that a clock change skips is read with the offset before the change;
 * one that happens twice is read as the first.
 * @param wall milliseconds of the wall-clock time read as if it were UTC
 */
export function fromWallClock(zone: string, wall: number): number {
  const before = offsetAt(zone, wall - 86_400_000)
  const after = offsetAt(zone, wall + 86_400_000)
  if (before === after) return wall - before
  for (const offset of before > after ? [before, after] : [after, before]) {
    if (offsetAt(zone, wall - offset) === offset) return wall - offset
  }
  return wall - before
}

const FIXED = new Map<string, number | null>()

/**
 * Seconds a zone is ahead of UTC, where that has been the same since 2000 and is known to stay so until 2050: most of Asia, but no
 * zone with summer time. Null for all others.
 */
export function fixedOffset(zone: string): number | null {
  let fixed = FIXED.get(zone)
  if (fixed === undefined) {
    const first = offsetAt(zone, Date.UTC(2000, 0, 1))
    // No zone has ever gone ahead and back within ten days.
    let at = Date.UTC(2000, 0, 1)
    while (at < Date.UTC(2050, 0, 1) && offsetAt(zone, at) === first) at += 10 * 86_400_000
    fixed = at < Date.UTC(2050, 0, 1) ? null : first / 1000
    FIXED.set(zone, fixed)
  }
  return fixed
}

/** Local day of an instant, `YYYY-MM-DD`. */
export function localDay(zone: string, instant: number): string {
  return new Date(instant + offsetAt(zone, instant)).toISOString().slice(0, 10)
}

/** Days between two local days. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)
}

/** The local day `days` later (or earlier, when negative). */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10)
}

/** The period of equal length just before, or null when the period has no begin or no end. */
export function previousPeriod(period: Period): Period | null {
  if (!period.from || !period.to) return null
  return { from: addDays(period.from, -daysBetween(period.from, period.to)), to: period.from }
}

/** Calendar units that periods are compared by. Weeks are ISO weeks; quarters and years begin with the fiscal year. */
export const CALENDAR_UNITS = ['week', 'month', 'quarter', 'year'] as const
export type CalendarUnit = (typeof CALENDAR_UNITS)[number]

/** Months a calendar unit has; weeks have none. */
const MONTHS = { month: 1, quarter: 3, year: 12 } as const

/** The local day `months` later; a day its month does not have becomes the month's last, as in SQL. */
export function addMonths(day: string, months: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number]
  const first = new Date(Date.UTC(2000, 0, 1))
  first.setUTCFullYear(year, month - 1 + months, 1)
  const next = new Date(first)
  next.setUTCMonth(next.getUTCMonth() + 1, 0)
  first.setUTCDate(Math.min(date, next.getUTCDate()))
  return first.toISOString().slice(0, 10)
}

/** First day of the calendar unit that a day lies in. */
export function unitStart(day: string, unit: CalendarUnit, fiscalStart = 1): string {
  if (unit === 'week') return addDays(day, -((new Date(day).getUTCDay() + 6) % 7))
  const month = Number(day.slice(5, 7))
  return addMonths(`${day.slice(0, 7)}-01`, -((month - fiscalStart + 12) % MONTHS[unit]))
}

/**
 * The calendar unit before the one a period begins, or as many before it as it has: whole ones against whole ones, a unit under
 * way against the same number of elapsed days. Null for a period that does not begin with a unit, or has no end.
 */
export function previousUnit({ from, to }: Period, unit: CalendarUnit, fiscalStart = 1): Period | null {
  if (!from || !to || unitStart(from, unit, fiscalStart) !== from) return null
  const move = (day: string, units: number) =>
    unit === 'week' ? addDays(day, 7 * units) : addMonths(day, MONTHS[unit] * units)
  let units = 1
  while (move(from, units) < to) units += 1
  const before = move(from, -units)
  if (move(from, units) === to) return { from: before, to: from }
  const cut = addDays(before, daysBetween(from, to))
  return { from: before, to: cut < from ? cut : from }
}

/** The same days a year before; whole months against whole months, also where a leap year made one longer. */
export function lastYear({ from, to }: Period): Period | null {
  if (!from || !to) return null
  const end = to.endsWith('-01') ? addMonths(to, -12) : addDays(addMonths(addDays(to, -1), -12), 1)
  return { from: addMonths(from, -12), to: end }
}
