import { z } from 'zod'
import { FUNNEL_READINGS } from '../api/funnel.ts'
import { GroupBy } from '../api/group-by.ts'
import { RevenueBasis } from '../api.ts'
import { CALENDAR_UNITS } from '../model/period.ts'
import { RULE_MODELS } from '../model/rule-models.ts'
import { key, ordered, page, period, scope } from './requests-parts.ts'

/** What may be asked about funnels, customers, influence and delivery. */

/** Absent = the workspace's. */
const model = z.enum(RULE_MODELS).exactOptional()
const revenue_basis = RevenueBasis.exactOptional()
/** Absent or null = no groups. */
const by = GroupBy.nullable().default(null)

const FunnelRequest = ordered(
  z.object({ ...scope, ...period, by, model, reading: z.enum(FUNNEL_READINGS).default('cohort') }),
)
const LostLeadsRequest = ordered(
  z.object({
    ...scope,
    ...period,
    ...page,
    by: GroupBy.default('channel'),
    /** Absent or null = every lead, `(unattributed)` = those without an eligible touch. */
    key: key.nullable().default(null),
    model,
  }),
)
const CustomersRequest = ordered(
  z.object({
    ...scope,
    ...period,
    by,
    model,
    revenue_basis,
    compare: z.enum(['period', ...CALENDAR_UNITS]).default('period'),
  }),
)
const CohortsRequest = ordered(
  z.object({
    ...scope,
    ...period,
    by: GroupBy.default('channel'),
    /** Absent or null = every customer. */
    key: key.nullable().default(null),
    model,
    revenue_basis,
    /** Columns; absent = the workspace's horizon. */
    months: z.coerce.number().int().min(1).max(120).exactOptional(),
  }),
)
const InfluenceRequest = ordered(z.object({ ...scope, ...period, by: GroupBy.default('campaign'), revenue_basis }))
const DeliveryRequest = ordered(z.object({ ...scope, ...period, by: GroupBy.default('channel'), model }))

export const CUSTOMER_REQUESTS = {
  funnel: FunnelRequest,
  lost_leads: LostLeadsRequest,
  customers: CustomersRequest,
  cohorts: CohortsRequest,
  influence: InfluenceRequest,
  delivery: DeliveryRequest,
} as const
