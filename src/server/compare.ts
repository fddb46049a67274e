import type { Compare, Report } from '../api.ts'
import type { Database } from '../db/database.ts'
import { type Locale, RoiError, type Text } from '../errors.ts'
import { report } from '../metrics/report.ts'
import { formatMinor, toMinor } from '../model/money.ts'
import type { RuleModel } from '../model/rule-models.ts'
import type { Workspace } from '../model/settings.ts'
import type { Connection } from '../state/state.ts'
import type { Sources } from '../sync/connections.ts'
import type { OwnRevenue } from '../sync/contract.ts'
import { isSourceError } from '../sync/reasons.ts'
import { refusalOf } from './grant-again.ts'

interface CompareEnv {
  readonly database: Database
  readonly sources: Sources
  readonly publicUrl: string | undefined
}

interface CompareAsk {
  readonly connection: Connection
  readonly limit: number
  readonly locale: Locale
}

/** What an account that does not let us ask refuses with. */
const OFF = new Set(['missing_scope', 'forbidden', 'payment_required'])

/**
 * The revenue that the source itself attributes to campaigns beside ours, model by model, all time. The two need not agree; the
 * notes say why not.
 * @throws RoiError `compare_unsupported`, `compare_failed`
 */
export async function compare(
  { database, sources, publicUrl }: CompareEnv,
  workspace: Workspace,
  { connection, limit, locale }: CompareAsk,
  signal: AbortSignal,
): Promise<Compare> {
  const { currency } = workspace.settings
  return sources.use(workspace, connection.id, signal, async ({ connector, context, granted }) => {
    const own = connector.compare
    if (!own) throw unsupported(connector.title)
    const models = Object.entries(own.models) as [RuleModel, string][]
    const ours = new Map<RuleModel, Report['rows']>()
    for (const [model] of models) ours.set(model, await byCampaign(database, workspace, model, locale))
    const known = await campaignsOf(database, workspace, connection)
    const wanted = ranked([...ours.values()]).filter(({ key }) => known.has(key))
    const asked = wanted.slice(0, limit)
    const base = {
      connection: connection.id,
      title: connection.title,
      currency,
      models: models.map(([id, theirs]) => ({ id, theirs })),
      notes: notesOf(workspace, locale),
    }
    const theirs = new Map<string, OwnRevenue>()
    try {
      const keys = asked.map(({ key }) => key)
      for await (const one of own.read(context, keys)) theirs.set(`${one.campaign} ${one.model}`, one)
    } catch (error) {
      if (!isSourceError(error)) throw error
      const asked = { workspace, connection, connector, granted, purpose: 'compare', publicUrl } as const
      const { code, message, remedy } = refusalOf(error, asked)
      if (!OFF.has(code))
        throw new RoiError('unavailable', 'compare_failed', message, remedy ?? undefined, { cause: error })
      const reason = { code, message: message[locale], remedy: remedy?.[locale] ?? null, retry_at: null }
      return { ...base, state: 'off', reason, campaigns: [], totals: [], more: wanted.length }
    }
    const campaigns = asked.map(({ key, label }) => ({
      id: key,
      name: label,
      models: models.map(([model]) => {
        const mine = ours.get(model)?.find((row) => row.key === key)?.revenue ?? formatMinor(0n, currency)
        return { model, ...sideBySide(mine, theirs.get(`${key} ${model}`), currency) }
      }),
    }))
    const totals = models.map(([model]) => {
      const lines = campaigns.flatMap(({ models }) => models.filter((line) => line.model === model))
      return { model, ...summed(lines, currency) }
    })
    return { ...base, state: 'ok', reason: null, campaigns, totals, more: wanted.length - asked.length }
  })
}

async function byCampaign(database: Database, workspace: Workspace, model: RuleModel, locale: Locale) {
  const query = { workspace: workspace.key, by: 'campaign', model, from: null, to: null, date_basis: 'close' } as const
  return (await report(database, workspace, query, locale)).rows
}

/** Ids of the campaigns that came from the connection: the source knows no others. */
async function campaignsOf(database: Database, { tenant }: Workspace, { source }: Connection): Promise<Set<string>> {
  const rows = await database.query<{ source_id: string }>(
    'SELECT source_id FROM campaign WHERE tenant_id = $1 AND source = $2',
    [tenant, source],
  )
  return new Set(rows.map(({ source_id }) => source_id))
}

/** Campaigns with credit under any model, those with most revenue first. */
function ranked(reports: readonly Report['rows'][]): { key: string; label: string }[] {
  const best = new Map<string, { key: string; label: string; revenue: number }>()
  for (const { key, label, revenue } of reports.flat()) {
    const most = Math.max(best.get(key)?.revenue ?? Number.NEGATIVE_INFINITY, Number(revenue))
    best.set(key, { key, label, revenue: most })
  }
  return [...best.values()].sort((a, b) => b.revenue - a.revenue || (a.key < b.key ? -1 : 1))
}

/** Minor units of a decimal of the source, which may hold parts of a cent; null for what is none. */
function parseMinor(amount: string, currency: string): bigint | null {
  try {
    return toMinor({ amount, currency })
  } catch {
    return null
  }
}

function sideBySide(ours: string, own: OwnRevenue | undefined, currency: string) {
  const same = own !== undefined && (own.currency ?? currency) === currency
  const theirs = same ? parseMinor(own.revenue, currency) : null
  return {
    ours,
    theirs: theirs === null ? null : formatMinor(theirs, currency),
    their_currency: own ? (own.currency ?? currency) : null,
    their_deals: own?.deals ?? null,
    ...gap(ours, theirs, currency),
  }
}

function summed(lines: readonly { ours: string; theirs: string | null }[], currency: string) {
  const add = (values: readonly string[]) =>
    values.reduce((sum, value) => sum + (parseMinor(value, currency) ?? 0n), 0n)
  const ours = formatMinor(add(lines.map((line) => line.ours)), currency)
  const all = lines.every((line) => line.theirs !== null)
  const theirs = all ? add(lines.map((line) => line.theirs!)) : null
  return { ours, theirs: theirs === null ? null : formatMinor(theirs, currency), ...gap(ours, theirs, currency) }
}

function gap(ours: string, theirs: bigint | null, currency: string) {
  const mine = parseMinor(ours, currency)
  if (theirs === null || mine === null) return { difference: null, percent: null }
  const difference = mine - theirs
  return {
    difference: formatMinor(difference, currency),
    percent: theirs === 0n ? null : (Number(difference) / Number(theirs)) * 100,
  }
}

function notesOf({ settings }: Workspace, locale: Locale): string[] {
  const { lookback_days: days, half_life_days, currency } = settings
  const notes: Text[] = [
    {
      en: `Ours: won deals at their close date, booked in ${currency}, touches of ${days === null ? 'any age' : `the last ${days} days`} before the win, half-life of time decay ${half_life_days} days.`,
      'zh-CN': `我们的口径：按成交日计入的已成交商机，以 ${currency} 计，成交前${days === null ? '任意时间' : ` ${days} 天内`}的触点，时间衰减半衰期 ${half_life_days} 天。`,
    },
    {
      en: 'The source counts interactions that its interface does not tell others about (page views, opened e-mails, chats, calls) and leaves out those that came from elsewhere.',
      'zh-CN': '数据源会计入其接口不提供的互动（页面浏览、邮件打开、聊天、通话），并且不包含来自其他系统的触点。',
    },
    {
      en: 'Credit of a deal goes here to all its people; the source may take those associated when it last computed. It may be hours behind.',
      'zh-CN': '这里的功劳归商机的所有相关人；数据源按其上次计算时的关联人计算，可能滞后数小时。',
    },
    {
      en: 'U, W and full path go by lifecycle milestones, first, last, linear, J and inverse J by position; the weights are those of the same name in attribution.md.',
      'zh-CN': 'U 型、W 型与全路径按生命周期里程碑计算，首次、末次、线性、J 型与反 J 型按位置计算。',
    },
  ]
  return notes.map((note) => note[locale])
}

function unsupported(title: Text): RoiError {
  return new RoiError('usage', 'compare_unsupported', {
    en: `${title.en} has no attribution of its own to compare with.`,
    'zh-CN': `${title['zh-CN']} 没有可供对比的自有归因。`,
  })
}
