import { defineCommand } from '../command.ts'

export default defineCommand({
  name: 'recompute',
  usage: '[--all]',
  summary: {
    en: 'Bring attribution up to date with the data (imports do it by themselves)',
    'zh-CN': '使归因结果与数据同步（导入后会自动进行）',
  },
  examples: ['recompute', 'recompute --all'],
  options: {
    all: {
      type: 'boolean',
      help: { en: 'everything, not only what changed', 'zh-CN': '全部重算，而不只是变化的部分' },
    },
  },
  async run({ options, workspace, locale, json, output, signal, open }) {
    const session = await open()
    const ask = { workspace, all: options.all ?? false, ...(locale && { locale }) }
    const done = await session.call('recompute', ask, { signal, progress: (progress) => output.progress(progress) })
    if (json) await output.json(done)
    else {
      const seconds = (done.milliseconds / 1000).toFixed(2)
      output.say({
        en: `${done.outcomes} outcomes recomputed (${done.mode}) in ${seconds} s.`,
        'zh-CN': `已重算 ${done.outcomes} 个转化目标（${done.mode}），用时 ${seconds} 秒。`,
      })
    }
    return undefined
  },
})
