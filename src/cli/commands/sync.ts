import type { ConnectionStatus, SyncResult, SyncRun } from '../../api.ts'
import { isRoiError, type Locale, RoiError } from '../../errors.ts'
import { defineCommand } from '../command.ts'
import { remarks, STATES, streamTable } from '../connections.ts'
import type { Output } from '../output.ts'
import { plain } from '../text.ts'

/** From good to bad; the worst decides the exit code (product.md §9). */
const EXIT: Readonly<Record<SyncResult['state'], number>> = {
  complete: 0,
  incomplete: 4,
  paused: 4,
  reconnect: 3,
  failed: 1,
}
const ORDER = Object.keys(EXIT) as readonly SyncResult['state'][]

export default defineCommand({
  name: 'sync',
  usage: '[ID…] [--full]',
  summary: {
    en: 'Read what is new from the connections, one after another',
    'zh-CN': '依次从各连接读取新数据',
  },
  notes: {
    en: 'ID is a connection, a connector or a title; none reads all. Stopped at any moment, the next run goes on from there.\nExit code: 0 complete, 1 failed, 3 reconnect needed, 4 paused or incomplete.',
    'zh-CN':
      'ID 可以是连接编号、连接器或名称；省略则同步全部。任何时候停止，下次会从该处继续。\n退出码：0 完整，1 失败，3 需重新连接，4 暂停或不完整。',
  },
  examples: ['sync', 'sync hubspot --full', 'sync --json'],
  options: {
    full: {
      type: 'boolean',
      help: {
        en: 'read everything again and remove what is gone at the source',
        'zh-CN': '重新读取全部数据，并删除数据源中已不存在的记录',
      },
    },
  },
  async run({ positionals, options, workspace, locale: asked, json, output, signal, open }) {
    const session = await open()
    const locale = asked ?? output.locale
    const chosen = await session.call('connections', { workspace, locale, only: [...positionals] })
    if (chosen.length === 0) throw nothingConnected()
    const results: SyncResult[] = []
    for (const connection of chosen) {
      const ask = { workspace, locale, id: connection.id, full: options.full ?? false }
      const feedback = { signal, progress: output.progress.bind(output) }
      const result = await session
        .call('sync', ask, feedback)
        .catch((error) => notBegun(connection, error, locale, signal))
      output.done()
      results.push(result)
      if (!json) await tell(result, output, locale)
    }
    const run: SyncRun = { connections: results, state: worst(results) }
    if (json) await output.json(run)
    return EXIT[run.state]
  },
})

function worst(results: readonly SyncResult[]): SyncResult['state'] {
  const ranks = results.map(({ state }) => ORDER.indexOf(state))
  return ORDER[Math.max(...ranks)] ?? 'complete'
}

/** A run that could not begin is a failed one; it keeps no other connection from its turn. */
function notBegun(connection: ConnectionStatus, error: unknown, locale: Locale, signal: AbortSignal): SyncResult {
  if (signal.aborted || !isRoiError(error)) throw error
  const { code, text, remedy } = error
  const now = new Date().toISOString()
  return {
    connection: connection.id,
    connector: connection.connector,
    title: connection.title,
    state: 'failed',
    reason: { code, message: text[locale], remedy: remedy?.[locale] ?? null, retry_at: null },
    started_at: now,
    finished_at: now,
    requests: 0,
    limited: 0,
    streams: [],
    drift: [],
  }
}

async function tell(result: SyncResult, output: Output, locale: Locale): Promise<void> {
  const { title, connection, state, started_at, finished_at, requests, limited, streams } = result
  const seconds = ((Date.parse(finished_at) - Date.parse(started_at)) / 1000).toFixed(1)
  const name = `${plain(title)} (${connection})`
  const slowed =
    limited > 0 ? { en: `, ${limited} held back`, 'zh-CN': `，${limited} 次受限` } : { en: '', 'zh-CN': '' }
  const line = {
    en: `${name}: ${STATES[state].en} in ${seconds} s, ${requests} requests${slowed.en}`,
    'zh-CN': `${name}：${STATES[state]['zh-CN']}，用时 ${seconds} 秒，请求 ${requests} 次${slowed['zh-CN']}`,
  }
  output.say(line)
  if (streams.length > 0) await output.data(streamTable(result, locale))
  for (const remark of remarks(result, locale)) output.warn({ en: remark, 'zh-CN': remark })
}

function nothingConnected(): RoiError {
  return new RoiError(
    'not_found',
    'nothing_connected',
    { en: 'Nothing is connected yet.', 'zh-CN': '尚无连接。' },
    { en: 'Run: roi-panel connect', 'zh-CN': '请运行：roi-panel connect' },
  )
}
