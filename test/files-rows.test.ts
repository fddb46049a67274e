import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digest, SeenKeys } from '../connectors/files/seen-keys.ts'
import { noticeCounts, read, refusals, rows } from './files-kit.ts'

describe('rows of every template', () => {
  it('campaigns', async () => {
    const header = 'campaign_id,name,tier,brand,paid,budget,start_date,target_leads,utm_campaign,type\n'
    const result = await read(
      'campaigns',
      `${header}K1,Expo,战略型,否,YES,80000,2026-03-01,200,expo,offline\nK2,Ads,gold,Acme,,,,,,\n`,
    )
    expect(result.records).toEqual([
      {
        type: 'campaign',
        id: 'K1',
        name: 'Expo',
        tier: 'strategic',
        brand: false,
        paid: true,
        budget: { amount: '80000', currency: 'CNY' },
        startDate: '2026-03-01',
        targetLeads: 200,
        utmCampaign: 'expo',
        kind: 'offline',
      },
      { type: 'campaign', id: 'K2', name: 'Ads', tier: 'gold', attributes: { brand: 'Acme' } },
    ])
    expect(noticeCounts(result)).toEqual(['unknown_tier 1', 'brand_text 1'])
  })

  it('costs: empty state is actual, Chinese words are the known ones, unknown words are reported once each', async () => {
    const result = await read(
      'costs',
      '日期,金额,费用类别,费用状态\n2026-03-01,5,广告,\n2026-03-02,-5,工资,计划\n2026-03-02,5,差遣,已支付\n2026-03-03,5,差遣,x\n',
    )
    expect(result.records).toMatchObject([
      { category: 'ads', state: 'actual' },
      { category: 'salary', state: 'planned', amount: { amount: '-5' } },
      { category: '差遣', state: 'paid' },
      { category: '差遣', state: 'x' },
    ])
    expect(noticeCounts(result)).toEqual(['unknown_category 2', 'unknown_state 1'])
    expect(result.notices[0]!.message['zh-CN']).toContain('差遣')
    expect(result.notices[0]!.example).toBe('line 4')
  })

  it('touches: contact, else e-mail, else phone', async () => {
    const file =
      'contact_id,email,phone,occurred_at,channel\nC1,a@b.c,1,2026-01-01,x\n,a@b.c,1,2026-01-01,\n,,+8613800000000,2026-01-01,x\n,,,2026-01-01,x\n'
    const result = await read('touches', file)
    expect(result.records.map((touch) => 'person' in touch && touch.person)).toEqual([
      { contactId: 'C1' },
      { email: 'a@b.c' },
      { phone: '+8613800000000' },
    ])
    expect(refusals(result)).toEqual(['5 missing_value contact_id'])
    expect(noticeCounts(result)).toEqual(['touch_without_source 1'])
  })

  it('deals: stage decides where won is silent', async () => {
    const stages = ['Won', 'Closed Won', 'closedwon', '赢单', '已成交', 'Closed Lost', '丢单', '流失', 'Engaging', '']
    const file = `deal_id,amount,stage,closed_at,won\n${stages.map((stage, i) => `D${i},1,${stage},2026-01-01,\n`).join('')}E,1,Won,2026-01-01,否\n`
    const deals = await rows('deals', file)
    expect(deals.map(({ won }) => won)).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      false,
      false,
      undefined,
      undefined,
      false,
    ])
  })

  it('deals: a won one needs amount and close time', async () => {
    const result = await read(
      'deals',
      'deal_id,amount,won,closed_at\nD1,,1,2026-01-01\nD2,1,true,\nD3,0,Y,2026-01-01\nD4,,n,\nD5,1,maybe,\n',
    )
    expect(refusals(result)).toEqual(['2 missing_amount amount', '3 missing_closed_at closed_at', '6 bad_boolean won'])
    expect(result.records).toHaveLength(2)
  })

  it('deals: several contacts, each once', async () => {
    const [deal] = await rows('deals', 'deal_id,contact_ids\nD1, C1 ;C2；C1;\n')
    expect(deal!.contactIds).toEqual(['C1', 'C2'])
  })

  it('deals: oddities are counted, not refused', async () => {
    const result = await read(
      'deals',
      'deal_id,amount,created_at,closed_at,account_id\nD1,,,,\nD2,1,2026-02-01,2026-01-01,A\n',
    )
    expect(noticeCounts(result)).toEqual([
      'open_deal_without_amount 1',
      'deal_without_created_at 1',
      'deal_without_account 1',
      'closed_before_created 1',
    ])
  })

  it('rates: an exact decimal per pair and day, whatever the cell looks like', async () => {
    const result = await read(
      'rates',
      'date,from,to,rate\n2026-01-01,usd,人民币,7.123456789\n2026-01-02,USD,CNY,"25,450.5"\n2026-01-03,USD,CNY,007\n',
    )
    expect(result.records).toEqual([
      { type: 'rate', id: 'USD/CNY 2026-01-01', date: '2026-01-01', from: 'USD', to: 'CNY', factor: '7.123456789' },
      { type: 'rate', id: 'USD/CNY 2026-01-02', date: '2026-01-02', from: 'USD', to: 'CNY', factor: '25450.5' },
      { type: 'rate', id: 'USD/CNY 2026-01-03', date: '2026-01-03', from: 'USD', to: 'CNY', factor: '7' },
    ])
    expect(result.notices).toEqual([])
    const commas = 'date;from;to;rate\n2026-01-01;USD;CNY;7,1234\n'
    expect(await rows('rates', commas)).toMatchObject([{ factor: '7.1234' }])
    const three = commas.replace('7,1234', '7,123')
    expect(await rows('rates', three, { map: { columns: {}, decimal: ',' } })).toMatchObject([{ factor: '7.123' }])
  })

  it('rates: refuses what is no rate, and a second one of a pair and day', async () => {
    const result = await read(
      'rates',
      [
        'date,from,to,rate',
        '2026-01-01,USD,CNY,7',
        '2026-01-01,USD,CNY,7.1',
        '2026-01-02,USD,CNY,0',
        '2026-01-03,USD,CNY,-7',
        '2026-01-04,USD,CNY,"7,123"',
        '2026-01-05,USD,CNY,USD 7',
        '2026-01-06,USD,CNY,7.0000000000000000001',
        '2026-01-07,USD,USD,1',
        '2026-01-08,USX,CNY,1',
        '2026-01-09,USD,,1',
      ].join('\n'),
    )
    expect(refusals(result)).toEqual([
      '3 duplicate_id date',
      '4 bad_rate rate',
      '5 bad_rate rate',
      '6 bad_rate rate',
      '7 bad_rate rate',
      '8 bad_rate rate',
      '9 same_currency to',
      '10 unknown_currency from',
      '11 missing_value to',
    ])
  })

  it('required cells are not empty', async () => {
    const result = await read(
      'payments',
      'payment_id,deal_id,amount,paid_at\nP1,,1,2026-01-01\nP2,D,,2026-01-01\nP3,D,-1,\nP4,D,-1,2026-01-01\n',
    )
    expect(refusals(result)).toEqual(['2 missing_value deal_id', '3 missing_value amount', '4 missing_value paid_at'])
    expect(result.rejected[0]!.message['zh-CN']).toContain('deal_id')
  })

  it('extra columns become attributes, dangerous names included', async () => {
    const [record] = await rows('accounts', 'account_id,name,__proto__,constructor,Note,,note\nA1,x,p,c,n1,z,n2\n')
    expect(record!.attributes).toEqual({ 'column 3': 'p', constructor: 'c', Note: 'n1', note: 'n2', 'column 6': 'z' })
    expect(({} as Record<string, unknown>).p).toBeUndefined()
  })

  it('texts longer than the model keeps are shortened with a notice', async () => {
    const result = await read('accounts', `account_id,name\nA1,${'x'.repeat(5000)}\n`)
    expect(noticeCounts(result)).toEqual(['text_shortened 1'])
  })
})

describe('ids', () => {
  it('refuses ids that Excel mangled and warns of rounded ones', async () => {
    const file =
      'deal_id,account_id,contact_ids\n1.83E+18,,\nD2,1.8E+18,\nD3,,C1;1.8E+18\n1830000000000012000,A,\nCAFE+12,A,\n1834567890123456789,A,\n'
    const result = await read('deals', file)
    expect(refusals(result)).toEqual(['2 mangled_id deal_id', '3 mangled_id account_id', '4 mangled_id contact_ids'])
    expect(result.rejected[0]!.message.en).toContain('Format the column as text')
    expect(result.records.map(({ id }) => id)).toEqual(['1830000000000012000', 'CAFE+12', '1834567890123456789'])
    expect(noticeCounts(result)).toContain('rounded_id 1')
  })

  it('a repeated row is read once, a conflicting one is refused with the first line', async () => {
    const result = await read('accounts', 'account_id,name\nA1,x\nA1,x\nA1,y\nA2,x\n')
    expect(result.records.map(({ id }) => id)).toEqual(['A1', 'A2'])
    expect(noticeCounts(result)).toEqual(['duplicate_row 1'])
    expect(refusals(result)).toEqual(['4 duplicate_id account_id'])
    expect(result.rejected[0]!.message.en).toContain('line 2')
    const touches = await read('touches', 'occurred_at,touch_id,contact_id\n2026-01-01,T,C\n2026-01-02,T,C\n')
    expect(refusals(touches)).toEqual(['3 duplicate_id touch_id'])
  })

  it('a refused row does not stand in the way of a good one with the same id', async () => {
    const result = await read('accounts', 'account_id,name\nA1,\nA1,x\n')
    expect(result.records).toHaveLength(1)
  })

  it('touches without id get the same ids in every import, whatever the spelling of the time', async () => {
    const header = 'contact_id,occurred_at,channel\n'
    const one = await rows('touches', `${header}C1,2026-01-01 10:00,x\nC1,2026-01-01 10:00,x\nC1,2026-01-01 10:00,y\n`)
    const two = await rows(
      'touches',
      `${header}C1,2026-01-01T02:00:00Z,x\nC1,2026/1/1 10:00:00,x\nC1,2026-01-01 10:00,y\n`,
    )
    expect(two.map(({ id }) => id)).toEqual(one.map(({ id }) => id))
    expect(new Set(one.map(({ id }) => id)).size).toBe(3)
    expect(one[0]!.id).toMatch(/^auto:[0-9a-f]{32}$/)
  })

  it('costs without id: 100 and 100.00 are the same row, another note is another', async () => {
    const header = 'date,amount,category,note\n'
    const id = async (row: string) => (await rows('costs', header + row))[0]!.id
    expect(await id('2026-01-01,100,ads,\n')).toBe(await id('2026/1/1,¥100.00,广告,\n'))
    expect(await id('2026-01-01,100,ads,\n')).not.toBe(await id('2026-01-01,100,ads,x\n'))
  })

  it('the table of seen keys answers like a map', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 4 }), { maxLength: 3000 }), (keys) => {
        const seen = new SeenKeys(4)
        const map = new Map<string, number>()
        keys.forEach((key, i) => {
          const before = seen.add(key, digest(key, 1), i + 1)
          expect(before?.line).toBe(map.get(key))
          if (!map.has(key)) map.set(key, i + 1)
        })
        expect(seen.size).toBe(map.size)
      }),
      { numRuns: 30 },
    )
    const counts = new SeenKeys(4)
    expect([counts.count('a'), counts.count('a'), counts.count('b'), counts.count('a')]).toEqual([1, 2, 1, 3])
  })

  it('half a million different keys are never taken for one another', () => {
    const seen = new SeenKeys()
    for (let i = 0; i < 500_000; i++) if (seen.add(`c-${i}`, 0, i + 1)) throw new Error(`c-${i} collides`)
    expect(seen.size).toBe(500_000)
  })
})
