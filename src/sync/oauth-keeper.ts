import { ConnectorError, RoiError } from '../errors.ts'
import type { State } from '../state/state.ts'
import type { Connector } from './contract.ts'
import type { Clock } from './http/clock.ts'
import { leased } from './lease.ts'
import { INVALID_GRANT, type TokenEndpoint } from './oauth.ts'
import { splitSecrets, type Tokens, toSecrets } from './oauth-tokens.ts'
import { UNINSTALLED } from './reasons.ts'

/** Renewed so long before the access token ends, milliseconds (reliability.md §3). */
const EARLY_MS = 5 * 60_000
/** A token this young was renewed for the one that a 401 speaks of, and is not renewed again at once. */
const FRESH_MS = 10_000
/** After a renewal that did not work while the token still does, the next one is tried, milliseconds. */
const AGAIN_MS = 30_000

export interface TokenKeeperOptions {
  readonly state: State
  readonly connection: string
  readonly connector: Pick<Connector, 'id' | 'auth'>
  readonly endpoint: TokenEndpoint
  readonly clock: Clock
  readonly log: (message: string, details?: Record<string, unknown>) => void
}

/**
 * Keeps the access token of one connection good: renewed before it ends and after a 401, once for all who need it. In
 * this process they wait for the same promise; among processes the lease `token/<connection>` lets one ask, and the
 * others take what it stored. What a source gave is stored before it is used: a kill in between loses nothing.
 */
export class TokenKeeper {
  readonly #options: TokenKeeperOptions
  #tokens: Tokens
  #renewedAt = Number.NEGATIVE_INFINITY
  #notBefore = Number.NEGATIVE_INFINITY
  #renewing: Promise<void> | undefined
  #gone: ConnectorError | undefined

  constructor(options: TokenKeeperOptions, tokens: Tokens) {
    this.#options = options
    this.#tokens = tokens
  }

  get tokens(): Tokens {
    return this.#tokens
  }

  /** A new run begins, with what is stored now. */
  begin(tokens: Tokens): void {
    this.#gone = undefined
    this.#tokens = tokens
  }

  /** The access token to send. @throws ConnectorError `uninstalled` */
  async credential(): Promise<string> {
    if (this.#gone) throw this.#gone
    const now = this.#now()
    if (now < this.#dueAt(this.#tokens) || now < this.#notBefore) return this.#tokens.access
    try {
      await this.#renew()
    } catch (error) {
      if (this.#gone || now >= this.#tokens.expiresAt) throw error
      // It still works; the source may answer by the time it does not.
      this.#notBefore = Math.min(now + AGAIN_MS, this.#tokens.expiresAt)
      this.#options.log('an access token could not be renewed yet', {
        connection: this.#options.connection,
        err: error,
      })
    }
    return this.#tokens.access
  }

  /** After a 401: true when there is another token to try. @throws ConnectorError `uninstalled` */
  async renew(): Promise<boolean> {
    if (this.#gone) throw this.#gone
    if (this.#now() - this.#renewedAt >= FRESH_MS) await this.#renew()
    return true
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#renewAlone(this.#tokens.access).finally(() => {
      this.#renewing = undefined
    })
    return this.#renewing
  }

  async #renewAlone(stale: string): Promise<void> {
    const { state, connection, endpoint } = this.#options
    await leased(state, `token/${connection}`, busy, async (lost) => {
      const stored = await this.#stored()
      if (stored.access !== stale && this.#now() < this.#dueAt(stored)) return this.#take(stored)
      let tokens: Tokens
      try {
        tokens = await endpoint.refresh(stored, lost)
      } catch (error) {
        if (error instanceof ConnectorError && error.code === INVALID_GRANT) this.#gone = uninstalled(error)
        throw this.#gone ?? error
      }
      await state.changeSecrets(connection, toSecrets(tokens))
      this.#take(tokens)
    })
  }

  #take(tokens: Tokens): void {
    this.#tokens = tokens
    this.#renewedAt = this.#now()
  }

  async #stored(): Promise<Tokens> {
    const { state, connection, connector } = this.#options
    const { tokens } = splitSecrets(connector, await state.secrets(connection))
    if (!tokens) throw new ConnectorError('fix-settings', 'unauthorized', `${connector.id} has no grant any more`)
    return tokens
  }

  /** Sources whose tokens last a few minutes only are not asked all the time. */
  #dueAt({ expiresAt }: Tokens): number {
    return Math.max(expiresAt - EARLY_MS, Math.min(this.#renewedAt + 60_000, expiresAt - FRESH_MS))
  }

  #now(): number {
    return this.#options.clock.now()
  }
}

/** The grant is gone for good. */
export function uninstalled(cause?: ConnectorError): ConnectorError {
  return new ConnectorError('fix-settings', UNINSTALLED, cause?.message ?? 'the grant is not active any more', {
    cause,
  })
}

function busy(): RoiError {
  return new RoiError(
    'unavailable',
    'token_busy',
    {
      en: 'Another process has been renewing the access of this connection for too long.',
      'zh-CN': '另一个进程正在更新此连接的访问令牌，等待超时。',
    },
    { en: 'Run it again in a moment.', 'zh-CN': '请稍后重试。' },
  )
}
