import type { ReportQuery } from '../../api.ts'
import { sql } from '../../db/sql.ts'
import { isDataModel } from '../../model/data-models.ts'
import type { Workspace } from '../../model/settings.ts'
import { dayRange, type Ledger, type LedgerRow } from '../sums.ts'
import type { JourneyQuery } from './journeys.ts'
import { type ModelResult, modelResult, type Source } from './model.ts'

const LEDGER_SUMS = sql('metrics/data-driven/sql/ledger-sums.sql')

/** Seed of everything drawn where none is given. */
export const SEED = 1

type SumsRow = Omit<LedgerRow, `${'w' | 'm'}_${string}`> & { readonly w: bigint; readonly m: bigint }

/** A ledger whose outcomes are split by a data-driven model. */
export interface DataLedger extends Ledger {
  readonly result: ModelResult
}

/** A question under any model. */
export interface ModelQuestion extends JourneyQuery {
  readonly model: ReportQuery['model']
  readonly seed?: number | undefined
}

/**
 * The credit ledger under a data-driven model: every outcome is split over its touches by the weights of their channels, so
 * that it adds up like that of any other model (attribution.md §2).
 */
export function dataLedger(result: ModelResult): DataLedger {
  const { model, weights } = result
  return {
    result,
    models: [model],
    async read(reader, tenant, places, query) {
      const { text, shared } = weights
      const monthly = query.by.includes('month')
      const parameters = [tenant, places, monthly, ...dayRange(query), query.dateBasis, text, shared]
      const rows = await reader.query<SumsRow>(LEDGER_SUMS, parameters)
      return rows.map(({ w, m, ...row }) => ({ ...row, [`w_${model}`]: w, [`m_${model}`]: m }))
    },
  }
}

/**
 * Where the credit of a question is summed from; undefined = from the ledger as it is written.
 * @throws RoiError `not_enough_data` for a data-driven model below the floor
 */
export async function ledgerOf(
  source: Source,
  workspace: Workspace,
  { model, seed = SEED, from, to, dateBasis }: ModelQuestion,
): Promise<DataLedger | undefined> {
  if (!isDataModel(model)) return undefined
  return dataLedger(await modelResult(source, workspace, { from, to, dateBasis }, model, seed))
}
