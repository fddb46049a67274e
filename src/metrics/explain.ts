import type { Dimension, Explain } from '../api.ts'
import type { Database, Reader } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import { type Locale, RoiError } from '../errors.ts'
import { formatMinor } from '../model/money.ts'
import { localDay, type Period } from '../model/period.ts'
import type { RuleModel } from '../model/rule-models.ts'
import type { Workspace } from '../model/settings.ts'
import { METRICS, type Metric, type MetricId, type Part } from './dictionary.ts'
import { creditLines } from './drill.ts'
import { count } from './formulas.ts'
import { readFigures } from './snapshot.ts'
import { dayRange, type Summed, type Sums, sumBy, total } from './sums.ts'

const COST_LINES = sql('metrics/sql/cost-lines.sql')

/** Which number to explain, and which page of the rows behind it. */
export interface ExplainQuery extends Period {
  readonly metric: string
  readonly by: Dimension
  /** Group key; null = the total. */
  readonly key: string | null
  readonly model: RuleModel
  readonly locale: Locale
  readonly offset: number
  readonly limit: number
}

/**
 * From a number to its rows (F142): formula, the inputs it was computed from, the rows each input is the sum of, and
 * the configuration. The value is computed by the same code as the report's.
 * @throws RoiError `unknown_metric`, `unknown_group`
 */
export async function explain(database: Database, workspace: Workspace, query: ExplainQuery): Promise<Explain> {
  const metric = metricOf(query.metric)
  const { settings } = workspace
  const { currency } = settings
  return readFigures(database, workspace, async (reader) => {
    const summed = await sumBy(reader, workspace, query.by, query)
    const sums = groupOf(summed, query)
    const result = metric.value({ sums, summed, model: query.model, currency })
    const inputs: Explain['inputs'] = []
    for (const part of metric.parts) inputs.push(await inputOf(reader, workspace, query, part, sums, summed))
    const formula = metric.formula[query.locale]
    const substituted = inputs.reduce((text, input) => text.replaceAll(`{${input.name}}`, String(input.value)), formula)
    return {
      metric: query.metric,
      id: metric.id,
      label: metric.label[query.locale],
      formula: inputs.reduce((text, input) => text.replaceAll(`{${input.name}}`, input.label), formula),
      substituted,
      value: result.value,
      unit: metric.unit,
      reason: result.reason ?? null,
      query: {
        workspace: workspace.key,
        by: query.by,
        model: query.model,
        from: query.from,
        to: query.to,
        date_basis: 'close',
        key: query.key,
      },
      currency,
      inputs,
      configuration: {
        model: query.model,
        lookback_days: settings.lookback_days,
        half_life_days: settings.half_life_days,
        zone: settings.zone,
        currency,
        convention: 'net',
        date_basis: 'close',
        revenue_basis: 'booked',
      },
    }
  })
}

function metricOf(name: string): Metric {
  const metric = METRICS[name as MetricId] ?? Object.values(METRICS).find(({ id }) => id === name.toUpperCase())
  if (metric) return metric
  const names = Object.keys(METRICS).join(', ')
  throw new RoiError(
    'usage',
    'unknown_metric',
    { en: `There is no metric "${name.slice(0, 60)}".`, 'zh-CN': `没有名为“${name.slice(0, 60)}”的指标。` },
    { en: `Use one of: ${names}.`, 'zh-CN': `可用的指标：${names}。` },
  )
}

function groupOf(summed: Summed, query: ExplainQuery): Sums {
  if (query.key === null) return total(summed.groups)
  const found = summed.groups.find(({ key }) => key === query.key)
  if (found) return found
  const known = summed.groups.map(({ key }) => key).slice(0, 20)
  throw new RoiError(
    'not_found',
    'unknown_group',
    {
      en: `There is no ${query.by} "${query.key.slice(0, 80)}" in this period.`,
      'zh-CN': `该期间没有 ${query.by} 为“${query.key.slice(0, 80)}”的数据。`,
    },
    known.length > 0
      ? { en: `Known: ${known.join(', ')}.`, 'zh-CN': `现有：${known.join('、')}。` }
      : { en: 'There is no data in this period.', 'zh-CN': '该期间没有数据。' },
  )
}

/** One input with the rows it sums. */
async function inputOf(
  reader: Reader,
  workspace: Workspace,
  query: ExplainQuery,
  part: Part,
  sums: Sums,
  summed: Summed,
): Promise<Explain['inputs'][number]> {
  const { currency } = workspace.settings
  const label = part.label[query.locale]
  const { source } = part
  if (source.type === 'cost') {
    const rows = await costRows(reader, workspace, query, source.media)
    const { minor, rows: number } = source.media ? sums.media : sums.cost
    return { name: part.name, label, value: formatMinor(minor, currency), rows, count: number }
  }
  const page = source.type === 'unattributed' ? { ...query, key: '(unattributed)' } : query
  const kind = source.type === 'credit' ? source.kind : 'won'
  const lines = await creditLines(reader, workspace, page, kind, source.type === 'credit' && source.onlyNew)
  const rows = lines.rows.map((row) => ({
    id: row.deal_id,
    name: row.name,
    account: row.account,
    // The local day: what decides which period the outcome counts in.
    date: localDay(workspace.settings.zone, Date.parse(row.closed_at)),
    amount: row.amount,
    weight: row.weight,
    credited: row.credited,
  }))
  const money = source.type === 'unattributed' || source.money
  const credit = source.type === 'unattributed' ? summed.unattributed.credit[query.model] : sums.credit[query.model]
  const counted = source.type === 'credit' && source.onlyNew ? credit.newCustomers : credit.counts[kind]
  const value = money ? formatMinor(credit.revenue, currency) : count(counted)
  return { name: part.name, label, value, rows, count: lines.count }
}

async function costRows(reader: Reader, workspace: Workspace, query: ExplainQuery, media: boolean) {
  const { currency } = workspace.settings
  const rows = await reader.query<CostLine>(COST_LINES, [
    workspace.tenant,
    query.by,
    query.key,
    ...dayRange(query),
    currency,
    query.limit,
    query.offset,
    media,
  ])
  return rows.map((row) => ({
    id: row.source_id,
    date: row.date,
    amount: formatMinor(row.amount_minor, currency),
    category: row.category,
    state: row.state,
    campaign: row.campaign,
    channel: row.channel,
    vendor: row.vendor,
    note: row.note,
  }))
}

interface CostLine {
  source_id: string
  date: string
  amount_minor: bigint
  category: string
  state: string
  campaign: string | null
  channel: string | null
  vendor: string | null
  note: string | null
}
