import type { MetricUnit, Reason } from '../../api.ts'
import type { Text } from '../../errors.ts'
import { summing, written } from '../dictionary.ts'
import type { Entry, Family, Shown } from './entry.ts'
import { REPORTED } from './entry.ts'
import { INPUT_LABELS } from './inputs.ts'

/** Metrics with formulas of their own outside the report: customers, funnel, delivery, influence, growth, budgets, quality. */

const SHOWN: Readonly<Record<Exclude<Family, 'report'>, Omit<Shown, 'field'>>> = {
  customers: { command: 'customers', route: 'GET /api/v1/customers' },
  funnel: { command: 'funnel', route: 'GET /api/v1/funnel' },
  delivery: { command: 'delivery', route: 'GET /api/v1/delivery' },
  influence: { command: 'influence', route: 'GET /api/v1/influence' },
  growth: { command: 'explain', route: 'GET /api/v1/panel' },
  budget: { command: 'budgets', route: 'GET /api/v1/budgets' },
  quality: { command: 'quality', route: 'GET /api/v1/quality/score' },
}

const ACQUIRED: Text = {
  en: 'Customers by the day of their first won deal, cost at its spend date.',
  'zh-CN': '客户按首次成交日，成本按发生日。',
}
const COHORT: Text = {
  en: 'Leads by their creation date, followed to the end.',
  'zh-CN': '线索按创建日，跟踪到底。',
}
const OPENED: Text = {
  en: 'Opportunities by their creation date, whenever they are decided.',
  'zh-CN': '商机按创建日，不论何时有结果。',
}
const SPENT: Text = { en: 'Cost at its spend date.', 'zh-CN': '成本按发生日。' }
const CLOSED: Text = { en: 'Won deals by their close date.', 'zh-CN': '成交按成交日。' }
const PLANNED: Text = { en: 'The days of the budget up to today.', 'zh-CN': '预算期间内截至今天。' }
const TODAY: Text = { en: 'The data as it is now.', 'zh-CN': '当前数据。' }
const MARGIN: Text = {
  en: 'In margin where product cost is known of at least 80 % of the revenue, else in revenue; the answer says which.',
  'zh-CN': '产品成本已知的收入达 80% 时按毛利计，否则按收入计；结果会注明。',
}
const NET: Text = { en: 'Net, in percent.', 'zh-CN': '净值，百分比。' }

interface Told {
  readonly id: string
  readonly label: Text
  readonly meaning: Text
  readonly expression: string
  readonly unit: MetricUnit
  readonly family: Exclude<Family, 'report'>
  readonly dates: Text
  readonly field: string
  readonly reasons: readonly Reason[]
  readonly revenue?: true
  readonly convention?: Text
}

function entry({ field, revenue, convention, ...told }: Told): Entry {
  const names = [...told.expression.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as keyof typeof INPUT_LABELS)
  const sum = told.expression === `{${names[0]}}`
  return {
    ...told,
    formula: sum ? summing(told.expression, { en: 'sum of the rows', 'zh-CN': '各行之和' }) : written(told.expression),
    inputs: [...new Set(names)].map((name) => ({ name, label: INPUT_LABELS[name] })),
    revenue: revenue === true,
    convention: convention ?? null,
    shown: { field, ...SHOWN[told.family] },
  }
}

const t = (en: string, zh: string): Text => ({ en, 'zh-CN': zh })
const CUSTOMERS = { family: 'customers', dates: ACQUIRED } as const
const FUNNEL = { family: 'funnel', dates: COHORT } as const

export const OTHER_ENTRIES = {
  contribution_roi: entry({
    ...{ id: 'M6', label: t('Contribution ROI', '边际贡献 ROI'), unit: 'percent', ...CUSTOMERS, dates: REPORTED },
    meaning: t('What came back above cost and product cost, per 100 of cost.', '扣除产品成本后的净回报率。'),
    expression: '({revenue} - {product_cost} - {cost}) / {cost} * 100',
    field: 'rows[].contribution_roi',
    reasons: ['no_cost', 'zero_cost', 'no_revenue', 'no_product_cost'],
    ...{ revenue: true, convention: NET },
  }),
  ltv_roi: entry({
    ...{ id: 'M7', label: t('LTV ROI', '长期 ROI'), unit: 'percent', ...CUSTOMERS },
    meaning: t(
      'What the customers acquired brought within the horizon, above their cost.',
      '获客在周期内的长期净回报率。',
    ),
    expression: '({ltv_revenue} - {cost}) / {cost} * 100',
    field: 'rows[].ltv_roi',
    reasons: ['no_cost', 'zero_cost'],
    ...{ revenue: true, convention: NET },
  }),
  ltv: entry({
    ...{ id: 'M16', label: t('Customer lifetime value (LTV)', '客户生命周期价值 LTV'), unit: 'money', ...CUSTOMERS },
    meaning: t('What one customer brought within the horizon.', '每个客户在周期内的贡献。'),
    expression: '{ltv_value} / {customers}',
    field: 'rows[].ltv',
    reasons: ['no_deals'],
    ...{ revenue: true, convention: MARGIN },
  }),
  ltv_predictive: entry({
    ...{ id: 'M16', label: t('LTV, predictive', '预测 LTV'), unit: 'money', ...CUSTOMERS },
    meaning: t(
      'Monthly margin per customer / monthly churn; the months cancel out.',
      '每客户月均贡献 ÷ 月流失率；月份相互约去。',
    ),
    expression: '{value_ever} / {left}',
    field: 'rows[].ltv_predictive',
    reasons: ['no_deals', 'no_churn'],
    ...{ revenue: true, convention: MARGIN },
  }),
  ltv_to_cac: entry({
    ...{ id: 'M17', label: t('LTV:CAC', 'LTV:CAC'), unit: 'ratio', ...CUSTOMERS },
    meaning: t('What a customer brings per unit of what he cost.', '每单位获客成本带来的客户价值。'),
    expression: '({ltv_value} / {customers}) / ({cost} / {customers})',
    field: 'rows[].ltv_to_cac',
    reasons: ['no_cost', 'zero_cost', 'no_deals'],
    ...{ revenue: true, convention: MARGIN },
  }),
  payback: entry({
    ...{ id: 'M18', label: t('Payback', '回本周期'), unit: 'months', ...CUSTOMERS },
    meaning: t(
      'Full months until what the customers brought reaches their cost.',
      '客户累计贡献达到获客成本所需的整月数。',
    ),
    expression: 'payback({ltv_value}, {cost})',
    field: 'rows[].payback_months',
    reasons: ['no_cost', 'no_deals', 'not_reached'],
    ...{ revenue: true, convention: MARGIN },
  }),
  repurchase_rate: entry({
    ...{ id: 'M19', label: t('Repurchase rate', '复购率'), unit: 'percent', ...CUSTOMERS },
    meaning: t(
      'Customers with two orders or more within the horizon; younger ones are left out.',
      '周期内有两次及以上订单的客户占比；未满周期者不计。',
    ),
    expression: '{repeated} / {mature} * 100',
    field: 'rows[].repurchase_rate',
    reasons: ['no_deals', 'not_enough_data'],
  }),
  gmv: entry({
    ...{ id: 'M37', label: t('Order amount (GMV)', '成交总额 GMV'), unit: 'money', ...CUSTOMERS, dates: CLOSED },
    meaning: t('Amount of won deals, whatever became of them later.', '成交金额合计，不论之后变化。'),
    ...{ expression: '{gmv}', field: 'rows[].gmv', reasons: [] },
  }),
  orders: entry({
    ...{ id: 'M37', label: t('Orders', '订单数'), unit: 'count', ...CUSTOMERS, dates: CLOSED },
    meaning: t('Won deals, whatever became of them later.', '成交数，不论之后变化。'),
    ...{ expression: '{orders}', field: 'rows[].orders', reasons: [] },
  }),
  gmv_growth: entry({
    ...{
      id: 'M37',
      label: t('Growth of order amount', '成交总额增长率'),
      unit: 'percent',
      ...CUSTOMERS,
      dates: CLOSED,
    },
    meaning: t('Against the period of equal length before.', '与上一等长期间相比。'),
    expression: '({gmv} - {previous_gmv}) / abs({previous_gmv}) * 100',
    ...{ field: 'rows[].growth.previous.gmv', reasons: ['no_prior'] },
  }),
  orders_growth: entry({
    ...{ id: 'M37', label: t('Growth of orders', '订单增长率'), unit: 'percent', ...CUSTOMERS, dates: CLOSED },
    meaning: t('Against the period of equal length before.', '与上一等长期间相比。'),
    expression: '({orders} - {previous_orders}) / abs({previous_orders}) * 100',
    ...{ field: 'rows[].growth.previous.orders', reasons: ['no_prior'] },
  }),
  lead_to_opportunity: entry({
    ...{ id: 'M10', label: t('Lead to opportunity', '线索到商机转化率'), unit: 'percent', ...FUNNEL },
    meaning: t('Leads that became opportunities, or went beyond.', '转为商机（或更后阶段）的线索占比。'),
    expression: '{lead_opportunities} / {leads} * 100',
    ...{ field: 'rows[].lead_to_opportunity', reasons: ['no_leads'] },
  }),
  opportunity_to_won: entry({
    ...{ id: 'M11', label: t('Opportunity to won', '商机转化率'), unit: 'percent', ...FUNNEL, dates: OPENED },
    meaning: t(
      'Opportunities that were won, of all; open ones are in the base.',
      '商机中成交的比例；未结商机计入分母。',
    ),
    expression: '{opened_won} / {opened} * 100',
    ...{ field: 'rows[].opportunity_to_won', reasons: ['no_opportunities'] },
  }),
  win_rate: entry({
    ...{ id: 'M12', label: t('Win rate', '赢单率'), unit: 'percent', ...FUNNEL, dates: OPENED },
    meaning: t('Won of those decided; open ones are in neither.', '已结商机中的成交比例；未结不计。'),
    expression: '{won} / ({won} + {lost}) * 100',
    ...{ field: 'rows[].win_rate', reasons: ['no_deals'] },
  }),
  mql_rate: entry({
    ...{ id: 'M13', label: t('MQL rate', 'MQL 率'), unit: 'percent', ...FUNNEL },
    meaning: t('Leads that became MQLs.', '成为 MQL 的线索占比。'),
    expression: '{mqls} / {leads} * 100',
    ...{ field: 'rows[].mql_rate', reasons: ['no_leads'] },
  }),
  mql_to_sql: entry({
    ...{ id: 'M13', label: t('MQL to SQL', 'MQL 到 SQL 转化率'), unit: 'percent', ...FUNNEL },
    meaning: t('MQLs that became SQLs.', 'MQL 成为 SQL 的比例。'),
    expression: '{sqls} / {mqls} * 100',
    ...{ field: 'rows[].mql_to_sql', reasons: ['no_mqls'] },
  }),
  sales_cycle: entry({
    ...{ id: 'M14', label: t('Sales cycle, median', '成交周期（中位数）'), unit: 'days', ...FUNNEL },
    meaning: t('Median days from lead to won.', '线索到成交的天数中位数。'),
    expression: 'median({spans})',
    ...{ field: 'rows[].cycle.median_days', reasons: ['no_deals'] },
  }),
  sales_cycle_mean: entry({
    ...{ id: 'M14', label: t('Sales cycle, mean', '平均成交周期'), unit: 'days', ...FUNNEL },
    meaning: t(
      'Mean days from lead to won; a deal whose lead came after it is left out.',
      '线索到成交的平均天数；线索晚于成交者不计。',
    ),
    expression: '{cycle_days} / {cycle_deals}',
    ...{ field: 'rows[].cycle.mean_days', reasons: ['no_deals'] },
  }),
  lead_loss: entry({
    ...{ id: 'M26', label: t('Lead loss', '线索损耗率'), unit: 'percent', ...FUNNEL },
    meaning: t(
      'Leads dropped by sales, or untouched for some days, before they became an SQL.',
      '成为 SQL 前被放弃或久未触达的线索占比。',
    ),
    expression: '{lost_leads} / {leads} * 100',
    ...{ field: 'rows[].lead_loss.rate', reasons: ['no_leads'] },
  }),
  lead_acceptance: entry({
    ...{ id: 'M27', label: t('Lead acceptance', '线索接受率'), unit: 'percent', ...FUNNEL },
    meaning: t('Leads that sales accepted, of those it decided on.', '销售接受的线索占已反馈线索的比例。'),
    expression: '{accepted} / ({accepted} + {rejected}) * 100',
    ...{ field: 'rows[].acceptance.rate', reasons: ['no_feedback'] },
  }),
  velocity: entry({
    ...{ id: 'M40', label: t('Velocity', '销售速度'), unit: 'money_per_day', ...FUNNEL, dates: OPENED },
    meaning: t(
      'Opportunities x win rate x mean amount / cycle: money per day.',
      '商机数 × 赢单率 × 平均金额 ÷ 周期：每日金额。',
    ),
    expression: '{opened} * ({won} / ({won} + {lost})) * ({won_amount} / {won}) / ({cycle_days} / {cycle_deals})',
    ...{ field: 'rows[].velocity', reasons: ['no_opportunities', 'no_deals', 'not_enough_data'] },
  }),
  ctr: entry({
    ...{ id: 'M24', label: t('Click rate (CTR)', '点击率 CTR'), unit: 'percent', family: 'delivery', dates: SPENT },
    meaning: t('Clicks of impressions.', '展示中的点击比例。'),
    ...{ expression: '{clicks} / {impressions} * 100', field: 'rows[].ctr', reasons: ['no_impressions'] },
  }),
  cpc: entry({
    ...{
      id: 'M24',
      label: t('Cost per click (CPC)', '单次点击成本 CPC'),
      unit: 'money',
      family: 'delivery',
      dates: SPENT,
    },
    meaning: t('What one click cost, of costs that tell clicks.', '每次点击的成本（仅含有点击数据的支出）。'),
    ...{ expression: '{clicked_for} / {clicks}', field: 'rows[].cpc', reasons: ['no_clicks'] },
  }),
  cpm: entry({
    ...{
      id: 'M24',
      label: t('Cost per thousand impressions (CPM)', '千次展示成本 CPM'),
      unit: 'money',
      family: 'delivery',
      dates: SPENT,
    },
    meaning: t(
      'What a thousand impressions cost, of costs that tell them.',
      '每千次展示的成本（仅含有展示数据的支出）。',
    ),
    ...{ expression: '{shown_for} / {impressions} * 1000', field: 'rows[].cpm', reasons: ['no_impressions'] },
  }),
  exposure_per_cost: entry({
    ...{
      id: 'M25',
      label: t('Exposure per cost', '单位成本曝光'),
      unit: 'per_money',
      family: 'delivery',
      dates: SPENT,
    },
    meaning: t('Impressions per unit of currency.', '每单位货币的展示次数。'),
    ...{ expression: '{impressions} / {cost}', field: 'rows[].exposure_per_cost', reasons: ['no_cost', 'zero_cost'] },
  }),
  new_users_per_cost: entry({
    ...{
      id: 'M25',
      label: t('New users per cost', '单位成本新增用户'),
      unit: 'per_money',
      family: 'delivery',
      dates: SPENT,
    },
    meaning: t('People first known in the period per unit of currency.', '每单位货币带来的新增用户。'),
    ...{ expression: '{leads} / {cost}', field: 'rows[].new_users_per_cost', reasons: ['no_cost', 'zero_cost'] },
  }),
  assists: entry({
    ...{ id: 'M39', label: t('Assists', '助攻数'), unit: 'count', family: 'influence', dates: CLOSED },
    meaning: t(
      'Won deals that the group touched while the last touch is elsewhere; they do not add up.',
      '该组触达但末次触点在他处的成交；不可相加。',
    ),
    ...{ expression: '{assists}', field: 'assists.rows[].won', reasons: [] },
  }),
  first_share: entry({
    ...{
      id: 'M39',
      label: t('Share of first touches', '首次触点占比'),
      unit: 'percent',
      family: 'influence',
      dates: CLOSED,
    },
    meaning: t('Touches of won deals that began a journey of several.', '开启多触点旅程的触点占比。'),
    ...{ expression: '{first} / {touches} * 100', field: 'assists.rows[].first', reasons: ['no_deals'] },
  }),
  middle_share: entry({
    ...{
      id: 'M39',
      label: t('Share of middle touches', '中间触点占比'),
      unit: 'percent',
      family: 'influence',
      dates: CLOSED,
    },
    meaning: t('Touches of won deals between the first and the last.', '首末之间的触点占比。'),
    ...{ expression: '{middle} / {touches} * 100', field: 'assists.rows[].middle', reasons: ['no_deals'] },
  }),
  last_share: entry({
    ...{
      id: 'M39',
      label: t('Share of last touches', '末次触点占比'),
      unit: 'percent',
      family: 'influence',
      dates: CLOSED,
    },
    meaning: t('Touches of won deals that ended a journey of several.', '结束多触点旅程的触点占比。'),
    ...{ expression: '{last} / {touches} * 100', field: 'assists.rows[].last', reasons: ['no_deals'] },
  }),
  growth: entry({
    ...{ id: 'M21', label: t('Growth of revenue', '收入增长率'), unit: 'percent', family: 'growth', dates: REPORTED },
    meaning: t('Attributed revenue against the period of equal length before.', '归因收入与上一等长期间相比。'),
    expression: '({revenue} - {previous}) / abs({previous}) * 100',
    ...{ field: 'kpis', reasons: ['no_prior'], revenue: true },
  }),
  roi_change: entry({
    ...{ id: 'M21', label: t('Change of ROI', 'ROI 变化'), unit: 'points', family: 'growth', dates: REPORTED },
    meaning: t('Net ROI less that of the period before, in percentage points.', '净 ROI 与上期之差（百分点）。'),
    expression: '({costed} - {cost}) / {cost} * 100 - ({previous_costed} - {previous_cost}) / {previous_cost} * 100',
    ...{
      field: 'kpis',
      reasons: ['no_cost', 'zero_cost', 'no_prior'],
      revenue: true,
      convention: t('Points of net ROI.', '净 ROI 的百分点。'),
    },
  }),
  budget_use: entry({
    ...{ id: 'M22', label: t('Budget use', '预算执行率'), unit: 'percent', family: 'budget', dates: PLANNED },
    meaning: t('How much of the budget is spent.', '预算已支出的比例。'),
    ...{ expression: '{actual} / {budget} * 100', field: 'rows[].use', reasons: ['no_budget', 'fx_missing'] },
  }),
  pacing: entry({
    ...{ id: 'M22', label: t('Pacing', '预算进度'), unit: 'ratio', family: 'budget', dates: PLANNED },
    meaning: t(
      'Use of the budget against the days that are over; 1 = as evenly as the days go by.',
      '预算使用与时间进度之比；1 为同步。',
    ),
    expression: '({actual} / {budget}) / ({days_over} / {days})',
    ...{ field: 'rows[].pacing', reasons: ['no_budget', 'not_enough_data', 'not_started', 'fx_missing'] },
  }),
  budget_forecast: entry({
    ...{ id: 'M23', label: t('Budget forecast', '预算预测'), unit: 'money', family: 'budget', dates: PLANNED },
    meaning: t('What will be spent if it goes on as it does, along the plan.', '按目前速度和计划曲线预计的总支出。'),
    expression: '{actual} * {plan_whole} / {plan_over}',
    ...{ field: 'rows[].forecast', reasons: ['no_budget', 'not_enough_data', 'not_started'] },
  }),
  data_quality: entry({
    ...{ id: 'M38', label: t('Data-quality score', '数据质量分'), unit: 'index', family: 'quality', dates: TODAY },
    meaning: t(
      '0 to 100: the mean of the sides of quality, each the mean of its checks.',
      '0 到 100：各质量维度得分的平均，维度为其检查项的平均。',
    ),
    expression: '({completeness} + {validity} + {uniqueness} + {timeliness} + {linkage}) / 5',
    ...{
      field: 'score',
      reasons: ['not_enough_data'],
      convention: t('Sides without any record to check are left out of the mean.', '没有可检查记录的维度不计入平均。'),
    },
  }),
} as const satisfies Record<string, Entry>
