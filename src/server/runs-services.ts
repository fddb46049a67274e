import { Manifest, type RunHead, type RunView, TableDigest } from '../api/governance.ts'
import { Report } from '../api.ts'
import type { Locale } from '../errors.ts'
import { intervalWithManifest } from '../metrics/data-driven/report-bounds.ts'
import { type ReportAsk, report, reportOn } from '../metrics/report.ts'
import { withSegment } from '../metrics/segments.ts'
import { readFigures } from '../metrics/snapshot.ts'
import type { Workspace } from '../model/settings.ts'
import { appVersion, dataHash, type Fingerprinted, manifestOf, tableDigests } from '../reports/manifest.ts'
import type { RunHead as Kept } from '../state/runs.ts'
import { configChanges } from '../state/versions-config.ts'
import type { ImportEnv } from '../sync/import.ts'
import { withBody } from './governance-services.ts'
import type { RequestOf } from './requests.ts'
import type { Services } from './services.ts'
import { findWorkspace } from './workspaces.ts'

type Commands = 'report' | 'runs' | 'run' | 'save_run'
type Env = Pick<ImportEnv, 'database' | 'state'>

/** A report with what it was made from, both of one state of the stores. */
export async function reportWithManifest(
  { database, state }: Env,
  workspace: Workspace,
  query: ReportAsk,
  locale: Locale,
): Promise<Fingerprinted & { readonly result: Report }> {
  const now = new Date()
  const configuration = await state.configuration(workspace.tenant)
  const stateSchema = await state.stateSchema()
  // Made with the very settings that the manifest names, whatever somebody changes meanwhile.
  const named = { ...workspace, settings: configuration.body.settings }
  const custom = Object.entries(configuration.body.metrics).map(([name, body]) => ({ name, body }))
  return readFigures(database, named, async (reader) => {
    const result = Report.parse(await reportOn({ database, reader }, named, query, locale, custom))
    return { result, ...(await manifestOf(reader, named, { configuration, stateSchema, now }, result)) }
  })
}

/** Reports, and those that were saved (F56, F152). */
export function runServices(env: Env): Pick<Services, Commands> {
  const { database, state } = env
  const find = (request: { workspace?: string }) => findWorkspace(state, request.workspace)
  /** The question of a request, with what the workspace says where it is silent. */
  const questionOf = async (request: Omit<RequestOf<'report'>, 'manifest'>) => {
    const workspace = await find(request)
    const { by, by2, model = workspace.settings.model, from, to, date_basis, revenue_basis, where, segment } = request
    const { interval, seed } = request
    const asked = {
      by,
      model,
      from,
      to,
      ...(by2 && { by2 }),
      ...(date_basis && { date_basis }),
      ...(revenue_basis && { revenue_basis }),
      ...(where && { where }),
      ...(segment !== undefined && { segment }),
      ...(interval !== undefined && { interval }),
      ...(seed !== undefined && { seed }),
    }
    const query = { ...withSegment(asked, await state.segments(workspace.tenant)), workspace: workspace.key }
    return { workspace, query, locale: request.locale ?? workspace.settings.locale }
  }
  return {
    async report(request, { signal }) {
      const { workspace, query, locale } = await questionOf(request)
      if (request.manifest) {
        if (query.interval !== undefined) throw intervalWithManifest()
        const { result, manifest } = await reportWithManifest(env, workspace, query, locale)
        return { ...result, manifest }
      }
      const custom = await state.definitions(workspace.tenant, 'metric')
      // The same bytes on the command line as in an answer of the server.
      return Report.parse(await report(database, workspace, query, locale, { custom, signal }))
    },
    async runs(request) {
      const { tenant } = await find(request)
      const { limit, offset } = request
      const found = await state.runs(tenant, { limit: limit + 1, offset })
      return { runs: found.slice(0, limit).map(toHead), next: found.length > limit ? offset + limit : null }
    },
    async save_run(request) {
      const { workspace, query, locale } = await questionOf(request)
      const { result, manifest, tables } = await reportWithManifest(env, workspace, query, locale)
      const saved = { name: request.name ?? null, manifest, tables, result: JSON.stringify(result) }
      return toHead(await state.addRun(workspace.tenant, saved))
    },
    async run(request): Promise<RunView> {
      const workspace = await find(request)
      const { tenant } = workspace
      const kept = await state.findRun(tenant, request.id)
      const head = toHead(kept)
      const then = await state.configVersion(tenant, head.manifest.config_version)
      const now = await state.configuration(tenant)
      const tables = await readFigures(database, workspace, (reader) => tableDigests(reader, tenant))
      const changes = configChanges(then.body, now.body)
      const before = new Map(
        TableDigest.array()
          .parse(kept.tables)
          .map((one) => [one.table, one]),
      )
      const changed = tables.filter(({ table, content, places }) => {
        const old = before.get(table)
        return content !== (old?.content ?? '0') || places !== (old?.places ?? '0')
      })
      const app = appVersion()
      return {
        ...head,
        result: JSON.parse(kept.result) as Record<string, unknown>,
        configuration: withBody(then),
        since: {
          changed: changes.length > 0 || changed.length > 0 || app !== head.manifest.app_version,
          app_version: app,
          config: { version: now.version, changes },
          data: {
            hash: dataHash(tables),
            tables: changed.map(({ table, rows }) => ({
              table,
              rows_then: before.get(table)?.rows ?? 0,
              rows_now: rows,
            })),
          },
        },
      }
    },
  }
}

function toHead({ id, name, at, actor, manifest }: Kept): RunHead {
  return { id, name, at: at.toISOString(), author: actor, manifest: Manifest.parse(manifest) }
}
