import { z } from 'zod'
import { DateBasis, Dimension, RevenueBasis } from '../api.ts'
import { LOCALES } from '../errors.ts'
import { RULE_MODELS } from '../model/rule-models.ts'
import { Filter } from '../model/rules.ts'

/** What several requests have in common. */

/** Rows a page of an answer may hold. */
const MAX_PAGE = 500

export const key = z.string().min(1).max(512)
export const day = z.iso.date()
export const scope = {
  /** Key of the workspace; absent = the one shown first. */
  workspace: z.string().min(1).max(100).exactOptional(),
  /** Language of labels and messages; absent = the workspace's. */
  locale: z.enum(LOCALES).exactOptional(),
}
export const period = { from: day.nullable().default(null), to: day.nullable().default(null) }
export const page = {
  offset: z.coerce.number().int().min(0).max(10_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
}
export const model = z.enum(RULE_MODELS).exactOptional()
/** `channel:google_ads|baidu_ads`: places whose dimension is one of the values. */
const conditionText = z
  .string()
  .max(2000)
  .transform((text, context) => {
    const [name = '', ...rest] = text.split(':')
    const dimension = Filter.element.shape.dimension.safeParse(name)
    const is = rest
      .join(':')
      .split('|')
      .filter((value) => value !== '')
    if (dimension.success && is.length > 0) return { dimension: dimension.data, is }
    context.addIssue({ code: 'custom', message: 'no condition such as channel:google_ads|baidu_ads' })
    return z.NEVER
  })
/** As text, or as a command that was parsed once says it to a running `serve`. */
const condition = z.union([conditionText, Filter.element])
/** Which part of the data is looked at, by which dates, and what counts as revenue. */
export const reading = {
  /** Absent = the outcome itself. */
  date_basis: DateBasis.exactOptional(),
  /** Absent = the workspace's. */
  revenue_basis: RevenueBasis.exactOptional(),
  /** Conditions, all of which must hold; one or several. */
  where: z.union([condition.transform((one) => [one]), z.array(condition).max(10)]).exactOptional(),
  /** Name of a saved segment: its conditions must hold too. */
  segment: z.string().min(1).max(80).exactOptional(),
}
export const group = {
  /** Absent or null = all of them. */
  key: key.nullable().default(null),
  by2: Dimension.exactOptional(),
  /** Group of the second dimension. */
  key2: key.exactOptional(),
}

/** Periods are half-open: `to` is the first day outside. */
export function ordered<T extends z.ZodType<{ from: string | null; to: string | null }>>(schema: T) {
  return schema.refine(({ from, to }) => from === null || to === null || from < to, {
    path: ['to'],
    params: { after: 'from' },
  })
}

/** The question of a report. */
export const ReportQuestion = {
  ...scope,
  ...period,
  ...reading,
  by: Dimension.default('channel'),
  /** Second dimension. */
  by2: Dimension.exactOptional(),
  /** Absent = the workspace's. */
  model,
}
