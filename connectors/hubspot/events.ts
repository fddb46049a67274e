import type { PersonRef, Touch } from '../../src/model/records.ts'
import type { Page } from '../../src/sync/contract.ts'
import { pages } from './api.ts'
import { listEvents, listParticipations } from './api-marketing.ts'
import type { Env, HubspotContext } from './env.ts'
import { parseInstant } from './fields.ts'
import { idOf, isObject } from './item.ts'
import { present } from './words.ts'

/** People register before an event and are marked as attended after it: that long its list is looked at by every run. */
const BEFORE = 90 * 86_400_000
const AFTERMATH = 30 * 86_400_000

export interface MarketingEvent {
  readonly id: string
  readonly name: string | undefined
  readonly kind: string | undefined
  readonly start: Date | undefined
  readonly end: Date | undefined
  readonly updatedAt: Date | undefined
}

/** Registrations and attendances of marketing events, as touches dated by the event, never by an import (F40). */
export async function* readEvents(
  context: HubspotContext,
  env: Env,
  since: Date | null,
  cursor: string | null,
): AsyncGenerator<Page> {
  if (!context.settings.marketing_events) return
  const [done = '', from] = cursor?.split(' ') ?? []
  const events = (await eventsOf(context, env)).filter((event) => !since || isDue(event, since, context.now()))
  for (const event of events) {
    if (event.id < done || (event.id === done && from === undefined)) continue
    const start = event.id === done ? from : undefined
    for await (const { results, next } of pages((after) => listParticipations(context.http, event.id, after), start)) {
      const records = results.map((raw) => toParticipation(raw, event, env)).filter((touch) => touch !== undefined)
      yield { records, cursor: next === undefined ? event.id : `${event.id} ${next}` }
    }
  }
}

async function eventsOf(context: HubspotContext, env: Env): Promise<MarketingEvent[]> {
  const events = new Map<string, MarketingEvent>()
  for await (const { results } of pages((after) => listEvents(context.http, after))) {
    for (const raw of results) {
      const id = isObject(raw) ? (idOf(raw.objectId) ?? idOf(raw.id)) : undefined
      if (isObject(raw) && id !== undefined) events.set(id, toEvent(raw, id, env.zone))
    }
  }
  return [...events.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

function toEvent(raw: Record<string, unknown>, id: string, zone: string): MarketingEvent {
  return {
    id,
    name: typeof raw.eventName === 'string' && raw.eventName !== '' ? raw.eventName : undefined,
    kind: typeof raw.eventType === 'string' && raw.eventType !== '' ? raw.eventType : undefined,
    start: parseInstant(raw.startDateTime, zone),
    end: parseInstant(raw.endDateTime, zone),
    updatedAt: parseInstant(raw.updatedAt, zone),
  }
}

function isDue(event: MarketingEvent, since: Date, now: Date): boolean {
  const { start, end = start, updatedAt } = event
  if (!updatedAt || updatedAt >= since) return true
  if (!start || !end) return false
  return start.getTime() - BEFORE <= now.getTime() && end.getTime() + AFTERMATH >= since.getTime()
}

/**
 * A registration is dated when it was made, but not after the event began: then it was entered later. Attendance is
 * dated by the event; by the time given only when the event has none. Other states are no interaction.
 */
export function toParticipation(raw: unknown, event: MarketingEvent, env: Env): Touch | undefined {
  const { properties, associations } = isObject(raw) ? raw : {}
  if (!isObject(properties)) return undefined
  const person = personOf(associations)
  const state = String(properties.attendanceState)
  const told = parseInstant(properties.occurredAt, env.zone)
  const attended = state === 'ATTENDED'
  const early = told && (!event.start || told <= event.start) ? told : (event.start ?? told)
  const at = attended ? (event.start ?? told) : state === 'REGISTERED' ? early : undefined
  if (!person || !at) return undefined
  const webinar = /webinar|网络研讨会|直播/i.test(event.kind ?? '')
  return present<Touch>({
    type: 'touch',
    id: `event:${event.id}:${Object.values(person)[0]}:${state}`,
    person,
    occurredAt: at,
    updatedAt: told,
    channel: 'events',
    kind: attended ? (webinar ? 'webinar' : 'checkin') : 'event',
    attributes: { event_id: event.id, state, ...(event.name ? { event: event.name } : {}) },
  })
}

function personOf(associations: unknown): PersonRef | undefined {
  const contact = isObject(associations) && isObject(associations.contact) ? associations.contact : {}
  const contactId = idOf(contact.contactId)
  if (contactId) return { contactId }
  return typeof contact.email === 'string' && contact.email !== '' ? { email: contact.email.toLowerCase() } : undefined
}
