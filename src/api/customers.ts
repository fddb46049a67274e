import { z } from 'zod'
import { Day, Money, Reason, ReportQuery, RevenueBasis } from '../api.ts'
import { CALENDAR_UNITS } from '../model/period.ts'
import { GroupBy, Held } from './group-by.ts'

/** M21 of a figure against an earlier period. */
const Growth = z.object({
  /** Percent; null without a previous value. */
  growth: z.number().nullable(),
  /** The previous value itself. */
  previous: z.union([Money, z.number()]).nullable(),
  reason: Reason.exactOptional(),
})

/** Fields of a customer row that may be n/a. */
const FIELDS = [
  'cac',
  'ltv',
  'ltv_predictive',
  'monthly',
  'churn',
  'ltv_to_cac',
  'payback_months',
  'repurchase_rate',
  'product_cost_share',
  'roi',
  'ltv_roi',
  'contribution_roi',
] as const

/** What is true of customers, whoever brought them. */
export const CustomersWhole = z.object({
  key: z.string(),
  label: z.string(),
  /** M15: customers whose first won deal lies in the period. */
  customers: z.number(),
  /** Those acquired a horizon ago or earlier; the others' LTV is "so far". */
  mature_customers: z.number(),
  /** M1, of the period. */
  cost: Money,
  /** M2, of the period. */
  revenue: Money,
  /** M20: `revenue` by layer; the three add up to it. */
  layers: z.object({ first: Money, repurchase: Money, referral: Money }),
  /** M15. */
  cac: Money.nullable(),
  /** M16, historic: what a customer brought within the horizon, in the unit `ltv_basis`. */
  ltv: Money.nullable(),
  /** M16, predictive: `monthly` / `churn`. */
  ltv_predictive: Money.nullable(),
  /** What a customer brings in a month, since he was acquired and while he stays. */
  monthly: Money.nullable(),
  /** Percent of customers who leave in a month. */
  churn: z.number().nullable(),
  /** M17. */
  ltv_to_cac: z.number().nullable(),
  /** M18: full months until customers brought what they cost; 0 = within the first month. */
  payback_months: z.number().nullable(),
  /** M19, percent of mature customers. */
  repurchase_rate: z.number().nullable(),
  /** What the customers brought within the horizon, in revenue: the LTV side of M7. */
  ltv_revenue: Money,
  /** Percent of the period's revenue whose product cost is known. */
  product_cost_share: z.number().nullable(),
  /** M37. */
  gmv: Money,
  orders: z.number(),
  /** M37 against the previous period and the same period a year before; null where the period has no such. */
  growth: z.object({
    previous: z.object({ gmv: Growth, orders: Growth }).nullable(),
    last_year: z.object({ gmv: Growth, orders: Growth }).nullable(),
  }),
  /** Reason of each null above, by field. */
  reasons: z.partialRecord(z.enum(FIELDS), Reason),
})
export type CustomersWhole = z.infer<typeof CustomersWhole>

/** Customers of a group with the return on what they cost: short (M3) beside long (M7) and after product cost (M6), net percent. */
export const CustomersRow = CustomersWhole.extend({
  roi: z.number().nullable(),
  ltv_roi: z.number().nullable(),
  contribution_roi: z.number().nullable(),
})
export type CustomersRow = z.infer<typeof CustomersRow>

/**
 * `customers --json` and `GET /api/v1/customers`. Cost, revenue, layers, CAC and ROI of closed months are as they were locked; what
 * customers brought since follows the ledger as it is.
 */
export const Customers = z.object({
  query: ReportQuery.pick({ workspace: true, model: true, from: true, to: true }).extend({
    /** Null: no groups. */
    by: GroupBy.nullable(),
    revenue_basis: RevenueBasis,
    /** What the previous period is: one of equal length, or the calendar unit before, cut to the same elapsed days. */
    compare: z.enum(['period', ...CALENDAR_UNITS]),
  }),
  currency: z.string(),
  /** Months of LTV, repurchase and payback. */
  horizon_months: z.number(),
  /** Days without an order after which a customer has left. */
  churn_days: z.number(),
  /** `margin` where product cost is known of at least 80 % of what the customers brought, else `revenue`; the same for every row. */
  ltv_basis: z.enum(['margin', 'revenue']),
  /** Percent of what the customers brought whose product cost is known. */
  ltv_costed_share: z.number().nullable(),
  /** Customers are younger than the horizon: LTV and what follows from it are "so far". */
  immature: z.boolean(),
  previous: z.object({ from: Day, to: Day }).nullable(),
  last_year: z.object({ from: Day, to: Day }).nullable(),
  /** Every customer, with or without a touch. */
  whole: CustomersWhole,
  /** By group; a customer counts with the weight of the deal that acquired him. */
  rows: z.array(CustomersRow),
  /** Sum of the groups: all with a touch. CAC and M3 are those of the report. */
  total: CustomersRow,
  /** Customers acquired, and revenue earned, without an eligible touch. */
  unattributed: CustomersWhole,
  /** M17 of `whole` against the threshold. */
  ltv_to_cac: Held,
  /** Left out on both sides because no rate is known. */
  fx_missing: z.object({ costs: z.number(), deals: z.number() }),
})
export type Customers = z.infer<typeof Customers>

/** `cohorts --json` and `GET /api/v1/cohorts`: what the customers of a month brought since (F124). */
export const Cohorts = z.object({
  query: ReportQuery.pick({ workspace: true, model: true, from: true, to: true }).extend({
    by: GroupBy.nullable(),
    /** Null: every customer. */
    key: z.string().nullable(),
    revenue_basis: RevenueBasis,
    /** Columns. */
    months: z.number(),
  }),
  currency: z.string(),
  /** What payback is reckoned in: `margin` where product cost is known of at least 80 % of the revenue, else `revenue`. */
  basis: z.enum(['margin', 'revenue']),
  product_cost_share: z.number().nullable(),
  rows: z.array(
    z.object({
      /** Month of acquisition, `YYYY-MM`; of a month partly inside the period only those days. */
      cohort: z.string(),
      customers: z.number(),
      cost: Money,
      /** By full months since each customer's acquisition: 0 = the first month. Null while it has not passed for all of them. */
      cells: z.array(
        z.object({
          month: z.number(),
          revenue: Money.nullable(),
          /** Since acquisition up to and with this month. */
          cumulative_revenue: Money.nullable(),
          /** Revenue less product cost; null throughout where `basis` is revenue. */
          margin: Money.nullable(),
          cumulative_margin: Money.nullable(),
        }),
      ),
      /** All they brought within the columns, those of months under way among it. */
      so_far: z.object({ revenue: Money, margin: Money.nullable() }),
      /** M18 against the month's cost: the first column whose cumulative `basis` covers it. */
      payback_month: z.number().nullable(),
      reasons: z.partialRecord(z.enum(['payback_month', 'margin']), Reason),
    }),
  ),
})
export type Cohorts = z.infer<typeof Cohorts>
