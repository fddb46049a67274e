import { RoiError } from '../../errors.ts'
import { formatMinor } from '../../model/money.ts'
import { type Cell, daysOfLines, readSpend } from '../budget/books.ts'
import type { LineFigures } from '../budget/figures.ts'
import { budgetUse } from '../budget/formulas.ts'
import type { Line as BudgetLine } from '../budget/lines.ts'
import { planOf } from '../budget/plan.ts'
import { type BudgetQuery, labelOfLine, readLines } from '../budget/view.ts'
import { plus, type Rational, rational } from '../custom-rational.ts'
import { known, none, type Result } from '../formulas.ts'
import { type Figure, type Input, type Line, listed, money, type Situation } from './figure.ts'

export type BudgetMetric = 'budget_use' | 'pacing' | 'budget_forecast'

/**
 * M22 and M23 of one budget, named by its id; the use of all where none is named. Pacing and forecast belong to one budget:
 * without a name, to the only one there is.
 * @throws RoiError `unknown_budget`, `budget_needed`
 */
export async function budgetFigure(situation: Situation, entries: BudgetQuery['entries']): Promise<Figure> {
  const { reader, workspace, query, now } = situation
  const { tenant, settings } = workspace
  const { currency } = settings
  const asked: BudgetQuery = { entries, locale: settings.locale, now: now.getTime() }
  const period = { from: query.from, to: query.to, ended: true }
  const { books, figures } = await readLines(reader, workspace, asked, period)
  const metric = situation.metric as BudgetMetric
  const all = figures.map(({ line }) => line)
  const chosen = query.key === null ? null : figures.find(({ line }) => line.id === query.key)
  if (query.key !== null && !chosen) throw unknownBudget(query.key, all)
  const only = chosen ?? (figures.length === 1 ? figures[0] : undefined)
  const cells = all.length > 0 ? await readSpend(reader, tenant, books, daysOfLines(all)) : []
  const covered = (lines: readonly BudgetLine[]) =>
    cells.filter(
      ({ campaign, channel, day, state, minor }) =>
        (state === 'actual' || state === 'paid') &&
        minor !== 0n &&
        books.coverage.lines(campaign, channel, day).some((line) => lines.includes(line)),
    )
  const spendOf = (lines: readonly BudgetLine[]) => covered(lines).map((cell) => spendRow(cell, currency))
  if (only) return lineFigure(only, metric, sumOf('actual', spendOf([only.line])), currency)
  if (metric !== 'budget_use') {
    if (all.length > 0) throw budgetNeeded(all)
    return { result: none('no_budget'), inputs: [], configuration: { today: books.today } }
  }
  const known = new Set(all)
  const outer = all.filter((line) => line.within === null || !known.has(line.within))
  const rows = outer.flatMap((line) => (line.minor === null ? [] : [budgetRow(line, line.minor, currency)]))
  const actual = spendOf(all)
  return {
    result: budgetUse(minorOf(actual), minorOf(rows)),
    inputs: [sumOf('actual', actual), sumOf('budget', rows)],
    configuration: { today: books.today },
  }
}

/** A budget's own: what it is used to, and how that goes on. */
function lineFigure(figures: LineFigures, metric: BudgetMetric, actual: Input, currency: string): Figure {
  const { line, time, use, pacing, forecast } = figures
  const configuration = { budget: line.id, days_over: time?.days ?? null, days: time?.of ?? null, plan: figures.plan }
  const day = (name: string, value: bigint): Input => ({
    name,
    total: rational(value),
    unit: 'number',
    read: listed([{ part: rational(value), cells: { id: line.id, from: line.days.from, to: line.days.to } }]),
  })
  const budget = sumOf('budget', line.minor === null ? [] : [budgetRow(line, line.minor, currency)])
  if (metric === 'budget_use') return { result: use, inputs: [actual, budget], configuration }
  const times = [day('days_over', BigInt(time?.days ?? 0)), day('days', BigInt(time?.of ?? 0))]
  if (metric === 'pacing') return { result: pacing, inputs: [actual, budget, ...times], configuration }
  const plan = planOf(line)?.plan
  const [over, whole] = [plan?.at(time?.days ?? 0) ?? 0n, plan?.at(plan.of) ?? 0n]
  const money: Result<string> =
    forecast.value === null ? none(forecast.reason) : known(formatMinor(forecast.value, currency))
  return { result: money, inputs: [actual, day('plan_over', over), day('plan_whole', whole)], configuration }
}

function sumOf(name: string, rows: readonly Line[]): Input {
  const total = rows.reduce((sum: Rational, { part }) => plus(sum, part), rational(0n))
  return { name, total, unit: 'money', read: listed(rows) }
}

function minorOf(rows: readonly Line[]): bigint {
  return rows.reduce((sum, { exact }) => sum + (exact?.minor ?? 0n), 0n)
}

function spendRow({ day, campaign, channel, state, minor }: Cell, currency: string): Line {
  return {
    part: money(minor, currency),
    cells: {
      id: campaign?.source_id ?? null,
      name: campaign?.name ?? null,
      channel,
      date: day,
      state,
      amount: formatMinor(minor, currency),
    },
    exact: { minor },
  }
}

function budgetRow(line: BudgetLine, minor: bigint, currency: string): Line {
  return {
    part: money(minor, currency),
    cells: {
      id: line.id,
      name: labelOfLine(line, 'en'),
      from: line.days.from,
      to: line.days.to,
      amount: formatMinor(minor, currency),
      original: formatMinor(line.own.minor, line.own.currency),
      currency: line.own.currency,
    },
    exact: { minor },
  }
}

function unknownBudget(id: string, lines: readonly BudgetLine[]): RoiError {
  return new RoiError(
    'not_found',
    'unknown_budget',
    { en: `There is no budget "${id.slice(0, 80)}" here.`, 'zh-CN': `没有预算“${id.slice(0, 80)}”。` },
    namesOf(lines),
  )
}

function budgetNeeded(lines: readonly BudgetLine[]): RoiError {
  return new RoiError(
    'usage',
    'budget_needed',
    { en: 'There are several budgets; this number is of one.', 'zh-CN': '有多个预算；该数字只属于其中一个。' },
    namesOf(lines),
  )
}

function namesOf(lines: readonly BudgetLine[]) {
  const ids = lines.slice(0, 20).map(({ id }) => id)
  return {
    en: ids.length > 0 ? `Name one with --key: ${ids.join(', ')}.` : 'Enter one with "roi-panel budgets add".',
    'zh-CN': ids.length > 0 ? `请用 --key 指定：${ids.join('、')}。` : '请用 “roi-panel budgets add” 录入。',
  }
}
