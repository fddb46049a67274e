import type { CampaignRecord, CampaignRow, Campaigns } from '../../api/campaigns.ts'
import type { Reader } from '../../db/database.ts'
import { formatMinor } from '../../model/money.ts'
import type { Workspace } from '../../model/settings.ts'
import { type Entries, readBooks, readSpend } from './books.ts'
import { type CampaignBooks, figuresOfCampaigns, readEarned, spentByCampaign } from './campaign-figures.ts'
import type { Campaign } from './campaigns.ts'
import type { Page } from './ledger.ts'

export interface CampaignQuery {
  readonly from: string | null
  readonly to: string | null
  readonly entries: Entries
  /** Fields that people filled, by campaign. */
  readonly filled: ReadonlyMap<bigint, readonly string[]>
  readonly now: number
}

/** Which campaigns; null = any. */
export interface CampaignFilter {
  /** Words that are in the name or are the id. */
  readonly search: string | null
  readonly source: string | null
  /** Surrogate of a campaign: those below it, at any depth. */
  readonly under: bigint | null
  /** Only those at the top. */
  readonly top: boolean
}

/** What campaigns are worked out from at one moment. */
export async function readCampaignBooks(
  reader: Reader,
  workspace: Workspace,
  query: CampaignQuery,
): Promise<CampaignBooks> {
  const books = await readBooks(reader, workspace, query.entries, query.now)
  const cells = await readSpend(reader, workspace.tenant, books, query)
  return { books, spent: spentByCampaign(cells), earned: await readEarned(reader, workspace, query) }
}

/** Campaigns with cost, budget use and targets, by name (F22, F100). */
export async function campaigns(
  reader: Reader,
  workspace: Workspace,
  query: CampaignQuery,
  filter: CampaignFilter,
  page: Page,
): Promise<Campaigns> {
  const all = await readCampaignBooks(reader, workspace, query)
  const { tree, currency } = all.books
  const under = tree.find(filter.under)
  const below = under && new Set(tree.withBelow(under).filter((one) => one !== under))
  const wanted = filter.search?.trim().toLowerCase()
  const matching = [...tree.items].filter((one) => {
    if (filter.source !== null && one.source !== filter.source) return false
    if (filter.under !== null && !below?.has(one)) return false
    if (filter.top && tree.find(one.parent_id) && tree.problem(one) === null) return false
    return !wanted || one.source_id.toLowerCase() === wanted || one.name.toLowerCase().includes(wanted)
  })
  matching.sort(byName)
  const shown = matching.slice(page.offset, page.offset + page.limit)
  const end = page.offset + shown.length
  // Campaigns at the top stand for their trees.
  const counted = filter.top ? new Set(matching.flatMap((one) => tree.withBelow(one))) : matching
  return {
    currency,
    model: workspace.settings.model,
    from: query.from,
    to: query.to,
    rows: shown.map((one) => toRow(one, all, query)),
    count: matching.length,
    total: figuresOfCampaigns(counted, all),
    next: end < matching.length ? end : null,
  }
}

/** One campaign with those right below it. */
export async function campaignView(
  reader: Reader,
  workspace: Workspace,
  query: CampaignQuery,
  id: bigint,
): Promise<Omit<CampaignRecord, 'fields' | 'trail'> | undefined> {
  const all = await readCampaignBooks(reader, workspace, query)
  const campaign = all.books.tree.find(id)
  if (!campaign) return undefined
  const children = [...all.books.tree.children(campaign)].sort(byName)
  return {
    currency: all.books.currency,
    model: workspace.settings.model,
    from: query.from,
    to: query.to,
    campaign: toRow(campaign, all, query),
    children: children.map((one) => toRow(one, all, query)),
  }
}

function toRow(campaign: Campaign, all: CampaignBooks, { filled }: CampaignQuery): CampaignRow {
  const { tree, facets } = all.books
  const { source, source_id: id, currency, budget_minor, target_revenue_minor, parent_id } = campaign
  const parent = tree.find(parent_id)
  const money = (minor: bigint | null) => (minor === null || currency === null ? null : formatMinor(minor, currency))
  return {
    source,
    id,
    name: campaign.name,
    type: campaign.kind,
    channel: campaign.channel,
    paid: campaign.paid,
    tier: campaign.tier,
    brand: campaign.brand,
    start_date: campaign.start_date,
    end_date: campaign.end_date,
    owner: campaign.owner,
    region: campaign.region,
    product_line: campaign.product_line,
    department: campaign.department,
    project: facets.of(campaign).project,
    utm_campaign: campaign.utm_campaign,
    parent: parent ? { source: parent.source, id: parent.source_id, name: parent.name } : null,
    problem: tree.problem(campaign),
    children: tree.children(campaign).length,
    own: { currency, budget: money(budget_minor), target_revenue: money(target_revenue_minor) },
    filled: [...(filled.get(campaign.id) ?? [])],
    figures: figuresOfCampaigns([campaign], all),
    whole: figuresOfCampaigns(tree.withBelow(campaign), all),
  }
}

function byName(a: Campaign, b: Campaign): number {
  const key = ({ name, source, source_id }: Campaign) => [name.toLowerCase(), source, source_id]
  const [x, y] = [key(a), key(b)]
  for (const [i, text] of x.entries()) if (text !== y[i]) return text < y[i]! ? -1 : 1
  return 0
}
