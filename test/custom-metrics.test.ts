import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRoiError, LOCALES } from '../src/errors.ts'
import { type CustomDefinition, checkCustom, checkRemoval, customValuesOf } from '../src/metrics/custom.ts'
import { parseExpression } from '../src/metrics/custom-parse.ts'
import { rational, toMoney, toNumber, toRational } from '../src/metrics/custom-rational.ts'
import type { MetricId } from '../src/metrics/dictionary.ts'
import type { Result } from '../src/metrics/formulas.ts'

/** Set A of product.md §6 as a whole: what a report's total hands to an expression. */
const TOTAL: Partial<Record<MetricId, Result<string | number>>> = {
  cost: { value: '170000.00' },
  revenue: { value: '940000.00' },
  leads: { value: 1150 },
  won: { value: 58 },
  new_customers: { value: 58 },
  mqls: { value: 0 },
  roi: { value: 452.94 },
  ratio: { value: 5.529411764705882 },
  cpl: { value: '147.83' },
  coverage: { value: 80 },
  cost_per_mql: { value: null, reason: 'no_mqls' },
  cac: { value: null, reason: 'no_deals' },
}

function failure(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (!isRoiError(error)) throw error
    for (const locale of LOCALES) expect(error.describe(locale).length).toBeGreaterThan(10)
    return error.code
  }
  throw new Error('no failure')
}

/** The value of an expression over {@link TOTAL}, with its unit. */
function worked(expression: string, values = TOTAL, others: readonly CustomDefinition[] = []) {
  const body = checkCustom('mine', { expression, label: null }, others)
  const found = customValuesOf([...others, { name: 'mine', body }], (_, id) => values[id] ?? { value: 0 }, 'CNY')
  const { unit, result } = found.get('mine')!
  return { unit, ...result }
}

const saved = (name: string, expression: string, others: readonly CustomDefinition[] = []): CustomDefinition => ({
  name,
  body: checkCustom(name, { expression, label: null }, others),
})

test.each([
  ['revenue - cost', 'money', '770000.00'],
  ['M2 - M1', 'money', '770000.00'],
  ['(revenue - cost) / leads', 'money', '669.57'],
  ['revenue / cost', 'ratio', 940_000 / 170_000],
  ['cost × 2 − 100', 'money', '339900.00'],
  ['won / leads', 'ratio', 58 / 1150],
  ['leads / cost', 'per_money', 1150 / 170_000],
  ['roi + 10', 'percent', 462.94],
  ['roi - coverage', 'points', 372.94],
  ['coverage * revenue', 'money', '752000.00'],
  ['cost / coverage', 'money', '212500.00'],
  ['coverage * coverage', 'percent', 64],
  ['max（cost，revenue）', 'money', '940000.00'],
  ['min(leads, won, 7)', 'count', 7],
  ['abs(cost - revenue)', 'money', '770000.00'],
  ['round(ratio, 2)', 'ratio', 5.53],
  ['round(-2.5 * ratio / ratio)', 'ratio', -3],
  ['if(revenue > cost && leads >= 100, 1, 0)', 'ratio', 1],
  ['if(cost > revenue || won == 58, won, leads)', 'count', 58],
  ['if(roi < 0, 0 * roi, roi)', 'percent', 452.94],
  // The unit is that of both branches, also where the one that is taken is a bare number.
  ['if(roi < 0, roi, 50) * cost', 'money', '85000.00'],
  ['-cost', 'money', '-170000.00'],
] as const)('%s comes out in %s', (expression, unit, value) => {
  const found = worked(expression)
  expect(found.unit).toBe(unit)
  if (typeof value === 'number') expect(found.value).toBeCloseTo(value, 9)
  else expect(found.value).toBe(value)
})

test.each([
  ['cost_per_mql + cost', 'no_mqls'],
  ['cost + cac', 'no_deals'],
  ['cac + cost_per_mql', 'no_deals'],
  ['cost / mqls', 'no_mqls'],
  ['cost / (leads - leads)', 'zero_denominator'],
  ['max(cost, cac)', 'no_deals'],
  ['if(cac > 5, cost, revenue)', 'no_deals'],
  ['if(cost > 5, cac, revenue)', 'no_deals'],
] as const)('%s is n/a because of %s', (expression, reason) => {
  expect(worked(expression)).toMatchObject({ value: null, reason })
})

test('only the part of a choice that is taken can make it n/a', () => {
  expect(worked('if(mqls > 0, cost / mqls, cpl)').value).toBe('147.83')
  expect(worked('if(cost > 0 || cac > 0, cost, revenue)').value).toBe('170000.00')
})

test.each([
  ['cost + roi', 'metric_units'],
  ['cost - leads', 'metric_units'],
  ['revenue * cost', 'metric_units'],
  ['roi > cost', 'metric_units'],
  ['max(cost, roi)', 'metric_units'],
  ['if(cost, 1, 2)', 'metric_units'],
  ['if(cost > 0, cost, roi)', 'metric_units'],
  ['cost > 0', 'metric_units'],
  ['(cost > 0) + cost', 'metric_units'],
  ['ratio + leads', 'metric_units'],
  ['1 + 1', 'metric_constant'],
  ['nothing / cost', 'unknown_metric'],
  ['M99', 'unknown_metric'],
  // A report knows one model.
  ['spread', 'unknown_metric'],
  ['M33', 'unknown_metric'],
  ['M9 * leads', 'ambiguous_metric'],
  ['', 'bad_expression'],
  ['cost +', 'bad_expression'],
  ['cost cost', 'bad_expression'],
  ['cost ** 2', 'bad_expression'],
  ['cost ^ 2', 'bad_expression'],
  ['cost, leads', 'bad_expression'],
  ['"text"', 'bad_expression'],
  ['[cost]', 'bad_expression'],
  ['cost.constructor', 'bad_expression'],
  ['cost["constructor"]', 'bad_expression'],
  ['this', 'bad_expression'],
  ['constructor(cost)', 'bad_expression'],
  ['process.exit(1)', 'bad_expression'],
  ['toString()', 'bad_expression'],
  ['eval(cost)', 'bad_expression'],
  ['(() => 1)()', 'bad_expression'],
  ['min(cost)', 'bad_expression'],
  ['if(cost > 0, 1)', 'bad_expression'],
  ['round(cost, leads)', 'bad_expression'],
  ['round(cost, 9)', 'bad_expression'],
  ['cost * 1e99', 'bad_expression'],
  ['cost = 1', 'bad_expression'],
  ['!cost', 'bad_expression'],
  ['cost ? 1 : 2', 'bad_expression'],
  ['__proto__', 'unknown_metric'],
  ['hasOwnProperty', 'unknown_metric'],
  [`cost${' + cost'.repeat(200)}`, 'bad_expression'],
] as const)('%j is refused before it is saved', (expression, code) => {
  expect(failure(() => worked(expression))).toBe(code)
})

test.each(['Mine', '', '1a', 'a b', 'revenue', 'spread', 'win_rate', 'm3', 'min', 'if', 'a'.repeat(41), 'ä'])(
  '%j cannot name a metric',
  (name) => {
    expect(failure(() => checkCustom(name, { expression: 'cost', label: null }, []))).toBe('bad_metric_name')
  },
)

describe('metrics upon metrics', () => {
  const margin = saved('margin', 'revenue - cost')
  const perLead = saved('margin_per_lead', 'margin / leads', [margin])

  test('one may be built upon another, with its unit and its reason', () => {
    expect(worked('margin_per_lead * 2', TOTAL, [margin, perLead])).toMatchObject({ unit: 'money', value: '1339.14' })
    const empty = { ...TOTAL, leads: { value: 0 } as const }
    expect(worked('margin_per_lead * 2', empty, [margin, perLead])).toMatchObject({ value: null, reason: 'no_leads' })
  })

  test('none may be built upon itself, however far round', () => {
    const change = (expression: string) => () => checkCustom('margin', { expression, label: null }, [margin, perLead])
    expect(failure(change('margin + cost'))).toBe('metric_cycle')
    expect(failure(change('margin_per_lead * leads'))).toBe('metric_cycle')
  })

  test('a change that would break another one is refused, and so is taking away what is used', () => {
    const change = (expression: string) => checkCustom('margin', { expression, label: null }, [margin, perLead])
    expect(change('revenue - 2 * cost').unit).toBe('money')
    expect(failure(() => change('roi'))).toBe('metric_used')
    expect(failure(() => change('leads'))).toBe('metric_used')
    expect(failure(() => checkRemoval('margin', [margin, perLead]))).toBe('metric_used')
    expect(() => checkRemoval('margin_per_lead', [margin, perLead])).not.toThrow()
  })
})

test('money is exact to the last unit, whatever is added in whatever order', () => {
  const minor = fc.bigInt({ min: -9_000_000_000_000_000n, max: 9_000_000_000_000_000n })
  fc.assert(
    fc.property(minor, minor, (a, b) => {
      const [cost, revenue] = [toMoney(rational(a, 100n), 'CNY'), toMoney(rational(b, 100n), 'CNY')]
      const values = { cost: { value: cost }, revenue: { value: revenue } }
      expect(worked('revenue - cost', values).value).toBe(toMoney(rational(b - a, 100n), 'CNY'))
      expect(worked('cost / 3 + cost / 3 + cost / 3', values).value).toBe(cost)
    }),
  )
})

test('a number goes in and comes out as it is', () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
  fc.assert(
    fc.property(number, (value) => {
      const there = Math.abs(value) < 1e-12 ? 0 : value
      expect(toNumber(toRational(there))).toBe(there === 0 ? 0 : there)
    }),
  )
})

test('any text is either an expression or refused, and never anything else', () => {
  const letters = fc.constantFrom(...'abc01.+-*/()<>=&|,!?:[]{}"\'`\\ ×÷（），cost if min M1'.split(''))
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(letters, { maxLength: 60 }).map((list) => list.join('')),
      ),
      (text) => {
        try {
          parseExpression(text)
        } catch (error) {
          expect(isRoiError(error) && error.code).toBe('bad_expression')
        }
      },
    ),
    { numRuns: 500 },
  )
})
