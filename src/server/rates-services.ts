import type { ExchangeRate } from '../api/costs.ts'
import { sql } from '../db/sql.ts'
import { RoiError } from '../errors.ts'
import { rateEntry } from '../sync/manual-records.ts'
import { MANUAL } from '../sync/manual-source.ts'
import { apply, type ManualServicesEnv, nothingChanged, reasonNeeded } from './manual-entries.ts'
import type { Services } from './services.ts'
import { findWorkspace } from './workspaces.ts'

const RATES = sql('metrics/budget/sql/rates.sql')

interface RateRow {
  readonly source: string
  readonly date: string
  readonly currency_from: string
  readonly currency_to: string
  readonly factor: string
  readonly n: bigint
}

/** Exchange rates: those of all sources, and those people enter. */
export function rateServices(env: ManualServicesEnv): Pick<Services, 'rates' | 'set_rate' | 'remove_rate'> {
  const { database, state } = env
  const find = (request: { workspace?: string }) => findWorkspace(state, request.workspace)
  const named = ({ from, to, date }: { readonly from: string; readonly to: string; readonly date: string }) => ({
    from: from.toUpperCase(),
    to: to.toUpperCase(),
    date,
  })
  return {
    async rates(request) {
      const { tenant } = await find(request)
      const { currency, offset, limit } = request
      const rows = await database.query<RateRow>(RATES, [tenant, currency?.toUpperCase() ?? null, limit, offset])
      const count = Number(rows[0]?.n ?? 0n)
      const next = offset + rows.length < count ? offset + rows.length : null
      return { rows: rows.map(toRate), count, next }
    },

    async set_rate(request) {
      const workspace = await find(request)
      const name = named(request)
      const { rate, reason } = request
      const edited = await state.editManual(
        workspace.tenant,
        'rate',
        rateEntry(name),
        () => ({ ...name, rate }),
        reason,
      )
      if (!edited) throw nothingChanged()
      await apply(env, workspace)
      return { source: MANUAL, editable: true, ...name, rate }
    },

    async remove_rate(request) {
      const workspace = await find(request)
      const name = named(request)
      const id = rateEntry(name)
      const known = (await state.findManual(workspace.tenant, 'rate', id))?.value
      if (!known) throw unknownRate(name)
      if (request.reason === undefined) throw reasonNeeded()
      await state.editManual(workspace.tenant, 'rate', id, () => null, request.reason)
      await apply(env, workspace)
      return { source: MANUAL, editable: true, ...known }
    },
  }
}

function toRate({ source, date, currency_from: from, currency_to: to, factor: rate }: RateRow): ExchangeRate {
  return { source, editable: source === MANUAL, date, from, to, rate }
}

function unknownRate({
  from,
  to,
  date,
}: {
  readonly from: string
  readonly to: string
  readonly date: string
}): RoiError {
  const shown = `${from.slice(0, 10)} → ${to.slice(0, 10)}, ${date}`
  return new RoiError(
    'not_found',
    'unknown_rate',
    { en: `Nobody entered a rate ${shown}.`, 'zh-CN': `没有手工录入的汇率 ${shown}。` },
    {
      en: 'Rates of files and sources are corrected there; "roi-panel rates" shows where each is from.',
      'zh-CN': '文件和数据源带来的汇率请在其来源更正；用 “roi-panel rates” 查看来源。',
    },
  )
}
