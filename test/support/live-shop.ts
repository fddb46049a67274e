import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type App, openApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { createLog } from '../../src/log.ts'
import { eventStreams } from '../../src/server/events.ts'
import { createHttp } from '../../src/server/http.ts'
import { createNodeServer, listen, stop } from '../../src/server/listen.ts'
import { QUIET } from '../../src/server/services.ts'
import { buildWidget } from '../e2e/support/build.ts'
import type { HubSpotAccount } from '../fakes/hubspot/account.ts'
import { bodyOf, Subscription, signedHeaders } from '../fakes/hubspot/webhooks.ts'
import { startHubSpot } from '../fakes/hubspot.ts'

const SECRET = 'live'
const PUBLIC = 'https://roi.example.com'

/** The whole product, served, with a HubSpot portal whose webhooks reach it. */
export interface LiveShop {
  readonly app: App
  readonly server: Server
  readonly origin: string
  readonly account: HubSpotAccount
  /** An open deal with one touch on its contact. @returns its id */
  addDeal(amount: number): string
  /** Wins a deal and tells by webhook. Resolves once that is acknowledged. */
  win(deal: string): Promise<void>
  close(): Promise<void>
}

export async function openLiveShop(): Promise<LiveShop> {
  const folder = await mkdtemp(join(tmpdir(), 'roi-panel-live-'))
  const fake = await startHubSpot({ validate: false })
  const account = fake.addAccount({ currency: 'CNY' })
  const log = createLog('silent')
  const environment = {
    ROI_PANEL_ORIGIN_HUBSPOT: fake.origin,
    ROI_PANEL_PUBLIC_URL: PUBLIC,
    ROI_PANEL_HUBSPOT_CLIENT_SECRET: SECRET,
  }
  const app = await openApp(loadConfig(environment, { dataDir: folder }), { log })
  const dist = dirname((await buildWidget('test')).page)
  const events = eventStreams(app.events)
  const options = { log, host: '127.0.0.1', uploads: join(folder, 'up'), dist, ready: () => true }
  const server = createNodeServer(createHttp(app, { ...options, webhooks: app.webhooks, events }))
  const origin = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`
  const subscription = new Subscription(account)
  let people = 0

  const addDeal = (amount: number): string => {
    people += 1
    const at = new Date(Date.now() - 30 * 86_400_000).toISOString()
    const visit = { hs_analytics_source: 'ORGANIC_SEARCH', hs_analytics_first_timestamp: at }
    const contact = account.createContact({ email: `p${people}@example.com`, ...visit }, { createdAt: Date.parse(at) })
    const deal = account.createDeal({ dealname: `Deal ${people}`, amount, dealstage: 'appointmentscheduled' })
    account.associate(['deals', deal.id], ['contacts', contact.id])
    return deal.id
  }
  return {
    app,
    server,
    origin,
    account,
    addDeal,
    async win(deal) {
      account.update('deals', deal, { dealstage: 'closedwon', closedate: new Date().toISOString() })
      const changes = ['dealstage', 'closedate'].map((name) => subscription.propertyChange('deals', deal, name))
      const body = bodyOf(changes)
      const headers = signedHeaders(SECRET, `${PUBLIC}/webhooks/hubspot`, body)
      const answer = await fetch(`${origin}/webhooks/hubspot`, { method: 'POST', headers, body })
      if (answer.status !== 200) throw new Error(`the webhook was answered ${answer.status}`)
    },
    async close() {
      events.close()
      await stop(server, 1000)
      await app.close()
      await fake.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Connects the portal and reads it; from now on webhooks are dealt with. */
export async function begin({ app, account }: LiveShop): Promise<void> {
  const settings = { token: account.token, contact_lists: false, forms: false, marketing_events: false }
  const { connection } = await app.connect({ connector: 'hubspot', settings, every_minutes: null }, QUIET)
  await app.sync({ id: connection.id, full: false }, QUIET)
  app.startSchedule()
}
