import { describe, expect, onTestFinished, test } from 'vitest'
import { worldOf } from './conformance/world.ts'
import { hang, rateLimited, status } from './fakes/faults.ts'
import type { RequestLog } from './fakes/server.ts'
import {
  COMPLETE,
  compared,
  openPortal,
  openSyncKit,
  type Portal,
  reasonsOf,
  streamOf,
  testClock,
} from './support/sync-kit.ts'
import { CONNECTORS as TINY } from './tiny-connector/registry.ts'

/** Limits and outages of a source, end to end (reliability.md §4, F1–F5; G7). */

const CONTACTS = { method: 'GET', path: /\/objects\/[^/]+\/contacts$/ }
const OBJECTS = { path: /\/objects\// }

async function expectComplete(portal: Portal): Promise<void> {
  expect(reasonsOf(await portal.kit.sync())).toEqual(COMPLETE)
  const { stored, source } = await compared(portal)
  expect(stored).toEqual(source)
}

/** How long after each refused request the next one of its path left, by the source's clock. */
function waits(requests: readonly RequestLog[]): number[] {
  return requests.flatMap((one, i) => {
    if (one.status !== 429) return []
    const next = requests.slice(i + 1).find(({ path }) => path === one.path)
    return next ? [next.at - one.at] : []
  })
}

test('F1 429 with Retry-After of a second: waited for 1–2 s, complete', async () => {
  const portal = await openPortal()
  portal.fake.faults.next({ ...CONTACTS, skip: 1 }, rateLimited({ retryAfter: 1 }))
  const outcome = await portal.kit.sync()
  expect(reasonsOf(outcome)).toEqual(COMPLETE)
  expect(outcome.limited).toBe(1)
  const [wait] = waits(portal.fake.requests)
  expect(wait).toBeGreaterThanOrEqual(1000)
  expect(wait).toBeLessThan(2000)
  const { stored, source } = await compared(portal)
  expect(stored).toEqual(source)
})

test.each([
  ['behind', -300_000],
  ['ahead', 300_000],
])(
  'F2 429 with an HTTP date from a clock five minutes %s: waited for the difference to its Date, complete',
  async (_, skew) => {
    const portal = await openPortal()
    portal.fake.faults.next(CONTACTS, rateLimited({ retryAfter: { httpDate: 3 }, clockSkewMs: skew }))
    await expectComplete(portal)
    const [wait] = waits(portal.fake.requests)
    expect(wait).toBeGreaterThanOrEqual(3000)
    expect(wait).toBeLessThan(5000)
  },
)

test('F3 429 without a word, three times in a row: back-off, the whole account slows down, complete', async () => {
  const portal = await openPortal()
  portal.fake.faults.next(CONTACTS, rateLimited(), 3)
  const outcome = await portal.kit.sync()
  expect(reasonsOf(outcome)).toEqual(COMPLETE)
  expect(outcome.limited).toBe(3)
  const { requests } = portal.fake
  for (const wait of waits(requests)) expect(wait).toBeGreaterThanOrEqual(500)
  const lists = (list: readonly RequestLog[]) =>
    list.filter(({ method, status: code }) => method === 'GET' && code === 200)
  const gaps = (list: readonly RequestLog[]) =>
    lists(list)
      .slice(1)
      .map(({ at }, i) => at - lists(list)[i]!.at)
  const last = requests.findLastIndex(({ status: code }) => code === 429)
  const after = gaps(requests.slice(last + 1)).slice(0, 5)
  const calm = await openPortal()
  await calm.kit.sync()
  expect(Math.min(...after.filter((gap) => gap > 0))).toBeGreaterThan(
    Math.min(...gaps(calm.fake.requests).filter((gap) => gap > 0)),
  )
})

test('F4 429 of the daily limit: paused with at most 20 requests, untouched until then, the next run completes', async () => {
  const portal = await openPortal()
  const { fake, kit, clock } = portal
  const fault = fake.faults.always({ ...OBJECTS, skip: 12 }, rateLimited({ policyName: 'DAILY' }))
  const before = fake.counters.requests
  const paused = await kit.sync()
  expect(reasonsOf(paused)).toMatchObject({ state: 'paused', code: 'DAILY' })
  expect(fake.counters.requests - before).toBeLessThanOrEqual(20)
  const retryAt = paused.reason!.retryAt!.getTime()
  expect(retryAt).toBeGreaterThan(clock.now())
  expect(await kit.stored()).toMatchObject({ state: 'paused', resumeAt: new Date(retryAt), completeAt: null })
  const spent = fake.counters.requests
  expect(reasonsOf(await kit.sync())).toMatchObject({ state: 'paused', code: 'DAILY' })
  expect(fake.counters.requests).toBe(spent)
  fault.cancel()
  clock.advance(retryAt + 1 - clock.now())
  await expectComplete(portal)
  expect(await kit.stored()).toMatchObject({ state: 'active', resumeAt: null })
})

test('F4 a daily limit that is a 403 with a code: paused until it is looked at again, then complete', async () => {
  const clock = testClock()
  const open = await worldOf('tiny-connector', new URL('./tiny-connector/', import.meta.url))
  const { fake, settings, refusals, ids } = await open({ now: () => Math.floor(clock.now()) })
  onTestFinished(() => fake.close())
  const kit = await openSyncKit({ registry: TINY, origin: fake.origin, upstream: { clock } })
  await kit.connect('tiny-connector', settings)
  const { status: code, body } = refusals.daily_limit!
  const fault = fake.faults.always({ path: /companies/, skip: 1 }, status(code, { body }))
  const paused = await kit.sync()
  expect(reasonsOf(paused)).toMatchObject({ state: 'paused', code: 'daily_limit' })
  expect(paused.requests).toBe(3)
  fault.cancel()
  clock.advance(paused.reason!.retryAt!.getTime() + 1 - clock.now())
  expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
  expect(await kit.ids('account')).toEqual(ids('companies'))
})

test('F5 bursts of 500, 502, 503 and 504: complete', async () => {
  const portal = await openPortal()
  const { faults } = portal.fake
  const scripted = [
    faults.next(CONTACTS, status(500), 3),
    faults.next({ method: 'POST', path: /\/deals\/search$/ }, status(502), 2),
    faults.next({ method: 'GET', path: /\/companies$/ }, status(503), 3),
    faults.next({ path: /\/owners\// }, status(504), 2),
  ]
  await expectComplete(portal)
  expect(scripted.map(({ hits }) => hits)).toEqual([3, 2, 3, 2])
})

test.each([
  ['everything', {}],
  ['all records', OBJECTS],
  ['single lists', { method: 'GET', path: /\/objects\// }],
])('F5 500 for ever from %s: failed within 60 requests, the next run completes', async (_, matcher) => {
  const portal = await openPortal()
  const { fake, kit } = portal
  const fault = fake.faults.always(matcher, status(500))
  const before = fake.counters.requests
  const outcome = await kit.sync()
  expect(outcome.state).toBe('failed')
  expect(['source_failed', 'source_down']).toContain(outcome.reason!.code)
  expect(outcome.reason!.remedy).not.toBeNull()
  expect(fake.counters.requests - before).toBeLessThanOrEqual(60)
  expect(await kit.stored()).toMatchObject({ state: 'failed', completeAt: null })
  fault.cancel()
  await expectComplete(portal)
})

test('F5 500 for ever from one list: that stream fails, the others complete', async () => {
  const portal = await openPortal()
  const fault = portal.fake.faults.always(CONTACTS, status(500))
  const outcome = await portal.kit.sync()
  expect(reasonsOf(outcome)).toMatchObject({ state: 'failed', streams: ['contacts failed source_failed'] })
  const { stored, source } = await compared(portal)
  expect({ ...stored, contacts: [] }).toEqual({ ...source, contacts: [] })
  fault.cancel()
  await expectComplete(portal)
})

describe('G7 two workspaces in one process', () => {
  /** Two portals of one fake, connected in two workspaces of one Sources. */
  async function two() {
    const a = await openPortal()
    const { fake, kit } = a
    const account = fake.addAccount()
    for (let i = 0; i < 150; i += 1) account.createContact({ email: `b${i}@example.com` })
    const workspace = await kit.state.openWorkspace('other')
    const first = kit.connection
    const lean = { contact_lists: false, forms: false, marketing_events: false }
    const second = await kit.connect('hubspot', { ...lean, token: account.token }, workspace)
    const signal = new AbortController().signal
    return {
      fake,
      a: {
        id: String(a.account.portalId),
        run: () => kit.sources.sync(kit.workspace, first.id, { signal }),
        ids: () => kit.ids('contact', first),
      },
      b: {
        account,
        run: () => kit.sources.sync(workspace, second.id, { signal }),
        ids: () => kit.ids('contact', second),
      },
    }
  }

  test('a storm of 429 at one costs the other no request', async () => {
    const alone = await two()
    const calm = await alone.b.run()
    const { fake, a, b } = await two()
    fake.faults.always({ account: a.id, path: OBJECTS.path }, rateLimited({ retryAfter: 30 }))
    const [stormy, other] = await Promise.all([a.run(), b.run()])
    expect(stormy).toMatchObject({ state: 'failed' })
    expect(stormy.limited).toBeGreaterThan(1)
    expect(other).toMatchObject({ state: 'complete', limited: 0, requests: calm.requests })
    expect(await b.ids()).toEqual(b.account.ids('contacts').sort())
  })

  test('one whose breaker is open, or that hangs, holds up nobody', async () => {
    const { fake, a, b } = await two()
    const down = fake.faults.always({ account: a.id, path: OBJECTS.path }, status(500))
    expect(await a.run()).toMatchObject({ state: 'failed' })
    expect(await b.run()).toMatchObject({ state: 'complete', limited: 0 })
    down.cancel()
    const stuck = fake.faults.always({ account: a.id }, hang())
    const hanging = a.run()
    b.account.createContact({ email: 'new@example.com' })
    expect(streamOf(await b.run(), 'contacts')).toMatchObject({ state: 'complete', imported: 1 })
    expect(await a.ids()).toEqual([])
    stuck.cancel()
    hanging.catch(() => undefined)
  })

  test('both keep what is theirs', async () => {
    const { a, b } = await two()
    await Promise.all([a.run(), b.run()])
    expect(await a.ids()).toHaveLength(230)
    expect(await b.ids()).toHaveLength(150)
  })
})
