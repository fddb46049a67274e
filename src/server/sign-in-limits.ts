import type { Response } from 'express'
import { nameKey } from '../state/users.ts'
import { tooManyTries } from './auth-problems.ts'

/** Failed sign-ins at once, and how many are forgiven each minute: for a name, and for an address. */
const NAME = { of: 'name', burst: 8, perMinute: 1 } as const
const ADDRESS = { of: 'address', burst: 40, perMinute: 6 } as const
/** Whose failures are counted. */
export type Limited = (typeof NAME | typeof ADDRESS)['of']
/** Names and addresses remembered. */
const MAX_KEYS = 10_000

interface Bucket {
  left: number
  at: number
}

/** Counts failed sign-ins by name and by address (S11). Only those that fail cost anything. */
export class SignInLimits {
  readonly #buckets = new Map<string, Bucket>()
  readonly #now: () => number

  constructor(now = () => performance.now()) {
    this.#now = now
  }

  /** @throws RoiError `too_many_tries`; the answer says when to come back */
  check(name: string, address: string, response: Response): void {
    for (const [key, { perMinute }] of keysOf(name, address)) {
      const { left } = this.#bucket(key)
      if (left >= 1) continue
      response.setHeader('retry-after', String(Math.ceil(((1 - left) / perMinute) * 60)))
      throw tooManyTries()
    }
  }

  /** @returns whose limit it was that this one reached, once each time; none while there is some left */
  failed(name: string, address: string): Limited[] {
    const reached: Limited[] = []
    for (const [key, { of }] of keysOf(name, address)) {
      const bucket = this.#bucket(key)
      bucket.left -= 1
      if (bucket.left < 1) reached.push(of)
      this.#buckets.delete(key)
      this.#buckets.set(key, bucket)
    }
    if (this.#buckets.size > MAX_KEYS) for (const [oldest] of this.#buckets) if (this.#buckets.delete(oldest)) break
    return reached
  }

  #bucket(key: string): Bucket {
    const { burst, perMinute } = key.startsWith('name ') ? NAME : ADDRESS
    const at = this.#now()
    const known = this.#buckets.get(key) ?? { left: burst, at }
    return { left: Math.min(burst, known.left + ((at - known.at) / 60_000) * perMinute), at }
  }
}

function keysOf(name: string, address: string) {
  return [
    [`name ${nameKey(name).slice(0, 200)}`, NAME],
    [`address ${address}`, ADDRESS],
  ] as const
}
