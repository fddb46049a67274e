import { RoiError } from '../errors.ts'
import type { Connection } from '../state/state.ts'
import type { Connector } from './contract.ts'
import { checkKey, keyOf, parseSettings } from './form.ts'
import { splitSecrets } from './oauth-tokens.ts'

/** Settings of a connection that is there: what they are, and what becomes of them when some are changed. */

/** What a person wants otherwise; what is left out stays. */
export interface ConnectionEdit {
  /** By key, secrets among them; null or an empty text goes back to the default. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined
  readonly title?: string | undefined
  /** Minutes between runs; null = only when asked. */
  readonly everyMinutes?: number | null | undefined
}

/** Settings as the next run has them. */
export interface CurrentSettings {
  readonly connection: Connection
  readonly connector: Connector
  /** Parsed, with their defaults, without the secrets. */
  readonly settings: Readonly<Record<string, unknown>>
  /** Keys of the secrets that are kept. */
  readonly secrets: readonly string[]
  /** A person granted access; else a secret proves who we are. */
  readonly granted: boolean
  /** What was granted; undefined where nothing was, or the source did not tell. */
  readonly scopes: readonly string[] | undefined
}

/** @param stored secrets of the connection in the clear, its tokens among them */
export function currentSettings(
  connector: Connector,
  connection: Connection,
  stored: Readonly<Record<string, string>>,
): CurrentSettings {
  const { own, tokens } = splitSecrets(connector, stored)
  const { settings, secrets } = parseSettings(connector, { ...connection.settings, ...own })
  const granted = tokens !== undefined
  return { connection, connector, settings, secrets: Object.keys(secrets), granted, scopes: tokens?.scopes }
}

/** What is to be stored, and how it differs from what is. */
export interface EditedSettings {
  /** All of them parsed, for asking the source. */
  readonly all: Readonly<Record<string, unknown>>
  readonly settings: Readonly<Record<string, unknown>>
  /** Those that differ; null = gone. */
  readonly secrets: Readonly<Record<string, string | null>>
  /** All secrets of a person as they are to be. */
  readonly own: Readonly<Record<string, string>>
  /** Keys with another value than before, in the order of the schema; secrets among them. */
  readonly changed: readonly string[]
}

/** @throws RoiError `bad_connection_settings`, `granted_access` */
export function editedSettings(
  connector: Connector,
  connection: Connection,
  stored: Readonly<Record<string, string>>,
  given: Readonly<Record<string, unknown>>,
): EditedSettings {
  const { own, tokens } = splitSecrets(connector, stored)
  const key = keyOf(connector.auth)
  if (tokens && key && given[key.setting]) throw grantedAccess(connector, key.setting)
  const before = parseSettings(connector, { ...connection.settings, ...own })
  const after = parseSettings(connector, { ...connection.settings, ...own, ...given })
  if (!tokens) checkKey(connector, after)
  const differs = (name: string) => JSON.stringify(before.all[name]) !== JSON.stringify(after.all[name])
  const changed = Object.keys(connector.settings.shape).filter(differs)
  const names = changed.filter((name) => name in before.secrets || name in after.secrets)
  const secrets = Object.fromEntries(names.map((name) => [name, after.secrets[name] ?? null]))
  return { all: after.all, settings: after.settings, secrets, own: after.secrets, changed }
}

function grantedAccess({ id, title }: Connector, key: string): RoiError {
  return new RoiError(
    'usage',
    'granted_access',
    {
      en: `Access to this account of ${title.en} was granted there; it needs no ${key}. Nothing was changed.`,
      'zh-CN': `该 ${title['zh-CN']} 账户是通过授权连接的，不需要 ${key}。未作任何更改。`,
    },
    {
      en: `To use a key from now on, connect the account again: roi-panel connect ${id} --set ${key}=@FILE.`,
      'zh-CN': `如需改用密钥，请重新连接该账户：roi-panel connect ${id} --set ${key}=@文件。`,
    },
  )
}
