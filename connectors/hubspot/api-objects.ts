import type {
  Filter,
  FilterOperatorEnum,
  PublicObjectSearchRequest,
} from '@hubspot/api-client/lib/codegen/crm/objects/index.js'
import { z } from 'zod'
import { ConnectorError } from '../../src/errors.ts'
import type { Http } from '../../src/sync/contract.ts'
import { getPage, LIST_LIMIT, List, type ListPage, Paging, RELEASE, stuck, text } from './api.ts'
import { type Association, uniqueLinks } from './item.ts'
import { PRIMARY_COMPANY } from './unverified.ts'

/** Requests for records of the CRM and what is associated with them. */

export type ObjectName = 'contacts' | 'companies' | 'deals' | 'leads'

/** Most records of a search, a batch, and a batch of associations. */
export const SEARCH_LIMIT = 200
const BATCH_LIMIT = 100
const ASSOCIATION_LIMIT = 1000

const Found = List.extend({ total: z.number().int().nonnegative() })

export interface ListOptions {
  readonly properties: readonly string[]
  readonly history?: readonly string[] | undefined
  readonly associations?: readonly string[] | undefined
  readonly limit?: number | undefined
  readonly after?: string | undefined
  readonly archived?: boolean | undefined
}

/** One page of a kind of object, in the order of ids. */
export function listObjects(http: Http, object: ObjectName, options: ListOptions): Promise<ListPage> {
  const { properties, history, associations, limit = LIST_LIMIT, after, archived } = options
  return getPage(http, `/crm/objects/${RELEASE}/${object}`, {
    limit,
    after,
    archived,
    properties,
    propertiesWithHistory: some(history),
    associations: some(associations),
  })
}

function some(list: readonly string[] | undefined): readonly string[] | undefined {
  return list && list.length > 0 ? list : undefined
}

/** A search in HubSpot's own terms; the official types know operators only as an enum of their runtime. */
export interface Search extends Pick<PublicObjectSearchRequest, 'limit' | 'properties'> {
  /** All must hold. */
  readonly filters?: readonly (Pick<Filter, 'propertyName' | 'value'> & { operator: `${FilterOperatorEnum}` })[]
  /** `name` or `-name`. */
  readonly sort?: string
}

/** The first page of a search. */
export async function searchObjects(
  http: Http,
  object: ObjectName,
  { filters, sort, ...rest }: Search,
): Promise<{ total: number; results: readonly unknown[] }> {
  const path = `/crm/objects/${RELEASE}/${object}/search`
  const json = { ...rest, ...(filters ? { filterGroups: [{ filters }] } : {}), ...(sort ? { sorts: [sort] } : {}) }
  return http.get({ method: 'POST', path, json, limit: 'search' }, Found)
}

const Batch = z.object({
  status: z.string().nullish(),
  results: z.array(z.unknown()),
  errors: z.array(z.object({ category: z.string().nullish() })).nullish(),
})

/** Records by id. Those that do not exist are not in the answer. */
export async function readObjects(
  http: Http,
  object: ObjectName,
  ids: readonly string[],
  { properties, history = [], limit = BATCH_LIMIT }: ListOptions,
): Promise<unknown[]> {
  const path = `/crm/objects/${RELEASE}/${object}/batch/read`
  const found: unknown[] = []
  for (const part of chunks(ids, limit)) {
    const inputs = part.map((id) => ({ id }))
    const json = { inputs, properties, propertiesWithHistory: history }
    const answer = await http.get({ method: 'POST', path, json }, Batch)
    found.push(...wholeBatch(answer, path))
  }
  return found
}

/** What a batch found, unless it is only part of what there is: then nothing may be concluded from what is missing. */
function wholeBatch({ status, results, errors }: z.output<typeof Batch>, path: string): readonly unknown[] {
  const other = errors?.find(({ category }) => category !== 'OBJECT_NOT_FOUND')
  if (other || (status && status !== 'COMPLETE')) {
    throw new ConnectorError('retry', 'batch_incomplete', `${path}: ${other?.category ?? status}`)
  }
  return results
}

const AssociationBatch = z.object({
  results: z.array(
    z.object({
      from: z.object({ id: text }),
      to: z.array(
        z.object({
          toObjectId: text,
          associationTypes: z.array(z.object({ typeId: z.number().nullish() })).nullish(),
        }),
      ),
      paging: Paging,
    }),
  ),
})

/** Associated records by id, all of them, the primary one first. Ids without any are not in the map. */
export async function readAssociations(
  http: Http,
  from: ObjectName,
  to: string,
  ids: readonly string[],
): Promise<Map<string, readonly Association[]>> {
  const path = `/crm/associations/${RELEASE}/${from}/${to}/batch/read`
  const links = new Map<string, [unknown, boolean][]>()
  const seen = new Set<string>()
  let open: { id: string; after?: string }[] = ids.map((id) => ({ id }))
  while (open.length > 0) {
    const next: typeof open = []
    for (const inputs of chunks(open, ASSOCIATION_LIMIT)) {
      const answer = await http.get({ method: 'POST', path, json: { inputs }, limit: 'assoc' }, AssociationBatch)
      for (const {
        from: { id },
        to: ends,
        paging,
      } of answer.results) {
        const list = links.get(id) ?? []
        for (const { toObjectId, associationTypes } of ends) {
          list.push([toObjectId, associationTypes?.some(({ typeId }) => typeId === PRIMARY_COMPANY.typeId) ?? false])
        }
        links.set(id, list)
        const after = paging?.next?.after
        if (after === undefined) continue
        if (seen.has(`${id} ${after}`)) throw stuck(`associations of ${from} ${id}`)
        seen.add(`${id} ${after}`)
        next.push({ id, after })
      }
    }
    open = next
  }
  return new Map([...links].map(([id, list]) => [id, uniqueLinks(list)]))
}

export function chunks<T>(list: readonly T[], size: number): T[][] {
  const parts: T[][] = []
  for (let i = 0; i < list.length; i += size) parts.push(list.slice(i, i + size))
  return parts
}
