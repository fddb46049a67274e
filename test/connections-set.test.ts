import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { ConnectionSettings } from '../src/api.ts'
import connectionsCommand, { connections } from '../src/cli/commands/connections.ts'
import { commandHelp } from '../src/cli/help.ts'
import { QUIET } from '../src/server/services.ts'
import { openWorld, runCommand } from './connections-kit.ts'
import { temporaryFolder } from './import-kit.ts'

/** `connections get` and `connections set`, as a person types them. */

async function connected() {
  const world = await openWorld()
  const { services, source } = world
  const settings = { token: source.token, portal: '77' }
  const { connection } = await services.connect({ connector: 'acme', settings, locale: 'en' }, QUIET)
  const run = (line: string, more: { locale?: 'en' | 'zh-CN'; json?: boolean; options?: object } = {}) =>
    runCommand(connections as never, services, { ...more, positionals: line.split(' ') } as never)
  return { ...world, id: connection.id, run }
}

test('get shows every setting as it is typed, and no secret', async () => {
  const { run, source, id } = await connected()
  const shown = await run('get acme')
  expect(shown.code).toBe(0)
  expect(shown.out).toMatch(/^Setting +Value +What it is\n/)
  expect(shown.out).toMatch(/\ntoken +\(kept, not shown\) +Access token\n/)
  expect(shown.out).toMatch(/\nportal +77 +Portal\n/)
  expect(shown.out).toMatch(/\nregion +eu +region\n/)
  expect(shown.out).toMatch(/\n--title +Acme GmbH +What it is called\n--every +15 +Minutes between runs of serve\n$/)
  expect(shown.out).not.toContain(source.token)
  const chinese = await run(`get ${id}`, { locale: 'zh-CN' })
  expect(chinese.out).toMatch(/token +（已保存，不显示） +访问令牌/)
  const json = await run('get acme', { json: true })
  expect(ConnectionSettings.parse(JSON.parse(json.out))).toMatchObject({
    settings: { region: 'eu' },
    secrets: ['token'],
  })
  expect((await run('get acme region')).out).toBe('eu\n')
  expect(JSON.parse((await run('get acme region', { json: true })).out)).toEqual({ key: 'region', value: 'eu' })
  expect(JSON.parse((await run('get acme token', { json: true })).out)).toEqual({ key: 'token', kept: true })
})

test('set changes several at once and says what is now; the same again says that it was so', async () => {
  const { run, services, id } = await connected()
  const done = await run('set acme region=us', { options: { title: 'Ours', every: 'never' } })
  expect(done).toMatchObject({ code: 0, out: '' })
  expect(done.err).toBe('Ours: region = us\nOurs: title = Ours\nOurs: every_minutes = never\n')
  expect((await run(`set ${id} region=us`)).err).toBe('Nothing was to be changed.\n')
  expect((await run(`set ${id} region=us`, { locale: 'zh-CN' })).err).toBe('没有需要修改的内容。\n')
  expect((await run(`set ${id} region=`)).err).toBe('Ours: region = eu\n')
  const json = await run(`set ${id} region=us`, { json: true })
  expect(json.err).toBe('')
  expect(ConnectionSettings.parse(JSON.parse(json.out)).changed).toEqual(['region'])
  expect((await services.connections({ locale: 'en', only: [] }, QUIET))[0]).toMatchObject({
    title: 'Ours',
    next_at: null,
  })
})

test('a secret comes from a file or the environment; on the command line it is not used', async () => {
  const { run, source, env, id } = await connected()
  const plain = await run('set acme token=tok-of-nobody-9')
  expect(plain).toMatchObject({ code: 2, error: { code: 'plain_secret' } })
  const told = plain.error!.describe('en')
  expect(told).toContain('Write token=@FILE or token=env:ACME_TOKEN. If')
  expect(told).not.toContain('tok-of-nobody-9')
  source.token = 'tok-of-nobody-2'
  const file = join(await temporaryFolder(), 'token')
  await writeFile(file, `${source.token}\r\n`)
  const done = await run(`set acme token=@${file}`)
  expect(done.err).toBe('Acme GmbH: token = (kept, not shown)\n')
  expect(await env.state.secrets(id)).toEqual({ token: 'tok-of-nobody-2' })
  vi.stubEnv('ACME_NEW_TOKEN', 'tok-that-is-wrong')
  const refused = await run('set acme token=env:ACME_NEW_TOKEN')
  vi.unstubAllEnvs()
  expect(refused).toMatchObject({ code: 3, error: { code: 'connect_failed' } })
  expect(await env.state.secrets(id)).toEqual({ token: 'tok-of-nobody-2' })
})

test('mistakes name the closest and what to write, and change nothing', async () => {
  const { run, source } = await connected()
  const asked = source.requests.length
  const cases: [string, object, string, RegExp][] = [
    ['', {}, 'bad_connections_command', /connections get ID/],
    ['get', {}, 'bad_connections_command', /connections get ID/],
    ['get acme region more', {}, 'bad_connections_command', /connections get ID/],
    ['set acme', {}, 'bad_connections_command', /connections set ID KEY=VALUE/],
    ['list', {}, 'bad_connections_command', /connections get ID/],
    ['set acme region', {}, 'bad_assignment', /Write KEY=VALUE, KEY=@FILE or KEY=env:NAME/],
    ['set acme regoin=us', {}, 'unknown_connection_setting', /Did you mean region\?/],
    ['get acme regoin', {}, 'unknown_setting', /Did you mean region\?/],
    ['set acme region=mars', {}, 'bad_connection_settings', /eu \| us/],
    ['set acne region=us', {}, 'unknown_connection', /Did you mean acme\?/],
    ['set acme', { every: '0' }, 'bad_interval', /--every 15/],
  ]
  for (const [line, options, code, remedy] of cases) {
    const ran = await run(line, { options })
    expect([line, ran.code, ran.error?.code]).toEqual([line, 2, code])
    expect(ran.error!.describe('en')).toMatch(remedy)
    expect(ran.error!.describe('zh-CN')).toMatch(/\p{Script=Han}/u)
  }
  expect(source.requests).toHaveLength(asked)
})

test('help tells it in both languages', () => {
  expect(commandHelp(connectionsCommand, 'en')).toMatch(/set ID KEY=VALUE.*[\s\S]*"KEY=" goes back to the default/)
  expect(commandHelp(connectionsCommand, 'zh-CN')).toMatch(/无需重新连接[\s\S]*恢复默认值/)
})
