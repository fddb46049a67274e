import { RULE_MODELS, type RuleModel } from './rule-models.ts'

/** Models computed over all journeys of a period (attribution.md §2, §3), in the order shown. Their ids carry the variant. */
export const DATA_MODELS = ['markov_1', 'markov_2', 'markov_3', 'shapley_s1', 'shapley_s6'] as const
export type DataModel = (typeof DATA_MODELS)[number]

/** Names people use for the plain variants. */
export const DATA_ALIASES = { markov: 'markov_1', shapley: 'shapley_s1' } as const satisfies Record<string, DataModel>

/** Models a report can be asked under. */
export const REPORT_MODELS = [...RULE_MODELS, ...DATA_MODELS] as const
export type ReportModel = RuleModel | DataModel

/** Journeys below which a data-driven model is not computed (product.md §4): those that converted, and those of each channel. */
export const DATA_FLOOR = { conversions: 300, paths: 30 } as const

export function isDataModel(model: string): model is DataModel {
  return DATA_MODELS.some((id) => id === model)
}

/** How many channels a state of the model's chain holds. */
export function orderOf(model: DataModel): 1 | 2 | 3 {
  return model === 'markov_2' ? 2 : model === 'markov_3' ? 3 : 1
}
