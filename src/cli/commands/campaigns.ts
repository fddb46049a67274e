import type { CampaignFigures, CampaignRecord, CampaignRow, Campaigns } from '../../api/campaigns.ts'
import type { Locale } from '../../errors.ts'
import { TIERS } from '../../model/records.ts'
import { defineCommand, type Invocation, type Options } from '../command.ts'
import { instant } from '../connections.ts'
import { actionOf, cleared, columnsOf, numeral, trailTable, yesNo } from '../entries.ts'
import { type Figures, figuresFor } from '../figures.ts'
import { table } from '../table.ts'
import { plain } from '../text.ts'

const words = (value: string, en: string, zh: string) => ({ type: 'string', value, help: { en, 'zh-CN': zh } }) as const

const FIELDS = {
  name: words('T', 'name, of campaigns made here', '名称（仅限在此新建的活动）'),
  channel: words('C', 'channel, of campaigns made here', '渠道（仅限在此新建的活动）'),
  type: words('T', 'type, such as fair', '类型，如 展会'),
  paid: words('yes|no', 'costs money, or is free', '付费或免费'),
  tier: words('T', TIERS.join(', '), TIERS.join('、')),
  brand: words('yes|no', 'brand (yes) or performance (no)', '品牌（yes）或效果（no）'),
  parent: words('ID', 'campaign above it', '上级活动'),
  'parent-source': words('S', 'where several sources have the parent', '多个来源有该上级时指定'),
  'start-date': words('D', 'first day', '开始日'),
  'end-date': words('D', 'last day', '结束日'),
  budget: words('N', 'budget', '预算'),
  currency: words('C', 'of budget and target revenue', '预算与目标收入的币种'),
  'target-leads': words('N', 'leads it should bring', '目标线索数'),
  'target-revenue': words('N', 'revenue it should bring', '目标收入'),
  owner: words('T', 'who answers for it', '负责人'),
  region: words('T', 'region', '区域'),
  'product-line': words('T', 'product line', '产品线'),
  department: words('T', 'department', '部门'),
  project: words('T', 'project for budgets; default: the campaign at the top', '预算所属项目；默认为最上级活动'),
  'utm-campaign': words('T', 'utm_campaign, of campaigns made here', 'utm_campaign（仅限在此新建的活动）'),
} as const satisfies Options

const OPTIONS = {
  ...FIELDS,
  from: words('D', 'figures from this day', '统计首日'),
  to: words('D', 'figures up to before this day', '统计结束日（不含）'),
  search: words('T', 'part of a name, or an id', '名称的一部分或编号'),
  source: words('S', 'where the campaign is from', '活动的来源'),
  under: words('ID', 'those below this campaign', '该活动的下级'),
  top: { type: 'boolean', help: { en: 'only those at the top, with all below', 'zh-CN': '仅最上级（含全部下级）' } },
  clear: words('F,F', 'fields to give back to the source', '恢复为来源内容的字段'),
  reason: words('T', 'why, kept in the trail', '原因，记入变更记录'),
  limit: words('N', 'rows shown, up to 500 (default 50)', '显示行数，最多 500（默认 50）'),
  offset: words('N', 'rows to skip', '跳过的行数'),
} as const satisfies Options

export default defineCommand({
  name: 'campaigns',
  usage: '[list | show ID | add ID --name N | set ID | remove ID]',
  summary: {
    en: 'Campaign records: budget, actual, targets, dates, owner; what is above and below',
    'zh-CN': '营销活动档案：预算、实际、目标、日期、负责人与上下级',
  },
  notes: {
    en: `set fills fields of any campaign; what is filled stands in place of what the source says, --clear gives it back. show tells who
filled what and when. Actual cost is the sum of its cost rows: enter it with "costs add --campaign ID". A campaign with others
below it shows itself and, as "with below", all of them, each cost once.`,
    'zh-CN': `set 填写任意活动的字段；所填内容优先于来源内容，--clear 恢复来源内容。show 显示谁在何时填写。
实际费用为其费用行之和：请用 “costs add --campaign 编号” 录入。有下级的活动同时显示自身与“含下级”的合计，每笔费用只计一次。`,
  },
  examples: [
    'campaigns --top',
    'campaigns show K1',
    'campaigns add LAUNCH --name "Spring launch" --budget 50000 --target-leads 200',
    'campaigns set K1 --parent LAUNCH --tier growth --paid yes',
    'campaigns set K1 --clear owner,budget',
  ],
  options: OPTIONS,
  run: (invocation) => run(invocation),
})

type Call = Invocation<typeof OPTIONS>

const ACTIONS = { list: [0, 0], show: [1, 1], add: [1, 1], set: [1, 1], remove: [1, 1] } as const
const CLEARABLE = Object.keys(FIELDS).flatMap((name) => (name === 'parent-source' ? [] : [name.replaceAll('-', '_')]))

async function run({ positionals, options, workspace, locale: asked, json, output, open }: Call): Promise<undefined> {
  const [action, id = ''] = actionOf('campaigns', positionals, ACTIONS)
  const { from, to, source, reason } = options
  const session = await open()
  const locale = asked ?? output.locale
  const scope = { workspace, locale }
  if (action === 'list') {
    const { search, under, top = false, limit, offset } = options
    const found = await session.call('campaigns', {
      ...scope,
      from,
      to,
      search,
      source,
      under,
      top,
      limit,
      offset,
    } as never)
    if (json) await output.json(found)
    else await output.data(list(found, locale, top))
    return undefined
  }
  const ask = { ...scope, id, source, reason }
  const fields = { ...fieldsOf(options), ...cleared(options.clear, CLEARABLE) }
  const done =
    action === 'show'
      ? await session.call('campaign', { ...scope, id, source, from, to } as never)
      : action === 'add'
        ? await session.call('add_campaign', { ...scope, id, ...fields } as never)
        : action === 'set'
          ? await session.call('set_campaign', { ...ask, ...fields } as never)
          : await session.call('remove_campaign', ask as never)
  if (json) await output.json(done)
  else await output.data(show(done, locale))
  return undefined
}

/** Fields as the API names them. */
function fieldsOf(options: Call['options']): Record<string, unknown> {
  const texts = Object.keys(FIELDS).map((name) => [name.replaceAll('-', '_'), options[name as keyof typeof FIELDS]])
  return {
    ...Object.fromEntries(texts),
    paid: yesNo('paid', options.paid),
    brand: yesNo('brand', options.brand),
    target_leads: numeral('target-leads', options['target-leads']),
  }
}

const COLUMNS = {
  en: ['Id', 'Campaign', 'Source', 'Budget>', 'Actual>', 'Use>', 'Leads>', 'Target>', 'Met>', 'Revenue>', 'Met>', ''],
  'zh-CN': ['编号', '营销活动', '来源', '预算>', '实际>', '执行率>', '线索>', '目标>', '完成>', '收入>', '完成>', ''],
} as const

function list(found: Campaigns, locale: Locale, whole: boolean): string {
  const figures = figuresFor(locale)
  const rows = found.rows.map((row) => line(row, whole ? row.whole : row.figures, figures, locale))
  const total = ['', locale === 'en' ? 'Total' : '合计', '', ...numbers(found.total, figures), '']
  const more = found.next === null ? '' : `… --offset ${found.next}\n`
  return `${table(columnsOf(COLUMNS[locale]), rows, [total])}\n${found.count} · ${found.currency} · ${found.model}\n${more}`
}

const PROBLEMS = {
  unknown_parent: { en: 'its parent is not in the data', 'zh-CN': '上级不在数据中' },
  cycle: { en: 'it is its own ancestor', 'zh-CN': '上下级循环' },
} as const

function line(row: CampaignRow, of: CampaignFigures, figures: Figures, locale: Locale): string[] {
  const problem = row.problem ? `! ${PROBLEMS[row.problem][locale]}` : ''
  const below = row.children > 0 ? `+${row.children}` : ''
  return [row.id, row.name, row.source, ...numbers(of, figures), problem || below]
}

function numbers(of: CampaignFigures, { money, count, percent, missing }: Figures): string[] {
  return [
    of.budget === null ? missing(of.reasons.budget) : money(of.budget),
    money(of.actual),
    of.use === null ? missing(of.reasons.use) : percent(of.use),
    count(of.leads),
    of.target_leads === null ? '' : count(of.target_leads),
    of.leads_met === null ? missing(of.reasons.leads_met) : percent(of.leads_met),
    money(of.revenue),
    of.revenue_met === null ? missing(of.reasons.revenue_met) : percent(of.revenue_met),
  ]
}

function show(record: CampaignRecord, locale: Locale): string {
  const figures = figuresFor(locale)
  const { campaign, children, fields, trail, currency } = record
  const names = locale === 'en' ? ['itself', 'with below'] : ['自身', '含下级']
  const facts = Object.entries({
    type: campaign.type,
    channel: campaign.channel,
    paid: campaign.paid,
    tier: campaign.tier,
    brand: campaign.brand,
    start_date: campaign.start_date,
    end_date: campaign.end_date,
    owner: campaign.owner,
    region: campaign.region,
    product_line: campaign.product_line,
    department: campaign.department,
    project: campaign.project,
    parent: campaign.parent && (campaign.parent.name ?? campaign.parent.id),
  }).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${plain(String(value))}`]))
  const own = [campaign.id, names[0]!, campaign.source, ...numbers(campaign.figures, figures), '']
  const whole = ['', names[1]!, '', ...numbers(campaign.whole, figures), '']
  const below = children.map((row) => line(row, row.whole, figures, locale))
  const filled = fields.map(({ field, value, source_value, by, at }) => [
    field,
    value,
    source_value ?? '–',
    by ?? '–',
    instant(at, locale),
  ])
  const titles =
    locale === 'en'
      ? ['Filled by hand', 'Value', 'The source says', 'Who', 'When']
      : ['手工填写', '值', '来源内容', '操作者', '时间']
  return [
    `${plain(campaign.name)} (${campaign.source}/${plain(campaign.id)}) · ${currency}\n${facts.join(' · ')}\n`,
    table(columnsOf(COLUMNS[locale]), [own, ...below], campaign.children > 0 ? [whole] : []),
    filled.length > 0 ? table(columnsOf(titles), filled) : '',
    trail.length > 0 ? trailTable(trail, locale) : '',
  ]
    .filter((part) => part !== '')
    .join('\n')
}
