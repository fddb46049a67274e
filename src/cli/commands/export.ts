import { defineCommand } from '../command.ts'
import { usage } from '../parse.ts'

const WHAT = [
  'credit',
  'campaigns',
  'costs',
  'contacts',
  'accounts',
  'touches',
  'deals',
  'payments',
  'invoices',
  'rates',
] as const

export default defineCommand({
  name: 'export',
  usage: `${WHAT.join('|')} [--format csv|json]`,
  summary: {
    en: 'Write the credit ledger or the records of one kind',
    'zh-CN': '导出归因明细或某类记录',
  },
  examples: ['export credit --model linear --format csv > credit.csv', 'export deals --format json'],
  options: {
    model: {
      type: 'string',
      value: 'M',
      help: { en: 'credit: attribution model (default: the setting)', 'zh-CN': 'credit：归因模型（默认：工作区设置）' },
    },
    format: {
      type: 'string',
      value: 'F',
      help: { en: 'csv (default) or json', 'zh-CN': 'csv（默认）或 json' },
    },
  },
  async run({ positionals, options, workspace, locale, json, output, signal, open }) {
    const [what, ...more] = positionals
    const name = WHAT.find((known) => known === what)
    if (!name || more.length > 0) {
      throw usage(
        'unknown_export',
        { en: 'export needs one thing to write.', 'zh-CN': 'export 需要指定一项导出内容。' },
        { en: `One of ${WHAT.join(', ')}.`, 'zh-CN': `可选 ${WHAT.join('、')}。` },
      )
    }
    const session = await open()
    const ask = {
      workspace,
      locale,
      what: name,
      format: options.format ?? (json ? 'json' : 'csv'),
      model: options.model,
    }
    await session.call('export', ask as object & { what: typeof name }, {
      chunk: (text) => output.data(text),
      signal,
    })
    return undefined
  },
})
