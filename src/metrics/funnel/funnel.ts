import type { Funnel, FunnelView } from '../../api/funnel.ts'
import type { GroupBy, Held } from '../../api/group-by.ts'
import type { Database, Reader } from '../../db/database.ts'
import { sql } from '../../db/sql.ts'
import type { Locale, Text } from '../../errors.ts'
import { addDays, addMonths, localDay, type Period } from '../../model/period.ts'
import type { RuleModel } from '../../model/rule-models.ts'
import type { Workspace } from '../../model/settings.ts'
import { medianDays, type Spans } from '../formulas-funnel.ts'
import { groupPlaces, NO_TOUCH, type PlaceGroup, WHOLE_GROUP } from '../groups.ts'
import { keeper } from '../kept.ts'
import { labelOf } from '../labels.ts'
import { readPlaces } from '../places.ts'
import { sumQueryOf } from '../query.ts'
import { Format } from '../record/format.ts'
import { readFigures } from '../snapshot.ts'
import { KIND, type OutcomeKind, sumBy } from '../sums.ts'
import {
  type ByGroup,
  type CohortSums,
  cohortSums,
  cycleSums,
  type DealSums,
  dealSums,
  type FeedbackSums,
  type FunnelAsk,
  feedbackSums,
  type LossSums,
  lossSums,
  type Reading,
  type StepSums,
  spanSums,
} from './sums.ts'
import { type GroupSums, type Shown, toView } from './view.ts'

const RECORDED = sql('metrics/sql/funnel-recorded.sql')

/** Which funnel. */
export interface FunnelQuery extends Period {
  readonly reading: Reading
  /** Null: no groups. */
  readonly by: GroupBy | null
  readonly model: RuleModel
  readonly locale: Locale
  readonly now: Date
}

/** Outcomes that are the steps, in order. */
const STEP_KINDS = ['lead', 'mql', 'sql', 'opportunity', 'won', 'receipt'] as const satisfies readonly OutcomeKind[]
const NOTHING: StepSums = { count: 0n, recorded: null, median: null, spans: 0, negative: 0 }
const NO_COHORT: CohortSums = {
  steps: STEP_KINDS.map(() => ({ ...NOTHING, recorded: 0n })),
  throughAccount: 0n,
}
const NO_DEALS: DealSums = { opened: 0n, opened_won: 0n, won: 0n, lost: 0n, amount: 0n }
const NO_SPANS: Spans = { weight: 0n, seconds: 0n, median: null, negative: 0 }
const NO_LOSS: LossSums = { lost: 0n, dropped: 0n }
const NO_FEEDBACK: FeedbackSums = { accepted: 0n, rejected: 0n }
const WHOLE = { en: 'All', 'zh-CN': '全部' } as const satisfies Text
const UNATTRIBUTED = { en: 'Unattributed', 'zh-CN': '未归因' } as const satisfies Text

/** Answers kept per store. What is lost by now is then at most an hour old. */
const keep = keeper<Funnel>(20)
const HOUR_MS = 3_600_000

/** The funnel from lead to receipt (F90) with M10-M14, M26, M27 and M40, of everything and by group. */
export function funnel(database: Database, workspace: Workspace, query: FunnelQuery): Promise<Funnel> {
  const question = [workspace, { ...query, now: Math.floor(query.now.getTime() / HOUR_MS) }]
  return keep(database, database.version, question, () => compute(database, workspace, query))
}

async function compute(database: Database, workspace: Workspace, query: FunnelQuery): Promise<Funnel> {
  const { settings } = workspace
  const { reading, by, model, from, to, locale } = query
  const read = await readFigures(database, workspace, (reader) => gather(reader, workspace, query))
  const shown: Shown = {
    reading,
    recorded: read.recorded,
    currency: settings.currency,
    locale,
    format: new Format(locale, settings.currency, settings.zone),
  }
  const view = (number: number, key: string, label: string) => toView(read.of(number, key, label), shown)
  const rows = read.groups
    .map((group, number) => view(number, group.key, by ? labelOf(by, group, locale) : group.key))
    .filter(({ steps }) => steps.some(({ count }) => count > 0))
    .sort(byLeads)
  const whole = view(WHOLE_GROUP, '', WHOLE[locale])
  return {
    query: { workspace: workspace.key, model, from, to, reading, by },
    currency: settings.currency,
    whole,
    rows: by ? rows : [],
    unattributed: by && view(NO_TOUCH, '(unattributed)', UNATTRIBUTED[locale]),
    thresholds: thresholds(workspace, whole, read.ownCycle),
    lead_loss_days: settings.lead_loss_days,
  }
}

/** Most leads first, then most won deals, then by key, so that the order never depends on the store. */
function byLeads(a: FunnelView, b: FunnelView): number {
  const [first, won] = [0, 4].map((step) => b.steps[step]!.count - a.steps[step]!.count)
  return first || won || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
}

/** Everything read for the answer. */
export interface Gathered {
  readonly groups: readonly PlaceGroup[]
  readonly recorded: readonly boolean[]
  readonly ownCycle: number | null
  of(number: number, key: string, label: string): GroupSums
}

/** Reads what a funnel is made from. */
export async function gather(reader: Reader, workspace: Workspace, query: FunnelQuery): Promise<Gathered> {
  const { by, reading, model, from, to, now } = query
  const { sales_cycle } = workspace.settings.thresholds
  const places = by && (await readPlaces(reader, workspace.tenant, workspace.settings))
  const { list, groups } = places ? groupPlaces(places, by) : { list: '', groups: [] }
  const ask: FunnelAsk = { from, to, model, reading, list }
  const cohort = await cohortSums(reader, workspace, ask)
  const deals = await dealSums(reader, workspace, ask)
  const cycle = await cycleSums(reader, workspace, ask)
  const loss = await lossSums(reader, workspace, ask, now)
  const feedback = await feedbackSums(reader, workspace, ask)
  const happened = reading === 'period' ? await periodSteps(reader, workspace, ask, by, groups) : null
  const kinds = await reader.query<{ kind: number }>(RECORDED, [workspace.tenant])
  const known = new Set(kinds.map(({ kind }) => Number(kind)))
  return {
    groups,
    recorded: STEP_KINDS.map((kind) => known.has(KIND[kind])),
    ownCycle: sales_cycle.value === null ? await ownCycle(reader, workspace, ask, now) : null,
    of(number, key, label) {
      const leads = cohort.get(number) ?? NO_COHORT
      return {
        key,
        label,
        steps: happened ? (happened.get(number) ?? STEP_KINDS.map(() => NOTHING)) : leads.steps,
        cohort: leads,
        deals: deals.get(number) ?? NO_DEALS,
        cycle: cycle.get(number) ?? NO_SPANS,
        loss: loss.get(number) ?? NO_LOSS,
        feedback: feedback.get(number) ?? NO_FEEDBACK,
      }
    },
  }
}

/** What entered each step in the period: the report's own counts, with receipts as deals first paid and the days between steps. */
async function periodSteps(
  reader: Reader,
  workspace: Workspace,
  ask: FunnelAsk,
  by: GroupBy | null,
  groups: readonly PlaceGroup[],
): Promise<ByGroup<readonly StepSums[]>> {
  const spans = await spanSums(reader, workspace, ask)
  const { model, from, to } = ask
  const summed = await sumBy(reader, workspace, sumQueryOf({ from, to, ...(by && { by }) }, workspace.settings))
  const steps = (number: number, sums: readonly { counts: Readonly<Record<OutcomeKind, bigint>> }[]) =>
    STEP_KINDS.map((kind, i): StepSums => {
      const found = spans.get(number)?.get(i + 1) ?? NOTHING
      if (kind === 'receipt') return found
      return { ...found, count: sums.reduce((sum, { counts }) => sum + counts[kind], 0n) }
    })
  const credits = summed.groups.map(({ credit }) => credit[model])
  const without = summed.unattributed.credit[model]
  const byKey = new Map(summed.groups.map(({ key, credit }) => [key, credit[model]]))
  return new Map([
    [WHOLE_GROUP, steps(WHOLE_GROUP, [...credits, without])],
    [NO_TOUCH, steps(NO_TOUCH, [without])],
    ...groups.map(({ key }, number) => {
      const own = byKey.get(key)
      return [number, steps(number, own ? [own] : [])] as const
    }),
  ])
}

/**
 * Median sales cycle of 12 months, up to the end of the period or, for leads that are followed to the end, up to now: the
 * benchmark until one is entered (product.md §5).
 */
async function ownCycle(reader: Reader, workspace: Workspace, ask: FunnelAsk, now: Date): Promise<number | null> {
  const tomorrow = addDays(localDay(workspace.settings.zone, now.getTime()), 1)
  const to = ask.reading === 'period' && ask.to !== null && ask.to < tomorrow ? ask.to : tomorrow
  const year = { ...ask, from: addMonths(to, -12), to, reading: 'period', list: '' } as const
  const sums = (await cycleSums(reader, workspace, year)).get(WHOLE_GROUP)
  return sums ? medianDays(sums, 'no_deals').value : null
}

function thresholds({ settings }: Workspace, whole: FunnelView, ownCycle: number | null): Funnel['thresholds'] {
  const { mql_to_sql, lead_loss, sales_cycle } = settings.thresholds
  const cycle = sales_cycle.value ?? ownCycle
  const met = (value: number | null, holds: (value: number) => boolean): Held['met'] =>
    value === null ? null : holds(value)
  return {
    mql_to_sql: { ...mql_to_sql, met: met(whole.mql_to_sql, (rate) => rate > mql_to_sql.value) },
    lead_loss: { ...lead_loss, met: met(whole.lead_loss.rate, (rate) => rate < lead_loss.value) },
    sales_cycle: {
      value: cycle,
      convention: sales_cycle.convention,
      met: cycle === null ? null : met(whole.cycle.median_days, (days) => days < cycle),
    },
  }
}
