import type { Reader } from '../../db/database.ts'
import { sql } from '../../db/sql.ts'
import { CampaignTree, type TreeItem } from './tree.ts'

const CAMPAIGNS = sql('metrics/budget/sql/campaigns.sql')

/** A campaign as the store has it now: what people said of it stands in place of what its source says. */
export interface Campaign extends TreeItem {
  readonly name: string
  readonly channel: string | null
  readonly kind: string | null
  readonly paid: boolean | null
  readonly tier: string | null
  readonly brand: boolean | null
  readonly start_date: string | null
  /** The last day inside. */
  readonly end_date: string | null
  readonly budget_minor: bigint | null
  /** Of budget and target revenue. */
  readonly currency: string | null
  readonly target_leads: number | null
  readonly target_revenue_minor: bigint | null
  readonly owner: string | null
  readonly region: string | null
  readonly product_line: string | null
  readonly department: string | null
  readonly utm_campaign: string | null
  /** As a person or a column `project` of the source said it. */
  readonly project: string | null
}

type Row = Omit<Campaign, 'project'> & { readonly project: string | null; readonly attributes: string | null }

/** All campaigns of a workspace. */
export async function readCampaigns(reader: Reader, tenant: number): Promise<CampaignTree<Campaign>> {
  const rows = await reader.query<Row>(CAMPAIGNS, [tenant])
  return new CampaignTree(
    rows.map(({ attributes, ...row }) => ({ ...row, project: row.project ?? projectOf(attributes) })),
  )
}

/** A column `project` of a file or a field of that name at the source. */
function projectOf(attributes: string | null): string | null {
  if (attributes === null) return null
  const { project } = JSON.parse(attributes) as { project?: unknown }
  return typeof project === 'string' && project.trim() !== '' ? project.trim() : null
}

/** What budgets and spend are matched by. */
export interface Facets {
  readonly department: string | null
  /** Name of the project: as said of the campaign or one above it, else the campaign at the top. */
  readonly project: string
  readonly tier: string | null
  readonly class: 'performance' | 'brand' | null
}

/** Facets of campaigns, each worked out once. */
export class FacetBook {
  readonly #tree: CampaignTree<Campaign>
  readonly #known = new Map<bigint, Facets>()

  constructor(tree: CampaignTree<Campaign>) {
    this.#tree = tree
  }

  of(campaign: Campaign): Facets {
    let facets = this.#known.get(campaign.id)
    if (!facets) {
      const said = this.#tree.chain(campaign).find(({ project }) => project !== null)
      facets = {
        department: campaign.department,
        project: said?.project ?? this.#tree.root(campaign).name,
        tier: campaign.tier,
        class: campaign.brand === null ? null : campaign.brand ? 'brand' : 'performance',
      }
      this.#known.set(campaign.id, facets)
    }
    return facets
  }
}

/** True when two names mean the same to people. */
export function sameName(a: string | null | undefined, b: string | null | undefined): boolean {
  return a != null && b != null && a.trim().toLowerCase() === b.trim().toLowerCase()
}
