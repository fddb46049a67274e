import { parseArgs } from 'node:util'
import { closest } from '../closest.ts'
import { RoiError, type Text } from '../errors.ts'
import { type Command, GLOBAL, type OptionSpec, type Options } from './command.ts'

export interface Parsed {
  readonly values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>
  readonly positionals: readonly string[]
}

/**
 * Finds the command of a command line. Options may stand before it, so every command's options are known here.
 * @throws RoiError `unknown_command`
 */
export function findCommand(
  argv: readonly string[],
  commands: readonly Command[],
): { command: Command | undefined; rest: string[] } {
  const options = Object.assign({}, GLOBAL, ...commands.map((command) => command.options)) as Options
  const { tokens } = parseArgs({ args: [...argv], options: typesOf(options), strict: false, tokens: true })
  const token = tokens.find((token) => token.kind === 'positional')
  if (!token) return { command: undefined, rest: [...argv] }
  const command = commands.find(({ name }) => name === token.value)
  if (!command)
    throw unknown(
      'command',
      token.value,
      commands.map(({ name }) => name),
    )
  return { command, rest: argv.toSpliced(token.index, 1) }
}

/**
 * Parses the options and arguments of a command.
 * @throws RoiError `unknown_option`, `missing_value`, `unwanted_value`
 */
export function parseOptions(args: readonly string[], own: Options): Parsed {
  const options: Options = { ...GLOBAL, ...own }
  const parsed = parseArgs({ args: [...args], options: typesOf(options), strict: false, tokens: true })
  for (const token of parsed.tokens) {
    if (token.kind !== 'option') continue
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined
    if (!option)
      throw unknown(
        'option',
        token.rawName,
        Object.keys(options).map((name) => `--${name}`),
      )
    // `--data --json`: the next option is no value; a value that does begin with a dash is written --key=-x.
    const swallowed = !token.inlineValue && token.value?.startsWith('-')
    if (option.type === 'string' && (!token.value || swallowed)) throw missingValue(token.rawName, option.value)
    if (option.type === 'boolean' && token.value !== undefined) throw unwantedValue(token.rawName)
  }
  const values = parsed.values as Parsed['values']
  return { values: { ...values }, positionals: parsed.positionals }
}

function typesOf(options: Options): Record<string, Omit<OptionSpec, 'value' | 'help'>> {
  const entries = Object.entries(options).map(([name, { type, short, multiple }]) => {
    return [name, { type, ...(short && { short }), ...(multiple && { multiple }) }]
  })
  return Object.fromEntries(entries)
}

const KINDS = {
  command: { en: 'command', 'zh-CN': '命令' },
  option: { en: 'option', 'zh-CN': '选项' },
  setting: { en: 'setting', 'zh-CN': '设置项' },
} as const

/** @returns `unknown_command` and the like, with the closest name there is */
export function unknown(kind: keyof typeof KINDS, given: string, known: readonly string[]): RoiError {
  const near = closest(given, known)
  const shown = given.slice(0, 40)
  return usage(
    `unknown_${kind}`,
    { en: `Unknown ${KINDS[kind].en} "${shown}".`, 'zh-CN': `未知${KINDS[kind]['zh-CN']} “${shown}”。` },
    near
      ? { en: `Did you mean ${near}?`, 'zh-CN': `是否想输入 ${near}？` }
      : { en: 'See roi-panel --help.', 'zh-CN': '请查看 roi-panel --help。' },
  )
}

function missingValue(option: string, value = 'VALUE'): RoiError {
  return usage(
    'missing_value',
    { en: `${option} needs a value.`, 'zh-CN': `${option} 需要一个值。` },
    { en: `Write ${option} ${value}.`, 'zh-CN': `请写成 ${option} ${value}。` },
  )
}

function unwantedValue(option: string): RoiError {
  return usage(
    'unwanted_value',
    { en: `${option} takes no value.`, 'zh-CN': `${option} 不接受值。` },
    { en: `Write just ${option}.`, 'zh-CN': `请只写 ${option}。` },
  )
}

/** A mistake in the command line. */
export function usage(code: string, text: Text, remedy?: Text): RoiError {
  return new RoiError('usage', code, text, remedy)
}
