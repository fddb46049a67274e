import { describe, expect, test } from 'vitest'
import { LOCALES } from '../src/errors.ts'
import { HIDDEN_CATEGORIES } from '../src/metrics/budget/checklist.ts'
import { localDay } from '../src/model/period.ts'
import { actingAs } from '../src/state/actor.ts'
import { type Desk, openDesk, refusal } from './costs-kit.ts'
import { importTexts } from './import-kit.ts'
import { ENGINES } from './support/databases.ts'

/** The cost ledger (F23), costs that are easily forgotten (F24), and costs that nobody owns (F25). */

const FILES = {
  'campaigns.csv':
    'campaign_id,name,channel,parent_id\nTOP,All fairs,expo,\nK1,Spring fair,expo,TOP\nK2,Search,baidu_ads,\n',
  'costs.csv': [
    'cost_id,date,amount,category,campaign_id,channel,state,vendor',
    'F1,2026-03-05,1000.10,ads,K2,,actual,Baidu',
    'F2,2026-03-06,200.20,ads,,wechat,paid,',
    'F3,2026-03-31,300,tools,,,planned,',
    'F4,2026-04-01,-50,ads,K2,,actual,',
  ].join('\n'),
}

async function open(engine: (typeof ENGINES)[number]): Promise<Desk> {
  const desk = await openDesk(engine)
  await importTexts(desk, FILES)
  return desk
}

const idsOf = async (desk: Desk, ask: object) => (await desk.run('costs', ask)).rows.map(({ id }) => id)
const march = { from: '2026-03-01', to: '2026-04-01' }
const fair = { date: '2026-03-10', amount: '700', category: 'event', campaign: 'K1' }

describe.each(ENGINES)('the ledger on %s', (engine) => {
  test('rows by period, campaign, channel, category, state and source; sums over all pages', async () => {
    const desk = await open(engine)
    const { id } = await desk.run('add_cost', { ...fair, state: 'committed', vendor: 'Hall AG', note: 'stand' })
    const all = await desk.run('costs')
    expect(all.rows.map((row) => row.id)).toEqual(['F4', 'F3', id, 'F2', 'F1'])
    expect(all.sums).toEqual({
      planned: '300.00',
      committed: '700.00',
      actual: '950.10',
      paid: '200.20',
      cost: '1150.30',
    })
    expect(all.rows[2]).toMatchObject({ vendor: 'Hall AG', note: 'stand', state: 'committed' })
    expect(await idsOf(desk, march)).toEqual(['F3', id, 'F2', 'F1'])
    expect(await idsOf(desk, { campaign: 'K2' })).toEqual(['F4', 'F1'])
    expect(await idsOf(desk, { campaign: 'TOP' })).toEqual([])
    expect(await idsOf(desk, { campaign: 'TOP', below: true })).toEqual([id])
    expect(await idsOf(desk, { channel: 'baidu_ads' })).toEqual(['F4', 'F1'])
    expect(await idsOf(desk, { channel: '(shared)' })).toEqual(['F3'])
    expect(await idsOf(desk, { category: 'ADS', state: 'paid' })).toEqual(['F2'])
    expect(await idsOf(desk, { source: 'manual' })).toEqual([id])
    const first = await desk.run('costs', { limit: 2 })
    expect(first).toMatchObject({ count: 5, next: 2, sums: all.sums })
    const last = await desk.run('costs', { limit: 2, offset: 4 })
    expect(last).toMatchObject({ next: null, rows: [{ id: 'F1' }], sums: all.sums })
    expect(await refusal(desk.run('costs', { campaign: 'K' }))).toBe('unknown_campaign')
  })

  test('every change leaves a trail: what was, what is, who, when and why; a removed row stays in it', async () => {
    const desk = await open(engine)
    const { id } = await desk.run('add_cost', { ...fair, state: 'planned' })
    await desk.run('edit_cost', { id, state: 'paid' })
    expect(await refusal(desk.run('edit_cost', { id, state: 'actual' }))).toBe('reason_needed')
    await desk.run('edit_cost', { id, state: 'committed', amount: '750', note: 'x', reason: 'invoice was withdrawn' })
    await desk.run('edit_cost', { id, note: null, campaign: 'shared' })
    expect(await refusal(desk.run('edit_cost', { id, amount: '750' }))).toBe('nothing_to_change')
    expect(await refusal(desk.run('remove_cost', { id }))).toBe('reason_needed')
    const { services } = desk
    await actingAs('command_line', () => services.remove_cost({ id, reason: 'the fair is off' }, undefined as never))
    const { trail, row, known } = await desk.run('cost_history', { id })
    expect([row, known]).toEqual([null, 'all'])
    expect(trail.map(({ action, by, reason, changes }) => [action, by, reason, changes])).toEqual([
      [
        'added',
        'user:li',
        null,
        [
          { field: 'date', before: null, after: '2026-03-10' },
          { field: 'amount', before: null, after: '700' },
          { field: 'currency', before: null, after: 'CNY' },
          { field: 'category', before: null, after: 'event' },
          { field: 'state', before: null, after: 'planned' },
          { field: 'campaign', before: null, after: 'files/K1' },
        ],
      ],
      ['changed', 'user:li', null, [{ field: 'state', before: 'planned', after: 'paid' }]],
      [
        'changed',
        'user:li',
        'invoice was withdrawn',
        [
          { field: 'amount', before: '700', after: '750' },
          { field: 'state', before: 'paid', after: 'committed' },
          { field: 'note', before: null, after: 'x' },
        ],
      ],
      [
        'changed',
        'user:li',
        null,
        [
          { field: 'campaign', before: 'files/K1', after: null },
          { field: 'note', before: 'x', after: null },
        ],
      ],
      [
        'removed',
        'command_line',
        'the fair is off',
        expect.arrayContaining([{ field: 'amount', before: '750', after: null }]),
      ],
    ])
    expect(await refusal(desk.run('edit_cost', { id, amount: '1' }))).toBe('unknown_cost')
    expect(await refusal(desk.run('cost_history', { id: 'cst_none' }))).toBe('unknown_cost')
  })

  test('rows of files are not edited here; their trail is what the kept files tell', async () => {
    const desk = await open(engine)
    for (const name of ['edit_cost', 'remove_cost'] as const) {
      expect(await refusal(desk.run(name, { id: 'F1', amount: '1', reason: 'wish' }))).toBe('not_by_hand')
    }
    await importTexts(desk, { 'costs.csv': FILES['costs.csv'].replace('1000.10', '1100.10') })
    const undone = await importTexts(desk, { 'costs.csv': FILES['costs.csv'].replace('1000.10', '9') })
    await desk.run('undo', { id: undone.id })
    await importTexts(desk, {
      'costs.csv': FILES['costs.csv'].replace('1000.10,ads,K2,,actual', '1100.10,ads,K2,,paid'),
    })
    const { row, trail, known } = await desk.run('cost_history', { id: 'F1' })
    expect(row).toMatchObject({ amount: '1100.10', state: 'paid', editable: false, source: 'files' })
    expect(known).toBe('imports')
    expect(trail.map(({ action, changes }) => [action, changes.length])).toEqual([
      ['imported', 7],
      ['changed', 1],
      ['changed', 1],
    ])
    expect(trail[1]!.changes).toEqual([{ field: 'amount', before: '1000.10', after: '1100.10' }])
    expect(trail[2]!.changes).toEqual([{ field: 'state', before: 'actual', after: 'paid' }])
    const imports = await desk.env.state.imports(desk.workspace.tenant)
    expect(trail.map((one) => one.import)).toEqual([imports[0]!.id, imports[1]!.id, imports[3]!.id])
  })

  test('the checklist names what has no row in the period, until a person says that there is none', async () => {
    const desk = await open(engine)
    const missing = async (ask: object = march) => {
      const { items } = await desk.run('cost_checklist', ask)
      return items.filter(({ state }) => state === 'missing').map(({ category }) => category)
    }
    expect(await missing()).toEqual(['salary', 'travel', 'training', 'service', 'design', 'gifts'])
    await desk.run('add_cost', { ...fair, category: 'salary', campaign: 'shared', state: 'planned' })
    expect(await refusal(desk.run('dismiss_cost', { ...march, category: 'gifts' }))).toBe('reason_needed')
    expect(await refusal(desk.run('dismiss_cost', { ...march, category: 'ads', reason: 'x' }))).toBe('bad_entry')
    await desk.run('dismiss_cost', { ...march, category: 'gifts', reason: 'none given' })
    const list = await desk.run('cost_checklist', march)
    expect(list.items.find(({ category }) => category === 'gifts')).toMatchObject({
      state: 'dismissed',
      dismissed: { by: 'user:li', reason: 'none given' },
    })
    expect(list.missing).toBe(4)
    // Of another period nothing was said.
    expect(await missing({ from: '2026-04-01', to: '2026-05-01' })).toContain('gifts')
    await desk.run('recall_cost', { ...march, category: 'gifts' })
    expect(await missing()).toEqual(['travel', 'training', 'service', 'design', 'gifts'])
    for (const locale of LOCALES) {
      const { items } = await desk.run('cost_checklist', { ...march, locale })
      expect(items.map(({ category }) => category)).toEqual(HIDDEN_CATEGORIES)
      for (const { question } of items) expect(question.length).toBeGreaterThan(10)
    }
    const today = localDay('UTC', Date.now())
    const last = await desk.run('cost_checklist')
    expect([last.to, last.from.slice(8)]).toEqual([`${today.slice(0, 7)}-01`, '01'])
  })

  test('shared costs show rule, date and parts that add up; a preview does the same and saves nothing', async () => {
    const desk = await open(engine)
    const { id } = await desk.run('add_cost', { ...fair, amount: '100.01', category: 'salary', campaign: 'shared' })
    const rules = [
      { id: 'people', categories: ['salary'], by: 'even', targets: ['expo', 'wechat', 'baidu_ads'] },
      { id: 'rest', by: 'manual', weights: { wechat: 2, expo: 1 } },
    ]
    const before = await desk.run('shared_costs')
    expect(before).toMatchObject({ count: 2, sums: { shared_out: '0.00', left: '400.01' }, rules: [] })
    const preview = await desk.run('preview_shared_costs', { rules })
    const cost = preview.rows.find((row) => row.id === id)!
    expect(cost).toMatchObject({ rule: 'people', date: '2026-03-10', amount: '100.01' })
    expect(cost.parts.map(({ channel, amount }) => [channel, amount]).sort()).toEqual([
      ['baidu_ads', '33.33'],
      ['expo', '33.34'],
      ['wechat', '33.34'],
    ])
    expect(preview.rows.find((row) => row.id === 'F3')).toMatchObject({
      rule: 'rest',
      parts: [{ amount: '200.00' }, { amount: '100.00' }],
    })
    expect(preview.sums).toEqual({ shared_out: '400.01', left: '0.00' })
    expect(preview.rules.map(({ id, costs, amount }) => [id, costs, amount])).toEqual([
      ['people', 1, '100.01'],
      ['rest', 1, '300.00'],
    ])
    expect(await desk.run('shared_costs')).toEqual(before)
    await desk.run('set', { key: 'shared_cost_rules', value: rules })
    expect(await desk.run('shared_costs')).toEqual(preview)
    expect(await refusal(desk.run('preview_shared_costs', { rules: [{ id: 'x', by: 'luck' }] }))).toBe('bad_setting')
  })
})
