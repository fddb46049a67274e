import { z } from 'zod'
import type { Http } from '../../src/sync/contract.ts'
import { getPage, LIST_LIMIT, type ListPage, RELEASE } from './api.ts'
import { CAMPAIGN_PROPERTIES } from './properties.ts'
import { FORMS_PATH, submissionsPath } from './unverified.ts'

/** Requests to the marketing tools: campaigns, forms, marketing events. */

const CAMPAIGNS = `/marketing/campaigns/${RELEASE}`
const EVENTS = `/marketing/marketing-events/${RELEASE}`
/** Version 1 of the submissions gives no more at a time. */
const SUBMISSIONS_LIMIT = 50

const part = encodeURIComponent

export function listCampaigns(http: Http, after: string | undefined): Promise<ListPage> {
  return getPage(http, CAMPAIGNS, { limit: LIST_LIMIT, after, properties: CAMPAIGN_PROPERTIES })
}

const CampaignBatch = z.object({ results: z.array(z.unknown()) })

/** Campaigns by GUID; those that do not exist are not in the answer. */
export async function readCampaigns(http: Http, ids: readonly string[]): Promise<readonly unknown[]> {
  const json = { inputs: ids.map((id) => ({ id })), properties: CAMPAIGN_PROPERTIES }
  const { results } = await http.get({ method: 'POST', path: `${CAMPAIGNS}/batch/read`, json }, CampaignBatch)
  return results
}

const Totals = z.object({
  currencyCode: z.string().nullish(),
  budgetTotal: z.union([z.number(), z.string()]).nullish().catch(undefined),
  spendItems: z.array(z.unknown()),
})
export type Totals = z.output<typeof Totals>

/** Budget and spend items of a campaign. */
export function campaignTotals(http: Http, guid: string): Promise<Totals> {
  return http.get({ path: `${CAMPAIGNS}/${part(guid)}/budget/totals` }, Totals)
}

/** The lists of contacts a campaign has, by their name in paths and in counts. */
export const CONTACT_LISTS = {
  contactFirstTouch: 'newContactsFirstTouch',
  contactLastTouch: 'newContactsLastTouch',
  influencedContacts: 'influencedContacts',
} as const
export type ContactList = keyof typeof CONTACT_LISTS

/** Days as YYYY-MM-DD, both inside. */
export interface Days {
  readonly startDate: string
  readonly endDate: string
}

const count = z.number().nullish()
const Metrics = z.object({ newContactsFirstTouch: count, newContactsLastTouch: count, influencedContacts: count })

/** Which lists of a campaign have anyone in these days. */
export async function contactLists(http: Http, guid: string, days: Days): Promise<ContactList[]> {
  const counts = await http.get({ path: `${CAMPAIGNS}/${part(guid)}/reports/metrics`, query: { ...days } }, Metrics)
  const names = Object.keys(CONTACT_LISTS) as ContactList[]
  return names.filter((name) => (counts[CONTACT_LISTS[name]] ?? 0) > 0)
}

export function campaignContacts(
  http: Http,
  guid: string,
  list: ContactList,
  days: Days,
  after: string | undefined,
): Promise<ListPage> {
  return getPage(http, `${CAMPAIGNS}/${part(guid)}/reports/contacts/${list}`, { limit: LIST_LIMIT, after, ...days })
}

export function listForms(http: Http, after: string | undefined, limit = LIST_LIMIT): Promise<ListPage> {
  return getPage(http, FORMS_PATH, { limit, after, formTypes: ['hubspot', 'flow'] })
}

/** Submissions of a form, newest first. */
export function listSubmissions(http: Http, formId: string, after: string | undefined): Promise<ListPage> {
  return getPage(http, submissionsPath(formId), { limit: SUBMISSIONS_LIMIT, after })
}

export function listEvents(http: Http, after: string | undefined): Promise<ListPage> {
  return getPage(http, EVENTS, { limit: LIST_LIMIT, after })
}

/** Who registered for or came to an event. */
export function listParticipations(http: Http, eventId: string, after: string | undefined): Promise<ListPage> {
  return getPage(http, `${EVENTS}/participations/${part(eventId)}/breakdown`, { limit: LIST_LIMIT, after })
}
