import { vi } from 'vitest'

/** One request of an extension to its backend. */
export interface Sent {
  readonly url: string
  readonly path: string
  readonly options: { readonly method: string; readonly timeout: number; readonly body: Record<string, unknown> }
}

/** What the backend does with a request: a status and a body, or no answer at all (`null`). */
export type Reply = { readonly status: number; readonly body: unknown } | null

export const BACKEND = 'https://roi.example.com'

/** An error as the backend words it. */
export function problem(status: number, code: string, message = `said ${code}`, remedy: string | null = null): Reply {
  return { status, body: { error: { code, message, remedy, request_id: 'req-7' } } }
}

/**
 * Stands in for `hubspot.fetch`, which is a global of HubSpot's worker. Answers in the given order, the last one for
 * ever; refuses what HubSpot's own proxy refuses.
 */
export function backend(...replies: readonly Reply[]): Sent[] {
  const sent: Sent[] = []
  const hsFetch = async (url: string, options: Sent['options'] & { headers?: object }) => {
    if (options.headers && Object.keys(options.headers).some((name) => name !== 'Authorization'))
      throw new Error('only Authorization may be set')
    if (options.timeout > 15_000) throw new Error('longer than the contract')
    const reply = replies[Math.min(sent.length, replies.length - 1)]
    sent.push({ url, path: url.replace(`${BACKEND}/api/v1/hubspot/`, ''), options })
    if (!reply) throw new Error('connection lost')
    return new Response(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body), {
      status: reply.status,
    })
  }
  vi.stubGlobal('self', { hsFetch })
  return sent
}

export const ok = (body: unknown): Reply => ({ status: 200, body })

/** A rendered node, as far as its text matters. */
interface Node {
  readonly text?: string | null
  readonly childNodes?: readonly Node[]
}

/** All text below a node; the renderer's own `text` stops at the node's own children. */
export function textOf(node: Node): string {
  return node.childNodes ? node.childNodes.map(textOf).filter(Boolean).join(' ') : (node.text ?? '')
}
