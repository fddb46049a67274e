/** A half-open period of local days; null = open on that side. */
export interface Days {
  readonly from: string | null
  readonly to: string | null
}

const DAY = /^\d{4}-\d{2}-\d{2}$/
const MONTHS = { month: 1, quarter: 3, year: 12 } as const

/**
 * Days of a `period` attribute: `all`, `FROM..TO` (half-open, either side may be empty), `this-month`, `last-quarter` …
 * `this-*` ends with today, so that the period before it has the same number of days. Anything else means `all`.
 * @param zone the workspace zone that decides what "today" is; the browser's when not known yet
 */
export function resolvePeriod(period: string, zone?: string, now = new Date()): Days {
  const text = period.trim().toLowerCase()
  const [from = '', to = ''] = text.split('..')
  if (text.includes('..') && isDayOrEmpty(from) && isDayOrEmpty(to) && (!from || !to || from < to)) {
    return { from: from || null, to: to || null }
  }
  const match = /^(this|last)-(month|quarter|year)$/.exec(text)
  if (!match) return { from: null, to: null }
  const months = MONTHS[match[2] as keyof typeof MONTHS]
  const today = localDay(now, zone)
  const month = Number(today.slice(0, 4)) * 12 + Number(today.slice(5, 7)) - 1
  const start = month - (month % months)
  return match[1] === 'this'
    ? { from: firstOf(start), to: addDays(today, 1) }
    : { from: firstOf(start - months), to: firstOf(start) }
}

/** True for a period whose days depend on the zone. */
export function isRelative(period: string): boolean {
  return /^\s*(this|last)-/i.test(period)
}

/** The local day `days` later. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10)
}

function isDayOrEmpty(text: string): boolean {
  return text === '' || (DAY.test(text) && !Number.isNaN(Date.parse(text)) && addDays(text, 0) === text)
}

function localDay(now: Date, zone: string | undefined): string {
  // Swedish writes dates the ISO way.
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', ...(zone ? { timeZone: zone } : {}) }).format(now)
}

function firstOf(month: number): string {
  return new Date(Date.UTC(Math.floor(month / 12), month % 12, 1)).toISOString().slice(0, 10)
}
