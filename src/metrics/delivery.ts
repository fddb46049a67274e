import type { Delivery, DeliveryRow } from '../api/delivery.ts'
import type { GroupBy } from '../api/group-by.ts'
import type { Database, Reader } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import type { Locale } from '../errors.ts'
import { formatMinor } from '../model/money.ts'
import type { Period } from '../model/period.ts'
import type { RuleModel } from '../model/rule-models.ts'
import type { Workspace } from '../model/settings.ts'
import { count } from './formulas.ts'
import { cpc, cpm, ctr, type Delivered, exposurePerCost, newUsersPerCost } from './formulas-delivery.ts'
import { reasonsOf } from './funnel/view.ts'
import { gathered } from './groups.ts'
import { labelOf } from './labels.ts'
import { sumQueryOf } from './query.ts'
import { TOTAL } from './report.ts'
import { readFigures } from './snapshot.ts'
import { dayRange, type Sums, sumBy, total } from './sums.ts'

const DELIVERY = sql('metrics/sql/delivery.sql')
/** Impressions and clicks come in thousandths. */
const PARTS = 1000

/** Delivery of which costs. */
export interface DeliveryQuery extends Period {
  readonly by: GroupBy
  readonly model: RuleModel
  readonly locale: Locale
}

/** Delivery of a campaign and channel. */
export interface Cell {
  campaign_id: bigint | null
  channel: string | null
  impressions: number
  clicks: number
  shown_for: bigint
  clicked_for: bigint
  fx_missing: bigint
}

const NOTHING: Delivered = { impressions: 0, clicks: 0, shownFor: 0n, clickedFor: 0n }

/** What was shown and clicked for the money, by group (M24, M25). */
export async function delivery(database: Database, workspace: Workspace, query: DeliveryQuery): Promise<Delivery> {
  const { by, model, locale, from, to } = query
  const { settings, tenant } = workspace
  const { currency } = settings
  const { summed, cells } = await readFigures(database, workspace, async (reader) => ({
    summed: await sumBy(reader, workspace, sumQueryOf({ from, to, by }, settings)),
    cells: await deliveryCells(reader, tenant, query),
  }))
  const told = gathered(cells, ({ campaign_id, channel }) =>
    summed.places.keyOf({ campaign: summed.places.campaign(campaign_id), channel }, by),
  )
  const row = (sums: Sums, label: string, own: readonly Cell[]) =>
    toDelivery(sums, label, addDelivered(own), model, currency)
  const rows = summed.groups
    .map((sums) => row(sums, labelOf(by, sums, locale), told.get(sums.key) ?? []))
    .filter(({ cost, impressions, clicks }) => /[1-9]/.test(cost) || impressions > 0 || clicks > 0)
    .sort((a, b) => b.impressions - a.impressions || (a.key < b.key ? -1 : 1))
  return {
    query: { workspace: workspace.key, model, from, to, by },
    currency,
    rows,
    total: row(total(summed.groups), TOTAL[locale], cells),
    fx_missing: Number(cells.reduce((sum, { fx_missing }) => sum + fx_missing, 0n)),
  }
}

/** What costs of a period say of delivery. */
export function deliveryCells(reader: Reader, tenant: number, period: Period): Promise<Cell[]> {
  return reader.query<Cell>(DELIVERY, [tenant, ...dayRange(period)])
}

/** Sum of cells. */
export function addDelivered(cells: readonly Cell[]): Delivered {
  return cells.reduce(
    (sum, { impressions, clicks, shown_for, clicked_for }) => ({
      impressions: sum.impressions + impressions / PARTS,
      clicks: sum.clicks + clicks / PARTS,
      shownFor: sum.shownFor + shown_for,
      clickedFor: sum.clickedFor + clicked_for,
    }),
    NOTHING,
  )
}

/** The line of a group. */
export function toDelivery(
  sums: Sums,
  label: string,
  told: Delivered,
  model: RuleModel,
  currency: string,
): DeliveryRow {
  const leads = sums.credit[model].counts.lead
  const results = {
    ctr: ctr(told),
    cpc: cpc(told, currency),
    cpm: cpm(told, currency),
    exposure_per_cost: exposurePerCost(told, sums.cost, currency),
    new_users_per_cost: newUsersPerCost(leads, sums.cost, currency),
  }
  return {
    key: sums.key === 'total' ? '' : sums.key,
    label,
    cost: formatMinor(sums.cost.minor, currency),
    leads: count(leads),
    impressions: told.impressions,
    clicks: told.clicks,
    ctr: results.ctr.value,
    cpc: results.cpc.value,
    cpm: results.cpm.value,
    exposure_per_cost: results.exposure_per_cost.value,
    new_users_per_cost: results.new_users_per_cost.value,
    reasons: reasonsOf(results),
  }
}
