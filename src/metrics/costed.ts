import type { Place, Places } from './places.ts'

/** Cost rows of a campaign and channel at any time. */
interface CostedCell {
  readonly campaign_id: bigint | null
  readonly channel: string | null
  readonly ever: bigint
}

/**
 * Which places have a known cost (F145). A campaign has one when any cost was ever recorded for it or a campaign above it, or for
 * its channel as a whole, or when it is marked as free; credit without a campaign has one when any cost of its channel is known.
 * Costs of any time count: a campaign whose money was spent last quarter is not without cost in this one.
 */
export class Costed {
  readonly #places: Places
  readonly #campaigns = new Set<bigint>()
  /** Channels with costs that no campaign owns. */
  readonly #whole = new Set<string>()
  /** Channels with any cost. */
  readonly #any = new Set<string>()

  constructor(places: Places, cells: readonly CostedCell[]) {
    this.#places = places
    for (const { campaign_id, channel, ever } of cells) {
      if (ever === 0n) continue
      if (campaign_id !== null) this.#campaigns.add(campaign_id)
      if (channel === null) continue
      this.#any.add(channel)
      if (campaign_id === null) this.#whole.add(channel)
    }
  }

  has({ campaign, channel }: Place): boolean {
    if (channel !== null && this.#whole.has(channel)) return true
    if (!campaign) return channel !== null && this.#any.has(channel)
    if (campaign.paid === false) return true
    return this.#places.chain(campaign).some(({ id }) => this.#campaigns.has(id))
  }
}
