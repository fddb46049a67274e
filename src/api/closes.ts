import { z } from 'zod'
import { Money } from '../api.ts'
import { RULE_MODELS } from '../model/rule-models.ts'
import { REVENUE_BASES } from '../model/rules.ts'
import { ConfigChange } from './governance.ts'

const Month = z.string().regex(/^\d{4}-\d{2}$/)

/** Sums of a closed, or closable, month. */
const Figures = z.object({
  cost: Money,
  /** Attributed, under the model and revenue basis named beside it. */
  revenue: Money,
  unattributed: Money,
  leads: z.number(),
  won: z.number(),
  new_customers: z.number(),
})

/** Something that speaks against closing yet; it does not prevent it. */
export const Unfinished = z.object({
  code: z.enum([
    'no_data_since',
    'earlier_open',
    'planned_costs',
    'fx_missing',
    'uncosted',
    'unattributed',
    'immature',
    'not_reconciled',
  ]),
  message: z.string(),
  count: z.number().nullable(),
  money: Money.nullable(),
})
export type Unfinished = z.infer<typeof Unfinished>

/** A month that was closed (F144). */
export const CloseInfo = z.object({
  id: z.string(),
  month: Month,
  state: z.enum(['closed', 'reopened']),
  at: z.iso.datetime(),
  author: z.string().nullable(),
  currency: z.string(),
  model: z.enum(RULE_MODELS),
  revenue_basis: z.enum(REVENUE_BASES),
  config_version: z.number(),
  data_hash: z.string(),
  reopened: z.object({ at: z.iso.datetime(), author: z.string().nullable(), reason: z.string() }).nullable(),
})
export type CloseInfo = z.infer<typeof CloseInfo>

/** `POST /api/v1/closes`, `close PERIOD --json`, and its preview with `dry_run`. */
export const CloseResult = z.object({
  workspace: z.string(),
  dry_run: z.boolean(),
  currency: z.string(),
  model: z.enum(RULE_MODELS),
  revenue_basis: z.enum(REVENUE_BASES),
  months: z.array(
    z.object({
      month: Month,
      /** Null in a preview, and the close that holds where there is one. */
      close: CloseInfo.nullable(),
      figures: Figures,
      unfinished: z.array(Unfinished),
    }),
  ),
})
export type CloseResult = z.infer<typeof CloseResult>

/** `GET /api/v1/closes`, `close list --json`: newest month first, those that were reopened among them. */
export const Closes = z.object({ workspace: z.string(), closes: z.array(CloseInfo) })
export type Closes = z.infer<typeof Closes>

/** What became of a record of a closed month. */
export const RestatedRecord = z.object({
  /** `cost`, `won`, `receipt`, `invoice`, `refund`, `loss`. */
  what: z.enum(['cost', 'won', 'receipt', 'invoice', 'refund', 'loss']),
  /**
   * `added`, `removed`: to or from the data; `date`: it is of another month now; `amount`, `rate`: it is worth another sum, by its own
   * amount or by the exchange rate; `attribution`: other channels have its credit; `place`: the cost counts at another channel.
   */
  change: z.enum(['added', 'removed', 'date', 'amount', 'rate', 'attribution', 'place']),
  source: z.string(),
  id: z.string(),
  name: z.string().nullable(),
  day_before: z.iso.date().nullable(),
  day_after: z.iso.date().nullable(),
  /** In the workspace's currency; null where it was not, or is not, of the month. */
  before: Money.nullable(),
  after: Money.nullable(),
  /** What it makes different by channel; the key is null for credit without a touch. */
  channels: z.array(z.object({ channel: z.string().nullable(), label: z.string(), difference: Money })),
})
export type RestatedRecord = z.infer<typeof RestatedRecord>

const Pair = z.object({ before: Money, after: Money, difference: Money })
const Counted = z.object({ before: z.number(), after: z.number() })

/**
 * `GET /api/v1/closes/:month`, `close show MONTH --json`: the locked numbers beside what the data says now, by channel, and why they
 * differ (F144). The differences of the records add up to those of the channels.
 */
export const Restatement = z.object({
  workspace: z.string(),
  close: CloseInfo,
  changed: z.boolean(),
  channels: z.array(
    z.object({
      /** Null: without a touch. */
      channel: z.string().nullable(),
      label: z.string(),
      cost: Pair,
      revenue: Pair,
      leads: Counted,
      won: Counted,
      new_customers: Counted,
    }),
  ),
  total: z.object({ cost: Pair, revenue: Pair, leads: Counted, won: Counted, new_customers: Counted }),
  /** What changed of the configuration since. */
  configuration: z.object({ before: z.number(), after: z.number(), changes: z.array(ConfigChange) }),
  /** Largest difference first. */
  records: z.array(RestatedRecord),
  count: z.number(),
  next: z.number().nullable(),
})
export type Restatement = z.infer<typeof Restatement>
