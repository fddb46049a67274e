import type { BudgetLine } from '../api/budgets.ts'
import { RoiError } from '../errors.ts'
import { cutOf, parsePeriod } from '../metrics/budget/period.ts'
import { budgetShares, budgetSlices, budgets } from '../metrics/budget/view.ts'
import { readFigures } from '../metrics/snapshot.ts'
import { localDay } from '../model/period.ts'
import type { Workspace } from '../model/settings.ts'
import { AlertDetail } from '../planning/alerts.ts'
import { alertRow, alertsView } from '../planning/alerts-view.ts'
import { badEntry } from '../state/manual-check.ts'
import type { CampaignRef } from '../state/manual-values.ts'
import {
  findCampaign,
  type ManualServicesEnv,
  nothingChanged,
  patched,
  reasonNeeded,
  trailOf,
} from './manual-entries.ts'
import type { Services } from './services.ts'
import { findWorkspace } from './workspaces.ts'

type Commands =
  | 'budgets'
  | 'budget_history'
  | 'add_budget'
  | 'edit_budget'
  | 'remove_budget'
  | 'budget_shares'
  | 'budget_slices'
  | 'alerts'
  | 'acknowledge_alert'

interface Asked {
  readonly locale?: 'en' | 'zh-CN'
}

/** Budgets and their alerts (F26-F29, F31). */
export function budgetServices(env: ManualServicesEnv): Pick<Services, Commands> {
  const { database, state } = env
  const find = (request: { workspace?: string }) => findWorkspace(state, request.workspace)
  const queryOf = async ({ tenant, settings }: Workspace, { locale = settings.locale }: Asked) => {
    return { entries: await state.manualEntries(tenant, 'budget'), locale, now: Date.now() }
  }
  const line = async (workspace: Workspace, request: Asked, id: string): Promise<BudgetLine> => {
    const query = await queryOf(workspace, request)
    const all = await readFigures(database, workspace, (reader) =>
      budgets(reader, workspace, query, { from: null, to: null, ended: true }),
    )
    return all.rows.find((row) => row.id === id)!
  }
  const known = async ({ tenant }: Workspace, id: string) => {
    const entry = await state.findManual(tenant, 'budget', id)
    if (!entry?.value) throw unknownBudget(id)
  }
  const campaignOf = async (
    workspace: Workspace,
    { campaign, campaign_source }: { readonly campaign?: string | null; readonly campaign_source?: string },
  ): Promise<CampaignRef | null | undefined> =>
    campaign === undefined || campaign === null ? campaign : findCampaign(env, workspace, campaign, campaign_source)

  return {
    async budgets(request) {
      const workspace = await find(request)
      const query = await queryOf(workspace, request)
      return readFigures(database, workspace, (reader) => budgets(reader, workspace, query, request))
    },

    async budget_history(request) {
      const workspace = await find(request)
      const trail = await state.manualTrail(workspace.tenant, request.id)
      if (trail.length === 0) throw unknownBudget(request.id)
      return { id: request.id, trail: trailOf(trail) }
    },

    async add_budget(request) {
      const workspace = await find(request)
      const { settings } = workspace
      const { workspace: _, locale: _locale, campaign: _campaign, campaign_source: _source, ...fields } = request
      const campaign = await campaignOf(workspace, request)
      const currency = (fields.currency ?? settings.currency).toUpperCase()
      const value = patched({}, { ...fields, currency, ...daysOf(workspace, fields.period), campaign })
      const { id } = await state.addManual(workspace.tenant, 'budget', value)
      return line(workspace, request, id)
    },

    async edit_budget(request) {
      const workspace = await find(request)
      const {
        id,
        reason,
        workspace: _,
        locale: _locale,
        campaign: _campaign,
        campaign_source: _source,
        ...fields
      } = request
      await known(workspace, id)
      const patch = {
        ...fields,
        ...(fields.currency && { currency: fields.currency.toUpperCase() }),
        ...(fields.period && daysOf(workspace, fields.period)),
        campaign: await campaignOf(workspace, request),
      }
      const edited = await state.editManual(
        workspace.tenant,
        'budget',
        id,
        (before) => {
          if (before === null) throw unknownBudget(id)
          return patched(before, patch)
        },
        reason,
      )
      if (!edited) throw nothingChanged()
      return line(workspace, request, id)
    },

    async remove_budget(request) {
      const workspace = await find(request)
      const { id, reason } = request
      await known(workspace, id)
      if (reason === undefined) throw reasonNeeded()
      const gone = await line(workspace, request, id)
      await state.editManual(workspace.tenant, 'budget', id, () => null, reason)
      return gone
    },

    async budget_shares(request) {
      const workspace = await find(request)
      const query = await queryOf(workspace, request)
      const days = yearOr(workspace, request)
      return readFigures(database, workspace, (reader) => budgetShares(reader, workspace, query, days))
    },

    async budget_slices(request) {
      const workspace = await find(request)
      const query = await queryOf(workspace, request)
      const { cut, by } = request
      const asked = { ...yearOr(workspace, request), cut, by: [...new Set(by)] }
      return readFigures(database, workspace, (reader) => budgetSlices(reader, workspace, query, asked))
    },

    async alerts(request) {
      const { tenant, settings } = await find(request)
      const { ended, limit, locale = settings.locale } = request
      return alertsView(await state.alerts(tenant, { open: !ended, limit }), locale)
    },

    async acknowledge_alert(request) {
      const { tenant, settings } = await find(request)
      const alert = await state.acknowledgeAlert(tenant, request.id, request.note ?? null)
      if (!alert) throw unknownAlert(request.id)
      return alertRow(alert, AlertDetail.parse(alert.detail), request.locale ?? settings.locale)
    },
  }
}

/** @throws RoiError `bad_entry` */
function daysOf({ settings }: Workspace, period: string): { period: string; from: string; to: string } {
  const text = period.trim()
  const days = parsePeriod(text, settings.fiscal_start)
  if (days) return { period: text.toUpperCase(), ...days }
  throw badEntry('period', {
    en: 'a month 2026-03, a quarter 2026-Q1, a year 2026, or days 2026-03-01..2026-04-15 (the last one excluded)',
    'zh-CN': '月 2026-03、季度 2026-Q1、年 2026，或日期 2026-03-01..2026-04-15（不含末日）',
  })
}

/** The days asked for; an end that is left open is that of the fiscal year of today. */
function yearOr({ settings }: Workspace, { from, to }: { readonly from: string | null; readonly to: string | null }) {
  const year = cutOf(localDay(settings.zone, Date.now()), 'year', settings.fiscal_start)
  const days = { from: from ?? year.from, to: to ?? year.to }
  if (days.from < days.to) return days
  throw badEntry('to', { en: 'a day after from', 'zh-CN': '晚于 from 的日期' })
}

function unknownBudget(id: string): RoiError {
  const shown = id.slice(0, 80)
  return new RoiError(
    'not_found',
    'unknown_budget',
    { en: `There is no budget "${shown}" that was entered here.`, 'zh-CN': `没有在此录入的预算“${shown}”。` },
    {
      en: '"roi-panel budgets" shows the ids; the budget of a campaign is changed with "campaigns set".',
      'zh-CN': '用 “roi-panel budgets” 查看编号；营销活动自身的预算用 “campaigns set” 修改。',
    },
  )
}

function unknownAlert(id: string): RoiError {
  const shown = id.slice(0, 80)
  return new RoiError(
    'not_found',
    'unknown_alert',
    { en: `There is no alert "${shown}".`, 'zh-CN': `没有预警“${shown}”。` },
    { en: '"roi-panel alerts" lists them.', 'zh-CN': '用 “roi-panel alerts” 查看全部。' },
  )
}
