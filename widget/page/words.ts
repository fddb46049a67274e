import type { Words } from '../locales/words.ts'

/** Templates the server can read, in the order a beginner needs them. */
export const TYPES = [
  'costs',
  'contacts',
  'touches',
  'deals',
  'campaigns',
  'accounts',
  'payments',
  'invoices',
  'rates',
] as const
export type FileType = (typeof TYPES)[number]

/** Periods of the page's list; `custom` asks for two days. */
export const PERIODS = [
  'all',
  'this-month',
  'last-month',
  'this-quarter',
  'last-quarter',
  'this-year',
  'last-year',
  'custom',
] as const
export type PeriodChoice = (typeof PERIODS)[number]

interface PageWords {
  readonly title: string
  readonly workspace: string
  readonly period: string
  readonly periods: Record<PeriodChoice, string>
  readonly from: string
  readonly to: string
  readonly language: string
  /** Link to the page of connections. */
  readonly console: string
  readonly theme: string
  readonly themes: Record<'auto' | 'light' | 'dark', string>
  readonly demo: string
  readonly empty: string
  readonly importLabel: string
  readonly importFinding: string
  readonly drop: string
  readonly choose: string
  readonly templates: string
  readonly types: Record<FileType, string>
  readonly waiting: string
  readonly running: string
  readonly result: (rows: number, imported: number, unchanged: number, rejected: number) => string
  readonly refused: (count: number) => string
  readonly line: string
  readonly column: string
  readonly problem: string
  readonly more: (count: number) => string
  readonly type: string
  readonly dateFormat: string
  readonly guess: string
  readonly retry: string
  readonly requestId: string
  readonly network: string
  readonly http: (status: number) => string
}

const zh: PageWords = {
  title: '营销投资回报',
  workspace: '工作区',
  period: '期间',
  periods: {
    all: '全部时间',
    'this-month': '本月',
    'last-month': '上月',
    'this-quarter': '本季度',
    'last-quarter': '上季度',
    'this-year': '今年',
    'last-year': '去年',
    custom: '自选日期',
  },
  from: '起',
  to: '止',
  language: '语言',
  console: '数据连接',
  theme: '外观',
  themes: { auto: '跟随系统', light: '浅色', dark: '深色' },
  demo: '这是示例数据。要看自己的数据，请停止演示，运行下面的命令，再把文件拖进来：',
  empty: '把费用、线索、触点、成交的 CSV 或 Excel 文件拖到下面，导入后这里就有数字。',
  importLabel: '导入文件',
  importFinding: '把 CSV 或 Excel 文件拖到这里，面板随即更新',
  drop: '费用、线索、触点、成交各一个文件，表头中英文都可以。',
  choose: '选择文件',
  templates: '下载模板',
  types: {
    costs: '费用',
    contacts: '线索',
    touches: '触点',
    deals: '成交',
    campaigns: '活动',
    accounts: '客户',
    payments: '回款',
    invoices: '发票',
    rates: '汇率',
  },
  waiting: '等待中',
  running: '正在导入',
  result: (rows, imported, unchanged, rejected) =>
    `共 ${rows} 行：导入 ${imported}，未变 ${unchanged}，拒绝 ${rejected}`,
  refused: (count) => `${count} 行没有导入；改好后再导入同一个文件，已导入的行不会重复`,
  line: '行',
  column: '列',
  problem: '问题',
  more: (count) => `另有 ${count} 行`,
  type: '文件类型',
  dateFormat: '日期格式',
  guess: '自动识别',
  retry: '重新导入',
  requestId: '请求编号',
  network: '连不上服务，文件没有导入。',
  http: (status) => `服务返回错误 ${status}。`,
}

const en: PageWords = {
  title: 'Marketing ROI',
  workspace: 'Workspace',
  period: 'Period',
  periods: {
    all: 'All time',
    'this-month': 'This month',
    'last-month': 'Last month',
    'this-quarter': 'This quarter',
    'last-quarter': 'Last quarter',
    'this-year': 'This year',
    'last-year': 'Last year',
    custom: 'Choose days',
  },
  from: 'From',
  to: 'to',
  language: 'Language',
  console: 'Connections',
  theme: 'Appearance',
  themes: { auto: 'As the system', light: 'Light', dark: 'Dark' },
  demo: 'This is sample data. To see your own, stop the demo, run this command and drop your files here:',
  empty:
    'Drop CSV or Excel files of costs, leads, touches and deals below; the figures appear here once they are imported.',
  importLabel: 'Import files',
  importFinding: 'Drop CSV or Excel files here; the panel updates at once',
  drop: 'One file each for costs, leads, touches, deals. Headers in English or Chinese.',
  choose: 'Choose files',
  templates: 'Templates',
  types: {
    costs: 'Costs',
    contacts: 'Leads',
    touches: 'Touches',
    deals: 'Deals',
    campaigns: 'Campaigns',
    accounts: 'Accounts',
    payments: 'Payments',
    invoices: 'Invoices',
    rates: 'Exchange rates',
  },
  waiting: 'waiting',
  running: 'importing',
  result: (rows, imported, unchanged, rejected) =>
    `${rows} rows: ${imported} imported, ${unchanged} unchanged, ${rejected} refused`,
  refused: (count) => `${count} rows were not imported. Correct them and import the file again; nothing is doubled`,
  line: 'Line',
  column: 'Column',
  problem: 'Problem',
  more: (count) => `${count} more rows`,
  type: 'File type',
  dateFormat: 'Date format',
  guess: 'Recognize',
  retry: 'Import again',
  requestId: 'Request id',
  network: 'The service cannot be reached; the file was not imported.',
  http: (status) => `The service answered with error ${status}.`,
}

/** What the page says, by language. */
export const PAGE_WORDS: Record<Words['tag'], PageWords> = { 'zh-CN': zh, en }
export type { PageWords }
