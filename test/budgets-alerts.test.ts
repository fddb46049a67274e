import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Alerts } from '../src/api/budgets.ts'
import { LOCALES } from '../src/errors.ts'
import { settleBudgetAlerts, watchAlerts } from '../src/planning/alert-watch.ts'
import { actingAs } from '../src/state/actor.ts'
import type { Crossing } from '../src/state/alerts.ts'
import type { State } from '../src/state/state.ts'
import { type Desk, openDesk, refusal } from './costs-kit.ts'
import { ENGINES, type Engine, openStateAt, statePlace } from './support/databases.ts'

/** Alerts of budgets (F29): one per crossing, whatever is restarted, recomputed or looked at again. */

const noon = (day: string) => Date.parse(`${day}T12:00:00Z`)

async function open(engine: Engine) {
  const desk = await openDesk(engine)
  const spend = (date: string, amount: string) =>
    desk.run('add_cost', { date, amount, category: 'ads', campaign: 'shared' })
  const look = async (day: string) => {
    const workspace = (await desk.env.state.findWorkspace('main'))!
    return (await settleBudgetAlerts(desk.env, workspace, noon(day))).map(({ rule }) => rule).sort()
  }
  return { desk, spend, look }
}

const openRules = async ({ run }: Desk) => (await run('alerts')).rows.map(({ rule }) => rule).sort()

describe.each(ENGINES)('alerts on %s', (engine) => {
  test('80 % and 100 % of use, once each; a budget that is raised ends them, and a new crossing is a new one', async () => {
    const { desk, spend, look } = await open(engine)
    const { id } = await desk.run('add_budget', { amount: '1000', period: '2026-03' })
    await spend('2026-03-10', '799.99')
    expect(await look('2026-03-26')).toEqual([])
    await spend('2026-03-11', '0.01')
    expect(await look('2026-03-26')).toEqual(['use_80'])
    expect(await look('2026-03-26')).toEqual([])
    await desk.run('recompute', { all: true })
    expect(await look('2026-03-27')).toEqual([])
    await spend('2026-03-12', '300')
    expect(await look('2026-03-27')).toEqual(['pacing_high', 'use_100'])
    await desk.run('edit_budget', { id, amount: '1200', reason: 'raised' })
    expect(await look('2026-03-28')).toEqual([])
    expect(await openRules(desk)).toEqual(['use_80'])
    await desk.run('edit_budget', { id, amount: '2000' })
    expect(await look('2026-03-28')).toEqual(['pacing_low'])
    await spend('2026-03-13', '600')
    expect(await look('2026-03-28')).toEqual(['use_80'])
    const all = await desk.run('alerts', { ended: true })
    expect(all.rows.map(({ rule, ended_at }) => [rule, ended_at === null])).toEqual([
      ['use_80', true],
      ['pacing_low', false],
      ['pacing_high', false],
      ['use_100', false],
      ['use_80', false],
    ])
  })

  test('pacing speaks from a tenth of the days on, and not after the last', async () => {
    const { desk, spend, look } = await open(engine)
    await desk.run('add_budget', { amount: '1000', period: '2026-04' })
    await spend('2026-04-01', '500')
    expect(await look('2026-04-03')).toEqual([])
    expect(await look('2026-04-04')).toEqual(['pacing_high'])
    await desk.run('set', { key: 'thresholds', value: { pacing: { low: 0.1, high: 6, convention: 'ratio' } } })
    expect(await look('2026-04-05')).toEqual([])
    expect(await openRules(desk)).toEqual([])
    await desk.run('set', { key: 'thresholds', value: {} })
    expect(await look('2026-04-20')).toEqual(['pacing_low'])
    expect(await look('2026-05-01')).toEqual([])
    expect(await openRules(desk)).toEqual([])
    // Invoices come late: use is watched until a month after the end.
    await spend('2026-04-30', '600')
    expect(await look('2026-05-20')).toEqual(['use_100', 'use_80'])
    expect(await look('2026-06-02')).toEqual([])
    expect(await openRules(desk)).toEqual([])
  })

  test('a campaign’s own budget is watched too, and without an end only as long as money is spent', async () => {
    const { desk, look } = await open(engine)
    await desk.run('add_campaign', { id: 'K', name: 'Fair', budget: '100', start_date: '2026-03-01' })
    const add = (date: string) => desk.run('add_cost', { date, amount: '50', category: 'event', campaign: 'K' })
    await add('2026-03-01')
    expect(await look('2026-03-20')).toEqual([])
    await add('2026-03-02')
    expect(await look('2026-03-20')).toEqual(['use_100', 'use_80'])
    expect((await desk.run('alerts')).rows[0]!.budget).toEqual({ id: 'campaign/files/K', label: 'Fair' })
    expect(await look('2026-07-20')).toEqual([])
    expect(await openRules(desk)).toEqual([])
  })

  test('five at most come first, by money, the highest of a budget for the lower; a person acknowledges with a note', async () => {
    const { desk, spend, look } = await open(engine)
    for (const [i, amount] of ['100', '300', '200', '50', '400', '250'].entries()) {
      await desk.run('add_budget', { amount, period: '2026-03', channel: `c${i}` })
      await desk.run('add_cost', { date: '2026-03-01', amount: '1000', category: 'ads', channel: `c${i}` })
    }
    await spend('2026-03-01', '1')
    expect(await look('2026-04-10')).toHaveLength(12)
    const { top, rows } = Alerts.parse(await desk.run('alerts'))
    expect(rows).toHaveLength(12)
    expect(top.map(({ rule, money }) => [rule, money])).toEqual([
      ['use_100', '950.00'],
      ['use_100', '900.00'],
      ['use_100', '800.00'],
      ['use_100', '750.00'],
      ['use_100', '700.00'],
    ])
    const first = top[0]!
    const { services } = desk
    await actingAs('user:chen', () => services.acknowledge_alert({ id: first.id, note: 'agreed' }, undefined as never))
    await look('2026-04-11')
    const after = await desk.run('alerts')
    expect(after.top.map(({ id }) => id)).not.toContain(first.id)
    expect(after.rows.find(({ id }) => id === first.id)!.acknowledged).toMatchObject({
      by: 'user:chen',
      note: 'agreed',
    })
    expect(await refusal(desk.run('acknowledge_alert', { id: 'alr_none' }))).toBe('unknown_alert')
    const words = await Promise.all(LOCALES.map((locale) => desk.run('alerts', { locale })))
    expect(words.map(({ rows: [row] }) => row!.message)).toEqual([
      expect.stringMatching(/of the budget is used/),
      expect.stringMatching(/预算已使用/),
    ])
  })

  test('the watch looks after changes and at the beginning of a day, and a failure is only told', async () => {
    const { desk, spend } = await open(engine)
    const told: string[] = []
    const watch = watchAlerts({ ...desk.env, log: (message) => told.push(message) })
    onTestFinished(() => watch.close())
    const year = new Date().toISOString().slice(0, 4)
    await desk.run('add_budget', { amount: '10', period: year })
    await spend(`${year}-01-01`, '100')
    for (let i = 0; i < 5; i += 1) watch.look(desk.workspace.tenant)
    await watch.idle()
    expect((await openRules(desk)).filter((rule) => rule.startsWith('use'))).toEqual(['use_100', 'use_80'])
    const broken = watchAlerts({
      ...desk.env,
      state: { ...desk.env.state, manualEntries: () => Promise.reject(new Error('away')) },
      log: (message) => told.push(message),
    })
    broken.start()
    broken.look(desk.workspace.tenant)
    await broken.close()
    expect(told).toContain('budgets could not be watched')
  })
})

const RULES = ['use_80', 'use_100', 'pacing_high'] as const

/** What the alerts of a workspace should be: a plain list, gone through from the beginning. */
class Model {
  readonly alerts: { subject: string; rule: string; basis: string; endedOn: string | null }[] = []

  settle(day: string, crossings: readonly Crossing[]): number {
    let began = 0
    for (const alert of this.alerts) {
      const lasts = crossings.some(({ subject, rule }) => subject === alert.subject && rule === alert.rule)
      if (alert.endedOn === null && !lasts) alert.endedOn = day
    }
    for (const { subject, rule, basis } of crossings) {
      const mine = this.alerts.filter((one) => one.subject === subject && one.rule === rule)
      const lasting = mine.find(({ endedOn }) => endedOn === null)
      const back = mine.findLast((one) => one.endedOn === day && one.basis === basis)
      if (lasting) lasting.basis = basis
      else if (back) back.endedOn = null
      else {
        this.alerts.push({ subject, rule, basis, endedOn: null })
        began += 1
      }
    }
    return began
  }
}

test.each(ENGINES)('however often it is looked, and however often the program is restarted, on %s', async (engine) => {
  const crossing = fc.record({
    subject: fc.constantFrom('bud_1', 'bud_2'),
    rule: fc.constantFrom(...RULES),
    basis: fc.constantFrom('100', '200'),
  })
  const steps = fc.array(
    fc.record({
      crossings: fc.uniqueArray(crossing, { selector: ({ subject, rule }) => `${subject} ${rule}`, maxLength: 4 }),
      nextDay: fc.boolean(),
      restart: fc.boolean(),
      again: fc.boolean(),
    }),
    { minLength: 1, maxLength: 10 },
  )
  const place = await statePlace(engine)
  let state: State = await openStateAt(place)
  onTestFinished(() => state.close())
  let run = 0
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      run += 1
      const { tenant } = await state.openWorkspace(`w${run}`)
      const model = new Model()
      let day = 1
      for (const { crossings, nextDay, restart, again } of list) {
        if (nextDay) day += 1
        const today = `2026-01-${String(day).padStart(2, '0')}`
        const all = crossings.map((one): Crossing => ({ ...one, detail: {} }))
        expect(await state.settleAlerts(tenant, today, all)).toHaveLength(model.settle(today, all))
        if (restart) {
          await state.close()
          state = await openStateAt(place)
        }
        if (again) expect(await state.settleAlerts(tenant, today, all)).toEqual([])
      }
      const kept = (await state.alerts(tenant)).map(
        ({ subject, rule, endedAt }) => `${subject} ${rule} ${endedAt === null}`,
      )
      expect(kept.sort()).toEqual(
        model.alerts.map(({ subject, rule, endedOn }) => `${subject} ${rule} ${endedOn === null}`).sort(),
      )
    }),
    { numRuns: engine === 'duckdb' ? 25 : 8 },
  )
})
