import { sql } from '../../db/sql.ts'
import { formatMinor } from '../../model/money.ts'
import { monthly } from '../drill.ts'
import { readPlaces } from '../places.ts'
import { sumQueryOf } from '../query.ts'
import { dayRange } from '../sums.ts'
import { type Input, money, type Page, type Situation } from './figure.ts'

const COST_LINES = sql('metrics/sql/cost-lines.sql')
/** Parts the names of places: no text of a file holds it. */
const SEPARATOR = '\u001e'

interface CostLine {
  source_id: string
  source: string
  date: string
  minor: bigint
  amount_minor: bigint
  currency: string
  rate: string | null
  rule: string | null
  category: string
  state: string
  campaign: string | null
  channel: string | null
  vendor: string | null
  note: string | null
  all_count: bigint
}

/** The ledger rows of a group (M1): each with what it was converted with and the shared-cost rule that put it there. */
export function costLines(situation: Situation, media: boolean): Input['read'] {
  const { reader, workspace, query } = situation
  const { currency } = workspace.settings
  return async ({ limit, offset }: Page) => {
    const range = dayRange(monthly(query))
    const parameters = [workspace.tenant, await costPlaces(situation), ...range, media, limit, offset]
    const rows = await reader.query<CostLine>(COST_LINES, parameters)
    return {
      count: Number(rows[0]?.all_count ?? 0n),
      rows: rows.map((row) => ({
        part: money(row.minor, currency),
        cells: {
          id: row.source_id,
          date: row.date,
          amount: formatMinor(row.minor, currency),
          original: row.currency === currency && row.rule === null ? null : formatMinor(row.amount_minor, row.currency),
          currency: row.currency,
          rate: row.rate,
          rule: row.rule,
          category: row.category,
          state: row.state,
          campaign: row.campaign,
          channel: row.channel,
          vendor: row.vendor,
          note: row.note,
        },
        exact: { minor: row.minor, original_minor: row.amount_minor },
      })),
    }
  }
}

/** Places of costs of a group as the statements take them; null = all there are. */
export async function costPlaces({ reader, workspace, query }: Situation): Promise<string | null> {
  const { tenant, settings } = workspace
  const { by, filter } = sumQueryOf(query, settings)
  if (query.key === null && query.key2 === undefined && filter.length === 0) return null
  const places = await readPlaces(reader, tenant, settings)
  const cells = await reader.query<{ campaign_id: bigint | null; channel: string | null }>(
    'SELECT DISTINCT campaign_id, channel FROM spend WHERE tenant_id = $1',
    [tenant],
  )
  const keys = [query.key, query.key2 ?? null]
  return cells
    .filter(({ campaign_id, channel }) => {
      const place = { campaign: places.campaign(campaign_id), channel }
      return (
        places.matches(place, filter) &&
        by.every(
          (dimension, i) => dimension === 'month' || keys[i] == null || places.keyOf(place, dimension) === keys[i],
        )
      )
    })
    .map(({ campaign_id, channel }) => `${campaign_id ?? 0n}:${channel ?? ''}`)
    .join(SEPARATOR)
}
