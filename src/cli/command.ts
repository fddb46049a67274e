import type { Locale, Text } from '../errors.ts'
import type { Output } from './output.ts'
import type { Session } from './session.ts'

/** An option: parsed from it, and its line of the help text made from it. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  /** May be given more than once; the value is a list then. Texts only. */
  readonly multiple?: true
  /** What stands for the value in the help text. */
  readonly value?: string
  readonly help: Text
}
export type Options = Readonly<Record<string, OptionSpec>>

/** Values of options as given; absent ones are undefined. */
export type Values<T extends Options> = {
  readonly [Name in keyof T]: ValueOf<T[Name]> | undefined
}
type ValueOf<Option extends OptionSpec> = Option['type'] extends 'boolean'
  ? boolean
  : Option['multiple'] extends true
    ? readonly string[]
    : string

/** Options that every command takes. */
export const GLOBAL = {
  workspace: {
    type: 'string',
    short: 'w',
    value: 'W',
    help: { en: 'workspace to work in (default main)', 'zh-CN': '要操作的工作区（默认 main）' },
  },
  data: {
    type: 'string',
    value: 'DIR',
    help: { en: 'data directory (or ROI_PANEL_DATA)', 'zh-CN': '数据目录（或环境变量 ROI_PANEL_DATA）' },
  },
  locale: {
    type: 'string',
    value: 'L',
    help: { en: 'language: en or zh-CN', 'zh-CN': '语言：en 或 zh-CN' },
  },
  json: { type: 'boolean', help: { en: 'answer as JSON', 'zh-CN': '以 JSON 输出' } },
  quiet: {
    type: 'boolean',
    short: 'q',
    help: { en: 'no messages and no progress', 'zh-CN': '不显示消息和进度' },
  },
  'no-color': { type: 'boolean', help: { en: 'no colours', 'zh-CN': '不使用颜色' } },
  yes: { type: 'boolean', short: 'y', help: { en: 'answer questions with yes', 'zh-CN': '所有确认都回答“是”' } },
  version: { type: 'boolean', help: { en: 'version of the program', 'zh-CN': '显示版本' } },
  help: { type: 'boolean', short: 'h', help: { en: 'this text', 'zh-CN': '显示本说明' } },
} as const satisfies Options

/** What a command gets to work with. */
export interface Invocation<T extends Options = Options> {
  readonly positionals: readonly string[]
  readonly options: Values<T>
  /** `--workspace`, else `main`. */
  readonly workspace: string
  /** `--data`, absolute. */
  readonly data: string | undefined
  /** `--locale`; undefined lets the workspace decide. */
  readonly locale: Locale | undefined
  readonly json: boolean
  readonly yes: boolean
  readonly output: Output
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
  /** Opens the data directory of the workspace, or finds the `serve` that has it open. Closed by the caller of run. */
  open(): Promise<Session>
}

export interface Command<T extends Options = Options> {
  readonly name: string
  /** What follows the name, such as `METRIC`. */
  readonly usage: string
  readonly summary: Text
  /** More to know, below the options. */
  readonly notes?: Text
  readonly examples: readonly string[]
  readonly options: T
  /** @returns the exit code; 0 when nothing is returned */
  run(invocation: Invocation<T>): Promise<number | undefined>
}

/** Declares a command with the types of its options inferred. */
export function defineCommand<const T extends Options>(command: Command<T>): Command {
  return command as unknown as Command
}
