import type { Report, Row } from '../../api.ts'
import type { Locale } from '../../errors.ts'
import { defineCommand, type Options } from '../command.ts'
import { type Figures, figuresFor } from '../figures.ts'
import { table } from '../table.ts'

/** Options that `report` and `explain` share. */
export const PERIOD = {
  model: {
    type: 'string',
    value: 'M',
    help: { en: 'attribution model (default: the workspace setting)', 'zh-CN': '归因模型（默认：工作区设置）' },
  },
  from: { type: 'string', value: 'D', help: { en: 'first day, such as 2026-01-01', 'zh-CN': '首日，如 2026-01-01' } },
  to: {
    type: 'string',
    value: 'D',
    help: { en: 'first day after the period', 'zh-CN': '结束日（不含当日）' },
  },
} as const satisfies Options

export default defineCommand({
  name: 'report',
  usage: '[--by DIMENSION] [--model M] [--from D] [--to D] [--json]',
  summary: {
    en: 'Cost, leads, customers, revenue and ROI by channel, campaign …',
    'zh-CN': '按渠道、活动等列出成本、线索、客户、收入与 ROI',
  },
  examples: ['report', 'report --by campaign --model time_decay --from 2026-01-01 --to 2026-07-01', 'report --json'],
  options: {
    by: {
      type: 'string',
      value: 'DIMENSION',
      help: {
        en: 'channel (default), campaign, type, region, product_line, department, month',
        'zh-CN': 'channel（默认）、campaign、type、region、product_line、department、month',
      },
    },
    ...PERIOD,
    'date-basis': {
      type: 'string',
      value: 'B',
      help: { en: 'close (default), created, touch, cohort', 'zh-CN': 'close（默认）、created、touch、cohort' },
    },
  },
  async run({ options, workspace, locale, json, output, open }) {
    const session = await open()
    const ask = {
      workspace,
      locale,
      by: options.by,
      model: options.model,
      from: options.from,
      to: options.to,
      date_basis: options['date-basis'],
    }
    const report = await session.call('report', ask as object)
    if (json) await output.json(report)
    else
      await output.data(
        asTable(report, locale ?? ((await session.call('settings', { workspace })).settings.locale as Locale)),
      )
    return undefined
  },
})

const WORDS = {
  en: {
    columns: ['', 'Cost', 'Leads', 'CPL', 'Won', 'New customers', 'CAC', 'Revenue', 'ROI', 'Ratio'],
    unattributed: 'Unattributed',
    uncosted: 'credit without cost',
    check: 'attributed + unattributed = CRM',
    ok: 'reconciles',
    wrong: 'DOES NOT RECONCILE',
  },
  'zh-CN': {
    columns: ['', '投入成本', '线索', 'CPL', '成交', '新客户', 'CAC', '收入', 'ROI', '投产比'],
    unattributed: '未归因',
    uncosted: '无成本的归因收入',
    check: '归因 + 未归因 = CRM',
    ok: '对账一致',
    wrong: '对账不一致',
  },
} as const

function asTable(report: Report, locale: Locale): string {
  const words = WORDS[locale]
  const figures = figuresFor(locale)
  const { query, currency, unattributed, reconciliation, uncosted } = report
  const { money, count } = figures
  const columns = words.columns.map((title, i) => ({ title, align: i === 0 ? ('left' as const) : ('right' as const) }))
  const outside = [
    words.unattributed,
    '',
    count(unattributed.leads),
    '',
    count(unattributed.won),
    count(unattributed.new_customers),
    '',
    money(unattributed.revenue),
  ]
  const { attributed, crm, ok } = reconciliation
  const sum = `${money(attributed)} + ${money(reconciliation.unattributed)} = ${money(crm)}`
  const period = query.from || query.to ? ` · ${query.from ?? '…'} – ${query.to ?? '…'}` : ''
  return [
    `${query.workspace} · ${query.model} · ${currency}${period}\n\n`,
    table(
      columns,
      report.rows.map((row) => cells(row, figures)),
      [cells(report.total, figures), outside],
    ),
    `\n${ok ? '✓' : '✗'} ${ok ? words.ok : words.wrong}: ${words.check}: ${sum} ${currency}\n`,
    /[1-9]/.test(uncosted.revenue) ? `! ${words.uncosted}: ${money(uncosted.revenue)} ${currency}\n` : '',
  ].join('')
}

function cells(row: Row, { money, count, percent, ratio, missing }: Figures): string[] {
  const { reasons } = row
  return [
    row.label,
    money(row.cost),
    count(row.leads),
    row.cpl === null ? missing(reasons.cpl) : money(row.cpl),
    count(row.won),
    count(row.new_customers),
    row.cac === null ? missing(reasons.cac) : money(row.cac),
    money(row.revenue),
    row.roi === null ? missing(reasons.roi) : percent(row.roi),
    row.ratio === null ? missing(reasons.ratio) : ratio(row.ratio),
  ]
}
