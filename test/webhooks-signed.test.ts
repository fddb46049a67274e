import { expect, onTestFinished, test } from 'vitest'
import { createLog } from '../src/log.ts'
import { webhookCheck } from '../src/server/doctor-sources.ts'
import { createHttp } from '../src/server/http.ts'
import { createNodeServer, listen, stop } from '../src/server/listen.ts'
import type { Services } from '../src/server/services.ts'
import type { SignedCounts } from '../src/server/webhooks.ts'
import type { Connector } from '../src/sync/contract.ts'
import { bodyOf, signedHeaders } from './fakes/hubspot/webhooks.ts'
import { openStateAt, statePlace } from './support/databases.ts'
import { PUBLIC, SECRET } from './support/webhooks-kit.ts'

/** Which reading of an address is signed is not documented for every character: the log tells which one it was. */

async function serve() {
  const lines: string[] = []
  const signed: SignedCounts = new Map()
  const state = await openStateAt(await statePlace('duckdb'))
  onTestFinished(() => state.close())
  const log = createLog('debug', { write: (line) => void lines.push(line) })
  const findConnector = async () => (await import('../connectors/hubspot/index.ts')).default as unknown as Connector
  const http = createHttp({} as Services, {
    log,
    host: '127.0.0.1',
    uploads: '',
    webhooks: { state, findConnector, secretsOf: () => [SECRET], publicUrl: PUBLIC, inbox: { wake() {} }, log, signed },
    ready: () => true,
  })
  const server = createNodeServer(http)
  const port = await listen(server, 0, '127.0.0.1')
  onTestFinished(() => stop(server, 100))
  const post = (query: string, signedQuery: string, secret = SECRET) => {
    const body = bodyOf([])
    const headers = signedHeaders(secret, `${PUBLIC}/webhooks/hubspot${signedQuery}`, body)
    return fetch(`http://127.0.0.1:${port}/webhooks/hubspot${query}`, { method: 'POST', headers, body })
  }
  return { lines, signed, post }
}

test('the reading that was signed is logged and counted, and nothing of what proves it', async () => {
  const { lines, signed, post } = await serve()
  expect((await post('?a=x%3Ay', '?a=x:y')).status).toBe(200)
  expect((await post('?a=x%3Ay', '?a=x%3Ay')).status).toBe(200)
  expect((await post('?a=x%3Ay', '?a=x%3Ay')).status).toBe(200)
  expect((await post('?a=x%3Ay', '?a=x:y', 'another')).status).toBe(401)
  expect(signed).toEqual(new Map([['hubspot', new Map(Object.entries({ decoded: 1, raw: 2 }))]]))
  const told = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg.includes('signature'))
  expect(told.map(({ level, connector, signed, count }) => [level, connector, signed, count])).toEqual([
    [20, 'hubspot', 'decoded', 1],
    [20, 'hubspot', 'raw', 1],
    [20, 'hubspot', 'raw', 2],
  ])
  for (const line of told)
    expect(Object.keys(line).sort()).toEqual(['connector', 'count', 'level', 'msg', 'signed', 'time'])
})

test('doctor tells how many came', () => {
  const signed = new Map([['hubspot', new Map([['decoded', 3]])]])
  const { message } = webhookCheck({ publicUrl: PUBLIC, connectors: ['hubspot'], signed })
  expect([message.en, message['zh-CN']]).toEqual([
    expect.stringContaining('hubspot decoded: 3'),
    expect.stringContaining('hubspot decoded: 3'),
  ])
})
