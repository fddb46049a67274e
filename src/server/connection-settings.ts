import type { ConnectionSettings } from '../api.ts'
import type { Locale } from '../errors.ts'
import type { Workspace } from '../model/settings.ts'
import { addSecret } from '../redact.ts'
import type { CurrentSettings } from '../sync/connection-settings.ts'
import type { Sources } from '../sync/connections.ts'
import { formFields, isSecret, keyOf } from '../sync/form.ts'
import { missingFor } from './grant-again.ts'
import type { RequestOf } from './requests.ts'

/** Settings of a connection, for people to see and to change. */

interface Env {
  readonly sources: Pick<Sources, 'settingsOf' | 'change'>
  /** Public address of this service, where it has one. */
  readonly publicUrl?: string | undefined
}

export async function connectionSettings(
  env: Env,
  workspace: Workspace,
  id: string,
  locale: Locale,
  changed: readonly string[] = [],
): Promise<ConnectionSettings> {
  const current = await env.sources.settingsOf(workspace, id)
  return { ...viewOf(current, locale), changed: [...changed], notices: noticesOf(env, workspace, current, locale) }
}

/** @returns the settings as they are now. @throws RoiError as {@link Sources.change} */
export async function changeConnection(
  env: Env,
  workspace: Workspace,
  request: RequestOf<'change_connection'>,
  { locale, signal }: { readonly locale: Locale; readonly signal: AbortSignal },
): Promise<ConnectionSettings> {
  const { sources } = env
  const { id, settings, title, every_minutes: everyMinutes } = request
  const { connector } = await sources.settingsOf(workspace, id)
  for (const [key, value] of Object.entries(settings)) {
    if (typeof value === 'string' && value !== '' && isSecret(connector.settings, key)) addSecret(value)
  }
  const changed = await sources.change(workspace, id, { settings, title, everyMinutes }, signal)
  return connectionSettings(env, workspace, id, locale, changed)
}

/** What was switched on and is not granted. */
function noticesOf(
  { publicUrl }: Env,
  workspace: Workspace,
  { connector, connection, granted, scopes, settings }: CurrentSettings,
  locale: Locale,
): ConnectionSettings['notices'] {
  if (settings.write_back !== true) return []
  const asked = { workspace, connection, connector, granted, purpose: 'write_back', publicUrl } as const
  const missing = missingFor(asked, scopes)
  if (!missing) return []
  return [{ code: 'missing_scope', message: missing.message[locale], remedy: missing.remedy?.[locale] ?? null }]
}

function viewOf(current: CurrentSettings, locale: Locale): Omit<ConnectionSettings, 'changed' | 'notices'> {
  const { connection, connector, settings, secrets, granted, scopes } = current
  const key = keyOf(connector.auth)?.setting
  const fields = formFields(connector, locale)
    .filter((field) => !granted || field.key !== key)
    .map((field) => (secrets.includes(field.key) ? { ...field, required: false } : field))
  return {
    id: connection.id,
    connector: connector.id,
    title: connection.title,
    every_minutes: connection.everyMinutes,
    settings: { ...settings },
    secrets: [...secrets],
    fields,
    granted,
    scopes: scopes ? [...scopes] : null,
  }
}
