import { z } from 'zod'
import { Dimension } from '../api.ts'
import { anyModel } from './requests-data-driven.ts'
import { group, key, model, ordered, page, period, reading, scope } from './requests-parts.ts'

/** What may be asked of the dictionary and of how numbers come about. */

const metric = z.string().min(1).max(40)
const question = {
  ...scope,
  ...period,
  ...reading,
  ...group,
  ...anyModel,
  metric,
  by: Dimension.default('channel'),
}

export const EXPLAIN_REQUESTS = {
  explain: ordered(z.object({ ...question, ...page })),
  proof: ordered(z.object(question)),
  explain_credit: z.object({ ...scope, deal: key, source: z.string().min(1).max(200).exactOptional(), model }),
  /** Absent = every metric. */
  dictionary: z.object({ ...scope, metric: metric.exactOptional() }),
} as const
