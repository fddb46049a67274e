import { GroupBy } from '../../api/group-by.ts'
import { sql } from '../../db/sql.ts'
import { rational } from '../custom-rational.ts'
import { placeList } from '../drill.ts'
import { known, none } from '../formulas.ts'
import { influenceRows, toAssists } from '../influence.ts'
import { dayRange, KIND } from '../sums.ts'
import type { Figure, Input, Situation } from './figure.ts'
import { unknownGroup } from './report.ts'

const ASSISTS = sql('metrics/explain/sql/assists.sql')

const INPUTS = {
  assists: ['assists'],
  first_share: ['first', 'touches'],
  middle_share: ['middle', 'touches'],
  last_share: ['last', 'touches'],
} as const
export type InfluenceMetric = keyof typeof INPUTS
type Name = (typeof INPUTS)[InfluenceMetric][number]

/** Won deals that a group helped to close, and the places of its touches (M39). @throws RoiError `unknown_group` */
export async function influenceFigure(situation: Situation): Promise<Figure> {
  const { reader, workspace, query } = situation
  const { key } = query
  const by = key === null ? null : GroupBy.parse(query.by)
  const read = await influenceRows(reader, workspace, query, by, `${KIND.won},${KIND.loss}`)
  const number = key === null ? 0 : read.groups.findIndex((group) => group.key === key)
  if (number < 0) {
    throw unknownGroup(
      query,
      read.groups.map((group) => group.key),
    )
  }
  const own = read.rows.filter(({ group_no }) => group_no === number)
  const kinds = new Map(own.map((row) => [Number(row.kind), row]))
  const told = toAssists({ key: key ?? '', label: '', kinds })
  const won = kinds.get(KIND.won)
  const totals: Readonly<Record<Name, bigint>> = {
    assists: BigInt(told.won),
    first: won?.at_first ?? 0n,
    middle: won?.at_middle ?? 0n,
    last: won?.at_last ?? 0n,
    touches: BigInt(told.touches),
  }
  const metric = situation.metric as InfluenceMetric
  const shares = { first_share: told.first, middle_share: told.middle, last_share: told.last }
  const value = metric === 'assists' ? told.won : shares[metric]
  return {
    result: value === null ? none('no_deals') : known(value),
    inputs: INPUTS[metric].map((name) => ({
      name,
      total: rational(totals[name]),
      unit: 'number',
      read: lines(situation, name),
    })),
  }
}

interface Row {
  source_id: string | null
  name: string | null
  kind: number
  day: string
  touches: number
  part: bigint
  all_count: bigint
}

function lines({ reader, workspace, query }: Situation, which: Name): Input['read'] {
  return async ({ limit, offset }) => {
    const places = await placeList(reader, workspace, query, false)
    const ask = [workspace.tenant, places, ...dayRange(query), which, limit, offset]
    const rows = await reader.query<Row>(ASSISTS, ask)
    return {
      count: Number(rows[0]?.all_count ?? 0n),
      rows: rows.map((row) => ({
        part: rational(row.part),
        cells: {
          id: row.source_id,
          name: row.name,
          outcome: Number(row.kind) === KIND.loss ? 'loss' : 'won',
          date: row.day,
          [which]: Number(row.part),
          touches_total: Number(row.touches),
        },
      })),
    }
  }
}
