import type { FunnelView } from '../../api/funnel.ts'
import { GroupBy } from '../../api/group-by.ts'
import { sql } from '../../db/sql.ts'
import { formatMinor } from '../../model/money.ts'
import { type RuleModel, WHOLE } from '../../model/rule-models.ts'
import { over, rational, toRational } from '../custom-rational.ts'
import { placeList, UNATTRIBUTED } from '../drill.ts'
import { count, known, none } from '../formulas.ts'
import { gather } from '../funnel/funnel.ts'
import { lostRows } from '../funnel/lost.ts'
import { type GroupSums, toView } from '../funnel/view.ts'
import { NO_TOUCH, WHOLE_GROUP } from '../groups.ts'
import { Format } from '../record/format.ts'
import { dayRange } from '../sums.ts'
import { type Figure, type Input, type Line, outcomes, type Situation, weighedMoney } from './figure.ts'
import { unknownGroup } from './report.ts'

const LEADS = sql('metrics/explain/sql/leads.sql')
const DEALS = sql('metrics/explain/sql/deals.sql')
const CYCLE = sql('metrics/explain/sql/cycle.sql')
const FEEDBACK = sql('metrics/explain/sql/feedback.sql')
/** Every outcome once, as the statements take it. */
const WHOLE_PLACES = '(whole)'
const DAY_SECONDS = 86_400n

type Field = keyof FunnelView['reasons']
interface Told {
  readonly inputs: readonly Name[]
  value(view: FunnelView): string | number | null
  /** Where its reason stands. */
  readonly field: Field
}

type Name =
  | 'leads'
  | 'mqls'
  | 'sqls'
  | 'lead_opportunities'
  | 'opened'
  | 'opened_won'
  | 'won'
  | 'lost'
  | 'won_amount'
  | 'cycle_days'
  | 'cycle_deals'
  | 'spans'
  | 'lost_leads'
  | 'accepted'
  | 'rejected'

/** Metrics of the funnel with their inputs. */
const TOLD = {
  lead_to_opportunity: {
    inputs: ['lead_opportunities', 'leads'],
    value: (view) => view.lead_to_opportunity,
    field: 'lead_to_opportunity',
  },
  opportunity_to_won: {
    inputs: ['opened_won', 'opened'],
    value: (view) => view.opportunity_to_won,
    field: 'opportunity_to_won',
  },
  win_rate: { inputs: ['won', 'lost'], value: (view) => view.win_rate, field: 'win_rate' },
  mql_rate: { inputs: ['mqls', 'leads'], value: (view) => view.mql_rate, field: 'mql_rate' },
  mql_to_sql: { inputs: ['sqls', 'mqls'], value: (view) => view.mql_to_sql, field: 'mql_to_sql' },
  sales_cycle: { inputs: ['spans'], value: (view) => view.cycle.median_days, field: 'cycle' },
  sales_cycle_mean: {
    inputs: ['cycle_days', 'cycle_deals'],
    value: (view) => view.cycle.mean_days,
    field: 'cycle',
  },
  lead_loss: { inputs: ['lost_leads', 'leads'], value: (view) => view.lead_loss.rate, field: 'lead_loss' },
  lead_acceptance: {
    inputs: ['accepted', 'rejected'],
    value: (view) => view.acceptance.rate,
    field: 'acceptance',
  },
  velocity: {
    inputs: ['opened', 'won', 'lost', 'won_amount', 'cycle_days', 'cycle_deals'],
    value: (view) => view.velocity,
    field: 'velocity',
  },
} as const satisfies Record<string, Told>
export type FunnelMetric = keyof typeof TOLD

/** A metric of the funnel (M10-M14, M26, M27, M40), of a row or of everything, reading `cohort`. @throws RoiError `unknown_group` */
export async function funnelFigure(situation: Situation): Promise<Figure> {
  const { reader, workspace, query, now } = situation
  const { settings } = workspace
  const { from, to, key } = query
  const by = key === null || key === UNATTRIBUTED ? null : GroupBy.parse(query.by)
  const model = query.model as RuleModel
  const grouped = key === UNATTRIBUTED ? GroupBy.parse(query.by) : by
  const read = await gather(reader, workspace, { reading: 'cohort', by: grouped, model, from, to, locale: 'en', now })
  const number =
    key === null ? WHOLE_GROUP : key === UNATTRIBUTED ? NO_TOUCH : read.groups.findIndex((one) => one.key === key)
  if (number === -1 && key !== null) {
    throw unknownGroup(
      query,
      read.groups.map((group) => group.key),
    )
  }
  const sums = read.of(number, key ?? '', '')
  const view = toView(sums, {
    reading: 'cohort',
    recorded: read.recorded,
    currency: settings.currency,
    locale: 'en',
    format: new Format('en', settings.currency, settings.zone),
  })
  const told: Told = TOLD[situation.metric as FunnelMetric]
  const value = told.value(view)
  return {
    result: value === null ? none(view.reasons[told.field] ?? 'no_deals') : known(value),
    inputs: told.inputs.map((name) => inputOf(situation, sums, name)),
    configuration: { reading: 'cohort', lead_loss_days: settings.lead_loss_days },
  }
}

function inputOf(situation: Situation, sums: GroupSums, name: Name): Input {
  const { currency } = situation.workspace.settings
  const { cohort, deals, cycle, loss, feedback } = sums
  const counted = (weight: bigint, read: Input['read']): Input => ({
    name,
    total: outcomes(weight),
    unit: 'number',
    read,
  })
  const reached = (step: number) => cohort.steps[step]!
  const leads = (which: string) => rowsOf(situation, LEADS, [which])
  const dealsOf = (which: string) => rowsOf(situation, DEALS, [which])
  switch (name) {
    case 'leads':
      return counted(reached(0).count, leads('leads'))
    case 'mqls':
      return counted(reached(1).recorded ?? 0n, leads('mqls'))
    case 'sqls':
      return counted(reached(2).recorded ?? 0n, leads('sqls'))
    case 'lead_opportunities':
      return counted(reached(3).count, leads('opportunities'))
    case 'opened':
      return counted(deals.opened, dealsOf('opened'))
    case 'opened_won':
      return counted(deals.opened_won, dealsOf('won'))
    case 'won':
    case 'lost':
      return counted(deals[name], dealsOf(name))
    case 'won_amount': {
      const amount = (row: Row) => weighedMoney((row.amount_minor ?? 0n) * row.weight, currency)
      return {
        name,
        total: weighedMoney(deals.amount, currency),
        unit: 'money',
        read: rowsOf(situation, DEALS, ['won'], amount),
      }
    }
    case 'cycle_days': {
      const days = (row: Row) => rational(row.seconds! * row.weight, WHOLE * DAY_SECONDS)
      const total = rational(cycle.seconds, WHOLE * DAY_SECONDS)
      return { name, total, unit: 'number', read: rowsOf(situation, CYCLE, [], days) }
    }
    case 'cycle_deals':
      return counted(cycle.weight, rowsOf(situation, CYCLE, []))
    case 'spans': {
      const days = (row: Row) => rational(row.seconds!, DAY_SECONDS)
      const median = over(toRational(cycle.median ?? 0), rational(DAY_SECONDS))
      return { name, total: median, unit: 'number', fold: 'median', read: rowsOf(situation, CYCLE, [], days) }
    }
    case 'lost_leads':
      return counted(loss.lost, lostLines(situation))
    case 'accepted':
    case 'rejected':
      return counted(
        feedback[name],
        rowsOf(situation, FEEDBACK, [situation.workspace.settings.zone, name === 'accepted']),
      )
  }
}

interface Row {
  source_id: string | null
  source: string | null
  name: string | null
  day: string
  weight: bigint
  amount_minor?: bigint | null
  seconds?: bigint
  all_count: bigint
}

/** Rows of a statement. @param more its parameters between the period and the page */
function rowsOf(
  situation: Situation,
  statement: string,
  more: readonly (string | boolean)[],
  part: (row: Row) => Line['part'] = ({ weight }) => outcomes(weight),
): Input['read'] {
  const { reader, workspace, query } = situation
  const { currency } = workspace.settings
  return async ({ limit, offset }) => {
    const places = query.key === null ? WHOLE_PLACES : await placesOf(situation)
    const ask = [workspace.tenant, places, query.model, ...dayRange(query), ...more, limit, offset]
    const rows = await reader.query<Row>(statement, ask)
    return {
      count: Number(rows[0]?.all_count ?? 0n),
      rows: rows.map((row) => ({
        part: part(row),
        cells: {
          id: row.source_id,
          name: row.name,
          date: row.day,
          weight: count(row.weight),
          ...(row.amount_minor != null && { amount: formatMinor(row.amount_minor, currency) }),
          ...(row.seconds !== undefined && { days: Number(row.seconds) / Number(DAY_SECONDS) }),
        },
        exact: {
          weight_units: row.weight,
          ...(row.amount_minor != null && { minor: row.amount_minor }),
          ...(row.seconds !== undefined && { seconds: row.seconds }),
        },
      })),
    }
  }
}

async function placesOf({ reader, workspace, query }: Situation): Promise<string | null> {
  return query.key === UNATTRIBUTED ? UNATTRIBUTED : placeList(reader, workspace, query, false)
}

/** Leads that were lost, those that wait longest first. */
function lostLines(situation: Situation): Input['read'] {
  const { reader, workspace, query, now } = situation
  return async (page) => {
    const ask = { from: query.from, to: query.to, model: query.model as RuleModel, now, ...page }
    const found = await placesOf(situation)
    const places = found?.split(',').map((place) => (place === UNATTRIBUTED ? place : `${place}:0`))
    const rows = await lostRows(reader, workspace, ask, query.key === null ? null : (places?.join(',') ?? null))
    return {
      count: Number(rows[0]?.all_count ?? 0n),
      rows: rows.map((row) => ({
        part: outcomes(row.weight),
        cells: {
          id: row.source_id,
          name: row.name,
          date: new Date(row.lead_at).toISOString(),
          last_touch: row.touched_at === null ? null : new Date(row.touched_at).toISOString(),
          why: row.dropped ? 'dropped' : 'untouched',
          weight: count(row.weight),
        },
        exact: { weight_units: row.weight },
      })),
    }
  }
}
