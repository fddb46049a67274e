import { SHARED_CHANNEL } from '../../journey/channels.ts'
import { toMinor } from '../../model/money.ts'
import { addDays } from '../../model/period.ts'
import type { Budget, BudgetClass } from '../../state/manual-values.ts'
import { campaignEntry, campaignId } from '../../sync/manual-records.ts'
import { type Campaign, type FacetBook, sameName } from './campaigns.ts'
import type { Converter } from './money.ts'
import { type BudgetDays, isInside, overlaps } from './period.ts'
import type { CampaignTree } from './tree.ts'

/**
 * Budgets as lines: those people entered, and those of campaigns. A line covers the spend that is in all it names. A line
 * inside another one (its days among the other's, and in all the other names) is a share of that money and not money on
 * top; only the outermost lines add up.
 */
export interface Line {
  /** `bud_…`, or `campaign/SOURCE/ID`. */
  readonly id: string
  readonly kind: 'entered' | 'campaign'
  readonly days: BudgetDays
  /** As it was entered. */
  readonly own: { readonly minor: bigint; readonly currency: string }
  /** In the workspace's currency at the first day; null where no rate is known. */
  readonly minor: bigint | null
  readonly campaign: Campaign | null
  /** Campaign that a budget names and that is not there any more. */
  readonly lost: string | null
  readonly department: string | null
  readonly project: string | null
  readonly channel: string | null
  readonly tier: string | null
  readonly class: BudgetClass | null
  readonly entry: Budget | null
  /** The line it is a share of. */
  within: Line | null
  /** Lines that are shares of it. */
  readonly parts: Line[]
}

export interface LineSources {
  readonly entries: readonly { readonly id: string; readonly value: Budget }[]
  readonly tree: CampaignTree<Campaign>
  readonly facets: FacetBook
  readonly converter: Converter
  /** Stands in for the first day of a campaign that has none. */
  readonly today: string
}

/** All lines of a workspace, those that people entered first, each with the line it is inside. */
export function budgetLines({ entries, tree, facets, converter, today }: LineSources): Line[] {
  const entered = entries.map(({ id, value }): Line => {
    const { amount, currency, from, to, campaign: ref } = value
    const minor = toMinor({ amount, currency })
    const campaign = ref ? (tree.find(campaignId(ref)) ?? null) : null
    return {
      id,
      kind: 'entered',
      days: { from, to },
      own: { minor, currency },
      minor: converter.convert(minor, currency, from),
      campaign,
      lost: ref && !campaign ? ref.id : null,
      department: value.department ?? null,
      project: value.project ?? null,
      channel: value.channel ?? null,
      tier: value.tier ?? null,
      class: value.class ?? null,
      entry: value,
      within: null,
      parts: [],
    }
  })
  const campaigns = [...tree.items].flatMap((campaign): Line[] => {
    const { budget_minor: minor, currency, start_date: from, end_date } = campaign
    if (minor === null || currency === null) return []
    // A campaign that ends before it begins has no end that could be reckoned with.
    const to = end_date === null || (from !== null && end_date < from) ? null : addDays(end_date, 1)
    return [
      {
        id: campaignEntry({ source: campaign.source, id: campaign.source_id }),
        kind: 'campaign',
        days: { from, to },
        own: { minor, currency },
        minor: converter.convert(minor, currency, from ?? today),
        campaign,
        lost: null,
        department: null,
        project: null,
        channel: null,
        tier: null,
        class: null,
        entry: null,
        within: null,
        parts: [],
      },
    ]
  })
  const lines = [...entered, ...campaigns]
  nest(lines, entered, tree, facets)
  return lines
}

/** What a place of spend, or a line, is by each of the names a budget may have. */
interface Names {
  readonly campaign: Campaign | null
  readonly department: string | null
  readonly project: string | null
  /** Key; null = none of its own. */
  readonly channel: string | null
  readonly tier: string | null
  readonly class: string | null
}

function namesOf(campaign: Campaign | null, facets: FacetBook): Omit<Names, 'channel'> {
  const own = campaign && facets.of(campaign)
  const { department = null, project = null, tier = null } = own ?? {}
  return { campaign, department, project, tier, class: own?.class ?? null }
}

function nest(lines: readonly Line[], entered: readonly Line[], tree: CampaignTree<Campaign>, facets: FacetBook): void {
  const isIn = (inner: Line, outer: Line): boolean => {
    if (inner === outer || outer.lost !== null) return false
    const own = namesOf(inner.campaign, facets)
    const names = {
      ...own,
      department: inner.department ?? own.department,
      project: inner.project ?? own.project,
      channel: inner.channel ?? inner.campaign?.channel ?? null,
      tier: inner.tier ?? own.tier,
      class: inner.class ?? own.class,
    }
    if (!isNamed(outer, names, tree, false)) return false
    if (inner.kind === 'entered') return isInside(inner.days, outer.days)
    // A campaign's budget belongs where the campaign begins.
    const { from } = inner.days
    return from === null ? overlaps(inner.days, outer.days) : isInside({ from, to: addDays(from, 1) }, outer.days)
  }
  for (const line of lines) {
    // Of two that are in each other neither is a share: the same money set aside twice is more money.
    const around = entered.filter((outer) => isIn(line, outer) && !(line.kind === 'entered' && isIn(outer, line)))
    const innermost = around.filter((outer) => !around.some((other) => other !== outer && isIn(other, outer)))
    line.within = innermost[0] ?? around[0] ?? null
    line.within?.parts.push(line)
  }
}

/**
 * True when something is in all that a line names.
 * @param inherit spend whose campaign has no tier or class is of the line's, where the line also names where it is
 */
function isNamed(line: Line, names: Names, tree: CampaignTree<Campaign>, inherit: boolean): boolean {
  const { campaign, department, project, channel } = line
  if (line.lost !== null) return false
  if (campaign && !(names.campaign && tree.chain(names.campaign).includes(campaign))) return false
  if (department !== null && !sameName(department, names.department)) return false
  if (project !== null && !sameName(project, names.project)) return false
  if (channel !== null && channel !== names.channel) return false
  const free = inherit && isPlaced(line)
  const fits = (wanted: string | null, found: string | null) =>
    wanted === null || sameName(wanted, found) || (free && found === null)
  return fits(line.tier, names.tier) && fits(line.class, names.class)
}

/** True for a line that names where its money goes, besides what it is called. */
export function isPlaced({ department, campaign, project, channel }: Line): boolean {
  return department !== null || campaign !== null || project !== null || channel !== null
}

/** True when two lines name the same. */
export function sameNames(a: Line, b: Line): boolean {
  const equal = (x: string | null, y: string | null) => (x === null ? y === null : sameName(x, y))
  return (
    a.campaign === b.campaign &&
    a.channel === b.channel &&
    equal(a.department, b.department) &&
    equal(a.project, b.project) &&
    equal(a.tier, b.tier) &&
    equal(a.class, b.class)
  )
}

/** Which lines cover the spend of a campaign and channel on a day. */
export class Coverage {
  readonly #entered: readonly Line[]
  readonly #own: ReadonlyMap<Campaign, Line>
  readonly #tree: CampaignTree<Campaign>
  readonly #facets: FacetBook
  readonly #known = new Map<string, readonly Line[]>()

  constructor(lines: readonly Line[], tree: CampaignTree<Campaign>, facets: FacetBook) {
    this.#entered = lines.filter(({ kind }) => kind === 'entered')
    this.#own = new Map(lines.flatMap((line) => (line.kind === 'campaign' ? [[line.campaign!, line]] : [])))
    this.#tree = tree
    this.#facets = facets
  }

  /** Of a campaign's budget the spend of every day counts; of several in its chain the nearest. */
  lines(campaign: Campaign | null, channel: string | null, day: string): Line[] {
    const name = `${campaign?.id ?? ''} ${channel ?? ''}`
    let lines = this.#known.get(name)
    if (!lines) {
      const names = { ...namesOf(campaign, this.#facets), channel: channel ?? SHARED_CHANNEL }
      const entered = this.#entered.filter((line) => isNamed(line, names, this.#tree, true))
      const nearest = campaign && this.#tree.chain(campaign).find((one) => this.#own.has(one))
      lines = nearest ? [...entered, this.#own.get(nearest)!] : entered
      this.#known.set(name, lines)
    }
    return lines.filter(({ kind, days }) => kind === 'campaign' || isInside({ from: day, to: addDays(day, 1) }, days))
  }
}
