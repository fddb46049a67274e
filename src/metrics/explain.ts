import type { Explain } from '../api.ts'
import type { Database, Reader } from '../db/database.ts'
import { type Locale, RoiError } from '../errors.ts'
import { isDataModel } from '../model/data-models.ts'
import type { Workspace } from '../model/settings.ts'
import type { BudgetQuery } from './budget/view.ts'
import { modelBasis } from './data-driven/basis.ts'
import { ledgerOf } from './data-driven/ledger.ts'
import { DICTIONARY, namesOf } from './dictionary/entries.ts'
import type { Entry, Family } from './dictionary/entry.ts'
import { written } from './dictionary.ts'
import type { DrillQuery } from './drill.ts'
import { budgetFigure } from './explain/budget.ts'
import { customersFigure } from './explain/customers.ts'
import { deliveryFigure } from './explain/delivery.ts'
import { type Figure, type Input, type Situation, shown } from './explain/figure.ts'
import { funnelFigure } from './explain/funnel.ts'
import { growthFigure } from './explain/growth.ts'
import { influenceFigure } from './explain/influence.ts'
import { qualityFigure } from './explain/quality.ts'
import { reportFigure } from './explain/report.ts'
import type { Quality } from './quality-score.ts'
import { repeated, sumQueryOf } from './query.ts'
import { readFigures } from './snapshot.ts'

/** Which number to explain, and which page of the rows behind it. */
export interface ExplainQuery extends DrillQuery {
  readonly metric: string
  readonly locale: Locale
}

/** What a number may depend on that is not in the store of facts. */
export interface ExplainContext {
  /** Budgets that people entered. */
  readonly budgets?: BudgetQuery['entries']
  /** Checks the quality of the data; absent = the score cannot be asked for. */
  readonly quality?: () => Promise<Quality>
  /** Of the configuration whose settings the workspace has. */
  readonly configVersion?: number
  readonly now?: Date
}

/** A number with the readers of its rows: of use only as long as its state of the store is open. */
export interface Explained {
  readonly entry: Entry
  readonly figure: Figure
  /** The answer without rows. */
  readonly head: Omit<Explain, 'inputs'>
}

/**
 * From a number to its rows (F142): formula, the inputs it was computed from, the rows each input is the sum of, and
 * the configuration. The value is computed by the same code as everywhere else.
 * @throws RoiError `unknown_metric`, `unknown_group`, `reading_not_possible`, `unknown_budget`, `budget_needed`, `not_enough_data`
 *   for a data-driven model below the floor
 */
export function explain(
  database: Database,
  workspace: Workspace,
  query: ExplainQuery,
  context: ExplainContext = {},
): Promise<Explain> {
  const { offset, limit, locale } = query
  const { currency } = workspace.settings
  return explained(database, workspace, query, context, async ({ entry, figure, head }) => {
    const inputs: Explain['inputs'] = []
    for (const input of figure.inputs) {
      const { rows, count } = await input.read({ offset, limit })
      const value = shown(input, currency)
      inputs.push({
        name: input.name,
        label: labelOf(entry, input, locale),
        value,
        rows: rows.map(({ cells }) => cells),
        count,
      })
    }
    return { ...head, inputs }
  })
}

/** Works a number out and hands it on while the state of the store that it was read from is open. */
export async function explained<T>(
  database: Database,
  workspace: Workspace,
  query: ExplainQuery,
  context: ExplainContext,
  work: (explained: Explained, reader: Reader) => Promise<T>,
): Promise<T> {
  const [metric] = namesOf(query.metric) as readonly [keyof typeof DICTIONARY]
  const entry: Entry = DICTIONARY[metric]
  checkReading(entry.family, query)
  const quality = entry.family === 'quality' ? await context.quality?.() : undefined
  return readFigures(database, workspace, async (reader, version) => {
    const ask = { ...sumQueryOf(query, workspace.settings), model: query.model, seed: query.seed }
    const ledger = await ledgerOf({ database, reader, version }, workspace, ask)
    const { now = new Date() } = context
    const situation: Situation = { database, reader, workspace, metric, query, ledger, now }
    const figure = quality ? qualityFigure(quality, query.locale) : await FIGURES[entry.family](situation, context)
    const basis = ledger && modelBasis(ledger.result, query.locale)
    const head = headOf(entry, metric, figure, workspace, query, context)
    return work(
      {
        entry,
        figure,
        head: {
          ...head,
          configuration: { ...head.configuration, ...basis?.configuration },
          ...(basis && { data_driven: { split: basis.split, weights: [...basis.weights] } }),
        },
      },
      reader,
    )
  })
}

type Work = (situation: Situation, context: ExplainContext) => Promise<Figure>

const FIGURES: Readonly<Record<Family, Work>> = {
  report: reportFigure,
  customers: customersFigure,
  funnel: funnelFigure,
  delivery: deliveryFigure,
  influence: influenceFigure,
  growth: growthFigure,
  budget: (situation, { budgets = [] }) => budgetFigure(situation, budgets),
  quality: async () => ({ result: { value: null, reason: 'no_access' }, inputs: [] }),
}

/** What was asked in ways that a metric outside the report does not have. @throws RoiError `reading_not_possible` */
function checkReading(family: Family, { by, by2, key, where, date_basis, model }: ExplainQuery): void {
  if (family === 'report') return
  const plain =
    family === 'growth'
      ? []
      : [by2 && 'by2', where && 'where', date_basis !== undefined && date_basis !== 'close' && 'date_basis']
  const grouped = family === 'growth' || family === 'budget' || key === null ? [] : [by === 'month' && 'by=month']
  const odd = [
    ...plain,
    ...grouped,
    isDataModel(model) && `model=${model}`,
    family === 'quality' && key !== null && 'key',
  ]
  const first = odd.find((name) => typeof name === 'string')
  if (first === undefined) return
  throw new RoiError(
    'usage',
    'reading_not_possible',
    { en: `This number cannot be asked for with "${first}".`, 'zh-CN': `该指标不支持“${first}”。` },
    { en: 'Leave it out; it can be asked of metrics of the report only.', 'zh-CN': '请去掉该条件；只有报表指标支持。' },
  )
}

function headOf(
  entry: Entry,
  metric: string,
  { result, inputs, expression = entry.expression, configuration }: Figure,
  workspace: Workspace,
  query: ExplainQuery,
  { configVersion }: ExplainContext,
): Omit<Explain, 'inputs'> {
  const { settings } = workspace
  const { currency } = settings
  const { locale } = query
  const formula = (expression === entry.expression ? entry.formula : written(expression))[locale]
  const filled = (value: (input: Input) => string) =>
    inputs.reduce((text, input) => text.replaceAll(`{${input.name}}`, value(input)), formula)
  const ask = sumQueryOf(query, settings)
  return {
    metric,
    id: entry.id,
    label: entry.label[locale],
    formula: filled((input) => labelOf(entry, input, locale)),
    substituted: filled((input) => String(shown(input, currency))),
    value: result.value,
    unit: entry.unit,
    reason: result.reason ?? null,
    query: {
      ...repeated(questionOf(workspace, query), settings),
      key: query.key,
      ...(query.key2 !== undefined && { key2: query.key2 }),
    },
    currency,
    configuration: {
      model: query.model,
      lookback_days: settings.lookback_days,
      half_life_days: settings.half_life_days,
      zone: settings.zone,
      currency,
      convention: settings.convention,
      date_basis: ask.dateBasis,
      revenue_basis: ask.revenueBasis,
      direct_handling: settings.direct_handling,
      campaigns_first: String(settings.campaigns_first),
      repurchase_path: settings.repurchase_path,
      ...configuration,
    },
    expression,
    ...(configVersion !== undefined && { config_version: configVersion }),
  }
}

/** What people read for an input. */
export function labelOf({ inputs }: Entry, { name }: Input, locale: Locale): string {
  return inputs.find((input) => input.name === name)?.label[locale] ?? name
}

/** The question without what only pages and names it. */
function questionOf(workspace: Workspace, query: ExplainQuery) {
  const { metric: _, locale: _locale, offset: _offset, limit: _limit, key: _key, key2: _key2, ...question } = query
  return { ...question, workspace: workspace.key }
}
