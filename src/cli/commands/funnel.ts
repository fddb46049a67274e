import type { Funnel, FunnelView, LostLeads } from '../../api/funnel.ts'
import type { Locale } from '../../errors.ts'
import { defineCommand, type Invocation, type Options } from '../command.ts'
import { columnsOf } from '../entries.ts'
import { type Figures, figuresFor } from '../figures.ts'
import { headline, languageOf, MODEL, noArguments, orReason, QUESTION } from '../questions.ts'
import { table } from '../table.ts'

const OPTIONS = {
  ...QUESTION,
  reading: {
    type: 'string',
    value: 'R',
    help: {
      en: 'cohort (leads created in the period, followed to the end; default) or period (what happened in it)',
      'zh-CN': 'cohort（期间内创建的线索，跟踪到底；默认）或 period（期间内发生的）',
    },
  },
  ...MODEL,
  lost: { type: 'boolean', help: { en: 'list the leads that were lost', 'zh-CN': '列出损耗的线索' } },
  key: {
    type: 'string',
    value: 'K',
    help: { en: 'with --lost: of this group of --by only', 'zh-CN': '与 --lost 合用：只看 --by 的这一组' },
  },
  offset: {
    type: 'string',
    value: 'N',
    help: { en: 'with --lost: first row to show', 'zh-CN': '与 --lost 合用：从第几行开始' },
  },
  limit: {
    type: 'string',
    value: 'N',
    help: { en: 'with --lost: rows to show (default 50)', 'zh-CN': '与 --lost 合用：显示行数（默认 50）' },
  },
} as const satisfies Options
type Call = Invocation<typeof OPTIONS>

export default defineCommand({
  name: 'funnel',
  usage: '[--by DIMENSION] [--reading cohort|period] [--lost [--key K]] [--from D] [--to D] [--json]',
  summary: {
    en: 'From lead to receipt: counts, rates, days, the largest drop, win rate, cycle, lost leads',
    'zh-CN': '从线索到回款：数量、转化率、天数、最大流失、赢单率、周期、线索损耗',
  },
  notes: {
    en: 'Reading cohort counts a lead at each step it reached, or passed: a deal may be won without an MQL. Reading period may\nrise from step to step. By group, leads and deals count with their weight under the model.',
    'zh-CN':
      'cohort 按线索到达或越过的每一步计数：商机可以不经 MQL 而成交。period 各步数量可能上升。\n分组时，线索和商机按模型权重计数。',
  },
  examples: [
    'funnel',
    'funnel --by channel --from 2026-01-01 --to 2026-04-01',
    'funnel --lost --by channel --key 展会',
  ],
  options: OPTIONS,
  run: (invocation) => run(invocation as Call),
})

async function run(call: Call): Promise<undefined> {
  const { positionals, options, workspace, locale, json, output, open } = call
  noArguments('funnel', positionals)
  const { by, from, to, model, reading, lost = false, key, offset, limit } = options
  const session = await open()
  const scope = { workspace, locale, by, from, to, model }
  if (lost) {
    const leads = await session.call('lost_leads', { ...scope, key, offset, limit } as object)
    return json
      ? output.json(leads).then(none)
      : output.data(lostTable(leads, await languageOf(call, session))).then(none)
  }
  const funnel = await session.call('funnel', { ...scope, reading } as object)
  if (json) await output.json(funnel)
  else await output.data(asText(funnel, await languageOf(call, session)))
  return undefined
}

const none = () => undefined

const STEPS = {
  en: ['Leads', 'MQL', 'SQL', 'Opportunities', 'Won', 'Receipts'],
  'zh-CN': ['线索', 'MQL', 'SQL', '商机', '成交', '回款'],
} as const
const WORDS = {
  en: {
    whole: ['Step', 'Count>', 'Of the step before>', 'Of the leads>', 'Median days>'],
    rates: [
      'Lead → opportunity (M10)',
      'Opportunity → won (M11)',
      'Win rate (M12)',
      'MQL rate (M13)',
      'MQL → SQL (M13)',
      'Sales cycle, mean and median days (M14)',
      'Lead loss (M26)',
      'Lead acceptance (M27)',
      'Velocity per day (M40)',
    ],
    wrong: 'dates in the wrong order, left out',
    rows: ['', ...STEPS.en.map((step) => `${step}>`), 'Opportunity → won>', 'Win rate>', 'Cycle>', 'Lead loss>'],
    lost: ['Contact', 'Source', 'Name', 'Lead since', 'Last touch', 'Why', 'Days>', 'Share>'],
    never: 'never',
    why: { dropped: 'dropped', untouched: 'untouched' },
    shown: 'shown',
  },
  'zh-CN': {
    whole: ['步骤', '数量>', '占上一步>', '占线索>', '天数中位数>'],
    rates: [
      '线索→商机（M10）',
      '商机→成交（M11）',
      '赢单率（M12）',
      'MQL 率（M13）',
      'MQL→SQL（M13）',
      '成交周期：平均与中位天数（M14）',
      '线索损耗率（M26）',
      '线索接受率（M27）',
      '每日销售速度（M40）',
    ],
    wrong: '日期先后颠倒，未计入',
    rows: ['', ...STEPS['zh-CN'].map((step) => `${step}>`), '商机→成交>', '赢单率>', '周期>', '线索损耗>'],
    lost: ['联系人', '来源', '名称', '成为线索', '最近触达', '原因', '天数>', '份额>'],
    never: '从未',
    why: { dropped: '被放弃', untouched: '无人触达' },
    shown: '显示',
  },
} as const

function asText(funnel: Funnel, locale: Locale): string {
  const words = WORDS[locale]
  const figures = figuresFor(locale)
  const { whole, rows, unattributed, query, currency } = funnel
  const wrong = whole.cycle.negative + whole.steps.reduce((sum, { negative_spans }) => sum + negative_spans, 0)
  const groups = unattributed ? [...rows, unattributed] : rows
  return [
    headline(query, query.reading, query.model, currency),
    table(columnsOf(words.whole), stepRows(whole, figures, locale)),
    whole.largest_drop ? `\n${whole.largest_drop.text}\n` : '',
    `\n${ratesOf(whole, figures)
      .map((value, i) => `${words.rates[i]}: ${value}\n`)
      .join('')}`,
    wrong > 0 ? `! ${words.wrong}: ${figures.count(wrong)}\n` : '',
    groups.length > 0
      ? `\n${table(
          columnsOf(words.rows),
          groups.map((view) => groupRow(view, figures)),
        )}`
      : '',
  ].join('')
}

function stepRows({ steps }: FunnelView, figures: Figures, locale: Locale): string[][] {
  const { count, percent, days } = figures
  return steps.map(({ count: number, step_rate, cumulative_rate, median_days, reasons }, i) => [
    STEPS[locale][i] ?? '',
    count(number),
    ...(i === 0
      ? []
      : [
          orReason(step_rate, percent, figures, reasons.step_rate),
          orReason(cumulative_rate, percent, figures, reasons.cumulative_rate),
          orReason(median_days, days, figures, reasons.median_days),
        ]),
  ])
}

function ratesOf(view: FunnelView, figures: Figures): string[] {
  const { percent, days, money } = figures
  const { reasons, cycle } = view
  const { mean_days, median_days } = cycle
  const rate = (field: 'lead_to_opportunity' | 'opportunity_to_won' | 'win_rate' | 'mql_rate' | 'mql_to_sql') =>
    orReason(view[field], percent, figures, reasons[field])
  return [
    rate('lead_to_opportunity'),
    rate('opportunity_to_won'),
    rate('win_rate'),
    rate('mql_rate'),
    rate('mql_to_sql'),
    [mean_days, median_days].map((value) => orReason(value, days, figures, reasons.cycle)).join(' · '),
    orReason(view.lead_loss.rate, percent, figures, reasons.lead_loss),
    orReason(view.acceptance.rate, percent, figures, reasons.acceptance),
    orReason(view.velocity, money, figures, reasons.velocity),
  ]
}

function groupRow(view: FunnelView, figures: Figures): string[] {
  const { count, days } = figures
  const [, toWon, winRate, , , , loss] = ratesOf(view, figures)
  const cycle = orReason(view.cycle.median_days, days, figures, view.reasons.cycle)
  return [view.label, ...view.steps.map((step) => count(step.count)), toWon!, winRate!, cycle, loss!]
}

function lostTable({ rows, count, query, lead_loss_days }: LostLeads, locale: Locale): string {
  const words = WORDS[locale]
  const figures = figuresFor(locale)
  const group = query.key === null ? [] : [`${query.by} ${query.key}`]
  return [
    headline(query, ...group, `${words.why.untouched} ≥ ${lead_loss_days}`),
    table(
      columnsOf(words.lost),
      rows.map(({ contact_id, source, name, lead_at, last_touch_at, why, days, weight }) => [
        contact_id,
        source,
        name ?? '',
        lead_at.slice(0, 10),
        last_touch_at?.slice(0, 10) ?? words.never,
        words.why[why],
        figures.count(days),
        figures.percent(weight * 100),
      ]),
    ),
    rows.length < count ? `… ${words.shown} ${rows.length} / ${count}\n` : '',
  ].join('')
}
