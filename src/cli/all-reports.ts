import { Dimension } from '../api.ts'
import type { Database } from '../db/database.ts'
import { report } from '../metrics/report.ts'
import { RULE_MODELS } from '../model/rule-models.ts'
import type { Workspace } from '../model/settings.ts'
import type { Figure } from '../sync/transfer/transfer.ts'

/** Every report of a workspace over all time: by channel under each model, by everything else under its own. */
export async function* allReports(database: Database, workspace: Workspace): AsyncIterable<Figure> {
  const { locale, model: own } = workspace.settings
  const asked = [
    ...RULE_MODELS.map((model) => ({ by: 'channel' as const, model })),
    ...Dimension.options.filter((by) => by !== 'channel').map((by) => ({ by, model: own })),
  ]
  for (const { by, model } of asked) {
    const query = { workspace: workspace.key, by, model, from: null, to: null, date_basis: 'close' } as const
    const answer = await report(database, workspace, query, locale)
    yield { name: `report by ${by} under ${model}`, text: JSON.stringify(answer) }
  }
}
