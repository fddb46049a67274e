import type { Transaction } from '../db/database.ts'

/** Between kinds in a parameter: no source writes it. */
export const BETWEEN = '\u001f'

/**
 * The kinds of touches there are. Rules name kinds whatever their case, and engines fold case differently, so that names
 * are compared here.
 * @param needed false = nobody asks
 */
export async function kindsOf(tx: Transaction, tenant: number, needed: boolean): Promise<string[]> {
  if (!needed) return []
  const rows = await tx.query<{ kind: string }>(
    'SELECT DISTINCT kind FROM touch WHERE tenant_id = $1 AND kind IS NOT NULL ORDER BY kind',
    [tenant],
  )
  return rows.map(({ kind }) => kind)
}
