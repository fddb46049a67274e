import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { onTestFinished } from 'vitest'
import files from '../connectors/files/index.ts'
import type { ImportResult } from '../src/api.ts'
import type { Database } from '../src/db/database.ts'
import { RULE_MODELS } from '../src/model/rule-models.ts'
import type { Settings, Workspace } from '../src/model/settings.ts'
import { type ImportEnv, type ImportRequest, importFiles } from '../src/sync/import.ts'
import { type Engine, openStateAt, openTestDatabase, testKeys } from './support/databases.ts'

/** A workspace with stores of its own, for the running test. */
export interface Place {
  readonly env: ImportEnv
  readonly workspace: Workspace
  /** Data directory. */
  readonly folder: string
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'roi-panel-import-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export async function openPlace(engine: Engine, settings: Partial<Settings> = {}): Promise<Place> {
  const folder = await temporaryFolder()
  const database = await openTestDatabase(engine)
  const state = await openStateAt({ engine, folder, url: database.place, keys: testKeys() })
  onTestFinished(() => state.close())
  const { tenant } = await state.openWorkspace('main')
  for (const [key, value] of Object.entries({ zone: 'UTC', ...settings })) {
    await state.changeSetting(tenant, key as keyof Settings, value)
  }
  const workspace = await state.openWorkspace('main')
  return { env: { database, state, connector: files, dataDir: folder }, workspace, folder }
}

/** Everything the state store of a place holds, for comparing; its bytes where it is a file. */
export async function stateTrace({ env, folder }: Place): Promise<string> {
  const { database } = env
  if (database.profile.kind === 'embedded') return (await readFile(join(folder, 'state.sqlite-wal'))).toString('base64')
  const tables = await database.query<{ name: string }>(
    `SELECT CAST(table_name AS TEXT) AS name FROM information_schema.tables WHERE table_schema = 'roi_state' ORDER BY 1`,
  )
  const rows = tables.map(({ name }) =>
    database.query(`SELECT CAST(t AS TEXT) AS row FROM roi_state.${name} AS t ORDER BY 1`),
  )
  return JSON.stringify(await Promise.all(rows))
}

/** CSV texts by file name. */
export type Texts = Readonly<Record<string, string>>

/** Imports texts as streams, in the order given. */
export function importTexts(
  { env, workspace }: Place,
  texts: Texts,
  request: Partial<Omit<ImportRequest, 'inputs'>> = {},
): Promise<ImportResult> {
  const inputs = Object.entries(texts).map(([name, text]) => ({ name, stream: Readable.from([Buffer.from(text)]) }))
  return importFiles(env, workspace, { locale: 'en', ...request, inputs })
}

/** Writes texts into a folder of their own. */
export async function folderOf(texts: Texts): Promise<string> {
  const folder = await temporaryFolder()
  for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text)
  return folder
}

/** Numbers of one file's result. */
export function counts(result: ImportResult, file = 0) {
  const { rows, imported, unchanged, rejected_count } = result.files[file]!
  return { rows, imported, unchanged, rejected_count }
}

const LEDGER = RULE_MODELS.flatMap((model) => [`w_${model}`, `m_${model}`])
const SUMS = LEDGER.map((column) => `CAST(sum(${column}) AS BIGINT) AS ${column}`).join(', ')
const NOT_ZERO = LEDGER.map((column) => `sum(${column}) <> 0`).join(' OR ')

/**
 * Everything a workspace's fact store holds that has a meaning, ordered: records with their journeys, the ledger
 * without run numbers, the rollup summed, and the names of references that some record makes.
 */
const TABLES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['campaign', 'cost', 'contact', 'account', 'touch', 'deal', 'stage_change', 'payment', 'invoice', 'rate'].map(
      (table) => [table, `SELECT * FROM ${table} WHERE tenant_id = $1 ORDER BY id`],
    ),
  ),
  deal_contact: 'SELECT * FROM deal_contact WHERE tenant_id = $1 ORDER BY deal_id, ref_id',
  deal_person: 'SELECT * FROM deal_person WHERE tenant_id = $1 ORDER BY deal_id, person_id',
  identity: 'SELECT * FROM identity WHERE tenant_id = $1 ORDER BY ref_id',
  dirty: 'SELECT * FROM dirty WHERE tenant_id = $1',
  source_key: `SELECT k.* FROM source_key AS k WHERE k.tenant_id = $1 AND (
    k.id IN (SELECT id FROM contact) OR k.id IN (SELECT email_key FROM contact WHERE email_key IS NOT NULL)
    OR k.id IN (SELECT account_id FROM contact WHERE account_id IS NOT NULL) OR k.id IN (SELECT ref_id FROM touch)
    OR k.id IN (SELECT campaign_id FROM touch WHERE campaign_id IS NOT NULL)
    OR k.id IN (SELECT campaign_id FROM cost WHERE campaign_id IS NOT NULL)
    OR k.id IN (SELECT ref_id FROM deal_contact) OR k.id IN (SELECT deal_id FROM payment)
    OR k.id IN (SELECT account_id FROM deal WHERE account_id IS NOT NULL)) ORDER BY k.id`,
  channel: `SELECT c.* FROM channel AS c WHERE c.tenant_id = $1 AND (
    c.id IN (SELECT channel_id FROM touch) OR c.id IN (SELECT channel_id FROM cost WHERE channel_id IS NOT NULL)
    OR c.id IN (SELECT channel_id FROM campaign WHERE channel_id IS NOT NULL)) ORDER BY c.id`,
  outcome: `SELECT kind, id, owner_id, customer_id, occurred_at, day, path_end, lead_at, opened_at, amount_minor, is_new,
    fallback FROM outcome WHERE tenant_id = $1 ORDER BY kind, id`,
  credit: `SELECT kind, outcome_id, owner_id, day, is_new, touch_id, campaign_id, channel_id, position, touches,
    ${LEDGER.join(', ')} FROM credit WHERE tenant_id = $1 ORDER BY kind, outcome_id, position`,
  rollup: `SELECT kind, month, is_new, campaign_id, channel_id, ${SUMS} FROM rollup WHERE tenant_id = $1
    GROUP BY kind, month, is_new, campaign_id, channel_id HAVING ${NOT_ZERO}
    ORDER BY kind, month, is_new, campaign_id, channel_id`,
  // The workspace currency itself has a row from the first recompute on.
  fx: 'SELECT * FROM fx WHERE tenant_id = $1 AND rate IS NOT NULL ORDER BY currency, day_from',
  spend: 'SELECT * FROM spend WHERE tenant_id = $1 ORDER BY cost_id, channel, campaign_id',
}

export type Dump = Readonly<Record<string, readonly string[]>>

export async function dump({ database }: Pick<ImportEnv, 'database'>, tenant = 1): Promise<Dump> {
  const tables: Record<string, string[]> = {}
  for (const [name, text] of Object.entries(TABLES)) {
    const rows = await (database as Database).query(text, [tenant])
    tables[name] = rows.map((row) =>
      JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)),
    )
    if (name === 'rollup') tables[name].sort()
  }
  return tables
}

/** A small world of every file type. `seed` gives other numbers to the same shape. */
export function world(seed = 1, size = 1): Texts {
  const random = generator(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const upTo = (n: number) => Math.floor(random() * n)
  const channels = ['google', 'baidu', 'expo', 'email', 'direct', '']
  const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10)
  const time = (n: number) => `${day(n)}T${String(upTo(24)).padStart(2, '0')}:00:00Z`
  const lines = (header: string, count: number, row: (i: number) => readonly (string | number)[]) =>
    [header, ...Array.from({ length: count }, (_, i) => row(i).join(','))].join('\n')
  const contacts = 40 * size
  return {
    'campaigns.csv': lines('campaign_id,name,channel,start_date', 6, (i) => [
      `K${i}`,
      `Campaign ${i}`,
      pick(channels),
      day(i),
    ]),
    'accounts.csv': lines('account_id,name,region', 15 * size, (i) => [
      `A${i}`,
      `Account ${i}`,
      pick(['East', 'West']),
    ]),
    'contacts.csv': lines('contact_id,email,phone,account_id,created_at,mql_at', contacts, (i) => [
      `C${i}`,
      `p${i % (contacts - 4)}@example.com`,
      `1380000${String(i).padStart(4, '0')}`,
      `A${upTo(15 * size)}`,
      time(upTo(60)),
      random() < 0.5 ? time(60 + upTo(30)) : '',
    ]),
    'touches.csv': lines(
      'touch_id,contact_id,email,occurred_at,channel,campaign_id,kind,utm_source,utm_medium',
      250 * size,
      (i) => [
        `T${i}`,
        ...(random() < 0.8 ? [`C${upTo(contacts)}`, ''] : ['', `p${upTo(contacts)}@example.com`]),
        time(upTo(120)),
        pick(channels),
        random() < 0.6 ? `K${upTo(6)}` : '',
        pick(['visit', 'form', 'checkin', '']),
        ...pick([
          ['google', 'cpc'],
          ['', ''],
          ['weixin', 'social'],
        ]),
      ],
    ),
    'costs.csv': lines('cost_id,date,amount,category,campaign_id,channel', 40 * size, (i) => [
      `F${i}`,
      day(upTo(120)),
      `${upTo(5000)}.${10 + upTo(90)}`,
      pick(['ads', 'event', 'tools']),
      random() < 0.7 ? `K${upTo(6)}` : '',
      pick(channels),
    ]),
    'deals.csv': lines('deal_id,name,account_id,contact_ids,amount,stage,created_at,closed_at,won', 30 * size, (i) => {
      const won = random() < 0.6
      const people = random() < 0.8 ? `C${upTo(contacts)};C${upTo(contacts)}` : ''
      return [
        `D${i}`,
        `Deal ${i}`,
        `A${upTo(15 * size)}`,
        people,
        upTo(90_000),
        '',
        time(60 + upTo(30)),
        won ? time(90 + upTo(60)) : '',
        won ? 'yes' : '',
      ]
    }),
    'payments.csv': lines('payment_id,deal_id,amount,paid_at', 20 * size, (i) => [
      `P${i}`,
      `D${upTo(30 * size)}`,
      upTo(9000),
      time(120 + upTo(60)),
    ]),
  }
}

/** Random numbers that are the same for the same seed. */
export function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
