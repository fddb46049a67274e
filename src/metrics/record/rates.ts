import { localDay } from '../../model/period.ts'
import type { DealRow } from './read.ts'
import type { Scene } from './scene.ts'

interface Rate {
  readonly currency: string
  readonly day_from: string
  readonly day_to: string
  readonly factor: number
}

/**
 * Deals with their amounts in the workspace's currency, at the rate of the day they closed, else opened, else today: the ledger's
 * own way (outcomes.sql). One without a rate stays as it is.
 */
export async function inWorkspaceCurrency(scene: Scene, deals: readonly DealRow[]): Promise<DealRow[]> {
  const { reader, tenant, currency, now } = scene
  const { zone } = scene.workspace.settings
  if (deals.every((deal) => deal.currency === null || deal.currency === currency)) return [...deals]
  const rates = await reader.query<Rate>('SELECT currency, day_from, day_to, factor FROM fx WHERE tenant_id = $1', [
    tenant,
  ])
  return deals.map((deal) => {
    const { amount_minor: minor, currency: own } = deal
    if (minor === null || own === null || own === currency) return deal
    const day = localDay(zone, deal.closed_at ?? deal.created_at ?? now.getTime())
    const rate = rates.find((one) => one.currency === own && one.day_from <= day && day < one.day_to)
    if (!rate) return deal
    const size = BigInt(Math.floor(Math.abs(Number(minor)) * rate.factor + 0.5))
    return { ...deal, amount_minor: minor < 0n ? -size : size, currency, original: { minor, currency: own } }
  })
}
