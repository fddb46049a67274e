/**
 * The reference sets A and B (product.md §6) as plans: one campaign per channel, with what it cost, brought and earned.
 * Amounts are whole yuan; days are local days of 2026. Companies and people are invented.
 */
export interface CostPlan {
  readonly day: string
  readonly amount: number
  readonly category: string
  readonly vendor?: string
  readonly note?: string
  readonly impressions?: number
  readonly clicks?: number
}

export interface ChannelPlan {
  readonly id: string
  readonly name: string
  /** Key of the channel, and what people read. */
  readonly channel: string
  readonly type: string
  readonly paid: boolean
  readonly tier: string
  readonly costs: readonly CostPlan[]
  readonly leads: number
  readonly won: number
  readonly lost: number
  readonly open: number
  /** Sum of all won deals. */
  readonly revenue: number
  /** How people met the campaign. */
  readonly kind: string
  /** Days on which leads arrived, first and last. */
  readonly from: string
  readonly to: string
  readonly budget: number
  readonly region: string
  readonly productLine: string
}

export interface DemoSet {
  readonly workspace: string
  readonly title: string
  /** Folder of its files. */
  readonly folder: string
  /** First letter of every id, so that the sets are told apart. */
  readonly letter: string
  readonly channels: readonly ChannelPlan[]
}

/** Spend of a platform, month by month from January on. */
function monthly(category: string, vendor: string, amounts: readonly number[], clickPrice?: number): CostPlan[] {
  return amounts.map((amount, i) => ({
    day: `2026-${String(i + 1).padStart(2, '0')}-05`,
    amount,
    category,
    vendor,
    ...(clickPrice && { clicks: Math.round(amount / clickPrice), impressions: Math.round((amount / clickPrice) * 42) }),
  }))
}

const SET_A: DemoSet = {
  workspace: 'demo-a',
  title: '示例 A：四个渠道',
  folder: 'set-a',
  letter: 'A',
  channels: [
    {
      id: 'A-SEM-2026',
      name: '谷歌搜索广告 2026 · Google search ads',
      channel: '谷歌广告 Google Ads',
      type: '线上',
      paid: true,
      tier: 'growth',
      costs: monthly('ads', 'Google', [4000, 4000, 4500, 5000, 5000, 5500, 5500, 5500, 5500, 5500], 8),
      leads: 200,
      won: 15,
      lost: 14,
      open: 6,
      revenue: 300_000,
      kind: 'ad_click',
      from: '2026-01-06',
      to: '2026-10-28',
      budget: 50_000,
      region: '全国',
      productLine: '标准版',
    },
    {
      id: 'A-EXPO-2026',
      name: '春季行业展会 · Spring trade show',
      channel: '展会 Expo',
      type: '线下',
      paid: true,
      tier: 'strategic',
      costs: [
        { day: '2026-02-10', amount: 30_000, category: 'event', vendor: '会展中心', note: '展位费' },
        { day: '2026-03-16', amount: 22_000, category: 'event', vendor: '搭建服务商', note: '展台搭建' },
        { day: '2026-03-20', amount: 8_000, category: 'gifts', note: '到场礼品' },
        { day: '2026-03-24', amount: 12_000, category: 'travel', note: '差旅与住宿' },
        { day: '2026-04-02', amount: 8_000, category: 'salary', note: '现场人员人工' },
      ],
      leads: 150,
      won: 25,
      lost: 12,
      open: 5,
      revenue: 500_000,
      kind: 'event',
      from: '2026-03-24',
      to: '2026-03-27',
      budget: 85_000,
      region: '华东',
      productLine: '企业版',
    },
    {
      id: 'A-EDM-2026',
      name: '月度邮件 2026 · Monthly newsletter',
      channel: '邮件 E-mail',
      type: '线上',
      paid: false,
      tier: 'retention',
      costs: [
        ...monthly('tools', '邮件平台', [500, 500, 500, 500, 500, 500, 500, 500, 500, 500]),
        { day: '2026-01-12', amount: 2_000, category: 'design', note: '模板设计' },
        { day: '2026-06-15', amount: 3_000, category: 'content', note: '客户故事撰写' },
      ],
      leads: 300,
      won: 10,
      lost: 9,
      open: 4,
      revenue: 80_000,
      kind: 'email_click',
      from: '2026-01-15',
      to: '2026-10-30',
      budget: 12_000,
      region: '全国',
      productLine: '标准版',
    },
    {
      id: 'A-SOCIAL-2026',
      name: '社交媒体内容 2026 · Social content',
      channel: '社交媒体 Social',
      type: '线上',
      paid: true,
      tier: 'growth',
      costs: [
        ...monthly('ads', '社交平台', [1500, 1500, 1800, 2000, 2000, 2200, 2200, 2300, 2300, 2200], 3),
        { day: '2026-02-20', amount: 5_000, category: 'content', note: '短视频制作' },
        { day: '2026-08-20', amount: 5_000, category: 'content', note: '短视频制作' },
      ],
      leads: 500,
      won: 8,
      lost: 16,
      open: 7,
      revenue: 60_000,
      kind: 'form',
      from: '2026-01-08',
      to: '2026-10-31',
      budget: 30_000,
      region: '全国',
      productLine: '标准版',
    },
  ],
}

const SET_B: DemoSet = {
  workspace: 'demo-b',
  title: '示例 B：抖音、微信与线下',
  folder: 'set-b',
  letter: 'B',
  channels: [
    {
      id: 'B-DOUYIN-2026',
      name: '抖音信息流 2026 · Douyin feed ads',
      channel: '抖音 Douyin',
      type: '线上',
      paid: true,
      tier: 'growth',
      costs: monthly('ads', '巨量引擎', [3500, 4000, 4500, 5000, 5000, 5500, 5500, 5500, 5500, 6000], 2.5),
      leads: 420,
      won: 16,
      lost: 18,
      open: 6,
      revenue: 80_000,
      kind: 'ad_click',
      from: '2026-01-07',
      to: '2026-10-30',
      budget: 50_000,
      region: '全国',
      productLine: '标准版',
    },
    {
      id: 'B-WECHAT-2026',
      name: '微信公众号 2026 · WeChat account',
      channel: '微信 WeChat',
      type: '线上',
      paid: false,
      tier: 'retention',
      costs: [
        ...monthly('content', '内容团队', [1000, 1000, 1200, 1200, 1200, 1500, 1500, 1500, 1400, 1500]),
        { day: '2026-03-18', amount: 4_000, category: 'design', note: '小程序页面' },
        { day: '2026-07-09', amount: 3_000, category: 'tools', note: '企业微信工具' },
      ],
      leads: 160,
      won: 6,
      lost: 5,
      open: 3,
      revenue: 25_000,
      kind: 'follow',
      from: '2026-01-09',
      to: '2026-10-29',
      budget: 20_000,
      region: '全国',
      productLine: '标准版',
    },
    {
      id: 'B-OFFLINE-2026',
      name: '线下沙龙 2026 · Offline salons',
      channel: '线下 Offline',
      type: '线下',
      paid: true,
      tier: 'strategic',
      costs: [
        { day: '2026-04-08', amount: 12_000, category: 'event', note: '上海场地' },
        { day: '2026-06-10', amount: 9_000, category: 'event', note: '深圳场地' },
        { day: '2026-06-12', amount: 5_000, category: 'travel', note: '差旅' },
        { day: '2026-06-12', amount: 4_000, category: 'gifts', note: '伴手礼' },
      ],
      leads: 60,
      won: 2,
      lost: 6,
      open: 2,
      revenue: 10_000,
      kind: 'checkin',
      from: '2026-04-15',
      to: '2026-06-18',
      budget: 28_000,
      region: '华东',
      productLine: '企业版',
    },
  ],
}

export const DEMO_SETS: readonly DemoSet[] = [SET_A, SET_B]
