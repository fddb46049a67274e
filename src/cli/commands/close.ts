import type { CloseInfo, CloseResult, Restatement } from '../../api/closes.ts'
import type { Locale, Text } from '../../errors.ts'
import { authorText } from '../authors.ts'
import { defineCommand, type Invocation, type Options } from '../command.ts'
import { instant } from '../connections.ts'
import { figuresFor } from '../figures.ts'
import { usage } from '../parse.ts'
import { changeLines } from '../shown.ts'
import { table } from '../table.ts'
import { plain } from '../text.ts'

const OPTIONS = {
  'dry-run': {
    type: 'boolean',
    help: { en: 'show what would be locked and what is unfinished', 'zh-CN': '预览将锁定的数字与未完成事项' },
  },
  reason: {
    type: 'string',
    value: 'TEXT',
    help: { en: 'why, for reopen; required, and kept', 'zh-CN': '重新打开的原因；必填并保存' },
  },
  limit: {
    type: 'string',
    value: 'N',
    help: { en: 'changed records to list (default 50)', 'zh-CN': '列出的变更记录数（默认 50）' },
  },
  offset: { type: 'string', value: 'N', help: { en: 'records to pass over', 'zh-CN': '跳过的记录数' } },
} as const satisfies Options
type Call = Invocation<typeof OPTIONS>

export default defineCommand({
  name: 'close',
  usage: 'PERIOD [--dry-run] | list | show MONTH | reopen MONTH --reason TEXT',
  summary: {
    en: 'Lock the numbers of a past month or quarter, and see what changed since',
    'zh-CN': '关账：锁定过去月份或季度的数字，并查看之后的变化',
  },
  notes: {
    en: 'PERIOD is 2026-06 or 2026-Q2, a quarter of the fiscal year. Reports over whole closed months (by close date) keep the locked\nnumbers whatever is written later; show lists what changed, why and how much by channel.',
    'zh-CN':
      'PERIOD 为 2026-06 或 2026-Q2（财年季度）。按成交日期统计的报表，对已关账的整月始终使用锁定的数字；\nshow 列出之后的变化、原因及各渠道的影响金额。',
  },
  examples: [
    'close 2026-06 --dry-run',
    'close 2026-Q2',
    'close show 2026-06',
    'close reopen 2026-06 --reason "invoice of June arrived"',
  ],
  options: OPTIONS,
  run: (invocation) => close(invocation as Call),
})

async function close(invocation: Call): Promise<undefined> {
  const [action, month, ...more] = invocation.positionals
  if (action === undefined || more.length > 0) throw badUsage()
  if (action === 'list' && month === undefined) return list(invocation)
  if (action === 'show' && month !== undefined) return show(invocation, month)
  if (action === 'reopen' && month !== undefined) return reopen(invocation, month)
  if (month !== undefined || action === 'show' || action === 'reopen') throw badUsage()
  return lock(invocation, action)
}

async function lock({ workspace, locale, options, json, output, open }: Call, period: string): Promise<undefined> {
  const dry_run = options['dry-run'] === true
  const done = await (await open()).call('close_period', {
    workspace,
    locale: locale ?? output.locale,
    period,
    dry_run,
  })
  if (json) return void (await output.json(done))
  await output.data(describe(done, output.locale))
  const months = done.months.map((one) => one.month).join(', ')
  if (dry_run) output.say({ en: 'Nothing was closed.', 'zh-CN': '未关账。' })
  else output.say({ en: `Closed: ${months}.`, 'zh-CN': `已关账：${months}。` })
}

async function list({ workspace, json, output, open }: Call): Promise<undefined> {
  const found = await (await open()).call('closes', { workspace })
  if (json) return void (await output.json(found))
  const { locale } = output
  if (found.closes.length === 0) {
    return output.say({ en: 'No month is closed.', 'zh-CN': '没有已关账的月份。' }) as undefined
  }
  const words = WORDS[locale]
  const rows = found.closes.map((one) => [
    one.month,
    stateOf(one, locale),
    instant(one.at, locale),
    authorText(one.author, locale),
    String(one.config_version),
    plain(one.reopened?.reason ?? ''),
  ])
  await output.data(
    table(
      words.list.map((title) => ({ title })),
      rows,
    ),
  )
}

async function show({ workspace, locale, options, json, output, open }: Call, month: string): Promise<undefined> {
  const page = { ...(options.limit && { limit: options.limit }), ...(options.offset && { offset: options.offset }) }
  const found = await (await open()).call('closed', { workspace, locale: locale ?? output.locale, month, ...page })
  if (json) return void (await output.json(found))
  await output.data(restated(found, output.locale))
}

async function reopen({ workspace, options, json, output, open }: Call, month: string): Promise<undefined> {
  const { reason } = options
  if (reason === undefined || reason.trim() === '') throw noReason()
  const done = await (await open()).call('reopen_period', { workspace, month, reason })
  if (json) return void (await output.json(done))
  output.say({ en: `${done.month} is open again.`, 'zh-CN': `${done.month} 已重新打开。` })
}

const WORDS = {
  en: {
    list: ['Month', 'State', 'Closed', 'By', 'Configuration', 'Reopened because'],
    months: ['Month', 'Cost', 'Revenue', 'Unattributed', 'Leads', 'Won'],
    channels: ['', 'Cost then', 'Cost now', 'Revenue then', 'Revenue now', 'Difference'],
    records: ['What', 'Change', 'ID', 'Then', 'Now', 'By channel'],
    closed: 'closed',
    reopened: 'reopened',
    same: 'Nothing changed since.',
    config: 'Configuration changed since:',
    more: 'changed records',
    total: 'Total',
  },
  'zh-CN': {
    list: ['月份', '状态', '关账时间', '操作者', '配置版本', '重新打开的原因'],
    months: ['月份', '投入成本', '归因收入', '未归因', '线索', '成交'],
    channels: ['', '成本（关账）', '成本（现在）', '收入（关账）', '收入（现在）', '差额'],
    records: ['类型', '变化', '编号', '关账时', '现在', '各渠道'],
    closed: '已关账',
    reopened: '已重新打开',
    same: '此后没有变化。',
    config: '此后的配置变化：',
    more: '条变更记录',
    total: '合计',
  },
} as const

const KINDS: Readonly<Record<Restatement['records'][number]['what'], Text>> = {
  cost: { en: 'cost', 'zh-CN': '费用' },
  won: { en: 'won deal', 'zh-CN': '成交' },
  receipt: { en: 'receipt', 'zh-CN': '回款' },
  invoice: { en: 'invoice', 'zh-CN': '发票' },
  refund: { en: 'refund', 'zh-CN': '退款' },
  loss: { en: 'lost after won', 'zh-CN': '成交后丢单' },
}
const CHANGES: Readonly<Record<Restatement['records'][number]['change'], Text>> = {
  added: { en: 'added', 'zh-CN': '新增' },
  removed: { en: 'removed', 'zh-CN': '删除' },
  date: { en: 'other month', 'zh-CN': '改到其他月份' },
  amount: { en: 'amount', 'zh-CN': '金额' },
  rate: { en: 'exchange rate', 'zh-CN': '汇率' },
  attribution: { en: 'attribution', 'zh-CN': '归因' },
  place: { en: 'channel', 'zh-CN': '渠道' },
}

const aligned = (titles: readonly string[], left: number) =>
  titles.map((title, i) => ({ title, align: i < left ? ('left' as const) : ('right' as const) }))

function describe({ months, currency, model, revenue_basis }: CloseResult, locale: Locale): string {
  const words = WORDS[locale]
  const { money, count } = figuresFor(locale)
  const rows = months.map(({ month, figures }) => [
    month,
    money(figures.cost),
    money(figures.revenue),
    money(figures.unattributed),
    count(figures.leads),
    count(figures.won),
  ])
  const remarks = months.flatMap(({ month, unfinished }) =>
    unfinished.map((one) => {
      const size = [
        one.count === null ? '' : count(one.count),
        one.money === null ? '' : `${money(one.money)} ${currency}`,
      ]
      const shown = size.filter((part) => part !== '').join(', ')
      return `! ${month}: ${one.message}${shown === '' ? '' : ` (${shown})`}\n`
    }),
  )
  return [`${model} · ${revenue_basis} · ${currency}\n\n`, table(aligned(words.months, 1), rows), ...remarks].join('')
}

function restated(found: Restatement, locale: Locale): string {
  const words = WORDS[locale]
  const { money } = figuresFor(locale)
  const { close, channels, total, records, configuration } = found
  const cells = (label: string, { cost, revenue }: Pick<typeof total, 'cost' | 'revenue'>) => [
    label,
    money(cost.before),
    money(cost.after),
    money(revenue.before),
    money(revenue.after),
    `${money(cost.difference)} / ${money(revenue.difference)}`,
  ]
  const lines = records.map((one) => [
    KINDS[one.what][locale],
    CHANGES[one.change][locale],
    plain(`${one.id}${one.name ? ` ${one.name}` : ''}`),
    one.before === null ? '–' : `${money(one.before)} (${one.day_before})`,
    one.after === null ? (one.day_after ?? '–') : `${money(one.after)} (${one.day_after})`,
    one.channels.map(({ label, difference }) => `${plain(label)} ${money(difference)}`).join(', '),
  ])
  return [
    `${close.month} · ${stateOf(close, locale)} · ${instant(close.at, locale)} · ${authorText(close.author, locale)} · ${close.model} · ${close.revenue_basis} · ${close.currency}\n\n`,
    table(
      aligned(words.channels, 1),
      channels.map((one) => cells(one.label, one)),
      [cells(words.total, total)],
    ),
    found.changed ? '' : `\n${words.same}\n`,
    ...(lines.length > 0 ? ['\n', table(aligned(words.records, 3), lines)] : []),
    found.next === null ? '' : `… ${found.count} ${words.more}, --offset ${found.next}\n`,
    ...(configuration.changes.length > 0 ? [`\n${words.config}\n`, changeLines(configuration.changes)] : []),
  ].join('')
}

function stateOf({ state }: CloseInfo, locale: Locale): string {
  return WORDS[locale][state]
}

function noReason() {
  return usage(
    'missing_reason',
    { en: 'Opening a closed month again needs its reason.', 'zh-CN': '重新打开已关账月份必须说明原因。' },
    { en: 'Add --reason TEXT.', 'zh-CN': '请加上 --reason 原因。' },
  )
}

function badUsage() {
  return usage(
    'bad_close_command',
    {
      en: 'close needs a period, "list", "show MONTH" or "reopen MONTH".',
      'zh-CN': 'close 需要期间、list、show 月份 或 reopen 月份。',
    },
    { en: 'Write "close 2026-06 --dry-run".', 'zh-CN': '例如 “close 2026-06 --dry-run”。' },
  )
}
