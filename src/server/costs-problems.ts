import { RoiError } from '../errors.ts'

/** What the commands of the cost ledger refuse. */

export function unknownCost(id: string): RoiError {
  const shown = id.slice(0, 80)
  return new RoiError(
    'not_found',
    'unknown_cost',
    { en: `There is no cost "${shown}".`, 'zh-CN': `没有费用“${shown}”。` },
    { en: '"roi-panel costs --json" shows the ids.', 'zh-CN': '用 “roi-panel costs --json” 查看编号。' },
  )
}

export function notByHand(id: string, source: string): RoiError {
  const shown = id.slice(0, 80)
  return new RoiError(
    'usage',
    'not_by_hand',
    {
      en: `The cost "${shown}" came from ${source}; it is not edited here. Nothing was changed.`,
      'zh-CN': `费用“${shown}”来自 ${source}，不能在此修改。未作任何更改。`,
    },
    {
      en: 'Correct it at its source and import or sync again, or enter a correcting row with "costs add" (negative amounts are credits).',
      'zh-CN': '请在来源处更正后重新导入或同步，或用 “costs add” 录入一行更正（负数为冲减）。',
    },
  )
}

export function placeNeeded(): RoiError {
  return new RoiError(
    'usage',
    'place_needed',
    { en: 'It is not said what the cost is for. Nothing was saved.', 'zh-CN': '未说明费用归属。未保存任何内容。' },
    {
      en: 'Name a campaign, a channel, or "shared" as the campaign.',
      'zh-CN': '请指定营销活动或渠道，或将营销活动写为 “shared”（共摊）。',
    },
  )
}
