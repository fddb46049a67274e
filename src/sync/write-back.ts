import type { Database } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import type { RuleModel } from '../model/rule-models.ts'
import type { Change } from './contract.ts'

const DEALS = sql('sync/sql/write-back-deals.sql')
const CONTACTS = sql('sync/sql/write-back-contacts.sql')
/** What a text of a CRM surely takes. */
const MAX_TEXT = 1000

/** What is known of a channel beside the ledger. */
export interface ChannelFacts {
  /** What people read for it. */
  readonly label: string
  /** Net return in percent, all time; null where it cannot be told. */
  readonly roi: number | null
}

/** Whose records, and under which model. */
export interface WriteBackQuery {
  readonly tenant: number
  /** Only records of this source: others have no place there. */
  readonly source: string
  readonly model: RuleModel
  readonly channels: ReadonlyMap<string, ChannelFacts>
}

interface DealRow {
  readonly id: string
  readonly channel: string | null
  readonly w: bigint
  readonly first_w: bigint
}

/**
 * What each deal and contact of a source owes to marketing, as values for the CRM (F128). Deals that are not won, or no longer,
 * have empty values, so that what was written before goes away again.
 */
export async function* writeBackChanges(database: Database, query: WriteBackQuery): AsyncGenerator<Change> {
  const { tenant, source, model } = query
  let deal: DealRow[] = []
  for await (const rows of database.stream<DealRow>(DEALS, [tenant, source, model])) {
    for (const row of rows) {
      if (deal.length > 0 && deal[0]!.id !== row.id) {
        yield dealChange(deal, query)
        deal = []
      }
      deal.push(row)
    }
  }
  if (deal.length > 0) yield dealChange(deal, query)
  const contacts = database.stream<{ id: string; channel: string | null }>(CONTACTS, [tenant, source])
  for await (const rows of contacts) {
    for (const { id, channel } of rows) {
      yield { type: 'contact', id, values: { roi_panel_source: channel === null ? null : labelOf(query, channel) } }
    }
  }
}

function dealChange(rows: readonly DealRow[], query: WriteBackQuery): Change {
  const parts = rows.filter((row): row is DealRow & { channel: string } => row.channel !== null && row.w > 0n)
  const total = rows.reduce((sum, { w }) => sum + w, 0n)
  // Largest first; among equals by key, so that writing again finds the same.
  const ordered = parts.toSorted((a, b) => (a.w === b.w ? (a.channel < b.channel ? -1 : 1) : a.w > b.w ? -1 : 1))
  const [top] = ordered
  const first = rows.find(({ channel, first_w }) => channel !== null && first_w > 0n)?.channel ?? null
  const roi = top ? (query.channels.get(top.channel)?.roi ?? null) : null
  const credit = ordered.map(({ channel, w }) => `${labelOf(query, channel)} ${percent(w, total)}`).join(' · ')
  return {
    type: 'deal',
    id: rows[0]!.id,
    values: {
      roi_panel_source: top ? labelOf(query, top.channel) : null,
      roi_panel_first_source: first === null ? null : labelOf(query, first),
      roi_panel_credit: credit === '' ? null : credit.slice(0, MAX_TEXT),
      // Whole percent: a cent of cost is no reason to write every deal of a channel again.
      roi_panel_source_roi: roi === null ? null : Math.round(roi),
    },
  }
}

function labelOf({ channels }: WriteBackQuery, key: string): string {
  return (channels.get(key)?.label ?? key).slice(0, 200)
}

/** `62.5%`, of exact weights. */
function percent(part: bigint, whole: bigint): string {
  const tenths = Number((part * 2000n + whole) / (2n * whole))
  return `${(tenths / 10).toFixed(1)}%`
}
