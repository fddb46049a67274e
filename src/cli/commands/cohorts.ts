import type { Cohorts } from '../../api/customers.ts'
import type { Locale } from '../../errors.ts'
import { defineCommand, type Options } from '../command.ts'
import { columnsOf } from '../entries.ts'
import { figuresFor } from '../figures.ts'
import { BASIS, headline, languageOf, MODEL, noArguments, orReason, QUESTION } from '../questions.ts'
import { table } from '../table.ts'

const OPTIONS = {
  ...QUESTION,
  key: {
    type: 'string',
    value: 'K',
    help: {
      en: 'customers of this group of --by only (default channel)',
      'zh-CN': '只看 --by（默认 channel）这一组的客户',
    },
  },
  ...MODEL,
  ...BASIS,
  months: {
    type: 'string',
    value: 'N',
    help: {
      en: 'columns, 1 to 120 (default: settings ltv_months)',
      'zh-CN': '列数，1 到 120（默认：设置 ltv_months）',
    },
  },
} as const satisfies Options

export default defineCommand({
  name: 'cohorts',
  usage: '[--by DIMENSION --key K] [--months N] [--basis R] [--from D] [--to D] [--json]',
  summary: {
    en: 'What the customers of each month brought since, and when they paid back the cost of the month',
    'zh-CN': '各月新客户此后累计带来的金额，以及何时收回当月成本',
  },
  notes: {
    en: 'Columns are full months since each customer was acquired; one that has not passed for all of them is empty. The table is\ncumulative; --json has each month as well.',
    'zh-CN': '列为每位客户获客后的整月数；尚未对所有客户结束的月份留空。表中为累计值；--json 另含每月数值。',
  },
  examples: ['cohorts', 'cohorts --key 展会 --from 2025-01-01 --months 6'],
  options: OPTIONS,
  async run(call) {
    const { positionals, options, workspace, locale, json, output, open } = call
    noArguments('cohorts', positionals)
    const { by, key, from, to, model, basis, months } = options
    const session = await open()
    const ask = { workspace, locale, by, key, from, to, model, revenue_basis: basis, months }
    const answer = await session.call('cohorts', ask as object)
    if (json) await output.json(answer)
    else await output.data(asText(answer, await languageOf(call, session)))
    return undefined
  },
})

const WORDS = {
  en: {
    columns: ['Acquired', 'Customers>', 'Cost>', 'Payback>'],
    basis: { margin: 'cumulative margin', revenue: 'cumulative revenue: product cost is known of less than 80 %' },
  },
  'zh-CN': {
    columns: ['获客月份', '客户>', '成本>', '回本（月）>'],
    basis: { margin: '累计毛利', revenue: '累计收入：产品成本已知部分不足 80%' },
  },
} as const

function asText({ query, currency, basis, rows }: Cohorts, locale: Locale): string {
  const words = WORDS[locale]
  const figures = figuresFor(locale)
  const { money, count } = figures
  const group = query.key === null ? [] : [`${query.by} ${query.key}`]
  const months = Array.from({ length: query.months }, (_, month) => `${month}>`)
  return [
    headline(query, ...group, query.model, currency, query.revenue_basis, words.basis[basis]),
    table(
      columnsOf([...words.columns, ...months]),
      rows.map(({ cohort, customers, cost, payback_month, reasons, cells }) => [
        cohort,
        count(customers),
        money(cost),
        orReason(payback_month, count, figures, reasons.payback_month),
        ...cells.map((cell) => {
          const value = basis === 'margin' ? cell.cumulative_margin : cell.cumulative_revenue
          return value === null ? '' : money(value)
        }),
      ]),
    ),
  ].join('')
}
