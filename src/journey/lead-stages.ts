import type { Transaction } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import type { LeadRule } from '../model/rules.ts'
import { BETWEEN, kindsOf } from './kinds.ts'

const PERSON_STAGE = sql('journey/sql/person-stage.sql')

/** True for a rule that goes by the dates of the source and nothing else: outcomes take those without its help. */
export function isSourceRule({ mql, sql: sales }: LeadRule): boolean {
  return [mql, sales].every(
    (way) => way.source && way.touch_kinds.length === 0 && way.touches === null && !way.deal_created,
  )
}

/** True where a person's stage depends on his deals. */
export function goesByDeals({ mql, sql: sales }: LeadRule): boolean {
  return mql.deal_created || sales.deal_created
}

/** Writes when the persons in scope became MQL and SQL (F83); emptying it again is the caller's part. */
export async function writeStages(tx: Transaction, tenant: number, rule: LeadRule): Promise<void> {
  const known = await kindsOf(tx, tenant, rule.mql.touch_kinds.length + rule.sql.touch_kinds.length > 0)
  const ways = [rule.mql, rule.sql].flatMap(({ source, touch_kinds, touches, deal_created }) => {
    const kinds = new Set(touch_kinds.map((name) => name.toLowerCase()))
    const counting = known.filter((kind) => kinds.has(kind.toLowerCase()))
    return [source, counting.join(BETWEEN), touches ?? 0, deal_created]
  })
  await tx.run(PERSON_STAGE, [tenant, ...ways])
}
