import { describe, expect, test } from 'vitest'
import { AlertRow, Alerts, BudgetHistory, BudgetLine, BudgetShares, BudgetSlices, Budgets } from '../src/api/budgets.ts'
import { CampaignRecord, Campaigns } from '../src/api/campaigns.ts'
import { CostChecklist, CostHistory, CostRow, Costs, ExchangeRates, SharedCosts } from '../src/api/costs.ts'
import { settleBudgetAlerts } from '../src/planning/alert-watch.ts'
import { type Answer, type Client, openSite } from './sign-in-kit.ts'

/** Costs, campaigns, budgets and alerts over HTTP, as people of the roles that may enter them. */

async function open() {
  const site = await openSite()
  await site.addUser('li', 'finance')
  const li = site.client()
  await li.signIn('li')
  const ask = (client: Client) => (method: string, path: string, json?: unknown) =>
    client.ask(`/api/v1${path}`, { method, ...(method !== 'GET' && { json: json ?? {} }) })
  return { site, call: ask(li), ask }
}

const march = 'from=2026-03-01&to=2026-04-01'
const code = ({ status, body }: Answer) => [status, body.error.code]

describe('over HTTP', () => {
  test('a cost is entered, found, changed in the name of who is signed in, and removed', async () => {
    const { call } = await open()
    const made = await call('POST', '/campaigns', { id: 'K 1/ä', name: 'Fair', budget: '100' })
    expect(CampaignRecord.parse(made.body).campaign).toMatchObject({ id: 'K 1/ä', own: { currency: 'CNY' } })
    const cost = { date: '2026-03-02', amount: '80', category: 'event', campaign: 'K 1/ä' }
    const row = CostRow.parse((await call('POST', '/costs', cost)).body)
    expect(
      Costs.parse((await call('GET', `/costs?${march}&campaign=${encodeURIComponent('K 1/ä')}&below=true`)).body).count,
    ).toBe(1)
    expect(
      CostRow.parse((await call('PATCH', `/costs/${row.id}`, { amount: '90', reason: 'late invoice' })).body).amount,
    ).toBe('90.00')
    const history = CostHistory.parse((await call('GET', `/costs/${row.id}/history`)).body)
    expect(history.trail.map(({ by, reason }) => [by, reason])).toEqual([
      ['user:li', null],
      ['user:li', 'late invoice'],
    ])
    const shown = await call('GET', `/campaigns/${encodeURIComponent('K 1/ä')}`)
    expect(CampaignRecord.parse(shown.body).campaign.figures).toMatchObject({ actual: '90.00', use: 90 })
    expect(Campaigns.parse((await call('GET', '/campaigns?top=true&search=fair')).body).count).toBe(1)
    expect(code(await call('DELETE', `/costs/${row.id}`))).toEqual([400, 'reason_needed'])
    expect((await call('DELETE', `/costs/${row.id}?reason=twice`)).status).toBe(200)
    expect(code(await call('DELETE', `/costs/${row.id}?reason=twice`))).toEqual([404, 'unknown_cost'])
  })

  test('budgets, shares, slices, rates, checklist and rules', async () => {
    const { call } = await open()
    const line = BudgetLine.parse(
      (await call('POST', '/budgets', { amount: '100', period: '2026', tier: 'growth' })).body,
    )
    expect(
      BudgetLine.parse((await call('PATCH', `/budgets/${line.id}`, { amount: '120', tier: null })).body),
    ).toMatchObject({ amount: '120.00', tier: null })
    expect(Budgets.parse((await call('GET', '/budgets?ended=true')).body).rows).toHaveLength(1)
    expect(BudgetHistory.parse((await call('GET', `/budgets/${line.id}/history`)).body).trail).toHaveLength(2)
    expect(
      BudgetShares.parse((await call('GET', '/budgets/shares?from=2026-01-01&to=2027-01-01')).body).tier.without
        .planned,
    ).toBe('120.00')
    const slices = await call('GET', '/budgets/slices?from=2026-01-01&to=2027-01-01&cut=quarter&by=period,department')
    expect(BudgetSlices.parse(slices.body)).toMatchObject({
      by: ['period', 'department'],
      total: { budget: '120.00' },
      ok: true,
    })
    expect((await call('DELETE', `/budgets/${line.id}?reason=x`)).status).toBe(200)
    expect((await call('POST', '/rates', { date: '2026-01-01', from: 'usd', to: 'cny', rate: '7.1' })).status).toBe(200)
    expect(ExchangeRates.parse((await call('GET', '/rates?currency=usd')).body).rows[0]).toMatchObject({
      from: 'USD',
      rate: '7.1',
    })
    expect((await call('DELETE', '/rates', { date: '2026-01-01', from: 'usd', to: 'cny', reason: 'x' })).status).toBe(
      200,
    )
    expect(CostChecklist.parse((await call('GET', `/costs/checklist?${march}`)).body).missing).toBe(7)
    const none = { category: 'gifts', from: '2026-03-01', to: '2026-04-01', reason: 'none' }
    expect(CostChecklist.parse((await call('POST', '/costs/dismissals', none)).body).missing).toBe(6)
    expect(CostChecklist.parse((await call('DELETE', `/costs/dismissals?category=gifts&${march}`)).body).missing).toBe(
      7,
    )
    await call('POST', '/costs', { date: '2026-03-02', amount: '8', category: 'tools', campaign: 'shared' })
    const rules = [{ id: 'all', by: 'even', targets: ['a', 'b'] }]
    const preview = SharedCosts.parse((await call('POST', '/costs/shared/preview', { rules })).body)
    expect(preview.rows[0]!.parts.map(({ amount }) => amount)).toEqual(['4.00', '4.00'])
    expect(SharedCosts.parse((await call('GET', '/costs/shared')).body).rows[0]).toMatchObject({
      rule: null,
      parts: [],
    })
  })

  test('alerts are read by all and acknowledged by who may enter', async () => {
    const { site, call, ask } = await open()
    await call('POST', '/budgets', { amount: '10', period: '2026-03' })
    await call('POST', '/costs', { date: '2026-03-02', amount: '8', category: 'tools', campaign: 'shared' })
    const workspace = (await site.state.findWorkspace('main'))!
    await settleBudgetAlerts(site.env, workspace, Date.parse('2026-03-28T12:00:00Z'))
    await site.addUser('sam', 'sales')
    const sam = site.client()
    await sam.signIn('sam')
    const { rows } = Alerts.parse((await ask(sam)('GET', '/alerts?locale=en')).body)
    expect(rows.map(({ rule, message }) => [rule, message])).toEqual([
      ['use_80', 'All marketing · 2026-03: 80.0 % of the budget is used (alert at 80 %).'],
    ])
    const ack = `/alerts/${rows[0]!.id}/ack`
    expect(code(await ask(sam)('POST', ack, { note: 'ok' }))).toEqual([403, 'not_allowed'])
    expect(AlertRow.parse((await call('POST', ack, { note: 'ok' })).body).acknowledged).toMatchObject({
      by: 'user:li',
      note: 'ok',
    })
    for (const path of ['/costs', '/costs/checklist', '/costs/shared']) {
      expect(code(await ask(sam)('GET', path))).toEqual([403, 'not_allowed'])
    }
    expect((await ask(sam)('GET', '/budgets')).status).toBe(200)
  })

  test('what is wrong says so, in the language asked for, and changes nothing', async () => {
    const { call } = await open()
    expect(code(await call('POST', '/costs', { date: '2026-03-02', amount: '8', category: 'tools' }))).toEqual([
      400,
      'place_needed',
    ])
    expect(code(await call('POST', '/costs', { date: '2026-03-02' }))).toEqual([400, 'bad_request'])
    expect(code(await call('POST', '/costs', []))).toEqual([400, 'bad_request'])
    expect(code(await call('POST', '/budgets', { amount: '8', period: 'soon' }))).toEqual([400, 'bad_entry'])
    expect(code(await call('POST', '/budgets', { amount: '-8', period: '2026' }))).toEqual([400, 'bad_entry'])
    expect(code(await call('PATCH', '/campaigns/none', { owner: 'x' }))).toEqual([404, 'unknown_campaign'])
    expect(code(await call('GET', '/budgets?from=2026-02-01&to=2026-01-01'))).toEqual([400, 'bad_request'])
    const answer = await call('POST', '/budgets?locale=zh-CN', { amount: '8', period: '2026', class: 'x' })
    expect(answer.body.error).toMatchObject({
      code: 'bad_entry',
      message: 'class 的值无效。未保存任何内容。',
      remedy: '可用的值：performance、brand。',
    })
    expect((await call('GET', '/costs')).body.count).toBe(0)
  })
})
