/** How a number format shows a number. A number stands for that many digits, with zeros in front: `00042`. */
export type Format = 'number' | 'date' | 'duration' | number

const DAY_SECONDS = 86_400
/** 9999-12-31, the last day of the calendar. */
const LAST_DAY = 2_958_465
/** The calendar of the Macintosh starts this many days later. */
const DAYS_1904 = 1462
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,4})?$/i
const DIGITS = 15

/**
 * A number as exact decimal text of 15 significant digits, which is what spreadsheets show and keep: 0.1 + 0.2 is
 * stored as 0.30000000000000004 and is 0.3. More than 15 digits before the point have lost some: `1.5E+18`, so that
 * ids and amounts of that form are refused as they are in CSV. Undefined when it is no number.
 */
export function numberText(raw: string): string | undefined {
  const value = NUMBER.test(raw) ? Number(raw) : Number.NaN
  if (!Number.isFinite(value)) return undefined
  const [mantissa, power] = Math.abs(value)
    .toExponential(DIGITS - 1)
    .split('e') as [string, string]
  const exponent = Number(power)
  const digits = mantissa.replace('.', '').replace(/0+$/, '')
  if (digits === '') return '0'
  const sign = value < 0 ? '-' : ''
  if (exponent >= DIGITS) return `${sign}${digits[0]}.${digits.slice(1) || '0'}E+${exponent}`
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  const fraction = digits.slice(exponent + 1)
  return fraction ? `${sign}${whole}.${fraction}` : sign + whole
}

/**
 * A day number as local date, with the time when it has one, to the second. Day 60 of the calendar of 1900 is a
 * 29 February that never was; it is given as it is shown, for the row to be refused. Undefined when it is no date.
 */
export function dateText(value: number, date1904: boolean): string | undefined {
  let day = Math.floor(value)
  let seconds = Math.round((value - day) * DAY_SECONDS)
  if (seconds === DAY_SECONDS) {
    day++
    seconds = 0
  }
  const time = clock(seconds)
  if (day === 0) return time
  const number = date1904 ? day + DAYS_1904 : day
  if (day < 0 || number > LAST_DAY) return undefined
  // Before the day that never was, day 1 is 1 January 1900.
  const unix = number - 25_569 + (number < 60 ? 1 : 0)
  const date = number === 60 ? '1900-02-29' : new Date(unix * DAY_SECONDS * 1000).toISOString().slice(0, 10)
  return seconds === 0 ? date : `${date}T${time}`
}

/** A part of a day as hours, minutes, seconds; there may be more than 24 hours. */
export function durationText(value: number): string {
  return `${value < 0 ? '-' : ''}${clock(Math.round(Math.abs(value) * DAY_SECONDS))}`
}

function clock(seconds: number): string {
  const pad = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return `${pad(seconds / 3600)}:${pad((seconds / 60) % 60)}:${pad(seconds % 60)}`
}

/** Formats of spreadsheet programs that have a number only. 27 to 36 and 50 to 58 are dates in Chinese, Japanese and Korean. */
export function builtInFormat(id: number): Format {
  if (id === 46) return 'duration'
  const date = (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || id === 45 || id === 47 || (id >= 50 && id <= 58)
  return date ? 'date' : 'number'
}

/** What a format such as `yyyy"年"m"月"` or `[$-804]#,##0.00` shows. In doubt a number. */
export function formatOf(code: string): Format {
  if (/^0{2,}$/.test(code)) return code.length
  const bare = (code.split(';')[0] ?? '')
    .toLowerCase()
    .replaceAll(/"[^"]*"|\\.|[_*]./g, ' ')
    .replaceAll(/\[(h+|m+|s+)\]/g, '\u0001')
    .replaceAll(/\[[^\]]*\]/g, ' ')
    .replaceAll(/am\/pm|a\/p|上午\/下午/g, 'h')
    .replaceAll(/s[.,]0+/g, 's')
  if (bare.includes('\u0001')) return 'duration'
  if (/[0#?]/.test(bare)) return 'number'
  const words = bare.match(/[a-z]+/g) ?? []
  return words.length > 0 && words.every((word) => /^(?:y+|m+|d+|h+|s+|e+|g+|b+|aaaa?)+$/.test(word))
    ? 'date'
    : 'number'
}

/** Text of a cell: `_x000D_` and the like are characters, U+0000 and halves of characters are not. */
export function cellText(raw: string): string {
  let text = raw
  if (text.includes('_x')) {
    text = text.replaceAll(/_x([0-9a-f]{4})_/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
  }
  return text
    .replaceAll('\u0000', '')
    .replaceAll(/\p{Surrogate}/gu, '\ufffd')
    .trim()
}
