import type { CreditExplained, Dictionary, Proof } from '../api/dictionary.ts'
import type { Explain } from '../api.ts'
import { library } from '../metrics/benchmarks.ts'
import { dictionaryOf } from '../metrics/dictionary/answer.ts'
import { namesOf } from '../metrics/dictionary/entries.ts'
import { explainCredit } from '../metrics/explain/credit.ts'
import { type ExplainContext, type ExplainQuery, explain } from '../metrics/explain.ts'
import { checkQuality } from '../metrics/quality-score.ts'
import { withSegment } from '../metrics/segments.ts'
import { readFigures } from '../metrics/snapshot.ts'
import type { Workspace } from '../model/settings.ts'
import { proof } from '../reports/proof.ts'
import type { ImportEnv } from '../sync/import.ts'
import { cycleOfYear } from './definitions-services.ts'
import { freshnessOf } from './quality-services.ts'
import type { RequestOf } from './requests.ts'
import type { Services } from './services.ts'
import { findWorkspace } from './workspaces.ts'

/** What the commands about how numbers come about answer. */
export interface ExplainAnswers {
  readonly explain: Explain
  readonly proof: Proof
  readonly explain_credit: CreditExplained
  readonly dictionary: Dictionary
}

/** From a number to its rows, and what every number means (F114, F142). */
export function explainServices({
  database,
  state,
}: Pick<ImportEnv, 'database' | 'state'>): Pick<Services, keyof ExplainAnswers> {
  /** The workspace with the very settings that the configuration names, whatever somebody changes meanwhile. */
  const named = async (request: { workspace?: string }) => {
    const found = await findWorkspace(state, request.workspace)
    const configuration = await state.configuration(found.tenant)
    return { configuration, workspace: { ...found, settings: configuration.body.settings } }
  }
  const contextOf = async (workspace: Workspace, configVersion: number): Promise<ExplainContext> => {
    const { tenant } = workspace
    return {
      budgets: await state.manualEntries(tenant, 'budget'),
      quality: async () => checkQuality(database, workspace, await freshnessOf(state, tenant)),
      configVersion,
    }
  }
  const questionOf = async (
    { workspace: _, locale, model, ...request }: Omit<RequestOf<'explain'>, 'offset' | 'limit'>,
    { tenant, settings }: Workspace,
  ): Promise<Omit<ExplainQuery, 'offset' | 'limit'>> => ({
    ...withSegment(request, await state.segments(tenant)),
    model: model ?? settings.model,
    locale: locale ?? settings.locale,
  })
  return {
    async explain({ offset, limit, ...request }) {
      const { workspace, configuration } = await named(request)
      const question = { ...(await questionOf(request, workspace)), offset, limit }
      return explain(database, workspace, question, await contextOf(workspace, configuration.version))
    },
    async proof(request) {
      const { workspace, configuration } = await named(request)
      const question = { ...(await questionOf(request, workspace)), offset: 0, limit: 1 }
      const context = await contextOf(workspace, configuration.version)
      const stateSchema = await state.stateSchema()
      return proof(database, workspace, question, { ...context, configuration, stateSchema, now: new Date() })
    },
    async explain_credit({ deal, source, model, ...request }) {
      const { workspace } = await named(request)
      const query = { deal, ...(source !== undefined && { source }), model: model ?? workspace.settings.model }
      return explainCredit(database, workspace, query)
    },
    async dictionary({ metric, ...request }) {
      const { workspace, configuration } = await named(request)
      const { settings, tenant } = workspace
      const benchmarks = {
        library: library(await state.definitions(tenant, 'benchmark')),
        settings,
        ownCycle: await readFigures(database, workspace, (reader) => cycleOfYear(reader, workspace)),
      }
      const names = metric === undefined ? undefined : namesOf(metric)
      return dictionaryOf(workspace, benchmarks, configuration.version, request.locale ?? settings.locale, names)
    },
  }
}
