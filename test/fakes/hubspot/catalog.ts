import type { ObjectType } from './records.ts'

export type PropertyType = 'string' | 'number' | 'datetime' | 'date' | 'enumeration' | 'bool'

/** What `/crm/properties` says about a property. */
export interface Property {
  readonly name: string
  readonly type: PropertyType
  readonly label?: string
  readonly calculated?: boolean
  readonly hubspotDefined?: boolean
  readonly options?: readonly string[]
}

export interface Stage {
  readonly id: string
  readonly label: string
  /** Strings, as the real system has them: `isClosed: "true"`, `probability: "1.0"`. */
  readonly metadata: Readonly<Record<string, string>>
}

export interface Pipeline {
  readonly id: string
  readonly label: string
  readonly stages: readonly Stage[]
}

export const LIFECYCLE_STAGES = [
  'subscriber',
  'lead',
  'marketingqualifiedlead',
  'salesqualifiedlead',
  'opportunity',
  'customer',
  'evangelist',
  'other',
]

export const SOURCES = [
  'ORGANIC_SEARCH',
  'PAID_SEARCH',
  'EMAIL_MARKETING',
  'SOCIAL_MEDIA',
  'REFERRALS',
  'OTHER_CAMPAIGNS',
  'DIRECT_TRAFFIC',
  'OFFLINE',
  'PAID_SOCIAL',
  'AI_REFERRALS',
]

const RECORD_SOURCE = 'hs_object_source hs_object_source_label hs_object_source_id hs_object_source_user_id'

/** Names by type of value, for every type of record. */
const NAMES: Record<ObjectType, Partial<Record<PropertyType, string>>> = {
  contacts: {
    string: `email firstname lastname phone mobilephone company industry jobtitle city country website hs_language hubspot_owner_id
      hs_analytics_source_data_1 hs_analytics_source_data_2 hs_analytics_first_url hs_analytics_first_referrer
      hs_analytics_first_touch_converting_campaign hs_analytics_last_touch_converting_campaign hs_analytics_last_url
      hs_analytics_last_referrer hs_latest_source_data_1 hs_latest_source_data_2 first_conversion_event_name
      recent_conversion_event_name hs_manual_campaign_ids engagements_last_meeting_booked_campaign
      engagements_last_meeting_booked_source hs_google_click_id hs_facebook_click_id hs_linkedin_click_id
      hs_tiktok_click_id hs_bing_click_id hs_reddit_click_id engagements_last_meeting_booked_medium hs_merged_object_ids hs_calculated_merged_vids
      hs_lead_status ${RECORD_SOURCE}`,
    datetime: `hs_analytics_first_timestamp hs_analytics_first_visit_timestamp hs_analytics_last_timestamp
      hs_latest_source_timestamp first_conversion_date recent_conversion_date hs_email_first_click_date
      hs_email_last_click_date hs_email_first_open_date engagements_last_meeting_booked`,
    number: `hs_analytics_num_visits hs_analytics_num_page_views hs_analytics_revenue num_conversion_events
      num_associated_deals associatedcompanyid`,
    enumeration: 'lifecyclestage hs_analytics_source hs_latest_source',
  },
  companies: {
    string: `name domain phone city state country website description hubspot_owner_id hs_merged_object_ids
      hs_analytics_source_data_1 hs_analytics_source_data_2 ${RECORD_SOURCE}`,
    number: 'annualrevenue numberofemployees num_associated_contacts num_associated_deals',
    enumeration: 'industry lifecyclestage hs_analytics_source',
  },
  deals: {
    string: `dealname description hubspot_owner_id hs_merged_object_ids hs_analytics_source_data_1
      hs_analytics_source_data_2 ${RECORD_SOURCE}`,
    datetime: 'closedate',
    number: 'amount num_associated_contacts',
    enumeration: 'dealtype pipeline dealstage deal_currency_code hs_analytics_source hs_priority',
  },
  leads: {
    string: `hs_lead_name hs_lead_label hubspot_owner_id hs_merged_object_ids ${RECORD_SOURCE}`,
    enumeration: 'hs_lead_type hs_pipeline hs_pipeline_stage',
  },
}

/** Values that follow from others. */
const DERIVED: Partial<Record<ObjectType, Partial<Record<PropertyType, string>>>> = {
  deals: {
    bool: 'hs_is_closed hs_is_closed_won hs_is_closed_lost',
    number: 'hs_deal_stage_probability amount_in_home_currency',
  },
}

/** The property that holds the stage a record is in. */
export const STAGE_PROPERTY: Partial<Record<ObjectType, string>> = {
  contacts: 'lifecyclestage',
  companies: 'lifecyclestage',
  deals: 'dealstage',
  leads: 'hs_pipeline_stage',
}

/** The property that holds a record's last change. */
export function modifiedProperty(type: ObjectType): string {
  return type === 'contacts' ? 'lastmodifieddate' : 'hs_lastmodifieddate'
}

/** What a record shows without being asked for it. */
export function defaultProperties(type: ObjectType): readonly string[] {
  return [type === 'leads' ? 'hs_createdate' : 'createdate', modifiedProperty(type), 'hs_object_id']
}

/** What a record shows beside that when nothing is asked for. */
export const USUAL: Record<ObjectType, readonly string[]> = {
  contacts: ['email', 'firstname', 'lastname'],
  companies: ['name', 'domain'],
  deals: ['dealname', 'amount', 'closedate', 'pipeline', 'dealstage'],
  leads: ['hs_lead_name', 'hs_lead_type'],
}

/** The properties every account has. */
export function builtIn(type: ObjectType): Property[] {
  const of = (names: Partial<Record<PropertyType, string>>, calculated: boolean) =>
    Object.entries(names).flatMap(([kind, list]) =>
      list
        .split(/\s+/)
        .map((name): Property => ({ name, type: kind as PropertyType, calculated, hubspotDefined: true })),
    )
  const [created, modified, id] = defaultProperties(type)
  return [
    ...of({ datetime: `${created} ${modified}`, number: id ?? '' }, true),
    ...of(NAMES[type], false),
    ...of(DERIVED[type] ?? {}, true),
  ].map((property) =>
    /source$/.test(property.name) && property.type === 'enumeration' ? withSources(property) : property,
  )
}

function withSources(property: Property): Property {
  return { ...property, options: SOURCES }
}

/** Names of a stage's dates, in their three generations. */
const STAGE_DATES: readonly ((stage: string) => string)[] = [
  (stage) => `hs_v2_date_entered_${stage}`,
  (stage) => `hs_v2_date_exited_${stage}`,
  (stage) => `hs_date_entered_${stage}`,
  (stage) => `hs_date_exited_${stage}`,
  (stage) => `hs_lifecyclestage_${stage}_date`,
]

/** The stage properties that come with a list of stages. */
export function stageProperties(type: ObjectType, stages: readonly string[]): Property[] {
  // The oldest are of lifecycles only.
  const dates = STAGE_PROPERTY[type] === 'lifecyclestage' ? STAGE_DATES : STAGE_DATES.slice(0, -1)
  return stages.flatMap((stage) =>
    dates.map((name): Property => ({ name: name(stage), type: 'datetime', calculated: true, hubspotDefined: true })),
  )
}

const stage = (id: string, label: string, metadata: Readonly<Record<string, string>>): Stage => ({
  id,
  label,
  metadata,
})
const step = (id: string, label: string, probability: string, isClosed = false) =>
  stage(id, label, { isClosed: String(isClosed), probability })

/** What an account starts with. */
export const PIPELINES: { readonly deals: readonly Pipeline[]; readonly leads: readonly Pipeline[] } = {
  deals: [
    {
      id: 'default',
      label: 'Sales Pipeline',
      stages: [
        step('appointmentscheduled', 'Appointment Scheduled', '0.2'),
        step('qualifiedtobuy', 'Qualified To Buy', '0.4'),
        step('presentationscheduled', 'Presentation Scheduled', '0.6'),
        step('contractsent', 'Contract Sent', '0.9'),
        step('closedwon', 'Closed Won', '1.0', true),
        step('closedlost', 'Closed Lost', '0.0', true),
      ],
    },
    {
      id: '815203344',
      label: '渠道销售',
      stages: [
        step('1197230101', '初步接洽', '0.1'),
        step('1197230102', '方案报价', '0.5'),
        step('1197230103', '赢单', '1.0', true),
        step('1197230104', '输单', '0.0', true),
      ],
    },
  ],
  leads: [
    {
      id: 'lead-pipeline-id',
      label: 'Lead pipeline',
      stages: [
        stage('new-stage-id', 'New', { isClosed: 'false', leadState: 'NEW' }),
        stage('attempting-stage-id', 'Attempting', { isClosed: 'false', leadState: 'IN_PROGRESS' }),
        stage('connected-stage-id', 'Connected', { isClosed: 'false', leadState: 'IN_PROGRESS' }),
        stage('qualified-stage-id', 'Qualified', { isClosed: 'true', leadState: 'QUALIFIED' }),
        stage('unqualified-stage-id', 'Disqualified', { isClosed: 'true', leadState: 'UNQUALIFIED' }),
      ],
    },
  ],
}

/** One kind of association. */
export interface AssociationType {
  readonly typeId: number
  readonly label: string | null
  readonly category: 'HUBSPOT_DEFINED' | 'USER_DEFINED' | 'INTEGRATOR_DEFINED'
}

const SINGULAR: Record<ObjectType, string> = { contacts: 'contact', companies: 'company', deals: 'deal', leads: 'lead' }
const NUMBERS: Record<ObjectType, string> = { contacts: '0-1', companies: '0-2', deals: '0-3', leads: '0-136' }

/** `contact`, `company` … */
export function singular(type: ObjectType): string {
  return SINGULAR[type]
}

/** `0-1`, `0-2` … */
export function typeNumber(type: ObjectType): string {
  return NUMBERS[type]
}

/** The type behind any of its names: `deals`, `deal`, `0-3`. */
export function typeNamed(name: string): ObjectType | undefined {
  const types = Object.keys(SINGULAR) as ObjectType[]
  return types.find((type) => type === name || SINGULAR[type] === name || NUMBERS[type] === name)
}

/** Type ids without a label, and of the primary company. */
const ASSOCIATIONS: Record<string, { readonly plain: number; readonly primary?: number }> = {
  'contacts>companies': { plain: 279, primary: 1 },
  'companies>contacts': { plain: 280, primary: 2 },
  'deals>contacts': { plain: 3 },
  'contacts>deals': { plain: 4 },
  'deals>companies': { plain: 341, primary: 5 },
  'companies>deals': { plain: 342, primary: 6 },
  'contacts>contacts': { plain: 449 },
  'companies>companies': { plain: 450 },
  'leads>contacts': { plain: 608 },
  'contacts>leads': { plain: 607 },
  'leads>companies': { plain: 610 },
  'companies>leads': { plain: 609 },
  'leads>deals': { plain: 584 },
  'deals>leads': { plain: 583 },
}

/** The types an association has by itself; the first company of a record is its primary one. */
export function associationTypes(from: ObjectType, to: ObjectType, primary: boolean): AssociationType[] {
  const known = ASSOCIATIONS[`${from}>${to}`]
  if (!known) return []
  const plain: AssociationType = { typeId: known.plain, label: null, category: 'HUBSPOT_DEFINED' }
  if (!primary || known.primary === undefined) return [plain]
  return [{ typeId: known.primary, label: 'Primary', category: 'HUBSPOT_DEFINED' }, plain]
}
