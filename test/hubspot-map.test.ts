import { describe, expect, test } from 'vitest'
import { type Env, envOf, type Mapped } from '../connectors/hubspot/env.ts'
import { fault } from '../connectors/hubspot/errors.ts'
import { toParticipation } from '../connectors/hubspot/events.ts'
import hubspot from '../connectors/hubspot/index.ts'
import { type Item, isReject, toItem } from '../connectors/hubspot/item.ts'
import { toCampaign } from '../connectors/hubspot/map-campaign.ts'
import { toAccount } from '../connectors/hubspot/map-company.ts'
import { toContact, wantsHistory } from '../connectors/hubspot/map-contact.ts'
import { toDeal } from '../connectors/hubspot/map-deal.ts'
import { toLead } from '../connectors/hubspot/map-lead.ts'
import { toOwner, toRate, toStage } from '../connectors/hubspot/map-setup.ts'
import { classify, urlClues } from '../connectors/hubspot/sources.ts'
import { compileRules, DEFAULT_RULES } from '../src/journey/channels.ts'
import { AnyRecord, type Touch } from '../src/model/records.ts'
import { FIELDS, type HttpAnswer } from '../src/sync/contract.ts'
import { contextOf, HAS_RECORDED, recorded } from './hubspot-kit.ts'

const DAY = '2026-05-01T08:00:00Z'

function item(properties: Record<string, unknown>, rest: Partial<Item> = {}): Item {
  const raw = { id: '7', properties: { createdate: DAY, ...properties }, createdAt: DAY, updatedAt: DAY }
  const made = toItem(raw, 'x', () => {})
  if (isReject(made)) throw new Error(made.code)
  return { ...made, ...rest }
}

function envWith(extra: Partial<Env> = {}, settings = {}) {
  const context = contextOf(() => undefined, settings)
  return { env: envOf(context, extra), drifts: context.drifts }
}

const { env } = envWith()

function touchesOf({ records }: Mapped): Touch[] {
  return records.filter((record): record is Touch => record.type === 'touch')
}

/** Drift about fields that a test did not care to fill in. */
function told(drifts: readonly string[], kind: string): string[] {
  return drifts.filter((drift) => drift.startsWith(kind))
}

describe('contacts', () => {
  test('identity, company and milestones, the newest kind of date first', () => {
    const { records } = toContact(
      item({
        email: 'a@x.cn',
        firstname: '伟',
        lastname: '王😀',
        mobilephone: '+86 138',
        associatedcompanyid: '12',
        country: 'CN',
        lifecyclestage: 'opportunity',
        lastmodifieddate: '1777622400000',
        hs_v2_date_entered_lead: '2026-05-02T00:00:00Z',
        hs_date_entered_lead: '2026-05-03T00:00:00Z',
        hs_date_entered_marketingqualifiedlead: '2026-05-04T00:00:00Z',
        hs_lifecyclestage_salesqualifiedlead_date: '2026-05-06T00:00:00Z',
      }),
      env,
    )
    expect(AnyRecord.parse(records[0])).toEqual({
      type: 'contact',
      id: '7',
      updatedAt: new Date('2026-05-01T08:00:00Z'),
      email: 'a@x.cn',
      phone: '+86 138',
      accountId: '12',
      name: '伟 王😀',
      createdAt: new Date(DAY),
      leadAt: new Date('2026-05-02'),
      mqlAt: new Date('2026-05-04'),
      sqlAt: new Date('2026-05-06'),
      region: 'CN',
      attributes: { lifecycle_stage: 'opportunity' },
    })
  })

  test('the history of the stage outranks the oldest kind of date', () => {
    const given = item(
      { lifecyclestage: 'lead', hs_lifecyclestage_lead_date: '2026-05-09T00:00:00Z' },
      {
        history: {
          lifecyclestage: [
            { value: 'lead', timestamp: '2026-05-05T00:00:00Z' },
            { value: 'lead', timestamp: '2026-05-03T00:00:00Z' },
          ],
        },
      },
    )
    expect(wantsHistory(given)).toBe(true)
    expect(toContact(given, env).records[0]).toMatchObject({ leadAt: new Date('2026-05-03') })
  })

  const first = { hs_analytics_source: 'ORGANIC_SEARCH', hs_analytics_first_timestamp: '2026-04-01T00:00:00Z' }

  test('one visit is one touch, and needs no history', () => {
    const given = item({
      ...first,
      hs_latest_source: 'ORGANIC_SEARCH',
      hs_latest_source_timestamp: '2026-04-01T00:05:00Z',
    })
    expect(wantsHistory(given)).toBe(false)
    expect(touchesOf(toContact(given, env))).toMatchObject([
      { id: '7:first', person: { contactId: '7' }, kind: 'visit', channel: 'organic_search' },
    ])
  })

  test('each change of the latest source is a touch with the drill-downs of its time', () => {
    const given = item(
      {
        ...first,
        hs_latest_source: 'PAID_SEARCH',
        hs_latest_source_timestamp: '2026-06-05T00:00:00Z',
        hs_latest_source_data_1: 'newest',
        hs_google_click_id: 'abc',
      },
      {
        history: {
          hs_latest_source: [
            { value: 'PAID_SEARCH', timestamp: '2026-06-01T00:00:00Z' },
            { value: 'EMAIL_MARKETING', timestamp: '2026-05-01T00:00:00Z' },
            { value: 'ORGANIC_SEARCH', timestamp: '2026-04-01T00:10:00Z' },
          ],
          hs_latest_source_data_1: [
            { value: 'brand', timestamp: '2026-06-01T00:00:01Z' },
            { value: '五一', timestamp: '2026-05-01T00:00:00Z' },
          ],
        },
      },
    )
    expect(wantsHistory(given)).toBe(true)
    const touches = touchesOf(toContact(given, env))
    expect(touches.map(({ id, channel, utmCampaign, clickId }) => ({ id, channel, utmCampaign, clickId }))).toEqual([
      { id: '7:first', channel: 'organic_search' },
      { id: '7:latest:1777593600000', channel: 'email', utmCampaign: '五一' },
      { id: '7:latest:1780272000000', channel: 'paid_other', utmCampaign: 'brand' },
      { id: '7:latest:1780617600000', utmCampaign: 'newest', clickId: 'gclid=abc' },
    ])
  })

  test('the page of the first visit brings UTM, click id and campaign; rules then decide the channel', () => {
    const guid = '1234ABCD-0000-4000-8000-1234567890ab'
    const url = 'https://x.cn/?utm_source=google&utm_medium=cpc&utm_campaign=a%20b&gclid=Zz#top'
    const [touch] = touchesOf(
      toContact(
        item({
          ...first,
          hs_analytics_source: 'PAID_SEARCH',
          hs_analytics_first_url: url,
          hs_analytics_first_touch_converting_campaign: guid,
        }),
        env,
      ),
    )
    expect(touch).toMatchObject({
      utmSource: 'google',
      utmCampaign: 'a b',
      clickId: 'gclid=Zz',
      campaignId: guid.toLowerCase(),
    })
    expect(touch).not.toHaveProperty('channel')
    expect(compileRules(DEFAULT_RULES)(touch!, true)).toBe('google_ads')
  })

  test('imports are no touch unless a setting says so; a meeting is', () => {
    const offline = (data: string) =>
      item({ ...first, hs_analytics_source: 'OFFLINE', hs_analytics_source_data_1: data })
    expect(touchesOf(toContact(offline('IMPORT'), env))).toEqual([])
    const on = envWith({}, { offline_sources: true }).env
    expect(touchesOf(toContact(offline('IMPORT'), on))).toMatchObject([{ channel: 'offline' }])
    expect(touchesOf(toContact(offline('MEETINGS'), env))).toMatchObject([{ kind: 'meeting' }])
  })

  test('clicks in e-mails, never opens; meetings; conversions only where forms are not read', () => {
    const given = item({
      hs_email_first_click_date: '2026-05-01T00:00:00Z',
      hs_email_last_click_date: '2026-05-01T00:00:00Z',
      hs_email_first_open_date: '2026-04-01T00:00:00Z',
      engagements_last_meeting_booked: '2026-05-02T00:00:00Z',
      engagements_last_meeting_booked_source: 'weixin',
      first_conversion_date: '2026-05-03T00:00:00Z',
      recent_conversion_date: '2026-05-04T00:00:00Z',
      recent_conversion_event_name: 'Page: Form',
    })
    const kinds = (env: Env) => touchesOf(toContact(given, env)).map(({ id }) => id)
    expect(kinds(env)).toEqual(['7:email_click:1777593600000', '7:meeting:1777680000000'])
    expect(kinds(envWith({}, { email_clicks: false }).env)).toEqual(['7:meeting:1777680000000'])
    expect(kinds(envWith({ conversions: true }).env)).toContain('7:conversion:1777852800000')
  })

  test('a contact without a creation date is refused with its reason', () => {
    const given = item({ createdate: { odd: true } }, { createdAt: undefined })
    const { records, rejected } = toContact(given, env)
    expect(records).toEqual([])
    expect(rejected).toMatchObject([
      { where: { id: '7' }, code: 'missing_created', raw: expect.stringContaining('odd') },
    ])
    expect(rejected![0]!.message['zh-CN']).toContain('创建日期')
  })
})

describe('the field contract', () => {
  test.each([
    ['number as text', 138, '138', ['retyped contacts.phone']],
    ['object is discarded', { a: 1 }, undefined, ['retyped contacts.phone']],
    ['list is discarded', ['1'], undefined, ['retyped contacts.phone']],
    ['null is absent', null, undefined, []],
    ['empty is absent', '  ', undefined, []],
  ])('%s', (_, value, phone, drift) => {
    const { env, drifts } = envWith()
    const [contact] = toContact(item({ phone: value }), env).records
    expect((contact as { phone?: string }).phone).toBe(phone)
    expect(told(drifts, 'retyped')).toEqual(drift)
  })

  test('a property that is gone is told once per read, optional ones never', () => {
    const { env, drifts } = envWith()
    toContact(item({}), env)
    toContact(item({}), env)
    expect(told(drifts, 'missing').filter((drift) => drift.endsWith('.email'))).toEqual(['missing contacts.email'])
    expect(drifts.join()).not.toContain('hs_reddit_click_id')
  })

  test('a new key beside the properties is told', () => {
    const drifts: string[] = []
    toItem({ id: '1', properties: {}, color: 'red' }, 'deals', (field, kind) => void drifts.push(`${kind} ${field}`))
    expect(drifts).toEqual(['new deals.color'])
  })

  test.each([
    ['2026-05-01T08:00:00Z', '2026-05-01T08:00:00.000Z'],
    ['1777622400000', '2026-05-01T08:00:00.000Z'],
    [1777622400000, '2026-05-01T08:00:00.000Z'],
    // A day alone begins in the account's zone.
    ['2026-05-01', '2026-04-30T16:00:00.000Z'],
    ['2026-13-45', undefined],
    ['soon', undefined],
    ['99999999999999999', undefined],
  ])('the date %s', (value, expected) => {
    const { env, drifts } = envWith()
    const [contact] = toContact(item({ hs_v2_date_entered_lead: value }), env).records
    expect((contact as { leadAt?: Date }).leadAt?.toISOString()).toBe(expected)
    expect(told(drifts, 'retyped').length > 0).toBe(expected === undefined || typeof value === 'number')
  })

  test.each([[{}], [null], ['x'], [{ id: '' }], [{ id: { a: 1 } }]])('a record without an id is refused: %j', (raw) => {
    expect(toItem(raw, 'deals', () => {})).toMatchObject({ code: 'missing_id', where: {} })
  })

  test('ids above 2^53 stay as they are', () => {
    expect(toItem({ id: '9007199254740993', properties: {} }, 'deals', () => {})).toMatchObject({
      id: '9007199254740993',
    })
  })
})

describe('deals', () => {
  const deal = (properties: Record<string, unknown>, rest: Partial<Item> = {}) => toDeal(item(properties, rest), env)

  test.each([
    ['won', { hs_is_closed: 'true', hs_is_closed_won: 'true' }, { won: true, closedAt: new Date('2026-06-01') }],
    ['lost', { hs_is_closed: 'true', hs_is_closed_won: 'false' }, { won: false, closedAt: new Date('2026-06-01') }],
  ])('%s is what HubSpot derives, not what the stage is called', (_, flags, expected) => {
    const { records } = deal({ dealstage: 'closedlostandfound', closedate: '2026-06-01T00:00:00Z', ...flags })
    expect(records[0]).toMatchObject(expected)
  })

  test('the close date of an open deal is only a forecast', () => {
    const [open] = deal({ dealstage: 'closedwon', hs_is_closed: 'false', closedate: '2026-12-31T00:00:00Z' }).records
    expect(open).not.toHaveProperty('closedAt')
    expect(open).not.toHaveProperty('won')
    expect(open).toMatchObject({ attributes: { expected_close: '2026-12-31T00:00:00.000Z' } })
  })

  test.each([
    ['its own currency', { amount: '3000', deal_currency_code: 'eur' }, { amount: '3000', currency: 'EUR' }],
    ['the account’s', { amount: '5000.00' }, { amount: '5000.00', currency: 'USD' }],
    ['a number', { amount: 12.5 }, { amount: '12.5', currency: 'USD' }],
    ['negative', { amount: '-7' }, { amount: '-7', currency: 'USD' }],
    ['none', { amount: null }, undefined],
  ])('amount: %s', (_, properties, expected) => {
    expect((deal(properties).records[0] as { amount?: unknown }).amount).toEqual(expected)
  })

  test.each([
    ['bad_amount', { amount: '1e3' }],
    ['bad_amount', { amount: '12,50' }],
    ['bad_currency', { amount: '1', deal_currency_code: 'DOGE' }],
  ])('refused as %s: %j', (code, properties) => {
    expect(deal(properties)).toMatchObject({ records: [], rejected: [{ code, where: { id: '7' } }] })
  })

  test.each([
    ['newbusiness', 'first'],
    ['existingbusiness', 'repurchase'],
    ['renewal', undefined],
  ])('kind %s is layer %s', (dealtype, layer) => {
    expect((deal({ dealtype }).records[0] as { layer?: string }).layer).toBe(layer)
  })

  test('histories of stage and amount become changes with lasting ids', () => {
    const { records } = deal(
      { amount: '20', dealstage: 'b' },
      {
        history: {
          dealstage: [
            { value: 'b', timestamp: '2026-05-03T00:00:00Z' },
            { value: 'a', timestamp: DAY },
          ],
          amount: [
            { value: '20', timestamp: '2026-05-04T00:00:00Z' },
            { value: '', timestamp: '2026-05-03T00:00:00Z' },
            { value: 'ten', timestamp: DAY },
          ],
        },
      },
    )
    expect(records.slice(1).map((record) => AnyRecord.parse(record))).toMatchObject([
      { type: 'stage_change', id: '7:stage:1777622400000:a', stage: 'a' },
      { type: 'stage_change', id: '7:stage:1777766400000:b', stage: 'b' },
      { type: 'amount_change', id: '7:amount:1777766400000', dealId: '7' },
      { type: 'amount_change', id: '7:amount:1777852800000', amount: { amount: '20', currency: 'USD' } },
    ])
    expect(records[3]).not.toHaveProperty('amount')
  })
})

describe('the rest', () => {
  test('a company without a name is called by its domain, else by its id', () => {
    expect(toAccount(item({ domain: 'x.cn' }), env).records[0]).toMatchObject({ name: 'x.cn' })
    expect(toAccount(item({}), env).records[0]).toMatchObject({ name: '#7' })
  })

  test('a lead is accepted, dropped or open by its stage', () => {
    const { env } = envWith({
      leadStages: new Map([
        ['q', true],
        ['u', false],
      ]),
    })
    const accepted = (stage: string) =>
      (toLead(item({ hs_pipeline_stage: stage }), env).records[0] as { accepted?: boolean }).accepted
    expect([accepted('q'), accepted('u'), accepted('n')]).toEqual([true, false, undefined])
  })

  test('a rate is what one unit of the foreign currency is worth in the company’s', () => {
    const raw = {
      id: '1',
      fromCurrencyCode: 'EUR',
      toCurrencyCode: 'USD',
      conversionRate: 1.08,
      effectiveAt: '2026-05-01T20:00:00Z',
    }
    expect(toRate(raw, 'Asia/Shanghai')).toMatchObject({ from: 'EUR', to: 'USD', date: '2026-05-02', factor: '1.08' })
    expect(toRate({ ...raw, conversionRate: 0 }, 'UTC')).toMatchObject({ code: 'bad_rate' })
    expect(toRate({ ...raw, conversionRate: 1e-9 }, 'UTC')).toMatchObject({ code: 'bad_rate' })
  })

  test('spend is dated within its campaign and says that this is an estimate', () => {
    const spend = (id: string, createdAt: string, name = 'Booth') => ({
      id,
      name,
      amount: 10.5,
      createdAt: Date.parse(createdAt),
    })
    const { records, rejected } = toCampaign(
      item({ hs_name: '春季', hs_start_date: '2026-03-01', hs_end_date: '2026-03-31' }),
      {
        currencyCode: 'CNY',
        budgetTotal: 100,
        spendItems: [
          spend('a', '2026-02-01'),
          spend('b', '2026-03-10', 'Travel'),
          spend('c', '2026-05-01'),
          { id: 'd', amount: 'x' },
        ],
      },
      env,
    )
    expect(records.map((record) => AnyRecord.parse(record))).toMatchObject([
      { type: 'campaign', name: '春季', startDate: '2026-03-01', budget: { amount: '100', currency: 'CNY' } },
      {
        id: '7:a',
        date: '2026-03-01',
        category: 'other',
        state: 'actual',
        amount: { amount: '10.5' },
        attributes: { date_estimated: 'true', item_name: 'Booth' },
      },
      { id: '7:b', date: '2026-03-10', category: 'travel' },
      { id: '7:c', date: '2026-03-31' },
    ])
    expect(rejected).toMatchObject([{ code: 'bad_spend_item', where: { id: 'd' } }])
  })

  test('participations are dated by the event, never by an import after it', () => {
    const start = new Date('2026-05-10')
    const event = { id: 'e', name: 'Expo', kind: 'WEBINAR', start, end: undefined, updatedAt: undefined }
    const of = (attendanceState: string, occurredAt: string) =>
      toParticipation(
        {
          properties: { attendanceState, occurredAt: Date.parse(occurredAt) },
          associations: { contact: { contactId: '5' } },
        },
        event,
        env,
      )
    expect(of('REGISTERED', '2026-05-01')).toMatchObject({ occurredAt: new Date('2026-05-01'), kind: 'event' })
    expect(of('REGISTERED', '2026-08-01')).toMatchObject({ occurredAt: start })
    expect(of('ATTENDED', '2026-08-01')).toMatchObject({ occurredAt: start, kind: 'webinar', channel: 'events' })
    expect(of('CANCELLED', '2026-05-01')).toBeUndefined()
  })

  test('every source HubSpot names has a channel, all but one of the default rules', () => {
    const known = new Set(DEFAULT_RULES.map(({ channel }) => channel))
    const sources =
      'ORGANIC_SEARCH PAID_SEARCH PAID_SOCIAL SOCIAL_MEDIA EMAIL_MARKETING REFERRALS DIRECT_TRAFFIC OTHER_CAMPAIGNS AI_REFERRALS'
    for (const source of sources.split(' ')) {
      expect(known).toContain(classify({ source, data1: undefined, data2: undefined }, false)?.channel)
    }
    expect(classify({ source: 'PAID_SOCIAL', data1: 'Facebook', data2: undefined }, false)?.channel).toBe('meta_ads')
    expect(classify({ source: 'NEW_ONE', data1: undefined, data2: undefined }, false)?.channel).toBeUndefined()
    expect(classify({ source: 'constructor', data1: 'toString', data2: undefined }, false)?.channel).toBeUndefined()
  })

  test('addresses that are none do no harm', () => {
    expect(urlClues('?utm_source=%E4%BD%A0&utm_medium=%')).toMatchObject({ utmSource: '你', utmMedium: '%' })
    expect(urlClues('not an address')).toEqual({ landingUrl: 'not an address' })
  })
})

describe('what answers say went wrong', () => {
  const answer = (status: number, body: unknown): HttpAnswer => ({
    status,
    body,
    header: (name) => (name === 'date' ? 'Fri, 20 Nov 2026 16:20:00 GMT' : undefined),
  })

  test.each([
    [401, { status: 'error', category: 'EXPIRED_AUTHENTICATION' }, 'unauthorized', 'fix-settings'],
    [401, { status: 'error', category: 'INVALID_AUTHENTICATION' }, 'unauthorized', 'fix-settings'],
    [403, { status: 'error', category: 'SOMETHING' }, 'forbidden', 'fix-settings'],
    [429, { status: 'error', policyName: 'TEN_SECONDLY_ROLLING' }, 'TEN_SECONDLY_ROLLING', 'retry'],
    [429, { status: 'error', policyName: 'DAILY' }, 'DAILY', 'wait'],
    [400, { status: 'error', category: 'VALIDATION_ERROR' }, 'VALIDATION_ERROR', 'report'],
    [200, { status: 'error', category: 'VALIDATION_ERROR' }, 'VALIDATION_ERROR', 'report'],
  ])('%i %j', (status, body, code, remedy) => {
    expect(fault(answer(status, body))?.code).toBe(code)
    expect(hubspot.errors[code]).toBe(remedy)
  })

  test('a missing scope is named', () => {
    const errors = [{ context: { requiredGranularScopes: ['crm.objects.deals.read'] } }]
    const found = fault(answer(403, { status: 'error', category: 'MISSING_SCOPES', message: 'No.', errors }))
    expect(found).toMatchObject({ code: 'missing_scope', message: expect.stringContaining('crm.objects.deals.read') })
  })

  test('a daily limit is looked at again after the next full hour of HubSpot’s clock', () => {
    const found = fault(answer(429, { status: 'error', policyName: 'DAILY' }))
    expect(found?.retryAt).toEqual(new Date('2026-11-20T17:01:00Z'))
  })

  test.each([[{ results: [] }], [{ status: 'COMPLETE', results: [] }], ['<html>'], [undefined], [null]])(
    '%j is no fault',
    (body) => {
      expect(fault(answer(200, body))).toBeUndefined()
    },
  )
})

test('every setting has its words in both languages, and the token is secret', () => {
  for (const field of Object.values(hubspot.settings.shape)) {
    const words = FIELDS.get(field)
    expect(words?.label.en && words.label['zh-CN'] && words.help?.en && words.help['zh-CN']).toBeTruthy()
  }
  expect(FIELDS.get(hubspot.settings.shape.token)?.secret).toBe(true)
})

describe.skipIf(!HAS_RECORDED)('recorded answers of real portals (skipped where shared/ is absent)', () => {
  const items = (name: string): Item[] =>
    recorded(name)
      .flatMap((body) => (body as { results: unknown[] }).results)
      .map((raw) => toItem(raw, name, () => {}) as Item)

  test('deals', () => {
    const { env, drifts } = envWith()
    const listed = items('list-deals')
    const mapped = listed.map((one) => toDeal(one, env))
    expect(mapped.flatMap(({ rejected = [] }) => rejected)).toEqual([])
    expect(mapped.flatMap(({ records }) => records).map((record) => AnyRecord.parse(record))).toHaveLength(
      listed.length,
    )
    expect(told(drifts, 'new').concat(told(drifts, 'retyped'))).toEqual([])
  })

  test('companies', () => {
    for (const one of items('list-companies')) AnyRecord.parse(toAccount(one, env).records[0])
  })

  test('contacts with their history', () => {
    const listed = items('contacts-with-history')
    expect(listed.length).toBeGreaterThan(0)
    for (const one of listed) for (const record of toContact(one, env).records) AnyRecord.parse(record)
  })

  test('an owner is known as a person of HubSpot by e-mail, id as a user and teams', () => {
    const teams = [
      { id: '178588', name: 'West', primary: false },
      { id: '178590', name: 'East', primary: true },
    ]
    const raw = { id: '6', email: 'j@x.cn', userId: 12, userIdIncludingInactive: 12, teams, archived: false }
    expect(toOwner(raw)).toMatchObject({ team: 'East', attributes: { user_id: '12', team_ids: '178588,178590' } })
    // Of who left only the second id is told, and no team.
    const left = { id: '7', userId: null, userIdIncludingInactive: 13, archived: true }
    expect(toOwner(left)).toMatchObject({ attributes: { user_id: '13', archived: 'true' } })
    expect(toOwner({ id: '8', type: 'QUEUE' })).not.toHaveProperty('attributes')
  })

  test('owner, stages, account', async () => {
    expect(toOwner(recorded('get-owner')[0])).toMatchObject({ id: '534941', name: 'Group Grader' })
    const [{ results }] = recorded('fetch-pipelines') as [{ results: { label: string; stages: unknown[] }[] }]
    const stages = results[0]!.stages.map((raw) => toStage(raw, results[0]!.label, 'deals'))
    expect(stages.filter((stage) => 'won' in stage && stage.won)).toMatchObject([{ id: 'closedwon', probability: 1 }])
    expect(stages.filter((stage) => 'closed' in stage && stage.closed)).toHaveLength(2)
    const [details] = recorded('fetch-account-information')
    expect(await hubspot.check(contextOf(() => details))).toEqual({
      externalAccountId: '147893286',
      name: 'HubSpot 147893286',
      currency: 'USD',
      zone: 'US/Eastern',
    })
  })
})
