import { request } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import files from '../connectors/files/index.ts'
import { Compare, Problem, WriteBack } from '../src/api.ts'
import compareCommand from '../src/cli/commands/compare.ts'
import statusCommand from '../src/cli/commands/status.ts'
import writeBackCommand from '../src/cli/commands/write-back.ts'
import { commandHelp } from '../src/cli/help.ts'
import { createLog } from '../src/log.ts'
import { createHttp } from '../src/server/http.ts'
import { createNodeServer, listen, stop } from '../src/server/listen.ts'
import { createServices, type ProductEnv } from '../src/server/product.ts'
import { runCommand } from './connections-kit.ts'
import { ALL_SCOPES } from './fakes/hubspot/access.ts'
import { updatesOf, WRITE_SCOPES } from './fakes/hubspot/write.ts'
import { openPortal, type PortalOptions } from './support/sync-kit.ts'

/** `write-back` and `compare` as people and programs ask for them: commands in both languages, and over HTTP. */

const SEED = { contacts: 60, companies: 3, deals: 20, leads: 0, campaigns: 2, forms: 0, events: 0 }
const STREAMS = ['owners', 'pipelines', 'companies', 'contacts', 'deals', 'campaigns', 'campaign_contacts']

interface Options extends PortalOptions {
  readonly scopes?: readonly string[]
}

async function open({ scopes = [...ALL_SCOPES, ...WRITE_SCOPES], ...options }: Options = {}) {
  const settings = { write_back: true, contact_lists: true }
  const portal = await openPortal({ seed: SEED, streams: STREAMS, settings, ...options })
  const { kit, account } = portal
  account.setScopes(scopes)
  const { database, state, sources, place, workspace } = kit
  await state.changeSetting(workspace.tenant, 'currency', account.currency)
  expect((await kit.sync()).state).toBe('complete')
  const env = { database, state, sources, connector: files, dataDir: place.folder, demo: false, template: () => '' }
  const services = createServices({ ...env, connectors: async () => [] } as unknown as ProductEnv)
  const cli = (command: { run: unknown }, positionals: string[], more: object = {}) =>
    runCommand(command.run as never, services, { positionals, ...more } as never)
  return {
    ...portal,
    services,
    write: (more: object = {}, positionals = ['hubspot']) => cli(writeBackCommand, positionals, more),
    compare: (more: object = {}, positionals = ['hubspot']) => cli(compareCommand, positionals, more),
    status: (more: object = {}) => cli(statusCommand, [], more),
  }
}

const DRY = { options: { 'dry-run': true } }
const HAN = /\p{Script=Han}/u

describe('the command write-back', () => {
  test('a dry run shows each value now and after, in both languages, and changes nothing', async () => {
    const { write, account } = await open({ settings: { contact_lists: true } })
    const english = await write(DRY)
    expect(english.code).toBe(0)
    expect(english.err).toMatch(
      /^HubSpot \d+: 80 records, \d+ would change, \d+ unchanged, 0 refused; would make deals\./,
    )
    expect(english.out).toMatch(/^Record +Field +Now +After\n/)
    expect(english.out).toMatch(/\ndeal \d+ +roi_panel_credit +– +.+ \d+\.\d%/)
    const chinese = await write({ ...DRY, locale: 'zh-CN' })
    expect(chinese.err).toMatch(/^HubSpot \d+：共 80 条记录，\d+ 条将修改，未变 \d+ 条，拒绝 0 条；将新建 deals\./)
    expect(chinese.out).toMatch(/^记录 +字段 +现值 +新值\n/)
    const json = await write({ ...DRY, json: true })
    expect(json.err).toBe('')
    expect(WriteBack.parse(JSON.parse(json.out))).toMatchObject({ dry_run: true, written: 0, records: 80 })
    expect(updatesOf(account)).toEqual([])
  })

  test('it writes, and status says so; the second time there is nothing to write', async () => {
    const { write, status, account } = await open()
    const first = await write()
    expect(first.code).toBe(0)
    expect(first.err).toMatch(/80 records, \d+ written, \d+ unchanged, 0 refused; made deals\.roi_panel_source/)
    const sent = updatesOf(account).length
    const again = await write({ json: true })
    expect(WriteBack.parse(JSON.parse(again.out))).toMatchObject({ changed: 0, written: 0, unchanged: 80, created: [] })
    expect(updatesOf(account)).toHaveLength(sent)
    expect((await status()).out).toMatch(/✓ HubSpot \d+, write-back: .+, 0 of 80 records written, 0 refused\n/)
    expect((await status({ locale: 'zh-CN' })).out).toMatch(
      /✓ HubSpot \d+, 写回: .+，检查 80 条记录，写入 0 条，拒绝 0 条\n/,
    )
  })

  test('refused records exit with 4 and are named with the reason', async () => {
    const { write, status, account } = await open()
    const [gone] = account.ids('deals')
    account.delete('deals', gone!)
    const ran = await write()
    expect(ran.code).toBe(4)
    expect(ran.err).toContain(`deal ${gone}: It is not there any more.`)
    expect((await write({ locale: 'zh-CN' })).err).toContain(`deal ${gone}：`)
    expect((await status()).out).toMatch(/! HubSpot \d+, write-back: .+, 1 refused\n/)
  })

  test('off exits with 2 and says how to look and how to switch it on', async () => {
    const { write, kit } = await open({ settings: {} })
    const ran = await write()
    expect(ran).toMatchObject({ code: 2, out: '', error: { code: 'write_back_off' } })
    const { id } = kit.connection
    for (const locale of ['en', 'zh-CN'] as const) {
      const told = ran.error!.describe(locale)
      expect(told).toContain(`roi-panel write-back ${id} --dry-run`)
      expect(told).toContain(`roi-panel connections set ${id} write_back=true`)
    }
    expect(ran.error!.describe('zh-CN')).toMatch(HAN)
  })

  test('a missing scope exits with 3, and status keeps the reason', async () => {
    const { write, status } = await open({ scopes: ALL_SCOPES })
    const ran = await write({ json: true })
    expect(ran).toMatchObject({ code: 3, out: '', error: { code: 'missing_scope' } })
    expect(ran.error!.describe('en')).toMatch(/crm\.schemas\.deals\.write.*Add it to the key in HubSpot/)
    expect(ran.error!.describe('zh-CN')).toMatch(/crm\.schemas\.deals\.write.*请在 HubSpot 中为该密钥添加此权限/)
    expect((await status()).out).toMatch(/✗ HubSpot \d+, write-back: .*crm\.schemas\.deals\.write.* Tried again from /)
    expect((await status({ locale: 'zh-CN' })).out).toMatch(/✗ HubSpot \d+, 写回: .*起重试。/)
  })

  test('it takes one connection that is there', async () => {
    const { write } = await open()
    expect((await write({}, [])).error).toMatchObject({ code: 'missing_connection', exitCode: 2 })
    expect((await write({}, ['a', 'b'])).error?.code).toBe('missing_connection')
    expect((await write({}, ['hubspt'])).error!.describe('en')).toContain('Did you mean hubspot?')
    for (const locale of ['en', 'zh-CN'] as const) {
      expect(commandHelp(writeBackCommand, locale)).toContain('connections set ID write_back=true')
    }
  })
})

describe('the command compare', () => {
  test('a line for each campaign and model, a total for each model, and why they may differ, in both languages', async () => {
    const { compare, account } = await open()
    const english = await compare()
    expect(english.code).toBe(0)
    expect(english.out).toMatch(/^Campaign +Model +Ours +Theirs +Difference +%\n/)
    expect(english.out).toContain(`Total (${account.currency})`)
    const models = new Set(
      english.out.split('\n').flatMap((line) => /\b(first|linear|w_milestone)\b/.exec(line)?.[1] ?? []),
    )
    expect(models).toEqual(new Set(['first', 'linear', 'w_milestone']))
    expect(english.err).toMatch(/^· Ours: won deals at their close date/)
    const chinese = await compare({ locale: 'zh-CN', options: { limit: '1' } })
    expect(chinese.out).toMatch(/^活动 +模型 +我们 +对方 +差额 +%\n/)
    expect(chinese.out).toContain('合计')
    expect(chinese.err).toMatch(/^· 我们的口径/)
    const json = await compare({ json: true, options: { limit: '1' } })
    expect(json.err).toBe('')
    expect(Compare.parse(JSON.parse(json.out)).campaigns).toHaveLength(1)
  })

  test('an account that does not let us ask is no failure: the reason is printed, and is in the JSON', async () => {
    const { compare, account } = await open()
    account.removeScopes('marketing.campaigns.revenue.read')
    const english = await compare()
    expect(english).toMatchObject({ code: 0, out: '' })
    expect(english.err).toMatch(/marketing\.campaigns\.revenue.* Add it to the key in HubSpot/)
    expect((await compare({ locale: 'zh-CN' })).err).toMatch(
      /marketing\.campaigns\.revenue.*请在 HubSpot 中为该密钥添加此权限/,
    )
    const json = Compare.parse(JSON.parse((await compare({ json: true })).out))
    expect(json).toMatchObject({ state: 'off', reason: { code: 'missing_scope' }, campaigns: [] })
  })

  test('a source that cannot be asked exits with 1; a wrong number or name with 2', async () => {
    const { compare, fake } = await open()
    for (const limit of ['0', '101', 'x']) {
      expect((await compare({ options: { limit } })).error).toMatchObject({ code: 'bad_request', exitCode: 2 })
    }
    expect((await compare({}, [])).error).toMatchObject({ code: 'missing_connection', exitCode: 2 })
    expect((await compare({}, ['nothing'])).error).toMatchObject({ code: 'unknown_connection', exitCode: 2 })
    const body = { status: 'error', category: 'VALIDATION_ERROR', message: 'not like this' }
    fake.faults.always({ path: /reports\/revenue/ }, { name: 'refused', answer: () => ({ status: 400, body }) })
    const ran = await compare()
    expect([ran.code, ran.error?.code]).toEqual([1, 'compare_failed'])
    expect(ran.error!.describe('en')).toContain('not like this')
    expect(ran.error!.describe('zh-CN')).toMatch(HAN)
  })
})

describe('over HTTP', () => {
  async function served(options: Options = {}) {
    const portal = await open(options)
    const log = createLog('silent')
    const http = createHttp(portal.services, { log, host: '127.0.0.1', uploads: '', ready: () => true })
    const server = createNodeServer(http)
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
    const code = ({ status, body }: { status: number; body: unknown }) => [status, Problem.parse(body).error.code]
    return { ...portal, ask, code, path: `/connections/${portal.kit.connection.id}/write-back` }
  }
  const FOREIGN = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }

  test('POST …/write-back: first what would change, then it is done', async () => {
    const { ask, path, account } = await served()
    const dry = await ask('POST', path, { dry_run: true })
    expect(dry.status).toBe(200)
    const planned = WriteBack.parse(dry.body)
    expect(planned).toMatchObject({ dry_run: true, written: 0 })
    expect(updatesOf(account)).toEqual([])
    const done = WriteBack.parse((await ask('POST', path, {})).body)
    expect(done).toMatchObject({ dry_run: false, written: planned.changed, created: planned.created })
    expect(updatesOf(account).flat()).toHaveLength(planned.changed)
  })

  test('it is refused where it is off, without a scope, from other sites, for what is not there', async () => {
    const off = await served({ settings: {} })
    expect(off.code(await off.ask('POST', off.path, {}))).toEqual([400, 'write_back_off'])
    expect(off.code(await off.ask('POST', '/connections/con_nothing/write-back', {}))).toEqual([
      404,
      'unknown_connection',
    ])
    expect(off.code(await off.ask('POST', off.path, { dry_run: 'perhaps' }))).toEqual([400, 'bad_request'])
    const { ask, code, path, account } = await served({ scopes: ALL_SCOPES })
    expect(code(await ask('POST', path, {}, FOREIGN))).toEqual([403, 'cross_site'])
    const missing = await ask('POST', `${path}?locale=zh-CN`, {})
    expect(code(missing)).toEqual([401, 'missing_scope'])
    expect(Problem.parse(missing.body).error.remedy).toMatch(HAN)
    expect(updatesOf(account)).toEqual([])
  })

  test('GET /compare answers the same as the command, in the language asked for, to pages of this server only', async () => {
    const { ask, code, account, fake } = await served()
    const found = await ask('GET', '/compare?connection=hubspot&limit=1&locale=zh-CN')
    expect(found.status).toBe(200)
    const shown = Compare.parse(found.body)
    expect([shown.state, shown.campaigns.length]).toEqual(['ok', 1])
    expect(shown.notes[0]).toMatch(HAN)
    const asked = fake.requests.length
    expect(code(await ask('GET', '/compare?connection=hubspot', undefined, FOREIGN))).toEqual([403, 'cross_site'])
    expect(code(await ask('GET', '/compare'))).toEqual([400, 'bad_request'])
    expect(code(await ask('GET', '/compare?connection=hubspot&limit=0'))).toEqual([400, 'bad_request'])
    expect(code(await ask('GET', '/compare?connection=nothing'))).toEqual([404, 'unknown_connection'])
    expect(fake.requests).toHaveLength(asked)
    account.removeScopes('marketing.campaigns.revenue.read')
    const off = await ask('GET', '/compare?connection=hubspot&locale=en')
    expect(off.status).toBe(200)
    expect(Compare.parse(off.body)).toMatchObject({ state: 'off', reason: { code: 'missing_scope' } })
  })
})
