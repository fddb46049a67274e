import { RoiError } from '../errors.ts'
import { note } from './audit.ts'
import { sortableId } from './ids.ts'
import type { Sql, Store } from './sql.ts'

/** What a person may do; the matrix is in src/server/auth-rights.ts. */
export const ROLES = ['admin', 'marketing', 'sales', 'finance'] as const
export type Role = (typeof ROLES)[number]

/** A person who may sign in. */
export interface User {
  /** `usr_…` */
  readonly id: string
  readonly name: string
  readonly role: Role
  /** Workspaces he may see; null = all, also later ones. */
  readonly tenants: readonly number[] | null
  readonly createdAt: Date
}

export interface NewUser extends Pick<User, 'name' | 'role' | 'tenants'> {
  /** Record of a password, never the password. */
  readonly password: string
}

/** Parts of the state store about people. */
export interface UserState {
  /** In the order they were added. */
  users(): Promise<readonly User[]>
  hasUsers(): Promise<boolean>
  /** By name, whatever its case, with the record of the password. */
  findUser(name: string): Promise<(User & { readonly password: string }) | undefined>
  /**
   * @param first only when there is nobody yet
   * @throws RoiError `user_exists`, `not_first_user`
   */
  addUser(user: NewUser, first?: boolean): Promise<User>
  /** Changes what is given, and ends the person's sessions. @throws RoiError `unknown_user` */
  changeUser(id: string, change: Partial<Omit<NewUser, 'name'>>): Promise<void>
  /** Removes a person and ends his sessions. */
  removeUser(id: string): Promise<void>
}

interface UserRow {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly everywhere: number
  readonly password: string
  readonly created_at: string
}

const USER = 'SELECT id, name, role, everywhere, password, created_at FROM app_user'

/** The name as it is compared: the same for a person however he types it. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase()
}

export function userStore({ engine, at }: Store): UserState {
  const insert = async (sql: Sql, { name, role, tenants, password }: NewUser): Promise<string> => {
    const [last] = await sql.all<{ id: string | null }>('SELECT max(id) AS id FROM app_user')
    const id = sortableId('usr', new Date(at()), last?.id ?? undefined)
    await sql.run(
      `INSERT INTO app_user (id, name, name_key, role, everywhere, password, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      id,
      name.trim(),
      nameKey(name),
      role,
      tenants === null ? 1 : 0,
      password,
      at(),
    )
    return id
  }
  return {
    async users() {
      const rows = await engine.all<UserRow>(`${USER} ORDER BY id`)
      return Promise.all(rows.map((row) => toUser(engine, row)))
    },

    async hasUsers() {
      return (await engine.all('SELECT 1 FROM app_user LIMIT 1')).length > 0
    },

    async findUser(name) {
      const [row] = await engine.all<UserRow>(`${USER} WHERE name_key = $1`, nameKey(name))
      return row && { ...(await toUser(engine, row)), password: row.password }
    },

    addUser(user, first = false) {
      return engine.transaction(async (sql) => {
        const others = await sql.all<{ name_key: string }>('SELECT name_key FROM app_user')
        if (first && others.length > 0) throw notFirst()
        if (others.some(({ name_key }) => name_key === nameKey(user.name))) throw userExists(user.name)
        const id = await insert(sql, user)
        await putWorkspaces(sql, id, user.tenants)
        const [row] = await sql.all<UserRow>(`${USER} WHERE id = $1`, id)
        const added = await toUser(sql, row!)
        await note(sql, at(), noteOf(added.name, null, await auditOf(sql, row!)))
        return added
      })
    },

    changeUser(id, { role, tenants, password }) {
      return engine.transaction(async (sql) => {
        const [row] = await sql.all<UserRow>(`${USER} WHERE id = $1`, id)
        if (!row) throw unknownUser(id)
        const before = await auditOf(sql, row)
        const everywhere = tenants === undefined ? row.everywhere : tenants === null ? 1 : 0
        await sql.run(
          'UPDATE app_user SET role = $2, everywhere = $3, password = $4 WHERE id = $1',
          id,
          role ?? row.role,
          everywhere,
          password ?? row.password,
        )
        if (tenants !== undefined) await putWorkspaces(sql, id, tenants)
        await sql.run('DELETE FROM session WHERE user_id = $1', id)
        const [changed] = await sql.all<UserRow>(`${USER} WHERE id = $1`, id)
        const after = await auditOf(sql, changed!)
        const secret = password === undefined ? {} : { password: 'changed' }
        await note(sql, at(), noteOf(row.name, before, { ...after, ...secret }))
      })
    },

    removeUser(id) {
      return engine.transaction(async (sql) => {
        const [row] = await sql.all<UserRow>(`${USER} WHERE id = $1`, id)
        if (row) await note(sql, at(), noteOf(row.name, await auditOf(sql, row), null))
        await sql.run('DELETE FROM session WHERE user_id = $1', id)
        await sql.run('DELETE FROM app_user_workspace WHERE user_id = $1', id)
        await sql.run('DELETE FROM app_user WHERE id = $1', id)
      })
    },
  }
}

async function putWorkspaces(sql: Sql, id: string, tenants: readonly number[] | null): Promise<void> {
  await sql.run('DELETE FROM app_user_workspace WHERE user_id = $1', id)
  for (const tenant of new Set(tenants)) await sql.run('INSERT INTO app_user_workspace VALUES ($1, $2)', id, tenant)
}

/** What the audit says of a person: of a password only that it was changed. */
async function auditOf(sql: Sql, { id, role, everywhere }: UserRow): Promise<object> {
  if (everywhere === 1) return { role, workspaces: 'all' }
  const keys = await sql.all<{ key: string }>(
    `SELECT w.key FROM app_user_workspace AS u JOIN workspace AS w ON w.tenant_id = u.tenant_id
     WHERE u.user_id = $1 ORDER BY w.tenant_id`,
    id,
  )
  return { role, workspaces: keys.map(({ key }) => key) }
}

function noteOf(name: string, before: object | null, after: object | null) {
  const json = (value: object | null) => value && JSON.stringify(value)
  return { tenant: null, action: 'user', subject: name, before: json(before), after: json(after) }
}

/** A person as he is kept. */
export async function toUser(sql: Sql, row: Omit<UserRow, 'password'>): Promise<User> {
  const { id, name, role, everywhere } = row
  const rows = await sql.all<{ tenant_id: number }>(
    'SELECT tenant_id FROM app_user_workspace WHERE user_id = $1 ORDER BY tenant_id',
    id,
  )
  const tenants = everywhere === 1 ? null : rows.map(({ tenant_id }) => tenant_id)
  return { id, name, role, tenants, createdAt: new Date(row.created_at) }
}

export function unknownUser(name: string): RoiError {
  const shown = name.slice(0, 80)
  return new RoiError(
    'not_found',
    'unknown_user',
    { en: `There is no user "${shown}".`, 'zh-CN': `没有用户“${shown}”。` },
    { en: '"roi-panel users list" lists them.', 'zh-CN': '可用 roi-panel users list 查看。' },
  )
}

function userExists(name: string): RoiError {
  const shown = name.slice(0, 80)
  return new RoiError(
    'usage',
    'user_exists',
    { en: `There is a user "${shown}" already.`, 'zh-CN': `用户“${shown}”已存在。` },
    {
      en: 'Change it with "users role" or "users password", or choose another name.',
      'zh-CN': '可用 users role 或 users password 修改，或换一个名称。',
    },
  )
}

function notFirst(): RoiError {
  return new RoiError(
    'usage',
    'not_first_user',
    { en: 'Somebody has set this server up already.', 'zh-CN': '该服务已完成初始设置。' },
    { en: 'Sign in, or ask whoever did it for a user.', 'zh-CN': '请登录，或联系管理员创建用户。' },
  )
}
