import type { CloseInfo, CloseResult } from '../api/closes.ts'
import { readFigures } from '../metrics/snapshot.ts'
import type { Workspace } from '../model/settings.ts'
import { type LockedMonth, lockMonth } from '../reports/close.ts'
import { checkOver, monthsOf } from '../reports/close-period.ts'
import { type Previewed, previewMonth } from '../reports/close-preview.ts'
import { restate } from '../reports/close-restatement.ts'
import { appVersion, dataHash, tableDigests } from '../reports/manifest.ts'
import { CloseBasis, LockedRecord } from '../state/close-parts.ts'
import { alreadyClosed, notClosed, type PeriodClose } from '../state/closes.ts'
import { configChanges } from '../state/versions-config.ts'
import { applyCloses } from '../sync/closed.ts'
import type { ImportEnv } from '../sync/import.ts'
import { alone } from '../sync/lease.ts'
import type { Services } from './services.ts'
import { findWorkspace } from './workspaces.ts'

type Commands = 'close_period' | 'closes' | 'closed' | 'reopen_period'
type Env = Pick<ImportEnv, 'database' | 'state'> & { readonly now?: () => Date }

/** Closing of past months, and what changed since (F144). */
export function closeServices(env: Env): Pick<Services, Commands> {
  const { database, state } = env
  const find = (request: { workspace?: string }) => findWorkspace(state, request.workspace)
  return {
    async close_period(request) {
      const workspace = await find(request)
      const locale = request.locale ?? workspace.settings.locale
      const now = env.now?.() ?? new Date()
      const months = monthsOf(request.period, workspace.settings.fiscal_start)
      checkOver(months, workspace.settings.zone, now)
      const { dry_run } = request
      const read = () => readMonths(env, workspace, months, { locale, now })
      if (dry_run) {
        const found = await read()
        const holding = await state.closedMonths(workspace.tenant)
        return answer(
          workspace,
          true,
          found.map(({ preview, month }) => {
            const close = holding.find((one) => one.month === month)
            return { ...preview, close: close ? toInfo(close) : null }
          }),
        )
      }
      // Alone: a month is closed before an import or after it, never in between.
      return alone(env, workspace.tenant, async () => {
        const holding = await state.closedMonths(workspace.tenant)
        const known = months.find((month) => holding.some((one) => one.month === month))
        if (known !== undefined) throw alreadyClosed(known)
        const found = await read()
        const done: CloseResult['months'] = []
        for (const { month, preview, lock, basis } of found) {
          const close = await state.addClose(workspace.tenant, month, basis, { ...lock.locked })
          done.push({ ...preview, close: toInfo(close) })
        }
        await applyCloses(database, state, workspace.tenant)
        return answer(workspace, false, done)
      })
    },
    async closes(request) {
      const { key, tenant } = await find(request)
      return { workspace: key, closes: (await state.closes(tenant)).map(toInfo) }
    },
    async closed(request) {
      const workspace = await find(request)
      const { tenant } = workspace
      const close = await holdingOf(env, workspace, request.month)
      const basis = CloseBasis.parse(close.basis)
      const records = LockedRecord.array().parse(await state.closePart(tenant, close.id, 'records'))
      const [then, now] = [await state.configVersion(tenant, basis.config_version), await state.configuration(tenant)]
      const changes = configChanges(then.body, now.body)
      const { limit, offset, locale = workspace.settings.locale } = request
      return readFigures(database, workspace, (reader) =>
        restate(reader, workspace, {
          close: toInfo(close),
          basis,
          records,
          configuration: { before: then.version, after: now.version, changes },
          locale,
          limit,
          offset,
        }),
      )
    },
    async reopen_period(request) {
      const workspace = await find(request)
      const [month] = monthsOf(request.month, 1) as [string]
      return alone(env, workspace.tenant, async () => {
        const close = await state.reopenMonth(workspace.tenant, month, request.reason)
        await applyCloses(database, state, workspace.tenant)
        return toInfo(close)
      })
    },
  }
}

interface ReadMonth {
  readonly month: string
  readonly preview: Previewed
  readonly lock: LockedMonth
  readonly basis: CloseBasis
}

/** Months as they are locked, all of one state of the stores. */
async function readMonths(
  { database, state }: Env,
  workspace: Workspace,
  months: readonly string[],
  { locale, now }: { readonly locale: 'en' | 'zh-CN'; readonly now: Date },
): Promise<ReadMonth[]> {
  const { tenant } = workspace
  const configuration = await state.configuration(tenant)
  const named = { ...workspace, settings: configuration.body.settings }
  const dataAt = await state.dataAt(tenant)
  const closed = (await state.closedMonths(tenant)).map(({ month }) => month)
  const { currency, zone, model, revenue_basis } = named.settings
  return readFigures(database, named, async (reader) => {
    const data_hash = dataHash(await tableDigests(reader, tenant))
    const found: ReadMonth[] = []
    for (const month of months) {
      const lock = await lockMonth(reader, named, month)
      const preview = await previewMonth({ database, reader, now, dataAt, closed, locale }, named, month)
      const basis = {
        config_version: configuration.version,
        config_hash: configuration.hash,
        data_hash,
        app_version: appVersion(),
        currency,
        zone,
        model,
        revenue_basis,
        digest: String(lock.digest),
      }
      found.push({ month, preview, lock, basis })
    }
    return found
  })
}

function answer({ key, settings }: Workspace, dry_run: boolean, months: CloseResult['months']): CloseResult {
  const { currency, model, revenue_basis } = settings
  return { workspace: key, dry_run, currency, model, revenue_basis, months }
}

async function holdingOf({ state }: Env, { tenant }: Workspace, text: string): Promise<PeriodClose> {
  const [month] = monthsOf(text, 1) as [string]
  const found = (await state.closedMonths(tenant)).find((close) => close.month === month)
  if (!found) throw notClosed(month)
  return found
}

function toInfo({ id, month, at, actor, basis, reopened }: PeriodClose): CloseInfo {
  const { currency, model, revenue_basis, config_version, data_hash } = CloseBasis.parse(basis)
  return {
    id,
    month: month.slice(0, 7),
    state: reopened ? 'reopened' : 'closed',
    at: at.toISOString(),
    author: actor,
    currency,
    model,
    revenue_basis,
    config_version,
    data_hash,
    reopened: reopened && { at: reopened.at.toISOString(), author: reopened.actor, reason: reopened.reason },
  }
}
