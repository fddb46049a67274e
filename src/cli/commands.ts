import type { Command } from './command.ts'
import alerts from './commands/alerts.ts'
import attribute from './commands/attribute.ts'
import audit from './commands/audit.ts'
import benchmarks from './commands/benchmarks.ts'
import budgets from './commands/budgets.ts'
import campaigns from './commands/campaigns.ts'
import close from './commands/close.ts'
import cohorts from './commands/cohorts.ts'
import compare from './commands/compare.ts'
import config from './commands/config.ts'
import connect from './commands/connect.ts'
import connections from './commands/connections.ts'
import correct from './commands/correct.ts'
import costs from './commands/costs.ts'
import customers from './commands/customers.ts'
import delivery from './commands/delivery.ts'
import demo from './commands/demo.ts'
import dictionary from './commands/dictionary.ts'
import disconnect from './commands/disconnect.ts'
import doctor from './commands/doctor.ts'
import explain from './commands/explain.ts'
import exportCommand from './commands/export.ts'
import funnel from './commands/funnel.ts'
import importCommand from './commands/import.ts'
import influence from './commands/influence.ts'
import keys from './commands/keys.ts'
import metrics from './commands/metrics.ts'
import migrate from './commands/migrate.ts'
import models from './commands/models.ts'
import quality from './commands/quality.ts'
import rates from './commands/rates.ts'
import recompute from './commands/recompute.ts'
import report from './commands/report.ts'
import runs from './commands/runs.ts'
import segments from './commands/segments.ts'
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
  connections,
  sync,
  status,
  disconnect,
  writeBack,
  compare,
  correct,
  report,
  runs,
  close,
  models,
  funnel,
  customers,
  cohorts,
  influence,
  delivery,
  explain,
  dictionary,
  costs,
  campaigns,
  budgets,
  alerts,
  rates,
  exportCommand,
  attribute,
  recompute,
  metrics,
  segments,
  benchmarks,
  quality,
  settings,
  config,
  doctor,
  users,
  keys,
  audit,
  migrate,
]
