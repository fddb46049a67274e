import type { EmbedOpened, EmbedRenewed, Problem } from '../src/api.ts'

/** A token is renewed so long before it ends, milliseconds … */
const EARLY_MS = 60_000
/** … and after a failure that may pass, it is tried again so soon. */
const AGAIN_MS = 5000
const TIMEOUT_MS = 15_000

/** Why there is no access, by what a person can do about it. */
export type Refused = 'ended' | 'unreachable'

/** What is known of the session, without what opens or renews it. */
export type Access = Omit<EmbedOpened, 'renewal' | 'token' | 'expires_at'>

/**
 * The access of an embedded page. Tokens are kept in memory only: a frame inside another site has no storage of its own
 * that would be worth trusting, and what is not stored cannot be taken from there.
 */
export class EmbedAccess {
  #renewal = ''
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #renewed: (token: string) => void
  readonly #lost: (why: Refused) => void

  /** @param renewed told each new bearer token @param lost told when there will be none any more */
  constructor(renewed: (token: string) => void, lost: (why: Refused) => void) {
    this.#renewed = renewed
    this.#lost = lost
  }

  /** Takes the one-time token in. Null when it is not taken; `lost` has been told why. */
  async open(token: string): Promise<Access | null> {
    const opened = await post<EmbedOpened>('exchange', { token })
    if (typeof opened === 'string') {
      this.#lost(opened)
      return null
    }
    const { token: bearer, expires_at, renewal, ...access } = opened
    this.#renewal = renewal
    this.#take(bearer, expires_at)
    return access
  }

  /** Forgets everything; nothing is asked any more. */
  close(): void {
    this.#renewal = ''
    clearTimeout(this.#timer)
  }

  #take(token: string, expiresAt: string): void {
    this.#renewed(token)
    this.#plan(Math.max(AGAIN_MS, Date.parse(expiresAt) - Date.now() - EARLY_MS))
  }

  #plan(milliseconds: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#renew(), milliseconds)
  }

  async #renew(): Promise<void> {
    const renewal = this.#renewal
    if (!renewal) return
    const answer = await post<EmbedRenewed>('renew', { renewal })
    // Closed meanwhile.
    if (renewal !== this.#renewal) return
    if (answer === 'unreachable') return this.#plan(AGAIN_MS)
    if (typeof answer !== 'string') return this.#take(answer.token, answer.expires_at)
    this.close()
    this.#lost(answer)
  }
}

async function post<T>(path: string, body: object): Promise<T | Refused> {
  try {
    const response = await fetch(`./api/v1/embed/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (response.ok) return (await response.json()) as T
    const problem = (await response.json().catch(() => null)) as Problem | null
    return problem?.error.code === 'bad_embed_token' || response.status === 400 ? 'ended' : 'unreachable'
  } catch {
    return 'unreachable'
  }
}
