import type { Reason } from '../api.ts'
import type { Node } from './custom-parse.ts'
import {
  compare,
  minus,
  over,
  plus,
  type Rational,
  rational,
  rounded,
  times,
  toMoney,
  toNumber,
  toRational,
} from './custom-rational.ts'
import { combine, measureOf, type Unit } from './custom-units.ts'
import type { Result } from './formulas.ts'

/** What an expression may name, with its unit and its value. */
export interface Given {
  readonly unit: Unit
  readonly result: Result<string | number>
}

/** A value on its way, or why there is none. */
type Value =
  | { readonly exact: Rational; readonly reason?: undefined }
  | { readonly exact: null; readonly reason: Reason }

const ZERO = rational(0n)
const ONE = rational(1n)
const HUNDRED = rational(100n)

/** Why a division by one of these is none. */
const EMPTY: Readonly<Record<string, Reason>> = {
  cost: 'zero_cost',
  revenue: 'no_revenue',
  leads: 'no_leads',
  mqls: 'no_mqls',
  sqls: 'no_sqls',
  opportunities: 'no_opportunities',
  won: 'no_deals',
  new_customers: 'no_deals',
}

/**
 * Works an expression out, exactly. What is n/a makes the whole n/a, with the reason of the first; of a choice only the part
 * that is taken counts. The units have been checked before.
 * @param given the metrics it names
 * @returns money as a decimal string, everything else as a number
 */
export function evaluate(
  node: Node,
  unit: Unit,
  given: (name: string) => Given,
  currency: string,
): Result<string | number> {
  const value = worked(node, given)
  if (value.exact === null) return { value: null, reason: value.reason }
  if (unit === 'money' || unit === 'money_per_day') return { value: toMoney(value.exact, currency) }
  const number = toNumber(value.exact)
  return Number.isFinite(number) ? { value: number } : { value: null, reason: 'out_of_range' }
}

function worked(node: Node, given: (name: string) => Given): Value {
  const value = (one: Node) => worked(one, given)
  switch (node.type) {
    case 'number':
      return { exact: node.value }
    case 'metric': {
      const { value, reason } = given(node.name).result
      return value === null ? { exact: null, reason } : { exact: toRational(value) }
    }
    case 'negative':
      return mapped(value(node.of), (exact) => minus(ZERO, exact))
    case 'abs':
      return mapped(value(node.of), (exact) => (exact.num < 0n ? minus(ZERO, exact) : exact))
    case 'round':
      return mapped(value(node.of), (exact) => rounded(exact, node.places))
    case 'arithmetic':
      return calculated(node, given)
    case 'compare':
      return both(value(node.left), value(node.right), (a, b) => (holds(node.op, compare(a, b)) ? ONE : ZERO))
    case 'logic': {
      const left = value(node.left)
      // What is decided already needs no more.
      if (left.exact === null || (node.op === '&&') === (left.exact.num === 0n)) return left
      return value(node.right)
    }
    case 'extreme': {
      const sign = node.fn === 'max' ? 1 : -1
      return node.of.map(value).reduce((a, b) => both(a, b, (x, y) => (compare(x, y) * sign >= 0 ? x : y)))
    }
    case 'if': {
      const test = value(node.test)
      if (test.exact === null) return test
      return value(test.exact.num === 0n ? node.no : node.yes)
    }
  }
}

function calculated({ op, left, right }: Extract<Node, { type: 'arithmetic' }>, given: (name: string) => Given): Value {
  // By what the whole of a side may be, not by the part of it that a choice took.
  const measure = (node: Node) => measureOf(node, (name) => given(name).unit)
  const { share } = combine(op, measure(left), measure(right))!
  const [a, b] = [worked(left, given), worked(right, given)]
  if (op !== '/') {
    const apply = { '+': plus, '-': minus, '*': times }[op]
    return both(a, b, (x, y) => (share ? over(apply(x, y), HUNDRED) : apply(x, y)))
  }
  if (a.exact !== null && b.exact?.num === 0n) {
    const name = right.type === 'metric' ? right.name : ''
    return { exact: null, reason: EMPTY[name] ?? 'zero_denominator' }
  }
  return both(a, b, (x, y) => (share ? times(over(x, y), HUNDRED) : over(x, y)))
}

function mapped(value: Value, change: (exact: Rational) => Rational): Value {
  return value.exact === null ? value : { exact: change(value.exact) }
}

function both(left: Value, right: Value, work: (a: Rational, b: Rational) => Rational): Value {
  if (left.exact === null) return left
  if (right.exact === null) return right
  return { exact: work(left.exact, right.exact) }
}

function holds(op: Extract<Node, { type: 'compare' }>['op'], sign: number): boolean {
  switch (op) {
    case '<':
      return sign < 0
    case '<=':
      return sign <= 0
    case '>':
      return sign > 0
    case '>=':
      return sign >= 0
    case '==':
      return sign === 0
    case '!=':
      return sign !== 0
  }
}
