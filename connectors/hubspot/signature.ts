import { createHmac, timingSafeEqual } from 'node:crypto'

/** A request that HubSpot signed: a webhook, or a call of our card. */
export interface SignedRequest {
  readonly method: string
  /** The configured public address with path and query as they came; never built from `Host`. */
  readonly url: string
  /** As it came, before anything parsed it. */
  readonly body: Uint8Array
  /** Header `X-HubSpot-Request-Timestamp`. */
  readonly timestamp: string | undefined
  /** Header `X-HubSpot-Signature-v3`. Older kinds of signature carry no time and count for nothing. */
  readonly signature: string | undefined
}

/** How far the clocks may be apart, and how old a request may be, milliseconds. */
const WINDOW = 5 * 60_000
/** The only escapes that HubSpot takes out of an address before it signs it. */
const ESCAPES = /%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi

/**
 * Checks a signature of version 3. It is not documented whether a query is signed with its escapes or without, so both
 * are tried.
 * @param secrets client secrets that are valid now: two while one is being replaced
 * @param now epoch milliseconds
 * @returns which way it matched, for the log; null when it is not HubSpot's
 */
export function verifySignature(
  { method, url, body, timestamp, signature }: SignedRequest,
  secrets: readonly string[],
  now: number,
): 'decoded' | 'raw' | null {
  if (timestamp === undefined || !/^\d{13}$/.test(timestamp) || !signature) return null
  if (Math.abs(now - Number(timestamp)) > WINDOW) return null
  const decoded = url.replace(ESCAPES, decodeURIComponent)
  const addresses = [
    ['decoded', decoded],
    ['raw', url],
  ] as const
  for (const [way, address] of decoded === url ? addresses.slice(0, 1) : addresses) {
    for (const secret of secrets) {
      if (secret === '') continue
      const signed = createHmac('sha256', secret).update(`${method}${address}`).update(body).update(timestamp)
      if (equal(signed.digest('base64'), signature)) return way
    }
  }
  return null
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
