import type { Account } from '../../src/model/records.ts'
import type { Env, Mapped } from './env.ts'
import { Fields } from './fields.ts'
import type { Item } from './item.ts'
import { merges, updatedOf } from './map-common.ts'
import { COMPANY } from './properties.ts'
import { mergedIds } from './unverified.ts'
import { present } from './words.ts'

/** A company. HubSpot lets it be nameless; its domain, else its id, stands in. */
export function toAccount(item: Item, env: Env): Mapped {
  const fields = new Fields('companies', item, env.zone, env.drift)
  fields.expect(COMPANY.all, COMPANY.optional)
  const domain = fields.text('domain')
  const account = present<Account>({
    type: 'account',
    id: item.id,
    updatedAt: updatedOf(item, fields, 'hs_lastmodifieddate', env),
    name: fields.text('name') ?? domain ?? `#${item.id}`,
    domain,
    industry: fields.text('industry'),
    region: fields.text('country'),
    size: fields.text('numberofemployees'),
  })
  return { records: [account], merged: merges('account', item.id, mergedIds(fields.text('hs_merged_object_ids'))) }
}
