import { RoiError } from '../errors.ts'
import { note } from './audit.ts'
import { sortableId } from './ids.ts'
import { forgetEvents } from './inbox.ts'
import { forgetAll } from './quarantine.ts'
import { type Secrets, unknownConnection } from './secrets.ts'
import { fromJson, type Sql, type SqlValue, type Store, toDate } from './sql.ts'
import type { Connection, ConnectionChange, ConnectionState, EditedConnection, NewConnection, State } from './state.ts'

const CONNECTION = `SELECT id, tenant_id, connector, external_account_id, source, title, settings, state, every_minutes,
  created_at, started_at, finished_at, complete_at, resume_at, result FROM connection`

interface ConnectionRow {
  readonly id: string
  readonly tenant_id: number
  readonly connector: string
  readonly external_account_id: string
  readonly source: string
  readonly title: string
  readonly settings: string
  readonly state: ConnectionState
  readonly every_minutes: number | null
  readonly created_at: string
  readonly started_at: string | null
  readonly finished_at: string | null
  readonly complete_at: string | null
  readonly resume_at: string | null
  readonly result: string | null
}

type Connections = Pick<
  State,
  'connections' | 'findConnection' | 'saveConnection' | 'editConnection' | 'changeConnection' | 'removeConnection'
>

/** Installed portals, orgs and ad accounts. */
export function connectionStore({ engine, at }: Store, secrets: Secrets): Connections {
  return {
    async connections(tenant) {
      const rows =
        tenant === undefined
          ? await engine.all<ConnectionRow>(`${CONNECTION} ORDER BY id`)
          : await engine.all<ConnectionRow>(`${CONNECTION} WHERE tenant_id = $1 ORDER BY id`, tenant)
      return rows.map(toConnection)
    },

    findConnection(tenant, id) {
      return findConnection(engine, tenant, id)
    },

    saveConnection(tenant, connection) {
      return engine.transaction(async (sql) => {
        const [known] = await sql.all<ConnectionRow>(
          `${CONNECTION} WHERE connector = $1 AND external_account_id = $2`,
          connection.connector,
          connection.externalAccountId,
        )
        if (known && known.tenant_id !== tenant) throw connectedElsewhere(connection)
        const id = known?.id ?? (await insert(sql, at(), tenant, connection))
        if (known) await update(sql, known, connection)
        await sql.run('DELETE FROM secret WHERE connection_id = $1', id)
        await secrets.put(sql, tenant, id, connection.secrets)
        const before = known ? auditOf(toConnection(known)) : null
        const saved = (await findConnection(sql, tenant, id))!
        const after = auditOf(saved, Object.keys(connection.secrets))
        await note(sql, at(), { tenant, action: 'connection', subject: id, before, after })
        return saved
      })
    },

    editConnection(tenant, id, edit) {
      return engine.transaction(async (sql) => {
        const before = await findConnection(sql, tenant, id)
        if (!before) throw unknownConnection(id)
        const { title = before.title, everyMinutes = before.everyMinutes, settings = before.settings } = edit
        await sql.run(
          'UPDATE connection SET title = $2, every_minutes = $3, settings = $4 WHERE id = $1',
          id,
          title,
          everyMinutes,
          JSON.stringify(settings),
        )
        const entries = Object.entries(edit.secrets ?? {})
        const kept = entries.filter((entry): entry is [string, string] => entry[1] !== null)
        for (const [field, value] of entries) {
          if (value === null) await sql.run('DELETE FROM secret WHERE connection_id = $1 AND field = $2', id, field)
        }
        await secrets.put(sql, tenant, id, Object.fromEntries(kept))
        const entry = editOf(before, { ...before, title, everyMinutes, settings }, edit)
        await note(sql, at(), { tenant, action: 'connection', subject: id, ...entry })
      })
    },

    async changeConnection(id, change) {
      const columns = columnsOf(change)
      if (columns.length === 0) return
      const assignments = columns.map(([name], i) => `${name} = $${i + 2}`).join(', ')
      await engine.run(`UPDATE connection SET ${assignments} WHERE id = $1`, id, ...columns.map(([, value]) => value))
    },

    removeConnection(tenant, id) {
      return engine.transaction(async (sql) => {
        const found = await findConnection(sql, tenant, id)
        if (!found) return
        await sql.run('DELETE FROM secret WHERE connection_id = $1', id)
        await sql.run('DELETE FROM drift WHERE tenant_id = $1 AND connection_id = $2', tenant, id)
        await forgetAll(sql, tenant, id)
        await forgetEvents(sql, id)
        await sql.run('DELETE FROM connection WHERE tenant_id = $1 AND id = $2', tenant, id)
        await note(sql, at(), { tenant, action: 'connection', subject: id, before: auditOf(found), after: null })
      })
    },
  }
}

async function findConnection(sql: Sql, tenant: number, id: string): Promise<Connection | undefined> {
  const [row] = await sql.all<ConnectionRow>(`${CONNECTION} WHERE tenant_id = $1 AND id = $2`, tenant, id)
  return row && toConnection(row)
}

async function insert(sql: Sql, at: string, tenant: number, connection: NewConnection): Promise<string> {
  const { connector, externalAccountId, title, settings, everyMinutes } = connection
  const [last] = await sql.all<{ id: string | null }>('SELECT max(id) AS id FROM connection')
  const [sibling] = await sql.all(
    'SELECT id FROM connection WHERE tenant_id = $1 AND connector = $2 LIMIT 1',
    tenant,
    connector,
  )
  const id = sortableId('con', new Date(at), last?.id ?? undefined)
  const source = sibling ? `${connector}:${externalAccountId}` : connector
  await sql.run(
    `INSERT INTO connection (id, tenant_id, connector, external_account_id, source, title, settings, state,
       every_minutes, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', $8, $9)`,
    id,
    tenant,
    connector,
    externalAccountId,
    source,
    title,
    JSON.stringify(settings),
    everyMinutes,
    at,
  )
  return id
}

/** Its source stays: its records are stamped with it. What only new credentials could end has ended. */
async function update(sql: Sql, { id, state }: ConnectionRow, connection: NewConnection): Promise<void> {
  await sql.run(
    'UPDATE connection SET title = $2, settings = $3, every_minutes = $4, state = $5 WHERE id = $1',
    id,
    connection.title,
    JSON.stringify(connection.settings),
    connection.everyMinutes,
    state === 'reconnect' || state === 'failed' ? 'pending' : state,
  )
}

function columnsOf(change: ConnectionChange): [column: string, value: SqlValue][] {
  const columns: [string, SqlValue | undefined][] = [
    ['state', change.state],
    ['title', change.title],
    ['every_minutes', change.everyMinutes],
    ['started_at', change.startedAt?.toISOString()],
    ['finished_at', change.finishedAt?.toISOString()],
    ['complete_at', change.completeAt?.toISOString()],
    ['resume_at', change.resumeAt === null ? null : change.resumeAt?.toISOString()],
    ['result', change.result === undefined ? undefined : JSON.stringify(change.result)],
  ]
  return columns.filter((column): column is [string, SqlValue] => column[1] !== undefined)
}

function toConnection(row: ConnectionRow): Connection {
  return {
    id: row.id,
    tenant: row.tenant_id,
    connector: row.connector,
    externalAccountId: row.external_account_id,
    source: row.source,
    title: row.title,
    settings: JSON.parse(row.settings),
    state: row.state,
    everyMinutes: row.every_minutes,
    createdAt: new Date(row.created_at),
    startedAt: toDate(row.started_at),
    finishedAt: toDate(row.finished_at),
    completeAt: toDate(row.complete_at),
    resumeAt: toDate(row.resume_at),
    result: fromJson(row.result),
  }
}

/** What the audit says of a connection: settings and secrets by their names only. */
function auditOf(connection: Connection, secrets?: readonly string[]): string {
  const { source, externalAccountId: account, title, everyMinutes: every_minutes } = connection
  const settings = Object.keys(connection.settings)
  return JSON.stringify({ source, account, title, every_minutes, settings, ...(secrets && { secrets }) })
}

/** What the audit says of an edit: only what changed; secrets by their names. */
function editOf(before: Connection, after: Connection, { secrets }: EditedConnection) {
  const keys = new Set([...Object.keys(before.settings), ...Object.keys(after.settings)])
  const changed = [...keys].filter((key) => !same(before.settings[key], after.settings[key]))
  const part = ({ title, everyMinutes, settings }: Connection) => ({
    ...(before.title !== after.title && { title }),
    ...(before.everyMinutes !== after.everyMinutes && { every_minutes: everyMinutes }),
    ...(changed.length > 0 && { settings: Object.fromEntries(changed.map((key) => [key, settings[key] ?? null])) }),
  })
  const names = Object.keys(secrets ?? {})
  return {
    before: JSON.stringify(part(before)),
    after: JSON.stringify({ ...part(after), ...(names.length > 0 && { secrets: names }) }),
  }
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function connectedElsewhere({ connector, externalAccountId }: NewConnection): RoiError {
  const account = externalAccountId.slice(0, 80)
  return new RoiError(
    'usage',
    'connected_elsewhere',
    {
      en: `The account ${account} of ${connector} is connected to another workspace.`,
      'zh-CN': `${connector} 的账户 ${account} 已连接到另一个工作区。`,
    },
    {
      en: 'Use that workspace, or remove the connection there first.',
      'zh-CN': '请使用该工作区，或先在那里移除该连接。',
    },
  )
}
