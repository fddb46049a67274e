import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { Services } from '../src/server/services.ts'
import { type Answer, fetchSigned, openWorld, refusal, type World, wish } from './embed-kit.ts'

/** HubSpot ends its request after 15 seconds: it is answered before, so that the card can say what happened. */

const DEADLINE = 13_000
const DEAL = { object_type: 'deals', object_id: '42' }
let world: World

beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

type Slow = 'record' | 'panel' | 'connections'

/** Lets a command of the product wait until it is told how to end. Timers of the program stand still until they are moved. */
function held(name: Slow) {
  let begin = () => {}
  let fail = (_error: Error) => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const end = new Promise<never>((_resolve, reject) => {
    fail = reject
  })
  const services = world.services as { -readonly [Name in Slow]: Services[Name] }
  vi.spyOn(services, name).mockImplementation(() => {
    begin()
    return end
  })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  return { begun, fail: (error: Error) => fail(error) }
}

test.each([
  ['record', 'record', DEAL],
  ['portfolio', 'panel', {}],
  ['connection', 'connections', {}],
  ['embed-session', 'record', { ...DEAL, request_id: wish() }],
] as const)('%s: after 13 seconds 503, in the language of the card, and not before', async (path, service, body) => {
  const { begun, fail } = held(service)
  let answer: Answer | undefined
  const asked = fetchSigned(world, path, { ...body, locale: 'zh-CN' }).then((got) => {
    answer = got
    return got
  })
  await begun
  await vi.advanceTimersByTimeAsync(DEADLINE - 1)
  // An answer that was on its way would be here by now.
  for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  expect(answer).toBeUndefined()
  await vi.advanceTimersByTimeAsync(1)
  const late = await asked
  expect(refusal(late)).toEqual([503, 'too_slow'])
  expect(late.headers.get('cache-control')).toBe('no-store')
  expect(late.body.error.message).toBe('查询用时过长。')
  expect(late.body.error.remedy).toBeTruthy()
  // What comes of it afterwards is nobody's failure any more.
  fail(new Error('too late to matter'))
  await new Promise((resolve) => setImmediate(resolve))
  vi.useRealTimers()
  vi.restoreAllMocks()
  expect((await fetchSigned(world, 'record', { ...DEAL, locale: 'en' })).status).toBe(200)
})
