import type { CloseResult, Unfinished } from '../api/closes.ts'
import type { Database, Reader } from '../db/database.ts'
import type { Locale, Text } from '../errors.ts'
import { count } from '../metrics/formulas.ts'
import { maturityOf } from '../metrics/maturity.ts'
import { crmTotal, type SumQuery, sumBy, total } from '../metrics/sums.ts'
import { formatMinor } from '../model/money.ts'
import { localDay } from '../model/period.ts'
import type { Workspace } from '../model/settings.ts'
import { monthAfter } from './close-period.ts'

const OPEN_COSTS = `SELECT count(*) AS n, CAST(coalesce(sum(minor), 0) AS BIGINT) AS minor FROM spend
  WHERE tenant_id = $1 AND state IN ('planned', 'committed') AND day >= CAST($2 AS DATE) AND day < CAST($3 AS DATE)`

const say = (en: string, zh: string): Text => ({ en, 'zh-CN': zh })

/** What speaks against closing yet, in words. */
const MESSAGES: Readonly<Record<Unfinished['code'], Text>> = {
  no_data_since: say('Nothing was imported or synchronized since the month ended.', '该月结束后还没有导入或同步数据。'),
  earlier_open: say('Months before it are still open.', '更早的月份尚未关账。'),
  planned_costs: say(
    'Costs of the month are still planned or committed: they are not in its cost.',
    '该月仍有计划或已承诺的费用：未计入成本。',
  ),
  fx_missing: say('Costs or deals without an exchange rate are left out.', '缺少汇率的费用或商机未计入。'),
  uncosted: say('Credit on campaigns without a known cost is outside the return.', '无成本的归因收入不计入回报。'),
  unattributed: say('Revenue without an eligible touch.', '没有有效触点的收入。'),
  immature: say(
    'The month is younger than the median sales cycle: its return is "so far".',
    '该月短于成交周期中位数：回报为截至目前的结果。',
  ),
  not_reconciled: say('Attributed and unattributed do not add up to the CRM.', '归因与未归因之和与 CRM 不一致。'),
}

/** What a preview looks at besides the figures. */
export interface PreviewContext {
  readonly database: Database
  readonly reader: Reader
  readonly now: Date
  /** When data was last brought in; null = never. */
  readonly dataAt: Date | null
  /** First days of the months that are closed. */
  readonly closed: readonly string[]
  readonly locale: Locale
}

export type Previewed = Omit<CloseResult['months'][number], 'close'>

/** The figures of a month as it would be locked, and what is unfinished about it. */
export async function previewMonth(context: PreviewContext, workspace: Workspace, month: string): Promise<Previewed> {
  const { database, reader, now, dataAt, closed, locale } = context
  const { tenant, settings } = workspace
  const { currency, model, revenue_basis: revenueBasis, zone } = settings
  const period = { from: month, to: monthAfter(month) }
  const question: SumQuery = { ...period, by: [], dateBasis: 'close', revenueBasis, filter: [] }
  const sums = await sumBy(reader, workspace, question)
  const whole = total(sums.groups)
  const credit = whole.credit[model]
  const unattributed = sums.unattributed.credit[model].revenue
  const crm = await crmTotal(reader, workspace, { ...question, dateBasis: 'close' }, sums.closed)
  const maturity = await maturityOf(database, reader, workspace, period, now.getTime())
  const [open] = await reader.query<{ n: bigint; minor: bigint }>(OPEN_COSTS, [tenant, period.from, period.to])
  const [first] = await reader.query<{ month: string | null }>(
    `SELECT CAST(min(day) AS TEXT) AS month FROM (
       SELECT min(day) AS day FROM outcome WHERE tenant_id = $1 UNION ALL SELECT min(day) FROM spend WHERE tenant_id = $1) AS days`,
    [tenant],
  )
  const earlier = openBefore(month, first?.month ?? null, closed)
  const without = sums.costsWithoutRate + crm.withoutRate
  const found: [Unfinished['code'], boolean, number | null, bigint | null][] = [
    ['not_reconciled', credit.revenue + unattributed !== crm.won, null, crm.won - credit.revenue - unattributed],
    ['no_data_since', dataAt === null || localDay(zone, dataAt.getTime()) < period.to, null, null],
    ['earlier_open', earlier > 0, earlier, null],
    ['planned_costs', open!.n > 0n, Number(open!.n), open!.minor],
    ['fx_missing', without > 0, without, null],
    ['uncosted', credit.uncosted !== 0n, null, credit.uncosted],
    ['unattributed', unattributed !== 0n, null, unattributed],
    ['immature', maturity.immature, null, null],
  ]
  return {
    month: month.slice(0, 7),
    figures: {
      cost: formatMinor(whole.cost.minor, currency),
      revenue: formatMinor(credit.revenue, currency),
      unattributed: formatMinor(unattributed, currency),
      leads: count(credit.counts.lead + sums.unattributed.credit[model].counts.lead),
      won: count(credit.counts.won + sums.unattributed.credit[model].counts.won),
      new_customers: count(credit.newCustomers + sums.unattributed.credit[model].newCustomers),
    },
    unfinished: found.flatMap(([code, holds, n, minor]) => {
      if (!holds) return []
      return [
        {
          code,
          message: MESSAGES[code][locale],
          count: n,
          money: minor === null ? null : formatMinor(minor, currency),
        },
      ]
    }),
  }
}

/** How many months with data before one are open. */
function openBefore(month: string, first: string | null, closed: readonly string[]): number {
  if (first === null) return 0
  let open = 0
  for (let one = `${first.slice(0, 7)}-01`; one < month; one = monthAfter(one)) if (!closed.includes(one)) open += 1
  return open
}
