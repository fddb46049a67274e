import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HostConnection, Panel, RecordView } from '../src/api.ts'
import { fitPanel, fitRecord } from '../src/server/hosts/fit.ts'
import { fetchSigned, OTHER_PORTAL, openWorld, PORTAL, PUBLIC, refusal, SECRET, type World, wish } from './embed-kit.ts'
import { panel, recordView } from './support/hubspot-card-views.ts'

const DEAL = { object_type: 'deals', object_id: '42', locale: 'en' }
let world: World

beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

describe('what the card asks', () => {
  test('a deal, a company and a contact, each in the language and under the model asked for', async () => {
    const deal = await fetchSigned(world, 'record', { ...DEAL, model: 'last' })
    expect(deal.status).toBe(200)
    expect(deal.headers.get('cache-control')).toBe('no-store')
    const view = RecordView.parse(deal.body)
    expect(view).toMatchObject({
      model: 'last',
      record: { type: 'deal', id: '42', name: 'Ours 42', source: 'hubspot' },
    })
    expect(view.credit.map(({ key, share }) => [key, share])).toEqual([
      ['email', 1],
      ['events', 0],
    ])
    const account = await fetchSigned(world, 'record', { object_type: 'companies', object_id: '9', locale: 'zh-CN' })
    expect(RecordView.parse(account.body).record).toMatchObject({ type: 'account', name: 'Northwind 北风' })
    expect(account.body.sentence).toMatch(/\p{Script=Han}/u)
    const contact = await fetchSigned(world, 'record', { object_type: 'contacts', object_id: '7', locale: 'en' })
    expect(RecordView.parse(contact.body).record.type).toBe('contact')
  })

  test('the workspace, with the asked model in front', async () => {
    const answer = await fetchSigned(world, 'portfolio', { locale: 'zh-CN', model: 'first' })
    const view = Panel.parse(answer.body)
    expect(view).toMatchObject({ model: 'first', workspace: { key: 'main' }, empty: false })
    expect(view.views.first.kpis.revenue.value).toBe('501000.50')
  })

  test('the connection, and that there is none', async () => {
    const own = await fetchSigned(world, 'connection', { locale: 'en' })
    expect(HostConnection.parse(own.body)).toMatchObject({ console: `${PUBLIC}/`, status: { account: PORTAL } })
    const none = await fetchSigned(world, 'connection', { locale: 'en' }, { portal: '1' })
    expect(HostConnection.parse(none.body).status).toBeNull()
    expect(refusal(await fetchSigned(world, 'record', DEAL, { portal: '1' }))).toEqual([404, 'not_connected'])
    expect(refusal(await fetchSigned(world, 'portfolio', {}, { portal: '1' }))).toEqual([404, 'not_connected'])
  })

  test('a one-time address; the same wish again is the same address', async () => {
    const body = { ...DEAL, request_id: wish() }
    const first = await fetchSigned(world, 'embed-session', body)
    expect(first.body.uri).toMatch(/^https:\/\/roi\.example\.com\/embed#t=[\w-]{43}$/)
    expect(Date.parse(first.body.expires_at) - world.now().getTime()).toBeLessThanOrEqual(60_000)
    expect((await fetchSigned(world, 'embed-session', body)).body).toEqual(first.body)
    const other = await fetchSigned(world, 'embed-session', body, { user: '8' })
    expect(other.body.uri).not.toBe(first.body.uri)
    expect((await fetchSigned(world, 'embed-session', { ...body, request_id: wish() })).body.uri).not.toBe(
      first.body.uri,
    )
    const another = await fetchSigned(world, 'embed-session', { ...body, object_id: '43' })
    expect(another.body.uri).not.toBe(first.body.uri)
    const missing = { ...body, object_id: '99', request_id: wish() }
    expect(refusal(await fetchSigned(world, 'embed-session', missing))).toEqual([404, 'unknown_record'])
  })

  test('problems come in the language of the body', async () => {
    const answer = await fetchSigned(world, 'record', { ...DEAL, object_id: '5', locale: 'zh-CN' })
    expect(refusal(answer)).toEqual([404, 'unknown_record'])
    expect(answer.body.error.message).toMatch(/\p{Script=Han}/u)
    expect(answer.body.error.remedy).toBeTruthy()
    expect(answer.body.error.request_id).toBe(answer.headers.get('x-request-id'))
  })

  test.each([
    ['no object', { locale: 'en' }],
    ['another kind', { ...DEAL, object_type: 'tickets' }],
    ['an id that is none', { ...DEAL, object_id: "1' OR 1=1" }],
    ['a model that is none', { ...DEAL, model: 'best' }],
  ])('%s is refused', async (_name, body) => {
    expect(refusal(await fetchSigned(world, 'record', body))).toEqual([400, 'bad_request'])
  })

  test('a body that is no JSON, too long or compressed is refused', async () => {
    const raw = (body: string, headers = {}) =>
      fetch(`${world.origin}/api/v1/hubspot/record`, { method: 'POST', body, headers }).then(({ status }) => status)
    expect(await raw('x'.repeat(70_000))).toBe(413)
    expect(await raw('{}', { 'content-encoding': 'gzip' })).toBe(415)
    expect(await raw('[')).toBe(401)
  })
})

test('F135: a user whom the service keeps out of the workspace is kept out here too', async () => {
  const own = await openWorld({ userless: true })
  try {
    const name = 'A@b.com'
    await own.state.addUser({ name, role: 'sales', tenants: [own.workspaces.other.tenant], password: 'x' })
    expect(refusal(await fetchSigned(own, 'record', DEAL))).toEqual([403, 'no_access'])
    expect(refusal(await fetchSigned(own, 'embed-session', { request_id: wish() }))).toEqual([403, 'no_access'])
    expect((await fetchSigned(own, 'record', DEAL, { portal: OTHER_PORTAL })).status).toBe(200)
  } finally {
    await own.close()
  }
})

describe('attacks', () => {
  const attack = (call: Parameters<typeof fetchSigned>[3]) => fetchSigned(world, 'record', DEAL, call).then(refusal)
  const BAD = [401, 'bad_signature']

  test('S10: unsigned, signed by others, changed, stale, for another address', async () => {
    expect(await attack({ tamper: ({ headers }) => delete headers['x-hubspot-signature-v3'] })).toEqual(BAD)
    expect(await attack({ tamper: ({ headers }) => delete headers['x-hubspot-request-timestamp'] })).toEqual(BAD)
    expect(await attack({ secret: 'another' })).toEqual(BAD)
    expect(
      await attack({
        tamper: (request) => {
          request.body = request.body.replace('42', '43')
        },
      }),
    ).toEqual(BAD)
    expect(await attack({ at: new Date(world.now().getTime() - 301_000) })).toEqual(BAD)
    expect(await attack({ at: new Date(world.now().getTime() + 301_000) })).toEqual(BAD)
    expect(await attack({ base: 'https://evil.example.com' })).toEqual(BAD)
    expect(await attack({ base: world.origin })).toEqual(BAD)
  })

  test('S10: a changed user or portal, and one written before that of HubSpot', async () => {
    const swap = (from: string, to: string) => ({
      tamper: (request: { url: string }) => {
        request.url = request.url.replace(from, to)
      },
    })
    expect(await attack(swap('userId=7', 'userId=8'))).toEqual(BAD)
    expect(await attack(swap(PORTAL, OTHER_PORTAL))).toEqual(BAD)
    expect(await attack({ own: `portalId=${OTHER_PORTAL}&` })).toEqual(BAD)
    expect(await attack({ own: 'userId=1&' })).toEqual(BAD)
    expect(await attack({ user: 'x' })).toEqual(BAD)
  })

  test('S3: records are those of the own account, whatever the body says', async () => {
    const theirs = await fetchSigned(world, 'record', DEAL, { portal: OTHER_PORTAL })
    expect(theirs.body.record.name).toBe('Theirs 42')
    const body = { ...DEAL, workspace: 'other', source: 'hubspot', portalId: OTHER_PORTAL }
    expect((await fetchSigned(world, 'record', body)).body.record.name).toBe('Ours 42')
    expect(refusal(await fetchSigned(world, 'record', { ...DEAL, object_id: '99' }))).toEqual([404, 'unknown_record'])
    expect((await fetchSigned(world, 'portfolio', body)).body.workspace.key).toBe('main')
  })

  test('S11: one person who asks too fast is stopped, another one is not', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => fetchSigned(world, 'connection', {}, { user: '31' })),
    )
    const limited = answers.filter(({ status }) => status === 429)
    expect(limited.length).toBeGreaterThan(5)
    expect(Number(limited[0]!.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await fetchSigned(world, 'connection', {}, { user: '32' })).status).toBe(200)
  })
})

describe('before everything is set up', () => {
  test('a record that is not there is pending until the first run is done', async () => {
    const early = await openWorld({ complete: false, secrets: ['new', SECRET] })
    try {
      expect(refusal(await fetchSigned(early, 'record', { ...DEAL, object_id: '5' }))).toEqual([409, 'pending'])
      // What is there already is shown.
      expect((await fetchSigned(early, 'record', DEAL)).status).toBe(200)
      // Both secrets count while one is being replaced.
      expect((await fetchSigned(early, 'record', DEAL, { secret: 'new' })).status).toBe(200)
    } finally {
      await early.close()
    }
  })

  test('without a public address or a secret it says what is missing', async () => {
    const bare = await openWorld({ publicUrl: undefined })
    const keyless = await openWorld({ secrets: [] })
    try {
      expect(refusal(await fetchSigned(bare, 'record', DEAL))).toEqual([503, 'public_url_missing'])
      expect(refusal(await fetchSigned(keyless, 'record', DEAL))).toEqual([503, 'client_secret_missing'])
    } finally {
      await bare.close()
      await keyless.close()
    }
  })
})

describe('what HubSpot takes, 1 MB', () => {
  test('a journey loses its old end, and the touches in it are counted', () => {
    const view = recordView('account')
    const many = Array.from({ length: 500 }, (_, i) => ({ ...view.journey[0]!, label: `${i} ${'x'.repeat(1000)}` }))
    const long = { ...view, journey: many, journey_more: 3 }
    const fitted = fitRecord(long, 200_000)
    expect(Buffer.byteLength(JSON.stringify(fitted))).toBeLessThanOrEqual(200_000)
    expect(fitted.journey.at(-1)).toEqual(many.at(-1))
    expect(fitted.journey.length + fitted.journey_more).toBe(503)
    expect(fitted.deals_count).toBe(view.deals_count)
    expect(fitRecord(view)).toEqual(view)
    expect(() => fitRecord({ ...view, sentence: 'x'.repeat(300_000) }, 200_000)).toThrow(/larger than HubSpot/)
  })

  test('a panel keeps the asked model, whole', () => {
    const one = panel().views.u_position
    const wide = panel({ views: { u_position: one, first: one, last: one } as never })
    const size = Buffer.byteLength(JSON.stringify(wide))
    expect(fitPanel(wide, 'first', size).views.last).toEqual(one)
    const fitted = fitPanel(wide, 'first', size - 100)
    expect([fitted.model, Object.keys(fitted.views)]).toEqual(['first', ['first']])
    expect(fitted.views.first).toEqual(one)
    expect(() => fitPanel(wide, 'first', 500)).toThrow(/larger than HubSpot/)
    expect(fitPanel(wide, 'markov_1' as never).model).toBe('u_position')
  })
})
