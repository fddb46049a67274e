import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { isRoiError, LOCALES, RoiError } from '../src/errors.ts'
import type { State } from '../src/state/state.ts'
import { alone, LEASE_MS, leased } from '../src/sync/lease.ts'
import { openPlace } from './import-kit.ts'
import { ENGINES, openStateAt, statePlace } from './support/databases.ts'

afterEach(() => {
  vi.useRealTimers()
})

const busy = () => new RoiError('unavailable', 'busy', { en: 'busy', 'zh-CN': '忙' })

async function failure(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isRoiError(error)) return `no failure: ${String(error)}`
  for (const locale of LOCALES) expect(error.describe(locale).length).toBeGreaterThan(0)
  return error.code
}

describe.each(ENGINES)('a lease on %s', (engine) => {
  test('work waits for whoever holds it, and begins when that one is done', async () => {
    const place = await statePlace(engine)
    const states = [await openStateAt(place), await openStateAt(place)]
    for (const state of states) onTestFinished(() => state.close())
    const order: string[] = []
    const work = (name: string) => async () => {
      order.push(`${name} begins`)
      await new Promise((resolve) => setImmediate(resolve))
      order.push(`${name} ends`)
    }
    await Promise.all(states.map((state, i) => leased(state, 'a', busy, work(String(i)))))
    expect(order[1]).toBe(order[0]!.replace('begins', 'ends'))
    expect(order).toHaveLength(4)
  })

  test('work that fails gives it back; who does not want to wait is told at once', async () => {
    const state = await openStateAt(await statePlace(engine))
    onTestFinished(() => state.close())
    const inner = () => leased(state, 'a', busy, async () => 'never', { wait: 0 })
    const outer = leased(state, 'a', busy, async () => expect(await failure(inner())).toBe('busy'))
    await outer
    await expect(leased(state, 'a', busy, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(await inner()).toBe('never')
  })

  test('a workspace that another process works in is busy, the others are not', async () => {
    const { env } = await openPlace(engine)
    expect(await env.state.lease('workspace/1', 'another process', 60_000)).toBe(true)
    const work = async () => 'done'
    expect(await failure(alone(env, 1, work, { wait: 0 }))).toBe('workspace_busy')
    expect(await alone(env, 2, work, { wait: 0 })).toBe('done')
    await env.state.release('workspace/1', 'another process')
    expect(await alone(env, 1, work, { wait: 0 })).toBe('done')
  })
})

test('it is renewed while work goes on; work that lost it all the same is told to stop', async () => {
  vi.useFakeTimers()
  let held = true
  const asked: string[] = []
  const state = {
    async lease(_name: string, holder: string) {
      asked.push(holder)
      return held
    },
    async release() {},
  } as unknown as State
  let told: AbortSignal | undefined
  const work = leased(state, 'a', busy, (signal) => {
    told = signal
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
  })
  const ended = failure(work)
  await vi.advanceTimersByTimeAsync(3 * LEASE_MS)
  expect(asked.length).toBeGreaterThan(8)
  expect(new Set(asked).size).toBe(1)
  expect(told?.aborted).toBe(false)
  held = false
  await vi.advanceTimersByTimeAsync(LEASE_MS)
  expect(await ended).toBe('lease_lost')
})

test('a store that is away for a moment does not stop the work', async () => {
  vi.useFakeTimers()
  let calls = 0
  const state = {
    lease: () => (++calls === 3 ? Promise.reject(new Error('away')) : Promise.resolve(true)),
    release: () => Promise.reject(new Error('away')),
  } as unknown as State
  let finish: (value: string) => void = () => {}
  const work = leased(state, 'a', busy, () => new Promise<string>((resolve) => (finish = resolve)))
  await vi.advanceTimersByTimeAsync(2 * LEASE_MS)
  expect(calls).toBeGreaterThan(4)
  finish('done')
  expect(await work).toBe('done')
})

test('who waits can be told to stop', async () => {
  const state = { lease: async () => false, release: async () => {} } as unknown as State
  const signal = AbortSignal.abort()
  await expect(leased(state, 'a', busy, async () => 1, { signal })).rejects.toThrow()
})
