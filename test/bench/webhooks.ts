import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bodyOf, signedHeaders, type WebhookEvent } from '../fakes/hubspot/webhooks.ts'
import { type Figure, percentile } from './figure.ts'

export interface ServerOptions {
  readonly folder: string
  readonly publicUrl: string
  readonly secret: string
  readonly portal: number
  /** Reports that run all the time. */
  readonly reports: number
}

const SECRET = 'bench'
const PUBLIC = 'https://roi.example.com'
const PORTAL = 62_515
const CONNECTIONS = 10

/** Signed batches of 100 events over ten connections into a process of its own, SQLite on disk; then with six reports. */
export async function webhookFigures(): Promise<Figure[]> {
  const alone = await measure(3000, 0)
  const busy = await measure(600, 6)
  return [
    {
      name: 'webhooks: signed batches of 100 events, durable, 10 connections, least',
      value: alone.perSecond,
      unit: '/s',
      target: 500,
      least: true,
    },
    { name: 'the same: acknowledged, p99', value: alone.p99, unit: 'ms', target: 100 },
    { name: 'the same, all new: events', value: alone.perSecond * 100, unit: 'rows/s' },
    { name: 'with 6 reports over 1 M touches running: acknowledged, p99', value: busy.p99, unit: 'ms', target: 1000 },
    { name: 'the same: batches', value: busy.perSecond, unit: '/s' },
  ]
}

interface Measured {
  readonly perSecond: number
  readonly p99: number
}

async function measure(batches: number, reports: number): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'roi-panel-bench-'))
  const options: ServerOptions = { folder, publicUrl: PUBLIC, secret: SECRET, portal: PORTAL, reports }
  const child = fork(join(import.meta.dirname, 'webhooks-server.ts'), [JSON.stringify(options)], {
    env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
  })
  child.once('exit', (code) => {
    if (code) child.emit('message', new Error(`the receiver ended with exit code ${code}`))
  })
  try {
    const { port } = await told<{ port: number }>(child)
    // A few to warm up; then only new events.
    await drive(port, deliveries(0, 50))
    const measured = await drive(port, deliveries(50, batches))
    child.send('stop')
    const { stored } = await told<{ stored: number }>(child)
    const expected = (50 + batches) * 100
    if (stored !== expected) throw new Error(`${stored} of ${expected} events were kept`)
    return measured
  } finally {
    child.kill()
    await rm(folder, { recursive: true, force: true })
  }
}

async function told<T>(child: ChildProcess): Promise<T> {
  const [message] = (await once(child, 'message')) as [T | Error]
  if (message instanceof Error) throw message
  return message
}

interface Prepared {
  readonly body: string
  readonly headers: Record<string, string>
}

/** Signed beforehand: the sender's work is not what is measured. */
function deliveries(first: number, count: number): Prepared[] {
  const url = `${PUBLIC}/webhooks/hubspot`
  return Array.from({ length: count }, (_, batch) => {
    const events = Array.from({ length: 100 }, (_, i) => eventOf((first + batch) * 100 + i))
    const body = bodyOf(events)
    return { body, headers: { ...signedHeaders(SECRET, url, body), 'content-length': String(Buffer.byteLength(body)) } }
  })
}

function eventOf(number: number): WebhookEvent {
  return {
    eventId: 1_000_000 + number,
    subscriptionId: 2001,
    portalId: PORTAL,
    appId: 54_321,
    occurredAt: 1_790_000_000_000 + number * 7,
    subscriptionType: 'object.propertyChange',
    attemptNumber: 0,
    objectId: 700_000_000_000 + ((number * 7919) % 100_003),
    objectTypeId: '0-3',
    propertyName: 'dealstage',
    propertyValue: 'closedwon',
    changeSource: 'CRM_UI',
    sourceId: 'userId:7',
  }
}

async function drive(port: number, prepared: Prepared[]): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const samples: number[] = []
  const waiting = prepared[Symbol.iterator]()
  const started = performance.now()
  const work = async () => {
    for (const one of waiting) {
      const before = performance.now()
      await post(agent, port, one)
      samples.push(performance.now() - before)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, work))
  const seconds = (performance.now() - started) / 1000
  agent.destroy()
  return { perSecond: samples.length / seconds, p99: percentile(samples, 0.99) }
}

function post(agent: Agent, port: number, { body, headers }: Prepared): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request({ agent, port, path: '/webhooks/hubspot', method: 'POST', headers }, (response) => {
      response.resume().once('end', () => {
        if (response.statusCode === 200) resolve()
        else reject(new Error(`answered ${response.statusCode}`))
      })
    })
    call.once('error', reject).end(body)
  })
}
