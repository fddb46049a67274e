import type { Explain } from '../../api.ts'
import type { Locale } from '../../errors.ts'
import { defineCommand, type Options, type Values } from '../command.ts'
import { figuresFor } from '../figures.ts'
import { usage } from '../parse.ts'
import { table } from '../table.ts'
import { PERIOD } from './report.ts'

/** `--channel K` for `--by channel --key K`, and so on. */
const GROUPS = {
  channel: group('channel', '渠道'),
  campaign: group('campaign', '营销活动'),
  type: group('type', '类型'),
  region: group('region', '区域'),
  'product-line': group('product line', '产品线'),
  department: group('department', '部门'),
  month: group('month', '月份'),
} as const satisfies Options

const OPTIONS = {
  by: { type: 'string', value: 'DIMENSION', help: { en: 'dimension of --key', 'zh-CN': '--key 所属的维度' } },
  key: {
    type: 'string',
    value: 'K',
    help: { en: 'row of the report; none = the total', 'zh-CN': '报表中的行；不填为合计' },
  },
  ...GROUPS,
  ...PERIOD,
  offset: { type: 'string', value: 'N', help: { en: 'first row to show', 'zh-CN': '从第几行开始显示' } },
  limit: { type: 'string', value: 'N', help: { en: 'rows to show (default 50)', 'zh-CN': '显示行数（默认 50）' } },
} as const satisfies Options

function group(en: string, zh: string) {
  return { type: 'string', value: 'K', help: { en: `the number of this ${en}`, 'zh-CN': `该${zh}的数字` } } as const
}

export default defineCommand({
  name: 'explain',
  usage: 'METRIC [--channel K | --campaign K | … | --by DIMENSION --key K] [--model M] [--json]',
  summary: {
    en: 'How a number comes about: formula, inputs, rows behind it',
    'zh-CN': '解释一个数字：公式、输入项及其明细',
  },
  notes: {
    en: 'METRIC: roi, ratio, cost, revenue, cpl, cac, leads, won … (an unknown one lists them all)',
    'zh-CN': 'METRIC：roi、ratio、cost、revenue、cpl、cac、leads、won 等（输入未知名称会列出全部）',
  },
  examples: ['explain roi', 'explain cpl --channel 展会', 'explain revenue --campaign EXPO-2026 --json'],
  options: OPTIONS,
  async run({ positionals, options, workspace, locale, json, output, open }) {
    const [metric, ...more] = positionals
    if (!metric || more.length > 0) throw oneMetric()
    const session = await open()
    const ask = {
      workspace,
      locale,
      metric,
      ...groupOf(options),
      model: options.model,
      from: options.from,
      to: options.to,
      offset: options.offset,
      limit: options.limit,
    }
    const explained = await session.call('explain', ask as Parameters<typeof session.call<'explain'>>[1])
    if (json) await output.json(explained)
    else {
      const { settings } = await session.call('settings', { workspace })
      await output.data(asText(explained, locale ?? (settings.locale as Locale)))
    }
    return undefined
  },
})

function groupOf(options: Values<typeof OPTIONS>): { by?: string | undefined; key?: string | undefined } {
  const given = (Object.keys(GROUPS) as (keyof typeof GROUPS)[]).filter((name) => options[name] !== undefined)
  const [name] = given
  if (!name) return { by: options.by, key: options.key }
  if (given.length > 1 || options.by || options.key) {
    throw usage(
      'two_groups',
      { en: 'A number belongs to one row.', 'zh-CN': '一个数字只属于一行。' },
      {
        en: `Give one of ${Object.keys(GROUPS)
          .map((known) => `--${known}`)
          .join(', ')}, or --by with --key.`,
        'zh-CN': `请只给出 ${Object.keys(GROUPS)
          .map((known) => `--${known}`)
          .join('、')} 之一，或 --by 与 --key。`,
      },
    )
  }
  return { by: name.replace('-', '_'), key: options[name] }
}

function oneMetric() {
  return usage(
    'missing_metric',
    { en: 'explain needs one metric.', 'zh-CN': 'explain 需要一个指标。' },
    { en: 'Try "explain roi".', 'zh-CN': '例如 “explain roi”。' },
  )
}

const WORDS = {
  en: { formula: 'Formula', rows: 'rows', shown: 'shown', total: 'total' },
  'zh-CN': { formula: '公式', rows: '行', shown: '显示', total: '合计' },
} as const

function asText(explained: Explain, locale: Locale): string {
  const words = WORDS[locale]
  const { money, count, percent, ratio, missing } = figuresFor(locale)
  const { unit, value, reason, currency, query, inputs, configuration } = explained
  const write = (value: string | number) => {
    if (typeof value === 'string') return `${money(value)} ${currency}`
    return unit === 'percent' ? percent(value) : unit === 'ratio' ? ratio(value) : count(value)
  }
  const lines = [
    `${explained.id} ${explained.label} · ${query.by} ${query.key ?? words.total} · ${query.model}`,
    `= ${value === null ? missing(reason) : write(value)}`,
    '',
    `${words.formula}: ${explained.formula}`,
    `  = ${explained.substituted}`,
    '',
  ]
  for (const input of inputs) {
    const amount = typeof input.value === 'string' ? `${money(input.value)} ${currency}` : count(input.value)
    lines.push(`${input.label} (${input.name}): ${amount} · ${count(input.count)} ${words.rows}`)
    const [first] = input.rows
    if (first) {
      const columns = Object.entries(first).map(([title, cell]) => ({
        title,
        align: typeof cell === 'number' ? ('right' as const) : ('left' as const),
      }))
      const rows = input.rows.map((row) => columns.map(({ title }) => String(row[title] ?? '')))
      lines.push(table(columns, rows))
      if (input.rows.length < input.count) lines.push(`… ${words.shown} ${input.rows.length} / ${input.count}`, '')
    }
  }
  lines.push(
    Object.entries(configuration)
      .map(([name, setting]) => `${name}=${setting ?? '-'}`)
      .join(' · '),
  )
  return `${lines.join('\n')}\n`
}
