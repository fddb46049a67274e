import type { Connector } from './contract.ts'

/** Tokens of a grant, as they are kept with a connection. */
export interface Tokens {
  readonly access: string
  readonly refresh: string
  /** Epoch milliseconds by this machine's clock. */
  readonly expiresAt: number
  /** What was granted; undefined where the source did not tell. */
  readonly scopes: readonly string[] | undefined
}

const FIELDS = ['access_token', 'refresh_token', 'expires_at', 'granted_scopes'] as const

/** Tokens as the secrets of a connection, all of them sealed. */
export function toSecrets({ access, refresh, expiresAt, scopes }: Tokens): Record<string, string> {
  return {
    access_token: access,
    refresh_token: refresh,
    expires_at: new Date(expiresAt).toISOString(),
    // An empty one takes the place of what was granted before.
    granted_scopes: scopes?.join(' ') ?? '',
  }
}

/** Secrets of a connection: those of its settings, and its tokens where it has some. */
export interface SplitSecrets {
  readonly own: Readonly<Record<string, string>>
  readonly tokens: Tokens | undefined
}

/** Tells the tokens of a grant from the secrets a person gave. */
export function splitSecrets(
  { auth }: Pick<Connector, 'auth'>,
  secrets: Readonly<Record<string, string>>,
): SplitSecrets {
  if (auth.type !== 'oauth2') return { own: secrets, tokens: undefined }
  const own = Object.entries(secrets).filter(([field]) => !FIELDS.some((one) => one === field))
  return { own: Object.fromEntries(own), tokens: tokensIn(secrets) }
}

function tokensIn(secrets: Readonly<Record<string, string>>): Tokens | undefined {
  const { access_token: access, refresh_token: refresh, expires_at, granted_scopes } = secrets
  if (access === undefined || refresh === undefined) return undefined
  const expiresAt = Date.parse(expires_at ?? '')
  return {
    access,
    refresh,
    // Of unknown age: renewed before it is used.
    expiresAt: Number.isNaN(expiresAt) ? 0 : expiresAt,
    scopes: granted_scopes ? granted_scopes.split(' ') : undefined,
  }
}
