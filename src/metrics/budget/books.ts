import type { Reader } from '../../db/database.ts'
import { sql } from '../../db/sql.ts'
import { addDays, localDay } from '../../model/period.ts'
import type { Workspace } from '../../model/settings.ts'
import type { Budget } from '../../state/manual-values.ts'
import { type Campaign, FacetBook, readCampaigns } from './campaigns.ts'
import { budgetLines, Coverage, type Line } from './lines.ts'
import { type Converter, readConverter } from './money.ts'
import type { BudgetDays } from './period.ts'
import type { CampaignTree } from './tree.ts'

const SPEND = sql('metrics/budget/sql/spend.sql')

/** Budgets that people entered, by id. */
export type Entries = readonly { readonly id: string; readonly value: Budget }[]

/** Spend of a day, campaign, channel and state, in minor units of the workspace's currency. */
export interface Cell {
  readonly day: string
  readonly campaign: Campaign | null
  readonly channel: string | null
  readonly state: string
  readonly minor: bigint
  /** Rows left out because no rate is known. */
  readonly missing: number
}

/** Everything that budgets are worked out from, at one moment. */
export interface Books {
  readonly today: string
  readonly currency: string
  readonly fiscalStart: number
  readonly tree: CampaignTree<Campaign>
  readonly facets: FacetBook
  readonly converter: Converter
  readonly lines: readonly Line[]
  readonly coverage: Coverage
}

/** Reads campaigns and budgets. @param now epoch milliseconds */
export async function readBooks(reader: Reader, workspace: Workspace, entries: Entries, now: number): Promise<Books> {
  const { tenant, settings } = workspace
  const today = localDay(settings.zone, now)
  const tree = await readCampaigns(reader, tenant)
  const facets = new FacetBook(tree)
  const currencies = [
    ...entries.map(({ value }) => value.currency),
    ...[...tree.items].flatMap(({ currency }) => currency ?? []),
  ]
  const converter = await readConverter(reader, workspace, currencies)
  const lines = budgetLines({ entries, tree, facets, converter, today })
  const coverage = new Coverage(lines, tree, facets)
  const { currency, fiscal_start: fiscalStart } = settings
  return { today, currency, fiscalStart, tree, facets, converter, lines, coverage }
}

interface CellRow {
  readonly day: string
  readonly campaign_id: bigint | null
  readonly channel: string | null
  readonly state: string
  readonly minor: bigint
  readonly fx_missing: bigint
}

/** Spend of some days. */
export async function readSpend(reader: Reader, tenant: number, books: Books, days: BudgetDays): Promise<Cell[]> {
  const rows = await reader.query<CellRow>(SPEND, [tenant, days.from ?? BEGINNING, days.to ?? END])
  return rows.map(({ day, campaign_id, channel, state, minor, fx_missing }) => ({
    day,
    campaign: books.tree.find(campaign_id) ?? null,
    channel,
    state,
    minor,
    missing: Number(fx_missing),
  }))
}

const BEGINNING = '0001-01-01'
const END = '9999-12-31'

/** The days that some lines need spend of; all of them where one is of a campaign, whose spend of every day counts. */
export function daysOfLines(lines: readonly Line[]): BudgetDays {
  if (lines.some(({ kind }) => kind === 'campaign')) return { from: null, to: null }
  const from = lines.map(({ days }) => days.from ?? BEGINNING).sort()[0] ?? BEGINNING
  const to =
    lines
      .map(({ days }) => days.to ?? END)
      .sort()
      .at(-1) ?? addDays(BEGINNING, 1)
  return { from, to }
}
