import type { Dictionary } from '../../api/dictionary.ts'
import { defineCommand } from '../command.ts'
import { usage } from '../parse.ts'
import { languageOf } from '../questions.ts'
import { table } from '../table.ts'

const WORDS = {
  en: {
    id: 'No.',
    name: 'Name',
    label: 'Metric',
    unit: 'Unit',
    formula: 'Formula',
    dates: 'Dates',
    convention: 'Convention',
    basis: 'Revenue basis',
    reasons: 'n/a when',
    shown: 'Shown in',
    benchmark: 'Benchmark',
    version: 'Configuration',
  },
  'zh-CN': {
    id: '编号',
    name: '名称',
    label: '指标',
    unit: '单位',
    formula: '公式',
    dates: '时间口径',
    convention: '读法',
    basis: '收入口径',
    reasons: '不适用原因',
    shown: '所在位置',
    benchmark: '基准',
    version: '配置版本',
  },
} as const

export default defineCommand({
  name: 'dictionary',
  usage: '[METRIC] [--json]',
  summary: {
    en: 'What every number means: formula, unit, dates, convention, benchmark',
    'zh-CN': '每个数字的含义：公式、单位、时间口径、读法、基准',
  },
  examples: ['dictionary', 'dictionary roi', 'dictionary M16 --json'],
  options: {},
  async run(call) {
    const { positionals, workspace, locale, json, output, open } = call
    const [metric, ...more] = positionals
    if (more.length > 0) throw oneMetric()
    const session = await open()
    const found = await session.call('dictionary', { workspace, ...(locale && { locale }), ...(metric && { metric }) })
    if (json) await output.json(found)
    else await output.data(asText(found, metric !== undefined, WORDS[await languageOf(call, session)]))
    return undefined
  },
})

type Words = (typeof WORDS)[keyof typeof WORDS]

function asText({ metrics, config_version }: Dictionary, whole: boolean, words: Words): string {
  if (!whole) {
    const columns = [words.id, words.name, words.label, words.unit, words.formula].map((title) => ({ title }))
    return table(
      columns,
      metrics.map(({ id, name, label, unit, formula }) => [id, name, label, unit, formula]),
    )
  }
  const blocks = metrics.map((one) => {
    const { benchmark, shown } = one
    const lines = [
      [words.formula, `${one.formula}  (${one.expression})`],
      [words.unit, one.unit],
      [words.dates, one.dates],
      [words.convention, one.convention],
      [words.basis, one.revenue_basis],
      [words.reasons, one.reasons.join(', ')],
      [words.shown, `roi-panel ${shown.command}, ${shown.route}, ${shown.field}`],
      [
        words.benchmark,
        benchmark &&
          `${[benchmark.low, benchmark.high].filter((x) => x !== null).join('–')} ${benchmark.convention} (${benchmark.source ?? benchmark.from})`,
      ],
      [words.version, String(config_version)],
    ].filter(([, value]) => value)
    return `${one.id} ${one.label} · ${one.name}\n${one.meaning}\n${lines.map(([name, value]) => `  ${name}: ${value}\n`).join('')}`
  })
  return blocks.join('\n')
}

function oneMetric() {
  return usage(
    'too_many_metrics',
    { en: 'dictionary takes one metric.', 'zh-CN': 'dictionary 只接受一个指标。' },
    {
      en: 'Try "dictionary roi", or "dictionary" for all.',
      'zh-CN': '例如 “dictionary roi”，或 “dictionary” 查看全部。',
    },
  )
}
