import { z } from 'zod'
import { RULE_MODELS } from '../model/rule-models.ts'
import { DIMENSIONS, REVENUE_BASES } from '../model/rules.ts'

/** Whole numbers beyond 2^53 travel as text. */
const whole = z.string().regex(/^-?\d+$/)
const day = z.iso.date()

/** What locked numbers were made from, beside the data. */
export const CloseBasis = z.object({
  config_version: z.number(),
  config_hash: z.string(),
  data_hash: z.string(),
  app_version: z.string(),
  currency: z.string(),
  zone: z.string(),
  /** What a restatement is told in. */
  model: z.enum(RULE_MODELS),
  revenue_basis: z.enum(REVENUE_BASES),
  digest: whole,
})
export type CloseBasis = z.infer<typeof CloseBasis>

/** Where locked credit and cost lies: the group by dimension, as it was called then. */
export const LockedPlace = z.object({
  id: whole,
  keys: z.partialRecord(z.enum(DIMENSIONS), z.string()),
  name: z.string().nullable(),
  costed: z.boolean(),
})
export type LockedPlace = z.infer<typeof LockedPlace>

const models = z.partialRecord(z.enum(RULE_MODELS), whole)

/** Locked sums of the ledger. */
export const LockedCell = z.object({
  /** Null = without an eligible touch. */
  place: whole.nullable(),
  kind: z.number(),
  is_new: z.boolean(),
  layer: z.string().nullable(),
  w: models,
  m: models,
})
export type LockedCell = z.infer<typeof LockedCell>

export const LockedSpend = z.object({
  place: whole,
  cost: whole,
  media: whole,
  cost_rows: whole,
  media_rows: whole,
  fx_missing: whole,
})
export type LockedSpend = z.infer<typeof LockedSpend>

export const LockedTotal = z.object({
  basis: z.enum(REVENUE_BASES),
  won: whole,
  deals: z.number(),
  without_rate: z.number(),
})
export type LockedTotal = z.infer<typeof LockedTotal>

/** Money by channel; null = without an eligible touch, or of no channel. */
const shares = z.array(z.tuple([z.string().nullable(), whole]))

/** A sale, refund, loss, invoice, receipt or cost that was locked, to tell later what became of it. */
export const LockedRecord = z.object({
  /** Number of the outcome's kind; 0 = a cost. */
  kind: z.number(),
  /** Its surrogate. */
  id: whole,
  source: z.string(),
  source_id: z.string(),
  name: z.string().nullable(),
  day,
  /** In the workspace's currency. */
  minor: whole,
  /** As the source says, in minor units of its currency. */
  amount: whole.nullable(),
  currency: z.string().nullable(),
  channels: shares,
})
export type LockedRecord = z.infer<typeof LockedRecord>

/** The parts of a close, by the names they are kept under. */
export const CLOSE_PARTS = {
  places: LockedPlace,
  cells: LockedCell,
  spend: LockedSpend,
  totals: LockedTotal,
  records: LockedRecord,
} as const
export interface Locked {
  readonly places: readonly LockedPlace[]
  readonly cells: readonly LockedCell[]
  readonly spend: readonly LockedSpend[]
  readonly totals: readonly LockedTotal[]
  readonly records: readonly LockedRecord[]
}
