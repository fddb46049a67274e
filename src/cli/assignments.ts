import { readFile } from 'node:fs/promises'
import type { ConnectorInfo, FormField } from '../api.ts'
import { closest } from '../closest.ts'
import { environmentValue } from '../config.ts'
import { usage } from './parse.ts'

/** How a value is written where it was given: after `--set `, or as an argument of its own. */
export type Prefix = '--set ' | ''

/**
 * The values of `KEY=VALUE`, `KEY=@FILE` and `KEY=env:NAME`. A secret is taken from a file or the environment only:
 * what stands on a command line is seen by others and kept in the history of the shell.
 * @throws RoiError `bad_assignment`, `unknown_connection_setting`, `plain_secret`, `file_unreadable`, `variable_missing`
 */
export async function readAssignments(
  texts: readonly string[],
  { id, fields }: Pick<ConnectorInfo, 'id' | 'fields'>,
  prefix: Prefix = '--set ',
): Promise<Record<string, string>> {
  const values: Record<string, string> = {}
  for (const text of texts) {
    const at = text.indexOf('=')
    if (at < 1) throw badAssignment(prefix)
    const field = fieldOf(text.slice(0, at), fields)
    values[field.key] = await resolved({ id, prefix }, field, text.slice(at + 1))
  }
  return values
}

function fieldOf(key: string, fields: readonly FormField[]): FormField {
  const found = fields.find((field) => field.key === key)
  if (found) return found
  const keys = fields.map((field) => field.key)
  // What looks like anything but a name may be a secret at the wrong place.
  const shown = /^[a-z][a-z_-]{0,29}$/i.test(key) ? ` "${key}"` : ''
  const near = shown === '' ? undefined : closest(key, keys)
  const list = keys.join(', ')
  throw usage(
    'unknown_connection_setting',
    { en: `There is no setting${shown}.`, 'zh-CN': `没有设置项${shown}。` },
    {
      en: `${near ? `Did you mean ${near}? ` : ''}Settings: ${list}.`,
      'zh-CN': `${near ? `是否想输入 ${near}？` : ''}可用的设置项：${list}。`,
    },
  )
}

/** Where a value was given: which connector it is for, and how. */
interface Place {
  readonly id: string
  readonly prefix: Prefix
}

async function resolved(place: Place, { key, kind }: FormField, text: string): Promise<string> {
  if (text.startsWith('@')) return readValue(key, text.slice(1))
  if (text.startsWith('env:')) return variable(key, text.slice(4))
  if (kind === 'secret' && text !== '') throw plainSecret(place, key)
  return text
}

async function readValue(key: string, path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '').trimEnd()
  } catch {
    throw usage(
      'file_unreadable',
      { en: `The file for ${key} cannot be read: ${path}`, 'zh-CN': `无法读取 ${key} 的文件：${path}` },
      { en: 'Check the path.', 'zh-CN': '请检查路径。' },
    )
  }
}

function variable(key: string, name: string): string {
  const value = environmentValue(name)
  if (value !== undefined) return value
  throw usage(
    'variable_missing',
    { en: `The environment variable for ${key} is not set: ${name}`, 'zh-CN': `${key} 的环境变量未设置：${name}` },
    { en: `Set it, such as: export ${name}=…`, 'zh-CN': `请先设置，例如：export ${name}=…` },
  )
}

/** Says nothing of what was given: it may have been the secret alone. */
function badAssignment(prefix: Prefix) {
  return usage(
    'bad_assignment',
    {
      en: `${prefix ? '--set' : 'Each change'} needs a setting and its value.`,
      'zh-CN': `${prefix ? '--set ' : '每项修改'}需要设置项及其值。`,
    },
    {
      en: `Write ${prefix}KEY=VALUE, KEY=@FILE or KEY=env:NAME.`,
      'zh-CN': `请写成 ${prefix}KEY=VALUE、KEY=@文件 或 KEY=env:变量名。`,
    },
  )
}

function plainSecret({ id, prefix }: Place, key: string) {
  const name = variableName(`${id}_${key}`)
  const ask = prefix
    ? { en: ', or leave it out and type it when asked', 'zh-CN': '，或省略并在提示时输入' }
    : { en: '', 'zh-CN': '' }
  return usage(
    'plain_secret',
    {
      en: `${key} is a secret: on a command line others see it, and the shell keeps it. It was not used.`,
      'zh-CN': `${key} 是机密信息：写在命令行上会被他人看到，也会留在 shell 历史中。未使用该值。`,
    },
    {
      en: `Write ${prefix}${key}=@FILE or ${prefix}${key}=env:${name}${ask.en}. If it was the real one, replace it at the source.`,
      'zh-CN': `请写成 ${prefix}${key}=@文件 或 ${prefix}${key}=env:${name}${ask['zh-CN']}。如果刚才输入的是真实值，请在数据源处更换。`,
    },
  )
}

/** How an environment variable for a setting may be called. */
export function variableName(key: string): string {
  return key.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')
}
