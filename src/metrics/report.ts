import type { Report, ReportQuery, Row } from '../api.ts'
import type { Database, Reader } from '../db/database.ts'
import type { Locale } from '../errors.ts'
import type { Workspace } from '../model/settings.ts'
import { type CustomDefinition, customValues } from './custom.ts'
import { ledgerOf } from './data-driven/ledger.ts'
import type { Source } from './data-driven/model.ts'
import { checkInterval, sampleOf, withBounds } from './data-driven/report-bounds.ts'
import type { Basis } from './dictionary.ts'
import { labelOf } from './labels.ts'
import { maturityOf } from './maturity.ts'
import { repeated, sumQueryOf } from './query.ts'
import { byReturn, reconcile, toRow, toUnattributed, toUncosted } from './row.ts'
import { readFigures } from './snapshot.ts'
import { type CrmTotal, crmTotal, type Ledger, type Summed, type SumQuery, type Sums, sumBy, total } from './sums.ts'

/** A report's question; the date basis is `close` where it says none. */
export type ReportAsk = Omit<ReportQuery, 'date_basis'> & Partial<Pick<ReportQuery, 'date_basis'>>

export interface ReportOptions {
  /** Metrics of the workspace's own, worked out for every row and the total from their sums (F77). */
  readonly custom?: readonly CustomDefinition[]
  /** Ends the drawing of intervals. */
  readonly signal?: AbortSignal
}

/**
 * Cost, credit and return by one or two dimensions under one model, with its reconciliation (architecture.md §6.2). Any
 * dimension, date and revenue basis sums to the same total.
 * @throws RoiError `not_enough_data` for a data-driven model below the floor, `interval_not_possible`
 */
export async function report(
  database: Database,
  workspace: Workspace,
  query: ReportAsk,
  locale: Locale,
  { custom, signal }: ReportOptions = {},
): Promise<Report> {
  checkInterval(query)
  const { answer, sample } = await readFigures(database, workspace, async (reader, version) => {
    const source = { database, reader, version }
    const answer = await reportOn(source, workspace, query, locale, custom)
    return { answer, sample: await sampleOf(source, workspace, sumQueryOf(query, workspace.settings), query) }
  })
  return sample ? withBounds(answer, sample, signal) : answer
}

/**
 * The same on a reader of the caller's, whose ledger is up to date; without intervals, which take longer than a store should
 * wait.
 * @param custom metrics of the workspace's own, worked out for every row and the total from their sums (F77)
 */
export async function reportOn(
  source: Source,
  workspace: Workspace,
  query: ReportAsk,
  locale: Locale,
  custom: readonly CustomDefinition[] = [],
): Promise<Report> {
  const { currency, convention } = workspace.settings
  const { by, by2, model } = query
  const ask = sumQueryOf(query, workspace.settings)
  const { database, reader } = source
  const ledger = await ledgerOf(source, workspace, { ...ask, model, seed: query.seed })
  const summed = await sumBy(reader, workspace, ask, ledger)
  const checked = await check(reader, workspace, ask, summed, ledger)
  const maturity = await maturityOf(database, reader, workspace, query)
  const whole = total(summed.groups)
  const own = (sums: Sums) => ownValues(custom, { sums, summed, model, currency })
  const rows = summed.groups.map((sums) => ({
    ...toRow(sums, model, currency, labelOf(by, sums, locale)),
    ...(by2 && sums.key2 !== null && { label2: labelOf(by2, { key: sums.key2, name: null }, locale) }),
    ...own(sums),
  }))
  rows.sort(by === 'month' ? (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : byReturn(a, b)) : byReturn)
  return {
    query: repeated(query, workspace.settings),
    currency,
    convention,
    rows,
    total: { ...toRow(whole, model, currency, TOTAL[locale]), ...own(whole) },
    unattributed: toUnattributed(summed.unattributed, model, currency),
    uncosted: toUncosted(summed, model, currency, locale),
    maturity,
    fx_missing: { costs: summed.costsWithoutRate, deals: checked.crm.withoutRate },
    reconciliation: reconciled(checked, ask, model, currency),
    ...(summed.closed.length > 0 && { closed: summed.closed.map((month) => month.slice(0, 7)) }),
    ...(ledger && { data_set: { journeys: ledger.result.journeys, conversions: ledger.result.conversions } }),
  }
}

/** Values of the workspace's own metrics, where there are any. */
function ownValues(definitions: readonly CustomDefinition[], basis: Basis): Pick<Row, 'custom'> {
  if (definitions.length === 0) return {}
  const labels = new Map(definitions.map(({ name, body }) => [name, body.label]))
  const values = [...customValues(definitions, basis)].map(([name, { unit, result }]) => {
    const { value, reason } = result
    return [name, { label: labels.get(name) ?? name, unit, value, ...(reason && { reason }) }] as const
  })
  return { custom: Object.fromEntries(values) }
}

/** What a reconciliation compares. */
export interface Checked {
  readonly sides: Pick<Summed, 'groups' | 'unattributed' | 'outside'>
  readonly crm: CrmTotal
  readonly scope: 'period' | 'all'
}

/**
 * Reads the CRM's side of the reconciliation. The dates of touches and of acquisition are none of the CRM's: there, the whole
 * ledger is compared with everything the CRM ever said.
 */
export async function check(
  reader: Reader,
  workspace: Workspace,
  query: SumQuery,
  summed: Summed,
  ledger?: Ledger,
): Promise<Checked> {
  const { dateBasis } = query
  if (dateBasis === 'close' || dateBasis === 'created') {
    const crm = await crmTotal(reader, workspace, { ...query, dateBasis }, summed.closed)
    return { sides: summed, crm, scope: 'period' }
  }
  const all = { ...query, by: [], from: null, to: null, dateBasis: 'close', live: true } as const
  return {
    sides: await sumBy(reader, workspace, all, ledger),
    crm: await crmTotal(reader, workspace, all, []),
    scope: 'all',
  }
}

/** The reconciliation as it is shown. */
export function reconciled(
  { sides, crm, scope }: Checked,
  { filter }: SumQuery,
  model: ReportQuery['model'],
  currency: string,
) {
  const result = reconcile({ ...sides, filtered: filter.length > 0 }, crm, model, currency)
  return scope === 'all' ? { ...result, scope } : result
}

export const TOTAL = { en: 'Total', 'zh-CN': '合计' } as const
