import { addDays, localDay } from '../../src/model/period.ts'
import type { Page, Reject } from '../../src/sync/contract.ts'
import { pages } from './api.ts'
import { campaignTotals, listCampaigns, readCampaigns, type Totals } from './api-marketing.ts'
import type { Env, HubspotContext, Mapped } from './env.ts'
import { Fields, parseInstant } from './fields.ts'
import type { Item } from './item.ts'
import { spanOf, toCampaign } from './map-campaign.ts'
import { openItems } from './objects.ts'
import { isOff } from './setup.ts'

/** Days after a campaign's end in which its spend is still looked at by every run. */
const AFTERMATH = 7

/** Campaigns with budget and spend: one request per page and one per campaign. */
export async function* readCampaignList(
  context: HubspotContext,
  env: Env,
  cursor: string | null,
): AsyncGenerator<Page> {
  if (cursor === 'end') return
  for await (const { results, next } of pages((after) => listCampaigns(context.http, after), cursor ?? undefined)) {
    const { items, rejected } = openItems(results, 'campaigns', env.drift)
    yield { ...(await mapped(context, env, items, rejected)), cursor: next ?? 'end' }
  }
}

/** The same for campaigns that were modified or are running: entering spend is not known to touch a campaign's date. */
export async function* changedCampaigns(
  context: HubspotContext,
  env: Env,
  since: Date,
  cursor: string | null,
): AsyncGenerator<Page> {
  if (cursor === 'end') return
  const today = localDay(env.zone, context.now().getTime())
  for await (const { results, next } of pages((after) => listCampaigns(context.http, after), cursor ?? undefined)) {
    const { items, rejected } = openItems(results, 'campaigns', env.drift)
    const due = items.filter((item) => {
      const at = parseInstant(item.updatedAt, env.zone)
      return !at || at >= since || isRunning(item, env, today)
    })
    yield { ...(await mapped(context, env, due, rejected)), cursor: next ?? 'end' }
  }
}

function isRunning(item: Item, env: Env, today: string): boolean {
  const { start, end } = spanOf(new Fields('campaigns', item, env.zone, () => {}), env)
  return start !== undefined && start <= today && end !== undefined && today <= addDays(end, AFTERMATH)
}

/** Campaigns by GUID; those HubSpot no longer has are gone. */
export async function campaignsById(
  context: HubspotContext,
  env: Env,
  ids: readonly string[],
): Promise<Omit<Page, 'cursor'>> {
  const { items, rejected } = openItems(await readCampaigns(context.http, ids), 'campaigns', env.drift)
  const known = new Set(items.map(({ id }) => id))
  const gone = rejected.length > 0 ? [] : ids.filter((id) => !known.has(id))
  return { ...(await mapped(context, env, items, rejected)), deleted: gone.map((id) => ({ type: 'campaign', id })) }
}

async function mapped(
  context: HubspotContext,
  env: Env,
  items: readonly Item[],
  rejected: readonly Reject[],
): Promise<Required<Omit<Mapped, 'merged'>>> {
  // As many at a time as the rate limit lets through; it is the one who waits.
  const all = await Promise.all(items.map(async (item) => toCampaign(item, await totalsOf(context, item.id), env)))
  return {
    records: all.flatMap(({ records }) => records),
    rejected: [...rejected, ...all.flatMap(({ rejected = [] }) => rejected)],
  }
}

/** Undefined where the plan has campaigns but no budgets. */
async function totalsOf(context: HubspotContext, guid: string): Promise<Totals | undefined> {
  try {
    return await campaignTotals(context.http, guid)
  } catch (error) {
    if (isOff(error)) return undefined
    throw error
  }
}

/** All GUIDs in order, for streams that look into each campaign. */
export async function campaignIds(context: HubspotContext, env: Env): Promise<string[]> {
  const ids: string[] = []
  for await (const { results } of pages((after) => listCampaigns(context.http, after))) {
    ids.push(...openItems(results, 'campaigns', env.drift).items.map(({ id }) => id))
  }
  return [...new Set(ids)].sort()
}
