import type { Dimension, Kpi, ModelView, Panel, Row, Spread } from '../api.ts'
import { DATA_MODELS } from '../api.ts'
import type { Database, Reader } from '../db/database.ts'
import type { Locale } from '../errors.ts'
import { digitsOf, formatMinor } from '../model/money.ts'
import { type Period, previousPeriod } from '../model/period.ts'
import { RULE_MODELS, type RuleModel } from '../model/rule-models.ts'
import type { Workspace } from '../model/settings.ts'
import { costPer, growth, roas, share } from './formulas.ts'
import { labelOf } from './labels.ts'
import { findings } from './quality.ts'
import { TOTAL } from './report.ts'
import { byReturn, reconcile, toRow, toUnattributed, uncosted } from './row.ts'
import { readFigures } from './snapshot.ts'
import { type CrmTotal, crmTotal, isShared, type Summed, type Sums, sumBy, total } from './sums.ts'

/** ROI ratio above which a channel is healthy (product.md §5). */
const THRESHOLD = 1
/** Won deals that data-driven models need (product.md §4). */
const DATA_FLOOR = 300
/** Points of a sparkline. */
const SERIES = 12

export interface PanelQuery extends Period {
  readonly by: Dimension
  readonly locale: Locale
  /** When the data was last brought in; null before the first time. */
  readonly asOf: Date | null
}

/** Answers kept per store: as many as a team looks at in turn. */
const KEPT = 50
const ANSWERS = new WeakMap<Database, Map<string, { readonly version: number; readonly panel: Panel }>>()

/**
 * The view-model of the panel: every model in one answer, so that switching needs no request. The same question about
 * an unchanged store is answered from memory.
 */
export async function panel(database: Database, workspace: Workspace, query: PanelQuery): Promise<Panel> {
  const { version } = database
  if (version === null) return compute(database, workspace, query)
  let kept = ANSWERS.get(database)
  if (!kept) {
    kept = new Map()
    ANSWERS.set(database, kept)
  }
  const key = JSON.stringify([workspace, query])
  const known = kept.get(key)
  if (known?.version === version) return known.panel
  const answer = await compute(database, workspace, query)
  // What was written meanwhile may or may not be in the answer: it is kept for the state before.
  kept.delete(key)
  kept.set(key, { version, panel: answer })
  const [oldest] = kept.keys()
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest)
  return answer
}

async function compute(database: Database, workspace: Workspace, query: PanelQuery): Promise<Panel> {
  const { settings } = workspace
  const { currency } = settings
  const period = { from: query.from, to: query.to }
  const data = await readFigures(database, workspace, (reader) => gather(reader, workspace, query))
  const whole = total(data.current.groups)
  const context: ViewContext = { ...data, whole, currency, by: query.by, locale: query.locale }
  const views = Object.fromEntries(RULE_MODELS.map((model) => [model, viewOf(model, context)])) as Record<
    RuleModel,
    ModelView
  >
  const have = data.crm.deals
  return {
    version: 1,
    workspace: { key: workspace.key, title: workspace.title },
    generated_at: new Date().toISOString(),
    as_of: query.asOf?.toISOString() ?? null,
    period,
    zone: settings.zone,
    currency,
    digits: digitsOf(currency),
    convention: 'net',
    date_basis: 'close',
    revenue_basis: 'booked',
    by: query.by,
    model: settings.model,
    models: [
      ...RULE_MODELS.map((id) => ({ id, available: true })),
      ...DATA_MODELS.map((id) => ({
        id,
        available: false,
        ...(have < DATA_FLOOR
          ? { reason: 'not_enough_data' as const, have, need: DATA_FLOOR }
          : { reason: 'not_in_panel' as const }),
      })),
    ],
    views,
    spread: spreads(views, settings.model),
    threshold: { value: THRESHOLD, convention: 'ratio' },
    reconciliation: reconcile(data.current, whole, data.crm, settings.model, currency),
    findings: data.findings,
    empty: data.empty,
  }
}

interface Gathered {
  readonly current: Summed
  readonly crm: CrmTotal
  readonly previous: Summed | null
  readonly months: Summed
  readonly findings: Panel['findings']
  readonly empty: boolean
}

interface ViewContext extends Gathered {
  readonly whole: Sums
  readonly currency: string
  readonly by: Dimension
  readonly locale: Locale
}

async function gather(reader: Reader, workspace: Workspace, query: PanelQuery): Promise<Gathered> {
  const before = previousPeriod(query)
  const [any] = await reader.query(
    `SELECT 1 AS found WHERE EXISTS (SELECT 1 FROM deal WHERE tenant_id = $1)
       OR EXISTS (SELECT 1 FROM touch WHERE tenant_id = $1) OR EXISTS (SELECT 1 FROM cost WHERE tenant_id = $1)
       OR EXISTS (SELECT 1 FROM contact WHERE tenant_id = $1) OR EXISTS (SELECT 1 FROM campaign WHERE tenant_id = $1)`,
    [workspace.tenant],
  )
  return {
    current: await sumBy(reader, workspace, query.by, query),
    crm: await crmTotal(reader, workspace, query),
    previous: before && (await sumBy(reader, workspace, 'all', before)),
    months: await sumBy(reader, workspace, 'month', { from: null, to: query.to }),
    findings: await findings(reader, workspace, query.locale),
    empty: !any,
  }
}

function viewOf(model: RuleModel, context: ViewContext): ModelView {
  const { current, whole, currency, by, locale } = context
  const rows = current.groups.map((sums) => toRow(sums, model, currency, labelOf(by, sums, locale))).sort(byReturn)
  const credit = whole.credit[model]
  const missing = uncosted(current.groups, model)
  const media = roas(credit.revenue, whole.media)
  const per = {
    mql: costPer(whole.cost, credit.counts.mql, currency, 'no_mqls'),
    sql: costPer(whole.cost, credit.counts.sql, currency, 'no_sqls'),
    opportunity: costPer(whole.cost, credit.counts.opportunity, currency, 'no_opportunities'),
  }
  const won = credit.revenue + current.unattributed.credit[model].revenue
  const coverage = share(credit.revenue, won, 'no_revenue')
  const completeness = share(credit.revenue - missing.revenue, credit.revenue, 'no_revenue')
  const results = { roas: media, ...per, coverage, cost_completeness: completeness }
  const reasons: ModelView['reasons'] = {}
  for (const [field, { reason }] of Object.entries(results)) if (reason) reasons[field as keyof typeof results] = reason
  return {
    rows,
    total: toRow(whole, model, currency, TOTAL[locale]),
    unattributed: toUnattributed(current.unattributed, model, currency),
    uncosted: { revenue: formatMinor(missing.revenue, currency), groups: missing.groups },
    kpis: kpisOf(model, context),
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
function kpisOf(model: RuleModel, context: ViewContext): ModelView['kpis'] {
  const { whole, previous, months, currency } = context
  const row = (sums: Sums) => toRow(sums, model, currency, '')
  const now = row(whole)
  const before = previous && row(total(previous.groups))
  const series = months.groups
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .slice(-SERIES)
    .map(row)
  const ratioMet = now.ratio === null ? null : now.ratio > THRESHOLD
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
function spreads(views: Record<RuleModel, ModelView>, shown: RuleModel): Spread[] {
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
      const limit = (THRESHOLD - 1) * 100
      const robust = min.roi > limit || max.roi <= limit
      return {
        key,
        label,
        min: min.roi,
        max: max.roi,
        min_model: min.model,
        max_model: max.model,
        verdict: robust ? ('robust' as const) : ('depends' as const),
      }
    })
}

/** A row that no model gives any outcome to has costs only: models cannot disagree about it. */
function hasCredit(byModel: readonly { rows: ReadonlyMap<string, Row> }[], key: string): boolean {
  return byModel.some(({ rows }) => (rows.get(key)?.won ?? 0) > 0)
}
