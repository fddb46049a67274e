import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recompute } from '../src/attribution/recompute.ts'
import { MAX_SHARED } from '../src/journey/stitch.ts'
import { surrogate } from '../src/model/ids.ts'
import type { AnyRecord } from '../src/model/records.ts'
import type { Page, Ref } from '../src/sync/contract.ts'
import { withoutErased } from '../src/sync/erase.ts'
import { finishInterrupted } from '../src/sync/rebuild.ts'
import { attributionSettings } from '../src/sync/workspace.ts'
import { allText, erase, ledger, openShared, readPage, reports, steps, tablesHolding } from './erase-kit.ts'
import { openPlace } from './import-kit.ts'
import { ENGINES, type Engine, openTestDatabase } from './support/databases.ts'
import { type RandomWorkspace, randomWorkspace, toRecords } from './support/random-workspace.ts'
import { times } from './support/thorough.ts'

/** Erasing a person for privacy (F140, reliability G11): the person goes, every figure stays. */

/** The workspace with what tells who a contact is: a name, pages and clicks of their own. */
function personal(world: RandomWorkspace): AnyRecord[] {
  return toRecords(world).map((record): AnyRecord => {
    if (record.type === 'contact')
      return { ...record, name: `Canary ${record.id}.`, attributes: { note: `note-${record.id}.` } }
    if (record.type !== 'touch') return record
    const whose = 'contactId' in record.person ? record.person.contactId : 'nobody'
    return {
      ...record,
      landingUrl: `https://example.com/?who=page-${whose}.`,
      clickId: `click-${whose}.`,
      referrer: `https://example.com/?from=page-${whose}.`,
      attributes: { said: `note-${whose}.` },
    }
  })
}

/** Texts that nothing may hold once some contacts are erased; addresses only where nobody who is left has them. */
function traces(records: readonly AnyRecord[], erased: ReadonlySet<string>): string[] {
  const contacts = records.filter((record) => record.type === 'contact')
  const left = contacts.filter(({ id }) => !erased.has(id))
  const held = new Set(left.flatMap(({ email, phone }) => [email?.toLowerCase(), phone]))
  const gone = contacts.filter(({ id }) => erased.has(id))
  const addresses = gone.flatMap(({ email, phone }) => [email?.toLowerCase(), phone])
  return [
    ...gone.flatMap(({ id }) => [`Canary ${id}.`, `page-${id}.`, `click-${id}.`, `note-${id}.`]),
    ...addresses.filter((address) => address !== undefined && !held.has(address)).map(String),
  ]
}

const idsOf = (world: RandomWorkspace, step: readonly number[]) => [
  ...new Set(step.map((n) => `c${n % world.contacts.length}`)),
]

describe.each(ENGINES)('erasing people, on %s', (engine) => {
  test('leaves every outcome, credit and sum as it was, and nothing that tells of them', async () => {
    const shared = await openShared(engine)
    await fc.assert(
      fc.asyncProperty(randomWorkspace, steps, async (world, plan) => {
        const stores = await shared.next()
        const { database, workspace } = stores
        const { tenant } = workspace
        const settings = attributionSettings(workspace.settings)
        const records = personal(world)
        await readPage(stores, { records })
        await recompute(database, tenant, settings)
        const before = await ledger(stores)
        const erased = new Set<string>()
        for (const step of plan) {
          const ids = idsOf(world, step)
          for (const id of ids) erased.add(id)
          await erase(stores, ...ids)
          await recompute(database, tenant, settings)
          expect(await ledger(stores)).toEqual(before)
        }
        // Told again, and read again from a page of before: nobody comes back.
        await erase(stores, ...erased)
        await readPage(stores, { records: records.toReversed() })
        await recompute(database, tenant, settings)
        expect(await ledger(stores)).toEqual(before)
        await recompute(database, tenant, settings, true)
        expect(await ledger(stores)).toEqual(before)
        const rows = await database.query(
          `SELECT email, phone, external_id, name, lead_source, region, industry, attributes, email_key, phone_key, external_key
           FROM contact WHERE tenant_id = $1 AND id IN (SELECT id FROM erased WHERE tenant_id = $1)`,
          [tenant],
        )
        expect(rows.length).toBe(erased.size)
        expect(rows.filter((row) => Object.values(row).some((value) => value !== null))).toEqual([])
        const texts = await textOf(database, tenant)
        expect(traces(records, erased).filter((trace) => texts.includes(trace.toLowerCase()))).toEqual([])
      }),
      { numRuns: times(8, 80) },
    )
  }, 240_000)

  test('and whatever happens next, what changed is recomputed as all of it would be', async () => {
    const shared = await openShared(engine)
    await fc.assert(
      fc.asyncProperty(randomWorkspace, steps, fc.nat(), fc.nat(), async (world, plan, a, b) => {
        const stores = await shared.next()
        const { database, workspace } = stores
        const { tenant } = workspace
        const settings = attributionSettings(workspace.settings)
        const records = personal(world)
        await readPage(stores, { records })
        await recompute(database, tenant, settings)
        const size = world.contacts.length
        const into: Ref = { type: 'contact', id: `c${b % size}` }
        for (const step of plan) {
          await erase(stores, ...idsOf(world, step))
          await recompute(database, tenant, settings)
        }
        const pages: Partial<Page>[] = [
          { deleted: [{ type: 'contact', id: `c${a % size}` }] },
          { records: records.map((one) => (one.type === 'contact' ? { ...one, id: `new-${one.id}` } : one)) },
          { merged: [{ from: { type: 'contact', id: `c${(a + 1) % size}` }, into }] },
          { records: records.filter(({ type }) => type === 'deal').map((one) => ({ ...one, name: 'other' })) },
        ]
        for (const page of pages) {
          await readPage(stores, page)
          await recompute(database, tenant, settings)
          const changed = await ledger(stores)
          await recompute(database, tenant, settings, true)
          expect(await ledger(stores)).toEqual(changed)
        }
      }),
      { numRuns: times(6, 60) },
    )
  }, 240_000)

  test('by every dimension under every model the reports stay, and no table of either store tells of the person', async () => {
    const { place, stores } = await ada(engine)
    await readPage(stores, {
      rejected: [
        { where: { id: '9' }, code: 'x', message: { en: 'x', 'zh-CN': 'x' }, raw: '{"mail":"ADA@example.com"}' },
      ],
    })
    await stores.state.addRejects(1, 'con_1', 'contacts', [
      { where: { id: '9' }, code: 'x', message: { en: 'x', 'zh-CN': 'x' }, raw: '{"mail":"ADA@example.com"}' },
      { where: { id: '8' }, code: 'x', message: { en: 'x', 'zh-CN': 'x' }, raw: '{"by":"Ada Lovelace"}' },
      { where: { id: '7' }, code: 'x', message: { en: 'x', 'zh-CN': 'x' }, raw: '{"by":"Bob"}' },
    ])
    expect((await tablesHolding(place, PERSONAL)).length).toBeGreaterThan(PERSONAL.length)
    const before = await reports(stores)
    const { notices } = await erase(stores, 'ada')
    expect(notices).toEqual([])
    await recompute(stores.database, 1, attributionSettings(stores.workspace.settings))
    expect(await reports(stores)).toEqual(before)
    expect(await tablesHolding(place, PERSONAL)).toEqual([])
    expect((await stores.state.rejects(1, 'con_1')).map(({ where }) => where.id)).toEqual(['7'])
  })

  test('a page read before is written without the person, and says so', async () => {
    const { place, stores, records } = await ada(engine)
    await erase(stores, 'ada')
    const changed = records.map((one) => ({ ...one, attributes: { said: 'Ada Lovelace' }, updatedAt: new Date() }))
    const { notices } = await readPage(stores, { records: changed })
    // The contact, its two touches, its lead.
    expect(notices).toMatchObject([{ code: 'erased_person', count: 4 }])
    expect(notices[0]?.example).toBeUndefined()
    const deals = (await allText(place))['public.deal'] ?? (await allText(place))['main.deal']
    expect(deals).toContain('Ada Lovelace')
    await stores.database.write((tx) => tx.run('DELETE FROM deal WHERE tenant_id = 1'))
    expect(await tablesHolding(place, PERSONAL)).toEqual([])
  })

  test('told before the contact itself it ends in the same', async () => {
    const [first, second] = [await ada(engine), await ada(engine, { empty: true })]
    await erase(first.stores, 'ada')
    await erase(second.stores, 'ada')
    await readPage(second.stores, { records: second.records })
    for (const { stores } of [first, second]) {
      await recompute(stores.database, 1, attributionSettings(stores.workspace.settings))
    }
    expect(await ledger(second.stores)).toEqual(await ledger(first.stores))
    const row = 'SELECT * FROM contact WHERE tenant_id = 1'
    expect(await second.stores.database.query(row)).toEqual(await first.stores.database.query(row))
    expect(
      await tablesHolding(
        second.place,
        PERSONAL.filter((text) => text !== 'ada@example.com'),
      ),
    ).toEqual([])
  })

  test('whoever comes with the same address is somebody else', async () => {
    const { stores } = await ada(engine)
    await erase(stores, 'ada')
    const again: AnyRecord = {
      type: 'contact',
      id: 'ada-2',
      createdAt: new Date(5),
      email: 'ada@example.com',
      phone: PHONE,
    }
    await readPage(stores, { records: [again] })
    await recompute(stores.database, 1, attributionSettings(stores.workspace.settings))
    const people = await stores.database.query<{ person_id: bigint }>(
      'SELECT person_id FROM contact WHERE tenant_id = 1',
    )
    expect(new Set(people.map(({ person_id }) => person_id))).toEqual(new Set([ID('ada'), ID('ada-2')]))
    const row = await stores.database.query(
      "SELECT email, name FROM contact WHERE tenant_id = 1 AND source_id = 'ada-2'",
    )
    expect(row).toEqual([{ email: 'ada@example.com', name: null }])
  })

  test('all ids of a merged contact are covered, whichever is told first', async () => {
    const merged = [{ from: { type: 'contact', id: 'old' }, into: { type: 'contact', id: 'ada' } }] as const
    const plans: Partial<Page>[][] = [
      [{ merged }, { deleted: [GONE('ada')] }],
      [{ merged }, { deleted: [GONE('old')] }],
      [{ deleted: [GONE('ada')] }, { merged }],
      [{ deleted: [GONE('old')] }, { merged }],
      [{ merged, deleted: [GONE('ada')] }],
    ]
    const ends = []
    for (const plan of plans) {
      const { place, stores, records } = await ada(engine)
      const old: AnyRecord = {
        type: 'contact',
        id: 'old',
        createdAt: new Date(3),
        name: 'Ada Byron',
        email: 'byron@example.com',
      }
      const visit: AnyRecord = {
        type: 'touch',
        id: 't9',
        person: { contactId: 'old' },
        occurredAt: new Date(4),
        clickId: 'ada-click',
      }
      await readPage(stores, { records: [old, visit] })
      for (const page of plan) await readPage(stores, page)
      await readPage(stores, { records: [...records, old, visit] })
      await recompute(stores.database, 1, attributionSettings(stores.workspace.settings))
      expect(await tablesHolding(place, [...PERSONAL, 'Byron'])).toEqual([])
      expect(new Set((await stores.state.erased(1)).keys())).toEqual(new Set([ID('ada'), ID('old')]))
      ends.push(await ledger(stores))
    }
    for (const end of ends) expect(end).toEqual(ends[0])
  })

  test('a number that too many share merges nobody because one of them is gone', async () => {
    const { stores } = await ada(engine, { empty: true })
    const crowd = Array.from({ length: MAX_SHARED + 1 }, (_, i): AnyRecord => {
      return { type: 'contact', id: `c${i}`, createdAt: new Date(i), phone: PHONE }
    })
    await readPage(stores, { records: crowd })
    const settings = attributionSettings(stores.workspace.settings)
    await recompute(stores.database, 1, settings)
    const before = await ledger(stores)
    await erase(stores, 'c3')
    for (const all of [false, true]) {
      await recompute(stores.database, 1, settings, all)
      expect(await ledger(stores)).toEqual(before)
    }
    await erase(stores, ...crowd.map(({ id }) => id))
    const names = await stores.database.query("SELECT source_id FROM source_key WHERE tenant_id = 1 AND kind = 'phone'")
    expect(names).toEqual([])
  })

  test('a deletion without a word of privacy leaves neither stand-in nor tombstone; a stand-in outlasts it', async () => {
    const { stores, records } = await ada(engine)
    await readPage(stores, { deleted: [{ type: 'contact', id: 'ada' }] })
    expect(await stores.state.erased(1)).toEqual(new Map())
    expect(await stores.database.query('SELECT id FROM contact WHERE tenant_id = 1')).toEqual([])
    await readPage(stores, { records })
    const [back] = await stores.database.query<{ name: string }>('SELECT name FROM contact WHERE tenant_id = 1')
    expect(back?.name).toBe('Ada Lovelace')
    await erase(stores, 'ada')
    await readPage(stores, { deleted: [{ type: 'contact', id: 'ada' }] })
    expect(await stores.database.query('SELECT name FROM contact WHERE tenant_id = 1')).toEqual([{ name: null }])
  })

  test('the deal that named the person keeps its credit when its source has forgotten who it was', async () => {
    const { stores, records } = await ada(engine)
    const settings = attributionSettings(stores.workspace.settings)
    await recompute(stores.database, 1, settings)
    const before = await ledger(stores)
    await erase(stores, 'ada')
    const deal = records.find(({ type }) => type === 'deal') as Extract<AnyRecord, { type: 'deal' }>
    const { contactIds: _, ...forgotten } = deal
    await readPage(stores, { records: [{ ...forgotten, name: 'Deal' }] })
    await recompute(stores.database, 1, settings)
    expect(await ledger(stores)).toEqual(before)
    // Named again, it is named once.
    await readPage(stores, { records: [{ ...deal, name: 'Deal again' }] })
    expect(await stores.database.query('SELECT ref_id FROM deal_contact WHERE tenant_id = 1')).toHaveLength(1)
  })

  test('facts from before, restored or new, are erased anew at the next start', async () => {
    const { place, stores, records } = await ada(engine)
    await erase(stores, 'ada')
    const fresh = await openTestDatabase(engine)
    const restored = { ...stores, database: fresh }
    const { state, workspace } = stores
    // As it was before the erasure: nobody has told these facts.
    const blank = { ...state, erasedAmong: async () => new Set<bigint>() }
    await readPage({ ...restored, state: blank }, { records })
    expect(JSON.stringify(await fresh.query('SELECT name FROM contact'))).toContain('Ada')
    await finishInterrupted({ ...place.env, database: fresh })
    expect(await tablesHolding({ ...place, env: { ...place.env, database: fresh } }, PERSONAL)).toEqual([])
    await readPage(restored, { records })
    expect(await fresh.query('SELECT name FROM contact WHERE tenant_id = $1', [workspace.tenant])).toEqual([
      { name: null },
    ])
  })
})

test('what is refused of an erased contact is not kept: its page may be from before', async () => {
  const { stores } = await ada('duckdb')
  await erase(stores, 'ada')
  const refused = ['ada', 'bob', undefined].map((id) => {
    return { where: { ...(id && { id }) }, code: 'x', message: { en: 'x', 'zh-CN': 'x' }, raw: '{"email":"…"}' }
  })
  const owner = { tenant: 1, source: 'test' }
  const kept = await withoutErased(stores.state, owner, refused, () => 'contact')
  expect(kept.map(({ where }) => where.id)).toEqual(['bob', undefined])
  // A touch of the same number is another record.
  expect(await withoutErased(stores.state, owner, refused, () => 'touch')).toEqual(refused)
})

test('a sink that cannot keep an erasure refuses it', async () => {
  const { stores } = await ada('duckdb')
  await expect(erase({ ...stores, state: undefined as never }, 'ada')).rejects.toThrow('state store')
})

const ID = (id: string) => surrogate('contact', 'test', id)
const GONE = (id: string) => ({ type: 'contact', id, erased: true }) as const
const PHONE = '13800138000'
/** What tells of Ada; the texts of her record. */
const PERSONAL = ['Ada Lovelace', 'ada@example.com', PHONE, 'ada-page', 'ada-click', 'ada-term']

/** One customer with two touches, one of them by e-mail, a lead and a won deal. */
async function ada(engine: Engine, { empty = false } = {}) {
  const place = await openPlace(engine)
  const stores = { ...place.env, workspace: place.workspace }
  const at = (day: number) => new Date(Date.UTC(2026, 0, day))
  const page = 'https://example.com/?p=ada-page'
  const records: AnyRecord[] = [
    {
      type: 'contact',
      id: 'ada',
      createdAt: at(2),
      mqlAt: at(4),
      email: 'ada@example.com',
      phone: PHONE,
      name: 'Ada Lovelace',
    },
    {
      type: 'touch',
      id: 't1',
      person: { contactId: 'ada' },
      occurredAt: at(1),
      channel: 'google',
      landingUrl: page,
      utmTerm: 'ada-term',
    },
    {
      type: 'touch',
      id: 't2',
      person: { email: 'ada@example.com' },
      occurredAt: at(3),
      channel: 'expo',
      clickId: 'ada-click',
    },
    { type: 'lead', id: 'l1', contactId: 'ada', name: 'Ada Lovelace, Analytical Engines', createdAt: at(2) },
    {
      type: 'deal',
      id: 'd1',
      contactIds: ['ada'],
      amount: { amount: '100', currency: 'CNY' },
      createdAt: at(5),
      closedAt: at(9),
      won: true,
    },
  ]
  if (!empty) await readPage(stores, { records })
  await recompute(stores.database, 1, attributionSettings(stores.workspace.settings))
  return { place, stores, records }
}

/** All texts of people's records of one workspace. */
async function textOf(
  database: { query(sql: string, parameters: readonly number[]): Promise<unknown[]> },
  tenant: number,
) {
  const rows = []
  for (const table of ['contact', 'touch', 'lead', 'source_key', 'deal'])
    rows.push(...(await database.query(`SELECT * FROM ${table} WHERE tenant_id = $1`, [tenant])))
  return JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value)).toLowerCase()
}
