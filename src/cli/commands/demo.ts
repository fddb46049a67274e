import { loadConfig } from '../../config.ts'
import { createLog } from '../../log.ts'
import { defineCommand } from '../command.ts'
import { demoPlace } from '../place.ts'

export default defineCommand({
  name: 'demo',
  usage: '[--reset]',
  summary: {
    en: 'Show two sample data sets in the browser; needs no account and no network',
    'zh-CN': '在浏览器中展示两套示例数据；无需账号和网络',
  },
  notes: {
    en: 'The samples live in DATA/demo, apart from your own data; their files are in DATA/demo/set-a and set-b.',
    'zh-CN': '示例数据保存在 DATA/demo，与您自己的数据分开；其文件在 DATA/demo/set-a 和 set-b。',
  },
  examples: ['demo', 'demo --reset', 'report --workspace demo-a'],
  options: {
    reset: {
      type: 'boolean',
      help: { en: 'forget changes and seed again', 'zh-CN': '丢弃改动并重新生成示例数据' },
    },
  },
  async run({ options, data, json, output, signal }) {
    const config = loadConfig(undefined, { dataDir: data })
    const place = demoPlace(config)
    const log = createLog(config.logLevel)
    const { host } = await import('../host.ts')
    const { forgetDemo, seedDemo } = await import('../../demo/seed.ts')
    await host({
      place,
      log,
      output,
      signal,
      before: async () => {
        if (options.reset) await forgetDemo(place.config.dataDir)
      },
      prepare: (app) => seedDemo(app, place.config.dataDir, (progress) => output.progress(progress)),
      async ready(url) {
        if (json) await output.json({ url })
        else await output.data(`${READY[output.locale]}${url}\n`)
        output.say(NEXT)
      },
    })
    return 0
  },
})

const READY = { en: 'The demo is at ', 'zh-CN': '演示已启动：' } as const

const NEXT = {
  en: [
    'To see your own numbers: npm run -s roi-panel -- serve, then drop your CSV files on the page,',
    'or: npm run -s roi-panel -- import FILES. Ctrl-C ends the demo.',
  ].join('\n'),
  'zh-CN': [
    '查看您自己的数据：运行 npm run -s roi-panel -- serve，然后把 CSV 文件拖到页面上；',
    '或运行 npm run -s roi-panel -- import 文件。按 Ctrl-C 结束演示。',
  ].join('\n'),
} as const
