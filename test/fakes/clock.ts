/** What a fake reads its time from: quota windows, timestamps and the `Date` header all follow it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
}

/** The machine's time. */
export const realClock: Clock = { now: () => Date.now() }

/**
 * Time that runs `speed` times as fast as the real one, never backwards.
 * @param start first moment; default: now
 */
export function fastClock(speed: number, start = Date.now()): Clock {
  const begun = performance.now()
  return { now: () => Math.floor(start + (performance.now() - begun) * speed) }
}

/** Time that stands still until told otherwise. */
export interface ManualClock extends Clock {
  advance(milliseconds: number): void
  set(moment: number): void
}

/** A clock for tests that must not depend on how fast they run. */
export function manualClock(start = Date.UTC(2026, 10, 20)): ManualClock {
  let moment = start
  return {
    now: () => moment,
    advance(milliseconds) {
      moment += milliseconds
    },
    set(to) {
      moment = to
    },
  }
}
