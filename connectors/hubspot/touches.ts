import type { Touch } from '../../src/model/records.ts'
import type { Env } from './env.ts'
import type { Fields } from './fields.ts'
import { CLICK_IDS } from './properties.ts'
import { type Clues, classify, drillDowns, hasClues, type Source, urlClues } from './sources.ts'
import { campaignGuid } from './unverified.ts'
import { present } from './words.ts'

/** Two tellings of the same visit lie this close together; HubSpot ends a visit after 30 idle minutes, too. */
const SAME_VISIT = 30 * 60_000
/** Drill-downs are written just after the source they belong to. */
const SAME_WRITE = 60_000

const READ_BY_SOURCE: Readonly<Record<string, readonly (keyof typeof CLICK_IDS)[]>> = {
  PAID_SEARCH: ['hs_google_click_id', 'hs_bing_click_id'],
  PAID_SOCIAL: ['hs_facebook_click_id', 'hs_linkedin_click_id', 'hs_tiktok_click_id', 'hs_reddit_click_id'],
}

/** The touches a contact carries: visits, clicks in e-mails, meetings, and conversions where forms cannot be read. */
export function contactTouches(contactId: string, fields: Fields, env: Env, updatedAt: Date | undefined): Touch[] {
  const make = (key: string, at: Date, rest: Partial<Touch>): Touch =>
    present<Touch>({
      type: 'touch',
      id: `${contactId}:${key}`,
      person: { contactId },
      occurredAt: at,
      updatedAt,
      ...rest,
    })
  return [
    ...visits(fields, env, make),
    ...emailClicks(fields, env, make),
    ...meetings(fields, make),
    ...conversions(fields, env, make),
  ]
}

type Make = (key: string, at: Date, rest: Partial<Touch>) => Touch

/** First visit, and one touch for each change of the latest source. */
function visits(fields: Fields, env: Env, make: Make): Touch[] {
  const touches: Touch[] = []
  const add = (key: string, at: Date, source: Source, clues: Clues, extra: Partial<Touch> = {}) => {
    const seen = classify(source, env.settings.offline_sources)
    if (!seen) return
    const merged = { ...drillDowns(source), ...clues }
    const channel = hasClues(merged) ? undefined : seen.channel
    touches.push(
      make(key, at, {
        kind: seen.kind,
        ...(channel ? { channel } : {}),
        ...merged,
        ...extra,
        attributes: attributesOf(source),
      }),
    )
  }
  const first = firstVisit(fields)
  const campaignId = campaignGuid(fields.text('hs_analytics_first_touch_converting_campaign'))
  if (first) add('first', first.at, first.source, first.clues, campaignId ? { campaignId } : {})
  const latest = latestVisits(fields, first)
  latest.forEach((visit, index) => {
    const newest = index === latest.length - 1
    add(`latest:${visit.at.getTime()}`, visit.at, visit.source, newest ? lastClues(fields, visit) : {})
  })
  return touches
}

interface Visit {
  readonly at: Date
  readonly source: Source
  readonly clues: Clues
}

function firstVisit(fields: Fields): Visit | undefined {
  const source = fields.text('hs_analytics_source')
  const at = fields.instant('hs_analytics_first_visit_timestamp') ?? fields.instant('hs_analytics_first_timestamp')
  if (!source || !at) return undefined
  const referrer = fields.text('hs_analytics_first_referrer')
  return {
    at,
    source: {
      source,
      data1: fields.text('hs_analytics_source_data_1'),
      data2: fields.text('hs_analytics_source_data_2'),
    },
    clues: { ...urlClues(fields.text('hs_analytics_first_url')), ...(referrer ? { referrer } : {}) },
  }
}

/** The changes of the latest source that tell of another visit than the first. Oldest first. */
function latestVisits(fields: Fields, first: Visit | undefined): Omit<Visit, 'clues'>[] {
  const data1 = fields.history('hs_latest_source_data_1')
  const data2 = fields.history('hs_latest_source_data_2')
  const valueAt = (versions: typeof data1, at: Date) =>
    versions.findLast((version) => version.at.getTime() <= at.getTime() + SAME_WRITE)?.value || undefined
  const changes = fields.history('hs_latest_source').map(({ value, at }) => ({
    at,
    source: { source: value, data1: valueAt(data1, at), data2: valueAt(data2, at) },
  }))
  // A later visit from the same source changes the moment only.
  const source = fields.text('hs_latest_source')
  const at = fields.instant('hs_latest_source_timestamp')
  const known = changes.at(-1)?.at.getTime() ?? Number.NEGATIVE_INFINITY
  if (source && at && at.getTime() > known + SAME_VISIT) {
    const drill = { data1: fields.text('hs_latest_source_data_1'), data2: fields.text('hs_latest_source_data_2') }
    changes.push({ at, source: { source, ...drill } })
  }
  return changes.filter((visit) => visit.source.source !== '' && !(first && same(first, visit)))
}

function same(first: Visit, visit: Omit<Visit, 'clues'>): boolean {
  const apart = Math.abs(first.at.getTime() - visit.at.getTime())
  return first.source.source === visit.source.source && apart <= SAME_VISIT
}

/** Whether a contact had visits beyond the first, so that the history of its sources is worth a request. */
export function hasLaterVisits(fields: Fields): boolean {
  const source = fields.text('hs_latest_source')
  if (!source) return false
  const first = firstVisit(fields)
  if (!first) return true
  const at = fields.instant('hs_latest_source_timestamp') ?? first.at
  return !same(first, { at, source: { source, data1: undefined, data2: undefined } })
}

/** What is only known of the newest visit: the last page, and the click id of the platform that fits its source. */
function lastClues(fields: Fields, visit: Omit<Visit, 'clues'>): Clues {
  const seen = fields.instant('hs_analytics_last_timestamp')
  const near = seen && Math.abs(seen.getTime() - visit.at.getTime()) <= SAME_VISIT
  const clues = near ? urlClues(fields.text('hs_analytics_last_url')) : {}
  if (clues.clickId) return clues
  const ids = (READ_BY_SOURCE[visit.source.source] ?? []).flatMap((name) => {
    const value = fields.text(name)
    return value ? [`${CLICK_IDS[name]}=${value}`] : []
  })
  // With the ids of two platforms nothing says which of them it was.
  return ids.length === 1 && ids[0] ? { ...clues, clickId: ids[0] } : clues
}

function attributesOf({ source, data1, data2 }: Source): Record<string, string> {
  return {
    hubspot_source: source,
    ...(data1 ? { source_data_1: data1 } : {}),
    ...(data2 ? { source_data_2: data2 } : {}),
  }
}

/** Clicks, never opens (F39). Each new latest click becomes a touch of its own. */
function emailClicks(fields: Fields, env: Env, make: Make): Touch[] {
  if (!env.settings.email_clicks) return []
  const moments = [fields.instant('hs_email_first_click_date'), fields.instant('hs_email_last_click_date')]
  return distinct(moments).map((at) =>
    make(`email_click:${at.getTime()}`, at, { kind: 'email_click', channel: 'email' }),
  )
}

function meetings(fields: Fields, make: Make): Touch[] {
  const at = fields.instant('engagements_last_meeting_booked')
  if (!at) return []
  const utm = present<Clues>({
    utmCampaign: fields.text('engagements_last_meeting_booked_campaign'),
    utmSource: fields.text('engagements_last_meeting_booked_source'),
    utmMedium: fields.text('engagements_last_meeting_booked_medium'),
  })
  return [make(`meeting:${at.getTime()}`, at, { kind: 'meeting', ...utm })]
}

function conversions(fields: Fields, env: Env, make: Make): Touch[] {
  if (!env.conversions) return []
  const first = fields.instant('first_conversion_date')
  const recent = fields.instant('recent_conversion_date')
  const campaignId = campaignGuid(fields.text('hs_analytics_last_touch_converting_campaign'))
  return distinct([first, recent]).map((at) => {
    const isFirst = at.getTime() === first?.getTime()
    const form = fields.text(isFirst ? 'first_conversion_event_name' : 'recent_conversion_event_name')
    return make(`conversion:${at.getTime()}`, at, {
      kind: 'form',
      ...(isFirst && campaignId ? { campaignId } : {}),
      ...(form ? { attributes: { form } } : {}),
    })
  })
}

function distinct(moments: readonly (Date | undefined)[]): Date[] {
  return [...new Map(moments.filter((at) => at !== undefined).map((at) => [at.getTime(), at])).values()]
}
