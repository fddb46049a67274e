import type { Locale, Text } from '../../errors.ts'
import { DATA_FLOOR } from '../../model/data-models.ts'
import type { Engine } from './engine.ts'

/** Names listed before the rest is only counted. */
const LISTED = 10

export interface Summary {
  readonly rows: number
  readonly journeys: number
  readonly conversions: number
  readonly value: number
  readonly untouched_conversions: number
  readonly untouched_value: number
  readonly late: number
  readonly unnamed: number
}

/** What a reader should know about the input before trusting the numbers. The data floor only warns here. */
export async function inputWarnings(
  engine: Engine,
  summary: Summary,
  dataDriven: boolean,
  locale: Locale,
): Promise<string[]> {
  const { conversions, late, unnamed, untouched_conversions: untouched } = summary
  const said: (Text | false)[] = [
    late > 0 && {
      en: `${late} touches after the conversion of their journey were left out.`,
      'zh-CN': `已排除 ${late} 个晚于所属旅程转化时间的触点。`,
    },
    unnamed > 0 && {
      en: `${unnamed} touches without a channel are counted as (none).`,
      'zh-CN': `${unnamed} 个触点没有渠道，计入 (none)。`,
    },
    untouched > 0 && {
      en: `${untouched} conversions have no touch before them: they stand in the row (unattributed).`,
      'zh-CN': `${untouched} 个转化之前没有任何触点，列入 (unattributed) 行。`,
    },
    conversions === 0 && { en: 'Nothing converted: all credit is 0.', 'zh-CN': '没有任何转化，所有归因均为 0。' },
    dataDriven && conversions < DATA_FLOOR.conversions && tooFew(conversions),
    dataDriven && thin((await engine.query<{ name: string }>('thin-channels.sql')).map(({ name }) => name)),
  ]
  return said.flatMap((text) => (text ? [text[locale]] : []))
}

/** Shapley s6 of many channels is estimated, which nobody should have to guess. */
export function estimated(channels: number, orders: number, locale: Locale): string {
  const said: Text = {
    en: `shapley_s6: ${channels} channels are too many for all coalitions; estimated from ${orders} seeded orders.`,
    'zh-CN': `shapley_s6：${channels} 个渠道过多，无法穷举全部组合；由 ${orders} 个固定种子的随机顺序估计。`,
  }
  return said[locale]
}

function tooFew(conversions: number): Text {
  return {
    en: `Only ${conversions} conversions: below ${DATA_FLOOR.conversions} the data-driven models are not reliable.`,
    'zh-CN': `仅有 ${conversions} 个转化：少于 ${DATA_FLOOR.conversions} 个时数据驱动模型不可靠。`,
  }
}

function thin(names: readonly string[]): Text | false {
  if (names.length === 0) return false
  const more = names.length - LISTED
  const listed = names.slice(0, LISTED).join(', ')
  return {
    en: `Fewer than ${DATA_FLOOR.paths} paths: ${listed}${more > 0 ? ` and ${more} more` : ''}. Data-driven credit of these channels is not reliable.`,
    'zh-CN': `路径少于 ${DATA_FLOOR.paths} 条：${listed}${more > 0 ? ` 等另外 ${more} 个` : ''}。这些渠道的数据驱动归因不可靠。`,
  }
}
