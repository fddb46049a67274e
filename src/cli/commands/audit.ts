import type { Audit, AuditLine } from '../../api/audit.ts'
import type { Locale, Text } from '../../errors.ts'
import { defineCommand } from '../command.ts'
import { instant } from '../connections.ts'
import { usage } from '../parse.ts'
import { table } from '../table.ts'
import { plain } from '../text.ts'

/** Characters of a value that are shown; `--json` has all of it. */
const SHOWN = 60

export default defineCommand({
  name: 'audit',
  usage: '',
  summary: { en: 'Who did what, and when', 'zh-CN': '操作记录：何人、何时、做了什么' },
  notes: {
    en: 'Settings, connections, imports, erased people, users, keys and sign-ins that were refused for their number. Newest first.\nSecrets and passwords are never in it.',
    'zh-CN':
      '包括设置、连接、导入、隐私删除、用户、密钥，以及因次数过多被拒的登录，最新的在前。其中不含机密信息与密码。',
  },
  examples: ['audit', 'audit --limit 200 --json'],
  options: {
    limit: {
      type: 'string',
      value: 'N',
      help: { en: 'how many (default 50, at most 1000)', 'zh-CN': '条数（默认 50，最多 1000）' },
    },
  },
  async run({ positionals, options, workspace, locale: asked, json, output, open }) {
    const [extra] = positionals
    if (extra !== undefined) throw tooMany(extra)
    const locale = asked ?? output.locale
    const audit = await (await open()).call('audit', { workspace, limit: options.limit })
    if (json) await output.json(audit)
    else if (audit.entries.length === 0) output.say({ en: 'Nothing yet.', 'zh-CN': '暂无记录。' })
    else await output.data(describe(audit, locale))
    return undefined
  },
})

const COLUMNS = {
  en: ['When', 'Who', 'What', 'Which', 'Before', 'After'],
  'zh-CN': ['时间', '操作者', '操作', '对象', '之前', '之后'],
} as const

function describe({ entries }: Audit, locale: Locale): string {
  const rows = entries.map((entry) => [
    instant(entry.at, locale),
    who(entry, locale),
    ACTIONS[entry.action]?.[locale] ?? plain(entry.action),
    plain(entry.subject),
    shown(entry.before),
    shown(entry.after),
  ])
  return table(
    COLUMNS[locale].map((title) => ({ title })),
    rows,
  )
}

const ACTIONS: Readonly<Record<string, Text>> = {
  setting: { en: 'setting', 'zh-CN': '设置' },
  connection: { en: 'connection', 'zh-CN': '连接' },
  disconnect: { en: 'disconnected', 'zh-CN': '断开连接' },
  import: { en: 'import', 'zh-CN': '导入' },
  erasure: { en: 'erased for privacy', 'zh-CN': '隐私删除' },
  user: { en: 'user', 'zh-CN': '用户' },
  metric: { en: 'own metric', 'zh-CN': '自定义指标' },
  benchmark: { en: 'benchmark', 'zh-CN': '基准' },
  segment: { en: 'segment', 'zh-CN': '分群' },
  run: { en: 'saved report', 'zh-CN': '保存报表' },
  close: { en: 'closed period', 'zh-CN': '关账' },
  reopen: { en: 'reopened period', 'zh-CN': '重新打开已关账月份' },
  keys: { en: 'keys rotated', 'zh-CN': '轮换密钥' },
  sign_in_limit: { en: 'too many sign-ins', 'zh-CN': '登录次数过多' },
}

const WHO: Readonly<Record<string, Text>> = {
  command_line: { en: '(command line)', 'zh-CN': '（命令行）' },
  machine: { en: '(this machine)', 'zh-CN': '（本机）' },
  setup_link: { en: '(setup link)', 'zh-CN': '（初始设置链接）' },
}
const PROGRAM: Text = { en: '(by itself)', 'zh-CN': '（自动）' }

function who({ by }: AuditLine, locale: Locale): string {
  if (by === null) return PROGRAM[locale]
  const known = WHO[by]
  return known ? known[locale] : plain(by.slice(by.indexOf(':') + 1))
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '–'
  const text = plain(JSON.stringify(value))
  return text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text
}

function tooMany(extra: string) {
  return usage('bad_audit_command', {
    en: `audit does not take "${extra.slice(0, 80)}".`,
    'zh-CN': `audit 不接受“${extra.slice(0, 80)}”。`,
  })
}
