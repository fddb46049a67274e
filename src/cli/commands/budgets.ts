import type { BudgetLine, BudgetShares, BudgetSlices, Budgets, ShareBars } from '../../api/budgets.ts'
import type { Locale } from '../../errors.ts'
import { TIERS } from '../../model/records.ts'
import { CLASSES } from '../../state/manual-values.ts'
import { defineCommand, type Invocation, type Options } from '../command.ts'
import { actionOf, cleared, columnsOf, trailTable } from '../entries.ts'
import { figuresFor } from '../figures.ts'
import { table } from '../table.ts'

const words = (value: string, en: string, zh: string) => ({ type: 'string', value, help: { en, 'zh-CN': zh } }) as const

const FIELDS = {
  amount: words('N', 'decimal', '十进制金额'),
  currency: words('C', 'default: of the workspace', '默认：工作区币种'),
  period: words(
    'P',
    '2026-03, 2026-Q1, 2026 or 2026-03-01..2026-04-15',
    '2026-03、2026-Q1、2026 或 2026-03-01..2026-04-15',
  ),
  department: words('T', 'department', '部门'),
  campaign: words('ID', 'campaign, with all below it', '营销活动（含下级）'),
  'campaign-source': words('S', 'where several sources have that campaign', '多个来源有同一活动编号时指定'),
  project: words('T', 'project by its name', '项目名称'),
  channel: words('C', 'channel key', '渠道'),
  tier: words('T', TIERS.join(', '), TIERS.join('、')),
  class: words('C', CLASSES.join(', '), CLASSES.join('、')),
  note: words('T', 'a note', '备注'),
} as const satisfies Options

const OPTIONS = {
  ...FIELDS,
  from: words('D', 'first day', '首日'),
  to: words('D', 'first day after the period', '结束日（不含当日）'),
  ended: { type: 'boolean', help: { en: 'with those whose days are over', 'zh-CN': '包含已结束的' } },
  cut: words('C', 'slices: month, quarter, year', 'slices：month、quarter、year'),
  by: words('A,B', 'slices: department, project, period', 'slices：department、project、period'),
  clear: words('F,F', 'fields to empty', '要清空的字段'),
  reason: words('T', 'why, kept in the trail', '原因，记入变更记录'),
} as const satisfies Options

export default defineCommand({
  name: 'budgets',
  usage: '[list | add | edit ID | remove ID | history ID | shares | slices]',
  summary: {
    en: 'Budgets against spend: use, pacing, forecast, shares and slices',
    'zh-CN': '预算与实际：执行率、进度、预测、占比与切片',
  },
  notes: {
    en: `A budget covers the spend that is in all it names: its days, department, campaign with all below it, project, channel, tier and
class; what it leaves out is any. One inside another is a share of it, so months entered for a year's budget are its plan and the
forecast goes by them; a campaign's own budget inside an entered one is a share, too. Only the outermost add up.
use = actual / budget; pacing = use / part of the days that are over (today is not); forecast = actual / that part.
shares compares plan and spend with 20:50:30 and 70:30 (settings thresholds); slices add up to the ledger. Both default to the fiscal year.`,
    'zh-CN': `预算覆盖同时符合其全部条件的支出：日期、部门、营销活动（含下级）、项目、渠道、层级与类别；未填的条件不限。
位于另一预算之内的预算是其中一份：为年度预算录入的各月预算即其计划，预测按计划推算；录入的预算范围内的活动自有预算也是其中一份。只有最外层的预算相加。
执行率 = 实际 / 预算；进度 = 执行率 / 已过去的天数占比（不含今天）；预测 = 实际 / 该占比。
shares 将计划与实际同 20:50:30、70:30（设置 thresholds）比较；slices 合计等于台账。两者默认统计本财年。`,
  },
  examples: [
    'budgets add --amount 1200000 --period 2026',
    'budgets add --amount 300000 --period 2026-Q1 --department East --tier growth --class performance',
    'budgets add --amount 50000 --period 2026-03 --campaign K1',
    'budgets edit bud_… --amount 350000 --reason "raised by the board"',
    'budgets shares --from 2026-01-01 --to 2027-01-01',
    'budgets slices --cut quarter --by department,period',
  ],
  options: OPTIONS,
  run: (invocation) => run(invocation),
})

type Call = Invocation<typeof OPTIONS>

const ACTIONS = {
  list: [0, 0],
  add: [0, 0],
  edit: [1, 1],
  remove: [1, 1],
  history: [1, 1],
  shares: [0, 0],
  slices: [0, 0],
} as const
const CLEARABLE = ['department', 'campaign', 'project', 'channel', 'tier', 'class', 'note'] as const

async function run({ positionals, options, workspace, locale: asked, json, output, open }: Call): Promise<undefined> {
  const [action, id = ''] = actionOf('budgets', positionals, ACTIONS)
  const { from, to, reason, ended = false, cut, by } = options
  const session = await open()
  const locale = asked ?? output.locale
  const scope = { workspace, locale }
  const fields = Object.fromEntries(
    Object.keys(FIELDS).map((name) => [name.replaceAll('-', '_'), options[name as keyof typeof FIELDS]]),
  )
  const print = async <T>(answer: T, text: (answer: T) => string): Promise<undefined> => {
    if (json) await output.json(answer)
    else await output.data(text(answer))
  }
  switch (action) {
    case 'add':
      return print(await session.call('add_budget', { ...scope, ...fields } as never), (row) => rows([row], locale))
    case 'edit': {
      const ask = { ...scope, id, ...fields, ...cleared(options.clear, CLEARABLE), reason }
      return print(await session.call('edit_budget', ask as never), (row) => rows([row], locale))
    }
    case 'remove':
      return print(await session.call('remove_budget', { ...scope, id, reason } as never), (row) => rows([row], locale))
    case 'history':
      return print(await session.call('budget_history', { ...scope, id }), ({ trail }) => trailTable(trail, locale))
    case 'shares':
      return print(await session.call('budget_shares', { ...scope, from, to } as never), (all) => shares(all, locale))
    case 'slices': {
      const ask = { ...scope, from, to, cut, by }
      return print(await session.call('budget_slices', ask as never), (all) => slices(all, locale))
    }
    default:
      return print(await session.call('budgets', { ...scope, from, to, ended } as never), (all) => list(all, locale))
  }
}

const COLUMNS = {
  en: ['Id', 'Budget', 'Days', 'Amount>', 'Actual>', 'Committed>', 'Use>', 'Over>', 'Pacing>', 'Forecast>', 'Used up'],
  'zh-CN': ['编号', '预算', '日期', '金额>', '实际>', '已承诺>', '执行率>', '已过>', '进度>', '预测>', '用尽日'],
} as const
const PAST = { en: 'used up', 'zh-CN': '已用尽' } as const

function rows(lines: readonly BudgetLine[], locale: Locale): string {
  const { money, percent, ratio, missing } = figuresFor(locale)
  const cells = lines.map((line) => {
    const { reasons } = line
    const over = line.over === null ? '' : `! +${money(line.over)}, `
    const until = line.used_up ? `${over}${line.used_up.past ? `${PAST[locale]} ` : ''}${line.used_up.day}` : ''
    return [
      line.id,
      line.within ? `└ ${line.label}` : line.label,
      `${line.from ?? '…'} – ${line.to ?? '…'}`,
      line.amount === null ? missing(reasons.amount) : money(line.amount),
      money(line.actual),
      money(line.committed),
      line.use === null ? missing(reasons.use) : percent(line.use),
      line.elapsed === null ? '' : percent(line.elapsed * 100),
      line.pacing === null ? missing(reasons.pacing) : ratio(line.pacing),
      line.forecast === null ? missing(reasons.forecast) : money(line.forecast),
      until,
    ]
  })
  return table(columnsOf(COLUMNS[locale]), cells)
}

function list({ rows: lines, total, currency, today, fx_missing }: Budgets, locale: Locale): string {
  const { money, percent, missing } = figuresFor(locale)
  const use = total.use === null ? missing(total.reasons.use) : percent(total.use)
  const sum =
    locale === 'en'
      ? `Total ${money(total.amount)} ${currency}, actual ${money(total.actual)}, use ${use} · as of ${today}`
      : `合计 ${money(total.amount)} ${currency}，实际 ${money(total.actual)}，执行率 ${use} · 截至 ${today}`
  const left =
    locale === 'en'
      ? `! without a rate and left out: ${fx_missing.budgets} budgets, ${fx_missing.costs} costs`
      : `! 缺汇率、未计入：${fx_missing.budgets} 项预算，${fx_missing.costs} 笔费用`
  const lacking = fx_missing.budgets + fx_missing.costs > 0 ? `${left}\n` : ''
  return `${rows(lines, locale)}\n${sum}\n${lacking}`
}

function shares({ from, to, currency, tolerance, tier, class: kind }: BudgetShares, locale: Locale): string {
  const { money, percent, missing } = figuresFor(locale)
  const titles =
    locale === 'en'
      ? ['', 'Should be>', 'Planned>', 'Share>', '', 'Actual>', 'Share>', '']
      : ['', '目标占比>', '计划>', '占比>', '', '实际>', '占比>', '']
  const off = (flag: boolean) => (flag ? '!' : '')
  const bars = ({ parts, without }: ShareBars) =>
    table(
      columnsOf(titles),
      parts.map((part) => [
        part.label,
        percent(part.target),
        money(part.planned),
        part.planned_share === null ? missing(part.reasons.planned_share) : percent(part.planned_share),
        off(part.planned_off),
        money(part.actual),
        part.actual_share === null ? missing(part.reasons.actual_share) : percent(part.actual_share),
        off(part.actual_off),
      ]),
      [[locale === 'en' ? 'not set' : '未填写', '', money(without.planned), '', '', money(without.actual), '', '']],
    )
  const note = locale === 'en' ? `! more than ${tolerance} pp off` : `! 偏离超过 ${tolerance} 个百分点`
  return `${from} – ${to} · ${currency}\n\n${bars(tier)}\n${bars(kind)}\n${note}\n`
}

function slices(all: BudgetSlices, locale: Locale): string {
  const { money, percent, missing } = figuresFor(locale)
  const { by, rows: found, total, ledger, ok, currency } = all
  const names = {
    department: ['Department', '部门'],
    project: ['Project', '项目'],
    period: ['Period', '期间'],
  } as const
  const own = by.map((name) => names[name][locale === 'en' ? 0 : 1])
  const titles = locale === 'en' ? ['Budget>', 'Actual>', 'Use>'] : ['预算>', '实际>', '执行率>']
  const cells = found.map((row) => [
    ...by.map((name) => row[name] ?? ''),
    row.budget === null ? '' : money(row.budget),
    money(row.actual),
    row.use === null ? missing(row.reasons.use) : percent(row.use),
  ])
  const foot = [
    ...by.map((_, i) => (i === 0 ? (locale === 'en' ? 'Total' : '合计') : '')),
    money(total.budget),
    money(total.actual),
    '',
  ]
  const check = locale === 'en' ? 'adds up to the ledger' : '与台账一致'
  return `${table(columnsOf([...own, ...titles]), cells, [foot])}\n${ok ? '✓' : '✗'} ${check}: ${money(ledger.actual)} ${currency}\n`
}
