import { createServer, type Socket } from 'node:net'

/** A host that no name server knows, now or ever (RFC 2606). */
export const UNRESOLVABLE = 'http://does-not-exist.invalid'

/** An address that answers an https caller with something that is no TLS. */
export async function startBrokenTls(): Promise<{ readonly origin: string; close(): Promise<void> } & AsyncDisposable> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    socket.once('data', () => socket.end('this is not a TLS record\r\n'))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  return {
    origin: `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    close,
    [Symbol.asyncDispose]: close,
  }
}
