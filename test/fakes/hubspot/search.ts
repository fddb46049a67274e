import type { HubSpotAccount } from './account.ts'
import { modifiedProperty } from './catalog.ts'
import { type CrmRecord, compareIds, type ObjectType } from './records.ts'
import { getter } from './render.ts'

export interface Filter {
  readonly propertyName: string
  readonly operator: string
  readonly value?: string
  readonly highValue?: string
  readonly values?: readonly string[]
}

export interface SearchBody {
  readonly filterGroups?: readonly { readonly filters: readonly Filter[] }[]
  /** `name`, `-name`, or as documented `{propertyName, direction}`. */
  readonly sorts?: readonly (string | { readonly propertyName: string; readonly direction?: string })[]
  readonly properties?: readonly string[]
  readonly query?: string
  readonly limit?: number
  readonly after?: string
}

/** Beyond this many results a query answers 400. */
export const SEARCH_CAP = 10_000

interface Cached {
  readonly version: string
  readonly found: readonly CrmRecord[]
}

const caches = new WeakMap<HubSpotAccount, Map<string, Cached>>()

/** What is wrong with a search, as the real system would say it. */
export function searchProblem(
  account: HubSpotAccount,
  type: ObjectType,
  body: SearchBody,
  length: number,
): string | undefined {
  const { filterGroups = [], sorts = [], limit = 10, after = '0' } = body
  const filters = filterGroups.flatMap((group) => group.filters ?? [])
  if (length > 3000) return 'The body of a search may have 3000 characters at most.'
  if (limit < 1 || limit > 200) return `limit must be between 1 and 200, not ${limit}`
  if (filterGroups.length > 5) return `There are ${filterGroups.length} filter groups, 5 are allowed.`
  if (filterGroups.some((group) => (group.filters ?? []).length > 6))
    return 'A filter group may have 6 filters at most.'
  if (filters.length > 18) return `There are ${filters.length} filters, 18 are allowed.`
  if (sorts.length > 1) return 'Only one sort is allowed.'
  if (!/^\d+$/.test(after)) return `after must be a number, not "${after}"`
  if (Number(after) + limit > SEARCH_CAP) return `A search cannot be read beyond ${SEARCH_CAP} results.`
  const names = [...filters.map(({ propertyName }) => propertyName), ...sorts.map((sort) => sortOf(sort).name)]
  const unknown = names.find((name) => !account.properties[type].has(name))
  if (unknown !== undefined) return `There is no property "${unknown}" of ${type}.`
  const odd = filters.find(({ operator }) => !(operator in OPERATORS))
  return odd && `There is no operator "${odd.operator}".`
}

/** Everything that a search finds, in its order. */
export function search(account: HubSpotAccount, type: ObjectType, body: SearchBody): readonly CrmRecord[] {
  const table = account.table(type)
  const now = account.clock.now()
  table.settle(now)
  // A walk asks the same query for fifty pages.
  const { filterGroups = [], sorts = [], query = '' } = body
  const key = JSON.stringify([type, filterGroups, sorts, query])
  const version = `${table.version} ${account.settingsVersion}`
  const cache = caches.get(account) ?? new Map<string, Cached>()
  caches.set(account, cache)
  const cached = cache.get(key)
  if (cached?.version === version) return cached.found
  const groups = filterGroups.map(({ filters }) => filters.map((filter) => compile(account, type, filter)))
  const words = query.toLowerCase()
  const found: CrmRecord[] = []
  for (const record of table.indexed(now)) {
    if (groups.length > 0 && !groups.some((filters) => filters.every((matches) => matches(record)))) continue
    if (words && !Object.values(record.properties).some((value) => value.toLowerCase().includes(words))) continue
    found.push(record)
  }
  sort(account, type, found, sorts[0] === undefined ? undefined : sortOf(sorts[0]))
  if (cache.size >= 8) cache.delete(cache.keys().next().value ?? '')
  cache.set(key, { version, found })
  return found
}

interface Sort {
  readonly name: string
  readonly descending: boolean
}

function sortOf(sort: NonNullable<SearchBody['sorts']>[number]): Sort {
  if (typeof sort !== 'string') return { name: sort.propertyName, descending: sort.direction === 'DESCENDING' }
  return { name: sort.replace(/^-/, ''), descending: sort.startsWith('-') }
}

/** What a value is compared as: a number where the property is one, else lower-case text. */
type Comparable = number | string | null

function reader(account: HubSpotAccount, type: ObjectType, name: string): (record: CrmRecord) => Comparable {
  if (name === modifiedProperty(type)) return (record) => record.updatedAt
  if (name === 'createdate' || name === 'hs_createdate') return (record) => record.createdAt
  const get = getter(account, type, name)
  const parse = parser(account, type, name)
  return (record) => parse(get(record) ?? null)
}

function parser(account: HubSpotAccount, type: ObjectType, name: string): (value: string | null) => Comparable {
  // Ids are numbers too large for one: as text of equal length they compare in the same order.
  if (name === 'hs_object_id') return (value) => value?.padStart(20, '0') ?? null
  const kind = account.properties[type].get(name)?.type
  if (kind === 'datetime' || kind === 'date') return moment
  if (kind === 'number') return (value) => (value === null || value === '' ? null : Number(value))
  return (value) => value?.toLowerCase() ?? null
}

/** Milliseconds or ISO 8601: both are accepted. */
function moment(value: string | null): number | null {
  if (value === null || value === '') return null
  return /^-?\d{5,}$/.test(value) ? Number(value) : Date.parse(value)
}

type Test = (value: Comparable, filter: Compiled) => boolean

interface Compiled {
  readonly value: Comparable
  readonly high: Comparable
  readonly values: ReadonlySet<Comparable>
}

const present =
  (test: (value: number | string, filter: Compiled) => boolean): Test =>
  (value, filter) =>
    value !== null && test(value, filter)

const OPERATORS: Record<string, Test> = {
  EQ: present((value, filter) => value === filter.value),
  NEQ: present((value, filter) => value !== filter.value),
  GT: present((value, filter) => filter.value !== null && value > filter.value),
  GTE: present((value, filter) => filter.value !== null && value >= filter.value),
  LT: present((value, filter) => filter.value !== null && value < filter.value),
  LTE: present((value, filter) => filter.value !== null && value <= filter.value),
  BETWEEN: present((value, { value: low, high }) => low !== null && high !== null && value >= low && value <= high),
  IN: present((value, filter) => filter.values.has(value)),
  NOT_IN: present((value, filter) => !filter.values.has(value)),
  HAS_PROPERTY: (value) => value !== null,
  NOT_HAS_PROPERTY: (value) => value === null,
  CONTAINS_TOKEN: present((value, filter) => tokens(value).includes(String(filter.value))),
  NOT_CONTAINS_TOKEN: (value, filter) => value === null || !tokens(value).includes(String(filter.value)),
}

function tokens(value: number | string): string[] {
  return String(value).split(/[^\p{L}\p{N}]+/u)
}

function compile(account: HubSpotAccount, type: ObjectType, filter: Filter): (record: CrmRecord) => boolean {
  const read = reader(account, type, filter.propertyName)
  const parse = parser(account, type, filter.propertyName)
  const compiled: Compiled = {
    value: parse(filter.value ?? null),
    high: parse(filter.highValue ?? null),
    values: new Set((filter.values ?? []).map((value) => parse(value))),
  }
  const test = OPERATORS[filter.operator] ?? (() => false)
  return (record) => test(read(record), compiled)
}

/** Ties keep the order of the ids; without a sort the oldest come first. */
function sort(account: HubSpotAccount, type: ObjectType, records: CrmRecord[], by: Sort | undefined): void {
  if (!by) {
    records.sort((a, b) => a.createdAt - b.createdAt || compareIds(a.id, b.id))
    return
  }
  // What came from the shelf is in the order of the ids already, and sorting is stable.
  if (by.name === 'hs_object_id') {
    if (by.descending) records.reverse()
    return
  }
  const read = reader(account, type, by.name)
  const direction = by.descending ? -1 : 1
  const keyed = records.map((record) => ({ record, key: read(record) }))
  keyed.sort((a, b) => compare(a.key, b.key) * direction)
  keyed.forEach(({ record }, index) => {
    records[index] = record
  })
}

/** Records without a value come last when ascending. */
function compare(a: Comparable, b: Comparable): number {
  if (a === b) return 0
  if (a === null) return 1
  if (b === null) return -1
  return a < b ? -1 : 1
}
