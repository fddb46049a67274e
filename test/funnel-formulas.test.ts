import { describe, expect, test } from 'vitest'
import {
  conversion,
  largestDrop,
  leadAcceptance,
  leadLoss,
  meanDays,
  medianDays,
  opportunityToWon,
  velocity,
  winRate,
} from '../src/metrics/formulas-funnel.ts'
import { WHOLE } from '../src/model/rule-models.ts'

/** Formulas of the funnel, product.md §3: the normal case and each null case. */

const n = (count: number) => BigInt(count) * WHOLE
const DAY = 86_400n
const spans = (deals: number, days: number, median: number | null = days) => ({
  weight: n(deals),
  seconds: n(deals) * BigInt(days) * DAY,
  median: median === null ? null : median * 86_400,
  negative: 0,
})
const NO_SPANS = { weight: 0n, seconds: 0n, median: null, negative: 3 }
const pace = { opportunities: n(20), won: n(5), lost: n(15), amount: n(5) * 1_000_000n, cycle: spans(5, 50) }

test.each([
  ['M10 lead to opportunity', conversion(n(58), n(1150), 'no_leads'), 5.043478260869565, undefined],
  ['M10 without leads', conversion(0n, 0n, 'no_leads'), null, 'no_leads'],
  ['M11 opportunity to won', opportunityToWon(n(4), n(10)), 40, undefined],
  ['M11 without opportunities', opportunityToWon(0n, 0n), null, 'no_opportunities'],
  ['M12 win rate: open deals are in neither', winRate(n(4), n(3)), 57.14285714285714, undefined],
  ['M12 while nothing is decided', winRate(0n, 0n), null, 'no_deals'],
  ['M13 MQL rate', conversion(n(30), n(100), 'no_leads'), 30, undefined],
  ['M13 MQL to SQL', conversion(n(12), n(30), 'no_mqls'), 40, undefined],
  ['M13 MQL to SQL without MQLs', conversion(0n, 0n, 'no_mqls'), null, 'no_mqls'],
  ['M14 mean', meanDays(spans(4, 30)), 30, undefined],
  [
    'M14 mean of fractional weights',
    meanDays({ ...spans(1, 30), weight: WHOLE / 2n, seconds: (WHOLE / 2n) * DAY }),
    1,
    undefined,
  ],
  ['M14 mean, every span in the wrong order', meanDays(NO_SPANS), null, 'no_deals'],
  ['M14 median', medianDays(spans(4, 30, 21.5), 'no_deals'), 21.5, undefined],
  ['M14 median of nothing', medianDays(NO_SPANS, 'no_deals'), null, 'no_deals'],
  ['M26 lead loss', leadLoss(n(41), n(100)), 41, undefined],
  ['M26 without leads', leadLoss(0n, 0n), null, 'no_leads'],
  ['M27 acceptance', leadAcceptance(n(3), n(1)), 75, undefined],
  ['M27 without feedback', leadAcceptance(0n, 0n), null, 'no_feedback'],
  // 20 opportunities x 25 % x 10,000.00 / 50 days
  ['M40 velocity', velocity(pace, 'CNY'), '1000.00', undefined],
  ['M40 in yen', velocity(pace, 'JPY'), '100000', undefined],
  ['M40 without opportunities', velocity({ ...pace, opportunities: 0n }, 'CNY'), null, 'no_opportunities'],
  ['M40 while nothing is won', velocity({ ...pace, won: 0n, amount: 0n }, 'CNY'), null, 'no_deals'],
  ['M40 without a cycle', velocity({ ...pace, cycle: NO_SPANS }, 'CNY'), null, 'no_deals'],
  ['M40 with a cycle of no time', velocity({ ...pace, cycle: spans(5, 0) }, 'CNY'), null, 'not_enough_data'],
])('%s', (_, result, value, reason) => {
  if (typeof value === 'number') expect(result.value).toBeCloseTo(value, 9)
  else expect(result.value).toEqual(value)
  expect(result.reason).toBe(reason)
})

describe('the largest drop', () => {
  const steps = (...counts: readonly number[]) => counts.map((count) => ({ count: n(count), recorded: true }))
  test('is the lowest rate between neighbours, not the largest number', () => {
    expect(largestDrop(steps(1000, 500, 50, 40))).toEqual({ from: 1, to: 2, lost: n(450), rate: 10 })
  })
  test('the earlier of equals', () => {
    expect(largestDrop(steps(100, 50, 25))).toMatchObject({ from: 0, to: 1 })
  })
  test('passes over steps that nobody ever had a date of', () => {
    const [leads, mqls, sqls, deals] = steps(100, 20, 20, 20)
    const unknown = { count: n(20), recorded: false }
    expect(largestDrop([leads!, unknown, unknown, deals!])).toEqual({ from: 0, to: 3, lost: n(80), rate: 20 })
    expect(largestDrop([leads!, mqls!, sqls!, deals!])).toMatchObject({ from: 0, to: 1 })
  })
  test('is none where nothing is lost, or nothing was there', () => {
    expect(largestDrop(steps(5, 5, 5))).toBeNull()
    expect(largestDrop(steps(0, 0))).toBeNull()
    expect(largestDrop(steps(5, 9))).toBeNull()
  })
  test('everything may be lost', () => {
    expect(largestDrop(steps(7, 0))).toEqual({ from: 0, to: 1, lost: n(7), rate: 0 })
  })
})
