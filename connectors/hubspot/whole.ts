import { ConnectorError } from '../../src/errors.ts'
import type { IdRange, Page } from '../../src/sync/contract.ts'
import { pages } from './api.ts'
import { listObjects, type Search, searchObjects } from './api-objects.ts'
import type { Env, HubspotContext } from './env.ts'
import { parseInstant } from './fields.ts'
import { type Item, numericId } from './item.ts'
import { complete, listOptions, mapItems, type ObjectSpec, openItems } from './objects.ts'

/** List pages whose follow-up requests are made together: of 100 records few need one, of 500 some dozens do. */
const TOGETHER = 5

interface Listed {
  readonly items: Item[]
  readonly rejected: Page['rejected']
  readonly next: string | undefined
}

/** The list from a cursor on. */
async function* list(context: HubspotContext, spec: ObjectSpec, env: Env, from?: string): AsyncGenerator<Listed> {
  const options = { ...listOptions(spec), associations: spec.associations }
  const fetch = (after: string | undefined) => listObjects(context.http, spec.object, { ...options, after })
  for await (const { results, next } of pages(fetch, from)) {
    yield { ...openItems(results, spec.object, env.drift), next }
  }
}

/** Several list pages as one, where follow-up requests are to be shared. */
async function* grouped(pages: AsyncIterable<Listed>, size: number): AsyncGenerator<Listed> {
  let open: Listed[] = []
  for await (const page of pages) {
    open.push(page)
    if (open.length < size) continue
    yield join(open)
    open = []
  }
  if (open.length > 0) yield join(open)
}

function join(pages: readonly Listed[]): Listed {
  return {
    items: pages.flatMap(({ items }) => items),
    rejected: pages.flatMap(({ rejected = [] }) => rejected),
    next: pages.at(-1)?.next,
  }
}

function sizeOf(spec: ObjectSpec): number {
  return spec.wantsHistory ? TOGETHER : 1
}

/** Everything there is, by the list. The cursor is the list's own. */
export async function* readAll(
  context: HubspotContext,
  spec: ObjectSpec,
  env: Env,
  cursor: string | null,
): AsyncGenerator<Page> {
  if (cursor === END) return
  for await (const { items, rejected = [], next } of grouped(
    list(context, spec, env, cursor ?? undefined),
    sizeOf(spec),
  )) {
    const page = mapItems(await complete(context, spec, items, true), spec, env)
    yield { ...page, rejected: [...rejected, ...page.rejected], cursor: next ?? END }
  }
}

/** Cursor of a list that was read to its end. */
export const END = 'end'

/** Lowest and highest id, of all or of what was made since an instant, by search. */
export async function bounds(context: HubspotContext, spec: ObjectSpec, since: Date | null): Promise<IdRange | null> {
  const filters: Search['filters'] = since
    ? [{ propertyName: spec.created, operator: 'GTE', value: String(since.getTime()) }]
    : undefined
  const edge = async (sort: string) => {
    const query = { sort, limit: 1, properties: [spec.modified], ...(filters ? { filters } : {}) }
    const { results } = await searchObjects(context.http, spec.object, query)
    return openItems(results, spec.object, () => {}).items[0]?.id
  }
  const lowest = await edge('hs_object_id')
  const highest = lowest === undefined ? undefined : await edge('-hs_object_id')
  if (lowest === undefined || highest === undefined) return null
  return { after: String(numericId(lowest) - 1n), upto: highest }
}

/**
 * A range of ids by the list, whose cursor is an id. That lists ascend by id is checked on every page.
 * @throws ConnectorError `ids_not_ordered` when they do not: then only the whole list, one page after the other, is sure
 */
export async function* readRange(
  context: HubspotContext,
  spec: ObjectSpec,
  env: Env,
  range: IdRange,
): AsyncGenerator<Page> {
  const upto = BigInt(range.upto)
  const first = BigInt(range.after)
  let last = first
  const within = async function* (): AsyncGenerator<Listed> {
    // One lower: the id itself may be a cursor the list gave out and has forgotten since. Whether a list begins with or
    // after its cursor is not told either, so both ids may be there again.
    const start = first > 0n ? first - 1n : 0n
    for await (const page of list(context, spec, env, String(start))) {
      const inside: Item[] = []
      for (const item of page.items) {
        const id = numericId(item.id)
        if (last === first && (id === first || id === start)) continue
        if (id <= last) throw unordered(spec, item.id, last)
        last = id
        if (id <= upto) inside.push(item)
      }
      const done = last >= upto || page.next === undefined
      yield { ...page, items: inside, next: done ? undefined : page.next }
      if (done) return
    }
  }
  const width = Number(upto - first) || 1
  for await (const { items, rejected = [], next } of grouped(within(), sizeOf(spec))) {
    const page = mapItems(await complete(context, spec, items, true), spec, env)
    const covered = next === undefined ? range.upto : String(last)
    const progress = Number(BigInt(covered) - first) / width
    yield { ...page, rejected: [...rejected, ...page.rejected], cursor: covered, progress: Math.min(1, progress) }
  }
}

function unordered(spec: ObjectSpec, id: string, last: bigint): ConnectorError {
  return new ConnectorError('report', 'ids_not_ordered', `HubSpot listed ${spec.object} ${id} after ${last}.`)
}

/** How many there are. Search knows; its index may lag some seconds behind. */
export async function total(context: HubspotContext, spec: ObjectSpec): Promise<number> {
  const query = { limit: 1, properties: [spec.modified] }
  return (await searchObjects(context.http, spec.object, query)).total
}

/**
 * What was deleted and can still be restored: HubSpot lists it for 90 days. Records merged or erased for privacy are
 * never in it; only a whole read finds those gone.
 */
export async function* archived(
  context: HubspotContext,
  spec: ObjectSpec,
  env: Env,
  since: Date | null,
): AsyncGenerator<Page> {
  const fetch = (after: string | undefined) =>
    listObjects(context.http, spec.object, { properties: [spec.modified], archived: true, after })
  for await (const { results, next } of pages(fetch)) {
    const { items } = openItems(results, spec.object, env.drift)
    const recent = items.filter(({ archivedAt }) => {
      const at = parseInstant(archivedAt, env.zone)
      return !since || !at || at >= since
    })
    yield { records: [], deleted: recent.map(({ id }) => ({ type: spec.type, id })), cursor: next ?? END }
  }
}
