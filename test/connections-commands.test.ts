import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { ConnectResult, SyncRun } from '../src/api.ts'
import connectCommand, { connect } from '../src/cli/commands/connect.ts'
import disconnectCommand, { disconnect } from '../src/cli/commands/disconnect.ts'
import doctorCommand from '../src/cli/commands/doctor.ts'
import statusCommand from '../src/cli/commands/status.ts'
import syncCommand from '../src/cli/commands/sync.ts'
import { parseOptions } from '../src/cli/parse.ts'
import { createMeter } from '../src/cli/progress.ts'
import type { Prompt } from '../src/cli/prompt.ts'
import { openWorld, runCommand, type World } from './connections-kit.ts'
import { temporaryFolder } from './import-kit.ts'

async function connected(): Promise<World & { id: string }> {
  const world = await openWorld()
  const file = join(await temporaryFolder(), 'token')
  await writeFile(file, `${world.source.token}\r\n`)
  const set = [`token=@${file}`, 'portal=77']
  const ran = await runCommand(connect, world.services, { positionals: ['acme'], options: { set }, json: true })
  return { ...world, id: ConnectResult.parse(JSON.parse(ran.out)).connection.id }
}

test('without an id it lists what can be connected', async () => {
  const { services } = await openWorld()
  const ran = await runCommand(connect, services)
  expect(ran.out).toContain('acme')
  expect(ran.out).toContain('token portal [region]')
  expect(JSON.parse((await runCommand(connect, services, { json: true })).out)).toMatchObject([{ id: 'acme' }])
})

test('a secret comes from a file, the environment or a prompt, never from the command line', async () => {
  const { services, source } = await openWorld()
  const run = (set: string[], prompt?: Prompt) =>
    runCommand((invocation) => connect(invocation as never, prompt), services, {
      positionals: ['acme'],
      options: { set } as never,
    })
  const plain = await run([`token=${source.token}`, 'portal=77'])
  expect(plain).toMatchObject({ code: 2, error: { code: 'plain_secret' } })
  expect(plain.error!.describe('en')).toContain('--set token=@FILE or --set token=env:ACME_TOKEN')
  expect(plain.error!.describe('en')).not.toContain(source.token)
  expect(source.requests).toEqual([])

  vi.stubEnv('ACME_TEST_TOKEN', source.token)
  const fromEnvironment = await run(['token=env:ACME_TEST_TOKEN', 'portal=77'])
  expect(fromEnvironment.code).toBe(0)
  expect(fromEnvironment.err).toContain('Connected: Acme GmbH (77) · EUR, Europe/Berlin')
  expect(fromEnvironment.err).toContain('Will be read: Deals')
  expect(fromEnvironment.err).toContain('If plan and scopes allow it: Companies')
  expect(fromEnvironment.err).toMatch(/Next: roi-panel sync con_\w+ \(serve does it every 15 minutes\)/)
  vi.unstubAllEnvs()

  const asked: [string, boolean][] = []
  const answers = ['', source.token, '78']
  const prompt: Prompt = {
    async ask(question, hidden = false) {
      asked.push([question, hidden])
      return answers.shift() ?? ''
    },
  }
  expect((await run([], prompt)).code).toBe(0)
  expect(asked).toEqual([
    ['Access token (token): ', true],
    ['Access token (token): ', true],
    ['Portal (portal) – such as 12345: ', false],
  ])
})

test('what is missing off a terminal is told with the whole command; other mistakes with theirs', async () => {
  const { services } = await openWorld()
  const run = (set: string[], positionals = ['acme'], options: object = {}) =>
    runCommand(connect, services, { positionals, options: { set, ...options } as never })
  const missing = await run(['region=us'])
  expect(missing.error!.describe('en')).toBe(
    'Missing: token, portal. There is no terminal to ask at. Run: roi-panel connect acme --set region=us --set token=env:ACME_TOKEN --set portal=12345',
  )
  const cases: [string[], string][] = [
    [['S3cr3t-canary'], 'bad_assignment'],
    [['S3cr3tcanary0==x'], 'unknown_connection_setting'],
    [['prtal=1'], 'unknown_connection_setting'],
    [['token=@/nonexistent/file', 'portal=1'], 'file_unreadable'],
    [['token=env:NO_SUCH_VARIABLE_X', 'portal=1'], 'variable_missing'],
  ]
  for (const [set, code] of cases) {
    const ran = await run(set)
    expect([ran.code, ran.error?.code]).toEqual([2, code])
    expect(ran.error!.describe('en') + ran.error!.describe('zh-CN')).not.toContain('S3cr3t')
  }
  expect((await run(['prtal=1'])).error!.describe('en')).toContain('Did you mean portal?')
  expect((await run([], ['acne'])).error!.describe('en')).toContain('Did you mean acme?')
  expect((await run([], ['a', 'b'])).error!.code).toBe('too_many_arguments')
  expect((await run([], ['acme'], { every: '0' })).error!.code).toBe('bad_interval')
})

test('a refused token exits with 3, a wrong setting with 2', async () => {
  const { services, source } = await openWorld()
  const file = join(await temporaryFolder(), 'token')
  await writeFile(file, 'not-the-token')
  const refused = await runCommand(connect, services, {
    positionals: ['acme'],
    options: { set: [`token=@${file}`, 'portal=77'] },
  })
  expect([refused.code, refused.error?.code]).toEqual([3, 'connect_failed'])
  const wrong = await runCommand(connect, services, {
    positionals: ['acme'],
    options: { set: [`token=@${file}`, 'portal=1', 'region=mars'] },
  })
  expect([wrong.code, wrong.error?.code]).toEqual([2, 'bad_connection_settings'])
  expect(source.requests).toHaveLength(1)
})

test('sync tells every stream, and its exit code is that of the worst', async () => {
  const world = await connected()
  const { services, source, id } = world
  const sync = (more: object = {}) => runCommand(syncCommand.run as never, services, more)
  const good = source.token
  const first = await sync()
  expect(first.code).toBe(0)
  expect(first.err).toMatch(new RegExp(`Acme GmbH \\(${id}\\): complete in [\\d.]+ s, \\d+ requests`))
  expect(first.out).toMatch(/Deals +complete +2 +2 +0 +0 +0 +2\n/)

  source.token = 'another-token-1'
  const refused = await sync({ json: true })
  expect(refused).toMatchObject({ code: 3, err: '' })
  expect(SyncRun.parse(JSON.parse(refused.out))).toMatchObject({
    state: 'reconnect',
    connections: [{ connection: id }],
  })

  const shown = await runCommand(statusCommand.run as never, services)
  expect(shown.code).toBe(0)
  expect(shown.out).toMatch(/Acme GmbH \(acme\) +con_\w+ +reconnect needed +3 /)
  expect(shown.out).toContain('✗ Acme GmbH: The source refuses the credentials')
  expect(JSON.parse((await runCommand(statusCommand.run as never, services, { json: true })).out)).toMatchObject([
    { id },
  ])

  source.token = good
  source.faults.set('/companies', { status: 403, body: { code: 'missing_scope' } })
  source.faults.set('/deals', { status: 429, body: { code: 'daily' } })
  const paused = await sync({ positionals: ['acme'] })
  expect(paused.code).toBe(4)
  expect(paused.err).toContain('✗ A limit of the source is reached')
  expect(paused.err).toContain('– Companies:')
  const chinese = await sync({ positionals: [id], locale: 'zh-CN' })
  expect(chinese.err).toContain('已暂停')

  world.sources.sync = async () => {
    throw Object.assign(new Error('disk'), { name: 'Error' })
  }
  await expect(sync()).resolves.toMatchObject({ error: expect.any(Error) })
})

test('a run that cannot begin is a failed one; nothing connected is a mistake', async () => {
  const world = await connected()
  world.source.slow = 300
  const running = world.services.sync(
    { id: world.id, full: false },
    { progress() {}, async chunk() {}, signal: new AbortController().signal },
  )
  await expect.poll(() => world.sources.running(world.id)).toBeDefined()
  const ran = await runCommand(syncCommand.run as never, world.services, { json: true })
  expect(ran.code).toBe(1)
  expect(JSON.parse(ran.out)).toMatchObject({ state: 'failed', connections: [{ reason: { code: 'sync_running' } }] })
  await running
  const empty = await openWorld()
  expect((await runCommand(syncCommand.run as never, empty.services)).error).toMatchObject({
    code: 'nothing_connected',
    exitCode: 2,
  })
  const status = await runCommand(statusCommand.run as never, empty.services)
  expect(status).toMatchObject({ code: 0, out: '', err: expect.stringContaining('roi-panel connect') })
  expect((await runCommand(statusCommand.run as never, empty.services, { positionals: ['x'] })).code).toBe(2)
})

test('disconnect asks first; off a terminal it wants --yes', async () => {
  const { services, id } = await connected()
  const run = (more: object, prompt?: Prompt) =>
    runCommand((invocation) => disconnect(invocation as never, prompt), services, more)
  expect((await run({ positionals: [] })).error?.code).toBe('bad_disconnect')
  const off = await run({ positionals: [id] })
  expect(off).toMatchObject({ code: 2, error: { code: 'confirmation_needed' } })
  expect(off.error!.describe('en')).toContain('--yes')
  const answering = (answer: string): Prompt => ({ ask: async () => answer })
  expect((await run({ positionals: [id] }, answering('n'))).err).toContain('Nothing was changed')
  expect((await run({ positionals: ['acme'], options: { erase: true } }, answering('y'))).err).toContain(
    '0 rows were removed',
  )
  expect((await run({ positionals: [id], yes: true })).code).toBe(2)
})

test('doctor prints each check with its remedy and exits with 1 when something fails', async () => {
  const world = await connected()
  const ran = await runCommand(doctorCommand.run as never, world.services)
  expect(ran.code).toBe(0)
  expect(ran.out).toContain('✓ credentials · Acme GmbH: The source knows us as Acme GmbH')
  expect(ran.out).toMatch(/\n\d+ ok, 1 skipped\n$/)
  world.source.token = 'another-token-1'
  const failed = await runCommand(doctorCommand.run as never, world.services, { locale: 'zh-CN' })
  expect(failed.code).toBe(1)
  expect(failed.out).toMatch(/✗ credentials · Acme GmbH：?.*\n {4}→ .*roi-panel connect acme/)
})

test('an option may repeat, and progress tells rate, range and quota as it is told them', () => {
  const parsed = parseOptions(['--set', 'a=1', '--set=b=2', 'x'], connectCommand.options)
  expect([parsed.values.set, parsed.positionals]).toEqual([['a=1', 'b=2'], ['x']])
  expect(parseOptions([], disconnectCommand.options).values.set).toBeUndefined()
  const written: string[] = []
  let time = 0
  const meter = createMeter(
    { isTTY: true, columns: 200, write: (text: string) => written.push(text) } as never,
    false,
    () => time,
  )
  time = 5000
  meter.show(
    { task: 'Acme: Deals', rows: 4000, part: 0.5, rate: 812.4, eta: [4, 90], quota: { left: 900, of: 1000 } },
    'en',
  )
  expect(written.at(-1)).toContain('Acme: Deals · 4,000 rows · 812 rows/s · 50 % · 4 s–2 min left · quota 900/1,000')
})
