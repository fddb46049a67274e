import type { Delivery, DeliveryRow } from '../../api/delivery.ts'
import type { Locale } from '../../errors.ts'
import { defineCommand, type Options } from '../command.ts'
import { columnsOf } from '../entries.ts'
import { type Figures, figuresFor } from '../figures.ts'
import { headline, languageOf, MODEL, noArguments, orReason, QUESTION } from '../questions.ts'
import { table } from '../table.ts'

const OPTIONS = { ...QUESTION, ...MODEL } as const satisfies Options

export default defineCommand({
  name: 'delivery',
  usage: '[--by DIMENSION] [--model M] [--from D] [--to D] [--json]',
  summary: {
    en: 'Impressions and clicks for the money: CTR, CPC, CPM, exposure and new users per cost',
    'zh-CN': '投放效果：曝光、点击、CTR、CPC、CPM、每单位成本的曝光与新增用户',
  },
  examples: ['delivery', 'delivery --by campaign --from 2026-01-01 --to 2026-02-01 --json'],
  options: OPTIONS,
  async run(call) {
    const { positionals, options, workspace, locale, json, output, open } = call
    noArguments('delivery', positionals)
    const { by, from, to, model } = options
    const session = await open()
    const answer = await session.call('delivery', { workspace, locale, by, from, to, model } as object)
    if (json) await output.json(answer)
    else await output.data(asText(answer, await languageOf(call, session)))
    return undefined
  },
})

const WORDS = {
  en: {
    columns: [
      '',
      'Cost>',
      'Impressions>',
      'Clicks>',
      'CTR>',
      'CPC>',
      'CPM>',
      'Leads>',
      'Exposure per cost>',
      'New users per cost>',
    ],
    without: 'left out, no exchange rate',
  },
  'zh-CN': {
    columns: [
      '',
      '投入成本>',
      '曝光>',
      '点击>',
      'CTR>',
      'CPC>',
      'CPM>',
      '线索>',
      '每单位成本曝光>',
      '每单位成本新增用户>',
    ],
    without: '因缺少汇率未计入',
  },
} as const

function asText({ query, currency, rows, total, fx_missing }: Delivery, locale: Locale): string {
  const words = WORDS[locale]
  const figures = figuresFor(locale)
  return [
    headline(query, query.by, query.model, currency),
    table(
      columnsOf(words.columns),
      rows.map((row) => cells(row, figures)),
      [cells(total, figures)],
    ),
    fx_missing > 0 ? `! ${words.without}: ${fx_missing}\n` : '',
  ].join('')
}

function cells(row: DeliveryRow, figures: Figures): string[] {
  const { money, count, percent, ratio } = figures
  const { reasons } = row
  return [
    row.label,
    money(row.cost),
    count(row.impressions),
    count(row.clicks),
    orReason(row.ctr, percent, figures, reasons.ctr),
    orReason(row.cpc, money, figures, reasons.cpc),
    orReason(row.cpm, money, figures, reasons.cpm),
    count(row.leads),
    orReason(row.exposure_per_cost, ratio, figures, reasons.exposure_per_cost),
    orReason(row.new_users_per_cost, ratio, figures, reasons.new_users_per_cost),
  ]
}
