import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Audit } from '../src/api/audit.ts'
import auditCommand from '../src/cli/commands/audit.ts'
import { QUIET } from '../src/server/services.ts'
import { actingAs } from '../src/state/actor.ts'
import { stateMigrations } from '../src/state/migrations.ts'
import { openState } from '../src/state/sqlite.ts'
import { run, start } from './cli-process.ts'
import { openWorld, runCommand } from './connections-kit.ts'
import { openSite, PASSWORD, type Site } from './sign-in-kit.ts'
import { ENGINES, openStateAt, statePlace, temporaryFolder, testProfile } from './support/databases.ts'

/** Who did what, and when; never a password, a secret or a person who was erased. */

const OTHER = 'another horse battery staple'
const linesOf = async ({ state }: Pick<Site, 'state'>, tenant = 1) =>
  (await state.audit(tenant, 100, true)).map(({ actor, action, subject, before, after }) => {
    return { actor, action, subject, before, after }
  })

describe.each(ENGINES)('what the state store keeps, on %s', (engine) => {
  test('users by what they may do, passwords by that they were changed', async () => {
    const state = await openStateAt(await statePlace(engine))
    onTestFinished(() => state.close())
    await state.openWorkspace('main')
    const { tenant } = await state.openWorkspace('north')
    const user = { name: 'Chen', role: 'sales', tenants: [tenant], password: 'scrypt$secret' } as const
    const { id } = await actingAs('command_line', () => state.addUser(user))
    await actingAs('user:root', () => state.changeUser(id, { role: 'admin', tenants: null, password: 'scrypt$other' }))
    await state.removeUser(id)
    await state.removeUser('usr_nobody')
    expect(await linesOf({ state })).toEqual([
      { actor: null, action: 'user', subject: 'Chen', before: { role: 'admin', workspaces: 'all' }, after: null },
      {
        actor: 'user:root',
        action: 'user',
        subject: 'Chen',
        before: { role: 'sales', workspaces: ['north'] },
        after: { role: 'admin', workspaces: 'all', password: 'changed' },
      },
      {
        actor: 'command_line',
        action: 'user',
        subject: 'Chen',
        before: null,
        after: { role: 'sales', workspaces: ['north'] },
      },
    ])
    // They are of no single workspace: who asks for one alone is not told of them.
    expect(await state.audit(1)).toEqual([])
    expect(JSON.stringify(await linesOf({ state }))).not.toContain('scrypt')
  })

  test('keys by their ids', async () => {
    const state = await openStateAt(await statePlace(engine))
    onTestFinished(() => state.close())
    const { tenant } = await state.openWorkspace('main')
    const made = { connector: 'hubspot', externalAccountId: '7', title: 'H', settings: {}, everyMinutes: null }
    await state.saveConnection(tenant, { ...made, secrets: { token: 'canary-secret' } })
    const { keys } = await actingAs('command_line', () => state.rotateKeys())
    const [entry] = await linesOf({ state })
    expect(entry).toMatchObject({ actor: 'command_line', action: 'keys', subject: keys[0]?.id })
    expect(JSON.stringify(await linesOf({ state }))).not.toContain('canary-secret')
  })

  test('erasures by how many, once', async () => {
    const state = await openStateAt(await statePlace(engine))
    onTestFinished(() => state.close())
    await state.openWorkspace('main')
    const erasure = { source: 'hubspot', contacts: [1n, 2n], traces: ['Ada'] }
    expect(await state.addErased(1, erasure)).toBe(2)
    expect(await state.addErased(1, erasure)).toBe(0)
    expect(await linesOf({ state })).toEqual([
      { actor: 'source:hubspot', action: 'erasure', subject: 'hubspot', before: null, after: { contacts: 2 } },
    ])
    expect(await state.erasedAmong(1, [1n, 9n])).toEqual(new Set([1n]))
    expect(await state.erasedAmong(1, [])).toEqual(new Set())
  })
})

test('entries from before it was kept who did it are there, by nobody', async () => {
  const folder = await temporaryFolder()
  const old = new DatabaseSync(join(folder, 'state.sqlite'))
  chmodSync(join(folder, 'state.sqlite'), 0o600)
  old.exec('CREATE TABLE schema_version (version INTEGER NOT NULL, applied_at TEXT NOT NULL)')
  for (const { version, statements } of stateMigrations().filter(({ version }) => version < 8)) {
    for (const statement of statements) old.exec(statement)
    old.exec(`INSERT INTO schema_version VALUES (${version}, '')`)
  }
  old.exec("INSERT INTO workspace VALUES (1, 'main', 'main', '2026-01-01T00:00:00.000Z')")
  old.exec(`INSERT INTO audit VALUES (5, 1, '2026-01-02T00:00:00.000Z', 'setting', 'zone', NULL, '"UTC"')`)
  old.close()
  const state = openState(folder)
  onTestFinished(() => state.close())
  const at = new Date('2026-01-02T00:00:00.000Z')
  const entry = { tenant: 1, at, actor: null, action: 'setting', subject: 'zone', before: null, after: 'UTC' }
  expect(await state.audit(1)).toEqual([entry])
  await state.changeSetting(1, 'zone', 'Asia/Shanghai')
  expect((await state.audit(1)).map(({ after }) => after)).toEqual(['Asia/Shanghai', 'UTC'])
})

describe('over HTTP', () => {
  test('who signed in did it; too many wrong passwords are told once, with no password', async () => {
    const site = await openSite()
    await site.addUser('root', 'admin', null)
    await site.addUser('boss', 'admin', null)
    const guess = site.client()
    for (let i = 0; i < 12; i += 1) await guess.signIn('ROOT', `guess number ${i}`)
    // Whoever types the password where the name belongs is not kept by it.
    for (let i = 0; i < 9; i += 1) await guess.signIn(OTHER, 'x')
    await actingAs('command_line', () => site.services.change_user({ name: 'root', password: OTHER }, QUIET))
    const client = site.client()
    await client.signIn('boss')
    const { status, body } = await client.ask('/api/v1/audit?limit=5')
    expect(status).toBe(200)
    const { workspace, entries } = Audit.parse(body)
    expect(workspace).toBe('main')
    const limited = { action: 'sign_in_limit', by: null, installation: true }
    const address = '127.0.0.1'
    expect(entries).toMatchObject([
      { action: 'user', by: 'command_line', after: { password: 'changed' } },
      { ...limited, subject: '', after: { limit: 'name', address } },
      { ...limited, subject: 'root', after: { limit: 'name', address } },
      { action: 'user', subject: 'boss' },
      { action: 'user', subject: 'root' },
    ])
    expect(JSON.stringify(body)).not.toMatch(/guess|staple/)
  })

  test('an administrator of one workspace is told of that one; others nothing', async () => {
    const site = await openSite()
    await site.state.openWorkspace('north')
    await site.addUser('root', 'admin', null)
    await site.addUser('anna', 'admin', ['north'])
    await site.addUser('max', 'marketing', ['north'])
    await site.services.set({ workspace: 'main', key: 'currency', value: 'USD' }, QUIET)
    await site.services.set({ workspace: 'north', key: 'currency', value: 'EUR' }, QUIET)
    const anna = site.client()
    await anna.signIn('anna')
    const { body } = await anna.ask('/api/v1/audit?installation=true')
    expect(Audit.parse(body)).toMatchObject({ workspace: 'north', entries: [{ subject: 'currency', after: 'EUR' }] })
    expect((await anna.ask('/api/v1/audit?workspace=main')).status).toBe(404)
    const max = site.client()
    await max.signIn('max')
    expect((await max.ask('/api/v1/audit')).status).toBe(403)
    expect((await site.client().ask('/api/v1/audit')).status).toBe(401)
  })

  test('a change by a person of a page is his', async () => {
    const site = await openSite()
    await site.addUser('root', 'admin', null)
    const client = site.client()
    await client.signIn('root')
    const made = {
      connector: 'hubspot',
      externalAccountId: '7',
      title: 'H',
      settings: {},
      secrets: {},
      everyMinutes: null,
    }
    const { id } = await site.state.saveConnection(1, made)
    const gone = await client.ask(`/api/v1/connections/${id}?erase=true&force=true`, { method: 'DELETE', json: {} })
    expect(gone.status).toBe(200)
    const [disconnected, removed] = await linesOf(site)
    const by = { actor: 'user:root', subject: id }
    expect(disconnected).toMatchObject({ ...by, action: 'disconnect', after: { erase: true, force: true, removed: 0 } })
    expect(removed).toMatchObject({ ...by, action: 'connection', after: null })
  })
})

test('the command lists it in both languages, and as JSON', async () => {
  const { environment } = await testProfile('duckdb')
  expect((await run(['audit'], environment)).err).toContain('Nothing yet.')
  expect((await run(['settings', 'set', 'currency', 'USD'], environment)).code).toBe(0)
  const add = ['users', 'add', 'chen', '--password', 'env:ROI_TEST_PASSWORD']
  expect((await run(add, { ...environment, ROI_TEST_PASSWORD: PASSWORD })).code).toBe(0)
  const english = await run(['audit'], environment)
  expect(english.out).toMatch(/When +Who +What +Which +Before +After/)
  expect(english.out).toMatch(/\(command line\) +user +chen +– +{"role":"sales","workspaces":\["main"]}/)
  expect(english.out).toMatch(/\(command line\) +setting +currency +– +"USD"/)
  const chinese = await run(['audit', '--locale', 'zh-CN', '--limit', '1'], environment)
  expect(chinese.out).toMatch(/时间 +操作者 +操作 +对象/)
  expect(chinese.out).toMatch(/（命令行） +用户 +chen/)
  expect(chinese.out).not.toContain('currency')
  // With a server running it is the server that is asked.
  const served = start(['serve'], environment)
  await served.url
  const json = await run(['audit', '--json', '--limit', '1'], environment)
  served.process.kill('SIGTERM')
  await served.ended
  expect(Audit.parse(JSON.parse(json.out)).entries).toMatchObject([{ by: 'command_line', subject: 'chen' }])
  const all = [english.out, chinese.out, json.out].join('')
  expect(all).not.toContain(PASSWORD)
  expect(await run(['audit', '--limit', '0'], environment)).toMatchObject({ code: 2 })
  expect(await run(['audit', 'everything'], environment)).toMatchObject({ code: 2 })
})

test('a value that is long is shown in part', async () => {
  const { services } = await openWorld()
  const value = Array.from({ length: 50 }, (_, i) => `channel-${i}`)
  await services.set({ key: 'direct_channels', value }, QUIET)
  const { out } = await runCommand(auditCommand.run as never, services)
  expect(out).toMatch(/\["channel-0".{40,60}…\n/)
})
