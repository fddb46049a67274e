import type { Problem } from '../../../src/api.ts'

/** An answer of the server: what was asked for, or what is wrong. */
export type Answer<T> =
  | { readonly ok: true; readonly body: T }
  | { readonly ok: false; readonly status: number; readonly problem: Partial<Problem['error']> }

/** Asks the panel API; pages of these folders lie one below it. Status 0: nobody answered. */
export async function ask<T>(path: string, method = 'GET', json?: unknown): Promise<Answer<T>> {
  try {
    const response = await fetch(`../api/v1/${path}`, {
      method,
      headers: { accept: 'application/json', ...(method === 'GET' ? {} : { 'content-type': 'application/json' }) },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    })
    const body: unknown = await response.json().catch(() => null)
    if (response.ok) return { ok: true, body: body as T }
    return { ok: false, status: response.status, problem: (body as Partial<Problem> | null)?.error ?? {} }
  } catch {
    return { ok: false, status: 0, problem: {} }
  }
}
