import type { Reader } from '../../db/database.ts'
import { sql } from '../../db/sql.ts'
import type { Workspace } from '../../model/settings.ts'

const FX = sql('metrics/budget/sql/fx.sql')

interface FxRow {
  readonly currency: string
  readonly day_from: string
  readonly day_to: string
  readonly factor: number
}

/** Converts into the workspace's currency, as spend is converted (src/attribution/sql/spend.sql). */
export interface Converter {
  /** Minor units of the workspace's currency at a day; null where no rate is known, never taken as 1. */
  convert(minor: bigint, currency: string, day: string): bigint | null
}

/** A converter from some currencies. */
export async function readConverter(
  reader: Reader,
  { tenant, settings }: Workspace,
  currencies: Iterable<string>,
): Promise<Converter> {
  const rows = await reader.query<FxRow>(FX, [tenant, [...new Set(currencies)].join(',')])
  return {
    convert(minor, currency, day) {
      if (currency === settings.currency) return minor
      const row = rows.find((one) => one.currency === currency && day >= one.day_from && day < one.day_to)
      if (!row) return null
      if (row.factor === 1) return minor
      const size = BigInt(Math.floor(Math.abs(Number(minor)) * row.factor + 0.5))
      return minor < 0n ? -size : size
    },
  }
}
