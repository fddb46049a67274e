import type { Command } from './command.ts'
import attribute from './commands/attribute.ts'
import compare from './commands/compare.ts'
import connect from './commands/connect.ts'
import demo from './commands/demo.ts'
import disconnect from './commands/disconnect.ts'
import doctor from './commands/doctor.ts'
import explain from './commands/explain.ts'
import exportCommand from './commands/export.ts'
import importCommand from './commands/import.ts'
import keys from './commands/keys.ts'
import migrate from './commands/migrate.ts'
import recompute from './commands/recompute.ts'
import report from './commands/report.ts'
import serve from './commands/serve.ts'
import settings from './commands/settings.ts'
import status from './commands/status.ts'
import sync from './commands/sync.ts'
import users from './commands/users.ts'
import writeBack from './commands/write-back.ts'

/** All commands, in the order of the help text. Each loads what it needs only when it runs. */
export const COMMANDS: readonly Command[] = [
  demo,
  serve,
  importCommand,
  connect,
  sync,
  status,
  disconnect,
  writeBack,
  compare,
  report,
  explain,
  exportCommand,
  attribute,
  recompute,
  settings,
  doctor,
  users,
  keys,
  migrate,
]
