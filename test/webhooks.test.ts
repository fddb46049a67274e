import { request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { diskFull } from '../src/db/errors.ts'
import type { State } from '../src/state/state.ts'
import { bodyOf, signedHeaders, type WebhookEvent } from './fakes/hubspot/webhooks.ts'
import { openStateAt, statePlace } from './support/databases.ts'
import { HOOK, openReceiver, type PostChange, type ReceiverOptions, SECRET } from './support/webhooks-kit.ts'

const PORTAL = 62_515

/** A receiver over a state store with one connected portal. */
async function open(change: Partial<ReceiverOptions> = {}) {
  const state = await openStateAt(await statePlace('duckdb'))
  onTestFinished(() => state.close())
  const { tenant } = await state.openWorkspace('main')
  const connect = async (portal: number, of = tenant) => {
    const made = {
      connector: 'hubspot',
      externalAccountId: String(portal),
      title: 'HubSpot',
      settings: {},
      secrets: {},
    }
    return (await state.saveConnection(of, { ...made, everyMinutes: null })).id
  }
  const woken: number[] = []
  const receiver = await openReceiver({ state, inbox: { wake: () => void woken.push(1) }, ...change })
  const connection = await connect(PORTAL)
  const stored = async (id = connection) => (await state.dueEvents(id, 1000)).map(({ what }) => what)
  return { state, tenant, connect, receiver, connection, stored, woken }
}

let events = 0
function event(fields: Record<string, unknown> = {}): WebhookEvent {
  events += 1
  return {
    eventId: events,
    subscriptionId: 1,
    portalId: PORTAL,
    appId: 1,
    occurredAt: 1_790_000_000_000,
    subscriptionType: 'object.propertyChange',
    attemptNumber: 0,
    objectId: 42,
    objectTypeId: '0-3',
    propertyName: 'amount',
    propertyValue: 'canary@example.com',
    ...fields,
  } as WebhookEvent
}

async function answer(sent: Promise<Response>): Promise<[number, unknown]> {
  const response = await sent
  const body = JSON.parse((await response.text()) || 'null')
  return [response.status, body?.error?.code ?? body]
}

const deal = (id: string) => ({ refs: [{ type: 'deal', id }] })

describe('a delivery', () => {
  test('is kept before it is answered, and wakes the worker', async () => {
    const { receiver, stored, woken } = await open()
    expect(await answer(receiver.post(bodyOf([event(), event({ objectId: 43 })])))).toEqual([
      200,
      { events: 2, added: 2, rejected: 0 },
    ])
    expect(await stored()).toEqual([deal('42'), deal('43')])
    expect(woken).toEqual([1])
  })

  test('that comes again, in whatever attempt, is kept once', async () => {
    const { receiver, stored, woken } = await open()
    const batch = [event(), event()]
    await receiver.post(bodyOf(batch))
    expect(await answer(receiver.post(bodyOf(batch, 3)))).toEqual([200, { events: 2, added: 0, rejected: 0 }])
    expect(await answer(receiver.post(bodyOf([batch[1]!, batch[0]!, batch[0]!])))).toMatchObject([200, { added: 0 }])
    expect(await stored()).toHaveLength(2)
    expect(woken).toHaveLength(1)
  })

  test('of two portals goes to both, one of an unknown portal nowhere', async () => {
    const { receiver, stored, connect, state } = await open()
    const other = await connect(7, (await state.openWorkspace('other')).tenant)
    const batch = [event(), event({ portalId: 7, objectId: 1 }), event({ portalId: 8, objectId: 2 })]
    expect(await answer(receiver.post(bodyOf(batch)))).toEqual([200, { events: 3, added: 2, rejected: 0 }])
    expect([await stored(), await stored(other)]).toEqual([[deal('42')], [deal('1')]])
  })

  test('works before anything is connected', async () => {
    const { receiver } = await open()
    expect(await answer(receiver.post(bodyOf([event({ portalId: 99 })])))).toMatchObject([200, { added: 0 }])
    expect(await answer(receiver.post('[]'))).toMatchObject([200, { events: 0 }])
  })

  test('with one bad event among three: two are kept, one is set aside without its value', async () => {
    const { receiver, stored, state, tenant, connection } = await open()
    const batch = bodyOf([event(), event({ objectId: 'x; drop table' }), event({ objectId: 44 })])
    for (let i = 0; i < 2; i++) expect(await answer(receiver.post(batch))).toMatchObject([200, { rejected: 1 }])
    expect(await stored()).toEqual([deal('42'), deal('44')])
    const rejects = await state.rejects(tenant, connection)
    expect(rejects[0]).toMatchObject({ part: 'webhooks', code: 'bad_event' })
    expect(JSON.stringify(rejects)).not.toContain('canary')
  })

  test('nothing but ids of what it says is kept', async () => {
    const { receiver, state, connection } = await open()
    await receiver.post(bodyOf([event()]))
    expect(JSON.stringify(await state.dueEvents(connection, 10))).not.toContain('canary')
  })

  test('ids beyond 2^53 are kept digit for digit', async () => {
    const { receiver, stored } = await open()
    const ids = ['9007199254740993', '9223372036854775807']
    await receiver.post(bodyOf(ids.map((id) => event({ objectId: BigInt(id) }))))
    expect(await stored()).toEqual(ids.map(deal))
  })
})

describe('what is signed otherwise is refused, and nothing is kept', () => {
  const body = bodyOf([event()])
  const now = Date.now()
  const headers = (change: Readonly<Record<string, string | undefined>>): PostChange => ({ headers: change })
  test.each<[string, PostChange]>([
    ['no signature', headers({ 'x-hubspot-signature-v3': undefined })],
    ['empty signature', headers({ 'x-hubspot-signature-v3': '' })],
    ['wrong signature', headers({ 'x-hubspot-signature-v3': 'AAAA' })],
    [
      'two signatures',
      headers({ 'x-hubspot-signature-v3': `x, ${signedHeaders(SECRET, HOOK, body, now)['x-hubspot-signature-v3']}` }),
    ],
    ['no timestamp', headers({ 'x-hubspot-request-timestamp': undefined })],
    ['a timestamp that is none', headers({ 'x-hubspot-request-timestamp': 'now' })],
    ['another timestamp', headers({ 'x-hubspot-request-timestamp': String(now + 1) })],
    ['an old one', { now: now - 301_000 }],
    ['one from the future', { now: now + 360_000 }],
    ['another secret', { secret: 'other' }],
    ['another path', { path: '/webhooks/hubspot?x=1' }],
    [
      'version 1 only',
      headers({
        'x-hubspot-signature-v3': undefined,
        'x-hubspot-signature': 'abc',
        'x-hubspot-signature-version': 'v1',
      }),
    ],
    [
      'version 2 only',
      headers({
        'x-hubspot-signature-v3': undefined,
        'x-hubspot-signature': 'abc',
        'x-hubspot-signature-version': 'v2',
      }),
    ],
  ])('%s', async (_name, change) => {
    const { receiver, stored } = await open()
    expect(await answer(receiver.post(body, change))).toEqual([401, 'bad_signature'])
    expect(await stored()).toEqual([])
  })

  test('one byte changed, and JSON spaced anew', async () => {
    const { receiver, stored } = await open()
    for (const changed of [body.replace('42', '43'), JSON.stringify(JSON.parse(body), null, 1)]) {
      const signed = signedHeaders(SECRET, HOOK, body)
      expect(await answer(receiver.post(changed, { headers: signed }))).toEqual([401, 'bad_signature'])
    }
    expect(await stored()).toEqual([])
  })

  test('what Host says has no say', async () => {
    const { receiver, stored } = await open()
    const port = Number(new URL(receiver.origin).port)
    const send = (url: string, host: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = {
          ...signedHeaders(SECRET, url, body),
          host,
          'x-forwarded-host': host,
          'x-forwarded-proto': 'https',
        }
        const call = request({ port, path: '/webhooks/hubspot', method: 'POST', headers }, (response) => {
          response.resume().once('end', () => resolve(response.statusCode))
        })
        call.once('error', reject).end(body)
      })
    expect(await send('https://evil.example.org/webhooks/hubspot', 'evil.example.org')).toBe(401)
    expect(await stored()).toEqual([])
    expect(await send(HOOK, 'tunnel.example.org')).toBe(200)
  })
})

describe('what cannot be read does no harm', () => {
  test.each([
    ['empty', ''],
    ['no JSON', 'event=1'],
    ['half of it', '[{"eventId":1'],
    ['an object', '{"eventId":1}'],
    ['a text', '"x"'],
    ['100,000 deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['100,000 deep with a big id', `${'['.repeat(100_000)}12345678901234567890${']'.repeat(100_000)}`],
    ['a number beyond all bounds', `[{"portalId":1e999${'9'.repeat(20)}}]`],
  ])('%s', async (_name, body) => {
    const { receiver, stored } = await open()
    const [status] = await answer(receiver.post(body))
    expect([200, 400]).toContain(status)
    expect(await stored()).toEqual([])
    expect(await answer(receiver.post(bodyOf([event()])))).toMatchObject([200, { added: 1 }])
  })

  test('a body of 20 MB', async () => {
    const { receiver, stored } = await open()
    const result = await answer(receiver.post('x'.repeat(20 << 20))).catch(() => 'cut')
    expect([[413, 'body_too_large'], 'cut']).toContainEqual(result)
    expect(await stored()).toEqual([])
  })

  test('a compressed body is not opened', async () => {
    const { receiver, stored } = await open()
    const zipped = gzipSync(bodyOf([event()]))
    const response = await fetch(`${receiver.origin}/webhooks/hubspot`, {
      method: 'POST',
      headers: { ...signedHeaders(SECRET, HOOK, ''), 'content-encoding': 'gzip' },
      body: zipped,
    })
    expect(response.status).toBe(415)
    expect(await stored()).toEqual([])
  })

  test('other methods and other places', async () => {
    const { receiver } = await open()
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const response = await fetch(`${receiver.origin}/webhooks/hubspot`, { method })
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
    }
    for (const path of ['/webhooks/files', '/webhooks/__proto__', '/webhooks/nobody']) {
      expect((await receiver.post('[]', { path })).status, path).toBe(404)
    }
  })
})

describe('what keeps a delivery from being kept', () => {
  const broken = (error: unknown): State =>
    ({ addEvents: () => Promise.reject(error), connections: async () => [] }) as unknown as State

  test.each([
    ['a full disk', diskFull(new Error('no space'))],
    ['a store that is away', new Error('connection terminated')],
  ])('%s: the sender is to try again', async (_name, error) => {
    const { receiver } = await open({ state: broken(error) })
    const [status, code] = await answer(receiver.post(bodyOf([event()])))
    expect(status).toBe(503)
    expect(['disk_full', 'webhook_not_kept']).toContain(code)
  })

  test('no secret or no public address yet', async () => {
    for (const change of [{ secrets: [] }, { publicUrl: undefined }]) {
      const { receiver, stored } = await open(change)
      expect(await answer(receiver.post(bodyOf([event()])))).toEqual([503, 'webhooks_off'])
      expect(await stored()).toEqual([])
    }
  })

  test('two secrets count while one is being replaced', async () => {
    const { receiver, stored } = await open({ secrets: ['new', 'old'] })
    for (const secret of ['new', 'old']) {
      expect(await answer(receiver.post(bodyOf([event()]), { secret }))).toMatchObject([200, { added: 1 }])
    }
    expect(await stored()).toHaveLength(2)
  })
})

describe('what events say', () => {
  const say = async (fields: Record<string, unknown>) => {
    const { receiver, stored } = await open()
    const [, accepted] = await answer(receiver.post(bodyOf([event({ objectTypeId: undefined, ...fields })])))
    return { accepted, what: (await stored())[0] }
  }

  test.each<[string, Record<string, unknown>, unknown]>([
    ['deal.propertyChange', {}, deal('42')],
    ['deal.creation', {}, deal('42')],
    ['company.propertyChange', {}, { refs: [{ type: 'account', id: '42' }] }],
    ['contact.propertyChange', {}, { refs: [{ type: 'contact', id: '42' }] }],
    ['object.creation', { objectTypeId: '0-136' }, { refs: [{ type: 'lead', id: '42' }] }],
    ['object.restore', { objectTypeId: '0-1' }, { refs: [{ type: 'contact', id: '42' }] }],
    ['deal.deletion', {}, { refs: [{ type: 'deal', id: '42', gone: true }] }],
    ['contact.privacyDeletion', {}, { gone: [{ type: 'contact', id: '42', erased: true }] }],
    [
      'contact.merge',
      { primaryObjectId: 1, mergedObjectIds: [2, 3], newObjectId: null },
      {
        refs: [{ type: 'contact', id: '1' }],
        merges: ['2', '3'].map((id) => ({ from: { type: 'contact', id }, into: { type: 'contact', id: '1' } })),
      },
    ],
    [
      'object.merge',
      { objectTypeId: '0-3', primaryObjectId: 1, mergedObjectIds: [2], newObjectId: 9 },
      {
        refs: [{ type: 'deal', id: '9' }],
        merges: ['1', '2'].map((id) => ({ from: { type: 'deal', id }, into: { type: 'deal', id: '9' } })),
      },
    ],
    [
      'deal.associationChange',
      { associationType: 'DEAL_TO_CONTACT', fromObjectId: 1, toObjectId: 2 },
      {
        refs: [
          { type: 'deal', id: '1' },
          { type: 'contact', id: '2' },
        ],
      },
    ],
    [
      'object.associationChange',
      { fromObjectTypeId: '0-3', toObjectTypeId: '0-77', fromObjectId: 1, toObjectId: 2 },
      deal('1'),
    ],
  ])('%s', async (subscriptionType, fields, what) => {
    expect(await say({ subscriptionType, ...fields })).toEqual({
      accepted: { events: 1, added: 1, rejected: 0 },
      what,
    })
  })

  test.each<[string, Record<string, unknown>]>([
    ['ticket.creation', {}],
    ['object.creation', { objectTypeId: '0-5' }],
    ['object.creation', { objectTypeId: '__proto__' }],
    ['deal.invented', {}],
    ['contact.constructor', {}],
    ['invented', {}],
    ['object.associationChange', { associationType: 'TICKET_TO_CALL', fromObjectId: 1, toObjectId: 2 }],
  ])('%s is nothing we asked for', async (subscriptionType, fields) => {
    const { accepted } = await say({ subscriptionType, ...fields })
    expect(accepted).toEqual({ events: 0, added: 0, rejected: 0 })
  })

  test.each<[string, Record<string, unknown>]>([
    ['no kind', { subscriptionType: undefined }],
    ['no record', { subscriptionType: 'deal.creation', objectId: undefined }],
    ['a record that is no number', { subscriptionType: 'deal.creation', objectId: '1e5' }],
    ['a negative record', { subscriptionType: 'deal.creation', objectId: -1 }],
    ['no time', { subscriptionType: 'deal.creation', occurredAt: undefined }],
    ['a time that is none', { subscriptionType: 'deal.creation', occurredAt: 9e15 }],
    ['a merge without losers', { subscriptionType: 'deal.merge', primaryObjectId: 1, mergedObjectIds: [] }],
    ['a property of 1 KB', { subscriptionType: 'deal.propertyChange', propertyName: 'x'.repeat(1000) }],
  ])('%s is set aside', async (_name, fields) => {
    const { accepted } = await say(fields)
    expect(accepted).toEqual({ events: 0, added: 0, rejected: 1 })
  })
})
