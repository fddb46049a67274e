import type { Panel } from '../src/api.ts'

const memory = new Map<string, Panel>()
const PREFIX = 'roi-panel:'

/**
 * The last answer per question, for when the service is down: in memory and, for a reload, in the session of this tab.
 * The key is a digest, so neither a workspace nor a user can be read from it; findings stay out of the storage because
 * their examples may name records.
 */
export function keep(key: string, panel: Panel): void {
  memory.set(key, panel)
  try {
    sessionStorage.setItem(PREFIX + key, JSON.stringify({ ...panel, findings: [] }))
  } catch {
    // Storage may be full, or forbidden in a sandboxed frame; memory is enough.
  }
}

/** The last answer to the same question, or null. */
export function recall(key: string): Panel | null {
  const panel = memory.get(key)
  if (panel) return panel
  try {
    const stored = JSON.parse(sessionStorage.getItem(PREFIX + key) ?? 'null') as Panel | null
    return stored?.version === 1 ? stored : null
  } catch {
    return null
  }
}

/** Drops an answer: the service refused us, so it may not be shown any more. */
export function forget(key: string): void {
  memory.delete(key)
  try {
    sessionStorage.removeItem(PREFIX + key)
  } catch {
    // Nothing was stored then.
  }
}

/**
 * Digest (53 bits, cyrb53) of what identifies a question. Tokens live for minutes, so a token stands for its subject:
 * the same user finds the snapshot again, another user of the same tab does not.
 */
export function snapshotKey(parts: readonly string[], token: string): string {
  const text = JSON.stringify([...parts, subjectOf(token)])
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    a = Math.imul(a ^ code, 2654435761)
    b = Math.imul(b ^ code, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36)
}

function subjectOf(token: string): string {
  try {
    const payload = token.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? ''
    const { tenant, sub } = JSON.parse(atob(payload)) as { tenant?: string; sub?: string }
    return sub ? `${tenant ?? ''} ${sub}` : token
  } catch {
    return token
  }
}
