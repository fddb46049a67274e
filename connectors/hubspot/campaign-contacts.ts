import { addDays, daysBetween, fromWallClock, localDay } from '../../src/model/period.ts'
import type { Touch } from '../../src/model/records.ts'
import type { Page } from '../../src/sync/contract.ts'
import { pages } from './api.ts'
import { campaignContacts, contactLists, type Days } from './api-marketing.ts'
import { campaignIds } from './campaigns.ts'
import type { Env, HubspotContext } from './env.ts'
import { idOf, isObject } from './item.ts'

/** Reports may take some days to be complete: so many are looked at again. */
const LATE = 2
/** Before HubSpot has any report; a Monday. */
const BEGINNING = '2006-01-02'

/** Days of the last weeks are told apart; before them, weeks: days would cost seven times the requests. */
const BY_DAY = 91
const WEEK = 7

/**
 * Contacts of campaigns as touches, one for each week in which a contact was on a list. HubSpot tells who, not when, but
 * answers for spans of days: counts are asked for ever smaller spans, halves without anyone fall away, and who is left
 * in a week, or on its first single day where that is not long past, was touched then. This costs two requests per span
 * with contacts (and per list of it), and some dozen per campaign.
 *
 * The moment is the first of the span: with it a touch comes before what else happened then, such as the deal it led to.
 * `time_precision` says so.
 */
export async function* readCampaignContacts(
  context: HubspotContext,
  env: Env,
  since: Date | null,
  cursor: string | null,
): AsyncGenerator<Page> {
  if (!context.settings.contact_lists) return
  // From a Monday on, so that the first day of a week with a contact stays the first in every run.
  const first = since ? weekOf(addDays(localDay(env.zone, since.getTime()), -LATE)) : BEGINNING
  const last = localDay(env.zone, context.now().getTime())
  if (first > last) return
  const ids = await campaignIds(context, env)
  for (const [index, guid] of ids.entries()) {
    if (cursor !== null && guid <= cursor) continue
    const touches = new Map<string, Touch>()
    const byDay = weekOf(addDays(last, -BY_DAY))
    for (const touch of await touchesOf(context, env, guid, { startDate: first, endDate: last }, byDay)) {
      touches.set(touch.id, joined(touches.get(touch.id), touch))
    }
    yield { records: [...touches.values()], cursor: guid, progress: (index + 1) / ids.length }
  }
}

/** @param byDay first day that is told apart from its neighbours */
async function touchesOf(context: HubspotContext, env: Env, guid: string, days: Days, byDay: string): Promise<Touch[]> {
  const { startDate, endDate } = days
  const lists = await contactLists(context.http, guid, days)
  if (lists.length === 0) return []
  const border = borderOf(days, byDay)
  if (border) {
    const halves = [
      { startDate, endDate: addDays(border, -1) },
      { startDate: border, endDate },
    ]
    return (await Promise.all(halves.map((half) => touchesOf(context, env, guid, half, byDay)))).flat()
  }
  const touches: Touch[] = []
  for (const list of lists) {
    for await (const { results } of pages((after) => campaignContacts(context.http, guid, list, days, after))) {
      const ids = results.map((raw) => (isObject(raw) ? idOf(raw.id) : idOf(raw))).filter((id) => id !== undefined)
      touches.push(...ids.map((id) => toTouch(guid, id, list, days, env.zone)))
    }
  }
  return touches
}

/** Where a span is cut in two: between weeks, then between days where they are told apart. Undefined: not at all. */
function borderOf({ startDate, endDate }: Days, byDay: string): string | undefined {
  const length = daysBetween(startDate, endDate)
  const middle = addDays(startDate, Math.ceil(length / 2))
  if (weekOf(startDate) !== weekOf(endDate)) {
    return weekOf(middle) > startDate ? weekOf(middle) : addDays(weekOf(startDate), WEEK)
  }
  return length > 0 && endDate >= byDay ? middle : undefined
}

/** The Monday of a day's week. */
function weekOf(day: string): string {
  return addDays(day, -(daysBetween(BEGINNING, day) % WEEK))
}

function toTouch(campaignId: string, contactId: string, list: string, days: Days, zone: string): Touch {
  const at = new Date(fromWallClock(zone, Date.parse(days.startDate)))
  return {
    type: 'touch',
    id: `${campaignId}:${contactId}:${weekOf(days.startDate)}`,
    person: { contactId },
    occurredAt: at,
    // A later read knows no better: its weeks are coarser.
    updatedAt: at,
    campaignId,
    kind: 'tag',
    attributes: { time_precision: days.startDate === days.endDate ? 'day' : 'week', lists: list },
  }
}

/** A contact on several lists or days of a week was touched once: when it was first. */
function joined(known: Touch | undefined, touch: Touch): Touch {
  if (!known) return touch
  const lists = new Set([known, touch].flatMap(({ attributes }) => attributes?.lists?.split(';') ?? []))
  const first = known.occurredAt <= touch.occurredAt ? known : touch
  return { ...first, attributes: { ...first.attributes, lists: [...lists].sort().join(';') } }
}
