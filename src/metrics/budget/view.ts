import type { BudgetLine, BudgetShares, BudgetSlices, Budgets, ShareBars } from '../../api/budgets.ts'
import type { Reader } from '../../db/database.ts'
import type { Locale, Text } from '../../errors.ts'
import { formatMinor } from '../../model/money.ts'
import type { Workspace } from '../../model/settings.ts'
import type { Result } from '../formulas.ts'
import { type Books, daysOfLines, type Entries, readBooks, readSpend } from './books.ts'
import type { Campaign } from './campaigns.ts'
import { type LineFigures, lineFigures, type Spent } from './figures.ts'
import { budgetUse } from './formulas.ts'
import type { Line } from './lines.ts'
import { type Cut, overlaps } from './period.ts'
import { sharesOf } from './shares.ts'
import { ledgerSpend, type SliceName, slicesOf } from './slices.ts'

/** What all views of budgets are asked with. */
export interface BudgetQuery {
  readonly entries: Entries
  readonly locale: Locale
  /** Epoch milliseconds. */
  readonly now: number
}

/** Which budgets; null = any. */
export interface LineFilter {
  readonly from: string | null
  readonly to: string | null
  /** Those whose days are over as well. */
  readonly ended: boolean
}

/** Budgets with their figures at one moment; what alerts are drawn from, too. */
export async function readLines(
  reader: Reader,
  workspace: Workspace,
  query: BudgetQuery,
  filter: LineFilter,
): Promise<{ readonly books: Books; readonly figures: LineFigures[]; readonly covered: Spent }> {
  const books = await readBooks(reader, workspace, query.entries, query.now)
  const lines = books.lines.filter(({ days }) => {
    if (!filter.ended && days.to !== null && days.to <= books.today) return false
    return overlaps(days, filter)
  })
  const cells = lines.length > 0 ? await readSpend(reader, workspace.tenant, books, daysOfLines(lines)) : []
  return { books, ...lineFigures(lines, cells, books.coverage, books.today) }
}

/** Budgets against spend: use, pacing, forecast (F28). */
export async function budgets(
  reader: Reader,
  workspace: Workspace,
  query: BudgetQuery,
  filter: LineFilter,
): Promise<Budgets> {
  const { books, figures, covered } = await readLines(reader, workspace, query, filter)
  const { currency, today } = books
  const lines = new Set(figures.map(({ line }) => line))
  // Of a share whose whole is not shown, the share itself counts.
  const outer = figures.filter(({ line }) => line.within === null || !lines.has(line.within))
  const amount = outer.reduce((sum, { line }) => sum + (line.minor ?? 0n), 0n)
  const use = budgetUse(covered.actual, amount)
  const money = (minor: bigint) => formatMinor(minor, currency)
  return {
    currency,
    today,
    rows: figures.map((one) => toLine(one, currency, query.locale)),
    total: {
      amount: money(amount),
      planned: money(covered.planned),
      committed: money(covered.committed),
      actual: money(covered.actual),
      use: use.value,
      reasons: use.reason ? { use: use.reason } : {},
    },
    fx_missing: { budgets: figures.filter(({ line }) => line.minor === null).length, costs: covered.missing },
  }
}

function toLine(figures: LineFigures, currency: string, locale: Locale): BudgetLine {
  const { line, spent, time, use, pacing, forecast, plan, over, usedUp } = figures
  const money = (minor: bigint) => formatMinor(minor, currency)
  const reasons: BudgetLine['reasons'] = {}
  for (const [name, { reason }] of Object.entries({ use, pacing, forecast }) as ['use', Result<unknown>][]) {
    if (reason) reasons[name] = reason
  }
  if (line.minor === null) Object.assign(reasons, { amount: 'fx_missing', left: 'fx_missing' })
  if (!time) reasons.elapsed = 'not_enough_data'
  return {
    id: line.id,
    kind: line.kind,
    label: labelOfLine(line, locale),
    from: line.days.from,
    to: line.days.to,
    period: line.entry?.period ?? null,
    department: line.department,
    campaign: line.campaign
      ? nameOf(line.campaign)
      : line.entry?.campaign
        ? { ...line.entry.campaign, name: null }
        : null,
    project: line.project,
    channel: line.channel,
    tier: line.tier,
    class: line.class,
    note: line.entry?.note ?? null,
    own: { amount: formatMinor(line.own.minor, line.own.currency), currency: line.own.currency },
    amount: line.minor === null ? null : money(line.minor),
    within: line.within?.id ?? null,
    planned: money(spent.planned),
    committed: money(spent.committed),
    actual: money(spent.actual),
    left: line.minor === null ? null : money(line.minor - spent.actual),
    fx_missing: spent.missing,
    use: use.value,
    elapsed: time ? time.days / time.of : null,
    pacing: pacing.value,
    forecast: forecast.value === null ? null : money(forecast.value),
    plan,
    over: over === null ? null : money(over),
    used_up: usedUp,
    reasons,
  }
}

const nameOf = ({ source, source_id: id, name }: Campaign) => ({ source, id, name })

const WHOLE: Text = { en: 'All marketing', 'zh-CN': '全部市场投入' }
const NAMES: Readonly<Record<string, Text>> = {
  strategic: { en: 'Strategic', 'zh-CN': '战略型' },
  growth: { en: 'Growth', 'zh-CN': '增长型' },
  retention: { en: 'Retention', 'zh-CN': '维系型' },
  performance: { en: 'Performance', 'zh-CN': '效果' },
  brand: { en: 'Brand', 'zh-CN': '品牌' },
}
export const nameOfPart = (key: string, locale: Locale) => NAMES[key]?.[locale] ?? key

/** What a budget is for, in words: all it names, and its days. */
export function labelOfLine(line: Line, locale: Locale): string {
  const { department, campaign, lost, project, channel, tier, class: kind, entry } = line
  const parts = [department, campaign?.name ?? lost, project, channel, tier, kind]
  const names = parts.flatMap((name) => (name ? [nameOfPart(name, locale)] : []))
  const what = names.length > 0 ? names.join(' / ') : WHOLE[locale]
  return entry ? `${what} · ${entry.period}` : what
}

/** Planned and actual money of some days by tier and by class, as two bars each (F26, F27). */
export async function budgetShares(
  reader: Reader,
  workspace: Workspace,
  query: BudgetQuery,
  days: { readonly from: string; readonly to: string },
): Promise<BudgetShares> {
  const { thresholds } = workspace.settings
  const books = await readBooks(reader, workspace, query.entries, query.now)
  const cells = await readSpend(reader, workspace.tenant, books, days)
  const money = (minor: bigint) => formatMinor(minor, books.currency)
  const bars = (axis: 'tier' | 'class'): ShareBars => {
    const { parts, without } = sharesOf(books, cells, days, axis, thresholds)
    return {
      parts: parts.map((part) => ({
        key: part.key,
        label: nameOfPart(part.key, query.locale),
        target: part.target,
        planned: money(part.planned),
        planned_share: part.plannedShare.value,
        planned_off: part.plannedOff,
        actual: money(part.actual),
        actual_share: part.actualShare.value,
        actual_off: part.actualOff,
        reasons: {
          ...(part.plannedShare.reason && { planned_share: part.plannedShare.reason }),
          ...(part.actualShare.reason && { actual_share: part.actualShare.reason }),
        },
      })),
      without: { planned: money(without.planned), actual: money(without.actual) },
    }
  }
  const tolerance = thresholds.budget_share_tolerance.value
  return { currency: books.currency, ...days, tolerance, tier: bars('tier'), class: bars('class') }
}

/** Budgets and spend crossed by department, project and period (F31). */
export async function budgetSlices(
  reader: Reader,
  workspace: Workspace,
  query: BudgetQuery,
  asked: { readonly from: string; readonly to: string; readonly cut: Cut; readonly by: readonly SliceName[] },
): Promise<BudgetSlices> {
  const { from, to, cut, by } = asked
  const books = await readBooks(reader, workspace, query.entries, query.now)
  const cells = await readSpend(reader, workspace.tenant, books, asked)
  const found = slicesOf(books, cells, asked, await ledgerSpend(reader, workspace.tenant, from, to))
  const { currency } = books
  const money = (minor: bigint) => formatMinor(minor, currency)
  const spend = ({ planned, committed, actual, missing }: Spent) => ({
    planned: money(planned),
    committed: money(committed),
    actual: money(actual),
    fx_missing: missing,
  })
  const [total, ledger] = [spend(found.spent), spend(found.ledger)]
  return {
    currency,
    from,
    to,
    cut,
    by: [...by],
    rows: found.rows.map(({ department, project, period, budget, spent, use }) => ({
      department,
      project,
      period,
      budget: budget === null ? null : money(budget),
      ...spend(spent),
      use: use.value,
      reasons: use.reason ? { use: use.reason } : {},
    })),
    total: { budget: money(found.budget), ...total },
    ledger,
    ok: JSON.stringify(total) === JSON.stringify(ledger),
  }
}
