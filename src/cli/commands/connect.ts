import type { ConnectorInfo, ConnectResult, FormField } from '../../api.ts'
import { closest } from '../../closest.ts'
import type { Locale } from '../../errors.ts'
import { readAssignments, variableName } from '../assignments.ts'
import { defineCommand, type Invocation, type Options } from '../command.ts'
import { minutesOf } from '../connections.ts'
import type { Output } from '../output.ts'
import { usage } from '../parse.ts'
import { type Prompt, terminalPrompt } from '../prompt.ts'
import { table } from '../table.ts'
import { plain } from '../text.ts'

const OPTIONS = {
  set: {
    type: 'string',
    multiple: true,
    value: 'KEY=VALUE',
    help: {
      en: 'a setting; may repeat. KEY=@FILE takes it from a file, KEY=env:NAME from the environment',
      'zh-CN': '设置项，可多次使用。KEY=@文件 从文件读取，KEY=env:变量名 从环境变量读取',
    },
  },
  title: {
    type: 'string',
    value: 'T',
    help: { en: 'what to call it (default: its name at the source)', 'zh-CN': '连接的名称（默认取数据源中的名称）' },
  },
  every: {
    type: 'string',
    value: 'MINUTES',
    help: {
      en: 'how often serve reads it (default 15), or never',
      'zh-CN': 'serve 的同步间隔分钟数（默认 15），或 never',
    },
  },
} as const satisfies Options

export default defineCommand({
  name: 'connect',
  usage: '[ID] [--set KEY=VALUE|KEY=@FILE|KEY=env:NAME]… [--title T] [--every MINUTES|never]',
  summary: {
    en: 'Connect a CRM or another source; without ID list what can be connected',
    'zh-CN': '连接 CRM 等数据源；不带 ID 时列出可用的连接器',
  },
  notes: {
    en: 'Secrets come from a file, the environment or a prompt, never from the command line. They are checked at the source,\nstored encrypted and never shown. Connecting the same account again replaces its settings and secrets;\n"connections set" changes some of them and keeps the rest.',
    'zh-CN':
      '机密信息只能来自文件、环境变量或提示输入，不能写在命令行上。它们会先在数据源处验证，再加密保存，不会显示。\n再次连接同一账户会替换其全部设置和机密信息；用 connections set 可只修改其中几项。',
  },
  examples: [
    'connect',
    'connect hubspot --set token=env:HUBSPOT_TOKEN',
    'connect hubspot --set token=@token.txt --every 60',
  ],
  options: OPTIONS,
  run: (invocation) => connect(invocation),
})

/** @param prompt stands in for the terminal in tests */
export async function connect(invocation: Invocation<typeof OPTIONS>, prompt?: Prompt): Promise<number | undefined> {
  const { positionals, options, workspace, json, output, signal, open } = invocation
  const [id, ...more] = positionals
  if (more.length > 0) throw tooMany()
  const every = options.every === undefined ? undefined : minutesOf(options.every)
  const session = await open()
  const locale = invocation.locale ?? output.locale
  // A workspace that is not there yet is made by the first connection.
  const connectors = await session.call('connectors', { locale })
  if (id === undefined) {
    await list(connectors, { json, output, locale })
    return undefined
  }
  const connector = connectors.find((one) => one.id === id)
  if (!connector) throw unknownConnector(id, connectors)
  const given = await readAssignments(options.set ?? [], connector)
  const missing = connector.fields.filter(({ key, required }) => required && !given[key])
  if (missing.length > 0) {
    const person = prompt ?? terminalPrompt(signal)
    if (!person) throw missingSettings(connector, missing, options.set ?? [])
    for (const field of missing) given[field.key] = await ask(person, field, locale)
  }
  const result = await session.call(
    'connect',
    {
      workspace,
      locale,
      connector: id,
      settings: given,
      ...(options.title !== undefined && { title: options.title }),
      ...(every !== undefined && { every_minutes: every }),
    },
    { signal, progress: (progress) => output.progress(progress) },
  )
  if (json) await output.json(result)
  else tell(result, output, locale)
  return undefined
}

async function list(
  connectors: readonly ConnectorInfo[],
  { json, output, locale }: { json: boolean; output: Output; locale: Locale },
): Promise<void> {
  if (json) return output.json(connectors)
  const columns = (locale === 'en' ? ['ID', 'Source', 'Settings'] : ['ID', '数据源', '设置项']).map((title) => ({
    title,
  }))
  const shown = ({ key, required }: FormField) => (required ? key : `[${key}]`)
  await output.data(
    table(
      columns,
      connectors.map(({ id, title, fields }) => [id, title, fields.map(shown).join(' ')]),
    ),
  )
  output.say({
    en: 'Connect one with: roi-panel connect ID. Settings in brackets may be left out.',
    'zh-CN': '运行 roi-panel connect ID 进行连接。方括号中的设置项可省略。',
  })
}

/** Asks until something is typed; nothing is a setting that must be there. */
async function ask(person: Prompt, field: FormField, locale: Locale): Promise<string> {
  const { key, kind, label, help, choices, example } = field
  const hint = choices.length > 0 ? choices.join(' | ') : (example ?? '')
  const about = [help ?? '', hint && (locale === 'en' ? `such as ${hint}` : `如 ${hint}`)].filter((part) => part !== '')
  const question = `${plain(label)} (${key})${about.length > 0 ? ` – ${plain(about.join(', '))}` : ''}: `
  for (;;) {
    const answer = await person.ask(question, kind === 'secret')
    if (answer !== '') return answer
  }
}

function tell({ connection, account, streams, notices }: ConnectResult, output: Output, locale: Locale): void {
  const facts = [account.currency, account.zone].filter((fact) => fact !== null).join(', ')
  const named = `${plain(account.name)} (${plain(account.id)})${facts ? ` · ${facts}` : ''}`
  output.say({ en: `Connected: ${named}`, 'zh-CN': `已连接：${named}` })
  const titles = (optional: boolean) =>
    streams
      .filter((stream) => stream.optional === optional)
      .map(({ title }) => plain(title))
      .join(locale === 'en' ? ', ' : '、')
  if (titles(false)) output.say({ en: `Will be read: ${titles(false)}`, 'zh-CN': `将读取：${titles(false)}` })
  if (titles(true)) {
    output.say({
      en: `If plan and scopes allow it: ${titles(true)}`,
      'zh-CN': `视套餐和权限范围而定：${titles(true)}`,
    })
  }
  if (account.scopes)
    output.say(both(`${locale === 'en' ? 'Scopes' : '权限范围'}: ${plain(account.scopes.join(', '))}`))
  for (const { message, remedy } of notices)
    output.warn(both(`! ${plain(message)}${remedy ? ` ${plain(remedy)}` : ''}`))
  const every = connection.every_minutes
  output.say({
    en: `Next: roi-panel sync ${connection.id}${every === null ? '' : ` (serve does it every ${every} minutes)`}`,
    'zh-CN': `下一步：roi-panel sync ${connection.id}${every === null ? '' : `（serve 每 ${every} 分钟自动同步）`}`,
  })
}

function both(text: string) {
  return { en: text, 'zh-CN': text }
}

function tooMany() {
  return usage(
    'too_many_arguments',
    { en: 'connect takes one connector.', 'zh-CN': 'connect 只接受一个连接器。' },
    { en: 'Write "connect ID --set KEY=VALUE".', 'zh-CN': '请写成 “connect ID --set KEY=VALUE”。' },
  )
}

function unknownConnector(id: string, connectors: readonly ConnectorInfo[]) {
  const ids = connectors.map((one) => one.id)
  const near = closest(id, ids)
  const shown = id.slice(0, 40)
  return usage(
    'unknown_connector',
    { en: `There is no connector "${shown}".`, 'zh-CN': `没有连接器“${shown}”。` },
    {
      en: `${near ? `Did you mean ${near}? ` : ''}Known: ${ids.join(', ') || 'none'}.`,
      'zh-CN': `${near ? `是否想输入 ${near}？` : ''}现有：${ids.join('、') || '无'}。`,
    },
  )
}

/** The whole command to copy, with what was given already. */
function missingSettings({ id }: ConnectorInfo, missing: readonly FormField[], given: readonly string[]) {
  const keys = missing.map(({ key }) => key).join(', ')
  const parts = missing.map(({ key, kind, example }) => {
    return `--set ${key}=${kind === 'secret' ? `env:${variableName(`${id}_${key}`)}` : (example ?? 'VALUE')}`
  })
  const command = ['roi-panel connect', id, ...given.map((text) => `--set ${text}`), ...parts].join(' ')
  return usage(
    'missing_settings',
    { en: `Missing: ${keys}. There is no terminal to ask at.`, 'zh-CN': `缺少：${keys}。当前没有可供输入的终端。` },
    { en: `Run: ${command}`, 'zh-CN': `请运行：${command}` },
  )
}
