import type { Role } from '../state/users.ts'
import type { CommandName } from './requests.ts'

/**
 * Who may do what, in one place (F117). A test walks all routes by all roles and finds every route and every command here.
 *
 * | right | what it is | admin | marketing | finance | sales | embedded panel |
 * |---|---|---|---|---|---|---|
 * | `read` | panel, reports, records, their explanation | yes | yes | yes | yes | yes |
 * | `import` | bring files in, take them back | yes | yes | – | – | – |
 * | `export` | take data out as files | yes | – | yes | – | – |
 * | `manage` | connections, grants, settings, checks of the installation | yes | – | – | – | – |
 * | `machine` | users, keys, everything that is not of one workspace: the command line of the machine only | – | – | – | – | – |
 */
export type Right = 'read' | 'import' | 'export' | 'manage' | 'machine'

const RIGHTS: Readonly<Record<Role | 'embed', readonly Right[]>> = {
  admin: ['read', 'import', 'export', 'manage'],
  marketing: ['read', 'import'],
  finance: ['read', 'export'],
  sales: ['read'],
  embed: ['read'],
}

/** What a command needs. The command line of the machine is not asked: who can read the data directory has it all. */
export const COMMANDS: Readonly<Record<CommandName, Right>> = {
  workspaces: 'read',
  panel: 'read',
  report: 'read',
  drill: 'read',
  explain: 'read',
  quality: 'read',
  record: 'read',
  template: 'read',
  import: 'import',
  undo: 'import',
  recompute: 'manage',
  export: 'export',
  settings: 'manage',
  set: 'manage',
  connectors: 'manage',
  connect: 'manage',
  connections: 'manage',
  sync: 'manage',
  start_sync: 'manage',
  disconnect: 'manage',
  doctor: 'manage',
  keys: 'machine',
  rotate_keys: 'machine',
  users: 'machine',
  add_user: 'machine',
  change_user: 'machine',
  remove_user: 'machine',
  write_back: 'manage',
  compare: 'manage',
}

/** A route below `/api/v1` and what it needs; `open`: nobody must be signed in, it decides for itself. */
export interface RouteRight {
  readonly method: string
  /** A name such as `:id` takes one segment. */
  readonly path: string
  readonly needs: Right | 'open'
}

const of = (route: string, needs: RouteRight['needs']): RouteRight => {
  const [method = '', path = ''] = route.split(' ')
  return { method, path, needs }
}

/** Every route below `/api/v1`. What is not here is not there for people who sign in. */
export const ROUTES: readonly RouteRight[] = [
  of('GET /workspaces', COMMANDS.workspaces),
  of('GET /panel', COMMANDS.panel),
  of('GET /report', COMMANDS.report),
  of('GET /drill', COMMANDS.drill),
  of('GET /explain', COMMANDS.explain),
  of('GET /quality', COMMANDS.quality),
  of('GET /record', COMMANDS.record),
  of('GET /events', COMMANDS.panel),
  of('GET /templates/:type', COMMANDS.template),
  of('POST /imports', COMMANDS.import),
  of('POST /imports/:id/undo', COMMANDS.undo),
  of('GET /connectors', COMMANDS.connectors),
  of('GET /connections', COMMANDS.connections),
  of('GET /connections/:id', COMMANDS.connections),
  of('POST /connections', COMMANDS.connect),
  of('POST /connections/:id/sync', COMMANDS.start_sync),
  of('DELETE /connections/:id', COMMANDS.disconnect),
  of('GET /doctor', COMMANDS.doctor),
  of('POST /doctor', COMMANDS.doctor),
  of('GET /oauth', COMMANDS.connect),
  of('GET /compare', COMMANDS.compare),
  of('GET /session', 'open'),
  of('POST /session', 'open'),
  of('DELETE /session', 'open'),
  of('POST /setup', 'open'),
  // One-time and renewal tokens of embedded panels.
  of('POST /embed/exchange', 'open'),
  of('POST /embed/renew', 'open'),
]

/** What is needed to ask for a path; undefined for what is nowhere. */
export function needsOf(method: string, path: string): RouteRight['needs'] | undefined {
  const wanted = method === 'HEAD' ? 'GET' : method
  return ROUTES.find((route) => route.method === wanted && matches(route.path, path))?.needs
}

function matches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern, path.replace(/(.)\/$/, '$1')].map((text) => text.toLowerCase().split('/'))
  return wanted!.length === given!.length && wanted!.every((part, i) => part.startsWith(':') || part === given![i])
}

export function rightsOf(role: Role | 'embed'): readonly Right[] {
  return RIGHTS[role]
}
