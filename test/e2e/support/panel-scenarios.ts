import type { Panel } from '../../../src/api.ts'
import { buildPanel, type Channel, SET_A } from './panel-fixture.ts'

const LONG = '超长渠道名称'.repeat(1700)

const MALICIOUS: readonly Channel[] = [
  {
    key: '<img src=x onerror=alert(1)>',
    label: '<img src=x onerror=alert(1)>',
    cost: 50_000,
    leads: 200,
    won: 15,
    revenue: 300_000,
  },
  { key: 'rtl', label: '\u202Egpj.exe\u202C 展会', cost: 1e15, leads: 150, won: 25, revenue: 2e15 },
  { key: LONG, label: LONG, cost: 90_000, leads: 300, won: 10, revenue: 8_000 },
  { key: 'emoji', label: '👩‍👩‍👧‍👦🚀 قناة {{7*7}}', cost: 30_000, leads: 0, won: 8, revenue: 60_000 },
  { key: '__proto__', label: '__proto__', cost: null, leads: 5, won: 1, revenue: 10 },
]

const ENGLISH: readonly Channel[] = SET_A.map((channel, index) => ({
  ...channel,
  label: ['Google Ads', 'Trade shows', 'E-mail', 'Social media'][index]!,
}))

const MANY: readonly Channel[] = Array.from({ length: 24 }, (_, index) => ({
  key: `channel-${index}`,
  label: `渠道 ${index + 1}`,
  cost: index % 7 === 6 ? null : 5_000 + index * 3_100,
  leads: 40 + index * 7,
  won: 1 + (index % 9),
  revenue: index % 5 === 4 ? 2_000 : 40_000 + index * 900,
}))

const FINDINGS: Panel['findings'] = [
  { code: 'no_touch', message: '9 笔成交找不到触点', count: 9, money: '140000.00', examples: ['D-1001', 'D-1002'] },
  { code: 'no_cost', message: '2 个渠道有收入，没有成本', count: 2, money: '60000.00', examples: [] },
]

/** Panels by workspace key: what the loopback service answers for `workspace=`. */
export const SCENARIOS: Readonly<Record<string, () => Panel>> = {
  main: () => buildPanel(),
  en: () => buildPanel({ channels: ENGLISH, title: 'Sample workspace' }),
  full: () =>
    buildPanel({
      channels: [...SET_A, { key: '老客户推荐', label: '老客户推荐', cost: null, leads: 90, won: 4, revenue: 60_000 }],
      completeness: 94,
      findings: FINDINGS,
    }),
  losses: () =>
    buildPanel({
      channels: [
        { key: 'douyin', label: '抖音', cost: 50_000, leads: 80, won: 6, revenue: 80_000 },
        { key: 'wechat', label: '微信', cost: 20_000, leads: 60, won: 4, revenue: 25_000 },
        { key: 'offline', label: '线下活动', cost: 30_000, leads: 12, won: 1, revenue: 10_000 },
      ],
    }),
  none: () =>
    buildPanel({
      first: true,
      channels: SET_A.map((channel, index) => ({
        ...channel,
        cost: index === 1 ? 0 : null,
        leads: index === 2 ? 0 : 9,
      })),
      completeness: 0,
    }),
  many: () => buildPanel({ channels: MANY }),
  malicious: () => buildPanel({ channels: MALICIOUS, title: '<b>工作区</b>' }),
  mismatch: () => buildPanel({ crmOff: 1234.56 }),
  empty: () => buildPanel({ channels: [], unattributed: 0, empty: true }),
  quiet: () => buildPanel({ channels: [], unattributed: 0 }),
}
