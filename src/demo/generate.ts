import { addDays, daysBetween } from '../model/period.ts'
import { invented } from './names.ts'
import { generator, type Random } from './random.ts'
import type { ChannelPlan, DemoSet } from './sets.ts'

type Cell = string | number | undefined
/** Rows of one file; the keys are its columns. */
export type Rows = readonly Readonly<Record<string, Cell>>[]
export type Tables = Readonly<Record<'campaigns' | 'costs' | 'accounts' | 'contacts' | 'touches' | 'deals', Rows>>

const CURRENCY = 'CNY'
const REGIONS = ['华东', '华南', '华北', '西南']
const PRODUCT_LINES = ['标准版', '企业版']
/** No demo date lies after this day. */
const LAST_DAY = '2026-11-15'

/**
 * The files of a set. The same on every machine and every day: figures that were explained once stay true. Every lead
 * has one touch and every deal one lead, so all models agree and only the sums matter.
 */
export function generate(set: DemoSet): Tables {
  const tables = { campaigns: [], costs: [], accounts: [], contacts: [], touches: [], deals: [] } as {
    [Name in keyof Tables]: Record<string, Cell>[]
  }
  for (const [index, plan] of set.channels.entries()) {
    const prefix = `${set.letter}${index + 1}`
    const random = generator(set.letter.charCodeAt(0) * 100 + index)
    tables.campaigns.push(campaign(plan))
    tables.costs.push(...costs(plan, prefix))
    const leads = leadsOf(plan, prefix, random)
    const deals = dealsOf(plan, prefix, leads, random)
    for (const deal of deals) {
      const account_id = deal.row.account_id
      tables.accounts.push({
        account_id,
        name: invented(Number(`${index}${deal.number}`), random),
        region: deal.row.region,
      })
      tables.deals.push(deal.row)
    }
    for (const lead of leads) {
      tables.contacts.push(lead.contact)
      tables.touches.push(lead.touch)
    }
  }
  return tables
}

function campaign(plan: ChannelPlan) {
  return {
    campaign_id: plan.id,
    name: plan.name,
    channel: plan.channel,
    type: plan.type,
    paid: plan.paid ? 'yes' : 'no',
    tier: plan.tier,
    start_date: plan.costs[0]?.day,
    end_date: plan.to,
    budget: plan.budget,
    currency: CURRENCY,
    target_leads: plan.leads,
    target_revenue: plan.revenue,
    region: plan.region,
    product_line: plan.productLine,
    department: '市场部',
  }
}

function costs(plan: ChannelPlan, prefix: string) {
  return plan.costs.map((cost, i) => ({
    cost_id: `F-${prefix}-${number(i + 1, 2)}`,
    date: cost.day,
    amount: cost.amount.toFixed(2),
    currency: CURRENCY,
    category: cost.category,
    campaign_id: plan.id,
    state: 'paid',
    vendor: cost.vendor,
    note: cost.note,
    impressions: cost.impressions,
    clicks: cost.clicks,
  }))
}

interface Lead {
  readonly day: string
  readonly contact: Record<string, Cell>
  readonly touch: Record<string, Cell>
}

/** Leads in the order they came, each with the touch a little before. */
function leadsOf(plan: ChannelPlan, prefix: string, random: Random): Lead[] {
  const span = daysBetween(plan.from, plan.to) + 1
  const days = Array.from({ length: plan.leads }, (_, i) => addDays(plan.from, Math.floor((i * span) / plan.leads)))
  return days.map((day, i) => {
    const contact_id = `C-${prefix}-${number(i + 1, 4)}`
    const hour = 9 + random.below(9)
    const minute = random.below(60)
    const lead_at = at(day, hour, minute)
    const mql = random.below(100) < 45
    const sql = mql && random.below(100) < 40
    return {
      day,
      contact: {
        contact_id,
        email: `${contact_id.toLowerCase()}@example.com`,
        account_id: undefined,
        name: `联系人 ${prefix}-${number(i + 1, 4)}`,
        created_at: lead_at,
        lead_at,
        mql_at: mql ? at(addDays(day, 2), hour, minute) : undefined,
        sql_at: sql ? at(addDays(day, 5), hour, minute) : undefined,
        source: plan.channel,
        region: random.pick(REGIONS),
      },
      touch: {
        touch_id: `T-${prefix}-${number(i + 1, 4)}`,
        contact_id,
        occurred_at: at(day, hour - 1, random.below(60)),
        channel: plan.channel,
        campaign_id: plan.id,
        kind: plan.kind,
      },
    }
  })
}

/** Deals of leads spread over the campaign, decided ones of leads early enough to have closed. */
function dealsOf(plan: ChannelPlan, prefix: string, leads: readonly Lead[], random: Random) {
  const amounts = split(plan.revenue, plan.won, random)
  const mean = plan.revenue / plan.won
  const decided = plan.won + plan.lost
  return pickLeads(leads, decided, plan.open, random).map((lead, i) => {
    const state = i < plan.won ? 'won' : i < decided ? 'lost' : 'open'
    const accepted = addDays(lead.day, 5)
    const created = addDays(accepted, 2 + random.below(10))
    const closed = addDays(created, 12 + random.below(45))
    const id = `${prefix}-${number(i + 1, 3)}`
    const account_id = `K-${id}`
    Object.assign(lead.contact, { account_id, mql_at: at(addDays(lead.day, 2), 19, 0), sql_at: at(accepted, 19, 0) })
    return {
      number: i + 1,
      row: {
        deal_id: `D-${id}`,
        name: `${random.pick(['年度合同', '首期项目', '试点采购', '系统升级'])} ${id}`,
        account_id,
        contact_ids: lead.contact.contact_id,
        amount: (amounts[i] ?? Math.round((mean * (60 + random.below(80))) / 10_000) * 100).toFixed(2),
        currency: CURRENCY,
        stage: { won: '赢单', lost: '输单', open: '方案报价' }[state],
        created_at: at(created < LAST_DAY ? created : LAST_DAY, 10, random.below(60)),
        closed_at: state === 'open' ? undefined : at(closed < LAST_DAY ? closed : LAST_DAY, 16, random.below(60)),
        won: state === 'open' ? undefined : state === 'won' ? 'yes' : 'no',
        layer: state === 'won' ? 'first' : undefined,
        product_line: random.pick(PRODUCT_LINES),
        region: lead.contact.region,
        department: '销售部',
      },
    }
  })
}

/** One lead for each deal: decided ones mixed over the early leads, open ones from the newest. */
function pickLeads(leads: readonly Lead[], decided: number, open: number, random: Random): Lead[] {
  const early = leads.filter((lead) => lead.day <= '2026-09-10')
  const spread = Array.from({ length: decided }, (_, i) => early[Math.floor((i * early.length) / decided)] as Lead)
  for (let i = decided - 1; i > 0; i -= 1) {
    const j = random.below(i + 1)
    ;[spread[i], spread[j]] = [spread[j] as Lead, spread[i] as Lead]
  }
  const taken = new Set(spread)
  return [...spread, ...leads.filter((lead) => !taken.has(lead)).slice(-open)]
}

/** Whole hundreds of different size that add up exactly. */
function split(sum: number, parts: number, random: Random): number[] {
  const weights = Array.from({ length: parts }, () => 60 + random.below(81))
  const whole = weights.reduce((a, b) => a + b, 0)
  const amounts = weights.map((weight) => Math.round((sum * weight) / whole / 100) * 100)
  const rest = sum - amounts.reduce((a, b) => a + b, 0)
  return amounts.map((amount, i) => (i === 0 ? amount + rest : amount))
}

/** A local time in China, with its zone, so that the files mean the same everywhere. */
function at(day: string, hour: number, minute: number): string {
  return `${day}T${number(hour, 2)}:${number(minute, 2)}:00+08:00`
}

function number(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}
