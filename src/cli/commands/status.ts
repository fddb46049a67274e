import type { ConnectionStatus } from '../../api.ts'
import type { Locale } from '../../errors.ts'
import { defineCommand } from '../command.ts'
import { instant, reasonText, STATES } from '../connections.ts'
import { progressLine } from '../progress.ts'
import { table } from '../table.ts'
import { plain } from '../text.ts'

export default defineCommand({
  name: 'status',
  usage: '[ID…]',
  summary: {
    en: 'Health of the connections: state, rows, last success, next run, quota',
    'zh-CN': '连接的健康状况：状态、行数、上次成功、下次同步、额度',
  },
  notes: {
    en: 'ID is a connection, a connector or a title; none shows all.',
    'zh-CN': 'ID 可以是连接编号、连接器或名称；省略则显示全部。',
  },
  examples: ['status', 'status hubspot --json'],
  options: {},
  async run({ positionals, workspace, locale: asked, json, output, open }) {
    const session = await open()
    const locale = asked ?? output.locale
    const all = await session.call('connections', { workspace, locale, only: [...positionals] })
    if (json) await output.json(all)
    else if (all.length === 0) {
      output.say({
        en: 'Nothing is connected yet. "roi-panel connect" lists what can be.',
        'zh-CN': '尚无连接。运行 “roi-panel connect” 查看可用的连接器。',
      })
    } else await output.data(describe(all, locale))
    return undefined
  },
})

const COLUMNS = {
  en: ['Connection', 'ID', 'State', 'Rows', 'Last success', 'Next run', 'Quota left', 'Refused'],
  'zh-CN': ['连接', 'ID', '状态', '行数', '上次成功', '下次同步', '剩余额度', '被拒'],
} as const
const LEFT = 3

function describe(all: readonly ConnectionStatus[], locale: Locale): string {
  const count = new Intl.NumberFormat(locale)
  const columns = COLUMNS[locale].map((title, i) => ({
    title,
    align: i < LEFT ? ('left' as const) : ('right' as const),
  }))
  const rows = all.map((one) => [
    `${one.title} (${one.connector})`,
    one.id,
    stateOf(one, locale),
    count.format(Object.values(one.rows).reduce((sum, n) => sum + n, 0)),
    instant(one.complete_at, locale),
    one.running ? '…' : instant(one.next_at, locale),
    one.quota ? `${count.format(one.quota.left)}/${count.format(one.quota.of)}` : '–',
    count.format(one.quarantined),
  ])
  return [table(columns, rows), ...all.flatMap((one) => remarksOf(one, locale).map((line) => `${line}\n`))].join('')
}

function stateOf({ state, running }: ConnectionStatus, locale: Locale): string {
  const name = STATES[state][locale]
  return running ? `${name}, ${locale === 'en' ? 'running' : '同步中'}` : name
}

function remarksOf({ title, state, last, progress, write_back }: ConnectionStatus, locale: Locale): string[] {
  const lines: string[] = []
  if (progress) {
    const { stream, rows, part, rows_per_second: rate, eta } = progress
    lines.push(`… ${progressLine({ task: `${title}: ${stream}`, rows, part, rate, eta }, locale)}`)
  }
  if (state !== 'active' && last?.reason) lines.push(`✗ ${plain(title)}: ${reasonText(last.reason, locale)}`)
  for (const stream of last?.streams ?? []) {
    const told = last?.reason?.message === stream.reason?.message
    if (!stream.reason || told || stream.state === 'not_run') continue
    const mark = stream.state === 'off' ? '–' : '!'
    lines.push(`${mark} ${plain(`${title}, ${stream.title}`)}: ${reasonText(stream.reason, locale)}`)
  }
  if (write_back) lines.push(writeBackLine(title, write_back, locale))
  return lines
}

/** How the last write to the CRM ended. */
function writeBackLine(
  title: string,
  { state, finished_at, next_at, records, written, refused, reason }: NonNullable<ConnectionStatus['write_back']>,
  locale: Locale,
): string {
  const count = (n: number) => new Intl.NumberFormat(locale).format(n)
  const name = plain(`${title}, ${locale === 'en' ? 'write-back' : '写回'}`)
  if (reason) {
    const next = instant(next_at, locale)
    const later = locale === 'en' ? `Tried again from ${next} on.` : `${next} 起重试。`
    return `✗ ${name}: ${reasonText({ ...reason, retry_at: null }, locale)} ${later}`
  }
  if (state === 'waiting') {
    return `– ${name}: ${locale === 'en' ? 'begins after the next complete run of serve' : '将在 serve 下次完整同步后开始'}`
  }
  if (records === 0) {
    const when = instant(finished_at, locale)
    return `✓ ${name}: ${locale === 'en' ? `${when}, nothing had changed` : `${when}，没有变化`}`
  }
  const done =
    locale === 'en'
      ? `${instant(finished_at, locale)}, ${count(written)} of ${count(records)} records written, ${count(refused)} refused`
      : `${instant(finished_at, locale)}，检查 ${count(records)} 条记录，写入 ${count(written)} 条，拒绝 ${count(refused)} 条`
  return `${refused > 0 ? '!' : '✓'} ${name}: ${done}`
}
