import type { SharedCosts } from '../../api/costs.ts'
import { writeSpend } from '../../attribution/spend.ts'
import type { Database, Reader } from '../../db/database.ts'
import { sql } from '../../db/sql.ts'
import { formatMinor } from '../../model/money.ts'
import type { SharedCostRule } from '../../model/rules.ts'
import type { Workspace } from '../../model/settings.ts'
import { attributionSettings } from '../../sync/workspace.ts'
import { share } from '../formulas.ts'
import { readFigures } from '../snapshot.ts'
import { dayRange } from '../sums.ts'
import { campaignName, type Page } from './ledger.ts'

const COSTS = sql('metrics/budget/sql/shared-costs.sql')
const PARTS = sql('metrics/budget/sql/shared-parts.sql')
const SUMS = sql('metrics/budget/sql/shared-sums.sql')

interface Days {
  readonly from: string | null
  readonly to: string | null
}

interface CostRow {
  readonly id: bigint
  readonly source: string
  readonly source_id: string
  readonly date: string
  readonly category: string
  readonly state: string
  readonly minor: bigint
  readonly rule: string | null
}

interface PartRow {
  readonly cost_id: bigint
  readonly channel: string | null
  readonly campaign_id: bigint | null
  readonly campaign_source: string | null
  readonly campaign_source_id: string | null
  readonly campaign_name: string | null
  readonly minor: bigint
}

/** Which rule shared which cost into which parts on which date (F25). */
export function sharedCosts(reader: Reader, workspace: Workspace, days: Days, page: Page): Promise<SharedCosts> {
  return view(reader, workspace, workspace.settings.shared_cost_rules, days, page)
}

/**
 * The same as it would be under other rules: they are applied by what applies them, in a transaction that is then given up.
 */
export async function previewSharedCosts(
  database: Database,
  workspace: Workspace,
  rules: readonly SharedCostRule[],
  days: Days,
  page: Page,
): Promise<SharedCosts> {
  // What rules go by is the ledger as it is now.
  await readFigures(database, workspace, async () => undefined)
  const settings = { ...attributionSettings(workspace.settings), sharedCostRules: rules }
  try {
    return await database.write(async (tx): Promise<never> => {
      await writeSpend(tx, workspace.tenant, settings, { all: true, costs: true, ledger: false })
      throw new Rehearsed(await view(tx, workspace, rules, days, page))
    })
  } catch (error) {
    if (error instanceof Rehearsed) return error.answer
    throw error
  }
}

/** Takes an answer out of a transaction that must leave nothing. */
class Rehearsed extends Error {
  readonly answer: SharedCosts

  constructor(answer: SharedCosts) {
    super('rehearsed')
    this.answer = answer
  }
}

async function view(
  reader: Reader,
  { tenant, settings }: Workspace,
  rules: readonly SharedCostRule[],
  days: Days,
  page: Page,
): Promise<SharedCosts> {
  const { currency } = settings
  const range = dayRange(days)
  const rows = await reader.query<CostRow>(COSTS, [tenant, ...range, page.limit, page.offset])
  const ids = rows.map(({ id }) => id).join(',')
  const parts = rows.length > 0 ? await reader.query<PartRow>(PARTS, [tenant, ids]) : []
  const sums = await reader.query<{ rule: string | null; n: bigint; minor: bigint }>(SUMS, [tenant, ...range])
  const money = (minor: bigint) => formatMinor(minor, currency)
  const count = Number(sums.reduce((sum, { n }) => sum + n, 0n))
  return {
    currency,
    rows: rows.map(({ id, source, source_id, date, category, state, minor, rule }) => ({
      id: source_id,
      source,
      date,
      category,
      state,
      amount: money(minor),
      rule,
      parts: parts
        .filter(({ cost_id }) => cost_id === id)
        .map((part) => ({
          channel: part.channel,
          campaign: campaignName(part),
          amount: money(part.minor),
          share: share(part.minor, minor, 'zero_cost').value,
        })),
    })),
    count,
    sums: {
      shared_out: money(sums.reduce((sum, { rule, minor }) => (rule === null ? sum : sum + minor), 0n)),
      left: money(sums.find(({ rule }) => rule === null)?.minor ?? 0n),
    },
    rules: rules.map(({ id, by, over }) => {
      const sum = sums.find(({ rule }) => rule === id)
      return { id, by, over, costs: Number(sum?.n ?? 0n), amount: money(sum?.minor ?? 0n) }
    }),
    next: page.offset + rows.length < count ? page.offset + rows.length : null,
  }
}
