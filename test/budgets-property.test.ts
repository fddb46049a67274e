import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Line } from '../src/metrics/budget/lines.ts'
import { planOf, restOf, spreadRest } from '../src/metrics/budget/plan.ts'
import { addDays, daysBetween } from '../src/model/period.ts'
import { campaign, cny, cost, budgetDesk as desk, type Entry } from './budgets-kit.ts'

/** Invariants of budgets whatever the numbers are: nothing is lost, nothing is counted twice. */

test('whatever the campaigns, costs and budgets: slices add up to the ledger and to the budgets, and lines count each cost they cover', async () => {
  const names = ['East', 'West', undefined]
  const word = fc.constantFrom(...names)
  const day = fc.integer({ min: 0, max: 119 }).map((n) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10))
  const amounts = fc.integer({ min: -5_000, max: 100_000 }).map((n) => (n / 100).toFixed(2))
  const positive = fc.integer({ min: 1, max: 100_000 }).map((n) => (n / 100).toFixed(2))
  const world = fc.record({
    campaigns: fc.array(
      fc.record({
        department: word,
        parent: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
        tier: fc.constantFrom('growth', undefined),
        budget: fc.option(positive, { nil: undefined }),
        start: fc.option(day, { nil: undefined }),
        end: fc.option(day, { nil: undefined }),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    costs: fc.array(
      fc.record({
        date: day,
        amount: amounts,
        campaign: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
        state: fc.constantFrom('actual', 'paid', 'planned', 'committed'),
      }),
      { maxLength: 12 },
    ),
    budgets: fc.array(
      fc.record({
        amount: positive,
        period: fc.constantFrom('2026', '2026-Q1', '2026-02', '2026-01-15..2026-03-10'),
        department: word,
        tier: fc.constantFrom('growth', undefined),
        campaign: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
      }),
      { maxLength: 5 },
    ),
  })
  const defined = (fields: object) =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  await fc.assert(
    fc.asyncProperty(world, async ({ campaigns, costs, budgets: list }) => {
      const records = [
        ...campaigns.map(({ department, parent, tier, budget, start, end }, i) =>
          campaign(
            `K${i}`,
            defined({
              department,
              tier,
              parentId: parent === undefined ? undefined : `K${parent}`,
              budget: budget && cny(budget),
              startDate: start,
              endDate: end,
            }),
          ),
        ),
        ...costs.map(({ date, amount, campaign: of, state }, i) =>
          cost(`F${i}`, date, amount, defined({ state, campaignId: of === undefined ? undefined : `K${of}` })),
        ),
      ]
      const entries = list.map(({ campaign: of, ...fields }, i) => ({
        id: `bud_${i}`,
        ...defined({
          ...fields,
          campaign: of === undefined || of >= campaigns.length ? undefined : { source: 'test', id: `K${of}` },
        }),
      })) as unknown as Entry[]
      const { slices, budgets } = await desk('duckdb', records)
      // Every day that anything has.
      const all = await slices(entries, '2024-01-01', '2028-01-01', { cut: 'quarter' })
      expect(all.ok).toBe(true)
      const cents = (text: string) => BigInt(text.replace('.', ''))
      const sum = (of: readonly string[]) => of.reduce((total, text) => total + cents(text), 0n)
      const spent = costs.filter(({ state }) => state === 'actual' || state === 'paid')
      expect(cents(all.total.actual)).toBe(sum(spent.map(({ amount }) => amount)))
      expect(sum(all.rows.map(({ actual }) => actual))).toBe(cents(all.total.actual))
      const { rows, total } = await budgets(entries, '2026-02-15')
      expect(cents(all.total.budget)).toBe(
        sum(rows.filter(({ within }) => within === null).map(({ amount }) => amount!)),
      )
      expect(all.total.budget).toBe(total.amount)
      const covering = rows.filter(({ id }) => id.startsWith('bud_'))
      for (const line of covering) {
        const {
          department,
          tier,
          campaign: of,
        } = entries.find(({ id }) => id === line.id)! as {
          department?: string
          tier?: string
          campaign?: { id: string }
        }
        let actual = 0n
        for (const { date, amount, campaign: spentOn } of spent) {
          if (date < line.from! || date >= line.to!) continue
          const own = spentOn === undefined ? undefined : campaigns[spentOn]
          if (department && own?.department !== department) continue
          if (of && !above(spentOn).includes(Number(of.id.slice(1)))) continue
          const placed = department !== undefined || of !== undefined
          if (tier && own?.tier !== tier && !(placed && own?.tier === undefined)) continue
          actual += cents(amount)
        }
        expect([line.id, cents(line.actual)]).toEqual([line.id, actual])
      }

      function above(start: number | undefined): number[] {
        const seen: number[] = []
        for (let at = start; at !== undefined && campaigns[at] && !seen.includes(at); at = campaigns[at]!.parent)
          seen.push(at)
        return seen
      }
    }),
    { numRuns: 20 },
  )
})

/** A line of some days with shares for parts of them, entered for the same names. */
const lines = fc
  .record({
    length: fc.integer({ min: 1, max: 200 }),
    minor: fc.bigInt({ min: 0n, max: 10n ** 12n }),
    parts: fc.array(
      fc.record({
        at: fc.nat(199),
        length: fc.integer({ min: 1, max: 60 }),
        minor: fc.bigInt({ min: 0n, max: 10n ** 11n }),
      }),
      { maxLength: 5 },
    ),
  })
  .map(({ length, minor, parts }): Line => {
    const whole = line('2026-01-01', addDays('2026-01-01', length), minor)
    for (const part of parts) {
      const from = Math.min(part.at, length - 1)
      const to = Math.min(from + part.length, length)
      whole.parts.push(line(addDays('2026-01-01', from), addDays('2026-01-01', to), part.minor))
    }
    return whole
  })

function line(from: string, to: string, minor: bigint): Line {
  const names = { campaign: null, lost: null, department: null, project: null, channel: null, tier: null, class: null }
  return {
    id: 'bud',
    kind: 'entered',
    days: { from, to },
    own: { minor, currency: 'CNY' },
    minor,
    ...names,
    entry: null,
    within: null,
    parts: [],
  }
}

test('a plan begins at 0, never goes back, and is what a loop over the days adds up to', () => {
  fc.assert(
    fc.property(lines, (whole) => {
      const { plan, by } = planOf(whole)!
      const { from, to } = whole.days as { from: string; to: string }
      const parts = whole.parts.map(({ days, minor }) => ({ from: days.from!, to: days.to!, minor: Number(minor) }))
      const given = parts.reduce((sum, { minor }) => sum + minor, 0)
      const days = Array.from({ length: daysBetween(from, to) }, (_, i) => addDays(from, i))
      const free = days.filter((day) => !parts.some((part) => day >= part.from && day < part.to))
      const left = free.length > 0 ? Math.max(Number(whole.minor) - given, 0) : 0
      let sum = 0
      expect([plan.of, plan.at(0)]).toEqual([days.length, 0n])
      for (const [i, day] of days.entries()) {
        for (const part of parts)
          if (day >= part.from && day < part.to) sum += part.minor / daysBetween(part.from, part.to)
        if (free.includes(day)) sum += left / free.length
        const planned = plan.at(i + 1)
        expect(planned >= plan.at(i)).toBe(true)
        // Each share is cut down to whole minor units.
        if (by === 'budgets') expect(Math.abs(Number(planned) - sum)).toBeLessThanOrEqual(parts.length + 1.001)
        else expect(planned).toBe(BigInt(i + 1))
      }
    }),
    { numRuns: 60 },
  )
})

test('what a budget leaves is spread over its days to the last minor unit, wherever it is cut', () => {
  const cuts = fc.uniqueArray(fc.integer({ min: -50, max: 300 }), { maxLength: 8 })
  fc.assert(
    fc.property(lines, cuts, (whole, at) => {
      const days = at.sort((a, b) => a - b).map((n) => addDays('2026-01-01', n))
      const parts = spreadRest(whole, days, '2026-01-01')
      expect(parts).toHaveLength(days.length + 1)
      expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(restOf(whole))
      const { from, to } = whole.days as { from: string; to: string }
      for (const [i, minor] of parts.entries()) {
        const [begin, end] = [days[i - 1] ?? '0001-01-01', days[i] ?? '9999-01-01']
        if (end <= from || begin >= to) expect(minor).toBe(0n)
      }
    }),
  )
})
