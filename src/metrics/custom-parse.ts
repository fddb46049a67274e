import jsep from 'jsep'
import { RoiError, type Text } from '../errors.ts'
import { type Rational, toRational } from './custom-rational.ts'

/** Longest expression, in characters. */
export const MAX_LENGTH = 500
/** Largest number in one. */
const MAX_NUMBER = 1e15
/** The functions there are (F77), with how many arguments each takes. */
const FUNCTIONS = { min: [2, 20], max: [2, 20], abs: [1, 1], round: [1, 2], if: [3, 3] } as const
const ARITHMETIC = ['+', '-', '*', '/'] as const
const COMPARISONS = ['<', '<=', '>', '>=', '==', '!='] as const
const LOGIC = ['&&', '||'] as const
/** Digits that `round` may keep. */
const MAX_PLACES = 6

/** An expression over metrics. */
export type Node =
  | { readonly type: 'number'; readonly value: Rational }
  | { readonly type: 'metric'; readonly name: string }
  | { readonly type: 'negative'; readonly of: Node }
  | { readonly type: 'arithmetic'; readonly op: (typeof ARITHMETIC)[number]; readonly left: Node; readonly right: Node }
  | { readonly type: 'compare'; readonly op: (typeof COMPARISONS)[number]; readonly left: Node; readonly right: Node }
  | { readonly type: 'logic'; readonly op: (typeof LOGIC)[number]; readonly left: Node; readonly right: Node }
  | { readonly type: 'extreme'; readonly fn: 'min' | 'max'; readonly of: readonly Node[] }
  | { readonly type: 'abs'; readonly of: Node }
  | { readonly type: 'round'; readonly of: Node; readonly places: number }
  | { readonly type: 'if'; readonly test: Node; readonly yes: Node; readonly no: Node }

/** Signs that people type and the parser does not know. */
const SIGNS: Readonly<Record<string, string>> = { '×': '*', '÷': '/', '−': '-', '（': '(', '）': ')', '，': ',' }

/**
 * Reads an expression: numbers, names of metrics, `+ - * /`, comparisons, `&& ||`, and the functions min, max, abs, round and if.
 * Nothing of it is ever run as a program.
 * @throws RoiError `bad_expression`
 */
export function parseExpression(text: string): Node {
  if (text.length > MAX_LENGTH) throw bad({ en: 'it is too long', 'zh-CN': '表达式过长' })
  const plain = text.replaceAll(/[×÷−（），]/g, (sign) => SIGNS[sign]!)
  let parsed: jsep.Expression
  try {
    parsed = jsep(plain)
  } catch (cause) {
    const at = cause instanceof Error && 'index' in cause ? Number(cause.index) + 1 : 1
    throw bad({ en: `it cannot be read at character ${at}`, 'zh-CN': `第 ${at} 个字符处无法识别` })
  }
  return toNode(parsed)
}

/** Names of the metrics an expression is made of, each once. */
export function namesIn(node: Node): ReadonlySet<string> {
  const names = new Set<string>()
  const visit = (one: Node): void => {
    if (one.type === 'metric') names.add(one.name)
    for (const part of partsOf(one)) visit(part)
  }
  visit(node)
  return names
}

export function partsOf(node: Node): readonly Node[] {
  switch (node.type) {
    case 'number':
    case 'metric':
      return []
    case 'arithmetic':
    case 'compare':
    case 'logic':
      return [node.left, node.right]
    case 'extreme':
      return node.of
    case 'if':
      return [node.test, node.yes, node.no]
    default:
      return [node.of]
  }
}

function toNode(given: jsep.Expression): Node {
  const node = given as jsep.CoreExpression
  switch (node.type) {
    case 'Literal':
      if (typeof node.value === 'number' && node.value <= MAX_NUMBER) {
        return { type: 'number', value: toRational(node.raw) }
      }
      break
    case 'Identifier':
      return { type: 'metric', name: node.name }
    case 'UnaryExpression':
      if (node.operator === '-') return { type: 'negative', of: toNode(node.argument) }
      if (node.operator === '+') return toNode(node.argument)
      break
    case 'BinaryExpression':
      return operation(node.operator, toNode(node.left), toNode(node.right))
    case 'CallExpression':
      return call(node)
    default:
  }
  throw bad({
    en: 'only numbers, metrics, + - * /, comparisons and min, max, abs, round, if are possible',
    'zh-CN': '只能使用数字、指标、+ - * /、比较运算以及 min、max、abs、round、if',
  })
}

function operation(operator: string, left: Node, right: Node): Node {
  const arithmetic = ARITHMETIC.find((op) => op === operator)
  if (arithmetic) return { type: 'arithmetic', op: arithmetic, left, right }
  const comparison = COMPARISONS.find((op) => op === operator)
  if (comparison) return { type: 'compare', op: comparison, left, right }
  const logic = LOGIC.find((op) => op === operator)
  if (logic) return { type: 'logic', op: logic, left, right }
  throw bad({ en: `there is no operator ${operator}`, 'zh-CN': `不支持运算符 ${operator}` })
}

function call({ callee, arguments: given }: jsep.CallExpression): Node {
  const name = callee.type === 'Identifier' ? (callee as jsep.Identifier).name : ''
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name as keyof typeof FUNCTIONS] : undefined
  if (!known) {
    throw bad({
      en: `there is no function ${name.slice(0, 40)}; use min, max, abs, round, if`,
      'zh-CN': `没有函数 ${name.slice(0, 40)}；可用 min、max、abs、round、if`,
    })
  }
  const [least, most] = known
  if (given.length < least || given.length > most) {
    const count = least === most ? `${least}` : `${least}–${most}`
    throw bad({ en: `${name} takes ${count} values`, 'zh-CN': `${name} 需要 ${count} 个值` })
  }
  const [first, second, third] = given.map(toNode) as [Node, Node, Node]
  if (name === 'min' || name === 'max') return { type: 'extreme', fn: name, of: given.map(toNode) }
  if (name === 'abs') return { type: 'abs', of: first }
  if (name === 'if') return { type: 'if', test: first, yes: second, no: third }
  const places = second?.type === 'number' && second.value.den === 1n ? Number(second.value.num) : second ? -1 : 0
  if (places < 0 || places > MAX_PLACES) {
    throw bad({ en: `round keeps 0 to ${MAX_PLACES} digits`, 'zh-CN': `round 可保留 0 到 ${MAX_PLACES} 位小数` })
  }
  return { type: 'round', of: first, places }
}

function bad(why: Text): RoiError {
  return new RoiError(
    'usage',
    'bad_expression',
    { en: `This is no expression: ${why.en}.`, 'zh-CN': `表达式无效：${why['zh-CN']}。` },
    {
      en: 'Write one such as (revenue - cost) / leads, or M2 / M1. See "metrics list" for the names.',
      'zh-CN': '例如 (revenue - cost) / leads，或 M2 / M1。可用名称见 “metrics list”。',
    },
  )
}
