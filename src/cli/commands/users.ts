import { readFile } from 'node:fs/promises'
import { environmentValue } from '../../config.ts'
import type { UserInfo } from '../../server/services.ts'
import { ROLES, type Role } from '../../state/users.ts'
import { defineCommand, type Invocation, type Options } from '../command.ts'
import { usage } from '../parse.ts'
import { type Prompt, terminalPrompt } from '../prompt.ts'
import { table } from '../table.ts'
import { plain } from '../text.ts'

const OPTIONS = {
  role: {
    type: 'string',
    value: 'R',
    help: {
      en: `what he may do: ${ROLES.join(' | ')} (default sales)`,
      'zh-CN': `权限角色：${ROLES.join(' | ')}（默认 sales）`,
    },
  },
  workspaces: {
    type: 'string',
    value: 'W,W|all',
    help: {
      en: 'workspaces he may see (default that of --workspace)',
      'zh-CN': '可访问的工作区（默认为 --workspace 所指）',
    },
  },
  password: {
    type: 'string',
    value: '@FILE|env:NAME',
    help: { en: 'where the password comes from (default: asked for)', 'zh-CN': '密码来源（默认提示输入）' },
  },
} as const satisfies Options

export default defineCommand({
  name: 'users',
  usage: 'list | add NAME | role NAME ROLE | password NAME | remove NAME',
  summary: { en: 'People who may sign in to the page and the console', 'zh-CN': '管理可登录页面与控制台的用户' },
  notes: {
    en: 'admin: everything. marketing: reads and imports. finance: reads and exports. sales: reads. Once there is a user everybody\nmust sign in. A new role, password or workspace ends the sessions of the user. Passwords are never taken from the command line.',
    'zh-CN':
      'admin：全部权限。marketing：查看与导入。finance：查看与导出。sales：查看。一旦存在用户，所有人都必须登录。\n修改角色、密码或工作区会结束该用户的会话。密码不能写在命令行上。',
  },
  examples: ['users add chen --role marketing', 'users add li --role admin --workspaces all', 'users list'],
  options: OPTIONS,
  run: (invocation) => users(invocation),
})

type Call = Invocation<typeof OPTIONS>

/** @param prompt stands in for the terminal in tests */
export async function users(invocation: Call, prompt?: Prompt): Promise<undefined> {
  const [action, name, role, ...more] = invocation.positionals
  const count = invocation.positionals.length
  if (action === 'list' && count === 1) return list(invocation)
  if (action === 'role' && name !== undefined && role !== undefined && more.length === 0) {
    return tell(invocation, await change(invocation, name, { role: roleOf(role) }))
  }
  if (name === undefined || count !== 2) throw badUsage()
  if (action === 'add') return add(invocation, name, prompt)
  if (action === 'password') {
    const password = await passwordOf(invocation, prompt)
    return tell(invocation, await change(invocation, name, { password }))
  }
  if (action === 'remove') return remove(invocation, name)
  throw badUsage()
}

async function list({ workspace, json, output, open }: Call): Promise<undefined> {
  const all = await (await open()).call('users', { workspace })
  if (json) return void (await output.json(all))
  const titles = output.locale === 'en' ? ['Name', 'Role', 'Workspaces'] : ['用户', '角色', '工作区']
  const rows = all.map(({ name, role, workspaces }) => [plain(name), role, workspaces?.join(', ') ?? 'all'])
  await output.data(
    table(
      titles.map((title) => ({ title })),
      rows,
    ),
  )
}

async function add(invocation: Call, name: string, prompt: Prompt | undefined): Promise<undefined> {
  const { options, workspace, open } = invocation
  const role = options.role === undefined ? 'sales' : roleOf(options.role)
  const workspaces = options.workspaces === undefined ? [workspace] : listOf(options.workspaces)
  const password = await passwordOf(invocation, prompt)
  return tell(invocation, await (await open()).call('add_user', { name, role, password, workspaces }))
}

async function change(
  { options, open }: Call,
  name: string,
  to: { readonly role?: Role; readonly password?: string },
): Promise<UserInfo> {
  const workspaces = options.workspaces === undefined ? {} : { workspaces: listOf(options.workspaces) }
  return (await open()).call('change_user', { name, ...to, ...workspaces })
}

async function remove({ json, output, open }: Call, name: string): Promise<undefined> {
  const gone = await (await open()).call('remove_user', { name })
  if (json) return void (await output.json(gone))
  output.say({ en: `${plain(gone.name)} may not sign in any more.`, 'zh-CN': `${plain(gone.name)} 已不能登录。` })
}

async function tell({ json, output }: Call, user: UserInfo): Promise<undefined> {
  if (json) return void (await output.json(user))
  const { role, workspaces } = user
  const name = plain(user.name)
  output.say({
    en: `${name}: ${role}, workspaces ${workspaces?.join(', ') ?? 'all'}`,
    'zh-CN': `${name}：${role}，工作区 ${workspaces?.join('、') ?? '全部'}`,
  })
}

/** From a file, the environment or the terminal; what stands on a command line is seen by others. */
async function passwordOf({ options, output, signal }: Call, prompt: Prompt | undefined): Promise<string> {
  const from = options.password
  if (from?.startsWith('@')) return readPassword(from.slice(1))
  if (from?.startsWith('env:')) {
    const value = environmentValue(from.slice(4))
    if (value !== undefined) return value
    throw usage('variable_missing', {
      en: 'The environment variable for the password is not set.',
      'zh-CN': '密码的环境变量未设置。',
    })
  }
  if (from !== undefined) throw plainPassword()
  const person = prompt ?? terminalPrompt(signal)
  if (!person) throw noPassword()
  const english = output.locale === 'en'
  const first = await person.ask(english ? 'Password (12 characters or more): ' : '密码（至少 12 个字符）：', true)
  const second = await person.ask(english ? 'Once more: ' : '再次输入：', true)
  if (first === second) return first
  throw usage('passwords_differ', { en: 'The two are not the same.', 'zh-CN': '两次输入不一致。' })
}

async function readPassword(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '').replace(/\r?\n$/, '')
  } catch {
    throw usage('file_unreadable', {
      en: 'The file with the password cannot be read.',
      'zh-CN': '无法读取密码文件。',
    })
  }
}

function roleOf(text: string): Role {
  const role = ROLES.find((one) => one === text)
  if (role) return role
  throw usage(
    'unknown_role',
    { en: 'There is no such role.', 'zh-CN': '没有该角色。' },
    { en: `Use ${ROLES.join(', ')}.`, 'zh-CN': `可用：${ROLES.join('、')}。` },
  )
}

function listOf(text: string): string[] | null {
  if (text === 'all') return null
  return text.split(',').flatMap((key) => key.trim() || [])
}

function badUsage() {
  return usage(
    'bad_users_command',
    {
      en: 'users needs "list", "add", "role", "password" or "remove".',
      'zh-CN': 'users 需要 list、add、role、password 或 remove。',
    },
    { en: 'Write "users add NAME --role marketing".', 'zh-CN': '例如 “users add 名称 --role marketing”。' },
  )
}

function plainPassword() {
  return usage(
    'plain_secret',
    {
      en: 'A password on a command line is seen by others, and the shell keeps it. It was not used.',
      'zh-CN': '写在命令行上的密码会被他人看到，也会留在 shell 历史中。未使用该值。',
    },
    {
      en: 'Write --password @FILE or --password env:NAME, or leave it out.',
      'zh-CN': '请写成 --password @文件 或 --password env:变量名，或省略。',
    },
  )
}

function noPassword() {
  return usage(
    'missing_password',
    { en: 'There is no terminal to ask for the password at.', 'zh-CN': '当前没有可输入密码的终端。' },
    {
      en: 'Add --password @FILE or --password env:NAME.',
      'zh-CN': '请加上 --password @文件 或 --password env:变量名。',
    },
  )
}
