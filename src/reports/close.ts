import type { Dimension } from '../api.ts'
import type { Reader } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import { SHARED_CHANNEL } from '../journey/channels.ts'
import { Costed } from '../metrics/costed.ts'
import { type Place, type Places, readPlaces } from '../metrics/places.ts'
import { crmTotal, spendCells } from '../metrics/sums.ts'
import { canonicalJson } from '../model/canonical.ts'
import { contentHash } from '../model/ids.ts'
import { RULE_MODELS, type RuleModel } from '../model/rule-models.ts'
import { DIMENSIONS, REVENUE_BASES } from '../model/rules.ts'
import type { Workspace } from '../model/settings.ts'
import type { Locked, LockedCell, LockedPlace, LockedRecord, LockedSpend } from '../state/close-parts.ts'
import { monthAfter } from './close-period.ts'

const CELLS = sql('reports/sql/close-cells.sql')
const RECORDS = sql('reports/sql/close-records.sql')

/** Numbers of a month as they are locked, and the digest of what reports read of them. */
export interface LockedMonth {
  readonly locked: Locked
  readonly digest: bigint
}

/**
 * Everything a report reads of a month, as it stands: the ledger under every model and cost by place, with the groups that
 * each place belongs to, and what the CRM says; and its records under the workspace's model, to tell later what became of them.
 */
export async function lockMonth(reader: Reader, workspace: Workspace, month: string): Promise<LockedMonth> {
  const { tenant, settings } = workspace
  const period = { from: month, to: monthAfter(month) }
  const places = await readPlaces(reader, tenant, settings)
  const costs = await spendCells(reader, tenant, period, false)
  const book = new PlaceBook(places, new Costed(places, costs))
  const cells = await lockCells(reader, tenant, month, places, book)
  const spend: LockedSpend[] = costs
    .filter(({ cost_rows, fx_missing }) => cost_rows > 0n || fx_missing > 0n)
    .map((row) => ({
      place: book.idOf({ campaign: places.campaign(row.campaign_id), channel: row.channel }),
      cost: String(row.cost),
      media: String(row.media),
      cost_rows: String(row.cost_rows),
      media_rows: String(row.media_rows),
      fx_missing: String(row.fx_missing),
    }))
  const totals = []
  for (const basis of REVENUE_BASES) {
    const crm = await crmTotal(reader, workspace, { ...period, revenueBasis: basis, dateBasis: 'close' }, [])
    totals.push({ basis, won: String(crm.won), deals: crm.deals, without_rate: crm.withoutRate })
  }
  const records = await recordsOf(reader, tenant, { ...period, model: settings.model })
  const read = { places: book.all, cells, spend, totals }
  return { locked: { ...read, records }, digest: contentHash(canonicalJson(read)) }
}

/** Places as they are called now, each once. */
class PlaceBook {
  readonly #places: Places
  readonly #costed: Costed
  readonly #known = new Map<string, LockedPlace>()

  constructor(places: Places, costed: Costed) {
    this.#places = places
    this.#costed = costed
  }

  get all(): LockedPlace[] {
    return [...this.#known.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  idOf(place: Place): string {
    const dimensions = DIMENSIONS.filter((dimension): dimension is Dimension => dimension !== 'month')
    const keys = Object.fromEntries(dimensions.map((dimension) => [dimension, this.#places.keyOf(place, dimension)]))
    const body = { keys, name: place.campaign?.name ?? null, costed: this.#costed.has(place) }
    const id = String(contentHash(canonicalJson(body)))
    this.#known.set(id, { id, ...body })
    return id
  }
}

type CellRow = {
  readonly campaign_id: bigint | null
  readonly channel_id: bigint | null
  readonly kind: number
  readonly is_new: boolean
  readonly layer: string | null
} & { readonly [Column in `${'w' | 'm'}_${RuleModel}`]: bigint }

async function lockCells(
  reader: Reader,
  tenant: number,
  month: string,
  places: Places,
  book: PlaceBook,
): Promise<LockedCell[]> {
  const rows = await reader.query<CellRow>(CELLS, [tenant, month])
  const known = new Map(places.ledger.map((place) => [`${place.campaignId} ${place.channelId}`, place]))
  const sums = (row: CellRow, side: 'w' | 'm') =>
    Object.fromEntries(RULE_MODELS.map((model) => [model, String(row[`${side}_${model}`])]))
  const cells = rows
    .filter((row) => RULE_MODELS.some((model) => row[`w_${model}`] !== 0n || row[`m_${model}`] !== 0n))
    .map((row): LockedCell => {
      const place = row.channel_id === null ? null : known.get(`${row.campaign_id ?? 0n} ${row.channel_id}`)!
      return {
        place: place && book.idOf(place),
        kind: row.kind,
        is_new: row.is_new,
        layer: row.layer,
        w: sums(row, 'w'),
        m: sums(row, 'm'),
      }
    })
  // In an order of their own: what is locked does not depend on the store.
  return cells
    .map((cell) => ({ cell, name: canonicalJson(cell) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ cell }) => cell)
}

interface RecordRow {
  readonly kind: number
  readonly id: bigint
  readonly source: string
  readonly source_id: string
  readonly name: string | null
  readonly day: string
  readonly minor: bigint
  readonly amount: bigint | null
  readonly currency: string | null
  readonly channel: string | null
  readonly share: bigint
}

/** Which records: those of a span of days, and those that are asked for whatever their day. */
export interface RecordQuery {
  readonly from: string
  readonly to: string
  readonly model: RuleModel
  readonly asked?: readonly Pick<LockedRecord, 'kind' | 'id'>[]
}

/** Money records with what they are worth by channel. A cost of several days, after sharing, is one record at its first. */
export async function recordsOf(
  reader: Reader,
  tenant: number,
  { from, to, model, asked = [] }: RecordQuery,
): Promise<LockedRecord[]> {
  const list = asked.map(({ kind, id }) => `${kind}:${id}`).join(',')
  const rows = await reader.query<RecordRow>(RECORDS, [tenant, from, to, model, list])
  const records = new Map<string, LockedRecord & { channels: [string | null, string][] }>()
  const ordered = rows
    .map((row) => ({ row, name: `${row.kind} ${row.id} ${row.day} ${row.channel ?? ''}` }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const { row } of ordered) {
    const name = `${row.kind} ${row.id}`
    const channel = row.kind === 0 ? (row.channel ?? SHARED_CHANNEL) : row.channel
    const known = records.get(name)
    if (known) {
      known.channels.push([channel, String(row.share)])
      continue
    }
    records.set(name, {
      kind: row.kind,
      id: String(row.id),
      source: row.source,
      source_id: row.source_id,
      name: row.name,
      day: row.day,
      minor: String(row.minor),
      amount: row.amount === null ? null : String(row.amount),
      currency: row.currency,
      channels: [[channel, String(row.share)]],
    })
  }
  return [...records.values()].map((record) => {
    if (record.kind !== 0) return record
    // A cost is worth what its places add up to.
    const minor = record.channels.reduce((sum, [, share]) => sum + BigInt(share), 0n)
    return { ...record, minor: String(minor) }
  })
}
