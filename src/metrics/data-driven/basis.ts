import type { Locale, Text } from '../../errors.ts'
import { DATA_FLOOR } from '../../model/data-models.ts'
import { labelOf } from '../labels.ts'
import type { ModelResult } from './model.ts'

/** How a data-driven model splits a single deal: the same words wherever its credit is explained. */
const SPLIT: Readonly<Record<'weights' | 'parts', Text>> = {
  weights: {
    en: "Each deal is split over its touches by the weights of their channels over all journeys of the period, normalized within the deal, so that the ledger adds up. A channel's sum over the deals may differ from the model's own credit.",
    'zh-CN':
      '每笔成交按其触点所属渠道在本期全部旅程中的权重分配，并在该成交内归一化，因此台账逐笔可加。各渠道的逐笔合计可能与模型自身的渠道归因不同。',
  },
  parts: {
    en: "Each deal goes in equal parts to its different channels, and a channel's part in equal parts to its touches; the sums over the deals are the model's own credit.",
    'zh-CN': '每笔成交平均分给其不同渠道，渠道所得再平均分给该渠道的触点；逐笔合计即模型自身的渠道归因。',
  },
}

export function splitOf({ weights }: Pick<ModelResult, 'weights'>, locale: Locale): string {
  return SPLIT[weights.shared ? 'parts' : 'weights'][locale]
}

/** What an explanation of credit under a data-driven model says: the data it rests on, the weights, and how they split a deal. */
export interface ModelBasis {
  readonly split: string
  /** As `configuration` of an explanation. */
  readonly configuration: Readonly<Record<string, string | number | null>>
  /** Weight of each channel, 0 to 1, largest first. */
  readonly weights: readonly {
    readonly channel: string
    readonly label: string
    readonly weight: number
    readonly removal_effect: number | null
  }[]
}

export function modelBasis(result: ModelResult, locale: Locale): ModelBasis {
  const { model, seed, journeys, conversions, probability, orders } = result
  return {
    split: splitOf(result, locale),
    configuration: {
      model,
      seed,
      journeys,
      conversions,
      conversions_needed: DATA_FLOOR.conversions,
      paths_needed: DATA_FLOOR.paths,
      probability,
      orders,
    },
    weights: byWeight(result).map(({ key, share, removalEffect }) => ({
      channel: key,
      label: labelOf('channel', { key, name: null }, locale),
      weight: share,
      removal_effect: removalEffect,
    })),
  }
}

/** Channels of a result, largest weight first; equal ones in the order of their names. */
export function byWeight({ channels }: ModelResult): ModelResult['channels'] {
  return channels.toSorted((a, b) => b.share - a.share)
}
