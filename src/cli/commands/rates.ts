import type { ExchangeRate } from '../../api/costs.ts'
import type { Locale } from '../../errors.ts'
import { defineCommand, type Options } from '../command.ts'
import { actionOf, columnsOf } from '../entries.ts'
import { table } from '../table.ts'

const OPTIONS = {
  currency: { type: 'string', value: 'C', help: { en: 'list: either side', 'zh-CN': 'list：任一侧的币种' } },
  reason: { type: 'string', value: 'T', help: { en: 'why, kept in the trail', 'zh-CN': '原因，记入变更记录' } },
  limit: { type: 'string', value: 'N', help: { en: 'rows shown, up to 500', 'zh-CN': '显示行数，最多 500' } },
  offset: { type: 'string', value: 'N', help: { en: 'rows to skip', 'zh-CN': '跳过的行数' } },
} as const satisfies Options

const ACTIONS = { list: [0, 0], set: [4, 4], remove: [3, 3] } as const

export default defineCommand({
  name: 'rates',
  usage: '[list | set DATE FROM TO RATE | remove DATE FROM TO]',
  summary: { en: 'Exchange rates of files, sources and by hand', 'zh-CN': '汇率：查看全部，手工录入' },
  notes: {
    en: 'A rate says what one FROM is worth in TO from that day on, until the next day that has one. Money without a rate is in no\nfigure and is counted as left out; it is never taken as 1.',
    'zh-CN':
      '汇率表示自该日起 1 单位 FROM 折合多少 TO，直到下一个有汇率的日期。没有汇率的金额不计入任何数字，并单独计数；绝不按 1 计算。',
  },
  examples: [
    'rates --currency USD',
    'rates set 2026-01-01 USD CNY 7.10',
    'rates remove 2026-01-01 USD CNY --reason "wrong"',
  ],
  options: OPTIONS,
  async run({ positionals, options, workspace, locale: asked, json, output, open }) {
    const [action, date = '', from = '', to = '', rate = ''] = actionOf('rates', positionals, ACTIONS)
    const { reason } = options
    const session = await open()
    const locale = asked ?? output.locale
    if (action === 'list') {
      const { currency, limit, offset } = options
      const found = await session.call('rates', { workspace, currency, limit, offset } as never)
      if (json) await output.json(found)
      else await output.data(`${rows(found.rows, locale)}${found.next === null ? '' : `… --offset ${found.next}\n`}`)
      return undefined
    }
    const ask = { workspace, date, from, to, reason }
    const done =
      action === 'set'
        ? await session.call('set_rate', { ...ask, rate } as never)
        : await session.call('remove_rate', ask as never)
    if (json) await output.json(done)
    else await output.data(rows([done], locale))
    return undefined
  },
})

function rows(list: readonly ExchangeRate[], locale: Locale): string {
  const titles =
    locale === 'en' ? ['From day', 'One', 'is worth>', '', 'Source'] : ['起始日', '1 单位', '折合>', '', '来源']
  return table(
    columnsOf(titles),
    list.map(({ date, from, rate, to, source }) => [date, from, rate, to, source]),
  )
}
