import { createRequire } from 'node:module'
import { loadConfig } from '../config.ts'
import { isRoiError, LOCALES, type Locale } from '../errors.ts'
import { createLog } from '../log.ts'
import { redact } from '../redact.ts'
import type { Command, Invocation, Options, Values } from './command.ts'
import { COMMANDS } from './commands.ts'
import { commandHelp, programHelp } from './help.ts'
import { Output } from './output.ts'
import { findCommand, type Parsed, parseOptions, usage } from './parse.ts'
import { placeOf } from './place.ts'
import { openSession, type Session } from './session.ts'

/** Exit codes that are not those of an error. */
const INTERRUPTED = 130

/**
 * Runs one command line. Prints, never throws.
 * @returns the exit code (product.md §9)
 */
export async function main(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json')
  const output = new Output({
    locale: localeFrom(argv),
    quiet: argv.includes('--quiet') || argv.includes('-q'),
    color: !argv.includes('--no-color'),
  })
  const stopping = new AbortController()
  const forget = onSignals(stopping, output)
  try {
    const { command, rest } = findCommand(argv, COMMANDS)
    const parsed = parseOptions(rest, command?.options ?? {})
    if (parsed.values.version) return await version(output)
    if (parsed.values.help || !command) return await help(command, argv, output)
    return await run(command, parsed, output, stopping.signal)
  } catch (error) {
    if (isBrokenPipe(error)) return 0
    if (stopping.signal.aborted && !isRoiError(error)) {
      output.say({ en: 'Stopped. The same command goes on from here.', 'zh-CN': '已停止。再次运行同一命令即可继续。' })
      return INTERRUPTED
    }
    return report(error, output, json)
  } finally {
    output.done()
    forget()
  }
}

async function help(command: Command | undefined, argv: readonly string[], output: Output): Promise<number> {
  await output.data(command ? commandHelp(command, output.locale) : programHelp(COMMANDS, output.locale))
  // A person who names no command and asks for no help made a mistake; scripts should see it.
  return argv.length === 0 ? 2 : 0
}

async function version(output: Output): Promise<number> {
  const manifest = createRequire(import.meta.url)('../../package.json') as { version: string }
  await output.data(`${manifest.version}\n`)
  return 0
}

async function run(command: Command, parsed: Parsed, output: Output, signal: AbortSignal): Promise<number> {
  const { values, positionals } = parsed
  const workspace = String(values.workspace ?? 'main')
  const data = values.data === undefined ? undefined : String(values.data)
  const locale = askedLocale(values.locale)
  let session: Session | undefined
  const invocation: Invocation = {
    positionals,
    options: values as Values<Options>,
    workspace,
    data,
    locale,
    json: values.json === true,
    yes: values.yes === true,
    output,
    signal,
    async open() {
      const config = loadConfig(undefined, { dataDir: data })
      // A command tells people what they must know itself; the log is for those who look for a fault.
      const log = createLog(['debug', 'trace'].includes(config.logLevel) ? config.logLevel : 'silent')
      session = await openSession(placeOf(config, workspace), log, output, signal)
      if (!locale) await followWorkspace(session, workspace, output)
      return session
    },
  }
  try {
    return (await command.run(invocation)) ?? 0
  } finally {
    await session?.close()
  }
}

/** Messages in the language someone chose for the workspace, when the command line names none. */
async function followWorkspace(session: Session, workspace: string, output: Output): Promise<void> {
  try {
    output.locale = (await session.call('settings', { workspace })).chosen_locale ?? output.locale
  } catch (error) {
    // The workspace may be about to be made, or the command itself will say that there is none.
    if (!isRoiError(error) || error.code !== 'unknown_workspace') throw error
  }
}

/** @throws RoiError `unknown_locale` */
function askedLocale(value: unknown): Locale | undefined {
  if (value === undefined) return undefined
  const known = LOCALES.find((locale) => locale.toLowerCase() === String(value).toLowerCase())
  if (known) return known
  throw usage(
    'unknown_locale',
    { en: 'Unknown language.', 'zh-CN': '未知语言。' },
    { en: `Use --locale ${LOCALES.join(' or ')}.`, 'zh-CN': `请使用 --locale ${LOCALES.join(' 或 ')}。` },
  )
}

/** Language of messages before anything is parsed: `--locale`, else the one of the system, else English. */
function localeFrom(argv: readonly string[]): Locale {
  const at = argv.findIndex((argument) => argument === '--locale' || argument.startsWith('--locale='))
  const asked = at < 0 ? undefined : (argv[at]?.split('=')[1] ?? argv[at + 1])
  const wanted = asked ?? Intl.DateTimeFormat().resolvedOptions().locale
  return /^zh\b/i.test(wanted) ? 'zh-CN' : 'en'
}

/** The first Ctrl-C lets the command end at a point it can go on from, the second ends it at once. */
function onSignals(stopping: AbortController, output: Output): () => void {
  const stop = (signal: NodeJS.Signals) => {
    if (stopping.signal.aborted) process.exit(INTERRUPTED)
    stopping.abort()
    if (signal === 'SIGINT') output.say({ en: 'Stopping …', 'zh-CN': '正在停止…' })
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  return () => void process.off('SIGINT', stop).off('SIGTERM', stop)
}

/** One line with cause and remedy; with --json also an object. What nobody expected shows where it happened. */
function report(error: unknown, output: Output, json: boolean): number {
  if (!isRoiError(error)) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
    if (json) output.failure({ code: 'internal', message: redact(`${name}: ${message}`), remedy: null })
    else output.fail(redact(stack ?? message))
    return 1
  }
  const { locale } = output
  const { code, text, remedy, exitCode } = error
  if (json) output.failure({ code, message: text[locale], remedy: remedy?.[locale] ?? null })
  else output.fail(`${locale === 'en' ? 'Error: ' : '错误：'}${error.describe(locale)}`)
  return exitCode
}

/** The reader of our output went away, as `| head` does. */
function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE'
}
