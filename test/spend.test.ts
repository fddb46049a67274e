import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AttributionSettings, recompute } from '../src/attribution/recompute.ts'
import { splitMinor } from '../src/attribution/shared-costs.ts'
import type { Database } from '../src/db/database.ts'
import type { AnyRecord, Cost } from '../src/model/records.ts'
import { SharedCostRule } from '../src/model/rules.ts'
import { changeSetting } from '../src/server/change-setting.ts'
import { removeRecords } from '../src/sync/remove.ts'
import { openPlace } from './import-kit.ts'
import { ENGINES, openTestDatabase } from './support/databases.ts'
import { load, loadAndRecompute, SETTINGS } from './support/store.ts'
import { times } from './support/thorough.ts'

/** Spend as text, one line per row, in an order of its own. */
async function spendOf(database: Database, tenant: number): Promise<string[]> {
  const rows = await database.query(
    `SELECT s.*, c.source_id AS cost, p.source_id AS campaign FROM spend AS s
     LEFT JOIN cost AS c ON c.tenant_id = s.tenant_id AND c.id = s.cost_id
     LEFT JOIN campaign AS p ON p.tenant_id = s.tenant_id AND p.id = s.campaign_id
     WHERE s.tenant_id = $1`,
    [tenant],
  )
  return rows
    .map(
      (row) =>
        `${row.cost} ${row.day} ${row.category} ${row.state} ${row.campaign ?? '-'} ${row.channel ?? '-'} ${row.minor ?? 'n/a'} ${row.rule ?? '-'}`,
    )
    .sort()
}

function cost(id: string, amount: string, more: Partial<Cost> = {}): AnyRecord {
  return {
    type: 'cost',
    id,
    date: '2026-01-15',
    amount: { amount, currency: 'CNY' },
    category: 'tools',
    state: 'actual',
    ...more,
  }
}

const rules = (...given: Partial<SharedCostRule>[]) => ({
  ...SETTINGS,
  sharedCostRules: given.map((rule, i) => SharedCostRule.parse({ id: `r${i}`, by: 'even', ...rule })),
})

/** Leads and won deals by channel and campaign in January and February 2026. */
function sales(): AnyRecord[] {
  const sale = (id: string, channel: string, day: string, amount: string | null, campaignId?: string): AnyRecord[] => [
    { type: 'contact', id, createdAt: new Date(`${day}T10:00:00Z`) },
    {
      type: 'touch',
      id: `t-${id}`,
      person: { contactId: id },
      occurredAt: new Date(`${day}T09:00:00Z`),
      channel,
      ...(campaignId === undefined ? {} : { campaignId }),
    },
    ...(amount === null
      ? []
      : [
          {
            type: 'deal' as const,
            id: `d-${id}`,
            contactIds: [id],
            amount: { amount, currency: 'CNY' },
            createdAt: new Date(`${day}T11:00:00Z`),
            closedAt: new Date(`${day}T12:00:00Z`),
            won: true,
          },
        ]),
  ]
  return [
    ...sale('1', 'ads', '2026-01-10', '300.00', 'k1'),
    ...sale('2', 'ads', '2026-01-11', null, 'k1'),
    ...sale('3', 'expo', '2026-01-12', '100.00', 'k2'),
    ...sale('4', 'expo', '2026-02-12', '900.00', 'k2'),
  ]
}

describe.each(ENGINES)('spend on %s', (engine) => {
  test('counts a cost at its own channel, else at its campaign’s, else as shared, in every state', async () => {
    const database = await openTestDatabase(engine)
    await loadAndRecompute(database, 1, [
      { type: 'campaign', id: 'k1', name: 'one', channel: 'ads' },
      { type: 'campaign', id: 'k2', name: 'two' },
      cost('own', '10.00', { channel: 'expo', campaignId: 'k1' }),
      cost('campaign', '20.00', { campaignId: 'k1', state: 'paid' }),
      cost('nowhere', '30.00', { campaignId: 'k2', state: 'planned' }),
      cost('shared', '-40.00', { state: 'committed' }),
      cost('foreign', '50.00', { amount: { amount: '50', currency: 'USD' } }),
    ])
    expect(await spendOf(database, 1)).toEqual([
      'campaign 2026-01-15 tools paid k1 ads 2000 -',
      'foreign 2026-01-15 tools actual - - n/a -',
      'nowhere 2026-01-15 tools planned k2 - 3000 -',
      'own 2026-01-15 tools actual k1 expo 1000 -',
      'shared 2026-01-15 tools committed - - -4000 -',
    ])
  })

  test('follows changed and removed costs and campaigns without recomputing a journey', async () => {
    const database = await openTestDatabase(engine)
    await loadAndRecompute(database, 1, [
      ...sales(),
      { type: 'campaign', id: 'k1', name: 'one', channel: 'ads' },
      cost('a', '10.00', { campaignId: 'k1' }),
      cost('b', '20.00'),
    ])
    const [before] = await database.query<{ run: bigint }>('SELECT max(run) AS run FROM outcome')
    const done = await loadAndRecompute(database, 1, [cost('a', '11.00', { campaignId: 'k1' })])
    expect(done).toMatchObject({ mode: 'changed', outcomes: 0 })
    await database.write((tx) => removeRecords(tx, { tenant: 1, source: 'test' }, [{ type: 'cost', id: 'b' }]))
    await recompute(database, 1, SETTINGS)
    expect(await spendOf(database, 1)).toEqual(['a 2026-01-15 tools actual k1 ads 1100 -'])
    const [after] = await database.query<{ run: bigint }>('SELECT max(run) AS run FROM outcome')
    expect(after).toEqual(before)
    await loadAndRecompute(database, 1, [{ type: 'campaign', id: 'k1', name: 'one', channel: 'video' }])
    expect(await spendOf(database, 1)).toEqual(['a 2026-01-15 tools actual k1 video 1100 -'])
    expect((await recompute(database, 1, SETTINGS)).mode).toBe('none')
  })

  test.each<[string, Partial<SharedCostRule>, string[]]>([
    ['even', { by: 'even' }, ['ads 3333', 'expo 3333', 'video 3334']],
    ['spend', { by: 'spend' }, ['ads 6000', 'expo 3000', 'video 1000']],
    ['leads', { by: 'leads' }, ['ads 6666', 'expo 3334']],
    ['revenue', { by: 'revenue' }, ['ads 7500', 'expo 2500']],
    ['manual', { by: 'manual', weights: { expo: 1, 邮件: 0.5, ads: 0 } }, ['expo 6666', '邮件 3334']],
    ['named', { by: 'even', targets: ['video', 'mail'] }, ['mail 5000', 'video 5000']],
    ['campaigns', { by: 'revenue', over: 'campaign' }, ['k1 ads 7500', 'k2 expo 2500']],
    ['manual campaigns', { by: 'manual', over: 'campaign', weights: { k2: 2, gone: 1 } }, ['k2 expo 10000']],
  ])('shares a cost by %s to the last cent', async (_, rule, expected) => {
    const database = await openTestDatabase(engine)
    await loadAndRecompute(
      database,
      1,
      [
        ...sales(),
        { type: 'campaign', id: 'k1', name: 'one', channel: 'ads' },
        { type: 'campaign', id: 'k2', name: 'two', channel: 'expo' },
        cost('1', '60.00', { campaignId: 'k1', category: 'ads' }),
        cost('2', '30.00', { campaignId: 'k2', category: 'ads' }),
        cost('3', '10.00', { channel: 'video', category: 'ads' }),
        cost('4', '9999.00', { channel: 'video', category: 'ads', state: 'planned' }),
        cost('5', '9999.00', { channel: 'mail', category: 'ads', date: '2026-02-01' }),
        cost('shared', '100.00'),
      ],
      rules({ ...rule, categories: ['Tools'] }),
    )
    const parts = (await spendOf(database, 1)).filter((line) => line.startsWith('shared '))
    expect(parts.map((line) => line.replace('shared 2026-01-15 tools actual ', '').replace(/^- /, ''))).toEqual(
      expected.map((part) => `${part} r0`).sort(),
    )
  })

  test('leaves a cost shared where no rule takes it or nobody has any weight, and takes the first rule that matches', async () => {
    const database = await openTestDatabase(engine)
    await loadAndRecompute(
      database,
      1,
      [
        cost('ads', '10.00', { channel: 'ads', category: 'ads' }),
        cost('rent', '-1.01'),
        cost('late', '1.00', { date: '2026-03-01' }),
        cost('travel', '5.00', { category: 'travel' }),
        cost('early', '1.00', { date: '2026-01-09' }),
      ],
      rules(
        { categories: ['tools'], from: '2026-01-10', to: '2026-01-16', by: 'manual', weights: { x: 1, y: 1 } },
        { categories: ['tools'], by: 'spend' },
      ),
    )
    expect((await spendOf(database, 1)).filter((line) => !line.startsWith('ads'))).toEqual([
      'early 2026-01-09 tools actual - ads 100 r1',
      'late 2026-03-01 tools actual - - 100 -',
      'rent 2026-01-15 tools actual - x -50 r0',
      'rent 2026-01-15 tools actual - y -51 r0',
      'travel 2026-01-15 travel actual - - 500 -',
    ])
  })

  test('follows the ledger where a rule goes by leads or revenue', async () => {
    const database = await openTestDatabase(engine)
    const settings = rules({ by: 'revenue', targets: ['ads', 'expo'] })
    const records = [...sales(), cost('shared', '100.00')]
    await loadAndRecompute(database, 1, records, settings)
    const [deal] = records.filter((record) => record.type === 'deal')
    await loadAndRecompute(
      database,
      1,
      [{ ...deal!, amount: { amount: '100.00', currency: 'CNY' } } as AnyRecord],
      settings,
    )
    expect(await spendOf(database, 1)).toEqual([
      'shared 2026-01-15 tools actual - ads 5000 r0',
      'shared 2026-01-15 tools actual - expo 5000 r0',
    ])
    await database.write((tx) => tx.insert('dirty', [{ tenant_id: 1, kind: 'spend', id: 0n }]))
    await recompute(database, 1, { ...settings, revenueBasis: 'cash' })
    expect(await spendOf(database, 1)).toEqual(['shared 2026-01-15 tools actual - - 10000 -'])
  })

  test('parts add up to the cost whatever the rules, and writing only what changed ends in the same rows', async () => {
    const database = await openTestDatabase(engine)
    let tenant = 0
    await fc.assert(
      fc.asyncProperty(
        randomCosts,
        randomCosts,
        randomRules,
        fc.nat(),
        async (first, second, sharedCostRules, seed) => {
          tenant += 1
          const settings: AttributionSettings = { ...SETTINGS, sharedCostRules }
          const before = [...sales(), ...first]
          await loadAndRecompute(database, tenant, before.slice(0, seed % before.length), settings)
          await loadAndRecompute(database, tenant, before, settings)
          await load(database, tenant, second)
          const gone = { type: 'cost' as const, id: String(seed % 12) }
          await database.write((tx) => removeRecords(tx, { tenant, source: 'test' }, [gone]))
          await recompute(database, tenant, settings)
          const changed = await spendOf(database, tenant)
          const wrong = await database.query(
            `SELECT c.id FROM cost AS c
           LEFT JOIN (SELECT cost_id, sum(minor) AS minor, count(minor) AS known FROM spend WHERE tenant_id = $1 GROUP BY cost_id) AS s
             ON s.cost_id = c.id
           WHERE c.tenant_id = $1 AND (s.cost_id IS NULL OR c.currency = 'CNY' AND s.minor <> c.amount_minor
                                       OR c.currency <> 'CNY' AND s.known > 0)`,
            [tenant],
          )
          expect(wrong).toEqual([])
          await recompute(database, tenant, settings, true)
          expect(changed).toEqual(await spendOf(database, tenant))
        },
      ),
      { numRuns: times(8, 40) },
    )
  }, 60_000)
})

test('shared costs follow the settings they depend on, and the ledger stays as it is', async () => {
  const { env, workspace } = await openPlace('duckdb')
  const { database, state } = env
  const set = async (key: string, value: unknown) => {
    const now = (await state.findWorkspace(workspace.key))!
    return (await changeSetting(env, now, key, value)).recomputed
  }
  const shared = async () => (await spendOf(database, 1)).map((line) => line.replace(/^.*- (\w+) (\d+) r$/, '$1 $2'))
  const both: AnyRecord = {
    type: 'touch',
    id: 'more',
    person: { contactId: '1' },
    occurredAt: new Date('2026-01-09T00:00:00Z'),
    channel: 'expo',
  }
  await loadAndRecompute(database, 1, [...sales(), both, cost('c', '100.00')])
  expect(await set('model', 'first')).toBe(false)
  const [before] = await database.query('SELECT max(run) AS run FROM outcome')
  const rule = { id: 'r', by: 'revenue', targets: ['ads', 'expo'] }
  expect(await set('shared_cost_rules', [rule])).toBe(true)
  expect(await shared()).toEqual(['expo 10000'])
  expect(await set('model', 'last')).toBe(true)
  expect(await shared()).toEqual(['ads 7500', 'expo 2500'])
  expect(await set('revenue_basis', 'cash')).toBe(true)
  expect(await spendOf(database, 1)).toEqual(['c 2026-01-15 tools actual - - 10000 -'])
  expect((await database.query('SELECT max(run) AS run FROM outcome'))[0]).toEqual(before)
})

test('a split adds up to the amount, each part within one unit of its share and of its sign', () => {
  const weights = fc
    .array(fc.bigInt(0n, 10n ** 18n), { minLength: 1, maxLength: 30 })
    .filter((w) => w.some((x) => x > 0n))
  fc.assert(
    fc.property(fc.bigInt(-(10n ** 16n), 10n ** 16n), weights, (amount, given) => {
      const parts = splitMinor(amount, given)
      const sum = given.reduce((a, b) => a + b, 0n)
      expect(parts.reduce((a, b) => a + b, 0n)).toBe(amount)
      for (const [i, part] of parts.entries()) {
        const off = part * sum - amount * given[i]!
        expect((off < 0n ? -off : off) < sum).toBe(true)
        expect(given[i] === 0n ? part === 0n : part * amount >= 0n).toBe(true)
      }
    }),
  )
})

const CHANNELS = [undefined, undefined, 'ads', 'expo', 'video']
const randomCosts: fc.Arbitrary<AnyRecord[]> = fc
  .record({
    campaigns: fc.array(fc.nat(4), { minLength: 2, maxLength: 2 }),
    costs: fc.array(
      fc.record({
        id: fc.nat(11),
        minor: fc.integer({ min: -50_000, max: 1_000_000 }),
        date: fc.constantFrom('2026-01-01', '2026-01-31', '2026-02-01', '2026-02-28'),
        category: fc.constantFrom('tools', 'salary', 'ads'),
        state: fc.constantFrom('actual', 'paid', 'planned'),
        campaign: fc.nat(3),
        channel: fc.nat(4),
        currency: fc.constantFrom('CNY', 'CNY', 'CNY', 'USD'),
      }),
      { maxLength: 14 },
    ),
  })
  .map(({ campaigns, costs }) => [
    ...campaigns.map((channel, i): AnyRecord => {
      const key = CHANNELS[channel]
      return { type: 'campaign', id: `k${i + 1}`, name: 'x', ...(key === undefined ? {} : { channel: key }) }
    }),
    ...costs.map(({ id, minor, campaign, channel, currency, ...rest }): AnyRecord => {
      const key = CHANNELS[channel]
      return {
        ...cost(String(id), '0', rest),
        amount: { amount: String(minor), currency, unit: 'minor' },
        ...(key === undefined ? {} : { channel: key }),
        ...(campaign < 2 ? {} : { campaignId: `k${campaign - 1}` }),
      } as AnyRecord
    }),
  ])

const randomRules = fc
  .array(
    fc.record({
      categories: fc.constantFrom<string[]>([], ['tools'], ['salary', 'tools']),
      by: fc.constantFrom('even', 'spend', 'leads', 'revenue', 'manual'),
      over: fc.constantFrom('channel', 'campaign'),
      named: fc.boolean(),
      weights: fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }),
    }),
    { maxLength: 3 },
  )
  .map((drawn) =>
    drawn.map(({ named, weights, ...rule }, i) => {
      const names = rule.over === 'channel' ? ['ads', 'expo', 'video'] : ['k1', 'k2', 'k3']
      return SharedCostRule.parse({
        ...rule,
        id: `r${i}`,
        targets: named ? names.slice(0, 2) : [],
        weights: Object.fromEntries(names.map((name, n) => [name, weights[n]!])),
      })
    }),
  )
