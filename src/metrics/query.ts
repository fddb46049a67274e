import type { DateBasis, Dimension, ReportQuery } from '../api.ts'
import type { Filter } from '../model/rules.ts'
import type { Settings } from '../model/settings.ts'
import type { SumQuery } from './sums.ts'

/** What a question about figures may leave out. */
export interface Question {
  readonly from: string | null
  readonly to: string | null
  readonly by?: Dimension
  readonly by2?: Dimension
  readonly date_basis?: DateBasis
  readonly revenue_basis?: Settings['revenue_basis']
  readonly where?: Filter
}

/** What is to be summed for a question, with what the workspace says where it is silent. */
export function sumQueryOf(question: Question, settings: Settings): SumQuery {
  const { from, to, by, by2, date_basis = 'close', revenue_basis = settings.revenue_basis, where = [] } = question
  return {
    from,
    to,
    by: [by, by2].filter((dimension) => dimension !== undefined),
    dateBasis: date_basis,
    revenueBasis: revenue_basis,
    filter: where,
  }
}

/** The question as an answer repeats it: everything it was computed with. */
export function repeated(
  question: Omit<ReportQuery, 'date_basis'> & Pick<Question, 'date_basis'>,
  settings: Settings,
): ReportQuery {
  const { date_basis = 'close', revenue_basis = settings.revenue_basis, where = [], ...rest } = question
  return { ...rest, date_basis, revenue_basis, ...(where.length > 0 && { where }) }
}
