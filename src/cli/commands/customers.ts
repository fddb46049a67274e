import type { Customers, CustomersRow, CustomersWhole } from '../../api/customers.ts'
import type { Locale } from '../../errors.ts'
import { defineCommand, type Options } from '../command.ts'
import { columnsOf } from '../entries.ts'
import { type Figures, figuresFor } from '../figures.ts'
import { BASIS, headline, languageOf, MODEL, noArguments, orReason, QUESTION } from '../questions.ts'
import { table } from '../table.ts'

const OPTIONS = {
  ...QUESTION,
  ...MODEL,
  ...BASIS,
  compare: {
    type: 'string',
    value: 'UNIT',
    help: {
      en: 'growth against: period (of equal length, default), or the week, month, quarter, year before, cut to the same days',
      'zh-CN': '环比对象：period（等长的上期，默认），或上一 week、month、quarter、year（截取相同天数）',
    },
  },
} as const satisfies Options

export default defineCommand({
  name: 'customers',
  usage: '[--by DIMENSION] [--model M] [--basis R] [--compare UNIT] [--from D] [--to D] [--json]',
  summary: {
    en: 'Customers acquired: LTV, LTV:CAC, payback, repurchase, ROI short and long, layers, orders',
    'zh-CN': '新客户：LTV、LTV:CAC、回本周期、复购率、短期与长期 ROI、收入分层、订单',
  },
  notes: {
    en: 'LTV is margin where product cost is known of 80 % of the revenue, else revenue; horizon: settings ltv_months. A customer counts\nwhere his first won deal got its credit, with all he brings later. Predicted LTV needs customers who left (settings churn_days).',
    'zh-CN':
      'LTV 在产品成本已知部分达到收入的 80% 时按毛利计，否则按收入计；期限见设置 ltv_months。\n客户及其后续贡献归于首单获得归因之处。预测 LTV 需要有已流失的客户（设置 churn_days）。',
  },
  examples: [
    'customers',
    'customers --by channel --from 2025-01-01 --to 2026-01-01',
    'customers --compare quarter --json',
  ],
  options: OPTIONS,
  async run(call) {
    const { positionals, options, workspace, locale, json, output, open } = call
    noArguments('customers', positionals)
    const { by, from, to, model, basis, compare } = options
    const session = await open()
    const ask = { workspace, locale, by, from, to, model, revenue_basis: basis, compare }
    const answer = await session.call('customers', ask as object)
    if (json) await output.json(answer)
    else await output.data(asText(answer, await languageOf(call, session)))
    return undefined
  },
})

const WORDS = {
  en: {
    columns: [
      '',
      'Customers>',
      'CAC>',
      'LTV>',
      'Predicted>',
      'LTV:CAC>',
      'Payback>',
      'Repurchase>',
      'ROI>',
      'LTV ROI>',
      'Contribution>',
    ],
    money: ['', 'Revenue>', 'First deal>', 'Repurchase>', 'Referral>', 'GMV>', 'Orders>', 'Growth>', 'On last year>'],
    horizon: 'horizon (months)',
    basis: { margin: 'LTV is margin', revenue: 'LTV is revenue: product cost is known of less than 80 %' },
    immature: 'so far: some customers are younger than the horizon',
    without: 'left out, no exchange rate: costs',
    and: 'deals',
  },
  'zh-CN': {
    columns: [
      '',
      '客户>',
      'CAC>',
      'LTV>',
      '预测>',
      'LTV:CAC>',
      '回本（月）>',
      '复购率>',
      'ROI>',
      '长期 ROI>',
      '边际贡献>',
    ],
    money: ['', '收入>', '首次成交>', '复购>', '转介绍>', 'GMV>', '订单>', '环比>', '同比>'],
    horizon: '期限（月）',
    basis: { margin: 'LTV 按毛利计', revenue: 'LTV 按收入计：产品成本已知部分不足 80%' },
    immature: '截至目前：部分客户未满期限',
    without: '因缺少汇率未计入：费用',
    and: '成交',
  },
} as const

function asText(answer: Customers, locale: Locale): string {
  const words = WORDS[locale]
  const figures = figuresFor(locale)
  const { query, currency, rows, total, unattributed, whole, fx_missing } = answer
  const feet: CustomersWhole[] = [total, unattributed, whole]
  return [
    headline(query, query.model, currency, query.revenue_basis, `${words.horizon} ${answer.horizon_months}`),
    table(
      columnsOf(words.columns),
      rows.map((row) => worthRow(row, figures)),
      feet.map((row) => worthRow(row, figures)),
    ),
    '\n',
    table(
      columnsOf(words.money),
      rows.map((row) => moneyRow(row, figures)),
      feet.map((row) => moneyRow(row, figures)),
    ),
    `\n${words.basis[answer.ltv_basis]}\n`,
    answer.immature ? `! ${words.immature}\n` : '',
    fx_missing.costs + fx_missing.deals > 0
      ? `! ${words.without} ${fx_missing.costs}, ${words.and} ${fx_missing.deals}\n`
      : '',
  ].join('')
}

function worthRow(row: CustomersWhole | CustomersRow, figures: Figures): string[] {
  const { money, count, percent, ratio } = figures
  const { reasons } = row
  const returns = (['roi', 'ltv_roi', 'contribution_roi'] as const).map((field) =>
    field in row ? orReason((row as CustomersRow)[field], percent, figures, reasons[field]) : '',
  )
  return [
    row.label,
    count(row.customers),
    orReason(row.cac, money, figures, reasons.cac),
    orReason(row.ltv, money, figures, reasons.ltv),
    orReason(row.ltv_predictive, money, figures, reasons.ltv_predictive),
    orReason(row.ltv_to_cac, ratio, figures, reasons.ltv_to_cac),
    orReason(row.payback_months, count, figures, reasons.payback_months),
    orReason(row.repurchase_rate, percent, figures, reasons.repurchase_rate),
    ...returns,
  ]
}

function moneyRow({ label, revenue, layers, gmv, orders, growth }: CustomersWhole, figures: Figures): string[] {
  const { money, count, percent } = figures
  const change = (against: CustomersWhole['growth']['previous']) =>
    orReason(against?.gmv.growth ?? null, percent, figures, against?.gmv.reason ?? 'no_prior')
  return [
    label,
    money(revenue),
    money(layers.first),
    money(layers.repurchase),
    money(layers.referral),
    money(gmv),
    count(orders),
    change(growth.previous),
    change(growth.last_year),
  ]
}
