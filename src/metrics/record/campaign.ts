import type { Reason } from '../../api.ts'
import { count, type Result, ratio, roi, share } from '../formulas.ts'
import { KIND } from '../sums.ts'
import { type ChannelPart, creditLines, keyOf, sumOf, Whole } from './credit.ts'
import { dealLines } from './deals.ts'
import { Figures, type Pot, potOf } from './figures.ts'
import { text } from './lookup.ts'
import { dealsOf, isWon, MAX_DEALS } from './read.ts'
import type { Body, Scene } from './scene.ts'
import { SENTENCES } from './sentences.ts'
import { REASONS } from './words.ts'

const COST = text('campaign-cost')
const SUMS = text('campaign-sums')
const TOUCHES = text('campaign-touches')
const DEALS_INDEXED = text('campaign-deals')
/** For engines without indexes: the ledger is read once, which is cheaper there than every way around it. */
const DEALS = DEALS_INDEXED.replace(/^-- indexed$[\s\S]*?^-- end$/m, '')

export interface CampaignHead {
  readonly id: bigint
  readonly source_id: string
  readonly name: string
  readonly budget_minor: bigint | null
  readonly currency: string | null
}

interface SumRow {
  kind: number
  channel_id: bigint | null
  w: bigint
  m: bigint
  first_w: bigint
  first_m: bigint
}

interface CreditedRow {
  id: bigint
  credited: bigint
  all_count: bigint
  all_worth: bigint
}

/** What a campaign cost and earned, all time, under the model; its sub-campaigns are records of their own. */
export async function campaignBody(scene: Scene, campaign: CampaignHead): Promise<Body> {
  const { database, reader, tenant, currency, model, locale, format, channels } = scene
  const costs = await reader.query<{ currency: string; amount_minor: bigint; cost_rows: bigint }>(COST, [
    tenant,
    campaign.id,
    currency,
  ])
  const sums = await reader.query<SumRow>(SUMS, [tenant, campaign.id, model])
  const touches = await reader.query<{ channel_id: bigint; touches: bigint }>(TOUCHES, [tenant, campaign.id])
  const credited = await reader.query<CreditedRow>(database.profile.indexes ? DEALS_INDEXED : DEALS, [
    tenant,
    campaign.id,
    model,
    MAX_DEALS,
  ])
  const deals = (
    await dealsOf(
      scene,
      credited.map(({ id }) => id),
    )
  ).filter(isWon)
  const cost = potOf(
    currency,
    costs.map((row) => ({ ...row, rows: Number(row.cost_rows) })),
  )
  const won = sums.filter(({ kind }) => kind === KIND.won)
  // What was paid back or lost again takes its money off; a lost deal is no sale any more (product.md M2).
  const earned = sums.filter(({ kind }) => kind === KIND.won || kind === KIND.refund || kind === KIND.loss)
  const lost = sumOf(sums.filter(({ kind }) => kind === KIND.loss))
  const credit = { w: sumOf(won).w - lost.w, m: sumOf(earned).m }
  const touched = new Map(touches.map((row) => [row.channel_id as bigint | null, Number(row.touches)]))
  const touchCount = [...touched.values()].reduce((sum, n) => sum + n, 0)
  const influenced = Number(credited[0]?.all_count ?? 0n)
  const returns = { roi: roi(credit.m, costOf(cost)), ratio: ratio(credit.m, costOf(cost)) }

  const figures = new Figures(scene)
  figures.pot('cost', cost, 'no_cost').money('revenue', credit.m)
  figures
    .result('roi', 'percent', explained(returns.roi, cost))
    .result('ratio', 'ratio', explained(returns.ratio, cost))
  figures.count('leads', count(sumOf(sums.filter(({ kind }) => kind === KIND.lead)).w)).count('deals', count(credit.w))
  const first = earned.reduce(
    (sum, { kind, first_w, first_m }) => ({
      w: sum.w + (kind === KIND.won ? first_w : kind === KIND.loss ? -first_w : 0n),
      m: sum.m + first_m,
    }),
    NOTHING,
  )
  figures.money('sourced', first.m).count('sourced_deals', count(first.w))
  figures.money('influenced', credited[0]?.all_worth ?? 0n).count('influenced_deals', influenced)
  addBudget(figures, campaign, cost, currency)
  figures.count('touches', touchCount)

  const parts = byChannelId(earned).map(
    ([channel_id, part]): ChannelPart => ({
      key: keyOf(channels, channel_id),
      ...part,
      touches: touched.get(channel_id) ?? 0,
    }),
  )
  return {
    name: campaign.name,
    sentence: sentenceOf(),
    state: touchCount === 0 ? 'empty' : 'ok',
    figures: figures.list,
    credit: creditLines(scene, parts, new Whole(parts, { byMoney: true })),
    journey: [],
    journey_more: 0,
    deals: dealLines(scene, deals, new Map(credited.map((row) => [row.id, row.credited]))),
    deals_count: influenced,
    reconciliation: null,
  }

  function sentenceOf(): string {
    const say = SENTENCES[locale]
    const spent = cost.rows > 0 ? format.money(cost.minor, currency) : null
    if (touchCount === 0) return say.untouchedCampaign(campaign.name, spent)
    const revenue = format.money(credit.m, currency)
    const result = explained(returns.roi, cost)
    if (result.value === null || returns.ratio.value === null || spent === null) {
      return say.campaignWithoutRoi(campaign.name, revenue, REASONS[result.reason ?? 'no_cost'][locale])
    }
    return say.campaign(campaign.name, spent, revenue, format.percent(result.value), format.ratio(returns.ratio.value))
  }
}

const NOTHING = { w: 0n, m: 0n }

/** Credit by channel: money of every kind, weights of sales. */
function byChannelId(rows: readonly SumRow[]): [bigint | null, { w: bigint; m: bigint }][] {
  const sums = new Map<bigint | null, { w: bigint; m: bigint }>()
  for (const { kind, channel_id, w, m } of rows) {
    const known = sums.get(channel_id) ?? NOTHING
    sums.set(channel_id, { w: known.w + (kind === KIND.won ? w : 0n), m: known.m + m })
  }
  return [...sums]
}

function costOf({ minor, rows }: Pot) {
  return { minor, rows }
}

/** A cost that is there, but in currencies without a rate, is another reason than none. */
function explained(result: Result<number>, cost: Pot): Result<number> {
  const reason: Reason = 'fx_missing'
  return result.value === null && cost.rows === 0 && cost.foreign.size > 0 ? { value: null, reason } : result
}

/** Budget and M22, actual / budget x 100; left out where no budget is known. */
function addBudget(figures: Figures, { budget_minor, currency: own }: CampaignHead, cost: Pot, currency: string): void {
  if (budget_minor === null) return
  figures.pot('budget', potOf(currency, [{ amount_minor: budget_minor, currency: own }]), 'no_cost')
  const use: Result<number> =
    own !== currency
      ? { value: null, reason: 'fx_missing' }
      : cost.rows === 0
        ? { value: null, reason: 'no_cost' }
        : share(cost.minor, budget_minor, 'not_enough_data')
  figures.result('budget_use', 'percent', explained(use, cost))
}
