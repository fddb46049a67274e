import { creditLines, type LineKind } from '../drill.ts'
import { type Input, type Line, money, outcomes, type Situation } from './figure.ts'

/** Which outcomes, and whether it is their money or their weight that is summed. */
export interface OutcomeLines extends LineKind {
  readonly money?: boolean
}

/** The outcomes of a group with their credit. A deal that was lost again takes its weight off. */
export function outcomeLines(situation: Situation, kind: OutcomeLines): Input['read'] {
  const { reader, workspace, query, ledger } = situation
  const { currency } = workspace.settings
  const { model } = query
  const earns = kind.kind === 'revenue' || kind.money === true
  return async (page) => {
    const lines = await creditLines(reader, workspace, { ...query, ...page }, kind, ledger)
    return {
      count: lines.count,
      rows: lines.rows.map((row): Line => {
        const off = !earns && row.outcome === 'loss'
        const weight = off ? -row.exact.weight : row.exact.weight
        return {
          part: earns ? money(row.exact.credited, currency) : outcomes(weight),
          cells: {
            id: row.deal_id,
            name: row.name,
            account: row.account,
            outcome: row.outcome,
            // The local day: what decides which period the outcome counts in.
            date: row.day,
            amount: row.amount,
            weight: off ? -row.weight : row.weight,
            credited: row.credited,
            touches: row.touches,
            touches_total: row.touches_total,
            rule: model,
          },
          exact: {
            amount_minor: row.exact.amount,
            credited_minor: row.exact.credited,
            weight_units: weight,
          },
        }
      }),
    }
  }
}
