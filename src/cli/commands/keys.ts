import type { KeyRotation, KeyUse } from '../../state/state.ts'
import { defineCommand, type Invocation } from '../command.ts'
import { usage } from '../parse.ts'

export default defineCommand({
  name: 'keys',
  usage: 'generate | list | rotate',
  summary: {
    en: 'Keys that the credentials of connections are sealed with',
    'zh-CN': '管理用于加密连接凭据的密钥',
  },
  notes: {
    en: 'generate prints a new key for ROI_PANEL_KEYS and changes nothing. rotate seals everything with a new key: a file\nstore makes one itself; with ROI_PANEL_DATABASE_URL put the new key first in ROI_PANEL_KEYS, keep the old ones behind\nit, restart, then rotate.',
    'zh-CN':
      'generate 输出一个用于 ROI_PANEL_KEYS 的新密钥，不做任何更改。rotate 用新密钥重新加密全部凭据：文件存储会自动生成密钥；\n使用 ROI_PANEL_DATABASE_URL 时，请把新密钥放在 ROI_PANEL_KEYS 的最前面并保留旧密钥，重启后再执行 rotate。',
  },
  examples: ['keys generate', 'keys list', 'keys rotate'],
  options: {},
  async run(invocation) {
    const [action, ...more] = invocation.positionals
    if (more.length > 0) throw badUsage()
    if (action === 'generate') return generate(invocation)
    if (action === 'list') return list(invocation)
    if (action === 'rotate') return rotate(invocation)
    throw badUsage()
  },
})

async function generate({ json, output }: Invocation): Promise<undefined> {
  const { generateEntry } = await import('../../state/key-list.ts')
  const made = generateEntry()
  if (json) return void (await output.json(made))
  await output.data(`${made.entry}\n`)
  output.say({
    en: 'Set ROI_PANEL_KEYS to this, or put it and a comma before what is there. Keep it as safe as a password.',
    'zh-CN': '请将 ROI_PANEL_KEYS 设为此值，或将其加逗号放在原有值之前。请像密码一样妥善保管。',
  })
}

async function list({ workspace, json, output, open }: Invocation): Promise<undefined> {
  const keys = await (await open()).call('keys', { workspace })
  if (json) return void (await output.json(keys))
  await output.data(keys.map((key) => `${line(key)[output.locale]}\n`).join(''))
}

async function rotate({ workspace, json, output, open }: Invocation): Promise<undefined> {
  const done = await (await open()).call('rotate_keys', { workspace })
  if (json) return void (await output.json(done))
  tell(done, output)
}

function tell({ resealed, keys, forgotten }: KeyRotation, output: Invocation['output']): void {
  output.say({
    en: `${resealed} secrets were sealed with key ${keys[0]?.id}.`,
    'zh-CN': `已用密钥 ${keys[0]?.id} 重新加密 ${resealed} 项机密信息。`,
  })
  if (forgotten.length > 0) {
    output.say({ en: `Removed: ${forgotten.join(', ')}.`, 'zh-CN': `已删除：${forgotten.join('、')}。` })
  }
  const unused = keys.filter(({ current, secrets }) => !current && secrets === 0).map(({ id }) => id)
  if (unused.length > 0) {
    output.say({
      en: `No longer needed in ROI_PANEL_KEYS, unless for an older backup: ${unused.join(', ')}.`,
      'zh-CN': `ROI_PANEL_KEYS 中不再需要（旧备份除外）：${unused.join('、')}。`,
    })
  }
}

function line({ id, current, known, secrets }: KeyUse) {
  return {
    en: `${id}  ${secrets} secrets${current ? '  current' : ''}${known ? '' : '  MISSING'}`,
    'zh-CN': `${id}  ${secrets} 项${current ? '  当前' : ''}${known ? '' : '  缺失'}`,
  }
}

function badUsage() {
  return usage(
    'bad_keys_command',
    { en: 'keys needs "generate", "list" or "rotate".', 'zh-CN': 'keys 需要 “generate”、“list” 或 “rotate”。' },
    { en: 'Write "keys list".', 'zh-CN': '例如 “keys list”。' },
  )
}
