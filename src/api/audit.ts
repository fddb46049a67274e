import { z } from 'zod'

/** Something that was done, and by whom. Secrets are told by their names only, people who were erased not at all. */
export const AuditLine = z.object({
  at: z.iso.datetime(),
  /** `user:NAME`, `command_line`, `machine` (a page nobody must sign in at), `setup_link`, `source:CONNECTOR`; null = the program by itself. */
  by: z.string().nullable(),
  /** `setting`, `connection`, `disconnect`, `import`, `erasure`, `user`, `keys`, `sign_in_limit`, … */
  action: z.string(),
  /** Which setting, connection, import, source, user or key. */
  subject: z.string(),
  /** Null where there was or is none. */
  before: z.unknown(),
  after: z.unknown(),
  /** True: of the installation, not of this workspace alone. */
  installation: z.boolean(),
})
export type AuditLine = z.infer<typeof AuditLine>

/** `audit --json` and `GET /api/v1/audit`, newest first. */
export const Audit = z.object({ workspace: z.string(), entries: z.array(AuditLine) })
export type Audit = z.infer<typeof Audit>
