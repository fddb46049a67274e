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
