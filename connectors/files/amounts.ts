import { quote, Refusal } from './words.ts'

/** What the marks of an amount tell about its decimal mark. */
export const AmountShape = {
  /** Digits only, or nothing that can be read at all. */
  plain: 0,
  /** The point can only be a decimal mark, or the comma only a thousands mark: `1,234.5`, `12.34`, `1,234,567`. */
  point: 1,
  /** The comma can only be a decimal mark, or the point only a thousands mark: `1.234,5`, `12,5`, `1.234.567`. */
  comma: 2,
  /** `1.234` */
  pointThree: 3,
  /** `1,234` */
  commaThree: 4,
} as const
export type AmountShape = (typeof AmountShape)[keyof typeof AmountShape]

/** An amount: exact decimal string, and what the cell says about its currency. */
export interface Amount {
  readonly amount: string
  /** ISO code the cell names, as in `USD 100`. */
  readonly code?: string
  /** Symbol that several currencies may share, as in `$100` or `100元`. */
  readonly symbol?: string
}

const WORDS: Readonly<Record<string, string>> = {
  RMB: 'CNY',
  人民币: 'CNY',
  美元: 'USD',
  欧元: 'EUR',
  英镑: 'GBP',
  日元: 'JPY',
  港元: 'HKD',
  港币: 'HKD',
  新台币: 'TWD',
  US$: 'USD',
  HK$: 'HKD',
  NT$: 'TWD',
  A$: 'AUD',
  C$: 'CAD',
  S$: 'SGD',
}
const UNITS: Readonly<Record<string, number>> = { 千: 3, 万: 4, 百万: 6, 千万: 7, 亿: 8 }

/** Currencies that a symbol may stand for. */
const SYMBOLS: Readonly<Record<string, readonly string[]>> = {
  '¥': ['CNY', 'JPY'],
  元: ['CNY', 'TWD', 'HKD', 'MOP', 'SGD', 'JPY', 'USD'],
  圆: ['CNY', 'JPY'],
  块: ['CNY'],
  $: ['USD', 'HKD', 'TWD', 'SGD', 'AUD', 'CAD', 'NZD', 'MXN', 'BRL', 'CLP', 'COP', 'ARS'],
  '€': ['EUR'],
  '£': ['GBP', 'EGP'],
}

const CURRENCY = '人民币|美元|欧元|英镑|日元|港元|港币|新台币|US\\$|HK\\$|NT\\$|[ACS]\\$|[A-Z]{3}|[¥$€£元圆块]'
const AMOUNT = new RegExp(
  `^(?<outer>[+-])?(?<lead>${CURRENCY})?(?<open>\\()?(?<sign>[+-])?(?<inner>${CURRENCY})?(?<late>[+-])?(?<number>[\\d.,]*\\d[\\d.,]*)` +
    `(?<unit>百万|千万|千|万|亿)?(?<trail>${CURRENCY})?(?<more>人民币)?(?<close>\\))?(?<behind>${CURRENCY})?(?<last>[+-])?$`,
  'iu',
)
const PLAIN = /^-?\d+$/
const DECIMAL = /^-?\d+\.\d+$/

/** True when a symbol may stand for a currency. */
export function symbolFits(symbol: string, currency: string): boolean {
  return SYMBOLS[symbol]?.includes(currency) ?? true
}

/** ISO code of a currency as people write it; unknown words come back in upper case. */
export function currencyCode(text: string): string {
  const upper = text.normalize('NFKC').trim().toUpperCase()
  return Object.hasOwn(WORDS, upper) ? WORDS[upper]! : upper === '元' || upper === '¥' ? 'CNY' : upper
}

/** Power of ten of a unit in a header such as `金额（万元）`; 0 without one. */
export function unitOfHeader(header: string): number {
  const unit = /\((?:单位:?)?(百万|千万|千|万|亿)元?\)/u.exec(header.normalize('NFKC'))?.[1]
  return unit ? UNITS[unit]! : 0
}

/** Compatibility forms folded (full-width digits and marks), all kinds of minus as `-`, spaces and apostrophes gone. */
function tidy(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/[\s'’`\u200b\ufeff]+/g, '')
    .replaceAll(/[\u2212\u2010-\u2015]/g, '-')
}

/** What an amount tells about the decimal mark of its column. */
export function shapeOf(text: string): AmountShape {
  if (PLAIN.test(text)) return AmountShape.plain
  const number = AMOUNT.exec(tidy(text))?.groups?.number
  if (number === undefined) return AmountShape.plain
  const points = number.split('.').length - 1
  const commas = number.split(',').length - 1
  if (points === 0 && commas === 0) return AmountShape.plain
  if (points > 0 && commas > 0)
    return number.lastIndexOf('.') > number.lastIndexOf(',') ? AmountShape.point : AmountShape.comma
  if (points > 1) return AmountShape.comma
  if (commas > 1) return AmountShape.point
  // One mark: only between one to three digits (no leading zero) and exactly three more may it be either.
  const three = /^[1-9]\d{0,2}[.,]\d{3}$/.test(number)
  if (points === 1) return three ? AmountShape.pointThree : AmountShape.point
  return three ? AmountShape.commaThree : AmountShape.comma
}

/**
 * An amount as a person writes it: `¥1,234.50`, `（1,234.50）`, `−3`, `1.5万元`, `USD 100`.
 * @param mark decimal mark of the column
 * @param shift power of ten of the column's unit, used when the cell has none of its own
 */
export function parseAmount(text: string, mark: '.' | ',' = '.', shift = 0): Amount | Refusal {
  if (shift === 0 && (PLAIN.test(text) || (mark === '.' && DECIMAL.test(text)))) return { amount: scaled(text, 0) }
  const parts = AMOUNT.exec(tidy(text))?.groups
  const plain = parts && ungroup(parts.number!, mark)
  const signs = parts ? [parts.outer, parts.sign, parts.late, parts.last].filter((sign) => sign !== undefined) : []
  const names = parts
    ? [parts.lead, parts.inner, parts.trail, parts.more, parts.behind].filter((name) => name !== undefined)
    : []
  const bracketed = parts?.open !== undefined
  if (!plain || signs.length > (bracketed ? 0 : 1) || bracketed !== (parts?.close !== undefined)) return badAmount(text)
  const negative = bracketed || signs[0] === '-'
  const amount = scaled((negative ? '-' : '') + plain, parts.unit ? UNITS[parts.unit]! : shift)
  return { amount, ...naming(names) }
}

/** What the words and symbols beside a number say; a code outranks a symbol (`人民币 100元`). */
function naming(names: readonly string[]): { code?: string; symbol?: string } {
  for (const name of names) {
    const upper = name.toUpperCase()
    if (Object.hasOwn(WORDS, upper)) return { code: WORDS[upper]! }
    if (/^[A-Z]{3}$/.test(upper)) return { code: upper }
  }
  return names[0] === undefined ? {} : { symbol: names[0] }
}

/** Digits with a point as decimal mark, thousands marks removed; undefined when the groups make no sense. */
function ungroup(number: string, mark: '.' | ','): string | undefined {
  const group = mark === '.' ? ',' : '.'
  const at = number.indexOf(mark)
  const whole = at < 0 ? number : number.slice(0, at)
  const fraction = at < 0 ? '' : number.slice(at + 1)
  if (fraction.includes(mark) || fraction.includes(group)) return undefined
  const groups = whole.split(group)
  if (groups.length > 1) {
    // The last group has three digits; the ones before two or three (12,34,567 is usual in India).
    const sound = groups.every((part, i) =>
      i === 0 ? /^\d{1,3}$/.test(part) : i === groups.length - 1 ? part.length === 3 : /^\d{2,3}$/.test(part),
    )
    if (!sound) return undefined
  }
  return `${groups.join('') || '0'}${fraction ? `.${fraction}` : ''}`
}

/** Moves the decimal point `shift` places to the right, and drops needless leading zeros. No floating point. */
function scaled(text: string, shift: number): string {
  const negative = text.startsWith('-')
  const [whole = '', fraction = ''] = (negative ? text.slice(1) : text).split('.')
  const digits = (whole + fraction.slice(0, shift).padEnd(shift, '0')).replace(/^0+(?=\d)/, '')
  const rest = fraction.slice(shift)
  const value = rest ? `${digits}.${rest}` : digits
  return negative && /[1-9]/.test(value) ? `-${value}` : value
}

function badAmount(text: string): Refusal {
  const scientific = /\d[.,]?\d*E\+?-?\d/i.test(text)
  return new Refusal(
    'bad_amount',
    `${quote(text)} is not an amount.${scientific ? ' Excel shortened it: format the column as a number and export again.' : ' Write it as 1234.50, or with thousands marks 1,234.50.'}`,
    `${quote(text)} 不是有效金额。${scientific ? 'Excel 把它缩写成了科学计数法：请把该列设为数值格式后重新导出。' : '请写成 1234.50 或 1,234.50。'}`,
  )
}
