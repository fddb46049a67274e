import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Alerts, BudgetLine, BudgetSlices, Budgets } from '../src/api/budgets.ts'
import { CampaignRecord } from '../src/api/campaigns.ts'
import { CostHistory, CostRow, SharedCosts } from '../src/api/costs.ts'
import { run as runCommand } from './cli-process.ts'
import { openProfile } from './support/databases.ts'

/** The commands about things entered by hand, as people type them. */

let profile: Awaited<ReturnType<typeof openProfile>>
beforeAll(async () => {
  profile = await openProfile('duckdb')
})
afterAll(() => profile.remove())

const run = (...args: string[]) => runCommand(args, profile.environment)
const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).out)

test('a campaign, its cost, a budget that it uses up, the alert, and the trail', async () => {
  const year = String(new Date().getUTCFullYear())
  const campaign = await json(
    'campaigns',
    'add',
    'K1',
    '--name',
    'Spring fair',
    '--paid',
    'yes',
    '--target-leads',
    '200',
  )
  expect(CampaignRecord.parse(campaign).campaign).toMatchObject({ name: 'Spring fair', paid: true })
  const budget = BudgetLine.parse(
    await json('budgets', 'add', '--amount', '50000', '--period', year, '--campaign', 'K1'),
  )
  const cost = ['--date', `${year}-01-01`, '--amount', '48500', '--category', 'event', '--campaign', 'K1']
  const row = CostRow.parse(await json('costs', 'add', ...cost, '--state', 'planned'))
  const edited = await run('costs', 'edit', row.id, '--state', 'paid', '--vendor', 'Hall AG', '--locale', 'en')
  expect(edited).toMatchObject({ code: 0, err: '' })
  expect(edited.out).toMatch(/48,500\.00 +CNY +event +paid +Spring fair/)
  const { trail } = CostHistory.parse(await json('costs', 'history', row.id))
  expect(trail.map(({ by, action }) => [by, action])).toEqual([
    ['command_line', 'added'],
    ['command_line', 'changed'],
  ])
  // The command that changed it looked at the budgets before it ended.
  const alerts = Alerts.parse(await json('alerts', '--ended'))
  expect(alerts.rows.filter(({ rule }) => rule === 'use_80')).toHaveLength(1)
  const { rows } = Budgets.parse(await json('budgets'))
  expect(rows).toMatchObject([{ id: budget.id, use: 97, campaign: { id: 'K1' } }])
  await run('recompute', '--all')
  expect(Alerts.parse(await json('alerts', '--ended')).rows).toHaveLength(alerts.rows.length)
}, 60_000)

test('tables for people in both languages, JSON with a schema, and refusals that name the remedy', async () => {
  const rules = join(profile.folder, 'rules.json')
  await writeFile(rules, JSON.stringify([{ id: 'half', by: 'even', targets: ['a', 'b'] }]))
  await run('costs', 'add', '--date', '2026-03-02', '--amount=-5.01', '--category', 'tools', '--campaign', 'shared')
  const [chinese, english, preview, slices, checklist, bad, action, unknown] = [
    await run('costs', '--locale', 'zh-CN'),
    await run('campaigns', 'show', 'K1', '--locale', 'en'),
    await json('costs', 'preview', `@${rules}`),
    await json('budgets', 'slices', '--from', '2026-01-01', '--to', '2027-01-01', '--by', 'project'),
    await run('costs', 'checklist', '--from', '2026-03-01', '--to', '2026-04-01', '--locale', 'en'),
    await run('budgets', 'add', '--amount', '1.234', '--period', '2026', '--locale', 'en'),
    await run('costs', 'dance', '--locale', 'en'),
    await run(
      'costs',
      'add',
      '--date',
      '2026-03-02',
      '--amount',
      '5',
      '--category',
      'ads',
      '--campaign',
      'K2',
      '--locale',
      'en',
    ),
  ]
  expect(chinese.out).toMatch(/（共摊）/)
  expect(english.out).toMatch(/Spring fair \(manual\/K1\)/)
  expect(english.out).toMatch(/name +Spring fair/)
  expect(SharedCosts.parse(preview).rows[0]!.parts.map(({ amount }) => amount)).toEqual(['-2.50', '-2.51'])
  expect(BudgetSlices.parse(slices).ok).toBe(true)
  expect(checklist.out).toMatch(/salary \(Salaries\) +0 +MISSING +Whose working time/)
  expect(bad).toMatchObject({ code: 2, out: '' })
  expect(bad.err).toMatch(/not possible for amount.*Allowed: a decimal amount/)
  expect(action).toMatchObject({ code: 2 })
  expect(action.err).toMatch(/costs does not know "dance".*Actions: list, add, edit/)
  expect(unknown.err).toMatch(/no campaign with the id "K2"\. Did you mean K1\?/)
}, 60_000)
