import type { RecordFigure, RecordView } from '../../api.ts'
import type { Database, Reader } from '../../db/database.ts'
import type { Locale } from '../../errors.ts'
import type { RuleModel } from '../../model/rule-models.ts'
import type { Workspace } from '../../model/settings.ts'
import { Format } from './format.ts'
import { channelsOf } from './read.ts'
import { type Sight, sightOf, type Viewer } from './sight.ts'

/** What every part of a record view is drawn from. */
export interface Scene {
  readonly database: Database
  /** One state of it. */
  readonly reader: Reader
  readonly workspace: Workspace
  readonly tenant: number
  readonly currency: string
  readonly model: RuleModel
  readonly locale: Locale
  readonly format: Format
  /** Until when the touches of an open deal are shown. */
  readonly now: Date
  /** Keys of the channels. */
  readonly channels: ReadonlyMap<bigint, string>
  /** Which deals whoever asks may see: of others neither name nor amount is told, while their part in sums stays. */
  readonly sees: Sight
}

export async function sceneOf(
  database: Database,
  reader: Reader,
  workspace: Workspace,
  query: {
    readonly model: RuleModel
    readonly locale: Locale
    readonly now: Date
    readonly viewer?: Viewer | undefined
  },
): Promise<Scene> {
  const { currency, zone } = workspace.settings
  const { model, locale, now, viewer } = query
  const { tenant } = workspace
  const format = new Format(locale, currency, zone)
  const channels = await channelsOf({ reader, tenant })
  const sees = await sightOf(reader, tenant, viewer)
  return { database, reader, workspace, tenant, currency, model, locale, format, now, channels, sees }
}

/** The part of a view that depends on the type of record. */
export type Body = Pick<
  RecordView,
  'sentence' | 'state' | 'credit' | 'journey' | 'journey_more' | 'deals' | 'deals_count' | 'reconciliation'
> & { readonly name: string; readonly figures: RecordFigure[] }
