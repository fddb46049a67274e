import type { Transaction } from '../db/database.ts'
import type { RowIn } from '../db/schema.ts'
import { sql } from '../db/sql.ts'
import { FILES, MANUAL } from './manual-source.ts'

const KEEP = sql('sync/sql/campaign-fix-keep.sql')
const APPLY = sql('sync/sql/campaign-fix-apply.sql')
const UNDO = sql('sync/sql/campaign-fix-undo.sql')

/**
 * What people say of a campaign, in columns of `campaign_fix`. Where it is not null it stands in place of what the
 * campaign's source says, for all readers alike; what the source says is kept beside it and comes back when a person
 * takes his own away.
 */
export type CampaignFix = RowIn & { readonly campaign_id: bigint }

/** Takes away what people said of campaigns, before something else is said. */
export async function takeFixes(tx: Transaction, tenant: number, campaigns: Iterable<bigint>): Promise<void> {
  await choose(tx, tenant, campaigns)
  await tx.run(UNDO, [tenant])
  await tx.run(
    `DELETE FROM campaign_fix WHERE tenant_id = $1
     AND campaign_id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'fixed')`,
    [tenant],
  )
  await forget(tx, tenant)
}

/** Takes away everything people said of campaigns. */
export async function takeAllFixes(tx: Transaction, tenant: number): Promise<void> {
  const fixes = await tx.query<{ campaign_id: bigint }>('SELECT campaign_id FROM campaign_fix WHERE tenant_id = $1', [
    tenant,
  ])
  await takeFixes(
    tx,
    tenant,
    fixes.map(({ campaign_id }) => campaign_id),
  )
}

/** Puts what people say of campaigns in place; those campaigns have no fix yet. */
export async function putFixes(tx: Transaction, tenant: number, fixes: readonly CampaignFix[]): Promise<void> {
  if (fixes.length === 0) return
  await tx.insert('campaign_fix', fixes)
  await apply(
    tx,
    tenant,
    fixes.map(({ campaign_id }) => campaign_id),
  )
}

/** Takes the rows of campaigns that people made out of the way of a file's; what people said of them stays and wins. */
export async function makeWay(
  tx: Transaction,
  { tenant, source }: { readonly tenant: number; readonly source: string },
  campaigns: Iterable<bigint>,
): Promise<void> {
  if (source !== FILES) return
  await tx.run(
    `DELETE FROM campaign WHERE tenant_id = $1 AND source = $2
     AND id IN (SELECT CAST(unnest(string_to_array(CAST($3 AS TEXT), ',')) AS BIGINT))`,
    [tenant, MANUAL, [...campaigns].join(',')],
  )
}

/** Puts it in place once more in campaigns that a source has just written anew. */
export async function fixAgain(tx: Transaction, tenant: number, campaigns: ReadonlySet<bigint>): Promise<void> {
  if (campaigns.size === 0) return
  const fixes = await tx.query('SELECT campaign_id FROM campaign_fix WHERE tenant_id = $1 LIMIT 1', [tenant])
  if (fixes.length > 0) await apply(tx, tenant, campaigns)
}

async function apply(tx: Transaction, tenant: number, campaigns: Iterable<bigint>): Promise<void> {
  await choose(tx, tenant, campaigns)
  await tx.run(KEEP, [tenant])
  await tx.run(APPLY, [tenant])
  await forget(tx, tenant)
}

/** Names campaigns in the work table. */
async function choose(tx: Transaction, tenant: number, campaigns: Iterable<bigint>): Promise<void> {
  await forget(tx, tenant)
  await tx.insert(
    'scope',
    [...campaigns].map((id) => ({ tenant_id: tenant, kind: 'fixed', id })),
  )
}

function forget(tx: Transaction, tenant: number): Promise<void> {
  return tx.run("DELETE FROM scope WHERE tenant_id = $1 AND kind = 'fixed'", [tenant])
}
