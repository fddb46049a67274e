import type { Locale } from '../errors.ts'
import { type Command, GLOBAL, type Options } from './command.ts'
import { pad, widthOf } from './text.ts'

const WORDS = {
  en: {
    usage: 'Usage',
    commands: 'Commands',
    options: 'Options',
    all: 'Options of every command',
    examples: 'Examples',
    about: 'Marketing ROI inside the CRM: attribution exact to the cent, and figures that reconcile.',
    more: 'roi-panel COMMAND --help tells more. In a clone: npm run -s roi-panel -- COMMAND …',
    exit: 'Exit codes: 0 ok, 1 failure, 2 usage, 3 access, 4 partial, 5 quality.',
  },
  'zh-CN': {
    usage: '用法',
    commands: '命令',
    options: '选项',
    all: '所有命令通用的选项',
    examples: '示例',
    about: 'CRM 内的营销 ROI 面板：归因精确到分，数字可对账。',
    more: 'roi-panel 命令 --help 查看详情。在源码目录中：npm run -s roi-panel -- 命令 …',
    exit: '退出码：0 成功，1 失败，2 用法错误，3 无权限，4 部分完成，5 质量检查未通过。',
  },
} as const

/** Help of the whole program. */
export function programHelp(commands: readonly Command[], locale: Locale): string {
  const words = WORDS[locale]
  const list = commands.map((command): [string, string] => [command.name, command.summary[locale]])
  return [
    words.about,
    '',
    `${words.usage}: roi-panel COMMAND [OPTIONS]`,
    '',
    `${words.commands}:`,
    ...columns(list),
    '',
    `${words.all}:`,
    ...columns(optionLines(GLOBAL, locale)),
    '',
    words.more,
    words.exit,
    '',
  ].join('\n')
}

/** Help of one command. */
export function commandHelp(command: Command, locale: Locale): string {
  const words = WORDS[locale]
  const own = optionLines(command.options, locale)
  return [
    command.summary[locale],
    '',
    `${words.usage}: roi-panel ${command.name} ${command.usage}`.trimEnd(),
    ...(own.length > 0 ? ['', `${words.options}:`, ...columns(own)] : []),
    '',
    `${words.all}:`,
    ...columns(optionLines(GLOBAL, locale)),
    ...(command.notes ? ['', command.notes[locale]] : []),
    '',
    `${words.examples}:`,
    ...command.examples.map((example) => `  roi-panel ${example}`),
    '',
  ].join('\n')
}

function optionLines(options: Options, locale: Locale): [string, string][] {
  return Object.entries(options).map(([name, { short, value, help }]) => {
    const flags = `${short ? `-${short}, ` : '    '}--${name}`
    return [value ? `${flags} ${value}` : flags, help[locale]]
  })
}

function columns(lines: readonly [string, string][]): string[] {
  const width = Math.max(...lines.map(([left]) => widthOf(left)))
  return lines.map(([left, right]) => `  ${pad(left, width)}  ${right}`)
}
