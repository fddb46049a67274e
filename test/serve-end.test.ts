import { request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { hashPassword } from '../src/server/sign-in-password.ts'
import { openState } from '../src/state/sqlite.ts'
import { type Started, start } from './cli-process.ts'
import { bodyOf, signedHeaders, type WebhookEvent } from './fakes/hubspot/webhooks.ts'
import { startHubSpot } from './fakes/hubspot.ts'
import { Client, PASSWORD } from './sign-in-kit.ts'
import { temporaryFolder } from './support/databases.ts'

/** `serve` behind a public address, as a process of its own: where it listens, and how it ends. */

const PUBLIC = 'https://roi.example.com'
const SECRET = 'a-client-secret'
const PER_BATCH = 20

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Resolves once the process answers; fails when it ends before. */
async function answers({ ended }: Started, port: number, path: string): Promise<void> {
  let gone: string | undefined
  void ended.then(({ code, err }) => {
    gone = `${code}: ${err}`
  })
  for (;;) {
    if (gone !== undefined) throw new Error(`it ended: ${gone}`)
    const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined)
    if (response?.status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function served(folder: string, environment: Record<string, string>): Started {
  const child = start(['serve', '--data', folder], { ROI_PANEL_PUBLIC_URL: PUBLIC, HOST: '127.0.0.1', ...environment })
  onTestFinished(() => void child.process.kill('SIGKILL'))
  return child
}

test('it listens at HOST and PORT, not at its public address, and says who it is', async () => {
  const port = await freePort()
  const child = served(join(await temporaryFolder(), 'data'), { PORT: String(port) })
  await answers(child, port, '/healthz')
  await answers(child, port, '/readyz')
  const health = await fetch(`http://127.0.0.1:${port}/healthz`)
  expect(await health.json()).toEqual({ status: 'ok' })
  child.process.kill('SIGTERM')
  const { code, out, err } = await child.ended
  expect(code).toBe(0)
  expect(out).toContain(PUBLIC)
  // Nobody can sign in yet: the link is one of the public address.
  expect(err).toContain(`${PUBLIC}/sign-in/#setup=`)
})

const batch = (portal: number, number: number): WebhookEvent[] =>
  Array.from({ length: PER_BATCH }, (_, i) => ({
    eventId: number * PER_BATCH + i + 1_000_000,
    subscriptionId: 1,
    portalId: portal,
    appId: 1,
    occurredAt: 1_790_000_000_000 + number,
    subscriptionType: 'deal.propertyChange',
    attemptNumber: 0,
    objectId: i + 1,
    propertyName: 'amount',
  }))

test('told to stop under load it keeps what it acknowledged, ends open streams and exits with 0', async () => {
  const folder = join(await temporaryFolder(), 'data')
  const fake = await startHubSpot({ validate: false })
  onTestFinished(() => fake.close())
  const account = fake.addAccount()
  const before = openState(folder)
  const { tenant } = await before.openWorkspace('main')
  const { id } = await before.saveConnection(tenant, {
    connector: 'hubspot',
    externalAccountId: String(account.portalId),
    title: 'HubSpot',
    settings: {},
    secrets: { token: account.token },
    everyMinutes: null,
  })
  await before.addUser({ name: 'root', role: 'admin', tenants: null, password: await hashPassword(PASSWORD) })
  await before.close()

  const port = await freePort()
  const child = served(folder, {
    PORT: String(port),
    ROI_PANEL_HUBSPOT_CLIENT_SECRET: SECRET,
    ROI_PANEL_ORIGIN_HUBSPOT: fake.origin,
  })
  await answers(child, port, '/readyz')
  const client = new Client(port, new URL(PUBLIC).host)
  expect((await client.signIn('root')).status).toBe(200)
  const streams = await Promise.all(Array.from({ length: 3 }, () => stream(port, client)))

  const acknowledged: number[] = []
  let reports = 0
  let next = 0
  let alive = true
  void child.ended.then(() => {
    alive = false
  })
  const send = async () => {
    while (alive) {
      const number = next++
      const body = bodyOf(batch(account.portalId, number))
      const headers = signedHeaders(SECRET, `${PUBLIC}/webhooks/hubspot`, body)
      const answer = await fetch(`http://127.0.0.1:${port}/webhooks/hubspot`, { method: 'POST', headers, body }).catch(
        () => undefined,
      )
      if (answer?.status === 200) acknowledged.push(number)
    }
  }
  const read = async () => {
    while (alive) {
      const answer = await client.ask('/api/v1/panel').catch(() => undefined)
      if (answer?.status === 200) reports += 1
    }
  }
  const load = [send(), send(), send(), read(), read()]
  while (acknowledged.length < 50 || reports < 5) await new Promise((resolve) => setTimeout(resolve, 20))
  child.process.kill('SIGTERM')
  await Promise.all(streams.map(({ ended }) => ended))
  const { code, err } = await child.ended
  expect(code, err).toBe(0)
  await Promise.all(load)

  const state = new DatabaseSync(join(folder, 'state.sqlite'), { readOnly: true })
  onTestFinished(() => state.close())
  const kept = new Map<number, number>()
  for (const { key } of state.prepare('SELECT key FROM inbox WHERE connection_id = ?').all(id)) {
    const [, , , event] = String(key).split(' ')
    const number = Math.floor((Number(event) - 1_000_000) / PER_BATCH)
    kept.set(number, (kept.get(number) ?? 0) + 1)
  }
  expect(acknowledged.filter((number) => kept.get(number) !== PER_BATCH)).toEqual([])
  const leases = state.prepare("SELECT name FROM lease WHERE name LIKE 'inbox/%' OR name LIKE 'workspace/%'").all()
  expect(leases).toEqual([])
})

/** An open stream of events. */
async function stream(port: number, { cookies }: Client): Promise<{ readonly ended: Promise<void> }> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const headers = { cookie, host: new URL(PUBLIC).host }
  const call = request({ port, host: '127.0.0.1', path: '/api/v1/events', headers, agent: false })
  onTestFinished(() => void call.destroy())
  call.end()
  return new Promise((resolve, reject) => {
    call.once('error', reject)
    call.once('response', (response) => {
      if (response.statusCode !== 200) return reject(new Error(`answered ${response.statusCode}`))
      response.resume()
      resolve({ ended: new Promise((done) => response.once('close', () => done())) })
    })
  })
}
