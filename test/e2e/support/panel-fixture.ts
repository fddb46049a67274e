import type { Drill, Explain, Panel } from '../../../src/api.ts'
import { DATA_MODELS } from '../../../src/model/data-models.ts'
import { RULE_MODELS } from '../../../src/model/rule-models.ts'

type Model = Panel['model']
type View = Panel['views'][Model]
type Row = View['rows'][number]
type Kpi = View['kpis']['roi']

/** One channel of a fixture under the model shown first, in whole currency units. `cost: null` = none recorded. */
export interface Channel {
  readonly key: string
  readonly label: string
  readonly cost: number | null
  readonly leads: number
  readonly won: number
  readonly revenue: number
  /** How many times more than others its revenue moves with the model. */
  readonly swing?: number
}

/** What makes a fixture differ from reference set A. */
export interface Options {
  readonly channels?: readonly Channel[]
  readonly unattributed?: number
  /** Added to the CRM total, so that it does not reconcile. */
  readonly crmOff?: number
  readonly completeness?: number
  readonly workspace?: string
  readonly title?: string
  readonly empty?: boolean
  readonly findings?: Panel['findings']
  /** No period before, no series. */
  readonly first?: boolean
  readonly period?: Panel['period']
}

/** Reference set A (product.md §6). */
export const SET_A: readonly Channel[] = [
  { key: 'Google 广告', label: 'Google 广告', cost: 50_000, leads: 200, won: 15, revenue: 300_000 },
  { key: '行业展会', label: '行业展会', cost: 80_000, leads: 150, won: 25, revenue: 500_000 },
  { key: '邮件营销', label: '邮件营销', cost: 10_000, leads: 300, won: 10, revenue: 80_000 },
  { key: '社交媒体', label: '社交媒体', cost: 30_000, leads: 500, won: 8, revenue: 60_000, swing: 7 },
]

/** Part of its revenue each channel gives to the next one, by model; what leaves one enters another. */
const SHIFT: Record<Model, number> = {
  first: 0.09,
  last: -0.06,
  last_non_direct: -0.05,
  linear: 0.02,
  u_position: 0.03,
  j_position: -0.04,
  inverse_j_position: 0.06,
  u_milestone: 0,
  u_milestone_50: 0.01,
  w_milestone: -0.02,
  full_path: -0.01,
  time_decay: -0.03,
  custom: 0.05,
}

/** A view-model that adds up: attributed + unattributed = CRM under every model, ratios from sums. */
export function buildPanel(options: Options = {}): Panel {
  const channels = options.channels ?? SET_A
  const unattributed = options.unattributed ?? 140_000
  const views = Object.fromEntries(
    RULE_MODELS.map((model) => [model, viewOf(channels, SHIFT[model], unattributed, options)]),
  ) as Panel['views']
  const attributed = channels.reduce((sum, { revenue }) => sum + revenue, 0)
  const crm = attributed + unattributed + (options.crmOff ?? 0)
  return {
    version: 1,
    workspace: { key: options.workspace ?? 'main', title: options.title ?? '示例工作区' },
    generated_at: `${new Date().getFullYear()}-09-18T04:04:00Z`,
    as_of: options.empty ? null : `${new Date().getFullYear()}-09-18T04:04:00Z`,
    period: options.period ?? { from: '2026-07-01', to: '2026-09-19' },
    zone: 'Asia/Shanghai',
    currency: 'CNY',
    digits: 2,
    convention: 'net',
    date_basis: 'close',
    revenue_basis: 'booked',
    where: [],
    maturity: { cycle_days: null, immature: false, from: null },
    fx_missing: { costs: 0, deals: 0 },
    trend: { months: [], cost: [], cost_before: [], partial: false, immature_from: null },
    by: 'channel',
    model: 'u_milestone',
    models: [
      ...RULE_MODELS.map((id) => ({ id, available: true })),
      ...DATA_MODELS.map((id) => ({ id, available: false, reason: 'not_enough_data' as const, have: 58, need: 300 })),
    ],
    views,
    spread: channels.map(({ key, label }) => spreadOf(views, key, label)),
    threshold: { value: 1, convention: 'ratio' },
    reconciliation: {
      attributed: money(attributed),
      unattributed: money(unattributed),
      crm: money(crm),
      ok: !options.crmOff,
    },
    findings: options.findings ?? [],
    empty: options.empty ?? false,
  }
}

/** Deals that add up to a row's revenue. */
export function buildDrill(panel: Panel, key: string, model: Model, offset: number, limit: number): Drill {
  const { rows, unattributed } = panel.views[model]
  const row = key === '(unattributed)' ? unattributed : rows.find((each) => each.key === key)
  const count = row ? Math.max(1, Math.round(row.won)) : 0
  const cents = Math.round(Number(row?.revenue ?? 0) * 100)
  const share = Math.floor(cents / count || 0)
  const all = Array.from({ length: count }, (_, index) => {
    const credited = index === count - 1 ? cents - share * (count - 1) : share
    const weight = [0.4, 0.6, 1, 0.225][index % 4]!
    return {
      deal_id: `D-${1000 + index}`,
      name: index === 2 ? null : `年度采购 ${index + 1}`,
      account: index === 3 ? null : ['青禾医疗', '明川科技', '瀚海物流'][index % 3]!,
      closed_at: `2026-0${7 + (index % 3)}-1${index % 9}T03:00:00Z`,
      outcome: 'won' as const,
      source: 'files',
      amount: money(credited / 100 / weight),
      weight,
      credited: money(credited / 100),
      touches: 1 + (index % 3),
      touches_total: 3 + (index % 3),
    }
  })
  const next = offset + limit < all.length ? offset + limit : null
  return {
    query: { ...queryOf(panel, model), key },
    currency: panel.currency,
    rows: all.slice(offset, offset + limit),
    count: all.length,
    total: { credited: money(cents / 100), weight: row?.won ?? 0 },
    next,
  } as Drill
}

/** Formula, inputs and settings of one figure. */
export function buildExplain(panel: Panel, metric: string, key: string | null, model: Model): Explain {
  const view = panel.views[model]
  const row = (key === null ? view.total : view.rows.find((each) => each.key === key)) ?? view.total
  const formulas: Record<string, string> = {
    roi: '(归因收入 − 投入成本) ÷ 投入成本 × 100',
    revenue: 'Σ 金额 × 归因权重',
    cost: 'Σ 费用台账',
    cac: '投入成本 ÷ 新客户数',
    cpl: '投入成本 ÷ 潜在客户数',
  }
  const figures: Record<string, string | number | null> = {
    roi: row.roi,
    revenue: row.revenue,
    cost: row.cost,
    cac: row.cac,
    cpl: row.cpl,
  }
  const { configuration, reason } = {
    configuration: { model, lookback_days: 365, date_basis: 'close', revenue_basis: 'booked', zone: panel.zone },
    reason: row.reasons.roi ?? null,
  }
  return {
    metric,
    id: 'M3',
    label: metric,
    formula: formulas[metric] ?? metric,
    substituted: `(${row.revenue} − ${row.cost}) ÷ ${row.cost} × 100`,
    value: figures[metric] ?? null,
    unit: metric === 'roi' ? 'percent' : 'money',
    reason: figures[metric] === null ? reason : null,
    query: { ...queryOf(panel, model), key },
    currency: panel.currency,
    inputs: [
      { name: 'revenue', label: '归因收入', value: row.revenue, rows: [], count: 0 },
      {
        name: 'cost',
        label: '投入成本',
        value: row.cost,
        rows: [
          { date: '2026-07-09', category: 'ads', amount: '46200.00', vendor: 'Google' },
          { date: '2026-09-01', category: 'service', amount: '3000.00', vendor: null },
        ],
        count: 3,
      },
    ],
    configuration,
  } as Explain
}

function queryOf(panel: Panel, model: Model) {
  return { workspace: panel.workspace.key, by: panel.by, model, ...panel.period, date_basis: panel.date_basis }
}

function viewOf(channels: readonly Channel[], shift: number, unattributed: number, options: Options): View {
  const given = channels.map(({ revenue, swing }) => Math.round(revenue * shift * (swing ?? 1)))
  const rows = channels.map((channel, index) => {
    const moved = (given.at(index - 1) ?? 0) - given[index]!
    return rowOf({ ...channel, revenue: channel.revenue + moved, won: channel.won + (shift ? moved / 20_000 : 0) })
  })
  const costs = channels.map(({ cost }) => cost)
  const total = rowOf({
    key: '',
    label: '合计',
    cost: costs.every((cost) => cost === null) ? null : costs.reduce((sum: number, cost) => sum + (cost ?? 0), 0),
    leads: sum(channels.map(({ leads }) => leads)),
    won: Math.round(sum(rows.map(({ won }) => won))),
    revenue: sum(channels.map(({ revenue }) => revenue)),
  })
  const uncosted = rows.filter((_, index) => channels[index]?.cost === null)
  const kpi = (value: Kpi['value'], growth: number, points: number | null, extra: Partial<Kpi>): Kpi => ({
    value,
    previous: value === null || options.first ? null : '1.00',
    growth: value === null || options.first ? null : growth,
    points: value === null || options.first ? null : points,
    series: options.first || value === null ? [] : course(Number(value)),
    benchmark: null,
    n: total.won,
    ...(value === null ? { reason: total.reasons.roi ?? total.reasons.cac ?? 'no_cost' } : {}),
    ...extra,
  })
  const ratioMet = total.ratio === null ? null : total.ratio > 1
  return {
    rows,
    total,
    unattributed: {
      leads: 0,
      mqls: 0,
      sqls: 0,
      opportunities: 0,
      won: 9,
      new_customers: 9,
      revenue: money(unattributed),
    },
    uncosted: {
      revenue: money(sum(uncosted.map(({ revenue }) => Number(revenue)))),
      count: uncosted.length,
      places: [],
    },
    kpis: {
      roi: kpi(total.roi, 8.4, 35.1, { benchmark: { id: 'ratio_above_1', met: ratioMet } }),
      revenue: kpi(total.revenue, 8, null, {
        benchmark: { id: 'growth_not_negative', met: options.first ? null : true },
      }),
      cost: kpi(total.cost, 1.2, null, { n: 4 }),
      cac: kpi(total.cac, -4, null, { n: total.new_customers }),
    },
    trend: { revenue: [], roi: [], revenue_before: [], roi_before: [] },
    roas: null,
    cost_per: { mql: null, sql: null, opportunity: null },
    coverage:
      Number(total.revenue) === 0 ? null : (Number(total.revenue) / (Number(total.revenue) + unattributed)) * 100,
    cost_completeness: options.completeness ?? 100,
    shares: Object.fromEntries(
      rows.map((row) => [row.key, { cost: null, revenue: (Number(row.revenue) / Number(total.revenue)) * 100 }]),
    ),
    reasons: { roas: 'no_media' },
  }
}

function rowOf(channel: Channel): Row {
  const { cost, leads, won, revenue } = channel
  const why = cost === null ? 'no_cost' : 'zero_cost'
  const reasons: Row['reasons'] = {}
  if (!cost) reasons.roi = reasons.ratio = why
  if (cost === null || !leads) reasons.cpl = cost === null ? 'no_cost' : 'no_leads'
  if (cost === null || !won) reasons.cac = cost === null ? 'no_cost' : 'no_deals'
  return {
    key: channel.key,
    label: channel.label,
    cost: money(cost ?? 0),
    leads,
    mqls: 0,
    sqls: 0,
    opportunities: 0,
    won,
    new_customers: won,
    revenue: money(revenue),
    cpl: cost === null || !leads ? null : money(cost / leads),
    cac: cost === null || !won ? null : money(cost / won),
    roi: cost ? ((revenue - cost) / cost) * 100 : null,
    ratio: cost ? revenue / cost : null,
    uncosted: money(cost === null ? revenue : 0),
    layers: { first: money(revenue), repurchase: money(0), referral: money(0) },
    reasons,
  }
}

function spreadOf(views: Panel['views'], key: string, label: string): Panel['spread'][number] {
  const known = RULE_MODELS.flatMap((model) => {
    const roi = views[model].rows.find((row) => row.key === key)?.roi
    return roi == null ? [] : [{ model, roi }]
  }).sort((a, b) => a.roi - b.roi)
  const [low, high] = [known[0], known.at(-1)]
  if (!low || !high) {
    return { key, label, min: null, max: null, min_model: null, max_model: null, verdict: null, reason: 'no_cost' }
  }
  const verdict = low.roi > 0 || high.roi <= 0 ? 'robust' : 'depends'
  return { key, label, min: low.roi, max: high.roi, min_model: low.model, max_model: high.model, verdict }
}

function course(last: number): number[] {
  const shape = [0.72, 0.74, 0.8, 0.75, 0.55, 0.83, 0.92, 0.95, 0.96, 1.01, 1.04, 1]
  return shape.map((factor) => last * factor)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function money(value: number): string {
  return value.toFixed(2)
}
