import { z } from 'zod'
import { Explain, ExplainInput, MetricUnit, Money, Reason, ReportQuery } from '../api.ts'
import { Manifest } from './governance.ts'

/** A metric of the dictionary (F114). */
export const DictionaryEntry = z.object({
  name: z.string(),
  /** Number in the book of metrics. */
  id: z.string(),
  label: z.string(),
  meaning: z.string(),
  /** In words: labels of the inputs in place. */
  formula: z.string(),
  /** In symbols: names of the inputs in braces. */
  expression: z.string(),
  unit: MetricUnit,
  inputs: z.array(z.object({ name: z.string(), label: z.string() })),
  dates: z.string(),
  /** Revenue basis that it follows; null where it has none. */
  revenue_basis: z.string().nullable(),
  convention: z.string().nullable(),
  /** Why it may be n/a. */
  reasons: z.array(Reason),
  shown: z.object({ field: z.string(), command: z.string(), route: z.string() }),
  source: z.string(),
  /** Who made it so: the program; of a metric of the workspace's own, who defined it last. */
  owner: z.string(),
  /** Reference value that applies, in the workspace's convention. */
  benchmark: z
    .object({
      low: z.number(),
      high: z.number().nullable(),
      convention: z.string(),
      from: z.enum(['benchmark', 'threshold', 'own']),
      source: z.string().nullable(),
    })
    .nullable(),
})
export type DictionaryEntry = z.infer<typeof DictionaryEntry>

/** `GET /api/v1/dictionary`, `dictionary --json`. */
export const Dictionary = z.object({
  workspace: z.string(),
  /** Version of the configuration that conventions and benchmarks are of. */
  config_version: z.number(),
  metrics: z.array(DictionaryEntry),
})
export type Dictionary = z.infer<typeof Dictionary>

/** Whole numbers as text: they may be larger than a double holds. */
const Whole = z.string().regex(/^-?\d+$/)

/**
 * `GET /api/v1/explain/proof`, `explain --proof FILE`: a number with every row behind it, to be computed again by a program of one's
 * own. `part` / `per` of the rows of an input add up to the input, unless it says how they `fold`.
 */
export const Proof = z.object({
  proof: z.literal(1),
  metric: z.string(),
  id: z.string(),
  label: z.string(),
  formula: z.string(),
  expression: z.string(),
  unit: MetricUnit,
  currency: z.string(),
  /** Decimal digits of the currency. */
  digits: z.number(),
  /** Weights are in units of one part of this. */
  whole: Whole,
  expected: z.union([Money, z.number()]).nullable(),
  reason: Reason.nullable(),
  query: ReportQuery.extend({ key: z.string().nullable(), key2: z.string().exactOptional() }),
  inputs: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      unit: z.enum(['money', 'number']),
      fold: z.literal('median').exactOptional(),
      rows: z.array(
        z.object({
          part: Whole,
          per: Whole,
          /** Minor units, weights and seconds that the part is made of. */
          exact: z.record(z.string(), Whole).exactOptional(),
          cells: ExplainInput.shape.rows.element,
        }),
      ),
    }),
  ),
  configuration: Explain.shape.configuration,
  manifest: Manifest,
})
export type Proof = z.infer<typeof Proof>

/** `explain credit --deal ID`, `GET /api/v1/explain/credit`: each touch of a deal with its credit, or why it has none. */
export const CreditExplained = z.object({
  deal: z.object({ id: z.string(), source: z.string(), name: z.string().nullable() }),
  model: z.string(),
  currency: z.string(),
  /** In the workspace's currency; null where no rate is known. */
  amount: Money.nullable(),
  /** As the source says it, with the rate and the day it was converted at. */
  original: z.object({ amount: Money, currency: z.string(), rate: z.string().nullable(), day: z.string() }).nullable(),
  /** First and last instant a touch may have; `from` null = any before. */
  path: z.object({ from: z.iso.datetime().nullable(), to: z.iso.datetime() }),
  touches: z.array(
    z.object({
      id: z.string(),
      at: z.iso.datetime(),
      channel: z.string(),
      campaign: z.string().nullable(),
      /** Place among the touches that count, from 1; null where it does not. */
      position: z.number().nullable(),
      /** What it stands for: `first`, `last`, `middle`, `only`, and the milestones it is the last touch before. */
      rule: z.array(z.enum(['only', 'first', 'middle', 'last', 'lead', 'opportunity'])),
      /** 0 to 1. */
      weight: z.number(),
      amount: Money,
      why_not: z
        .enum(['outside_lookback', 'before_last_deal', 'after_close', 'left_out', 'not_eligible', 'passed_over'])
        .nullable(),
    }),
  ),
  /** Weights add up to 1 and amounts to the deal. */
  total: z.object({ weight: z.number(), amount: Money }),
  configuration: Explain.shape.configuration,
})
export type CreditExplained = z.infer<typeof CreditExplained>
