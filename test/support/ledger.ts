import type { Database } from '../../src/db/database.ts'
import { RULE_MODELS } from '../../src/model/rule-models.ts'
import type { RandomWorkspace } from './random-workspace.ts'
import { creditOf, type RefSettings } from './reference.ts'
import { type RefRules, toReference } from './reference-workspace.ts'
import { SETTINGS } from './store.ts'

/** The ledger as text, one line per row, in an order of its own: comparable between engines and with the reference. */
export async function ledgerOf(database: Database, tenant: number): Promise<string[]> {
  const rows = await database.query(
    `SELECT c.*, coalesce(d.source_id, p.source_id, i.source_id, n.source_id) AS outcome, t.source_id AS touch,
            h.key AS channel, k.source_id AS campaign
     FROM credit AS c
     LEFT JOIN deal AS d ON d.tenant_id = c.tenant_id AND d.id = c.outcome_id AND c.kind IN (4, 5, 9)
     LEFT JOIN payment AS p ON p.tenant_id = c.tenant_id AND p.id = c.outcome_id AND c.kind IN (6, 8)
     LEFT JOIN invoice AS i ON i.tenant_id = c.tenant_id AND i.id = c.outcome_id AND c.kind = 7
     LEFT JOIN contact AS n ON n.tenant_id = c.tenant_id AND n.id = c.outcome_id AND c.kind <= 3
     LEFT JOIN touch AS t ON t.tenant_id = c.tenant_id AND t.id = c.touch_id
     LEFT JOIN channel AS h ON h.tenant_id = c.tenant_id AND h.id = c.channel_id
     LEFT JOIN source_key AS k ON k.tenant_id = c.tenant_id AND k.id = c.campaign_id
     WHERE c.tenant_id = $1`,
    [tenant],
  )
  return rows
    .map((row) =>
      line([row.kind, row.outcome, row.is_new, row.layer, row.touch, row.channel, row.campaign], (model) => [
        row[`w_${model}`],
        row[`m_${model}`],
      ]),
    )
    .sort()
}

function line(what: readonly unknown[], credit: (model: string) => unknown[]): string {
  return `${what.map((part) => part ?? '-').join(' ')} ${RULE_MODELS.map((model) => `${model}=${credit(model).join('/')}`).join(' ')}`
}

/** What {@link SETTINGS} and the tables of channels mean to the reference. */
export const REFERENCE: RefSettings & RefRules = {
  ...SETTINGS,
  factor: (channel) => (channel === 'boosted' ? 2.5 : 1),
  direct: (channel) => ['direct', '(direct)'].includes(channel.toLowerCase()),
}

/** The same lines from the reference. */
export function referenceLedger(workspace: RandomWorkspace, settings: RefSettings & RefRules = REFERENCE): string[] {
  const { outcomes, touches } = toReference(workspace, settings)
  const byId = new Map(touches.map((touch) => [touch.id, touch]))
  return outcomes
    .flatMap((outcome) => {
      const credit = creditOf(outcome, touches, settings)
      return credit.linear.map(({ touch: id }, i) => {
        const touch = id === null ? undefined : byId.get(id)
        const { kind, isNew, layer } = outcome
        return line([kind, outcome.id, isNew, layer, id, touch?.channel, touch?.campaign], (model) => {
          const { weight, minor } = credit[model as keyof typeof credit][i]!
          return [weight, minor]
        })
      })
    })
    .sort()
}

/** Sums of the rollup and of the ledger must be the same for every cell. */
export async function rollupDifference(database: Database, tenant: number): Promise<unknown[]> {
  const cell = 'is_new, layer, campaign_id, channel_id'
  const sums = (source: string, month: string) =>
    `SELECT kind, ${month} AS month, ${cell},
     ${RULE_MODELS.map((m) => `CAST(sum(w_${m}) AS BIGINT) AS w_${m}, CAST(sum(m_${m}) AS BIGINT) AS m_${m}`).join(', ')}
     FROM ${source} WHERE tenant_id = $1 GROUP BY kind, ${month}, ${cell}
     HAVING ${RULE_MODELS.map((m) => `sum(w_${m}) <> 0 OR sum(m_${m}) <> 0`).join(' OR ')}`
  const fromLedger = sums('credit', "CAST(date_trunc('month', CAST(day AS TIMESTAMP)) AS DATE)")
  return database.query(
    `(${fromLedger} EXCEPT ${sums('rollup', 'month')}) UNION ALL (${sums('rollup', 'month')} EXCEPT ${fromLedger})`,
    [tenant],
  )
}
