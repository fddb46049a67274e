import { COST_CATEGORIES, COST_STATES, LAYERS, TIERS, TOUCH_KINDS } from '../../src/model/records.ts'

/** Words of a column with a known set of values: the Chinese and other usual spellings, folded as in `fold`. */
export const VOCABULARIES: Readonly<
  Record<string, { readonly known: readonly string[]; readonly words: ReadonlyMap<string, string> }>
> = {
  category: {
    known: COST_CATEGORIES,
    words: wordList({
      ads: '广告 投放 广告费 投放费 推广费 媒体投放 广告投放',
      event: '展会 活动 会议 展会费 活动费 events',
      content: '内容 内容制作',
      design: '设计 设计费',
      tools: '工具 软件 软件工具 tool',
      salary: '工资 薪酬 人力 人力成本 薪资',
      travel: '差旅 差旅费',
      training: '培训 培训费',
      service: '服务 服务费 services',
      gifts: '礼品 礼品费 gift',
      other: '其他 其它 others',
    }),
  },
  state: {
    known: COST_STATES,
    words: wordList({
      planned: '计划 计划中',
      committed: '已承诺 承诺',
      actual: '已发生 实际 发生',
      paid: '已支付 已付款 支付',
    }),
  },
  layer: {
    known: LAYERS,
    words: wordList({ first: '首次成交 首单 首购 新客', repurchase: '复购 续约 续费 增购', referral: '转介绍 推荐' }),
  },
  tier: {
    known: TIERS,
    words: wordList({ strategic: '战略型 战略', growth: '增长型 增长', retention: '留存型 维系型 留存 维系' }),
  },
  kind: {
    known: TOUCH_KINDS,
    words: wordList({
      ad_click: '广告点击',
      visit: '访问 浏览 网站访问',
      form: '表单 表单提交 留资',
      email_click: '邮件点击',
      event: '活动 展会',
      checkin: '签到',
      scan: '扫码',
      call: '电话 来电 通话',
      meeting: '会议 拜访 面谈',
      chat: '聊天 咨询 在线咨询',
      follow: '关注',
      download: '下载 资料下载',
      webinar: '直播 网络研讨会 线上研讨会',
      card: '名片',
      invite: '邀请',
      tag: '标签',
    }),
  },
}

/** Stages that say how a deal ended, folded. Other stages are open. */
export const WON_STAGES: ReadonlySet<string> = new Set(
  'won closedwon closewon win 赢单 成交 已成交 成单 已赢单 赢 签约 已签约 已签单 签单'.split(' '),
)
export const LOST_STAGES: ReadonlySet<string> = new Set(
  'lost closedlost closelost lose 输单 丢单 流失 已输单 已丢单 已流失 输 战败 失败'.split(' '),
)

function wordList(words: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(words).flatMap(([known, list]) => list.split(' ').map((word) => [word, known])))
}
