import { authorText } from '../authors.ts'
import { defineCommand, type Invocation, type Options } from '../command.ts'
import { instant } from '../connections.ts'
import { usage } from '../parse.ts'
import { changeLines, shown } from '../shown.ts'
import { table } from '../table.ts'
import { plain } from '../text.ts'

const OPTIONS = {
  reason: {
    type: 'string',
    value: 'TEXT',
    help: { en: 'why, for restore: kept with the version', 'zh-CN': '原因（用于 restore），随版本保存' },
  },
  limit: {
    type: 'string',
    value: 'N',
    help: { en: 'versions to list (default 50)', 'zh-CN': '列出的版本数（默认 50）' },
  },
} as const satisfies Options
type Call = Invocation<typeof OPTIONS>

export default defineCommand({
  name: 'config',
  usage: '[list | show N | diff A B | restore N]',
  summary: {
    en: 'Versions of the configuration: who changed which setting, when and why',
    'zh-CN': '配置版本：何人、何时、为何修改了哪些设置',
  },
  notes: {
    en: 'Every change of a setting, an own metric, a benchmark or a segment makes a version. restore makes a new one that says\nthe same as an older one; nothing is ever rewritten.',
    'zh-CN':
      '每次修改设置、自定义指标、基准或分群都会产生新版本。restore 会新建一个与旧版本内容相同的版本；\n历史不会被改写。',
  },
  examples: ['config', 'config show 3', 'config diff 1 3', 'config restore 1 --reason "back to the agreed rules"'],
  options: OPTIONS,
  run: (invocation) => config(invocation as Call),
})

async function config(invocation: Call): Promise<undefined> {
  const [action = 'list', first, second, ...more] = invocation.positionals
  const count = invocation.positionals.length
  if (action === 'list' && count <= 1) return list(invocation)
  if (action === 'show' && count === 2) return show(invocation, versionOf(first))
  if (action === 'diff' && count === 3 && more.length === 0) {
    return diff(invocation, versionOf(first), versionOf(second))
  }
  if (action === 'restore' && count === 2) return restore(invocation, versionOf(first))
  throw badUsage()
}

const COLUMNS = {
  en: ['Version', 'When', 'Who', 'What changed', 'Why'],
  'zh-CN': ['版本', '时间', '操作者', '变更', '原因'],
} as const

async function list({ workspace, options, json, output, open }: Call): Promise<undefined> {
  const found = await (await open()).call('config', { workspace, ...(options.limit && { limit: options.limit }) })
  if (json) return void (await output.json(found))
  const { locale } = output
  const rows = found.versions.map(({ version, at, author, changes, reason }) => [
    `${version}${version === found.current ? ' *' : ''}`,
    instant(at, locale),
    authorText(author, locale),
    shown(changes.map(({ path }) => path).join(', ') || null),
    shown(reason),
  ])
  await output.data(
    table(
      COLUMNS[locale].map((title) => ({ title })),
      rows,
    ),
  )
}

async function show({ workspace, json, output, open }: Call, version: number): Promise<undefined> {
  const found = await (await open()).call('config_version', { workspace, version })
  if (json) return void (await output.json(found))
  const { locale } = output
  const { settings, ...groups } = found.body
  const named = Object.entries(groups).flatMap(([group, values]) =>
    Object.entries(values).map(([name, value]): [string, unknown] => [`${group}.${name}`, value]),
  )
  const lines = [...Object.entries(settings), ...named].map(
    ([name, value]) => `${name} = ${plain(JSON.stringify(value))}\n`,
  )
  await output.data(
    [
      `${version} · ${instant(found.at, locale)} · ${authorText(found.author, locale)}${found.reason ? ` · ${plain(found.reason)}` : ''}\n`,
      `sha256 ${found.hash}\n\n`,
      ...lines,
    ].join(''),
  )
}

async function diff({ workspace, json, output, open }: Call, from: number, to: number): Promise<undefined> {
  const found = await (await open()).call('config_diff', { workspace, from, to })
  if (json) return void (await output.json(found))
  if (found.changes.length === 0) {
    return output.say({ en: 'Both say the same.', 'zh-CN': '两个版本内容相同。' }) as undefined
  }
  await output.data(changeLines(found.changes))
}

async function restore({ workspace, options, json, output, open }: Call, version: number): Promise<undefined> {
  const { reason } = options
  const done = await (await open()).call('restore_config', { workspace, version, ...(reason && { reason }) })
  if (json) return void (await output.json(done))
  output.say({
    en: `Version ${done.current} says the same as version ${version}${done.recomputed ? ' (attribution recomputed)' : ''}.`,
    'zh-CN': `版本 ${done.current} 与版本 ${version} 内容相同${done.recomputed ? '（已重算归因）' : ''}。`,
  })
  await output.data(changeLines(done.changes))
}

function versionOf(text: string | undefined): number {
  if (text !== undefined && /^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw usage(
    'bad_version',
    { en: 'A version is a number from 1 on.', 'zh-CN': '版本号为从 1 开始的整数。' },
    { en: 'See "config list".', 'zh-CN': '请查看 “config list”。' },
  )
}

function badUsage() {
  return usage(
    'bad_config_command',
    { en: 'config needs "list", "show", "diff" or "restore".', 'zh-CN': 'config 需要 list、show、diff 或 restore。' },
    { en: 'Write "config show 3" or "config diff 1 3".', 'zh-CN': '例如 “config show 3” 或 “config diff 1 3”。' },
  )
}
