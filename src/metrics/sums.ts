import type { DateBasis, Dimension } from '../api.ts'
import type { Reader } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import { SHARED_CHANNEL } from '../journey/channels.ts'
import { REPORT_MODELS, type ReportModel } from '../model/data-models.ts'
import type { Period } from '../model/period.ts'
import { RULE_MODELS } from '../model/rule-models.ts'
import type { Filter, RevenueBasis } from '../model/rules.ts'
import type { Workspace } from '../model/settings.ts'
import {
  type Closed,
  closedSpend,
  closedSums,
  closedTotals,
  type LockedPlace,
  monthList,
  NOTHING_CLOSED,
  readClosed,
} from './closed.ts'
import { Costed } from './costed.ts'
import { type LedgerPlace, NONE, type Place, type Places, readPlaces } from './places.ts'

const LEDGER_SUMS = sql('metrics/sql/ledger-sums.sql')
const LEDGER_SUMS_DATED = sql('metrics/sql/ledger-sums-dated.sql')
const SPEND_CELLS = sql('metrics/sql/spend-cells.sql')
const CRM_TOTAL = sql('metrics/sql/crm-total.sql')

/** Kinds of outcome as the ledger numbers them. */
export const KIND = {
  lead: 1,
  mql: 2,
  sql: 3,
  opportunity: 4,
  won: 5,
  receipt: 6,
  invoice: 7,
  refund: 8,
  loss: 9,
} as const
export type OutcomeKind = keyof typeof KIND
const KIND_NAMES = Object.fromEntries(Object.entries(KIND).map(([name, kind]) => [kind, name])) as Record<
  number,
  OutcomeKind
>

/** Outcomes whose money is revenue under a basis (product.md F69): refunds and lost deals take off what was booked. */
export const REVENUE_KINDS: Readonly<Record<RevenueBasis, readonly OutcomeKind[]>> = {
  booked: ['won', 'refund', 'loss'],
  invoiced: ['invoice'],
  cash: ['receipt'],
}

export const LAYERS = ['first', 'repurchase', 'referral'] as const
export type Layer = (typeof LAYERS)[number]

/** Days outside any data: the ends of an open period. */
const BEGINNING = '0001-01-01'
const END = '9999-12-31'

/** The days of a period, with the ends of an open one in place. */
export function dayRange(period: Period): [from: string, to: string] {
  return [period.from ?? BEGINNING, period.to ?? END]
}

/** What is summed, by which dates, and of which part of the data. */
export interface SumQuery extends Period {
  /** One or two dimensions; none gives one group. */
  readonly by: readonly Dimension[]
  /** Date of credit; costs always count at their spend date. */
  readonly dateBasis: DateBasis
  readonly revenueBasis: RevenueBasis
  readonly filter: Filter
  /** As everything stands now, also in closed months: what a restatement compares with. */
  readonly live?: boolean
}

/** Weight units and minor units of one group under one model. */
export interface Credit {
  readonly counts: Record<OutcomeKind, bigint>
  newCustomers: bigint
  /** Minor units under the revenue basis. */
  revenue: bigint
  /** The part of `revenue` on campaigns that no cost is known of (F145). */
  uncosted: bigint
  /** `revenue` by layer (M20); what has no layer is a first deal. */
  readonly layers: Record<Layer, bigint>
}

/** Everything summed for one group: a channel, a campaign, a month, or the whole. */
export interface Sums {
  /** Of the group's first dimension; of the whole ''. */
  readonly key: string
  /** Of the second dimension, where there is one. */
  readonly key2: string | null
  /** Name of the campaign, where the group is one. */
  name: string | null
  cost: { minor: bigint; rows: number }
  media: { minor: bigint; rows: number }
  /** Under the models that the ledger read knows: all rule models, or the data-driven one that was asked for. */
  readonly credit: Record<ReportModel, Credit>
}

/** Where credit is summed from, and the models it is known under. */
export interface Ledger {
  readonly models: readonly ReportModel[]
  /** Closed months have locked numbers under its models. */
  readonly locked?: true
  /**
   * @param places as 'campaign:channel:group,...', campaign 0 = none
   * @param except first days of months to leave out
   */
  read(reader: Reader, tenant: number, places: string, query: SumQuery, except: readonly string[]): Promise<LedgerRow[]>
}

/** A group's weights (`w_MODEL`) and minor units (`m_MODEL`) of one kind of outcome. */
export type LedgerRow = {
  /** Null = without an eligible touch. */
  readonly group_no: number | null
  readonly month: string | null
  readonly kind: number
  readonly is_new: boolean
  readonly layer: string | null
} & { readonly [Column in `${'w' | 'm'}_${ReportModel}`]?: bigint }

/** A campaign, or a channel without one, whose credit no cost stands against. */
export interface UncostedPlace {
  readonly campaign: { readonly id: string; readonly name: string | null } | null
  readonly channel: string
  readonly credit: Readonly<Record<ReportModel, bigint>>
}

/** The sums of a report: its groups and what no touch explains. */
export interface Summed {
  readonly groups: readonly Sums[]
  readonly unattributed: Sums
  /** Attributed outside the filter. */
  readonly outside: Sums
  /** Cost rows left out because no rate is known for their currency. */
  readonly costsWithoutRate: number
  /** Places without a known cost, of the groups. */
  readonly uncosted: readonly UncostedPlace[]
  readonly places: Places
  /** First days of closed months whose numbers are locked. */
  readonly closed: readonly string[]
}

/** Where credit without a known cost lies. */
type Lacking = Pick<UncostedPlace, 'campaign' | 'channel'>

/** A group of the ledger, or its part on one place without a known cost. */
interface Numbered {
  readonly keys: readonly string[]
  readonly lacking: Lacking | null
  /** Of the campaign of its places, where the first dimension is campaigns. */
  readonly name: string | null
}

/** Number of the places outside the filter. */
const OUTSIDE = -1

/** The ledger as it is written: every rule model, the months whole ones where they can be. */
const RULES: Ledger = {
  models: RULE_MODELS,
  locked: true,
  read(reader, tenant, places, query, except) {
    const [from, to] = dayRange(query)
    const monthly = query.by.includes('month')
    return query.dateBasis === 'close'
      ? reader.query(LEDGER_SUMS, [tenant, places, monthly, ...monthsAndDays(from, to), monthList(except)])
      : reader.query(LEDGER_SUMS_DATED, [tenant, places, monthly, from, to, query.dateBasis])
  },
}

/** Sums costs and credit of a period by dimensions; closed months count as they were locked. */
export async function sumBy(
  reader: Reader,
  workspace: Workspace,
  query: SumQuery,
  ledger: Ledger = RULES,
): Promise<Summed> {
  const { tenant, settings } = workspace
  const { models } = ledger
  const places = await readPlaces(reader, tenant, settings)
  const monthly = query.by.includes('month')
  const mayLock = ledger.locked && query.dateBasis === 'close' && !query.live
  const closed = mayLock ? await readClosed(reader, tenant, ...dayRange(query)) : NOTHING_CLOSED
  const costs = await spendCells(reader, tenant, query, monthly, closed.months)
  const costed = new Costed(places, costs)
  const sorted = new Sorted(query, models)

  const list = places.ledger
    .map(
      (place) => `${place.campaignId}:${place.channelId}:${sorted.numberOf(liveOf(places, place, costed.has(place)))}`,
    )
    .join(',')
  const rows = await ledger.read(reader, tenant, list, query, closed.months)
  const locked = await readLocked(reader, tenant, closed, sorted, monthly)

  for (const row of costs) {
    sorted.addCost(liveOf(places, { campaign: places.campaign(row.campaign_id), channel: row.channel }, true), row)
  }
  for (const { place, row } of locked.costs) sorted.addCost(place, row)
  for (const row of [...rows, ...locked.rows]) sorted.addCredit(row)
  const { groups, ...sums } = sorted.sums()
  return { groups: groups.filter(isThere), ...sums, places, closed: closed.months }
}

/** A place and the groups it belongs to. */
interface Sortable {
  readonly name: string | null
  readonly costed: boolean
  readonly lacking: Lacking
  keyOf(dimension: Dimension): string
  matches(filter: Filter): boolean
}

function liveOf(places: Places, place: Place, costed: boolean): Sortable {
  const { campaign, channel } = place
  return {
    name: campaign?.name ?? null,
    costed,
    lacking: { campaign: campaign && { id: campaign.source_id, name: campaign.name }, channel: channel ?? '' },
    keyOf: (dimension) => places.keyOf(place, dimension),
    matches: (filter) => places.matches(place, filter),
  }
}

function lockedOf(place: LockedPlace): Sortable {
  const id = place.keyOf('campaign')
  const campaign = id === NONE || id === SHARED_CHANNEL ? null : { id, name: place.name }
  return {
    name: place.name,
    costed: place.costed,
    lacking: { campaign, channel: place.keyOf('channel') },
    keyOf: place.keyOf,
    matches: place.matches,
  }
}

/** Locked credit and cost of closed months, sorted into the same groups. */
async function readLocked(reader: Reader, tenant: number, closed: Closed, sorted: Sorted, monthly: boolean) {
  if (closed.months.length === 0) return { rows: [], costs: [] }
  const places = new Map(closed.places.map((place) => [place.id, lockedOf(place)]))
  const list = [...places].map(([id, place]) => `${id}:${sorted.numberOf(place)}`).join(',')
  const rows = await closedSums<LedgerRow>(reader, tenant, closed, list, monthly)
  const costs = await closedSpend(reader, tenant, closed, monthly)
  return { rows, costs: costs.map((row) => ({ place: places.get(row.place_id)!, row })) }
}

/** Credit and cost sorted into groups. */
class Sorted {
  readonly #query: SumQuery
  readonly #models: readonly ReportModel[]
  // The ledger is summed per group and, inside it, per place without a known cost: what that is must be told apart.
  readonly #numbered: Numbered[] = []
  readonly #numbers = new Map<string, number>()
  readonly #groups = new Map<string, Sums>()
  readonly #lacking = new Map<number, Record<ReportModel, bigint>>()
  readonly #unattributed: Sums
  readonly #outside: Sums
  #costsWithoutRate = 0

  constructor(query: SumQuery, models: readonly ReportModel[]) {
    this.#query = query
    this.#models = models
    this.#unattributed = emptySums('', null, models)
    this.#outside = emptySums('', null, models)
  }

  /** Number of the group that credit of a place is summed in. */
  numberOf(place: Sortable): number {
    const { by, filter } = this.#query
    if (!place.matches(filter)) return OUTSIDE
    const keys = by.map(place.keyOf)
    const lacking = place.costed ? null : place.lacking
    const name = JSON.stringify([keys, lacking && [lacking.campaign?.id ?? null, lacking.channel]])
    let number = this.#numbers.get(name)
    if (number === undefined) {
      number = this.#numbered.push({ keys, lacking, name: place.name }) - 1
      this.#numbers.set(name, number)
    }
    return number
  }

  addCost(place: Sortable, row: Omit<CostCell, 'campaign_id' | 'channel' | 'ever'>): void {
    const { by, filter } = this.#query
    if (!place.matches(filter)) return
    this.#costsWithoutRate += Number(row.fx_missing)
    if (row.cost_rows === 0n) return
    const sums = this.#group(by.map(place.keyOf), row.month)
    if (by[0] === 'campaign') sums.name ??= place.name
    sums.cost = { minor: sums.cost.minor + row.cost, rows: sums.cost.rows + Number(row.cost_rows) }
    sums.media = { minor: sums.media.minor + row.media, rows: sums.media.rows + Number(row.media_rows) }
  }

  addCredit(row: LedgerRow): void {
    const revenueKinds = REVENUE_KINDS[this.#query.revenueBasis]
    const number = row.group_no
    if (number === null || number === OUTSIDE) {
      addCredit(number === null ? this.#unattributed : this.#outside, row, this.#models, revenueKinds, false)
      return
    }
    const { keys, lacking, name } = this.#numbered[number]!
    const sums = this.#group(keys, row.month)
    if (this.#query.by[0] === 'campaign') sums.name ??= name
    const revenue = addCredit(sums, row, this.#models, revenueKinds, lacking !== null)
    if (!lacking || !revenue) return
    const known = this.#lacking.get(number)
    this.#lacking.set(number, known ? plus(known, revenue, this.#models) : revenue)
  }

  sums(): Omit<Summed, 'places' | 'closed'> {
    return {
      groups: [...this.#groups.values()],
      unattributed: this.#unattributed,
      outside: this.#outside,
      costsWithoutRate: this.#costsWithoutRate,
      uncosted: this.#uncosted(),
    }
  }

  #group(keys: readonly string[], month: string | null): Sums {
    const full = this.#query.by.map((dimension, i) => (dimension === 'month' ? (month ?? '') : keys[i]!))
    const name = JSON.stringify(full)
    let sums = this.#groups.get(name)
    if (!sums) {
      sums = emptySums(full[0] ?? '', full[1] ?? null, this.#models)
      this.#groups.set(name, sums)
    }
    return sums
  }

  /** Places without a known cost, each once, whatever the groups are. */
  #uncosted(): UncostedPlace[] {
    const found = new Map<string, UncostedPlace>()
    for (const [number, credit] of this.#lacking) {
      const { campaign, channel } = this.#numbered[number]!.lacking!
      const name = JSON.stringify([campaign?.id ?? null, channel])
      const known = found.get(name)
      found.set(name, { campaign, channel, credit: known ? plus(known.credit, credit, this.#models) : credit })
    }
    return [...found.values()]
  }
}

/** Costs by campaign and channel. @param except first days of months to leave out */
export function spendCells(
  reader: Reader,
  tenant: number,
  period: Period,
  monthly: boolean,
  except: readonly string[] = [],
): Promise<CostCell[]> {
  return reader.query<CostCell>(SPEND_CELLS, [tenant, ...dayRange(period), monthly, monthList(except)])
}

/**
 * False for a group that only the history of the store knows: what was credited to it and taken away again. A recompute of
 * everything would not make it.
 */
function isThere({ cost, credit }: Sums): boolean {
  return (
    cost.rows > 0 || Object.values(credit).some(({ counts }) => Object.values(counts).some((units) => units !== 0n))
  )
}

/** What the CRM says was earned in a period. */
export interface CrmTotal {
  /** Minor units of the workspace currency, under the revenue basis. */
  readonly won: bigint
  /** Sales, invoices or receipts. */
  readonly deals: number
  /** Of them, those left out of `won` because no rate is known for their currency. */
  readonly withoutRate: number
}

/**
 * Reads the other side of the reconciliation, independent of the ledger.
 * @param closed first days of months that count as they were when they were closed, as {@link Summed.closed}
 */
export async function crmTotal(
  reader: Reader,
  { tenant, settings }: Workspace,
  query: Period & Pick<SumQuery, 'revenueBasis'> & { readonly dateBasis: 'close' | 'created' },
  closed: readonly string[],
): Promise<CrmTotal> {
  const { revenueBasis, dateBasis } = query
  const [row] = await reader.query<{ won_minor: bigint; deals: bigint; fx_missing: bigint }>(CRM_TOTAL, [
    tenant,
    ...dayRange(query),
    settings.zone,
    revenueBasis,
    dateBasis,
    monthList(closed),
  ])
  const open = {
    won: row?.won_minor ?? 0n,
    deals: Number(row?.deals ?? 0n),
    withoutRate: Number(row?.fx_missing ?? 0n),
  }
  if (closed.length === 0) return open
  const locked = await closedTotals(reader, tenant, closed, revenueBasis)
  return {
    won: open.won + locked.won,
    deals: open.deals + locked.deals,
    withoutRate: open.withoutRate + locked.withoutRate,
  }
}

/** Sum of groups, and of their costs. Totals come from here only, never from ratios. */
export function total(groups: readonly Sums[]): Sums {
  const models = groups[0] ? (Object.keys(groups[0].credit) as ReportModel[]) : REPORT_MODELS
  const sum = emptySums('total', null, models)
  for (const { cost, media, credit } of groups) {
    sum.cost = { minor: sum.cost.minor + cost.minor, rows: sum.cost.rows + cost.rows }
    sum.media = { minor: sum.media.minor + media.minor, rows: sum.media.rows + media.rows }
    for (const model of models) {
      const into = sum.credit[model]
      const from = credit[model]
      into.revenue += from.revenue
      into.uncosted += from.uncosted
      into.newCustomers += from.newCustomers
      for (const layer of LAYERS) into.layers[layer] += from.layers[layer]
      for (const kind of Object.keys(KIND) as OutcomeKind[]) into.counts[kind] += from.counts[kind]
    }
  }
  return sum
}

/** True for the group of costs that no campaign or channel owns. */
export function isShared(sums: Pick<Sums, 'key'>): boolean {
  return sums.key === SHARED_CHANNEL
}

/** Places of the ledger that make a group, for the statements that list what is behind it. */
export function placesOf(
  places: Places,
  query: Pick<SumQuery, 'by' | 'filter'>,
  keys: readonly (string | null)[],
): LedgerPlace[] {
  return places.ledger.filter(
    (place) =>
      places.matches(place, query.filter) &&
      query.by.every(
        (dimension, i) => dimension === 'month' || keys[i] == null || places.keyOf(place, dimension) === keys[i],
      ),
  )
}

/** A cost by campaign, channel and, where asked, month. */
export interface CostCell {
  readonly campaign_id: bigint | null
  readonly channel: string | null
  readonly month: string | null
  readonly cost: bigint
  readonly media: bigint
  readonly cost_rows: bigint
  readonly media_rows: bigint
  readonly fx_missing: bigint
  readonly ever: bigint
}

/** Sums of nothing, under any model unless some are named. */
export function emptySums(key: string, key2: string | null, models: readonly ReportModel[] = REPORT_MODELS): Sums {
  const credit = Object.fromEntries(models.map((model) => [model, emptyCredit()])) as Sums['credit']
  return { key, key2, name: null, cost: { minor: 0n, rows: 0 }, media: { minor: 0n, rows: 0 }, credit }
}

function emptyCredit(): Credit {
  const counts = Object.fromEntries(Object.keys(KIND).map((kind) => [kind, 0n])) as Record<OutcomeKind, bigint>
  return { counts, newCustomers: 0n, revenue: 0n, uncosted: 0n, layers: { first: 0n, repurchase: 0n, referral: 0n } }
}

/** Adds a row of the ledger. @returns its revenue by model, where its kind has any */
function addCredit(
  sums: Sums,
  row: LedgerRow,
  models: readonly ReportModel[],
  revenueKinds: readonly OutcomeKind[],
  uncosted: boolean,
): Record<ReportModel, bigint> | undefined {
  const kind = KIND_NAMES[row.kind]!
  const earns = revenueKinds.includes(kind)
  const layer = LAYERS.find((known) => known === row.layer) ?? 'first'
  const revenues = {} as Record<ReportModel, bigint>
  for (const model of models) {
    const credit = sums.credit[model]
    const weight = row[`w_${model}`]!
    credit.counts[kind] += weight
    if (kind === 'won' && row.is_new) credit.newCustomers += weight
    // A deal that was lost again is no sale any more from that day on.
    if (kind === 'loss') credit.counts.won -= weight
    if (!earns) continue
    const revenue = row[`m_${model}`]!
    revenues[model] = revenue
    credit.revenue += revenue
    credit.layers[layer] += revenue
    if (uncosted) credit.uncosted += revenue
  }
  return earns ? revenues : undefined
}

type Money = Readonly<Record<ReportModel, bigint>>

function plus(a: Money, b: Money, models: readonly ReportModel[]): Record<ReportModel, bigint> {
  return Object.fromEntries(models.map((model) => [model, a[model] + b[model]])) as Record<ReportModel, bigint>
}

/** Splits [from, to) into whole months, read from the rollup, and the days before and after them. */
export function monthsAndDays(from: string, to: string): [string, string, string, string, string, string] {
  const startsMonth = from.endsWith('-01')
  const firstMonth = startsMonth ? from : nextMonth(from)
  const lastMonth = `${to.slice(0, 7)}-01`
  if (firstMonth >= lastMonth) return [END, END, from, to, END, END]
  return [firstMonth, lastMonth, from, firstMonth, lastMonth, to]
}

function nextMonth(day: string): string {
  const [year, month] = day.split('-').map(Number) as [number, number]
  return month === 12
    ? `${String(year + 1).padStart(4, '0')}-01-01`
    : `${day.slice(0, 5)}${String(month + 1).padStart(2, '0')}-01`
}
