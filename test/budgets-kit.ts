import { BudgetShares, BudgetSlices, Budgets } from '../src/api/budgets.ts'
import type { Entries } from '../src/metrics/budget/books.ts'
import { parsePeriod } from '../src/metrics/budget/period.ts'
import { budgetShares, budgetSlices, budgets } from '../src/metrics/budget/view.ts'
import { readFigures } from '../src/metrics/snapshot.ts'
import type { AnyRecord } from '../src/model/records.ts'
import type { Settings } from '../src/model/settings.ts'
import { checkValue } from '../src/state/manual-check.ts'
import { type Engine, openTestDatabase } from './support/databases.ts'
import { load, testWorkspace } from './support/store.ts'

/** Budgets over a store of a test's own, at a day of its choice. */

export type Entry = { id: string; amount: string; period: string; currency?: string } & Record<string, unknown>

/** Budgets as they are entered. */
export function entered(list: readonly Entry[]): Entries {
  return list.map(({ id, ...fields }) => {
    const value = { currency: 'CNY', ...fields, ...parsePeriod(fields.period, 1) }
    return { id, value: checkValue('budget', value) }
  })
}

export async function budgetDesk(engine: Engine, records: readonly AnyRecord[], settings: Partial<Settings> = {}) {
  const database = await openTestDatabase(engine)
  const workspace = testWorkspace(1, settings)
  await load(database, 1, records)
  const ask = (list: readonly Entry[], today: string) => ({
    entries: entered(list),
    locale: 'en' as const,
    now: Date.parse(`${today}T12:00:00Z`),
  })
  return {
    budgets: async (list: readonly Entry[], today: string, filter: object = {}) =>
      Budgets.parse(
        await readFigures(database, workspace, (reader) =>
          budgets(reader, workspace, ask(list, today), { from: null, to: null, ended: true, ...filter }),
        ),
      ),
    shares: async (list: readonly Entry[], from: string, to: string) =>
      BudgetShares.parse(
        await readFigures(database, workspace, (reader) =>
          budgetShares(reader, workspace, ask(list, from), { from, to }),
        ),
      ),
    slices: async (list: readonly Entry[], from: string, to: string, more: object = {}) =>
      BudgetSlices.parse(
        await readFigures(database, workspace, (reader) =>
          budgetSlices(reader, workspace, ask(list, from), {
            from,
            to,
            cut: 'month',
            by: ['department', 'project', 'period'],
            ...more,
          }),
        ),
      ),
  }
}

export const cost = (id: string, date: string, amount: string, more: object = {}): AnyRecord => ({
  type: 'cost',
  id,
  date,
  amount: { amount, currency: 'CNY' },
  category: 'ads',
  state: 'actual',
  ...more,
})
export const campaign = (id: string, more: object = {}): AnyRecord => ({ type: 'campaign', id, name: id, ...more })
export const cny = (amount: string) => ({ amount, currency: 'CNY' })
