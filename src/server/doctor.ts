import type { DoctorReport } from '../api.ts'
import { isRoiError, type Locale, type Text } from '../errors.ts'
import type { Workspace } from '../model/settings.ts'
import type { ConnectionsEnv } from './connections.ts'
import { importsCheck, ratesCheck, reconciliationCheck } from './doctor-data.ts'
import { databaseCheck, diskCheck, keysCheck, versionCheck } from './doctor-machine.ts'
import { connectionChecks, type WebhookPlace, webhookCheck } from './doctor-sources.ts'

export interface DoctorEnv extends ConnectionsEnv {
  readonly dataDir: string
  /** Absent: no webhooks are received. */
  readonly webhooks?: WebhookPlace | undefined
}

/** What was found about one thing. `fail`: something does not work; `warn`: it works, and should be looked at. */
export interface Check {
  readonly check: string
  /** Connection or file it is about. */
  readonly subject?: string
  readonly state: 'ok' | 'warn' | 'fail' | 'skipped'
  readonly message: Text
  readonly remedy?: Text
}

export interface DoctorOptions {
  /** Asks no source anything. */
  readonly offline: boolean
  readonly locale: Locale
  readonly signal: AbortSignal
}

/**
 * Looks at everything that can go wrong with an installation and says what to do about it. Changes nothing. A check that
 * cannot be made is a failed one; it never hides the others.
 */
export async function doctor(env: DoctorEnv, workspace: Workspace, options: DoctorOptions): Promise<DoctorReport> {
  const { locale, offline, signal } = options
  const checks: Check[] = []
  const look = async (check: string, work: () => Promise<Check | readonly Check[]>, subject?: string) => {
    signal.throwIfAborted()
    try {
      checks.push(...[await work()].flat())
    } catch (error) {
      signal.throwIfAborted()
      checks.push({ check, ...(subject !== undefined && { subject }), state: 'fail', ...failureOf(env, check, error) })
    }
  }
  await look('version', () => versionCheck(env))
  await look('disk', () => diskCheck(env))
  await look('database', () => databaseCheck(env))
  await look('keys', () => keysCheck(env))
  for (const connection of await env.state.connections(workspace.tenant)) {
    await look('connection', () => connectionChecks(env, workspace, connection, { offline, signal }), connection.title)
  }
  await look('webhooks', async () => webhookCheck(env.webhooks))
  await look('rates', () => ratesCheck(env, workspace))
  await look('reconciliation', () => reconciliationCheck(env, workspace))
  await look('imports', () => importsCheck(env, workspace))
  return {
    ok: checks.every(({ state }) => state !== 'fail'),
    checks: checks.map(({ check, subject = null, state, message, remedy }) => {
      return { check, subject, state, message: message[locale], remedy: remedy?.[locale] ?? null }
    }),
  }
}

function failureOf({ log }: DoctorEnv, check: string, error: unknown): Pick<Check, 'message' | 'remedy'> {
  if (isRoiError(error)) return { message: error.text, ...(error.remedy && { remedy: error.remedy }) }
  log?.('a check of the doctor failed', { check, err: error })
  return {
    message: { en: `The check "${check}" itself failed.`, 'zh-CN': `检查项 “${check}” 自身出错。` },
    remedy: {
      en: 'The log says why; ROI_PANEL_LOG_LEVEL=debug shows it in a command.',
      'zh-CN': '原因见日志；命令行可用 ROI_PANEL_LOG_LEVEL=debug 查看。',
    },
  }
}
