import { hubspot } from '@hubspot/ui-extensions'

/** HubSpot ends the request there; the backend aims far lower. */
const TIMEOUT_MS = 15_000

/** Why there is nothing to show, named by what the person can do about it. */
export type FaultKind = 'unknown' | 'pending' | 'forbidden' | 'failed'

export interface Fault {
  readonly kind: FaultKind
  readonly code: string
  /** What the backend says, in the person's language; null where it did not get to say anything. */
  readonly message: string | null
  readonly remedy: string | null
  readonly requestId: string | null
}

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault }

/** Codes with a state of their own. Everything else is an error that may be retried. */
const KINDS: { readonly [code: string]: FaultKind | undefined } = {
  unknown_record: 'unknown',
  no_access: 'forbidden',
  not_connected: 'pending',
  pending: 'pending',
}

export function fault(code: string, details: Partial<Omit<Fault, 'kind' | 'code'>> = {}): Fault {
  return { kind: KINDS[code] ?? 'failed', code, message: null, remedy: null, requestId: null, ...details }
}

/** Where the backend is: a variable of the build's profile, so that one code serves every environment. */
export function backendOf(variables: Readonly<Record<string, unknown>> | undefined): string | null {
  const url = variables?.BACKEND_URL
  return typeof url === 'string' && url.startsWith('https://') ? url.replace(/\/+$/, '') : null
}

/**
 * One signed question to the backend. HubSpot adds who asks (portal, user) to the address and signs it; the body only
 * selects. It also asks twice when the connection fails, so every question here may be asked twice.
 */
export async function ask<T>(backend: string | null, path: string, body: Record<string, unknown>): Promise<Answer<T>> {
  if (backend === null) return { ok: false, fault: fault('not_configured') }
  try {
    const response = await hubspot.fetch(`${backend}/api/v1/hubspot/${path}`, {
      method: 'POST',
      timeout: TIMEOUT_MS,
      body,
    })
    const answer: unknown = await response.json().catch(() => undefined)
    if (response.ok && isObject(answer)) return { ok: true, value: answer as T }
    return { ok: false, fault: response.ok ? fault('bad_answer') : problem(answer, response.status) }
  } catch {
    // HubSpot does not tell a lost connection from a time-out.
    return { ok: false, fault: fault('unreachable') }
  }
}

/** The backend's own account of what went wrong, or the bare status when something between us answered. */
function problem(answer: unknown, status: number): Fault {
  const error = isObject(answer) ? answer.error : undefined
  if (!isObject(error) || typeof error.code !== 'string') return fault(`http_${status}`)
  return fault(error.code, {
    message: text(error.message),
    remedy: text(error.remedy),
    requestId: text(error.request_id),
  })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
