import type { Dimension } from '../api.ts'
import type { Reader, RowOut } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import { SHARED_CHANNEL } from '../journey/channels.ts'
import { fromWallClock, type Period } from '../model/period.ts'
import { RULE_MODELS, type RuleModel } from '../model/rule-models.ts'
import type { Workspace } from '../model/settings.ts'

const LEDGER_SUMS = sql('metrics/sql/ledger-sums.sql')
const COST_SUMS = sql('metrics/sql/cost-sums.sql')
const CRM_TOTAL = sql('metrics/sql/crm-total.sql')

/** Kinds of outcome as the ledger numbers them. */
export const KIND = { lead: 1, mql: 2, sql: 3, opportunity: 4, won: 5, receipt: 6 } as const
export type OutcomeKind = keyof typeof KIND
const KIND_NAMES = Object.fromEntries(Object.entries(KIND).map(([name, kind]) => [kind, name])) as Record<
  number,
  OutcomeKind
>

/** Days outside any data: the ends of an open period. */
const BEGINNING = '0001-01-01'
const END = '9999-12-31'

/** The days of a period, with the ends of an open one in place. */
export function dayRange(period: Period): [from: string, to: string] {
  return [period.from ?? BEGINNING, period.to ?? END]
}

/** Weight units and minor units of one group under one model. */
export interface Credit {
  readonly counts: Record<OutcomeKind, bigint>
  newCustomers: bigint
  /** Minor units of won deals. */
  revenue: bigint
}

/** Everything summed for one group: a channel, a campaign, a month, or the whole. */
export interface Sums {
  readonly key: string
  /** Name of the campaign, where the group is one. */
  name: string | null
  cost: { minor: bigint; rows: number }
  media: { minor: bigint; rows: number }
  readonly credit: Record<RuleModel, Credit>
}

/** The sums of a report: its groups and what no touch explains. */
export interface Summed {
  readonly groups: readonly Sums[]
  readonly unattributed: Sums
  /** Cost rows left out because no rate is known for their currency. */
  readonly costsWithoutRate: number
}

/** Sums costs and credit of a period by a dimension; `all` gives one group. */
export async function sumBy(
  reader: Reader,
  workspace: Workspace,
  by: Dimension | 'all',
  period: Period,
): Promise<Summed> {
  const { tenant, settings } = workspace
  const [from, to] = dayRange(period)
  const ledger = await reader.query(LEDGER_SUMS, [tenant, by, ...monthsAndDays(from, to)])
  const costs = await reader.query<CostRow>(COST_SUMS, [tenant, by, from, to, settings.currency])
  const groups = new Map<string, Sums>()
  const unattributed = emptySums('')
  const group = (key: string) => {
    let sums = groups.get(key)
    if (!sums) {
      sums = emptySums(key)
      groups.set(key, sums)
    }
    return sums
  }
  let costsWithoutRate = 0
  for (const row of costs) {
    costsWithoutRate += Number(row.fx_missing)
    if (row.cost_rows === 0n) continue
    const sums = group(row.group_key)
    sums.name ??= row.campaign_name
    sums.cost = { minor: row.cost, rows: Number(row.cost_rows) }
    sums.media = { minor: row.media, rows: Number(row.media_rows) }
  }
  for (const row of ledger) {
    const sums = row.group_key === null ? unattributed : group(row.group_key as string)
    sums.name ??= row.campaign_name as string | null
    addCredit(sums, row)
  }
  return {
    groups: [...groups.values()],
    unattributed,
    costsWithoutRate,
  }
}

/** What the CRM says was won in a period. */
export interface CrmTotal {
  /** Minor units of the workspace currency. */
  readonly won: bigint
  readonly deals: number
  /** Won deals left out of `won` because no rate is known for their currency. */
  readonly withoutRate: number
}

/** Reads the other side of the reconciliation: won deals, independent of the ledger. */
export async function crmTotal(reader: Reader, { tenant, settings }: Workspace, period: Period): Promise<CrmTotal> {
  const [from, to] = dayRange(period).map((day) => instantOf(settings.zone, day)) as [string, string]
  const [row] = await reader.query<{ won_minor: bigint; deals: bigint; fx_missing: bigint }>(CRM_TOTAL, [
    tenant,
    from,
    to,
    settings.currency,
  ])
  return {
    won: row?.won_minor ?? 0n,
    deals: Number(row?.deals ?? 0n),
    withoutRate: Number(row?.fx_missing ?? 0n),
  }
}

/** Start of a local day as a UTC timestamp in SQL's spelling. */
function instantOf(zone: string, day: string): string {
  if (day === BEGINNING || day === END) return `${day} 00:00:00`
  return new Date(fromWallClock(zone, Date.parse(day))).toISOString().slice(0, 19).replace('T', ' ')
}

/** Sum of groups, and of their costs. Totals come from here only, never from ratios. */
export function total(groups: readonly Sums[]): Sums {
  const sum = emptySums('total')
  for (const { cost, media, credit } of groups) {
    sum.cost = { minor: sum.cost.minor + cost.minor, rows: sum.cost.rows + cost.rows }
    sum.media = { minor: sum.media.minor + media.minor, rows: sum.media.rows + media.rows }
    for (const model of RULE_MODELS) {
      const into = sum.credit[model]
      const from = credit[model]
      into.revenue += from.revenue
      into.newCustomers += from.newCustomers
      for (const kind of Object.keys(KIND) as OutcomeKind[]) into.counts[kind] += from.counts[kind]
    }
  }
  return sum
}

/** True for the group of costs that no campaign or channel owns. */
export function isShared(sums: Pick<Sums, 'key'>): boolean {
  return sums.key === SHARED_CHANNEL
}

interface CostRow {
  group_key: string
  campaign_name: string | null
  cost: bigint
  media: bigint
  cost_rows: bigint
  media_rows: bigint
  fx_missing: bigint
}

function emptySums(key: string): Sums {
  const credit = Object.fromEntries(
    RULE_MODELS.map((model) => [
      model,
      {
        counts: { lead: 0n, mql: 0n, sql: 0n, opportunity: 0n, won: 0n, receipt: 0n },
        newCustomers: 0n,
        revenue: 0n,
      },
    ]),
  ) as Record<RuleModel, Credit>
  return { key, name: null, cost: { minor: 0n, rows: 0 }, media: { minor: 0n, rows: 0 }, credit }
}

function addCredit(sums: Sums, row: RowOut): void {
  const kind = KIND_NAMES[row.kind as number]!
  for (const model of RULE_MODELS) {
    const credit = sums.credit[model]
    const weight = row[`w_${model}`] as bigint
    credit.counts[kind] += weight
    if (kind !== 'won') continue
    credit.revenue += row[`m_${model}`] as bigint
    if (row.is_new) credit.newCustomers += weight
  }
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
