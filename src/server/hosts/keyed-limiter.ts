import type { Response } from 'express'
import { Refusal } from '../problems.ts'

/** Keys remembered; the one longest not seen is forgotten first. */
const MAX_KEYS = 10_000

/** So many requests at once and so many back each second, for each key on its own (S11). */
export class KeyedLimiter {
  readonly #buckets = new Map<string, { left: number; at: number }>()
  readonly #burst: number
  readonly #perSecond: number
  readonly #now: () => number

  constructor(burst: number, perSecond: number, now = () => performance.now()) {
    this.#burst = burst
    this.#perSecond = perSecond
    this.#now = now
  }

  /** Counts a request. @throws RoiError `rate_limited` when there are too many; the answer says when to come back */
  take(key: string, response: Response): void {
    const at = this.#now()
    const known = this.#buckets.get(key)
    const left = known ? Math.min(this.#burst, known.left + ((at - known.at) / 1000) * this.#perSecond) : this.#burst
    this.#buckets.delete(key)
    this.#buckets.set(key, { left: left >= 1 ? left - 1 : left, at })
    if (this.#buckets.size > MAX_KEYS) for (const [oldest] of this.#buckets) if (this.#buckets.delete(oldest)) break
    if (left >= 1) return
    response.setHeader('retry-after', String(Math.ceil((1 - left) / this.#perSecond)))
    throw new Refusal(
      429,
      'rate_limited',
      { en: 'Too many requests.', 'zh-CN': '请求过于频繁。' },
      { en: 'Wait a moment and try again.', 'zh-CN': '请稍候再试。' },
    )
  }
}
