import { RoiError } from '../errors.ts'
import type { Workspace } from '../model/settings.ts'
import { note } from './audit.ts'
import { checkSetting, parseStored } from './settings.ts'
import type { Sql, Store } from './sql.ts'
import type { State } from './state.ts'
import { addVersion } from './versions-config.ts'

const WORKSPACE_KEY = /^[a-z0-9][a-z0-9_-]{0,62}$/

interface WorkspaceRow {
  readonly tenant_id: number
  readonly key: string
  readonly title: string
}

type Workspaces = Pick<State, 'workspaces' | 'findWorkspace' | 'openWorkspace' | 'changeSetting'>

/** Workspaces and their settings. */
export function workspaceStore({ engine, at }: Store): Workspaces {
  const findWorkspace = async (key: string) => {
    const row = await workspaceRow(engine, key)
    return row && withSettings(engine, row)
  }
  return {
    findWorkspace,

    async workspaces() {
      const rows = await engine.all<WorkspaceRow>('SELECT tenant_id, key, title FROM workspace ORDER BY tenant_id')
      return Promise.all(rows.map((row) => withSettings(engine, row)))
    },

    async openWorkspace(key, title = key) {
      if (!WORKSPACE_KEY.test(key)) throw badWorkspaceKey(key)
      const found = await findWorkspace(key)
      if (found) return found
      const row = await engine.transaction(async (sql) => {
        const other = await workspaceRow(sql, key)
        if (other) return other
        const [last] = await sql.all<{ tenant: number | null }>('SELECT max(tenant_id) AS tenant FROM workspace')
        const made = { tenant_id: Number(last?.tenant ?? 0) + 1, key, title }
        await sql.run('INSERT INTO workspace VALUES ($1, $2, $3, $4)', made.tenant_id, key, title, at())
        await addVersion(sql, at(), made.tenant_id)
        return made
      })
      return withSettings(engine, row)
    },

    async changeSetting(tenant, key, value, reason) {
      const after = value === undefined ? null : JSON.stringify(checkSetting(key, value))
      return engine.transaction(async (sql) => {
        const [row] = await sql.all<{ value: string }>(
          'SELECT value FROM setting WHERE tenant_id = $1 AND key = $2',
          tenant,
          key,
        )
        const before = row?.value ?? null
        if (before === after) return false
        // What a store of an earlier program holds is its first version.
        await addVersion(sql, at(), tenant, { actor: null })
        await sql.run('DELETE FROM setting WHERE tenant_id = $1 AND key = $2', tenant, key)
        if (after !== null) await sql.run('INSERT INTO setting VALUES ($1, $2, $3)', tenant, key, after)
        await note(sql, at(), { tenant, action: 'setting', subject: key, before, after })
        await addVersion(sql, at(), tenant, { reason })
        return true
      })
    },
  }
}

async function workspaceRow(sql: Sql, key: string): Promise<WorkspaceRow | undefined> {
  const [row] = await sql.all<WorkspaceRow>('SELECT tenant_id, key, title FROM workspace WHERE key = $1', key)
  return row
}

async function withSettings(sql: Sql, row: WorkspaceRow): Promise<Workspace> {
  const stored = await sql.all<{ key: string; value: string }>(
    'SELECT key, value FROM setting WHERE tenant_id = $1',
    row.tenant_id,
  )
  return { key: row.key, title: row.title, tenant: row.tenant_id, settings: parseStored(row.key, stored) }
}

function badWorkspaceKey(key: string): RoiError {
  return new RoiError(
    'usage',
    'bad_workspace_key',
    { en: `"${key.slice(0, 80)}" cannot name a workspace.`, 'zh-CN': `“${key.slice(0, 80)}”不能作为工作区名称。` },
    {
      en: 'Use up to 63 lower-case letters, digits, "-" and "_", starting with a letter or digit.',
      'zh-CN': '请使用最多 63 个小写字母、数字、“-”或“_”，并以字母或数字开头。',
    },
  )
}
