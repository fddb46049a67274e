import type { Row } from '../../src/api.ts'
import { isWhole } from '../format.ts'
import type { Column } from '../locales/words.ts'
import { inSentence } from '../text.ts'
import type { Sort, View } from '../view.ts'

/** Texts of the numeric columns of one row; null where n/a. */
export type Cells = Record<Exclude<Column, 'label'>, string | null>

/** Formats rows of one table: all rows of a column have the same decimals. */
export function cellsOf(view: View): (row: Row) => Cells {
  const { format, now } = view
  const all = [...now.rows, now.total]
  const costDigits = format.digitsFor(all.map((row) => row.cost))
  const revenueDigits = format.digitsFor([
    ...all.map((row) => row.revenue),
    now.unattributed.revenue,
    view.panel.reconciliation.crm,
  ])
  const leadDigits = countDigits([...all.map((row) => row.leads), now.unattributed.leads])
  const wonDigits = countDigits([...all.map((row) => row.won), now.unattributed.won])
  return (row) => ({
    // Nothing recorded is not the same as a cost of 0.
    cost: row.reasons.roi === 'no_cost' ? null : format.amount(row.cost, costDigits),
    leads: format.count(row.leads, leadDigits),
    cpl: row.cpl === null ? null : format.unitCost(row.cpl),
    won: format.count(row.won, wonDigits),
    revenue: format.amount(row.revenue, revenueDigits),
    roi: row.roi === null ? null : format.percent(row.roi),
  })
}

function countDigits(counts: readonly number[]): number {
  return counts.every(isWhole) ? 0 : 1
}

/** Rows in the chosen order; what is n/a comes last in either direction. */
export function sortRows(rows: readonly Row[], sort: Sort, locale: string): Row[] {
  const collator = new Intl.Collator(locale)
  const sign = sort.descending ? -1 : 1
  return [...rows].sort((a, b) => {
    if (sort.column === 'label') return sign * collator.compare(a.label, b.label)
    const [x, y] = [a[sort.column], b[sort.column]]
    if (x === null || y === null) return Number(x === null) - Number(y === null)
    return sign * (Number(x) - Number(y))
  })
}

/** What the table says in one sentence. */
export function channelFinding(view: View): string {
  const t = view.words.channels
  const { rows, total, shares } = view.now
  // What belongs to no channel returns nothing by itself.
  const own = rows.filter(({ key }) => key !== '(shared)')
  const first = (column: 'roi' | 'revenue') => sortRows(own, { column, descending: true }, view.words.tag)[0]
  const best = first('roi')
  const largest = first('revenue')
  if (!best || !largest || (Number(total.cost) === 0 && Number(total.revenue) === 0)) return t.findNone
  const share = shares[largest.key]?.revenue ?? null
  const named =
    share === null || share <= 0 ? null : { name: inSentence(largest.label), value: view.format.percent(share) }
  if (best.roi === null) return t.findNoRoi(named)
  const top = { name: inSentence(best.label), value: view.format.percent(best.roi) }
  const losses = rows.filter(({ roi }) => roi !== null && roi < 0).length
  const tail = losses > 0 ? t.losses(losses) : ''
  if (!named) return t.findTwo(top, { name: inSentence(largest.label), value: view.format.percent(0) }) + tail
  return (best === largest ? t.findBoth(top, named.value) : t.findTwo(top, named)) + tail
}
