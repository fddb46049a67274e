import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Explain } from '../../api.ts'
import type { Locale } from '../../errors.ts'
import { defineCommand, type Invocation, type Options, type Values } from '../command.ts'
import { figuresFor } from '../figures.ts'
import { usage } from '../parse.ts'
import { table } from '../table.ts'
import { PERIOD, READING, readingOf } from './report.ts'

/** `--channel K` for `--by channel --key K`, and so on. */
const GROUPS = {
  channel: group('channel', '渠道'),
  campaign: group('campaign', '营销活动'),
  type: group('type', '类型'),
  region: group('region', '区域'),
  'product-line': group('product line', '产品线'),
  department: group('department', '部门'),
  month: group('month', '月份'),
  parent: group('top campaign', '顶层活动'),
  tier: group('tier', '预算层级'),
  brand: group('class (performance or brand)', '类别（效果或品牌）'),
  online: group('side (online or offline)', '线上或线下'),
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
  ...READING,
  deal: { type: 'string', value: 'ID', help: { en: 'with credit: the deal', 'zh-CN': '与 credit 合用：商机 ID' } },
  source: {
    type: 'string',
    value: 'S',
    help: {
      en: 'with credit: source of the deal, where several have it',
      'zh-CN': '与 credit 合用：商机的来源（多个来源都有时）',
    },
  },
  proof: {
    type: 'string',
    value: 'FILE',
    help: {
      en: 'write every row behind the number, to compute it again elsewhere',
      'zh-CN': '将全部明细写入文件，供独立复算',
    },
  },
  offset: { type: 'string', value: 'N', help: { en: 'first row to show', 'zh-CN': '从第几行开始显示' } },
  limit: { type: 'string', value: 'N', help: { en: 'rows to show (default 50)', 'zh-CN': '显示行数（默认 50）' } },
} as const satisfies Options

function group(en: string, zh: string) {
  return { type: 'string', value: 'K', help: { en: `the number of this ${en}`, 'zh-CN': `该${zh}的数字` } } as const
}

export default defineCommand({
  name: 'explain',
  usage: 'METRIC [--channel K | --campaign K | … | --by DIMENSION --key K] [--model M] [--proof FILE] [--json]',
  summary: {
    en: 'How a number comes about: formula, inputs, rows behind it',
    'zh-CN': '解释一个数字：公式、输入项及其明细',
  },
  notes: {
    en: 'METRIC: a name of "roi-panel dictionary", such as roi, cpl, ltv, win_rate; credit with --deal ID lists the touches of a deal.\nOf budgets --key is the id of one. A proof is checked with: node src/reports/verify-proof.mjs FILE',
    'zh-CN':
      'METRIC：“roi-panel dictionary” 中的名称，如 roi、cpl、ltv、win_rate；credit 加 --deal ID 列出商机的触点。\n预算指标的 --key 为预算 ID。证明文件的核对：node src/reports/verify-proof.mjs FILE',
  },
  examples: [
    'explain roi',
    'explain cpl --channel 展会',
    'explain revenue --campaign EXPO-2026 --json',
    'explain credit --deal D-1',
  ],
  options: OPTIONS,
  async run(invocation) {
    const { positionals, options, workspace, locale, json, output, open } = invocation
    const [metric, ...more] = positionals
    if (!metric || more.length > 0) throw oneMetric()
    if (metric === 'credit') return credit(invocation)
    const session = await open()
    const ask = {
      workspace,
      locale,
      metric,
      ...groupOf(options),
      ...readingOf(options),
      model: options.model,
      from: options.from,
      to: options.to,
    }
    if (options.proof !== undefined) {
      const proof = await session.call('proof', ask as Parameters<typeof session.call<'proof'>>[1])
      await writeFile(resolve(options.proof), `${JSON.stringify(proof)}\n`)
      return undefined
    }
    const page = { ...ask, offset: options.offset, limit: options.limit }
    const explained = await session.call('explain', page as Parameters<typeof session.call<'explain'>>[1])
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

/** `explain credit --deal ID`. */
async function credit({
  options,
  workspace,
  locale,
  json,
  output,
  open,
}: Invocation<typeof OPTIONS>): Promise<undefined> {
  if (options.deal === undefined) throw noDeal()
  const session = await open()
  const ask = { workspace, locale, deal: options.deal, source: options.source, model: options.model }
  const found = await session.call('explain_credit', ask as Parameters<typeof session.call<'explain_credit'>>[1])
  if (json) {
    await output.json(found)
    return undefined
  }
  const { deal, model, amount, original, currency, path, total, touches } = found
  const rate = original ? ` · ${original.amount} ${original.currency} × ${original.rate ?? '-'} (${original.day})` : ''
  const titles = ['at', 'id', 'channel', 'campaign', 'position', 'rule', 'weight', 'amount', 'why_not']
  const rows = touches.map((touch) => [
    touch.at,
    touch.id,
    touch.channel,
    touch.campaign ?? '',
    String(touch.position ?? ''),
    touch.rule.join('+'),
    touch.weight.toFixed(6),
    touch.amount,
    touch.why_not ?? '',
  ])
  const columns = titles.map((title) => ({ title }))
  const head = `${deal.name ?? deal.id} · ${model} · ${amount ?? 'n/a'} ${currency}${rate}\n${path.from ?? ''} … ${path.to}\n`
  await output.data(`${head}${table(columns, rows)}\nΣ ${total.weight} · ${total.amount} ${currency}\n`)
  return undefined
}

function noDeal() {
  return usage(
    'missing_deal',
    { en: 'explain credit needs a deal.', 'zh-CN': 'explain credit 需要一个商机。' },
    { en: 'Give --deal ID.', 'zh-CN': '请填写 --deal ID。' },
  )
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
