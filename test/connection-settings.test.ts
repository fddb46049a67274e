import { request } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ConnectionSettings, Problem } from '../src/api.ts'
import { isRoiError } from '../src/errors.ts'
import { createLog } from '../src/log.ts'
import { createHttp } from '../src/server/http.ts'
import { createNodeServer, listen, stop } from '../src/server/listen.ts'
import { QUIET } from '../src/server/services.ts'
import { noteWriteBack } from '../src/sync/write-back-state.ts'
import { openWorld, type World } from './connections-kit.ts'
import { openGranted } from './oauth-kit.ts'
import { ENGINES } from './support/databases.ts'

/** Settings of a connection that is there, changed without connecting again. */

interface Connected extends World {
  readonly id: string
  change(settings: Record<string, unknown>, more?: object): Promise<ConnectionSettings>
  run(): Promise<string>
}

async function connected(engine?: (typeof ENGINES)[number]): Promise<Connected> {
  const world = await openWorld(engine)
  const { services, source } = world
  const settings = { token: source.token, portal: '77' }
  const { connection } = await services.connect({ connector: 'acme', settings, locale: 'en' }, QUIET)
  const { id } = connection
  return {
    ...world,
    id,
    async change(given, more = {}) {
      const ask = { locale: 'en' as const, id, settings: given, ...more }
      return ConnectionSettings.parse(await services.change_connection(ask, QUIET))
    },
    run: async () => (await services.sync({ locale: 'en', id, full: false }, QUIET)).state,
  }
}

async function refusal(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!isRoiError(error)) throw error ?? new Error('it worked')
  return error
}

describe.each(ENGINES)('on %s', (engine) => {
  test('what is named changes, everything else stays, and the audit knows both values', async () => {
    const { env, workspace, services, source, id, change, run } = await connected(engine)
    expect(await run()).toBe('complete')
    const before = await env.state.findConnection(workspace.tenant, id)
    const asked = source.requests.length
    const done = await change({ region: 'us' }, { title: 'Ours', every_minutes: null })
    expect(done).toMatchObject({
      id,
      title: 'Ours',
      every_minutes: null,
      settings: { portal: '77', region: 'us' },
      secrets: ['token'],
      granted: false,
      scopes: null,
      changed: ['region', 'title', 'every_minutes'],
      notices: [],
    })
    // No secret changed: the source was not asked.
    expect(source.requests).toHaveLength(asked)
    const after = (await env.state.findConnection(workspace.tenant, id))!
    expect(after).toEqual({ ...before, title: 'Ours', everyMinutes: null, settings: { portal: '77', region: 'us' } })
    expect(await env.state.secrets(id)).toEqual({ token: source.token })
    const [entry] = await env.state.audit(workspace.tenant)
    expect(entry).toMatchObject({
      action: 'connection',
      subject: id,
      before: { title: 'Acme GmbH', every_minutes: 15, settings: { region: 'eu' } },
      after: { title: 'Ours', every_minutes: null, settings: { region: 'us' } },
    })
    expect(ConnectionSettings.parse(await services.connection_settings({ locale: 'en', id }, QUIET))).toEqual({
      ...done,
      changed: [],
    })
    expect(await run()).toBe('complete')
  })

  test('a new secret is checked at the source, sealed, and used by the next run; it mends what only it could', async () => {
    const { env, workspace, source, id, change, run } = await connected(engine)
    source.token = 'tok-of-nobody-2'
    expect(await run()).toBe('reconnect')
    const wrong = await refusal(change({ token: 'tok-that-is-wrong' }))
    expect([wrong.code, wrong.status]).toEqual(['connect_failed', 401])
    expect(await env.state.secrets(id)).toEqual({ token: 'tok-of-nobody-1' })
    expect((await env.state.findConnection(workspace.tenant, id))!.state).toBe('reconnect')
    const done = await change({ token: source.token })
    expect(done.changed).toEqual(['token'])
    expect(JSON.stringify(done)).not.toContain('tok-of-nobody')
    expect((await env.state.findConnection(workspace.tenant, id))!.state).toBe('pending')
    expect(await run()).toBe('complete')
    const audit = JSON.stringify(await env.state.audit(workspace.tenant))
    expect(audit).toContain('"secrets":["token"]')
    expect(audit).not.toContain('tok-of-nobody')
  })
})

test('the same again changes nothing, and leaves no entry', async () => {
  const { env, workspace, source, change } = await connected()
  const { length } = await env.state.audit(workspace.tenant)
  const asked = source.requests.length
  expect((await change({ region: 'eu', token: source.token }, { title: 'Acme GmbH' })).changed).toEqual([])
  expect(await env.state.audit(workspace.tenant)).toHaveLength(length)
  expect(source.requests).toHaveLength(asked)
})

test('nothing is kept of a change that is refused', async () => {
  const { env, workspace, id, source, change } = await connected()
  const before = await env.state.findConnection(workspace.tenant, id)
  const unknown = await refusal(change({ regoin: 'us' }))
  expect([unknown.code, unknown.exitCode]).toEqual(['bad_connection_settings', 2])
  expect(unknown.describe('en')).toContain('Did you mean region?')
  const wrong = await refusal(change({ region: 'mars', portal: '78' }))
  expect(wrong.describe('en')).toContain('eu | us')
  expect(wrong.describe('zh-CN')).toContain('无效：region')
  // The only secret cannot go, and what is needed goes back to no default.
  for (const [key, value] of [
    ['token', ''],
    ['token', null],
    ['portal', ''],
  ] as const) {
    expect((await refusal(change({ [key]: value }))).code).toBe('bad_connection_settings')
  }
  source.token = 'tok-of-nobody-3'
  const other = await refusal(change({ token: source.token, portal: '88' }))
  expect([other.code, other.status]).toEqual(['other_account', 400])
  expect(other.text.en).toContain('88')
  expect(await env.state.findConnection(workspace.tenant, id)).toEqual(before)
  expect(await env.state.secrets(id)).toEqual({ token: 'tok-of-nobody-1' })
  expect((await refusal(change({}, { id: 'con_nothing' }))).code).toBe('unknown_connection')
})

test('an empty text goes back to the default', async () => {
  const { change } = await connected()
  expect((await change({ region: 'us' })).settings.region).toBe('us')
  expect((await change({ region: '' })).settings.region).toBe('eu')
})

test('two changes at a time do not undo one another', async () => {
  const { change } = await connected()
  await Promise.all([change({ region: 'us' }), change({}, { title: 'Ours' }), change({}, { every_minutes: 60 })])
  expect(await change({})).toMatchObject({ title: 'Ours', every_minutes: 60, settings: { region: 'us' }, changed: [] })
})

describe('access that was granted', () => {
  test('settings change and the grant stays; a key for it is refused with the way to have one', async () => {
    const { kit, fake } = await openGranted({ contacts: 20 })
    const { sources, workspace, connection, state } = kit
    const secrets = await state.secrets(connection.id)
    const change = (settings: Record<string, unknown>) =>
      sources.change(workspace, connection.id, { settings }, QUIET.signal)
    expect(await change({ email_clicks: 'no', spend_category: 'ads' })).toEqual(['email_clicks', 'spend_category'])
    expect(await state.secrets(connection.id)).toEqual(secrets)
    expect((await kit.sync()).state).toBe('complete')
    const { granted, settings, scopes } = await sources.settingsOf(workspace, connection.id)
    expect(granted).toBe(true)
    expect(settings).toMatchObject({ email_clicks: false, spend_category: 'ads', write_back: false })
    expect(scopes).toContain('crm.objects.deals.read')
    const asked = fake.requests.length
    const error = await refusal(change({ token: 'pat-na1-something', email_clicks: true }))
    expect(error.code).toBe('granted_access')
    expect(error.remedy?.en).toContain('roi-panel connect hubspot --set token=@FILE')
    expect(error.describe('zh-CN')).not.toContain('pat-na1-something')
    expect(fake.requests).toHaveLength(asked)
    expect((await sources.settingsOf(workspace, connection.id)).settings.email_clicks).toBe(false)
  })

  test('a new setting counts from the next run on, also in a process that had the connection open before', async () => {
    const { kit, fake, second } = await openGranted({
      contacts: 20,
      streams: ['owners', 'contacts', 'form_submissions'],
    })
    expect((await kit.sync()).state).toBe('complete')
    const submissions = () => fake.requests.filter(({ path }) => path.includes('/submissions/')).length
    const before = submissions()
    expect(before).toBeGreaterThan(0)
    const other = await second()
    await other.sources.change(kit.workspace, kit.connection.id, { settings: { forms: false } }, QUIET.signal)
    await kit.sync({ full: true })
    expect(submissions()).toBe(before)
  })
})

test('switching write-back on says what was not granted for it, and forgets earlier failures', async () => {
  const { kit } = await openGranted({ contacts: 20 })
  const { createServices } = await import('../src/server/product.ts')
  const { default: hubspot } = await import('../connectors/hubspot/index.ts')
  const services = createServices({ ...kit, webhooks: undefined, connectors: async () => [hubspot] } as never)
  const now = new Date()
  const counts = { records: 0, written: 0, refused: 0, failures: 3, wholeAt: null, reason: null }
  const far = new Date(now.getTime() + 3_600_000)
  const failed = { state: 'failed' as const, startedAt: now, finishedAt: now, notBefore: far, ...counts }
  await noteWriteBack(kit.state, kit.connection.id, failed)
  const ask = { locale: 'en' as const, id: kit.connection.id, settings: { write_back: 'yes' } }
  const done = ConnectionSettings.parse(await services.change_connection(ask, QUIET))
  expect(done).toMatchObject({ granted: true, settings: { write_back: true }, notices: [{ code: 'missing_scope' }] })
  expect(done.notices[0]!.message).toContain('crm.schemas.contacts.write')
  expect(done.notices[0]!.remedy).toContain(`again=${kit.connection.id}&with=write_back`)
  // Nobody asks for a key where access was granted.
  expect(done.fields.map(({ key }) => key)).not.toContain('token')
  const [status] = await services.connections({ locale: 'en', only: [] }, QUIET)
  expect(status!.write_back).toMatchObject({ state: 'waiting', reason: null })
})

describe('over HTTP', () => {
  async function served() {
    const world = await connected()
    const log = createLog('silent')
    const options = { log, host: '127.0.0.1', uploads: '', ready: () => true }
    const server = createNodeServer(createHttp(world.services, options))
    const port = await listen(server, 0, '127.0.0.1')
    onTestFinished(() => stop(server, 100))
    const ask = (method: string, path: string, json?: unknown, headers: Record<string, string> = {}) =>
      new Promise<{ status: number; body: unknown }>((resolve, reject) => {
        const text = json === undefined ? undefined : JSON.stringify(json)
        const all = { host: `localhost:${port}`, ...(text && { 'content-type': 'application/json' }), ...headers }
        const call = request(
          { port, host: '127.0.0.1', path: `/api/v1${path}`, method, headers: all },
          async (response) => {
            const body = JSON.parse(Buffer.concat(await response.toArray()).toString())
            resolve({ status: response.statusCode ?? 0, body })
          },
        )
        call.on('error', reject).end(text)
      })
    return { ...world, ask }
  }

  test('GET shows them without secrets, PATCH changes those that are named', async () => {
    const { ask, id, source } = await served()
    const shown = await ask('GET', `/connections/${id}/settings?locale=zh-CN`)
    expect(shown.status).toBe(200)
    const found = ConnectionSettings.parse(shown.body)
    expect(found.fields.map(({ key, label, required }) => [key, label, required])).toEqual([
      ['token', '访问令牌', false],
      ['portal', '门户', true],
      ['region', 'region', false],
    ])
    expect(JSON.stringify(found)).not.toContain(source.token)
    const changed = await ask('PATCH', `/connections/${id}?locale=en`, { settings: { region: 'us' } })
    expect(changed.status).toBe(200)
    expect(ConnectionSettings.parse(changed.body)).toMatchObject({ settings: { region: 'us' }, changed: ['region'] })
  })

  test('problems name what is wrong, and other sites change nothing', async () => {
    const { ask, id, env, workspace } = await served()
    const code = ({ status, body }: { status: number; body: unknown }) => [status, Problem.parse(body).error.code]
    expect(code(await ask('PATCH', `/connections/${id}`, { settings: { x: 1 } }))).toEqual([
      400,
      'bad_connection_settings',
    ])
    expect(code(await ask('PATCH', `/connections/${id}`, { every_minutes: 0 }))).toEqual([400, 'bad_request'])
    expect(code(await ask('PATCH', '/connections/con_nothing', { settings: {} }))).toEqual([404, 'unknown_connection'])
    expect(code(await ask('GET', '/connections/con_nothing/settings'))).toEqual([404, 'unknown_connection'])
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    const edit = { settings: { region: 'us' } }
    expect(code(await ask('PATCH', `/connections/${id}`, edit, foreign))).toEqual([403, 'cross_site'])
    expect((await env.state.findConnection(workspace.tenant, id))!.settings).toMatchObject({ region: 'eu' })
  })
})
