import { randomUUID } from 'node:crypto'

/** What a portal may be asked for, unless a test takes it away. */
export const ALL_SCOPES: readonly string[] = [
  'oauth',
  'crm.objects.contacts.read',
  'crm.objects.companies.read',
  'crm.objects.deals.read',
  'crm.objects.leads.read',
  'crm.objects.owners.read',
  'crm.objects.marketing_events.read',
  'settings.currencies.read',
  'marketing.campaigns.read',
  'marketing.campaigns.revenue.read',
  'forms',
]

type TokenState = 'valid' | 'expired' | 'revoked'

/** Who may ask a portal for what, and which cursors still hold. */
export class Access {
  readonly #tokens = new Map<string, TokenState>()
  readonly #issued = new Map<string, Set<string>>()
  readonly #expired = new Map<string, Set<string>>()
  #scopes: Set<string>
  #token = ''

  constructor(scopes: readonly string[] = ALL_SCOPES) {
    this.#scopes = new Set(scopes)
  }

  /** The bearer token that is valid now. */
  get token(): string {
    return this.#token
  }

  /** Makes a new token; the one before counts as expired from now on. */
  rotateToken(token: string = randomUUID()): string {
    this.expireToken()
    this.#tokens.set(token, 'valid')
    this.#token = token
    return token
  }

  /** Lets the token run out: 401 EXPIRED_AUTHENTICATION. */
  expireToken(token = this.#token): void {
    if (this.#tokens.get(token) === 'valid') this.#tokens.set(token, 'expired')
  }

  /** Takes the token back: 401 INVALID_AUTHENTICATION. */
  revokeToken(token = this.#token): void {
    this.#tokens.set(token, 'revoked')
  }

  tokenState(token: string): TokenState | undefined {
    return this.#tokens.get(token)
  }

  get scopes(): ReadonlySet<string> {
    return this.#scopes
  }

  setScopes(scopes: Iterable<string>): void {
    this.#scopes = new Set(scopes)
  }

  /** Takes single scopes away, such as `marketing.campaigns.read` of a portal without Marketing Hub. */
  removeScopes(...scopes: readonly string[]): void {
    for (const scope of scopes) this.#scopes.delete(scope)
  }

  /** Remembers a cursor that a page of this path has given out. */
  issue(path: string, after: string): string {
    const issued = this.#issued.get(path)
    // Only the latest matter; a long walk gives out thousands.
    if (!issued || issued.size > 5000) this.#issued.set(path, new Set([after]))
    else issued.add(after)
    return after
  }

  /** Makes every cursor given out so far invalid (400), until its path is read from the start again. */
  expireCursors(): void {
    for (const [path, issued] of this.#issued) this.#expired.set(path, issued)
    this.#issued.clear()
  }

  /** Whether a cursor has expired. A request without one is a new start. */
  expired(path: string, after: string | undefined): boolean {
    if (after === undefined) this.#expired.delete(path)
    return after !== undefined && (this.#expired.get(path)?.has(after) ?? false)
  }
}
