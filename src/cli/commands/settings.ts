import { readFile } from 'node:fs/promises'
import { RoiError } from '../../errors.ts'
import { defineCommand } from '../command.ts'
import { usage } from '../parse.ts'
import { plain } from '../text.ts'

export default defineCommand({
  name: 'settings',
  usage: 'get [KEY] | set KEY VALUE',
  summary: { en: 'Read or change the settings of a workspace', 'zh-CN': '查看或修改工作区设置' },
  notes: {
    en: 'Keys: currency, zone, lookback_days, half_life_days, locale, fiscal_start, direct_channels, model, custom_weights,\nchannel_rules. VALUE may be @FILE. A change that touches attribution recomputes it.',
    'zh-CN':
      '设置项：currency、zone、lookback_days、half_life_days、locale、fiscal_start、direct_channels、model、custom_weights、\nchannel_rules。VALUE 可写成 @文件。影响归因的修改会自动重算。',
  },
  examples: [
    'settings get',
    'settings set currency USD',
    'settings set lookback_days none',
    'settings set channel_rules @rules.json',
  ],
  options: {
    reason: {
      type: 'string',
      value: 'TEXT',
      help: { en: 'why: kept with the version of the configuration', 'zh-CN': '原因，随配置版本保存' },
    },
  },
  async run({ positionals, options, workspace, json, output, signal, open }) {
    const [action, key, value, ...more] = positionals
    if (action === 'get' && value === undefined) {
      const { settings } = await (await open()).call('settings', { workspace, ...(key && { key }) })
      const entries = Object.entries(settings)
      if (json) await output.json(key ? { key, value: settings[key] } : settings)
      else if (key) await output.data(`${show(settings[key])}\n`)
      else await output.data(entries.map(([name, value]) => `${name} = ${show(value)}\n`).join(''))
      return undefined
    }
    if (action !== 'set' || key === undefined || value === undefined || more.length > 0) throw badUsage()
    const text = value.startsWith('@') ? await readText(value.slice(1)) : value
    const session = await open()
    const done = await session.call(
      'set',
      { workspace, key, value: text, ...(options.reason !== undefined && { reason: options.reason }) },
      { signal, progress: (p) => output.progress(p) },
    )
    if (json) await output.json(done)
    else {
      output.say({
        en: `${key} = ${show(done.value)}${done.recomputed ? ' (attribution recomputed)' : ''}`,
        'zh-CN': `${key} = ${show(done.value)}${done.recomputed ? '（已重算归因）' : ''}`,
      })
      for (const { threshold, value, convention, stated } of done.shown ?? []) {
        output.say({
          en: `${threshold} reads ${value} (${convention}); it stays stated as ${stated.value} (${stated.convention}).`,
          'zh-CN': `${threshold} 现显示为 ${value}（${convention}）；保存的仍是 ${stated.value}（${stated.convention}）。`,
        })
      }
    }
    return undefined
  },
})

function badUsage() {
  return usage(
    'bad_settings_command',
    { en: 'settings needs "get" or "set".', 'zh-CN': 'settings 需要 “get” 或 “set”。' },
    {
      en: 'Write "settings get KEY" or "settings set KEY VALUE".',
      'zh-CN': '请写成 “settings get KEY” 或 “settings set KEY VALUE”。',
    },
  )
}

/** A setting as a person would type it. */
function show(value: unknown): string {
  if (value === null) return 'none'
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return plain(value.join(','))
  return plain(typeof value === 'string' ? value : JSON.stringify(value))
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new RoiError(
      'usage',
      'file_unreadable',
      { en: `The file "${path}" cannot be read.`, 'zh-CN': `无法读取文件“${path}”。` },
      { en: 'Check the path.', 'zh-CN': '请检查路径。' },
      { cause },
    )
  }
}
