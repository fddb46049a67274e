import { describe, expect, test } from 'vitest'
import { type RecordType, RecordView } from '../src/api.ts'
import type { Locale } from '../src/errors.ts'
import { type RecordQuery, record } from '../src/metrics/record.ts'
import type { AnyRecord } from '../src/model/records.ts'
import type { RuleModel } from '../src/model/rule-models.ts'
import { AliasBook } from '../src/sync/alias.ts'
import { mergeRecords } from '../src/sync/merge.ts'
import { ENGINES, type Engine, openTestDatabase, type TestStore } from './support/databases.ts'
import { load, testWorkspace } from './support/store.ts'

const at = (day: string) => new Date(`${day}T09:00:00Z`)
const money = (amount: string, currency = 'CNY') => ({ amount, currency })
const touch = (id: string, contact: string, day: string, extra: object): AnyRecord => ({
  type: 'touch',
  id,
  person: { contactId: contact },
  occurredAt: at(day),
  ...extra,
})
const deal = (id: string, extra: Partial<Extract<AnyRecord, { type: 'deal' }>>): AnyRecord => ({
  type: 'deal',
  id,
  createdAt: at('2026-01-15'),
  ...extra,
})
const won = (day: string, amount: string, currency = 'CNY') => ({
  amount: money(amount, currency),
  closedAt: at(day),
  won: true,
})

/** An account of two people, one of whom is two contacts; deals of every state; campaigns with and without cost. */
const RECORDS: readonly AnyRecord[] = [
  { type: 'campaign', id: 'k1', name: 'Spring Expo', channel: 'events', budget: money('1000') },
  { type: 'campaign', id: 'k2', name: 'No cost', channel: 'wechat' },
  { type: 'campaign', id: 'k3', name: 'Never used', channel: 'wechat' },
  { type: 'campaign', id: 'k4', name: 'Abroad', channel: 'wechat', budget: money('10', 'USD') },
  ...(['k1', 'k4'] as const).map(
    (campaignId): AnyRecord => ({
      type: 'cost',
      id: `x-${campaignId}`,
      date: '2026-01-01',
      amount: money('500', campaignId === 'k4' ? 'USD' : 'CNY'),
      category: 'event',
      state: 'paid',
      campaignId,
    }),
  ),
  { type: 'account', id: 'a1', name: 'Acme <b>Ltd</b>' },
  { type: 'account', id: 'a2', name: '沉默公司' },
  {
    type: 'contact',
    id: 'c1',
    name: '李雷',
    accountId: 'a1',
    email: 'li@x.cn',
    createdAt: at('2026-01-05'),
    mqlAt: at('2026-01-20'),
  },
  { type: 'contact', id: 'c1b', email: 'LI@x.cn', createdAt: at('2026-01-06') },
  { type: 'contact', id: 'c2', name: 'Ann', accountId: 'a1', createdAt: at('2026-01-08') },
  { type: 'contact', id: 'c3', createdAt: at('2026-01-08') },
  touch('t0', 'c1', '2024-06-01', { channel: 'sms' }),
  touch('t1', 'c1', '2026-01-02', { channel: 'baidu_ads', kind: 'ad_click' }),
  touch('t2', 'c1b', '2026-01-10', { campaignId: 'k1', kind: 'event' }),
  touch('t3', 'c2', '2026-02-01', { channel: 'email', kind: 'opened by hand' }),
  touch('t4', 'c2', '2026-02-02', { campaignId: 'k2' }),
  touch('t5', 'c2', '2026-04-01', { campaignId: 'k4' }),
  deal('big', { name: 'Big', accountId: 'a1', contactIds: ['c1', 'c2'], ...won('2026-03-01', '10000') }),
  deal('open', { accountId: 'a1', contactIds: ['c2'], amount: money('200') }),
  deal('lost', { contactIds: ['c1'], amount: money('300'), closedAt: at('2026-01-12'), won: false }),
  deal('bare', { contactIds: ['c3'], ...won('2026-03-01', '7.50') }),
  deal('bare-open', { contactIds: ['c3'] }),
  deal('bare-lost', { contactIds: ['c3'], won: false }),
  deal('late', { contactIds: ['c1'], createdAt: at('2028-01-01'), ...won('2028-01-01', '7.50') }),
  deal('usd', { contactIds: ['c2'], ...won('2026-03-02', '100', 'USD') }),
  { type: 'payment', id: 'p1', dealId: 'big', amount: money('99', 'USD'), paidAt: at('2026-03-20') },
]

const SOURCES = [
  { source: 'test', connected: true },
  { source: 'files', connected: false },
]

async function storeWith(engine: Engine, records: readonly AnyRecord[] = RECORDS): Promise<TestStore> {
  const database = await openTestDatabase(engine)
  await load(database, 1, records)
  return database
}

async function view(
  database: TestStore,
  type: RecordType,
  id: string,
  options: Partial<RecordQuery> = {},
): Promise<RecordView> {
  const query = {
    type,
    id,
    sources: SOURCES,
    model: 'linear',
    locale: 'en',
    asOf: null,
    now: at('2026-07-01'),
  } as const
  return RecordView.parse(await record(database, testWorkspace(1), { ...query, ...options }))
}

const figuresOf = ({ figures }: RecordView) => Object.fromEntries(figures.map(({ key, text }) => [key, text]))

const SENTENCES: readonly [RecordType, string, RecordView['state'], Record<Locale, string>][] = [
  [
    'deal',
    'big',
    'ok',
    {
      en: '25% of this deal comes from Baidu Ads, 25% from E-mail, 25% from Events, 25% from others.',
      'zh-CN': '这笔成交 25% 来自百度推广，25% 来自邮件营销，25% 来自会展活动，25% 来自其他渠道。',
    },
  ],
  [
    'deal',
    'open',
    'open',
    {
      en: 'This deal is open and has had 3 touches so far: WeChat (2), E-mail (1). Credit comes when it is won.',
      'zh-CN': '这笔商机尚未成交，至今有 3 个触点：微信 2 个、邮件营销 1 个。成交后才分配归因。',
    },
  ],
  [
    'deal',
    'lost',
    'open',
    {
      en: 'This deal was lost, so there is nothing to credit; it had 3 touches: Baidu Ads (1), Events (1), SMS (1).',
      'zh-CN': '这笔商机已丢单，没有可归因的收入；曾有 3 个触点：会展活动 1 个、百度推广 1 个、短信 1 个。',
    },
  ],
  [
    'deal',
    'bare',
    'empty',
    {
      en: 'All of this deal is unattributed (¥7.50): no touch of its people is known before it was won.',
      'zh-CN': '这笔成交全部未归因（¥7.50）：成交前没有已知的触点。',
    },
  ],
  [
    'deal',
    'bare-open',
    'empty',
    {
      en: 'This deal is open, and no touch of its people is known yet. Credit comes when it is won.',
      'zh-CN': '这笔商机尚未成交，还没有已知的触点。成交后才分配归因。',
    },
  ],
  [
    'deal',
    'bare-lost',
    'empty',
    {
      en: 'This deal was lost, and no touch of its people is known.',
      'zh-CN': '这笔商机已丢单，没有已知的触点。',
    },
  ],
  [
    'deal',
    'late',
    'ok',
    {
      en: 'All of this deal is unattributed (¥7.50): its 3 touches lie before the look-back.',
      'zh-CN': '这笔成交全部未归因（¥7.50）：3 个触点都早于回溯期。',
    },
  ],
  [
    'contact',
    'c1',
    'ok',
    {
      en: '李雷 first came from SMS on 2024-06-01 and has 3 touches, the latest from Events. ¥5,000 of 2 won deals went through them.',
      'zh-CN':
        '李雷首次来自短信（2024-06-01），共有 3 个触点，最近一次来自会展活动。2 笔成交中有 ¥5,000 归因于这些触点。',
    },
  ],
  [
    'contact',
    'c3',
    'empty',
    {
      en: 'No touch of c3 is known yet.',
      'zh-CN': 'c3 还没有已知的触点。',
    },
  ],
  [
    'account',
    'a1',
    'ok',
    {
      en: 'Acme <b>Ltd</b> has won revenue of ¥10,000 in 1 deal: 25% from Baidu Ads, 25% from E-mail, 25% from Events, 25% from others.',
      'zh-CN':
        'Acme <b>Ltd</b>成交 1 笔，共 ¥10,000：25% 来自百度推广，25% 来自邮件营销，25% 来自会展活动，25% 来自其他渠道。',
    },
  ],
  [
    'account',
    'a2',
    'empty',
    {
      en: 'No touch of anyone at 沉默公司 is known yet, and no deal is won.',
      'zh-CN': '沉默公司还没有已知的触点，也没有成交。',
    },
  ],
  [
    'campaign',
    'k1',
    'ok',
    {
      en: 'Spring Expo cost ¥500 and earned ¥2,500 of attributed revenue: ROI 400.0%, ratio 5.00.',
      'zh-CN': 'Spring Expo 投入 ¥500，归因收入 ¥2,500，投资回报率 400.0%，投产比 5.00。',
    },
  ],
  [
    'campaign',
    'k2',
    'ok',
    {
      en: 'No cost earned ¥2,500 of attributed revenue; its ROI is n/a: no cost recorded.',
      'zh-CN': 'No cost 归因收入 ¥2,500，投资回报率不适用：未录成本。',
    },
  ],
  ['campaign', 'k3', 'empty', { en: 'No touch of Never used is known yet.', 'zh-CN': 'Never used 还没有已知的触点。' }],
]

describe.each(ENGINES)('record views on %s', (engine) => {
  test('each says its sentence in both languages, in every state', async () => {
    const database = await storeWith(engine)
    for (const [type, id, state, sentences] of SENTENCES) {
      for (const locale of ['en', 'zh-CN'] as const) {
        const answer = await view(database, type, id, { locale })
        expect([type, id, answer.state, answer.sentence]).toEqual([type, id, state, sentences[locale]])
      }
    }
  })

  test('a won deal: figures, credit, journey and reconciliation', async () => {
    const answer = await view(await storeWith(engine), 'deal', 'big')
    expect(answer.record).toEqual({ type: 'deal', id: 'big', source: 'test', name: 'Big' })
    expect(figuresOf(answer)).toEqual({
      amount: '¥10,000',
      eligible: '4',
      people: '2',
      first_to_close: '58.0 days',
      cycle: '55.0 days',
      cycle_median: '54.0 days',
      sourced_channel: 'Baidu Ads',
    })
    expect(answer.figures.find(({ key }) => key === 'cycle_median')?.label).toBe(
      'Median sales cycle of the workspace (4 won deals)',
    )
    expect(answer.credit.map(({ key, share, amount, text, touches }) => [key, share, amount, text, touches])).toEqual([
      ['baidu_ads', 0.25, '2500.00', '25.0% · ¥2,500', 1],
      ['email', 0.25, '2500.00', '25.0% · ¥2,500', 1],
      ['events', 0.25, '2500.00', '25.0% · ¥2,500', 1],
      ['wechat', 0.25, '2500.00', '25.0% · ¥2,500', 1],
    ])
    expect(
      answer.journey.map(({ at: when, kind, label, share, person }) => [
        when.slice(0, 10),
        kind,
        label,
        share,
        person?.id,
      ]),
    ).toEqual([
      ['2024-06-01', 'touch', 'SMS', null, 'c1'],
      ['2026-01-02', 'touch', 'Baidu Ads · ad click', 0.25, 'c1'],
      ['2026-01-05', 'lead', 'Lead', null, 'c1'],
      ['2026-01-08', 'lead', 'Lead', null, 'c2'],
      ['2026-01-10', 'touch', 'Events · event', 0.25, 'c1'],
      ['2026-01-15', 'opportunity', 'Opportunity', null, undefined],
      ['2026-01-20', 'mql', 'MQL', null, 'c1'],
      ['2026-02-01', 'touch', 'E-mail · opened by hand', 0.25, 'c2'],
      ['2026-02-02', 'touch', 'WeChat', 0.25, 'c2'],
      ['2026-03-01', 'won', 'Won · ¥10,000', null, undefined],
      ['2026-03-20', 'receipt', 'Receipt · USD\u00a099', null, undefined],
    ])
    expect(answer.journey.find(({ campaign }) => campaign)).toMatchObject({
      campaign: { id: 'k1', name: 'Spring Expo' },
      channel: 'events',
      amount: '2500.00',
    })
    expect(answer.reconciliation).toEqual({ attributed: '10000.00', unattributed: '0.00', crm: '10000.00', ok: true })
  })

  test('an eligible touch without credit under the model has a share of 0, not none', async () => {
    const { journey, credit } = await view(await storeWith(engine), 'deal', 'big', { model: 'first' })
    expect(journey.filter(({ kind }) => kind === 'touch').map(({ share, amount }) => [share, amount])).toEqual([
      [null, null],
      [1, '10000.00'],
      [0, '0.00'],
      [0, '0.00'],
      [0, '0.00'],
    ])
    expect(credit.map(({ key, share }) => [key, share])).toEqual([
      ['baidu_ads', 1],
      ['email', 0],
      ['events', 0],
      ['wechat', 0],
    ])
  })

  test('a deal that is not won has touches, no credit, and reasons', async () => {
    const answer = await view(await storeWith(engine), 'deal', 'open', { now: at('2026-02-15') })
    expect(answer).toMatchObject({ state: 'open', credit: [], reconciliation: null })
    expect(answer.journey.filter(({ kind }) => kind === 'touch').map(({ share, amount }) => [share, amount])).toEqual([
      [null, null],
      [null, null],
    ])
    const { figures } = answer
    expect(figures.filter(({ reason }) => reason).map(({ key, reason, text }) => [key, reason, text])).toEqual([
      ['first_to_close', 'no_deals', 'n/a (no won deals)'],
      ['cycle', 'no_deals', 'n/a (no won deals)'],
      ['sourced_channel', 'no_deals', 'n/a (no won deals)'],
    ])
  })

  test('money without a rate has its reason, its original amount and shares', async () => {
    const database = await storeWith(engine)
    const answer = await view(database, 'deal', 'usd', { locale: 'zh-CN' })
    expect(answer.figures[0]).toEqual({
      key: 'amount',
      label: '金额',
      value: null,
      unit: 'money',
      text: 'USD\u00a0100（缺少汇率）',
      reason: 'fx_missing',
    })
    expect(answer.credit.map(({ key, share, amount, text }) => [key, share, amount, text])).toEqual([
      ['email', 0.5, null, '50.0%'],
      ['wechat', 0.5, null, '50.0%'],
    ])
    expect(answer.reconciliation).toBeNull()
    const person = await view(database, 'contact', 'c2')
    expect(figuresOf(person)).toMatchObject({ credited: '¥5,000 + USD\u00a0100 (exchange rate missing)', won: '2' })
    expect(person.deals.map(({ id, amount, credited, text }) => [id, amount, credited, text])).toEqual([
      ['usd', null, null, 'USD\u00a0100 (exchange rate missing)'],
      ['big', '10000.00', '5000.00', '¥5,000 of ¥10,000'],
    ])
    const campaign = await view(database, 'campaign', 'k4')
    const reasons = campaign.figures.filter(({ reason }) => reason)
    expect(reasons.map(({ key, reason, text }) => [key, reason, text])).toEqual([
      ['cost', 'fx_missing', 'USD\u00a0500 (exchange rate missing)'],
      ['roi', 'fx_missing', 'n/a (exchange rate missing)'],
      ['ratio', 'fx_missing', 'n/a (exchange rate missing)'],
      ['budget', 'fx_missing', 'USD\u00a010 (exchange rate missing)'],
      ['budget_use', 'fx_missing', 'n/a (exchange rate missing)'],
    ])
  })

  test('a contact is its person: the touches of all its records, its stage and its deals', async () => {
    const database = await storeWith(engine)
    const answer = await view(database, 'contact', 'c1')
    expect(figuresOf(answer)).toEqual({
      first_source: 'SMS · 2024-06-01',
      latest_source: 'Events · Spring Expo · 2026-01-10',
      touches: '3',
      stage: 'MQL · 2026-01-20',
      contacts: '2',
      won: '2',
      credited: '¥5,000',
    })
    expect(answer.credit.map(({ key, share, amount }) => [key, share, amount])).toEqual([
      ['baidu_ads', 0.5, '2500.00'],
      ['events', 0.5, '2500.00'],
    ])
    expect(answer.deals.map(({ id, credited }) => [id, credited])).toEqual([
      ['late', '0.00'],
      ['big', '5000.00'],
    ])
    const other = await view(database, 'contact', 'c1b')
    expect(other.record).toMatchObject({ id: 'c1b', name: '李雷' })
    expect({ ...other, record: null, journey: null }).toEqual({ ...answer, record: null, journey: null })
  })

  test('an account: its buying group, sourced and influenced', async () => {
    const answer = await view(await storeWith(engine), 'account', 'a1')
    expect(answer.record.name).toBe('Acme <b>Ltd</b>')
    expect(figuresOf(answer)).toEqual({
      revenue_won: '¥10,000',
      won: '1',
      group: '2',
      people_touched: '2',
      touches: '6',
      sourced_any: '¥0',
      influenced_any: '¥10,000',
    })
    expect(answer.reconciliation).toMatchObject({ crm: '10000.00', ok: true })
    expect(new Set(answer.journey.flatMap(({ person }) => person?.name ?? []))).toEqual(new Set(['李雷', 'Ann']))
  })

  test('a campaign: cost, return, sourced and influenced, budget', async () => {
    const database = await storeWith(engine)
    expect(figuresOf(await view(database, 'campaign', 'k1'))).toEqual({
      cost: '¥500',
      revenue: '¥2,500',
      roi: '400.0%',
      ratio: '5.00',
      leads: '0',
      deals: '0.3',
      sourced: '¥0',
      sourced_deals: '0',
      influenced: '¥10,000',
      influenced_deals: '1',
      budget: '¥1,000',
      budget_use: '50.0%',
      touches: '1',
    })
    const none = await view(database, 'campaign', 'k3')
    expect(none.figures.map(({ key }) => key)).not.toContain('budget')
    expect(none.figures.find(({ key }) => key === 'roi')).toMatchObject({ value: null, reason: 'no_cost' })
    const first: RuleModel = 'first'
    const set = [touch('f', 'c3', '2026-02-01', { campaignId: 'k1' })]
    await load(database, 1, set)
    const sourced = await view(database, 'campaign', 'k1', { model: first })
    expect(figuresOf(sourced)).toMatchObject({
      revenue: '¥7.50',
      sourced: '¥7.50',
      sourced_deals: '1',
      influenced: '¥10,008',
      influenced_deals: '2',
    })
  })

  test('a merged id leads to its winner', async () => {
    const database = await storeWith(engine)
    const owner = { tenant: 1, source: 'test' }
    const merges = (['contact', 'account', 'deal'] as const).map((type) => ({
      from: { type, id: 'gone' },
      into: { type, id: { contact: 'c2', account: 'a1', deal: 'big' }[type] },
    }))
    await database.write((tx) => mergeRecords(tx, owner, merges, new AliasBook()))
    for (const { into } of merges) {
      expect((await view(database, into.type, 'gone')).record).toMatchObject({ type: into.type, id: into.id })
      expect((await view(database, into.type, 'gone', { source: 'test' })).record.id).toBe(into.id)
    }
  })

  test('an id that nobody has is unknown; one that several have needs a source', async () => {
    const database = await storeWith(engine)
    await expect(view(database, 'deal', 'nope')).rejects.toMatchObject({
      kind: 'not_found',
      code: 'unknown_record',
      text: { en: 'There is no deal "nope".', 'zh-CN': '没有商机“nope”。' },
    })
    await expect(view(database, 'deal', 'big', { source: 'files' })).rejects.toMatchObject({ code: 'unknown_record' })
    await expect(view(database, 'campaign', 'c1')).rejects.toMatchObject({ code: 'unknown_record' })
    await load(database, 1, [deal('big', { name: 'From a file' })], 'files')
    expect((await view(database, 'deal', 'big')).record.source).toBe('test')
    expect((await view(database, 'deal', 'big', { source: 'files' })).record.name).toBe('From a file')
    await load(database, 1, [deal('big', {})], 'other')
    const sources = [...SOURCES, { source: 'other', connected: true }]
    await expect(view(database, 'deal', 'big', { sources })).rejects.toMatchObject({
      status: 400,
      code: 'ambiguous_record',
      text: { en: 'Several sources have a deal "big": files, other, test.' },
    })
    expect((await view(database, 'deal', 'big', { sources: [], source: 'other' })).record.source).toBe('other')
  })

  test('a record whose connection is gone is still found', async () => {
    const database = await storeWith(engine)
    expect((await view(database, 'account', 'a1', { sources: [] })).record.source).toBe('test')
    await load(database, 1, [deal('only', {})], 'former')
    expect((await view(database, 'deal', 'only')).record.source).toBe('former')
  })

  test('workspaces do not see each other', async () => {
    const database = await storeWith(engine)
    const query = {
      type: 'deal',
      id: 'big',
      sources: SOURCES,
      model: 'linear',
      locale: 'en',
      asOf: null,
      now: new Date(),
    } as const
    await expect(record(database, testWorkspace(2), query)).rejects.toMatchObject({ code: 'unknown_record' })
  })

  test('a long journey shows its newest part and counts the rest; the sums stay whole', async () => {
    const many = Array.from({ length: 2600 }, (_, i): AnyRecord => {
      const occurredAt = new Date(Date.UTC(2026, 0, 1) + i * 60_000)
      return { type: 'touch', id: `m${i}`, person: { contactId: 'c' }, occurredAt, channel: i < 2000 ? 'sms' : 'email' }
    })
    const database = await storeWith(engine, [
      { type: 'contact', id: 'c', createdAt: at('2026-01-01') },
      ...many,
      deal('d', { contactIds: ['c'], ...won('2026-02-01', '2600') }),
    ])
    const answer = await view(database, 'deal', 'd')
    const touches = answer.journey.filter(({ kind }) => kind === 'touch')
    expect(answer.journey.length).toBe(500)
    expect(answer.journey_more).toBe(2600 - touches.length)
    expect(answer.credit.map(({ key, touches: n, amount }) => [key, n, amount])).toEqual([
      ['sms', 2000, '2000.00'],
      ['email', 600, '600.00'],
    ])
    expect(figuresOf(answer)).toMatchObject({ sourced_channel: 'SMS', first_to_close: '31.4 days' })
    const person = await view(database, 'contact', 'c')
    expect(figuresOf(person)).toMatchObject({ touches: '2,600', credited: '¥2,600', first_source: 'SMS · 2026-01-01' })
  })
})
