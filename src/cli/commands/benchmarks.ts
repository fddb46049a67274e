import type { Benchmarks } from '../../api/governance.ts'
import type { Locale } from '../../errors.ts'
import { defineCommand, type Invocation, type Options } from '../command.ts'
import { usage } from '../parse.ts'
import { table } from '../table.ts'
import { plain } from '../text.ts'

const text = (value: string, en: string, zh: string) => ({ type: 'string', value, help: { en, 'zh-CN': zh } }) as const

const OPTIONS = {
  metric: text('M', 'metric it is about, such as roi, cac, win_rate', '适用的指标，如 roi、cac、win_rate'),
  low: text('N', 'the value, or the lower end of a range', '基准值，或区间下限'),
  high: text('N', 'the upper end of a range', '区间上限'),
  convention: text(
    'C',
    'what it is measured in: net, ratio, percent, days, months, money',
    '口径：net、ratio、percent、days、months、money',
  ),
  currency: text('CODE', 'of money', '金额的币种'),
  industry: text('I', 'only for workspaces of this industry', '仅适用于该行业的工作区'),
  channels: text('C,C', 'only for these channels', '仅适用于这些渠道'),
  types: text('T,T', 'only for these kinds of campaign', '仅适用于这些活动类型'),
  source: text('TEXT', 'who says so', '来源出处'),
  note: text('TEXT', 'more about it', '备注'),
  reason: text('TEXT', 'why, kept with the version of the configuration', '原因，随配置版本保存'),
  channel: text('C', 'for list: what applies to this channel', '用于 list：该渠道适用的基准'),
  type: text('T', 'for list: what applies to this kind of campaign', '用于 list：该活动类型适用的基准'),
} as const satisfies Options
type Call = Invocation<typeof OPTIONS>

export default defineCommand({
  name: 'benchmarks',
  usage: 'list | set NAME --metric M --low N --convention C --source TEXT | remove NAME | reset NAME',
  summary: {
    en: 'Reference values by metric and industry, each with its convention and source',
    'zh-CN': '各指标、行业的参考基准，均注明口径与来源',
  },
  notes: {
    en: 'A benchmark without a convention is not saved. What applies is shown in the convention of the workspace: net % = (ratio − 1) × 100.\nreset brings back one that the program comes with.',
    'zh-CN':
      '未写明口径的基准不会保存。适用的基准按工作区口径显示：净 ROI % =（投产比 − 1）× 100。\nreset 恢复程序自带的基准。',
  },
  examples: [
    'benchmarks list --channel google_ads',
    'benchmarks set roi_ads --metric roi --low 2.2 --convention ratio --channels google_ads,meta_ads --source "2026 survey"',
    'benchmarks set cac_saas --metric cac --low 3000 --convention money --currency CNY --industry saas --source "own estimate"',
    'benchmarks remove roi_content',
  ],
  options: OPTIONS,
  run: (invocation) => benchmarks(invocation as Call),
})

async function benchmarks(invocation: Call): Promise<undefined> {
  const { positionals, options, workspace, output, json, open } = invocation
  const [action = 'list', name, ...more] = positionals
  if (more.length > 0 || (action === 'list') !== (name === undefined)) throw badUsage()
  const { channel, type, reason, channels, types, ...given } = options
  const session = await open()
  const why = reason === undefined ? {} : { reason }
  let found: Benchmarks
  if (name === undefined) {
    found = await session.call('benchmarks', { workspace, ...(channel && { channel }), ...(type && { type }) })
  } else if (action === 'set') {
    const { metric, low, high, convention, currency, industry, source, note } = given
    const lists = { channels: listOf(channels), types: listOf(types) }
    const ask = { workspace, name, metric, low, high, convention, currency, industry, source, note, ...lists, ...why }
    found = await session.call('set_benchmark', ask as never)
  } else if (action === 'remove' || action === 'reset') {
    found = await session.call('remove_benchmark', { workspace, name, reset: action === 'reset', ...why })
  } else throw badUsage()
  if (json) await output.json(found)
  else await output.data(describe(found, output.locale))
  return undefined
}

const WORDS = {
  en: {
    library: ['Name', 'Metric', 'Value', 'Convention', 'For', 'Source'],
    applied: ['Metric', 'Applies', 'Convention', 'From'],
    all: 'all',
    threshold: 'threshold of the settings',
    own: 'own median of 12 months',
    head: 'What applies',
  },
  'zh-CN': {
    library: ['名称', '指标', '数值', '口径', '适用范围', '来源'],
    applied: ['指标', '适用值', '口径', '依据'],
    all: '全部',
    threshold: '设置中的阈值',
    own: '自身近 12 个月中位数',
    head: '当前适用',
  },
} as const

function describe({ benchmarks: all, applied, industry }: Benchmarks, locale: Locale): string {
  const words = WORDS[locale]
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 })
  const range = ({ low, high, currency }: { low: number; high: number | null; currency: string | null }) =>
    [number.format(low), ...(high === null ? [] : [number.format(high)])].join('–') + (currency ? ` ${currency}` : '')
  const columns = (titles: readonly string[]) => titles.map((title) => ({ title }))
  const rows = all.map((one) => [
    one.name,
    one.metric,
    range(one),
    one.convention,
    [one.industry, ...one.channels, ...one.types].filter((part) => part !== null).join(', ') || words.all,
    plain(one.source),
  ])
  const now = applied.map((one) => [
    one.metric,
    range(one),
    one.convention,
    one.from === 'benchmark' ? plain(one.name ?? '') : words[one.from],
  ])
  return [
    table(columns(words.library), rows),
    `\n${words.head}${industry === null ? '' : ` (${plain(industry)})`}\n`,
    table(columns(words.applied), now),
  ].join('')
}

function listOf(list: string | undefined): string[] {
  return (list ?? '')
    .split(/[,，]/)
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

function badUsage() {
  return usage(
    'bad_benchmarks_command',
    {
      en: 'benchmarks needs "list", "set NAME", "remove NAME" or "reset NAME".',
      'zh-CN': 'benchmarks 需要 list、set 名称、remove 名称 或 reset 名称。',
    },
    { en: 'See "roi-panel benchmarks --help".', 'zh-CN': '请查看 “roi-panel benchmarks --help”。' },
  )
}
