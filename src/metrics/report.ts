import type { Report, ReportQuery } from '../api.ts'
import type { Database } from '../db/database.ts'
import { type Locale, RoiError } from '../errors.ts'
import { formatMinor } from '../model/money.ts'
import type { Workspace } from '../model/settings.ts'
import { labelOf } from './labels.ts'
import { byReturn, reconcile, toRow, toUnattributed, uncosted } from './row.ts'
import { readFigures } from './snapshot.ts'
import { crmTotal, sumBy, total } from './sums.ts'

/**
 * Cost, credit and return by a dimension under one model, with its reconciliation (architecture.md §6.2).
 * @throws RoiError `unsupported_date_basis` for a basis other than `close`
 */
export async function report(
  database: Database,
  workspace: Workspace,
  query: ReportQuery,
  locale: Locale,
): Promise<Report> {
  if (query.date_basis !== 'close') throw unsupportedBasis(query.date_basis)
  const { currency } = workspace.settings
  const { by, model } = query
  const { summed, crm } = await readFigures(database, workspace, async (reader) => ({
    summed: await sumBy(reader, workspace, by, query),
    crm: await crmTotal(reader, workspace, query),
  }))
  const whole = total(summed.groups)
  const rows = summed.groups.map((sums) => toRow(sums, model, currency, labelOf(by, sums, locale)))
  rows.sort(by === 'month' ? (a, b) => (a.key < b.key ? -1 : 1) : byReturn)
  return {
    query,
    currency,
    convention: 'net',
    rows,
    total: toRow(whole, model, currency, TOTAL[locale]),
    unattributed: toUnattributed(summed.unattributed, model, currency),
    uncosted: { revenue: formatMinor(uncosted(summed.groups, model).revenue, currency) },
    reconciliation: reconcile(summed, whole, crm, model, currency),
  }
}

export const TOTAL = { en: 'Total', 'zh-CN': '合计' } as const

function unsupportedBasis(basis: string): RoiError {
  return new RoiError(
    'usage',
    'unsupported_date_basis',
    {
      en: `Reports by date basis "${basis}" are not available in this version.`,
      'zh-CN': `本版本不支持按“${basis}”口径统计。`,
    },
    { en: 'Use --date-basis close.', 'zh-CN': '请使用 --date-basis close。' },
  )
}
