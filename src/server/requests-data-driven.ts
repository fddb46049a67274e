import { z } from 'zod'
import { DateBasis, Dimension } from '../api.ts'
import { DATA_ALIASES, DATA_MODELS, type DataModel, REPORT_MODELS, type ReportModel } from '../model/data-models.ts'
import { ordered, period, reading, scope } from './requests-parts.ts'

/** What may be asked about data-driven models, and under them. */

const ALIASES = Object.keys(DATA_ALIASES) as (keyof typeof DATA_ALIASES)[]
const plain = <M extends string>(name: M | keyof typeof DATA_ALIASES) =>
  (Object.hasOwn(DATA_ALIASES, name) ? DATA_ALIASES[name as keyof typeof DATA_ALIASES] : name) as M | DataModel

/** Any model a report can be asked under; `markov` and `shapley` are their plain variants. */
const reportModel = z.enum([...REPORT_MODELS, ...ALIASES]).transform((name): ReportModel => plain(name))
const dataModel = z.enum([...DATA_MODELS, ...ALIASES]).transform((name): DataModel => plain(name))
/** Each resample computes the model once: so many take a minute on a large store. */
const MAX_RESAMPLES = 1000
const interval = z.coerce.number().int().min(1).max(MAX_RESAMPLES).exactOptional()
const seed = z.coerce.number().int().min(-2_147_483_647).max(2_147_483_647).exactOptional()

/** Parts of a question that may be asked under any model. */
export const anyModel = {
  /** Absent = the workspace's. */
  model: reportModel.exactOptional(),
  /** Of everything drawn under a data-driven model; absent = 1. */
  seed,
}
/** The same where intervals can be had. */
export const withInterval = {
  ...anyModel,
  /** Resamples; absent = no intervals. */
  interval,
}

export const DATA_DRIVEN_REQUESTS = {
  panel_model: ordered(
    z.object({ ...scope, ...period, ...reading, ...anyModel, by: Dimension.default('channel'), model: reportModel }),
  ),
  attribution: ordered(
    z.object({
      ...scope,
      ...period,
      date_basis: DateBasis.exactOptional(),
      /** Data-driven models: one, several, or a list with commas; absent = all. */
      model: z
        .preprocess((given) => (typeof given === 'string' ? given.split(',') : given), z.array(dataModel).max(20))
        .exactOptional(),
      interval,
      seed,
    }),
  ),
} as const
