import type { Transaction } from '../db/database.ts'
import { markConverted, writeRates } from './rates.ts'

/** What is marked: numbers of marks, and what they are about. */
export interface Changes {
  readonly all: number
  /** Marks of what journeys are made of. */
  readonly records: number
  readonly costs: number
  readonly campaigns: number
  /** All spend has to be written anew. */
  readonly spend: boolean
  readonly persons: boolean
  readonly channels: boolean
  readonly rates: boolean
  /** What currencies are worth was written before. */
  readonly rated: boolean
}

/** Kinds of marks that no journey depends on. */
const NO_JOURNEY = new Set(['cost', 'spend', 'rate', 'rated'])

/**
 * What is marked, with what changed rates reach. Brings what currencies are worth up to date where that may matter.
 * @param currency of the workspace
 * @param all everything is recomputed, whatever is marked
 */
export async function readChanges(tx: Transaction, tenant: number, currency: string, all: boolean): Promise<Changes> {
  const changed = await marked(tx, tenant)
  const everything = all || changed.all > 0
  const some = changed.records + changed.costs > 0
  if (!everything && !changed.rates && (changed.rated || !some)) return changed
  const worth = await writeRates(tx, tenant, currency)
  if (everything || !changed.rates) return changed
  await markConverted(tx, tenant, worth)
  return marked(tx, tenant)
}

async function marked(tx: Transaction, tenant: number): Promise<Changes> {
  const rows = await tx.query<{ kind: string; n: bigint }>(
    `SELECT kind, count(*) AS n FROM dirty WHERE tenant_id = $1 GROUP BY kind
     UNION ALL SELECT 'rated', count(*) FROM (SELECT currency FROM fx WHERE tenant_id = $1 LIMIT 1) AS known`,
    [tenant],
  )
  const count = (kind: string) => Number(rows.find((row) => row.kind === kind)?.n ?? 0)
  const journeys = rows.filter(({ kind }) => !NO_JOURNEY.has(kind))
  return {
    all: count('all'),
    records: journeys.reduce((sum, row) => sum + Number(row.n), 0),
    costs: count('cost') + count('spend'),
    campaigns: count('campaign'),
    spend: count('spend') > 0,
    persons: count('ref') > 0,
    channels: count('campaign') + count('ref') > 0,
    rates: count('rate') > 0,
    rated: count('rated') > 0,
  }
}
