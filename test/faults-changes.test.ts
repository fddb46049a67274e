import { describe, expect, test } from 'vitest'
import { rewriteText } from './fakes/faults.ts'
import { ENGINES } from './support/databases.ts'
import {
  COMPLETE,
  complete,
  customer,
  DAY,
  type Facts,
  holders,
  OBJECTS,
  openPortal,
  reasonsOf,
  streamOf,
  sum,
  synced,
} from './support/sync-kit.ts'

/** What happens to records at their source, as the store has it afterwards (reliability.md §4, F28, F36; G6, G11). */

/** Kind of an outcome in the ledger: someone became a lead. */
const LEAD = 1

describe.each(ENGINES)('on %s', (engine) => {
  test('G6 a complete read, then two reads without a change: nothing is written', async () => {
    const portal = await openPortal({ engine, streams: undefined, seed: { leads: 6 }, fake: { validate: true } })
    await complete(portal)
    expect((await portal.kit.counts()).lead).toBe(6)
    const facts = await portal.kit.facts()
    for (const options of [{}, {}, { full: true }]) {
      const outcome = await complete(portal, options)
      expect(outcome.streams.map(({ imported, deleted, merged }) => imported + deleted + merged)).toEqual(
        outcome.streams.map(() => 0),
      )
      expect(await portal.kit.facts()).toEqual(facts)
    }
    expect(portal.fake.violations).toEqual([])
  })

  test('made, changed and deleted records come with the next run, and nothing else is written', async () => {
    const portal = await synced({ engine })
    const { account, clock } = portal
    for (const [object] of OBJECTS.slice(0, 3)) {
      const ids = account.ids(object)
      account.update(
        object,
        ids[0]!,
        object === 'contacts' ? { firstname: 'New' } : object === 'deals' ? { dealname: 'New' } : { name: 'New' },
      )
      account.delete(object, ids[1]!)
      account.create(object, object === 'companies' ? { name: 'Made' } : {})
    }
    clock.advance(1000)
    const outcome = await complete(portal)
    expect(outcome.streams.filter(({ stream }) => stream !== 'owners')).toMatchObject([
      { mode: 'changes', deleted: 1 },
      { mode: 'changes', deleted: 1 },
      { mode: 'changes', deleted: 1 },
    ])
    expect(sum(outcome, 'imported')).toBeGreaterThanOrEqual(6)
    expect(sum(await complete(portal), 'imported')).toBe(0)
  })

  test('merged contacts: touches and deals name the winner, also through a chain', async () => {
    const portal = await openPortal({ engine, seed: false })
    const { account, clock, kit } = portal
    const [a, b, c] = [customer(portal, 'ann'), customer(portal, 'bob'), customer(portal, 'cyd')]
    await complete(portal)
    const before = await holders(portal, a.deal)
    expect(before.deal).toEqual([a.contact])
    const all = Object.values(before.touches).reduce((x, y) => x + y, 0)
    clock.advance(DAY)
    account.merge('contacts', b.contact, a.contact)
    expect(sum(await complete(portal), 'merged')).toBe(1)
    expect((await holders(portal, a.deal)).deal).toEqual([b.contact])
    clock.advance(DAY)
    account.merge('contacts', c.contact, b.contact)
    await complete(portal)
    for (const { deal } of [a, b, c]) expect((await holders(portal, deal)).deal).toEqual([c.contact])
    const after = await holders(portal, a.deal)
    expect(Object.keys(after.touches)).toEqual([c.contact])
    expect(after.touches[c.contact]).toBe(all)
    const facts = await kit.facts()
    expect(sum(await complete(portal, { full: true }), 'deleted')).toBe(0)
    expect(await kit.facts()).toEqual(facts)
  })

  test('a first read after the merges ends like one that saw them happen', async () => {
    const portal = await openPortal({ engine, seed: false })
    const { account, clock } = portal
    const [a, b] = [customer(portal, 'ann'), customer(portal, 'bob')]
    account.merge('contacts', b.contact, a.contact)
    clock.advance(1000)
    await complete(portal)
    expect((await holders(portal, a.deal)).deal).toEqual([b.contact])
  })
})

test.each([
  ['companies', 'account'],
  ['deals', 'deal'],
] as const)('merged %s: the loser is gone, who named it names the winner', async (object, table) => {
  const portal = await openPortal({ seed: false })
  const { account, clock, kit } = portal
  const { contact, deal } = customer(portal, 'ann')
  const other = customer(portal, 'bob').deal
  const [winner, loser] =
    object === 'deals'
      ? [other, deal]
      : [account.createCompany({ name: 'W' }).id, account.createCompany({ name: 'L' }).id]
  if (object === 'companies') {
    account.associate(['deals', deal], ['companies', loser])
    account.associate(['contacts', contact], ['companies', loser])
  }
  await complete(portal)
  clock.advance(DAY)
  account.merge(object, winner, loser)
  expect(sum(await complete(portal), 'merged')).toBe(1)
  expect(await kit.ids(table)).not.toContain(loser)
  const id = (await kit.row(table, winner))!.id
  const naming =
    object === 'deals'
      ? 'SELECT DISTINCT deal_id AS id FROM stage_change'
      : 'SELECT account_id AS id FROM deal WHERE account_id IS NOT NULL'
  expect(await kit.database.query(naming)).toEqual([{ id }])
  // The archive and a whole read that come after it change nothing.
  expect(sum(await complete(portal, { full: true }), 'deleted')).toBe(0)
})

test('a deal that still names the loser of a merge: stored under the winner', async () => {
  const portal = await openPortal({ seed: false })
  const { account, clock, fake, kit } = portal
  const [a, b] = [customer(portal, 'ann'), customer(portal, 'bob')]
  await complete(portal)
  clock.advance(DAY)
  account.merge('contacts', b.contact, a.contact)
  clock.advance(1000)
  await complete(portal)
  account.update('deals', a.deal, { dealname: 'Renamed' })
  clock.advance(1000)
  // Lists of associations lag behind.
  fake.faults.always(
    { path: /\/deals/ },
    rewriteText((text) => text.replaceAll(b.contact, a.contact)),
  )
  await complete(portal)
  expect(await kit.row('deal', a.deal)).toMatchObject({ name: 'Renamed' })
  expect((await holders(portal, a.deal)).deal).toEqual([b.contact])
})

test('a merge into a new record: both losers lead to it', async () => {
  const portal = await openPortal({ seed: false })
  const { account, clock } = portal
  const [a, b] = [customer(portal, 'ann'), customer(portal, 'bob')]
  await complete(portal)
  clock.advance(DAY)
  const winner = account.merge('contacts', a.contact, b.contact, { newId: true })
  clock.advance(1000)
  await complete(portal)
  for (const { deal } of [a, b]) expect((await holders(portal, deal)).deal).toEqual([winner.id])
})

test('a merge of a record that was deleted here before: the winner is told, nothing comes back', async () => {
  const portal = await openPortal({ seed: false })
  const { account, clock, kit } = portal
  const [a, b] = [customer(portal, 'ann'), customer(portal, 'bob')]
  await complete(portal)
  clock.advance(DAY)
  account.delete('contacts', a.contact)
  clock.advance(1000)
  await complete(portal)
  expect(await kit.ids('contact')).toEqual([b.contact])
  account.restore('contacts', a.contact)
  account.merge('contacts', b.contact, a.contact)
  clock.advance(1000)
  await complete(portal)
  expect(await kit.ids('contact')).toEqual([b.contact])
  expect((await holders(portal, a.deal)).deal).toEqual([b.contact])
})

describe('a restored record', () => {
  test('is back with its history at the next run', async () => {
    const portal = await openPortal({ seed: false })
    const { account, clock, kit } = portal
    const { contact, deal } = customer(portal, 'ann')
    account.update('deals', deal, { amount: '2000' })
    await complete(portal)
    const facts = await kit.facts()
    clock.advance(DAY)
    account.delete('deals', deal)
    account.delete('contacts', contact)
    clock.advance(1000)
    await complete(portal)
    expect(await kit.ids('deal')).toEqual([])
    account.restore('deals', deal)
    account.restore('contacts', contact)
    clock.advance(1000)
    await complete(portal)
    const { stage_change, amount_change, outcome } = await kit.facts()
    expect(stage_change!.length).toBe(facts.stage_change!.length)
    expect(amount_change!.length).toBe(facts.amount_change!.length)
    expect(outcome!.length).toBe(facts.outcome!.length)
    expect((await holders(portal, deal)).deal).toEqual([contact])
  })

  test('whose date does not tell is back with the next whole run', async () => {
    const portal = await synced()
    const { account, clock, kit } = portal
    const id = account.ids('contacts')[5]!
    account.delete('contacts', id)
    await complete(portal)
    clock.advance(DAY)
    account.restore('contacts', id, { touch: false })
    await complete(portal, { full: true })
    expect(await kit.ids('contact')).toContain(id)
  })
})

test('G11 a contact erased for privacy: the next whole run removes it and its traces, the totals stay', async () => {
  const portal = await openPortal({ seed: { contacts: 30, deals: 5 } })
  const { account, clock, kit } = portal
  const { contact, deal } = customer(portal, 'canary')
  await complete(portal)
  const before = await kit.facts()
  expect(JSON.stringify(before)).toContain('canary@example.com')
  clock.advance(DAY)
  account.update('deals', deal, { dealname: 'Deal' })
  account.privacyDelete(contact)
  clock.advance(1000)
  await complete(portal, { full: true })
  const after = await kit.facts()
  const tables = await kit.database.query<{ source_id: string }>('SELECT * FROM source_key')
  const left = Object.entries({ ...after, source_key: tables.map(({ source_id }) => source_id) })
  expect(
    left.filter(([, rows]) => rows.some((row) => /canary(?!-campaign)/.test(row))).map(([table]) => table),
  ).toEqual([])
  expect(after.touch!.length).toBe(before.touch!.length)
  // The person no longer counts as a lead; what the deal brought stays.
  const revenue = ({ outcome = [] }: Facts) =>
    outcome
      .map((row) => JSON.parse(row) as { kind: number; amount_minor: string | null; day: string })
      .filter(({ kind }) => kind !== LEAD)
      .map(({ kind, amount_minor, day }) => `${kind} ${day} ${amount_minor}`)
  expect(revenue(before).filter((one) => one.endsWith('100050n')).length).toBeGreaterThan(0)
  expect(revenue(after)).toEqual(revenue(before))
})

describe('a whole run', () => {
  test('removes what is gone without a trace', async () => {
    const portal = await synced()
    const { account } = portal
    const gone = account.ids('contacts').slice(10, 15)
    for (const id of gone) account.privacyDelete(id)
    expect(streamOf(await portal.kit.sync(), 'contacts').deleted).toBe(0)
    expect(streamOf(await complete(portal, { full: true }), 'contacts')).toMatchObject({ mode: 'full', deleted: 5 })
  })

  test('comes by itself after a week', async () => {
    const portal = await synced()
    const { account, clock } = portal
    account.privacyDelete(account.ids('contacts')[3]!)
    clock.advance(8 * DAY)
    expect(streamOf(await complete(portal), 'contacts')).toMatchObject({ mode: 'full', deleted: 1 })
  })

  test('that would take most of what no number confirms deletes nothing and says so', async () => {
    const portal = await openPortal({ seed: false, streams: ['owners'] })
    const { account, kit } = portal
    for (let i = 0; i < 250; i += 1) account.addOwner()
    await kit.sync()
    account.owners.splice(0, 200)
    const outcome = await kit.sync()
    expect(reasonsOf(outcome)).toMatchObject({ state: 'incomplete', code: 'doubtful_deletion' })
    expect(await kit.ids('owner')).toHaveLength(250)
    expect(reasonsOf(await kit.sync())).toMatchObject({ state: 'incomplete', code: 'doubtful_deletion' })
  })

  test('that no number confirms removes what is a small part', async () => {
    const portal = await openPortal({ seed: false, streams: ['owners'] })
    const { account, kit } = portal
    for (let i = 0; i < 250; i += 1) account.addOwner()
    await kit.sync()
    account.owners.splice(0, 20)
    expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
    expect(await kit.ids('owner')).toHaveLength(230)
  })
})

// The webhook itself belongs to a later issue; what exists is the re-read that heals a search index that lags.
test('F36 a record that search does not know yet, while it knows a later one: met by the next run, which goes back over the last minutes', async () => {
  const portal = await synced()
  const { account, clock, kit } = portal
  const [late, seen] = account.ids('contacts') as [string, string]
  account.searchLag = 120_000
  account.update('contacts', late, { firstname: 'late' })
  const made = account.createContact({ firstname: 'made late' }).id
  account.searchLag = 0
  clock.advance(1000)
  account.update('contacts', seen, { firstname: 'seen' })
  clock.advance(1000)
  await kit.sync()
  expect((await kit.row('contact', seen))!.name).toContain('seen')
  expect((await kit.row('contact', late))!.name).not.toContain('late')
  expect(await kit.ids('contact')).not.toContain(made)
  clock.advance(180_000)
  await complete(portal)
  expect((await kit.row('contact', late))!.name).toContain('late')
  expect(await kit.ids('contact')).toContain(made)
})
