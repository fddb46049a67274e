import { describe, expect, onTestFinished, test } from 'vitest'
import hubspot from '../connectors/hubspot/index.ts'
import { startBrokenTls, UNRESOLVABLE } from './fakes/broken.ts'
import {
  empty,
  gzipBomb,
  hang,
  html,
  htmlAsJson,
  json,
  redirect,
  reset,
  resetMidBody,
  rewrite,
  rewriteText,
  slowBody,
  truncate,
  truncatedJson,
} from './fakes/faults.ts'
import { startHubSpot } from './fakes/hubspot.ts'
import type { Fault } from './fakes/script.ts'
import { selfSigned, startSocketServer } from './support/socket-server.ts'
import {
  COMPLETE,
  compared,
  openPortal,
  openSyncKit,
  type Portal,
  type PortalOptions,
  reasonsOf,
  streamOf,
} from './support/sync-kit.ts'

/** Answers that are broken, missing or strange, end to end (reliability.md §4, F6–F14, F24–F26). */

const CONTACTS = { method: 'GET', path: /\/objects\/[^/]+\/contacts$/ }

async function expectComplete(portal: Portal): Promise<void> {
  expect(reasonsOf(await portal.kit.sync())).toEqual(COMPLETE)
  const { stored, source } = await compared(portal)
  expect(stored).toEqual(source)
}

/** A portal whose answers are cut short quickly: deadlines of sockets run by the machine's clock. */
const hasty: PortalOptions['upstream'] = { deadlines: { connect: 1000, headers: 150, idle: 150, total: 600 } }

/** Broken answers, each for another kind of request: they are asked for again. */
async function healed(faults: readonly [Fault, ...Fault[]], options: PortalOptions = {}): Promise<void> {
  const portal = await openPortal(options)
  const places = [
    { ...CONTACTS, skip: 1 },
    { method: 'POST', path: /\/deals\/search$/ },
    { path: /\/owners\// },
    { method: 'GET', path: /\/companies$/ },
  ]
  const scripted = faults.map((fault, i) => portal.fake.faults.next(places[i]!, fault))
  await expectComplete(portal)
  expect(scripted.map(({ hits }) => hits)).toEqual(faults.map(() => 1))
}

/** The same broken answer for ever, for one list: it fails, is never taken for its end, and the rest is complete. */
async function refused(fault: Fault, code: string | RegExp, options: PortalOptions = {}): Promise<Portal> {
  const portal = await openPortal(options)
  await expectComplete(portal)
  portal.account.createContact({ email: 'later@example.com' })
  const before = await portal.kit.facts()
  const scripted = portal.fake.faults.always(CONTACTS, fault)
  const outcome = await portal.kit.sync({ full: true })
  expect(outcome.state).toBe('failed')
  expect(reasonsOf(outcome).streams).toEqual([expect.stringMatching(/^contacts failed /)])
  expect(streamOf(outcome, 'contacts').reason!.code).toMatch(code)
  expect(streamOf(outcome, 'contacts')).toMatchObject({ read: 0, deleted: 0 })
  expect(await portal.kit.facts()).toEqual(before)
  scripted.cancel()
  await expectComplete(portal)
  return portal
}

test('F6 connection reset in mid-body, or before the answer: retried page, complete, process alive', () =>
  healed([resetMidBody(), reset(), reset(), resetMidBody()]))

test('F7 truncated JSON, short body against Content-Length: retried, complete', () =>
  healed([truncate(), truncatedJson(), truncate(), truncatedJson()]))

test('F8 a maintenance page with status 200, also under the name of JSON: retried, complete', () =>
  healed([html(), htmlAsJson(), html(), htmlAsJson()]))
test('F8 such a page for ever: failed, never taken for no rows', async () => {
  await refused(html(), 'bad_answer')
})

test('F9 an empty 200, {}, results that are missing or no list: retried, complete', () =>
  healed([empty(), json({}), json({ total: 0, paging: null }), json({ results: {}, total: 3 })]))
test.each([
  ['an empty 200', empty(), 'bad_answer'],
  ['results that are missing', json({ total: 0 }), 'unexpected_answer'],
] as const)('F9 %s for ever: failed, never the end of the list', async (_, fault, code) => {
  await refused(fault, code)
})

test('F10 no answer, a body that drips: cut by the deadline, retried, complete', () =>
  healed([hang(), slowBody(50)], { upstream: hasty }))

test('F11 gzip bomb: cut at the byte limit, not asked for again, the rest is complete', async () => {
  const { fake } = await refused(gzipBomb(2 ** 31), 'answer_too_large')
  expect(fake.requests.filter(({ fault }) => fault === 'gzip bomb')).toHaveLength(1)
})

test('F11 a field of 1.2 MB: stored with 64 KB and a notice', async () => {
  const portal = await openPortal({ seed: false })
  const { id } = portal.account.createContact({ email: 'a@example.com', firstname: '长'.repeat(1_200_000) })
  // Older than what the read of changes goes over again.
  portal.clock.advance(3_600_000)
  const outcome = await portal.kit.sync()
  expect(reasonsOf(outcome)).toEqual(COMPLETE)
  expect(streamOf(outcome, 'contacts').notices).toMatchObject([{ code: 'text_shortened', count: 1, example: id }])
  expect(await portal.kit.row('contact', id)).toMatchObject({ name: '长'.repeat(65_536) })
})

describe('F12', () => {
  /** A kit on the stores of a connected portal whose source has become something else. */
  async function elsewhere(origin: string | undefined) {
    const portal = await openPortal()
    const connector = { ...hubspot, api: { ...hubspot.api!, origin: UNRESOLVABLE.replace('http:', 'https:') } }
    const { kit } = portal
    const other = await openSyncKit({
      registry: { hubspot: async () => connector },
      origin,
      stores: kit,
    })
    other.adopt(kit.connection)
    return other
  }

  test('DNS failure: failed as such, and only that', async () => {
    const kit = await elsewhere(undefined)
    expect(reasonsOf(await kit.sync())).toMatchObject({ state: 'failed', code: 'host_unknown' })
  })

  test('an address that speaks no TLS: failed, not retried', async () => {
    const server = await startBrokenTls()
    onTestFinished(() => server.close())
    const outcome = await (await elsewhere(server.origin)).sync()
    expect(reasonsOf(outcome)).toMatchObject({ state: 'failed', code: 'tls_failed' })
    expect(outcome.requests).toBe(1)
  })

  test.each([
    ['an expired certificate', new Date(Date.UTC(2021, 0, 1))],
    ['a certificate nobody vouches for', new Date(Date.UTC(2040, 0, 1))],
  ])('%s: failed, not retried, nothing sent', async (_, until) => {
    const server = await startSocketServer(() => undefined, selfSigned(until))
    onTestFinished(() => server.stop())
    const outcome = await (await elsewhere(server.origin)).sync()
    expect(reasonsOf(outcome)).toMatchObject({ state: 'failed', code: 'tls_failed' })
    expect(outcome.requests).toBe(1)
    expect(server.seen).toEqual([])
  })
})

test('F13 redirect to another host: refused, not followed', async () => {
  const elsewhere = await startHubSpot({ validate: false })
  onTestFinished(() => elsewhere.close())
  await refused(redirect(`${elsewhere.origin}/crm/objects/2026-09/contacts`), 'redirect_refused')
  expect(elsewhere.counters.requests).toBe(0)
})

describe('F14', () => {
  test('integers above 2^53 and duplicate keys: ids survive digit for digit', async () => {
    const portal = await openPortal({ account: { bigIds: true } })
    portal.fake.faults.always(
      { path: /\/objects\// },
      rewriteText((text) => text.replace(/"id":"(\d+)"/g, '"id":"0","id":$1')),
    )
    await expectComplete(portal)
    expect((await portal.kit.ids('contact')).some((id) => BigInt(id) > 2n ** 53n)).toBe(true)
  })

  test('NaN: no JSON, retried, complete', () =>
    healed([rewriteText((text) => text.replace('"results":', '"score":NaN,"results":'))]))

  test('a value nested 10,000 deep: discarded as a field, complete', async () => {
    const portal = await openPortal()
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
    portal.fake.faults.next(
      CONTACTS,
      rewriteText((text) => text.replace(/"email":"[^"]*"/, `"email":${deep}`)),
    )
    const outcome = await portal.kit.sync()
    expect(reasonsOf(outcome)).toEqual(COMPLETE)
    expect(outcome.drift).toContainEqual({ stream: 'contacts', field: 'contacts.email', kind: 'retyped' })
    const { stored, source } = await compared(portal)
    expect(stored).toEqual(source)
  })
})

describe('F24', () => {
  type Row = { id: string; properties: Record<string, unknown>; [key: string]: unknown }
  const rows = (change: (row: Row) => void) =>
    rewrite((body: { results: Row[] }) => {
      for (const row of body.results) change(row)
    })

  test('fields new, gone, of another type or without sense: complete, each told once a day', async () => {
    const portal = await openPortal()
    const spoiled = { phone: 13_800_000_000, country: { name: 'x' }, first_conversion_date: 'soon' }
    portal.fake.faults.always(
      CONTACTS,
      rows((row) => {
        delete row.properties.firstname
        Object.assign(row.properties, spoiled)
        Object.assign(row, { shape: 'round' })
      }),
    )
    const outcome = await portal.kit.sync()
    expect(reasonsOf(outcome)).toEqual(COMPLETE)
    expect(outcome.drift.map(({ stream, field, kind }) => `${stream} ${field} ${kind}`).sort()).toEqual([
      'contacts contacts.country retyped',
      'contacts contacts.first_conversion_date retyped',
      'contacts contacts.firstname missing',
      'contacts contacts.phone retyped',
      'contacts contacts.shape new',
    ])
    const { stored, source } = await compared(portal)
    expect(stored).toEqual(source)
    expect((await portal.kit.sync({ full: true })).drift).toEqual([])
  })

  test('a field that is null: complete, nothing to tell', async () => {
    const portal = await openPortal()
    portal.fake.faults.always(
      CONTACTS,
      rows((row) => Object.assign(row.properties, { email: null, firstname: null })),
    )
    const outcome = await portal.kit.sync()
    expect(reasonsOf(outcome)).toEqual(COMPLETE)
    expect(outcome.drift).toEqual([])
  })
})

test('F25 one malformed row among 100: 99 stored, 1 quarantined with its raw form, healed by the next run', async () => {
  const portal = await openPortal({ seed: false })
  const { account, clock, fake, kit } = portal
  const ids = Array.from({ length: 100 }, (_, i) => account.createContact({ email: `p${i}@example.com` }).id)
  const bad = ids[42]!
  clock.advance(3_600_000)
  const fault = fake.faults.always(
    { path: /\/contacts/ },
    rewrite((body: { results?: { id: string; createdAt?: string; properties: object }[] }) => {
      for (const row of body.results ?? []) {
        if (row.id === bad)
          Object.assign(row, { createdAt: 'never', properties: { ...row.properties, createdate: '?' } })
      }
    }),
  )
  const outcome = await kit.sync()
  expect(reasonsOf(outcome)).toEqual(COMPLETE)
  expect(streamOf(outcome, 'contacts')).toMatchObject({ read: 99, imported: 99, rejected: 1 })
  expect(await kit.ids('contact')).toEqual(ids.filter((id) => id !== bad).sort())
  const [reject, ...others] = await kit.rejects()
  expect(others).toEqual([])
  expect(reject).toMatchObject({ part: 'contacts', where: { id: bad }, code: 'missing_created' })
  expect(JSON.parse(reject!.raw)).toMatchObject({ id: bad })
  fault.cancel()
  expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
  expect(await kit.ids('contact')).toEqual([...ids].sort())
  expect(await kit.rejects()).toEqual([])
})

test('F26 special characters: round-trip equal, without U+0000 and broken surrogates', async () => {
  const portal = await openPortal({ seed: false })
  const { account, kit } = portal
  const text = '👩🏽‍💻 王小明 \u202Eabc\u202C e\u0301 ﷽ \u200Fعربي'
  const whole = account.createCompany({ name: text }).id
  const broken = account.createCompany({ name: `a\u0000b\ud83dc\udc00d` }).id
  expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
  expect(await kit.row('account', whole)).toMatchObject({ name: text })
  expect(await kit.row('account', broken)).toMatchObject({ name: 'ab\ufffdc\ufffdd' })
  expect(streamOf(await kit.sync({ full: true }), 'companies')).toMatchObject({ imported: 0, deleted: 0 })
})
