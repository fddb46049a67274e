import { readFile } from 'node:fs/promises'
import type { CampaignName, TrailEntry } from '../api/costs.ts'
import type { Locale, Text } from '../errors.ts'
import { instant } from './connections.ts'
import { usage } from './parse.ts'
import { type TableColumn, table } from './table.ts'
import { plain } from './text.ts'

/** What the commands about things entered by hand have in common. */

/** An action of a command, and how many arguments may follow it. */
export type Actions = Readonly<Record<string, readonly [fewest: number, most: number]>>

/**
 * The action a command line names, `list` when it names none, with its arguments.
 * @throws RoiError `bad_action`
 */
export function actionOf(command: string, positionals: readonly string[], actions: Actions): [string, ...string[]] {
  const [action = 'list', ...rest] = positionals
  const range = Object.hasOwn(actions, action) ? actions[action] : undefined
  if (range && rest.length >= range[0] && rest.length <= range[1]) return [action, ...rest]
  const all = Object.keys(actions).join(', ')
  throw usage(
    'bad_action',
    {
      en: range
        ? `"${command} ${action}" needs other arguments.`
        : `${command} does not know "${action.slice(0, 40)}".`,
      'zh-CN': range ? `“${command} ${action}” 的参数不对。` : `${command} 没有操作“${action.slice(0, 40)}”。`,
    },
    { en: `Actions: ${all}; see "${command} --help".`, 'zh-CN': `可用操作：${all}；详见 “${command} --help”。` },
  )
}

/** Fields to take away, from `--clear A,B`, as nulls. @throws RoiError `unknown_field` */
export function cleared(given: string | undefined, fields: readonly string[]): Record<string, null> {
  const names = (given ?? '').split(',').flatMap((name) => name.trim().replaceAll('-', '_') || [])
  const wrong = names.find((name) => !fields.includes(name))
  if (wrong === undefined) return Object.fromEntries(names.map((name) => [name, null]))
  throw usage(
    'unknown_field',
    { en: `There is no field "${wrong.slice(0, 40)}" to clear.`, 'zh-CN': `没有可清除的字段“${wrong.slice(0, 40)}”。` },
    { en: `Fields: ${fields.join(', ')}.`, 'zh-CN': `字段：${fields.join('、')}。` },
  )
}

const YES = new Set(['true', '1', 'yes', '是'])
const NO = new Set(['false', '0', 'no', '否'])

/** A yes or no as people write it. @throws RoiError `bad_flag` */
export function yesNo(option: string, text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined
  if (YES.has(text.toLowerCase())) return true
  if (NO.has(text.toLowerCase())) return false
  throw usage(
    'bad_flag',
    { en: `--${option} needs yes or no.`, 'zh-CN': `--${option} 需要“是”或“否”。` },
    { en: `Write --${option} yes or --${option} no.`, 'zh-CN': `例如 --${option} yes 或 --${option} no。` },
  )
}

/** A number as people write it. @throws RoiError `bad_number` */
export function numeral(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
  throw usage(
    'bad_number',
    { en: `--${option} needs a number.`, 'zh-CN': `--${option} 需要一个数。` },
    { en: `Write --${option} 200.`, 'zh-CN': `例如 --${option} 200。` },
  )
}

/** JSON of a file, or as it stands. @throws RoiError `file_unreadable`, `bad_json` */
export async function readRules(given: string): Promise<unknown> {
  const text = given.startsWith('@') ? await readText(given.slice(1)) : given
  try {
    return JSON.parse(text)
  } catch {
    throw usage(
      'bad_json',
      { en: 'The rules are not readable as JSON.', 'zh-CN': '规则不是可读的 JSON。' },
      { en: 'Write @FILE, or a JSON array; check the commas.', 'zh-CN': '请写成 @文件 或 JSON 数组，并检查逗号。' },
    )
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    throw usage(
      'file_unreadable',
      { en: `The file "${path}" cannot be read.`, 'zh-CN': `无法读取文件“${path}”。` },
      { en: 'Check the path.', 'zh-CN': '请检查路径。' },
    )
  }
}

/** Columns of a table; a title that ends in `>` is of figures. */
export function columnsOf(titles: readonly string[]): TableColumn[] {
  return titles.map((title) =>
    title.endsWith('>') ? { title: title.slice(0, -1), align: 'right' } : { title, align: 'left' },
  )
}

const ACTIONS: Readonly<Record<TrailEntry['action'], Text>> = {
  added: { en: 'added', 'zh-CN': '新增' },
  changed: { en: 'changed', 'zh-CN': '修改' },
  removed: { en: 'removed', 'zh-CN': '删除' },
  imported: { en: 'imported', 'zh-CN': '导入' },
}

/** A trail, one line per change. */
export function trailTable(trail: readonly TrailEntry[], locale: Locale): string {
  const titles =
    locale === 'en' ? ['When', 'Who', 'What', 'Changes', 'Reason'] : ['时间', '操作者', '操作', '变更', '原因']
  const rows = trail.map(({ at, by, action, changes, reason, import: from }) => [
    instant(at, locale),
    by ?? from ?? '–',
    ACTIONS[action][locale],
    changes.map(({ field, before, after }) => `${field}: ${before ?? '–'} → ${after ?? '–'}`).join('; '),
    reason ?? '',
  ])
  return table(columnsOf(titles), rows)
}

/** A campaign as people read it. */
export function campaignLabel(campaign: CampaignName | null): string {
  return campaign === null ? '' : plain(campaign.name ?? campaign.id)
}
