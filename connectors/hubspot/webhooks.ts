import { ConnectorError } from '../../src/errors.ts'
import type { RecordType } from '../../src/model/records.ts'
import type { Delivery, Received, Ref, RejectedEvent, SignedRequest, SourceEvent } from '../../src/sync/contract.ts'
import { isObject } from './item.ts'
import { verifySignature } from './signature.ts'
import { refuse, say } from './words.ts'
import { OWN_PROPERTIES } from './write-back.ts'

/** Our name of each kind of object, by the name in a subscription, by type id, and by the parts of an association. */
const TYPES: Readonly<Record<string, RecordType>> = {
  contact: 'contact',
  company: 'account',
  deal: 'deal',
  lead: 'lead',
  '0-1': 'contact',
  '0-2': 'account',
  '0-3': 'deal',
  '0-136': 'lead',
}

/** What we write ourselves is no news, should somebody subscribe to it. */
const OWN: ReadonlySet<unknown> = new Set(
  Object.values(OWN_PROPERTIES).flatMap(({ properties }) => properties.map(({ name }) => name)),
)

/** Latest instant there is, milliseconds. */
const MAX_TIME = 8_640_000_000_000_000
/** Records that one merge takes in. */
const MAX_MERGED = 1000
const MAX_TEXT = 300

/** An id, which is an int64: those beyond 2^53 come as text. */
function idText(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? String(value) : undefined
  return typeof value === 'string' && /^\d{1,20}$/.test(value) ? value : undefined
}

/**
 * The fields of an event, read one by one: a hundred events come at a time, ten times at once, and the sender waits. The
 * first field that is not as it must be is remembered, and the event is set aside.
 */
class Fields {
  readonly raw: Readonly<Record<string, unknown>>
  wrong: string | undefined

  constructor(raw: Readonly<Record<string, unknown>>) {
    this.raw = raw
  }

  id(name: string): string {
    return idText(this.raw[name]) ?? this.#wrong(name, '')
  }

  /** Undefined when it is not there. */
  optionalId(name: string): string | undefined {
    return this.raw[name] == null ? undefined : this.id(name)
  }

  ids(name: string): string[] {
    const list = this.raw[name]
    const ids = Array.isArray(list) && list.length <= MAX_MERGED ? list.map(idText) : []
    if (ids.length > 0 && ids.every((id) => id !== undefined)) return ids
    return this.#wrong(name, [])
  }

  text(name: string): string | undefined {
    const value = this.raw[name]
    if (value == null) return undefined
    return typeof value === 'string' && value.length <= MAX_TEXT ? value : this.#wrong(name, '')
  }

  time(name: string): number {
    const value = this.raw[name]
    const isTime = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= MAX_TIME
    return isTime ? value : this.#wrong(name, 0)
  }

  #wrong<T>(name: string, instead: T): T {
    this.wrong ??= name
    return instead
  }
}

/** What an event names, and what tells it from others. */
type Meaning = Pick<SourceEvent, 'refs' | 'gone' | 'merges'> & { readonly ids: readonly string[] }

/** Which reading of the address HubSpot signed, in the last minutes; null when it did not. */
export function verify({ headers, receivedAt, ...request }: SignedRequest, secrets: readonly string[]): string | null {
  const signed = {
    ...request,
    timestamp: headers['x-hubspot-request-timestamp'],
    signature: headers['x-hubspot-signature-v3'],
  }
  return verifySignature(signed, secrets, receivedAt.getTime())
}

/** The events of a webhook: a list, each judged by itself. */
export function receive(delivery: Delivery): Received {
  const list = bodyOf(delivery)
  const events: SourceEvent[] = []
  const rejected: RejectedEvent[] = []
  for (const raw of list) {
    const found = eventOf(raw)
    if (!found) continue
    if ('where' in found) rejected.push(found)
    else events.push(found)
  }
  return { events, rejected }
}

function bodyOf(delivery: Delivery): readonly unknown[] {
  let body: unknown
  try {
    body = delivery.json()
  } catch (cause) {
    throw new ConnectorError('report', 'bad_webhook', 'The webhook is no JSON.', { cause })
  }
  if (Array.isArray(body)) return body
  throw new ConnectorError('report', 'bad_webhook', 'The webhook is no list of events.')
}

/** An event as we use it; undefined for one that nobody asked for. */
function eventOf(raw: unknown): SourceEvent | RejectedEvent | undefined {
  if (!isObject(raw) || typeof raw.subscriptionType !== 'string') return reject(raw, 'subscriptionType')
  const { subscriptionType } = raw
  const [name = '', kind = ''] = subscriptionType.split('.')
  const read = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
  if (!read) return undefined
  const type = typeOf(name === 'object' ? raw.objectTypeId : name)
  // Of a kind of object that is not read; an association names its own.
  if (!type && kind !== 'associationChange') return undefined
  const fields = new Fields(raw)
  const meaning = read(fields, type!)
  if (!meaning) return undefined
  const { ids, ...named } = meaning
  const account = fields.id('portalId')
  const time = fields.time('occurredAt')
  const numbers = [fields.optionalId('subscriptionId') ?? '', fields.optionalId('eventId') ?? '']
  // Not the number of the attempt: it is another one each time. The time first, so that new keys lie together.
  const parts = [time, account, ...numbers, subscriptionType, ...ids, fields.text('propertyName') ?? '']
  if (fields.wrong !== undefined) return reject(raw, fields.wrong)
  return { account, key: parts.join(' '), occurredAt: new Date(time), ...named }
}

/** What an event means; undefined for one of records that are not read. */
type Read = (fields: Fields, type: RecordType) => Meaning | undefined

const changed: Read = (fields, type) => ofObject(fields, (id) => ({ refs: [{ type, id }] }))

const KINDS: Readonly<Record<string, Read>> = {
  creation: changed,
  propertyChange: (fields, type) => (OWN.has(fields.raw.propertyName) ? undefined : changed(fields, type)),
  restore: changed,
  deletion: (fields, type) => ofObject(fields, (id) => ({ refs: [{ type, id, gone: true }] })),
  privacyDeletion: (fields, type) => ofObject(fields, (id) => ({ gone: [{ type, id, erased: true }] })),

  /** The winner may be a new record in place of both. */
  merge(fields, type) {
    const primary = fields.id('primaryObjectId')
    const into = { type, id: fields.optionalId('newObjectId') ?? primary }
    const losers = [...new Set([primary, ...fields.ids('mergedObjectIds')])].filter((loser) => loser !== into.id)
    const merges = losers.map((loser) => ({ from: { type, id: loser }, into }))
    return { refs: [into], merges, ids: [into.id, losers.join(',')] }
  },

  associationChange(fields) {
    const [from, to] = fields.text('associationType')?.toLowerCase().split('_to_') ?? []
    const ids = [fields.id('fromObjectId'), fields.id('toObjectId')] as const
    const ends = [
      refOf(fields.text('fromObjectTypeId') ?? from, ids[0]),
      refOf(fields.text('toObjectTypeId') ?? to, ids[1]),
    ]
    const refs = ends.filter((ref) => ref !== undefined)
    return refs.length > 0 ? { refs, ids } : undefined
  },
}

function ofObject(fields: Fields, named: (id: string) => Omit<Meaning, 'ids'>): Meaning {
  const id = fields.id('objectId')
  return { ...named(id), ids: [id] }
}

function typeOf(name: unknown): RecordType | undefined {
  return typeof name === 'string' && Object.hasOwn(TYPES, name) ? TYPES[name] : undefined
}

function refOf(name: string | null | undefined, id: string): Ref | undefined {
  const type = typeOf(name)
  return type && { type, id }
}

/** Kept without the value of the property, which may be personal, and without what is nested, however deep. */
function reject(raw: unknown, field: string): RejectedEvent {
  const flat = isObject(raw) ? Object.entries(raw).filter(([, value]) => typeof value !== 'object') : []
  const shown = { ...Object.fromEntries(flat), propertyValue: undefined }
  const message = say(
    `HubSpot sent an event whose "${field}" is missing or not understood.`,
    `HubSpot 发送的事件中“${field}”缺失或无法识别。`,
  )
  const objectId = isObject(raw) ? idText(raw.objectId) : undefined
  const account = isObject(raw) ? idText(raw.portalId) : undefined
  return { ...refuse(objectId, 'bad_event', message, shown), ...(account && { account }) }
}
