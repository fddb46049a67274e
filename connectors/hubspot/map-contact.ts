import type { Contact } from '../../src/model/records.ts'
import type { Env, Mapped } from './env.ts'
import { Fields } from './fields.ts'
import type { Item } from './item.ts'
import { createdOf, merges, noCreation, updatedOf } from './map-common.ts'
import { CONTACT, LIFECYCLE } from './properties.ts'
import { contactTouches, hasLaterVisits } from './touches.ts'
import { mergedIds } from './unverified.ts'
import { present } from './words.ts'

type Stage = keyof typeof LIFECYCLE
const STAGES = Object.keys(LIFECYCLE) as Stage[]

/** A person with the milestones of their life, and the touches HubSpot keeps on them. */
export function toContact(item: Item, env: Env): Mapped {
  const fields = new Fields('contacts', item, env.zone, env.drift)
  fields.expect(CONTACT.all, CONTACT.optional)
  const createdAt = createdOf(item, fields, 'createdate', env)
  if (!createdAt) return { records: [], rejected: [noCreation('contacts', item)] }
  const updatedAt = updatedOf(item, fields, 'lastmodifieddate', env)
  const stage = fields.text('lifecyclestage')
  const contact = present<Contact>({
    type: 'contact',
    id: item.id,
    updatedAt,
    email: fields.text('email'),
    phone: fields.text('phone') ?? fields.text('mobilephone'),
    accountId: fields.text('associatedcompanyid'),
    name: [fields.text('firstname'), fields.text('lastname')].filter(Boolean).join(' ') || undefined,
    createdAt,
    leadAt: milestone(fields, 'lead'),
    mqlAt: milestone(fields, 'marketingqualifiedlead'),
    sqlAt: milestone(fields, 'salesqualifiedlead'),
    source: fields.text('hs_analytics_source'),
    region: fields.text('country'),
    industry: fields.text('industry'),
    attributes: stage ? { lifecycle_stage: stage } : undefined,
  })
  const losers = mergedIds(fields.text('hs_merged_object_ids'), fields.text('hs_calculated_merged_vids'))
  return {
    records: [contact, ...contactTouches(item.id, fields, env, updatedAt)],
    merged: merges('contact', item.id, losers),
  }
}

/** When a stage was entered: kept by HubSpot in three generations of properties, the newest is the most exact. */
function milestone(fields: Fields, stage: Stage): Date | undefined {
  return (
    entered(fields, stage) ??
    fields.history('lifecyclestage').find(({ value }) => value === stage)?.at ??
    fields.instant(`hs_lifecyclestage_${stage}_date`)
  )
}

function entered(fields: Fields, stage: Stage): Date | undefined {
  return fields.instant(`hs_v2_date_entered_${stage}`) ?? fields.instant(`hs_date_entered_${stage}`)
}

/**
 * Whether the history of a contact tells more than its present values: visits after the first one, or a stage whose
 * date is in no property. Most contacts came once; reading the history of all would cost twice the requests.
 */
export function wantsHistory(item: Item): boolean {
  const fields = new Fields('contacts', item, 'UTC', () => {})
  const stage = STAGES.find((name) => name === fields.text('lifecyclestage'))
  return (stage !== undefined && !entered(fields, stage)) || hasLaterVisits(fields)
}
