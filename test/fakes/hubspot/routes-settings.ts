import type { FakeAnswer, FakeRequest } from '../http.ts'
import type { HubSpotAccount } from './account.ts'
import type { Pipeline, Property } from './catalog.ts'
import { limitOf, pageOf } from './paging.ts'
import { type Call, lacks } from './paths.ts'
import { invalid, notFound } from './refusals.ts'
import { iso } from './render.ts'
import { readable } from './routes-crm.ts'
import type { ExchangeRate, Owner } from './settings.ts'

/** Owners, pipelines, properties, currencies and the account itself. */
export const SETTINGS_CALLS: readonly Call[] = [
  { method: 'GET', path: '/crm/owners/:version', handle: owners },
  { method: 'GET', path: '/crm/owners/:version/:id', handle: owner },
  { method: 'GET', path: '/crm/pipelines/:version/:type', handle: pipelines },
  { method: 'GET', path: '/crm/properties/:version/:type', handle: properties },
  { method: 'GET', path: '/account-info/:version/details', handle: details },
  { method: 'GET', path: '/settings/currencies/:version/company-currency', handle: companyCurrency },
  { method: 'GET', path: '/settings/currencies/:version/exchange-rates', handle: exchangeRates },
  { method: 'GET', path: '/settings/currencies/:version/exchange-rates/current', handle: currentRates },
]

function owners(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const refused = lacks(account, 'crm.objects.owners.read')
  if (refused) return refused
  const archived = request.query.get('archived') === 'true'
  const email = request.query.get('email')
  const items = account.owners.filter((one) => one.archived === archived && (!email || one.email === email))
  return pageOf(account, request, { items, usual: 100, most: 500, keyOf: ({ id }) => id }, (page) => ({
    results: page.map(shownOwner),
  }))
}

function owner(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const refused = lacks(account, 'crm.objects.owners.read')
  if (refused) return refused
  const found = account.owners.find(({ id }) => id === request.params.id)
  return found ? { status: 200, body: shownOwner(found) } : notFound()
}

function shownOwner({ userId, createdAt, updatedAt, archived, ...rest }: Owner) {
  const times = { createdAt: iso(createdAt), updatedAt: iso(updatedAt) }
  return {
    ...rest,
    type: 'PERSON',
    ...(archived ? {} : { userId }),
    userIdIncludingInactive: userId,
    ...times,
    archived,
  }
}

/** What was there from the beginning is as old as the computer's time. */
const BEGINNING = { createdAt: '1970-01-01T00:00:00Z', updatedAt: '1970-01-01T00:00:00Z', archived: false }

function pipelines(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const type = readable(account, request.params.type)
  if (type.refused) return type.refused
  if (type.value !== 'deals' && type.value !== 'leads') return { status: 200, body: { results: [] } }
  return { status: 200, body: { results: account.pipelines[type.value].map(shownPipeline) } }
}

function shownPipeline({ stages, ...rest }: Pipeline, displayOrder: number) {
  const shown = stages.map((stage, order) => ({
    ...stage,
    displayOrder: order,
    ...BEGINNING,
    writePermissions: 'CRM_PERMISSIONS_ENFORCEMENT',
  }))
  return { ...rest, displayOrder, stages: shown, ...BEGINNING }
}

function properties(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const type = readable(account, request.params.type)
  if (type.refused) return type.refused
  if (request.query.get('archived') === 'true') return { status: 200, body: { results: [] } }
  const group = `${type.value}information`
  const results = [...account.properties[type.value].values()].map((property) => shownProperty(property, group))
  return { status: 200, body: { results } }
}

const FIELDS: Record<Property['type'], string> = {
  string: 'text',
  number: 'number',
  datetime: 'date',
  date: 'date',
  enumeration: 'select',
  bool: 'booleancheckbox',
}

function shownProperty(property: Property, groupName: string) {
  const { name, type, label = name, calculated = false, hubspotDefined = false, options = [] } = property
  return {
    updatedAt: '2024-12-19T18:53:37.030Z',
    createdAt: '2019-08-06T02:41:46.048Z',
    name,
    label,
    type,
    fieldType: calculated ? `calculation_${FIELDS[type]}` : FIELDS[type],
    description: '',
    groupName,
    options: options.map((value, displayOrder) => ({ label: value, value, displayOrder, hidden: false })),
    displayOrder: -1,
    calculated,
    externalOptions: false,
    hasUniqueValue: false,
    hidden: false,
    hubspotDefined,
    modificationMetadata: {
      archivable: !hubspotDefined,
      readOnlyDefinition: hubspotDefined,
      readOnlyValue: calculated,
    },
    formField: false,
    dataSensitivity: 'non_sensitive',
  }
}

function details(account: HubSpotAccount): FakeAnswer {
  const { portalId, timeZone, utcOffset, currency, rates } = account
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(utcOffset) ?? []
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000
  return {
    status: 200,
    body: {
      portalId,
      accountType: 'STANDARD',
      timeZone,
      companyCurrency: currency,
      additionalCurrencies: [...new Set(rates.map(({ fromCurrencyCode }) => fromCurrencyCode))],
      utcOffset,
      utcOffsetMilliseconds: sign === '-' ? -offset : offset,
      uiDomain: 'app.hubspot.com',
      dataHostingLocation: 'na1',
    },
  }
}

function companyCurrency(account: HubSpotAccount): FakeAnswer {
  const refused = lacks(account, 'settings.currencies.read')
  return refused ?? { status: 200, body: { id: '1', currencyCode: account.currency, ...TIMES } }
}

const TIMES = { createdAt: '2024-01-01T00:00:00.000Z', updatedAt: '2024-01-01T00:00:00.000Z' }

function exchangeRates(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const refused = lacks(account, 'settings.currencies.read')
  if (refused) return refused
  const [from, to] = [request.query.get('fromCurrencyCode'), request.query.get('toCurrencyCode')]
  if (to !== null && to !== account.currency) return invalid(`toCurrencyCode must be ${account.currency}`)
  const items = account.rates.filter(({ fromCurrencyCode }) => from === null || fromCurrencyCode === from)
  return pageOf(account, request, { items, usual: 100, most: 100, keyOf: ({ id }) => id }, (page) => ({
    results: page.map((rate) => shownRate(account, rate)),
  }))
}

function currentRates(account: HubSpotAccount, request: FakeRequest): FakeAnswer {
  const refused = lacks(account, 'settings.currencies.read')
  if (refused) return refused
  const limit = limitOf(request, 100, 100)
  if (limit.refused) return limit.refused
  const now = account.clock.now()
  const latest = new Map<string, ExchangeRate>()
  for (const rate of account.rates) {
    const known = latest.get(rate.fromCurrencyCode)
    if (rate.effectiveAt <= now && (known?.effectiveAt ?? 0) <= rate.effectiveAt)
      latest.set(rate.fromCurrencyCode, rate)
  }
  return { status: 200, body: { results: [...latest.values()].map((rate) => shownRate(account, rate)) } }
}

function shownRate(account: HubSpotAccount, { effectiveAt, ...rest }: ExchangeRate) {
  const at = iso(effectiveAt)
  return { ...rest, toCurrencyCode: account.currency, effectiveAt: at, visibleInUI: true, createdAt: at, updatedAt: at }
}
