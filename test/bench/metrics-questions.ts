import type { Database } from '../../src/db/database.ts'
import type { Entries } from '../../src/metrics/budget/books.ts'
import { parsePeriod } from '../../src/metrics/budget/period.ts'
import { budgetShares, budgetSlices, budgets } from '../../src/metrics/budget/view.ts'
import { cohorts } from '../../src/metrics/customers/cohorts.ts'
import { customers } from '../../src/metrics/customers/customers.ts'
import { explain } from '../../src/metrics/explain.ts'
import { funnel } from '../../src/metrics/funnel/funnel.ts'
import { influence } from '../../src/metrics/influence.ts'
import { panel } from '../../src/metrics/panel.ts'
import { checkQuality } from '../../src/metrics/quality-score.ts'
import { type ReportAsk, report } from '../../src/metrics/report.ts'
import { readFigures } from '../../src/metrics/snapshot.ts'
import { addDays } from '../../src/model/period.ts'
import type { Workspace } from '../../src/model/settings.ts'
import { checkValue } from '../../src/state/manual-check.ts'

/** A question whose answer takes time. `i` makes it another question, so that no answer kept from before helps. */
export interface Question {
  readonly name: string
  ask(database: Database, workspace: Workspace, i: number): Promise<unknown>
}

const NOW = new Date('2026-06-01T00:00:00Z')
const TO = '2026-01-01'
const dayOf = (i: number) => addDays('2025-01-01', i)

/** A year's budgets by channel and month. */
const BUDGETS: Entries = Array.from({ length: 12 }, (_, channel) =>
  Array.from({ length: 12 }, (_, month) => {
    const period = `2025-${String(month + 1).padStart(2, '0')}`
    const value = { amount: '250000', currency: 'CNY', channel: `channel ${channel}`, ...parsePeriod(period, 1) }
    return { id: `b${channel}-${month}`, value: checkValue('budget', { period, ...value }) }
  }),
).flat()

const reported = (name: string, ask: Partial<ReportAsk>): Question => ({
  name: `report ${name}`,
  ask: (database, workspace, i) =>
    report(
      database,
      workspace,
      { workspace: 'w', by: 'channel', model: 'linear', from: dayOf(i), to: TO, ...ask },
      'en',
    ),
})

/** Everything a workspace can be asked for figures, most asked first. */
export const QUESTIONS: readonly Question[] = [
  {
    name: 'panel first asked',
    ask: (database, workspace, i) => panelOf(database, workspace, dayOf(i)),
  },
  {
    name: 'panel asked again',
    ask: (database, workspace) => panelOf(database, workspace, dayOf(0)),
  },
  reported('by channel', {}),
  reported('by channel, all time', { from: null, to: null }),
  reported('by campaign', { by: 'campaign' }),
  reported('by channel and month', { by2: 'month' }),
  reported('by region and type', { by: 'region', by2: 'type' }),
  reported('of online channels', { where: [{ dimension: 'online', is: ['online'] }] }),
  ...(['created', 'touch', 'cohort'] as const).map((date_basis) => reported(`by date ${date_basis}`, { date_basis })),
  ...(['invoiced', 'cash'] as const).map((revenue_basis) => reported(`on basis ${revenue_basis}`, { revenue_basis })),
  reported('under markov_1', { model: 'markov_1' }),
  ...(['cohort', 'period'] as const).map((reading): Question => {
    const how = { to: TO, reading, by: 'channel', model: 'linear', locale: 'en', now: NOW } as const
    return {
      name: `funnel, ${reading}`,
      ask: (database, workspace, i) => funnel(database, workspace, { ...how, from: dayOf(i) }),
    }
  }),
  {
    name: 'customers by channel',
    ask: (database, workspace, i) => {
      const how = { by: 'channel', model: 'linear', revenueBasis: 'booked', compare: 'period', now: NOW } as const
      return customers(database, workspace, { ...how, from: dayOf(i), to: TO }, 'en')
    },
  },
  {
    name: 'cohorts',
    ask: (database, workspace, i) => {
      const how = { group: null, model: 'linear', revenueBasis: 'booked', months: 12, now: NOW } as const
      return cohorts(database, workspace, { ...how, from: dayOf(i), to: TO })
    },
  },
  {
    name: 'influence by campaign',
    ask: (database, workspace, i) => {
      const how = { by: 'campaign', revenueBasis: 'booked', locale: 'en' } as const
      return influence(database, workspace, { ...how, from: dayOf(i), to: TO })
    },
  },
  {
    name: 'budgets, 144 lines',
    ask: (database, workspace, i) =>
      readFigures(database, workspace, (reader) =>
        budgets(reader, workspace, budgetAsk(i), { from: null, to: null, ended: true }),
      ),
  },
  {
    name: 'budget shares',
    ask: (database, workspace, i) =>
      readFigures(database, workspace, (reader) =>
        budgetShares(reader, workspace, budgetAsk(i), { from: '2025-01-01', to: TO }),
      ),
  },
  {
    name: 'budget slices',
    ask: (database, workspace, i) =>
      readFigures(database, workspace, (reader) =>
        budgetSlices(reader, workspace, budgetAsk(i), {
          ...{ from: '2025-01-01', to: TO, cut: 'month' },
          by: ['department', 'project', 'period'],
        }),
      ),
  },
  {
    name: 'quality score',
    ask: (database, workspace) =>
      checkQuality(database, workspace, { scheduled: 1, late: [], stale: false, any: true }, NOW),
  },
  ...(['roi', 'cac'] as const).map(
    (metric): Question => ({
      name: `explain ${metric}`,
      ask: (database, workspace, i) =>
        explain(database, workspace, {
          ...{ metric, by: 'channel', key: null, model: 'linear', locale: 'en' },
          ...{ from: dayOf(i), to: TO, offset: 0, limit: 50 },
        }),
    }),
  ),
]

function panelOf(database: Database, workspace: Workspace, from: string): Promise<unknown> {
  return panel(database, workspace, { by: 'channel', from, to: TO, locale: 'en', asOf: null })
}

function budgetAsk(i: number) {
  return { entries: BUDGETS, locale: 'en', now: Date.parse('2025-09-15T00:00:00Z') + i * 86_400_000 } as const
}
