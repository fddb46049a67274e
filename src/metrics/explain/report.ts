import { RoiError } from '../../errors.ts'
import { earned, extremeModel, METRICS, type MetricId, type Part } from '../dictionary.ts'
import { UNATTRIBUTED } from '../drill.ts'
import { sumQueryOf } from '../query.ts'
import { type Summed, type Sums, sumBy, total } from '../sums.ts'
import { costLines } from './costs.ts'
import { outcomeLines } from './credit-lines.ts'
import { type Figure, type Input, money, outcomes, type Situation } from './figure.ts'

/** A metric of the report, of a row of it or of its total. @throws RoiError `unknown_group` */
export async function reportFigure(situation: Situation): Promise<Figure> {
  const { reader, workspace, query, ledger } = situation
  const { settings } = workspace
  const metric = METRICS[situation.metric as MetricId]
  const summed = await sumBy(reader, workspace, sumQueryOf(query, settings), ledger)
  const sums = groupOf(summed, query)
  return {
    result: metric.value({ sums, summed, model: query.model, currency: settings.currency }),
    inputs: metric.parts.map((part) => inputOf(situation, part, sums, summed)),
  }
}

/** The sums of the row that is asked about; of all rows where none is. @throws RoiError `unknown_group` */
export function groupOf(summed: Summed, query: Situation['query']): Sums {
  if (query.key === null) return total(summed.groups)
  const found = summed.groups.find(
    ({ key, key2 }) => key === query.key && (query.key2 === undefined || key2 === query.key2),
  )
  if (found) return found
  throw unknownGroup(
    query,
    summed.groups.map(({ key }) => key),
  )
}

/** @param known keys of the rows there are */
export function unknownGroup({ by, key }: Situation['query'], known: readonly string[]): RoiError {
  const some = [...new Set(known)].slice(0, 20)
  const name = String(key).slice(0, 80)
  return new RoiError(
    'not_found',
    'unknown_group',
    {
      en: `There is no ${by} "${name}" in this period.`,
      'zh-CN': `该期间没有 ${by} 为“${name}”的数据。`,
    },
    some.length > 0
      ? { en: `Known: ${some.join(', ')}.`, 'zh-CN': `现有：${some.join('、')}。` }
      : { en: 'There is no data in this period.', 'zh-CN': '该期间没有数据。' },
  )
}

/** One input with the rows it sums. */
function inputOf(situation: Situation, { name, source }: Part, sums: Sums, summed: Summed): Input {
  const { workspace, query } = situation
  const { currency } = workspace.settings
  const credit = sums.credit[query.model]
  const amount = (minor: bigint, read: Input['read']): Input => ({
    name,
    total: money(minor, currency),
    unit: 'money',
    read,
  })
  switch (source.type) {
    case 'cost':
      return amount(source.media ? sums.media.minor : sums.cost.minor, costLines(situation, source.media))
    case 'revenue': {
      const minor = source.costed ? earned(sums, query.model) : credit.revenue
      return amount(minor, outcomeLines(situation, { kind: 'revenue', costed: source.costed }))
    }
    case 'layer':
      return amount(credit.layers[source.layer], outcomeLines(situation, { kind: 'revenue', layer: source.layer }))
    case 'unattributed': {
      const none = { ...situation, query: { ...query, key: UNATTRIBUTED } }
      return amount(summed.unattributed.credit[query.model].revenue, outcomeLines(none, { kind: 'revenue' }))
    }
    case 'attributed': {
      const { key2: _, ...rest } = query
      const all = { ...situation, query: { ...rest, key: null } }
      return amount(total(summed.groups).credit[query.model].revenue, outcomeLines(all, { kind: 'revenue' }))
    }
    case 'extreme': {
      // The ledger of a data-driven model knows that one only, so there is nothing to compare.
      const model = situation.ledger ? query.model : extremeModel(sums, source.which)
      const under = { ...situation, query: { ...query, model } }
      return amount(earned(sums, model), outcomeLines(under, { kind: 'revenue', costed: true }))
    }
    case 'count': {
      const weight = source.onlyNew ? credit.newCustomers : credit.counts[source.kind]
      const { onlyNew } = source
      const kind = source.kind === 'won' && !onlyNew ? 'sold' : source.kind
      return { name, total: outcomes(weight), unit: 'number', read: outcomeLines(situation, { kind, onlyNew }) }
    }
  }
}
