import { ConnectorError, RoiError } from '../errors.ts'
import type { Connection } from '../state/state.ts'
import type { GrantRequest, SourcesEnv } from './connections.ts'
import { type Connector, type Context, type OAuth2, type OAuthScopes, PURPOSES, type Purpose } from './contract.ts'
import { SYSTEM_CLOCK } from './http/upstream.ts'
import { leased } from './lease.ts'
import { TokenEndpoint } from './oauth.ts'
import { splitSecrets, type Tokens } from './oauth-tokens.ts'
import { UNINSTALLED } from './reasons.ts'

/** Grants of a connection: how they are asked for, watched and taken back. */

/** A grant is asked about so often, milliseconds. */
const DAY = 86_400_000
/** How often it is looked for grants that were not asked about for a day, milliseconds. */
const LOOK_MS = 10 * 60_000
/** Giving access back is not worth a longer wait, milliseconds. */
const TAKE_BACK_MS = 30_000

/** @throws RoiError `no_oauth`, `oauth_not_configured` */
export function endpointOf(env: SourcesEnv, connector: Connector): TokenEndpoint {
  const auth = grantOf(connector)
  const client = env.clientOf?.(connector.id)
  if (!client) throw notConfigured(connector)
  const { log, upstream } = env
  return new TokenEndpoint({ connector, auth, client, origin: env.originOf(connector.id), upstream, log })
}

/** @throws RoiError `bad_scope` */
export function checkWanted(connector: Connector, wanted: Pick<GrantRequest, 'conditional' | 'purposes'>): void {
  const { conditional, onDemand = {} } = grantOf(connector).scopes
  const purposes = PURPOSES.filter((purpose) => onDemand[purpose])
  const known = wanted.conditional.every((scope) => conditional.includes(scope))
  if (known && (wanted.purposes ?? []).every((purpose) => purposes.includes(purpose))) return
  const list = [...conditional, ...purposes].join(', ')
  throw new RoiError(
    'usage',
    'bad_scope',
    { en: 'A scope that was asked for is not known here.', 'zh-CN': '请求了未知的权限范围。' },
    { en: `Known: ${list || 'none'}.`, 'zh-CN': `可选：${list || '无'}。` },
  )
}

/** What access that was granted is for, beside reading: purposes of which something was granted that nothing else needs. */
export function purposesIn(scopes: OAuthScopes, granted: readonly string[]): Purpose[] {
  const { required, optional, conditional, onDemand = {} } = scopes
  const others = new Set([...required, ...optional, ...conditional])
  return PURPOSES.filter((purpose) => {
    const { optional: own = [], conditional: must = [] } = onDemand[purpose] ?? {}
    return [...own, ...must].some((scope) => !others.has(scope) && granted.includes(scope))
  })
}

/** @throws RoiError `scopes_missing` naming what was not granted */
export function checkGranted(connector: Connector, { scopes }: Tokens): void {
  const missing = scopes ? grantOf(connector).scopes.required.filter((scope) => !scopes.includes(scope)) : []
  if (missing.length === 0) return
  const list = missing.join(', ')
  throw new RoiError(
    'auth',
    'scopes_missing',
    { en: `Not granted, and needed: ${list}.`, 'zh-CN': `以下必需权限未授予：${list}。` },
    { en: 'Connect again and grant them all.', 'zh-CN': '请重新连接并授予全部权限。' },
  )
}

/**
 * Gives a grant back: the app is uninstalled at the source, or at least its tokens end.
 * @throws RoiError `uninstall_failed`
 */
export async function takeBack(
  env: SourcesEnv,
  connector: Connector,
  tokens: Tokens,
  context: Context<Readonly<Record<string, unknown>>>,
): Promise<void> {
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(TAKE_BACK_MS)])
  try {
    if (connector.disconnect) await connector.disconnect({ ...context, signal })
    else await endpointOf(env, connector).revoke(tokens, signal)
  } catch (error) {
    // Who is not let in any more has nothing left to give back.
    if (error instanceof ConnectorError && (error.code === UNINSTALLED || error.code === 'unauthorized')) return
    throw uninstallFailed(connector, error)
  }
}

/** Asks once a day about every grant whether it still stands: sources tell nobody that an app was uninstalled. */
export class GrantWatch {
  readonly #env: SourcesEnv
  readonly #gone: (connection: Connection) => Promise<void>
  readonly #stop = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()

  constructor(env: SourcesEnv, gone: (connection: Connection) => Promise<void>) {
    this.#env = env
    this.#gone = gone
  }

  start(): void {
    if (this.#timer || this.#stop.signal.aborted) return
    this.#timer = setInterval(() => void this.look(), LOOK_MS)
    this.#timer.unref()
    void this.look()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stop.abort()
    await this.#looking
  }

  /** Never throws: what cannot be asked now is asked the next time. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#lookOnce())
    return this.#looking
  }

  async #lookOnce(): Promise<void> {
    const { state, log } = this.#env
    const signal = this.#stop.signal
    try {
      for (const connection of await state.connections()) {
        if (signal.aborted) return
        if (connection.state === 'reconnect') continue
        await this.#ask(connection).catch((error) => {
          if (!signal.aborted) log('a grant could not be asked about', { connection: connection.id, err: error })
        })
      }
    } catch (error) {
      if (!signal.aborted) log('the grants could not be read', { err: error })
    }
  }

  async #ask(connection: Connection): Promise<void> {
    const { state, findConnector, clientOf } = this.#env
    const connector = await findConnector(connection.connector)
    if (connector?.auth.type !== 'oauth2' || !clientOf?.(connector.id)) return
    const mark = `grant/${connection.id}`
    if (!(await this.#isDue(mark))) return
    await leased(
      state,
      mark,
      () => new RoiError('unavailable', 'grant_busy', { en: 'Asked elsewhere.', 'zh-CN': '其他进程正在检查。' }),
      async (lost) => {
        const { tokens } = splitSecrets(connector, await state.secrets(connection.id))
        // Another process may have asked meanwhile.
        if (!tokens || !(await this.#isDue(mark))) return
        const signal = AbortSignal.any([lost, this.#stop.signal])
        const active = await endpointOf(this.#env, connector).isActive(tokens, signal)
        await state.mark(mark, { at: new Date(this.#now()).toISOString() })
        if (active === false) await this.#gone(connection)
      },
      { wait: 0 },
    )
  }

  async #isDue(mark: string): Promise<boolean> {
    const noted = (await this.#env.state.marked(mark)) as { readonly at?: string } | null
    const at = Date.parse(noted?.at ?? '')
    return Number.isNaN(at) || this.#now() - at >= DAY
  }

  #now(): number {
    return (this.#env.upstream?.clock ?? SYSTEM_CLOCK).now()
  }
}

function grantOf({ auth, title }: Connector): OAuth2 {
  if (auth.type === 'oauth2') return auth
  throw new RoiError('usage', 'no_oauth', {
    en: `${title.en} is connected with a key, not by granting access.`,
    'zh-CN': `${title['zh-CN']} 使用密钥连接，不支持授权登录。`,
  })
}

function notConfigured({ id, title }: Connector): RoiError {
  const name = `ROI_PANEL_${id.toUpperCase().replaceAll('-', '_')}_CLIENT`
  return new RoiError(
    'usage',
    'oauth_not_configured',
    {
      en: `No app is registered for ${title.en}: access cannot be granted or renewed.`,
      'zh-CN': `尚未为 ${title['zh-CN']} 登记应用，无法授权或更新授权。`,
    },
    {
      en: `Set ${name}_ID and ${name}_SECRET to those of your app, or connect with a key.`,
      'zh-CN': `请将 ${name}_ID 和 ${name}_SECRET 设为您的应用的值，或改用密钥连接。`,
    },
  )
}

function uninstallFailed({ title }: Connector, cause: unknown): RoiError {
  return new RoiError(
    'unavailable',
    'uninstall_failed',
    {
      en: `${title.en} could not be asked to uninstall the app. Nothing was changed.`,
      'zh-CN': `无法请求 ${title['zh-CN']} 卸载应用。未作任何更改。`,
    },
    {
      en: 'Try again, or force it and uninstall the app there by hand.',
      'zh-CN': '请重试；也可强制断开，并在该处手动卸载应用。',
    },
    { cause },
  )
}
