import type { Segments } from '../api/segments.ts'
import type { Database } from '../db/database.ts'
import { type Locale, RoiError } from '../errors.ts'
import { formatMinor } from '../model/money.ts'
import type { Filter } from '../model/rules.ts'
import type { Workspace } from '../model/settings.ts'
import { ledgerOf } from './data-driven/ledger.ts'
import { repeated, sumQueryOf } from './query.ts'
import { type ReportAsk, TOTAL } from './report.ts'
import { toRow } from './row.ts'
import { readFigures } from './snapshot.ts'
import { sumBy, total } from './sums.ts'

/** A part of the data with a name. */
export interface SavedSegment {
  readonly name: string
  readonly where: Filter
}

/**
 * The conditions of a question, those of its saved segment among them.
 * @throws RoiError `unknown_segment` naming those there are
 */
export function withSegment<T extends { readonly segment?: string; readonly where?: Filter }>(
  { segment, ...question }: T,
  saved: readonly SavedSegment[],
): Omit<T, 'segment'> {
  if (segment === undefined) return question
  const found = saved.find(({ name }) => name.toLowerCase() === segment.toLowerCase())
  if (!found) throw unknownSegment(segment, saved)
  return { ...question, where: [...(question.where ?? []), ...found.where] }
}

/**
 * Return of every saved segment beside the whole, and how much revenue each two share: segments may overlap, so their sum is no
 * total (F94).
 */
export async function segments(
  database: Database,
  workspace: Workspace,
  query: Omit<ReportAsk, 'by' | 'by2'>,
  saved: readonly SavedSegment[],
  locale: Locale,
): Promise<Segments> {
  const { settings } = workspace
  const { currency } = settings
  const { model } = query
  const ask = sumQueryOf(query, settings)
  return readFigures(database, workspace, async (reader, version) => {
    const ledger = await ledgerOf({ database, reader, version }, workspace, { ...ask, model, seed: query.seed })
    const sumOf = async (more: Filter) =>
      total((await sumBy(reader, workspace, { ...ask, filter: [...ask.filter, ...more] }, ledger)).groups)
    const rows: Segments['rows'] = []
    const overlaps: Segments['overlaps'] = []
    for (const [i, { name, where }] of saved.entries()) {
      rows.push({ ...toRow(await sumOf(where), model, currency, name), key: name })
      for (const other of saved.slice(0, i)) {
        const { revenue } = (await sumOf([...other.where, ...where])).credit[model]
        if (revenue !== 0n) overlaps.push({ segments: [other.name, name], revenue: formatMinor(revenue, currency) })
      }
    }
    const { by: _, ...said } = repeated({ ...query, by: 'channel' }, settings)
    return {
      query: said,
      currency,
      convention: settings.convention,
      rows,
      overlaps,
      total: toRow(await sumOf([]), model, currency, TOTAL[locale]),
    }
  })
}

function unknownSegment(name: string, known: readonly SavedSegment[]): RoiError {
  const list = known.map((segment) => `"${segment.name}"`).join(', ')
  return new RoiError(
    'not_found',
    'unknown_segment',
    { en: `There is no segment "${name.slice(0, 80)}".`, 'zh-CN': `没有名为“${name.slice(0, 80)}”的分群。` },
    list === ''
      ? {
          en: 'Save one with "roi-panel segments set NAME --where channel:google_ads".',
          'zh-CN': '请用 “roi-panel segments set NAME --where channel:google_ads” 保存分群。',
        }
      : { en: `Known: ${list}.`, 'zh-CN': `现有：${list}。` },
  )
}
