import { z } from 'zod'
import { ConnectorError } from '../../src/errors.ts'
import type { Api, Http } from '../../src/sync/contract.ts'
import { fault } from './errors.ts'

/** Release of the interface; all paths but those of forms are dated. */
export const RELEASE = '2026-09'

/** Limits of the smallest plan; the headers of each answer say what this account really has. */
export const API: Api = {
  origin: 'https://api.hubapi.com',
  limits: {
    core: { requests: 100, per: 10_000, concurrent: 10 },
    search: { requests: 5, per: 1000, concurrent: 3 },
    assoc: { requests: 100, per: 10_000, concurrent: 4 },
  },
  rateHeaders: {
    max: 'X-HubSpot-RateLimit-Max',
    remaining: 'X-HubSpot-RateLimit-Remaining',
    interval: 'X-HubSpot-RateLimit-Interval-Milliseconds',
  },
  fault,
}

/** Most records of a page. */
export const LIST_LIMIT = 100

/** Ids and cursors: text, whatever the answer made of them. */
export const text = z.union([z.string(), z.number().transform(String)])
export const Paging = z.object({ next: z.object({ after: text }).nullish() }).nullish()

/**
 * A page of anything. `results` must be there: an answer without it is a failure, never the end. Its entries are looked
 * at one by one.
 */
export const List = z.object({ results: z.array(z.unknown()), paging: Paging })

export interface ListPage {
  readonly results: readonly unknown[]
  /** Where the next page begins; undefined at the end. */
  readonly next: string | undefined
}

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

/** One page of a list. */
export async function getPage(http: Http, path: string, query: Query): Promise<ListPage> {
  const { results, paging } = await http.get({ path, query }, List)
  return { results, next: paging?.next?.after }
}

/**
 * All pages of a list, from a cursor on.
 * @throws ConnectorError `cursor_stuck` when the list leads back to where it was, `cursor_expired` when HubSpot no longer
 * knows the cursor
 */
export async function* pages(
  fetch: (after: string | undefined) => Promise<ListPage>,
  from?: string,
): AsyncGenerator<ListPage> {
  const seen = new Set(from === undefined ? [] : [from])
  for (let after = from; ; ) {
    const fetched = await fetchFrom(fetch, after)
    if (fetched.next !== undefined && seen.has(fetched.next)) throw stuck(`page ${fetched.next}`)
    yield fetched
    if (fetched.next === undefined) return
    after = fetched.next
    seen.add(after)
  }
}

async function fetchFrom(fetch: (after: string | undefined) => Promise<ListPage>, after: string | undefined) {
  try {
    return await fetch(after)
  } catch (error) {
    // The same request without a cursor was valid: it is the cursor that HubSpot refuses (reliability F18).
    const refused = error instanceof ConnectorError && error.code === 'VALIDATION_ERROR' && after !== undefined
    if (!refused) throw error
    throw new ConnectorError('retry', 'cursor_expired', error.message, { cause: error })
  }
}

export function stuck(where: string): ConnectorError {
  return new ConnectorError('retry', 'cursor_stuck', `HubSpot gave the same page again: ${where}.`)
}

const Details = z.object({
  portalId: text,
  timeZone: z.string().nullish(),
  companyCurrency: z.string().nullish(),
  uiDomain: z.string().nullish(),
})

/** Portal id, zone and currency: the cheapest call that needs a token, and no scope. */
export function accountDetails(http: Http): Promise<z.output<typeof Details>> {
  return http.get({ path: `/account-info/${RELEASE}/details` }, Details)
}

/** Everyone who owns records; with `archived` those who no longer do. */
export function listOwners(http: Http, archived: boolean, after: string | undefined): Promise<ListPage> {
  return getPage(http, `/crm/owners/${RELEASE}`, { limit: LIST_LIMIT, archived, after })
}

const Pipeline = z.object({ id: text, label: z.string().nullish(), stages: z.array(z.unknown()) })

export async function listPipelines(http: Http, object: 'deals' | 'leads'): Promise<z.output<typeof Pipeline>[]> {
  const { results } = await http.get(
    { path: `/crm/pipelines/${RELEASE}/${object}` },
    z.object({ results: z.array(Pipeline) }),
  )
  return results
}

/** Exchange rates, of all days or those of now. */
export function listRates(http: Http, which: '' | '/current', after: string | undefined): Promise<ListPage> {
  return getPage(http, `/settings/currencies/${RELEASE}/exchange-rates${which}`, { limit: LIST_LIMIT, after })
}
