import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { ConnectorError } from '../src/errors.ts'
import type { Purpose } from '../src/sync/contract.ts'
import { formFields } from '../src/sync/form.ts'
import { dueAt } from '../src/sync/schedule.ts'
import { after as answered, before as asked, status } from './fakes/faults.ts'
import { WRITE_SCOPES } from './fakes/hubspot/write.ts'
import { openGranted, startChild, TOKEN } from './oauth-kit.ts'
import { COMPLETE, reasonsOf, streamOf } from './support/sync-kit.ts'

/** Access that was granted: how it is renewed, lost, found lost and given back (reliability.md §3, §4 F20–F23). */

const MINUTE = 60_000
const LIST = { method: 'GET', path: /\/objects\/[^/]+\/contacts$/ }
/** RFC 7636, appendix B. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const CHECK = { path: /\/account-info\// }

test('the person is asked for the least: required scopes, optional ones apart, conditional ones when wanted', async () => {
  const { kit, fake } = await openGranted({ connect: false })
  const request = { connector: 'hubspot', redirectUri: 'https://roi.example.com/oauth/hubspot/callback', state: 's' }
  const ask = async (conditional: readonly string[]) =>
    new URL(await kit.sources.authorizeUrl({ ...request, verifier: VERIFIER, conditional }))
  const plain = await ask([])
  expect(plain.origin).toBe(fake.origin)
  expect(plain.pathname).toBe('/oauth/authorize')
  expect(plain.search).not.toContain('+')
  expect(Object.fromEntries(plain.searchParams)).toEqual({
    response_type: 'code',
    client_id: fake.oauth.clientId,
    redirect_uri: request.redirectUri,
    scope: 'oauth crm.objects.contacts.read crm.objects.companies.read crm.objects.deals.read crm.objects.owners.read',
    optional_scope: 'crm.objects.leads.read crm.objects.marketing_events.read settings.currencies.read',
    state: 's',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  })
  expect((await ask(['forms'])).searchParams.get('scope')).toMatch(/owners\.read forms$/)
  await expect(ask(['crm.objects.contacts.write'])).rejects.toMatchObject({ code: 'bad_scope' })
})

test('what writing back and comparing need is asked for on that occasion only, as the manifest declares it', async () => {
  const { kit } = await openGranted({ connect: false })
  const request = { connector: 'hubspot', redirectUri: 'https://roi.example.com/oauth/hubspot/callback', state: 's' }
  const ask = async (...purposes: readonly Purpose[]) => {
    const asked = { ...request, verifier: VERIFIER, conditional: ['marketing.campaigns.read'], purposes }
    const { searchParams } = new URL(await kit.sources.authorizeUrl(asked))
    return [searchParams.get('scope')!.split(' '), searchParams.get('optional_scope')!.split(' ')] as const
  }
  const [required, optional] = await ask()
  expect([...required, ...optional].filter((scope) => /write|revenue/.test(scope))).toEqual([])
  const [same, more] = await ask('write_back')
  expect([same, more.toSorted()]).toEqual([required, [...optional, ...WRITE_SCOPES].toSorted()])
  expect(await ask('compare')).toEqual([[...required, 'marketing.campaigns.revenue.read'], optional])
})

test('the scopes are those of the app manifest', async () => {
  const { default: hubspot } = await import('../connectors/hubspot/index.ts')
  const manifest = JSON.parse(
    await readFile(join(import.meta.dirname, '../manifest/hubspot/src/app/app-hsmeta.json'), 'utf8'),
  )
  const { requiredScopes, optionalScopes, conditionallyRequiredScopes } = manifest.config.auth
  if (hubspot.auth.type !== 'oauth2') throw new Error('not OAuth')
  const { required, optional, conditional, onDemand = {} } = hubspot.auth.scopes
  const more = (kind: 'optional' | 'conditional') => Object.values(onDemand).flatMap((scopes) => scopes[kind])
  const declared = (...scopes: readonly string[]) => [...new Set(scopes)].sort()
  expect(declared(...required)).toEqual(declared(...requiredScopes))
  expect(declared(...optional, ...more('optional'))).toEqual(declared(...optionalScopes))
  expect(declared(...conditional, ...more('conditional'))).toEqual(declared(...conditionallyRequiredScopes))
  // Nothing that may write, and nothing that a plan may lack, comes with an ordinary install.
  expect([...required, ...optional].filter((scope) => /write|revenue/.test(scope))).toEqual([])
})

test('a grant becomes a connection with sealed tokens, and no token is written anywhere', async () => {
  const { kit, fake, account } = await openGranted()
  expect(kit.connection).toMatchObject({
    externalAccountId: String(account.portalId),
    state: 'pending',
    everyMinutes: 15,
  })
  expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
  const secrets = await kit.state.secrets(kit.connection.id)
  expect(Object.keys(secrets).sort()).toEqual(['access_token', 'expires_at', 'granted_scopes', 'refresh_token'])
  const sent = fake.oauth.asked[0]!
  expect(sent).toMatchObject({ grant_type: 'authorization_code', client_id: fake.oauth.clientId })
  expect(sent.code_verifier).toHaveLength(43)
  expect(fake.requests.filter(({ query }) => /canary/.test(query.replace(/state=.*/, '')))).toEqual([])
  // S2, S12: neither the stores, nor the log, nor the audit hold a token.
  const written = [JSON.stringify(kit.logged), JSON.stringify(await kit.state.audit(kit.workspace.tenant))]
  for (const name of await readdir(kit.place.folder)) {
    if (name.startsWith('state')) written.push((await readFile(join(kit.place.folder, name))).toString('latin1'))
  }
  for (const text of written) expect(text).not.toContain('canary-')
})

test('a token of another connection does not open, nor one with a changed bit (S2)', async () => {
  const { kit } = await openGranted()
  const { openSqlite } = await import('../src/state/sqlite.ts')
  const engine = openSqlite(kit.place.folder)
  const rows = await engine.all<{ field: string; sealed: string }>('SELECT field, sealed FROM secret')
  const sealed = (field: string) => rows.find((row) => row.field === field)!.sealed
  const put = (text: string) => engine.run(`UPDATE secret SET sealed = $1 WHERE field = 'access_token'`, text)
  await put(sealed('refresh_token'))
  await expect(kit.state.secrets(kit.connection.id)).rejects.toMatchObject({ code: 'secret_damaged' })
  const own = sealed('access_token')
  await put(own.slice(0, -4) + (own.at(-4) === 'A' ? 'B' : 'A') + own.slice(-3))
  await expect(kit.state.secrets(kit.connection.id)).rejects.toMatchObject({ code: 'secret_damaged' })
  await put(own)
  expect(await kit.state.secrets(kit.connection.id)).toHaveProperty('access_token')
  await engine.close()
})

test('keys rotate while tokens are renewed', async () => {
  const { kit, clock } = await openGranted()
  await kit.state.rotateKeys()
  clock.advance(26 * MINUTE)
  expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
  await kit.state.rotateKeys()
  expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
})

test('a scope that is needed and was not granted: no connection', async () => {
  const { kit, fake, grant } = await openGranted({ connect: false })
  fake.oauth.granted = ['oauth', 'crm.objects.contacts.read']
  await expect(grant()).rejects.toMatchObject({
    code: 'scopes_missing',
    message: expect.stringContaining('deals.read'),
  })
  expect(await kit.state.connections()).toEqual([])
})

test('what was not granted is not asked for: those streams are off without a request', async () => {
  const { kit, fake, grant } = await openGranted({ streams: undefined, connect: false })
  await grant({ conditional: [] })
  const outcome = await kit.sync()
  expect(outcome.state).toBe('complete')
  for (const stream of ['campaigns', 'campaign_contacts', 'form_submissions']) {
    expect(streamOf(outcome, stream)).toMatchObject({ state: 'off', reason: { code: 'missing_scope' } })
  }
  expect(streamOf(outcome, 'leads').state).toBe('complete')
  expect(fake.requests.filter(({ path }) => /campaigns|forms/.test(path))).toEqual([])
  expect(fake.requests.filter(({ status: code }) => code === 403)).toEqual([])
})

test('a form still needs the token, a grant needs none', async () => {
  const { kit, account } = await openGranted()
  const { default: hubspot } = await import('../connectors/hubspot/index.ts')
  expect(formFields(hubspot, 'en').find(({ key }) => key === 'token')).toMatchObject({ required: true, kind: 'secret' })
  await expect(kit.connect('hubspot', {})).rejects.toMatchObject({ code: 'bad_connection_settings' })
  // The same account with a pasted token: the tokens of the grant go.
  const before = kit.connection.id
  const pasted = await kit.connect('hubspot', { token: account.token })
  expect(pasted.id).toBe(before)
  expect(Object.keys(await kit.state.secrets(before))).toEqual(['token'])
  expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
})

describe('renewal', () => {
  test('five minutes before the end, once; the one before that is not renewed', async () => {
    const { kit, fake, clock } = await openGranted()
    clock.advance(24 * MINUTE)
    await kit.sync()
    expect(fake.oauth.refreshes).toBe(0)
    clock.advance(2 * MINUTE)
    expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
    expect(fake.oauth.refreshes).toBe(1)
    expect(fake.requests.filter(({ status: code }) => code === 401)).toEqual([])
  })

  test('F20 401 in mid-run: one refresh for all requests, and the run completes', async () => {
    const { kit, fake, account } = await openGranted({ contacts: 2500 })
    fake.faults.next(
      { ...LIST, skip: 6 },
      asked(() => fake.oauth.expire(account)),
    )
    expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
    expect(fake.oauth.refreshes).toBe(1)
    expect(await kit.ids('contact')).toEqual(account.ids('contacts').sort())
  })

  test('many at once in one process: one refresh', async () => {
    const { kit, fake, clock } = await openGranted()
    clock.advance(40 * MINUTE)
    fake.faults.next(
      TOKEN,
      asked(() => sleep(100)),
    )
    const signal = new AbortController().signal
    const all = Array.from({ length: 8 }, () => kit.sources.check(kit.workspace, kit.connection.id, signal))
    await Promise.all([...all, kit.sync()])
    expect(fake.oauth.refreshes).toBe(1)
  })

  test('two processes on one PostgreSQL: one refresh', async () => {
    const { kit, fake, clock, second } = await openGranted({ engine: 'postgres' })
    const other = await second()
    fake.oauth.rotate = true
    clock.advance(40 * MINUTE)
    fake.faults.next(
      TOKEN,
      asked(() => sleep(200)),
    )
    const signal = new AbortController().signal
    await Promise.all([kit, other].map((one) => one.sources.check(kit.workspace, kit.connection.id, signal)))
    expect(fake.oauth.refreshes).toBe(1)
    // Both go on with what one of them got.
    expect(reasonsOf(await other.sync())).toEqual(COMPLETE)
    expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
    expect(fake.oauth.refreshes).toBe(1)
  })

  test('two processes on one file: one refresh', async () => {
    const { kit, fake, account, clock } = await openGranted()
    fake.oauth.rotate = true
    clock.advance(40 * MINUTE)
    fake.faults.next(
      TOKEN,
      asked(() => sleep(1500)),
    )
    const children = [1, 2].map(() => startChild(kit.place, fake, clock.now()))
    const told = await Promise.all(children.map(({ ended }) => ended))
    expect(told).toEqual([String(account.portalId), String(account.portalId)])
    expect(fake.oauth.refreshes).toBe(1)
  })

  test('killed after the rotated tokens were stored, before they were used: they are there', async () => {
    const { kit, fake, account, clock } = await openGranted()
    fake.oauth.rotate = true
    clock.advance(40 * MINUTE)
    const child = startChild(kit.place, fake, clock.now())
    fake.faults.next(
      CHECK,
      asked(() => {
        child.process.kill('SIGKILL')
        return sleep(50)
      }),
    )
    expect(await child.ended).toBeNull()
    expect(fake.oauth.refreshes).toBe(1)
    expect(await startChild(kit.place, fake, clock.now()).ended).toBe(String(account.portalId))
    expect(fake.oauth.refreshes).toBe(1)
  })

  test('killed before they were stored: the old ones still work, because nothing new was used', async () => {
    const { kit, fake, account, clock } = await openGranted()
    fake.oauth.rotate = true
    clock.advance(40 * MINUTE)
    const child = startChild(kit.place, fake, clock.now())
    fake.faults.next(
      TOKEN,
      answered(() => {
        child.process.kill('SIGKILL')
        return sleep(100)
      }),
    )
    expect(await child.ended).toBeNull()
    // The lease of the dead ends by itself; a start of the program ends it at once.
    await kit.state.endLeases()
    expect(await startChild(kit.place, fake, clock.now()).ended).toBe(String(account.portalId))
    expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
  })

  test('a source that cannot renew for a while is asked with the token that still works', async () => {
    const { kit, fake, clock } = await openGranted()
    clock.advance(26 * MINUTE)
    fake.faults.next(TOKEN, status(503), 6)
    expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
    expect(fake.oauth.refreshes).toBe(0)
    expect(kit.logged.join('\n')).toContain('could not be renewed yet')
  })

  test('a wrong client secret is no reason to ask the person again', async () => {
    const { kit, fake, clock } = await openGranted()
    clock.advance(40 * MINUTE)
    fake.faults.always(TOKEN, status(401, { body: { error: 'invalid_client', error_description: 'wrong secret' } }))
    expect(reasonsOf(await kit.sync())).toMatchObject({ state: 'failed', code: 'bad_client' })
  })
})

describe('a grant that is gone', () => {
  test('F21, F23 refused renewal: reconnect as uninstalled, one notice, calls and schedule stop, data stays', async () => {
    const { kit, fake, account, clock } = await openGranted()
    expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
    const facts = await kit.facts()
    fake.oauth.uninstall(account)
    clock.advance(40 * MINUTE)
    const spent = fake.counters.requests
    const outcome = await kit.sync()
    expect(reasonsOf(outcome)).toMatchObject({ state: 'reconnect', code: 'uninstalled' })
    expect(fake.counters.requests - spent).toBeLessThanOrEqual(20)
    expect(dueAt(await kit.stored())).toBe(Number.POSITIVE_INFINITY)
    expect(await kit.facts()).toEqual(facts)
    await kit.sync()
    expect(kit.logged.filter((line) => line.includes('connect it again'))).toHaveLength(1)
    expect(kit.logged.join('\n')).not.toContain('canary-')
    expect(JSON.stringify(outcome)).not.toContain('canary-')
  })

  test('uninstalled in the middle of a run: all requests stop, what was read stays, a new grant goes on', async () => {
    const { kit, fake, account, grant } = await openGranted({ contacts: 2500 })
    fake.faults.next(
      { ...LIST, skip: 8 },
      asked(() => fake.oauth.uninstall(account)),
    )
    const outcome = await kit.sync()
    expect(reasonsOf(outcome)).toMatchObject({ state: 'reconnect', code: 'uninstalled' })
    expect(fake.requests.filter(({ status: code }) => code === 401).length).toBeLessThanOrEqual(12)
    expect(await kit.stored()).toMatchObject({ state: 'reconnect' })
    const title = 'My portal'
    await kit.state.changeConnection(kit.connection.id, { title, everyMinutes: 60 })
    await grant()
    expect(await kit.stored()).toMatchObject({ state: 'pending', title, everyMinutes: 60 })
    expect(reasonsOf(await kit.sync())).toEqual(COMPLETE)
    expect(await kit.ids('contact')).toEqual(account.ids('contacts').sort())
  })

  test('nobody asks for data: the daily question finds it', async () => {
    const { kit, fake, account, clock } = await openGranted()
    await kit.sync()
    const questions = () => fake.requests.filter(({ path }) => path.endsWith('/introspect')).length
    await kit.sources.inspectGrants()
    expect(questions()).toBe(1)
    fake.oauth.uninstall(account)
    clock.advance(23 * 60 * MINUTE)
    await kit.sources.inspectGrants()
    expect(questions()).toBe(1)
    expect(await kit.stored()).toMatchObject({ state: 'active' })
    clock.advance(2 * 60 * MINUTE)
    await kit.sources.inspectGrants()
    expect(await kit.stored()).toMatchObject({ state: 'reconnect', result: { reason: { code: 'uninstalled' } } })
    expect(dueAt(await kit.stored())).toBe(Number.POSITIVE_INFINITY)
    clock.advance(48 * 60 * MINUTE)
    await kit.sources.inspectGrants()
    expect(questions()).toBe(2)
    expect(kit.logged.filter((line) => line.includes('connect it again'))).toHaveLength(1)
  })

  test('a question that fails changes nothing and is asked again', async () => {
    const { kit, fake } = await openGranted()
    fake.faults.next({ path: /introspect$/ }, status(503), 6)
    await kit.sources.inspectGrants()
    expect(await kit.stored()).toMatchObject({ state: 'pending' })
    await kit.sources.inspectGrants()
    expect(kit.logged.filter((line) => line.includes('could not be asked about'))).toHaveLength(1)
  })
})

describe('disconnect', () => {
  test('uninstalls the app first, with a renewed token when it must', async () => {
    const { kit, fake, account, clock } = await openGranted()
    await kit.sync()
    clock.advance(40 * MINUTE)
    await kit.sources.disconnect(kit.workspace, kit.connection.id, false)
    expect(fake.oauth.isInstalled(account)).toBe(false)
    expect(
      fake.requests.filter(({ method }) => method === 'DELETE').map(({ path, status: code }) => [path, code]),
    ).toEqual([['/appinstalls/2026-09/external-install', 204]])
    expect(await kit.state.connections()).toEqual([])
    expect((await kit.counts()).contact).toBe(230)
  })

  test('a source that does not answer: nothing is changed, unless it is forced', async () => {
    const { kit, fake } = await openGranted()
    await kit.sync()
    const { id } = kit.connection
    fake.faults.always({ method: 'DELETE' }, status(400, { body: { status: 'error', category: 'X', message: 'no' } }))
    await expect(kit.sources.disconnect(kit.workspace, id, true)).rejects.toMatchObject({ code: 'uninstall_failed' })
    expect(await kit.stored()).toMatchObject({ id })
    expect((await kit.counts()).contact).toBe(230)
    expect(await kit.sources.disconnect(kit.workspace, id, true, true)).toBeGreaterThan(230)
    expect(await kit.state.connections()).toEqual([])
    expect(kit.logged.join('\n')).toContain('could not be given back')
  })

  test('what was uninstalled already is simply removed; a pasted token uninstalls nothing', async () => {
    const { kit, fake, account, clock } = await openGranted()
    fake.oauth.uninstall(account)
    clock.advance(40 * MINUTE)
    await kit.sources.disconnect(kit.workspace, kit.connection.id, false)
    expect(await kit.state.connections()).toEqual([])
    const { id } = await kit.connect('hubspot', { token: account.token })
    const spent = fake.counters.requests
    await kit.sources.disconnect(kit.workspace, id, false)
    expect(fake.counters.requests).toBe(spent)
  })
})

test('S4 the addresses of a grant are the connector’s: no stand-in but a loopback one', async () => {
  const { default: hubspot } = await import('../connectors/hubspot/index.ts')
  const { endpointOf } = await import('../src/sync/oauth-grants.ts')
  const authorize = (origin: string | undefined) =>
    endpointOf(
      { originOf: () => origin, clientOf: () => ({ id: 'i', secret: 'secret-x' }), log() {} } as never,
      hubspot as never,
    ).authorizeUrl({
      redirectUri: 'https://roi.example.com/cb',
      state: 's',
      verifier: 'v',
      conditional: [],
    })
  expect(new URL(authorize(undefined)).origin).toBe('https://app.hubspot.com')
  for (const evil of [
    'https://evil.example',
    'http://169.254.169.254',
    'http://2130706433',
    'http://0x7f.1',
    'http://127.1',
    'http://127.0.0.1@evil.example',
    'https://api.hubapi.com.evil.io',
    'http://[::ffff:7f00:1]',
  ]) {
    expect(() => authorize(evil), evil).toThrow(expect.objectContaining({ code: 'bad_origin' }))
  }
})

test('S4 a token endpoint that redirects is not followed', async () => {
  const { kit, fake, clock } = await openGranted()
  clock.advance(40 * MINUTE)
  fake.faults.always(TOKEN, {
    name: 'redirect',
    answer: () => ({ status: 307, headers: { Location: 'http://169.254.169.254/latest' } }),
  })
  const failed = kit.sources.check(kit.workspace, kit.connection.id, new AbortController().signal)
  await expect(failed).rejects.toMatchObject({ code: 'redirect_refused' })
  await expect(failed).rejects.toBeInstanceOf(ConnectorError)
})
