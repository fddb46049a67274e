import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import usersCommand, { users } from '../src/cli/commands/users.ts'
import { Auth } from '../src/server/auth.ts'
import type { RequestOf } from '../src/server/requests.ts'
import { QUIET } from '../src/server/services.ts'
import { setupLink } from '../src/server/sign-in.ts'
import { SignInLimits } from '../src/server/sign-in-limits.ts'
import { hashPassword, isPassword } from '../src/server/sign-in-password.ts'
import { addStateRows, COPIED_STATE, countState, stateRows } from '../src/state/copy.ts'
import { openSqlite, openState } from '../src/state/sqlite.ts'
import { nextAddress } from '../widget/page/sign-in/next.ts'
import { start } from './cli-process.ts'
import { runCommand } from './connections-kit.ts'
import { type Client, openSite, PASSWORD } from './sign-in-kit.ts'
import { temporaryFolder } from './support/databases.ts'

/** Who may come in, and how (reliability.md §5, S7, S11, S12, S20, S23). */

const PUBLIC = { publicUrl: 'https://roi.example.com', host: '0.0.0.0' } as const
const HOUR = 3_600_000

describe('passwords', () => {
  test('a record has its parameters and a salt of its own, and fits its password only', async () => {
    const [one, two] = [await hashPassword(PASSWORD), await hashPassword(PASSWORD)]
    expect(one).toMatch(/^scrypt\$ln=15,r=8,p=3\$[\w-]{22}\$[\w-]{43}$/)
    expect(one).not.toBe(two)
    expect(await isPassword(PASSWORD, one)).toBe(true)
    expect(await isPassword(`${PASSWORD} `, one)).toBe(false)
    expect(await isPassword('', one)).toBe(false)
    expect(await isPassword(PASSWORD, undefined)).toBe(false)
    expect(await isPassword(PASSWORD, 'no record')).toBe(false)
  })

  test('records of other parameters still fit; letters that look the same are the same', async () => {
    const weaker = 'scrypt$ln=10,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$'
    const { scryptSync } = await import('node:crypto')
    const hash = scryptSync('pässwörd'.normalize('NFKC'), Buffer.from('saltsaltsaltsalt'), 32, { N: 1024, r: 8, p: 1 })
    expect(await isPassword('pa\u0308sswo\u0308rd', weaker + hash.toString('base64url'))).toBe(true)
  })

  test.each(['short', 'aaaaaaaaaaaaaaaa', 'x'.repeat(201)])('%s is refused', async (password) => {
    const site = await openSite()
    const add = site.services.add_user({ name: 'a', role: 'sales', password, workspaces: ['main'] }, QUIET)
    await expect(add).rejects.toMatchObject({ code: 'weak_password' })
  })
})

describe('when signing in is needed', () => {
  test('a server of this machine without users is open, with one it is closed', async () => {
    const site = await openSite()
    const client = site.client()
    expect((await client.ask('/api/v1/session')).body).toEqual({
      required: false,
      setup: false,
      user: null,
      workspaces: null,
      rights: ['read', 'import', 'correct', 'export', 'enter', 'close', 'manage'],
    })
    expect((await client.ask('/api/v1/workspaces')).status).toBe(200)
    await site.addUser('root', 'admin')
    expect((await client.ask('/api/v1/workspaces')).status).toBe(401)
    expect((await client.ask('/api/v1/session')).body).toMatchObject({
      required: true,
      setup: false,
      user: null,
      rights: [],
    })
    await site.services.remove_user({ name: 'root' }, QUIET)
    expect((await client.ask('/api/v1/workspaces')).status).toBe(200)
  })

  test.each([
    ['a public address', { publicUrl: 'https://roi.example.com' }],
    ['all addresses of the machine', { host: '0.0.0.0' }],
  ])('a server that others reach is closed from the beginning: %s', async (_name, options) => {
    const site = await openSite(options)
    const client = site.client()
    for (const path of ['workspaces', 'panel', 'connections', 'doctor', 'oauth', 'nothing-of-this-name']) {
      const { status, body } = await client.ask(`/api/v1/${path}`)
      expect([status, body.error.code], path).toEqual([401, 'not_signed_in'])
    }
    expect((await client.ask('/api/v1/session')).body).toMatchObject({ required: true, setup: true })
    for (const [path, to] of [
      ['/', '/sign-in/'],
      ['/?workspace=main', '/sign-in/?next=%2F%3Fworkspace%3Dmain'],
      ['/console/', '/sign-in/?next=%2Fconsole%2F'],
      ['/console', '/sign-in/?next=%2Fconsole'],
      ['/index.html', '/sign-in/?next=%2Findex.html'],
    ]) {
      const { status, headers } = await client.ask(path!)
      expect([status, headers.location]).toEqual([302, to])
    }
    expect((await client.ask('/healthz')).status).toBe(200)
  })
})

describe('sessions', () => {
  test('the cookie is for this server, this way and no script; what is stored does not open it', async () => {
    const site = await openSite(PUBLIC)
    await site.addUser('Root', 'admin')
    const client = site.client()
    const answer = await client.signIn(' ROOT ')
    expect(answer.body).toMatchObject({ user: { name: 'Root', role: 'admin' }, workspaces: ['main'] })
    const [cookie] = answer.headers['set-cookie']!
    expect(cookie).toMatch(
      /^__Host-roi_session=[\w-]{43}; Max-Age=604800; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/,
    )
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'strict-transport-security': expect.stringContaining('max-age='),
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("frame-ancestors 'self'"),
    })
    expect(answer.headers['x-powered-by']).toBeUndefined()
    const secret = client.cookies.get('__Host-roi_session')!
    for (const name of ['state.sqlite', 'state.sqlite-wal']) {
      const bytes = (await readFile(join(site.dataDir, name))).toString('latin1')
      expect(bytes).not.toContain(secret)
      expect(bytes).not.toContain(PASSWORD)
    }
    expect((await client.ask('/api/v1/workspaces')).status).toBe(200)
    // A cookie of the other name, as a plain-http sibling could plant it, counts for nothing.
    const planted = site.client()
    planted.cookies.set('roi_session', secret)
    expect((await planted.ask('/api/v1/workspaces')).status).toBe(401)
  })

  test('a planted session is not taken over by signing in', async () => {
    const site = await openSite()
    await site.addUser('root', 'admin')
    await site.addUser('eve', 'sales')
    const eve = site.client()
    await eve.signIn('eve')
    const victim = site.client()
    const planted = eve.cookies.get('roi_session')!
    victim.cookies.set('roi_session', planted)
    await victim.signIn('root')
    expect(victim.cookies.get('roi_session')).not.toBe(planted)
    // And the planted one has ended.
    expect((await eve.ask('/api/v1/workspaces')).status).toBe(401)
  })

  test('end when unused for 12 hours, after 7 days, and when the person says so', async () => {
    const folder = await temporaryFolder()
    let now = Date.UTC(2026, 10, 20)
    const state = openState(folder, () => new Date(now))
    await state.openWorkspace('main')
    const user = await state.addUser({ name: 'a', role: 'sales', tenants: [1], password: 'x' })
    await state.startSession('d1', user.id)
    for (let i = 0; i < 14; i += 1) {
      now += 11.9 * HOUR
      expect(await state.findSession('d1'), `${i}`).toMatchObject({ name: 'a', tenants: [1] })
    }
    now += 2 * HOUR
    expect(await state.findSession('d1')).toBeUndefined()
    await state.startSession('d2', user.id)
    now += 12.1 * HOUR
    expect(await state.findSession('d2')).toBeUndefined()
    await state.startSession('d3', user.id)
    await state.endSession('d3')
    expect(await state.findSession('d3')).toBeUndefined()
    await state.close()
  })

  test('a new password, role or workspace and removal end all of them at once', async () => {
    const site = await openSite()
    await site.addUser('root', 'admin')
    await site.addUser('mary', 'marketing')
    await site.state.openWorkspace('other')
    for (const change of [
      { password: 'another password of hers' },
      { role: 'sales' as const },
      { workspaces: ['other'] },
      'remove',
    ] as const) {
      const [one, two] = [site.client(), site.client()]
      const password = change === 'remove' || !('password' in change) ? 'another password of hers' : PASSWORD
      for (const client of [one, two]) expect((await client.signIn('mary', password)).status).toBe(200)
      if (change === 'remove') await site.services.remove_user({ name: 'mary' }, QUIET)
      else await site.services.change_user({ name: 'mary', ...change } as RequestOf<'change_user'>, QUIET)
      for (const client of [one, two]) expect((await client.ask('/api/v1/workspaces')).status).toBe(401)
    }
  })

  test('signing out ends the session on the server too', async () => {
    const site = await openSite()
    await site.addUser('root', 'admin')
    const client = site.client()
    await client.signIn('root')
    const secret = client.cookies.get('roi_session')!
    const out = await client.ask('/api/v1/session', { method: 'DELETE', json: {} })
    expect(out.body).toMatchObject({ user: null, rights: [] })
    expect(client.cookies.size).toBe(0)
    client.cookies.set('roi_session', secret)
    expect((await client.ask('/api/v1/workspaces')).status).toBe(401)
  })
})

describe('attacks', () => {
  test('S11 guessing: a name is asked for a while only, an address too, and an unknown name looks like a known one', async () => {
    const site = await openSite()
    await site.addUser('root', 'admin')
    const client = site.client()
    const first = await client.signIn('root', 'wrong')
    const unknown = await client.signIn('nobody', 'wrong')
    const plain = ({ status, body }: typeof first) => [status, { ...body.error, request_id: '' }]
    expect(plain(unknown)).toEqual(plain(first))
    for (let i = 0; i < 7; i += 1) expect((await client.signIn('root', `wrong ${i}`)).status).toBe(401)
    const refused = await client.signIn('root')
    expect(refused.status).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(refused.body.error.code).toBe('too_many_tries')
    // Others of the same address are not locked out yet.
    expect((await client.signIn('nobody', 'wrong')).status).toBe(401)
  })

  test('the limits forgive with time, by name and by address', () => {
    let now = 0
    const limits = new SignInLimits(() => now)
    const response = { setHeader() {} } as never
    const tries = (name: string, address: string) => {
      for (let i = 0; ; i += 1) {
        try {
          limits.check(name, address, response)
        } catch {
          return i
        }
        limits.failed(name, address)
      }
    }
    expect(tries('a', '1')).toBe(8)
    expect(tries('A ', '2')).toBe(0)
    now += 60_000
    expect(tries('a', '2')).toBe(1)
    let sum = 0
    for (const name of 'bcdefghij') sum += tries(name, '3')
    expect(sum).toBe(40)
    now += 60_000
    expect(tries('z', '3')).toBe(6)
  })

  test.each([
    [
      'a form of another site',
      { headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://evil.example' } },
      403,
    ],
    ['a form without an origin', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415],
    ['JSON as text', { headers: { 'content-type': 'text/plain' } }, 415],
    ['a sandboxed frame', { headers: { 'content-type': 'application/json', origin: 'null' } }, 403],
    [
      'a page of another site',
      { headers: { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' } },
      403,
    ],
    ['a sibling domain', { headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-site' } }, 403],
  ] as const)('S20 %s changes nothing', async (_name, options, code) => {
    const site = await openSite()
    await site.addUser('root', 'admin')
    const client = site.client()
    await client.signIn('root')
    for (const [method, path] of [
      ['POST', 'session'],
      ['DELETE', 'session'],
      ['POST', 'setup'],
      ['POST', 'connections'],
      ['DELETE', 'connections/con_1?erase=true'],
    ] as const) {
      const answer = await client.ask(`/api/v1/${path}`, { method, body: '{}', ...options })
      expect(answer.status, `${method} ${path}`).toBe(code)
    }
    expect((await client.ask('/api/v1/workspaces')).status).toBe(200)
  })

  test('S20 no GET changes anything: neither signs out nor disconnects', async () => {
    const site = await openSite()
    await site.addUser('root', 'admin')
    const client = site.client()
    await client.signIn('root')
    for (const path of ['session', 'session?_method=DELETE', 'connections/x/sync', 'imports/x/undo', 'setup'])
      await client.ask(`/api/v1/${path}`)
    expect((await client.ask('/api/v1/workspaces')).status).toBe(200)
  })

  test('S12 passwords and sessions are in no log and no answer, whatever goes wrong', async () => {
    const site = await openSite()
    await site.addUser('root', 'admin')
    const client = site.client()
    const canary = 'canary-password-9f8e7d6c'
    await client.signIn('root', canary)
    await client.ask('/api/v1/session', { method: 'POST', json: { name: canary, password: canary, more: canary } })
    await client.ask('/api/v1/session', {
      method: 'POST',
      body: `{"password":"${canary}"`,
      headers: { 'content-type': 'application/json' },
    })
    const findUser = site.state.findUser
    site.state.findUser = async () => {
      throw new Error(`SELECT ${canary}`)
    }
    const broken = await client.signIn('root', canary)
    site.state.findUser = findUser
    expect(broken.status).toBe(500)
    expect(broken.text).not.toContain('SELECT')
    await client.signIn('root')
    const all = site.logged.join('\n')
    expect(all).not.toContain(canary)
    expect(all).not.toContain(PASSWORD)
    expect(all).not.toContain(client.cookies.get('roi_session'))
  })

  test.each([
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['https://evil.example/', '/'],
    ['javascript:alert(1)', '/'],
    ['\t//evil.example', '/'],
    ['/console/?workspace=a#b', '/console/?workspace=a#b'],
    [null, '/'],
  ])('S1 after signing in nobody is sent to %s', (wanted, to) => {
    expect(nextAddress(wanted, 'https://roi.example.com')).toBe(to)
  })
})

describe('the first user', () => {
  const setup = async (site: Awaited<ReturnType<typeof openSite>>) => {
    const auth = new Auth({ state: site.state, host: '0.0.0.0', publicUrl: PUBLIC.publicUrl })
    return setupLink(site.state, auth, PUBLIC.publicUrl)
  }
  const make = (client: Client, token: string, password = PASSWORD) =>
    client.ask('/api/v1/setup', { method: 'POST', json: { token, name: 'first', password } })

  test('is made once, with the link that the server printed, and is signed in as admin of everything', async () => {
    const site = await openSite(PUBLIC)
    const link = (await setup(site))!
    const [, token] = /^https:\/\/roi\.example\.com\/sign-in\/#setup=([\w-]{43})$/.exec(link)!
    const client = site.client()
    // A password that is too weak does not use the link up.
    expect((await make(client, token!, 'short')).body.error.code).toBe('weak_password')
    expect((await make(client, 'A'.repeat(43))).body.error.code).toBe('bad_setup_link')
    expect((await make(client, token!)).body).toMatchObject({
      user: { name: 'first', role: 'admin' },
      workspaces: null,
    })
    expect((await client.ask('/api/v1/connections')).status).toBe(200)
    expect((await make(site.client(), token!)).body.error.code).toBe('bad_setup_link')
    expect(await setup(site)).toBeUndefined()
  })

  test('a link of before is worth nothing once somebody is there', async () => {
    const site = await openSite(PUBLIC)
    const token = (await setup(site))!.split('=')[1]!
    await site.addUser('root', 'admin')
    expect((await make(site.client(), token)).body.error.code).toBe('not_first_user')
    expect(await site.state.users()).toHaveLength(1)
  })

  test('a server that others reach prints it on standard error, one of this machine alone does not', async () => {
    const folder = await temporaryFolder()
    const env = { ROI_PANEL_DATA: join(folder, 'a'), HOST: '0.0.0.0' }
    const open = start(['serve'], env)
    await open.url
    open.process.kill('SIGTERM')
    const { out, err } = await open.ended
    expect(err).toMatch(/within 30 minutes.*http:\/\/localhost:\d+\/sign-in\/#setup=[\w-]{43}/)
    expect(out).not.toContain('setup=')
    const local = start(['serve'], { ROI_PANEL_DATA: join(folder, 'b') })
    await local.url
    local.process.kill('SIGTERM')
    expect((await local.ended).err).not.toContain('setup=')
  })
})

test('people move with the workspaces they may see, each once', async () => {
  const [from, to] = [await temporaryFolder(), await temporaryFolder()]
  const engines = [from, to].map((folder) => openSqlite(folder))
  const state = openState(from)
  for (const key of ['main', 'other', 'third']) await state.openWorkspace(key)
  const add = (name: string, tenants: number[] | null) => state.addUser({ name, role: 'sales', tenants, password: 'x' })
  for (const [name, tenants] of [
    ['all', null],
    ['two', [1, 2]],
    ['third', [3]],
  ] as const)
    await add(name, tenants && [...tenants])
  // The third workspace stays where it is.
  for (const tenant of [1, 2]) {
    for (const name of ['workspace', 'app_user_workspace', 'app_user']) {
      const table = COPIED_STATE.find((one) => one.name === name)!
      for await (const rows of stateRows(engines[0]!, table, tenant)) await addStateRows(engines[1]!, table, rows)
      expect(await countState(engines[1]!, table, tenant)).toBe(await countState(engines[0]!, table, tenant))
    }
  }
  const moved = openState(to)
  expect((await moved.users()).map(({ name, tenants }) => [name, tenants])).toEqual([
    ['all', null],
    ['two', [1, 2]],
  ])
  for (const store of [state, moved, ...engines]) await store.close()
})

describe('users on the command line', () => {
  const run = (site: Awaited<ReturnType<typeof openSite>>, positionals: string[], options = {}, given = {}) =>
    runCommand((invocation) => users(invocation as never), site.services, { positionals, options, ...given })

  test('least right by default, workspaces by name, passwords from a file or the environment only', async () => {
    const site = await openSite()
    await site.state.openWorkspace('other')
    const file = join(await temporaryFolder(), 'password')
    await writeFile(file, `${PASSWORD}\n`)
    expect(await run(site, ['add', 'mary'], { password: `@${file}` })).toMatchObject({
      code: 0,
      err: 'mary: sales, workspaces main\n',
    })
    process.env.ROI_TEST_PASSWORD = PASSWORD
    await run(site, ['add', 'root'], { password: 'env:ROI_TEST_PASSWORD', role: 'admin', workspaces: 'all' })
    expect((await run(site, ['role', 'mary', 'marketing'], { workspaces: 'main,other' })).err).toContain(
      'marketing, workspaces main, other',
    )
    const listed = await run(site, ['list'], {}, { json: true })
    expect(JSON.parse(listed.out)).toMatchObject([
      { name: 'mary', role: 'marketing', workspaces: ['main', 'other'] },
      { name: 'root', role: 'admin', workspaces: null },
    ])
    expect(listed.out).not.toContain('scrypt')
    const plain = await run(site, ['add', 'x'], { password: 'canary-plain-password' })
    expect(plain.error).toMatchObject({ code: 'plain_secret' })
    expect(`${plain.error?.describe('en')}`).not.toContain('canary')
    expect((await run(site, ['add', 'x'])).error).toMatchObject({ code: 'missing_password' })
    expect((await run(site, ['add', 'MARY'], { password: `@${file}` })).error).toMatchObject({ code: 'user_exists' })
    expect((await run(site, ['add', 'y'], { password: `@${file}`, role: 'root' })).error).toMatchObject({
      code: 'unknown_role',
    })
    expect((await run(site, ['add', 'y'], { password: `@${file}`, workspaces: 'none' })).error).toMatchObject({
      code: 'unknown_workspace',
    })
    expect((await run(site, ['remove', 'mary'])).code).toBe(0)
    expect((await run(site, ['remove', 'mary'])).error).toMatchObject({ code: 'unknown_user' })
    expect(usersCommand.name).toBe('users')
  })

  test('a password that is typed is typed twice', async () => {
    const site = await openSite()
    const answers = [PASSWORD, PASSWORD, PASSWORD, 'something else']
    const prompt = { ask: async (_question: string, hidden?: boolean) => (hidden ? answers.shift()! : 'shown') }
    const typed = (positionals: string[]) =>
      runCommand((invocation) => users(invocation as never, prompt), site.services, { positionals })
    expect((await typed(['add', 'mary'])).code).toBe(0)
    expect((await typed(['password', 'mary'])).error).toMatchObject({ code: 'passwords_differ' })
  })
})
