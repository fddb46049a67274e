import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { budgetUse, type Elapsed, evenPlan, forecast, pacing, usedUpOn } from '../src/metrics/budget/formulas.ts'
import { cutOf, daysOf, elapsed, overlaps, parsePeriod } from '../src/metrics/budget/period.ts'
import { addDays, daysBetween } from '../src/model/period.ts'

/** M22 and M23 (product.md §3): the worked examples, every null case, and plain loops beside the formulas. */

describe('M22 budget use and pacing', () => {
  test.each([
    ['set E: budget 50,000, actual 48,500', 48_500_00n, 50_000_00n, 97],
    ['over the budget', 60_000_00n, 50_000_00n, 120],
    ['credits outweigh the spend', -5_000_00n, 50_000_00n, -10],
    ['nothing spent', 0n, 50_000_00n, 0],
  ])('%s', (_, actual, budget, percent) => {
    expect(budgetUse(actual, budget)).toEqual({ value: percent })
  })

  test.each([
    ['no budget', null],
    ['a budget of 0', 0n],
  ])('%s has no use and no pacing', (_, budget) => {
    expect(budgetUse(100n, budget)).toEqual({ value: null, reason: 'no_budget' })
    expect(pacing(100n, budget, { days: 5, of: 10 })).toEqual({ value: null, reason: 'no_budget' })
  })

  test.each([
    ['half the money in half the days', 50n, { days: 15, of: 30 }, { value: 1 }],
    ['half the money in a third of the days', 50n, { days: 10, of: 30 }, { value: 1.5 }],
    ['after the end it is use', 97n, { days: 30, of: 30 }, { value: 0.97 }],
    ['before the first day is over', 50n, { days: 0, of: 30 }, { value: null, reason: 'not_started' }],
    ['without begin or end', 50n, null, { value: null, reason: 'not_enough_data' }],
  ] as const)('%s', (_, actual, time, result) => {
    expect(pacing(actual, 100n, time)).toEqual(result)
  })
})

describe('M23 forecast', () => {
  test.each([
    ['a third of the days', 100_00n, { days: 10, of: 30 }, { value: 300_00n }],
    ['rounded half away from zero', 1n, { days: 2, of: 3 }, { value: 2n }],
    ['at the end it is the actual', 97n, { days: 30, of: 30 }, { value: 97n }],
    ['elapsed 0', 100n, { days: 0, of: 30 }, { value: null, reason: 'not_started' }],
    ['no end', 100n, null, { value: null, reason: 'not_enough_data' }],
  ] as const)('%s', (_, actual, time, result) => {
    expect(forecast(actual, time, time && evenPlan(time.of))).toEqual(result)
  })

  test('a plan tells how much of the money was meant to be spent by now', () => {
    // 10 a day in the first half, 30 a day in the second.
    const plan = { of: 10, at: (days: number) => BigInt(10 * Math.min(days, 5) + 30 * Math.max(days - 5, 0)) }
    expect(forecast(50n, { days: 5, of: 10 }, plan)).toEqual({ value: 200n })
    expect(forecast(50n, { days: 5, of: 10 }, evenPlan(10))).toEqual({ value: 100n })
    const late = { of: 10, at: (days: number) => BigInt(Math.max(days - 5, 0)) }
    expect(forecast(50n, { days: 5, of: 10 }, late)).toEqual({ value: null, reason: 'not_started' })
  })

  test('the day on which it is used up, and none where it lasts', () => {
    const time = { days: 10, of: 30 }
    // 60 in 10 days are 6 a day: 100 are used up in the 17th day.
    expect(usedUpOn(60n, 100n, '2026-03-01', time, evenPlan(30))).toBe('2026-03-17')
    expect(usedUpOn(33n, 100n, '2026-03-01', time, evenPlan(30))).toBeNull()
    expect(usedUpOn(0n, 100n, '2026-03-01', time, evenPlan(30))).toBeNull()
    expect(usedUpOn(60n, 100n, '2026-03-01', { days: 0, of: 30 }, evenPlan(30))).toBeNull()
  })
})

const money = fc.bigInt({ min: 1n, max: 10n ** 13n })
const time = fc
  .integer({ min: 1, max: 400 })
  .chain((of) => fc.record({ of: fc.constant(of), days: fc.integer({ min: 1, max: of }) }))

test('pacing and forecast are what plain loops say', () => {
  fc.assert(
    fc.property(money, money, time, (actual, budget, { days, of }) => {
      let planned = 0n
      for (let day = 0; day < days; day += 1) planned += budget
      // planned is budget x days; so much of it, times of, should be spent by now.
      const paced = (Number(actual) * of) / Number(planned)
      expect(pacing(actual, budget, { days, of }).value).toBeCloseTo(paced, 6 - Math.ceil(Math.log10(paced + 1)))
      let spent = 0n
      for (let day = 0; day < of; day += 1) spent += actual
      const exact = spent / BigInt(days)
      const foretold = forecast(actual, { days, of }, evenPlan(of)).value!
      expect(foretold - exact === 0n || foretold - exact === 1n).toBe(true)
      expect(2n * (foretold * BigInt(days) - spent) <= BigInt(days)).toBe(true)
    }),
  )
})

test('the day it is used up is the first one that a loop over the days comes to', () => {
  fc.assert(
    fc.property(money, money, time, (actual, budget, { days, of }) => {
      fc.pre(actual < budget)
      let found: string | null = null
      for (let day = days + 1; day <= of && found === null; day += 1) {
        if (actual * BigInt(day) >= budget * BigInt(days)) found = addDays('2026-01-01', day - 1)
      }
      expect(usedUpOn(actual, budget, '2026-01-01', { days, of }, evenPlan(of))).toBe(found)
    }),
  )
})

describe('periods', () => {
  test.each([
    ['2026-03', 1, '2026-03-01', '2026-04-01'],
    ['2026-12', 1, '2026-12-01', '2027-01-01'],
    ['2026-Q1', 1, '2026-01-01', '2026-04-01'],
    ['2026-q4', 4, '2027-01-01', '2027-04-01'],
    ['2026', 1, '2026-01-01', '2027-01-01'],
    ['2026', 7, '2026-07-01', '2027-07-01'],
    ['2026-03-01..2026-04-15', 1, '2026-03-01', '2026-04-15'],
  ])('%s from fiscal month %i', (text, fiscal, from, to) => {
    expect(parsePeriod(text, fiscal)).toEqual({ from, to })
  })

  test.each(['2026-13', '2026-Q5', '26', '', '2026-02-30..2026-03-01', '2026-03-02..2026-03-01', 'march'])(
    '%j is none',
    (text) => expect(parsePeriod(text, 1)).toBeUndefined(),
  )

  test('every day is in one month, quarter and year, and they are what their names say', () => {
    const day = fc.integer({ min: 0, max: 40_000 }).map((n) => addDays('1980-01-01', n))
    fc.assert(
      fc.property(day, fc.integer({ min: 1, max: 12 }), (date, fiscal) => {
        for (const cut of ['month', 'quarter', 'year'] as const) {
          const { key, from, to } = cutOf(date, cut, fiscal)
          expect(from <= date && date < to).toBe(true)
          expect(parsePeriod(key, fiscal)).toEqual({ from, to })
          expect(cutOf(from, cut, fiscal).key).toBe(key)
          expect(cutOf(to, cut, fiscal).key).not.toBe(key)
        }
      }),
    )
  })

  test('elapsed days are those that are over: none on the first day, all after the last', () => {
    const march = { from: '2026-03-01', to: '2026-04-01' }
    const over = (today: string): Elapsed => elapsed(march, today)
    expect(over('2026-02-20')).toEqual({ days: 0, of: 31 })
    expect(over('2026-03-01')).toEqual({ days: 0, of: 31 })
    expect(over('2026-03-02')).toEqual({ days: 1, of: 31 })
    expect(over('2026-05-01')).toEqual({ days: 31, of: 31 })
    expect(elapsed({ from: null, to: '2026-04-01' }, '2026-03-02')).toBeNull()
    expect([...daysOf('2026-02-27', '2026-03-02')]).toHaveLength(daysBetween('2026-02-27', '2026-03-02'))
    expect(overlaps({ from: null, to: '2026-03-01' }, march)).toBe(false)
    expect(overlaps({ from: '2026-03-31', to: null }, march)).toBe(true)
  })
})
