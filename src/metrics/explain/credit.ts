import type { CreditExplained } from '../../api/dictionary.ts'
import type { Database } from '../../db/database.ts'
import { sql } from '../../db/sql.ts'
import { RoiError } from '../../errors.ts'
import { formatMinor } from '../../model/money.ts'
import type { RuleModel } from '../../model/rule-models.ts'
import type { Workspace } from '../../model/settings.ts'
import { count } from '../formulas.ts'
import { readFigures } from '../snapshot.ts'

const DEAL = sql('metrics/explain/sql/credit-deal.sql')
const TOUCHES = sql('metrics/explain/sql/credit-touches.sql')
/** Touches that are listed at most. */
const MAX_TOUCHES = 5000
const DAY_MS = 86_400_000

/** Which deal's credit. */
export interface CreditQuery {
  readonly deal: string
  /** Absent = the only source that has it. */
  readonly source?: string
  readonly model: RuleModel
}

interface Won {
  id: bigint
  source: string
  source_id: string
  name: string | null
  original_minor: bigint
  currency: string
  amount_minor: bigint
  fx_missing: boolean
  day: string
  path_start: number | null
  path_end: number
  lead_at: number | null
  opened_at: number | null
  rate: string | null
}

interface Touch {
  source_id: string
  occurred_at: number
  channel: string | null
  campaign: string | null
  eligible: boolean | null
  left_out: boolean
  position: number | null
  touches: number | null
  w: bigint | null
  m: bigint | null
}

/**
 * The credit of a won deal, touch by touch: its weight, what it stands for and its part of the amount, or why it has none (F142).
 * @throws RoiError `unknown_deal`, `ambiguous_deal`
 */
export async function explainCredit(
  database: Database,
  workspace: Workspace,
  query: CreditQuery,
): Promise<CreditExplained> {
  const { tenant, settings } = workspace
  const { currency } = settings
  const { deal, touches } = await readFigures(database, workspace, async (reader) => {
    const [deal, other] = await reader.query<Won>(DEAL, [tenant, query.deal, query.source ?? null])
    if (!deal) throw unknownDeal(query.deal)
    if (other) throw ambiguousDeal(query.deal, [deal.source, other.source])
    return { deal, touches: await reader.query<Touch>(TOUCHES, [tenant, deal.id, query.model, MAX_TOUCHES]) }
  })
  const { lookback_days: days } = settings
  /** First instant of the look-back; null = everything counts. */
  const since = days === null ? null : deal.path_end - days * DAY_MS
  const from = since === null ? deal.path_start : Math.max(since, deal.path_start ?? since)
  const counted = touches.filter(({ position }) => position !== null)
  /** The last touch at or before a milestone. */
  const before = (at: number | null) => (at === null ? undefined : counted.findLast((touch) => touch.occurred_at <= at))
  const [lead, opened] = [before(deal.lead_at), before(deal.opened_at)]
  const whyNot = (touch: Touch): CreditExplained['touches'][number]['why_not'] => {
    if (touch.position !== null) return null
    if (touch.left_out) return 'left_out'
    if (touch.eligible === false) return 'not_eligible'
    if (touch.occurred_at > deal.path_end) return 'after_close'
    if (deal.path_start !== null && touch.occurred_at <= deal.path_start) return 'before_last_deal'
    return since !== null && touch.occurred_at < since ? 'outside_lookback' : 'passed_over'
  }
  return {
    deal: { id: deal.source_id, source: deal.source, name: deal.name },
    model: query.model,
    currency,
    amount: deal.fx_missing ? null : formatMinor(deal.amount_minor, currency),
    original:
      deal.currency === currency
        ? null
        : {
            amount: formatMinor(deal.original_minor, deal.currency),
            currency: deal.currency,
            rate: deal.rate,
            day: deal.day,
          },
    path: { from: from === null ? null : new Date(from).toISOString(), to: new Date(deal.path_end).toISOString() },
    touches: touches.map((touch) => ({
      id: touch.source_id,
      at: new Date(touch.occurred_at).toISOString(),
      channel: touch.channel ?? '(unknown)',
      campaign: touch.campaign,
      position: touch.position === null ? null : Number(touch.position),
      rule: [
        ...placeOf(touch),
        ...(touch === lead ? (['lead'] as const) : []),
        ...(touch === opened ? (['opportunity'] as const) : []),
      ],
      weight: count(touch.w ?? 0n),
      amount: formatMinor(touch.m ?? 0n, currency),
      why_not: whyNot(touch),
    })),
    total: {
      weight: count(counted.reduce((sum, { w }) => sum + (w ?? 0n), 0n)),
      amount: formatMinor(
        counted.reduce((sum, { m }) => sum + (m ?? 0n), 0n),
        currency,
      ),
    },
    configuration: {
      model: query.model,
      lookback_days: settings.lookback_days,
      half_life_days: settings.half_life_days,
      direct_handling: settings.direct_handling,
      campaigns_first: String(settings.campaigns_first),
      repurchase_path: settings.repurchase_path,
    },
  }
}

function placeOf({ position, touches }: Touch): CreditExplained['touches'][number]['rule'] {
  if (position === null) return []
  if (Number(touches) === 1) return ['only']
  return Number(position) === 1 ? ['first'] : Number(position) === Number(touches) ? ['last'] : ['middle']
}

function unknownDeal(id: string): RoiError {
  return new RoiError(
    'not_found',
    'unknown_deal',
    { en: `There is no won deal "${id.slice(0, 80)}".`, 'zh-CN': `没有已成交的商机“${id.slice(0, 80)}”。` },
    {
      en: 'Give its id in the source, as "roi-panel explain revenue" lists it.',
      'zh-CN': '请填写来源中的 ID，可用 “roi-panel explain revenue” 查看。',
    },
  )
}

function ambiguousDeal(id: string, sources: readonly string[]): RoiError {
  return new RoiError(
    'usage',
    'ambiguous_deal',
    { en: `Several sources have a deal "${id.slice(0, 80)}".`, 'zh-CN': `多个来源都有商机“${id.slice(0, 80)}”。` },
    { en: `Give --source, one of: ${sources.join(', ')}.`, 'zh-CN': `请用 --source 指定：${sources.join('、')}。` },
  )
}
