import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'

/**
 * What goes wrong with a delivery on its way: `refuse`: it never arrives, the sender is told 503; `lose`: it arrives, and the
 * answer does not.
 */
export type Mishap = 'refuse' | 'lose'

/** The proxy before the service. Its address is known before the service has begun to listen. */
export interface Gateway {
  /** What people and sources call: `http://localhost:40123`. */
  readonly origin: string
  readonly port: number
  /** Status of each delivery as the sender saw it; 0 = none. */
  readonly deliveries: readonly number[]
  /** Passes everything on to this port from now on. */
  passTo(port: number): void
  /** What the next delivery meets. */
  spoil(mishap: Mishap): void
  close(): Promise<void>
}

/** Starts it on a free port of the loopback device; until it knows the service's port it answers 502. */
export async function openGateway(): Promise<Gateway> {
  const deliveries: number[] = []
  const mishaps: Mishap[] = []
  let target = 0
  const server = createServer((message, response) => {
    const isDelivery = message.method === 'POST' && message.url?.startsWith('/webhooks/')
    const mishap = isDelivery ? mishaps.shift() : undefined
    if (isDelivery) response.once('close', () => deliveries.push(response.writableFinished ? response.statusCode : 0))
    if (mishap === 'refuse' || target === 0) response.writeHead(mishap ? 503 : 502).end()
    else pass(message, response, target, mishap === 'lose')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    origin: `http://localhost:${port}`,
    port,
    deliveries,
    passTo(other) {
      target = other
    },
    spoil(mishap) {
      mishaps.push(mishap)
    },
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

function pass(message: IncomingMessage, response: ServerResponse, port: number, loses: boolean): void {
  const { method, url, headers } = message
  const call = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false })
  call.on('response', (answer) => {
    if (loses) {
      answer.resume().once('end', () => response.destroy())
      return
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    response.flushHeaders()
    answer.pipe(response)
  })
  call.on('error', () => response.destroy())
  // A stream of changes ends when its reader goes.
  response.once('close', () => call.destroy())
  message.pipe(call)
}
