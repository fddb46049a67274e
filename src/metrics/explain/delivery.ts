import type { DeliveryRow } from '../../api/delivery.ts'
import { GroupBy } from '../../api/group-by.ts'
import { sql } from '../../db/sql.ts'
import { formatMinor } from '../../model/money.ts'
import type { RuleModel } from '../../model/rule-models.ts'
import { rational } from '../custom-rational.ts'
import { addDelivered, deliveryCells, toDelivery } from '../delivery.ts'
import { known, none } from '../formulas.ts'
import { sumQueryOf } from '../query.ts'
import { dayRange, sumBy } from '../sums.ts'
import { costLines, costPlaces } from './costs.ts'
import { outcomeLines } from './credit-lines.ts'
import { type Figure, type Input, money, outcomes, type Situation } from './figure.ts'
import { groupOf } from './report.ts'

const DELIVERY = sql('metrics/explain/sql/delivery.sql')
const PARTS = 1000n

type Name = 'impressions' | 'clicks' | 'shown_for' | 'clicked_for' | 'cost' | 'leads'
const INPUTS = {
  ctr: ['clicks', 'impressions'],
  cpc: ['clicked_for', 'clicks'],
  cpm: ['shown_for', 'impressions'],
  exposure_per_cost: ['impressions', 'cost'],
  new_users_per_cost: ['leads', 'cost'],
} as const satisfies Partial<Record<keyof DeliveryRow, readonly Name[]>>
export type DeliveryMetric = keyof typeof INPUTS

/** A metric of delivery (M24, M25), of a row or of everything. @throws RoiError `unknown_group` */
export async function deliveryFigure(situation: Situation): Promise<Figure> {
  const { reader, workspace, query } = situation
  const { settings, tenant } = workspace
  const { currency } = settings
  const { from, to, key } = query
  const by = GroupBy.parse(query.by)
  const summed = await sumBy(reader, workspace, sumQueryOf({ from, to, by }, settings))
  const sums = groupOf(summed, query)
  const cells = (await deliveryCells(reader, tenant, query)).filter(({ campaign_id, channel }) => {
    const place = { campaign: summed.places.campaign(campaign_id), channel }
    return key === null || summed.places.keyOf(place, by) === key
  })
  const told = addDelivered(cells)
  const row = toDelivery(sums, key ?? '', told, query.model as RuleModel, currency)
  const metric = situation.metric as DeliveryMetric
  const value = row[metric]
  const thousandths = (field: 'impressions' | 'clicks') =>
    rational(
      cells.reduce((sum, cell) => sum + BigInt(Math.round(cell[field])), 0n),
      PARTS,
    )
  const input = (name: Name): Input => {
    switch (name) {
      case 'impressions':
      case 'clicks':
        return { name, total: thousandths(name), unit: 'number', read: lines(situation, name, false) }
      case 'shown_for':
      case 'clicked_for': {
        const shown = name === 'shown_for'
        const total = money(shown ? told.shownFor : told.clickedFor, currency)
        return { name, total, unit: 'money', read: lines(situation, shown ? 'impressions' : 'clicks', true) }
      }
      case 'cost':
        return { name, total: money(sums.cost.minor, currency), unit: 'money', read: costLines(situation, false) }
      case 'leads': {
        const { lead } = sums.credit[query.model].counts
        return { name, total: outcomes(lead), unit: 'number', read: outcomeLines(situation, { kind: 'lead' }) }
      }
    }
  }
  return {
    result: value === null ? none(row.reasons[metric] ?? 'not_enough_data') : known(value),
    inputs: INPUTS[metric].map(input),
  }
}

interface Told {
  source_id: string
  campaign: string | null
  channel: string | null
  day: string
  rule: string | null
  minor: bigint
  thousandths: bigint
  all_count: bigint
}

/** Cost rows that tell impressions or clicks: for those, or for what they cost. */
function lines(situation: Situation, which: 'impressions' | 'clicks', cost: boolean): Input['read'] {
  const { reader, workspace, query } = situation
  const { currency } = workspace.settings
  return async ({ limit, offset }) => {
    const ask = [workspace.tenant, await costPlaces(situation), ...dayRange(query), which, limit, offset]
    const rows = await reader.query<Told>(DELIVERY, ask)
    return {
      count: Number(rows[0]?.all_count ?? 0n),
      rows: rows.map((row) => ({
        part: cost ? money(row.minor, currency) : rational(row.thousandths, PARTS),
        cells: {
          id: row.source_id,
          date: row.day,
          campaign: row.campaign,
          channel: row.channel,
          rule: row.rule,
          [which]: Number(row.thousandths) / Number(PARTS),
          amount: formatMinor(row.minor, currency),
        },
        exact: cost ? { minor: row.minor } : { thousandths: row.thousandths },
      })),
    }
  }
}
