import { fromWallClock, localDay } from '../../src/model/period.ts'
import { type DateFormat, type DateOrder, TIME } from './date-format.ts'
import { quote, Refusal } from './words.ts'

const DAY = 86_400_000
const DAYS_1904 = 1462
/** Day 0 of Excel's calendar; right from 1 March 1900 on. */
const EXCEL_EPOCH = Date.UTC(1899, 11, 30)
/** Plausible Excel serials: 1954 to 2119. Smaller and larger numbers are something else. */
const SERIAL_MIN = 20_000
const SERIAL_MAX = 80_000
const CACHE_SIZE = 20_000

const YEAR_FIRST = new RegExp(
  `^(?<year>\\d{4})\\s?[-/.年]\\s?(?<month>\\d{1,2})\\s?[-/.月]\\s?(?<day>\\d{1,2})日?${TIME}$`,
  'iu',
)
const YEAR_LAST = new RegExp(
  `^(?<first>\\d{1,2})(?<mark>[-/.])(?<other>\\d{1,2})\\k<mark>(?<year>\\d{4}|\\d{2})${TIME}$`,
  'iu',
)
const DAY_NAMED = new RegExp(`^(?<day>\\d{1,2})[-\\s.]+(?<name>[a-z]{3,9})\\.?[-\\s,]+(?<year>\\d{4})${TIME}$`, 'iu')
const NAME_FIRST = new RegExp(
  `^(?<name>[a-z]{3,9})\\.?\\s+(?<day>\\d{1,2})(?:st|nd|rd|th)?,?\\s+(?<year>\\d{4})${TIME}$`,
  'iu',
)
const COMPACT =
  /^(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})(?:T?(?<hour>\d{2})(?<minute>\d{2})(?<second>\d{2})(?<zone>Z|[+-]\d{2}:?\d{2})?)?$/iu
const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]

/** A point in time as a cell gives it. */
interface Moment {
  /** Midnight of the day, or the wall-clock time, read as if it were UTC; with `exact` the instant itself. */
  readonly wall: number
  readonly exact: boolean
}

export interface DateReaderOptions {
  readonly zone: string
  /** Order of `01/02/2026` in this column, as its values prove it. */
  readonly order?: DateOrder | undefined
  readonly format?: DateFormat | undefined
  /** Day numbers count from 1904-01-01, as in workbooks from old Macintoshes. */
  readonly date1904?: boolean | undefined
}

/** Reads the dates of one column. Date-only values are local midnight; times without zone are local. */
export class DateReader {
  readonly #options: DateReaderOptions
  readonly #cache = new Map<string, Moment | Refusal>()
  /** By local midnight as if UTC: the instant, and whether the offset holds all day. */
  readonly #days = new Map<number, { readonly start: number; readonly uniform: boolean }>()

  constructor(options: DateReaderOptions) {
    this.#options = options
  }

  /**
   * Milliseconds of the instant.
   * @param typed the text is ISO 8601 for certain, so that a format meant for written dates does not apply
   */
  instant(text: string, typed = false): number | Refusal {
    const moment = this.#moment(text, typed)
    if (moment instanceof Refusal) return moment
    return moment.exact ? moment.wall : this.#local(moment.wall)
  }

  /** The local day, `YYYY-MM-DD`. */
  day(text: string, typed = false): string | Refusal {
    const moment = this.#moment(text, typed)
    if (moment instanceof Refusal) return moment
    return moment.exact ? localDay(this.#options.zone, moment.wall) : new Date(moment.wall).toISOString().slice(0, 10)
  }

  #local(wall: number): number {
    const midnight = Math.floor(wall / DAY) * DAY
    let day = this.#days.get(midnight)
    if (!day) {
      const start = fromWallClock(this.#options.zone, midnight)
      const uniform = fromWallClock(this.#options.zone, midnight + DAY) - start === DAY
      day = { start, uniform }
      if (this.#days.size >= CACHE_SIZE) this.#days.clear()
      this.#days.set(midnight, day)
    }
    return day.uniform ? day.start + wall - midnight : fromWallClock(this.#options.zone, wall)
  }

  #moment(text: string, typed: boolean): Moment | Refusal {
    if (typed || !this.#options.format) {
      const moment = plainIso(text)
      if (moment) return moment
    }
    const known = this.#cache.get(text)
    if (known) return known
    const moment = readMoment(text.normalize('NFKC').trim(), this.#options) ?? badDate(text)
    if (this.#cache.size >= CACHE_SIZE) this.#cache.clear()
    this.#cache.set(text, moment)
    return moment
  }
}

function badDate(text: string): Refusal {
  return new Refusal(
    'bad_date',
    `${quote(text)} is not a date. Write it as YYYY-MM-DD, or give the form with --date-format.`,
    `${quote(text)} 不是有效日期。请写成 YYYY-MM-DD，或用 --date-format 指定格式。`,
  )
}

/** `2026-01-31`, `2026-01-31 10:00[:00[.000]][Z]` without a regular expression: nearly all machine-made files. */
function plainIso(text: string): Moment | undefined {
  const length = text.length
  if (length < 10 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return undefined
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 2)
  const day = digits(text, 8, 2)
  if (year < 0 || !isDay(year, month, day)) return undefined
  const midnight = Date.UTC(year, month - 1, day)
  if (length === 10) return { wall: midnight, exact: false }
  const mark = text.charCodeAt(10)
  if ((mark !== 84 && mark !== 32) || length < 16 || text.charCodeAt(13) !== 58) return undefined
  const exact = text.charCodeAt(length - 1) === 90
  const end = exact ? length - 1 : length
  const hour = digits(text, 11, 2)
  const minute = digits(text, 14, 2)
  let second = 0
  let milli = 0
  if (end !== 16) {
    if (end !== 19 && end !== 23) return undefined
    if (text.charCodeAt(16) !== 58) return undefined
    second = digits(text, 17, 2)
    if (end === 23) {
      if (text.charCodeAt(19) !== 46) return undefined
      milli = digits(text, 20, 3)
    }
  }
  if (hour < 0 || minute < 0 || second < 0 || milli < 0 || hour > 23 || minute > 59 || second > 59) return undefined
  return { wall: midnight + ((hour * 60 + minute) * 60 + second) * 1000 + milli, exact }
}

/** Number of `length` digits, or -1. */
function digits(text: string, from: number, length: number): number {
  let value = 0
  for (let i = from; i < from + length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

function isDay(year: number, month: number, day: number): boolean {
  if (year < 1000 || month < 1 || month > 12 || day < 1) return false
  return day <= 28 || day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
}

function readMoment(text: string, { order, format, date1904 }: DateReaderOptions): Moment | Refusal | undefined {
  const own = format?.pattern.exec(text)?.groups
  if (own) return build(own, year(own.year!, format), own.month!, own.day!)
  if (/^\d{5}(?:\.\d+)?$/.test(text)) return serial(Number(text) + (date1904 ? DAYS_1904 : 0))
  if (/^\d{10}$/.test(text)) return { wall: Number(text) * 1000, exact: true }
  if (/^\d{13}$/.test(text)) return { wall: Number(text), exact: true }
  const plain = (YEAR_FIRST.exec(text) ?? COMPACT.exec(text))?.groups
  if (plain) return build(plain, Number(plain.year), plain.month!, plain.day!)
  const named = (DAY_NAMED.exec(text) ?? NAME_FIRST.exec(text))?.groups
  if (named) return build(named, Number(named.year), String(monthOf(named.name!)), named.day!)
  const last = YEAR_LAST.exec(text)?.groups
  if (!last) return undefined
  if (last.year!.length === 2 && !format?.shortYear) {
    return new Refusal(
      'ambiguous_year',
      `${quote(text)} has a year of two digits. Write four, or give the form with --date-format M/D/YY or D/M/YY.`,
      `${quote(text)} 的年份只有两位。请写四位年份，或用 --date-format M/D/YY 或 D/M/YY 指定格式。`,
    )
  }
  const decided = format?.order ?? order ?? (last.first === last.other ? 'MDY' : undefined)
  if (!decided) return undefined
  const [month, day] = decided === 'MDY' ? [last.first!, last.other!] : [last.other!, last.first!]
  return build(last, year(last.year!, format), month, day)
}

function year(text: string, format: DateFormat | undefined): number {
  if (text.length > 2 || !format?.shortYear) return Number(text)
  return Number(text) + (Number(text) < 70 ? 2000 : 1900)
}

function monthOf(name: string): number {
  const lower = name.toLowerCase()
  return (
    MONTHS.findIndex(
      (month) => month === lower || month.slice(0, 3) === lower || (lower === 'sept' && month === 'september'),
    ) + 1
  )
}

/** Excel's day number with the time as its fraction, which is exact to about a hundredth of a second at best. */
function serial(value: number): Moment | undefined {
  if (value < SERIAL_MIN || value > SERIAL_MAX) return undefined
  return { wall: Math.round((EXCEL_EPOCH + value * DAY) / 1000) * 1000, exact: false }
}

function build(
  parts: Record<string, string | undefined>,
  year: number,
  month: string,
  day: string,
): Moment | undefined {
  if (!isDay(year, Number(month), Number(day))) return undefined
  const midnight = Date.UTC(year, Number(month) - 1, Number(day))
  if (parts.hour === undefined) return { wall: midnight, exact: false }
  const half = (parts.half ?? parts.before)?.toUpperCase().replaceAll('.', '')
  let hour = Number(parts.hour)
  if (half === 'AM' || half === '上午') {
    if (hour > 12) return undefined
    hour %= 12
  } else if (half === 'PM' || half === '下午') {
    if (hour === 0) return undefined
    if (hour < 12) hour += 12
  }
  const minute = Number(parts.minute ?? 0)
  const second = Number(parts.second ?? 0)
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const milli = Number((parts.fraction ?? '0').padEnd(3, '0').slice(0, 3))
  const wall = midnight + ((hour * 60 + minute) * 60 + second) * 1000 + milli
  if (parts.zone === undefined) return { wall, exact: false }
  const offset = /^([+-])(\d{2}):?(\d{2})?$/.exec(parts.zone)
  if (!offset) return { wall, exact: true }
  const minutes = Number(offset[2]) * 60 + Number(offset[3] ?? 0)
  if (minutes > 18 * 60) return undefined
  return { wall: wall - (offset[1] === '-' ? -minutes : minutes) * 60_000, exact: true }
}
