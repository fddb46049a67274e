import type { Reconciliation, Row, Unattributed, Uncosted } from '../api.ts'
import type { Locale } from '../errors.ts'
import type { ReportModel } from '../model/data-models.ts'
import { formatMinor } from '../model/money.ts'
import { costPer, count, ratio, roi } from './formulas.ts'
import { labelOf } from './labels.ts'
import type { CrmTotal, Summed, Sums } from './sums.ts'

/** The line of a group under a model. */
export function toRow(sums: Sums, model: ReportModel, currency: string, label: string): Row {
  const { counts, newCustomers, revenue, uncosted, layers } = sums.credit[model]
  const earned = revenue - uncosted
  const values = {
    cpl: costPer(sums.cost, counts.lead, currency, 'no_leads'),
    cac: costPer(sums.cost, newCustomers, currency, 'no_deals'),
    roi: roi(earned, sums.cost),
    ratio: ratio(earned, sums.cost),
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
    ...(sums.key2 === null ? {} : { key2: sums.key2 }),
    uncosted: formatMinor(uncosted, currency),
    layers: {
      first: formatMinor(layers.first, currency),
      repurchase: formatMinor(layers.repurchase, currency),
      referral: formatMinor(layers.referral, currency),
    },
    reasons,
  }
}

/** What no eligible touch explains. It is the same under every model. */
export function toUnattributed(sums: Sums, model: ReportModel, currency: string): Unattributed {
  const { leads, mqls, sqls, opportunities, won, new_customers, revenue } = toRow(sums, model, currency, '')
  return { leads, mqls, sqls, opportunities, won, new_customers, revenue }
}

/** Largest return first; n/a last, then by revenue and keys, so that the order never depends on the store. */
export function byReturn(a: Row, b: Row): number {
  if (a.roi !== b.roi) {
    if (a.roi === null) return 1
    if (b.roi === null) return -1
    return b.roi - a.roi
  }
  return Number(b.revenue) - Number(a.revenue) || compareText(a.key, b.key) || compareText(a.key2 ?? '', b.key2 ?? '')
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** F141: both sides come from different tables, so a fault in either shows. */
export function reconcile(
  { groups, unattributed: none, outside, filtered }: Reconciled,
  crm: CrmTotal,
  model: ReportModel,
  currency: string,
): Reconciliation {
  const attributed = groups.reduce((sum, { credit }) => sum + credit[model].revenue, 0n)
  const unattributed = none.credit[model].revenue
  const beyond = outside.credit[model].revenue
  return {
    attributed: formatMinor(attributed, currency),
    unattributed: formatMinor(unattributed, currency),
    crm: formatMinor(crm.won, currency),
    ...(filtered && { outside: formatMinor(beyond, currency) }),
    ok: attributed + beyond + unattributed === crm.won,
  }
}

/** What {@link reconcile} adds up. */
export interface Reconciled extends Pick<Summed, 'groups' | 'unattributed' | 'outside'> {
  readonly filtered: boolean
}

/** Campaigns to give a cost to, largest credit first. */
const SHOWN = 20

/** F145: credit that no cost stands against. */
export function toUncosted({ uncosted }: Summed, model: ReportModel, currency: string, locale: Locale): Uncosted {
  const places = uncosted.filter(({ credit }) => credit[model] !== 0n)
  const name = ({ campaign, channel }: (typeof places)[number]) => `${campaign?.id ?? ''} ${channel}`
  places.sort((a, b) => {
    const [x, y] = [a.credit[model], b.credit[model]]
    return x === y ? (name(a) < name(b) ? -1 : 1) : y > x ? 1 : -1
  })
  const revenue = places.reduce((sum, { credit }) => sum + credit[model], 0n)
  return {
    revenue: formatMinor(revenue, currency),
    count: places.length,
    places: places.slice(0, SHOWN).map(({ campaign, channel, credit }) => ({
      campaign,
      channel,
      label: campaign?.name ?? campaign?.id ?? labelOf('channel', { key: channel, name: null }, locale),
      revenue: formatMinor(credit[model], currency),
    })),
  }
}
