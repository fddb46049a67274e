import { createHash } from 'node:crypto'

/**
 * JSON that is the same for equal values, whatever order their keys came in: keys sorted by UTF-16 code units, no white
 * space, numbers as JavaScript writes them (RFC 8785). Keys without a value are left out.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value))
}

/** SHA-256 in hex of a text's UTF-8 bytes. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted((value as Record<string, unknown>)[key])]),
  )
}
