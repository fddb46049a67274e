import { RoiError } from '../errors.ts'
import { localDay } from '../model/period.ts'

const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/
const QUARTER = /^(\d{4})-?Q([1-4])$/i

/**
 * First days of the months that a person means: `2026-06`, or `2026-Q2`, the second quarter of the fiscal year that begins in 2026.
 * @throws RoiError `bad_close_period`
 */
export function monthsOf(text: string, fiscalStart: number): string[] {
  if (MONTH.test(text)) return [`${text}-01`]
  const [, year, quarter] = QUARTER.exec(text) ?? []
  if (year === undefined || quarter === undefined) throw badPeriod(text)
  const first = fiscalStart - 1 + (Number(quarter) - 1) * 3
  return [0, 1, 2].map((i) => monthAt(Number(year), first + i))
}

/** The month before or after one. */
export function monthAfter(month: string, count = 1): string {
  const [year, number] = month.split('-').map(Number) as [number, number]
  return monthAt(year, number - 1 + count)
}

/** @throws RoiError `not_over` for a month that is not over yet in the workspace's zone */
export function checkOver(months: readonly string[], zone: string, now: Date): void {
  const today = localDay(zone, now.getTime())
  const early = months.find((month) => monthAfter(month) > today)
  if (early === undefined) return
  const name = early.slice(0, 7)
  throw new RoiError(
    'usage',
    'not_over',
    { en: `${name} is not over yet.`, 'zh-CN': `${name} 尚未结束。` },
    { en: 'Only past months can be closed.', 'zh-CN': '只能对已结束的月份关账。' },
  )
}

function monthAt(year: number, index: number): string {
  const date = new Date(Date.UTC(2000, index, 1))
  date.setUTCFullYear(date.getUTCFullYear() - 2000 + year)
  return date.toISOString().slice(0, 10)
}

function badPeriod(text: string): RoiError {
  return new RoiError(
    'usage',
    'bad_close_period',
    { en: `"${text.slice(0, 40)}" is no month and no quarter.`, 'zh-CN': `“${text.slice(0, 40)}”不是月份或季度。` },
    { en: 'Write 2026-06 or 2026-Q2.', 'zh-CN': '请写成 2026-06 或 2026-Q2。' },
  )
}
