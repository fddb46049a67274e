import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CampaignTree } from '../src/metrics/budget/tree.ts'
import { openDesk } from './costs-kit.ts'
import { importTexts } from './import-kit.ts'
import { ENGINES } from './support/databases.ts'

/** Campaign records (F22), hierarchy (F126), targets (F100). */

describe.each(ENGINES)('campaigns on %s', (engine) => {
  test('set E: budget 50,000, actual 48,500 is 97 %, 200 leads were the target', async () => {
    const desk = await openDesk(engine)
    await desk.run('add_campaign', {
      id: 'E',
      name: 'Spring expo',
      type: 'fair',
      channel: 'expo',
      paid: true,
      budget: '50000',
      target_leads: 200,
      target_revenue: '300000',
      start_date: '2026-03-01',
      end_date: '2026-03-31',
      owner: 'Wang',
    })
    await desk.run('add_cost', { date: '2026-03-10', amount: '48500', category: 'event', campaign: 'E' })
    // An attendee list names the campaign by its id, before a campaigns file knows it.
    const ids = Array.from({ length: 150 }, (_, i) => `C${i}`)
    await importTexts(desk, {
      'contacts.csv': ['contact_id,created_at', ...ids.map((id) => `${id},2026-03-12T08:00:00Z`)].join('\n'),
      'touches.csv': ['contact_id,occurred_at,campaign_id', ...ids.map((id) => `${id},2026-03-12T07:00:00Z,E`)].join(
        '\n',
      ),
      'deals.csv': 'deal_id,contact_ids,amount,created_at,closed_at,won\nD1,C0,90000,2026-03-20,2026-04-05,yes\n',
    })
    const shown = await desk.run('campaign', { id: 'E' })
    expect(shown.campaign).toMatchObject({
      source: 'manual',
      type: 'fair',
      paid: true,
      owner: 'Wang',
      start_date: '2026-03-01',
      end_date: '2026-03-31',
      figures: {
        budget: '50000.00',
        actual: '48500.00',
        use: 97,
        leads: 150,
        target_leads: 200,
        leads_met: 75,
        revenue: '90000.00',
        target_revenue: '300000.00',
        revenue_met: 30,
        reasons: {},
      },
    })
    expect((await desk.run('campaign', { id: 'E', to: '2026-04-01' })).campaign.figures).toMatchObject({
      leads: 150,
      revenue: '0.00',
    })
    expect((await desk.run('report', { by: 'campaign' })).rows).toMatchObject([
      { key: 'E', label: 'Spring expo', cost: '48500.00', leads: 150, revenue: '90000.00' },
    ])
  })

  test('a campaigns file may bring it later: what people filled still wins, and an undo gives it back', async () => {
    const desk = await openDesk(engine)
    await desk.run('add_campaign', { id: 'E', name: 'By hand', owner: 'Wang', budget: '10' })
    const file = 'campaign_id,name,owner,type,budget,currency\nE,From the file,Zhao,fair,99,CNY\n'
    const { id } = await importTexts(desk, { 'campaigns.csv': file })
    const both = await desk.run('campaign', { id: 'E' })
    expect(both.campaign).toMatchObject({
      source: 'files',
      name: 'From the file',
      owner: 'Wang',
      type: 'fair',
      own: { budget: '10.00' },
    })
    expect(both.fields.map(({ field, source_value }) => [field, source_value])).toEqual([
      ['budget', '99.00'],
      ['currency', 'CNY'],
      ['owner', 'Zhao'],
    ])
    await desk.run('undo', { id })
    expect((await desk.run('campaign', { id: 'E' })).campaign).toMatchObject({
      source: 'manual',
      name: 'By hand',
      type: null,
    })
    await desk.run('remove_campaign', { id: 'E', reason: 'off' })
    expect((await desk.run('campaigns')).count).toBe(0)
  })

  test('a parent is itself and all below it, each cost once; targets and nulls say why', async () => {
    const desk = await openDesk(engine)
    await importTexts(desk, {
      'campaigns.csv': [
        'campaign_id,name,parent_id,budget,currency,target_leads',
        'A,Top,,100,CNY,',
        'B,Middle,A,50,CNY,10',
        'C,Leaf,B,,,5',
        'D,Other,,,,',
        'X,Bites Y,Y,,,',
        'Y,Bites X,X,7,CNY,',
        'Z,Orphan,NOBODY,,,',
      ].join('\n'),
      'costs.csv':
        'cost_id,date,amount,category,campaign_id\n1,2026-01-01,10,ads,A\n2,2026-01-01,20,ads,B\n3,2026-02-01,40,ads,C\n4,2026-01-01,80,ads,X\n5,2026-01-01,160,ads,Y\n',
    })
    const all = await desk.run('campaigns')
    const of = (id: string) => all.rows.find((row) => row.id === id)!
    expect(of('A')).toMatchObject({
      children: 1,
      figures: { campaigns: 1, actual: '10.00' },
      whole: { campaigns: 3, actual: '70.00', budget: '150.00', use: expect.closeTo(140 / 3, 9), target_leads: 15 },
    })
    expect(of('B').whole).toMatchObject({ actual: '60.00', budget: '50.00', use: 120 })
    expect(of('C').figures).toMatchObject({
      budget: null,
      use: null,
      reasons: { budget: 'no_budget', use: 'no_budget', revenue_met: 'no_target' },
    })
    expect([of('X'), of('Y'), of('Z'), of('A')].map(({ problem }) => problem)).toEqual([
      'cycle',
      'cycle',
      'unknown_parent',
      null,
    ])
    expect([of('X').whole.actual, of('Y').whole.actual]).toEqual(['240.00', '240.00'])
    expect(all.total).toMatchObject({ campaigns: 7, actual: '310.00', budget: '157.00' })
    const top = await desk.run('campaigns', { top: true })
    expect(top.rows.map(({ id }) => id).sort()).toEqual(['A', 'D', 'X', 'Y', 'Z'])
    expect(top.total).toEqual(all.total)
    expect((await desk.run('campaigns', { under: 'A' })).rows.map(({ id }) => id)).toEqual(['C', 'B'])
    expect(await desk.run('campaigns', { search: 'bites', limit: 1 })).toMatchObject({ count: 2, next: 1 })
    expect((await desk.run('campaign', { id: 'A', from: '2026-02-01' })).campaign.whole.actual).toBe('40.00')
  })
})

test('in whatever trees and circles, a parent is the sum of what can be reached below it, each once', () => {
  const parents = fc.array(fc.option(fc.nat(11), { nil: null }), { minLength: 1, maxLength: 10 })
  fc.assert(
    fc.property(parents, (list) => {
      const items = list.map((parent, i) => ({
        id: BigInt(i),
        parent_id: parent === null ? null : BigInt(parent),
        source: 'test',
        source_id: String(i),
        cost: 2n ** BigInt(i),
      }))
      const tree = new CampaignTree(items)
      for (const item of items) {
        // Who reaches the item by going up, step by step, at most as often as there are campaigns.
        const below = items.filter((start) => {
          let at: (typeof items)[number] | undefined = start
          for (let steps = 0; steps <= items.length && at; steps += 1) {
            if (at === item) return true
            at = at.parent_id === null ? undefined : items[Number(at.parent_id)]
          }
          return false
        })
        const sum = (some: readonly { cost: bigint }[]) => some.reduce((total, { cost }) => total + cost, 0n)
        expect(sum(tree.withBelow(item))).toBe(sum(below))
        const cycle = below.some((other) => other.id === item.parent_id) || item.parent_id === item.id
        const known = item.parent_id === null || item.parent_id < BigInt(items.length)
        expect(tree.problem(item)).toBe(!known ? 'unknown_parent' : cycle ? 'cycle' : null)
        // Everybody in a circle has the same top.
        if (cycle) for (const other of tree.chain(item)) expect(tree.root(other)).toBe(tree.root(item))
        expect(tree.chain(item)[0]).toBe(item)
        for (const other of items) {
          expect(tree.wouldBite(item, other.id)).toBe(tree.chain(other).includes(item))
        }
      }
    }),
  )
})
