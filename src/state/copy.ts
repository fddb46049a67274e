import { storable } from '../db/text.ts'
import { places, type Sql, type SqlValue, type StateEngine } from './sql.ts'

/** Rows read or written by one statement. */
const BATCH = 200

export type StateRow = Readonly<Record<string, SqlValue>>

/** A table as it is moved between stores: in the order of its key, one workspace (`$1`) at a time. */
export interface StateTable {
  readonly name: string
  readonly key: readonly string[]
  readonly where: string
  /** Its rows may belong to several workspaces. */
  readonly shared?: boolean
}

const OF_TENANT = 'tenant_id = $1'

/**
 * Tables that a migration copies as they are, each after those it refers to. Secrets are not among them: they are sealed
 * anew. Leases end with the processes that hold them.
 */
export const COPIED_STATE: readonly StateTable[] = [
  { name: 'workspace', key: ['tenant_id'], where: OF_TENANT },
  { name: 'setting', key: ['tenant_id', 'key'], where: OF_TENANT },
  // What is of the installation comes with each workspace.
  { name: 'audit', key: ['id'], where: '(tenant_id = $1 OR tenant_id IS NULL)', shared: true },
  { name: 'tombstone', key: ['tenant_id', 'contact'], where: OF_TENANT },
  // People come with each workspace they may see; their sessions end.
  { name: 'app_user_workspace', key: ['user_id', 'tenant_id'], where: OF_TENANT },
  {
    name: 'app_user',
    key: ['id'],
    where: '(everywhere = 1 OR id IN (SELECT user_id FROM app_user_workspace WHERE tenant_id = $1))',
    shared: true,
  },
  { name: 'import_run', key: ['id'], where: OF_TENANT },
  {
    name: 'import_file',
    key: ['import_id', 'position'],
    where: 'import_id IN (SELECT id FROM import_run WHERE tenant_id = $1)',
  },
  { name: 'quarantine', key: ['tenant_id', 'origin', 'position'], where: OF_TENANT },
  { name: 'connection', key: ['id'], where: OF_TENANT },
  {
    name: 'drift',
    key: ['tenant_id', 'connection_id', 'stream', 'field', 'kind', 'day'],
    where: OF_TENANT,
  },
  { name: 'inbox', key: ['connection_id', 'key'], where: OF_TENANT },
  { name: 'config_version', key: ['tenant_id', 'version'], where: OF_TENANT },
  { name: 'definition', key: ['tenant_id', 'kind', 'name'], where: OF_TENANT },
  { name: 'saved_run', key: ['tenant_id', 'id'], where: OF_TENANT },
  { name: 'quality_day', key: ['tenant_id', 'day'], where: OF_TENANT },
  { name: 'period_close', key: ['tenant_id', 'id'], where: OF_TENANT },
  { name: 'close_part', key: ['tenant_id', 'close_id', 'part', 'position'], where: OF_TENANT },
  { name: 'manual_entry', key: ['tenant_id', 'id'], where: OF_TENANT },
  { name: 'manual_change', key: ['tenant_id', 'seq'], where: OF_TENANT },
  { name: 'alert', key: ['tenant_id', 'id'], where: OF_TENANT },
  { name: 'correction', key: ['tenant_id', 'id'], where: OF_TENANT },
]
/** What a workspace has as soon as it is opened: a store of these alone holds nothing yet. */
const BARE = new Set(['workspace', 'config_version'])

/** Rows of a workspace in batches; texts as every engine can hold them. */
export async function* stateRows(engine: Sql, table: StateTable, tenant: number): AsyncIterable<StateRow[]> {
  const { name, key, where } = table
  const columns = key.join(', ')
  for (let last: StateRow | undefined; ; ) {
    const after = last ? key.map((column) => last![column]!) : []
    const beyond = last ? `AND (${columns}) > (${places(2, key.length)})` : ''
    const text = `SELECT * FROM ${name} WHERE ${where} ${beyond} ORDER BY ${columns} LIMIT ${BATCH}`
    const rows = await engine.all<StateRow>(text, tenant, ...after)
    if (rows.length > 0) yield rows.map(storableRow)
    last = rows.at(-1)
    if (rows.length < BATCH) return
  }
}

function storableRow(row: StateRow): StateRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'string' ? storable(value) : value]),
  )
}

/** Adds rows of one batch. */
export async function addStateRows(
  engine: Sql,
  { name, shared }: StateTable,
  rows: readonly StateRow[],
): Promise<void> {
  const columns = Object.keys(rows[0] ?? {})
  const values = rows.map((_, i) => `(${places(i * columns.length + 1, columns.length)})`).join(', ')
  const parameters = rows.flatMap((row) => columns.map((column) => row[column] ?? null))
  const known = shared ? 'ON CONFLICT DO NOTHING' : ''
  await engine.run(`INSERT INTO ${name} (${columns.join(', ')}) VALUES ${values} ${known}`, ...parameters)
}

export async function countState(engine: Sql, { name, where }: StateTable, tenant: number): Promise<number> {
  const [row] = await engine.all<{ n: number }>(`SELECT count(*) AS n FROM ${name} WHERE ${where}`, tenant)
  return Number(row?.n ?? 0)
}

/** True when nobody has worked with the store: it has workspaces at most. */
export async function isBareState(engine: Sql): Promise<boolean> {
  for (const { name } of COPIED_STATE) {
    if (!BARE.has(name) && (await engine.all(`SELECT 1 FROM ${name} LIMIT 1`)).length > 0) return false
  }
  return true
}

/** Empties the tables of a migration's target. */
export function clearState(engine: StateEngine): Promise<void> {
  return engine.transaction(async (sql) => {
    for (const name of [
      'secret',
      'lease',
      'session',
      'ticket',
      'embed_session',
      ...COPIED_STATE.map((table) => table.name).reverse(),
    ]) {
      await sql.run(`DELETE FROM ${name}`)
    }
  })
}
