import { z } from 'zod'
import { Dimension, RecordType } from '../api.ts'
import { ROLES } from '../state/users.ts'
import { BUDGET_REQUESTS } from './requests-budgets.ts'
import { CORRECTION_REQUESTS } from './requests-corrections.ts'
import { COST_REQUESTS } from './requests-costs.ts'
import { CUSTOMER_REQUESTS } from './requests-customers.ts'
import { anyModel, DATA_DRIVEN_REQUESTS, withInterval } from './requests-data-driven.ts'
import { EXPLAIN_REQUESTS } from './requests-explain.ts'
import { GOVERNANCE_REQUESTS } from './requests-governance.ts'
import { day, group, key, model, ordered, page, period, ReportQuestion, reading, scope } from './requests-parts.ts'

/**
 * What may be asked of the product, one schema per command. The HTTP routes parse their query with them, the command
 * line builds them, and a running `serve` parses them again when a command is forwarded to it.
 */

const ScopeRequest = z.object(scope)
const PanelRequest = ordered(z.object({ ...scope, ...period, ...reading, by: Dimension.default('channel') }))
const ReportRequest = ordered(
  z.object({
    ...ReportQuestion,
    ...withInterval,
    /** Says what it was made from (F152). */
    manifest: z.union([z.boolean(), z.stringbool()]).exactOptional(),
  }),
)
const DrillRequest = ordered(
  z.object({
    ...scope,
    ...period,
    ...page,
    ...reading,
    ...group,
    ...anyModel,
    by: Dimension.default('channel'),
  }),
)
const RecordRequest = z.object({
  ...scope,
  type: RecordType,
  /** Id in its source. */
  id: key,
  /** Absent = the only source that has it; of several the connected one. */
  source: z.string().min(1).max(200).exactOptional(),
  /** Absent = the workspace's. */
  model,
  /** Who asks, where he sees only what is his in a source. Set by what knows who asks, never by him. */
  viewer: z.strictObject({ source: z.string(), user: z.string(), email: z.string() }).exactOptional(),
})
const TemplateRequest = z.object({
  ...scope,
  type: z.enum(['campaigns', 'costs', 'contacts', 'accounts', 'touches', 'deals', 'payments', 'invoices', 'rates']),
})
const importOptions = {
  /** Template the files follow; absent = told from their headers. */
  type: TemplateRequest.shape.type.exactOptional(),
  date_format: z.string().min(1).max(40).exactOptional(),
  /** Reads and checks, writes nothing. */
  dry_run: z.boolean().default(false),
}
const ImportRequest = z.object({
  ...scope,
  ...importOptions,
  /** Files or directories of this machine, absolute. `name` is what people call it. */
  files: z.array(z.object({ path: z.string().min(1), name: z.string().min(1).max(255).exactOptional() })).min(1),
  /** Content of the mapping file. */
  map: z.unknown().optional(),
  /** Local days, half-open: what these files hold for them replaces what earlier imports brought. */
  replace: z.object({ from: day, to: day }).exactOptional(),
})
/** Query of an upload. Texts, because an address has nothing else. */
export const UploadQuery = z.object({
  ...scope,
  ...importOptions,
  name: z.string().min(1).max(255),
  dry_run: z.stringbool().default(false),
})
const UndoRequest = z.object({ ...scope, id: z.string().min(1).max(100) })
const RecomputeRequest = z.object({ ...scope, all: z.boolean().default(false) })
const ExportRequest = z.object({
  ...scope,
  what: z.enum([
    'credit',
    'contacts',
    'accounts',
    'deals',
    'campaigns',
    'touches',
    'costs',
    'payments',
    'invoices',
    'rates',
  ]),
  format: z.enum(['csv', 'json']).default('csv'),
  /** For `credit`; absent = the workspace's. */
  model,
})
const SettingsRequest = z.object({
  ...scope,
  key: z.string().max(40).exactOptional(),
})
const SetRequest = z.object({
  ...scope,
  key: z.string().max(40),
  /** As text from a command line (`none`, `7`, `a,b`, JSON) or already as JSON. */
  value: z.unknown(),
  /** Why: kept with the version of the configuration that this makes. */
  reason: z.string().trim().min(1).max(500).exactOptional(),
})

const id = z.string().min(1).max(100)
const ConnectRequest = z.object({
  ...scope,
  connector: z.string().min(1).max(40),
  /** By key, secrets among them; texts or JSON. They are never sent back. */
  settings: z.record(z.string().max(100), z.unknown()).default({}),
  /** Absent = the source's own name of the account. */
  title: z.string().min(1).max(200).exactOptional(),
  /** Minutes between runs; null = only when asked. */
  every_minutes: z.int().min(1).max(43_200).nullable().exactOptional(),
})
const ConnectionSettingsRequest = z.object({ ...scope, id })
const ChangeConnectionRequest = z.object({
  ...scope,
  id,
  /** As {@link ConnectRequest}, only those to change; null or an empty text goes back to the default. */
  settings: z.record(z.string().max(100), z.unknown()).default({}),
  title: ConnectRequest.shape.title,
  every_minutes: ConnectRequest.shape.every_minutes,
})
const ConnectionsRequest = z.object({
  ...scope,
  /** Ids, connectors or titles; none = all. */
  only: z.array(z.string().min(1).max(200)).max(1000).default([]),
})
const SyncRequest = z.object({
  ...scope,
  id,
  /** Reads everything again and removes what is gone at the source. */
  full: z.boolean().default(false),
})
const DisconnectRequest = z.object({
  ...scope,
  id,
  /** Also removes what it brought. */
  erase: z.boolean().default(false),
  /** Also when the source cannot be asked to take the access back. */
  force: z.boolean().default(false),
})
/** Query of a removal. Texts, because an address has nothing else. */
export const DisconnectQuery = DisconnectRequest.extend({
  erase: z.stringbool().default(false),
  force: z.stringbool().default(false),
})
const DoctorRequest = z.object({
  ...scope,
  /** Asks no source anything. */
  offline: z.boolean().default(false),
})

const userName = z.string().trim().min(1).max(100)
/** Keys of workspaces; null = all, also later ones. */
const userWorkspaces = z.array(z.string().min(1).max(100)).max(1000).nullable()
const AddUserRequest = z.object({
  ...scope,
  name: userName,
  role: z.enum(ROLES),
  password: z.string().max(1000),
  workspaces: userWorkspaces,
})
const ChangeUserRequest = z.object({
  ...scope,
  name: userName,
  role: z.enum(ROLES).exactOptional(),
  password: z.string().max(1000).exactOptional(),
  workspaces: userWorkspaces.exactOptional(),
})
const UserRequest = z.object({ ...scope, name: userName })

const AuditRequest = z.object({
  ...scope,
  /** The newest. */
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  /** With what is of no single workspace: users, keys, refused sign-ins. */
  installation: z.boolean().default(true),
})

const WriteBackRequest = z.object({
  ...scope,
  /** Id, connector or title. */
  connection: z.string().min(1).max(200),
  /** Shows what would change. */
  dry_run: z.boolean().default(false),
})
const CompareRequest = z.object({
  ...scope,
  /** Id, connector or title. */
  connection: z.string().min(1).max(200),
  /** Campaigns, those with most revenue first; each costs a request per model. */
  limit: z.coerce.number().int().min(1).max(100).default(20),
})

/** The commands by name. */
export const REQUESTS = {
  ...CORRECTION_REQUESTS,
  workspaces: ScopeRequest,
  panel: PanelRequest,
  report: ReportRequest,
  drill: DrillRequest,
  quality: ScopeRequest,
  record: RecordRequest,
  template: TemplateRequest,
  import: ImportRequest,
  undo: UndoRequest,
  recompute: RecomputeRequest,
  export: ExportRequest,
  settings: SettingsRequest,
  set: SetRequest,
  connectors: ScopeRequest,
  connect: ConnectRequest,
  connections: ConnectionsRequest,
  connection_settings: ConnectionSettingsRequest,
  change_connection: ChangeConnectionRequest,
  sync: SyncRequest,
  start_sync: SyncRequest,
  disconnect: DisconnectRequest,
  doctor: DoctorRequest,
  keys: ScopeRequest,
  rotate_keys: ScopeRequest,
  users: ScopeRequest,
  add_user: AddUserRequest,
  change_user: ChangeUserRequest,
  remove_user: UserRequest,
  audit: AuditRequest,
  write_back: WriteBackRequest,
  compare: CompareRequest,
  ...COST_REQUESTS,
  ...BUDGET_REQUESTS,
  ...CUSTOMER_REQUESTS,
  ...DATA_DRIVEN_REQUESTS,
  ...GOVERNANCE_REQUESTS,
  ...EXPLAIN_REQUESTS,
} as const
export type CommandName = keyof typeof REQUESTS
/** A request as the services get it: parsed, with its defaults. */
export type RequestOf<Name extends CommandName> = z.output<(typeof REQUESTS)[Name]>
/** A request as it is written: what has a default may be left out. */
export type AskOf<Name extends CommandName> = z.input<(typeof REQUESTS)[Name]>
