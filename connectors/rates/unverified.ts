/**
 * Everything this connector believes about the reference rates of the European Central Bank, from memory: none of it stands in
 * a primary source that was at hand. When something behaves otherwise, this is the file to correct.
 */

export const ORIGIN = 'https://www.ecb.europa.eu'

/** XML below the origin: the newest working day, the last 90 days, everything since January 1999. */
export const PATHS = {
  newest: '/stats/eurofxref/eurofxref-daily.xml',
  recent: '/stats/eurofxref/eurofxref-hist-90d.xml',
  whole: '/stats/eurofxref/eurofxref-hist.xml',
} as const

/** Days back for which {@link PATHS} `recent` surely has every rate, with some to spare. */
export const RECENT_DAYS = 80

/**
 * A day is an element `Cube` with the attribute `time` (`YYYY-MM-DD`); in it stands one `Cube` per currency with the attributes
 * `currency` (ISO 4217) and `rate`, a decimal: what one euro is worth in it. Days without trade have none.
 */
export const ELEMENT = 'Cube'
export const DAY = 'time'
export const CURRENCY = 'currency'
export const RATE = 'rate'

/** The base of all rates. */
export const BASE = 'EUR'

/** Nobody is told how often he may ask; a few requests a minute are a reader's. */
export const LIMIT = { requests: 6, per: 60_000, concurrent: 1 } as const
