import type { Report, ReportQuery } from '../../api.ts'
import type { Paths } from '../../attribution/paths.ts'
import { RoiError, type Text } from '../../errors.ts'
import { isDataModel } from '../../model/data-models.ts'
import type { Workspace } from '../../model/settings.ts'
import { channelBounds } from './interval.ts'
import { type JourneyQuery, Journeys } from './journeys.ts'
import { ledgerOf, SEED } from './ledger.ts'
import type { ModelResult, Source } from './model.ts'

/** What the intervals of a report are drawn from: read with it, computed once nobody waits for the store any more. */
export interface Sample {
  readonly paths: Paths
  /** Channel keys by number. */
  readonly keys: readonly string[]
  readonly result: ModelResult
  readonly resamples: number
  readonly seed: number
}

type Asked = Pick<ReportQuery, 'model' | 'by' | 'by2' | 'where' | 'interval' | 'seed'> & {
  readonly date_basis?: ReportQuery['date_basis']
}

/**
 * Intervals are of whole channels: a journey is drawn as one, with all its touches.
 * @throws RoiError `interval_not_possible`
 */
export function checkInterval({ model, by, by2, where = [], date_basis, interval }: Asked): void {
  if (interval === undefined) return
  if (!isDataModel(model)) {
    throw notPossible(
      {
        en: `${model} splits every deal by a rule, so nothing in it is estimated.`,
        'zh-CN': `${model} 按规则分配每笔成交，没有需要估计的量。`,
      },
      {
        en: 'Leave --interval out, or choose markov or shapley.',
        'zh-CN': '请去掉 --interval，或选择 markov、shapley。',
      },
    )
  }
  if (by === 'channel' && by2 === undefined && where.length === 0 && date_basis !== 'touch') return
  throw notPossible(
    { en: 'Intervals are of whole channels and whole journeys.', 'zh-CN': '区间只能针对整个渠道和完整旅程计算。' },
    {
      en: 'Ask by channel alone, without conditions and not by touch date.',
      'zh-CN': '请只按渠道汇总，不加条件，也不按触点日期统计。',
    },
  )
}

/** A manifest vouches for numbers that the data alone decides. */
export function intervalWithManifest(): RoiError {
  return notPossible(
    { en: 'Intervals are drawn, so no manifest covers them.', 'zh-CN': '区间由抽样得到，不在清单的保证范围内。' },
    { en: 'Ask for the manifest and for intervals one after the other.', 'zh-CN': '请分别请求清单和区间。' },
  )
}

function notPossible(text: Text, remedy: Text): RoiError {
  return new RoiError('usage', 'interval_not_possible', text, remedy)
}

/** Reads what the intervals of a report need; undefined where none were asked for. */
export async function sampleOf(
  source: Source,
  workspace: Workspace,
  query: JourneyQuery,
  { model, interval, seed = SEED }: Asked,
): Promise<Sample | undefined> {
  if (interval === undefined) return undefined
  const ledger = await ledgerOf(source, workspace, { ...query, model, seed })
  if (!ledger) return undefined
  const journeys = await Journeys.of(source.reader, workspace, query)
  const keys = journeys.channels.map(({ key }) => key)
  return { paths: await journeys.paths(), keys, result: ledger.result, resamples: interval, seed }
}

/** The report with an interval on every line of a channel that journeys hold. */
export async function withBounds(report: Report, sample: Sample, signal: AbortSignal | undefined): Promise<Report> {
  const { paths, keys, result, resamples, seed } = sample
  const bounds = await channelBounds(paths, result, keys, { resamples, seed, signal })
  const present = new Set(result.channels.map(({ key }) => key))
  const rows = report.rows.map((row) => {
    const found = present.has(row.key) ? bounds.get(row.key) : undefined
    if (!found) return row
    return { ...row, interval: { conversions: found.conversions, revenue_share: found.revenueShare } }
  })
  return { ...report, rows }
}
