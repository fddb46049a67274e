import { describe, expect, test } from 'vitest'
import { change } from '../src/metrics/formulas.ts'
import {
  contributionRoi,
  costedShare,
  ltvBasis,
  ltvHistoric,
  ltvPredictive,
  ltvRoi,
  ltvToCac,
  type Margin,
  monthlyChurn,
  monthlyPerCustomer,
  payback,
  repurchaseRate,
  worth,
} from '../src/metrics/formulas-customers.ts'
import { cpc, cpm, ctr, exposurePerCost, newUsersPerCost } from '../src/metrics/formulas-delivery.ts'
import { offlineChannels } from '../src/metrics/offline.ts'
import { addMonths, lastYear, previousPeriod, previousUnit, unitStart } from '../src/model/period.ts'
import { WHOLE } from '../src/model/rule-models.ts'
import { Settings } from '../src/model/settings.ts'

/** Formulas of product.md §3 about customers, delivery and growth: the normal case and each null case. */

const cost = (minor: number, rows = 1) => ({ minor: BigInt(minor), rows })
const NO_COST = cost(0, 0)
/** Minor units of whole customers. */
const brought = (minor: number) => BigInt(minor) * WHOLE
const people = (n: number) => BigInt(n) * WHOLE
const margin = (revenue: number, productCost: number, costed = revenue, gross = revenue): Margin => ({
  revenue: brought(revenue),
  productCost: brought(productCost),
  gross: brought(gross),
  costed: brought(costed),
})
/** Customers' days, in weight. */
const days = (n: number) => BigInt(n) * WHOLE
/** 1000 months of 365.25 / 12 days over all customers, in which 50 of them left. */
const STAY = { days: (WHOLE * 60_875n) / 2n, left: people(50) }

describe('customers', () => {
  test.each([
    ['M6 contribution ROI', contributionRoi(margin(50_000, 20_000), cost(10_000)), 200, undefined],
    ['M6 of a loss', contributionRoi(margin(10_000, 8_000), cost(10_000)), -80, undefined],
    ['M6 at exactly 80 % known', contributionRoi(margin(10_000, 4_000, 8_000), cost(3_000)), 100, undefined],
    ['M6 below 80 % known', contributionRoi(margin(10_000, 4_000, 7_999), cost(3_000)), null, 'no_product_cost'],
    ['M6 without revenue', contributionRoi(margin(0, 0), cost(10)), null, 'no_revenue'],
    ['M6 without cost rows', contributionRoi(margin(10, 0), NO_COST), null, 'no_cost'],
    ['M6 with cost 0', contributionRoi(margin(10, 0), cost(0)), null, 'zero_cost'],
    ['share of revenue whose product cost is known', costedShare(margin(400, 100, 300)), 75, undefined],
    ['share of no revenue', costedShare(margin(0, 0)), null, 'no_revenue'],
    ['M7 LTV ROI', ltvRoi(brought(90_000_000), cost(17_000_000)), 429.4117647058823, undefined],
    ['M7 without cost rows', ltvRoi(brought(1), NO_COST), null, 'no_cost'],
    ['M7 with cost 0', ltvRoi(brought(1), cost(0)), null, 'zero_cost'],
    ['M16 historic', ltvHistoric(brought(100_000), people(3), 'CNY'), '333.33', undefined],
    ['M16 historic of a part of a customer', ltvHistoric(brought(50) / 2n, people(1) / 2n, 'CNY'), '0.50', undefined],
    ['M16 historic without customers', ltvHistoric(0n, 0n, 'CNY'), null, 'no_deals'],
    // 100,000.00 in 1000 months is 100 a month; 50 left: 5 % a month; 100 / 5 % = 2000.
    ['monthly', monthlyPerCustomer(brought(10_000_000), STAY, 'CNY'), '100.00', undefined],
    ['monthly churn', monthlyChurn(STAY), 5, undefined],
    ['M16 predictive', ltvPredictive(brought(10_000_000), STAY, 'CNY'), '2000.00', undefined],
    [
      'M16 predictive while nobody left',
      ltvPredictive(brought(1), { days: days(1), left: 0n }, 'CNY'),
      null,
      'no_churn',
    ],
    ['M16 predictive without customers', ltvPredictive(0n, { days: 0n, left: 0n }, 'CNY'), null, 'no_deals'],
    ['monthly without customers', monthlyPerCustomer(0n, { days: 0n, left: 0n }, 'CNY'), null, 'no_deals'],
    ['churn without customers', monthlyChurn({ days: 0n, left: 0n }), null, 'no_deals'],
    ['M17 LTV:CAC', ltvToCac(brought(30_000), people(10), cost(10_000)), 3, undefined],
    ['M17 without cost rows', ltvToCac(brought(1), people(1), NO_COST), null, 'no_cost'],
    ['M17 with cost 0', ltvToCac(brought(1), people(1), cost(0)), null, 'zero_cost'],
    ['M17 without customers', ltvToCac(0n, 0n, cost(5)), null, 'no_deals'],
    ['M18 within the first month', payback([brought(100)], people(1), cost(100)), 0, undefined],
    ['M18 after three full months', payback([10, 20, 0, 70].map(brought), people(2), cost(100)), 3, undefined],
    ['M18 not reached', payback([10, 20].map(brought), people(2), cost(100)), null, 'not_reached'],
    ['M18 reached, then refunded', payback([100, -50].map(brought), people(2), cost(100)), 0, undefined],
    ['M18 without cost rows', payback([brought(1)], people(1), NO_COST), null, 'no_cost'],
    ['M18 without customers', payback([0n], 0n, cost(1)), null, 'no_deals'],
    ['M19 repurchase rate', repurchaseRate(people(3), people(12), people(20)), 25, undefined],
    ['M19 while all are younger than the horizon', repurchaseRate(0n, 0n, people(20)), null, 'not_enough_data'],
    ['M19 without customers', repurchaseRate(0n, 0n, 0n), null, 'no_deals'],
  ])('%s', (_, result, value, reason) => {
    if (typeof value === 'number') expect(result.value).toBeCloseTo(value, 9)
    else expect(result.value).toEqual(value)
    expect(result.reason).toBe(reason)
  })

  test('customers are valued in margin where product cost is known of 80 % of what they brought, else in revenue', () => {
    expect([ltvBasis(margin(100, 60, 80)), ltvBasis(margin(100, 60, 79)), ltvBasis(margin(0, 0))]).toEqual([
      'margin',
      'revenue',
      'revenue',
    ])
    expect([worth(margin(100, 60), 'margin'), worth(margin(100, 60), 'revenue')]).toEqual([brought(40), brought(100)])
  })
})

describe('delivery', () => {
  const told = { impressions: 40_000, clicks: 800, shownFor: 100_000n, clickedFor: 90_000n }
  const nothing = { impressions: 0, clicks: 0, shownFor: 500n, clickedFor: 500n }
  test.each([
    ['M24 CTR', ctr(told), 2, undefined],
    ['M24 CTR without impressions', ctr(nothing), null, 'no_impressions'],
    ['M24 CPC', cpc(told, 'CNY'), '1.13', undefined],
    ['M24 CPC of fractional clicks', cpc({ ...told, clicks: 0.5 }, 'CNY'), '1800.00', undefined],
    ['M24 CPC without clicks', cpc(nothing, 'CNY'), null, 'no_clicks'],
    ['M24 CPM', cpm(told, 'CNY'), '25.00', undefined],
    ['M24 CPM without impressions', cpm(nothing, 'CNY'), null, 'no_impressions'],
    ['M25 exposure per cost', exposurePerCost(told, cost(100_000), 'CNY'), 40, undefined],
    ['M25 exposure per yen', exposurePerCost(told, cost(1000), 'JPY'), 40, undefined],
    ['M25 exposure without cost rows', exposurePerCost(told, NO_COST, 'CNY'), null, 'no_cost'],
    ['M25 exposure for nothing', exposurePerCost(told, cost(0), 'CNY'), null, 'zero_cost'],
    ['M25 new users per cost', newUsersPerCost(people(200), cost(5_000_000), 'CNY'), 0.004, undefined],
    ['M25 new users without cost rows', newUsersPerCost(people(1), NO_COST, 'CNY'), null, 'no_cost'],
    ['M25 new users for nothing', newUsersPerCost(people(1), cost(0), 'CNY'), null, 'zero_cost'],
  ])('%s', (_, result, value, reason) => {
    if (typeof value === 'number') expect(result.value).toBeCloseTo(value, 9)
    else expect(result.value).toEqual(value)
    expect(result.reason).toBe(reason)
  })
})

describe('growth (M21)', () => {
  test.each([
    ['set D: ratio 1.2 to 2.3', change(2.3, 1.2, 'amount'), 91.66666666666664, undefined, null],
    ['money', change(115, 100, 'amount'), 15, undefined, null],
    ['from a loss, by its size', change(-50, -100, 'amount'), 50, undefined, null],
    ['from 0', change(5, 0, 'amount'), null, 'no_prior', null],
    ['without a previous value', change(5, null, 'amount'), null, 'no_prior', null],
    ['of nothing', change(null, 5, 'amount'), null, 'no_prior', null],
    ['ROI: percent and points', change(30, 20, 'return'), 50, undefined, 10],
    ['ROI from 0: points only', change(30, 0, 'return'), null, 'prior_not_positive', 30],
    ['ROI from a loss: points only', change(15, -66.5, 'return'), null, 'prior_not_positive', 81.5],
    ['ROI without a previous one: neither', change(15, null, 'return'), null, 'no_prior', null],
  ])('%s', (_, { growth, points }, value, reason, expected) => {
    if (value === null) expect(growth.value).toBeNull()
    else expect(growth.value).toBeCloseTo(value, 9)
    expect([growth.reason, points]).toEqual([reason, expected])
  })
})

describe('periods to compare with', () => {
  const period = (from: string | null, to: string | null) => ({ from, to })
  test.each([
    ['a whole month: the whole month before', '2026-03-01', '2026-04-01', 'month', 1, '2026-02-01', '2026-03-01'],
    ['a month under way: as many days', '2026-03-01', '2026-03-18', 'month', 1, '2026-02-01', '2026-02-18'],
    ['more days than the month before has', '2026-03-01', '2026-03-31', 'month', 1, '2026-02-01', '2026-03-01'],
    ['two months: the two before', '2026-03-01', '2026-05-01', 'month', 1, '2026-01-01', '2026-03-01'],
    ['an ISO week', '2026-06-01', '2026-06-08', 'week', 1, '2026-05-25', '2026-06-01'],
    ['a week under way', '2026-06-01', '2026-06-03', 'week', 1, '2026-05-25', '2026-05-27'],
    ['a quarter', '2026-04-01', '2026-07-01', 'quarter', 1, '2026-01-01', '2026-04-01'],
    ['a quarter of a fiscal year from February', '2026-02-01', '2026-03-11', 'quarter', 2, '2025-11-01', '2025-12-09'],
    ['a year under way', '2026-01-01', '2026-03-01', 'year', 1, '2025-01-01', '2025-03-01'],
    ['a fiscal year from July', '2025-07-01', '2026-07-01', 'year', 7, '2024-07-01', '2025-07-01'],
  ] as const)('%s', (_, from, to, unit, fiscal, before, until) => {
    expect(previousUnit(period(from, to), unit, fiscal)).toEqual(period(before, until))
  })

  test('a period that does not begin with the unit, or has no end, has no unit before', () => {
    expect(previousUnit(period('2026-03-02', '2026-04-01'), 'month')).toBeNull()
    expect(previousUnit(period('2026-02-01', '2026-05-01'), 'quarter')).toBeNull()
    expect(previousUnit(period('2026-03-03', '2026-03-10'), 'week')).toBeNull()
    expect(previousUnit(period('2026-03-01', null), 'month')).toBeNull()
    expect(previousPeriod(period(null, '2026-03-01'))).toBeNull()
  })

  test.each([
    ['a month', '2026-03-01', '2026-04-01', '2025-03-01', '2025-04-01'],
    ['a February after a leap year', '2025-02-01', '2025-03-01', '2024-02-01', '2024-03-01'],
    ['a February of a leap year', '2024-02-01', '2024-03-01', '2023-02-01', '2023-03-01'],
    ['some days', '2026-03-05', '2026-03-20', '2025-03-05', '2025-03-20'],
    ['days up to the 29th of February', '2024-02-10', '2024-03-01', '2023-02-10', '2023-03-01'],
    ['days that end before the leap day', '2024-02-01', '2024-02-29', '2023-02-01', '2023-03-01'],
  ])('the same days a year before: %s', (_, from, to, before, until) => {
    expect(lastYear(period(from, to))).toEqual(period(before, until))
  })

  test('there is no year before a period without an end', () => {
    expect(lastYear(period('2026-01-01', null))).toBeNull()
  })

  test('a month later is the last of a shorter month, and units start where people say', () => {
    expect([addMonths('2026-01-31', 1), addMonths('2024-01-31', 1), addMonths('2026-03-31', -13)]).toEqual([
      '2026-02-28',
      '2024-02-29',
      '2025-02-28',
    ])
    expect(unitStart('2026-01-15', 'year', 4)).toBe('2025-04-01')
    expect(unitStart('2026-06-07', 'week')).toBe('2026-06-01')
  })
})

test('F95: channels a workspace names are offline, whatever their case, all others online', () => {
  const isOffline = offlineChannels(Settings.parse({ offline_channels: ['Expo', '展会'] }))
  expect(['expo', 'EXPO', '展会', 'google_ads', 'events'].map(isOffline)).toEqual([true, true, true, false, false])
  expect(['events', '转介绍', 'email'].map(offlineChannels(Settings.parse({})))).toEqual([true, true, false])
})
