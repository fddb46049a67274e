import { RoiError } from '../../src/errors.ts'
import { quote, say } from './words.ts'

/** Which number of `01/02/2026` is the month. */
export type DateOrder = 'MDY' | 'DMY'

/** A date format given by the user, such as `D/M/YYYY` or `YYYY-MM-DD HH:mm`. */
export interface DateFormat {
  /** Groups named year, month, day, hour, minute, second, fraction, half, zone, as far as the format has them. */
  readonly pattern: RegExp
  /** How `1/2/2026` is read when a cell does not match the format to the letter; undefined when it leads with the year. */
  readonly order: DateOrder | undefined
  /** Two-digit years are meant. */
  readonly shortYear: boolean
}

/** Optional time after a date: `T10:30`, ` 3:05:07.25 PM`, ` 下午3:05`, with or without zone. */
export const TIME =
  '(?:(?:[T\\s]\\s*|(?<=日)|(?=上午|下午))(?<before>上午|下午|AM|PM)?\\s*(?<hour>\\d{1,2})[:时点](?<minute>\\d{2})[分]?(?:[:]?(?<second>\\d{2})(?:[.,](?<fraction>\\d{1,9}))?秒?)?' +
  '\\s*(?<half>[AP]\\.?M\\.?)?\\s*(?<zone>Z|UTC|GMT|[+-]\\d{2}(?::?\\d{2})?)?)?'

const TOKENS: readonly (readonly [token: string, pattern: string])[] = [
  ['YYYY', '(?<year>\\d{4})'],
  ['YY', '(?<year>\\d{2})'],
  ['MM', '(?<month>\\d{1,2})'],
  ['M', '(?<month>\\d{1,2})'],
  ['DD', '(?<day>\\d{1,2})'],
  ['D', '(?<day>\\d{1,2})'],
  ['HH', '(?<hour>\\d{1,2})'],
  ['H', '(?<hour>\\d{1,2})'],
  ['hh', '(?<hour>\\d{1,2})'],
  ['h', '(?<hour>\\d{1,2})'],
  ['mm', '(?<minute>\\d{2})'],
  ['m', '(?<minute>\\d{1,2})'],
  ['ss', '(?<second>\\d{2})'],
  ['s', '(?<second>\\d{1,2})'],
  ['SSS', '(?<fraction>\\d{1,3})'],
  ['A', '(?<half>[AP]\\.?M\\.?|上午|下午)'],
  ['a', '(?<half>[AP]\\.?M\\.?|上午|下午)'],
  ['Z', '(?<zone>Z|[+-]\\d{2}(?::?\\d{2})?)'],
].sort(([a], [b]) => b!.length - a!.length) as [string, string][]

/**
 * Reads a date format. `yyyy`, `dd` and, where no hours are asked for, `mm` are understood as year, day and month.
 * @throws RoiError when it does not hold year, month and day once each.
 */
export function parseDateFormat(format: string): DateFormat {
  let text = format.trim().replaceAll('y', 'Y').replaceAll('d', 'D')
  if (!text.includes('M')) text = text.replace(/m{1,2}/, (month) => month.toUpperCase())
  let pattern = ''
  const order: string[] = []
  for (let i = 0; i < text.length; ) {
    const token = TOKENS.find(([name]) => text.startsWith(name, i))
    if (token) {
      pattern += token[1]
      order.push(token[0][0]!)
      i += token[0].length
    } else {
      const char = text[i]!
      // Any letter that is no token is a slip, except the T between date and time.
      if (/[a-z]/i.test(char) && char !== 'T') throw badFormat(format)
      pattern += char === ' ' ? '\\s+' : char.replace(/[.*+?^${}()|[\]\\/]/, '\\$&')
      i++
    }
  }
  const days = order.filter((letter) => 'YMD'.includes(letter)).join('')
  // H and h, A and a name the same part of a time.
  const parts = new Set(order.map((letter) => ('HA'.includes(letter.toUpperCase()) ? letter.toUpperCase() : letter)))
  if (!/^(?:YMD|MDY|DMY|YDM)$/.test(days) || parts.size !== order.length) throw badFormat(format)
  const time = order.includes('H') || order.includes('h') ? '' : TIME
  return {
    pattern: new RegExp(`^${pattern}${time}$`, 'iu'),
    order: days === 'MDY' || days === 'DMY' ? days : undefined,
    shortYear: !text.includes('YYYY'),
  }
}

function badFormat(format: string): RoiError {
  return new RoiError(
    'usage',
    'bad_date_format',
    say(`The date format ${quote(format)} is not understood.`, `无法理解日期格式 ${quote(format)}。`),
    say(
      'Use YYYY, YY, M, D and, for times, HH:mm:ss, for example --date-format D/M/YYYY.',
      '请使用 YYYY、YY、M、D，时间用 HH:mm:ss，例如 --date-format D/M/YYYY。',
    ),
  )
}
