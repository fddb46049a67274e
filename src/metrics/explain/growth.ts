import { previousPeriod } from '../../model/period.ts'
import { earned } from '../dictionary.ts'
import { change, known, none, roi } from '../formulas.ts'
import { sumQueryOf } from '../query.ts'
import { type Sums, sumBy } from '../sums.ts'
import { costLines } from './costs.ts'
import { outcomeLines } from './credit-lines.ts'
import { type Figure, type Input, money, type Situation } from './figure.ts'
import { groupOf } from './report.ts'

export type GrowthMetric = 'growth' | 'roi_change'

/**
 * M21: attributed revenue, or net ROI in points, against the period of equal length before, of a row or of everything.
 * @throws RoiError `unknown_group`
 */
export async function growthFigure(situation: Situation): Promise<Figure> {
  const { reader, workspace, query, ledger } = situation
  const { settings } = workspace
  const { currency } = settings
  const { model } = query
  const previous = previousPeriod({ from: query.from, to: query.to })
  const before: Situation = {
    ...situation,
    query: { ...query, from: previous?.from ?? null, to: previous?.to ?? null },
  }
  const sumsOf = async ({ query: asked }: Situation) => sumBy(reader, workspace, sumQueryOf(asked, settings), ledger)
  const now = groupOf(await sumsOf(situation), query)
  const then = previous ? await sumsOf(before) : null
  const old = then?.groups.some(({ key }) => query.key === null || key === query.key) ? groupOf(then, query) : null
  const metric = situation.metric as GrowthMetric
  const amount = (name: string, minor: bigint, read: Input['read']): Input => {
    return { name, total: money(minor, currency), unit: 'money', read }
  }
  const lines = (at: Situation, costed: boolean) =>
    old || at === situation ? outcomeLines(at, { kind: 'revenue', costed }) : EMPTY
  const revenue = (sums: Sums | null) => sums?.credit[model].revenue ?? 0n
  if (metric === 'growth') {
    const compared = change(Number(revenue(now)), old ? Number(revenue(old)) : null, 'amount')
    return {
      result: compared.growth,
      inputs: [
        amount('revenue', revenue(now), lines(situation, false)),
        amount('previous', revenue(old), lines(before, false)),
      ],
      configuration: { previous_from: previous?.from ?? null, previous_to: previous?.to ?? null },
    }
  }
  const returned = (sums: Sums | null) => (sums ? roi(earned(sums, model), sums.cost) : none('no_prior'))
  const { value, reason } = returned(now)
  const { points } = change(value, returned(old).value, 'return')
  return {
    result: points === null ? none(reason ?? 'no_prior') : known(points),
    inputs: [
      amount('costed', earned(now, model), lines(situation, true)),
      amount('cost', now.cost.minor, costLines(situation, false)),
      amount('previous_costed', old ? earned(old, model) : 0n, lines(before, true)),
      amount('previous_cost', old?.cost.minor ?? 0n, old ? costLines(before, false) : EMPTY),
    ],
    configuration: { previous_from: previous?.from ?? null, previous_to: previous?.to ?? null },
  }
}

const EMPTY: Input['read'] = async () => ({ rows: [], count: 0 })
