import { describe, expect, test } from 'vitest'
import { type Clue, compileRules, DEFAULT_RULES } from '../src/journey/channels.ts'
import { normalizeEmail, normalizePhone } from '../src/journey/normalize.ts'
import { ChannelRules } from '../src/model/channel-rule.ts'

const channelOf = compileRules(DEFAULT_RULES)

describe('default channel rules', () => {
  test('are valid by their own schema', () => {
    expect(ChannelRules.safeParse(DEFAULT_RULES).success).toBe(true)
  })

  const cases: [string, Clue, string | null][] = [
    [
      'a Google click id proves more than any UTM',
      { clickId: 'gclid=abc', utmSource: 'newsletter', utmMedium: 'email' },
      'google_ads',
    ],
    ['paid search by UTM', { utmSource: 'Google', utmMedium: 'CPC' }, 'google_ads'],
    ['百度推广', { utmSource: '百度', utmMedium: 'sem' }, 'baidu_ads'],
    ['Douyin is Ocean Engine, whatever its medium', { utmSource: 'douyin', utmMedium: 'feed' }, 'ocean_engine'],
    ['Tencent Ads by its click id', { clickId: 'gdt_vid=1' }, 'tencent_ads'],
    ['paid Facebook', { utmSource: 'fb', utmMedium: 'paid_social' }, 'meta_ads'],
    ['a short word inside another word is not that word', { utmSource: 'digest', utmMedium: 'cpc' }, 'paid_other'],
    ['微信公众号', { utmSource: '微信公众号', utmMedium: 'article' }, 'wechat'],
    ['a WeChat referrer', { referrer: 'https://mp.weixin.qq.com/s/abc', kind: 'visit' }, 'wechat'],
    ['小红书', { utmSource: '小红书' }, 'social'],
    ['e-mail by medium', { utmSource: 'crm', utmMedium: 'EDM' }, 'email'],
    ['e-mail by kind', { kind: 'email_click' }, 'email'],
    ['trade show by kind', { kind: '展会' }, 'events'],
    ['organic search by referrer', { referrer: 'https://www.baidu.com/link?url=x', kind: 'visit' }, 'organic_search'],
    ['a look-alike host is not the search engine', { referrer: 'https://notbaidu.com/', kind: 'visit' }, 'referral'],
    [
      'a host hidden behind credentials is not taken for it',
      { referrer: 'https://baidu.com@evil.example/' },
      'referral',
    ],
    ['another site', { referrer: 'https://partner.example/page' }, 'referral'],
    ['an unknown source is still a campaign of some kind', { utmSource: 'qr-2026' }, 'other_campaign'],
    ['a bare visit is direct', { kind: 'visit' }, 'direct'],
    ['a touch that says nothing matches nothing', {}, null],
  ]
  test.each(cases)('%s', (_, clue, channel) => {
    expect(channelOf(clue, false)).toBe(channel)
  })

  test('a visit that names a campaign is not called direct', () => {
    expect(channelOf({ kind: 'visit' }, true)).toBeNull()
  })
})

test('rules are ordered: the first match wins', () => {
  const own = compileRules([
    { channel: 'VIP', when: [{ field: 'utm_campaign', has: ['vip'] }] },
    { channel: 'all', when: [{ field: 'utm_campaign', empty: false }] },
  ])
  expect(own({ utmCampaign: 'Spring-VIP' }, false)).toBe('VIP')
  expect(own({ utmCampaign: 'Spring' }, false)).toBe('all')
  expect(own({}, false)).toBeNull()
})

test('an input made to be slow is not', () => {
  expect(channelOf({ referrer: `http://${'a.'.repeat(200_000)}`, utmSource: 'a'.repeat(50_000) }, false)).toBe(
    'other_campaign',
  )
})

describe('identifiers of a person', () => {
  test.each([
    [' A.Lee@Example.COM ', 'a.lee@example.com'],
    ['not an address', null],
    ['a@b', null],
    ['a b@example.com', null],
  ])('e-mail %s', (text, key) => expect(normalizeEmail(text)).toBe(key))

  test.each([
    ['138 0013 8000', '+8613800138000'],
    ['8613800138000', '+8613800138000'],
    ['+86-138-0013-8000', '+8613800138000'],
    ['0086 13800138000', '+8613800138000'],
    ['１３８００１３８０００', '+8613800138000'],
    ['(010) 6505-1234', '+86106505 1234'.replace(' ', '')],
    ['010-65051234转801', '+861065051234'],
    ['+1 (415) 555-2671', '+14155552671'],
    ['12345', null],
    ['n/a', null],
  ])('phone %s', (text, key) => expect(normalizePhone(text)).toBe(key))
})
