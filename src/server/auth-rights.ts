import type { Role } from '../state/users.ts'
import type { CommandName } from './requests.ts'

/**
 * Who may do what, in one place (F117). A test walks all routes by all roles and finds every route and every command here.
 *
 * | right | what it is | admin | marketing | finance | sales | embedded panel |
 * |---|---|---|---|---|---|---|
 * | `read` | panel, reports, records, their explanation | yes | yes | yes | yes | yes |
 * | `import` | bring files in, take them back | yes | yes | – | – | – |
 * | `correct` | corrections of touches | yes | yes | – | – | – |
 * | `export` | take data out as files | yes | – | yes | – | – |
 * | `enter` | the cost ledger; costs, rates, campaigns and budgets by hand; knowing of alerts; own metrics, segments, benchmarks, saved reports | yes | yes | yes | – | – |
 * | `close` | closing of periods, and opening them again | yes | – | yes | – | – |
 * | `manage` | connections, grants, settings, checks of the installation | yes | – | – | – | – |
 * | `machine` | users, keys, everything that is not of one workspace: the command line of the machine only | – | – | – | – | – |
 */
export type Right = 'read' | 'import' | 'correct' | 'export' | 'enter' | 'close' | 'manage' | 'machine'

const RIGHTS: Readonly<Record<Role | 'embed', readonly Right[]>> = {
  admin: ['read', 'import', 'correct', 'export', 'enter', 'close', 'manage'],
  marketing: ['read', 'import', 'correct', 'enter'],
  finance: ['read', 'export', 'enter', 'close'],
  sales: ['read'],
  embed: ['read'],
}

/** What a command needs. The command line of the machine is not asked: who can read the data directory has it all. */
export const COMMANDS: Readonly<Record<CommandName, Right>> = {
  workspaces: 'read',
  panel: 'read',
  panel_model: 'read',
  attribution: 'read',
  report: 'read',
  drill: 'read',
  explain: 'read',
  proof: 'export',
  explain_credit: 'read',
  dictionary: 'read',
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
  connection_settings: 'manage',
  change_connection: 'manage',
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
  audit: 'manage',
  write_back: 'manage',
  compare: 'manage',
  costs: 'enter',
  cost_history: 'enter',
  add_cost: 'enter',
  edit_cost: 'enter',
  remove_cost: 'enter',
  cost_checklist: 'enter',
  dismiss_cost: 'enter',
  recall_cost: 'enter',
  shared_costs: 'enter',
  preview_shared_costs: 'enter',
  rates: 'read',
  set_rate: 'enter',
  remove_rate: 'enter',
  campaigns: 'read',
  campaign: 'read',
  add_campaign: 'enter',
  set_campaign: 'enter',
  remove_campaign: 'enter',
  budgets: 'read',
  budget_history: 'read',
  add_budget: 'enter',
  edit_budget: 'enter',
  remove_budget: 'enter',
  budget_shares: 'read',
  budget_slices: 'read',
  alerts: 'read',
  acknowledge_alert: 'enter',
  config: 'read',
  config_version: 'read',
  config_diff: 'read',
  restore_config: 'manage',
  runs: 'read',
  run: 'read',
  save_run: 'enter',
  quality_score: 'read',
  quality_rows: 'read',
  quality_check: 'enter',
  benchmarks: 'read',
  set_benchmark: 'enter',
  remove_benchmark: 'enter',
  metrics: 'read',
  set_metric: 'enter',
  remove_metric: 'enter',
  segments: 'read',
  saved_segments: 'read',
  set_segment: 'enter',
  remove_segment: 'enter',
  funnel: 'read',
  lost_leads: 'read',
  customers: 'read',
  cohorts: 'read',
  influence: 'read',
  delivery: 'read',
  close_period: 'close',
  closes: 'read',
  closed: 'read',
  reopen_period: 'close',
  corrections: 'correct',
  correct: 'correct',
  revoke_correction: 'correct',
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
  of('GET /panel/model', COMMANDS.panel_model),
  of('GET /attribution', COMMANDS.attribution),
  of('GET /report', COMMANDS.report),
  of('GET /drill', COMMANDS.drill),
  of('GET /explain', COMMANDS.explain),
  of('GET /explain/proof', COMMANDS.proof),
  of('GET /explain/credit', COMMANDS.explain_credit),
  of('GET /dictionary', COMMANDS.dictionary),
  of('GET /quality', COMMANDS.quality),
  of('GET /record', COMMANDS.record),
  of('GET /funnel', COMMANDS.funnel),
  of('GET /funnel/lost', COMMANDS.lost_leads),
  of('GET /customers', COMMANDS.customers),
  of('GET /cohorts', COMMANDS.cohorts),
  of('GET /influence', COMMANDS.influence),
  of('GET /delivery', COMMANDS.delivery),
  of('GET /events', COMMANDS.panel),
  of('GET /templates/:type', COMMANDS.template),
  of('POST /imports', COMMANDS.import),
  of('POST /imports/:id/undo', COMMANDS.undo),
  of('GET /connectors', COMMANDS.connectors),
  of('GET /connections', COMMANDS.connections),
  of('GET /connections/:id', COMMANDS.connections),
  of('POST /connections', COMMANDS.connect),
  of('GET /connections/:id/settings', COMMANDS.connection_settings),
  of('PATCH /connections/:id', COMMANDS.change_connection),
  of('POST /connections/:id/sync', COMMANDS.start_sync),
  of('POST /connections/:id/write-back', COMMANDS.write_back),
  of('DELETE /connections/:id', COMMANDS.disconnect),
  of('GET /audit', COMMANDS.audit),
  of('GET /doctor', COMMANDS.doctor),
  of('POST /doctor', COMMANDS.doctor),
  of('GET /oauth', COMMANDS.connect),
  of('GET /compare', COMMANDS.compare),
  of('GET /corrections', COMMANDS.corrections),
  of('POST /corrections', COMMANDS.correct),
  of('DELETE /corrections/:id', COMMANDS.revoke_correction),
  of('GET /costs', COMMANDS.costs),
  of('POST /costs', COMMANDS.add_cost),
  of('GET /costs/checklist', COMMANDS.cost_checklist),
  of('POST /costs/dismissals', COMMANDS.dismiss_cost),
  of('DELETE /costs/dismissals', COMMANDS.recall_cost),
  of('GET /costs/shared', COMMANDS.shared_costs),
  of('POST /costs/shared/preview', COMMANDS.preview_shared_costs),
  of('GET /costs/:id/history', COMMANDS.cost_history),
  of('PATCH /costs/:id', COMMANDS.edit_cost),
  of('DELETE /costs/:id', COMMANDS.remove_cost),
  of('GET /rates', COMMANDS.rates),
  of('POST /rates', COMMANDS.set_rate),
  of('DELETE /rates', COMMANDS.remove_rate),
  of('GET /campaigns', COMMANDS.campaigns),
  of('POST /campaigns', COMMANDS.add_campaign),
  of('GET /campaigns/:id', COMMANDS.campaign),
  of('PATCH /campaigns/:id', COMMANDS.set_campaign),
  of('DELETE /campaigns/:id', COMMANDS.remove_campaign),
  of('GET /budgets', COMMANDS.budgets),
  of('POST /budgets', COMMANDS.add_budget),
  of('GET /budgets/shares', COMMANDS.budget_shares),
  of('GET /budgets/slices', COMMANDS.budget_slices),
  of('GET /budgets/:id/history', COMMANDS.budget_history),
  of('PATCH /budgets/:id', COMMANDS.edit_budget),
  of('DELETE /budgets/:id', COMMANDS.remove_budget),
  of('GET /alerts', COMMANDS.alerts),
  of('POST /alerts/:id/ack', COMMANDS.acknowledge_alert),
  of('GET /config', COMMANDS.config),
  of('GET /config/diff', COMMANDS.config_diff),
  of('GET /config/:version', COMMANDS.config_version),
  of('POST /config/:version/restore', COMMANDS.restore_config),
  of('PUT /settings/:key', COMMANDS.set),
  of('GET /runs', COMMANDS.runs),
  of('POST /runs', COMMANDS.save_run),
  of('GET /runs/:id', COMMANDS.run),
  of('GET /quality/score', COMMANDS.quality_score),
  of('POST /quality/score', COMMANDS.quality_check),
  of('GET /quality/rows', COMMANDS.quality_rows),
  of('GET /benchmarks', COMMANDS.benchmarks),
  of('PUT /benchmarks/:name', COMMANDS.set_benchmark),
  of('DELETE /benchmarks/:name', COMMANDS.remove_benchmark),
  of('GET /metrics', COMMANDS.metrics),
  of('PUT /metrics/:name', COMMANDS.set_metric),
  of('DELETE /metrics/:name', COMMANDS.remove_metric),
  of('GET /segments', COMMANDS.segments),
  of('GET /segments/saved', COMMANDS.saved_segments),
  of('PUT /segments/:name', COMMANDS.set_segment),
  of('DELETE /segments/:name', COMMANDS.remove_segment),
  of('GET /closes', COMMANDS.closes),
  of('POST /closes', COMMANDS.close_period),
  of('GET /closes/:month', COMMANDS.closed),
  of('POST /closes/:month/reopen', COMMANDS.reopen_period),
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
