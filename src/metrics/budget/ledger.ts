import type { CampaignName, CostRow, Costs } from '../../api/costs.ts'
import type { Reader } from '../../db/database.ts'
import { sql } from '../../db/sql.ts'
import { formatMinor } from '../../model/money.ts'
import type { Workspace } from '../../model/settings.ts'
import { MANUAL } from '../../sync/manual-source.ts'
import { dayRange } from '../sums.ts'

const COSTS = sql('metrics/budget/sql/costs.sql')
const SUMS = sql('metrics/budget/sql/cost-sums.sql')

/** Which rows of the ledger; null = any. */
export interface CostFilter {
  readonly from: string | null
  readonly to: string | null
  /** Surrogates. */
  readonly campaigns: readonly bigint[] | null
  /** Key; `(shared)` for costs of none. */
  readonly channel: string | null
  readonly category: string | null
  readonly state: string | null
  readonly source: string | null
  /** Id at the source. */
  readonly id: string | null
}

export interface Page {
  readonly offset: number
  readonly limit: number
}

interface Row {
  readonly source: string
  readonly source_id: string
  readonly date: string
  readonly amount_minor: bigint
  readonly currency: string
  readonly category: string
  readonly state: string
  readonly vendor: string | null
  readonly note: string | null
  readonly campaign_id: bigint | null
  readonly campaign_source: string | null
  readonly campaign_source_id: string | null
  readonly campaign_name: string | null
  readonly channel: string | null
  readonly shared: boolean
  readonly minor: bigint | null
}

interface SumRow {
  readonly state: string
  readonly n: bigint
  readonly minor: bigint
  readonly fx_missing: bigint
}

/** Everything in the ledger. */
export const ALL_COSTS: CostFilter = {
  from: null,
  to: null,
  campaigns: null,
  channel: null,
  category: null,
  state: null,
  source: null,
  id: null,
}

/** Rows of the cost ledger with their sums (F23). */
export async function costs(reader: Reader, workspace: Workspace, filter: CostFilter, page: Page): Promise<Costs> {
  const { tenant, settings } = workspace
  const { currency } = settings
  const { campaigns, channel, category, state, source, id } = filter
  const asked = [tenant, ...dayRange(filter), campaigns?.join(',') ?? null, channel, category, state, source, id]
  const rows = await reader.query<Row>(COSTS, [...asked, page.limit, page.offset])
  const sums = await reader.query<SumRow>(SUMS, asked)
  const count = Number(sums.reduce((sum, { n }) => sum + n, 0n))
  const of = (name: string) => sums.find((row) => row.state === name)?.minor ?? 0n
  const money = (minor: bigint) => formatMinor(minor, currency)
  return {
    currency,
    rows: rows.map((row) => toCost(row, currency)),
    count,
    sums: {
      planned: money(of('planned')),
      committed: money(of('committed')),
      actual: money(of('actual')),
      paid: money(of('paid')),
      cost: money(of('actual') + of('paid')),
    },
    fx_missing: Number(sums.reduce((sum, { fx_missing }) => sum + fx_missing, 0n)),
    next: page.offset + rows.length < count ? page.offset + rows.length : null,
  }
}

function toCost(row: Row, currency: string): CostRow {
  const { source, source_id: id, date, category, state, channel, shared, vendor, note, minor } = row
  return {
    id,
    source,
    editable: source === MANUAL,
    date,
    amount: formatMinor(row.amount_minor, row.currency),
    currency: row.currency,
    converted: minor === null ? null : formatMinor(minor, currency),
    category,
    state,
    campaign: campaignName(row),
    channel,
    shared,
    vendor,
    note,
  }
}

/** The campaign that a row names. */
export function campaignName(row: {
  readonly campaign_source: string | null
  readonly campaign_source_id: string | null
  readonly campaign_name: string | null
}): CampaignName | null {
  if (row.campaign_source === null || row.campaign_source_id === null) return null
  return { source: row.campaign_source, id: row.campaign_source_id, name: row.campaign_name }
}
