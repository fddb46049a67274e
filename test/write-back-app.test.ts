import { expect, onTestFinished, test } from 'vitest'
import { openApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { createLog } from '../src/log.ts'
import { QUIET } from '../src/server/services.ts'
import { ALL_SCOPES } from './fakes/hubspot/access.ts'
import { seedPortal } from './fakes/hubspot/seed.ts'
import { updatesOf, WRITE_SCOPES } from './fakes/hubspot/write.ts'
import { startHubSpot } from './fakes/hubspot.ts'
import { temporaryFolder } from './support/databases.ts'

test('the service as it is run: the first run by schedule, then written back, and all of it ends when it is closed', async () => {
  const fake = await startHubSpot({ limits: false, validate: false })
  onTestFinished(() => fake.close())
  const account = fake.addAccount()
  account.setScopes([...ALL_SCOPES, ...WRITE_SCOPES])
  seedPortal(account, { contacts: 30, companies: 2, deals: 12, leads: 0, campaigns: 0, forms: 0, events: 0 })
  const environment = { ROI_PANEL_ORIGIN_HUBSPOT: fake.origin }
  const config = loadConfig(environment, { dataDir: await temporaryFolder() })
  const app = await openApp(config, { log: createLog('silent') })
  let closed = false
  const close = async () => {
    if (!closed) await app.close()
    closed = true
  }
  onTestFinished(close)
  const settings = {
    token: account.token,
    contact_lists: false,
    forms: false,
    marketing_events: false,
    write_back: true,
  }
  await app.connect({ connector: 'hubspot', settings, every_minutes: 1 }, QUIET)
  app.startSchedule()
  const status = async () => (await app.connections({ only: [] }, QUIET))[0]!
  await expect.poll(async () => (await status()).write_back?.state, { timeout: 50_000 }).toBe('done')
  expect(await status()).toMatchObject({ state: 'active', last: { state: 'complete' }, write_back: { reason: null } })
  expect(updatesOf(account).flat().length).toBeGreaterThan(0)
  const { length } = fake.requests
  await close()
  expect(fake.requests).toHaveLength(length)
})
