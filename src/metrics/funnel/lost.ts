import type { LostLeads } from '../../api/funnel.ts'
import type { GroupBy } from '../../api/group-by.ts'
import type { Database, Reader } from '../../db/database.ts'
import { sql } from '../../db/sql.ts'
import type { Period } from '../../model/period.ts'
import type { RuleModel } from '../../model/rule-models.ts'
import type { Workspace } from '../../model/settings.ts'
import { count } from '../formulas.ts'
import { placesOfGroup } from '../groups.ts'
import { readPlaces } from '../places.ts'
import { readFigures } from '../snapshot.ts'
import { dayRange } from '../sums.ts'

const LOST = sql('metrics/sql/lost-leads.sql')
const DAY_MS = 86_400_000
/** Key of the leads without an eligible touch. */
const WITHOUT_TOUCH = '(unattributed)'

/** Which group's leads, and which page of them. */
export interface LostQuery extends Period {
  readonly by: GroupBy
  /** Group key; null = every lead, `(unattributed)` = those without an eligible touch. */
  readonly key: string | null
  readonly model: RuleModel
  readonly offset: number
  readonly limit: number
  readonly now: Date
}

/** A lead that was lost. */
export interface LostRow {
  source: string
  source_id: string
  name: string | null
  lead_at: number
  touched_at: number | null
  dropped: boolean
  weight: bigint
  all_count: bigint
  all_weight: bigint
}

/**
 * The leads behind a lead loss (M26, F75), those that wait longest first.
 * @throws RoiError `unknown_group`
 */
export async function lostLeads(database: Database, workspace: Workspace, query: LostQuery): Promise<LostLeads> {
  const { settings } = workspace
  const { by, key, model, from, to, now } = query
  const rows = await readFigures(database, workspace, async (reader) =>
    lostRows(reader, workspace, query, await placesOf(reader, workspace, query)),
  )
  const [first] = rows
  const total = Number(first?.all_count ?? 0n)
  const end = query.offset + rows.length
  return {
    query: { workspace: workspace.key, by, key, model, from, to },
    lead_loss_days: settings.lead_loss_days,
    rows: rows.map(({ source, source_id, name, lead_at, touched_at, dropped, weight }) => ({
      contact_id: source_id,
      source,
      name,
      lead_at: new Date(lead_at).toISOString(),
      last_touch_at: touched_at === null ? null : new Date(touched_at).toISOString(),
      why: dropped ? 'dropped' : 'untouched',
      days: Math.max(0, Math.floor((now.getTime() - Math.max(lead_at, touched_at ?? lead_at)) / DAY_MS)),
      weight: count(weight),
    })),
    count: total,
    total: { weight: count(first?.all_weight ?? 0n) },
    next: end < total ? end : null,
  }
}

/** A page of lost leads. @param places of a group as the statement takes them; null = every lead */
export function lostRows(
  reader: Reader,
  { tenant, settings }: Workspace,
  { model, from, to, now, limit, offset }: Omit<LostQuery, 'by' | 'key'>,
  places: string | null,
): Promise<LostRow[]> {
  const period = dayRange({ from, to })
  const ask = [tenant, places, model, ...period, now.toISOString(), settings.lead_loss_days, limit, offset]
  return reader.query<LostRow>(LOST, ask)
}

/** Places of the group as the statement takes them. */
async function placesOf(reader: Reader, { tenant, settings }: Workspace, { by, key }: LostQuery) {
  if (key === null || key === WITHOUT_TOUCH) return key
  return placesOfGroup(await readPlaces(reader, tenant, settings), by, key)
}
