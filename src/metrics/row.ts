import type { Reconciliation, Row, Unattributed } from '../api.ts'
import { formatMinor } from '../model/money.ts'
import type { RuleModel } from '../model/rule-models.ts'
import { costPer, count, ratio, roi } from './formulas.ts'
import type { CrmTotal, Summed, Sums } from './sums.ts'

/** The line of a group under a model. */
export function toRow(sums: Sums, model: RuleModel, currency: string, label: string): Row {
  const { counts, newCustomers, revenue } = sums.credit[model]
  const values = {
    cpl: costPer(sums.cost, counts.lead, currency, 'no_leads'),
    cac: costPer(sums.cost, newCustomers, currency, 'no_deals'),
    roi: roi(revenue, sums.cost),
    ratio: ratio(revenue, sums.cost),
  }
  const reasons: Row['reasons'] = {}
  for (const field of ['cpl', 'cac', 'roi', 'ratio'] as const) {
    const { reason } = values[field]
    if (reason) reasons[field] = reason
  }
  return {
    key: sums.key,
    label,
    cost: formatMinor(sums.cost.minor, currency),
    leads: count(counts.lead),
    mqls: count(counts.mql),
    sqls: count(counts.sql),
    opportunities: count(counts.opportunity),
    won: count(counts.won),
    new_customers: count(newCustomers),
    revenue: formatMinor(revenue, currency),
    cpl: values.cpl.value,
    cac: values.cac.value,
    roi: values.roi.value,
    ratio: values.ratio.value,
    reasons,
  }
}

/** What no eligible touch explains. It is the same under every model. */
export function toUnattributed(sums: Sums, model: RuleModel, currency: string): Unattributed {
  const { leads, mqls, sqls, opportunities, won, new_customers, revenue } = toRow(sums, model, currency, '')
  return { leads, mqls, sqls, opportunities, won, new_customers, revenue }
}

/** Largest return first; n/a last, then by revenue and key, so that the order never depends on the store. */
export function byReturn(a: Row, b: Row): number {
  if (a.roi !== b.roi) {
    if (a.roi === null) return 1
    if (b.roi === null) return -1
    return b.roi - a.roi
  }
  return Number(b.revenue) - Number(a.revenue) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
}

/** F141: both sides come from different tables, so a fault in either shows. */
export function reconcile(
  summed: Summed,
  whole: Sums,
  crm: CrmTotal,
  model: RuleModel,
  currency: string,
): Reconciliation {
  const attributed = whole.credit[model].revenue
  const unattributed = summed.unattributed.credit[model].revenue
  return {
    attributed: formatMinor(attributed, currency),
    unattributed: formatMinor(unattributed, currency),
    crm: formatMinor(crm.won, currency),
    ok: attributed + unattributed === crm.won,
  }
}

/** Revenue credited to groups that have no cost row in the period. */
export function uncosted(groups: readonly Sums[], model: RuleModel): { revenue: bigint; groups: number } {
  let revenue = 0n
  let number = 0
  for (const { cost, credit } of groups) {
    if (cost.rows > 0 || credit[model].revenue === 0n) continue
    revenue += credit[model].revenue
    number += 1
  }
  return { revenue, groups: number }
}
