import type { RequestHandler } from 'express'
import { Refusal } from './problems.ts'

/** Requests an address may send at once, and how many it gets back each second. A panel needs about ten. */
const BURST = 1000
const PER_SECOND = 100
/** Addresses remembered; the oldest are forgotten first. */
const MAX_ADDRESSES = 10_000

/** Refuses an address that asks much faster than a person with a panel can (S11). */
export function rateLimit(burst = BURST, perSecond = PER_SECOND, now = () => performance.now()): RequestHandler {
  const buckets = new Map<string, { left: number; at: number }>()
  return (request, response, next) => {
    const address = request.socket.remoteAddress ?? ''
    const time = now()
    const bucket = buckets.get(address) ?? { left: burst, at: time }
    bucket.left = Math.min(burst, bucket.left + ((time - bucket.at) / 1000) * perSecond)
    bucket.at = time
    buckets.delete(address)
    buckets.set(address, bucket)
    if (buckets.size > MAX_ADDRESSES) for (const [oldest] of buckets) if (buckets.delete(oldest)) break
    if (bucket.left >= 1) {
      bucket.left -= 1
      return next()
    }
    response.setHeader('retry-after', String(Math.ceil((1 - bucket.left) / perSecond)))
    next(
      new Refusal(
        429,
        'rate_limited',
        { en: 'Too many requests.', 'zh-CN': '请求过于频繁。' },
        { en: 'Wait a moment and try again.', 'zh-CN': '请稍候再试。' },
      ),
    )
  }
}

/** A body must be complete after this long, unless the route allows uploads. */
const BODY_MS = 30_000

/** Ends requests whose body trickles in. Node's own limit is for all routes alike and must leave room for uploads. */
export const bodyDeadline: RequestHandler = (request, response, next) => {
  const { headers, socket } = request
  if (headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0') return next()
  setTimeout(() => {
    if (!request.complete && !response.locals.upload) socket.destroy()
  }, BODY_MS).unref()
  next()
}
