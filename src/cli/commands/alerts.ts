import type { AlertRow, Alerts } from '../../api/budgets.ts'
import type { Locale } from '../../errors.ts'
import { defineCommand, type Options } from '../command.ts'
import { instant } from '../connections.ts'
import { actionOf, columnsOf } from '../entries.ts'
import { figuresFor } from '../figures.ts'
import { table } from '../table.ts'

const OPTIONS = {
  ended: { type: 'boolean', help: { en: 'with those that are over', 'zh-CN': '包含已结束的' } },
  note: { type: 'string', value: 'T', help: { en: 'ack: what was decided', 'zh-CN': 'ack：处理说明' } },
  limit: { type: 'string', value: 'N', help: { en: 'rows shown, up to 500', 'zh-CN': '显示行数，最多 500' } },
} as const satisfies Options

const ACTIONS = { list: [0, 0], ack: [1, 1] } as const

export default defineCommand({
  name: 'alerts',
  usage: '[list | ack ID --note T]',
  summary: { en: 'Budgets that crossed a threshold', 'zh-CN': '预算预警' },
  notes: {
    en: `One alert per crossing of 80 % and 100 % use and of pacing 0.9 to 1.1 (settings thresholds); it ends when the budget is inside again.
Budgets are looked at after every import, sync and change, and daily while "serve" runs. Pacing is watched from a tenth of the days on.`,
    'zh-CN': `执行率越过 80%、100% 或进度超出 0.9–1.1（设置 thresholds）时各预警一次；恢复后结束。
每次导入、同步、修改后以及 serve 运行期间每天检查。进度从过去十分之一的天数起检查。`,
  },
  examples: ['alerts', 'alerts ack alr_… --note "agreed with finance"', 'alerts --ended --json'],
  options: OPTIONS,
  async run({ positionals, options, workspace, locale: asked, json, output, open }) {
    const [action, id = ''] = actionOf('alerts', positionals, ACTIONS)
    const { ended = false, note, limit } = options
    const session = await open()
    const locale = asked ?? output.locale
    const scope = { workspace, locale }
    if (action === 'ack') {
      const done = await session.call('acknowledge_alert', { ...scope, id, note } as never)
      if (json) await output.json(done)
      else await output.data(rows([done], locale))
      return undefined
    }
    const found = await session.call('alerts', { ...scope, ended, limit } as never)
    if (json) await output.json(found)
    else await output.data(text(found, locale))
    return undefined
  },
})

function text({ top, rows: all }: Alerts, locale: Locale): string {
  const rest = all.filter(({ id }) => !top.some((one) => one.id === id))
  if (all.length === 0) return locale === 'en' ? 'No alerts.\n' : '没有预警。\n'
  return [top, rest]
    .filter((list) => list.length > 0)
    .map((list) => rows(list, locale))
    .join('\n')
}

function rows(list: readonly AlertRow[], locale: Locale): string {
  const { money } = figuresFor(locale)
  const titles =
    locale === 'en'
      ? ['Id', 'Since', 'Money>', '', 'What', 'Known to']
      : ['编号', '开始', '涉及金额>', '', '内容', '已知悉']
  return table(
    columnsOf(titles),
    list.map(({ id, began_at, ended_at, money: stake, currency, message, acknowledged }) => [
      id,
      instant(began_at, locale) + (ended_at === null ? '' : ` – ${instant(ended_at, locale)}`),
      money(stake),
      currency,
      message,
      acknowledged ? [acknowledged.by ?? '–', acknowledged.note].flatMap((part) => part ?? []).join(': ') : '',
    ]),
  )
}
