import type { QualityDimension } from '../api/quality.ts'
import type { Text } from '../errors.ts'
import { MAX_SHARED } from '../journey/stitch.ts'

/** An open deal that its source did not touch for so many days before the newest touch or deal is stale. */
export const STALE_DEAL_DAYS = 365
/** Data that nothing was brought into for so many days is stale. */
export const STALE_DATA_DAYS = 31

/** A named check: which side of quality it is of, and what people read where it fails. */
interface Check {
  readonly dimension: QualityDimension
  readonly message: Text
}

/**
 * The checks of data quality (M38). Each looks at records and counts those that fail; what it looks at and what fails it is
 * told by the statements quality.sql and quality-checked.sql. `stale_source` and `stale_data` are about connections and imports
 * and told by the state store: a connection with a schedule whose last complete run is older than twice its interval and a day; and
 * data that nothing was brought into for {@link STALE_DATA_DAYS} days.
 */
export const CHECKS = {
  open_deal_without_amount: {
    dimension: 'completeness',
    message: {
      en: 'Open deals without an amount: they count as opportunities but bring no pipeline value.',
      'zh-CN': '未成交商机没有金额：计入商机数，但没有商机金额。',
    },
  },
  deal_without_created_at: {
    dimension: 'completeness',
    message: {
      en: 'Deals without a creation date: they are no opportunity in any period.',
      'zh-CN': '商机没有创建时间：不计入任何期间的商机数。',
    },
  },
  deal_without_account: {
    dimension: 'completeness',
    message: {
      en: 'Deals without account and contacts: no journey can be found for them.',
      'zh-CN': '商机既没有客户公司也没有联系人：找不到客户旅程。',
    },
  },
  contact_without_address: {
    dimension: 'completeness',
    message: {
      en: 'Contacts without e-mail, phone and external id: they cannot be told to be somebody known elsewhere.',
      'zh-CN': '联系人没有邮箱、电话和外部编号：无法与其他来源的同一人对应。',
    },
  },
  touch_without_source: {
    dimension: 'completeness',
    message: {
      en: 'Touches whose channel cannot be told: add a channel, UTM or campaign.',
      'zh-CN': '触点无法判断渠道：请补充渠道、UTM 或营销活动。',
    },
  },
  fx_missing_deals: {
    dimension: 'completeness',
    message: {
      en: 'Won deals in another currency without a rate at their day: left out of the revenue (fx_missing).',
      'zh-CN': '其他币种的成交在当日没有汇率：不计入收入（fx_missing）。',
    },
  },
  fx_missing_payments: {
    dimension: 'completeness',
    message: {
      en: 'Payments or invoices in another currency without a rate at their day: left out of the revenue (fx_missing).',
      'zh-CN': '其他币种的回款或发票在当日没有汇率：不计入收入（fx_missing）。',
    },
  },
  fx_missing_costs: {
    dimension: 'completeness',
    message: {
      en: 'Costs in another currency without a rate at their day: left out of the cost (fx_missing).',
      'zh-CN': '其他币种的费用在当日没有汇率：不计入成本（fx_missing）。',
    },
  },
  closed_before_created: {
    dimension: 'validity',
    message: {
      en: 'Deals closed before they were created: check both dates.',
      'zh-CN': '商机的关闭时间早于创建时间：请核对两个日期。',
    },
  },
  won_in_future: {
    dimension: 'validity',
    message: {
      en: 'Won deals with a close date in the future.',
      'zh-CN': '成交商机的关闭时间在未来。',
    },
  },
  won_before_lead: {
    dimension: 'validity',
    message: {
      en: 'Deals won before their contact became a lead: left out of the sales cycle.',
      'zh-CN': '成交时间早于联系人成为线索的时间：不计入成交周期。',
    },
  },
  record_in_two_sources: {
    dimension: 'uniqueness',
    message: {
      en: 'Deals, costs, campaigns or accounts that two sources have under the same id: they may count twice.',
      'zh-CN': '两个来源中编号相同的商机、费用、营销活动或客户公司：可能被重复计算。',
    },
  },
  key_shared_by_many: {
    dimension: 'uniqueness',
    message: {
      en: `Contacts whose e-mail or phone more than ${MAX_SHARED} contacts have: taken as a switchboard, it merges nobody.`,
      'zh-CN': `邮箱或电话被超过 ${MAX_SHARED} 个联系人共用：视为总机，不用于合并身份。`,
    },
  },
  stale_source: {
    dimension: 'timeliness',
    message: {
      en: 'Connections that were not read completely when they should have been.',
      'zh-CN': '连接未能按计划完整同步。',
    },
  },
  stale_data: {
    dimension: 'timeliness',
    message: {
      en: `Nothing was imported or synchronized for ${STALE_DATA_DAYS} days.`,
      'zh-CN': `已超过 ${STALE_DATA_DAYS} 天没有导入或同步数据。`,
    },
  },
  stale_open_deal: {
    dimension: 'timeliness',
    message: {
      en: `Open deals that nobody touched for ${STALE_DEAL_DAYS} days.`,
      'zh-CN': `超过 ${STALE_DEAL_DAYS} 天没有更新的未成交商机。`,
    },
  },
  won_without_touch: {
    dimension: 'linkage',
    message: {
      en: 'Won deals without an eligible touch: their revenue is unattributed.',
      'zh-CN': '成交前没有有效触点：收入计为未归因。',
    },
  },
  journey_by_account: {
    dimension: 'linkage',
    message: {
      en: 'Won deals that name no contact: the contacts of their account stand in.',
      'zh-CN': '成交商机没有联系人：以客户公司的全部联系人代替。',
    },
  },
  cost_of_unknown_campaign: {
    dimension: 'linkage',
    message: {
      en: 'Costs of campaigns that are not in the data: import the campaigns file.',
      'zh-CN': '费用所属的营销活动不在数据中：请导入营销活动文件。',
    },
  },
  deal_of_unknown_account: {
    dimension: 'linkage',
    message: {
      en: 'Deals of accounts that are not in the accounts file: check the spelling.',
      'zh-CN': '商机的客户公司不在客户公司文件中：请检查写法是否一致。',
    },
  },
  touch_of_unknown_person: {
    dimension: 'linkage',
    message: {
      en: 'Touches of people who are not among the contacts yet.',
      'zh-CN': '触点所属的人还不在联系人中。',
    },
  },
  touch_without_campaign: {
    dimension: 'linkage',
    message: {
      en: 'Touches of no campaign, direct ones aside: what they earned stands against no campaign’s cost.',
      'zh-CN': '不属于任何营销活动的触点（直接访问除外）：其归因收入无法对应活动成本。',
    },
  },
  campaign_without_touch: {
    dimension: 'linkage',
    message: {
      en: 'Campaigns with spend that no touch ever came from: check their links and lists.',
      'zh-CN': '有费用但没有任何触点的营销活动：请检查链接与名单。',
    },
  },
} as const satisfies Record<string, Check>
export type CheckCode = keyof typeof CHECKS
export const CHECK_CODES = Object.keys(CHECKS) as readonly CheckCode[]

/** Names of the sides of quality. */
export const DIMENSION_LABELS: Readonly<Record<QualityDimension, Text>> = {
  completeness: { en: 'Completeness', 'zh-CN': '完整性' },
  validity: { en: 'Validity', 'zh-CN': '有效性' },
  uniqueness: { en: 'Uniqueness', 'zh-CN': '唯一性' },
  timeliness: { en: 'Timeliness', 'zh-CN': '及时性' },
  linkage: { en: 'Linkage', 'zh-CN': '关联性' },
}
