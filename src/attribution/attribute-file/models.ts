import { RoiError, type Text } from '../../errors.ts'
import { DATA_ALIASES, DATA_MODELS } from '../../model/data-models.ts'
import type { Form } from './header.ts'

/** Models a file can be put through, in the order of the answer (attribution.md §1). */
export const FILE_MODELS = [
  'first',
  'last',
  'last_non_direct',
  'linear',
  'u_position',
  'j_position',
  'inverse_j_position',
  'time_decay',
  ...DATA_MODELS,
] as const
export type FileModel = (typeof FILE_MODELS)[number]

const ALIASES: Readonly<Record<string, FileModel>> = DATA_ALIASES

const NO_MILESTONES: Text = {
  en: 'it needs the dates of lead and opportunity, which a file of journeys does not hold',
  'zh-CN': '它需要线索和商机的日期，而旅程文件中没有',
}
/** Models of the product that no file allows, and why. */
const IMPOSSIBLE: Readonly<Record<string, Text>> = {
  u_milestone: NO_MILESTONES,
  u_milestone_50: NO_MILESTONES,
  w_milestone: NO_MILESTONES,
  full_path: NO_MILESTONES,
  custom: {
    en: 'its weights are a setting of a workspace, and a file has none',
    'zh-CN': '它的权重是工作区的设置，而文件不属于任何工作区',
  },
  influence: {
    en: 'it counts an outcome once per campaign, so it never adds up and is not credit',
    'zh-CN': '它对每个活动都计一次，不可相加，不是归因权重',
  },
}
const NO_TIMES: Text = {
  en: 'it needs the time of each touch, and a file of paths holds none',
  'zh-CN': '它需要每个触点的时间，而路径文件中没有',
}

/**
 * The models asked for, each once, in the order of the answer. `all` = every model the form of the file allows.
 * @throws RoiError `unknown_model`, `model_not_possible`
 */
export function chooseModels(asked: string | readonly string[], form: Form): FileModel[] {
  const names = (typeof asked === 'string' ? asked.split(',') : asked).map((name) => name.trim()).filter(Boolean)
  if (names.length === 0) throw unknown('')
  const chosen = new Set<string>()
  for (const name of names) {
    if (name === 'all') for (const model of FILE_MODELS) if (!reasonAgainst(model, form)) chosen.add(model)
    if (name !== 'all') chosen.add(possible(name, form))
  }
  return FILE_MODELS.filter((model) => chosen.has(model))
}

function possible(name: string, form: Form): FileModel {
  const reason = reasonAgainst(name, form)
  if (reason) throw notPossible(name, reason)
  const model = Object.hasOwn(ALIASES, name) ? ALIASES[name] : name
  const known = FILE_MODELS.find((id) => id === model)
  if (!known) throw unknown(name)
  return known
}

function reasonAgainst(name: string, form: Form): Text | undefined {
  if (name === 'time_decay' && form === 'paths') return NO_TIMES
  return Object.hasOwn(IMPOSSIBLE, name) ? IMPOSSIBLE[name] : undefined
}

function unknown(name: string): RoiError {
  const shown = name.slice(0, 60)
  const list = ['all', ...FILE_MODELS, ...Object.keys(ALIASES)].join(', ')
  return new RoiError(
    'usage',
    'unknown_model',
    {
      en: name === '' ? 'No model is named.' : `There is no model "${shown}".`,
      'zh-CN': name === '' ? '没有指定模型。' : `没有模型“${shown}”。`,
    },
    { en: `Choose from: ${list}.`, 'zh-CN': `可选：${list}。` },
  )
}

function notPossible(name: string, reason: Text): RoiError {
  return new RoiError(
    'usage',
    'model_not_possible',
    {
      en: `The model ${name} is not possible for this file: ${reason.en}.`,
      'zh-CN': `此文件无法使用模型 ${name}：${reason['zh-CN']}。`,
    },
    {
      en: 'Leave it out, or use "all" for every model this file allows.',
      'zh-CN': '请去掉该模型，或用 all 表示此文件允许的全部模型。',
    },
  )
}
