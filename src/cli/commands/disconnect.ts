import type { ConnectionStatus } from '../../api.ts'
import { isRoiError } from '../../errors.ts'
import { defineCommand, type Invocation, type Options } from '../command.ts'
import { theOnly } from '../connections.ts'
import { usage } from '../parse.ts'
import { type Prompt, terminalPrompt } from '../prompt.ts'
import { plain } from '../text.ts'

const OPTIONS = {
  erase: {
    type: 'boolean',
    help: { en: 'also remove everything it brought', 'zh-CN': '同时删除该连接带来的全部数据' },
  },
  force: {
    type: 'boolean',
    help: {
      en: 'also when the source cannot be asked to uninstall the app',
      'zh-CN': '即使无法请求数据源卸载应用也断开',
    },
  },
} as const satisfies Options

export default defineCommand({
  name: 'disconnect',
  usage: 'ID [--erase] [--force]',
  summary: {
    en: 'Forget a connection and its secrets; its data stays unless --erase',
    'zh-CN': '移除连接及其机密信息；除非使用 --erase，数据会保留',
  },
  examples: ['disconnect con_…', 'disconnect hubspot --erase --yes'],
  options: OPTIONS,
  run: (invocation) => disconnect(invocation),
})

/** @param prompt stands in for the terminal in tests */
export async function disconnect(invocation: Invocation<typeof OPTIONS>, prompt?: Prompt): Promise<number | undefined> {
  const { positionals, options, workspace, yes, json, output, signal, open } = invocation
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0) throw badUsage()
  const session = await open()
  const locale = invocation.locale ?? output.locale
  const connection = theOnly(name, await session.call('connections', { workspace, locale, only: [name] }))
  const erase = options.erase ?? false
  const person = prompt ?? terminalPrompt(signal)
  if (!yes && !(await confirmed(connection, erase, person, locale))) {
    output.say({ en: 'Nothing was changed.', 'zh-CN': '未作任何更改。' })
    return undefined
  }
  const forget = (force: boolean) =>
    session.call('disconnect', { workspace, locale, id: connection.id, erase, force }, { signal })
  const done = await forget(options.force ?? false).catch(async (error) => {
    // --yes answers the question whether to disconnect, not what to do when that does not work.
    if (!isRoiError(error) || error.code !== 'uninstall_failed' || yes || !person) throw error
    output.warn(error.text)
    if (!(await answered(person, FORGET[locale]))) throw error
    return forget(true)
  })
  if (json) await output.json(done)
  else {
    const title = plain(done.title)
    output.say(
      erase
        ? {
            en: `${title} is disconnected, ${done.removed} rows were removed.`,
            'zh-CN': `已断开 ${title}，删除 ${done.removed} 行。`,
          }
        : { en: `${title} is disconnected, its data stays.`, 'zh-CN': `已断开 ${title}，数据保留。` },
    )
  }
  return undefined
}

async function confirmed(
  { title, rows }: ConnectionStatus,
  erase: boolean,
  prompt: Prompt | undefined,
  locale: 'en' | 'zh-CN',
): Promise<boolean> {
  if (!prompt) throw needsYes()
  const count = Object.values(rows).reduce((sum, n) => sum + n, 0)
  const what = {
    en: erase ? `Disconnect ${title} and remove its ${count} rows?` : `Disconnect ${title}? Its ${count} rows stay.`,
    'zh-CN': erase ? `断开 ${title} 并删除其 ${count} 行数据？` : `断开 ${title}？其 ${count} 行数据会保留。`,
  }
  return answered(prompt, what[locale])
}

async function answered(prompt: Prompt, question: string): Promise<boolean> {
  return /^(?:y|yes|是)$/i.test(await prompt.ask(`${plain(question)} [y/N] `))
}

const FORGET = {
  en: 'Forget the connection here all the same? The app then stays installed at the source.',
  'zh-CN': '仍要在此处移除该连接吗？应用将继续保留在数据源中。',
} as const

function badUsage() {
  return usage(
    'bad_disconnect',
    { en: 'disconnect needs one connection.', 'zh-CN': 'disconnect 需要一个连接。' },
    { en: 'Write "disconnect ID"; status shows the ids.', 'zh-CN': '请写成 “disconnect ID”；用 status 查看编号。' },
  )
}

function needsYes() {
  return usage(
    'confirmation_needed',
    { en: 'There is no terminal to confirm at.', 'zh-CN': '当前没有可供确认的终端。' },
    { en: 'Add --yes to do it without a question.', 'zh-CN': '请加上 --yes 以跳过确认。' },
  )
}
