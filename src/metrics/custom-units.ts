import { RoiError, type Text } from '../errors.ts'
import type { CustomMetric } from '../state/definitions.ts'
import type { Node } from './custom-parse.ts'

/** What a metric is measured in. */
export type Unit = CustomMetric['unit']
/** `number`: a bare number, which takes the unit of what it meets; `truth`: the answer of a comparison. */
export type Measure = Unit | 'number' | 'truth'

/** Units as people read them. */
export const UNIT_NAMES: Readonly<Record<Measure, Text>> = {
  money: { en: 'money', 'zh-CN': '金额' },
  money_per_day: { en: 'money per day', 'zh-CN': '每日金额' },
  percent: { en: 'percent', 'zh-CN': '百分比' },
  points: { en: 'percentage points', 'zh-CN': '百分点' },
  ratio: { en: 'ratio', 'zh-CN': '比值' },
  count: { en: 'count', 'zh-CN': '数量' },
  days: { en: 'days', 'zh-CN': '天' },
  months: { en: 'months', 'zh-CN': '月' },
  index: { en: 'index', 'zh-CN': '指数' },
  per_money: { en: 'per unit of money', 'zh-CN': '每单位金额' },
  number: { en: 'number', 'zh-CN': '数字' },
  truth: { en: 'true or false', 'zh-CN': '真假值' },
}

/** What comes out of an operation. `share`: a percent that takes part counts as its hundredth. */
export interface Combined {
  readonly unit: Measure
  readonly share: boolean
}

const plain = (unit: Measure): Combined => ({ unit, share: false })
const shared = (unit: Measure): Combined => ({ unit, share: true })
/** What a share may be taken of, and what days, leads and the like may be multiplied with. */
const SCALABLE: ReadonlySet<Measure> = new Set(['money', 'money_per_day', 'count', 'days', 'months', 'per_money'])

/**
 * The unit of an operation, or undefined where it makes no sense. Money per lead is money; 30 % of money is money; the
 * difference of two percentages is in points.
 */
export function combine(op: '+' | '-' | '*' | '/', a: Measure, b: Measure): Combined | undefined {
  if (a === 'truth' || b === 'truth') return undefined
  if (op === '*') return product(a, b) ?? product(b, a)
  if (op === '/') return quotient(a, b)
  if (a === 'percent' && b === 'percent') return plain(op === '-' ? 'points' : 'percent')
  const unit = same(a, b)
  return unit && plain(unit)
}

/** The unit of two values that are compared or chosen from; undefined where they have nothing in common. */
export function same(a: Measure, b: Measure): Measure | undefined {
  if (a === b) return a
  if (a === 'number' || b === 'number') {
    const other = a === 'number' ? b : a
    return other === 'truth' ? undefined : other
  }
  const both = new Set([a, b])
  if (both.has('percent') && both.has('points')) return 'percent'
  return undefined
}

function product(a: Measure, b: Measure): Combined | undefined {
  if (a === 'number') return plain(b)
  if (a === 'percent') {
    if (b === 'percent' || SCALABLE.has(b)) return shared(b)
    return b === 'ratio' ? plain('percent') : undefined
  }
  if (a === 'ratio') return b === 'ratio' || SCALABLE.has(b) ? plain(b) : undefined
  if (a === 'count') return SCALABLE.has(b) && b !== 'count' ? plain(b) : undefined
  if (a === 'money' && b === 'per_money') return plain('count')
  if (a === 'money_per_day' && b === 'days') return plain('money')
  return undefined
}

function quotient(a: Measure, b: Measure): Combined | undefined {
  if (b === 'number') return plain(a)
  if (a === b) return plain('ratio')
  if (b === 'percent')
    return SCALABLE.has(a) || a === 'number' || a === 'ratio' ? shared(a === 'number' ? 'ratio' : a) : undefined
  if (b === 'ratio') return plain(a === 'number' ? 'ratio' : a)
  if (b === 'count') {
    if (a === 'number') return plain('ratio')
    return SCALABLE.has(a) || a === 'ratio' || a === 'percent' ? plain(a) : undefined
  }
  if (b === 'money') return a === 'count' || a === 'number' ? plain('per_money') : undefined
  if (a === 'money') return b === 'days' ? plain('money_per_day') : b === 'money_per_day' ? plain('days') : undefined
  return undefined
}

/**
 * What an expression comes out in.
 * @param unitOf unit of a metric it names
 * @throws RoiError `metric_units` that names what does not go together
 */
export function measureOf(node: Node, unitOf: (name: string) => Unit): Measure {
  const measure = (one: Node) => measureOf(one, unitOf)
  switch (node.type) {
    case 'number':
      return 'number'
    case 'metric':
      return unitOf(node.name)
    case 'negative':
    case 'abs':
    case 'round':
      return valued(measure(node.of))
    case 'arithmetic': {
      const [left, right] = [measure(node.left), measure(node.right)]
      const done = combine(node.op, left, right)
      if (!done) throw wrongUnits(VERBS[node.op], left, right)
      return done.unit
    }
    case 'compare':
      together('compare', [measure(node.left), measure(node.right)])
      return 'truth'
    case 'logic':
      truth(measure(node.left))
      truth(measure(node.right))
      return 'truth'
    case 'extreme':
      return together('choose', node.of.map(measure))
    case 'if':
      truth(measure(node.test))
      return together('choose', [measure(node.yes), measure(node.no)])
  }
}

function together(verb: Verb, measures: readonly Measure[]): Measure {
  return measures.map(valued).reduce((a, b) => {
    const unit = same(a, b)
    if (!unit) throw wrongUnits(verb, a, b)
    return unit
  })
}

function valued(measure: Measure): Measure {
  if (measure === 'truth') throw wrongUnits('choose', measure, 'number')
  return measure
}

function truth(measure: Measure): void {
  if (measure !== 'truth') throw wrongUnits('test', measure, 'truth')
}

type Verb = 'add' | 'subtract' | 'multiply' | 'divide' | 'compare' | 'choose' | 'test'
const VERBS = { '+': 'add', '-': 'subtract', '*': 'multiply', '/': 'divide' } as const
const SAID: Readonly<Record<Verb, Text>> = {
  add: { en: 'cannot be added', 'zh-CN': '不能相加' },
  subtract: { en: 'cannot be subtracted', 'zh-CN': '不能相减' },
  multiply: { en: 'cannot be multiplied', 'zh-CN': '不能相乘' },
  divide: { en: 'cannot be divided', 'zh-CN': '不能相除' },
  compare: { en: 'cannot be compared', 'zh-CN': '不能比较' },
  choose: { en: 'cannot stand for one value', 'zh-CN': '不能作为同一个值' },
  test: { en: 'cannot stand for each other in a condition', 'zh-CN': '不能用作条件' },
}

function wrongUnits(verb: Verb, a: Measure, b: Measure): RoiError {
  const pair = (locale: 'en' | 'zh-CN', and: string) => `${UNIT_NAMES[a][locale]}${and}${UNIT_NAMES[b][locale]}`
  return new RoiError(
    'usage',
    'metric_units',
    {
      en: `The units do not fit: ${pair('en', ' and ')} ${SAID[verb].en}.`,
      'zh-CN': `单位不匹配：${pair('zh-CN', '与')}${SAID[verb]['zh-CN']}。`,
    },
    {
      en: 'Bring both to one unit first: revenue - cost is money, revenue / cost is a ratio, roi is a percent.',
      'zh-CN': '请先统一单位：revenue - cost 为金额，revenue / cost 为比值，roi 为百分比。',
    },
  )
}
