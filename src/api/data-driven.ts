import { z } from 'zod'
import { Bounds, DateBasis, Day, Money, Panel } from '../api.ts'
import { DATA_MODELS, REPORT_MODELS } from '../model/data-models.ts'

/** What a data-driven model credits to a channel over all journeys of the period; the channels add up to all of them. */
export const ChannelCredit = z.object({
  channel: z.string(),
  label: z.string(),
  /** Part of all conversions, 0 to 1: the weight its touches have in every deal. */
  weight: z.number(),
  conversions: z.number(),
  /** From the model's own game or chain for value; in a report every deal is split by `weight`. */
  value: Money,
  /** Markov only: how much less would convert without it, 0 to 1. */
  removal_effect: z.number().nullable(),
  /** Of `conversions`, where asked for. */
  interval: Bounds.exactOptional(),
})

/** A data-driven model computed over the journeys of a period. */
export const ModelCredit = z.object({
  /** How a single deal is split in reports, in words. */
  split: z.string(),
  /** Markov only: how likely a journey converts, 0 to 1. */
  probability: z.number().nullable(),
  /** Seeded orders that Shapley s6 was estimated from, where there are too many channels to count them all out. */
  orders: z.number().nullable(),
  /** Largest weight first. */
  channels: z.array(ChannelCredit),
})

/** `models --json` and `GET /api/v1/attribution`: which models a period has the data for, and what they make of it. */
export const Attribution = z.object({
  query: z.object({
    workspace: z.string(),
    from: Day.nullable(),
    to: Day.nullable(),
    date_basis: DateBasis,
    /** The data-driven models that were asked for. */
    models: z.array(z.enum(DATA_MODELS)),
    /** Resamples; null = no intervals. */
    interval: z.number().nullable(),
    seed: z.number(),
  }),
  currency: z.string(),
  /** Of the period. One that converted is a won deal with a touch. */
  journeys: z.number(),
  conversions: z.number(),
  /** What those deals are worth. */
  value: Money,
  /** Won deals without a touch: they are in no journey. */
  untouched: z.object({ conversions: z.number(), value: Money }),
  /** What data-driven models need (product.md §4). */
  floor: z.object({
    met: z.boolean(),
    conversions: z.object({ have: z.number(), need: z.number() }),
    /** Journeys that hold each channel, fewest first. */
    paths: z.object({
      need: z.number(),
      channels: z.array(z.object({ key: z.string(), label: z.string(), have: z.number() })),
    }),
  }),
  /** Every model, in display order. */
  models: z.array(
    Panel.shape.models.element.extend({
      id: z.enum(REPORT_MODELS),
      kind: z.enum(['rule', 'data']),
      /** Null for rule models, below the floor, and for what was not asked for. */
      result: ModelCredit.nullable(),
    }),
  ),
})
export type Attribution = z.infer<typeof Attribution>
