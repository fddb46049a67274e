import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CONNECTORS } from '../connectors/index.ts'
import type { Config } from './config.ts'
import type { Database } from './db/database.ts'
import { migrate } from './db/migrate.ts'
import { isRoiError, type Locale, RoiError, type Text } from './errors.ts'
import type { Log } from './log.ts'
import { createServices, type ProductEnv } from './server/product.ts'
import type { Services } from './server/services.ts'
import { MAIN } from './server/workspaces.ts'
import { openState } from './state/sqlite.ts'
import { finishInterrupted } from './sync/rebuild.ts'

/** The product with its stores open: one method for each command, used by the command line and the server alike. */
export interface App extends Services {
  /** What happened while opening that people should know: a damaged store that was rebuilt. */
  readonly notices: readonly Text[]
  /** The workspace of this key; made with this title when there is none. */
  openWorkspace(key: string, title: string): Promise<void>
  close(): Promise<void>
}

export interface AppOptions {
  readonly log: Log
  /** This data directory is the demo's: it has no workspace `main`. */
  readonly demo?: boolean
  readonly signal?: AbortSignal
}

/**
 * Opens the stores of a data directory, migrates them and finishes what was interrupted. A damaged fact store is set
 * aside and rebuilt from the kept import files (reliability G12).
 * @throws RoiError `store_locked`, `store_too_new`, `disk_full`, `data_dir_unusable`, `state_damaged`
 */
export async function openApp(config: Config, options: AppOptions): Promise<App> {
  await makeDirectory(config.dataDir)
  return open(config, options, true)
}

async function open(config: Config, options: AppOptions, mayRepair: boolean): Promise<App> {
  const facts = await openFacts(config, options.log)
  try {
    return await assemble(config, options, facts)
  } catch (error) {
    await facts.database.close()
    if (!mayRepair || config.databaseUrl || !isDamage(error)) throw error
    // The file opened, but what it holds cannot be read: the second attempt finds the mark and sets it aside.
    await markDamaged(config.dataDir)
    return open(config, options, false)
  }
}

async function assemble(config: Config, { log, demo = false }: AppOptions, facts: Facts): Promise<App> {
  const { dataDir } = config
  const { database } = facts
  const state = openState(dataDir)
  try {
    const connector = await CONNECTORS.files()
    const env: ProductEnv = { database, state, connector, dataDir, demo, template: connector.template }
    if (!demo) await state.openWorkspace(MAIN)
    // Uploads that a kill left behind.
    await rm(join(dataDir, 'incoming'), { recursive: true, force: true })
    const { failures } = await finishInterrupted(env)
    const damage = failures.find(({ error }) => isDamage(error))
    if (damage) throw damage.error
    for (const { workspace, error } of failures) log.error({ err: error, workspace }, 'earlier work is not finished')
    const { services, idle } = tracked(createServices(env), async (error) => {
      if (isDamage(error) && !config.databaseUrl) await markDamaged(dataDir)
    })
    return {
      ...services,
      notices: [...facts.notices, ...failures.map(unfinished)],
      async openWorkspace(key, title) {
        await state.openWorkspace(key, title)
      },
      async close() {
        await idle()
        await state.close()
        await database.close()
      },
    }
  } catch (error) {
    await state.close()
    throw error
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

interface Facts {
  readonly database: Database
  readonly notices: readonly Text[]
}

async function openFacts(config: Config, log: Log): Promise<Facts> {
  if (config.databaseUrl) {
    const { openPostgres } = await import('./db/postgres.ts')
    const onIdleError = (error: Error) => log.warn({ err: error }, 'an idle database connection ended')
    return {
      database: await migrated(await openPostgres(config.databaseUrl, { onIdleError })),
      notices: [],
    }
  }
  const path = join(config.dataDir, FACTS)
  try {
    if (existsSync(join(config.dataDir, MARK))) throw new DamageFound()
    return { database: await openFile(path), notices: [] }
  } catch (error) {
    if (!isDamage(error)) throw error
    const aside = await setAside(path)
    await rm(join(config.dataDir, MARK), { force: true })
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
