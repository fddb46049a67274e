import { QualityPoint } from '../api/quality.ts'
import { isRoiError } from '../errors.ts'
import { checkCode, failedRows, failures } from '../metrics/quality.ts'
import { CHECKS, STALE_DATA_DAYS } from '../metrics/quality-checks.ts'
import { checkQuality, type Freshness, type Quality, toPoint, toScore } from '../metrics/quality-score.ts'
import { readFigures } from '../metrics/snapshot.ts'
import type { Workspace } from '../model/settings.ts'
import type { Connection, State } from '../state/state.ts'
import type { ImportEnv } from '../sync/import.ts'
import type { Services } from './services.ts'
import { findWorkspace } from './workspaces.ts'

type Commands = 'quality_score' | 'quality_rows' | 'quality_check'
type Env = Pick<ImportEnv, 'database' | 'state'>

const DAY_MS = 86_400_000
/** Days of history that are shown with a check. */
const SHOWN_DAYS = 90

/** Data quality: the score with its checks, the records behind them, and how it was (M38, F113, F148). */
export function qualityServices(env: Env): Pick<Services, Commands> {
  const { database, state } = env
  const find = (request: { workspace?: string }) => findWorkspace(state, request.workspace)
  return {
    async quality_score(request) {
      const workspace = await find(request)
      const found = await checkQuality(database, workspace, await freshnessOf(state, workspace.tenant))
      const locale = request.locale ?? workspace.settings.locale
      return toScore(found, workspace, await history(state, workspace.tenant, request.days), locale)
    },
    async quality_check(request) {
      const workspace = await find(request)
      const found = await noteQuality(env, workspace)
      const locale = request.locale ?? workspace.settings.locale
      return toScore(found, workspace, await history(state, workspace.tenant, SHOWN_DAYS), locale)
    },
    async quality_rows(request) {
      const workspace = await find(request)
      const { settings } = workspace
      const code = checkCode(request.code)
      const { limit, offset, locale = settings.locale } = request
      const answer = { code, message: CHECKS[code].message[locale], currency: settings.currency }
      if (code === 'stale_source' || code === 'stale_data') {
        const late = code === 'stale_source' ? await lateConnections(state, workspace.tenant) : []
        const rows = late.slice(offset, offset + limit).map(({ connector, id, title }) => ({
          type: 'connection',
          source: connector,
          id,
          name: title,
          money: null,
        }))
        return { ...answer, rows, count: late.length, next: offset + limit < late.length ? offset + limit : null }
      }
      return readFigures(database, workspace, async (reader) => {
        const found = (await failures(reader, workspace)).find((one) => one.code === code)
        const count = found?.count ?? 0
        const rows = await failedRows(reader, workspace, { code, limit, offset })
        return { ...answer, rows, count, next: offset + rows.length < count ? offset + rows.length : null }
      })
    },
  }
}

/** Checks a workspace and keeps what was found as the last check of the day. */
export async function noteQuality({ database, state }: Env, workspace: Workspace, now = new Date()): Promise<Quality> {
  const freshness = await freshnessOf(state, workspace.tenant, now.getTime())
  const found = await checkQuality(database, workspace, freshness, now)
  await state.noteQuality(workspace.tenant, found.day, toPoint(found))
  return found
}

/** Services after which data is other data: quality is checked once they are done, and never makes them fail. */
const BRINGING = ['import', 'undo', 'sync'] as const

/** The services, where those that bring data check its quality afterwards. */
export function checking(services: Services, env: Env & { readonly log?: ImportEnv['log'] }): Services {
  const wrap = (name: (typeof BRINGING)[number]) => {
    const method = services[name] as (request: Bringing, ...more: unknown[]) => Promise<unknown>
    return async (request: Bringing, ...more: unknown[]) => {
      const answer = await method(request, ...more)
      if (request.dry_run) return answer
      try {
        await noteQuality(env, await findWorkspace(env.state, request.workspace))
      } catch (error) {
        env.log?.('quality could not be checked', { err: error, code: isRoiError(error) ? error.code : null })
      }
      return answer
    }
  }
  return { ...services, ...Object.fromEntries(BRINGING.map((name) => [name, wrap(name)])) } as Services
}

interface Bringing {
  readonly workspace?: string
  readonly dry_run?: boolean
}

async function history(state: State, tenant: number, days: number): Promise<QualityPoint[]> {
  const found = await state.qualityDays(tenant, days)
  return found.map(({ body }) => QualityPoint.parse(body))
}

/** What the state store knows of the freshness of a workspace's data. */
export async function freshnessOf(state: State, tenant: number, now = Date.now()): Promise<Freshness> {
  const connections = await state.connections(tenant)
  const dataAt = await state.dataAt(tenant)
  return {
    scheduled: connections.filter(({ everyMinutes }) => everyMinutes !== null).length,
    late: connections.filter((connection) => isLate(connection, now)).map(({ title }) => title),
    any: dataAt !== null,
    stale: dataAt !== null && now - dataAt.getTime() > STALE_DATA_DAYS * DAY_MS,
  }
}

async function lateConnections(state: State, tenant: number, now = Date.now()): Promise<Connection[]> {
  return (await state.connections(tenant)).filter((connection) => isLate(connection, now))
}

/** Read completely neither within two of its turns nor within a day. */
function isLate({ everyMinutes, completeAt, createdAt }: Connection, now: number): boolean {
  if (everyMinutes === null) return false
  return now - (completeAt ?? createdAt).getTime() > Math.max(2 * everyMinutes * 60_000, DAY_MS)
}
