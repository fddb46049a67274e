import { createHash, createHmac, createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { base64url, decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EmbedOpened } from '../src/api.ts'
import { loadConfig } from '../src/config.ts'
import { HUBSPOT_APP_ORIGINS } from '../src/server/hosts/frame-hosts.ts'
import { stateMigrations } from '../src/state/migrations.ts'
import {
  fetchSigned,
  get,
  OTHER_PORTAL,
  oneTime,
  opened,
  openWorld,
  PUBLIC,
  post,
  refusal,
  type World,
  wish,
} from './embed-kit.ts'
import { temporaryFolder } from './import-kit.ts'
import { ENGINES, openStateAt, openTestDatabase, testKeys } from './support/databases.ts'

const DEAL = { object_type: 'deals', object_id: '42' }
const BAD = [401, 'bad_embed_token']
let world: World

beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

describe('the way in', () => {
  test('a one-time token becomes a bearer token for five minutes, and renews itself for eight hours', async () => {
    const answer = await post(world, 'embed/exchange', { token: await oneTime(world, DEAL) })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const open = EmbedOpened.parse(answer.body)
    expect(open).toMatchObject({ workspace: 'main', record: { type: 'deal', id: '42', source: 'hubspot' } })
    expect(open.frame_origins).toEqual(HUBSPOT_APP_ORIGINS)
    expect(decodeProtectedHeader(open.token)).toEqual({ alg: 'HS256', typ: 'roi-embed+jwt', kid: expect.any(String) })
    const claims = decodeJwt(open.token)
    expect(claims).toEqual({
      iss: PUBLIC,
      aud: `${PUBLIC}/api/v1`,
      sub: '62515:7',
      tenant: 'main',
      sid: expect.any(String),
      scope: 'read',
      record: { type: 'deal', id: '42' },
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: claims.iat! + 300,
    })
    const next = await post(world, 'embed/renew', { renewal: open.renewal })
    expect(decodeJwt(next.body.token).jti).not.toBe(claims.jti)
    expect((await get(world, 'record', next.body.token)).body.record.name).toBe('Ours 42')
  })

  test('S9: once, within a minute, and only the real one', async () => {
    const token = await oneTime(world)
    expect((await post(world, 'embed/exchange', { token })).status).toBe(200)
    expect(refusal(await post(world, 'embed/exchange', { token }))).toEqual(BAD)
    const both = await oneTime(world)
    const answers = await Promise.all([1, 2, 3, 4].map(() => post(world, 'embed/exchange', { token: both })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401])
    const late = await oneTime(world)
    world.later(60_001)
    expect(refusal(await post(world, 'embed/exchange', { token: late }))).toEqual(BAD)
    expect(refusal(await post(world, 'embed/exchange', { token: randomBytes(32).toString('base64url') }))).toEqual(BAD)
    for (const body of [{}, { token: 'x' }, { token: `${'a'.repeat(42)}%` }, { token, more: 1 }, [], null]) {
      expect(refusal(await post(world, 'embed/exchange', body))).toEqual([400, 'bad_request'])
    }
  })

  test('a wish that was served and opened is served anew, under another token', async () => {
    const body = { locale: 'en', request_id: wish() }
    const first = await fetchSigned(world, 'embed-session', body)
    const token = String(first.body.uri).split('#t=')[1]!
    expect((await post(world, 'embed/exchange', { token })).status).toBe(200)
    expect((await fetchSigned(world, 'embed-session', body)).body.uri).not.toBe(first.body.uri)
  })

  test('writes from pages of other sites do not reach it', async () => {
    const token = await oneTime(world)
    const foreign = { origin: 'https://evil.example.com', 'sec-fetch-site': 'cross-site' }
    expect(refusal(await post(world, 'embed/exchange', { token }, foreign))).toEqual([403, 'cross_site'])
    expect(refusal(await post(world, 'embed/exchange', { token }, { origin: 'null' }))).toEqual([403, 'cross_site'])
    expect((await post(world, 'embed/exchange', { token })).status).toBe(200)
  })
})

describe('what a token lets see', () => {
  test('a record session: that record, under any model, and nothing else', async () => {
    const { token } = await opened(world, DEAL)
    expect((await get(world, 'record?type=deal&id=42&model=first', token)).body).toMatchObject({
      model: 'first',
      record: { name: 'Ours 42' },
    })
    for (const query of ['type=deal&id=43', 'type=contact&id=42', 'type=deal&id=42&id=43', 'source=files&id=42']) {
      expect(refusal(await get(world, `record?${query}`, token)), query).toEqual([404, 'unknown_record'])
    }
    expect(refusal(await get(world, 'record?workspace=other', token))).toEqual([404, 'unknown_workspace'])
    const beyond = ['panel', 'report', 'drill', 'explain?metric=roi', 'quality', 'workspaces', 'connections', 'doctor']
    for (const path of [...beyond, 'connections/x', 'templates/costs', 'record/']) {
      expect(refusal(await get(world, path, token)), path).toEqual([403, 'out_of_scope'])
    }
  })

  test('a workspace session: panel, reports and deals of that workspace, read-only', async () => {
    const { token } = await opened(world)
    for (const path of ['panel', 'report', 'drill', 'explain?metric=roi']) {
      const { status, body } = await get(world, path, token)
      expect([path, status, JSON.stringify(body).includes('Theirs')]).toEqual([path, 200, false])
    }
    expect((await get(world, 'panel?workspace=main', token)).body.workspace.key).toBe('main')
    for (const path of ['panel', 'report', 'drill', 'explain?metric=roi']) {
      const asked = `${path}${path.includes('?') ? '&' : '?'}workspace=other`
      expect(refusal(await get(world, asked, token)), asked).toEqual([404, 'unknown_workspace'])
    }
    expect(refusal(await get(world, 'panel?workspace=main&workspace=other', token))).toEqual([404, 'unknown_workspace'])
    for (const path of [
      'record?type=deal&id=42',
      'quality',
      'workspaces',
      'connections',
      'doctor',
      'templates/costs',
    ]) {
      expect(refusal(await get(world, path, token)), path).toEqual([403, 'out_of_scope'])
    }
    const writes = { authorization: `Bearer ${token}` }
    for (const path of ['panel', 'connections', 'imports?name=x.csv', 'doctor']) {
      expect(refusal(await post(world, path, {}, writes)), path).toEqual([403, 'out_of_scope'])
    }
  })

  test('both hear that figures changed, of their workspace only', async () => {
    for (const record of [{}, DEAL]) {
      const { token } = await opened(world, record)
      const end = new AbortController()
      const headers = { authorization: `Bearer ${token}` }
      const stream = await fetch(`${world.origin}/api/v1/events`, { headers, signal: end.signal })
      expect([stream.status, stream.headers.get('content-type')]).toEqual([
        200,
        expect.stringMatching('text/event-stream'),
      ])
      end.abort()
      expect(refusal(await get(world, 'events?workspace=other', token))).toEqual([404, 'unknown_workspace'])
    }
  })

  test('S3: a session of another account sees its own', async () => {
    const { token, workspace } = await opened(world, DEAL, { portal: OTHER_PORTAL })
    expect(workspace).toBe('other')
    expect((await get(world, 'record', token)).body.record.name).toBe('Theirs 42')
    expect(refusal(await get(world, 'record?workspace=main', token))).toEqual([404, 'unknown_workspace'])
  })
})

describe('S9: tokens that are not ours', () => {
  let good: string
  let claims: JWTPayload
  let kid: string
  beforeAll(async () => {
    good = (await opened(world, DEAL)).token
    claims = decodeJwt(good)
    kid = String(decodeProtectedHeader(good).kid)
  })
  const HEADER = { alg: 'HS256', typ: 'roi-embed+jwt' }
  const keyOf = async (workspace: 'main' | 'other') => {
    const [key] = await world.state.keysFor(`embed token of workspace ${world.workspaces[workspace].tenant}`)
    return key!.key
  }
  const forged = async (change: Partial<JWTPayload>, header: object = {}, workspace: 'main' | 'other' = 'main') => {
    const payload = Object.fromEntries(Object.entries({ ...claims, ...change }).filter(([, value]) => value !== null))
    return new SignJWT(payload).setProtectedHeader({ ...HEADER, kid, ...header }).sign(await keyOf(workspace))
  }
  const seen = async (token: string) => refusal(await get(world, 'record', token))
  const part = (value: object) => base64url.encode(JSON.stringify(value))

  test('the test forges well: unchanged claims pass', async () => {
    expect((await get(world, 'record', await forged({}))).status).toBe(200)
  })

  test('alg none, with and without a signature', async () => {
    const body = good.split('.')[1]
    for (const alg of ['none', 'None', 'nOnE', '']) {
      expect(await seen(`${part({ ...HEADER, alg, kid })}.${body}.`), alg).toEqual(BAD)
      expect(await seen(`${part({ ...HEADER, alg, kid })}.${good.split('.').slice(1).join('.')}`), alg).toEqual(BAD)
    }
  })

  test('another algorithm: RS256, HS512, and HS256 under a public key', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const rsa = await new SignJWT(claims).setProtectedHeader({ ...HEADER, alg: 'RS256', kid }).sign(privateKey)
    expect(await seen(rsa)).toEqual(BAD)
    expect(await seen(await forged({}, { alg: 'HS384' }).catch(() => 'a.b.c'))).toEqual(BAD)
    const pem = createSecretKey(Buffer.from(publicKey.export({ type: 'spki', format: 'pem' })))
    expect(await seen(await new SignJWT(claims).setProtectedHeader({ ...HEADER, kid }).sign(pem))).toEqual(BAD)
  })

  test('headers that bring or point at a key, or name another one', async () => {
    const own = randomBytes(32)
    const jwk = { kty: 'oct', k: own.toString('base64url') }
    for (const header of [{ jwk }, { jku: 'https://evil.example.com/keys' }, { x5u: 'https://evil.example.com' }]) {
      const sign = new SignJWT(claims).setProtectedHeader({ ...HEADER, kid, ...header } as never)
      expect(await seen(await sign.sign(own))).toEqual(BAD)
      expect(await seen(await forged({}, header)), 'even under our key').toEqual(BAD)
    }
    expect(await seen(await forged({}, { kid: '../../keys' }))).toEqual(BAD)
    expect(await seen(await forged({}, { kid: undefined }))).toEqual(BAD)
    expect(await seen(await forged({}, { typ: 'JWT' }))).toEqual(BAD)
  })

  test('wrong or missing claims', async () => {
    const now = Math.floor(world.now().getTime() / 1000)
    const wrong: Partial<JWTPayload>[] = [
      { aud: 'https://other.example.com/api/v1' },
      { iss: 'https://other.example.com' },
      { exp: now - 1 },
      { iat: now - 301, exp: now + 300 },
      { iat: now + 3600, exp: now + 3700 },
      { exp: now + 86_400, iat: now - 400 },
      { sub: '62515:8' },
      { sid: 'other' },
      { tenant: 'other' },
      { tenant: 'none' },
      { scope: 'write' },
      { record: { type: 'deal', id: '43' } },
      { record: null as never },
      { admin: true },
      ...['exp', 'iat', 'aud', 'iss', 'sub', 'jti', 'tenant', 'sid', 'scope'].map((name) => ({
        [name]: null as never,
      })),
    ]
    for (const change of wrong) expect(await seen(await forged(change)), JSON.stringify(change)).toEqual(BAD)
  })

  test('the key of another workspace', async () => {
    expect(await seen(await forged({}, {}, 'other'))).toEqual(BAD)
    expect(await seen(await forged({ tenant: 'other' }, {}, 'main'))).toEqual(BAD)
  })

  test('a signature that was changed, cut or reused', async () => {
    const [head, body, signature = ''] = good.split('.')
    const other = `${part({ ...claims, record: { type: 'deal', id: '43' } })}`
    for (const token of [
      `${head}.${other}.${signature}`,
      `${head}.${body}.${signature.slice(1)}`,
      `${head}.${body}.`,
    ]) {
      expect(await seen(token)).toEqual(BAD)
    }
    const guess = createHmac('sha256', 'roi-panel').update(`${head}.${body}`).digest('base64url')
    expect(await seen(`${head}.${body}.${guess}`)).toEqual(BAD)
    expect(await seen(`a.b.${'c'.repeat(5000)}`)).toEqual(BAD)
  })

  test('in the query string it is refused, good as it may be', async () => {
    for (const name of ['token', 'access_token', 'x']) {
      expect(refusal(await get(world, `record?${name}=${good}`))).toEqual([400, 'token_in_query'])
    }
    expect(refusal(await get(world, 'panel?token=abc'))).toEqual([400, 'token_in_query'])
  })
})

describe('the end', () => {
  test('a token ends after five minutes, a session after eight hours', async () => {
    const { token, renewal } = await opened(world, DEAL)
    world.later(301_000)
    expect(refusal(await get(world, 'record', token))).toEqual(BAD)
    const next = await post(world, 'embed/renew', { renewal })
    expect((await get(world, 'record', next.body.token)).status).toBe(200)
    world.later(8 * 3_600_000)
    expect(refusal(await post(world, 'embed/renew', { renewal }))).toEqual(BAD)
    expect(refusal(await post(world, 'embed/renew', { renewal: randomBytes(32).toString('base64url') }))).toEqual(BAD)
  })

  test('with the connection everything of it ends at once', async () => {
    const own = await openWorld()
    try {
      const waiting = await oneTime(own)
      const { token, renewal } = await opened(own)
      await own.state.removeConnection(own.workspaces.main.tenant, own.connections.main.id)
      expect(refusal(await get(own, 'panel', token))).toEqual(BAD)
      expect(refusal(await post(own, 'embed/renew', { renewal }))).toEqual(BAD)
      expect(refusal(await post(own, 'embed/exchange', { token: waiting }))).toEqual(BAD)
      expect(refusal(await fetchSigned(own, 'portfolio', {}))).toEqual([404, 'not_connected'])
    } finally {
      await own.close()
    }
  })
})

describe('the page', () => {
  test('is framed by the listed origins only, has no other frame header and a policy without exceptions', async () => {
    const own = await openWorld({ frameHosts: ['https://crm.example.cn'] })
    try {
      const { headers } = await get(own, '/embed')
      const policy = headers.get('content-security-policy') ?? ''
      const origins = /frame-ancestors ([^;]+)/.exec(policy)?.[1]?.split(' ')
      expect(origins).toEqual([...HUBSPOT_APP_ORIGINS, 'https://crm.example.cn'])
      expect(policy).not.toMatch(/\*|unsafe|'self' https/)
      expect(headers.get('x-frame-options')).toBeNull()
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      const home = await get(own, '/')
      expect(home.headers.get('x-frame-options')).toBe('SAMEORIGIN')
    } finally {
      await own.close()
    }
  })

  test('hosts are full names', () => {
    const hosts = (text: string) => loadConfig({ ROI_PANEL_FRAME_HOSTS: text }).frameHosts
    expect(hosts('https://crm.example.cn, https://a.example:8443')).toEqual([
      'https://crm.example.cn',
      'https://a.example:8443',
    ])
    const wrong = ['https://*.example.cn', '*', 'http://crm.example.cn', 'https://crm.example.cn/x', "'self'", 'data:']
    for (const text of [...wrong, 'https://u:p@crm.example.cn', "https://crm.example.cn; script-src 'unsafe-inline'"]) {
      expect(() => loadConfig({ ROI_PANEL_FRAME_HOSTS: text }), text).toThrow(/ROI_PANEL_FRAME_HOSTS/)
    }
  })
})

test('F135: sessions from before e-mail addresses were kept end with the upgrade', () => {
  const database = new DatabaseSync(':memory:')
  const apply = (wanted: number) => {
    const found = stateMigrations().find(({ version }) => version === wanted)
    for (const statement of found!.statements) database.exec(statement)
  }
  for (const version of [1, 2, 3, 4, 5, 6]) apply(version)
  database.exec(`INSERT INTO workspace (tenant_id, key, title, created_at) VALUES (1, 'main', 'main', '2026-01-01');
    INSERT INTO embed_session (id, tenant_id, connection_id, subject, request_id, locale, opens, opens_until, opened_at,
      renews, created_at, expires_at)
    VALUES ('one', 1, 'con_1', '1:2', 'wish-1', 'en', 'x', '2099', '2026', 'y', '2026', '2099')`)
  apply(7)
  expect(database.prepare('SELECT count(*) AS n FROM embed_session').get()).toEqual({ n: 0 })
  database.close()
})

describe.each(ENGINES)('sessions at rest, %s', (engine) => {
  test('neither what opens nor what renews them is in the store; each opens once', async () => {
    const folder = await temporaryFolder()
    const database = await openTestDatabase(engine)
    const state = await openStateAt({ engine, folder, url: database.place, keys: testKeys() })
    try {
      const { tenant } = await state.openWorkspace('main')
      const now = Date.now()
      const token = randomBytes(32).toString('base64url')
      const digest = (text: string) => createHash('sha256').update(text).digest('hex')
      const session = {
        id: 'one',
        tenant,
        connection: 'con_1',
        subject: '1:2',
        email: 'a@b.com',
        locale: 'en',
        record: null,
        requestId: 'wish-1',
        opens: digest(token),
        opensUntil: new Date(now + 60_000),
        expiresAt: new Date(now + 3_600_000),
      } as const
      expect((await state.beginEmbed(session)).id).toBe('one')
      expect((await state.beginEmbed({ ...session, id: 'two', opens: 'x' })).id).toBe('one')
      // Renamed since: what he may see is asked under the new address.
      const renamed = { ...session, subject: '1:3', requestId: 'wish-2' }
      expect((await state.beginEmbed({ ...renamed, id: 'three', opens: 'y' })).id).toBe('three')
      expect((await state.beginEmbed({ ...renamed, id: 'four', opens: 'z', email: 'b@b.com' })).id).toBe('four')
      expect(await state.findEmbed(tenant, 'one')).toBeUndefined()
      const tries = await Promise.all([1, 2].map((i) => state.openEmbed(digest(token), digest(`r${i}`))))
      expect(tries.filter(Boolean)).toHaveLength(1)
      expect(await state.findEmbed(tenant, 'one')).toMatchObject({ subject: '1:2', email: 'a@b.com', record: null })
      expect(await state.findEmbed(tenant + 1, 'one')).toBeUndefined()
      if (engine === 'duckdb') {
        const bytes = (await readFile(`${folder}/state.sqlite-wal`)).toString('latin1')
        expect(bytes).toContain(digest(token))
        expect(bytes).not.toContain(token)
      }
      const [one, two] = [await state.keysFor('a'), await state.keysFor('b')]
      expect(one[0]!.key.export().equals(two[0]!.key.export())).toBe(false)
      expect(one[0]!.key.export()).toHaveLength(32)
    } finally {
      await state.close()
    }
  })
})
