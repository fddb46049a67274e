import type { RequestListener, Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { RoiError } from '../errors.ts'

/** Running requests get this long to finish before their connections are cut. */
const GRACE_MS = 15_000
const HEADERS_MS = 10_000
/** Whole requests, uploads included; other bodies are cut earlier, see limits.ts. */
const REQUEST_MS = 3_600_000

/** A node server with our deadlines. Slow headers and forgotten connections are cut. */
export function createNodeServer(listener: RequestListener): Server {
  return createServer(
    {
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: 5000,
      connectionsCheckingInterval: 2000,
    },
    listener,
  )
}

/** Starts listening; port 0 picks a free one. @returns the port. @throws RoiError `port_in_use`, `port_not_allowed` */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(explain(error, port, host)))
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve((server.address() as AddressInfo).port)
    })
  })
}

/** Accepts nothing new, lets what runs finish, cuts what does not. */
export async function stop(server: Server, grace = GRACE_MS): Promise<void> {
  if (!server.listening) return
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const cut = setTimeout(() => server.closeAllConnections(), grace)
  await closed
  clearTimeout(cut)
}

function explain(error: unknown, port: number, host: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'EADDRINUSE') {
    return new RoiError(
      'unavailable',
      'port_in_use',
      { en: `Port ${port} is already in use.`, 'zh-CN': `端口 ${port} 已被占用。` },
      {
        en: 'Stop the program that uses it, or choose another: PORT=0 picks a free one.',
        'zh-CN': '请停止占用它的程序，或改用其他端口：PORT=0 会自动选择空闲端口。',
      },
      { cause: error },
    )
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    return new RoiError(
      'usage',
      'port_not_allowed',
      { en: `Listening on ${host}:${port} is not possible.`, 'zh-CN': `无法监听 ${host}:${port}。` },
      {
        en: 'Set HOST and PORT to an address this user may open.',
        'zh-CN': '请将 HOST 和 PORT 设为当前用户可用的地址。',
      },
      { cause: error },
    )
  }
  return error
}
