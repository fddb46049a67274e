import type { Reason } from '../../api.ts'
import type { Text } from '../../errors.ts'
import { METRICS, type MetricId } from '../dictionary.ts'
import { type Entry, REPORTED, type Shown } from './entry.ts'

/** What the dictionary says of a metric of the report besides its formula. */
interface Told {
  readonly meaning: Text
  readonly reasons?: readonly Reason[]
  /** Field of a row; absent = explain only. */
  readonly field?: string
  readonly panel?: true
  readonly revenue?: true
  readonly convention?: Text
}

const NET: Text = {
  en: 'Net: 0 % means the cost came back once. 100 % net = a ratio of 2.',
  'zh-CN': '净值：0% 表示刚好收回成本；净 100% 等于投产比 2。',
}
const GROSS: Text = { en: 'Ratio: 1 means the cost came back once.', 'zh-CN': '比值：1 表示刚好收回成本。' }
const WEIGHTED: Text = {
  en: 'Counted by weight: an outcome of several groups counts in each with its part.',
  'zh-CN': '按权重计数：属于多个分组的一次转化按各自份额计入。',
}
const COUNTED = (en: string, zh: string, field: string): Told => ({
  meaning: { en, 'zh-CN': zh },
  field,
  convention: WEIGHTED,
})
const COST_REASONS = ['no_cost', 'zero_cost'] as const satisfies readonly Reason[]

const TOLD: Readonly<Record<MetricId, Told>> = {
  cost: {
    meaning: {
      en: 'What was spent, after exchange rates and shared-cost rules; credits take it down.',
      'zh-CN': '折算汇率并分摊后的支出；红字冲减。',
    },
    field: 'cost',
  },
  revenue: {
    meaning: {
      en: 'The part of the revenue that touches of the group get, refunds and lost deals taken off.',
      'zh-CN': '该组触点分得的收入，已扣除退款与撤单。',
    },
    field: 'revenue',
    revenue: true,
  },
  roi: {
    meaning: {
      en: 'What came back above the cost, per 100 of cost. Revenue that no cost stands against is outside.',
      'zh-CN': '每 100 成本带来的超额回报；没有成本的收入不计入。',
    },
    reasons: COST_REASONS,
    field: 'roi',
    revenue: true,
    convention: NET,
  },
  ratio: {
    meaning: { en: 'What came back per unit of cost.', 'zh-CN': '每单位成本带来的收入。' },
    reasons: COST_REASONS,
    field: 'ratio',
    revenue: true,
    convention: GROSS,
  },
  roas: {
    meaning: {
      en: 'What came back per unit of media spend: costs of category ads only.',
      'zh-CN': '每单位媒体费用（仅广告类）带来的收入。',
    },
    reasons: ['no_media'],
    revenue: true,
    convention: GROSS,
  },
  cpl: {
    meaning: { en: 'What one lead cost.', 'zh-CN': '每个线索的成本。' },
    reasons: ['no_cost', 'no_leads'],
    field: 'cpl',
  },
  cost_per_mql: {
    meaning: { en: 'What one MQL cost.', 'zh-CN': '每个 MQL 的成本。' },
    reasons: ['no_cost', 'no_mqls'],
  },
  cost_per_sql: {
    meaning: { en: 'What one SQL cost.', 'zh-CN': '每个 SQL 的成本。' },
    reasons: ['no_cost', 'no_sqls'],
  },
  cost_per_opportunity: {
    meaning: { en: 'What one opportunity cost.', 'zh-CN': '每个商机的成本。' },
    reasons: ['no_cost', 'no_opportunities'],
  },
  cac: {
    meaning: { en: 'What one new customer cost: his first won deal.', 'zh-CN': '每个新客户（首次成交）的成本。' },
    reasons: ['no_cost', 'no_deals'],
    field: 'cac',
  },
  coverage: {
    meaning: { en: 'How much of the revenue has a touch before it.', 'zh-CN': '有触点的收入占比。' },
    reasons: ['no_revenue'],
    panel: true,
    revenue: true,
  },
  cost_completeness: {
    meaning: {
      en: 'How much of the attributed revenue lies where a cost is known.',
      'zh-CN': '归因收入中成本已知的占比。',
    },
    reasons: ['no_revenue'],
    panel: true,
    revenue: true,
  },
  share: {
    meaning: { en: 'The part of the attributed revenue that the group has.', 'zh-CN': '该组占归因收入的比例。' },
    reasons: ['no_revenue'],
    revenue: true,
  },
  spread: {
    meaning: {
      en: 'How far the models disagree about net ROI. Robust where all are on one side of the threshold.',
      'zh-CN': '各模型净 ROI 的差距；全部在阈值同侧时结论稳健。',
    },
    reasons: [...COST_REASONS, 'not_enough_data'],
    panel: true,
    revenue: true,
    convention: { en: 'Percentage points of net ROI.', 'zh-CN': '净 ROI 的百分点。' },
  },
  first_revenue: {
    meaning: { en: 'Revenue of deals that made a customer.', 'zh-CN': '客户首次成交带来的收入。' },
    field: 'layers.first',
    revenue: true,
  },
  repurchase_revenue: {
    meaning: {
      en: 'Revenue of later deals, by the touches since the deal before.',
      'zh-CN': '后续成交的收入，按上次成交之后的触点归因。',
    },
    field: 'layers.repurchase',
    revenue: true,
  },
  referral_revenue: {
    meaning: { en: 'Revenue of deals that somebody referred.', 'zh-CN': '转介绍成交的收入。' },
    field: 'layers.referral',
    revenue: true,
  },
  leads: COUNTED('People who became a lead.', '成为线索的人数。', 'leads'),
  mqls: COUNTED('People who became an MQL.', '成为 MQL 的人数。', 'mqls'),
  sqls: COUNTED('People who became an SQL.', '成为 SQL 的人数。', 'sqls'),
  opportunities: COUNTED('Deals that were opened.', '新开的商机数。', 'opportunities'),
  won: COUNTED(
    'Deals that were won; one that was lost again is taken off at that day.',
    '成交数；撤单于当日扣除。',
    'won',
  ),
  new_customers: COUNTED('Customers by their first won deal.', '按首次成交计的客户数。', 'new_customers'),
}

function shownOf({ field, panel }: Told): Shown {
  if (panel) return { field: 'kpis', command: 'explain', route: 'GET /api/v1/panel' }
  if (field === undefined) return { field: 'value', command: 'explain', route: 'GET /api/v1/explain' }
  return { field: `rows[].${field}`, command: 'report', route: 'GET /api/v1/report' }
}

/** Metrics of the report, by name. */
export const REPORT_ENTRIES = Object.fromEntries(
  (Object.keys(METRICS) as MetricId[]).map((name): [string, Entry] => {
    const { id, label, expression, formula, unit, parts } = METRICS[name]
    const { meaning, reasons = [], revenue = false, convention = null } = TOLD[name]
    const inputs = parts.map((part) => ({ name: part.name, label: part.label }))
    const rest = { meaning, reasons, revenue, convention, dates: REPORTED, family: 'report' as const }
    return [name, { id, label, expression, formula, unit, inputs, ...rest, shown: shownOf(TOLD[name]) }]
  }),
) as Readonly<Record<MetricId, Entry>>
