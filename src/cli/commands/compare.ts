import type { Compare } from '../../api.ts'
import type { Locale } from '../../errors.ts'
import { defineCommand } from '../command.ts'
import { figuresFor } from '../figures.ts'
import { usage } from '../parse.ts'
import { table } from '../table.ts'
import { plain } from '../text.ts'

export default defineCommand({
  name: 'compare',
  usage: 'ID [--limit N] [--json]',
  summary: {
    en: "The CRM's own attribution of campaigns beside ours, model by model",
    'zh-CN': '逐模型对比 CRM 自有的活动归因与我们的归因',
  },
  notes: {
    en: 'ID is a connection, a connector or a title. All time; one request for each campaign and model.',
    'zh-CN': 'ID 可以是连接编号、连接器或名称。统计全部时间；每个活动、每个模型请求一次。',
  },
  examples: ['compare hubspot', 'compare hubspot --limit 50 --json'],
  options: {
    limit: {
      type: 'string',
      value: 'N',
      help: { en: 'campaigns, those with most revenue first (default 20)', 'zh-CN': '活动数，收入高的在前（默认 20）' },
    },
  },
  async run({ positionals, options, workspace, locale: asked, json, output, signal, open }) {
    const [connection, ...more] = positionals
    if (!connection || more.length > 0) {
      throw usage(
        'missing_connection',
        { en: 'compare needs one connection.', 'zh-CN': 'compare 需要一个连接。' },
        { en: 'Write "compare hubspot".', 'zh-CN': '请写成 “compare hubspot”。' },
      )
    }
    const locale = asked ?? output.locale
    const session = await open()
    const found = await session.call(
      'compare',
      { workspace, locale, connection, ...(options.limit && { limit: options.limit }) },
      { signal, progress() {} },
    )
    if (json) await output.json(found)
    else if (found.state === 'off') {
      const { message = '', remedy } = found.reason ?? {}
      const text = `${message} ${remedy ?? ''}`.trim()
      output.warn({ en: text, 'zh-CN': text })
    } else {
      await output.data(describe(found, locale))
      for (const note of found.notes) output.say({ en: `· ${note}`, 'zh-CN': `· ${note}` })
    }
    return 0
  },
})

const COLUMNS = {
  en: ['Campaign', 'Model', 'Ours', 'Theirs', 'Difference', '%'],
  'zh-CN': ['活动', '模型', '我们', '对方', '差额', '%'],
} as const
const TOTAL = { en: 'Total', 'zh-CN': '合计' } as const

function describe({ campaigns, totals, currency }: Compare, locale: Locale): string {
  const { count } = figuresFor(locale)
  const columns = COLUMNS[locale].map((title, i) => ({ title, ...(i > 1 && { align: 'right' as const }) }))
  const line = (name: string, { model, ours, theirs, difference, percent }: Compare['totals'][number]) => [
    plain(name),
    model,
    ours,
    theirs ?? '–',
    difference ?? '–',
    percent === null ? '–' : count(Math.round(percent * 10) / 10),
  ]
  const rows = [
    ...campaigns.flatMap(({ name, models }) => models.map((one) => line(name, one))),
    ...totals.map((one) => line(`${TOTAL[locale]} (${currency})`, one)),
  ]
  return table(columns, rows)
}
