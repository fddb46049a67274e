import type { Lead } from '../../src/model/records.ts'
import type { Env, Mapped } from './env.ts'
import { Fields } from './fields.ts'
import type { Item } from './item.ts'
import { createdOf, merges, updatedOf } from './map-common.ts'
import { LEAD } from './properties.ts'
import { mergedIds } from './unverified.ts'
import { present } from './words.ts'

/** A lead of the sales workspace. Whether it was accepted is told by its stage. */
export function toLead(item: Item, env: Env): Mapped {
  const fields = new Fields('leads', item, env.zone, env.drift)
  fields.expect(LEAD.all, LEAD.optional)
  const stage = fields.text('hs_pipeline_stage')
  const label = fields.text('hs_lead_label')
  const kind = fields.text('hs_lead_type')
  const lead = present<Lead>({
    type: 'lead',
    id: item.id,
    updatedAt: updatedOf(item, fields, 'hs_lastmodifieddate', env),
    name: fields.text('hs_lead_name'),
    contactId: item.associations.contacts?.[0]?.id,
    accountId: item.associations.companies?.[0]?.id,
    ownerId: fields.text('hubspot_owner_id'),
    stage,
    createdAt: createdOf(item, fields, 'hs_createdate', env),
    accepted: stage === undefined ? undefined : env.leadStages.get(stage),
    attributes: label || kind ? { ...(label ? { label } : {}), ...(kind ? { lead_type: kind } : {}) } : undefined,
  })
  return { records: [lead], merged: merges('lead', item.id, mergedIds(fields.text('hs_merged_object_ids'))) }
}
