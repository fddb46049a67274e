import { recompute } from '../attribution/recompute.ts'
import type { Locale } from '../errors.ts'
import { drill } from '../metrics/drill.ts'
import { explain } from '../metrics/explain.ts'
import { panel } from '../metrics/panel.ts'
import { quality } from '../metrics/quality.ts'
import { record } from '../metrics/record.ts'
import { report } from '../metrics/report.ts'
import { Settings, type Workspace } from '../model/settings.ts'
import { exportCredit, exportRecords } from '../reports/export.ts'
import { settingKey } from '../state/settings.ts'
import { type ImportEnv, importFiles, type OnImportProgress } from '../sync/import.ts'
import { undoImport } from '../sync/rebuild.ts'
import { attributionSettings } from '../sync/workspace.ts'
import { userServices } from './auth-users.ts'
import { changeSetting } from './change-setting.ts'
import { compare } from './compare.ts'
import { type ConnectionsEnv, connectionServices, select } from './connections.ts'
import { doctor } from './doctor.ts'
import type { WebhookPlace } from './doctor-sources.ts'
import type { RequestOf } from './requests.ts'
import type { Feedback, Services } from './services.ts'
import { chosenLocale, findWorkspace, MAIN } from './workspaces.ts'
import { writeBack } from './write-back.ts'

export interface ProductEnv extends ImportEnv, Pick<ConnectionsEnv, 'sources' | 'connectors'> {
  /** Where webhooks arrive; absent: nowhere. */
  readonly webhooks?: WebhookPlace | undefined
  /** Whether this data directory is the demo's. */
  readonly demo: boolean
  /** Text of a CSV file to start from. */
  template(type: RequestOf<'template'>['type'], locale: Locale): string
}

/** Every command of the product over one pair of open stores. */
export function createServices(env: ProductEnv): Services {
  const { database, state } = env
  const find = (request: { workspace?: string }) => findWorkspace(state, request.workspace)
  const localeOf = (request: { locale?: Locale }, workspace: Workspace) => request.locale ?? workspace.settings.locale
  /** Imports and settings make the workspace they name. */
  const findOrMake = ({ workspace }: { workspace?: string }) =>
    workspace === undefined ? find({}) : state.openWorkspace(workspace)
  /** A dry run into a workspace that is not there yet compares with an empty one. */
  const findOrImagine = async ({ workspace: key }: { workspace?: string }): Promise<Workspace> => {
    const found = key === undefined ? await find({}) : await state.findWorkspace(key)
    return found ?? { key: key ?? MAIN, title: key ?? MAIN, tenant: 0, settings: Settings.parse({}) }
  }

  return {
    async workspaces() {
      const all = await state.workspaces()
      return {
        demo: env.demo,
        workspaces: all.map(({ key, title, settings: { locale, currency } }) => ({ key, title, locale, currency })),
      }
    },
    async panel(request) {
      const workspace = await find(request)
      const asOf = await state.dataAt(workspace.tenant)
      return panel(database, workspace, { ...request, asOf, locale: localeOf(request, workspace) })
    },
    async report(request) {
      const workspace = await find(request)
      const { by, model = workspace.settings.model, from, to, date_basis } = request
      const query = { workspace: workspace.key, by, model, from, to, date_basis }
      return report(database, workspace, query, localeOf(request, workspace))
    },
    async drill(request) {
      const workspace = await find(request)
      return drill(database, workspace, { ...request, model: request.model ?? workspace.settings.model })
    },
    async explain(request) {
      const workspace = await find(request)
      const model = request.model ?? workspace.settings.model
      return explain(database, workspace, { ...request, model, locale: localeOf(request, workspace) })
    },
    async quality(request) {
      const workspace = await find(request)
      return quality(database, workspace, localeOf(request, workspace))
    },
    async record(request) {
      const workspace = await find(request)
      const { type, id, source, model = workspace.settings.model } = request
      const connections = await state.connections(workspace.tenant)
      const sources = [
        ...connections.map((connection) => ({ source: connection.source, connected: true })),
        { source: env.connector.id, connected: false },
      ]
      const asOf = await state.dataAt(workspace.tenant)
      const locale = localeOf(request, workspace)
      return record(database, workspace, { type, id, source, sources, model, locale, asOf, now: new Date() })
    },
    async template(request) {
      return env.template(request.type, request.locale ?? (await find(request)).settings.locale)
    },
    async import(request, feedback) {
      const workspace = await (request.dry_run ? findOrImagine(request) : findOrMake(request))
      return importFiles(
        env,
        workspace,
        {
          inputs: request.files.map(({ path, name }) => ({ path, ...(name !== undefined && { name }) })),
          type: request.type,
          map: request.map,
          dateFormat: request.date_format,
          replace: request.replace,
          dryRun: request.dry_run,
          locale: localeOf(request, workspace),
          signal: feedback.signal,
        },
        tell(feedback),
      )
    },
    async undo(request, feedback) {
      return undoImport(env, await find(request), request.id, {
        signal: feedback.signal,
        onProgress: (file, { rows }) => feedback.progress({ task: file.name, rows, part: null }),
      })
    },
    async recompute(request) {
      const { tenant, settings } = await find(request)
      return recompute(database, tenant, attributionSettings(settings), request.all)
    },
    async export(request, feedback) {
      const workspace = await find(request)
      const { what, format, model = workspace.settings.model } = request
      const text =
        what === 'credit'
          ? exportCredit(database, workspace, { model, format })
          : exportRecords(database, workspace, { what, format })
      for await (const chunk of text) {
        feedback.signal.throwIfAborted()
        await feedback.chunk(chunk)
      }
      return { what }
    },
    async settings(request) {
      const { key, tenant, settings } = await find(request)
      const chosen_locale = await chosenLocale(state, tenant)
      if (request.key === undefined) return { workspace: key, settings, chosen_locale }
      const name = settingKey(request.key)
      return { workspace: key, settings: { [name]: settings[name] }, chosen_locale }
    },
    async set(request) {
      return changeSetting(env, await findOrMake(request), request.key, request.value)
    },
    ...connectionServices(env),
    async doctor(request, { signal }) {
      const workspace = await find(request)
      return doctor(env, workspace, { offline: request.offline, locale: localeOf(request, workspace), signal })
    },
    async write_back(request, feedback) {
      const workspace = await find(request)
      const [connection] = select(await state.connections(workspace.tenant), [request.connection])
      return writeBack(env, workspace, { connection: connection!, dryRun: request.dry_run }, feedback)
    },
    async compare(request, { signal }) {
      const workspace = await find(request)
      const [connection] = select(await state.connections(workspace.tenant), [request.connection])
      const { limit } = request
      return compare(env, workspace, { connection: connection!, limit, locale: localeOf(request, workspace) }, signal)
    },
    keys: () => state.keys(),
    rotate_keys: () => state.rotateKeys(),
    ...userServices(state),
  }
}

/** Progress of an import in the words of the commands. */
function tell(feedback: Feedback): OnImportProgress {
  return ({ step, file, rows, fraction }) =>
    feedback.progress({ task: step === 'read' ? file : step, rows, part: step === 'read' ? fraction : null })
}
