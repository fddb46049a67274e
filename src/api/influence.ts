import { z } from 'zod'
import { Money, ReportQuery, RevenueBasis } from '../api.ts'
import { GroupBy } from './group-by.ts'

const Line = z.object({
  key: z.string(),
  label: z.string(),
  leads: z.number(),
  opportunities: z.number(),
  won: z.number(),
  /** Amount of the opportunities. */
  pipeline: Money,
  revenue: Money,
})
export type InfluenceLine = z.infer<typeof Line>

/** Percent; null for a group without a touch on a won deal's journey. */
const Share = z.number().nullable()

/** `influence --json` and `GET /api/v1/influence`: what campaigns or channels began, and what they had a hand in (F53). */
export const Influence = z.object({
  query: ReportQuery.pick({ workspace: true, from: true, to: true }).extend({
    by: GroupBy,
    revenue_basis: RevenueBasis,
  }),
  currency: z.string(),
  /** Outcomes whose first eligible touch is the group's. Every outcome is in one group: the rows add up. */
  sourced: z.object({
    additive: z.literal(true),
    rows: z.array(Line),
    /** All outcomes with a touch. */
    total: Line,
    /** Outcomes without an eligible touch. */
    unattributed: Line,
  }),
  /** Outcomes with any eligible touch of the group, each at its whole amount. An outcome is in every group it touched: no total exists. */
  influenced: z.object({
    additive: z.literal(false),
    /** Why the rows must not be added, in words. */
    note: z.string(),
    rows: z.array(Line),
  }),
  /** M39: outcomes a group touched and somebody else touched last. They do not add up either. */
  assists: z.object({
    additive: z.literal(false),
    note: z.string(),
    rows: z.array(
      z.object({
        key: z.string(),
        label: z.string(),
        leads: z.number(),
        opportunities: z.number(),
        won: z.number(),
        /** Touches of the group on journeys of won deals, by their place there; `only` = the journey's single one. The four sum to 100. */
        touches: z.number(),
        first: Share,
        middle: Share,
        last: Share,
        only: Share,
      }),
    ),
  }),
})
export type Influence = z.infer<typeof Influence>
