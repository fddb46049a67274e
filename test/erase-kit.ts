import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { Dimension } from '../src/api.ts'
import type { Database } from '../src/db/database.ts'
import { report } from '../src/metrics/report.ts'
import { RULE_MODELS } from '../src/model/rule-models.ts'
import type { Workspace } from '../src/model/settings.ts'
import type { State } from '../src/state/state.ts'
import { readAliases } from '../src/sync/alias.ts'
import { OFFLINE, type Page } from '../src/sync/contract.ts'
import { prune } from '../src/sync/prune.ts'
import { type Synced, syncStream } from '../src/sync/runner.ts'
import { storeSink } from '../src/sync/store.ts'
import { dump, openPlace, type Place } from './import-kit.ts'
import type { Engine } from './support/databases.ts'

/** Erasing people from stores of a test's own, and looking for what is left of them. */

const CONTEXT = {
  ...OFFLINE,
  settings: {},
  open: () => Promise.reject(new Error('no files here')),
  signal: new AbortController().signal,
  log() {},
  now: () => new Date(0),
}

export interface Stores {
  readonly database: Database
  readonly state: State
  readonly workspace: Workspace
  /** Default `test`. */
  readonly source?: string
}

/** Reads one page as a run of the source would. */
export async function readPage(stores: Stores, page: Partial<Page>): Promise<Synced> {
  const { database, state, workspace, source = 'test' } = stores
  const { tenant, settings } = workspace
  const aliases = await readAliases(database, tenant, source)
  const synced = await syncStream({
    pull: async function* () {
      yield { records: [], cursor: 'x', ...page }
    },
    context: CONTEXT,
    cursor: null,
    sink: storeSink(database, { tenant, source, settings }, { aliases, state }),
  })
  if (synced.deleted + synced.merged > 0) await database.write((tx) => prune(tx, tenant))
  return synced
}

export function erase(stores: Stores, ...ids: readonly string[]): Promise<Synced> {
  return readPage(stores, { deleted: ids.map((id) => ({ type: 'contact', id, erased: true })) })
}

/** What follows from the records, to the last unit: every outcome, every credit, every sum. */
export async function ledger({ database, workspace }: Omit<Stores, 'state'>) {
  const { outcome, credit, rollup } = await dump({ database }, workspace.tenant)
  return { outcome, credit, rollup }
}

/** Every report: by every dimension under every model. */
export async function reports({ database, workspace }: Omit<Stores, 'state'>): Promise<Record<string, string>> {
  const all: Record<string, string> = {}
  for (const by of Dimension.options) {
    for (const model of RULE_MODELS) {
      const query = { workspace: workspace.key, by, model, from: null, to: null, date_basis: 'close' } as const
      all[`${by} ${model}`] = JSON.stringify(await report(database, workspace, query, 'en'))
    }
  }
  return all
}

/** Everything both stores hold, table by table, as text. */
export async function allText({ env, folder }: Place): Promise<Record<string, string>> {
  const { database } = env
  const all: Record<string, string> = {}
  const tables = await database.query<{ schema: string; name: string }>(
    `SELECT CAST(table_schema AS TEXT) AS schema, CAST(table_name AS TEXT) AS name FROM information_schema.tables
     WHERE table_schema IN ('main', 'public', 'roi_state')`,
  )
  for (const { schema, name } of tables) {
    const rows = await database.query<{ row: string }>(`SELECT CAST(t AS TEXT) AS row FROM ${schema}.${name} AS t`)
    all[`${schema}.${name}`] = rows.map(({ row }) => row).join('\n')
  }
  if (database.profile.kind !== 'embedded') return all
  const file = new DatabaseSync(join(folder, 'state.sqlite'), { readOnly: true })
  for (const { name } of file.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()) {
    all[`state.${name}`] = JSON.stringify(file.prepare(`SELECT * FROM ${name}`).all())
  }
  file.close()
  return all
}

/** Tables of both stores that hold one of some texts, in whatever case. */
export async function tablesHolding(place: Place, texts: readonly string[]): Promise<string[]> {
  const all = Object.entries(await allText(place))
  const wanted = texts.map((text) => text.toLowerCase())
  return all.flatMap(([table, text]) =>
    wanted.filter((one) => text.toLowerCase().includes(one)).map((one) => `${table}: ${one}`),
  )
}

/** Stores that many runs of a property share, each with a workspace of its own. */
export async function openShared(engine: Engine) {
  const place = await openPlace(engine)
  let count = 0
  return {
    place,
    async next(): Promise<Stores> {
      count += 1
      const key = `w${count}`
      const { tenant } = await place.env.state.openWorkspace(key)
      await place.env.state.changeSetting(tenant, 'zone', 'UTC')
      const workspace = await place.env.state.openWorkspace(key)
      return { database: place.env.database, state: place.env.state, workspace }
    },
  }
}

/** Which of a random workspace's contacts are erased, in which steps. */
export const steps = fc.array(fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 3,
})
