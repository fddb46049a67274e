import type { ConnectionSettings } from '../../api.ts'
import type { Locale } from '../../errors.ts'
import { readAssignments } from '../assignments.ts'
import { defineCommand, type Invocation, type Options } from '../command.ts'
import { minutesOf, theOnly } from '../connections.ts'
import { unknown, usage } from '../parse.ts'
import { table } from '../table.ts'
import { plain } from '../text.ts'

const OPTIONS = {
  title: { type: 'string', value: 'T', help: { en: 'what to call it', 'zh-CN': '连接的名称' } },
  every: {
    type: 'string',
    value: 'MINUTES',
    help: { en: 'how often serve reads it, or never', 'zh-CN': 'serve 的同步间隔分钟数，或 never' },
  },
} as const satisfies Options
type Call = Invocation<typeof OPTIONS>

export default defineCommand({
  name: 'connections',
  usage: 'get ID [KEY] | set ID KEY=VALUE|KEY=@FILE|KEY=env:NAME… [--title T] [--every MINUTES|never]',
  summary: {
    en: 'Read or change the settings of a connection, without connecting again',
    'zh-CN': '查看或修改连接的设置，无需重新连接',
  },
  notes: {
    en: 'ID is a connection, a connector or a title. "KEY=" goes back to the default. Secrets come from a file or the environment; they\nare checked at the source before they are kept, and never shown. The next run has the changes; what was read before stays as\nit is until "sync ID --full".',
    'zh-CN':
      'ID 可以是连接编号、连接器或名称。“KEY=” 恢复默认值。机密信息只能来自文件或环境变量，先在数据源处验证再保存，不会显示。\n修改在下次同步时生效；此前读取的数据保持不变，可用 sync ID --full 重新读取。',
  },
  examples: [
    'connections get hubspot',
    'connections set hubspot write_back=true',
    'connections set hubspot token=@token.txt --every 60',
  ],
  options: OPTIONS,
  run: (invocation) => connections(invocation as Call),
})

export async function connections(invocation: Call): Promise<undefined> {
  const [action, name, ...rest] = invocation.positionals
  const { title, every } = invocation.options
  const edits = title !== undefined || every !== undefined
  if (name !== undefined && action === 'get' && rest.length < 2 && !edits) return get(invocation, name, rest[0])
  if (name !== undefined && action === 'set' && (rest.length > 0 || edits)) return set(invocation, name, rest)
  throw badUsage()
}

async function get(invocation: Call, name: string, key: string | undefined): Promise<undefined> {
  const { json, output } = invocation
  const { found, locale } = await find(invocation, name)
  if (key === undefined) {
    if (json) return output.json(found) as Promise<undefined>
    await output.data(describe(found, locale))
    return undefined
  }
  const field = found.fields.find((one) => one.key === key)
  if (!field) {
    throw unknown(
      'setting',
      key,
      found.fields.map((one) => one.key),
    )
  }
  const kept = found.secrets.includes(key)
  const value = found.settings[key] ?? null
  if (json) await output.json(field.kind === 'secret' ? { key, kept } : { key, value })
  else await output.data(`${shown(found, key, locale)}\n`)
  return undefined
}

async function set(invocation: Call, name: string, texts: readonly string[]): Promise<undefined> {
  const { workspace, options, json, output, signal } = invocation
  const { title, every } = options
  const minutes = every === undefined ? undefined : minutesOf(every)
  const { session, id, connector, found, locale } = await find(invocation, name)
  // A key for access that was granted is for the server to refuse: it knows what to do instead.
  const infos = await session.call('connectors', { workspace, locale })
  const { fields } = infos.find((one) => one.id === connector) ?? found
  const settings = await readAssignments(texts, { id: connector, fields }, '')
  const done = await session.call(
    'change_connection',
    {
      workspace,
      locale,
      id,
      settings,
      ...(title !== undefined && { title }),
      ...(minutes !== undefined && { every_minutes: minutes }),
    },
    { signal },
  )
  if (json) return output.json(done) as Promise<undefined>
  const say = (text: string) => output.say({ en: text, 'zh-CN': text })
  if (done.changed.length === 0) output.say({ en: 'Nothing was to be changed.', 'zh-CN': '没有需要修改的内容。' })
  for (const key of done.changed) say(`${plain(done.title)}: ${key} = ${shown(done, key, locale)}`)
  for (const { message, remedy } of done.notices) {
    const text = plain(`! ${message}${remedy ? ` ${remedy}` : ''}`)
    output.warn({ en: text, 'zh-CN': text })
  }
  return undefined
}

async function find({ workspace, locale: asked, output, open }: Call, name: string) {
  const session = await open()
  const locale = asked ?? output.locale
  const { id, connector } = theOnly(name, await session.call('connections', { workspace, locale, only: [name] }))
  return { session, id, connector, locale, found: await session.call('connection_settings', { workspace, locale, id }) }
}

const COLUMNS = { en: ['Setting', 'Value', 'What it is'], 'zh-CN': ['设置项', '值', '说明'] } as const

function describe(found: ConnectionSettings, locale: Locale): string {
  const columns = COLUMNS[locale].map((title) => ({ title }))
  const own: [string, string][] = [
    ['--title', locale === 'en' ? 'What it is called' : '连接的名称'],
    ['--every', locale === 'en' ? 'Minutes between runs of serve' : 'serve 的同步间隔分钟数'],
  ]
  return table(columns, [
    ...found.fields.map(({ key, label }) => [key, shown(found, key, locale), label]),
    ...own.map(([option, label]) => [
      option,
      shown(found, option === '--title' ? 'title' : 'every_minutes', locale),
      label,
    ]),
  ])
}

const KEPT = { en: '(kept, not shown)', 'zh-CN': '（已保存，不显示）' } as const

/** A value as a person would type it; `–` for none. */
function shown({ title, every_minutes, settings, secrets, fields }: ConnectionSettings, key: string, locale: Locale) {
  const field = fields.find((one) => one.key === key)
  if (!field && key === 'title') return plain(title)
  if (!field && key === 'every_minutes') return every_minutes === null ? 'never' : String(every_minutes)
  if (secrets.includes(key)) return KEPT[locale]
  const value = settings[key] ?? null
  if (value === null) return '–'
  if (Array.isArray(value)) return plain(value.join(','))
  return plain(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

function badUsage() {
  return usage(
    'bad_connections_command',
    {
      en: 'connections needs "get" or "set", a connection, and what to change.',
      'zh-CN': 'connections 需要 “get” 或 “set”、一个连接以及要修改的内容。',
    },
    {
      en: 'Write "connections get ID" or "connections set ID KEY=VALUE"; status shows the ids.',
      'zh-CN': '请写成 “connections get ID” 或 “connections set ID KEY=VALUE”；用 status 查看编号。',
    },
  )
}
