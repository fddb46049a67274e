import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Limiter, type Slot } from '../src/sync/http/limiter.ts'
import { VirtualClock } from './support/socket-server.ts'

const NEVER = new AbortController().signal

/** Counts requests the way a vendor does: in the rolling window that ends now. */
class Vendor {
  readonly max: number
  readonly per: number
  #hits: number[] = []
  limited = 0
  served = 0
  peak = 0

  constructor(max: number, per: number) {
    this.max = max
    this.per = per
  }

  /** Requests left after this one; undefined for a 429. */
  hit(now: number): number | undefined {
    this.#hits = this.#hits.filter((at) => at > now - this.per)
    if (this.#hits.length >= this.max) {
      this.limited += 1
      return undefined
    }
    this.#hits.push(now)
    this.served += 1
    this.peak = Math.max(this.peak, this.#hits.length)
    return this.max - this.#hits.length
  }
}

interface Load {
  readonly clock: VirtualClock
  readonly limiter: Limiter
  readonly vendor: Vendor
  readonly workers: number
  /** Milliseconds from sending to arrival, and the same again until the answer is back. */
  readonly latency: () => number
  readonly until: number
  readonly headers?: boolean
  readonly retryAfter?: number
}

/** Requests one after the other, by several workers. Returns how many were sent, served and limited. */
async function load({ clock, limiter, vendor, workers, latency, until, headers, retryAfter }: Load) {
  let sent = 0
  let served = 0
  let limited = 0
  const work = async () => {
    while (clock.now() < until) {
      const slot: Slot = await limiter.acquire(NEVER)
      if (clock.now() >= until) return slot.release()
      sent += 1
      await clock.sleep(latency())
      const left = vendor.hit(clock.now())
      await clock.sleep(latency())
      if (left === undefined) {
        limited += 1
        limiter.block(retryAfter ?? 0)
      } else {
        served += 1
        if (headers) limiter.learn({ max: vendor.max, remaining: left, interval: vendor.per }, slot)
      }
      slot.release()
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  return { sent, served, limited }
}

describe('pace', () => {
  test('no window ever holds more than the limit, and at least 95 % of it are used', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom([110, 10_000], [190, 10_000], [5, 1000], [4, 1000], [100, 60_000], [20, 1000]),
        fc.array(fc.double({ min: 0, max: 0.025, noNaN: true }), { minLength: 1, maxLength: 20 }),
        async ([max, per], jitter) => {
          const clock = new VirtualClock(0)
          const start = clock.now()
          const windows = 12
          const limiter = new Limiter({ requests: max!, per: per!, concurrent: 12 }, clock)
          const vendor = new Vendor(max!, per!)
          let n = 0
          // Arrival varies by up to 2.5 % of the window.
          const latency = () => 1 + jitter[n++ % jitter.length]! * per!
          const { sent, limited } = await load({
            clock,
            limiter,
            vendor,
            workers: 12,
            latency,
            until: start + windows * per!,
          })
          expect(limited).toBe(0)
          expect(vendor.peak).toBeLessThanOrEqual(max!)
          expect(sent).toBeGreaterThanOrEqual(Math.floor(windows * max! * 0.95))
        },
      ),
      { numRuns: 40 },
    )
  })

  test('requests are spread over the window, with little at once', async () => {
    const clock = new VirtualClock(0)
    const start = clock.now()
    const limiter = new Limiter({ requests: 100, per: 10_000, concurrent: 50 }, clock)
    const times: number[] = []
    await Promise.all(
      Array.from({ length: 60 }, async () => {
        const slot = await limiter.acquire(NEVER)
        times.push(clock.now() - start)
        slot.release()
      }),
    )
    expect(times.filter((at) => at === 0).length).toBeLessThanOrEqual(4)
    expect(times.at(-1)).toBeGreaterThan(5500)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })

  test('a higher or lower limit of the headers is learned', async () => {
    for (const real of [60, 190]) {
      const clock = new VirtualClock(0)
      const start = clock.now()
      const limiter = new Limiter({ requests: 110, per: 10_000, concurrent: 10 }, clock)
      const vendor = new Vendor(real, 10_000)
      const latency = () => 20
      const all = await load({ clock, limiter, vendor, workers: 10, latency, until: start + 200_000, headers: true })
      expect(all.limited).toBeLessThanOrEqual(all.sent * 0.02)
      expect(all.served).toBeGreaterThan(real * 20 * 0.9)
    }
  })

  test('senseless headers change nothing', async () => {
    const clock = new VirtualClock(0)
    const start = clock.now()
    const limiter = new Limiter({ requests: 100, per: 1000, concurrent: 10 }, clock)
    const slot = await limiter.acquire(NEVER)
    for (const reading of [
      { max: 0, remaining: 0, interval: 1000 },
      { max: Number.NaN, remaining: 1, interval: 1 },
      { max: 1, remaining: 0, interval: 86_400_000_000 },
      { max: 100, remaining: 0, interval: 0 },
    ]) {
      limiter.learn(reading, slot)
    }
    slot.release()
    for (let i = 0; i < 95; i++) (await limiter.acquire(NEVER)).release()
    expect(clock.now() - start).toBeLessThan(1100)
  })

  test('somebody else at the same account is made room for: at most 2 % are refused, the account is used', async () => {
    await fc.assert(
      fc.asyncProperty(
        // What the other one asks, requests in each second; now and then nothing, now and then all at once.
        fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 5, maxLength: 30 }),
        async (pattern) => {
          const clock = new VirtualClock(0)
          const start = clock.now()
          const until = start + 300_000
          const limiter = new Limiter({ requests: 190, per: 10_000, concurrent: 8 }, clock)
          const vendor = new Vendor(190, 10_000)
          let others = 0
          const other = async () => {
            for (let second = 0; clock.now() < until; second++) {
              const left = vendor.hit(clock.now())
              if (left !== undefined) others += 1
              const n = pattern[second % pattern.length]!
              for (let i = 1; i < n; i++) if (vendor.hit(clock.now()) !== undefined) others += 1
              await clock.sleep(1000)
            }
          }
          let n = 0
          const latency = () => 10 + ((n++ * 7) % 40)
          const [ours] = await Promise.all([
            load({ clock, limiter, vendor, workers: 8, latency, until, headers: true, retryAfter: 1000 }),
            other(),
          ])
          expect(ours.limited).toBeLessThanOrEqual(ours.sent * 0.02)
          expect(ours.served + others).toBeGreaterThan(190 * 30 * 0.85)
        },
      ),
      { numRuns: 15 },
    )
  })

  test('a limit lower than stated, without headers: 429 answers are few', async () => {
    const clock = new VirtualClock(0)
    const start = clock.now()
    const limiter = new Limiter({ requests: 190, per: 10_000, concurrent: 8 }, clock)
    const vendor = new Vendor(150, 10_000)
    const all = await load({
      clock,
      limiter,
      vendor,
      workers: 8,
      latency: () => 30,
      until: start + 600_000,
      retryAfter: 500,
    })
    expect(all.limited).toBeLessThanOrEqual(all.sent * 0.02)
    expect(all.served).toBeGreaterThan(150 * 60 * 0.75)
  })

  test('a clock that is set back holds nobody up', async () => {
    const clock = new VirtualClock(0)
    const limiter = new Limiter({ requests: 10, per: 1000, concurrent: 1 }, clock)
    for (let i = 0; i < 20; i++) (await limiter.acquire(NEVER)).release()
    clock.advance(-3_600_000)
    const before = clock.now()
    for (let i = 0; i < 10; i++) (await limiter.acquire(NEVER)).release()
    expect(clock.now() - before).toBeLessThan(2000)
  })
})

describe('queue', () => {
  test('first come, first served; one timer for all who wait; at most so many at a time', async () => {
    const clock = new VirtualClock(0)
    const limiter = new Limiter({ requests: 1000, per: 1000, concurrent: 3 }, clock)
    const order: number[] = []
    let running = 0
    let most = 0
    let timers = 0
    await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const slot = await limiter.acquire(NEVER)
        order.push(i)
        running += 1
        most = Math.max(most, running)
        timers = Math.max(timers, clock.sleeping)
        await Promise.resolve()
        running -= 1
        slot.release()
        slot.release()
      }),
    )
    expect(order).toEqual(Array.from({ length: 50 }, (_, i) => i))
    expect(most).toBe(3)
    expect(timers).toBeLessThanOrEqual(1)
  })

  test('who gives up leaves the queue, and an empty queue has no timer', async () => {
    const clock = new VirtualClock(1000)
    const limiter = new Limiter({ requests: 1, per: 60_000, concurrent: 5 }, clock)
    await limiter.acquire(NEVER)
    const stop = new AbortController()
    const waiting = [limiter.acquire(stop.signal), limiter.acquire(stop.signal)]
    expect(clock.sleeping).toBe(1)
    stop.abort(new Error('enough'))
    for (const one of waiting) await expect(one).rejects.toThrow('enough')
    expect(clock.sleeping).toBe(0)
    await expect(limiter.acquire(stop.signal)).rejects.toThrow('enough')
  })

  test('a reached limit holds everybody, and they do not leave all at once', async () => {
    const clock = new VirtualClock(0)
    const start = clock.now()
    const limiter = new Limiter({ requests: 100, per: 10_000, concurrent: 50 }, clock)
    limiter.block(5000)
    const times: number[] = []
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        const slot = await limiter.acquire(NEVER)
        times.push(clock.now() - start)
        slot.release()
      }),
    )
    expect(times[0]).toBeGreaterThanOrEqual(5000)
    expect(new Set(times).size).toBe(10)
  })

  test('all who wait are refused at once', async () => {
    const clock = new VirtualClock(1000)
    const limiter = new Limiter({ requests: 1, per: 60_000, concurrent: 1 }, clock)
    await limiter.acquire(NEVER)
    const waiting = [limiter.acquire(NEVER), limiter.acquire(NEVER)]
    limiter.refuse(new Error('paused'))
    for (const one of waiting) await expect(one).rejects.toThrow('paused')
    expect(clock.sleeping).toBe(0)
  })
})
