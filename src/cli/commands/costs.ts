import type { CostChecklist, CostHistory, CostRow, Costs, SharedCosts } from '../../api/costs.ts'
import type { Locale } from '../../errors.ts'
import { COST_CATEGORIES, COST_STATES } from '../../model/records.ts'
import { defineCommand, type Invocation, type Options } from '../command.ts'
import { actionOf, campaignLabel, cleared, columnsOf, readRules, trailTable } from '../entries.ts'
import { figuresFor } from '../figures.ts'
import { table } from '../table.ts'

const OPTIONS = {
  from: { type: 'string', value: 'D', help: { en: 'first day, such as 2026-01-01', 'zh-CN': '首日，如 2026-01-01' } },
  to: { type: 'string', value: 'D', help: { en: 'first day after the period', 'zh-CN': '结束日（不含当日）' } },
  date: { type: 'string', value: 'D', help: { en: 'day it was spent', 'zh-CN': '费用发生日' } },
  amount: {
    type: 'string',
    value: 'N',
    help: { en: 'decimal; a credit as --amount=-50', 'zh-CN': '十进制金额；冲减写成 --amount=-50' },
  },
  currency: {
    type: 'string',
    value: 'C',
    help: { en: 'default: of the workspace', 'zh-CN': '默认：工作区币种' },
  },
  category: {
    type: 'string',
    value: 'C',
    help: { en: COST_CATEGORIES.join(', '), 'zh-CN': COST_CATEGORIES.join('、') },
  },
  state: {
    type: 'string',
    value: 'S',
    help: { en: `${COST_STATES.join(', ')} (default actual)`, 'zh-CN': `${COST_STATES.join('、')}（默认 actual）` },
  },
  campaign: {
    type: 'string',
    value: 'ID|shared',
    help: { en: 'campaign, or shared for a cost of none', 'zh-CN': '营销活动编号；共摊费用写 shared' },
  },
  'campaign-source': {
    type: 'string',
    value: 'S',
    help: { en: 'where several sources have that campaign', 'zh-CN': '多个来源有同一活动编号时指定' },
  },
  below: {
    type: 'boolean',
    help: { en: 'with the campaigns below it', 'zh-CN': '包含其下级活动' },
  },
  channel: {
    type: 'string',
    value: 'C',
    help: { en: 'channel key; (shared) = of none', 'zh-CN': '渠道；(shared) = 共摊' },
  },
  vendor: { type: 'string', value: 'V', help: { en: 'who was paid', 'zh-CN': '供应商' } },
  note: { type: 'string', value: 'T', help: { en: 'a note', 'zh-CN': '备注' } },
  source: { type: 'string', value: 'S', help: { en: 'where rows are from, such as files', 'zh-CN': '来源，如 files' } },
  clear: { type: 'string', value: 'F,F', help: { en: 'fields to empty', 'zh-CN': '要清空的字段' } },
  reason: { type: 'string', value: 'T', help: { en: 'why, kept in the trail', 'zh-CN': '原因，记入变更记录' } },
  undo: { type: 'boolean', help: { en: 'dismiss: take it back', 'zh-CN': 'dismiss：撤回' } },
  limit: {
    type: 'string',
    value: 'N',
    help: { en: 'rows shown, up to 500 (default 50)', 'zh-CN': '显示行数，最多 500（默认 50）' },
  },
  offset: { type: 'string', value: 'N', help: { en: 'rows to skip', 'zh-CN': '跳过的行数' } },
} as const satisfies Options

export default defineCommand({
  name: 'costs',
  usage: '[list | add | edit ID | remove ID | history ID | checklist | dismiss CATEGORY | shared | preview @RULES]',
  summary: {
    en: 'The cost ledger: what was spent, entered by hand or brought by files and sources',
    'zh-CN': '费用台账：查看全部费用，手工录入与修改',
  },
  notes: {
    en: `States go forward freely: planned, committed, actual, paid; back only with --reason. Only actual and paid count as cost.
Every change stays in "history". Rows of files and sources are not edited here: correct them there, or add a correcting row.
Of imported rows the history shows the versions in the kept files; of connected sources only the present one is known.
checklist names costs that are easily forgotten (default: the last whole month); dismiss says that there is none.
shared shows which rule shared which cost into which parts; preview does it with other rules and saves nothing.`,
    'zh-CN': `状态可依次向前：planned 计划、committed 已承诺、actual 已发生、paid 已支付；退回须用 --reason 说明。只有 actual 与 paid 计入成本。
每次变更都记入 history。文件和数据源带来的行不能在此修改：请在来源更正，或新增一行冲减。
导入的行，其 history 显示所保存文件中的各版本；已连接数据源的行只知道当前版本。
checklist 列出容易遗漏的费用（默认上一个整月）；dismiss 表示该期间确实没有。
shared 显示哪条规则把哪笔费用分摊成哪些部分；preview 用其他规则试算，不保存。`,
  },
  examples: [
    'costs --from 2026-03-01 --to 2026-04-01 --state actual',
    'costs add --date 2026-03-10 --amount 48500 --category event --campaign K1',
    'costs add --date 2026-03-31 --amount 12000 --category salary --campaign shared',
    'costs edit cst_… --state paid',
    'costs remove cst_… --reason "entered twice"',
    'costs dismiss gifts --reason "none this month"',
    'costs preview @rules.json --from 2026-03-01 --to 2026-04-01',
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
  checklist: [0, 0],
  dismiss: [1, 1],
  shared: [0, 0],
  preview: [1, 1],
} as const
const CLEARABLE = ['campaign', 'channel', 'vendor', 'note'] as const

async function run(call: Call): Promise<undefined> {
  const [action, argument = ''] = actionOf('costs', call.positionals, ACTIONS)
  const { options, workspace, locale: asked, json, output, signal, open } = call
  const { from, to, date, amount, currency, category, state, campaign, channel, vendor, note, source, reason } = options
  const session = await open()
  const locale = asked ?? output.locale
  const scope = { workspace, locale }
  const days = { from, to }
  const page = { limit: options.limit, offset: options.offset }
  const whose = { campaign, campaign_source: options['campaign-source'] }
  const fields = { date, amount, currency, category, state, ...whose, channel, vendor, note }
  const print = async <T>(answer: T, text: (answer: T) => string): Promise<undefined> => {
    if (json) await output.json(answer)
    else await output.data(text(answer))
  }
  switch (action) {
    case 'add':
      return print(await session.call('add_cost', { ...scope, ...fields } as never), (row) => rows([row], locale))
    case 'edit': {
      const ask = { ...scope, id: argument, ...fields, ...cleared(options.clear, CLEARABLE), reason }
      return print(await session.call('edit_cost', ask as never), (row) => rows([row], locale))
    }
    case 'remove': {
      const gone = await session.call('remove_cost', { ...scope, id: argument, reason } as never)
      return print(gone, (row) => rows([row], locale))
    }
    case 'history': {
      const found = await session.call('cost_history', { ...scope, id: argument, source } as never, { signal })
      return print(found, (history) => historyText(history, locale))
    }
    case 'checklist':
      return print(await session.call('cost_checklist', { ...scope, ...days } as never), (list) =>
        checklist(list, locale),
      )
    case 'dismiss': {
      const ask = { ...scope, ...days, category: argument }
      const done = options.undo
        ? await session.call('recall_cost', ask as never)
        : await session.call('dismiss_cost', { ...ask, reason } as never)
      return print(done, (list) => checklist(list, locale))
    }
    case 'shared':
      return print(await session.call('shared_costs', { ...scope, ...days, ...page } as never), (all) =>
        shared(all, locale),
      )
    case 'preview': {
      const ask = { ...scope, ...days, ...page, rules: await readRules(argument) }
      return print(await session.call('preview_shared_costs', ask as never), (all) => shared(all, locale))
    }
    default: {
      const ask = {
        ...scope,
        ...days,
        ...page,
        ...whose,
        below: options.below ?? false,
        channel,
        category,
        state,
        source,
      }
      return print(await session.call('costs', ask as never), (all) => list(all, locale))
    }
  }
}

const COLUMNS = {
  en: ['Id', 'Date', 'Amount>', '', 'Category', 'State', 'Campaign', 'Channel', 'Vendor', 'Source', 'Note'],
  'zh-CN': ['编号', '日期', '金额>', '', '类别', '状态', '营销活动', '渠道', '供应商', '来源', '备注'],
} as const
const SHARED = { en: '(shared)', 'zh-CN': '（共摊）' } as const

function rows(list: readonly CostRow[], locale: Locale): string {
  const { money } = figuresFor(locale)
  return table(
    columnsOf(COLUMNS[locale]),
    list.map((row) => [
      row.id,
      row.date,
      money(row.amount),
      row.currency,
      row.category,
      row.state,
      row.shared ? SHARED[locale] : campaignLabel(row.campaign),
      row.channel ?? '',
      row.vendor ?? '',
      row.source,
      row.note ?? '',
    ]),
  )
}

function list(costs: Costs, locale: Locale): string {
  const { money } = figuresFor(locale)
  const { sums, currency, count, fx_missing, next } = costs
  const sum = (name: keyof typeof sums) => `${name} ${money(sums[name])}`
  const lines = [
    `${count} · ${sum('cost')} ${currency} (${sum('actual')}, ${sum('paid')}) · ${sum('committed')} · ${sum('planned')}`,
  ]
  if (fx_missing > 0) {
    lines.push(
      locale === 'en'
        ? `! ${fx_missing} rows have no rate: they are in no sum (roi-panel rates)`
        : `! ${fx_missing} 行缺汇率，未计入合计（见 roi-panel rates）`,
    )
  }
  if (next !== null) lines.push(`… --offset ${next}`)
  return `${rows(costs.rows, locale)}\n${lines.join('\n')}\n`
}

const KNOWN = {
  all: { en: '', 'zh-CN': '' },
  imports: {
    en: 'Versions as the kept import files have them.\n',
    'zh-CN': '以上为所保存的导入文件中的各版本。\n',
  },
  present: {
    en: 'The source tells how a row is, not how it was: only the present version is known.\n',
    'zh-CN': '数据源只提供当前内容，不提供历史：仅知当前版本。\n',
  },
} as const

function historyText({ row, trail, known }: CostHistory, locale: Locale): string {
  const now = row ? `${rows([row], locale)}\n` : ''
  return `${now}${trail.length > 0 ? trailTable(trail, locale) : ''}${KNOWN[known][locale]}`
}

const CHECKED = {
  present: { en: 'there', 'zh-CN': '已有' },
  missing: { en: 'MISSING', 'zh-CN': '缺失' },
  dismissed: { en: 'none, it is said', 'zh-CN': '已确认没有' },
} as const

function checklist({ from, to, items }: CostChecklist, locale: Locale): string {
  const titles = locale === 'en' ? ['Category', 'Rows>', 'State', 'To ask'] : ['类别', '行数>', '状态', '自查问题']
  const lines = items.map(({ category, label, rows: count, state, question, dismissed }) => [
    `${category} (${label})`,
    String(count),
    CHECKED[state][locale],
    state === 'missing' ? question : (dismissed?.reason ?? ''),
  ])
  return `${from} – ${to}\n\n${table(columnsOf(titles), lines)}`
}

function shared({ rows: costs, rules, sums, currency, next }: SharedCosts, locale: Locale): string {
  const { money, percent } = figuresFor(locale)
  const titles =
    locale === 'en'
      ? ['Date', 'Cost', 'Category', 'Rule', 'Part of', 'Amount>', 'Share>']
      : ['日期', '费用', '类别', '规则', '分摊到', '金额>', '占比>']
  const lines = costs.flatMap(({ date, id, category, rule, amount, parts }) => [
    [date, id, category, rule ?? '–', '', money(amount), ''],
    ...parts.map((part) => [
      '',
      '',
      '',
      '',
      part.campaign ? campaignLabel(part.campaign) : (part.channel ?? ''),
      money(part.amount),
      part.share === null ? '' : percent(part.share),
    ]),
  ])
  const used = rules.map(
    ({ id, by, over, costs: n, amount }) => `${id} (${by}, ${over}): ${n} · ${money(amount)} ${currency}`,
  )
  const words = locale === 'en' ? ['shared out', 'left shared'] : ['已分摊', '仍为共摊']
  const sum = `${words[0]} ${money(sums.shared_out)} ${currency}, ${words[1]} ${money(sums.left)} ${currency}`
  return `${table(columnsOf(titles), lines)}\n${[...used, sum, ...(next === null ? [] : [`… --offset ${next}`])].join('\n')}\n`
}
