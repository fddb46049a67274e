import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openState } from '../src/state/sqlite.ts'
import { bodyOf, signedHeaders, type WebhookEvent } from './fakes/hubspot/webhooks.ts'
import { temporaryFolder } from './support/databases.ts'
import { HOOK, PUBLIC, SECRET } from './support/webhooks-kit.ts'

const PORTAL = 62_515
const KILLS = 20
const PER_BATCH = 20
const CHILD = join(import.meta.dirname, 'support/webhooks-child.ts')

function batch(number: number): WebhookEvent[] {
  return Array.from({ length: PER_BATCH }, (_, i) => ({
    eventId: number * PER_BATCH + i,
    subscriptionId: 1,
    portalId: PORTAL,
    appId: 1,
    occurredAt: 1_790_000_000_000 + number,
    subscriptionType: 'deal.propertyChange',
    attemptNumber: 0,
    objectId: i + 1,
    propertyName: 'amount',
  }))
}

async function post(port: number, number: number): Promise<boolean> {
  const body = bodyOf(batch(number))
  const headers = signedHeaders(SECRET, HOOK, body)
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/webhooks/hubspot`, { method: 'POST', headers, body })
    return answer.status === 200
  } catch {
    return false
  }
}

test('killed twenty times under load: nothing acknowledged is lost, nothing is there twice', async () => {
  const folder = await temporaryFolder()
  const before = openState(folder)
  const { tenant } = await before.openWorkspace('main')
  const made = { connector: 'hubspot', externalAccountId: String(PORTAL), title: 'HubSpot', settings: {}, secrets: {} }
  const { id } = await before.saveConnection(tenant, { ...made, everyMinutes: null })
  await before.close()
  const acknowledged = new Set<number>()
  const waiting: number[] = []
  let next = 0
  for (let kill = 0; kill < KILLS; kill++) {
    const child = fork(CHILD, [JSON.stringify({ folder, publicUrl: PUBLIC, secret: SECRET })])
    const [port] = (await once(child, 'message')) as [number]
    let alive = true
    const send = async () => {
      while (alive) {
        const number = waiting.shift() ?? next++
        if (await post(port, number)) acknowledged.add(number)
        // Not acknowledged: it comes again, whether it was kept or not.
        else waiting.push(number)
      }
    }
    const senders = Array.from({ length: 5 }, send)
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 120))
    child.kill('SIGKILL')
    await once(child, 'exit')
    alive = false
    await Promise.all(senders)
  }
  const after = openState(folder)
  const stored = await after.dueEvents(id, 1_000_000)
  const times = stored.map(({ occurredAt }) => occurredAt.getTime() - 1_790_000_000_000)
  const counts = new Map<number, number>()
  for (const number of times) counts.set(number, (counts.get(number) ?? 0) + 1)
  expect(acknowledged.size).toBeGreaterThan(0)
  expect([...acknowledged].filter((number) => counts.get(number) !== PER_BATCH)).toEqual([])
  expect([...counts.values()].filter((count) => count !== PER_BATCH)).toEqual([])
  expect(new Set(stored.map(({ key }) => key)).size).toBe(stored.length)
  await after.close()
})
