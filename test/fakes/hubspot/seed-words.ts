import type { Random } from '../../../src/demo/random.ts'

export const FAMILY = [
  '王',
  '李',
  '张',
  '刘',
  '陈',
  '杨',
  '赵',
  '黄',
  '欧阳',
  'Smith',
  'García',
  'Müller',
  'Nowak',
  "O'Brien",
]
export const GIVEN = [
  '伟',
  '芳',
  '娜',
  '秀英',
  '敏',
  '静',
  '丽',
  '强',
  'Anna',
  'José',
  'Jürgen',
  'Zoë',
  'Li',
  'Mary-Jane',
]
export const TRADES = ['Logistics', 'Software', '精密制造', '新材料', 'Foods', '医疗器械', 'Energie', '教育']
export const CITIES = ['上海', '北京', '深圳', 'Berlin', 'São Paulo', 'New York', 'Kraków', '香港']
export const TITLES = ['采购经理', 'CTO', 'Head of Marketing', '总经理', 'Einkäufer', null]
export const WORDS = ['roi software', '营销 归因', 'crm 集成', 'marketing analytics', 'pricing']
export const TOPICS = ['Spring launch', '双十一 预热', 'Webinar series', '行业白皮书', 'Retargeting', 'Messe Hannover']
export const DEALS = ['Licences', '年度续约', 'Pilot', '实施服务', 'Upgrade']

/** Drill-downs as the real system fills them: what they mean depends on the source. */
export const DRILL: Record<string, (random: Random) => readonly [string, string]> = {
  ORGANIC_SEARCH: (random) => ['Unknown keywords (SSL)', random.pick(['GOOGLE', 'BING', 'BAIDU'])],
  PAID_SEARCH: (random) => [random.pick(TOPICS), random.pick(WORDS)],
  EMAIL_MARKETING: (random) => [random.pick(TOPICS), `newsletter-${random.below(40)}`],
  SOCIAL_MEDIA: (random) => [random.pick(['LinkedIn', 'WeChat', 'Facebook']), random.pick(TOPICS)],
  REFERRALS: (random) => [`partner-${random.below(30)}.example.com`, '/blog/review'],
  OTHER_CAMPAIGNS: (random) => [random.pick(TOPICS), random.pick(['qrcode', 'sms', 'print'])],
  DIRECT_TRAFFIC: () => ['www.example.com/', ''],
  OFFLINE: (random) =>
    random.pick([
      ['IMPORT', 'trade-fair.csv'],
      ['CRM_UI', 'userId:7'],
      ['API', '54321'],
    ] as const),
  PAID_SOCIAL: (random) => [random.pick(['Facebook', 'LinkedIn', 'TikTok']), random.pick(TOPICS)],
  AI_REFERRALS: (random) => [random.pick(['chatgpt.com', 'perplexity.ai', 'doubao.com']), ''],
}

export const CLICK_IDS: Record<string, readonly string[]> = {
  PAID_SEARCH: ['hs_google_click_id', 'hs_google_click_id', 'hs_bing_click_id'],
  PAID_SOCIAL: ['hs_facebook_click_id', 'hs_linkedin_click_id', 'hs_tiktok_click_id'],
}
