import type { Metrics } from '../../api/governance.ts'
import type { Locale } from '../../errors.ts'
import { authorText } from '../authors.ts'
import { defineCommand, type Invocation, type Options } from '../command.ts'
import { usage } from '../parse.ts'
import { table } from '../table.ts'
import { plain } from '../text.ts'

const OPTIONS = {
  label: {
    type: 'string',
    value: 'TEXT',
    help: { en: 'what people see (default: the name)', 'zh-CN': '显示名称（默认同名称）' },
  },
  reason: {
    type: 'string',
    value: 'TEXT',
    help: { en: 'why, kept with the version of the configuration', 'zh-CN': '原因，随配置版本保存' },
  },
} as const satisfies Options
type Call = Invocation<typeof OPTIONS>

export default defineCommand({
  name: 'metrics',
  usage: 'list | add NAME EXPRESSION | remove NAME',
  summary: {
    en: 'Metrics of your own over those there are, in every report',
    'zh-CN': '用已有指标自定义新指标，并显示在报表中',
  },
  notes: {
    en: 'An EXPRESSION takes names or numbers of metrics (revenue, M1), numbers, + - * /, comparisons, && ||, min, max, abs, round, if.\nUnits are checked before it is saved; what is n/a makes it n/a. Totals come from sums, never from ratios of rows.',
    'zh-CN':
      '表达式可使用指标名称或编号（revenue、M1）、数字、+ - * /、比较运算、&& ||、min、max、abs、round、if。\n保存前会检查单位；任一指标不适用时结果也不适用。合计由总和计算，不对各行比率求平均。',
  },
  examples: [
    'metrics list',
    'metrics add margin_per_lead "(revenue - cost) / leads" --label "Margin per lead"',
    'metrics add safe_roi "if(cost > 1000, roi, 0 * roi)"',
    'metrics remove margin_per_lead',
  ],
  options: OPTIONS,
  run: (invocation) => metrics(invocation as Call),
})

async function metrics(invocation: Call): Promise<undefined> {
  const { positionals, options, workspace, locale, json, output, open } = invocation
  const [action = 'list', name, expression, ...more] = positionals
  const count = positionals.length
  if (action === 'list' && count <= 1) {
    const found = await (await open()).call('metrics', { workspace, locale: locale ?? output.locale })
    if (json) await output.json(found)
    else await output.data(describe(found, output.locale))
    return undefined
  }
  const why = options.reason === undefined ? {} : { reason: options.reason }
  if (action === 'add' && name !== undefined && expression !== undefined && more.length === 0) {
    const { label = null } = options
    const saved = await (await open()).call('set_metric', { workspace, name, expression, label, ...why })
    if (json) await output.json(saved)
    else
      output.say({
        en: `${saved.name} = ${saved.expression} [${saved.unit}]`,
        'zh-CN': `${saved.name} = ${saved.expression} [${saved.unit}]`,
      })
    return undefined
  }
  if (action === 'remove' && name !== undefined && count === 2) {
    const gone = await (await open()).call('remove_metric', { workspace, name, ...why })
    if (json) await output.json(gone)
    else output.say({ en: `${gone.name} is removed.`, 'zh-CN': `已删除 ${gone.name}。` })
    return undefined
  }
  throw badUsage()
}

const WORDS = {
  en: {
    own: ['Own metric', 'Label', 'Unit', 'Expression', 'Version', 'By'],
    names: ['Name', 'Number', 'Unit', 'Meaning'],
  },
  'zh-CN': {
    own: ['自定义指标', '显示名称', '单位', '表达式', '版本', '操作者'],
    names: ['名称', '编号', '单位', '含义'],
  },
} as const

function describe({ custom, names }: Metrics, locale: Locale): string {
  const words = WORDS[locale]
  const columns = (titles: readonly string[]) => titles.map((title) => ({ title }))
  const own = custom.map(({ name, label, unit, expression, version, author }) => [
    name,
    plain(label ?? '–'),
    unit,
    plain(expression),
    String(version),
    authorText(author, locale),
  ])
  const list = names.map(({ name, id, unit, label }) => [name, id, unit, label])
  return [...(own.length > 0 ? [table(columns(words.own), own), '\n'] : []), table(columns(words.names), list)].join('')
}

function badUsage() {
  return usage(
    'bad_metrics_command',
    { en: 'metrics needs "list", "add" or "remove".', 'zh-CN': 'metrics 需要 list、add 或 remove。' },
    {
      en: 'Write: metrics add NAME "(revenue - cost) / leads"',
      'zh-CN': '例如：metrics add 名称 "(revenue - cost) / leads"',
    },
  )
}
