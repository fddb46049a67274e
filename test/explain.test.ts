import { describe, expect, test } from 'vitest'
import { CreditExplained } from '../src/api/dictionary.ts'
import { Explain } from '../src/api.ts'
import { plus, rational } from '../src/metrics/custom-rational.ts'
import { DICTIONARY, ENTRY_NAMES, type EntryName } from '../src/metrics/dictionary/entries.ts'
import { explainCredit } from '../src/metrics/explain/credit.ts'
import { type ExplainQuery, explain, explained } from '../src/metrics/explain.ts'
import { RULE_MODELS } from '../src/model/rule-models.ts'
import { ENGINES } from './support/databases.ts'
import { explainShop, JUNE, RECORDS } from './support/explain-shop.ts'

const QUERY = { by: 'channel', key: null, model: 'linear', locale: 'en', offset: 0, limit: 500 } as const
/** Metrics of the whole workspace, or of a budget: no row of a channel. */
const UNGROUPED = new Set<EntryName>(['data_quality', 'budget_use', 'pacing', 'budget_forecast'])

/** The arithmetic of a substituted formula. */
function worked(substituted: string): number {
  const text = substituted.replace(/^.* = /, '').replaceAll(' x ', ' * ')
  if (!/^[\d\s().+*/abs,median-]+$/.test(text)) throw new Error(`not arithmetic: ${text}`)
  return Number(new Function('abs', 'median', `return ${text.replaceAll('- -', '+ ')}`)(Math.abs, (x: number) => x))
}

describe.each(ENGINES)('explain on %s', (engine) => {
  test('F142: every metric of the dictionary, for the total and a row: inputs are their rows, the formula is the value', async () => {
    const { database, workspace, context } = await explainShop(engine)
    for (const metric of ENTRY_NAMES) {
      for (const key of UNGROUPED.has(metric) ? [null] : [null, 'google_ads']) {
        const query: ExplainQuery = { ...QUERY, ...JUNE, metric, key }
        const name = `${metric} of ${key}`
        const answer = Explain.parse(await explain(database, workspace, query, context))
        expect([name, answer.value, answer.reason]).not.toEqual([name, null, null])
        expect([name, answer.reason]).toEqual([name, null])
        await explained(database, workspace, query, context, async ({ figure }) => {
          for (const input of figure.inputs) {
            const { rows, count } = await input.read({ offset: 0, limit: 1000 })
            expect([name, input.name, rows.length]).toEqual([name, input.name, count])
            if (input.fold) continue
            const sum = rows.reduce((all, { part }) => plus(all, part), rational(0n))
            expect([name, input.name, sum]).toEqual([name, input.name, input.total])
            // A page of one row begins where the page before ended.
            if (count > 1) expect((await input.read({ offset: 1, limit: 1 })).rows).toEqual([rows[1]])
          }
        })
        if (metric === 'payback') continue
        const digits = answer.unit === 'money' || answer.unit === 'money_per_day' ? 2 : 9
        const close = Math.abs(worked(answer.substituted) - Number(answer.value)) <= 0.51 * 10 ** -digits
        expect([name, answer.substituted, answer.value, close]).toEqual([name, answer.substituted, answer.value, true])
      }
    }
  })

  test('values of hand: pay-back, velocity, growth and the layers', async () => {
    const { database, workspace, context } = await explainShop(engine)
    const value = async (metric: EntryName) =>
      (await explain(database, workspace, { ...QUERY, ...JUNE, metric }, context)).value
    // d1 1000.01, d2 500, d3 333.33 USD at 7.2 = 2399.98, d5 700; May: 1500.
    expect(await value('revenue')).toBe('4599.99')
    expect(await value('repurchase_revenue')).toBe('500.00')
    expect(await value('referral_revenue')).toBe('700.00')
    expect(await value('growth')).toBeCloseTo(((4599.99 - 1500) / 1500) * 100, 9)
    expect(await value('win_rate')).toBe(80)
    expect(await value('lead_acceptance')).toBe(50)
    expect(await value('budget_use')).toBeCloseTo((1693.33 / 4000) * 100, 9)
    expect(await value('payback')).toBe(0)
  })

  test('a foreign cost shows what it was and the rate; a page tells how many there are', async () => {
    const { database, workspace, context } = await explainShop(engine)
    const query = { ...QUERY, ...JUNE, metric: 'cost', limit: 2 }
    const { inputs, config_version } = await explain(database, workspace, query, context)
    expect(inputs[0]).toMatchObject({ value: '1693.33', count: 3 })
    expect(inputs[0]!.rows).toHaveLength(2)
    expect(inputs[0]!.rows[1]).toMatchObject({
      id: 'k2',
      original: '50.00',
      currency: 'USD',
      rate: '7.2',
      amount: '360.00',
    })
    expect(config_version).toBe(3)
  })

  test('every n/a has its reason, and one that the dictionary names', async () => {
    const { database, workspace, context } = await explainShop(engine, [])
    const nothing = { ...context, budgets: [] }
    const defined = ENTRY_NAMES.filter((name) => DICTIONARY[name].reasons.length > 0 && name !== 'data_quality')
    for (const metric of defined) {
      const { value, reason } = await explain(database, workspace, { ...QUERY, ...JUNE, metric }, nothing)
      expect([metric, value]).toEqual([metric, null])
      expect(DICTIONARY[metric].reasons).toContain(reason)
    }
  })

  test('the credit of a deal adds up to it, and each touch without says why', async () => {
    const more = [
      {
        type: 'touch',
        id: 'old',
        person: { contactId: 'ann' },
        occurredAt: new Date('2024-01-01T00:00:00Z'),
        campaignId: 'expo',
      },
      {
        type: 'touch',
        id: 'late',
        person: { contactId: 'ann' },
        occurredAt: new Date('2026-06-30T00:00:00Z'),
        campaignId: 'expo',
      },
    ] as unknown as typeof RECORDS
    const { database, workspace } = await explainShop(engine, [...RECORDS, ...more])
    for (const model of RULE_MODELS) {
      const answer = CreditExplained.parse(await explainCredit(database, workspace, { deal: 'd1', model }))
      expect(answer.total).toEqual({ weight: 1, amount: '1000.01' })
    }
    const { touches, path } = await explainCredit(database, workspace, { deal: 'd1', model: 'linear' })
    expect(touches.map(({ id, rule, why_not }) => [id, rule, why_not])).toEqual([
      ['old', [], 'outside_lookback'],
      ['ann-1', ['first', 'lead'], null],
      ['ann-2', ['middle'], null],
      ['ann-3', ['last', 'opportunity'], null],
      ['ann-4', [], 'after_close'],
      ['late', [], 'after_close'],
    ])
    expect(path.to).toBe('2026-06-10T08:00:00.000Z')
    const again = await explainCredit(database, workspace, { deal: 'd2', model: 'linear' })
    expect(again.touches.find(({ id }) => id === 'ann-1')).toMatchObject({ why_not: 'before_last_deal', weight: 0 })
    const foreign = await explainCredit(database, workspace, { deal: 'd3', model: 'first' })
    expect(foreign).toMatchObject({ amount: '2399.98', original: { amount: '333.33', currency: 'USD', rate: '7.2' } })
    await expect(explainCredit(database, workspace, { deal: 'd4', model: 'first' })).rejects.toMatchObject({
      code: 'unknown_deal',
    })
  })

  test('a reading that a number does not have is refused, and so are a group and a budget that are not there', async () => {
    const { database, workspace, context } = await explainShop(engine)
    const ask = (more: Partial<ExplainQuery>) =>
      explain(database, workspace, { ...QUERY, ...JUNE, metric: 'win_rate', ...more }, context)
    await expect(ask({ date_basis: 'touch' })).rejects.toMatchObject({ code: 'reading_not_possible' })
    await expect(ask({ by: 'month', key: '2026-06' })).rejects.toMatchObject({ code: 'reading_not_possible' })
    await expect(ask({ metric: 'data_quality', key: 'x' })).rejects.toMatchObject({ code: 'reading_not_possible' })
    for (const metric of ['win_rate', 'ltv', 'ctr', 'assists', 'growth', 'roi']) {
      await expect(ask({ metric, key: 'nope' })).rejects.toMatchObject({ code: 'unknown_group' })
    }
    await expect(ask({ metric: 'pacing', key: 'nope' })).rejects.toMatchObject({ code: 'unknown_budget' })
  })
})
