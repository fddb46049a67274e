import type { Reason } from '../api.ts'
import type { Text } from '../errors.ts'
import type { ReportModel } from '../model/data-models.ts'
import { formatMinor } from '../model/money.ts'
import { RULE_MODELS, type RuleModel } from '../model/rule-models.ts'
import { costPer, count, type Result, ratio, roas, roi, share } from './formulas.ts'
import { type Layer, type OutcomeKind, type Summed, type Sums, total } from './sums.ts'

/** Where an input's rows come from. */
export type Source =
  | { readonly type: 'cost'; readonly media: boolean }
  | { readonly type: 'count'; readonly kind: OutcomeKind; readonly onlyNew: boolean }
  /** Money under the revenue basis; `costed`: without what no cost stands against (F145). */
  | { readonly type: 'revenue'; readonly costed: boolean }
  | { readonly type: 'layer'; readonly layer: Layer }
  | { readonly type: 'unattributed' }
  /** Attributed revenue of all groups, whatever row is asked about. */
  | { readonly type: 'attributed' }
  /** Revenue with a known cost under the model that makes most, or least, of it. */
  | { readonly type: 'extreme'; readonly which: 'highest' | 'lowest' }

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
  readonly model: ReportModel
  readonly currency: string
}

/** A number of product.md §3: its meaning, formula and inputs, in one place for help, explain and the dictionary. */
export interface Metric {
  /** Number in product.md §3. */
  readonly id: string
  readonly label: Text
  /** Arithmetic over inputs in braces: what the value is to the last digit. */
  readonly expression: string
  /** The same as people read it. */
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
  source: { type: 'revenue', costed: false },
}
const COSTED: Part = {
  name: 'costed',
  label: { en: 'Attributed revenue with a known cost', 'zh-CN': '有成本的归因收入' },
  source: { type: 'revenue', costed: true },
}
const ATTRIBUTED: Part = {
  name: 'attributed',
  label: { en: 'Attributed revenue of all rows', 'zh-CN': '归因收入合计' },
  source: { type: 'attributed' },
}
const HIGHEST: Part = {
  name: 'highest',
  label: { en: 'Revenue under the model that credits most', 'zh-CN': '归因最多的模型下的收入' },
  source: { type: 'extreme', which: 'highest' },
}
const LOWEST: Part = {
  name: 'lowest',
  label: { en: 'Revenue under the model that credits least', 'zh-CN': '归因最少的模型下的收入' },
  source: { type: 'extreme', which: 'lowest' },
}
const UNATTRIBUTED: Part = {
  name: 'unattributed',
  label: { en: 'Unattributed revenue', 'zh-CN': '未归因收入' },
  source: { type: 'unattributed' },
}

function counted(name: string, label: Text, kind: OutcomeKind, onlyNew = false): Part {
  return { name, label, source: { type: 'count', kind, onlyNew } }
}

const LEADS = counted('leads', { en: 'Leads', 'zh-CN': '潜在客户数' }, 'lead')
const MQLS = counted('mqls', { en: 'MQLs', 'zh-CN': 'MQL 数' }, 'mql')
const SQLS = counted('sqls', { en: 'SQLs', 'zh-CN': 'SQL 数' }, 'sql')
const OPPORTUNITIES = counted('opportunities', { en: 'Opportunities', 'zh-CN': '商机数' }, 'opportunity')
const WON = counted('won', { en: 'Won deals', 'zh-CN': '成交客户' }, 'won')
const NEW_CUSTOMERS = counted('new_customers', { en: 'New customers', 'zh-CN': '新客户数' }, 'won', true)

const known = <T>(value: T): Result<T> => ({ value })

/** An expression as people write it: `x` or `×` for `*`. */
export function written(expression: string): Text {
  return {
    en: expression.replaceAll('*', 'x'),
    'zh-CN': expression.replaceAll('*', '×').replaceAll('/', '÷').replaceAll(' - ', ' − '),
  }
}

/** The same of a metric that is one sum, with what is summed. */
export function summing(expression: string, what: Text): Text {
  return { en: `${what.en} = ${expression}`, 'zh-CN': `${what['zh-CN']} = ${expression}` }
}

/** A metric that is one of its inputs: no formula beyond the sum. */
function plain(part: Part, id: string, sum: Text, value: Metric['value'], unit: Metric['unit']): Metric {
  const expression = `{${part.name}}`
  return { id, label: part.label, expression, formula: summing(expression, sum), unit, parts: [part], value }
}

/** M20: what a layer brought. */
function layered(layer: Layer, label: Text): Metric {
  const part: Part = { name: layer, label, source: { type: 'layer', layer } }
  const sum = { en: 'sum of credit x amount of deals of the layer', 'zh-CN': 'Σ 归因权重 × 该层成交金额' }
  return plain(
    part,
    'M20',
    sum,
    ({ sums, model, currency }) => known(formatMinor(sums.credit[model].layers[layer], currency)),
    'money',
  )
}

/** A count under the model. */
function counts(part: Part, id: string, kind: OutcomeKind): Metric {
  const sum = { en: 'sum of weights', 'zh-CN': '归因权重之和' }
  return plain(part, id, sum, ({ sums, model }) => known(count(sums.credit[model].counts[kind])), 'count')
}

/** M8, M9, M15: cost divided by a count. */
function perCount(id: string, label: Text, part: Part, reason: Reason, units: (basis: Basis) => bigint): Metric {
  const expression = `{cost} / {${part.name}}`
  return {
    id,
    label,
    expression,
    formula: written(expression),
    unit: 'money',
    parts: [COST, part],
    value: (basis) => costPer(basis.sums.cost, units(basis), basis.currency, reason),
  }
}

/** An expression with what people read for it. */
function arithmetic(expression: string): Pick<Metric, 'expression' | 'formula'> {
  return { expression, formula: written(expression) }
}

/** Rule models by the revenue with a known cost that they give a group: the first of those with most, or with least. */
export function extremeModel(sums: Sums, which: 'highest' | 'lowest'): RuleModel {
  const better = (a: bigint, b: bigint) => (which === 'highest' ? a > b : a < b)
  return RULE_MODELS.reduce((best, model) => (better(earned(sums, model), earned(sums, best)) ? model : best))
}

/** Revenue that a return may be made of. */
export function earned(sums: Sums, model: ReportModel): bigint {
  const { revenue, uncosted } = sums.credit[model]
  return revenue - uncosted
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
      en: 'sum of ledger rows, actual and paid, by spend date',
      'zh-CN': '费用台账（已发生与已支付）按发生日求和',
    },
    ({ sums, currency }) => known(formatMinor(sums.cost.minor, currency)),
    'money',
  ),
  revenue: plain(
    REVENUE,
    'M2',
    { en: 'sum of credit x deal amount', 'zh-CN': 'Σ 归因权重 × 成交金额' },
    ({ sums, model, currency }) => known(formatMinor(sums.credit[model].revenue, currency)),
    'money',
  ),
  roi: {
    id: 'M3',
    label: { en: 'ROI (net)', 'zh-CN': '投资回报率 ROI（净）' },
    ...arithmetic('({costed} - {cost}) / {cost} * 100'),
    unit: 'percent',
    parts: [COSTED, COST],
    value: ({ sums, model }) => roi(earned(sums, model), sums.cost),
  },
  ratio: {
    id: 'M4',
    label: { en: 'ROI ratio', 'zh-CN': '投产比' },
    ...arithmetic('{costed} / {cost}'),
    unit: 'ratio',
    parts: [COSTED, COST],
    value: ({ sums, model }) => ratio(earned(sums, model), sums.cost),
  },
  roas: {
    id: 'M5',
    label: { en: 'ROAS', 'zh-CN': '广告支出回报 ROAS' },
    ...arithmetic('{costed} / {media}'),
    unit: 'ratio',
    parts: [COSTED, MEDIA],
    value: ({ sums, model }) => roas(earned(sums, model), sums.media),
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
    ...arithmetic('{attributed} / ({attributed} + {unattributed}) * 100'),
    unit: 'percent',
    parts: [ATTRIBUTED, UNATTRIBUTED],
    value: ({ summed, model }) => {
      const { revenue } = total(summed.groups).credit[model]
      return share(revenue, revenue + summed.unattributed.credit[model].revenue, 'no_revenue')
    },
  },
  cost_completeness: {
    id: 'M31',
    label: { en: 'Cost completeness', 'zh-CN': '成本完整率' },
    ...arithmetic('{costed} / {revenue} * 100'),
    unit: 'percent',
    parts: [COSTED, REVENUE],
    value: ({ sums, model }) => share(earned(sums, model), sums.credit[model].revenue, 'no_revenue'),
  },
  share: {
    id: 'M32',
    label: { en: 'Share of revenue', 'zh-CN': '渠道收入占比' },
    ...arithmetic('{revenue} / {attributed} * 100'),
    unit: 'percent',
    parts: [REVENUE, ATTRIBUTED],
    value: ({ sums, summed, model }) =>
      share(sums.credit[model].revenue, total(summed.groups).credit[model].revenue, 'no_revenue'),
  },
  spread: {
    id: 'M33',
    label: { en: 'Model spread', 'zh-CN': '模型分歧' },
    ...arithmetic('({highest} - {lowest}) / {cost} * 100'),
    unit: 'points',
    parts: [HIGHEST, LOWEST, COST],
    value: ({ sums }) => {
      // The ledger of a data-driven model knows that one only.
      if (RULE_MODELS.some((model) => !Object.hasOwn(sums.credit, model)))
        return { value: null, reason: 'not_enough_data' }
      const values = RULE_MODELS.map((model) => roi(earned(sums, model), sums.cost))
      const [first] = values
      if (!first || first.value === null) return first ?? { value: null, reason: 'no_cost' }
      const numbers = values.map(({ value }) => value ?? 0)
      return known(Math.max(...numbers) - Math.min(...numbers))
    },
  },
  first_revenue: layered('first', { en: 'Revenue of first deals', 'zh-CN': '首次成交收入' }),
  repurchase_revenue: layered('repurchase', { en: 'Revenue of repurchases', 'zh-CN': '复购收入' }),
  referral_revenue: layered('referral', { en: 'Revenue of referrals', 'zh-CN': '转介绍收入' }),
  leads: counts(LEADS, 'M8', 'lead'),
  mqls: counts(MQLS, 'M9', 'mql'),
  sqls: counts(SQLS, 'M9', 'sql'),
  opportunities: counts(OPPORTUNITIES, 'M9', 'opportunity'),
  won: counts(WON, 'M15', 'won'),
  new_customers: plain(
    NEW_CUSTOMERS,
    'M15',
    {
      en: 'first won deals of their customers, by weight',
      'zh-CN': '客户的首次成交按权重求和',
    },
    ({ sums, model }) => known(count(sums.credit[model].newCustomers)),
    'count',
  ),
} as const satisfies Record<string, Metric>
export type MetricId = keyof typeof METRICS
