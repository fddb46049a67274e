import type { Transaction } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import type { RuleModel } from '../model/rule-models.ts'
import type { RevenueBasis, SharedCostRule } from '../model/rules.ts'
import { shareCosts } from './shared-costs.ts'

const SCOPE = sql('attribution/sql/spend-scope.sql')
const SPEND = sql('attribution/sql/spend.sql')

/** What spend depends on besides the costs and the ledger. */
export interface SpendSettings {
  /** Ordered; the first that matches a shared cost decides. */
  readonly sharedCostRules: readonly SharedCostRule[]
  /** Model and revenue basis that rules by leads or revenue go by. */
  readonly model: RuleModel
  readonly revenueBasis: RevenueBasis
}

/** What changed since spend was last written. */
export interface SpendChanges {
  /** Everything it may depend on. */
  readonly all: boolean
  /** Marked costs and campaigns. */
  readonly costs: boolean
  /** Credit that rules by leads or revenue go by. */
  readonly ledger: boolean
}

/**
 * Brings `spend` up to date: cost in the workspace's currency at the place it counts at, shared costs in parts. Run after
 * the ledger, inside its transaction, while `dirty` still says what changed. Both ways end in the same rows.
 */
export async function writeSpend(
  tx: Transaction,
  tenant: number,
  settings: SpendSettings,
  { all, costs, ledger }: SpendChanges,
): Promise<void> {
  const rules = settings.sharedCostRules
  const shared = rules.length > 0 && (costs || (ledger && goesByLedger(rules)))
  if (!all && !costs && !shared) return
  await tx.run("DELETE FROM scope WHERE tenant_id = $1 AND kind = 'cost'", [tenant])
  if (all) {
    await tx.run('DELETE FROM spend WHERE tenant_id = $1', [tenant])
    await tx.run("INSERT INTO scope SELECT tenant_id, 'cost', id FROM cost WHERE tenant_id = $1", [tenant])
  } else {
    await tx.run(SCOPE, [tenant, shared])
    await tx.run(
      `DELETE FROM spend WHERE tenant_id = $1
       AND cost_id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'cost')`,
      [tenant],
    )
  }
  await tx.run(SPEND, [tenant])
  if (rules.length > 0) await shareCosts(tx, tenant, settings)
}

/** True when a rule's parts follow the ledger. */
export function goesByLedger(rules: readonly SharedCostRule[]): boolean {
  return rules.some(({ by }) => by === 'leads' || by === 'revenue')
}
