import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { RELEASE } from '../../../connectors/hubspot/api.ts'
import { ALL_SCOPES } from '../../fakes/hubspot/access.ts'
import type { HubSpotAccount } from '../../fakes/hubspot/account.ts'
import { iso } from '../../fakes/hubspot/render.ts'
import { seedPortal } from '../../fakes/hubspot/seed.ts'
import { Subscription, type WebhookEvent, WebhookSender } from '../../fakes/hubspot/webhooks.ts'
import { WRITE_SCOPES } from '../../fakes/hubspot/write.ts'
import { type HubSpot, startHubSpot } from '../../fakes/hubspot.ts'

const MANIFEST = new URL('../../../manifest/hubspot/src/app/webhooks/webhooks-hsmeta.json', import.meta.url)
const DAY = 86_400_000
/** HubSpot spreads its retries over a day; here the first one comes within a tenth of a second. */
const SOON = 1e-5

/** A portal with people in it: they work through its API, and it tells the app what the app's manifest asks for. */
export interface WalkPortal {
  readonly fake: HubSpot
  readonly account: HubSpotAccount
  /** Deliveries of webhooks, their retries included. */
  readonly sender: WebhookSender
  /** An open deal with a contact of each of these names, who came a month ago. */
  addDeal(name: string, amount: number, people: readonly string[]): WalkDeal
  /**
   * Changes a deal as a person does, and tells the app: once, twice, or never. Resolves once nothing is left to deliver.
   */
  change(deal: string, properties: Readonly<Record<string, string>>, told?: 'once' | 'twice' | 'never'): Promise<void>
  /** Deletes a contact for good, as its right is, and tells the app. */
  forget(contact: string): Promise<void>
  /** Amounts of all deals that are won now, in whole units of the portal's currency. */
  won(): number
}

/** Ids of a deal and of its contacts. */
export interface WalkDeal {
  readonly deal: string
  readonly contacts: readonly string[]
}

/** A portal of one currency with quotas as HubSpot has them, whose webhooks are signed for `url` and sent to `target`. */
export async function openPortal(url: string, target: string): Promise<WalkPortal> {
  const fake = await startHubSpot()
  const account = fake.addAccount({ scopes: [...ALL_SCOPES, ...WRITE_SCOPES] })
  // A plan without leads and events: what it does not have is neither granted nor read.
  account.removeScopes('crm.objects.leads.read', 'crm.objects.marketing_events.read')
  seedPortal(account, { contacts: 120, companies: 12, deals: 24, leads: 0, campaigns: 0, forms: 0, events: 0 })
  for (const id of account.ids('deals')) account.update('deals', id, { deal_currency_code: account.currency })
  runCampaign(account)
  const { clientSecret: secret } = fake.oauth
  const sender = new WebhookSender({ target, url, secret, clock: fake.clock, random: () => SOON })
  const subscription = new Subscription(account)
  const subscribed = subscribedProperties()

  const tell = async (...batches: readonly (readonly WebhookEvent[])[]) => {
    for (const events of batches) sender.send(...events)
    while (sender.waiting > 0) {
      await sender.deliver()
      await sleep(10)
    }
  }
  return {
    fake,
    account,
    sender,
    addDeal(dealname, amount, people) {
      const at = Date.now() - 30 * DAY
      const visit = { hs_analytics_source: 'ORGANIC_SEARCH', hs_analytics_first_timestamp: iso(at) }
      const deal = account.createDeal(
        { dealname, amount, deal_currency_code: account.currency },
        { createdAt: at + DAY },
      )
      const contacts = people.map((firstname) => {
        const person = { email: `${firstname}-${deal.id}@example.com`, firstname, lastname: 'Buyer' }
        const contact = account.createContact({ ...person, ...visit }, { createdAt: at })
        account.associate(['deals', deal.id], ['contacts', contact.id])
        return contact.id
      })
      return { deal: deal.id, contacts }
    },
    async change(deal, properties, told = 'once') {
      const answer = await fetch(`${fake.origin}/crm/objects/${RELEASE}/deals/batch/update`, {
        method: 'POST',
        headers: { authorization: `Bearer ${account.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ inputs: [{ id: deal, properties }] }),
      })
      if (answer.status !== 200) throw new Error(`the portal answered ${answer.status}: ${await answer.text()}`)
      if (told === 'never') return
      const names = Object.keys(properties).filter((name) => subscribed.has(name))
      const events = names.map((name) => subscription.propertyChange('deals', deal, name, properties[name]))
      await tell(...(told === 'twice' ? [events, events] : [events]))
    },
    async forget(contact) {
      account.privacyDelete(contact)
      await tell([subscription.privacyDeletion(contact)])
    },
    won() {
      const all = account.ids('deals').map((id) => account.get('deals', id)!.properties)
      const won = all.filter(({ dealstage }) => account.stage('deals', dealstage)?.metadata.probability === '1.0')
      return Math.round(won.reduce((sum, { amount = '0' }) => sum + Number(amount), 0))
    },
  }
}

/** A campaign of the last month that cost something; whom it brought would cost dozens of requests more. */
function runCampaign(account: HubSpotAccount): void {
  const createdAt = account.clock.now() - 30 * DAY
  const day = iso(createdAt).slice(0, 10)
  account.addCampaign({
    createdAt,
    properties: { hs_name: 'Autumn fair', hs_start_date: day, hs_end_date: day, hs_currency_code: account.currency },
    spend: [30_000, 12_000],
  })
}

/** Properties of deals whose changes the app's own manifest asks to be told. */
function subscribedProperties(): ReadonlySet<string> {
  interface Asked {
    readonly subscriptionType: string
    readonly objectType: string
    readonly propertyName?: string
    readonly active: boolean
  }
  const { config } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as {
    config: { subscriptions: { crmObjects: readonly Asked[] } }
  }
  const ofDeals = config.subscriptions.crmObjects.filter(({ objectType, active }) => objectType === 'deal' && active)
  return new Set(ofDeals.flatMap(({ propertyName }) => propertyName ?? []))
}
