import type { FakeAnswer, FakeRequest } from '../http.ts'
import type { Route } from '../router.ts'
import type { HubSpotAccount } from './account.ts'
import { missingScopes, notFound } from './refusals.ts'

/** Answers for an account. */
export type Handler = (account: HubSpotAccount, request: FakeRequest) => FakeAnswer

export interface Call {
  readonly method: 'GET' | 'POST'
  /** Such as `/crm/objects/:version/:type`: the release stands where dated paths have it. */
  readonly path: string
  readonly limits?: readonly string[]
  readonly handle: Handler
}

const RELEASES = new Set(['2025-09', '2026-03', '2026-09'])
const DATED = /^\/([^/]+)\/([^/]+)\/(?:\d{4}-\d{2}|:version)(?=\/|$)/

/** Limits that count unless a call says otherwise. */
const USUAL_LIMITS: readonly string[] = ['core', 'daily']

/** Routes for a call under its dated path and the numbered one of before. */
export function routesFor(
  accounts: ReadonlyMap<string, HubSpotAccount>,
  { method, path, limits, handle }: Call,
): Route[] {
  const run = (request: FakeRequest): FakeAnswer => {
    const account = accounts.get(request.account)
    if (!account || (request.params.version !== undefined && !RELEASES.has(request.params.version))) return notFound()
    return handle(account, request)
  }
  // The numbered one first: where the release is all that differs, a name would take it.
  const paths = new Set([numbered(path), path])
  return [...paths].map((one) => ({ method, path: one, limits: limits ?? USUAL_LIMITS, handle: run }))
}

/** `/crm/objects/2026-09/deals` → `/crm/v3/objects/deals`; associations are v4. Any other path stays. */
export function numbered(path: string): string {
  const version = /\/associations\//.test(path) ? 'v4' : 'v3'
  return path.replace(DATED, `/$1/${version}/$2`).replace(/^\/account-info\/[^/]+\//, '/account-info/v3/')
}

/** A refusal unless the account has one of these scopes. */
export function lacks(account: HubSpotAccount, ...anyOf: readonly string[]): FakeAnswer | undefined {
  return anyOf.some((scope) => account.scopes.has(scope)) ? undefined : missingScopes(anyOf)
}
