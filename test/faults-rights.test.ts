import { describe, expect, test } from 'vitest'
import { dueAt } from '../src/sync/schedule.ts'
import { after, before, status } from './fakes/faults.ts'
import { COMPLETE, compared, openPortal, type Portal, reasonsOf, streamOf } from './support/sync-kit.ts'

/** Credentials and rights, end to end (reliability.md §4, F20–F23). */

const LIST = { method: 'GET', path: /\/objects\/[^/]+\/contacts$/ }

async function expectComplete(portal: Portal): Promise<void> {
  expect(reasonsOf(await portal.kit.sync())).toEqual(COMPLETE)
  const { stored, source } = await compared(portal)
  expect(stored).toEqual(source)
}

// Refreshing a token belongs to OAuth connections, which come later; that one refresh serves all requests is tested
// where requests are made (http.test.ts). A pasted token cannot be refreshed: it needs a person.
test('F20 the token runs out in mid-run: reconnect, what was read is kept, the run with a new one completes', async () => {
  const portal = await openPortal()
  const { account, fake, kit } = portal
  fake.faults.next(
    LIST,
    after(() => account.expireToken()),
  )
  const outcome = await kit.sync()
  expect(reasonsOf(outcome)).toMatchObject({ state: 'reconnect', code: 'unauthorized' })
  expect(fake.requests.filter(({ status: code }) => code === 401)).toHaveLength(1)
  const kept = await kit.ids('contact')
  expect(kept.length).toBeGreaterThan(0)
  expect(await kit.stored()).toMatchObject({ state: 'reconnect' })
  const spent = fake.counters.requests
  await kit.connect('hubspot', { token: account.rotateToken() })
  expect(await kit.stored()).toMatchObject({ state: 'pending' })
  await expectComplete(portal)
  // The first page was not read again.
  expect(
    fake.requests.slice(spent).filter((one) => LIST.path.test(one.path) && !one.query.includes('archived')),
  ).toHaveLength(3)
})

describe('F21', () => {
  test('token revoked: reconnect within 20 requests, data kept, no request until a person acts', async () => {
    const portal = await openPortal()
    await expectComplete(portal)
    const { account, fake, kit } = portal
    const facts = await kit.facts()
    account.revokeToken()
    const spent = fake.counters.requests
    const outcome = await kit.sync()
    expect(reasonsOf(outcome)).toMatchObject({ state: 'reconnect', code: 'unauthorized' })
    expect(outcome.reason!.remedy!.en).toMatch(/connect/)
    expect(fake.counters.requests - spent).toBeLessThanOrEqual(20)
    expect(await kit.facts()).toEqual(facts)
    expect(streamOf(outcome, 'contacts')).toMatchObject({ state: 'not_run', mode: null })
    const stored = await kit.stored()
    expect(dueAt({ ...stored, everyMinutes: 15 })).toBe(Number.POSITIVE_INFINITY)
    await kit.connect('hubspot', { token: account.rotateToken() })
    await expectComplete(portal)
  })

  test('token revoked while several requests are under way: all of them stop', async () => {
    const portal = await openPortal({ seed: { contacts: 3000 } })
    const { account, fake, kit } = portal
    fake.faults.next(
      { ...LIST, skip: 8 },
      before(() => account.revokeToken()),
    )
    const spent = fake.counters.requests
    expect(reasonsOf(await kit.sync())).toMatchObject({ state: 'reconnect', code: 'unauthorized' })
    expect(fake.requests.slice(spent).filter(({ status: code }) => code === 401).length).toBeLessThanOrEqual(10)
  })

  test('another account behind the new token: reconnect, nothing mixed', async () => {
    const portal = await openPortal()
    await expectComplete(portal)
    const { fake, kit } = portal
    const facts = await kit.facts()
    const other = fake.addAccount()
    other.createContact({ email: 'foreign@example.com' })
    await kit.state.changeSecrets(kit.connection.id, { token: other.token })
    expect(reasonsOf(await kit.sync())).toMatchObject({ state: 'reconnect', code: 'other_account' })
    expect(await kit.facts()).toEqual(facts)
  })
})

describe('F22', () => {
  test('403 for one object: it fails with the name of the scope, the others complete', async () => {
    const portal = await openPortal()
    const { account, kit } = portal
    const scopes = [...account.scopes]
    account.removeScopes('crm.objects.deals.read')
    const outcome = await kit.sync()
    expect(reasonsOf(outcome)).toMatchObject({ state: 'failed', streams: ['deals failed missing_scope'] })
    expect(streamOf(outcome, 'deals').reason!.message.en).toContain('crm.objects.deals.read')
    const { stored, source } = await compared(portal)
    expect(stored).toEqual({ ...source, deals: [] })
    account.setScopes(scopes)
    await expectComplete(portal)
  })

  test('403 for what the plan may lack: off, the run is complete', async () => {
    const portal = await openPortal({
      streams: undefined,
      settings: { forms: true, contact_lists: true, marketing_events: true },
      seed: { leads: 3 },
    })
    const { account, kit } = portal
    account.removeScopes('crm.objects.leads.read', 'marketing.campaigns.read', 'settings.currencies.read')
    account.removeScopes('forms', 'crm.objects.marketing_events.read')
    const outcome = await kit.sync()
    expect(outcome.state).toBe('complete')
    const off = outcome.streams.filter(({ state }) => state === 'off').map(({ stream }) => stream)
    for (const stream of ['rates', 'leads', 'campaigns']) expect(off).toContain(stream)
    expect(outcome.streams.filter(({ state }) => state !== 'off' && state !== 'complete')).toEqual([])
    expect((await kit.ids('contact')).length).toBe(account.ids('contacts').length)
  })
})

test('F23 app uninstalled: reconnect, no scheduled run any more, data kept until it is erased on request', async () => {
  const portal = await openPortal()
  await expectComplete(portal)
  const { fake, kit } = portal
  fake.faults.always(
    {},
    status(401, { body: { status: 'error', category: 'INVALID_AUTHENTICATION', message: 'gone' } }),
  )
  expect(reasonsOf(await kit.sync())).toMatchObject({ state: 'reconnect', code: 'unauthorized' })
  expect(dueAt({ ...(await kit.stored()), everyMinutes: 15 })).toBe(Number.POSITIVE_INFINITY)
  expect((await kit.counts()).contact).toBe(230)
  const removed = await kit.sources.disconnect(kit.workspace, kit.connection.id, true)
  expect(removed).toBeGreaterThan(230)
  expect(await kit.counts()).toEqual({})
  expect(await kit.state.connections()).toEqual([])
})
