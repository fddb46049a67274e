import type { Dimension } from '../api.ts'
import type { Locale, Text } from '../errors.ts'
import { SHARED_CHANNEL, UNKNOWN_CHANNEL } from '../journey/channels.ts'
import type { Sums } from './sums.ts'

/** Names of the channels that the default rules give and of the groups the product makes itself. */
const NAMES: Readonly<Record<string, Text>> = {
  google_ads: { en: 'Google Ads', 'zh-CN': 'Google 广告' },
  meta_ads: { en: 'Meta Ads', 'zh-CN': 'Meta 广告' },
  linkedin_ads: { en: 'LinkedIn Ads', 'zh-CN': 'LinkedIn 广告' },
  bing_ads: { en: 'Microsoft Ads', 'zh-CN': '必应广告' },
  baidu_ads: { en: 'Baidu Ads', 'zh-CN': '百度推广' },
  ocean_engine: { en: 'Ocean Engine (Douyin)', 'zh-CN': '巨量引擎（抖音）' },
  tencent_ads: { en: 'Tencent Ads', 'zh-CN': '腾讯广告' },
  paid_social: { en: 'Paid social', 'zh-CN': '付费社交' },
  paid_other: { en: 'Other paid media', 'zh-CN': '其他付费媒体' },
  wechat: { en: 'WeChat', 'zh-CN': '微信' },
  email: { en: 'E-mail', 'zh-CN': '邮件营销' },
  sms: { en: 'SMS', 'zh-CN': '短信' },
  events: { en: 'Events', 'zh-CN': '会展活动' },
  phone: { en: 'Phone', 'zh-CN': '电话' },
  referral_program: { en: 'Customer referral', 'zh-CN': '转介绍' },
  partner: { en: 'Partners', 'zh-CN': '合作伙伴' },
  social: { en: 'Social media', 'zh-CN': '社交媒体' },
  organic_search: { en: 'Organic search', 'zh-CN': '自然搜索' },
  other_campaign: { en: 'Other campaigns', 'zh-CN': '其他推广' },
  referral: { en: 'Referring sites', 'zh-CN': '外部链接' },
  direct: { en: 'Direct', 'zh-CN': '直接访问' },
  [UNKNOWN_CHANNEL]: { en: 'Unknown source', 'zh-CN': '来源未知' },
  [SHARED_CHANNEL]: { en: 'Shared cost', 'zh-CN': '共摊费用' },
  '(none)': { en: 'Not set', 'zh-CN': '未填写' },
}

/** What people read for a group. Keys that a file gave are shown as they are. */
export function labelOf(by: Dimension | 'all', sums: Pick<Sums, 'key' | 'name'>, locale: Locale): string {
  if (by === 'campaign' && sums.name) return sums.name
  return NAMES[sums.key]?.[locale] ?? sums.key
}
