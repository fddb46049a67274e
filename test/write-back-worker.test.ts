import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import files from '../connectors/files/index.ts'
import { OWN_PROPERTIES } from '../connectors/hubspot/write-back.ts'
import { ConnectorError } from '../src/errors.ts'
import { createServices, type ProductEnv } from '../src/server/product.ts'
import { QUIET } from '../src/server/services.ts'
import { type RunEnv, runWriteBack } from '../src/server/write-back-run.ts'
import { createWriteBacks } from '../src/server/write-back-worker.ts'
import { type ChangesFeed, createFeed } from '../src/sync/changes-feed.ts'
import { lastWriteBack, writtenDigest } from '../src/sync/write-back-state.ts'
import { ALL_SCOPES } from './fakes/hubspot/access.ts'
import { updatesOf, WRITE_SCOPES } from './fakes/hubspot/write.ts'
import { ENGINES } from './support/databases.ts'
import { openPortal, type PortalOptions } from './support/sync-kit.ts'
import { hooked } from './support/webhooks-kit.ts'

/** Writing back by itself: when it begins, what it asks for, and what becomes of it when it fails (F128). */

const MINUTE = 60_000
const SEED = { contacts: 130, companies: 6, deals: 30, leads: 0, campaigns: 1, forms: 0, events: 0 }

interface Options extends PortalOptions {
  readonly scopes?: readonly string[]
  /** How far the clock of the worker is behind at first, milliseconds: runs end by that of the machine. */
  readonly behind?: number
}

async function open(options: Options = {}) {
  const { scopes = [...ALL_SCOPES, ...WRITE_SCOPES], behind = 0, ...rest } = options
  let feed: ChangesFeed | undefined
  const onChange = ({ tenant }: { readonly tenant: number }) => feed?.announce(tenant)
  const portal = await openPortal({ seed: SEED, settings: { write_back: true }, onChange, ...rest })
  const { fake, account, kit } = portal
  account.setScopes(scopes)
  const { database, state, sources, place, workspace } = kit
  const own = createFeed(state, { shared: false, log() {} })
  feed = own
  onTestFinished(() => own.close())
  let ahead = -behind
  const now = () => new Date(Date.now() + ahead)
  const logged: string[] = []
  const log = (message: string) => void logged.push(message)
  const env = { database, state, sources, feed: own, publicUrl: undefined, log, now }
  const worker = createWriteBacks(env)
  onTestFinished(() => worker.close())
  const product = { database, state, sources, connector: files, dataDir: place.folder, demo: false, template: () => '' }
  const services = createServices({ ...product, connectors: async () => [] } as unknown as ProductEnv)
  return {
    ...portal,
    env,
    worker,
    logged,
    services,
    later: (milliseconds: number) => {
      ahead += milliseconds
    },
    /** Looks once. @returns what HubSpot was asked by it */
    async look() {
      const before = fake.requests.length
      await worker.look()
      return fake.requests.slice(before).map(({ method, path }) => `${method} ${path.replace('/crm/', '')}`)
    },
    async complete() {
      expect((await kit.sync()).state).toBe('complete')
    },
    status: async (locale: 'en' | 'zh-CN' = 'en') =>
      (await services.connections({ workspace: workspace.key, locale, only: [] }, QUIET))[0]!,
    known: () => lastWriteBack(state, kit.connection.id),
  }
}

const UPDATE = /^POST objects\/.*\/batch\/update$/

describe.each(ENGINES)('on %s', (engine) => {
  test('it begins after a complete run, and sends nothing again', async () => {
    const { account, complete, look, later, status, known } = await open({ engine })
    expect(await look()).toEqual([])
    expect((await status()).write_back).toMatchObject({ state: 'waiting', finished_at: null, reason: null })
    await complete()
    const asked = await look()
    expect(asked.filter((line) => UPDATE.test(line)).length).toBeGreaterThan(1)
    const written = updatesOf(account).flat().length
    const all = account.ids('deals').length + account.ids('contacts').length
    expect((await status()).write_back).toMatchObject({
      state: 'done',
      records: all,
      written,
      refused: 0,
      reason: null,
    })
    expect(account.ids('deals').some((id) => account.get('deals', id)!.properties.roi_panel_source)).toBe(true)
    // What was written moved the modified dates: the next run reads it, and nothing follows.
    later(10 * MINUTE)
    await complete()
    const before = (await known())!.startedAt
    expect(await look()).toEqual([])
    expect((await known())!.startedAt > before).toBe(true)
    expect((await status()).write_back).toMatchObject({ state: 'done', records: 0, written: 0 })
    expect(updatesOf(account).flat()).toHaveLength(written)
  })

  test('what changed is asked about, and nothing else; once a day everything', async () => {
    const { account, complete, look, later, known } = await open({ engine, behind: 48 * 60 * MINUTE })
    await complete()
    await look()
    const [won] = account.ids('deals').filter((id) => account.get('deals', id)!.properties.roi_panel_source)
    account.update('deals', won!, { dealstage: 'appointmentscheduled', closedate: '' })
    const sent = updatesOf(account).length
    later(10 * MINUTE)
    await complete()
    const asked = await look()
    // Two lists of properties, one read, one update: of the heap of this deal, not of 160 records. Its channel's return may have
    // changed with it, and with that what other deals say of it.
    expect(asked.filter((line) => line.endsWith('/batch/read')).length).toBeLessThanOrEqual(2)
    const ids = updatesOf(account)
      .slice(sent)
      .flat()
      .map(({ id }) => id)
    expect(ids).toContain(won)
    expect(ids.every((id) => account.ids('deals').includes(id))).toBe(true)
    expect(account.get('deals', won!)!.properties.roi_panel_source).toBeUndefined()
    // Somebody wrote into our property by hand: it is put right, within a day.
    const [touched] = account.ids('contacts').filter((id) => account.get('contacts', id)!.properties.roi_panel_source)
    const right = account.get('contacts', touched!)!.properties.roi_panel_source
    account.update('contacts', touched!, { roi_panel_source: 'by hand' })
    later(10 * MINUTE)
    await complete()
    const before = (await known())!.startedAt
    expect(await look()).toEqual([])
    expect((await known())!.startedAt > before).toBe(true)
    later(24 * 60 * MINUTE)
    await look()
    expect(account.get('contacts', touched!)!.properties.roi_panel_source).toBe(right)
  })
})

test('it leaves five minutes between two, however often figures change', async () => {
  const { account, env, complete, look, later, kit } = await open()
  await complete()
  await look()
  const [deal] = account.ids('deals')
  account.update('deals', deal!, { amount: '12345.00' })
  await complete()
  env.feed.announce(kit.workspace.tenant)
  expect(await look()).toEqual([])
  later(4 * MINUTE)
  expect(await look()).toEqual([])
  const before = (await lastWriteBack(kit.state, kit.connection.id))!.startedAt
  later(2 * MINUTE)
  await look()
  expect((await lastWriteBack(kit.state, kit.connection.id))!.startedAt > before).toBe(true)
})

test('where nothing changed, not even the figures are looked at', async () => {
  const { complete, look, later, known, status } = await open()
  await complete()
  await look()
  const { startedAt } = (await known())!
  later(24 * 60 * MINUTE)
  expect(await look()).toEqual([])
  expect((await known())!.startedAt).toEqual(startedAt)
  expect((await status()).write_back).toMatchObject({ state: 'done' })
})

test('a webhook is enough: a deal that was won is written without a run', async () => {
  const portal = await open()
  const { account, complete, look, later } = portal
  await complete()
  await look()
  const webhooks = await hooked(portal)
  const lost = account.ids('deals').find((id) => account.get('deals', id)!.properties.roi_panel_source === undefined)!
  const [known] = account.ids('contacts').filter((id) => account.get('contacts', id)!.properties.roi_panel_source)
  account.associate(['deals', lost], ['contacts', known!])
  account.update('deals', lost, {
    dealstage: 'closedwon',
    amount: '1000.00',
    closedate: new Date(portal.clock.now()).toISOString(),
  })
  await webhooks.tell(webhooks.subscription.propertyChange('deals', lost, 'dealstage', 'closedwon'))
  later(6 * MINUTE)
  await look()
  expect(account.get('deals', lost)!.properties.roi_panel_source).toBeTruthy()
})

test('what it wrote does not bring it about again: no subscription, no event, no request', async () => {
  const portal = await open()
  const { account, fake, complete, look, later, kit } = portal
  await complete()
  await look()
  const manifest = join(import.meta.dirname, '../manifest/hubspot/src/app/webhooks/webhooks-hsmeta.json')
  const { config } = JSON.parse(await readFile(manifest, 'utf8'))
  const subscribed = config.subscriptions.crmObjects.map((one: { propertyName?: string }) => one.propertyName)
  const own = Object.values(OWN_PROPERTIES).flatMap(({ properties }) => properties.map(({ name }) => name))
  for (const name of own) expect(subscribed).not.toContain(name)
  // Even to who subscribed to them, each value that was written comes as an event, and is none.
  const { sender, subscription } = await hooked(portal)
  const deals = new Set(account.ids('deals'))
  const written = updatesOf(account).flat()
  for (const { id, properties } of written) {
    const type = deals.has(id) ? 'deals' : 'contacts'
    for (const [name, value] of Object.entries(properties))
      sender.send(subscription.propertyChange(type, id, name, value))
  }
  const before = fake.requests.length
  await sender.deliver()
  expect(sender.attempts.every(({ status }) => status === 200)).toBe(true)
  expect((await kit.state.waitingEvents(kit.connection.id)).count).toBe(0)
  expect(fake.requests.slice(before)).toEqual([])
  later(10 * MINUTE)
  expect(await look()).toEqual([])
  await complete()
  expect(await look()).toEqual([])
  expect(updatesOf(account).flat()).toHaveLength(written.length)
})

describe('when it fails', () => {
  test('the run stays complete; status and doctor say why, in both languages, and what to do', async () => {
    const { kit, complete, look, status, services } = await open({ scopes: ALL_SCOPES })
    await complete()
    await look()
    expect((await kit.stored()).state).toBe('active')
    const told = await status()
    expect(told).toMatchObject({ state: 'active', last: { state: 'complete' } })
    expect(told.write_back).toMatchObject({ state: 'failed', written: 0, reason: { code: 'missing_scope' } })
    expect(told.write_back!.reason!.message).toContain('crm.schemas.deals.write')
    expect(told.write_back!.reason!.remedy).toContain('token=@FILE')
    const chinese = (await status('zh-CN')).write_back!.reason!
    expect(chinese.message + chinese.remedy).toMatch(/不允许.*密钥/)
    const { checks } = await services.doctor({ offline: true, locale: 'en' }, QUIET)
    expect(checks.find(({ check }) => check === 'write_back')).toMatchObject({
      state: 'fail',
      subject: kit.connection.title,
      message: expect.stringContaining('crm.schemas.deals.write'),
      remedy: expect.stringContaining('token=@FILE'),
    })
    expect(checks.find(({ check, subject }) => check === 'run' && subject)).toMatchObject({ state: 'ok' })
  })

  test('it is tried less and less often, and at once when something was changed about it', async () => {
    const { account, complete, look, later, kit, known } = await open({ scopes: ALL_SCOPES })
    await complete()
    const waits: number[] = []
    for (let i = 0; i < 9; i += 1) {
      expect((await look()).length).toBeGreaterThan(0)
      const { finishedAt, notBefore } = (await known())!
      waits.push((notBefore.getTime() - finishedAt.getTime()) / MINUTE)
      expect(await look()).toEqual([])
      later(notBefore.getTime() - finishedAt.getTime())
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 360, 360])
    await look()
    account.setScopes([...ALL_SCOPES, ...WRITE_SCOPES])
    expect(await look()).toEqual([])
    await kit.sources.change(kit.workspace, kit.connection.id, { title: 'Ours' }, QUIET.signal)
    await look()
    expect(updatesOf(account).length).toBeGreaterThan(0)
    expect((await known())!.failures).toBe(0)
  })

  test('a limit is waited for as long as the source says', async () => {
    const { env, kit, complete, known } = await open()
    await complete()
    const retryAt = new Date('2031-02-03T04:05:06Z')
    const limited = async () => {
      throw new ConnectorError('wait', 'DAILY', 'enough for today', { retryAt })
    }
    const sources: RunEnv['sources'] = {
      use: (workspace, id, signal, work) =>
        kit.sources.use(workspace, id, signal, (used) => {
          return work({ ...used, connector: { ...used.connector, write: limited } })
        }),
    }
    const ask = { connection: await kit.stored(), whole: true }
    const run = runWriteBack({ ...env, sources }, kit.workspace, ask, QUIET)
    await expect(run).rejects.toMatchObject({ code: 'write_failed' })
    expect(await known()).toMatchObject({
      state: 'failed',
      notBefore: retryAt,
      reason: { code: 'write_failed', retryAt },
    })
  })
})

describe('while it runs', () => {
  /** Something that happens once, and how to bring it about. */
  function signal(): [happens: Promise<void>, bring: () => void] {
    let bring = () => {}
    const happens = new Promise<void>((resolve) => {
      bring = resolve
    })
    return [happens, () => bring()]
  }

  /** A portal whose updates wait until they are let go. */
  async function held() {
    const portal = await open()
    await portal.complete()
    const [gate, release] = signal()
    const [begun, begin] = signal()
    const { write } = (await import('../connectors/hubspot/index.ts')).default
    const use: RunEnv['sources']['use'] = (workspace, id, signal, work) =>
      portal.kit.sources.use(workspace, id, signal, (used) =>
        work({
          ...used,
          connector: {
            ...used.connector,
            async write(context, changes, options) {
              begin()
              await Promise.race([gate, new Promise((resolve) => context.signal.addEventListener('abort', resolve))])
              return write!(context as never, changes, options)
            },
          },
        }),
      )
    const running = (id: string) => portal.kit.sources.running(id)
    const worker = createWriteBacks({ ...portal.env, sources: { use, running } })
    onTestFinished(() => worker.close())
    const looking = worker.look()
    await begun
    return { ...portal, worker, looking, release }
  }

  test('another one is refused, runs go on, and the first one ends as it should', async () => {
    const { services, kit, looking, release, known, look, account } = await held()
    const again = services.write_back({ connection: 'hubspot', dry_run: false }, QUIET)
    await expect(again).rejects.toMatchObject({ code: 'write_running' })
    // Another process on the same stores looks as well, and leaves it alone.
    expect(await look()).toEqual([])
    expect((await kit.sync()).state).toBe('complete')
    expect(await known()).toBeUndefined()
    release()
    await looking
    expect(await known()).toMatchObject({ state: 'done' })
    expect(updatesOf(account).length).toBeGreaterThan(0)
  })

  test('switched off meanwhile, it ends, and nothing is noted', async () => {
    const { kit, looking, release, known, account } = await held()
    await kit.sources.change(kit.workspace, kit.connection.id, { settings: { write_back: false } }, QUIET.signal)
    release()
    await looking
    expect(updatesOf(account)).toEqual([])
    expect(await known()).toBeUndefined()
  })

  test('disconnected meanwhile, it ends first, and nothing of it is left', async () => {
    const { kit, looking, account, known } = await held()
    await kit.sources.disconnect(kit.workspace, kit.connection.id, false, true)
    await looking
    expect(updatesOf(account)).toEqual([])
    expect(await known()).toBeUndefined()
    expect(await writtenDigest(kit.state, kit.connection.id)).toEqual({})
  })

  test('closed meanwhile, it ends at once, and the next start goes on', async () => {
    const { worker, looking, known, look, account } = await held()
    await worker.close()
    await looking
    expect(await known()).toBeUndefined()
    expect((await look()).length).toBeGreaterThan(0)
    expect(updatesOf(account).length).toBeGreaterThan(0)
  })
})

test('nothing begins where it is off, before the first complete run, or after one that was not', async () => {
  const off = await open({ settings: {} })
  await off.complete()
  expect(await off.look()).toEqual([])
  expect((await off.status()).write_back).toBeNull()
  const failed = await open()
  failed.account.removeScopes('crm.objects.deals.read')
  expect((await failed.kit.sync()).state).toBe('failed')
  expect(await failed.look()).toEqual([])
  expect((await failed.status()).write_back).toMatchObject({ state: 'waiting' })
})
