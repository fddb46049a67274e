import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { Clock } from '../../src/sync/http/upstream.ts'

/** A request as it arrived. */
export interface Seen {
  readonly method: string
  /** Path and query as on the wire. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** From 0, over all connections. */
  readonly index: number
}

/** Writes an answer, right or wrong, byte by byte if need be. */
export class Reply {
  readonly socket: Socket

  constructor(socket: Socket) {
    this.socket = socket
  }

  send(status: number, headers: Readonly<Record<string, string>>, body: string | Buffer = ''): void {
    const bytes = Buffer.from(body)
    const head = { 'content-length': String(bytes.length), ...headers }
    this.raw(Buffer.concat([Buffer.from(headOf(status, head)), bytes]))
  }

  json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): void {
    this.send(status, { 'content-type': 'application/json;charset=utf-8', ...headers }, JSON.stringify(value))
  }

  /** Only the head; the body follows by {@link Reply.raw}. */
  head(status: number, headers: Readonly<Record<string, string>>): void {
    this.raw(headOf(status, headers))
  }

  raw(bytes: string | Buffer): void {
    if (!this.socket.destroyed) this.socket.write(bytes)
  }

  /** Ends the connection with a reset. */
  reset(): void {
    this.socket.resetAndDestroy()
  }
}

function headOf(status: number, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} Scripted\r\n${lines.join('')}\r\n`
}

export interface SocketServer {
  readonly origin: string
  readonly seen: readonly Seen[]
  /** Connections so far, and those that are open. */
  connections(): { readonly all: number; readonly open: number }
  stop(): Promise<void>
}

/** A server on a bare socket: it may answer whatever it likes, or not at all. */
export async function startSocketServer(
  answer: (reply: Reply, request: Seen) => void,
  tls?: { readonly key: string; readonly cert: string },
): Promise<SocketServer> {
  const seen: Seen[] = []
  const open = new Set<Socket>()
  let all = 0
  const accept = (socket: Socket) => {
    all += 1
    open.add(socket)
    socket.setNoDelay()
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => undefined)
    let buffer = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      buffer = Buffer.concat([buffer, bytes])
      for (let request = take(); request; request = take()) {
        seen.push(request)
        answer(new Reply(socket), request)
      }
    })
    const take = (): Seen | undefined => {
      const end = buffer.indexOf('\r\n\r\n')
      if (end < 0) return undefined
      const [first, ...lines] = buffer.toString('latin1', 0, end).split('\r\n')
      const headers = Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
      )
      const length = Number(headers['content-length'] ?? 0)
      if (buffer.length < end + 4 + length) return undefined
      const body = buffer.toString('utf8', end + 4, end + 4 + length)
      buffer = buffer.subarray(end + 4 + length)
      const [method = '', target = ''] = first!.split(' ')
      return { method, target, headers, body, index: seen.length }
    }
  }
  const server: Server = tls ? createTlsServer(tls, accept) : createServer(accept)
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the server has no port')
  return {
    origin: `${tls ? 'https' : 'http'}://127.0.0.1:${address.port}`,
    seen,
    connections: () => ({ all, open: open.size }),
    async stop() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/**
 * A clock that runs ahead to the next sleeper as soon as nothing else happens for `pace` milliseconds of real time
 * (0: one turn of the event loop), so that minutes of waiting take no time.
 */
export class VirtualClock implements Clock {
  readonly #pace: number
  #now: number
  readonly #sleepers = new Map<object, { readonly at: number; wake(): void }>()
  #going = false
  /** Length of every sleep, milliseconds, in the order they began. */
  readonly sleeps: number[] = []

  constructor(pace = 3, start = Date.UTC(2026, 0, 1)) {
    this.#pace = pace
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  get sleeping(): number {
    return this.#sleepers.size
  }

  advance(ms: number): void {
    this.#now += ms
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.sleeps.push(ms)
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const key = {}
      const onAbort = () => {
        this.#sleepers.delete(key)
        reject(signal?.reason)
      }
      const wake = () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      this.#sleepers.set(key, { at: this.#now + Math.max(0, ms), wake })
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#go()
    })
  }

  #go(): void {
    if (this.#going) return
    this.#going = true
    const next = () => {
      this.#going = false
      let first: { key: object; at: number; wake(): void } | undefined
      for (const [key, sleeper] of this.#sleepers) if (!first || sleeper.at < first.at) first = { key, ...sleeper }
      if (!first) return
      this.#sleepers.delete(first.key)
      this.#now = Math.max(this.#now, first.at)
      first.wake()
      if (this.#sleepers.size > 0) this.#go()
    }
    if (this.#pace > 0) setTimeout(next, this.#pace)
    else setImmediate(next)
  }
}

/** Key and self-signed certificate for 127.0.0.1, made anew: no key lies in the repository. */
export function selfSigned(until: Date): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = der(0x30, Buffer.from('06082a8648ce3d040302', 'hex'))
  const name = der(0x30, der(0x31, der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from('127.0.0.1')))))
  const time = (date: Date) => der(0x17, Buffer.from(`${date.toISOString().replace(/\D/g, '').slice(2, 14)}Z`))
  const validity = der(0x30, time(new Date(Date.UTC(2020, 0, 1))), time(until))
  const key = publicKey.export({ type: 'spki', format: 'der' })
  const body = der(0x30, der(0x02, Buffer.from([1])), algorithm, name, validity, name, key)
  const signature = sign('sha256', body, privateKey)
  const cert = der(0x30, body, algorithm, der(0x03, Buffer.from([0]), signature))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${cert.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`,
  }
}

/** A value of ASN.1: tag, length, content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
