import type { Locale } from '../../src/errors.ts'
import type { RecordType } from '../../src/model/records.ts'

/** The files a user can bring (architecture.md §6). Each is one stream of the connector. */
export const FILE_TYPES = [
  'campaigns',
  'costs',
  'contacts',
  'accounts',
  'touches',
  'deals',
  'payments',
  'invoices',
  'rates',
] as const
export type FileType = (typeof FILE_TYPES)[number]

/** How the cells of a column are read. */
export type Kind =
  | 'id'
  | 'ids'
  | 'phone'
  | 'text'
  | 'instant'
  | 'day'
  | 'money'
  | 'currency'
  | 'code'
  | 'rate'
  | 'number'
  | 'integer'
  | 'flag'
  | 'brand'
  | 'won'
  | 'word'

/** One column of a template. */
export interface Column {
  readonly name: string
  /** Field of the record; '' when the row reader places the value itself. */
  readonly field: string
  readonly kind: Kind
  /** `*` in the template: no record without it. */
  readonly required?: boolean
  /** Chinese headers, the one of our own template first. */
  readonly zh: readonly string[]
  /** Cells of the two example rows, English and Chinese where they differ. */
  readonly examples: readonly [string, string] | readonly [string, string, string, string]
}

export interface Template {
  readonly record: RecordType
  readonly columns: readonly Column[]
  /** At least one of these columns must exist and be filled. */
  readonly anyOf?: readonly string[]
  /** Columns whose values tell rows without an id apart; the id is then a digest of them. */
  readonly identity?: readonly string[]
}

type Rest = Pick<Column, 'required' | 'examples'>
const of =
  (kind: Kind) =>
  (
    name: string,
    field: string,
    zh: string,
    ...examples: [string, string] | [string, string, string, string]
  ): Column => {
    const required = name.endsWith('*')
    const rest: Rest = required ? { required, examples } : { examples }
    return { name: required ? name.slice(0, -1) : name, field, kind, zh: zh.split(' '), ...rest }
  }
const id = of('id')
const ids = of('ids')
const phone = of('phone')
const text = of('text')
const instant = of('instant')
const day = of('day')
const money = of('money')
const currency = of('currency')('currency', '', '币种 货币 币别', 'CNY', 'CNY')
const code = of('code')
const rate = of('rate')
const number = of('number')
const integer = of('integer')
const flag = of('flag')
const brand = of('brand')
const won = of('won')
const word = of('word')

/** The columns of every template, in the order of architecture.md §6. */
export const TEMPLATES: Readonly<Record<FileType, Template>> = {
  campaigns: {
    record: 'campaign',
    columns: [
      id('campaign_id*', 'id', '活动编号 营销活动编号 活动ID 营销活动ID 计划ID 广告计划ID', 'EXPO-2026', 'SEM-Q1'),
      text(
        'name*',
        'name',
        '活动名称 营销活动名称 营销活动 名称 计划名称',
        'Spring expo',
        'Search ads Q1',
        '春季展会',
        '搜索广告一季度',
      ),
      text('channel', 'channel', '渠道 渠道名称 来源渠道 投放渠道', 'expo', 'google'),
      text('type', 'kind', '活动类型 类型 营销活动类型', 'offline', 'online', '线下', '线上'),
      flag('paid', 'paid', '是否付费 付费', 'yes', 'yes', '是', '是'),
      word('tier', 'tier', '预算层级 层级 活动层级', 'strategic', 'growth', '战略型', '增长型'),
      brand('brand', 'brand', '是否品牌 品牌活动 品牌', 'no', 'no', '否', '否'),
      id('parent_id', 'parentId', '上级活动编号 父活动编号 上级活动ID 父活动ID 上级活动', '', ''),
      day('start_date', 'startDate', '开始日期 开始时间 起始日期', '2026-03-01', '2026-01-01'),
      day('end_date', 'endDate', '结束日期 结束时间 截止日期', '2026-03-03', '2026-03-31'),
      money('budget', 'budget', '预算 预算金额 活动预算', '80000', '50000'),
      currency,
      number('target_leads', 'targetLeads', '目标线索数 线索目标 目标线索', '150', '200'),
      money('target_revenue', 'targetRevenue', '目标收入 收入目标 目标金额', '500000', '300000'),
      text('owner', 'owner', '负责人 活动负责人 所有人', 'Li Si', 'Wang Wu', '李四', '王五'),
      text('region', 'region', '区域 地区 大区', 'East', 'East', '华东', '华东'),
      text('product_line', 'productLine', '产品线', 'CRM', 'CRM'),
      text('department', 'department', '部门 所属部门', 'Marketing', 'Marketing', '市场部', '市场部'),
      text('utm_campaign', 'utmCampaign', 'UTM活动 utm活动名称', '', 'sem-q1'),
    ],
  },
  costs: {
    record: 'cost',
    identity: ['date', 'amount', 'currency', 'category', 'campaignId', 'channel', 'state', 'vendor', 'note'],
    columns: [
      id('cost_id', 'id', '费用编号 成本编号 费用ID 单据编号 费用单号', 'F-0001', 'F-0002'),
      day('date*', 'date', '日期 费用日期 发生日期 消费日期 花费日期', '2026-03-01', '2026-01-15'),
      money('amount*', 'amount', '金额 费用金额 费用 成本 花费 消费 消费金额', '80000.00', '1234.50'),
      currency,
      word('category*', 'category', '费用类别 类别 费用类型 成本类别 费用科目', 'event', 'ads', '展会', '广告'),
      id('campaign_id', 'campaignId', '活动编号 营销活动编号 活动ID 营销活动ID 计划ID', 'EXPO-2026', 'SEM-Q1'),
      text('channel', 'channel', '渠道 渠道名称 投放渠道', 'expo', 'google'),
      word('state', 'state', '费用状态 状态', 'actual', 'paid', '已发生', '已支付'),
      text('vendor', 'vendor', '供应商 服务商', 'Expo Co.', 'Google', '会展公司', 'Google'),
      text('note', 'note', '备注 说明 摘要', '', ''),
      integer('impressions', 'impressions', '展示量 曝光量 展现量 展示数', '', '120000'),
      integer('clicks', 'clicks', '点击量 点击数 点击', '', '3400'),
    ],
  },
  contacts: {
    record: 'contact',
    columns: [
      id('contact_id*', 'id', '联系人编号 联系人ID 线索编号 线索ID', 'C-001', 'C-002'),
      text('email', 'email', '邮箱 电子邮箱 邮件地址 电子邮件', 'li@example.com', 'wang@example.com'),
      phone('phone', 'phone', '手机 手机号 手机号码 电话 联系电话', '+8613800000001', '+8613800000002'),
      id('external_id', 'externalId', '外部编号 外部ID 外部联系人ID', '', ''),
      id('account_id', 'accountId', '客户编号 客户ID 公司编号 公司ID', 'A-001', 'A-002'),
      text('name', 'name', '姓名 联系人姓名 联系人 名称', 'Li Si', 'Wang Wu', '李四', '王五'),
      instant('created_at*', 'createdAt', '创建时间 创建日期 建档时间', '2026-03-01 10:30', '2026-01-16 09:00'),
      instant('lead_at', 'leadAt', '线索时间 成为线索时间 线索日期', '2026-03-01 10:30', '2026-01-16 09:00'),
      instant('mql_at', 'mqlAt', 'MQL时间 MQL日期 营销合格时间', '2026-03-05', ''),
      instant('sql_at', 'sqlAt', 'SQL时间 SQL日期 销售接受时间', '', ''),
      text('source', 'source', '来源 线索来源 客户来源', 'expo', 'web form', '展会', '官网表单'),
      text('region', 'region', '区域 地区 大区', 'East', 'North', '华东', '华北'),
      text('industry', 'industry', '行业 所属行业', 'Retail', 'Software', '零售', '软件'),
    ],
  },
  accounts: {
    record: 'account',
    columns: [
      id('account_id*', 'id', '客户编号 客户ID 公司编号 公司ID 客户公司编号', 'A-001', 'A-002'),
      text(
        'name*',
        'name',
        '客户名称 公司名称 客户公司 名称 公司 企业名称',
        'Example Retail',
        'Example Soft',
        '示例零售',
        '示例软件',
      ),
      text('domain', 'domain', '域名 网址 网站', 'retail.example', 'soft.example'),
      text('industry', 'industry', '行业 所属行业', 'Retail', 'Software', '零售', '软件'),
      text('region', 'region', '区域 地区 大区', 'East', 'North', '华东', '华北'),
      text('size', 'size', '规模 公司规模 人员规模 企业规模', '200-500', '50-200'),
    ],
  },
  touches: {
    record: 'touch',
    anyOf: ['contact_id', 'email', 'phone'],
    identity: [
      'person',
      'occurredAt',
      'channel',
      'campaignId',
      'kind',
      'utmSource',
      'utmMedium',
      'utmCampaign',
      'utmContent',
      'utmTerm',
    ],
    columns: [
      id('touch_id', 'id', '触点编号 触点ID', 'T-001', 'T-002'),
      id('contact_id', '', '联系人编号 联系人ID 线索编号 线索ID', 'C-001', ''),
      text('email', '', '邮箱 电子邮箱 邮件地址 电子邮件', '', 'wang@example.com'),
      phone('phone', '', '手机 手机号 手机号码 电话 联系电话', '', ''),
      instant(
        'occurred_at*',
        'occurredAt',
        '发生时间 触点时间 触达时间 互动时间 时间',
        '2026-03-01 10:30',
        '2026-01-15T20:15:00+08:00',
      ),
      integer('sequence', 'sequence', '序号 顺序', '', ''),
      text('channel', 'channel', '渠道 渠道名称 来源渠道', 'expo', 'google'),
      id('campaign_id', 'campaignId', '活动编号 营销活动编号 活动ID 营销活动ID 计划ID', 'EXPO-2026', 'SEM-Q1'),
      word('kind', 'kind', '触点类型 互动类型 类型', 'checkin', 'ad_click', '签到', '广告点击'),
      text('utm_source', 'utmSource', 'UTM来源', '', 'google'),
      text('utm_medium', 'utmMedium', 'UTM媒介', '', 'cpc'),
      text('utm_campaign', 'utmCampaign', 'UTM活动', '', 'sem-q1'),
      text('utm_content', 'utmContent', 'UTM内容', '', ''),
      text('utm_term', 'utmTerm', 'UTM关键词 UTM词', '', ''),
      text('click_id', 'clickId', '点击编号 点击ID', '', ''),
      text('referrer', 'referrer', '来源页面 来源网址 引荐来源', '', ''),
      text('landing_url', 'landingUrl', '落地页 着陆页 落地页网址', '', 'https://www.example.com/'),
      text('creative', 'creative', '创意 素材', '', ''),
    ],
  },
  deals: {
    record: 'deal',
    columns: [
      id('deal_id*', 'id', '商机编号 商机ID 订单编号 交易编号 成交编号', 'D-001', 'D-002'),
      text(
        'name',
        'name',
        '商机名称 名称 订单名称 商机',
        'CRM for Example Retail',
        'Renewal',
        '示例零售 CRM 项目',
        '续约',
      ),
      id('account_id', 'accountId', '客户编号 客户ID 公司编号 公司ID', 'A-001', 'A-002'),
      ids('contact_ids', 'contactIds', '联系人编号 联系人ID 关联联系人 联系人', 'C-001;C-003', 'C-002'),
      money('amount', 'amount', '金额 商机金额 成交金额 合同金额 订单金额 销售金额', '120000.00', '30000'),
      currency,
      text('stage', 'stage', '阶段 商机阶段 销售阶段', 'Closed Won', 'Proposal', '赢单', '方案报价'),
      instant('created_at', 'createdAt', '创建时间 创建日期 商机创建时间', '2026-03-10', '2026-02-01'),
      instant('closed_at', 'closedAt', '成交时间 关闭时间 成交日期 结单日期 关闭日期 结束日期', '2026-05-20', ''),
      won('won', 'won', '是否赢单 是否成交 赢单', 'yes', '', '是', ''),
      word('layer', 'layer', '收入分层 成交类型 客户类型', 'first', 'repurchase', '首次成交', '复购'),
      text('product_line', 'productLine', '产品线', 'CRM', 'CRM'),
      text('region', 'region', '区域 地区 大区', 'East', 'North', '华东', '华北'),
      text('department', 'department', '部门 所属部门', 'Sales', 'Sales', '销售部', '销售部'),
      money('product_cost', 'productCost', '产品成本', '40000', ''),
    ],
  },
  payments: {
    record: 'payment',
    columns: [
      id('payment_id*', 'id', '回款编号 收款编号 回款ID 收款单号 回款单号', 'P-001', 'P-002'),
      id('deal_id*', 'dealId', '商机编号 商机ID 订单编号 成交编号', 'D-001', 'D-001'),
      money('amount*', 'amount', '回款金额 金额 收款金额 到账金额', '60000.00', '60000.00'),
      currency,
      instant('paid_at*', 'paidAt', '回款时间 回款日期 收款日期 到账日期 收款时间', '2026-05-25', '2026-06-30'),
    ],
  },
  invoices: {
    record: 'invoice',
    columns: [
      id('invoice_id*', 'id', '发票编号 发票号 发票号码 开票编号 发票ID', 'I-001', 'I-002'),
      id('deal_id*', 'dealId', '商机编号 商机ID 订单编号 成交编号', 'D-001', 'D-001'),
      money('amount*', 'amount', '开票金额 发票金额 金额 价税合计', '60000.00', '60000.00'),
      currency,
      instant('issued_at*', 'issuedAt', '开票时间 开票日期 发票日期', '2026-05-21', '2026-06-20'),
    ],
  },
  rates: {
    record: 'rate',
    columns: [
      day('date*', 'date', '生效日期 汇率日期 日期', '2026-01-01', '2026-02-01'),
      code('from*', 'from', '原币种 外币 源币种 原币', 'USD', 'USD'),
      code('to*', 'to', '目标币种 本币 本位币 折算币种', 'CNY', 'CNY'),
      rate('rate*', 'factor', '汇率 折算汇率 记账汇率', '7.0288', '6.9512'),
    ],
  },
}

/** A file to start from: header and two example rows, readable by this connector as it is. */
export function templateCsv(type: FileType, locale: Locale): string {
  const { columns } = TEMPLATES[type]
  const zh = locale === 'zh-CN'
  const row = (i: 0 | 1) => columns.map(({ examples }) => (zh ? (examples[i + 2] ?? examples[i]) : examples[i]))
  const header = columns.map((column) => (zh ? column.zh[0] : column.name))
  return [header, row(0), row(1)].map((cells) => `${cells.join(',')}\r\n`).join('')
}
