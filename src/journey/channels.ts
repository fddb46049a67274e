import type { ChannelCondition, ChannelRule, RuleField } from '../model/channel-rule.ts'
import { surrogate } from '../model/ids.ts'
import type { Touch } from '../model/records.ts'

/**
 * Channel rules (F42): ordered, the first match wins. They run only where a source names no channel itself; where none
 * matches, the campaign's channel stands in, else {@link UNKNOWN_CHANNEL}. Conditions compare whole values or plain
 * parts of them, case-insensitively; there are no patterns, so no input can make a rule slow.
 */

/** Key of the channel of touches that nothing explains. */
export const UNKNOWN_CHANNEL = '(unknown)'
/** Key of the row of costs that belong to no channel. */
export const SHARED_CHANNEL = '(shared)'
/** Key shown for credit without an eligible touch. */
export const UNATTRIBUTED_CHANNEL = '(unattributed)'

/** Surrogate of a channel key. Channels are the workspace's own, whatever source names them. */
export function channelId(key: string): bigint {
  return surrogate('channel', '', key)
}

export const UNKNOWN_CHANNEL_ID = channelId(UNKNOWN_CHANNEL)

const PAID = [
  'cpc',
  'ppc',
  'paid',
  'paidsearch',
  'paid-search',
  'paid_search',
  'sem',
  'cpm',
  'cpv',
  'feed',
  'paid_social',
  'paid-social',
  'paidsocial',
  'display',
  'banner',
]
const SOCIAL = [
  'facebook',
  'instagram',
  'fb',
  'ig',
  'meta',
  'linkedin',
  'twitter',
  'x.com',
  't.co',
  'weibo',
  '微博',
  'xiaohongshu',
  '小红书',
  'zhihu',
  '知乎',
  'bilibili',
  'reddit',
  'pinterest',
  'tiktok',
  'youtube',
]
const SOCIAL_HOSTS = [
  'facebook.com',
  'instagram.com',
  'linkedin.com',
  'lnkd.in',
  'twitter.com',
  'x.com',
  't.co',
  'weibo.com',
  'weibo.cn',
  'xiaohongshu.com',
  'zhihu.com',
  'bilibili.com',
  'reddit.com',
  'pinterest.com',
  'tiktok.com',
  'youtube.com',
]
const SEARCH_HOSTS = [
  'google.com',
  'google.co.uk',
  'google.de',
  'google.co.jp',
  'google.com.hk',
  'bing.com',
  'duckduckgo.com',
  'yahoo.com',
  'yandex.com',
  'yandex.ru',
  'baidu.com',
  'so.com',
  'sogou.com',
  'sm.cn',
  'ecosia.org',
]

/**
 * The rules every workspace starts with. Platforms of paid clicks come first, because a click id proves more than any
 * UTM; then paid media by UTM, owned media, earned media, and at last a visit that brings nothing: direct.
 */
export const DEFAULT_RULES: readonly ChannelRule[] = [
  { channel: 'google_ads', when: [{ field: 'click_id', has: ['gclid', 'wbraid', 'gbraid'] }] },
  {
    channel: 'meta_ads',
    when: [
      { field: 'click_id', has: ['fbclid'] },
      { field: 'utm_medium', is: PAID },
    ],
  },
  { channel: 'linkedin_ads', when: [{ field: 'click_id', has: ['li_fat_id'] }] },
  { channel: 'bing_ads', when: [{ field: 'click_id', has: ['msclkid'] }] },
  { channel: 'baidu_ads', when: [{ field: 'click_id', has: ['bd_vid'] }] },
  {
    channel: 'ocean_engine',
    when: [
      { field: 'click_id', has: ['clickid', 'adid', 'promotionid'] },
      { field: 'utm_source', has: ['douyin', '抖音', 'toutiao', '头条', 'ocean', '巨量'] },
    ],
  },
  { channel: 'tencent_ads', when: [{ field: 'click_id', has: ['qz_gdt', 'gdt_vid'] }] },
  {
    channel: 'google_ads',
    when: [
      { field: 'utm_source', has: ['google', 'adwords'] },
      { field: 'utm_medium', is: PAID },
    ],
  },
  {
    channel: 'baidu_ads',
    when: [
      { field: 'utm_source', has: ['baidu', '百度'] },
      { field: 'utm_medium', is: PAID },
    ],
  },
  {
    channel: 'bing_ads',
    when: [
      { field: 'utm_source', has: ['bing', 'microsoft'] },
      { field: 'utm_medium', is: PAID },
    ],
  },
  {
    channel: 'linkedin_ads',
    when: [
      { field: 'utm_source', has: ['linkedin'] },
      { field: 'utm_medium', is: PAID },
    ],
  },
  {
    channel: 'meta_ads',
    when: [
      { field: 'utm_source', has: ['facebook', 'instagram', 'meta', 'fb', 'ig'] },
      { field: 'utm_medium', is: PAID },
    ],
  },
  {
    channel: 'ocean_engine',
    when: [
      {
        field: 'utm_source',
        has: ['douyin', '抖音', 'toutiao', '头条', 'oceanengine', 'ocean_engine', '巨量', 'jinritoutiao'],
      },
    ],
  },
  { channel: 'tencent_ads', when: [{ field: 'utm_source', has: ['gdt', 'tencent', '腾讯', '广点通'] }] },
  {
    channel: 'paid_social',
    when: [
      { field: 'utm_source', has: SOCIAL },
      { field: 'utm_medium', is: PAID },
    ],
  },
  {
    channel: 'wechat',
    when: [{ field: 'utm_source', has: ['wechat', 'weixin', 'wecom', '微信', '企业微信', '公众号'] }],
  },
  { channel: 'email', when: [{ field: 'utm_medium', is: ['email', 'e-mail', 'edm', 'newsletter', '邮件'] }] },
  { channel: 'email', when: [{ field: 'kind', is: ['email_click', 'email'] }] },
  { channel: 'sms', when: [{ field: 'utm_medium', is: ['sms', '短信'] }] },
  { channel: 'events', when: [{ field: 'kind', is: ['event', 'checkin', 'webinar', 'card', 'trade_show', '展会'] }] },
  { channel: 'events', when: [{ field: 'utm_medium', is: ['event', 'expo', 'offline', 'webinar', '展会', '活动'] }] },
  { channel: 'phone', when: [{ field: 'kind', is: ['call', 'phone', '电话'] }] },
  {
    channel: 'wechat',
    when: [
      { field: 'kind', is: ['follow', 'scan'] },
      { field: 'utm_source', empty: true },
    ],
  },
  { channel: 'referral_program', when: [{ field: 'kind', is: ['invite', 'referral', '转介绍'] }] },
  { channel: 'partner', when: [{ field: 'utm_medium', is: ['affiliate', 'partner', 'referral_partner', '合作伙伴'] }] },
  { channel: 'social', when: [{ field: 'utm_medium', is: ['social', 'organic_social', 'social-organic', '社交'] }] },
  { channel: 'social', when: [{ field: 'utm_source', has: SOCIAL }] },
  { channel: 'organic_search', when: [{ field: 'utm_medium', is: ['organic', 'seo'] }] },
  { channel: 'paid_other', when: [{ field: 'utm_medium', is: PAID }] },
  {
    channel: 'wechat',
    when: [{ field: 'referrer', under: ['weixin.qq.com', 'mp.weixin.qq.com', 'servicewechat.com'] }],
  },
  {
    channel: 'organic_search',
    when: [
      { field: 'referrer', under: SEARCH_HOSTS },
      { field: 'utm_source', empty: true },
    ],
  },
  {
    channel: 'social',
    when: [
      { field: 'referrer', under: SOCIAL_HOSTS },
      { field: 'utm_source', empty: true },
    ],
  },
  { channel: 'other_campaign', when: [{ field: 'utm_source', empty: false }] },
  { channel: 'referral', when: [{ field: 'referrer', empty: false }] },
  {
    channel: 'direct',
    when: [
      { field: 'kind', is: ['visit', 'session', 'page_view', 'form', 'download'] },
      { field: 'utm_campaign', empty: true },
      { field: 'click_id', empty: true },
    ],
  },
]

/** The parts of a touch that rules look at. */
export type Clue = Pick<
  Touch,
  'utmSource' | 'utmMedium' | 'utmCampaign' | 'clickId' | 'referrer' | 'kind' | 'landingUrl'
>

/**
 * Turns rules into a function from a touch to a channel key, or null where none matches. A touch that names a campaign
 * is never called direct by its emptiness: its campaign explains it.
 */
export function compileRules(rules: readonly ChannelRule[]): (clue: Clue, hasCampaign: boolean) => string | null {
  const compiled = rules.map((rule) => ({
    channel: rule.channel,
    direct: rule.channel === 'direct',
    tests: rule.when.map(compileCondition),
  }))
  return (clue, hasCampaign) => {
    const fields = normalize(clue)
    for (const rule of compiled) {
      if (rule.direct && hasCampaign) continue
      if (rule.tests.every((test) => test(fields))) return rule.channel
    }
    return null
  }
}

type Fields = Readonly<Record<RuleField, string>>

function compileCondition(condition: ChannelCondition): (fields: Fields) => boolean {
  const { field } = condition
  const lower = (list: readonly string[] | undefined) => list?.map((word) => word.toLowerCase())
  const is = condition.is && new Set(lower(condition.is))
  const has = lower(condition.has)
  const under = lower(condition.under)
  return (fields) => {
    const value = fields[field]
    if (condition.empty !== undefined && (value === '') !== condition.empty) return false
    if (is && !is.has(value)) return false
    if (has && !has.some((word) => containsWord(value, word))) return false
    if (under && !under.some((host) => value === host || value.endsWith(`.${host}`))) return false
    return true
  }
}

/** Short Latin words (`fb`, `ig`, `gdt`) must stand alone, or they would be found inside unrelated names. */
function containsWord(value: string, word: string): boolean {
  if (word.length > 3 || /[^a-z]/.test(word)) return value.includes(word)
  return value.split(/[^a-z]+/).includes(word)
}

function normalize(clue: Clue): Fields {
  const low = (value: string | undefined) => value?.trim().toLowerCase() ?? ''
  return {
    utm_source: low(clue.utmSource),
    utm_medium: low(clue.utmMedium),
    utm_campaign: low(clue.utmCampaign),
    click_id: low(clue.clickId),
    referrer: hostOf(low(clue.referrer)),
    kind: low(clue.kind),
    landing_url: low(clue.landingUrl),
  }
}

/** Host name of an address, with or without a scheme. */
function hostOf(address: string): string {
  if (address === '') return ''
  const match = /^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/)?(?:[^/?#@]*@)?([^/?#:]+)/.exec(address)
  return (match?.[1] ?? '').replace(/^www\./, '')
}
