import type { Database, Transaction } from '../db/database.ts'
import { sql } from '../db/sql.ts'
import { goesByDeals, isSourceRule, writeStages } from '../journey/lead-stages.ts'
import { stitch } from '../journey/stitch.ts'
import { placeTouches } from '../journey/touches.ts'
import { fixedOffset } from '../model/period.ts'
import type { Eligibility, LeadRule } from '../model/rules.ts'
import { type Changes, readChanges } from './changes.ts'
import { type SpendSettings, writeSpend } from './spend.ts'

/** What the ledger and spend depend on besides the data. */
export interface AttributionSettings extends SpendSettings {
  /** Workspace zone: which local day an outcome belongs to. */
  readonly zone: string
  readonly currency: string
  /** Days before the outcome in which touches count; null = no limit. */
  readonly lookbackDays: number | null
  readonly halfLifeDays: number
  /** Which later won deals of a customer have a path that begins after the deal before (product.md M20). */
  readonly repurchasePath: 'marked' | 'all' | 'none'
  /** Which touches count at all (F122). */
  readonly eligibility: Eligibility
  /** Direct touches: as any other, or only where a journey has nothing else (F132). */
  readonly directHandling: 'keep' | 'ignore'
  /** Touches of campaigns get all the credit of a journey that has any (F132). */
  readonly campaignsFirst: boolean
  /** What makes a person an MQL or SQL (F83). */
  readonly leadRule: LeadRule
  /** Weight of the first, each middle and the last position under `custom`. */
  readonly custom: { readonly first: number; readonly middle: number; readonly last: number }
}

/** How a recompute went. */
export interface Recomputed {
  readonly mode: 'none' | 'changed' | 'all'
  readonly outcomes: number
  readonly milliseconds: number
}

/** From this many changed records on, recomputing everything is faster. */
const FULL_FROM = 20_000
/** From this many changed records on, fresh statistics are worth their time. */
const MANY = 50
/**
 * Gathers statistics of tables that were just filled, on engines whose planner depends on them: without, it joins row
 * by row.
 */
type Settle = (...tables: readonly string[]) => Promise<void>
/** "No limit" for the look-back: longer than any journey, and short enough for the oldest date an engine knows. */
const NO_LIMIT_DAYS = 1_000_000

const text = (name: string) => sql(`attribution/sql/${name}.sql`)
const journey = (name: string) => sql(`journey/sql/${name}.sql`)
const OUTCOMES = text('outcomes')
const PASSED_OVER = text('passed-over')
const CREDIT = text('credit')
const UNATTRIBUTED = text('unattributed')
const ROLLUP_ADD = text('rollup-add')
const ROLLUP_TAKE = text('rollup-take')
const SCOPE_CONTACTS = journey('scope-contacts')
const SCOPE_CONTACTS_GROW = journey('scope-contacts-grow')
const SCOPE_REFS = journey('scope-refs')
const SCOPE_PERSONS = journey('scope-persons')
const SCOPE_DEALS = journey('scope-deals')
const SCOPE_DEAL_PERSONS = journey('scope-deal-persons')
const SCOPE_CUSTOMERS = journey('scope-customers')
const IDENTITY_FORGET = journey('identity-forget')
const TOUCH_PERSON = journey('touch-person')
const TOUCH_PERSON_ALL = journey('touch-person-all')
const DEAL_PERSON = journey('deal-person')

/**
 * Brings journeys, ledger and rollup up to date with what changed since the last time; both ways end in the same
 * ledger to the last unit. One transaction: readers see the state before or after.
 * @param all recompute everything, whatever changed (after a change of settings, or to make sure)
 */
export async function recompute(
  database: Database,
  tenant: number,
  settings: AttributionSettings,
  all = false,
): Promise<Recomputed> {
  const started = performance.now()
  const done = await database.write(async (tx) => {
    const changed = await readChanges(tx, tenant, settings.currency, all)
    const total = changed.records + changed.costs
    const some = total > 0 || changed.rates
    const mode = all || changed.all > 0 || changed.records >= FULL_FROM ? 'all' : some ? 'changed' : 'none'
    if (mode === 'none') return { mode, outcomes: 0 } as const
    // Costs have no journeys: where only they changed, the ledger stays as it is.
    const ledger = mode === 'all' || changed.records > 0
    await tx.run('DELETE FROM scope WHERE tenant_id = $1', [tenant])
    const many = mode === 'all' || total >= MANY
    const settle: Settle = async (...tables) => {
      if (many && database.profile.indexes) for (const table of tables) await tx.run(`ANALYZE ${table}`)
    }
    let outcomes = 0
    if (ledger) {
      await settle('dirty', 'touch', 'contact', 'deal', 'deal_contact', 'deal_person', 'payment', 'invoice', 'fx')
      if (mode === 'all') await scopeAll(tx, tenant, settings, settle)
      else await scopeChanged(tx, tenant, settings, changed, settle)
      outcomes = await writeLedger(tx, tenant, settings, settle)
    }
    const spend = mode === 'all' || changed.spend || changed.costs >= FULL_FROM
    await writeSpend(tx, tenant, settings, { all: spend, costs: changed.costs + changed.campaigns > 0, ledger })
    await tx.run('DELETE FROM scope WHERE tenant_id = $1', [tenant])
    await tx.run('DELETE FROM dirty WHERE tenant_id = $1', [tenant])
    return { mode, outcomes } as const
  })
  return { ...done, milliseconds: performance.now() - started }
}

/** Everything in scope, everything derived forgotten. */
async function scopeAll(
  tx: Transaction,
  tenant: number,
  { eligibility }: AttributionSettings,
  settle: Settle,
): Promise<void> {
  for (const table of ['identity', 'deal_person', 'outcome', 'credit', 'rollup']) {
    await tx.run(`DELETE FROM ${table} WHERE tenant_id = $1`, [tenant])
  }
  await tx.run("INSERT INTO scope SELECT tenant_id, 'contact', id FROM contact WHERE tenant_id = $1", [tenant])
  await settle('scope')
  await stitch(tx, tenant)
  await settle('identity')
  await tx.run(TOUCH_PERSON_ALL, [tenant])
  await placeTouches(tx, tenant, eligibility)
  await tx.run("INSERT INTO scope SELECT DISTINCT tenant_id, 'person', person_id FROM contact WHERE tenant_id = $1", [
    tenant,
  ])
  await tx.run("INSERT INTO scope SELECT tenant_id, 'deal', id FROM deal WHERE tenant_id = $1", [tenant])
  await settle('scope')
  await tx.run(DEAL_PERSON, [tenant])
  await settle('deal_person')
}

/** What the changed records reach in scope, and what was derived for it forgotten. */
async function scopeChanged(
  tx: Transaction,
  tenant: number,
  { eligibility, leadRule }: AttributionSettings,
  changed: Changes,
  settle: Settle,
): Promise<void> {
  if (changed.persons) {
    await tx.run(SCOPE_CONTACTS, [tenant])
    for (let size = -1, next = 0; size !== next; ) {
      size = next
      await settle('scope')
      await tx.run(SCOPE_CONTACTS_GROW, [tenant])
      const [row] = await tx.query<{ n: bigint }>(
        "SELECT count(*) AS n FROM scope WHERE tenant_id = $1 AND kind = 'contact'",
        [tenant],
      )
      next = Number(row?.n ?? 0)
    }
    await tx.run(SCOPE_REFS, [tenant])
    await settle('scope')
  }
  if (changed.channels) {
    await tx.run(SCOPE_PERSONS, [tenant])
    if (changed.persons) {
      await tx.run(IDENTITY_FORGET, [tenant])
      await stitch(tx, tenant)
      await tx.run(TOUCH_PERSON, [tenant])
    }
    await placeTouches(tx, tenant, eligibility)
    await tx.run(SCOPE_PERSONS, [tenant])
  }
  await settle('scope', 'identity')
  await tx.run(SCOPE_DEALS, [tenant])
  await settle('scope')
  if (goesByDeals(leadRule)) await tx.run(SCOPE_DEAL_PERSONS, [tenant])
  await tx.run(
    `DELETE FROM deal_person WHERE tenant_id = $1
     AND deal_id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind = 'deal')`,
    [tenant],
  )
  await tx.run(DEAL_PERSON, [tenant])
  await settle('deal_person')
  if (goesByDeals(leadRule)) await tx.run(SCOPE_DEAL_PERSONS, [tenant])
  await tx.run(SCOPE_CUSTOMERS, [tenant])
  await settle('scope')
  await tx.run(ROLLUP_TAKE, [tenant])
  for (const table of ['credit', 'outcome']) {
    await tx.run(
      `DELETE FROM ${table} WHERE tenant_id = $1
       AND owner_id IN (SELECT id FROM scope WHERE tenant_id = $1 AND kind IN ('person', 'deal'))`,
      [tenant],
    )
  }
}

/** Writes outcomes, credit and rollup of what is in scope. */
async function writeLedger(
  tx: Transaction,
  tenant: number,
  settings: AttributionSettings,
  settle: Settle,
): Promise<number> {
  const [last] = await tx.query<{ run: bigint | null }>('SELECT max(run) AS run FROM outcome')
  const run = (last?.run ?? 0n) + 1n
  const { first, middle, last: final } = settings.custom
  const staged = !isSourceRule(settings.leadRule)
  if (staged) {
    await writeStages(tx, tenant, settings.leadRule)
    await settle('person_stage')
  }
  await tx.run(OUTCOMES, [tenant, run, settings.zone, settings.repurchasePath, fixedOffset(settings.zone)])
  if (staged) await tx.run('DELETE FROM person_stage WHERE tenant_id = $1', [tenant])
  await settle('outcome')
  const lookback = settings.lookbackDays ?? NO_LIMIT_DAYS
  const choosy = settings.campaignsFirst || settings.directHandling === 'ignore'
  if (choosy) {
    await tx.run(PASSED_OVER, [tenant, run, lookback, settings.campaignsFirst, settings.directHandling === 'ignore'])
    await settle('passed_over')
  }
  await tx.run(CREDIT, [
    tenant,
    run,
    lookback,
    settings.halfLifeDays * 86_400,
    thousandths(first),
    thousandths(middle),
    thousandths(final),
    settings.zone,
    fixedOffset(settings.zone),
  ])
  await settle('credit')
  if (choosy) await tx.run('DELETE FROM passed_over WHERE tenant_id = $1', [tenant])
  await tx.run(UNATTRIBUTED, [tenant, run])
  await tx.run(ROLLUP_ADD, [tenant, run])
  const [written] = await tx.query<{ n: bigint }>(
    'SELECT count(*) AS n FROM outcome WHERE tenant_id = $1 AND run = $2',
    [tenant, run],
  )
  return Number(written?.n ?? 0)
}

/** Weights reach SQL as whole thousandths, so that sums stay exact. */
function thousandths(weight: number): number {
  return Math.round(weight * 1000)
}
