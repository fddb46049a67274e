import type { CampaignFigures } from '../../api/campaigns.ts'
import type { Reader } from '../../db/database.ts'
import { sql } from '../../db/sql.ts'
import { formatMinor } from '../../model/money.ts'
import type { Workspace } from '../../model/settings.ts'
import { count, type Result } from '../formulas.ts'
import { dayRange, KIND, monthsAndDays, REVENUE_KINDS } from '../sums.ts'
import type { Books, Cell } from './books.ts'
import type { Campaign } from './campaigns.ts'
import { addSpent, nothingSpent, type Spent } from './figures.ts'
import { budgetUse } from './formulas.ts'

const CREDIT = sql('metrics/budget/sql/campaign-credit.sql')

/** Credit of one campaign under a model. */
export interface Earned {
  /** Weight units. */
  leads: bigint
  /** Minor units under the workspace's revenue basis. */
  revenue: bigint
}

/** Leads and revenue by campaign. */
export async function readEarned(
  reader: Reader,
  { tenant, settings }: Workspace,
  days: { readonly from: string | null; readonly to: string | null },
): Promise<Map<bigint, Earned>> {
  const kinds = new Set(REVENUE_KINDS[settings.revenue_basis].map((name) => KIND[name] as number))
  const rows = await reader.query<{ kind: number; campaign_id: bigint; w: bigint; m: bigint }>(CREDIT, [
    tenant,
    settings.model,
    ...monthsAndDays(...dayRange(days)),
  ])
  const earned = new Map<bigint, Earned>()
  for (const { kind, campaign_id, w, m } of rows) {
    const sum = earned.get(campaign_id) ?? { leads: 0n, revenue: 0n }
    if (kind === KIND.lead) sum.leads += w
    if (kinds.has(kind)) sum.revenue += m
    earned.set(campaign_id, sum)
  }
  return earned
}

/** Spend by campaign; spend of none is nobody's. */
export function spentByCampaign(cells: readonly Cell[]): Map<Campaign, Spent> {
  const spent = new Map<Campaign, Spent>()
  for (const cell of cells) {
    if (!cell.campaign) continue
    const sum = spent.get(cell.campaign) ?? nothingSpent()
    addSpent(sum, cell)
    spent.set(cell.campaign, sum)
  }
  return spent
}

/** What campaigns have cost and brought, by campaign. */
export interface CampaignBooks {
  readonly books: Books
  readonly spent: ReadonlyMap<Campaign, Spent>
  readonly earned: ReadonlyMap<bigint, Earned>
}

/**
 * The sum of some campaigns, each once (F126): what each has cost itself, and what it is credited with. Budgets and
 * targets are those of the campaigns themselves, a parent's beside its children's; leads are whole or parts under a model.
 */
export function figuresOfCampaigns(
  campaigns: Iterable<Campaign>,
  { books, spent, earned }: CampaignBooks,
): CampaignFigures {
  const sum = { campaigns: 0, spent: nothingSpent(), leads: 0n, revenue: 0n }
  const budget = new MoneySum()
  const targetRevenue = new MoneySum()
  let targetLeads: number | null = null
  for (const campaign of campaigns) {
    sum.campaigns += 1
    const own = spent.get(campaign) ?? nothingSpent()
    sum.spent.planned += own.planned
    sum.spent.committed += own.committed
    sum.spent.actual += own.actual
    sum.spent.missing += own.missing
    const credit = earned.get(campaign.id)
    sum.leads += credit?.leads ?? 0n
    sum.revenue += credit?.revenue ?? 0n
    if (campaign.target_leads !== null) targetLeads = (targetLeads ?? 0) + campaign.target_leads
    const convert = (minor: bigint | null) =>
      minor !== null && campaign.currency !== null
        ? { minor: books.converter.convert(minor, campaign.currency, campaign.start_date ?? books.today) }
        : null
    budget.add(convert(campaign.budget_minor))
    targetRevenue.add(convert(campaign.target_revenue_minor))
  }
  const { currency } = books
  const leads = count(sum.leads)
  const money = (minor: bigint) => formatMinor(minor, currency)
  const use: Result<number> = budget.missing
    ? { value: null, reason: 'fx_missing' }
    : budgetUse(sum.spent.actual, budget.minor)
  const leadsMet = met(leads, targetLeads)
  const revenueMet: Result<number> = targetRevenue.missing
    ? { value: null, reason: 'fx_missing' }
    : met(Number(sum.revenue), targetRevenue.minor === null ? null : Number(targetRevenue.minor))
  return {
    campaigns: sum.campaigns,
    budget: budget.missing || budget.minor === null ? null : money(budget.minor),
    planned: money(sum.spent.planned),
    committed: money(sum.spent.committed),
    actual: money(sum.spent.actual),
    fx_missing: sum.spent.missing,
    use: use.value,
    leads,
    target_leads: targetLeads,
    leads_met: leadsMet.value,
    revenue: money(sum.revenue),
    target_revenue: targetRevenue.missing || targetRevenue.minor === null ? null : money(targetRevenue.minor),
    revenue_met: revenueMet.value,
    reasons: {
      ...(budget.missing
        ? { budget: 'fx_missing' as const }
        : budget.minor === null && { budget: 'no_budget' as const }),
      ...(use.reason && { use: use.reason }),
      ...(leadsMet.reason && { leads_met: leadsMet.reason }),
      ...(revenueMet.reason && { revenue_met: revenueMet.reason }),
    },
  }
}

/** Actual of a target, percent. */
function met(actual: number, target: number | null): Result<number> {
  return target === null || target <= 0 ? { value: null, reason: 'no_target' } : { value: (actual / target) * 100 }
}

/** A sum of money of which parts may have no rate: then there is none. */
class MoneySum {
  minor: bigint | null = null
  missing = false

  add(part: { readonly minor: bigint | null } | null): void {
    if (part === null) return
    if (part.minor === null) this.missing = true
    else this.minor = (this.minor ?? 0n) + part.minor
  }
}
