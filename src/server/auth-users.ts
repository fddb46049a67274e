import { addSecret } from '../redact.ts'
import type { State } from '../state/state.ts'
import { type User, unknownUser } from '../state/users.ts'
import type { Services, UserInfo } from './services.ts'
import { checkPassword, hashPassword } from './sign-in-password.ts'
import { findWorkspace } from './workspaces.ts'

type Commands = 'users' | 'add_user' | 'change_user' | 'remove_user'

/** People who may sign in. Only the command line of the machine has these. */
export function userServices(state: State): Pick<Services, Commands> {
  const tenantsOf = async (keys: readonly string[] | null) => {
    if (keys === null) return null
    const found = await Promise.all(keys.map((key) => findWorkspace(state, key)))
    return found.map(({ tenant }) => tenant)
  }
  const infoOf = async (user: User): Promise<UserInfo> => {
    const all = await state.workspaces()
    const { name, role, tenants, createdAt } = user
    const workspaces = tenants && all.filter(({ tenant }) => tenants.includes(tenant)).map(({ key }) => key)
    return { name, role, workspaces, created_at: createdAt.toISOString() }
  }
  const record = (password: string) => {
    addSecret(password)
    checkPassword(password)
    return hashPassword(password)
  }
  const find = async (name: string) => {
    const user = await state.findUser(name)
    if (!user) throw unknownUser(name)
    return user
  }
  return {
    async users() {
      return Promise.all((await state.users()).map(infoOf))
    },
    async add_user({ name, role, password, workspaces }) {
      const tenants = await tenantsOf(workspaces)
      return infoOf(await state.addUser({ name, role, tenants, password: await record(password) }))
    },
    async change_user({ name, role, password, workspaces }) {
      const { id } = await find(name)
      await state.changeUser(id, {
        ...(role && { role }),
        ...(password !== undefined && { password: await record(password) }),
        ...(workspaces !== undefined && { tenants: await tenantsOf(workspaces) }),
      })
      return infoOf(await find(name))
    },
    async remove_user({ name }) {
      const user = await find(name)
      await state.removeUser(user.id)
      return infoOf(user)
    },
  }
}
