import type { FakeAnswer, FakeRequest } from '../http.ts'
import type { HubSpotAccount } from './account.ts'
import type { Slice } from './records.ts'
import { invalid } from './refusals.ts'

/** Whether a value of a request is one of these, or why not. */
export type Checked<Value> = { readonly value: Value; readonly refused?: undefined } | { readonly refused: FakeAnswer }

/** A request's `limit`. */
export function limitOf(request: FakeRequest, usual: number, most: number): Checked<number> {
  const text = request.query.get('limit')
  const value = text === null ? usual : Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= most) return { value }
  return { refused: invalid(`limit must be a number between 1 and ${most}, not "${text}"`) }
}

/** A request's `after`, unless it has expired. */
export function afterOf(account: HubSpotAccount, request: FakeRequest): Checked<string | undefined> {
  const value = request.query.get('after') ?? undefined
  if (!account.expired(request.path, value)) return { value }
  return { refused: invalid('The "after" cursor has expired. Start again without it.') }
}

/** The values of a list parameter, given several times or parted by commas. */
export function listOf(request: FakeRequest, name: string): string[] {
  return request.query.getAll(name).flatMap((text) => text.split(',').filter((value) => value !== ''))
}

/** The part of a list behind the item with the key `after`. */
export function sliceAfter<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  after: string | undefined,
  limit: number,
): Checked<Slice<Item>> {
  const from = after === undefined ? 0 : items.findIndex((item) => keyOf(item) === after) + 1
  if (after !== undefined && from === 0) return { refused: invalid(`There is no cursor "${after}".`) }
  return { value: { items: items.slice(from, from + limit), more: from + limit < items.length } }
}

/** `{ next: { after, link } }` when there are more pages. */
export function pagingOf(account: HubSpotAccount, request: FakeRequest, after: string | undefined): Paging | undefined {
  if (after === undefined) return undefined
  const query = new URLSearchParams(request.query)
  query.set('after', account.issue(request.path, after))
  return { next: { after, link: `https://api.hubapi.com${request.path}?${query}` } }
}

export interface Paging {
  readonly next: { readonly after: string; readonly link: string }
}

/** A page of a list whose items are ordered and have keys. */
export function pageOf<Item>(
  account: HubSpotAccount,
  request: FakeRequest,
  list: { readonly items: readonly Item[]; readonly usual: number; readonly most: number; keyOf(item: Item): string },
  show: (items: readonly Item[]) => object,
): FakeAnswer {
  const limit = limitOf(request, list.usual, list.most)
  if (limit.refused) return limit.refused
  const after = afterOf(account, request)
  if (after.refused) return after.refused
  const slice = sliceAfter(list.items, list.keyOf, after.value, limit.value)
  if (slice.refused) return slice.refused
  const { items, more } = slice.value
  const last = items.at(-1)
  const paging = pagingOf(account, request, more && last !== undefined ? list.keyOf(last) : undefined)
  return { status: 200, body: { ...show(items), ...(paging ? { paging } : {}) } }
}
