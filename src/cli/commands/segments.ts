import type { SavedSegments, Segments } from '../../api/segments.ts'
import type { Locale } from '../../errors.ts'
import { Filter } from '../../model/rules.ts'
import { defineCommand, type Invocation, type Options } from '../command.ts'
import { figuresFor } from '../figures.ts'
import { usage } from '../parse.ts'
import { table } from '../table.ts'
import { plain } from '../text.ts'
import { PERIOD, READING, readingOf } from './report.ts'

const OPTIONS = {
  ...PERIOD,
  ...READING,
  reason: {
    type: 'string',
    value: 'TEXT',
    help: { en: 'why, kept with the version of the configuration', 'zh-CN': '原因，随配置版本保存' },
  },
} as const satisfies Options
type Call = Invocation<typeof OPTIONS>

export default defineCommand({
  name: 'segments',
  usage: '[report] | list | set NAME --where DIMENSION:VALUE|VALUE … | remove NAME',
  summary: {
    en: 'Parts of the data under a name, and what came back of each',
    'zh-CN': '为数据的一部分命名，并查看各部分的回报',
  },
  notes: {
    en: 'A segment is a list of conditions that must all hold. Segments may overlap: then what two share is stated, and their sum is no total.\n"report --segment NAME" shows one of them by channel, campaign …',
    'zh-CN':
      '分群是一组须同时满足的条件。分群之间可以重叠：此时会列出重叠部分，各分群之和不等于合计。\n“report --segment 名称” 可按渠道、活动等查看某个分群。',
  },
  examples: [
    'segments',
    'segments set "Paid search" --where "channel:google_ads|baidu_ads"',
    'segments set "Offline East" --where online:offline --where region:East',
    'segments remove "Paid search"',
  ],
  options: OPTIONS,
  run: (invocation) => segments(invocation as Call),
})

async function segments({ positionals, options, workspace, locale, json, output, open }: Call): Promise<undefined> {
  const [action = 'report', name, ...more] = positionals
  if (more.length > 0) throw badUsage()
  const why = options.reason === undefined ? {} : { reason: options.reason }
  if (action === 'report' && name === undefined) {
    const { model, from, to } = options
    const ask = { workspace, locale, model, from, to, ...readingOf(options) }
    const found = await (await open()).call('segments', ask as object)
    if (json) await output.json(found)
    else await output.data(asTable(found, locale ?? output.locale))
    return undefined
  }
  const session = await open()
  let all: SavedSegments
  if (action === 'list' && name === undefined) all = await session.call('saved_segments', { workspace })
  else if (action === 'set' && name !== undefined) {
    const where = (options.where ?? []).map(conditionOf)
    if (where.length === 0) throw badUsage()
    all = await session.call('set_segment', { workspace, name, where, ...why })
  } else if (action === 'remove' && name !== undefined) {
    all = await session.call('remove_segment', { workspace, name, ...why })
  } else throw badUsage()
  if (json) await output.json(all)
  else await output.data(listed(all, output.locale))
  return undefined
}

/** `channel:google_ads|baidu_ads` as a condition. */
function conditionOf(text: string): Filter[number] {
  const [dimension = '', ...rest] = text.split(':')
  const is = rest
    .join(':')
    .split('|')
    .filter((value) => value !== '')
  const parsed = Filter.element.safeParse({ dimension, is })
  if (parsed.success) return parsed.data
  throw usage(
    'bad_condition',
    { en: `This is no condition: ${text.slice(0, 80)}`, 'zh-CN': `条件无效：${text.slice(0, 80)}` },
    {
      en: `Write DIMENSION:VALUE|VALUE with one of: ${Filter.element.shape.dimension.options.join(', ')}.`,
      'zh-CN': `请写成 维度:值|值，维度可为：${Filter.element.shape.dimension.options.join('、')}。`,
    },
  )
}

const WORDS = {
  en: {
    columns: ['Segment', 'Cost', 'Leads', 'Won', 'Revenue', 'ROI', 'Ratio'],
    overlap: 'in both',
    saved: ['Segment', 'Conditions'],
  },
  'zh-CN': {
    columns: ['分群', '投入成本', '线索', '成交', '收入', 'ROI', '投产比'],
    overlap: '两者都有',
    saved: ['分群', '条件'],
  },
} as const

function asTable({ rows, total, overlaps, currency }: Segments, locale: Locale): string {
  const words = WORDS[locale]
  const { money, count, percent, ratio, missing } = figuresFor(locale)
  const cells = (row: (typeof rows)[number]) => [
    plain(row.label),
    money(row.cost),
    count(row.leads),
    count(row.won),
    money(row.revenue),
    row.roi === null ? missing(row.reasons.roi) : percent(row.roi),
    row.ratio === null ? missing(row.reasons.ratio) : ratio(row.ratio),
  ]
  const columns = words.columns.map((title, i) => ({ title, align: i === 0 ? ('left' as const) : ('right' as const) }))
  const shared = overlaps.map(
    ({ segments: [one, other], revenue }) =>
      `! ${plain(one)} & ${plain(other)}: ${money(revenue)} ${currency} ${words.overlap}\n`,
  )
  return [table(columns, rows.map(cells), [cells(total)]), ...(shared.length > 0 ? ['\n', ...shared] : [])].join('')
}

function listed(all: SavedSegments, locale: Locale): string {
  const columns = WORDS[locale].saved.map((title) => ({ title }))
  return table(
    columns,
    all.map(({ name, where }) => [
      plain(name),
      where.map(({ dimension, is }) => `${dimension}: ${is.map(plain).join(', ')}`).join(' · '),
    ]),
  )
}

function badUsage() {
  return usage(
    'bad_segments_command',
    {
      en: 'segments needs "report", "list", "set" or "remove".',
      'zh-CN': 'segments 需要 report、list、set 或 remove。',
    },
    {
      en: 'Write: segments set NAME --where channel:google_ads',
      'zh-CN': '例如：segments set 名称 --where channel:google_ads',
    },
  )
}
