import type { FakeAnswer, FakeRequest } from '../http.ts'
import type { HubSpotAccount } from './account.ts'
import {
  type Campaign,
  CONTACT_LISTS,
  type ContactList,
  type Form,
  REVENUE_MODELS,
  type RevenueModel,
} from './marketing.ts'
import { type Checked, limitOf, listOf, pageOf } from './paging.ts'
import { type Call, type Handler, lacks } from './paths.ts'
import { invalid, notFound } from './refusals.ts'
import { iso } from './render.ts'

const CAMPAIGN = '/marketing/campaigns/:version/:campaign'
const EVENTS = '/marketing/marketing-events/:version'

/** Campaigns, forms and marketing events. */
export const MARKETING_CALLS: readonly Call[] = [
  { method: 'GET', path: '/marketing/campaigns/:version', handle: campaigns },
  { method: 'POST', path: '/marketing/campaigns/:version/batch/read', handle: campaignBatch },
  { method: 'GET', path: CAMPAIGN, handle: ofCampaign(campaign) },
  { method: 'GET', path: `${CAMPAIGN}/budget/totals`, handle: ofCampaign(totals) },
  {
    method: 'GET',
    path: `${CAMPAIGN}/budget/:item`,
    handle: ofCampaign((_account, one, request) => item(one.budget, request)),
  },
  {
    method: 'GET',
    path: `${CAMPAIGN}/spend/:item`,
    handle: ofCampaign((_account, one, request) => item(one.spend, request)),
  },
  { method: 'GET', path: `${CAMPAIGN}/assets/:type`, handle: ofCampaign(assets) },
  { method: 'GET', path: `${CAMPAIGN}/reports/metrics`, handle: ofCampaign(metrics) },
  { method: 'GET', path: `${CAMPAIGN}/reports/revenue`, handle: ofCampaign(revenue, 'revenue') },
  { method: 'GET', path: `${CAMPAIGN}/reports/contacts/:list`, handle: ofCampaign(contacts) },
  { method: 'GET', path: '/marketing/v3/forms', handle: forms },
  { method: 'GET', path: '/form-integrations/v1/submissions/forms/:form', handle: submissions },
  { method: 'GET', path: EVENTS, handle: events },
  { method: 'GET', path: `${EVENTS}/participations/contacts/:contact/breakdown`, handle: participationsOfContact },
  { method: 'GET', path: `${EVENTS}/participations/:event/breakdown`, handle: participationsOfEvent },
]

const REVENUE_SCOPES = [
  'marketing.campaigns.revenue.read',
  'marketing.campaigns.revenue.lite.read',
  'marketing.campaigns.revenue.full.read',
]

function ofCampaign(
  handle: (account: HubSpotAccount, campaign: Campaign, request: FakeRequest) => FakeAnswer,
  kind?: 'revenue',
): Handler {
  return (account, request) => {
    const refused = kind === 'revenue' ? lacks(account, ...REVENUE_SCOPES) : lacks(account, 'marketing.campaigns.read')
    if (refused) return refused
    const found = account.marketing.campaigns.get(request.params.campaign ?? '')
    return found ? handle(account, found, request) : notFound()
  }
}

function campaigns(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const refused = lacks(account, 'marketing.campaigns.read')
  if (refused) return refused
  const name = request.query.get('name')?.toLowerCase() ?? ''
  const items = [...account.marketing.campaigns.values()].filter(({ properties }) =>
    (properties.hs_name ?? '').toLowerCase().includes(name),
  )
  sortCampaigns(items, request.query.get('sort') ?? 'hs_name')
  const properties = listOf(request, 'properties')
  return pageOf(account, request, { items, usual: 50, most: 100, keyOf: ({ id }) => id }, (page) => ({
    total: items.length,
    results: page.map((one) => shownCampaign(one, properties)),
  }))
}

function sortCampaigns(items: Campaign[], sort: string): void {
  const property = sort.replace(/^-/, '')
  const key = (one: Campaign) =>
    property === 'createdAt' || property === 'updatedAt' ? iso(one[property]) : (one.properties[property] ?? '')
  const direction = sort.startsWith('-') ? -1 : 1
  const keyed = items.map((one) => ({ one, key: key(one) }))
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) * direction)
  keyed.forEach(({ one }, index) => {
    items[index] = one
  })
}

/** Without a list of properties only the name; unknown ones are left out. */
function shownCampaign({ id, properties, createdAt, updatedAt }: Campaign, asked: readonly string[]) {
  const names = asked.length > 0 ? asked : ['hs_name']
  return {
    id,
    properties: Object.fromEntries(names.flatMap((name) => (name in properties ? [[name, properties[name]]] : []))),
    businessUnits: [{ id: 0 }],
    createdAt: iso(createdAt),
    updatedAt: iso(updatedAt),
  }
}

interface CampaignBatch {
  readonly inputs?: readonly { readonly id: string }[]
  readonly properties?: readonly string[]
}

function campaignBatch(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const refused = lacks(account, 'marketing.campaigns.read')
  if (refused) return refused
  const { inputs = [], properties = [] } = (request.body ?? {}) as CampaignBatch
  if (inputs.length === 0 || inputs.length > 50) return invalid(`inputs has ${inputs.length} ids, 1 to 50 are allowed.`)
  const found = inputs.flatMap(({ id }) => account.marketing.campaigns.get(id) ?? [])
  const now = iso(account.clock.now())
  const results = found.map((one) => ({ ...shownCampaign(one, properties), assets: {} }))
  return { status: 200, body: { status: 'COMPLETE', results, startedAt: now, completedAt: now } }
}

function campaign(_account: HubSpotAccount, one: Campaign, request: FakeRequest): FakeAnswer {
  return { status: 200, body: { ...shownCampaign(one, listOf(request, 'properties')), assets: {} } }
}

function totals(account: HubSpotAccount, { budget, spend, properties }: Campaign): FakeAnswer {
  const sum = (items: Campaign['budget']) => Math.round(items.reduce((all, { amount }) => all + amount, 0) * 100) / 100
  return {
    status: 200,
    body: {
      currencyCode: properties.hs_currency_code ?? account.currency,
      budgetItems: budget,
      spendItems: spend,
      budgetTotal: sum(budget),
      spendTotal: sum(spend),
      remainingBudget: Math.round((sum(budget) - sum(spend)) * 100) / 100,
    },
  }
}

function item(items: Campaign['budget'], request: FakeRequest): FakeAnswer {
  const found = items.find(({ id }) => id === request.params.item)
  return found ? { status: 200, body: found } : notFound()
}

function assets(account: HubSpotAccount, one: Campaign, request: FakeRequest): FakeAnswer {
  const items = one.assets[request.params.type ?? ''] ?? []
  const withMetrics = request.query.has('startDate') && request.query.has('endDate')
  return pageOf(account, request, { items, usual: 100, most: 100, keyOf: ({ id }) => id }, (page) => ({
    results: page.map((asset) => (withMetrics ? { ...asset, metrics: {} } : asset)),
  }))
}

/** Contacts of a list between the dates of the request, both included. */
function touched({ contacts: lists }: Campaign, list: ContactList, request: FakeRequest): Checked<string[]> {
  const [start, end] = [request.query.get('startDate'), request.query.get('endDate')]
  for (const date of [start, end]) {
    if (date !== null && !/^\d{4}-\d{2}-\d{2}$/.test(date)) return { refused: invalid(`"${date}" is not a date.`) }
  }
  const { ids, at } = lists[list]
  if (start === null && end === null) return { value: ids }
  const from = start === null ? Number.NEGATIVE_INFINITY : Date.parse(start)
  const to = end === null ? Number.POSITIVE_INFINITY : Date.parse(end) + 24 * 60 * 60 * 1000
  return { value: ids.filter((_id, index) => at[index]! >= from && at[index]! < to) }
}

function metrics(_account: HubSpotAccount, one: Campaign, request: FakeRequest): FakeAnswer {
  const counts: number[] = []
  for (const list of CONTACT_LISTS) {
    const found = touched(one, list, request)
    if (found.refused) return found.refused
    counts.push(found.value.length)
  }
  const [newContactsFirstTouch, newContactsLastTouch, influencedContacts] = counts
  return {
    status: 200,
    body: { sessions: one.sessions, newContactsFirstTouch, newContactsLastTouch, influencedContacts },
  }
}

function revenue(account: HubSpotAccount, one: Campaign, request: FakeRequest): FakeAnswer {
  const model = (request.query.get('attributionModel') ?? 'LINEAR') as RevenueModel
  if (!REVENUE_MODELS.includes(model)) return invalid(`There is no attribution model "${model}".`)
  const nothing = { revenueAmount: 0, dealAmount: 0, dealsNumber: 0, contactsNumber: 0 }
  const currencyCode = one.properties.hs_currency_code ?? account.currency
  return { status: 200, body: { ...(one.revenue[model] ?? nothing), currencyCode } }
}

function contacts(account: HubSpotAccount, one: Campaign, request: FakeRequest): FakeAnswer {
  const list = request.params.list as ContactList
  if (!CONTACT_LISTS.includes(list)) return invalid(`There is no contact type "${list}".`)
  const found = touched(one, list, request)
  if (found.refused) return found.refused
  return pageOf(account, request, { items: found.value, usual: 100, most: 100, keyOf: (id) => id }, (page) => ({
    results: page.map((id) => ({ id })),
  }))
}

function forms(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const refused = lacks(account, 'forms')
  if (refused) return refused
  const types = listOf(request, 'formTypes')
  const wanted = types.length > 0 ? types : ['hubspot']
  const items = [...account.marketing.forms.values()].filter(
    ({ formType }) => wanted.includes(formType) || wanted.includes('all'),
  )
  return pageOf(account, request, { items, usual: 20, most: 500, keyOf: ({ id }) => id }, (page) => ({
    results: page.map(shownForm),
  }))
}

function shownForm({ id, name, formType, createdAt }: Form) {
  return {
    id,
    name,
    formType,
    createdAt: iso(createdAt),
    updatedAt: iso(createdAt),
    archived: false,
    fieldGroups: [],
    configuration: { language: 'en', createNewContactForNewEmail: true },
    displayOptions: {},
    legalConsentOptions: { type: 'none' },
  }
}

function submissions(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const refused = lacks(account, 'forms')
  if (refused) return refused
  const form = account.marketing.forms.get(request.params.form ?? '')
  if (!form) return notFound()
  const list = {
    items: form.submissions,
    usual: 20,
    most: 50,
    keyOf: (one: Form['submissions'][number]) => one.conversionId,
  }
  return pageOf(account, request, list, (results) => ({ results }))
}

const EVENT_SCOPE = 'crm.objects.marketing_events.read'

function events(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const refused = lacks(account, EVENT_SCOPE)
  if (refused) return refused
  const items = [...account.marketing.events.values()]
  return pageOf(account, request, { items, usual: 10, most: 100, keyOf: ({ objectId }) => objectId }, (page) => ({
    results: page.map(({ participations, startDateTime, endDateTime, createdAt, updatedAt, ...rest }) => ({
      ...rest,
      startDateTime: iso(startDateTime),
      endDateTime: iso(endDateTime),
      attendees: participations.filter(({ state }) => state === 'ATTENDED').length,
      registrants: participations.length,
      customProperties: [],
      createdAt: iso(createdAt),
      updatedAt: iso(updatedAt),
    })),
  }))
}

function participationsOfEvent(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const refused = lacks(account, EVENT_SCOPE)
  if (refused) return refused
  if (!account.marketing.events.has(request.params.event ?? '')) return notFound()
  return participations(account, request, { eventId: request.params.event })
}

/** The contact is named by id or by mail address. */
function participationsOfContact(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  return lacks(account, EVENT_SCOPE) ?? participations(account, request, { contact: request.params.contact })
}

function participations(
  account: HubSpotAccount,
  request: FakeRequest,
  { eventId, contact }: { eventId?: string | undefined; contact?: string | undefined },
): FakeAnswer {
  const state = request.query.get('state')
  const limit = limitOf(request, 10, 100)
  if (limit.refused) return limit.refused
  const all = [...account.marketing.events.values()].flatMap((event) =>
    event.participations.map((participation) => ({ event, participation })),
  )
  const items = all.filter(
    ({ event, participation: { contactId, email, state: own } }) =>
      (eventId === undefined || event.objectId === eventId) &&
      (contact === undefined || contactId === contact || email === contact) &&
      (state === null || own === state),
  )
  const list = { items, usual: 10, most: 100, keyOf: (one: (typeof items)[number]) => one.participation.id }
  return pageOf(account, request, list, (page) => ({
    total: items.length,
    results: page.map(({ event, participation }) => ({
      id: participation.id,
      createdAt: iso(participation.occurredAt),
      associations: {
        contact: { contactId: participation.contactId, email: participation.email },
        marketingEvent: { marketingEventId: event.objectId, name: event.eventName },
      },
      properties: { occurredAt: participation.occurredAt, attendanceState: participation.state },
    })),
  }))
}
