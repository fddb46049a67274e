import { loadConfig } from '../../config.ts'
import { createLog } from '../../log.ts'
import { defineCommand } from '../command.ts'

export default defineCommand({
  name: 'serve',
  usage: '',
  summary: {
    en: 'Serve the panel on this machine until Ctrl-C',
    'zh-CN': '在本机提供面板服务，按 Ctrl-C 停止',
  },
  notes: {
    en: 'HOST and PORT say where (default 127.0.0.1:3000, PORT=0 picks a free port). Other commands keep working meanwhile.',
    'zh-CN': 'HOST 与 PORT 指定地址（默认 127.0.0.1:3000，PORT=0 自动选择空闲端口）。服务期间其他命令照常可用。',
  },
  examples: ['serve', 'serve --data ./data'],
  options: {},
  async run({ data, json, output, signal }) {
    const config = loadConfig(undefined, { dataDir: data })
    const { host } = await import('../host.ts')
    await host({
      place: { config, demo: false },
      log: createLog(config.logLevel),
      output,
      signal,
      async ready(url) {
        if (json) await output.json({ url })
        else await output.data(`${READY[output.locale]}${url}\n`)
        output.say({
          en: 'Drop your files on the page, or run: npm run -s roi-panel -- import FILES',
          'zh-CN': '请把文件拖到页面上，或运行：npm run -s roi-panel -- import 文件',
        })
      },
    })
    return 0
  },
})

const READY = { en: 'roi-panel is at ', 'zh-CN': 'roi-panel 已启动：' } as const
