import type { Attribution } from '../api/data-driven.ts'
import type { ModelView } from '../api.ts'
import type { Database } from '../db/database.ts'
import { attribution } from '../metrics/data-driven/attribution.ts'
import { panelModel } from '../metrics/panel.ts'
import { withSegment } from '../metrics/segments.ts'
import type { State } from '../state/state.ts'
import type { Services } from './services.ts'
import { findWorkspace } from './workspaces.ts'

/** What the commands about data-driven models answer. */
export interface DataDrivenAnswers {
  readonly panel_model: ModelView
  readonly attribution: Attribution
}

/** Markov and Shapley over the journeys of a period (F51, F52). */
export function dataDrivenServices({
  database,
  state,
}: {
  readonly database: Database
  readonly state: State
}): Pick<Services, keyof DataDrivenAnswers> {
  return {
    async panel_model({ workspace: key, locale, ...question }) {
      const workspace = await findWorkspace(state, key)
      const query = withSegment(question, await state.segments(workspace.tenant))
      return panelModel(database, workspace, { ...query, locale: locale ?? workspace.settings.locale })
    },
    async attribution({ workspace: key, locale, model, ...question }, { signal }) {
      const workspace = await findWorkspace(state, key)
      const query = { ...question, ...(model && { models: model }) }
      return attribution(database, workspace, query, locale ?? workspace.settings.locale, signal)
    },
  }
}
