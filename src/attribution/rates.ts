import type { Transaction } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import { crossRates, type Held, type RateRow } from './rate-table.ts'

const RATES = sql('attribution/sql/rates.sql')
const RATE_MARKS = sql('attribution/sql/rate-marks.sql')

/** Rows per insert. */
const BATCH = 10_000
const BEGINNING = '0001-01-01'
const END = '9999-12-31'

interface FxRow {
  readonly currency: string
  readonly day_from: string
  readonly day_to: string
  readonly factor: number
}

/**
 * Writes what each currency is worth in the workspace's, day by day: what outcomes and spend are converted with. A rate
 * holds from its day until the next one of its pair. A currency is converted by its own rate to the workspace currency,
 * else by the inverse of the opposite one, else over one third currency; days before the first rate have no row.
 * @returns the first day from which a currency is worth something else than before, for each that is
 */
export async function writeRates(tx: Transaction, tenant: number, currency: string): Promise<Map<string, string>> {
  const before = await tx.query<FxRow>(
    'SELECT currency, day_from, day_to, factor FROM fx WHERE tenant_id = $1 ORDER BY currency, day_from',
    [tenant],
  )
  const rates = await tx.query<RateRow>(RATES, [tenant])
  const held: Held[] = [
    { currency, from: BEGINNING, to: END, factor: 1, rate: null, rateId: null },
    ...crossRates(rates, currency),
  ]
  await tx.run('DELETE FROM fx WHERE tenant_id = $1', [tenant])
  const rows = held.map(({ from, to, rate, rateId, ...row }) => ({
    tenant_id: tenant,
    ...row,
    day_from: from,
    day_to: to ?? END,
    rate,
    rate_id: rateId,
  }))
  for (let start = 0; start < rows.length; start += BATCH) await tx.insert('fx', rows.slice(start, start + BATCH))
  return firstDifferences(before, rows)
}

/** Marks the costs, and the deals whose money is dated where a currency is worth something else than before. */
export async function markConverted(
  tx: Transaction,
  tenant: number,
  changed: ReadonlyMap<string, string>,
): Promise<void> {
  if (changed.size === 0) return
  const list = [...changed].map(([currency, day]) => `${currency} ${day}`).join(',')
  await tx.run(RATE_MARKS, [tenant, list])
}

/** By currency, the first day on which two tables of factors differ. */
function firstDifferences(before: readonly FxRow[], after: readonly FxRow[]): Map<string, string> {
  const [old, now] = [byCurrency(before), byCurrency(after)]
  const found = new Map<string, string>()
  for (const currency of new Set([...old.keys(), ...now.keys()])) {
    const day = firstDifference(old.get(currency) ?? [], now.get(currency) ?? [])
    if (day !== null) found.set(currency, day)
  }
  return found
}

function byCurrency(rows: readonly FxRow[]): Map<string, FxRow[]> {
  const groups = new Map<string, FxRow[]>()
  for (const row of rows) {
    const group = groups.get(row.currency)
    if (group) group.push(row)
    else groups.set(row.currency, [row])
  }
  return groups
}

/** Rows hold without gaps to the end, so from where one starts until the next of either table nothing changes. */
function firstDifference(before: readonly FxRow[], after: readonly FxRow[]): string | null {
  let [i, j] = [-1, -1]
  while (i + 1 < before.length || j + 1 < after.length) {
    const [left, right] = [before[i + 1]?.day_from ?? END, after[j + 1]?.day_from ?? END]
    const day = left < right ? left : right
    if (left === day) i += 1
    if (right === day) j += 1
    if (before[i]?.factor !== after[j]?.factor) return day
  }
  return null
}
