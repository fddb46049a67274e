import type { ConnectionStatus, StreamResult, SyncReason, SyncResult } from '../api.ts'
import type { Locale, Text } from '../errors.ts'
import { usage } from './parse.ts'
import { table } from './table.ts'
import { plain } from './text.ts'

/** How connections and their runs are named, and written for people; shared by the commands about them. */

type State = ConnectionStatus['state'] | SyncResult['state'] | StreamResult['state']

export const STATES: Readonly<Record<State, Text>> = {
  pending: { en: 'pending', 'zh-CN': '待首次同步' },
  active: { en: 'active', 'zh-CN': '正常' },
  complete: { en: 'complete', 'zh-CN': '完整' },
  incomplete: { en: 'incomplete', 'zh-CN': '不完整' },
  paused: { en: 'paused', 'zh-CN': '已暂停' },
  failed: { en: 'failed', 'zh-CN': '失败' },
  reconnect: { en: 'reconnect needed', 'zh-CN': '需重新连接' },
  off: { en: 'off', 'zh-CN': '未启用' },
  not_run: { en: 'not run', 'zh-CN': '未执行' },
}

/** An instant in the zone of this machine; `–` for none. */
export function instant(text: string | null, locale: Locale): string {
  if (text === null) return '–'
  return new Date(text).toLocaleString(locale, { dateStyle: 'short', timeStyle: 'short' })
}

/** What is wrong, what to do, and when it goes on by itself. */
export function reasonText({ message, remedy, retry_at }: SyncReason, locale: Locale): string {
  const later = retry_at === null ? '' : ` ${locale === 'en' ? 'Goes on at' : '将继续于'} ${instant(retry_at, locale)}.`
  return plain(`${message}${remedy ? ` ${remedy}` : ''}${later}`)
}

const COLUMNS = {
  en: ['Stream', 'State', 'Read', 'New or changed', 'Unchanged', 'Deleted', 'Refused', 'At the source'],
  'zh-CN': ['数据流', '状态', '读取', '新增或变更', '未变化', '删除', '被拒', '数据源总数'],
} as const

/** The streams of a run, one line each. */
export function streamTable({ streams }: SyncResult, locale: Locale): string {
  const count = new Intl.NumberFormat(locale)
  const columns = COLUMNS[locale].map((title, i) => ({ title, align: i < 2 ? ('left' as const) : ('right' as const) }))
  const rows = streams.map((stream) => [
    stream.title,
    STATES[stream.state][locale],
    ...(stream.mode === null
      ? Array<string>(6).fill('')
      : [stream.read, stream.imported, stream.unchanged, stream.deleted, stream.rejected, stream.total].map((n) =>
          n === null ? '' : count.format(n),
        )),
  ])
  return table(columns, rows)
}

/** What people should know about a run, one line each: reasons, notices, drift. */
export function remarks(result: SyncResult, locale: Locale): string[] {
  const { reason, streams, drift } = result
  const lines: string[] = []
  if (reason) lines.push(`✗ ${reasonText(reason, locale)}`)
  for (const { title, state, reason: why, notices } of streams) {
    const told = reason && why?.code === reason.code && why.message === reason.message
    if (why && state !== 'not_run' && !told)
      lines.push(`${MARKS[state] ?? '!'} ${plain(title)}: ${reasonText(why, locale)}`)
    for (const { message, count, examples } of notices) {
      const many = count > 1 ? ` (${count})` : ''
      lines.push(`! ${plain(title)}: ${plain(message)}${many}${examples[0] ? ` – ${plain(examples[0])}` : ''}`)
    }
  }
  for (const { stream, field, kind } of drift) lines.push(`~ ${plain(`${stream}.${field}`)}: ${DRIFT[kind][locale]}`)
  return lines
}

const MARKS: Readonly<Partial<Record<State, string>>> = { off: '–', failed: '✗', reconnect: '✗' }
const DRIFT = {
  missing: { en: 'the source sends this field no more', 'zh-CN': '数据源不再返回该字段' },
  retyped: { en: 'the source sends another type than before', 'zh-CN': '数据源返回的类型与之前不同' },
  new: { en: 'a new field, kept as an attribute', 'zh-CN': '新字段，作为属性保留' },
} as const satisfies Record<SyncResult['drift'][number]['kind'], Text>

/** The connection that was named. @throws RoiError `ambiguous_connection` when the name is that of several */
export function theOnly(name: string, found: readonly ConnectionStatus[]): ConnectionStatus {
  const [connection, ...others] = found
  if (connection && others.length === 0) return connection
  const shown = name.slice(0, 80)
  const ids = found.map(({ id, title }) => `${id} (${plain(title)})`).join(', ')
  throw usage(
    'ambiguous_connection',
    { en: `"${shown}" is more than one connection.`, 'zh-CN': `“${shown}”对应多个连接。` },
    { en: `Name one of: ${ids}.`, 'zh-CN': `请指定其中之一：${ids}。` },
  )
}

/** Minutes between runs as a command line gives them; null = only when asked. @throws RoiError `bad_interval` */
export function minutesOf(text: string): number | null {
  if (text === 'never') return null
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 43_200) return Number(text)
  throw usage(
    'bad_interval',
    { en: '--every needs minutes from 1 to 43200, or never.', 'zh-CN': '--every 需要 1 到 43200 的分钟数，或 never。' },
    { en: 'Write --every 15 or --every never.', 'zh-CN': '例如 --every 15 或 --every never。' },
  )
}
