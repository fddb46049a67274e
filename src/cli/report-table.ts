import type { Bounds, Report, Row } from '../api.ts'
import type { Locale } from '../errors.ts'
import { type Figures, figuresFor } from './figures.ts'
import { table } from './table.ts'

const WORDS = {
  en: {
    columns: ['', 'Cost', 'Leads', 'CPL', 'Won', 'New customers', 'CAC', 'Revenue', 'ROI', 'Ratio'],
    unattributed: 'Unattributed',
    uncosted: 'credit without a known cost, outside ROI',
    immature: 'so far: the period is younger than the median sales cycle (days)',
    without: 'left out, no exchange rate: costs',
    and: 'deals',
    closed: 'closed months, as they were locked',
    share: 'Revenue share',
    dataSet: (journeys: string, won: string) =>
      `${journeys} journeys, ${won} of them won; every deal is split by what they say of its channels`,
    check: 'attributed + unattributed = CRM',
    ok: 'reconciles',
    wrong: 'DOES NOT RECONCILE',
  },
  'zh-CN': {
    columns: ['', '投入成本', '线索', 'CPL', '成交', '新客户', 'CAC', '收入', 'ROI', '投产比'],
    unattributed: '未归因',
    uncosted: '无成本的归因收入（不计入 ROI）',
    immature: '截至目前：该期间短于成交周期中位数（天）',
    without: '因缺少汇率未计入：费用',
    and: '商机',
    closed: '已关账月份（使用锁定的数字）',
    share: '收入占比',
    dataSet: (journeys: string, won: string) =>
      `${journeys} 条旅程，其中 ${won} 条成交；每笔成交按旅程得出的渠道贡献分配`,
    check: '归因 + 未归因 = CRM',
    ok: '对账一致',
    wrong: '对账不一致',
  },
} as const

/** A report as people read it on a terminal. */
export function asTable(report: Report, locale: Locale): string {
  const words = WORDS[locale]
  const figures = figuresFor(locale)
  const { query, currency, unattributed, reconciliation, uncosted, maturity, fx_missing, data_set } = report
  const { money, count } = figures
  const own = Object.values(report.total.custom ?? {}).map(({ label }) => label)
  const drawn = report.rows.some(({ interval }) => interval)
  const columns = [...words.columns, ...(drawn ? [words.share] : []), ...own].map((title, i) => ({
    title,
    align: i === 0 ? ('left' as const) : ('right' as const),
  }))
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
  const basis = [query.revenue_basis, query.date_basis].join(' · ')
  const where = (query.where ?? []).map(({ dimension, is }) => ` · ${dimension}: ${is.join(', ')}`).join('')
  return [
    `${query.workspace} · ${query.model} · ${currency} · ${basis}${period}${where}\n\n`,
    table(
      columns,
      report.rows.map((row) => cells(row, figures, drawn)),
      [cells(report.total, figures, drawn), outside],
    ),
    data_set ? `\n${words.dataSet(count(data_set.journeys), count(data_set.conversions))}\n` : '',
    `\n${ok ? '✓' : '✗'} ${ok ? words.ok : words.wrong}: ${words.check}: ${sum} ${currency}\n`,
    /[1-9]/.test(uncosted.revenue)
      ? `! ${words.uncosted}: ${money(uncosted.revenue)} ${currency} (${uncosted.places.map(({ label }) => label).join(', ')}${uncosted.count > uncosted.places.length ? ' …' : ''})\n`
      : '',
    report.closed ? `* ${words.closed}: ${report.closed.join(', ')}\n` : '',
    maturity.immature && maturity.cycle_days !== null ? `! ${words.immature}: ${count(maturity.cycle_days)}\n` : '',
    fx_missing.costs + fx_missing.deals > 0
      ? `! ${words.without} ${fx_missing.costs}, ${words.and} ${fx_missing.deals}\n`
      : '',
  ].join('')
}

function cells(row: Row, figures: Figures, drawn: boolean): string[] {
  const { money, count, percent, ratio, missing } = figures
  const { reasons, interval } = row
  const share = interval?.revenue_share
  return [
    row.label2 === undefined ? row.label : `${row.label} · ${row.label2}`,
    money(row.cost),
    count(row.leads),
    row.cpl === null ? missing(reasons.cpl) : money(row.cpl),
    count(row.won) + (interval ? range(interval.conversions, count) : ''),
    count(row.new_customers),
    row.cac === null ? missing(reasons.cac) : money(row.cac),
    money(row.revenue),
    row.roi === null ? missing(reasons.roi) : percent(row.roi),
    row.ratio === null ? missing(reasons.ratio) : ratio(row.ratio),
    ...(drawn ? [share ? percent(share.estimate) + range(share, percent) : ''] : []),
    ...Object.values(row.custom ?? {}).map((own) => ownCell(own, figures)),
  ]
}

function range({ low, high }: Bounds, format: (value: number) => string): string {
  return ` (${format(low)}–${format(high)})`
}

/** A metric of the workspace's own. */
function ownCell({ unit, value, reason }: NonNullable<Row['custom']>[string], figures: Figures): string {
  if (value === null) return figures.missing(reason)
  if (typeof value === 'string') return figures.money(value)
  if (unit === 'percent' || unit === 'points') return figures.percent(value)
  return unit === 'ratio' || unit === 'per_money' ? figures.ratio(value) : figures.count(value)
}
