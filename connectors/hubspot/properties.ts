import { CAMPAIGN_EXTRAS, LEAD_EXTRAS } from './unverified.ts'

/**
 * Every property that is asked for. Nothing else leaves HubSpot: no notes, no addresses, no birthdays (reliability S21).
 */

/** Properties of a kind of object. */
export interface PropertyList {
  readonly all: readonly string[]
  /** Not in every account: their absence is no news. */
  readonly optional: ReadonlySet<string>
  /** Asked for with all their former values. */
  readonly history: readonly string[]
}

const words = (text: string) => text.trim().split(/\s+/)

function list(groups: { always: string; sometimes?: string; history?: string }): PropertyList {
  const optional = words(groups.sometimes ?? '').filter(Boolean)
  return {
    all: [...words(groups.always), ...optional],
    optional: new Set(optional),
    history: words(groups.history ?? '').filter(Boolean),
  }
}

/** Stages of a person's life that are milestones of the model. */
export const LIFECYCLE = { lead: 'leadAt', marketingqualifiedlead: 'mqlAt', salesqualifiedlead: 'sqlAt' } as const

const ENTERED = Object.keys(LIFECYCLE).flatMap((stage) => [
  `hs_v2_date_entered_${stage}`,
  `hs_date_entered_${stage}`,
  `hs_lifecyclestage_${stage}_date`,
])

/** Click id properties and the parameter they come from, as channel rules know it. */
export const CLICK_IDS = {
  hs_google_click_id: 'gclid',
  hs_facebook_click_id: 'fbclid',
  hs_linkedin_click_id: 'li_fat_id',
  hs_bing_click_id: 'msclkid',
  hs_tiktok_click_id: 'ttclid',
  hs_reddit_click_id: 'rdt_cid',
} as const

export const CONTACT = list({
  always: `
    createdate lastmodifieddate lifecyclestage associatedcompanyid
    email firstname lastname phone country
    hs_analytics_source hs_analytics_source_data_1 hs_analytics_source_data_2
    hs_analytics_first_timestamp hs_analytics_first_visit_timestamp hs_analytics_first_url hs_analytics_first_referrer
    hs_analytics_first_touch_converting_campaign hs_analytics_last_touch_converting_campaign
    hs_latest_source hs_latest_source_data_1 hs_latest_source_data_2 hs_latest_source_timestamp
    first_conversion_date first_conversion_event_name recent_conversion_date recent_conversion_event_name
    hs_email_first_click_date hs_email_last_click_date`,
  // Identity and industry; last page seen; meetings; click ids; milestones in their three generations; merges.
  sometimes: `
    mobilephone industry hs_analytics_last_url hs_analytics_last_timestamp
    engagements_last_meeting_booked engagements_last_meeting_booked_campaign
    engagements_last_meeting_booked_source engagements_last_meeting_booked_medium
    ${Object.keys(CLICK_IDS).join(' ')}
    ${ENTERED.join(' ')}
    hs_merged_object_ids hs_calculated_merged_vids`,
  history: 'hs_latest_source hs_latest_source_data_1 hs_latest_source_data_2 lifecyclestage',
})

export const COMPANY = list({
  always: 'createdate hs_lastmodifieddate name domain industry country numberofemployees',
  sometimes: 'hs_merged_object_ids',
})

export const DEAL = list({
  always: `
    createdate hs_lastmodifieddate dealname pipeline dealstage dealtype hubspot_owner_id
    amount closedate hs_is_closed hs_is_closed_won`,
  // The currency exists only in accounts with more than one.
  sometimes: 'deal_currency_code hs_merged_object_ids',
  history: 'dealstage amount',
})

export const LEAD = list({
  always: 'hs_lastmodifieddate hs_lead_name hs_lead_type hs_lead_label hubspot_owner_id',
  sometimes: `${LEAD_EXTRAS.join(' ')} hs_merged_object_ids`,
})

export const CAMPAIGN_PROPERTIES: readonly string[] = [
  'hs_name',
  'hs_goal',
  'hs_budget',
  'hs_campaign_status',
  ...CAMPAIGN_EXTRAS,
]
