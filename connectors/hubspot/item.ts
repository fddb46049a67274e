import { ConnectorError } from '../../src/errors.ts'
import type { DriftKind, Reject } from '../../src/sync/contract.ts'
import { PRIMARY_COMPANY } from './unverified.ts'
import { refuse, say } from './words.ts'

/** Tells once per read that a field is not as expected. */
export type Drift = (field: string, kind: DriftKind) => void

export interface Association {
  readonly id: string
  readonly primary: boolean
}

/** One record of HubSpot as it came, with what was fetched beside it. Nothing in `properties` is to be trusted. */
export interface Item {
  readonly id: string
  readonly properties: Readonly<Record<string, unknown>>
  /** By property, newest first. */
  readonly history: Readonly<Record<string, unknown>>
  /** By kind of object. */
  readonly associations: Readonly<Record<string, readonly Association[]>>
  /** Kinds of object of which the list held back some. */
  readonly more: readonly string[]
  readonly createdAt: unknown
  readonly updatedAt: unknown
  readonly archivedAt: unknown
  readonly raw: unknown
}

/** Keys of a record as HubSpot documents them; the last two are of campaigns. */
const KNOWN = new Set(
  `id properties propertiesWithHistory associations createdAt updatedAt archived archivedAt url objectWriteTraceId
   businessUnits assets`.split(/\s+/),
)

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An id as text; numbers above 2^53 arrive as text already. */
export function idOf(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  return typeof value === 'string' && value !== '' && value.length <= 512 ? value : undefined
}

/** An id as a number, to be compared. */
export function numericId(id: string): bigint {
  if (/^\d+$/.test(id)) return BigInt(id)
  throw new ConnectorError('report', 'ids_not_ordered', `HubSpot has an id that is no number: ${id.slice(0, 40)}.`)
}

/** The envelope of a record. What is inside is read field by field, so that one bad field costs one field. */
export function toItem(raw: unknown, object: string, drift: Drift): Item | Reject {
  const id = isObject(raw) ? idOf(raw.id) : undefined
  if (!isObject(raw) || id === undefined) {
    return refuse(
      undefined,
      'missing_id',
      say('HubSpot sent a record without an id.', 'HubSpot 返回了没有 ID 的记录。'),
      raw,
    )
  }
  if (!isObject(raw.properties)) {
    const message = say(`HubSpot sent ${object} ${id} without properties.`, `HubSpot 返回的 ${object} ${id} 没有属性。`)
    return refuse(id, 'missing_properties', message, raw)
  }
  for (const key of Object.keys(raw)) if (!KNOWN.has(key)) drift(`${object}.${key}`, 'new')
  return {
    id,
    properties: raw.properties,
    history: objectAt(raw.propertiesWithHistory),
    ...linksOf(raw),
    ...datesOf(raw),
    raw,
  }
}

export function isReject(value: Item | Reject): value is Reject {
  return 'where' in value
}

function objectAt(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {}
}

function datesOf(raw: Record<string, unknown>) {
  return { createdAt: raw.createdAt, updatedAt: raw.updatedAt, archivedAt: raw.archivedAt }
}

function linksOf(raw: Record<string, unknown>): Pick<Item, 'associations' | 'more'> {
  const associations: Record<string, Association[]> = {}
  const more: string[] = []
  for (const [object, part] of Object.entries(objectAt(raw.associations))) {
    if (!isObject(part) || !Array.isArray(part.results)) continue
    associations[object] = uniqueLinks(part.results.map((one) => [one?.id, one?.type === PRIMARY_COMPANY.name]))
    if (isObject(part.paging) && part.paging.next) more.push(object)
  }
  return { associations, more }
}

/** Each record once: HubSpot repeats it for every kind of association. The primary one comes first. */
export function uniqueLinks(links: readonly (readonly [unknown, boolean])[]): Association[] {
  const found = new Map<string, boolean>()
  for (const [raw, primary] of links) {
    const id = idOf(raw)
    if (id !== undefined) found.set(id, primary || (found.get(id) ?? false))
  }
  const list = [...found].map(([id, primary]) => ({ id, primary }))
  return list.sort((a, b) => Number(b.primary) - Number(a.primary))
}
