import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Connection } from '../src/state/state.ts'
import { forgetConnection } from '../src/sync/disconnect.ts'
import { pullManual } from '../src/sync/manual.ts'
import { finishInterrupted, rebuild } from '../src/sync/rebuild.ts'
import { commandsOf, openDesk, refusal } from './costs-kit.ts'
import { importTexts } from './import-kit.ts'
import { ENGINES } from './support/databases.ts'
import { load } from './support/store.ts'

/** What people enter reaches the figures by the source `manual`, and nothing but people takes it away again. */

const CAMPAIGNS = `campaign_id,name,channel,type,tier,budget,currency,owner,department,start_date,end_date
K1,Spring expo,expo,fair,growth,50000,CNY,Wang,East,2026-03-01,2026-03-31
K2,Search,baidu_ads,,,,,,,,
`
const COSTS = 'cost_id,date,amount,category,campaign_id,state\nF1,2026-03-05,1000,ads,K2,actual\n'

describe.each(ENGINES)('entered by hand on %s', (engine) => {
  const open = async () => {
    const desk = await openDesk(engine)
    await importTexts(desk, { 'campaigns.csv': CAMPAIGNS, 'costs.csv': COSTS })
    return desk
  }
  const cost = { date: '2026-03-10', amount: '48500', category: 'event', campaign: 'K1' }

  test('a cost counts like any other: of its campaign, in the report, after an edit and after it is removed', async () => {
    const desk = await open()
    const row = await desk.run('add_cost', cost)
    expect(row).toMatchObject({
      source: 'manual',
      editable: true,
      amount: '48500.00',
      converted: '48500.00',
      state: 'actual',
      shared: false,
      channel: 'expo',
      campaign: { source: 'files', id: 'K1', name: 'Spring expo' },
    })
    const spent = async () => {
      const { rows } = await desk.run('report', { by: 'campaign' })
      return Object.fromEntries(rows.map(({ key, cost }) => [key, cost]))
    }
    expect(await spent()).toEqual({ K1: '48500.00', K2: '1000.00' })
    await desk.run('edit_cost', { id: row.id, amount: '50000.50' })
    expect(await spent()).toEqual({ K1: '50000.50', K2: '1000.00' })
    await desk.run('remove_cost', { id: row.id, reason: 'entered twice' })
    expect(await spent()).toEqual({ K2: '1000.00' })
  })

  test('facts that are new, damaged or rebuilt get all of it again', async () => {
    const desk = await open()
    const kept = await desk.run('add_cost', cost)
    const gone = await desk.run('add_cost', { ...cost, amount: '1' })
    await desk.run('remove_cost', { id: gone.id, reason: 'a test' })
    await desk.run('set_campaign', { id: 'K1', budget: '60000', owner: 'Chen' })
    await desk.run('set_rate', { date: '2026-01-01', from: 'USD', to: 'CNY', rate: '7.1' })
    const before = [await desk.run('costs'), await desk.run('campaigns'), await desk.run('rates')]
    const { database } = desk.env
    await rebuild(desk.env, desk.workspace)
    expect([await desk.run('costs'), await desk.run('campaigns'), await desk.run('rates')]).toEqual(before)
    await database.write(async (tx) => {
      for (const table of ['cost', 'rate', 'campaign_fix', 'sync_cursor', 'spend', 'fx'])
        await tx.run(`DELETE FROM ${table}`)
    })
    await rebuild(desk.env, desk.workspace)
    await pullManual(desk.env, desk.workspace)
    expect([await desk.run('costs'), await desk.run('campaigns'), await desk.run('rates')]).toEqual(before)
    expect(before[0]).toMatchObject({ count: 2, rows: [{ id: kept.id }, { id: 'F1' }] })
    expect(await pullManual(desk.env, desk.workspace)).toBe(0)
  })

  test('a start takes over what a kill left behind; what other sources lose stays with people', async () => {
    const desk = await open()
    const { database, state } = desk.env
    const { tenant } = desk.workspace
    await load(database, tenant, [{ type: 'campaign', id: 'CRM1', name: 'From the CRM' }], 'crm')
    const value = { date: '2026-03-01', amount: '5', currency: 'CNY', category: 'gifts', state: 'paid' }
    const { id } = await state.addManual(tenant, 'cost', { ...value, campaign: { source: 'crm', id: 'CRM1' } })
    expect((await desk.run('costs', { category: 'gifts' })).count).toBe(0)
    await finishInterrupted(desk.env)
    const named = (name: string | null) => [{ id, campaign: { source: 'crm', id: 'CRM1', name } }]
    expect((await desk.run('costs', { category: 'gifts' })).rows).toMatchObject(named('From the CRM'))
    const connection = { id: 'con_1', source: 'crm' } as Connection
    expect(await forgetConnection(database, desk.workspace, connection, true)).toBe(1)
    expect((await desk.run('costs', { category: 'gifts' })).rows).toMatchObject(named(null))
  })

  test('a state store restored from an older copy takes with it what it does not know', async () => {
    const desk = await open()
    await desk.run('add_cost', cost)
    const other = await openDesk(engine)
    const mixed = { ...desk, env: { ...desk.env, state: other.env.state } }
    await pullManual(mixed.env, desk.workspace)
    expect((await commandsOf(mixed).run('costs')).rows.map(({ id }) => id)).toEqual(['F1'])
  })

  test('only the fields a person filled win, also over a later import, and they show who and when', async () => {
    const desk = await open()
    const set = await desk.run('set_campaign', {
      id: 'K1',
      budget: '60000',
      owner: 'Chen',
      target_leads: 200,
      brand: true,
    })
    expect(set.campaign).toMatchObject({
      type: 'fair',
      tier: 'growth',
      department: 'East',
      owner: 'Chen',
      brand: true,
      own: { budget: '60000.00', currency: 'CNY' },
      filled: ['brand', 'budget', 'currency', 'target_leads', 'owner'],
    })
    const later = CAMPAIGNS.replace('50000,CNY,Wang,East', '55000,CNY,Zhao,West')
    await importTexts(desk, { 'campaigns.csv': later })
    const after = await desk.run('campaign', { id: 'K1' })
    expect(after.campaign).toMatchObject({ owner: 'Chen', department: 'West', own: { budget: '60000.00' } })
    expect(after.fields.find(({ field }) => field === 'owner')).toMatchObject({
      value: 'Chen',
      source_value: 'Zhao',
      by: 'user:li',
    })
    expect(after.fields.find(({ field }) => field === 'budget')).toMatchObject({
      value: '60000',
      source_value: '55000.00',
    })
    await desk.run('set_campaign', { id: 'K1', owner: null })
    expect((await desk.run('campaign', { id: 'K1' })).campaign).toMatchObject({ owner: 'Zhao', brand: true })
    await desk.run('remove_campaign', { id: 'K1', reason: 'the source is right' })
    const back = await desk.run('campaign', { id: 'K1' })
    expect(back.campaign).toMatchObject({ owner: 'Zhao', brand: null, own: { budget: '55000.00' }, filled: [] })
    expect(back.trail.map(({ action }) => action)).toEqual(['added', 'changed', 'removed'])
  })

  test('what people say stays for a campaign that is gone and comes back', async () => {
    const desk = await open()
    await desk.run('set_campaign', { id: 'K1', owner: 'Chen' })
    const only = CAMPAIGNS.split('\n')
      .filter((line) => !line.startsWith('K1'))
      .join('\n')
    const [first] = await desk.env.state.imports(desk.workspace.tenant)
    await importTexts(desk, { 'campaigns.csv': only })
    await desk.run('undo', { id: first!.id })
    expect(await refusal(desk.run('campaign', { id: 'K1' }))).toBe('unknown_campaign')
    await importTexts(desk, { 'campaigns.csv': CAMPAIGNS })
    expect((await desk.run('campaign', { id: 'K1' })).campaign).toMatchObject({ owner: 'Chen', type: 'fair' })
  })

  test('a campaign of people: made, changed, the parent of another source’s, and gone', async () => {
    const desk = await open()
    const ask = { id: 'UMB', name: 'Umbrella', type: 'brand', budget: '10', currency: 'usd', project: 'Launch' }
    const made = await desk.run('add_campaign', ask)
    expect(made.campaign).toMatchObject({
      source: 'manual',
      id: 'UMB',
      type: 'brand',
      project: 'Launch',
      own: { currency: 'USD' },
    })
    await desk.run('set_campaign', { id: 'K1', parent: 'UMB' })
    const { campaign, children } = await desk.run('campaign', { id: 'UMB' })
    expect(campaign.children).toBe(1)
    expect(children).toMatchObject([{ id: 'K1', parent: { id: 'UMB' }, project: 'Launch', problem: null }])
    expect(await refusal(desk.run('add_campaign', ask))).toBe('campaign_exists')
    expect(await refusal(desk.run('set_campaign', { id: 'UMB', parent: 'K1' }))).toBe('campaign_cycle')
    expect(await refusal(desk.run('set_campaign', { id: 'K1', parent: 'K1' }))).toBe('campaign_cycle')
    expect(await refusal(desk.run('set_campaign', { id: 'K1', parent: 'nowhere' }))).toBe('unknown_campaign')
    await desk.run('remove_campaign', { id: 'UMB', reason: 'not wanted' })
    expect((await desk.run('campaign', { id: 'K1' })).campaign).toMatchObject({
      parent: null,
      problem: 'unknown_parent',
    })
  })

  test('a rate converts costs of its day and later; without one they are left out and said', async () => {
    const desk = await open()
    const row = await desk.run('add_cost', { ...cost, amount: '100', currency: 'usd' })
    expect(row).toMatchObject({ currency: 'USD', converted: null })
    expect(await desk.run('costs', { campaign: 'K1' })).toMatchObject({ sums: { cost: '0.00' }, fx_missing: 1 })
    await desk.run('set_rate', { date: '2026-03-10', from: 'USD', to: 'CNY', rate: '7.25' })
    expect(await desk.run('costs', { campaign: 'K1' })).toMatchObject({ sums: { cost: '725.00' }, fx_missing: 0 })
    expect((await desk.run('report', { by: 'campaign' })).total.cost).toBe('1725.00')
    await desk.run('set_rate', { date: '2026-03-10', from: 'USD', to: 'CNY', rate: '7' })
    expect((await desk.run('report', { by: 'campaign' })).total.cost).toBe('1700.00')
    expect(await desk.run('rates')).toMatchObject({ count: 1, rows: [{ rate: '7', editable: true }] })
    await desk.run('remove_rate', { date: '2026-03-10', from: 'USD', to: 'CNY', reason: 'wrong day' })
    expect((await desk.run('report', { by: 'campaign' })).total.cost).toBe('1000.00')
  })

  test('what is not possible is refused before it is saved, field and remedy named', async () => {
    const desk = await open()
    const before = await desk.env.state.lastManual(desk.workspace.tenant)
    const refusals: [string, () => Promise<unknown>][] = [
      ['bad_entry', () => desk.run('add_cost', { ...cost, amount: '12.345' })],
      ['bad_entry', () => desk.run('add_cost', { ...cost, amount: '1e5' })],
      ['bad_entry', () => desk.run('add_cost', { ...cost, amount: '99999999999999999' })],
      ['bad_entry', () => desk.run('add_cost', { ...cost, date: '2026-02-30' })],
      ['bad_entry', () => desk.run('add_cost', { ...cost, currency: 'XXQ' })],
      ['bad_entry', () => desk.run('add_cost', { ...cost, state: 'done' })],
      ['bad_entry', () => desk.run('add_cost', { ...cost, category: 'salery' })],
      ['bad_entry', () => desk.run('add_cost', { ...cost, note: 'a\u0000b' })],
      ['unknown_campaign', () => desk.run('add_cost', { ...cost, campaign: 'K9' })],
      ['place_needed', () => desk.run('add_cost', { ...cost, campaign: undefined })],
      ['bad_entry', () => desk.run('set_campaign', { id: 'K1', tier: 'huge' })],
      ['bad_entry', () => desk.run('set_campaign', { id: 'K1', start_date: '2026-05-01', end_date: '2026-04-01' })],
      ['two_currencies', () => desk.run('set_campaign', { id: 'K1', target_revenue: '5', currency: 'USD' })],
      ['field_of_source', () => desk.run('set_campaign', { id: 'K1', name: 'Other' })],
      ['bad_entry', () => desk.run('set_rate', { date: '2026-01-01', from: 'CNY', to: 'CNY', rate: '1' })],
      ['bad_entry', () => desk.run('set_rate', { date: '2026-01-01', from: 'USD', to: 'CNY', rate: '0.00' })],
    ]
    for (const [code, work] of refusals) expect(await refusal(work())).toBe(code)
    expect(await desk.env.state.lastManual(desk.workspace.tenant)).toBe(before)
  })
})

test('however entries change, the facts are those of the last ones', async () => {
  const desk = await openDesk('duckdb')
  const { env, workspace } = desk
  const edits = fc.array(
    fc.record({
      slot: fc.integer({ min: 0, max: 3 }),
      amount: fc.option(fc.integer({ min: -100_000, max: 100_000 }), { nil: null }),
      pull: fc.boolean(),
    }),
    { maxLength: 15 },
  )
  let round = 0
  await fc.assert(
    fc.asyncProperty(edits, async (list) => {
      round += 1
      const expected = new Map<string, string>()
      for (const { slot, amount, pull } of list) {
        const id = `cst_${round}_${slot}`
        const value =
          amount === null
            ? null
            : { date: '2026-01-01', amount: `${amount}`, currency: 'CNY', category: 'ads', state: 'actual' }
        await env.state.editManual(workspace.tenant, 'cost', id, () => value)
        if (amount === null) expected.delete(id)
        else expected.set(id, `${amount}.00`)
        if (pull) await pullManual(env, workspace)
      }
      await pullManual(env, workspace)
      const { rows } = await desk.run('costs', { limit: 500 })
      const mine = rows.filter(({ id }) => id.startsWith(`cst_${round}_`))
      expect(new Map(mine.map(({ id, amount }) => [id, amount]))).toEqual(expected)
      for (const { id } of mine) await env.state.editManual(workspace.tenant, 'cost', id, () => null)
    }),
    { numRuns: 15 },
  )
})
