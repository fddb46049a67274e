import type { RecordView } from '../api.ts'
import type { Database } from '../db/database.ts'
import type { Locale } from '../errors.ts'
import { RULE_MODELS, type RuleModel } from '../model/rule-models.ts'
import type { Workspace } from '../model/settings.ts'
import { type AccountHead, accountBody } from './record/account.ts'
import { type CampaignHead, campaignBody } from './record/campaign.ts'
import { type ContactHead, contactBody } from './record/contact.ts'
import { type DealHead, dealBody } from './record/deal.ts'
import { findRecord, unknownRecord, type Wanted } from './record/find.ts'
import { accountDeals, personDeals } from './record/read.ts'
import { type Body, type Scene, sceneOf } from './record/scene.ts'
import { opens } from './record/sight.ts'
import { MODELS } from './record/words.ts'
import { readFigures } from './snapshot.ts'

export type { KnownSource } from './record/find.ts'
export type { Viewer } from './record/sight.ts'

/** Which record, under which model and in which language. */
export interface RecordQuery extends Wanted {
  readonly model: RuleModel
  readonly locale: Locale
  /** When the data was last brought in; null before the first time. */
  readonly asOf: Date | null
  /** Until when an open deal's touches count. */
  readonly now: Date
}

/**
 * What one record of the CRM owes to marketing (F43, F53, F91, F120): for HubSpot cards, record views and the API. A viewer gets
 * it if it is his (F135), without the single deals of others.
 * @throws RoiError `unknown_record`, `ambiguous_record`
 */
export async function record(database: Database, workspace: Workspace, query: RecordQuery): Promise<RecordView> {
  const { settings } = workspace
  const { head, body } = await readFigures(database, workspace, async (reader) => {
    const head = await findRecord<Head>(reader, workspace.tenant, query)
    const scene = await sceneOf(database, reader, workspace, query)
    // What he may not see is not told from what does not exist.
    if (query.viewer && !(await mayOpen(scene, query.type, head))) throw unknownRecord(query)
    return { head, body: await bodyOf(scene, query.type, head) }
  })
  const { name, sentence, state, ...rest } = body
  return {
    version: 1,
    record: { type: query.type, id: head.source_id, source: head.source, name },
    workspace: { key: workspace.key, title: workspace.title },
    currency: settings.currency,
    zone: settings.zone,
    model: query.model,
    models: RULE_MODELS.map((id) => ({ id, label: MODELS[id][query.locale] })),
    as_of: query.asOf?.toISOString() ?? null,
    sentence,
    state,
    ...rest,
  }
}

interface Head {
  readonly id: bigint
  readonly source: string
  readonly source_id: string
}

/** Whether somebody who does not see everything may open a record. Campaigns are nobody's. */
async function mayOpen(scene: Scene, type: RecordView['record']['type'], head: Head): Promise<boolean> {
  switch (type) {
    case 'deal':
      return scene.sees(head as Head & DealHead)
    case 'contact':
      return opens(scene.sees, await personDeals(scene, (head as Head & ContactHead).person_id))
    case 'account':
      return opens(scene.sees, await accountDeals(scene, head.id))
    case 'campaign':
      return false
  }
}

/** The heads are the rows of record-<type>.sql. */
function bodyOf(scene: Scene, type: RecordView['record']['type'], head: Head): Promise<Body> {
  switch (type) {
    case 'deal':
      return dealBody(scene, head as Head & DealHead)
    case 'contact':
      return contactBody(scene, head as Head & ContactHead)
    case 'account':
      return accountBody(scene, head as Head & AccountHead)
    case 'campaign':
      return campaignBody(scene, head as Head & CampaignHead)
  }
}
