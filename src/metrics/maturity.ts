import type { Maturity } from '../api.ts'
import type { Database, Reader } from '../db/database.ts'
import { addDays, localDay, type Period } from '../model/period.ts'
import type { Workspace } from '../model/settings.ts'
import { cycleOf } from './record/cycle.ts'

/**
 * Whether a period is younger than the median sales cycle (F147): deals that its leads will become are not won yet. Said of
 * periods with both ends; what has none has no age.
 */
export async function maturityOf(
  database: Database,
  reader: Reader,
  { tenant, settings }: Workspace,
  period: Period,
  now = Date.now(),
): Promise<Maturity> {
  const { days } = await cycleOf(database, reader, tenant)
  if (days === null) return { cycle_days: null, immature: false, from: null }
  const from = addDays(localDay(settings.zone, now), -Math.ceil(days) + 1)
  const bounded = period.from !== null && period.to !== null
  return { cycle_days: days, immature: bounded && period.to > from, from }
}
