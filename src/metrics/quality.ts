import type { Finding } from '../api.ts'
import type { Database, Reader } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import type { Locale, Text } from '../errors.ts'
import { MAX_SHARED } from '../journey/stitch.ts'
import { formatMinor } from '../model/money.ts'
import type { Workspace } from '../model/settings.ts'
import { readFigures } from './snapshot.ts'

const QUALITY = sql('metrics/sql/quality.sql')

const MESSAGES: Readonly<Record<string, Text>> = {
  open_deal_without_amount: {
    en: 'Open deals without an amount: they count as opportunities but bring no pipeline value.',
    'zh-CN': '未成交商机没有金额：计入商机数，但没有商机金额。',
  },
  deal_without_created_at: {
    en: 'Deals without a creation date: they are no opportunity in any period.',
    'zh-CN': '商机没有创建时间：不计入任何期间的商机数。',
  },
  deal_without_account: {
    en: 'Deals without account and contacts: no journey can be found for them.',
    'zh-CN': '商机既没有客户公司也没有联系人：找不到客户旅程。',
  },
  closed_before_created: {
    en: 'Deals closed before they were created: check both dates.',
    'zh-CN': '商机的关闭时间早于创建时间：请核对两个日期。',
  },
  won_in_future: {
    en: 'Won deals with a close date in the future.',
    'zh-CN': '成交商机的关闭时间在未来。',
  },
  won_without_touch: {
    en: 'Won deals without an eligible touch: their revenue is unattributed.',
    'zh-CN': '成交前没有有效触点：收入计为未归因。',
  },
  journey_by_account: {
    en: 'Won deals that name no contact: the contacts of their account stand in.',
    'zh-CN': '成交商机没有联系人：以客户公司的全部联系人代替。',
  },
  fx_missing_deals: {
    en: 'Won deals in another currency without a rate: left out of the revenue (fx_missing).',
    'zh-CN': '其他币种的成交没有汇率：不计入收入（fx_missing）。',
  },
  fx_missing_costs: {
    en: 'Costs in another currency without a rate: left out of the cost (fx_missing).',
    'zh-CN': '其他币种的费用没有汇率：不计入成本（fx_missing）。',
  },
  cost_of_unknown_campaign: {
    en: 'Costs of campaigns that are not in the data: import the campaigns file.',
    'zh-CN': '费用所属的营销活动不在数据中：请导入营销活动文件。',
  },
  deal_of_unknown_account: {
    en: 'Deals of accounts that are not in the accounts file: check the spelling.',
    'zh-CN': '商机的客户公司不在客户公司文件中：请检查写法是否一致。',
  },
  touch_without_source: {
    en: 'Touches whose channel cannot be told: add a channel, UTM or campaign.',
    'zh-CN': '触点无法判断渠道：请补充渠道、UTM 或营销活动。',
  },
  touch_of_unknown_person: {
    en: 'Touches of people who are not among the contacts yet.',
    'zh-CN': '触点所属的人还不在联系人中。',
  },
  key_shared_by_many: {
    en: `E-mails or phones shared by more than ${MAX_SHARED} contacts: taken as a switchboard, they merge nobody.`,
    'zh-CN': `超过 ${MAX_SHARED} 个联系人共用的邮箱或电话：视为总机，不用于合并身份。`,
  },
}

/** Findings about a workspace's data, by money touched. */
export function quality(database: Database, workspace: Workspace, locale: Locale): Promise<Finding[]> {
  return readFigures(database, workspace, (reader) => findings(reader, workspace, locale))
}

/** The same on a reader of the caller's. */
export async function findings(reader: Reader, workspace: Workspace, locale: Locale): Promise<Finding[]> {
  const { currency } = workspace.settings
  const rows = await reader.query<{ code: string; n: bigint; money: bigint | null; example: string | null }>(QUALITY, [
    workspace.tenant,
    currency,
    new Date().toISOString(),
    MAX_SHARED,
  ])
  return rows.map(({ code, n, money, example }) => ({
    code,
    message: MESSAGES[code]![locale],
    count: Number(n),
    money: money === null ? null : formatMinor(money, currency),
    examples: example === null ? [] : [example],
  }))
}
