import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CONNECTORS, type ConnectorId } from '../connectors/index.ts'
import type { Config } from './config.ts'
import type { Database } from './db/database.ts'
import { migrate } from './db/migrate.ts'
import { isRoiError, type Locale, RoiError, type Text } from './errors.ts'
import type { Log } from './log.ts'
import { watchAlerts } from './planning/alert-watch.ts'
import { addSecret } from './redact.ts'
import { announcing, type EventsEnv } from './server/events.ts'
import type { HostsEnv } from './server/hosts/hubspot.ts'
import type { OAuthEnv } from './server/oauth.ts'
import { createServices, type ProductEnv } from './server/product.ts'
import { createQualityChecks } from './server/quality-worker.ts'
import type { Services } from './server/services.ts'
import type { SignedCounts, WebhooksEnv } from './server/webhooks.ts'
import { MAIN } from './server/workspaces.ts'
import { createWriteBacks } from './server/write-back-worker.ts'
import { keysMissing } from './state/key-list.ts'
import type { KeyRing } from './state/keyring.ts'
import { openState } from './state/sqlite.ts'
import { MIGRATION, type State } from './state/state.ts'
import { createFeed } from './sync/changes-feed.ts'
import { applyCloses } from './sync/closed.ts'
import type { Connector } from './sync/contract.ts'
import { createInbox } from './sync/inbox.ts'
import { LEASE_MS, leased } from './sync/lease.ts'
import { finishInterrupted } from './sync/rebuild.ts'
import { createSources } from './sync/sources.ts'

/** The product with its stores open: one method for each command, used by the command line and the server alike. */
export interface App extends Services {
  /** For pages of other applications that show the panel. */
  readonly hosts: HostsEnv
  /** For sources that tell what happened. */
  readonly webhooks: WebhooksEnv
  /** For people who sign in and grant access. */
  readonly signIn: OAuthEnv
  /** For open panels that want to know when figures changed. */
  readonly events: EventsEnv
  /** What happened while opening that people should know: a damaged store that was rebuilt. */
  readonly notices: readonly Text[]
  /** The workspace of this key; made with this title when there is none. */
  openWorkspace(key: string, title: string): Promise<void>
  /**
   * Synchronizes connections when they are due, deals with webhooks as they come, writes back, watches budgets and checks the
   * quality of the data, until the product is closed.
   */
  startSchedule(): void
  close(): Promise<void>
}

export interface AppOptions {
  readonly log: Log
  /** This data directory is the demo's: it has no workspace `main`. */
  readonly demo?: boolean
  readonly signal?: AbortSignal
}

/**
 * Opens the stores, migrates them and finishes what was interrupted. Without a database URL both are files of the data
 * directory, and a damaged fact store is set aside and rebuilt from the kept import files (reliability G12). With one
 * both are in that database, for any number of processes at once; the data directory then keeps nothing that lasts but
 * the import files, so processes that import and undo the same workspaces should share one.
 * @throws RoiError `store_locked`, `store_too_new`, `disk_full`, `data_dir_unusable`, `state_damaged`; with a database
 *   URL `keys_missing`, `store_unreachable`, `store_login`, `store_missing`, `store_forbidden`; `migration_incomplete`
 */
export async function openApp(config: Config, options: AppOptions): Promise<App> {
  if (config.databaseUrl && !config.keys) throw keysMissing()
  await makeDirectory(config.dataDir)
  return open(config, options, true)
}

async function open(config: Config, options: AppOptions, mayRepair: boolean): Promise<App> {
  const stores = await openStores(config, options.log)
  try {
    return await assemble(config, options, stores)
  } catch (error) {
    await stores.state.close()
    await stores.database.close()
    if (!mayRepair || config.databaseUrl || !isDamage(error)) throw error
    // The file opened, but what it holds cannot be read: the second attempt finds the mark and sets it aside.
    await markDamaged(config.dataDir)
    return open(config, options, false)
  }
}

async function assemble(config: Config, { log, demo = false }: AppOptions, stores: Stores): Promise<App> {
  const { dataDir } = config
  const { database, state } = stores
  if ((await state.marked(MIGRATION)) !== null) throw migrationIncomplete()
  const connector = await CONNECTORS.files()
  const tell = (message: string, details: Record<string, unknown> = {}) =>
    'err' in details ? log.error(details, message) : log.info(details, message)
  for (const { secrets } of Object.values(config.clients)) for (const secret of secrets) addSecret(secret)
  const feed = createFeed(state, { shared: database.profile.kind !== 'embedded', log: tell })
  const alerts = watchAlerts({ database, state, log: tell })
  const announce = (tenant: number) => {
    feed.announce(tenant)
    alerts.look(tenant)
  }
  const clientOf = (connector: string) => {
    const { id, secrets: [secret] = [] } = config.clients[connector] ?? {}
    return id && secret ? { id, secret } : undefined
  }
  const sources = createSources({
    database,
    state,
    findConnector,
    originOf: (id) => config.origins[id],
    clientOf,
    log: tell,
    onChange: ({ tenant }) => announce(tenant),
  })
  const inbox = createInbox({ state, sources, log: tell })
  const { template } = connector
  const { publicUrl, frameHosts, clients } = config
  const writeBacks = createWriteBacks({ database, state, sources, feed, publicUrl, log: tell })
  const qualityChecks = createQualityChecks({ database, state, feed, log: tell })
  const withSecret = Object.keys(clients).filter((id) => clients[id]!.secrets.length > 0)
  const signed: SignedCounts = new Map()
  const env: ProductEnv = {
    database,
    state,
    connector,
    dataDir,
    demo,
    template,
    sources,
    connectors,
    log: tell,
    webhooks: { publicUrl, connectors: withSecret, signed },
  }
  if (!demo) await state.openWorkspace(MAIN)
  // Uploads that a kill left behind.
  await rm(join(dataDir, 'incoming'), { recursive: true, force: true })
  const { failures, busy } = await finishInterrupted(env)
  const damage = failures.find(({ error }) => isDamage(error))
  if (damage) throw damage.error
  // A rebuilt fact store has none of the locked numbers.
  for (const { tenant } of await state.workspaces()) await applyCloses(database, state, tenant)
  for (const { workspace, error } of failures) log.error({ err: error, workspace }, 'earlier work is not finished')
  const { services, idle } = tracked(announcing(createServices(env), { state, feed: { announce } }), async (error) => {
    if (isDamage(error) && !config.databaseUrl) await markDamaged(dataDir)
  })
  const later = busy.length > 0 ? finishLater(env, log) : undefined
  return {
    ...services,
    hosts: { state, publicUrl, frameHosts, clients, findConnector },
    webhooks: { state, findConnector, secretsOf: (id) => clients[id]?.secrets ?? [], publicUrl, inbox, log, signed },
    events: { state, feed },
    signIn: { state, sources, connectors, isRegistered: (id) => clientOf(id) !== undefined },
    notices: [...stores.notices, ...failures.map(unfinished)],
    async openWorkspace(key, title) {
      await state.openWorkspace(key, title)
    },
    startSchedule() {
      sources.startSchedule()
      inbox.start()
      writeBacks.start()
      qualityChecks.start()
      alerts.start()
    },
    async close() {
      await Promise.all([inbox.close(), writeBacks.close(), qualityChecks.close(), sources.close()])
      await idle()
      await alerts.close()
      await feed.close()
      await later?.stop()
      await state.close()
      await database.close()
    },
  }
}

/** Loads a connector of a network service; undefined when there is none of this id. */
async function findConnector(id: string): Promise<Connector | undefined> {
  if (!Object.hasOwn(CONNECTORS, id)) return undefined
  const connector: Connector = await CONNECTORS[id as ConnectorId]()
  return connector.api ? connector : undefined
}

/** All connectors of network services, in the order of the registry. */
async function connectors(): Promise<Connector[]> {
  const all = await Promise.all(Object.keys(CONNECTORS).map(findConnector))
  return all.filter((connector) => connector !== undefined)
}

/**
 * Looks once more at workspaces that another process held at the start: it may have been killed a moment before, and its
 * lease ends by itself.
 */
function finishLater(env: ProductEnv, log: Log): { stop(): Promise<void> } {
  let last: Promise<unknown> = Promise.resolve()
  const look = async () => {
    const { failures, busy } = await finishInterrupted(env)
    for (const { workspace, error } of failures) log.error({ err: error, workspace }, 'earlier work is not finished')
    if (busy.length === 0) clearInterval(timer)
  }
  const timer = setInterval(() => {
    last = last.then(look).catch((error) => log.warn({ err: error }, 'the stores cannot be looked at'))
  }, LEASE_MS)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await last
    },
  }
}

/** Commands that were told to stop get this long to leave things in order before their stores close. */
const SETTLE_MS = 5000

/** The services, and a way to wait until none of them is at work. */
function tracked(services: Services, onError: (error: unknown) => Promise<void>) {
  const running = new Set<Promise<unknown>>()
  const track = (method: (...call: never[]) => Promise<unknown>) => {
    return (...call: never[]) => {
      const work = method(...call)
      const settled = work.catch(onError).finally(() => running.delete(settled))
      running.add(settled)
      return work
    }
  }
  const entries = Object.entries(services).map(([name, method]) => [name, track(method)])
  return {
    services: Object.fromEntries(entries) as Services,
    async idle() {
      const limit = new Promise((resolve) => setTimeout(resolve, SETTLE_MS).unref())
      await Promise.race([Promise.all(running), limit])
    },
  }
}

interface Stores {
  readonly database: Database
  readonly state: State
  readonly notices: readonly Text[]
}

async function openStores(config: Config, log: Log): Promise<Stores> {
  const { databaseUrl, keys, dataDir } = config
  if (databaseUrl && keys) return openServerStores(databaseUrl, keys, log)
  const { database, notices } = await openFacts(dataDir, log)
  try {
    return { database, state: openState(dataDir), notices }
  } catch (error) {
    await database.close()
    throw error
  }
}

async function openServerStores(url: string, keys: KeyRing, log: Log): Promise<Stores> {
  const { openPostgres } = await import('./db/postgres.ts')
  const { openPostgresState } = await import('./state/postgres.ts')
  const onIdleError = (error: Error) => log.warn({ err: error }, 'an idle database connection ended')
  const database = await openPostgres(url, { onIdleError })
  try {
    const state = await openPostgresState(url, keys, { onIdleError })
    try {
      // Several processes may start at once.
      await leased(state, 'migrate', stillMigrating, () => migrate(database))
      return { database, state, notices: [] }
    } catch (error) {
      await state.close()
      throw error
    }
  } catch (error) {
    await database.close()
    throw error
  }
}

async function openFacts(dataDir: string, log: Log): Promise<Omit<Stores, 'state'>> {
  const path = join(dataDir, FACTS)
  try {
    if (existsSync(join(dataDir, MARK))) throw new DamageFound()
    return { database: await openFile(path), notices: [] }
  } catch (error) {
    if (!isDamage(error)) throw error
    const aside = await setAside(path)
    await rm(join(dataDir, MARK), { force: true })
    const cause = error instanceof Error ? error.message : String(error)
    log.warn({ aside, cause }, 'the fact store is damaged and was set aside')
    return { database: await openFile(path), notices: [rebuilt(aside)] }
  }
}

const FACTS = 'facts.duckdb'
/** Left by a process that met damage while it was at work. */
const MARK = `${FACTS}.is-damaged`

/** The mark of damage met earlier. */
class DamageFound extends Error {
  override readonly message = 'corrupt: found damaged by an earlier command'
}

async function markDamaged(dataDir: string): Promise<void> {
  await writeFile(join(dataDir, MARK), '')
}

async function openFile(path: string): Promise<Database> {
  const { openDuckDB } = await import('./db/duckdb.ts')
  return migrated(await openDuckDB(path))
}

async function migrated(database: Database): Promise<Database> {
  try {
    await migrate(database)
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

/** Damage shows when the file is opened, or when what it holds is read. */
function isDamage(error: unknown): boolean {
  if (isRoiError(error)) return error.code === 'store_damaged'
  return (
    error instanceof Error &&
    /corrupt|checksum|not a valid DuckDB|serialization error|could not read enough bytes/i.test(error.message)
  )
}

/** Moves a damaged store and its log out of the way. Nothing is deleted: a person may want to look at it. */
async function setAside(path: string): Promise<string> {
  const aside = `${path}.damaged-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`
  if (existsSync(path)) await rename(path, aside)
  if (existsSync(`${path}.wal`)) await rename(`${path}.wal`, `${aside}.wal`)
  return aside
}

function stillMigrating(): RoiError {
  return new RoiError(
    'unavailable',
    'store_busy',
    {
      en: 'Another process is bringing the database to this version.',
      'zh-CN': '另一个进程正在将数据库升级到此版本。',
    },
    { en: 'Run it again in a moment.', 'zh-CN': '请稍后重试。' },
  )
}

function migrationIncomplete(): RoiError {
  return new RoiError(
    'unavailable',
    'migration_incomplete',
    {
      en: 'These stores are the target of a migration that did not end.',
      'zh-CN': '这些存储是一次尚未完成的迁移的目标。',
    },
    {
      en: 'Run the same "roi-panel migrate" again: it starts over and checks the result. The source is unchanged.',
      'zh-CN': '请再次运行相同的 “roi-panel migrate”：它会重新开始并校验结果。源数据未改变。',
    },
  )
}

function rebuilt(aside: string): Text {
  return {
    en: `The fact store was damaged. It was set aside as ${aside} and rebuilt from the kept import files.`,
    'zh-CN': `事实库已损坏，已移至 ${aside}，并根据保存的导入文件重建。`,
  }
}

function unfinished({ workspace, error }: { workspace: string; error: unknown }): Text {
  const cause = (locale: Locale) => (isRoiError(error) ? error.describe(locale) : String(error))
  return {
    en: `Workspace ${workspace}: earlier work could not be finished. ${cause('en')}`,
    'zh-CN': `工作区 ${workspace}：此前的操作未能完成。${cause('zh-CN')}`,
  }
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new RoiError(
      'usage',
      'data_dir_unusable',
      { en: `The data directory "${path}" cannot be made or used.`, 'zh-CN': `无法创建或使用数据目录“${path}”。` },
      {
        en: 'Choose another with --data DIR, or correct its permissions.',
        'zh-CN': '请用 --data DIR 指定其他目录，或修正其权限。',
      },
      { cause },
    )
  }
}
