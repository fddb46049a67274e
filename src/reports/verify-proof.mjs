// Computes the numbers of proofs again from their rows alone, with exact fractions: nothing of the program takes part.
//   node verify-proof.mjs FILE…     exit code 0: the same to the last digit; 1: not, with what differs
import { readFileSync } from 'node:fs'

const abs = (n) => (n < 0n ? -n : n)
const gcd = (a, b) => (b === 0n ? abs(a) : gcd(b, a % b))
const fraction = (n, d = 1n) => {
  if (d === 0n) throw new Error('division by zero')
  const g = (gcd(n, d) || 1n) * (d < 0n ? -1n : 1n)
  return [n / g, d / g]
}
const add = ([a, b], [c, d]) => fraction(a * d + c * b, b * d)
const less = ([a, b], [c, d]) => a * d < c * b
const decimal = (text) => {
  const [, sign, whole, part = '', power = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(String(text))
  const e = Number(power) - part.length
  const n = BigInt(sign + whole + part)
  return e < 0 ? fraction(n, 10n ** BigInt(-e)) : fraction(n * 10n ** BigInt(e))
}
const partOf = ({ part, per }) => fraction(BigInt(part), BigInt(per))
const sumOf = (rows) => rows.map(partOf).reduce(add, [0n, 1n])
const totalOf = ({ rows, fold }) => {
  if (fold !== 'median') return sumOf(rows)
  const sorted = rows.map(partOf).sort((a, b) => (less(a, b) ? -1 : 1))
  const [n, d] = add(sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1])
  return fraction(n, d * 2n)
}
/** Full months until the rows reach the cost. */
const payback = (rows, cost) => {
  for (let month = 0; month <= 1200; month += 1) {
    if (!less(sumOf(rows.filter(({ cells }) => cells.month <= month)), cost)) return [BigInt(month), 1n]
  }
  throw new Error('the cost is not reached')
}
/** A formula: + - * / ( ), {input}, numbers, abs(), median({input}), payback({input}, cost). */
const evaluate = (text, named) => {
  const tokens = text.match(/\{\w+\}|[a-z]+|\d+(?:\.\d+)?|[-+*/(),]/g)
  const input = () => named.get(tokens.shift().slice(1, -1))
  const inside = (read) => [tokens.shift(), read(), tokens.shift()][1]
  const chain = (next, ops, apply) => {
    let left = next()
    while (ops.includes(tokens[0] ?? ' ')) left = apply(tokens.shift(), left, next())
    return left
  }
  const sum = () => chain(product, '+-', (op, a, [n, d]) => add(a, [op === '+' ? n : -n, d]))
  const product = () =>
    chain(single, '*/', (op, [n, d], [a, b]) => (op === '*' ? fraction(n * a, d * b) : fraction(n * b, d * a)))
  const single = () => {
    if (tokens[0] === '(') return inside(sum)
    if (tokens[0][0] === '{') return totalOf(input())
    const token = tokens.shift()
    if (token === 'abs') return inside(sum).map(abs)
    if (token === 'median') return inside(single)
    return token === 'payback' ? inside(() => payback(input().rows, [tokens.shift(), sum()][1])) : decimal(token)
  }
  return sum()
}
/** What a part is made of: a weight of an amount (split to within a unit per touch), or an amount at a rate. */
const isMadeOf = ({ whole, unit }, of, { part, per, exact = {}, cells }) => {
  const [n, d] = fraction(BigInt(part), BigInt(per))
  const x = Object.fromEntries(Object.entries(exact).map(([key, value]) => [key, BigInt(value)]))
  const is = (a, b) => a * d === n * b
  if (of === 'money' && x.credited_minor !== undefined) {
    const off = abs(x.credited_minor * whole - x.amount_minor * x.weight_units)
    return is(x.credited_minor, unit) && off <= whole * BigInt(cells.touches ?? 1000)
  }
  if (of === 'money' && x.minor !== undefined) {
    if (x.weight_units !== undefined) return is(x.minor * x.weight_units, unit * whole)
    const [a, b] = cells.rate && cells.rule === null ? evaluate(`${cells.original} * (${cells.rate})`) : [n, d]
    return is(x.minor, unit) && abs(abs(a) * unit - abs(x.minor) * b) <= b
  }
  return x.seconds !== undefined || x.weight_units === undefined || is(x.weight_units, whole)
}
/** What is wrong with a proof; nothing where it is right. */
const faultsOf = ({ inputs, expected, expression, digits, whole }) => {
  const scale = { whole: BigInt(whole), unit: 10n ** BigInt(digits) }
  const faults = inputs.flatMap(({ name, unit, rows }) =>
    rows
      .filter((row) => !isMadeOf(scale, unit, row))
      .map(({ cells }) => `${name}: row ${cells.id} is not what it is made of`),
  )
  if (expected === null) return faults
  const [n, d] = evaluate(expression, new Map(inputs.map((one) => [one.name, one])))
  const [e, f] = decimal(expected)
  // Money is rounded half away from zero to its digits; a double holds 15 to 17 of the digits of the exact fraction.
  const minor = ((2n * abs(n) * scale.unit + d) / (2n * d)) * (n < 0n ? -1n : 1n)
  const same =
    typeof expected === 'string' ? minor * f === e * scale.unit : abs(n * f - e * d) * 10n ** 13n <= abs(n * f)
  return same ? faults : [...faults, `computed ${Number((n * 10n ** 20n) / d) / 1e20}, expected ${expected}`]
}

for (const file of process.argv.slice(2)) {
  const proof = JSON.parse(readFileSync(file, 'utf8'))
  const faults = faultsOf(proof)
  console.log(faults.length === 0 ? `${proof.metric} = ${proof.expected ?? 'n/a'}: the same` : faults.join('\n'))
  if (faults.length > 0) process.exitCode = 1
}
