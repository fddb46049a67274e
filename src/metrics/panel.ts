import type { DateBasis, Dimension, Kpi, Maturity, ModelView, Panel, Row, Spread } from '../api.ts'
import type { Database } from '../db/database.ts'
import type { Locale } from '../errors.ts'
import { isDataModel, type ReportModel } from '../model/data-models.ts'
import { digitsOf } from '../model/money.ts'
import { type Period, previousPeriod } from '../model/period.ts'
import { RULE_MODELS, type RuleModel } from '../model/rule-models.ts'
import type { Filter, RevenueBasis } from '../model/rules.ts'
import type { Workspace } from '../model/settings.ts'
import type { Floor } from './data-driven/floor.ts'
import { ledgerOf } from './data-driven/ledger.ts'
import { floorOf, type Source } from './data-driven/model.ts'
import { offersOf } from './data-driven/offers.ts'
import { costPer, growth, roas, share } from './formulas.ts'
import { keeper } from './kept.ts'
import { labelOf } from './labels.ts'
import { maturityOf } from './maturity.ts'
import { findings } from './quality.ts'
import { sumQueryOf } from './query.ts'
import { type Checked, check, reconciled, TOTAL } from './report.ts'
import { byReturn, toRow, toUnattributed, toUncosted } from './row.ts'
import { readFigures } from './snapshot.ts'
import { isShared, type Ledger, type Summed, type SumQuery, type Sums, sumBy, total } from './sums.ts'
import { type Course, courseOf, modelTrend, trendOf } from './trend.ts'

export interface PanelQuery extends Period {
  readonly by: Dimension
  /** What dates credit; absent = the outcome itself. */
  readonly date_basis?: DateBasis
  /** Absent = the workspace's. */
  readonly revenue_basis?: RevenueBasis
  readonly where?: Filter
  readonly locale: Locale
  /** When the data was last brought in; null before the first time. */
  readonly asOf: Date | null
}

/** Answers kept per store: as many as a team looks at in turn. */
const keepPanel = keeper<Panel>(50)
const keepView = keeper<ModelView>(50)

/**
 * The view-model of the panel: every rule model in one answer, so that switching needs no request. The same question about
 * an unchanged store is answered from memory.
 */
export function panel(database: Database, workspace: Workspace, query: PanelQuery): Promise<Panel> {
  return keepPanel(database, database.version, [workspace, query], () => compute(database, workspace, query))
}

/** A panel's view under one model, data-driven ones among them: they cost too much to be in every answer. */
export interface ModelViewQuery extends Omit<PanelQuery, 'asOf'> {
  readonly model: ReportModel
  /** Of everything drawn; absent = 1. */
  readonly seed?: number
}

/**
 * One view of the panel. Under a data-driven model everything in it is split by the weights of the period's own journeys,
 * what it is compared with too: a change is one of the business and not of the weights.
 * @throws RoiError `not_enough_data` for a data-driven model below the floor
 */
export async function panelModel(
  database: Database,
  workspace: Workspace,
  { model, seed, ...query }: ModelViewQuery,
): Promise<ModelView> {
  if (!isDataModel(model)) return (await panel(database, workspace, { ...query, asOf: null })).views[model]
  return keepView(database, database.version, [workspace, query, model, seed], async () => {
    const ask = sumQueryOf(query, workspace.settings)
    const data = await readFigures(database, workspace, async (reader, version) => {
      const source = { database, reader, version }
      return figures(source, workspace, query, ask, await ledgerOf(source, workspace, { ...ask, model, seed }))
    })
    return viewOf(model, contextOf(data, workspace, query))
  })
}

async function compute(database: Database, workspace: Workspace, query: PanelQuery): Promise<Panel> {
  const { settings } = workspace
  const { currency } = settings
  const period = { from: query.from, to: query.to }
  const ask = sumQueryOf(query, settings)
  const data = await readFigures(database, workspace, (reader, version) =>
    gather({ database, reader, version }, workspace, query, ask),
  )
  const context = contextOf(data, workspace, query)
  const { threshold, course } = context
  const { value, convention } = settings.thresholds.channel_healthy
  const views = Object.fromEntries(RULE_MODELS.map((model) => [model, viewOf(model, context)])) as Record<
    RuleModel,
    ModelView
  >
  return {
    version: 1,
    workspace: { key: workspace.key, title: workspace.title },
    generated_at: new Date().toISOString(),
    as_of: query.asOf?.toISOString() ?? null,
    period,
    zone: settings.zone,
    currency,
    digits: digitsOf(currency),
    convention: settings.convention,
    date_basis: ask.dateBasis,
    revenue_basis: ask.revenueBasis,
    where: ask.filter.map(({ dimension, is }) => ({ dimension, is: [...is] })),
    maturity: data.maturity,
    fx_missing: { costs: data.current.costsWithoutRate, deals: data.checked.crm.withoutRate },
    by: query.by,
    model: settings.model,
    models: [...RULE_MODELS.map((id) => ({ id, available: true })), ...offersOf(data.floor, query.locale)],
    views,
    spread: spreads(views, settings.model, threshold, data.maturity.immature),
    threshold: { value, convention },
    reconciliation: reconciled(data.checked, ask, settings.model, currency),
    trend: trendOf(course, data.maturity, currency),
    findings: data.findings,
    empty: data.empty,
  }
}

/** What a view is made of. */
interface Figures {
  readonly current: Summed
  readonly maturity: Maturity
  readonly previous: Summed | null
  readonly months: Summed
}

interface Gathered extends Figures {
  readonly checked: Checked
  readonly floor: Floor
  readonly findings: Panel['findings']
  readonly empty: boolean
}

interface ViewContext extends Figures {
  readonly whole: Sums
  readonly currency: string
  /** ROI ratio above which a channel is healthy. */
  readonly threshold: number
  readonly course: Course
  readonly by: Dimension
  readonly locale: Locale
}

function contextOf(figures: Figures, { settings }: Workspace, query: Omit<PanelQuery, 'asOf'>): ViewContext {
  const { value, convention } = settings.thresholds.channel_healthy
  return {
    ...figures,
    whole: total(figures.current.groups),
    currency: settings.currency,
    threshold: convention === 'net' ? value / 100 + 1 : value,
    course: courseOf(figures.months.groups, query, settings.zone),
    by: query.by,
    locale: query.locale,
  }
}

async function gather(source: Source, workspace: Workspace, query: PanelQuery, ask: SumQuery): Promise<Gathered> {
  const { reader } = source
  const [any] = await reader.query(
    `SELECT 1 AS found WHERE EXISTS (SELECT 1 FROM deal WHERE tenant_id = $1)
       OR EXISTS (SELECT 1 FROM touch WHERE tenant_id = $1) OR EXISTS (SELECT 1 FROM cost WHERE tenant_id = $1)
       OR EXISTS (SELECT 1 FROM contact WHERE tenant_id = $1) OR EXISTS (SELECT 1 FROM campaign WHERE tenant_id = $1)`,
    [workspace.tenant],
  )
  const found = await figures(source, workspace, query, ask)
  return {
    ...found,
    checked: await check(reader, workspace, ask, found.current),
    floor: await floorOf(source, workspace, ask),
    findings: await findings(reader, workspace, query.locale),
    empty: !any,
  }
}

/** @param ledger where credit is summed from; absent = the ledger of the rule models */
async function figures(
  { database, reader }: Source,
  workspace: Workspace,
  query: Period,
  ask: SumQuery,
  ledger?: Ledger,
): Promise<Figures> {
  const before = previousPeriod(query)
  return {
    current: await sumBy(reader, workspace, ask, ledger),
    maturity: await maturityOf(database, reader, workspace, query),
    previous: before && (await sumBy(reader, workspace, { ...ask, ...before, by: [] }, ledger)),
    months: await sumBy(reader, workspace, { ...ask, by: ['month'], from: null }, ledger),
  }
}

function viewOf(model: ReportModel, context: ViewContext): ModelView {
  const { current, whole, currency, by, locale } = context
  const rows = current.groups.map((sums) => toRow(sums, model, currency, labelOf(by, sums, locale))).sort(byReturn)
  const credit = whole.credit[model]
  const media = roas(credit.revenue - credit.uncosted, whole.media)
  const per = {
    mql: costPer(whole.cost, credit.counts.mql, currency, 'no_mqls'),
    sql: costPer(whole.cost, credit.counts.sql, currency, 'no_sqls'),
    opportunity: costPer(whole.cost, credit.counts.opportunity, currency, 'no_opportunities'),
  }
  const won = credit.revenue + current.unattributed.credit[model].revenue
  const coverage = share(credit.revenue, won, 'no_revenue')
  const completeness = share(credit.revenue - credit.uncosted, credit.revenue, 'no_revenue')
  const results = { roas: media, ...per, coverage, cost_completeness: completeness }
  const reasons: ModelView['reasons'] = {}
  for (const [field, { reason }] of Object.entries(results)) if (reason) reasons[field as keyof typeof results] = reason
  return {
    rows,
    total: toRow(whole, model, currency, TOTAL[locale]),
    unattributed: toUnattributed(current.unattributed, model, currency),
    uncosted: toUncosted(current, model, currency, locale),
    kpis: kpisOf(model, context),
    trend: modelTrend(context.course, model, currency),
    roas: media.value,
    cost_per: { mql: per.mql.value, sql: per.sql.value, opportunity: per.opportunity.value },
    coverage: coverage.value,
    cost_completeness: completeness.value,
    shares: Object.fromEntries(
      current.groups.map(({ key, cost, credit: own }) => [
        key,
        {
          cost: share(cost.minor, whole.cost.minor, 'no_cost').value,
          revenue: share(own[model].revenue, credit.revenue, 'no_revenue').value,
        },
      ]),
    ),
    reasons,
  }
}

/** The four tiles: ROI, attributed revenue, cost, CAC. */
function kpisOf(model: ReportModel, context: ViewContext): ModelView['kpis'] {
  const { whole, previous, course, currency, threshold, maturity } = context
  const row = (sums: Sums) => toRow(sums, model, currency, '')
  const now = row(whole)
  const before = previous && row(total(previous.groups))
  const series = course.now.map(row)
  // A period that had no time yet is judged by nothing (F147).
  const ratioMet = now.ratio === null || maturity.immature ? null : now.ratio > threshold
  const revenueGrowth = growth(Number(now.revenue), before && Number(before.revenue))
  const kpi = (field: 'roi' | 'revenue' | 'cost' | 'cac', n: number): Kpi => {
    const value = field === 'cost' && whole.cost.rows === 0 ? null : now[field]
    const reason = value === null ? (field === 'roi' || field === 'cac' ? now.reasons[field] : 'no_cost') : undefined
    const prior = before?.[field] ?? null
    return {
      value,
      ...(reason ? { reason } : {}),
      previous: prior,
      growth: growth(numeric(value), numeric(prior)),
      points: field === 'roi' && value !== null && prior !== null ? Number(value) - Number(prior) : null,
      series: series.map((point) => numeric(point[field])),
      benchmark: null,
      n,
    }
  }
  const deals = Math.round(now.won * 1e6) / 1e6
  return {
    roi: { ...kpi('roi', deals), benchmark: { id: 'ratio_above_1', met: ratioMet } },
    revenue: {
      ...kpi('revenue', deals),
      benchmark: { id: 'growth_not_negative', met: revenueGrowth === null ? null : revenueGrowth >= 0 },
    },
    cost: kpi('cost', whole.cost.rows),
    cac: kpi('cac', now.new_customers),
  }
}

function numeric(value: string | number | null): number | null {
  return value === null ? null : Number(value)
}

/** M33: range of ROI over all models per row; robust when every model is on the same side of the threshold. */
function spreads(
  views: Record<RuleModel, ModelView>,
  shown: RuleModel,
  threshold: number,
  immature: boolean,
): Spread[] {
  const byModel = RULE_MODELS.map((model) => ({
    model,
    rows: new Map(views[model].rows.map((row) => [row.key, row])),
  }))
  return views[shown].rows
    .filter((row) => !isShared(row) && hasCredit(byModel, row.key))
    .map(({ key, label }) => {
      const values = byModel.flatMap(({ model, rows }) => {
        const roi = rows.get(key)?.roi
        return typeof roi === 'number' ? [{ model, roi }] : []
      })
      const [first] = values
      if (!first) {
        const reason = views[shown].rows.find((row) => row.key === key)?.reasons.roi ?? 'no_cost'
        return { key, label, min: null, max: null, min_model: null, max_model: null, verdict: null, reason }
      }
      const min = values.reduce((low, value) => (value.roi < low.roi ? value : low), first)
      const max = values.reduce((high, value) => (value.roi > high.roi ? value : high), first)
      const limit = (threshold - 1) * 100
      const robust = min.roi > limit || max.roi <= limit
      return {
        key,
        label,
        min: min.roi,
        max: max.roi,
        min_model: min.model,
        max_model: max.model,
        verdict: immature ? null : robust ? ('robust' as const) : ('depends' as const),
      }
    })
}

/** A row that no model gives any outcome to has costs only: models cannot disagree about it. */
function hasCredit(byModel: readonly { rows: ReadonlyMap<string, Row> }[], key: string): boolean {
  return byModel.some(({ rows }) => (rows.get(key)?.won ?? 0) > 0)
}
