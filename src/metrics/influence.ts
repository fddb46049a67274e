import type { GroupBy } from '../api/group-by.ts'
import type { Influence, InfluenceLine } from '../api/influence.ts'
import type { Database, Reader } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import type { Locale, Text } from '../errors.ts'
import { formatMinor } from '../model/money.ts'
import type { Period } from '../model/period.ts'
import type { RevenueBasis } from '../model/rules.ts'
import type { Workspace } from '../model/settings.ts'
import { share } from './formulas.ts'
import { gathered, groupPlaces, NO_TOUCH, type PlaceGroup } from './groups.ts'
import { labelOf } from './labels.ts'
import { readPlaces } from './places.ts'
import { TOTAL } from './report.ts'
import { readFigures } from './snapshot.ts'
import { dayRange, KIND, REVENUE_KINDS } from './sums.ts'

const INFLUENCE = sql('metrics/sql/influence.sql')
const UNATTRIBUTED = { en: 'Unattributed', 'zh-CN': '未归因' } as const satisfies Text
const NOTES = {
  influenced: {
    en: 'Do not add up: an outcome is influenced by everything that touched it, so the sum would count it several times.',
    'zh-CN': '不可相加：一次转化受所有触达者影响，相加会重复计算。',
  },
  assists: {
    en: 'Do not add up: an outcome may be assisted by several.',
    'zh-CN': '不可相加：一次转化可有多个助攻。',
  },
} as const satisfies Record<string, Text>

/** Whose outcomes. */
export interface InfluenceQuery extends Period {
  readonly by: GroupBy
  readonly revenueBasis: RevenueBasis
  readonly locale: Locale
}

/** Outcomes of a kind by what a group had to do with them. */
export interface Row {
  group_no: number | null
  kind: number
  sourced: bigint
  sourced_amount: bigint
  influenced: bigint
  influenced_amount: bigint
  assists: bigint
  at_first: bigint
  at_middle: bigint
  at_last: bigint
  at_only: bigint
}

/** What was read of a group, by kind of outcome. */
export type Kinds = ReadonlyMap<number, Row>

/** Outcomes that groups began beside those they had a hand in (F53), and the ones they helped others to close (M39). */
export async function influence(database: Database, workspace: Workspace, query: InfluenceQuery): Promise<Influence> {
  const { by, revenueBasis, locale, from, to } = query
  const { currency } = workspace.settings
  const earning = REVENUE_KINDS[revenueBasis].map((kind) => KIND[kind])
  const kinds = [...new Set([KIND.lead, KIND.opportunity, KIND.won, KIND.loss, ...earning])].join(',')
  const { rows, groups } = await readFigures(database, workspace, (reader) =>
    influenceRows(reader, workspace, query, by, kinds),
  )
  const read = gathered(rows, ({ group_no }) => group_no)
  const kindsOf = (number: number): Kinds => new Map((read.get(number) ?? []).map((row) => [Number(row.kind), row]))
  const named = groups
    .map((group, number) => ({ key: group.key, label: labelOf(by, group, locale), kinds: kindsOf(number) }))
    .filter(({ kinds }) => kinds.size > 0)
  const line = (what: 'sourced' | 'influenced', { key, label, kinds }: (typeof named)[number]) =>
    toLine({ key, label }, what, [kinds], earning, currency)
  const sum = toLine(
    { key: '', label: TOTAL[locale] },
    'sourced',
    named.map(({ kinds }) => kinds),
    earning,
    currency,
  )
  const without = { key: '(unattributed)', label: UNATTRIBUTED[locale] }
  return {
    query: { workspace: workspace.key, by, from, to, revenue_basis: revenueBasis },
    currency,
    sourced: {
      additive: true,
      rows: named.map((group) => line('sourced', group)).sort(byRevenue),
      total: sum,
      unattributed: toLine(without, 'sourced', [kindsOf(NO_TOUCH)], earning, currency),
    },
    influenced: {
      additive: false,
      note: NOTES.influenced[locale],
      rows: named.map((group) => line('influenced', group)).sort(byRevenue),
    },
    assists: {
      additive: false,
      note: NOTES.assists[locale],
      rows: named.map(toAssists).sort((a, b) => b.won - a.won || b.touches - a.touches || (a.key < b.key ? -1 : 1)),
    },
  }
}

/** Outcomes of some kinds by group. @param by null = all places are one group, of key '' */
export async function influenceRows(
  reader: Reader,
  { tenant, settings }: Workspace,
  period: Period,
  by: GroupBy | null,
  kinds: string,
): Promise<{ readonly rows: Row[]; readonly groups: readonly PlaceGroup[] }> {
  const { list, groups } = groupPlaces(await readPlaces(reader, tenant, settings), by)
  return { rows: await reader.query<Row>(INFLUENCE, [tenant, list, ...dayRange(period), kinds]), groups }
}

/** Counts and amounts over some groups. A deal that was lost again is no sale any more from that day on. */
function toLine(
  name: Pick<InfluenceLine, 'key' | 'label'>,
  what: 'sourced' | 'influenced',
  groups: readonly Kinds[],
  earning: readonly number[],
  currency: string,
): InfluenceLine {
  const add = (kind: number, field: typeof what | `${typeof what}_amount`) =>
    groups.reduce((sum, kinds) => sum + (kinds.get(kind)?.[field] ?? 0n), 0n)
  const revenue = earning.reduce((sum, kind) => sum + add(kind, `${what}_amount`), 0n)
  return {
    ...name,
    leads: Number(add(KIND.lead, what)),
    opportunities: Number(add(KIND.opportunity, what)),
    won: Number(add(KIND.won, what) - add(KIND.loss, what)),
    pipeline: formatMinor(add(KIND.opportunity, `${what}_amount`), currency),
    revenue: formatMinor(revenue, currency),
  }
}

/** Most revenue first, then by key, so that the order never depends on the store. */
function byRevenue(a: InfluenceLine, b: InfluenceLine): number {
  return Number(b.revenue) - Number(a.revenue) || b.leads - a.leads || (a.key < b.key ? -1 : 1)
}

/** Outcomes helped by a group, and where its touches stand in their journeys (M39). */
export function toAssists({ key, label, kinds }: { key: string; label: string; kinds: Kinds }) {
  const assists = (kind: number) => Number(kinds.get(kind)?.assists ?? 0n)
  const { at_first = 0n, at_middle = 0n, at_last = 0n, at_only = 0n } = kinds.get(KIND.won) ?? {}
  const touches = at_first + at_middle + at_last + at_only
  const part = (of: bigint) => share(of, touches, 'no_deals').value
  return {
    key,
    label,
    leads: assists(KIND.lead),
    opportunities: assists(KIND.opportunity),
    won: assists(KIND.won) - assists(KIND.loss),
    touches: Number(touches),
    first: part(at_first),
    middle: part(at_middle),
    last: part(at_last),
    only: part(at_only),
  }
}
