import { RoiError } from '../errors.ts'
import type { CampaignRef } from '../state/manual-values.ts'

/** What the commands of campaign records refuse. */

export function taken(id: string): RoiError {
  const name = id.slice(0, 80)
  return new RoiError(
    'usage',
    'campaign_exists',
    { en: `There is a campaign "${name}" already.`, 'zh-CN': `已有营销活动“${name}”。` },
    {
      en: `Change it with "campaigns set ${name}", or choose another id.`,
      'zh-CN': `请用 “campaigns set ${name}” 修改，或换一个编号。`,
    },
  )
}

export function sourceNamesIt(field: string, { source }: CampaignRef): RoiError {
  return new RoiError(
    'usage',
    'field_of_source',
    {
      en: `${field} of this campaign is for ${source} to say. Nothing was saved.`,
      'zh-CN': `该营销活动的 ${field} 由 ${source} 决定。未保存任何内容。`,
    },
    { en: 'Change it at the source.', 'zh-CN': '请在来源处修改。' },
  )
}

export function cycle(ref: CampaignRef, parent: CampaignRef): RoiError {
  const [below, above] = [ref.id.slice(0, 80), parent.id.slice(0, 80)]
  return new RoiError(
    'usage',
    'campaign_cycle',
    {
      en: `"${above}" is "${below}" itself or below it: it cannot be its parent. Nothing was saved.`,
      'zh-CN': `“${above}”就是“${below}”或位于其下级，不能作为上级。未保存任何内容。`,
    },
    { en: 'Choose a campaign outside of it.', 'zh-CN': '请选择其范围之外的营销活动。' },
  )
}

export function twoCurrencies(field: string, currency: string): RoiError {
  return new RoiError(
    'usage',
    'two_currencies',
    {
      en: `The source has ${field} in ${currency}, and a campaign has one currency. Nothing was saved.`,
      'zh-CN': `来源中的 ${field} 为 ${currency}，而一个营销活动只有一种币种。未保存任何内容。`,
    },
    {
      en: `Give ${field} in the new currency as well, or keep ${currency}.`,
      'zh-CN': `请同时以新币种填写 ${field}，或沿用 ${currency}。`,
    },
  )
}

export function nothingSaid({ id, source }: CampaignRef): RoiError {
  const name = id.slice(0, 80)
  return new RoiError(
    'usage',
    'nothing_said',
    { en: `Nobody filled anything of "${name}" by hand.`, 'zh-CN': `“${name}”没有手工填写的内容。` },
    {
      en: `The campaign itself is removed at its source, ${source}.`,
      'zh-CN': `营销活动本身请在来源 ${source} 删除。`,
    },
  )
}
