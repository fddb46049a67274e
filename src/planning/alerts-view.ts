import type { AlertRow, Alerts } from '../api/budgets.ts'
import type { Locale } from '../errors.ts'
import { formatMinor } from '../model/money.ts'
import type { Alert } from '../state/alerts.ts'
import { AlertDetail } from './alerts.ts'

/** Alerts shown first (product.md §8). */
const TOP = 5

/** Alerts for people: all of them, and the few that matter most. */
export function alertsView(alerts: readonly Alert[], locale: Locale): Alerts {
  const all = alerts.flatMap((alert) => {
    const detail = AlertDetail.safeParse(alert.detail)
    return detail.success ? [{ alert, detail: detail.data }] : []
  })
  const open = all.filter(({ alert }) => alert.endedAt === null && alert.acknowledged === null)
  // The highest threshold of a budget that is crossed says what the lower ones would.
  const highest = open.filter(
    (one) =>
      !open.some(
        (other) =>
          other.alert.subject === one.alert.subject &&
          family(other.alert) === family(one.alert) &&
          other.detail.threshold > one.detail.threshold,
      ),
  )
  const byMoney = highest.sort(
    (a, b) => compare(BigInt(b.detail.money), BigInt(a.detail.money)) || compare(a.alert.id, b.alert.id),
  )
  const shown = ({ alert, detail }: (typeof all)[number]) => alertRow(alert, detail, locale)
  return { top: byMoney.slice(0, TOP).map(shown), rows: all.map(shown) }
}

const family = ({ rule }: Alert) => (rule.startsWith('use_') ? 'use' : rule)

function compare<T extends bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** One alert in words. */
export function alertRow(alert: Alert, detail: AlertDetail, locale: Locale): AlertRow {
  const { id, subject, rule, beganAt, endedAt, acknowledged } = alert
  const { value, threshold, money, currency, label } = detail
  return {
    id,
    rule,
    budget: { id: subject, label: label[locale] },
    message: MESSAGES[locale](rule, detail),
    value,
    threshold,
    money: formatMinor(BigInt(money), currency),
    currency,
    began_at: beganAt.toISOString(),
    ended_at: endedAt?.toISOString() ?? null,
    acknowledged: acknowledged && { at: acknowledged.at.toISOString(), by: acknowledged.by, note: acknowledged.note },
  }
}

const MESSAGES: Readonly<Record<Locale, (rule: string, detail: AlertDetail) => string>> = {
  en(rule, { value, threshold, label, used_up }) {
    const until = used_up ? `, used up on ${used_up}` : ''
    if (rule.startsWith('use_'))
      return `${label.en}: ${value.toFixed(1)} % of the budget is used (alert at ${threshold} %)${until}.`
    const how = rule === 'pacing_high' ? 'faster' : 'slower'
    return `${label.en}: money is spent ${how} than the days go by, pacing ${value.toFixed(2)} (alert at ${threshold})${until}.`
  },
  'zh-CN'(rule, { value, threshold, label, used_up }) {
    const until = used_up ? `，预计/实际用尽日 ${used_up}` : ''
    if (rule.startsWith('use_'))
      return `${label['zh-CN']}：预算已使用 ${value.toFixed(1)}%（预警线 ${threshold}%）${until}。`
    const how = rule === 'pacing_high' ? '快于' : '慢于'
    return `${label['zh-CN']}：支出${how}时间进度，进度 ${value.toFixed(2)}（预警线 ${threshold}）${until}。`
  },
}
