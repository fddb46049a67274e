import { setTimeout } from 'node:timers/promises'

/** Time of waits: pacing, back-off and pauses. Deadlines of sockets run on real timers. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** @throws whatever, once the signal aborts */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** Longest delay of a timer; longer ones would fire at once. Who waits longer looks at the time again. */
const MAX_TIMER = 2 ** 31 - 1

export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    await setTimeout(Math.min(Math.max(0, Math.ceil(ms)), MAX_TIMER), undefined, signal ? { signal } : {})
  },
}

/** The promise, or the reason of the signal as soon as it aborts; the promise is heard in any case. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
