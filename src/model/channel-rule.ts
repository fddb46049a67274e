import { z } from 'zod'

/** What a condition may look at. `referrer` compares the host name, `click_id` its parameter name (`gclid=…`). */
export const RULE_FIELDS = [
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'click_id',
  'referrer',
  'kind',
  'landing_url',
] as const
export type RuleField = (typeof RULE_FIELDS)[number]

const words = z.array(z.string().min(1).max(200)).min(1).max(200)

/** One condition on one field, compared case-insensitively. All conditions of a rule must hold. */
export const ChannelCondition = z.strictObject({
  field: z.enum(RULE_FIELDS),
  /** The value is one of these. */
  is: words.exactOptional(),
  /** One of these is part of the value; words of up to three Latin letters must stand alone. */
  has: words.exactOptional(),
  /** For `referrer`: the host is one of these or below it. */
  under: words.exactOptional(),
  /** The field is empty (true) or not (false). */
  empty: z.boolean().exactOptional(),
})

/** A channel and what a touch must look like to belong to it. */
export const ChannelRule = z.strictObject({
  channel: z.string().min(1).max(200),
  when: z.array(ChannelCondition).min(1).max(20),
})
/** Ordered; the first match wins. */
export const ChannelRules = z.array(ChannelRule).max(500)
export type ChannelCondition = z.infer<typeof ChannelCondition>
export type ChannelRule = z.infer<typeof ChannelRule>
