import { createHmac } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { toJson } from '../http.ts'
import type { HubSpotAccount } from './account.ts'
import type { ObjectType } from './records.ts'

/** An event as HubSpot sends it. Ids are int64 numbers. */
export interface WebhookEvent {
  readonly eventId: number
  readonly subscriptionId: number
  readonly portalId: number
  readonly appId: number
  readonly occurredAt: number
  readonly subscriptionType: string
  readonly attemptNumber: number
  readonly [field: string]: unknown
}

const TYPE_IDS: Readonly<Record<ObjectType, string>> = {
  contacts: '0-1',
  companies: '0-2',
  deals: '0-3',
  leads: '0-136',
}
const NAMES: Readonly<Record<ObjectType, string>> = {
  contacts: 'contact',
  companies: 'company',
  deals: 'deal',
  leads: 'lead',
}

let events = 100

/** Makes the events of one portal. */
export class Subscription {
  readonly #account: HubSpotAccount

  constructor(account: HubSpotAccount) {
    this.#account = account
  }

  propertyChange(type: ObjectType, id: string, propertyName: string, propertyValue = ''): WebhookEvent {
    const change = { propertyName, propertyValue, changeSource: 'CRM_UI', sourceId: 'userId:7' }
    return this.event('object.propertyChange', { ...change, objectId: BigInt(id), objectTypeId: TYPE_IDS[type] })
  }

  creation(type: ObjectType, id: string): WebhookEvent {
    return this.event('object.creation', { objectId: BigInt(id), objectTypeId: TYPE_IDS[type], changeFlag: 'NEW' })
  }

  deletion(type: ObjectType, id: string): WebhookEvent {
    return this.event('object.deletion', { objectId: BigInt(id), objectTypeId: TYPE_IDS[type], changeFlag: 'DELETED' })
  }

  restore(type: ObjectType, id: string): WebhookEvent {
    return this.event('object.restore', { objectId: BigInt(id), objectTypeId: TYPE_IDS[type] })
  }

  /** The only one with the name of old subscriptions. */
  privacyDeletion(id: string): WebhookEvent {
    return this.event('contact.privacyDeletion', { objectId: BigInt(id) })
  }

  merge(type: ObjectType, primary: string, merged: readonly string[], winner = primary): WebhookEvent {
    return this.event(`${NAMES[type]}.merge`, {
      objectId: BigInt(winner),
      primaryObjectId: BigInt(primary),
      mergedObjectIds: merged.map(BigInt),
      newObjectId: winner === primary ? null : BigInt(winner),
      numberOfPropertiesMoved: 3,
    })
  }

  associationChange(from: readonly [ObjectType, string], to: readonly [ObjectType, string]): WebhookEvent {
    return this.event('object.associationChange', {
      associationType: `${NAMES[from[0]]}_TO_${NAMES[to[0]]}`.toUpperCase(),
      fromObjectId: BigInt(from[1]),
      toObjectId: BigInt(to[1]),
      associationRemoved: false,
      isPrimaryAssociation: false,
    })
  }

  event(subscriptionType: string, fields: Readonly<Record<string, unknown>>): WebhookEvent {
    events += 1
    return {
      eventId: events,
      subscriptionId: 2001,
      portalId: this.#account.portalId,
      appId: 54_321,
      occurredAt: this.#account.clock.now(),
      subscriptionType,
      attemptNumber: 0,
      ...fields,
    }
  }
}

/** Version 3, over the address as HubSpot calls it. */
export function signV3(secret: string, method: string, url: string, body: string, timestamp: number | string): string {
  return createHmac('sha256', secret).update(`${method}${url}${body}${timestamp}`).digest('base64')
}

/** Headers of a delivery. */
export function signedHeaders(secret: string, url: string, body: string, now = Date.now()): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'HubSpot Connect 2.0 (http://dev.hubspot.com/) - Webhooks',
    'x-hubspot-signature-v3': signV3(secret, 'POST', url, body, now),
    'x-hubspot-request-timestamp': String(now),
    'x-hubspot-signature-version': 'v3',
  }
}

export interface SenderOptions {
  /** Where it is sent. */
  readonly target: string
  /** What is signed: the public address. */
  readonly url: string
  readonly secret: string
  /** Decides when a retry is due. */
  readonly clock: Clock
  /** 0 to 1; default Math.random. */
  readonly random?: () => number
}

/** One attempt to deliver a batch. */
export interface Attempt {
  /** 0 when there was no answer in time. */
  readonly status: number
  readonly number: number
  readonly events: number
}

interface Batch {
  readonly events: readonly WebhookEvent[]
  readonly since: number
  number: number
  dueAt: number
}

const PER_BATCH = 100
const AT_ONCE = 10
const ANSWER_MS = 5000
const RETRIES = 10
const DAY = 86_400_000

/**
 * Delivers events the way HubSpot does: a hundred in a request, ten requests at a time, an answer within five seconds;
 * whatever is not 2xx comes again, up to ten times within a day, in no order.
 */
export class WebhookSender {
  readonly attempts: Attempt[] = []
  /** Events that were never acknowledged. */
  readonly lost: WebhookEvent[] = []
  readonly #options: SenderOptions
  #waiting: Batch[] = []

  constructor(options: SenderOptions) {
    this.#options = options
  }

  /** Events to be delivered by the next {@link deliver}. */
  send(...events: readonly WebhookEvent[]): void {
    const now = this.#options.clock.now()
    for (let i = 0; i < events.length; i += PER_BATCH) {
      this.#waiting.push({ events: events.slice(i, i + PER_BATCH), since: now, number: 0, dueAt: now })
    }
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Tries everything that is due by the clock, once. */
  async deliver(): Promise<void> {
    const now = this.#options.clock.now()
    const due = this.#waiting.filter(({ dueAt }) => dueAt <= now)
    this.#waiting = this.#waiting.filter(({ dueAt }) => dueAt > now)
    const work = async () => {
      for (let batch = due.shift(); batch; batch = due.shift()) await this.#attempt(batch)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  }

  async #attempt(batch: Batch): Promise<void> {
    const { clock, random = Math.random } = this.#options
    const status = await post(this.#options, bodyOf(batch.events, batch.number))
    this.attempts.push({ status, number: batch.number, events: batch.events.length })
    if (status >= 200 && status < 300) return
    const wait = (DAY / RETRIES) * random()
    batch.number += 1
    batch.dueAt = clock.now() + wait
    if (batch.number > RETRIES || batch.dueAt - batch.since > DAY) this.lost.push(...batch.events)
    else this.#waiting.push(batch)
  }
}

/** The body of a delivery. */
export function bodyOf(events: readonly WebhookEvent[], attemptNumber = 0): string {
  return toJson(events.map((event) => ({ ...event, attemptNumber })))
}

async function post({ target, url, secret }: SenderOptions, body: string): Promise<number> {
  try {
    const headers = signedHeaders(secret, url, body)
    const answer = await fetch(target, { method: 'POST', headers, body, signal: AbortSignal.timeout(ANSWER_MS) })
    await answer.arrayBuffer()
    return answer.status
  } catch {
    return 0
  }
}
