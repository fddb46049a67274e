import { recompute } from '../attribution/recompute.ts'
import type { Locale } from '../errors.ts'
import { drill } from '../metrics/drill.ts'
import { panel } from '../metrics/panel.ts'
import { quality } from '../metrics/quality.ts'
import { record } from '../metrics/record.ts'
import { withSegment } from '../metrics/segments.ts'
import { Settings, type Workspace } from '../model/settings.ts'
import { exportCredit, exportRecords } from '../reports/export.ts'
import { settingKey } from '../state/settings.ts'
import { type ImportEnv, importFiles, type OnImportProgress } from '../sync/import.ts'
import { pullManual } from '../sync/manual.ts'
import { undoImport } from '../sync/rebuild.ts'
import { attributionSettings } from '../sync/workspace.ts'
import { auditServices } from './audit.ts'
import { userServices } from './auth-users.ts'
import { budgetServices } from './budgets-services.ts'
import { campaignServices } from './campaigns-services.ts'
import { changeSetting } from './change-setting.ts'
import { closeServices } from './closes-services.ts'
import { compare } from './compare.ts'
import { type ConnectionsEnv, connectionServices, select } from './connections.ts'
import { correctionServices } from './corrections.ts'
import { costServices } from './costs-services.ts'
import { customerServices } from './customers-services.ts'
import { dataDrivenServices } from './data-driven-services.ts'
import { definitionServices } from './definitions-services.ts'
import { doctor } from './doctor.ts'
import type { WebhookPlace } from './doctor-sources.ts'
import { explainServices } from './explain-services.ts'
import { configServices } from './governance-services.ts'
import { checking, qualityServices } from './quality-services.ts'
import { rateServices } from './rates-services.ts'
import type { RequestOf } from './requests.ts'
import { runServices } from './runs-services.ts'
import { segmentServices } from './segments-services.ts'
import type { Feedback, Services } from './services.ts'
import { chosenLocale, findWorkspace, MAIN } from './workspaces.ts'
import { writeBack } from './write-back.ts'
import { runWriteBack } from './write-back-run.ts'

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
  const asking = { ...env, publicUrl: env.webhooks?.publicUrl }
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

  const services: Services = {
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
      const query = withSegment(request, await state.segments(workspace.tenant))
      return panel(database, workspace, { ...query, asOf, locale: localeOf(request, workspace) })
    },
    async drill(request) {
      const workspace = await find(request)
      const { workspace: _, locale: _locale, model = workspace.settings.model, ...query } = request
      return drill(database, workspace, { ...withSegment(query, await state.segments(workspace.tenant)), model })
    },
    async quality(request) {
      const workspace = await find(request)
      return quality(database, workspace, localeOf(request, workspace))
    },
    async record(request) {
      const workspace = await find(request)
      const { type, id, source, viewer, model = workspace.settings.model } = request
      const connections = await state.connections(workspace.tenant)
      const sources = [
        ...connections.map((connection) => ({ source: connection.source, connected: true })),
        { source: env.connector.id, connected: false },
      ]
      const asOf = await state.dataAt(workspace.tenant)
      const locale = localeOf(request, workspace)
      return record(database, workspace, { type, id, source, sources, viewer, model, locale, asOf, now: new Date() })
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
      const workspace = await find(request)
      const { tenant, settings } = workspace
      if (request.all) await pullManual(env, workspace, true)
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
      return changeSetting(env, await findOrMake(request), request.key, request.value, request.reason)
    },
    ...connectionServices(asking),
    async doctor(request, { signal }) {
      const workspace = await find(request)
      return doctor(env, workspace, { offline: request.offline, locale: localeOf(request, workspace), signal })
    },
    async write_back(request, feedback) {
      const workspace = await find(request)
      const [found] = select(await state.connections(workspace.tenant), [request.connection])
      const connection = found!
      if (!request.dry_run) return runWriteBack(asking, workspace, { connection, whole: true }, feedback)
      return writeBack(asking, workspace, { connection, dryRun: true, whole: true }, feedback)
    },
    async compare(request, { signal }) {
      const workspace = await find(request)
      const [connection] = select(await state.connections(workspace.tenant), [request.connection])
      const { limit } = request
      const ask = { connection: connection!, limit, locale: localeOf(request, workspace) }
      return compare(asking, workspace, ask, signal)
    },
    keys: () => state.keys(),
    rotate_keys: () => state.rotateKeys(),
    ...userServices(state),
    ...auditServices(state),
    ...configServices(env),
    ...runServices(env),
    ...qualityServices(env),
    ...explainServices(env),
    ...definitionServices(env),
    ...segmentServices(env),
    ...closeServices(env),
    ...costServices(env),
    ...rateServices(env),
    ...campaignServices(env),
    ...budgetServices(env),
    ...customerServices(env),
    ...dataDrivenServices(env),
    ...correctionServices(env),
  }
  return checking(services, env)
}

/** Progress of an import in the words of the commands. */
function tell(feedback: Feedback): OnImportProgress {
  return ({ step, file, rows, fraction }) =>
    feedback.progress({ task: step === 'read' ? file : step, rows, part: step === 'read' ? fraction : null })
}
