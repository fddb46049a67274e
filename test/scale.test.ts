import { describe, expect, test } from 'vitest'
import { ENGINES } from './support/databases.ts'
import { complete, openPortal, sum } from './support/sync-kit.ts'
import { times } from './support/thorough.ts'

/** The size of the portal whose ids are compared one by one: CI takes the whole one. */
const CONTACTS = times(2_000, 100_000)
const SIZE = { contacts: CONTACTS, companies: CONTACTS / 5, deals: CONTACTS / 5, campaigns: times(15, 300) }

describe.each(ENGINES)('a large portal on %s', (engine) => {
  test('is read whole, ids and all, and a second run writes nothing', async () => {
    const portal = await openPortal({ engine, seed: { ...SIZE, forms: 2, events: 2 }, streams: undefined })
    // Compares all ids with the portal's.
    await complete(portal)
    expect(await portal.kit.ids('campaign')).toEqual([...portal.account.marketing.campaigns.keys()].sort())
    expect(portal.account.marketing.campaigns.size).toBe(SIZE.campaigns)
    expect(sum(await complete(portal), 'imported')).toBe(0)

    const { account } = portal
    const [changed, deleted, winner, loser] = account.ids('contacts') as [string, string, string, string]
    account.update('contacts', changed, { email: 'changed@example.com' })
    account.delete('contacts', deleted)
    account.merge('contacts', winner, loser)
    account.createContact({ email: 'new@example.com' })
    const outcome = await complete(portal)
    expect([sum(outcome, 'deleted'), sum(outcome, 'merged')]).toEqual([1, 1])
  }, 300_000)
})
