import { describe, expect, test } from 'vitest'
import { after, before, delay, endEarly, json, repeatPage, rewrite } from './fakes/faults.ts'
import type { RequestLog } from './fakes/server.ts'
import {
  COMPLETE,
  compared,
  DAY,
  FEW,
  hubspotOf,
  LEAN,
  openPortal,
  openSyncKit,
  type Portal,
  reasonsOf,
  streamOf,
} from './support/sync-kit.ts'

/** Lists that repeat, shift, forget or end early, end to end (reliability.md §4, F15–F19; §3). */

const LIST = { method: 'GET', path: /\/objects\/[^/]+\/contacts$/, query: /^(?!.*archived)/ }
const SEARCH = { method: 'POST', path: /\/contacts\/search$/ }

async function expectSame(portal: Portal): Promise<void> {
  const { stored, source } = await compared(portal)
  expect(stored).toEqual(source)
}

async function expectComplete(portal: Portal): Promise<void> {
  expect(reasonsOf(await portal.kit.sync())).toEqual(COMPLETE)
  await expectSame(portal)
}

/** Every stored contact has the name the source has now. */
async function expectNames({ account, kit }: Portal): Promise<void> {
  for (const id of account.ids('contacts')) {
    const { firstname = '', lastname = '' } = account.get('contacts', id)!.properties
    expect(await kit.row('contact', id)).toMatchObject({ name: `${firstname} ${lastname}`.trim() || null })
  }
}

const isList = ({ method, path, query }: RequestLog) =>
  method === 'GET' && path.endsWith('/contacts') && !query.includes('archived')

describe('F15', () => {
  test('the same page once more: complete, no duplicates', async () => {
    const portal = await openPortal()
    // The second page of what is older than some weeks.
    const scripted = portal.fake.faults.next({ ...LIST, skip: 2 }, repeatPage())
    await expectComplete(portal)
    expect(scripted.hits).toBe(1)
  })

  test.each([
    ['a list', LIST],
    ['a search', SEARCH],
  ])('the same page of %s for ever: failed within 60 requests, the next run completes', async (_, matcher) => {
    const portal = await openPortal()
    const { account, clock, fake, kit } = portal
    if (matcher === SEARCH) {
      await expectComplete(portal)
      clock.advance(DAY)
      account.updateAll('contacts', account.ids('contacts'), { firstname: 'x' })
    }
    const spent = fake.counters.requests
    const scripted = fake.faults.always({ ...matcher, skip: matcher === SEARCH ? 0 : 2 }, repeatPage())
    const outcome = await kit.sync()
    if (matcher === LIST) {
      expect(reasonsOf(outcome)).toMatchObject({ state: 'failed', streams: ['contacts failed cursor_stuck'] })
      expect(await kit.ids('deal')).toEqual(account.ids('deals').sort())
    }
    expect(fake.counters.requests - spent).toBeLessThanOrEqual(60)
    scripted.cancel()
    await expectComplete(portal)
  })
})

describe('F16', () => {
  test('overlapping pages: complete, no duplicates', async () => {
    const portal = await openPortal()
    let last: unknown[] = []
    portal.fake.faults.always(
      LIST,
      rewrite((body: { results: unknown[] }) => {
        const own = body.results
        body.results = [...last, ...own]
        last = own.slice(-30)
      }),
    )
    const outcome = await portal.kit.sync()
    expect(reasonsOf(outcome)).toEqual(COMPLETE)
    await expectSame(portal)
  })

  test('rows that move while changes are read: none is lost', async () => {
    const portal = await openPortal()
    await expectComplete(portal)
    const { account, clock, fake, kit } = portal
    clock.advance(DAY)
    const ids = account.ids('contacts')
    for (const [i, id] of ids.entries())
      account.update('contacts', id, { firstname: 'changed' }, { at: clock.now() + i })
    clock.advance(1000)
    // The first page is read; then its rows move to the end, and those behind it move up.
    fake.faults.next(
      { ...SEARCH, skip: 0 },
      after(() => account.updateAll('contacts', ids.slice(0, 60), { firstname: 'moved' })),
    )
    const outcome = await kit.sync()
    expect(reasonsOf(outcome)).toEqual(COMPLETE)
    await kit.sync()
    await expectNames(portal)
  })
})

test('F17 records made, changed and deleted during paging: equal to the source after the next run', async () => {
  const portal = await openPortal()
  const { account, clock, fake, kit } = portal
  const ids = account.ids('contacts')
  let step = 0
  fake.faults.next(
    LIST,
    after(() => {
      step += 1
      clock.advance(1000)
      const [first, second, third] = [ids[step]!, ids[60 + step]!, ids.at(-step)!]
      account.update('contacts', first, { firstname: `during ${step}` })
      account.delete('contacts', second)
      account.update('contacts', third, { firstname: `end ${step}` })
      account.createContact({ firstname: `new ${step}` })
    }),
    3,
  )
  const outcome = await kit.sync()
  expect(['complete', 'incomplete']).toContain(outcome.state)
  expect(step).toBe(3)
  await expectComplete(portal)
  await expectNames(portal)
})

describe('F18', () => {
  test('the cursor of a list expired: restarted, complete', async () => {
    const portal = await openPortal()
    const { account, fake } = portal
    const scripted = fake.faults.next(
      { ...LIST, skip: 1 },
      after(() => account.expireCursors()),
    )
    await expectComplete(portal)
    expect(scripted.hits).toBe(1)
    expect(fake.requests.filter(({ status }) => status === 400).length).toBeGreaterThan(0)
  })

  test('the cursor of a run that was given up expired meanwhile: the next run completes', async () => {
    const portal = await openPortal()
    const { account, fake, kit } = portal
    const stop = new AbortController()
    fake.faults.next(
      { ...LIST, skip: 2 },
      before(() => stop.abort(new Error('stopped'))),
    )
    await expect(kit.sync({ signal: stop.signal })).rejects.toThrow('stopped')
    expect(await kit.stored()).toMatchObject({ state: 'incomplete', completeAt: null })
    account.expireCursors()
    await expectComplete(portal)
  })
})

describe('F19', () => {
  test.each([
    ['no next cursor', endEarly()],
    ['an empty page', json({ results: [] })],
  ])('a list that ends early (%s): incomplete, nothing deleted, the next run completes', async (_, fault) => {
    const portal = await openPortal()
    const { account, fake, kit } = portal
    fake.faults.next({ ...LIST, skip: 1 }, fault)
    const outcome = await kit.sync()
    expect(reasonsOf(outcome)).toMatchObject({
      state: 'incomplete',
      code: 'incomplete_read',
      streams: ['contacts incomplete incomplete_read'],
    })
    expect(streamOf(outcome, 'contacts')).toMatchObject({ deleted: 0, total: account.ids('contacts').length })
    expect((await kit.stored()).completeAt).toBeNull()
    await expectComplete(portal)
  })

  test('a whole read of what is there already that ends early: incomplete, never a sweep', async () => {
    const portal = await openPortal()
    await expectComplete(portal)
    const { fake, kit } = portal
    const facts = await kit.facts()
    fake.faults.next({ ...LIST, skip: 1 }, endEarly())
    const outcome = await kit.sync({ full: true })
    expect(reasonsOf(outcome)).toMatchObject({ state: 'incomplete', code: 'incomplete_read' })
    expect(await kit.facts()).toEqual(facts)
    expect(reasonsOf(await kit.sync({ full: true }))).toEqual(COMPLETE)
    expect(await kit.facts()).toEqual(facts)
  })
})

test('more than 10,000 records with one modified date: read once each, none is lost', async () => {
  const portal = await openPortal({ seed: false, streams: ['contacts'] })
  const { account, clock, fake, kit } = portal
  for (let i = 0; i < 10_050; i += 1) account.createContact({ firstname: `${i}` })
  expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
  clock.advance(DAY)
  account.updateAll('contacts', account.ids('contacts'), { country: 'CN' })
  account.createContact({ country: 'CN', firstname: 'later' }, { createdAt: clock.now() + 500 })
  clock.advance(1000)
  const spent = fake.counters.requests
  const outcome = await kit.sync()
  expect(reasonsOf(outcome)).toEqual(COMPLETE)
  expect(streamOf(outcome, 'contacts')).toMatchObject({ mode: 'changes', imported: 10_051 })
  await expectSame(portal)
  const [row] = await kit.database.query<{ n: bigint }>("SELECT count(*) AS n FROM contact WHERE region = 'CN'")
  expect(Number(row!.n)).toBe(10_051)
  // 51 searches and 101 batches, and little beside.
  expect(fake.counters.requests - spent).toBeLessThanOrEqual(170)
})

describe('a first read', () => {
  /** Ends the run when it first asks for owners: what is recent has been read in every stream by then. */
  async function recentOnly(): Promise<Portal> {
    const portal = await openPortal()
    const stop = new AbortController()
    portal.fake.faults.next(
      { path: /\/owners\// },
      before(() => stop.abort(new Error('stopped'))),
    )
    await expect(portal.kit.sync({ signal: stop.signal })).rejects.toThrow('stopped')
    return portal
  }

  test('brings the newest records of every stream before older ones', async () => {
    const { account, clock, kit } = await recentOnly()
    for (const [object, table] of [
      ['contacts', 'contact'],
      ['deals', 'deal'],
    ] as const) {
      const stored = new Set(await kit.ids(table))
      const recent = account.ids(object).filter((id) => account.get(object, id)!.createdAt >= clock.now() - 89 * DAY)
      expect(recent.length).toBeGreaterThan(0)
      expect(recent.filter((id) => !stored.has(id))).toEqual([])
    }
    expect((await kit.ids('contact')).length).toBeLessThan(account.ids('contacts').length)
  })

  test('goes on where it stopped', async () => {
    const portal = await recentOnly()
    const there = new Set(await portal.kit.ids('contact'))
    const spent = portal.fake.requests.length
    const outcome = await portal.kit.sync()
    expect(reasonsOf(outcome)).toEqual(COMPLETE)
    await expectSame(portal)
    expect(streamOf(outcome, 'contacts').imported).toBeGreaterThan(0)
    const lists = portal.fake.requests.slice(spent).filter(isList)
    expect(lists.length).toBeLessThanOrEqual(Math.ceil((portal.account.ids('contacts').length - there.size) / 100) + 1)
  })

  test('that is stopped after any page ends like one that never was', async () => {
    const whole = await openPortal()
    await expectComplete(whole)
    const pages = whole.fake.requests.filter(isList).length
    const facts = await whole.kit.facts()
    const { account, clock, fake } = whole
    for (let page = 0; page < pages; page += 1) {
      const kit = await openSyncKit({ registry: hubspotOf(FEW), origin: fake.origin, upstream: { clock } })
      await kit.connect('hubspot', { ...LEAN, token: account.token })
      const stop = new AbortController()
      fake.faults.next(
        { ...LIST, skip: page },
        after(() => stop.abort(new Error('stopped'))),
      )
      await expect(kit.sync({ signal: stop.signal })).rejects.toThrow('stopped')
      expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
      expect(await kit.facts()).toEqual(facts)
    }
  })

  test('is divided among several readers and brings each record once', async () => {
    const portal = await openPortal({ seed: { contacts: 3000, companies: 0, deals: 0 }, streams: ['contacts'] })
    portal.fake.faults.always(LIST, delay(20))
    await expectComplete(portal)
    expect(portal.fake.counters.peak).toBeGreaterThan(1)
    expect(portal.fake.requests.filter(isList).length).toBeLessThan(30 + 60)
  })
})
