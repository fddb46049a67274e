import { describe, expect, test } from 'vitest'
import { Subscription } from './fakes/hubspot/webhooks.ts'
import {
  complete,
  customer,
  DAY,
  holders,
  hubspotOf,
  openPortal,
  openSyncKit,
  type Portal,
  until,
} from './support/sync-kit.ts'
import { drained, hooked, workerOf } from './support/webhooks-kit.ts'

const TINY = { seed: { contacts: 3, companies: 1, deals: 2, leads: 0, campaigns: 0, forms: 0, events: 0 } } as const

/** A portal with one customer, some days later. */
async function shop(options: Parameters<typeof openPortal>[0] = {}) {
  const portal = await openPortal({ ...TINY, account: { currency: 'CNY' }, ...options })
  const ids = customer(portal, 'ada')
  await complete(portal)
  portal.clock.advance(DAY)
  return { portal, ...ids }
}

/** Revenue in the ledger: what is credited, and all there is, under the linear model. */
async function revenue({ kit }: Portal): Promise<string> {
  const rows = await kit.database.query<{ amount: bigint }>(
    'SELECT amount_minor AS amount FROM outcome WHERE tenant_id = $1 AND kind = 5 ORDER BY 1',
    [kit.workspace.tenant],
  )
  return rows.map(({ amount }) => String(amount)).join(' ')
}

describe.each(['duckdb', 'postgres'] as const)('what a webhook says reaches the ledger on %s', (engine) => {
  test('won, another amount, lost, reopened, won on another day', async () => {
    const { portal, deal } = await shop({ engine })
    const { kit, account } = portal
    const { tell, subscription } = await hooked(portal)
    const change = async (values: Record<string, string>) => {
      portal.clock.advance(1000)
      account.update('deals', deal, values)
      await tell(...Object.keys(values).map((name) => subscription.propertyChange('deals', deal, name, values[name])))
      return revenue(portal)
    }
    const before = await revenue(portal)
    expect(before).toContain('100050')
    expect(await change({ amount: '2000' })).toBe(before.replace('100050', '200000'))
    expect(await change({ dealstage: 'closedlost' })).not.toContain('200000')
    expect(await change({ dealstage: 'appointmentscheduled' })).not.toContain('200000')
    const day = new Date(portal.clock.now() - 5 * DAY).toISOString()
    expect(await change({ dealstage: 'closedwon', closedate: day })).toContain('200000')
    expect(String((await kit.row('deal', deal))?.closed_at)).toBe(String(Date.parse(day)))
    await complete(portal)
    expect(await revenue(portal)).toContain('200000')
  })
})

describe('what a webhook says', () => {
  test('a deal that is deleted, restored, and deleted before a restore was told', async () => {
    const { portal, deal } = await shop()
    const { account } = portal
    const { tell, subscription } = await hooked(portal, { again: [] })
    account.delete('deals', deal)
    const deletion = subscription.deletion('deals', deal)
    await tell(deletion)
    expect(await revenue(portal)).not.toContain('100050')
    account.restore('deals', deal, { touch: false })
    await tell(subscription.restore('deals', deal))
    expect(await revenue(portal)).toContain('100050')
    // Stale: it was delayed, the deal is there again.
    await tell(subscription.deletion('deals', deal))
    expect(await revenue(portal)).toContain('100050')
  })

  test('a changed property of a deal that was deleted since', async () => {
    const { portal, deal } = await shop()
    const { tell, subscription } = await hooked(portal, { again: [] })
    const changed = subscription.propertyChange('deals', deal, 'amount', '5')
    portal.account.delete('deals', deal)
    await tell(subscription.deletion('deals', deal), changed)
    expect(await portal.kit.ids('deal')).toEqual(portal.account.ids('deals').sort())
    // Alone it takes nothing away: only a deletion says that it was one.
    const other = portal.account.ids('deals')[0]!
    const late = subscription.propertyChange('deals', other, 'amount', '5')
    portal.account.delete('deals', other)
    await tell(late)
    expect(await portal.kit.ids('deal')).toContain(other)
    await complete(portal)
    expect(await portal.kit.ids('deal')).not.toContain(other)
  })

  test('a new contact and a new deal of it', async () => {
    const { portal } = await shop()
    const { tell, subscription } = await hooked(portal)
    const { contact, deal } = customer(portal, 'bob')
    await tell(subscription.creation('contacts', contact), subscription.creation('deals', deal))
    expect(await holders(portal, deal)).toMatchObject({ deal: [contact] })
    expect((await revenue(portal)).match(/100050/g)).toHaveLength(2)
  })

  test('an association follows from both ends', async () => {
    const { portal, contact, deal } = await shop()
    const { tell, subscription } = await hooked(portal)
    const other = portal.account.ids('contacts').find((id) => id !== contact)!
    portal.account.dissociate(['deals', deal], ['contacts', contact])
    portal.account.associate(['deals', deal], ['contacts', other])
    await tell(subscription.associationChange(['deals', deal], ['contacts', other]))
    expect((await holders(portal, deal)).deal).toEqual([other])
  })

  test.each([false, true])('contacts that were merged (into a new record: %s)', async (newId) => {
    const { portal, contact, deal } = await shop()
    const { tell, subscription } = await hooked(portal)
    const into = portal.account.ids('contacts').find((id) => id !== contact)!
    const winner = portal.account.merge('contacts', into, contact, { newId })
    await tell(subscription.merge('contacts', into, [contact], winner.id))
    const held = await holders(portal, deal)
    expect(held.deal).toEqual([winner.id])
    expect(held.touches).not.toHaveProperty(contact)
    expect(await portal.kit.ids('contact')).toEqual(portal.account.ids('contacts').sort())
    const before = await portal.kit.facts()
    await tell(subscription.merge('contacts', into, [contact], winner.id))
    expect(await portal.kit.facts()).toEqual(before)
    await complete(portal)
  })

  test('deals that were merged are counted once', async () => {
    const { portal, deal } = await shop()
    const second = customer(portal, 'eve')
    await complete(portal)
    const { tell, subscription } = await hooked(portal)
    portal.account.merge('deals', deal, second.deal)
    await tell(subscription.merge('deals', deal, [second.deal]))
    expect((await revenue(portal)).match(/100050/g)).toHaveLength(1)
  })

  test('a merge told while a run has its own idea of the merges', async () => {
    const { portal, contact } = await shop()
    const { tell, subscription } = await hooked(portal)
    const into = portal.account.ids('contacts').find((id) => id !== contact)!
    portal.account.merge('contacts', into, contact)
    // The run has opened its book of merges, and meets the winner after the webhook was dealt with.
    let told: Promise<void> | undefined
    const outcome = await portal.kit.sync({
      full: true,
      onProgress({ stream }) {
        if (stream === 'companies') told ??= tell(subscription.merge('contacts', into, [contact]))
      },
    })
    await told
    expect(outcome.state).toBe('complete')
    const rows = await portal.kit.database.query('SELECT from_id FROM alias')
    expect(rows).toHaveLength(1)
    expect(await portal.kit.ids('contact')).toEqual(portal.account.ids('contacts').sort())
  })

  test('a contact that was erased is gone with its traces, and its totals stay', async () => {
    const { portal, contact, deal } = await shop()
    const { tell, subscription } = await hooked(portal)
    const before = await revenue(portal)
    await portal.kit.state.addRejects(portal.kit.workspace.tenant, portal.kit.connection.id, 'contacts', [
      { where: { id: contact }, code: 'x', message: { en: 'x', 'zh-CN': 'x' }, raw: 'ada@example.com' },
    ])
    portal.account.privacyDelete(contact)
    const change = subscription.propertyChange('contacts', contact, 'email', 'ada@example.com')
    await tell(change, subscription.privacyDeletion(contact))
    const facts = JSON.stringify(await portal.kit.facts())
    const traces = ['ada@example.com', 'ada-term', 'who=ada', 'q=ada', '"name":"ada']
    expect(traces.filter((trace) => facts.includes(trace))).toEqual([])
    expect(await portal.kit.rejects()).toEqual([])
    expect(await portal.kit.ids('deal')).toContain(deal)
    expect(await revenue(portal)).toBe(before)
  })

  test('an older version never replaces a newer one', async () => {
    const { portal, deal } = await shop()
    const { tell, subscription, inbox } = await hooked(portal)
    portal.clock.advance(10_000)
    portal.account.update('deals', deal, { amount: '3000' })
    await tell(subscription.propertyChange('deals', deal, 'amount', '3000'))
    // The source's own replica is behind for a moment.
    const record = portal.account.get('deals', deal)!
    const now = { updatedAt: record.updatedAt, amount: record.properties.amount! }
    record.updatedAt -= 10_000
    record.properties.amount = '1000.50'
    await tell(subscription.propertyChange('deals', deal, 'amount', '1000.50'))
    expect(await revenue(portal)).toContain('300000')
    record.updatedAt = now.updatedAt
    record.properties.amount = now.amount
    inbox.wake()
  })
})

describe('the worker', () => {
  test('many events of one record are one read', async () => {
    const { portal, deal } = await shop()
    const { tell, subscription } = await hooked(portal)
    await tell(subscription.propertyChange('deals', deal, 'amount'))
    const before = portal.fake.requests.length
    await tell(...Array.from({ length: 150 }, (_, i) => subscription.propertyChange('deals', deal, `p${i}`)))
    const asked = portal.fake.requests.slice(before).map(({ path }) => path)
    expect(asked.filter((path) => path.endsWith('/deals/batch/read')).length).toBeLessThanOrEqual(2)
    expect(asked.length).toBeLessThanOrEqual(6)
  })

  test('a record that cannot be read yet is tried again, and found', async () => {
    const { portal } = await shop()
    const { sender, subscription } = await hooked(portal, { again: [30, 30, 30] })
    const id = portal.account.nextId()
    sender.send(subscription.creation('deals', id))
    await sender.deliver()
    await until(async () => (await portal.kit.state.dueEvents(portal.kit.connection.id, 1))[0]?.tries === 1)
    portal.account.createDeal({ dealname: 'late', amount: '7' }, { id })
    await drained(portal.kit)
    expect(await portal.kit.ids('deal')).toContain(id)
  })

  test('one that never comes is left to the next run, and its event is known for good', async () => {
    const { portal } = await shop()
    const { tell, subscription, sender } = await hooked(portal, { again: [1, 1, 1] })
    const event = subscription.creation('deals', portal.account.nextId())
    await tell(event)
    sender.send(event)
    await sender.deliver()
    expect(sender.attempts.at(-1)?.status).toBe(200)
    expect(await portal.kit.state.waitingEvents(portal.kit.connection.id)).toMatchObject({ count: 0 })
  })

  test('a source that is down keeps its events until it is back', async () => {
    const { portal, deal } = await shop({ upstream: undefined })
    const { sender, subscription } = await hooked(portal, { again: [5] })
    portal.account.update('deals', deal, { amount: '42' })
    const healed = portal.fake.faults.always(() => true, { name: 'down', answer: () => ({ status: 404, body: {} }) })
    sender.send(subscription.propertyChange('deals', deal, 'amount', '42'))
    await sender.deliver()
    await until(async () => {
      const events = await portal.kit.state.dueEvents(portal.kit.connection.id, 1)
      return (events[0]?.tries ?? 0) > 3
    })
    healed.cancel()
    await drained(portal.kit)
    expect(await revenue(portal)).toContain('4200')
  })

  test('two workers on one store do not do things twice', async () => {
    const { portal } = await shop({ engine: 'postgres' })
    const { kit, account } = portal
    const second = await openSyncKit({
      registry: hubspotOf(['deals']),
      origin: portal.fake.origin,
      engine: 'postgres',
      upstream: { clock: portal.clock },
      stores: kit,
    })
    workerOf(second)
    const { tell, subscription } = await hooked(portal)
    const deals = Array.from({ length: 30 }, (_, i) => account.createDeal({ dealname: `D${i}`, amount: '1' }))
    await tell(...deals.map(({ id }) => subscription.creation('deals', id)))
    expect(await kit.ids('deal')).toEqual(account.ids('deals').sort())
    expect(second.logged.filter((line) => line.includes('err'))).toEqual([])
  })

  test('what needs a person waits for one', async () => {
    const { portal, deal } = await shop()
    const { sender, subscription, inbox } = await hooked(portal)
    const { state, connection } = portal.kit
    await state.changeConnection(connection.id, { state: 'reconnect' })
    portal.account.update('deals', deal, { amount: '9' })
    sender.send(subscription.propertyChange('deals', deal, 'amount', '9'))
    await sender.deliver()
    expect(await state.waitingEvents(connection.id)).toMatchObject({ count: 1 })
    await state.changeConnection(connection.id, { state: 'active' })
    inbox.wake()
    await drained(portal.kit)
    expect(await revenue(portal)).toContain('900')
  })

  test('a connection with webhooks is read at least every six hours', async () => {
    const { portal, deal } = await shop()
    const { tell, subscription } = await hooked(portal)
    expect((await portal.kit.stored()).everyMinutes).toBeNull()
    await tell(subscription.propertyChange('deals', deal, 'amount'))
    expect((await portal.kit.stored()).everyMinutes).toBe(360)
  })

  test('one event that this program cannot deal with holds up no other', async () => {
    const { portal } = await shop()
    const { kit, account } = portal
    const { tell, subscription } = await hooked(portal, { again: [1] })
    const good = Array.from({ length: 4 }, (_, i) => account.createDeal({ dealname: `D${i}`, amount: '1' }))
    const { reread } = kit.sources
    kit.sources.reread = (workspace, id, hints, signal) => {
      if (hints.refs.some((ref) => ref.id === '666')) throw new TypeError('poison')
      return reread.call(kit.sources, workspace, id, hints, signal)
    }
    const poison = subscription.creation('deals', '666')
    await tell(...good.map(({ id }) => subscription.creation('deals', id)), poison)
    expect(await kit.ids('deal')).toEqual(account.ids('deals').sort())
    expect(await kit.rejects()).toMatchObject([{ code: 'event_failed', part: 'webhooks' }])
  })

  test('a stop hands back what it has not done', async () => {
    const { portal, deal } = await shop()
    const { sender, subscription, inbox } = await hooked(portal)
    portal.account.update('deals', deal, { amount: '11' })
    const healed = portal.fake.faults.always(() => true, {
      name: 'silent',
      before: () => new Promise((resolve) => setTimeout(resolve, 3000)),
    })
    sender.send(subscription.propertyChange('deals', deal, 'amount', '11'))
    await sender.deliver()
    await until(() => portal.fake.requests.some(({ path }) => path.includes('account-info') || path.includes('batch')))
    await inbox.close()
    healed.cancel()
    expect(await portal.kit.state.waitingEvents(portal.kit.connection.id)).toMatchObject({ count: 1 })
    workerOf(portal.kit)
    await drained(portal.kit)
    expect(await revenue(portal)).toContain('1100')
  })
})

test('a connection that was taken away takes its events along', async () => {
  const { portal, deal } = await shop()
  const { kit, account } = portal
  const { sender } = await hooked(portal)
  const events = Array.from({ length: 50 }, () => new Subscription(account).propertyChange('deals', deal, 'amount'))
  sender.send(...events)
  await Promise.all([sender.deliver(), kit.sources.disconnect(kit.workspace, kit.connection.id, true)])
  expect(await kit.ids('deal')).toEqual([])
  expect(await kit.state.dueConnections()).toEqual([])
})
