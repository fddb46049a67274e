import { expect, onTestFinished } from 'vitest'
import type { RunOutcome } from '../../src/sync/outcome.ts'
import {
  COMPLETE,
  type KitOptions,
  openSyncKit,
  type Registry,
  reasonsOf,
  type SyncKit,
  testClock,
} from '../conformance/kit.ts'
import type { AccountOptions, HubSpotAccount } from '../fakes/hubspot/account.ts'
import { type SeedOptions, seedPortal } from '../fakes/hubspot/seed.ts'
import { type HubSpot, type HubSpotOptions, startHubSpot } from '../fakes/hubspot.ts'
import type { VirtualClock } from './socket-server.ts'

export * from '../conformance/kit.ts'

export const DAY = 86_400_000

/** HubSpot with these streams only. */
export function hubspotOf(streams: readonly string[] | undefined): Registry {
  const load = async () => {
    const { default: hubspot } = await import('../../connectors/hubspot/index.ts')
    const pull = Object.entries(hubspot.pull).filter(([name]) => streams?.includes(name) ?? true)
    return { ...hubspot, pull: Object.fromEntries(pull) }
  }
  return { hubspot: load }
}

export interface PortalOptions extends Omit<KitOptions, 'registry' | 'origin'> {
  readonly fake?: HubSpotOptions
  readonly account?: AccountOptions
  /** undefined: a small portal; false: an empty one. */
  readonly seed?: SeedOptions | false
  /** Streams that are read; default: {@link FEW}, undefined: all. */
  readonly streams?: readonly string[] | undefined
  /** More settings of the connection. */
  readonly settings?: Readonly<Record<string, unknown>>
}

export interface Portal {
  readonly fake: HubSpot
  readonly account: HubSpotAccount
  readonly clock: VirtualClock
  readonly kit: SyncKit
}

/** Parts of a portal that cost many requests and matter to few tests. */
export const LEAN = { contact_lists: false, forms: false, marketing_events: false } as const
const SMALL: SeedOptions = { contacts: 230, companies: 12, deals: 25, leads: 0, campaigns: 2, forms: 1, events: 1 }
/** What most tests read: everything else costs time and shows nothing more. */
export const FEW: readonly string[] = ['owners', 'companies', 'contacts', 'deals']

/** A connected HubSpot portal whose clock is the connection's, so that every wait is over at once. */
export async function openPortal(options: PortalOptions = {}): Promise<Portal> {
  const { fake: more, account: own, seed, settings, upstream, ...rest } = options
  const streams = 'streams' in options ? options.streams : FEW
  const clock = testClock()
  // A source keeps whole milliseconds.
  const whole = { now: () => Math.floor(clock.now()) }
  const fake = await startHubSpot({ clock: whole, limits: false, validate: false, ...more })
  onTestFinished(() => fake.close())
  const account = fake.addAccount(own)
  if (seed !== false) seedPortal(account, { ...SMALL, ...seed })
  const kit = await openSyncKit({
    registry: hubspotOf(streams),
    origin: fake.origin,
    upstream: { clock, ...upstream },
    ...rest,
  })
  await kit.connect('hubspot', { ...LEAN, token: account.token, ...settings })
  return { fake, account, clock, kit }
}

/** The CRM's kinds of record: name in the fake, stream, table. */
export const OBJECTS = [
  ['companies', 'companies', 'account'],
  ['contacts', 'contacts', 'contact'],
  ['deals', 'deals', 'deal'],
  ['leads', 'leads', 'lead'],
] as const

/** What is stored of each kind against what the portal holds; equal when the sync was complete. */
export async function compared({ kit, account }: Pick<Portal, 'kit' | 'account'>) {
  const stored: Record<string, string[]> = {}
  const source: Record<string, string[]> = {}
  for (const [object, , table] of OBJECTS) {
    stored[object] = await kit.ids(table)
    source[object] = account.ids(object).sort()
  }
  return { stored, source }
}

export async function complete(portal: Portal, options: { full?: boolean } = {}): Promise<RunOutcome> {
  const outcome = await portal.kit.sync(options)
  expect(reasonsOf(outcome)).toEqual(COMPLETE)
  const { stored, source } = await compared(portal)
  expect(stored).toEqual(source)
  return outcome
}

/** A synchronized portal, some days later. */
export async function synced(options: PortalOptions = {}): Promise<Portal> {
  const portal = await openPortal(options)
  await complete(portal)
  portal.clock.advance(DAY)
  return portal
}

export function sum(outcome: RunOutcome, key: 'imported' | 'deleted' | 'merged'): number {
  return outcome.streams.reduce((all, stream) => all + stream[key], 0)
}

/** Won for money, with its touches on one contact. */
export function customer({ account, clock }: Portal, name: string) {
  const at = new Date(clock.now() - 30 * DAY).toISOString()
  const contact = account.createContact(
    {
      firstname: name,
      email: `${name}@example.com`,
      hs_analytics_source: 'PAID_SEARCH',
      hs_analytics_source_data_1: `${name}-campaign`,
      hs_analytics_source_data_2: `${name}-term`,
      hs_analytics_first_timestamp: at,
      hs_analytics_first_visit_timestamp: at,
      hs_analytics_first_url: `https://www.example.com/?who=${name}`,
      hs_analytics_first_referrer: `https://search.example.com/?q=${name}`,
    },
    { createdAt: clock.now() - 30 * DAY },
  )
  const deal = account.createDeal({
    dealname: `Deal of ${name}`,
    dealstage: 'closedwon',
    amount: '1000.50',
    closedate: new Date(clock.now() - DAY).toISOString(),
  })
  account.associate(['deals', deal.id], ['contacts', contact.id])
  return { contact: contact.id, deal: deal.id }
}

/** Who the touches and the deal of a contact belong to. */
export async function holders({ kit }: Portal, deal: string) {
  const rows = await kit.database.query<{ source_id: string }>(
    `SELECT DISTINCT k.source_id FROM deal_contact AS c JOIN source_key AS k ON k.tenant_id = c.tenant_id AND k.id = c.ref_id
     JOIN deal AS d ON d.tenant_id = c.tenant_id AND d.id = c.deal_id WHERE d.source_id = $1`,
    [deal],
  )
  const touches = await kit.database.query<{ source_id: string; n: bigint }>(
    `SELECT k.source_id, count(*) AS n FROM touch AS t
     JOIN source_key AS k ON k.tenant_id = t.tenant_id AND k.id = t.ref_id GROUP BY k.source_id`,
  )
  return {
    deal: rows.map(({ source_id }) => source_id),
    touches: Object.fromEntries(touches.map(({ source_id, n }) => [source_id, Number(n)])),
  }
}
