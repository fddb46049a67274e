import type { Command } from './command.ts'
import attribute from './commands/attribute.ts'
import demo from './commands/demo.ts'
import explain from './commands/explain.ts'
import exportCommand from './commands/export.ts'
import importCommand from './commands/import.ts'
import recompute from './commands/recompute.ts'
import report from './commands/report.ts'
import serve from './commands/serve.ts'
import settings from './commands/settings.ts'

/** All commands, in the order of the help text. Each loads what it needs only when it runs. */
export const COMMANDS: readonly Command[] = [
  demo,
  serve,
  importCommand,
  report,
  explain,
  exportCommand,
  attribute,
  recompute,
  settings,
]
