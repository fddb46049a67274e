import { expect, test } from 'vitest'
import { Subscription, type WebhookEvent } from './fakes/hubspot/webhooks.ts'
import { customer, openPortal, type Portal } from './support/sync-kit.ts'
import { hooked } from './support/webhooks-kit.ts'

const RECORDS = 30
const BATCHES = 1000

/** The same portal each time, with a history of changes to its deals. */
async function told(): Promise<{ portal: Portal; batches: WebhookEvent[][] }> {
  const portal = await openPortal({
    seed: false,
    account: { currency: 'CNY', portalId: 4711, token: 'tok-order-1234' },
  })
  const { account, clock } = portal
  const subscription = new Subscription(account)
  const deals = Array.from({ length: RECORDS }, (_, i) => customer(portal, `person${i}`))
  await portal.kit.sync()
  const batches: WebhookEvent[][] = []
  for (let i = 0; i < BATCHES; i++) {
    clock.advance(1000)
    const { deal, contact } = deals[(i * 7) % RECORDS]!
    if (!account.get('deals', deal)) {
      account.restore('deals', deal)
      batches.push([
        subscription.restore('deals', deal),
        subscription.associationChange(['deals', deal], ['contacts', contact]),
      ])
    } else if (i % 41 === 0) {
      account.delete('deals', deal)
      batches.push([subscription.deletion('deals', deal)])
    } else {
      const amount = String(100 + (i % 97))
      account.update('deals', deal, { amount, dealstage: i % 5 === 0 ? 'closedlost' : 'closedwon' })
      const names = ['amount', 'dealstage'].map((name) => subscription.propertyChange('deals', deal, name, amount))
      batches.push(names)
    }
  }
  return { portal, batches }
}

/** A shuffle that is the same for the same seed. */
function shuffled<T>(list: readonly T[], seed: number): T[] {
  const copy = [...list]
  let state = seed
  for (let i = copy.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    const j = state % (i + 1)
    ;[copy[i], copy[j]] = [copy[j]!, copy[i]!]
  }
  return copy
}

/** Everything but what differs between two portals: numbers of runs. */
async function deliver(order: (batches: WebhookEvent[][]) => WebhookEvent[][]): Promise<string> {
  const { portal, batches } = await told()
  const { sender, tell } = await hooked(portal, { again: [] })
  for (const batch of order(batches)) sender.send(...batch)
  await tell()
  expect(sender.lost).toEqual([])
  expect(await portal.kit.ids('deal')).toEqual(portal.account.ids('deals').sort())
  return portal.kit.hash()
}

test('a thousand batches, shuffled, split and sent three times, end in the same state', async () => {
  const inOrder = await deliver((batches) => batches)
  const disordered = await deliver((batches) => {
    const split = batches.flatMap((batch) => batch.map((event) => [event]))
    return [...shuffled(split, 1), ...shuffled(batches, 2), ...shuffled(split, 3)]
  })
  expect(disordered).toBe(inOrder)
})
