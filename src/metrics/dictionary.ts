import type { Reason } from '../api.ts'
import type { Text } from '../errors.ts'
import { formatMinor } from '../model/money.ts'
import { RULE_MODELS, type RuleModel } from '../model/rule-models.ts'
import { costPer, count, type Result, ratio, roas, roi, share } from './formulas.ts'
import { uncosted } from './row.ts'
import { type OutcomeKind, type Summed, type Sums, total } from './sums.ts'

/** Where an input's rows come from. */
export type Source =
  | { readonly type: 'cost'; readonly media: boolean }
  | { readonly type: 'credit'; readonly kind: OutcomeKind; readonly money: boolean; readonly onlyNew: boolean }
  | { readonly type: 'unattributed' }

/** An input of a metric; its name stands in braces in the formula. */
export interface Part {
  readonly name: string
  readonly label: Text
  readonly source: Source
}

/** What a metric is computed from. */
export interface Basis {
  readonly sums: Sums
  readonly summed: Summed
  readonly model: RuleModel
  readonly currency: string
}

/** A number of product.md §3: its meaning, formula and inputs, in one place for help, explain and the dictionary. */
export interface Metric {
  /** Number in product.md §3. */
  readonly id: string
  readonly label: Text
  /** Inputs in braces. */
  readonly formula: Text
  readonly unit: 'money' | 'percent' | 'ratio' | 'count' | 'points'
  readonly parts: readonly Part[]
  readonly value: (basis: Basis) => Result<string | number>
}

const COST: Part = {
  name: 'cost',
  label: { en: 'Cost', 'zh-CN': '投入成本' },
  source: { type: 'cost', media: false },
}
const MEDIA: Part = {
  name: 'media',
  label: { en: 'Media spend', 'zh-CN': '媒体费用' },
  source: { type: 'cost', media: true },
}
const REVENUE: Part = {
  name: 'revenue',
  label: { en: 'Attributed revenue', 'zh-CN': '归因收入' },
  source: { type: 'credit', kind: 'won', money: true, onlyNew: false },
}
const UNATTRIBUTED: Part = {
  name: 'unattributed',
  label: { en: 'Unattributed revenue', 'zh-CN': '未归因收入' },
  source: { type: 'unattributed' },
}

function counted(name: string, label: Text, kind: OutcomeKind, onlyNew = false): Part {
  return { name, label, source: { type: 'credit', kind, money: false, onlyNew } }
}

const LEADS = counted('leads', { en: 'Leads', 'zh-CN': '潜在客户数' }, 'lead')
const MQLS = counted('mqls', { en: 'MQLs', 'zh-CN': 'MQL 数' }, 'mql')
const SQLS = counted('sqls', { en: 'SQLs', 'zh-CN': 'SQL 数' }, 'sql')
const OPPORTUNITIES = counted('opportunities', { en: 'Opportunities', 'zh-CN': '商机数' }, 'opportunity')
const WON = counted('won', { en: 'Won deals', 'zh-CN': '成交客户' }, 'won')
const NEW_CUSTOMERS = counted('new_customers', { en: 'New customers', 'zh-CN': '新客户数' }, 'won', true)

const known = <T>(value: T): Result<T> => ({ value })

/** A metric that is one of its inputs: no formula beyond the sum. */
function plain(part: Part, id: string, sum: Text, value: Metric['value'], unit: Metric['unit']): Metric {
  return { id, label: part.label, formula: sum, unit, parts: [part], value }
}

/** A count under the model. */
function counts(part: Part, id: string, kind: OutcomeKind): Metric {
  const sum = { en: `sum of weights = {${part.name}}`, 'zh-CN': `归因权重之和 = {${part.name}}` }
  return plain(part, id, sum, ({ sums, model }) => known(count(sums.credit[model].counts[kind])), 'count')
}

/** M8, M9, M15: cost divided by a count. */
function perCount(id: string, label: Text, part: Part, reason: Reason, units: (basis: Basis) => bigint): Metric {
  const formula = { en: `{cost} / {${part.name}}`, 'zh-CN': `{cost} ÷ {${part.name}}` }
  return {
    id,
    label,
    formula,
    unit: 'money',
    parts: [COST, part],
    value: (basis) => costPer(basis.sums.cost, units(basis), basis.currency, reason),
  }
}

const of =
  (kind: OutcomeKind) =>
  ({ sums, model }: Basis) =>
    sums.credit[model].counts[kind]

/** Every number that can be explained, by the name used on the command line and in addresses. */
export const METRICS = {
  cost: plain(
    COST,
    'M1',
    {
      en: 'sum of ledger rows, actual and paid, by spend date = {cost}',
      'zh-CN': '费用台账（已发生与已支付）按发生日求和 = {cost}',
    },
    ({ sums, currency }) => known(formatMinor(sums.cost.minor, currency)),
    'money',
  ),
  revenue: plain(
    REVENUE,
    'M2',
    { en: 'sum of credit x deal amount = {revenue}', 'zh-CN': 'Σ 归因权重 × 成交金额 = {revenue}' },
    ({ sums, model, currency }) => known(formatMinor(sums.credit[model].revenue, currency)),
    'money',
  ),
  roi: {
    id: 'M3',
    label: { en: 'ROI (net)', 'zh-CN': '投资回报率 ROI（净）' },
    formula: { en: '({revenue} - {cost}) / {cost} x 100', 'zh-CN': '({revenue} − {cost}) ÷ {cost} × 100' },
    unit: 'percent',
    parts: [REVENUE, COST],
    value: ({ sums, model }) => roi(sums.credit[model].revenue, sums.cost),
  },
  ratio: {
    id: 'M4',
    label: { en: 'ROI ratio', 'zh-CN': '投产比' },
    formula: { en: '{revenue} / {cost}', 'zh-CN': '{revenue} ÷ {cost}' },
    unit: 'ratio',
    parts: [REVENUE, COST],
    value: ({ sums, model }) => ratio(sums.credit[model].revenue, sums.cost),
  },
  roas: {
    id: 'M5',
    label: { en: 'ROAS', 'zh-CN': '广告支出回报 ROAS' },
    formula: { en: '{revenue} / {media}', 'zh-CN': '{revenue} ÷ {media}' },
    unit: 'ratio',
    parts: [REVENUE, MEDIA],
    value: ({ sums, model }) => roas(sums.credit[model].revenue, sums.media),
  },
  cpl: perCount('M8', { en: 'Cost per lead (CPL)', 'zh-CN': '线索获取成本 CPL' }, LEADS, 'no_leads', of('lead')),
  cost_per_mql: perCount('M9', { en: 'Cost per MQL', 'zh-CN': 'MQL 成本' }, MQLS, 'no_mqls', of('mql')),
  cost_per_sql: perCount('M9', { en: 'Cost per SQL', 'zh-CN': 'SQL 成本' }, SQLS, 'no_sqls', of('sql')),
  cost_per_opportunity: perCount(
    'M9',
    { en: 'Cost per opportunity', 'zh-CN': '商机成本' },
    OPPORTUNITIES,
    'no_opportunities',
    of('opportunity'),
  ),
  cac: perCount(
    'M15',
    { en: 'Customer acquisition cost (CAC)', 'zh-CN': '获客成本 CAC' },
    NEW_CUSTOMERS,
    'no_deals',
    ({ sums, model }) => sums.credit[model].newCustomers,
  ),
  coverage: {
    id: 'M31',
    label: { en: 'Coverage', 'zh-CN': '归因覆盖率' },
    formula: {
      en: '{revenue} / ({revenue} + {unattributed}) x 100',
      'zh-CN': '{revenue} ÷ ({revenue} + {unattributed}) × 100',
    },
    unit: 'percent',
    parts: [REVENUE, UNATTRIBUTED],
    value: ({ summed, model }) => {
      const { revenue } = total(summed.groups).credit[model]
      return share(revenue, revenue + summed.unattributed.credit[model].revenue, 'no_revenue')
    },
  },
  cost_completeness: {
    id: 'M31',
    label: { en: 'Cost completeness', 'zh-CN': '成本完整率' },
    formula: {
      en: 'credit on groups with cost / {revenue} x 100',
      'zh-CN': '有成本的分组的归因收入 ÷ {revenue} × 100',
    },
    unit: 'percent',
    parts: [REVENUE, COST],
    value: ({ summed, model }) => {
      const { revenue } = total(summed.groups).credit[model]
      return share(revenue - uncosted(summed.groups, model).revenue, revenue, 'no_revenue')
    },
  },
  share: {
    id: 'M32',
    label: { en: 'Share of revenue', 'zh-CN': '渠道收入占比' },
    formula: { en: '{revenue} / total attributed revenue x 100', 'zh-CN': '{revenue} ÷ 归因收入合计 × 100' },
    unit: 'percent',
    parts: [REVENUE],
    value: ({ sums, summed, model }) =>
      share(sums.credit[model].revenue, total(summed.groups).credit[model].revenue, 'no_revenue'),
  },
  spread: {
    id: 'M33',
    label: { en: 'Model spread', 'zh-CN': '模型分歧' },
    formula: {
      en: 'highest - lowest ROI over all models; cost {cost}',
      'zh-CN': '各模型 ROI 的最大值 − 最小值；成本 {cost}',
    },
    unit: 'points',
    parts: [REVENUE, COST],
    value: ({ sums }) => {
      const values = RULE_MODELS.map((model) => roi(sums.credit[model].revenue, sums.cost))
      const [first] = values
      if (!first || first.value === null) return first ?? { value: null, reason: 'no_cost' }
      const numbers = values.map(({ value }) => value ?? 0)
      return known(Math.max(...numbers) - Math.min(...numbers))
    },
  },
  leads: counts(LEADS, 'M8', 'lead'),
  mqls: counts(MQLS, 'M9', 'mql'),
  sqls: counts(SQLS, 'M9', 'sql'),
  opportunities: counts(OPPORTUNITIES, 'M9', 'opportunity'),
  won: counts(WON, 'M15', 'won'),
  new_customers: plain(
    NEW_CUSTOMERS,
    'M15',
    {
      en: 'first won deals of their customers, by weight = {new_customers}',
      'zh-CN': '客户的首次成交按权重求和 = {new_customers}',
    },
    ({ sums, model }) => known(count(sums.credit[model].newCustomers)),
    'count',
  ),
} as const satisfies Record<string, Metric>
export type MetricId = keyof typeof METRICS
