import { describe, expect, test } from 'vitest'
import { Influence } from '../src/api/influence.ts'
import { Panel, Report } from '../src/api.ts'
import { budgetUse } from '../src/metrics/budget/formulas.ts'
import { change, growth } from '../src/metrics/formulas.ts'
import { influence } from '../src/metrics/influence.ts'
import { panel } from '../src/metrics/panel.ts'
import { report } from '../src/metrics/report.ts'
import type { AnyRecord } from '../src/model/records.ts'
import { ENGINES, type Engine, openTestDatabase } from './support/databases.ts'
import { SET_A, SET_B, type SetRow, setRecords } from './support/reference-sets.ts'
import { load, testWorkspace } from './support/store.ts'

/** The reference sets of product.md §6, with the sums a reader can do on paper. */

async function opened(engine: Engine, records: readonly AnyRecord[]) {
  const database = await openTestDatabase(engine)
  await load(database, 1, records)
  const workspace = testWorkspace(1)
  const ask = { workspace: 'w1', by: 'channel', model: 'linear', from: null, to: null } as const
  return { database, workspace, read: async () => Report.parse(await report(database, workspace, ask, 'en')) }
}

const percent = (value: number | null) => `${value!.toFixed(1)} %`

describe.each(ENGINES)('reference sets on %s', (engine) => {
  test('set A: what a lead and a customer cost, and what comes back', async () => {
    const { rows, total } = await (await opened(engine, setRecords(SET_A))).read()
    const shown = Object.fromEntries(rows.map(({ key, cpl, roi }) => [key, [cpl, percent(roi)]]))
    expect(shown).toEqual({
      // 50,000 / 200 leads; (300,000 - 50,000) / 50,000
      'Google ads': ['250.00', '500.0 %'],
      // 80,000 / 150; (500,000 - 80,000) / 80,000
      expo: ['533.33', '525.0 %'],
      // 10,000 / 300; (80,000 - 10,000) / 10,000
      'e-mail': ['33.33', '700.0 %'],
      // 30,000 / 500; (60,000 - 30,000) / 30,000
      social: ['60.00', '100.0 %'],
    })
    expect([total.cost, total.leads, total.won, total.revenue]).toEqual(['170000.00', 1150, 58, '940000.00'])
    // 170,000 / 1,150; 170,000 / 58; (940,000 - 170,000) / 170,000; 940,000 / 170,000
    expect([total.cpl, total.cac, percent(total.roi), total.ratio!.toFixed(2)]).toEqual([
      '147.83',
      '2931.03',
      '452.9 %',
      '5.53',
    ])
    const mean = rows.reduce((sum, { roi }) => sum + roi!, 0) / rows.length
    expect(mean).toBe(456.25)
  })

  test('set B: one channel loses money, and the total is still a gain', async () => {
    const { rows, total } = await (await opened(engine, setRecords(SET_B))).read()
    const shown = Object.fromEntries(rows.map(({ key, roi }) => [key, percent(roi)]))
    // 30,000 / 50,000; 5,000 / 20,000; -20,000 / 30,000
    expect(shown).toEqual({ Douyin: '60.0 %', WeChat: '25.0 %', offline: '-66.7 %' })
    // (115,000 - 100,000) / 100,000
    expect(percent(total.roi)).toBe('15.0 %')
  })

  test('set C: the same return in both conventions', async () => {
    const set: SetRow[] = [{ channel: 'expo', cost: 100_000, leads: 5, won: 5, revenue: 150_000 }]
    const { total } = await (await opened(engine, setRecords(set))).read()
    // (150,000 - 100,000) / 100,000 is 50 %; 150,000 / 100,000 is 1.5; (1.5 - 1) x 100 is 50.
    expect([total.roi, total.ratio, (total.ratio! - 1) * 100]).toEqual([50, 1.5, 50])
  })

  test('set D: growth of a ratio from 1.2 to 2.3', async () => {
    // (2.3 - 1.2) / 1.2
    expect(percent(growth(2.3, 1.2))).toBe('91.7 %')
    // In net percent the same step goes from 20 % to 130 %: 110 points.
    expect(change(130, 20, 'return')).toMatchObject({ points: 110 })
    const month = (name: string, day: string, revenue: string): AnyRecord[] => [
      {
        ...{ type: 'cost', id: `x${name}`, date: day, amount: { amount: '1000', currency: 'CNY' } },
        ...{ category: 'event', channel: 'expo', state: 'actual' },
      },
      { type: 'contact', id: `c${name}`, createdAt: new Date(`${day}T08:00:00Z`) },
      {
        ...{ type: 'touch', id: `t${name}`, person: { contactId: `c${name}` } },
        ...{ occurredAt: new Date(`${day}T08:00:00Z`), channel: 'expo' },
      },
      {
        ...{ type: 'deal', id: `d${name}`, contactIds: [`c${name}`], amount: { amount: revenue, currency: 'CNY' } },
        ...{ closedAt: new Date(`${day}T20:00:00Z`), won: true },
      },
    ]
    const { database, workspace } = await opened(engine, [
      ...month('1', '2026-02-10', '1200'),
      ...month('2', '2026-03-10', '2300'),
    ])
    const ask = { by: 'channel', from: '2026-03-01', to: '2026-03-29', locale: 'en', asOf: null } as const
    const { views } = Panel.parse(await panel(database, workspace, ask))
    // 2,300 for 1,000 after 1,200 for 1,000: revenue grows like the ratio; net return from 20 % to 130 % is 110 points.
    expect(percent(views.linear.kpis.revenue.growth)).toBe('91.7 %')
    expect(views.linear.kpis.roi).toMatchObject({ value: 130, previous: 20, points: 110 })
  })

  test('set F: a campaign sources five opportunities and influences 270,000', async () => {
    const at = (day: number) => new Date(Date.UTC(2026, 0, day))
    const person = (i: number, first: string, then: string | null): AnyRecord[] => [
      { type: 'contact', id: `c${i}`, createdAt: at(1) },
      { type: 'touch', id: `t${i}`, person: { contactId: `c${i}` }, occurredAt: at(2), campaignId: first },
      ...(then === null
        ? []
        : [
            {
              ...{ type: 'touch' as const, id: `u${i}`, person: { contactId: `c${i}` } },
              ...{ occurredAt: at(3), campaignId: then },
            },
          ]),
      {
        ...{ type: 'deal', id: `d${i}`, contactIds: [`c${i}`], amount: { amount: '30000', currency: 'CNY' } },
        ...{ createdAt: at(5), closedAt: at(9), won: true },
      },
    ]
    const { database, workspace } = await opened(engine, [
      { type: 'campaign', id: 'fair', name: 'Fair', channel: 'expo' },
      { type: 'campaign', id: 'news', name: 'Newsletter', channel: 'email' },
      // Five deals of 30,000 began at the fair; at four more somebody was there later: 9 x 30,000 = 270,000.
      ...[1, 2, 3, 4, 5].flatMap((i) => person(i, 'fair', null)),
      ...[6, 7, 8, 9].flatMap((i) => person(i, 'news', 'fair')),
    ])
    const ask = { by: 'campaign', revenueBasis: 'booked', from: null, to: null, locale: 'en' } as const
    const { sourced, influenced } = Influence.parse(await influence(database, workspace, ask))
    const fair = ({ rows }: { rows: { key: string }[] }) => rows.find(({ key }) => key === 'fair')
    expect(fair(sourced)).toMatchObject({ opportunities: 5, revenue: '150000.00' })
    expect(fair(influenced)).toMatchObject({ opportunities: 9, revenue: '270000.00' })
    // What campaigns sourced adds up; what they influenced does not, and says so.
    expect([sourced.additive, sourced.total.revenue, influenced.additive]).toEqual([true, '270000.00', false])
  })
})

test('set E: a budget of 50,000, of which 48,500 is spent, is used to 97 %', () => {
  expect(budgetUse(48_500_00n, 50_000_00n).value).toBe(97)
  expect(budgetUse(48_500_00n, null).value).toBeNull()
})
