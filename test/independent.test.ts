import { readdir, readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Row } from '../src/api.ts'
import type { Database } from '../src/db/database.ts'
import { customers } from '../src/metrics/customers/customers.ts'
import { funnel } from '../src/metrics/funnel/funnel.ts'
import { panel } from '../src/metrics/panel.ts'
import { report } from '../src/metrics/report.ts'
import { Settings } from '../src/model/settings.ts'
import { exportRecords } from '../src/reports/export.ts'
import { type Model, ONE } from './independent/credit.ts'
import { type Answer, type Figures, figuresOf, median, nothing } from './independent/metrics.ts'
import { shown } from './independent/money.ts'
import { workspace as randomWorkspace, type Workspace } from './independent/random.ts'
import { type Files, readFacts } from './independent/read.ts'
import { ENGINES, openStore, type TestStore } from './support/databases.ts'
import { load, testWorkspace } from './support/store.ts'
import { times } from './support/thorough.ts'

/**
 * Ten headline metrics worked out a second time, by plain loops over the exported files: M1 cost, M2 attributed revenue, M3 and M4
 * return, M8 CPL, M11 and M12 what becomes of opportunities, M14 median sales cycle, M15 CAC, M20 layers, M31 coverage.
 */

const FILES = ['contacts', 'deals', 'campaigns', 'touches', 'costs', 'payments', 'rates'] as const
const MODELS: readonly Model[] = ['linear', 'first']

test('the second implementation knows nothing of the first', async () => {
  const folder = new URL('./independent/', import.meta.url)
  const names = (await readdir(folder)).filter((name) => name !== 'random.ts')
  expect(names).toContain('metrics.ts')
  for (const name of names) {
    const imports = (await readFile(new URL(name, folder), 'utf8')).matchAll(/from '([^']+)'/g)
    for (const [, from] of imports) expect(from, name).toMatch(/^(\.\/[a-z]+\.ts|csv-parse\/sync)$/)
  }
})

describe.each(ENGINES)('ten metrics of random workspaces on %s', (engine) => {
  let store: TestStore
  let tenant = 0
  beforeAll(async () => {
    store = await openStore(engine)
  })
  afterAll(() => store[Symbol.asyncDispose]())

  test(
    'are those of the second implementation, by channel and in total',
    async () => {
      const one = fc.asyncProperty(randomWorkspace, async (random) => {
        tenant += 1
        await agree(store, tenant, random)
      })
      await fc.assert(one, { numRuns: engine === 'duckdb' ? times(10, 200) : times(10, 60) })
    },
    times(120_000, 900_000),
  )
})

async function agree(database: Database, tenant: number, { records, rules, period }: Workspace): Promise<void> {
  await load(database, tenant, records)
  const { sharedBySpend: shared, currency, zone, lookbackDays } = rules
  const rule = shared && {
    ...{ id: 'overhead', by: 'spend', over: shared.over },
    categories: shared.category === null ? [] : [shared.category],
  }
  const settings = { currency, zone, lookback_days: lookbackDays, shared_cost_rules: rule ? [rule] : [] }
  const workspace = { ...testWorkspace(tenant), settings: Settings.parse(settings) }
  const files: Record<string, string> = {}
  for (const what of FILES) files[what] = await text(exportRecords(database, workspace, { what, format: 'csv' }))
  const facts = readFacts(files as Files)
  const board = await panel(database, workspace, { by: 'channel', ...period, locale: 'en', asOf: null })
  for (const model of MODELS) {
    const mine = figuresOf(facts, rules, model, period)
    const ask = { workspace: 'w', by: 'channel', model, ...period } as const
    const theirs = await report(database, workspace, ask, 'en')
    for (const [key, row] of paired(mine, theirs.rows)) {
      sameRow(row, mine.channels.get(key) ?? nothing(), currency, `${model} ${key}`)
    }
    sameRow(theirs.total, mine.total, currency, `${model} total`)
    expect(theirs.unattributed.revenue, 'unattributed').toBe(shown(mine.unattributed.revenue, currency))
    expect(theirs.reconciliation.ok).toBe(true)

    const attributed = mine.total.revenue
    near(board.views[model]!.coverage, percent(attributed, attributed + mine.unattributed.revenue), 'M31 coverage')
    near(board.views[model]!.cost_completeness, percent(attributed - mine.total.uncosted, attributed), 'M31 cost')

    const now = new Date('2026-12-01T00:00:00Z')
    const how = { ...period, by: 'channel', model, locale: 'en', now } as const
    const steps = await funnel(database, workspace, { ...how, reading: 'period' })
    sameFunnel(steps.whole, mine.whole, `${model} whole`)
    sameFunnel(steps.unattributed!, mine.unattributed, `${model} unattributed`)
    for (const row of steps.rows) sameFunnel(row, mine.channels.get(row.key) ?? nothing(), `${model} ${row.key}`)

    const worth = await customers(database, workspace, { ...how, revenueBasis: 'booked', compare: 'period' }, 'en')
    money(worth.whole.cac, mine.whole.cost, mine.whole.newCustomers, currency, 'M15 of every customer')
    expect(worth.whole.layers, 'M20').toEqual(layersOf(mine.whole, currency))
    for (const row of worth.rows) {
      const own = mine.channels.get(row.key) ?? nothing()
      money(row.cac, own.cost, own.newCustomers, currency, `M15 ${row.key}`)
      expect(row.layers, `M20 ${row.key}`).toEqual(layersOf(own, currency))
    }
  }
}

/** Rows of the report by key, with an empty one for a channel that only the second implementation knows. */
function paired({ channels }: Answer, rows: readonly Row[]): Map<string, Row | null> {
  const found = new Map<string, Row | null>([...channels.keys()].map((key) => [key, null]))
  for (const row of rows) found.set(row.key, row)
  return found
}

function sameRow(row: Row | null, mine: Figures, currency: string, what: string): void {
  if (!row) {
    const { opened: _, openedWon: _won, won: _w, lost: _l, ...shownThere } = mine
    const { opened: _o, openedWon: _x, won: _y, lost: _z, ...none } = nothing()
    expect(shownThere, `${what} is missing`).toEqual(none)
    return
  }
  expect(row.cost, `M1 ${what}`).toBe(shown(mine.cost ?? 0n, currency))
  expect(row.revenue, `M2 ${what}`).toBe(shown(mine.revenue, currency))
  expect(row.uncosted, `uncosted ${what}`).toBe(shown(mine.uncosted, currency))
  expect(row.layers, `M20 ${what}`).toEqual(layersOf(mine, currency))
  const earned = Number(mine.revenue - mine.uncosted)
  const cost = Number(mine.cost ?? 0n)
  near(row.roi, cost > 0 ? ((earned - cost) / cost) * 100 : null, `M3 ${what}`)
  near(row.ratio, cost > 0 ? earned / cost : null, `M4 ${what}`)
  expect(row.reasons.roi, `M3 ${what}`).toBe(cost > 0 ? undefined : mine.cost === null ? 'no_cost' : 'zero_cost')
  near(row.leads, Number(mine.leads) / Number(ONE), `leads ${what}`)
  money(row.cpl, mine.cost, mine.leads, currency, `M8 ${what}`)
  money(row.cac, mine.cost, mine.newCustomers, currency, `M15 ${what}`)
}

interface Rates {
  readonly opportunity_to_won: number | null
  readonly win_rate: number | null
  readonly cycle: { readonly median_days: number | null }
}

function sameFunnel(row: Rates, mine: Figures, what: string): void {
  near(row.opportunity_to_won, percent(mine.openedWon, mine.opened), `M11 ${what}`)
  near(row.win_rate, percent(mine.won, mine.won + mine.lost), `M12 ${what}`)
  const middle = median(mine.cycles)
  near(row.cycle.median_days, middle === null ? null : middle / 86_400, `M14 ${what}`)
}

function percent(part: bigint, whole: bigint): number | null {
  return whole === 0n ? null : (Number(part) / Number(whole)) * 100
}

function layersOf({ layers }: Figures, currency: string): Record<string, string> {
  return Object.fromEntries(Object.entries(layers).map(([layer, minor]) => [layer, shown(minor, currency)]))
}

/** Nulls are nulls; numbers agree to nine digits. */
function near(theirs: number | null, mine: number | null, what: string): void {
  if (mine === null || theirs === null) expect(theirs, what).toBe(mine)
  else
    expect(Math.abs(theirs - mine), `${what}: ${theirs}, ${mine}`).toBeLessThanOrEqual(
      1e-9 * Math.max(1, Math.abs(mine)),
    )
}

/** Money per head, rounded to the minor unit: no more than half a unit from the exact quotient. */
function money(theirs: string | null, cost: bigint | null, heads: bigint, currency: string, what: string): void {
  if (cost === null || heads === 0n) {
    expect(theirs, what).toBeNull()
    return
  }
  const exact = (Number(cost) * Number(ONE)) / Number(heads)
  const minor = Number(theirs!.replace('.', ''))
  expect(theirs!.split('.')[1]?.length ?? 0, what).toBe(currency === 'JPY' ? 0 : 2)
  expect(Math.abs(minor - exact), `${what}: ${theirs}`).toBeLessThanOrEqual(0.5 + 1e-9 * Math.abs(exact))
}

async function text(chunks: AsyncIterable<string>): Promise<string> {
  let all = ''
  for await (const chunk of chunks) all += chunk
  return all
}
