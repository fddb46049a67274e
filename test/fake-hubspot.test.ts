import { readdirSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { manualClock } from './fakes/clock.ts'
import type { FakeRequest } from './fakes/http.ts'
import type { AccountOptions, HubSpotAccount } from './fakes/hubspot/account.ts'
import { REVENUE_MODELS } from './fakes/hubspot/marketing.ts'
import { compareIds } from './fakes/hubspot/records.ts'
import { seedPortal } from './fakes/hubspot/seed.ts'
import {
  HUBSPOT_RECORDED,
  type HubSpot,
  type HubSpotOptions,
  hubspotValidator,
  recorded,
  startHubSpot,
} from './fakes/hubspot.ts'

const HOUR = 60 * 60 * 1000
const DAY = 24 * HOUR

// biome-ignore lint/suspicious/noExplicitAny: the tests look at answers whose shape is what they test
type Json = any

interface Portal {
  readonly fake: HubSpot
  readonly account: HubSpotAccount
  readonly clock: ReturnType<typeof manualClock>
  ask(path: string, body?: unknown, token?: string): Promise<{ status: number; headers: Headers; body: Json }>
}

async function open(options: HubSpotOptions = {}, portal: AccountOptions = {}): Promise<Portal> {
  const clock = manualClock()
  const fake = await startHubSpot({ clock, limits: false, ...options })
  onTestFinished(async () => {
    await fake.close()
    // What a test refuses on purpose is answered by the description already; nothing else may be wrong.
    expect(fake.violations.filter((violation) => !violation.startsWith('request'))).toEqual([])
  })
  const account = fake.addAccount(portal)
  return {
    fake,
    account,
    clock,
    async ask(path, body, token = account.token) {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const init = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) }
      const answer = await fetch(fake.origin + path, init)
      return { status: answer.status, headers: answer.headers, body: await answer.json() }
    },
  }
}

/** Ids of a list, page by page. */
async function walk({ ask }: Portal, path: string, limit = 100): Promise<string[]> {
  const ids: string[] = []
  let after = ''
  do {
    const { status, body } = await ask(
      `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${after && `&after=${after}`}`,
    )
    expect(status).toBe(200)
    ids.push(...body.results.map(({ id }: { id: string }) => id))
    after = body.paging?.next.after ?? ''
  } while (after)
  return ids
}

const OBJECTS = '/crm/objects/2026-09'

test('a list goes by id, from any id on, and shows what was asked for', async () => {
  const portal = await open({}, { bigIds: true })
  const { account, ask } = portal
  seedPortal(account, { contacts: 250 })
  const ids = account.ids('contacts')
  expect(ids).toHaveLength(250)
  expect(ids.toSorted(compareIds)).toEqual(ids)
  expect(BigInt(ids.at(-1) ?? 0)).toBeGreaterThan(2n ** 53n)
  expect(await walk(portal, `${OBJECTS}/contacts`)).toEqual(ids)
  expect(await walk(portal, '/crm/v3/objects/contacts?properties=email', 7)).toEqual(ids)
  const middle = String((BigInt(ids[120] ?? 0) + BigInt(ids[121] ?? 0)) / 2n)
  const page = await ask(
    `${OBJECTS}/contacts?limit=2&after=${middle}&properties=email,hs_google_click_id&properties=nonsense`,
  )
  expect(page.body.results.map(({ id }: { id: string }) => id)).toEqual(ids.slice(121, 123))
  expect(Object.keys(page.body.results[0].properties)).toEqual([
    'createdate',
    'email',
    'hs_google_click_id',
    'hs_object_id',
    'lastmodifieddate',
  ])
  expect(page.body.results[0]).toMatchObject({ archived: false, properties: { hs_object_id: ids[121] } })
  expect((await ask(`${OBJECTS}/contacts?limit=101`)).status).toBe(400)
  expect((await ask(`${OBJECTS}/contacts?limit=51&propertiesWithHistory=email`)).status).toBe(400)
  expect((await ask(`${OBJECTS}/nothing`)).status).toBe(400)
  expect((await ask('/crm/objects/2019-01/contacts')).status).toBe(404)
})

test('stages bring dates, history and what follows from the pipeline', async () => {
  const { account, clock, ask } = await open({}, { currency: 'CNY' })
  const start = clock.now()
  account.setRate('USD', 7.1)
  const { id } = account.createDeal({ amount: '5000.00', deal_currency_code: 'USD', dealname: '年度"续约"\n😀\ud800' })
  clock.advance(HOUR)
  account.update('deals', id, { dealstage: 'contractsent', amount: 3000 })
  clock.advance(HOUR)
  account.update('deals', id, { dealstage: 'closedwon', closedate: '2026-11-20T00:00:00Z' })
  const properties = [
    ...[
      'dealname',
      'amount',
      'amount_in_home_currency',
      'hs_is_closed',
      'hs_is_closed_won',
      'hs_deal_stage_probability',
    ],
    ...['hs_v2_date_entered_contractsent', 'hs_v2_date_exited_contractsent', 'hs_v2_date_entered_closedlost'],
  ]
  const { body } = await ask(`${OBJECTS}/deals/${id}?properties=${properties}&propertiesWithHistory=dealstage,amount`)
  expect(body.properties).toMatchObject({
    dealname: '年度"续约"\n😀\ud800',
    amount: '3000',
    amount_in_home_currency: '21300',
    hs_is_closed: 'true',
    hs_is_closed_won: 'true',
    hs_deal_stage_probability: '1',
    hs_v2_date_entered_contractsent: new Date(start + HOUR).toISOString(),
    hs_v2_date_exited_contractsent: new Date(start + 2 * HOUR).toISOString(),
    hs_v2_date_entered_closedlost: null,
    hs_lastmodifieddate: new Date(start + 2 * HOUR).toISOString(),
  })
  const values = (name: string) => body.propertiesWithHistory[name].map(({ value }: { value: string }) => value)
  expect(values('dealstage')).toEqual(['closedwon', 'contractsent', 'appointmentscheduled'])
  expect(values('amount')).toEqual(['3000', '5000.00'])
  account.update('deals', id, { dealstage: 'qualifiedtobuy' })
  const reopened = await ask(`${OBJECTS}/deals/${id}?properties=hs_is_closed_won,hs_deal_stage_probability`)
  expect(reopened.body.properties).toMatchObject({
    hs_is_closed_won: 'false',
    hs_deal_stage_probability: '0.40000000000000002220446049250313080847263336181640625',
  })
})

test('batch read answers what it finds and names what it does not', async () => {
  const { account, ask } = await open()
  const [first, second] = [account.createCompany({ name: 'A' }), account.createCompany({ name: 'B' })]
  const body = {
    inputs: [{ id: second.id }, { id: '404' }, { id: first.id }],
    properties: ['name'],
    propertiesWithHistory: ['name'],
  }
  const answer = await ask(`${OBJECTS}/companies/batch/read`, body)
  expect(answer.status).toBe(207)
  expect(answer.body).toMatchObject({ status: 'COMPLETE', numErrors: 1, errors: [{ context: { ids: ['404'] } }] })
  expect(answer.body.results.map(({ properties }: Json) => properties.name)).toEqual(['B', 'A'])
  expect(answer.body.results[0].propertiesWithHistory.name).toHaveLength(1)
  const many = Array.from({ length: 101 }, (_, index) => ({ id: String(index) }))
  expect((await ask(`${OBJECTS}/companies/batch/read`, { ...body, inputs: many })).status).toBe(400)
})

test('search filters, sorts, pages, and ends at 10,000', async () => {
  const { account, clock, ask } = await open()
  const start = clock.now()
  for (let index = 0; index < 10; index += 1) {
    const values = { amount: index * 100, dealtype: index % 2 ? 'newbusiness' : null, dealname: `Deal ${index}` }
    account.createDeal(values, { createdAt: start - index * DAY })
  }
  const ids = account.ids('deals')
  const find = async (filters: Json[], rest: object = {}) => {
    const { body } = await ask(`${OBJECTS}/deals/search`, { filterGroups: [{ filters }], limit: 200, ...rest })
    return body.results.map(({ id }: { id: string }) => ids.indexOf(id))
  }
  const where = (propertyName: string, operator: string, value?: unknown) => ({
    propertyName,
    operator,
    ...(value === undefined ? {} : { value: String(value) }),
  })
  const upwards = { sorts: [{ propertyName: 'amount', direction: 'ASCENDING' }] }
  expect(await find([where('amount', 'GT', 700)], upwards)).toEqual([8, 9])
  expect(await find([where('amount', 'GTE', 700)], { sorts: ['-amount'] })).toEqual([9, 8, 7])
  expect(await find([where('amount', 'LT', 200)], upwards)).toEqual([0, 1])
  expect(await find([where('amount', 'EQ', '200.00')])).toEqual([2])
  expect(await find([where('dealname', 'EQ', 'deal 3')])).toEqual([3])
  expect(await find([where('amount', 'NEQ', 0), where('amount', 'LTE', 200)], upwards)).toEqual([1, 2])
  expect(await find([{ ...where('amount', 'BETWEEN', 300), highValue: '500' }], upwards)).toEqual([3, 4, 5])
  expect(await find([{ propertyName: 'hs_object_id', operator: 'IN', values: [ids[4], ids[2]] }])).toEqual([4, 2])
  expect(await find([where('dealtype', 'HAS_PROPERTY')], upwards)).toEqual([1, 3, 5, 7, 9])
  expect(await find([where('dealtype', 'NOT_HAS_PROPERTY')], upwards)).toEqual([0, 2, 4, 6, 8])
  expect(
    await find([where('hs_lastmodifieddate', 'GTE', start - 2 * DAY)], { sorts: ['hs_lastmodifieddate'] }),
  ).toEqual([2, 1, 0])
  expect(await find([where('hs_object_id', 'GT', ids[7])], { sorts: ['hs_object_id'] })).toEqual([8, 9])
  const either = { filterGroups: [{ filters: [where('amount', 'EQ', 0)] }, { filters: [where('amount', 'EQ', 900)] }] }
  const page = await ask(`${OBJECTS}/deals/search`, { ...either, limit: 1 })
  expect(page.body).toMatchObject({ total: 2, paging: { next: { after: '1' } } })
  expect(page.body.results[0]).not.toHaveProperty('associations')
  expect((await ask(`${OBJECTS}/deals/search`, { ...either, limit: 1, after: '1' })).body).not.toHaveProperty('paging')
  const statusOf = async (body: object) => (await ask(`${OBJECTS}/deals/search`, body)).status
  const filter = where('amount', 'EQ', 1)
  const group = { filters: Array.from({ length: 6 }, () => filter) }
  expect(await statusOf({ limit: 200, after: '9800' })).toBe(200)
  expect(await statusOf({ limit: 200, after: '9801' })).toBe(400)
  expect(await statusOf({ limit: 201 })).toBe(400)
  expect(await statusOf({ sorts: ['amount', 'dealname'] })).toBe(400)
  expect(await statusOf({ filterGroups: [group, group, group] })).toBe(200)
  expect(await statusOf({ filterGroups: [group, group, group, { filters: [filter] }] })).toBe(400)
  expect(await statusOf({ filterGroups: [{ filters: [...group.filters, filter] }] })).toBe(400)
  expect(await statusOf({ filterGroups: [{ filters: [where('no_such', 'EQ', 1)] }] })).toBe(400)
  expect(await statusOf({ query: 'x'.repeat(3000) })).toBe(400)
})

test('the search index lags behind, lists do not', async () => {
  const portal = await open({}, { searchLag: 10_000 })
  const { account, clock, ask } = portal
  const found = async () => {
    const { body } = await ask(`${OBJECTS}/contacts/search`, { properties: ['email'], sorts: ['email'] })
    return body.results.map(({ properties }: Json) => properties.email)
  }
  const { id } = account.createContact({ email: 'a@example.com' })
  expect([await found(), await walk(portal, `${OBJECTS}/contacts`)]).toEqual([[], [id]])
  clock.advance(5000)
  account.update('contacts', id, { email: 'b@example.com' })
  clock.advance(5000)
  expect(await found()).toEqual(['a@example.com'])
  clock.advance(5000)
  expect(await found()).toEqual(['b@example.com'])
  account.delete('contacts', id)
  expect(await found()).toEqual([])
})

test('associations come with lists and in batches, 500 at a time', async () => {
  const { account, ask } = await open()
  const company = account.createCompany()
  const [deal, lonely] = [account.createDeal(), account.createDeal()]
  const contacts = Array.from({ length: 501 }, () => account.createContact())
  for (const { id } of contacts) account.associate(['companies', company.id], ['contacts', id])
  account.associate(['deals', deal.id], ['companies', company.id])
  const label = { typeId: 36, label: '决策人', category: 'USER_DEFINED' } as const
  account.associate(['deals', deal.id], ['contacts', contacts[0]!.id], { labels: [label] })
  const list = await ask(`${OBJECTS}/deals?associations=contacts,companies`)
  expect(list.body.results[0].associations).toEqual({
    companies: {
      results: [
        { id: company.id, type: 'deal_to_company' },
        { id: company.id, type: 'deal_to_company_unlabeled' },
      ],
    },
    contacts: {
      results: [
        { id: contacts[0]!.id, type: 'deal_to_contact' },
        { id: contacts[0]!.id, type: 'deal_to_contact' },
      ],
    },
  })
  expect(list.body.results[1]).not.toHaveProperty('associations')
  const path = '/crm/associations/2026-09'
  const labelled = await ask(`${path}/deals/contacts/batch/read`, { inputs: [{ id: deal.id }, { id: lonely.id }] })
  expect(labelled.status).toBe(207)
  expect(labelled.body).toMatchObject({ numErrors: 1, errors: [{ context: { fromObjectId: [lonely.id] } }] })
  expect(labelled.body.results).toEqual([
    {
      from: { id: deal.id },
      to: [
        {
          toObjectId: contacts[0]!.id,
          associationTypes: [label, { typeId: 3, label: null, category: 'HUBSPOT_DEFINED' }],
        },
      ],
    },
  ])
  const first = await ask(`${path}/companies/contacts/batch/read`, { inputs: [{ id: company.id }] })
  const { to, paging } = first.body.results[0]
  expect(to).toHaveLength(500)
  const rest = await ask(`${path}/companies/contacts/batch/read`, {
    inputs: [{ id: company.id, after: paging.next.after }],
  })
  expect(rest.body.results[0].to.map(({ toObjectId }: Json) => toObjectId)).toEqual([contacts[500]!.id])
  const many = { inputs: Array.from({ length: 1001 }, (_, index) => ({ id: String(index) })) }
  expect((await ask(`${path}/companies/contacts/batch/read`, many)).status).toBe(400)
  account.dissociate(['deals', deal.id], ['companies', company.id])
  expect((await ask(`${OBJECTS}/deals/${deal.id}?associations=companies`)).body).not.toHaveProperty('associations')
})

test('deleted records move to the archive for 90 days, privacy deletes leave no trace', async () => {
  const portal = await open()
  const { account, clock, ask } = portal
  const [kept, gone, secret] = [account.createContact(), account.createContact(), account.createContact()]
  account.delete('contacts', gone.id)
  account.privacyDelete(secret.id)
  expect(await walk(portal, `${OBJECTS}/contacts`)).toEqual([kept.id])
  expect(await walk(portal, `${OBJECTS}/contacts?archived=true`)).toEqual([gone.id])
  expect((await ask(`${OBJECTS}/contacts/${gone.id}`)).status).toBe(404)
  expect((await ask(`${OBJECTS}/contacts/${gone.id}?archived=true`)).body).toMatchObject({ archived: true })
  expect((await ask(`${OBJECTS}/contacts/${secret.id}?archived=true`)).status).toBe(404)
  account.restore('contacts', gone.id)
  expect(await walk(portal, `${OBJECTS}/contacts`)).toEqual([kept.id, gone.id])
  account.delete('contacts', gone.id)
  clock.advance(91 * DAY)
  expect(await walk(portal, `${OBJECTS}/contacts?archived=true`)).toEqual([])
})

test('a merge leaves the winner with everything', async () => {
  const portal = await open()
  const { account, clock, ask } = portal
  const [winner, loser, third] = [
    account.createContact({ email: 'a@example.com' }),
    account.createContact({ city: '上海' }),
    account.createContact(),
  ]
  const deal = account.createDeal()
  account.associate(['deals', deal.id], ['contacts', loser.id])
  clock.advance(HOUR)
  account.merge('contacts', winner.id, loser.id)
  expect(await walk(portal, `${OBJECTS}/contacts`)).toEqual([winner.id, third.id])
  expect(await walk(portal, `${OBJECTS}/contacts?archived=true`)).toEqual([])
  const { body } = await ask(
    `${OBJECTS}/contacts/${loser.id}?properties=email,city,hs_merged_object_ids&associations=deals`,
  )
  expect(body).toMatchObject({
    id: winner.id,
    updatedAt: new Date(clock.now()).toISOString(),
    properties: { email: 'a@example.com', city: '上海', hs_merged_object_ids: loser.id },
    associations: { deals: { results: [{ id: deal.id, type: 'contact_to_deal' }] } },
  })
  const renewed = account.merge('contacts', third.id, winner.id, { newId: true })
  expect(await walk(portal, `${OBJECTS}/contacts`)).toEqual([renewed.id])
  expect(renewed.properties.hs_merged_object_ids?.split(';').toSorted()).toEqual(
    [third.id, winner.id, loser.id].toSorted(),
  )
  expect((await ask(`${OBJECTS}/contacts/${loser.id}`)).body.id).toBe(renewed.id)
  expect(account.get('deals', deal.id)?.links.contacts).toEqual([renewed.id])
})

test('tokens and scopes open an account as far as they go', async () => {
  const { fake, account, ask } = await open()
  const other = fake.addAccount()
  other.createContact()
  expect((await ask(`${OBJECTS}/contacts`)).body.results).toEqual([])
  expect((await ask(`${OBJECTS}/contacts`, undefined, other.token)).body.results).toHaveLength(1)
  expect((await ask(`${OBJECTS}/contacts`, undefined, 'unknown')).body).toMatchObject({
    category: 'INVALID_AUTHENTICATION',
  })
  const old = account.token
  account.rotateToken()
  expect((await ask(`${OBJECTS}/contacts`)).status).toBe(200)
  expect(await ask(`${OBJECTS}/contacts`, undefined, old)).toMatchObject({
    status: 401,
    body: { category: 'EXPIRED_AUTHENTICATION' },
  })
  account.removeScopes('marketing.campaigns.read')
  expect(await ask('/marketing/campaigns/2026-09')).toMatchObject({
    status: 403,
    body: {
      category: 'MISSING_SCOPES',
      errors: [{ context: { requiredGranularScopes: ['marketing.campaigns.read'] } }],
    },
  })
  const introspect = async (token: string) => {
    const answer = await fetch(`${fake.origin}/oauth/2026-09/token/introspect`, {
      method: 'POST',
      body: new URLSearchParams({ token }),
    })
    return answer.json()
  }
  expect(await introspect(account.token)).toMatchObject({ active: true, hub_id: account.portalId })
  account.revokeToken()
  expect(await introspect(account.token)).toEqual({ active: false })
  expect(await ask(`${OBJECTS}/contacts`)).toMatchObject({ status: 401, body: { category: 'INVALID_AUTHENTICATION' } })
})

test('quotas are HubSpot’s, search apart from the rest', async () => {
  const { fake, account, clock, ask } = await open({ limits: { core: 3, search: 2, daily: 7 } })
  const list = () => ask(`${OBJECTS}/contacts`)
  const find = () => ask(`${OBJECTS}/contacts/search`, {})
  const left: (string | null)[] = []
  for (let count = 0; count < 3; count += 1) left.push((await list()).headers.get('x-hubspot-ratelimit-remaining'))
  expect(left).toEqual(['2', '1', '0'])
  expect(await list()).toMatchObject({
    status: 429,
    body: { errorType: 'RATE_LIMIT', policyName: 'TEN_SECONDLY_ROLLING' },
  })
  expect([...(await find()).headers.keys()].filter((name) => name.startsWith('x-hubspot'))).toEqual([])
  expect((await find()).status).toBe(200)
  expect(await find()).toMatchObject({ status: 429, body: { policyName: 'SECONDLY' } })
  clock.advance(10_000)
  for (let count = 0; count < 2; count += 1) expect((await list()).status).toBe(200)
  expect(await list()).toMatchObject({ status: 429, body: { policyName: 'DAILY' } })
  expect(fake.counters.accounts.get(String(account.portalId))).toEqual({ requests: 10, limited: 3 })
})

test('expired cursors are refused until the list is read anew', async () => {
  const { account, ask } = await open()
  for (let count = 0; count < 5; count += 1) account.createContact()
  const first = await ask(`${OBJECTS}/contacts?limit=2`)
  const next = `${OBJECTS}/contacts?limit=2&after=${first.body.paging.next.after}`
  expect((await ask(next)).status).toBe(200)
  account.expireCursors()
  expect((await ask(next)).status).toBe(400)
  expect((await ask(`${OBJECTS}/contacts?limit=2`)).status).toBe(200)
  expect((await ask(next)).status).toBe(200)
})

test('campaigns, forms and events tell what they cost and whom they touched', async () => {
  const portal = await open({}, { currency: 'EUR' })
  const { account, clock, ask } = portal
  const { marketing } = account
  const { id } = account.addCampaign({
    properties: { hs_name: '双十一', hs_start_date: '2026-11-01' },
    budget: [100],
    spend: [10.1, 20.2],
  })
  const contact = account.createContact({ email: 'a@example.com' })
  marketing.touch(id, 'influencedContacts', contact.id, Date.UTC(2026, 10, 2))
  marketing.setRevenue(id, 'U_SHAPED', { revenueAmount: 5, dealAmount: 6, dealsNumber: 1, contactsNumber: 1 })
  const campaign = `/marketing/campaigns/2026-09/${id}`
  expect((await ask(`${campaign}?properties=hs_start_date,nonsense`)).body.properties).toEqual({
    hs_start_date: '2026-11-01',
  })
  expect((await ask(`${campaign}/budget/totals`)).body).toMatchObject({
    spendTotal: 30.3,
    remainingBudget: 69.7,
    currencyCode: 'EUR',
  })
  expect((await ask(`${campaign}/reports/contacts/influencedContacts`)).body.results).toEqual([{ id: contact.id }])
  expect((await ask(`${campaign}/reports/contacts/influencedContacts?startDate=2026-11-03`)).body.results).toEqual([])
  expect((await ask(`${campaign}/reports/metrics?endDate=2026-11-02`)).body).toMatchObject({ influencedContacts: 1 })
  expect((await ask(`${campaign}/reports/revenue?attributionModel=U_SHAPED`)).body).toMatchObject({ revenueAmount: 5 })
  const form = marketing.addForm()
  const at = clock.now()
  for (const age of [2, 1, 3]) marketing.submit(form.id, { email: `${age}@example.com` }, { at: at - age * HOUR })
  const submissions = await ask(`/form-integrations/v1/submissions/forms/${form.id}?limit=2`)
  expect(submissions.body.results.map(({ submittedAt }: Json) => (at - submittedAt) / HOUR)).toEqual([1, 2])
  expect(submissions.body.paging.next).toBeDefined()
  const event = marketing.addEvent()
  marketing.participate(event.objectId, { id: contact.id, email: 'a@example.com' }, 'ATTENDED')
  for (const who of [event.objectId, `contacts/${contact.id}`, 'contacts/a@example.com']) {
    const { body } = await ask(`/marketing/marketing-events/2026-09/participations/${who}/breakdown`)
    expect(body).toMatchObject({ total: 1, results: [{ properties: { attendanceState: 'ATTENDED' } }] })
  }
  account.privacyDelete(contact.id)
  expect((await ask(`${campaign}/reports/contacts/influencedContacts`)).body.results).toEqual([])
})

test('currencies, owners, pipelines, properties and the account itself', async () => {
  const portal = await open({}, { currency: 'CNY', timeZone: 'Asia/Shanghai', portalId: 62_515 })
  const { account, clock, ask } = portal
  account.setRate('USD', 7.1, clock.now() - DAY)
  account.setRate('USD', 7.2, clock.now())
  account.setRate('USD', 7.3, clock.now() + DAY)
  const currencies = '/settings/currencies/2026-09'
  expect((await ask(`${currencies}/company-currency`)).body.currencyCode).toBe('CNY')
  expect(await walk(portal, `${currencies}/exchange-rates`, 2)).toHaveLength(3)
  expect((await ask(`${currencies}/exchange-rates/current`)).body.results).toMatchObject([{ conversionRate: 7.2 }])
  for (const path of ['/account-info/2026-03/details', '/account-info/v3/details']) {
    const { body } = await ask(path)
    expect(body).toMatchObject({ portalId: 62_515, companyCurrency: 'CNY', utcOffsetMilliseconds: 8 * HOUR })
  }
  const owners = [account.addOwner(), account.addOwner({ archived: true }), account.addOwner()]
  expect(await walk(portal, '/crm/owners/2026-09', 1)).toEqual([owners[0]!.id, owners[2]!.id])
  expect(await walk(portal, '/crm/owners/2026-09?archived=true')).toEqual([owners[1]!.id])
  const { body } = await ask('/crm/pipelines/2026-09/deals')
  expect(body.results[0].stages.at(-2)).toMatchObject({
    id: 'closedwon',
    metadata: { isClosed: 'true', probability: '1.0' },
  })
  account.addProperty('deals', { name: 'utm_ziel', type: 'string' })
  account.removeProperty('deals', 'dealtype')
  const names = (await ask('/crm/properties/2026-09/deals')).body.results.map(({ name }: Json) => name)
  expect(names).toEqual(expect.arrayContaining(['utm_ziel', 'hs_v2_date_entered_closedwon', 'hs_lastmodifieddate']))
  expect(names).not.toContain('dealtype')
})

const validator = hubspotValidator()

test.skipIf(!validator)('every answer to a walk over all dated paths fits the description', async () => {
  const portal = await open()
  const { fake, account, ask } = portal
  seedPortal(account, { contacts: 300, deals: 120, leads: 20, campaigns: 12 })
  const seen = async (path: string, body?: unknown) => {
    const answer = await ask(path, body)
    expect([path, answer.status, answer.status < 300 ? '' : answer.body]).toEqual([
      path,
      expect.toSatisfy((code) => code === 200 || code === 207),
      '',
    ])
    return answer.body
  }
  for (const type of ['contacts', 'companies', 'deals', 'leads'] as const) {
    const names = [...account.properties[type].keys()]
    const all = names.map((name) => `properties=${name}`).join('&')
    const ids = account.ids(type)
    for (let after = ''; ; ) {
      const page = await seen(
        `${OBJECTS}/${type}?limit=50&${all}&associations=contacts&associations=companies&propertiesWithHistory=lifecyclestage&archived=false${after}`,
      )
      if (!page.paging) break
      after = `&after=${page.paging.next.after}`
    }
    await seen(`${OBJECTS}/${type}/${ids[0]}?${all}`)
    await seen(`${OBJECTS}/${type}/search`, {
      filterGroups: [],
      sorts: ['hs_object_id'],
      properties: names,
      limit: 200,
    })
    const inputs = [...ids.slice(0, 40), '1'].map((id) => ({ id }))
    await seen(`${OBJECTS}/${type}/batch/read`, { inputs, properties: names, propertiesWithHistory: ['dealstage'] })
    await seen(`/crm/properties/2026-09/${type}`)
    await seen(`/crm/pipelines/2026-09/${type}`)
    if (type === 'deals') {
      await seen(`/crm/associations/2026-09/deals/contacts/batch/read`, { inputs })
      await seen(`${OBJECTS}/deals/${ids[0]}/associations/contacts?limit=1`)
    }
  }
  account.addOwner({ archived: true })
  for (const path of ['/crm/owners/2026-09', '/crm/owners/2026-09/?archived=true']) await seen(path)
  const { results } = await seen(
    '/marketing/campaigns/2026-09?limit=10&sort=-updatedAt&properties=hs_name&properties=hs_budget',
  )
  for (const { id } of results) {
    const campaign = `/marketing/campaigns/2026-09/${id}`
    await seen(`${campaign}?properties=hs_start_date&startDate=2026-01-01`)
    const { spendItems } = await seen(`${campaign}/budget/totals`)
    if (spendItems[0]) await seen(`${campaign}/spend/${spendItems[0].id}`)
    await seen(`${campaign}/assets/FORM`)
    await seen(`${campaign}/reports/metrics?startDate=2025-01-01&endDate=2026-12-31`)
    await seen(`${campaign}/reports/contacts/contactFirstTouch?limit=3`)
    for (const model of REVENUE_MODELS) await seen(`${campaign}/reports/revenue?attributionModel=${model}`)
  }
  // Not described, but answered.
  for (const path of ['/marketing/v3/forms?formTypes=flow', '/marketing/marketing-events/2026-09']) await seen(path)
  expect(fake.violations).toEqual([])
})

test.skipIf(!validator)('a request the description forbids is refused and noted', async () => {
  const { fake, ask } = await open()
  expect((await ask(`${OBJECTS}/contacts?proprties=email`)).status).toBe(400)
  expect((await ask(`${OBJECTS}/contacts/batch/read`, { inputs: [{ id: '1' }], properties: [] })).status).toBe(400)
  expect(fake.violations).toEqual([
    'request GET /crm/objects/2026-09/contacts: query parameter "proprties" is not described',
    "request POST /crm/objects/2026-09/contacts/batch/read: body must have required property 'propertiesWithHistory'",
  ])
})

const FILES = recorded(new URL('list-deals.json', HUBSPOT_RECORDED)).length > 0 ? readdirSync(HUBSPOT_RECORDED) : []

test.skipIf(FILES.length === 0)('recorded answers are served in order, for dated paths too', async () => {
  const { fake, ask } = await open()
  for (const file of FILES) {
    const url = new URL(file, HUBSPOT_RECORDED)
    fake.replayRecorded(url)
    for (const { request, response } of recorded(url)) {
      if (request.method === 'PATCH') continue
      const dated = request.path.replace(/^\/crm\/v3\/(\w+)/, '/crm/$1/2026-09')
      const answer = await ask(dated, request.method === 'POST' ? (request.body ?? {}) : undefined)
      expect(answer.status).toBe(response.status)
      expect(answer.body).toEqual(response.body)
      const asked = { ...request, path: dated } as unknown as FakeRequest
      if (response.status === 200) expect([file, validator?.answer(asked, response) ?? []]).toEqual([file, []])
    }
    fake.faults.clear()
  }
  expect((await ask(`${OBJECTS}/deals`)).body).toEqual({ results: [] })
})

test('a seed is the same every time and as large as was said', async () => {
  const [first, second] = [await open({ validate: false }), await open({ validate: false })]
  for (const { account } of [first, second])
    seedPortal(account, { contacts: 3000, bulkEdited: 500, seed: 7, until: Date.UTC(2026, 10, 1) })
  const page = '/crm/objects/2026-09/contacts?limit=100&properties=email,lastname,hs_analytics_source&after=100000'
  const [one, other] = [await first.ask(page), await second.ask(page)]
  expect(one.body.results).toHaveLength(100)
  expect(one.body.results.map(({ properties }: Json) => properties)).toEqual(
    other.body.results.map(({ properties }: Json) => properties),
  )
  const { account } = first
  expect([account.ids('contacts').length, account.ids('companies').length, account.ids('deals').length]).toEqual([
    3000, 300, 600,
  ])
  const modified = account.ids('contacts').map((id) => account.get('contacts', id)?.updatedAt)
  expect(new Set(modified.slice(0, 500)).size).toBe(1)
})
