import type { Reason } from '../../api.ts'
import type { Locale, Text } from '../../errors.ts'
import type { RuleModel } from '../../model/rule-models.ts'
import type { OutcomeKind } from '../sums.ts'

/** Fixed words of record views. Sentences are in sentences.ts. */

const say = (en: string, zh: string): Text => ({ en, 'zh-CN': zh })

export const NA = say('n/a', '不适用')

/** Why a figure is n/a; the panel's words. */
export const REASONS: Readonly<Record<Reason, Text>> = {
  no_cost: say('no cost recorded', '未录成本'),
  zero_cost: say('cost is 0', '成本为 0'),
  no_media: say('no media spend', '没有媒体投放'),
  no_leads: say('no leads', '没有线索'),
  no_mqls: say('no MQLs', '没有 MQL'),
  no_sqls: say('no SQLs', '没有 SQL'),
  no_opportunities: say('no opportunities', '没有商机'),
  no_deals: say('no won deals', '没有成交'),
  no_revenue: say('no revenue', '没有收入'),
  no_prior: say('no previous period', '没有上期'),
  no_budget: say('no budget', '没有预算'),
  no_target: say('no target', '没有目标'),
  not_started: say('not started', '尚未开始'),
  prior_not_positive: say('the previous return was not above 0', '上期回报不大于 0'),
  no_product_cost: say('product cost unknown', '产品成本未知'),
  no_churn: say('nobody has left yet', '尚无客户流失'),
  not_reached: say('not reached yet', '尚未达到'),
  no_feedback: say('no feedback from sales', '没有销售反馈'),
  no_impressions: say('no impressions', '没有曝光'),
  no_clicks: say('no clicks', '没有点击'),
  zero_denominator: say('division by 0', '分母为 0'),
  out_of_range: say('too large', '数值过大'),
  fx_missing: say('exchange rate missing', '缺少汇率'),
  not_enough_data: say('not enough data', '数据不足'),
  no_access: say('no access', '无权查看'),
}

/** A value with the reason beside it. */
export const reasonIn: Readonly<Record<Locale, (value: string, reason: string) => string>> = {
  en: (value, reason) => `${value} (${reason})`,
  'zh-CN': (value, reason) => `${value}（${reason}）`,
}

/** Names of the models with their variant, as the panel shows them (product.md §4). */
export const MODELS: Readonly<Record<RuleModel, Text>> = {
  first: say('First touch', '首次触点'),
  last: say('Last touch', '末次触点'),
  last_non_direct: say('Last non-direct', '末次非直接触点'),
  linear: say('Linear', '线性'),
  u_position: say('U-shaped (position 40/20/40)', 'U 型（位置 40/20/40）'),
  j_position: say('J-shaped (position 20/20/60)', 'J 型（位置 20/20/60）'),
  inverse_j_position: say('Inverse J (position 60/20/20)', '倒 J 型（位置 60/20/20）'),
  u_milestone: say('U-shaped (milestone 40/40/20)', 'U 型（里程碑 40/40/20）'),
  u_milestone_50: say('U-shaped (milestone 50/50)', 'U 型（里程碑 50/50）'),
  w_milestone: say('W-shaped (milestone 30/30/30/10)', 'W 型（里程碑 30/30/30/10）'),
  full_path: say('Full path (milestone 22.5 × 4 + 10)', '全路径（里程碑 22.5 × 4 + 10）'),
  time_decay: say('Time decay', '时间衰减'),
  custom: say('Custom weights', '自定义权重'),
}

export const UNATTRIBUTED = say('Unattributed', '未归因')

/** In place of the name of a person who was erased for privacy. */
export const ERASED = say('(erased)', '已删除')

/** Kinds of touch with a meaning of their own; others are shown as the source names them. */
export const TOUCH_NAMES: Readonly<Record<string, Text>> = {
  ad_click: say('ad click', '广告点击'),
  visit: say('visit', '访问'),
  form: say('form', '表单'),
  email_click: say('e-mail click', '邮件点击'),
  event: say('event', '参加活动'),
  checkin: say('check-in', '签到'),
  scan: say('scan', '扫码'),
  call: say('call', '电话'),
  meeting: say('meeting', '会面'),
  chat: say('chat', '聊天'),
  follow: say('follow', '关注'),
  download: say('download', '下载'),
  webinar: say('webinar', '网络研讨会'),
  card: say('business card', '名片'),
  invite: say('invitation', '邀请'),
  tag: say('tag', '标签'),
}

export const MILESTONES: Readonly<Record<OutcomeKind, Text>> = {
  lead: say('Lead', '成为线索'),
  mql: say('MQL', '成为 MQL'),
  sql: say('SQL', '成为 SQL'),
  opportunity: say('Opportunity', '创建商机'),
  won: say('Won', '成交'),
  receipt: say('Receipt', '回款'),
  invoice: say('Invoice', '开票'),
  refund: say('Refund', '退款'),
  loss: say('Lost after it was won', '成交后丢单'),
}

/** Labels of the figures, by their key. */
export const LABELS = {
  amount: say('Amount', '金额'),
  touches: say('Touches', '触点数'),
  eligible: say('Touches that count', '有效触点数'),
  people: say('People involved', '涉及人数'),
  people_account: say('People involved (contacts of the account stand in)', '涉及人数（以客户公司的联系人代替）'),
  first_to_close: say('First touch to close', '首次触点到成交'),
  cycle: say('Sales cycle (lead to won)', '成交周期（线索到成交）'),
  sourced_channel: say('Sourced by (first touch)', '直接产生（首次触点）'),
  first_source: say('First source', '首次来源'),
  latest_source: say('Latest source', '最近来源'),
  stage: say('Stage', '阶段'),
  contacts: say('Contact records of this person', '此人的联系人记录'),
  won: say('Won deals', '成交'),
  credited: say('Won revenue through their touches', '归因于其触点的成交收入'),
  revenue_won: say('Won revenue', '成交收入'),
  group: say('Buying group', '采购小组人数'),
  people_touched: say('People with touches', '有触点的人数'),
  sourced_any: say('Sourced by campaigns (first touch)', '营销活动直接产生（首次触点）'),
  influenced_any: say('Influenced by campaigns (any touch)', '营销活动影响（任一触点）'),
  cost: say('Cost', '投入成本'),
  revenue: say('Attributed revenue', '归因收入'),
  roi: say('ROI (net)', '投资回报率 ROI（净）'),
  ratio: say('ROI ratio', '投产比'),
  leads: say('Leads (credited)', '线索（归因）'),
  deals: say('Won deals (credited)', '成交（归因）'),
  sourced: say('Sourced revenue (first touch)', '直接产生的收入（首次触点）'),
  sourced_deals: say('Sourced deals (first touch)', '直接产生的成交（首次触点）'),
  influenced: say(
    'Influenced revenue (any touch; does not add up over campaigns)',
    '影响的收入（任一触点；各活动之间不可相加）',
  ),
  influenced_deals: say(
    'Influenced deals (any touch; does not add up over campaigns)',
    '影响的成交（任一触点；各活动之间不可相加）',
  ),
  budget: say('Budget', '预算'),
  budget_use: say('Budget used', '预算执行率'),
} as const satisfies Record<string, Text>

/** Names with a number of their own. */
export const medianLabel = (deals: number): Text =>
  say(
    `Median sales cycle of the workspace (${deals} won ${deals === 1 ? 'deal' : 'deals'})`,
    `工作区成交周期中位数（${deals} 笔成交）`,
  )
